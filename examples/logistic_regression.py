"""A linear classifier of two classes of points, trained with the exact gradient of its cross-entropy, in both modes.

    python examples/logistic_regression.py

Forward mode runs the loss once for each weight, reverse mode once and a sweep back: the parameters they arrive at are the same.
With Matplotlib it also saves the points and the decision boundary to examples/figures/logistic_regression.png.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import dualdiff as dd

FIGURE = Path(__file__).parent / "figures" / "logistic_regression.png"
RANDOM = np.random.default_rng(7)
POINTS = np.concatenate([RANDOM.normal([-1.0, -0.5], 0.8, (100, 2)), RANDOM.normal([1.0, 1.0], 0.8, (100, 2))])
LABELS = np.repeat([0.0, 1.0], 100)


def cross_entropy(w):
    """−mean(y·log p + (1 − y)·log(1 − p)) with p = 1/(1 + exp(−z)), in a form that does not overflow."""
    z = POINTS @ w[:2] + w[2]
    return np.mean(np.logaddexp(0, z) - LABELS * z)


def trained(gradient, steps: int = 500, rate: float = 1.0) -> np.ndarray:
    w = np.zeros(3)
    for _ in range(steps):
        w = w - rate * gradient(w)
    return w


def main() -> None:
    forward, reverse = trained(dd.gradient(cross_entropy)), trained(dd.reverse.gradient(cross_entropy))
    right = np.mean((POINTS @ forward[:2] + forward[2] > 0) == LABELS)
    print(f"{'':10}{'w₁':>20}{'w₂':>20}{'bias':>20}")
    for mode, w in (("forward", forward), ("reverse", reverse)):
        print(f"{mode:10}" + "".join(f"{value:20.15f}" for value in w))
    print(f"largest difference {np.max(np.abs(forward - reverse)):.1e}; cross-entropy {cross_entropy(np.zeros(3)):.4f} → "
          f"{cross_entropy(forward):.4f}; {right:.1%} of the points on the right side")
    try:
        import matplotlib
    except ImportError:
        return print("Matplotlib is not installed, so there is no picture.")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    x = np.array([-3.5, 3.5])
    plt.scatter(*POINTS.T, c=LABELS, cmap="coolwarm", s=12)
    plt.plot(x, -(forward[0] * x + forward[2]) / forward[1], "k", label="decision boundary")
    plt.gca().set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3.5, 3.5), ylim=(-3.5, 3.5), aspect="equal")
    plt.legend(), plt.gcf().set_size_inches(5, 5), plt.savefig(FIGURE, dpi=80, bbox_inches="tight")


if __name__ == "__main__":
    main()
