"""Fit the 27 nonlinear regressions that NIST certifies, with exact Jacobians and with finite differences.

    python examples/nist_regression.py

Needs SciPy; with Matplotlib it also saves a picture of some fits to examples/figures/nist_regression.png.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

import dualdiff as dd
from nist_models import MODELS, Problem, digits, load, standard_deviations

FIGURE = Path(__file__).parent / "figures" / "nist_regression.png"
LEAST = np.finfo(float).eps  # go on until nothing improves


def fit(problem: Problem, start: np.ndarray, jac, max_nfev: int = 5000):
    with np.errstate(all="ignore"):  # on its way a fit tries parameters at which exp overflows
        return least_squares(problem.residuals, start, jac, x_scale="jac", xtol=LEAST, ftol=LEAST, gtol=LEAST, max_nfev=max_nfev)


def main() -> None:
    print("Digits of the certified values (11) that come out: of the parameters, fitted from both starting points, and of their\n"
          "standard deviations at the certified parameters. 'steps' are evaluations of the Jacobian.\n")
    print(f"{'':14}|{'exact Jacobian (dualdiff)':^38}|{'finite differences':^38}")
    print(f"{'':14}" + 2 * f"|{'start 1':^14}{'start 2':^14}{'std. dev.':^10}")
    print(f"{'':9} par. " + 2 * f"|{'steps digits':^14}{'steps digits':^14}{'digits':^10}")
    began, found = time.perf_counter(), {True: [], False: []}
    for name in MODELS:
        problem = load(name)
        row = f"{name:9} {len(problem.parameters):3}  "
        for exact in (True, False):
            jac = dd.jacobian(problem.residuals) if exact else "2-point"
            fits = [fit(problem, start, jac) for start in problem.starts]
            at_certified = fit(problem, problem.parameters, jac, max_nfev=1).jac
            deviations = standard_deviations(at_certified, problem.residual_deviation)
            agreed = [digits(f.x, problem.parameters) for f in fits]
            found[exact].append([*agreed, digits(deviations, problem.deviations)])
            row += "|" + "".join(f"{f.njev:6}{d:6.1f}  " for f, d in zip(fits, agreed)) + f"{found[exact][-1][-1]:7.1f}   "
        print(row)
    for what, summary in (("median", np.median), ("least", np.min)):
        print(f"{what:14}" + "".join("|{:12.1f}  {:12.1f}  {:7.1f}   ".format(*summary(found[exact], axis=0)) for exact in found))
    print(f"\n{4 * len(MODELS)} fits in {time.perf_counter() - began:.1f} s.")
    picture(["Thurber", "Gauss3", "ENSO", "Rat43", "Chwirut1", "Eckerle4"])


def picture(names: list[str]) -> None:
    """Data, the curve from starting point 1, and the fitted curve."""
    try:
        import matplotlib
    except ImportError:
        print("Matplotlib is not installed, so there is no picture.")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, 3, figsize=(9, 5), layout="constrained")
    for ax, name in zip(axes.flat, names):
        problem = load(name)
        fitted = fit(problem, problem.starts[0], dd.jacobian(problem.residuals)).x
        x = np.linspace(problem.x.min(), problem.x.max(), 400)
        ax.plot(problem.x, problem.y, ".", color="0.6", markersize=4, label="data")
        ax.plot(x, MODELS[name](x, *problem.starts[0]), "--", color="tab:orange", linewidth=1, label="start 1")
        ax.plot(x, MODELS[name](x, *fitted), color="tab:blue", linewidth=1.2, label="fit")
        ax.set_title(name, fontsize=10)
    axes.flat[0].legend(fontsize=8)
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, dpi=90)
    print(f"Picture of {len(names)} fits: {os.path.relpath(FIGURE)}")


if __name__ == "__main__":
    main()
