"""Direct recurrences for the coefficients of the commonest functions of series, where they are cheaper than raised partials.

Each takes the order n, the function's value y₀, and the coefficients of its inputs (of a constant the first alone), and returns
y₁ … yₙ, or None where the recurrence does not apply. Griewank & Walther, *Evaluating Derivatives*, 2nd ed., tables 13.1 and 13.2.

All of them are made of sums of products Σ a_j·b_{k−j}, in which one row of coefficients goes upwards and the other downwards. So a
row that is being found is kept downwards, the newest first, and the sum is a `dot` of two lists, as far as both go.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from dualdiff.numbers import base, namespace
from dualdiff.rules.auxiliary import cosine, inversion, sech
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


def upwards(y: Coefficients) -> Coefficients:
    """y₁ … yₙ of yₙ … y₀."""
    return y[-2::-1]


def convolved(n: int, a: Coefficients, b: Coefficients, start: int = 0) -> Coefficients:
    """Σ a_j·b_{k−j} for k = ``start`` … n."""
    return [dot(a, b[k::-1]) for k in range(start, n + 1)]


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


def exp(n: int, out: Any, x: Coefficients) -> Coefficients:
    slopes, y = weighted(x), [out]
    for k in range(1, n + 1):
        y.insert(0, dot(slopes, y) / k)
    return upwards(y)


def log(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    if has_nan(out):  # 1/x is a plausible number where there is no logarithm
        return None
    y: Coefficients = []  # k·yₖ, downwards
    for slope in weighted(x):
        y.insert(0, (slope - dot(x[1:], y)) / x[0])
    return [c / k for k, c in enumerate(reversed(y), start=1)]


def sqrt(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    if has_zero(out):
        return None
    y: Coefficients = []  # without y₀
    for c in x[1:]:
        y.insert(0, (c - dot(y, y[::-1])) / (2 * out))
    return y[::-1]


def power(n: int, out: Any, x: Coefficients, p: Coefficients) -> Coefficients | None:
    """(j·p − (k − j))·x_j·y_{k−j} summed, over k·x₀; whole exponents where x₀ = 0 by multiplication; else raised partials."""
    exponent = p[0]
    if len(p) > 1 or len(x) == 1:
        return None
    if isinstance(exponent, (int, float)):
        if exponent % 1 == 0 and 0 <= exponent <= 64:
            return square(n, out, x) if exponent == 2 else _whole_power(n, x, int(exponent))
    elif np.shape(exponent):
        return None
    if has_zero(x[0]):
        return None
    y = [out]
    for k in range(1, n + 1):
        total = sum([(j * exponent - (k - j)) * c * d for j, c, d in zip(count(1), x[1:], y)])
        y.insert(0, total / (k * x[0]))
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


def _tanh_and_sech(n: int, x: Coefficients, first: Any, second: Any) -> tuple[Coefficients, Coefficients]:
    """t′ = s²·x′ and s′ = −s·t·x′, in which nothing overflows."""
    slopes, t, s, squares, products = weighted(x), [first], [second], [second * second], [second * first]
    for k in range(1, n + 1):
        t.insert(0, dot(slopes, squares) / k)
        s.insert(0, -dot(slopes, products) / k)
        squares.insert(0, dot(s, s[::-1]))
        products.insert(0, dot(s, t[::-1]))
    return upwards(t), upwards(s)


def tanh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, out, sech.entry(x[0]))[0]


def sech_(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, namespace(x[0]).tanh(x[0]), out)[1]


def _length(n: int, r: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    """r·r′ = x·x′ + y·y′ for r = √(x² + y²), in units of the first r, whose square might overflow; None without one."""
    if np.iscomplexobj(base(r)) or not np.all((r != 0) & (r - r == 0)):
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


def cosine_(n: int, out: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    r = _length(n, namespace(x[0], y[0]).hypot(x[0], y[0]), x, y)
    return None if r is None else divide(n, out, x, r)


def inversion_(n: int, out: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    r = _length(n, namespace(x[0], y[0]).hypot(x[0], y[0]), x, y)
    if r is None:
        return None
    c = out * r[0]
    return divide(n, out, [c, *divide(n, c, x, r)], r)


RECURRENCES: dict[Callable[..., Any], Callable[..., Coefficients | None]] = {
    np.add: add, np.subtract: subtract, np.negative: negative, np.multiply: multiply, np.square: square, np.divide: divide,
    np.reciprocal: reciprocal, np.power: power, np.sqrt: sqrt, np.exp: exp, np.log: log, np.sin: sin, np.cos: cos, np.sinh: sinh,
    np.cosh: cosh, np.tanh: tanh, np.hypot: hypot, sech.entry: sech_, cosine.entry: cosine_, inversion.entry: inversion_,
}
