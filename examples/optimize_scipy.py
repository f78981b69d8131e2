"""SciPy's optimizers and ODE solver with exact derivatives: give `jac=`, `hess=`, `hessp=` what dualdiff makes of the function.

Counted are steps or Jacobians, and runs of the function: plain, and with dual numbers (many directions at once, and dearer).
"""

from functools import partial

import numpy as np

import dualdiff as dd
from nist_models import load
from shared import needs

with needs("scipy"):
    from scipy.integrate import solve_ivp
    from scipy.optimize import least_squares, minimize, root


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def broyden(x):  # Moré, Garbow & Hillstrom (1981), no. 30
    return (3 - 2 * x) * x - np.append(0, x[:-1]) - 2 * np.append(x[1:], 0) + 1


def burgers(t, u):  # a wave that steepens to a shock
    around = np.pad(u, 1)
    return 37.21 * np.diff(around, n=2) - 30.5 * u * (around[2:] - around[:-2])


def table(title, function, error, solver, *ways):
    print(f"\n{title:50}{'steps':>7}{'runs':>8}{'dual runs':>12}{'error':>10}")
    for method, derivatives in ways:
        runs = []
        counted = lambda *args, runs=runs: runs.append(isinstance(args[-1], dd.Dual)) or function(*args)
        found = solver(counted, method=method, **{name: transform(counted) for name, transform in derivatives.items()})
        steps = found.get("nit", len(found.get("t", [0])) - 1 or found.get("njev", ""))
        print(f"  {', '.join([method, *derivatives]):48}{steps:>7}{runs.count(False):8}{runs.count(True):12}{error(found):10.0e}")
    assert error(found) < 1e-7  # exact derivatives; no tighter: float64 sees Hahn1's sum of squares change only 3e-8 (√ε) away


def main():
    grad, jac, hess = (partial(transform, chunk_size=None) for transform in (dd.gradient, dd.jacobian, dd.hessian))
    table("minimize: Rosenbrock's function of 10 inputs", rosenbrock, lambda found: max(abs(found.x - 1)),
          partial(minimize, x0=np.tile([1.3, 0.7, 0.8, 1.9, 1.2], 2), tol=1e-12), ("BFGS", {}), ("BFGS", {"jac": grad}),
          ("Newton-CG", {"jac": grad, "hessp": lambda f: partial(dd.hvp, f)}), ("trust-exact", {"jac": grad, "hess": hess}))
    table("root: Broyden's 20 equations", broyden, lambda found: max(abs(found.fun)),
          partial(root, x0=-np.ones(20), tol=1e-13), ("hybr", {}), ("hybr", {"jac": jac}))
    hahn = load("Hahn1")
    table("least_squares: NIST's Hahn1, 7 parameters", hahn.residuals, lambda found: max(abs(found.x / hahn.parameters - 1)),
          partial(least_squares, x0=hahn.starts[0], x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15),
          ("trf", {}), ("trf", {"jac": jac}))
    table("solve_ivp: Burgers' equation, 60 unknowns", burgers, lambda found: abs(found.y[20, -1] - 0.29288412888505),
          partial(solve_ivp, t_span=(0, 1), y0=np.sin(2 * np.pi * np.arange(1, 61) / 61), rtol=1e-8, atol=1e-10),
          ("Radau", {}), ("Radau", {"jac": partial(jac, argnums=1)}))


if __name__ == "__main__":
    main()
