"""Accuracy of the elementwise rules against mpmath: the largest error in ulp, first and second order.

    python benchmarks/accuracy.py              # NumPy's rows
    python benchmarks/accuracy.py special      # those of scipy.special as well (minutes)
    python benchmarks/accuracy.py --write      # NumPy's rows, and their summary into README.md

Points lie log-spaced over a row's whole domain, both signs. The points beyond 8 ulp are ill-conditioned ones: the difference
x − y in logaddexp, a zero of the derivative of sinc; the last column counts those beyond the bound that the tests allow there.
The rows of scipy.special are bounded by what SciPy's own functions give: their bound stands beside them, as a multiple of what
one ulp of the argument does to the derivative where the row says so.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np

import readme
from report import table

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import oracles

LIMITS = (0.0, 1.0, 4.0, 8.0)  # ulp


def worst(function: Any, n: int, order: int) -> tuple[int, float, int, int]:
    """Points, largest error in ulp, how many beyond 8, how many beyond what is allowed."""
    inputs = oracles.differentiable(function)
    errors, bounds = [], []
    for which in itertools.product(inputs, repeat=order):
        errors.append(oracles.errors(function, which, n))
        bounds.append(oracles.bounds(function, which, n))
    error, bound = np.concatenate(errors), np.concatenate(bounds)
    return error.size, float(error.max()), int(np.sum(error > 8)), int(np.sum(error > bound))


def numpy_rows() -> dict[str, tuple[float, float]]:
    """Prints them; gives the largest errors of each, first and second order."""
    print(f"{'row':<14}{'points':>8}{'first: ulp':>12}{'> 8':>6}{'points':>9}{'second: ulp':>13}{'> 8':>6}{'wrong':>7}")
    total, found = 0, {}
    for function in oracles.rows():
        n, first, beyond, wrong = worst(function, oracles.POINTS, 1)
        m, second, beyond2, wrong2 = worst(function, oracles.SECOND_ORDER_POINTS, 2)
        total += wrong + wrong2
        found[function.__name__] = first, second
        print(f"{'np.' + function.__name__:<14}{n:>8}{first:>12.2f}{beyond:>6}{m:>9}{second:>13.3g}{beyond2:>6}{wrong + wrong2:>7}")
    print(f"{total} points beyond the bound of the tests")
    return found


def summary(found: dict[str, tuple[float, float]]) -> str:
    """How many functions have their largest error below each limit; those beyond the last one by name."""
    header = [f"{len(found)} functions by their largest error, in ulp", "none", *(f"≤ {limit:g}" for limit in LIMITS[1:]), "more"]
    rows = []
    for order, what in enumerate(("first derivatives", "second derivatives")):
        errors = {name: pair[order] for name, pair in found.items()}
        below = [sum(error <= limit for error in errors.values()) for limit in LIMITS]
        beyond = [f"`{name}`" for name, error in errors.items() if error > LIMITS[-1]]
        counts = [str(n - m) for n, m in zip(below, [0, *below])]
        rows.append([what, *counts, f"{len(beyond)}: {', '.join(beyond)}" if beyond else "0"])
    return table(header, rows)


def special_rows() -> None:
    from test_special import CASES, ORACLES, sp
    from test_special import worst as worst_special

    print(f"\n{'row of scipy.special':<24}{'in':>4}{'points':>8}{'first: ulp':>14}{'bound':>8}  per")
    for name, i in CASES:
        oracle = ORACLES[name]
        error, _ = worst_special(getattr(sp, name), oracle, i)
        unit = "1 + κ" if oracle.kappa else "ulp"
        print(f"{name:<24}{i:>4}{oracle.points:>8}{error:>14.2f}{oracle.ulp:>8g}  {unit}  {oracle.why}")


def main() -> None:
    found = summary(numpy_rows())
    print(f"\n{found}")
    if "--write" in sys.argv[1:]:
        readme.write("accuracy", found)
    if "special" in sys.argv[1:]:
        special_rows()


if __name__ == "__main__":
    main()
