"""Direct recurrences for the coefficients of the commonest functions of series, where they are cheaper than raised partials.

Each takes the order n, the function's value y₀, and the coefficients of its inputs (a constant has one), and returns y₁ … yₙ, or
None where the recurrence does not apply. Griewank & Walther, *Evaluating Derivatives*, 2nd ed., tables 13.1 and 13.2.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import base, namespace
from dualdiff.rules.auxiliary import cosine, inversion, sech

Coefficients = list[Any]


def convolved(a: Coefficients, b: Coefficients, k: int, start: int = 0, stop: int | None = None) -> Any:
    """Σ a_j·b_{k−j} over j = start … stop (k by default), as far as both have coefficients; 0 for an empty sum."""
    first, last = max(start, k - len(b) + 1), min(k if stop is None else stop, len(a) - 1)
    return sum(map(operator.mul, a[first:last + 1], reversed(b[k - last:k - first + 1]))) if first <= last else 0


def weighted(a: Coefficients) -> Coefficients:
    """j·a_j: the coefficients of t·a′(t)."""
    return [j * c for j, c in enumerate(a)]


def multiply(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients:
    return [convolved(a, b, k) for k in range(1, n + 1)]


def square(n: int, out: Any, a: Coefficients) -> Coefficients:
    return multiply(n, out, a, a)


def divide(n: int, out: Any, a: Coefficients, b: Coefficients) -> Coefficients:
    y = [out]
    for k in range(1, n + 1):
        y.append(((a[k] if k < len(a) else 0) - convolved(b, y, k, 1)) / b[0])
    return y[1:]


def reciprocal(n: int, out: Any, a: Coefficients) -> Coefficients:
    return divide(n, out, [1], a)


def exp(n: int, out: Any, x: Coefficients) -> Coefficients:
    slopes, y = weighted(x), [out]
    for k in range(1, n + 1):
        y.append(convolved(slopes, y, k, 1) / k)
    return y[1:]


def log(n: int, out: Any, x: Coefficients) -> Coefficients:
    y = [out]
    for k in range(1, n + 1):
        y.append((k * x[k] - convolved(weighted(y), x, k, 1, k - 1)) / (k * x[0]))
    return y[1:]


def sqrt(n: int, out: Any, x: Coefficients) -> Coefficients | None:
    if np.any(np.equal(out, 0)):
        return None
    y = [out]
    for k in range(1, n + 1):
        y.append((x[k] - convolved(y, y, k, 1, k - 1)) / (2 * y[0]))
    return y[1:]


def power(n: int, out: Any, x: Coefficients, p: Coefficients) -> Coefficients | None:
    """(j·p − (k − j))·x_j·y_{k−j} summed, over k·x₀; whole exponents where x₀ = 0 by multiplication; else raised partials."""
    if len(p) > 1 or len(x) == 1 or np.shape(p[0]):
        return None
    exponent = p[0]
    if isinstance(exponent, (int, float)) and exponent % 1 == 0 and 0 <= exponent <= 64:
        return _whole_power(n, x, int(exponent))
    if np.any(np.equal(x[0], 0)):
        return None
    y = [out]
    for k in range(1, n + 1):
        total: Any = 0
        for j in range(1, k + 1):
            total = total + (j * exponent - (k - j)) * x[j] * y[k - j]
        y.append(total / (k * x[0]))
    return y[1:]


def _whole_power(n: int, x: Coefficients, exponent: int) -> Coefficients:
    """x**exponent by squaring; the first coefficient comes out too, and is left to the function itself."""
    result: Coefficients | None = None
    base = x
    while exponent:
        if exponent & 1:
            result = base if result is None else [convolved(result, base, k) for k in range(n + 1)]
        exponent >>= 1
        if exponent:
            base = [convolved(base, base, k) for k in range(n + 1)]
    return [0 * c for c in x[1:]] if result is None else result[1:]


def _pair(n: int, x: Coefficients, first: Any, second: Any, sign: int) -> tuple[Coefficients, Coefficients]:
    """s′ = c·x′ and c′ = ±s·x′: sine and cosine, or sinh and cosh."""
    slopes, s, c = weighted(x), [first], [second]
    for k in range(1, n + 1):
        s_k, c_k = convolved(slopes, c, k, 1) / k, sign * convolved(slopes, s, k, 1) / k
        s.append(s_k)
        c.append(c_k)
    return s[1:], c[1:]


def sin(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, out, namespace(x[0]).cos(x[0]), -1)[0]


def cos(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, namespace(x[0]).sin(x[0]), out, -1)[1]


def sinh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, out, namespace(x[0]).cosh(x[0]), 1)[0]


def cosh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _pair(n, x, namespace(x[0]).sinh(x[0]), out, 1)[1]


def _tanh_and_sech(n: int, x: Coefficients, t: Any, s: Any) -> tuple[Coefficients, Coefficients]:
    """t′ = s²·x′ and s′ = −s·t·x′, in which nothing overflows."""
    slopes, ts, ss, squares, products = weighted(x), [t], [s], [s * s], [s * t]
    for k in range(1, n + 1):
        ts.append(convolved(slopes, squares, k, 1) / k)
        ss.append(-convolved(slopes, products, k, 1) / k)
        squares.append(convolved(ss, ss, k))
        products.append(convolved(ss, ts, k))
    return ts[1:], ss[1:]


def tanh(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, out, sech.entry(x[0]))[0]


def sech_(n: int, out: Any, x: Coefficients) -> Coefficients:
    return _tanh_and_sech(n, x, namespace(x[0]).tanh(x[0]), out)[1]


def _length(n: int, r: Any, x: Coefficients, y: Coefficients) -> Coefficients | None:
    """r·r′ = x·x′ + y·y′ for r = √(x² + y²), in units of the first r, whose square might overflow; None without one."""
    if np.iscomplexobj(base(r)) or not np.all((r != 0) & (r - r == 0)):
        return None
    x, y, lengths = [c / r for c in x], [c / r for c in y], [r / r]
    for k in range(1, n + 1):
        total = convolved(weighted(x), x, k, 1) + convolved(weighted(y), y, k, 1)
        lengths.append((total - convolved(weighted(lengths), lengths, k, 1, k - 1)) / k)
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
    np.multiply: multiply, np.square: square, np.divide: divide, np.reciprocal: reciprocal, np.power: power, np.sqrt: sqrt,
    np.exp: exp, np.log: log, np.sin: sin, np.cos: cos, np.sinh: sinh, np.cosh: cosh, np.tanh: tanh, np.hypot: hypot,
    sech.entry: sech_, cosine.entry: cosine_, inversion.entry: inversion_,
}
