"""Fit the 27 nonlinear regressions that NIST certifies, with exact Jacobians and with finite differences.

Printed are the digits, of 11 certified ones, that come out of least_squares: of the parameters, fitted from NIST's two starting
points, and of their standard deviations at the certified parameters. 'steps' are evaluations of the Jacobian.
"""

import time

import numpy as np

import dualdiff as dd
from nist_models import MODELS, digits, load, standard_deviations
from shared import BLUE, GREY, ORANGE, needs, picture

with needs("scipy"):
    from scipy.optimize import least_squares


def fit(problem, start, jac, max_nfev=5000):
    with np.errstate(all="ignore"):  # on its way a fit tries parameters at which exp overflows
        tight = dict.fromkeys(["xtol", "ftol", "gtol"], np.finfo(float).eps)  # it goes on until nothing improves
        return least_squares(problem.residuals, start, jac, x_scale="jac", max_nfev=max_nfev, **tight)


def main():
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
            deviations = standard_deviations(fit(problem, problem.parameters, jac, 1).jac, problem.residual_deviation)
            agreed = [digits(f.x, problem.parameters) for f in fits] + [digits(deviations, problem.deviations)]
            found[exact].append(agreed)
            row += "|" + "".join(f"{f.njev:6}{d:6.1f}  " for f, d in zip(fits, agreed)) + f"{agreed[-1]:7.1f}   "
        print(row)
    for what, summary in (("median", np.median), ("least", np.min)):
        print(f"{what:14}" + "".join("|{:12.1f}  {:12.1f}  {:7.1f}   ".format(*summary(found[exact], axis=0)) for exact in found))
    print(f"\n{4 * len(MODELS)} fits in {time.perf_counter() - began:.1f} s.")

    def draw(*all_axes):
        for axes, name in zip(all_axes, ("Thurber", "Gauss3", "ENSO", "Rat43", "Chwirut1", "Eckerle4")):
            problem = load(name)
            x, start = np.linspace(problem.x.min(), problem.x.max(), 400), problem.starts[0]
            axes.plot(problem.x, problem.y, ".", color=GREY, ms=4, label="data")
            axes.plot(x, MODELS[name](x, *start), "--", color=ORANGE, lw=1, label="start 1")
            axes.plot(x, MODELS[name](x, *fit(problem, start, dd.jacobian(problem.residuals)).x), color=BLUE, label="fit")
            axes.set(title=name, xlabel="x", ylabel="y")
        all_axes[0].legend()

    picture("nist_regression", draw, rows=2, columns=3, size=(9, 5))
    assert np.all(np.min(found[True], axis=0) > [5, 5, 9])


if __name__ == "__main__":
    main()
