"""Trigonometric and hyperbolic functions, their inverses, and what rules are written with of right triangles."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from dualdiff.numbers import base, namespace
from dualdiff.recurrences.algebraic import divide, sqrt, square
from dualdiff.recurrences.rows import Coefficients, convolved, dot, integral, upwards, weighted, where_defined
from dualdiff.rules.auxiliary import one_minus_square, sech
from dualdiff.strong import has_nan


def _pair(n: int, x: Coefficients, first: Any, second: Any, sign: int) -> tuple[Coefficients, Coefficients]:
    """s′ = c·x′ and c′ = ±s·x′: sine and cosine, or sinh and cosh."""
    slopes, s, c = weighted(x), [first], [second]
    for k in range(1, n + 1):
        of_s, of_c = dot(slopes, c) / k, sign * dot(slopes, s) / k
        s.insert(0, of_s)
        c.insert(0, of_c)
    return upwards(s), upwards(c)


def sin(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, out, namespace(x[0]).cos(x[0]), -1)[0]


def cos(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, namespace(x[0]).sin(x[0]), out, -1)[1]


def sinh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, out, namespace(x[0]).cosh(x[0]), 1)[0]


def cosh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, namespace(x[0]).sinh(x[0]), out, 1)[1]


def _tanh_and_sech(n: int, x: Coefficients, first: Any, second: Any, sign: int = -1) -> tuple[Coefficients, Coefficients]:
    """t′ = s²·x′ and s′ = ±s·t·x′, in which nothing overflows: tanh and sech, or tan and 1/cos."""
    slopes, t, s, squares, products = weighted(x), [first], [second], [second * second], [second * first]
    for k in range(1, n + 1):
        t.insert(0, dot(slopes, squares) / k)
        s.insert(0, sign * dot(slopes, products) / k)
        squares.insert(0, dot(s, s[::-1]))
        products.insert(0, dot(s, t[::-1]))
    return upwards(t), upwards(s)


def tanh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, out, sech.entry(x[0]))[0]


def sech_of(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, namespace(x[0]).tanh(x[0]), out)[1]


def tan(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, out, 1 / namespace(x[0]).cos(x[0]), 1)[0]


def _one_and_square(n: int, x: Coefficients, sign: int) -> Coefficients | None:
    """1 ± x² of real numbers. None where the square overflows, and for complex ones, where it may cancel."""
    if np.iscomplexobj(base(x[0])):
        return None
    first = 1 + x[0] * x[0] if sign > 0 else one_minus_square.entry(x[0])
    return None if has_nan(first - first) else [first, *[sign * c for c in square(n, first, x)]]


def arctan(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    z = _one_and_square(n, x, 1)
    return None if z is None else integral(weighted(x), z)


def arctanh(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    z = _one_and_square(n, x, -1)
    return None if z is None else where_defined(out, integral(weighted(x), z))


def _by_root(n: int, out: Any, x: Coefficients, square_of_root: Coefficients | None) -> Coefficients | None:
    """∫ x′/root."""
    if square_of_root is None:
        return None
    root = namespace(x[0]).sqrt(square_of_root[0])
    higher = sqrt(n, root, square_of_root)
    return None if higher is None else where_defined(out, integral(weighted(x), [root, *higher]))


def _negated(row: Coefficients | None) -> Coefficients | None:
    return None if row is None else [-c for c in row]


def arcsinh(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    return _by_root(n, out, x, _one_and_square(n, x, 1))


def arccosh(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    return _by_root(n, out, x, _negated(_one_and_square(n, x, -1)))


def arcsin(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    return _by_root(n, out, x, _one_and_square(n, x, -1))


def arccos(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    return _negated(arcsin(n, out, x))


def arctan2(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients | None:
    """(a² + b²)·y′ = b·a′ − a·b′, in units of √(a₀² + b₀²), whose square might overflow; None without one."""
    r = namespace(a[0], b[0]).hypot(a[0], b[0])
    if not _is_length(r):
        return None
    a, b = [[*[c / r for c in row], *[0] * (n + 1 - len(row))] for row in (a, b)]
    z = list(map(operator.add, convolved(n, a, a), convolved(n, b, b)))
    to_a, to_b = convolved(n - 1, weighted(a), b), convolved(n - 1, weighted(b), a)
    return integral(list(map(operator.sub, to_a, to_b)), z)


def _is_length(r: Any) -> bool:
    return not np.iscomplexobj(base(r)) and bool(np.all((r != 0) & (r - r == 0)))


def _length(n: int, r: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    """r·r′ = x·x′ + y·y′ for r = √(x² + y²), in units of the first r, whose square might overflow; None without one."""
    if not _is_length(r):
        return None
    x, y, lengths = [c / r for c in x], [c / r for c in y], [r / r]
    slopes_x, slopes_y = weighted(x), weighted(y)
    slopes: Coefficients = []  # k·rₖ, downwards
    for k in range(1, n + 1):
        slope = dot(slopes_x, x[k - 1::-1]) + dot(slopes_y, y[k - 1::-1]) - dot(slopes, lengths[1:])
        slopes.insert(0, slope)
        lengths.append(slope / k)
    return [c * r for c in lengths]


def hypot(n: int, out: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    r = _length(n, out, x, y)
    return None if r is None else r[1:]


def cosine(n: int, out: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    r = _length(n, namespace(x[0], y[0]).hypot(x[0], y[0]), x, y)
    return None if r is None else divide(n, out, x, r)


def inversion(n: int, out: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    r = _length(n, namespace(x[0], y[0]).hypot(x[0], y[0]), x, y)
    if r is None:
        return None
    c = out * r[0]
    return divide(n, out, [c, *divide(n, c, x, r)], r)
