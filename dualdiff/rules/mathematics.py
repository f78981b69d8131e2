"""The functions of the standard library's ``math`` that NumPy does not have, keyed by the functions themselves.

`dualdiff.math` leads its calls to these rows; ``math.sin`` and its like go by the row of NumPy's function.
"""

from __future__ import annotations

import importlib
import math
import operator
import sys
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

from dualdiff.numbers import floats, namespace, pi
from dualdiff.rules.auxiliary import Auxiliary
from dualdiff.rules.domain import POSITIVE
from dualdiff.rules.table import composite, locally_constant, matrix, of_input, of_output, refused, unknown_partial

# ---- error function ------------------------------------------------------------------------------------------------------


def erf_slope(xp: Any, x: Any) -> Any:
    """2/√π·exp(−x²) (DLMF 7.2.1), with the digits that the rounding of x² would cost: x² ulp of the result.

    x = near + rest with few enough digits in near for near² to be exact; beyond 1000 every exponential is 0.
    """
    near = xp.rint(xp.where(abs(x) < 1000, x, 0) * 64) / 64
    return 2 * pi(xp, x) ** -0.5 * namespace(near).exp(-(near * near)) * xp.exp(-((x - near) * (x + near)))


of_input (math.erf,       erf_slope)
of_input (math.erfc,      lambda xp, x: -erf_slope(xp, x))

# ---- gamma function ------------------------------------------------------------------------------------------------------


@Auxiliary
def polygamma(xp: Any, n: int, x: Any) -> Any:
    """ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function; nan at its poles."""
    if xp is floats:
        return _polygamma(n, x)
    return elementwise(lambda x: _polygamma(n, x), x) if xp is np else xp.polygamma(n, x)


def _polygamma(n: int, x: float) -> float:
    """By mpmath's functions of bare numbers, which have no working precision that threads would share."""
    if x != x or x == -math.inf or (x <= 0 and x == round(x)):
        return math.nan
    if x == math.inf:
        return 0.0 if n else math.inf
    if n and x < 0:  # mpmath steps up from x one by one
        return (-1.0) ** n * _polygamma(n, 1 - x) - math.pi ** (n + 1) * _cotangent(n, x - round(x))
    libmp = importlib.import_module("mpmath.libmp")
    return float(libmp.to_float(libmp.mpf_psi(n, libmp.from_float(x), 80), rnd="n"))


def _cotangent(n: int, r: float) -> float:
    """The n-th derivative of cot z at z = πr: cot′ = −(1 + cot²) makes each a polynomial in cot z."""
    c = 1 / math.tan(math.pi * r) if abs(r) < 0.25 else math.tan(math.pi * (math.copysign(0.5, r) - r))
    coefficients = [0.0, 1.0]
    for _ in range(n):
        slopes = [-k * a for k, a in enumerate(coefficients)][1:]
        coefficients = [a + b for a, b in zip([*slopes, 0.0, 0.0], [0.0, 0.0, *slopes])]
    return float(reduce(lambda total, a: total * c + a, reversed(coefficients)))


of_output(math.gamma,     lambda xp, y, x: y * polygamma(xp, 0, x), on=POSITIVE)
of_input (math.lgamma,    lambda xp, x: polygamma(xp, 0, x), on=POSITIVE)
of_input (polygamma.entry, unknown_partial("the polygamma function has no derivative in its order"),
          lambda xp, n, x: polygamma(xp, n + 1, x), on=POSITIVE)

# ---- of several numbers --------------------------------------------------------------------------------------------------


def length(*x: Any) -> Any:
    return reduce(np.hypot, x) if len(x) > 1 else np.hypot(x[0], 0.0)


def total(terms: Iterable[Any]) -> Any:
    """The sum, without rounding errors where the terms are floats."""
    terms = list(terms)
    return math.fsum(terms) if all(isinstance(term, float) for term in terms) else sum(terms)


def product(p: Iterable[Any], q: Iterable[Any]) -> Any:
    return total(map(operator.mul, p, q))


# log x / log base; the remainder to the nearest multiple (np.remainder: to the one below)
of_output(math.log,       lambda xp, out, x, base: 1 / (x * xp.log(base)), lambda xp, out, x, base: -out / (base * xp.log(base)),
          on=POSITIVE)
of_output(math.remainder, lambda xp, out, x, y: 1,                         lambda xp, out, x, y: -xp.rint((x - out) / y))
composite(math.hypot,     length)
composite(math.dist,      lambda p, q: length(*map(operator.sub, p, q)))
matrix   (math.fsum,      seq=lambda out, t, seq: total(t))
if sys.version_info >= (3, 12):
    matrix(math.sumprod,  p=lambda out, t, p, q: product(t, q), q=lambda out, t, p, q: product(p, t))
if sys.version_info >= (3, 13):
    of_input(math.fma,    lambda xp, x, y, z: y, lambda xp, x, y, z: x, 1)

# ---- not differentiable --------------------------------------------------------------------------------------------------

locally_constant(math.ulp)

refused("it is defined on integers only, where there is nothing to differentiate",
        math.comb, math.factorial, math.gcd, math.isqrt, math.lcm, math.perm)

# ---- arrays --------------------------------------------------------------------------------------------------------------


def elementwise(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of floats on arrays; float32 stays float32."""
    dtype = np.result_type(*arrays)
    out = np.vectorize(function, otypes=[float])(*arrays)
    return (out.astype(dtype) if dtype in (np.float32, np.float16) else out)[()]
