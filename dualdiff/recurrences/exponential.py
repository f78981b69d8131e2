"""Exponentials and logarithms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dualdiff.numbers import namespace
from dualdiff.recurrences.rows import Coefficients, dot, integral, upwards, weighted, where_defined
from dualdiff.rules.elementwise import ln


def exp(n: int, out: Any, x: Coefficients) -> Coefficients:
    slopes, y = weighted(x), [out]
    for k in range(1, n + 1):
        y.insert(0, dot(slopes, y) / k)
    return upwards(y)


def exp2(n: int, out: Any, x: Coefficients) -> Coefficients:
    factor = ln(namespace(x[0]), 2, x[0])
    return exp(n, out, [c * factor for c in x])


def expm1(n: int, out: Any, x: Coefficients) -> Coefficients:
    return exp(n, namespace(x[0]).exp(x[0]), x)


def log(n: int, out: Any, x: Coefficients) -> Coefficients:
    return where_defined(out, integral(weighted(x), x))


def log1p(n: int, out: Any, x: Coefficients) -> Coefficients:
    return log(n, out, [1 + x[0], *x[1:]])


def log_to(base: int) -> Callable[..., Coefficients]:
    def log_to_base(n: int, out: Any, x: Coefficients) -> Coefficients:
        factor = 1 / ln(namespace(x[0]), base, x[0])
        return [c * factor for c in log(n, out, x)]

    return log_to_base
