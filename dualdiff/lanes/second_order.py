"""Duals of duals of floats, which second derivatives of numbers are made of: their four parts at once.

x = a + b·ε + (c + d·ε)·η and y = e + f·ε + (g + h·ε)·η, with ε of the inner and η of the outer level. The formulas are those of
`dualdiff.lanes.nested` multiplied out, in the same order of operations; what is otherwise here is done there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from dualdiff.construction import empty

Parts = tuple[Any, Any, Any, Any]
Way = Callable[[Any, Any], Any]


def _sum(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Parts:
    return a + e, b + f, c + g, d + h


def _difference(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Parts:
    return a - e, b - f, c - g, d - h


def _product(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Parts:
    return a * e, b * e + f * a, c * e + g * a, (d * e + f * c) + (h * a + b * g)


def _quotient(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Parts:
    out = a / e
    along = (b + f * -out) / e
    slope = (c + g * -out) / e
    return out, along, slope, (d + (h * -out + -along * g) + f * -slope) / e


def _times(a: Any, b: Any, c: Any, d: Any, y: Any) -> Parts:
    return a * y, b * y, c * y, d * y


def _over(a: Any, b: Any, c: Any, d: Any, y: Any) -> Parts:
    return a / y, b / y, c / y, d / y


def _under(e: Any, f: Any, g: Any, h: Any, x: Any) -> Parts:
    """x / y."""
    out = x / e
    along = f * -out / e
    slope = g * -out / e
    return out, along, slope, (h * -out + -along * g + f * -slope) / e


def _power(a: Any, b: Any, c: Any, d: Any, n: int) -> Parts:
    below = a ** (n - 1)
    slope, turn = n * below, n * (b * ((n - 1) * a ** (n - 2)))
    return a**n, b * slope, c * slope, d * slope + turn * c


Formula = Callable[..., Parts]
FORMULAS: dict[np.ufunc, tuple[Formula, Formula | None, Formula | None]] = {
    np.add: (_sum, None, None), np.subtract: (_difference, None, None), np.multiply: (_product, _times, _times),
    np.divide: (_quotient, _over, _under)}
"""Of two such numbers; of one and a plain number on its right; of one and a plain number on its left. A sum with a plain number
touches but one of the parts."""


@cache
def in_four_parts(cls: Any) -> tuple[Callable[[np.ufunc], tuple[Way, Way]], Way]:
    """What makes operators (and reflected ones) of such numbers of a class, and their whole powers ≥ 2.

    They return None where a part is anything but a float, or of another level; where a number is divided by 0 or overflows; and
    where there is a nan, over which a strong zero may have to win.
    """
    new = empty(cls)

    def made(parts: Parts, inner: int, outer: int) -> Any:
        a, b, c, d = parts
        if b != b or c != c or d != d:
            return None
        lower, upper, result = new(), new(), new()
        lower.primal, lower.tangent, lower.level = a, b, inner
        upper.primal, upper.tangent, upper.level = c, d, inner
        result.primal, result.tangent, result.level = lower, upper, outer
        return result

    def with_number(formula: Callable[..., Parts], left: Any, number: Any) -> Any:
        x, t = left.primal, left.tangent
        a, b, inner = x.primal, x.tangent, x.level
        c, d = (t.primal, t.tangent) if type(t) is cls and t.level == inner else (t, 0.0)
        if not (type(a) is type(b) is type(c) is type(d) is float):
            return None
        try:
            return made(formula(a, b, c, d, number), inner, left.level)
        except (ZeroDivisionError, OverflowError):
            return None

    def shifted(left: Any, number: Any, down: bool) -> Any:
        x = left.primal
        a = x.primal
        if type(a) is not float:
            return None
        lower, result = new(), new()
        lower.primal, lower.tangent, lower.level = a - number if down else a + number, x.tangent, x.level
        result.primal, result.tangent, result.level = lower, left.tangent, left.level
        return result

    def operators(ufunc: np.ufunc) -> tuple[Way, Way]:
        of_two, of_right, of_left = FORMULAS[ufunc]
        is_difference = ufunc is np.subtract

        def forward(left: Any, right: Any) -> Any:
            kind = type(right)
            if kind is float or kind is int:
                return with_number(of_right, left, right) if of_right else shifted(left, right, is_difference)
            outer = left.level
            if kind is not cls or right.level != outer:
                return None
            x, t, y, s = left.primal, left.tangent, right.primal, right.tangent
            inner = x.level
            if type(y) is not cls or y.level != inner:
                return None
            a, b, e, f = x.primal, x.tangent, y.primal, y.tangent
            c, d = (t.primal, t.tangent) if type(t) is cls and t.level == inner else (t, 0.0)
            g, h = (s.primal, s.tangent) if type(s) is cls and s.level == inner else (s, 0.0)
            if not (type(a) is type(b) is type(c) is type(d) is type(e) is type(f) is type(g) is type(h) is float):
                return None
            try:
                return made(of_two(a, b, c, d, e, f, g, h), inner, outer)
            except (ZeroDivisionError, OverflowError):
                return None

        def reflected(right: Any, left: Any) -> Any:
            if type(left) is not float and type(left) is not int:
                return None
            return with_number(of_left, right, left) if of_left else None if is_difference else shifted(right, left, False)

        return forward, reflected

    def power(x: Any, n: int) -> Any:
        return with_number(_power, x, n)

    return operators, power
