"""A linear classifier of two classes of points, trained with the exact gradient of its cross-entropy, in both modes.

Forward mode runs the loss once for each weight, reverse mode once and a sweep back: the parameters they arrive at are the same.
"""

import numpy as np

import dualdiff as dd
from shared import BLUE, ORANGE, picture

RANDOM = np.random.default_rng(7)
POINTS = np.concatenate([RANDOM.normal([-1.0, -0.5], 0.8, (100, 2)), RANDOM.normal([1.0, 1.0], 0.8, (100, 2))])
LABELS = np.repeat([0.0, 1.0], 100)


def cross_entropy(w):
    """−mean(y·log p + (1 − y)·log(1 − p)) with p = 1/(1 + exp(−z)), in a form that does not overflow."""
    z = POINTS @ w[:2] + w[2]
    return np.mean(np.logaddexp(0, z) - LABELS * z)


def trained(gradient, steps=500, rate=1.0):
    w = np.zeros(3)
    for _ in range(steps):
        w = w - rate * gradient(w)
    return w


def main():
    forward, reverse = trained(dd.gradient(cross_entropy)), trained(dd.reverse.gradient(cross_entropy))
    right = np.mean((POINTS @ forward[:2] + forward[2] > 0) == LABELS)
    print(f"{'':10}{'w₁':>20}{'w₂':>20}{'bias':>20}")
    for mode, w in (("forward", forward), ("reverse", reverse)):
        print(f"{mode:10}" + "".join(f"{value:20.15f}" for value in w))
    print(f"largest difference {np.max(np.abs(forward - reverse)):.1e}; cross-entropy {cross_entropy(np.zeros(3)):.4f} → "
          f"{cross_entropy(forward):.4f}; {right:.1%} of the points on the right side")

    def draw(axes):
        a, b = np.meshgrid(np.linspace(-3.4, 3.4, 200), np.linspace(-2.6, 3.2, 200))
        z = forward[0] * a + forward[1] * b + forward[2]
        axes.imshow(1 / (1 + np.exp(-z)), extent=(-3.4, 3.4, -2.6, 3.2), origin="lower", cmap="RdYlBu_r", alpha=0.45)
        axes.contour(a, b, z, [0], colors="k", linewidths=1.2)
        for label, colour in ((0, BLUE), (1, ORANGE)):
            axes.plot(*POINTS[label == LABELS].T, "o", color=colour, ms=3.5, label=f"class {label}")
        axes.set(xlabel="x₁", ylabel="x₂", aspect="equal", title="probability of class 1; on the line it is ½")
        axes.legend(loc="upper left"), axes.grid(False)

    picture("logistic_regression", draw, size=(5.5, 4.8))
    assert np.max(np.abs(forward - reverse)) < 1e-13
    residuals = 1 / (1 + np.exp(-(POINTS @ forward[:2] + forward[2]))) - LABELS
    by_hand = np.append(residuals @ POINTS, residuals.sum()) / 200
    assert np.allclose(dd.gradient(cross_entropy)(forward), by_hand, atol=1e-15)


if __name__ == "__main__":
    main()
