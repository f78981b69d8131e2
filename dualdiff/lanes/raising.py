"""Coefficients of functions of series from their partials, k·yₖ = Σ ∂y/∂xᵢ · xᵢ′, order by order: those of floats; and what all
series go on from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from math import copysign
from typing import Any

import numpy as np

from dualdiff.numbers import DOUBLES, base, float_operands, floats, namespace, on_floats
from dualdiff.recurrences.rows import Coefficients, dot, weighted
from dualdiff.rules.table import Elementwise


class Raising(threading.local):
    """What has been found while a function is raised: of each function at each place, the rows of its inputs and what came of them.

    A partial that takes the output is asked order by order, and so are the functions in it, which may be such ones, too. Each goes
    on from what it has found, or the work would double with every order.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.found: dict[Any, tuple[list[Coefficients], Any]] = {}

    def __enter__(self) -> dict[Any, tuple[list[Coefficients], Any]]:
        self.depth += 1
        return self.found

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        if not self.depth:
            self.found = {}


RAISING = Raising()


def raised(cls: Any, level: int, n: int, rule: Elementwise, out: float, rows: list[Coefficients]) -> Coefficients | None:
    """The higher coefficients of a function with these inputs, from its partials. None where a partial is anything but numbers."""
    with RAISING as found:
        key = (rule, *[(row[0], copysign(1.0, row[0]), len(row) > 1) for row in rows])  # ±0 are two places
        before, y = found.get(key) or (rows, [out])
        if any(a[:len(b)] != b[:len(a)] for a, b in zip(rows, before)):
            y = [out]
        if len(y) <= n:
            y = y[:]
            if not _integrate(cls, level, n, rule, y, rows):
                return None
            found[key] = rows, y
        return y[1:n + 1]


def _integrate(cls: Any, level: int, n: int, rule: Elementwise, y: Coefficients, rows: list[Coefficients]) -> bool:
    """Go on with y to order n, by k·yₖ = Σ ∂y/∂xᵢ · xᵢ′."""
    active = [(i, weighted(row)) for i, row in enumerate(rows) if len(row) > 1]
    for reach in range(len(y), n + 1) if rule.from_output else [n]:
        below, so_far = tuple([cls.of(row[:reach], level) for row in rows]), cls.of(y[:reach], level)
        terms = []
        for i, slopes in active:
            partial = partial_of(rule, i, so_far, below)
            if partial is False or partial is np.False_:
                continue
            if type(partial) is cls:
                row = partial.as_floats()
            elif isinstance(partial, (float, int, np.bool_)):
                row = [float(partial)]
            else:
                row = None
            if row is None:
                return False
            terms.append((slopes, [*row, *[0.0] * (reach - len(row))]))
        for k in [reach] if rule.from_output else range(len(y), n + 1):
            y.append(sum([dot(slopes, row[k - 1::-1]) for slopes, row in terms]) / k)
    return True


def partial_of(rule: Elementwise, i: int, out: Any, inputs: tuple[Any, ...]) -> Any:
    """∂out/∂inᵢ at numbers or series."""
    xp = namespace(*inputs)
    if xp is floats:
        return on_floats(rule, i, out, inputs)
    if xp is np and all(type(base(x)) in DOUBLES for x in inputs):
        with suppress(ArithmeticError, ValueError, TypeError):  # the end of a domain
            return rule.partial(i, float_operands, out, inputs)
    return rule.partial(i, xp, out, inputs)


# ---- the same of arrays: what a call is known by -------------------------------------------------------------------------------

def place_of(rule: Any, arguments: Any, is_ours: Callable[[Any], bool]) -> tuple[Any, list[Coefficients]]:
    """What a call with series of arrays is known by: a key, None if there is none, and the rows of its arrays.

    In the key an array is a number made of its bytes; that two are the same, the rows tell.
    """
    rows: list[Coefficients] = []
    described = _described(arguments, rows, is_ours)
    return None if described is None else (rule, described), rows


def _described(value: Any, rows: list[Coefficients], is_ours: Callable[[Any], bool]) -> Any:
    if isinstance(value, (list, tuple)):
        parts = [_described(part, rows, is_ours) for part in value]
        return None if None in parts else (type(value), *parts)
    if is_moving := is_ours(value):
        rows.append(value.coefficients)
        value = value.primal
    if isinstance(value, np.ndarray):
        if not is_moving:
            rows.append([value])
        return None if value.dtype.hasobject else (is_moving, value.shape, value.dtype.str, hash(value.tobytes()))
    if value is None or isinstance(value, (bool, int, float, complex, str, np.generic, np.dtype, type)):
        return is_moving, type(value), repr(value)
    return None


def resumed(found: dict[Any, Any], place: tuple[Any, list[Coefficients]], fresh: Any) -> Any:
    """What has been found of the call at a place, if anything; else what is known at first."""
    key, rows = place
    before, known = found.get(key) or (rows, fresh)
    return known if agree(rows, before) else fresh


def agree(rows: list[Coefficients], others: list[Coefficients]) -> bool:
    """Whether the rows of two calls are the same as far as both go."""
    return all(c is d or (np.shape(c) == np.shape(d) and np.array_equal(c, d))
               for row, other in zip(rows, others) for c, d in zip(row, other))
