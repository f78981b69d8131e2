"""The error of finite differences as a function of their step, against forward mode, which has no step.

    python examples/step_size.py

Too large a step cuts the Taylor series short (the error falls as h, or h² for central differences); too small a one divides the
rounding error of f by h. The best that is left between the two is half of the digits, or two thirds.
With Matplotlib it also saves the picture to examples/figures/step_size.png.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mpmath import mp

import dualdiff as dd

FIGURE = Path(__file__).parent / "figures" / "step_size.png"
X = 1.5


def f(x):
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


with mp.workdps(50):
    EXACT = mp.diff(lambda x: mp.exp(x) / mp.sqrt(mp.sin(x) ** 3 + mp.cos(x) ** 3), X)


def error(value: float) -> float:
    """Relative to the exact derivative; a float64 cannot show less than 1.1e-16."""
    return float(abs(value - EXACT) / EXACT)


def main() -> None:
    steps = 10.0 ** np.arange(-16, -0.9, 0.25)
    errors = {method: np.array([error(dd.finite_difference(f, X, method=method, step=h)) for h in steps])
              for method in ("forward", "central")}
    ours = error(dd.derivative(f)(X))
    print(f"Relative error of f′({X})\n\n{'step':>8}{'forward':>12}{'central':>12}")
    for h, forward, central in list(zip(steps, *errors.values()))[::4]:
        print(f"{h:8.0e}{forward:12.1e}{central:12.1e}")
    print(f"{'best':>8}{min(errors['forward']):12.1e}{min(errors['central']):12.1e}\n\ndualdiff{ours:12.1e}, without a step")
    try:
        import matplotlib
    except ImportError:
        return print("Matplotlib is not installed, so there is no picture.")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    for method, marker in (("forward", "o"), ("central", "s")):
        plt.loglog(steps, np.maximum(errors[method], 1e-17), marker, ms=3.5, ls="-", lw=0.8, label=f"{method} difference")
    plt.axhline(max(ours, 1e-17), color="k", label="dualdiff")
    plt.gca().set(xlabel="step $h$", ylabel=f"relative error of $f\\,'({X})$", ylim=(3e-18, 3))
    plt.legend(), plt.gcf().set_size_inches(6, 4), plt.savefig(FIGURE, dpi=90, bbox_inches="tight")


if __name__ == "__main__":
    main()
