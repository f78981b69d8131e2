"""Arithmetic, powers and roots."""

from __future__ import annotations

import operator
from itertools import count
from typing import Any

import numpy as np

from dualdiff.numbers import DOUBLES, base, namespace
from dualdiff.recurrences.exponential import exp
from dualdiff.recurrences.rows import Coefficients, convolved, dot, has_zero, integral, is_normal, upwards, weighted

# ---- arithmetic ----------------------------------------------------------------------------------------------------------

def add(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients:
    if len(b) == 1:
        return a[1:]
    return list(map(operator.add, a[1:], b[1:])) if len(a) > 1 else b[1:]


def subtract(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients:
    if len(b) == 1:
        return a[1:]
    return list(map(operator.sub, a[1:], b[1:])) if len(a) > 1 else negative(n, out, b)


def negative(n: int, out: Any, a: Coefficients) -> Coefficients:
    return list(map(operator.neg, a[1:]))


def multiply(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients:
    if len(b) == 1:
        return [c * b[0] for c in a[1:]]
    if len(a) == 1:
        return [a[0] * c for c in b[1:]]
    return convolved(n, a, b, 1)


def square(n: int, out: Any, a: Coefficients) -> Coefficients:
    return convolved(n, a, a, 1)


def divide(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients:
    higher, y = b[1:], [out]
    for c in a[1:] if len(a) > 1 else [0] * n:
        y.insert(0, (c - dot(higher, y)) / b[0])
    return upwards(y)


def reciprocal(n: int, out: Any, a: Coefficients) -> Coefficients:
    return divide(n, out, [1], a)


# ---- powers and roots ----------------------------------------------------------------------------------------------------

def sqrt(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    if has_zero(out):
        return None
    y: Coefficients = []  # without y₀
    for c in x[1:]:
        y.insert(0, (c - dot(y, y[::-1])) / (2 * out))
    return y[::-1]


def power(n: int, out: Any, x: Coefficients, p: Coefficients) -> Coefficients | None:
    """(j·p − (k − j))·(x_j/x₀)·y_{k−j} summed, over k; whole exponents by multiplication."""
    if len(p) > 1:
        return _exponential(n, out, x, p)
    exponent = p[0]
    if isinstance(exponent, (int, float)):
        if exponent % 1 == 0 and 0 <= exponent <= 64:
            return square(n, out, x) if exponent == 2 else _whole_power(n, x, int(exponent))
    elif np.shape(exponent):
        return None
    if not is_normal(x[0]) or not is_normal(out):
        return None
    y, ratios = [out], [c / x[0] for c in x[1:]]
    for k in range(1, n + 1):
        y.insert(0, sum([(j * exponent - (k - j)) * c * d for j, c, d in zip(count(1), ratios, y)]) / k)
    return upwards(y)


def _exponential(n: int, out: Any, x: Coefficients, p: Coefficients) -> Coefficients | None:
    """exp(p·log x), where x > 0."""
    value = base(x[0])
    if not (type(value) in DOUBLES or getattr(value, "dtype", None) == float) or not is_normal(out) or not np.all(value > 0):
        return None
    logs = [namespace(x[0]).log(x[0]), *integral(weighted(x), x)]
    return exp(n, out, [0, *multiply(n, out, p, logs)])


def cbrt(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    if not is_normal(x[0]):
        return None
    y, ratios = [out], [c / x[0] for c in x[1:]]
    for k in range(1, n + 1):
        y.insert(0, sum([(j - 3 * (k - j)) * c * d for j, c, d in zip(count(1), ratios, y)]) / (3 * k))
    return upwards(y)


def _whole_power(n: int, x: Coefficients, exponent: int) -> Coefficients:
    """x**exponent by squaring; the first coefficient comes out too, and is left to the function itself."""
    result: Coefficients | None = None
    base = x
    while exponent:
        if exponent & 1:
            result = base if result is None else convolved(n, result, base)
        exponent >>= 1
        if exponent:
            base = convolved(n, base, base)
    return [0 * c for c in x[1:]] if result is None else result[1:]
