"""The error of finite differences as a function of their step, against forward mode, which has no step.

Too large a step cuts the Taylor series short (the error falls as h, or h² for central differences); too small a one divides the
rounding error of f by h. The best that is left between the two is half of the digits, or two thirds.
"""

import numpy as np
from mpmath import mp

import dualdiff as dd
from shared import GREEN, picture

X = 1.5


def f(x):
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


with mp.workdps(50):
    EXACT = mp.diff(lambda x: mp.exp(x) / mp.sqrt(mp.sin(x) ** 3 + mp.cos(x) ** 3), X)


def error(value):
    """Relative to the exact derivative; a float64 cannot show less than 1.1e-16."""
    return float(abs(value - EXACT) / EXACT)


def main():
    steps = 10.0 ** np.arange(-16, -0.9, 0.25)
    errors = {method: np.array([error(dd.finite_difference(f, X, method=method, step=h)) for h in steps])
              for method in ("forward", "central")}
    ours = error(dd.derivative(f)(X))
    print(f"Relative error of f′({X})\n\n{'step':>8}{'forward':>12}{'central':>12}")
    for h, forward, central in list(zip(steps, *errors.values()))[::4]:
        print(f"{h:8.0e}{forward:12.1e}{central:12.1e}")
    print(f"{'best':>8}{min(errors['forward']):12.1e}{min(errors['central']):12.1e}\n\ndualdiff{ours:12.1e}, without a step")

    def draw(axes):
        for method, marker in (("forward", "o-"), ("central", "s-")):
            axes.loglog(steps, np.maximum(errors[method], 1e-17), marker, ms=3, lw=0.9, label=f"{method} differences")
        axes.axhline(max(ours, 1e-17), color=GREEN, label="dualdiff: no step")
        axes.set(xlabel="step h", ylabel="relative error of the derivative", ylim=(1e-17, 3))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 0.1))

    picture("step_size", draw)
    assert ours < 2.3e-16 < 1e-12 < min(errors["central"])


if __name__ == "__main__":
    main()
