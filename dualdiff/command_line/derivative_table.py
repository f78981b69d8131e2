"""The derivatives of an expression as rows: forward mode beside finite differences and mpmath, with the error of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import mpmath
import numpy as np

from dualdiff.checks.check import check_derivatives
from dualdiff.checks.finite_differences import finite_difference, finite_difference_hessian
from dualdiff.command_line.expressions import Expression
from dualdiff.numbers import base
from dualdiff.operand import Operand
from dualdiff.transforms import hessian, jacobian

MOST = 30  # inputs with a table of second derivatives


def derivative_rows(expression: Expression, f: Callable[..., Any], values: Sequence[Any], digits: int | None
                    ) -> list[dict[str, Any]]:
    """One row for each entry of the gradient, and of the Hessian's lower triangle: columns by name; None is no answer."""
    orders = (1, 2) if sum(map(np.size, values)) <= MOST else (1,)
    rows = precise_rows if digits else checked_rows
    return [row for n in orders for row in rows(expression, f, values, n)]


def checked_rows(expression: Expression, f: Callable[..., Any], values: Sequence[Any], n: int) -> Iterator[dict[str, Any]]:
    report = check_derivatives(f, *values, argnums=tuple(range(len(values))), n=n)
    which = dict(entries(expression.names, values, (), n)) if not any(map(np.ndim, values)) else {}
    for row in report.rows:
        oracle = row.mpmath
        if oracle is None and which.get(row.entry) is not None:  # a function that the report cannot follow into mpmath: math.erf
            oracle = by_mpmath(expression, values, which[row.entry])
        yield {"entry": row.entry, "forward": row.forward, "finite difference": row.finite_difference,
               "error": distance(row.finite_difference, row.forward), "mpmath": nearest(oracle),
               "mpmath error": distance(oracle, row.forward), "verdict": row.verdict, "why": row.why}


def precise_rows(expression: Expression, f: Callable[..., Any], values: Sequence[Any], n: int) -> Iterator[dict[str, Any]]:
    """In mpmath throughout; its own numerical differentiation, with twice the digits, is the third party for scalars."""
    argnums = tuple(range(len(values)))
    transform, difference = ((jacobian, finite_difference), (hessian, finite_difference_hessian))[n - 1]
    found = flat(transform(f, argnums=argnums)(*values))
    try:
        differences = flat(difference(f, *values, argnums=argnums))
    except ArithmeticError:  # at a singular point, or with more digits than a step in float64 can resolve
        differences = [None] * len(found)
    shape = np.shape(f(*values))
    for (name, which), forward, differed in zip(entries(expression.names, values, shape, n), found, differences):
        if which is None:
            continue
        oracle = None if shape or any(map(np.ndim, values)) else by_mpmath(expression, values, which)
        yield {"entry": name, "forward": forward, "finite difference": differed, "error": distance(differed, forward),
               "mpmath": oracle, "mpmath error": distance(oracle, forward)} | judged(oracle, forward)


def judged(oracle: Any, forward: Any) -> dict[str, str]:
    """Half of the digits have to agree with mpmath, which looks at both sides of the point."""
    if oracle is None or abs(oracle - forward) <= mpmath.mpf(10) ** (-mpmath.mp.dps // 2) * (1 + abs(oracle)):
        return {"verdict": "agrees", "why": ""}
    return {"verdict": "unverified", "why": "not confirmed: mpmath looks at both sides of the point, which differ where f has a "
                                            "kink or is singular"}


def by_mpmath(expression: Expression, values: Sequence[Any], which: Sequence[int]) -> Any:
    """The partial derivative in the variables ``which``, by mpmath alone."""
    with mpmath.workdps(2 * mpmath.mp.dps + 10):
        try:
            f = expression.function(mpmath.mpf, True)
            return mpmath.diff(f, tuple(map(mpmath.mpmathify, values)), tuple(which.count(i) for i in range(len(values))))
        except (ArithmeticError, ValueError, TypeError):  # it looks at both sides, and one may be outside the domain
            return None


def flat(value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return [entry for part in value for entry in flat(part)]
    return list(np.ravel(np.asarray(value)))


def entries(names: Sequence[str], values: Sequence[Any], shape: tuple[int, ...], n: int) -> Iterator[tuple[str, Any]]:
    """For each entry in the order of `flat`: its name, and in which variables; None for what symmetry repeats."""
    def at_each(of: tuple[int, ...]) -> list[str]:
        return ["".join(f"[{i}]" for i in index) for index in np.ndindex(of)]

    own = [[f"∂{name}{at}" for at in at_each(np.shape(value))] for name, value in zip(names, values)]
    place = {x: k for k, x in enumerate(x for group in own for x in group)}
    for i, first in enumerate(own):
        if n == 1:
            yield from ((f"∂f{out}/{x}", (i,)) for out in at_each(shape) for x in first)
            continue
        for j, second in enumerate(own):
            yield from ((f"∂²f{out}/{x}{y}", (i, j) if place[x] >= place[y] else None)
                        for out in at_each(shape) for x in first for y in second)


def distance(other: Any, forward: Any) -> float | None:
    """|other − forward|; 0 for the same infinity; None if there is no other."""
    if other is None:
        return None
    return 0.0 if other == forward else float(abs(other - forward))


def nearest(oracle: Any) -> Any:
    if oracle is None or not hasattr(oracle, "imag"):
        return oracle
    return complex(oracle) if oracle.imag else float(oracle.real)


def notes(rows: Sequence[dict[str, Any]], values: Sequence[Any]) -> list[str]:
    """What has to be said below the table: kinks, singular points, what is not confirmed, each reason once."""
    about: dict[str, list[str]] = {}
    for row in rows:
        if row["why"] or row["verdict"] in ("unverified", "DISAGREES"):
            about.setdefault(row["why"] or row["verdict"], []).append(row["entry"])
    found = [f"{', '.join(names[:4])}{', …' if len(names) > 4 else ''}: {why}" for why, names in about.items()]
    inputs = sum(map(np.size, values))
    return found if inputs <= MOST else [*found, f"second derivatives left out: there are {inputs * (inputs + 1) // 2}"]


def written(value: Any, digits: int | None) -> str:
    """A number in full."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    value = base(value) if isinstance(value, Operand) else value
    if np.ndim(value):
        return "[" + ", ".join(written(entry, digits) for entry in value) + "]"
    if isinstance(value, (mpmath.mpf, mpmath.mpc)):
        return str(mpmath.nstr(value, digits or 17))
    return repr(float(value)) if isinstance(value, (float, np.floating, int, np.bool_)) else str(value)
