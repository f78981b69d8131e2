"""Rows of coefficients: sums of products of two rows, of which one goes upwards and the other downwards.

So a row that is being found is kept downwards, the newest coefficient first, and a sum Σ a_j·b_{k−j} is a `dot` of two lists, as
far as both go.
"""

from __future__ import annotations

import operator
from itertools import count
from math import inf
from typing import Any

import numpy as np

from dualdiff.numbers import SMALLEST_NORMAL, base
from dualdiff.strong import has_nan

Coefficients = list[Any]


def dot(a: Coefficients, b: Coefficients) -> Any:
    """a₀·b₀ + a₁·b₁ + …, as far as both go; 0 for an empty sum."""
    return sum(map(operator.mul, a, b))


def weighted(a: Coefficients) -> Coefficients:
    """j·a_j from j = 1 on: the coefficients of a′(t)."""
    return list(map(operator.mul, count(1), a[1:]))


def has_zero(x: Any) -> bool:
    return x == 0 if type(x) is float else bool(np.any(np.equal(x, 0)))


def is_normal(x: Any) -> bool:
    """Whether doubles have all their digits, and numbers of other types are not zero."""
    x = base(x)
    if type(x) is float:
        return SMALLEST_NORMAL <= abs(x) < inf
    if getattr(x, "dtype", None) == float:
        return bool(np.all((abs(x) >= SMALLEST_NORMAL) & np.isfinite(x)))
    return not has_zero(x)


def upwards(y: Coefficients) -> Coefficients:
    """y₁ … yₙ of yₙ … y₀."""
    return y[-2::-1]


def convolved(n: int, a: Coefficients, b: Coefficients, start: int = 0) -> Coefficients:
    """Σ a_j·b_{k−j} for k = ``start`` … n."""
    return [dot(a, b[k::-1]) for k in range(start, n + 1)]


def integral(slopes: Coefficients, z: Coefficients) -> Coefficients:
    """y₁ … of the y with z·y′ = Σ k·xₖ·tᵏ⁻¹, which is given by its ``slopes`` k·xₖ."""
    y: Coefficients = []  # k·yₖ, downwards
    for slope in slopes:
        y.insert(0, (slope - dot(z[1:], y)) / z[0])
    return [c / k for k, c in enumerate(reversed(y), start=1)]


def where_defined(out: Any, y: Coefficients) -> Coefficients:
    """y, and nan where the value is: 1/x is a plausible number where there is no logarithm."""
    return [c + (out - out) for c in y] if has_nan(out) else y
