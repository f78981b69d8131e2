"""The rules of NumPy's ufuncs: one line each.

``xp`` is the module of functions for the number type at hand (numpy for arrays, math for floats, mpmath for mpf, …). A partial
may be

* a function of the inputs (`of_input`) or of the output and the inputs (`of_output`);
* the number 1, −1 or 0, exact in every type (0: locally constant in that input);
* a truth value, where the function picks one of its inputs: only the picked branch is differentiated;
* for a function with several outputs, a tuple, with None for an output that is locally constant.

Arrays of many doubles take some of these partials by a quicker formula, from ``on_arrays.py``.

Functions of arrays stand in the files beside this one; of those that are not ufuncs only ``np.sinc`` is here, because it is
elementwise in all but its implementation.

``+ 0`` makes +0 of −0: √ and log are defined from the right only, where the derivative at 0 is +∞. ``x * nan`` is a nan whose
derivative is one too.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np

from dualdiff.numbers import base, constant, epsilon, namespace, pi, smallest_normal
from dualdiff.rules.auxiliary import any_of, cosine, inversion, one_minus_square, sech
from dualdiff.rules.domain import POSITIVE, REAL, SYMMETRIC_UNIT, Domain
from dualdiff.rules.table import bilinear, linear, locally_constant, of_input, of_output, refused


def where_defined(xp: Any, out: Any, slope: Any) -> Any:
    """``slope``, and nan where the value is: 1/x is a plausible number at −1, where log is not defined."""
    if type(out) is float:
        return slope if out == out else out
    if type(out) is np.ndarray and out.dtype.kind == "f":
        least = np.minimum.reduce(out, axis=None, initial=np.inf)  # nan if there is one
        if least == least:
            return slope
    return xp.where(out == out, slope, out)


def one_like(out: Any, y: Any) -> Any:
    """1 where it is divided by ``y``: of a Python number it takes the type of ``out``, or 1/7 would be a float for all types."""
    one = constant(1, out) if type(y) is int or type(y) is float else 1
    return getattr(one, "real", one)


# ---- arithmetic ----------------------------------------------------------------------------------------------------------
#
# A quotient's tangent is (ẋ − out·ẏ)/y. The slope −out/y may leave the range of doubles where that does not: it is 1e-322 for
# x³/(eˣ − 1) at 380, which is of 1e-157.

of_input (np.add,          1,  1)
of_input (np.subtract,     1, -1)
of_input (np.multiply,     lambda xp, x, y: y,                  lambda xp, x, y: x)
of_output(np.divide,       lambda xp, out, x, y: one_like(out, y),  lambda xp, out, x, y: -out,     over=lambda xp, out, x, y: y)
of_input (np.negative,    -1)
of_input (np.positive,     1)
of_output(np.reciprocal,   lambda xp, y, x: -y * y)
of_input (np.square,       lambda xp, x: 2 * x)
of_output(np.sqrt,         lambda xp, y, x: 1 / (2 * y + 0),    on=POSITIVE)
of_output(np.cbrt,         lambda xp, y, x: 1 / (3 * y * y))

# ---- powers --------------------------------------------------------------------------------------------------------------
#
# ∂(x**y)/∂x = y·x**(y−1). For a whole y, y − 1 is exact and the formula accurate. Otherwise y − 1 rounds, which a large or
# small x amplifies (300 ulp at x = 1e-300, y = 1/3); y·out/x is then the accurate form, unless x is 0 or out, or y·out, has
# left the range of normal numbers. (Of (y/x)·out the second derivative would be made with y/x², which leaves it sooner.)
# What falls out, the nine cases:
#
#   x**0             0 everywhere, also at 0            x**1              1, also at 0
#   x**2             2x                                 x**2.5            2.5·x**1.5: 0 at 0
#   x < 0, y whole   y·x**(y−1)                         x < 0, y not      nan, as the value
#   0**y, y > 0      y > 1: 0;  y = 1: 1;  y < 1: inf   0**0              0: as a function of x it is the constant 1
#   0**y, y < 0      −inf (or ±, by parity)
#
# ∂(x**y)/∂y = out·log x; 0 where x ≥ 0 and out = 0 (the function of y is constant or vanishes there); nan at 0**0 and ∞**0,
# where the function of y jumps, and for x < 0, where it is defined at whole y only. The zero tangent of a constant exponent
# wins over all of these.


def power_by_base(xp: Any, out: Any, x: Any, y: Any) -> Any:
    """∂(x**y)/∂x."""
    if isinstance(y, (int, float)) and y % 1 == 0:
        return y * x ** (y - 1) if y else 0
    product = y * out
    lost = (x == 0) | (abs(out) < smallest_normal(out)) | xp.isinf(out) | xp.isinf(product)
    slope = product / xp.where(lost, 1, x)
    if not any_of(lost):
        return slope
    return xp.where(lost, xp.where(y == 0, 0, y * xp.power(x, xp.where(y == 0, 1, y - 1))), slope)


def power_by_exponent(xp: Any, out: Any, x: Any, y: Any) -> Any:
    """∂(x**y)/∂y."""
    vanishes = (out == 0) & (x == abs(x))
    slope = xp.where(vanishes, 0, out * xp.log(xp.where(vanishes, 1, x)))
    jumps = (y == 0) & ((x == 0) | xp.isinf(x))
    return xp.where(jumps, (x + y) * np.nan, slope) if any_of(jumps) else slope


of_output(np.power,        power_by_base,                       power_by_exponent, on=(POSITIVE, REAL))
of_output(np.float_power,  lambda xp, out, x, y: power_by_base(xp, out, x * constant(1, out), y),  # in the precision of out
                           lambda xp, out, x, y: power_by_exponent(xp, out, x * constant(1, out), y), on=(POSITIVE, REAL))

# ---- exponentials and logarithms -----------------------------------------------------------------------------------------


def ln(xp: Any, n: int, x: Any) -> Any:
    """log(n) in the precision of ``x``: a float64 constant would cost an mpf or a longdouble its digits."""
    c = constant(n, x)
    return (namespace(c) if xp is np else xp).log(c)


of_output(np.exp,          lambda xp, y, x: y)
of_output(np.exp2,         lambda xp, y, x: y * ln(xp, 2, x))
of_input (np.expm1,        lambda xp, x: xp.exp(x))
of_output(np.log,          lambda xp, y, x: where_defined(xp, y, 1 / (x + 0)),                      on=POSITIVE)
of_output(np.log2,         lambda xp, y, x: where_defined(xp, y, 1 / ln(xp, 2, x) / (x + 0)),       on=POSITIVE)
of_output(np.log10,        lambda xp, y, x: where_defined(xp, y, 1 / ln(xp, 10, x) / (x + 0)),      on=POSITIVE)
of_output(np.log1p,        lambda xp, y, x: where_defined(xp, y, 1 / (1 + x)),                      on=Domain(-1.0, REAL.high))


def share(xp: Any, exp: Any, d: Any) -> Any:
    """1/(1 + exp d), the part that one of two exponentials has in their sum, with nothing that overflows (d = ±∞ included)."""
    part = exp(xp.where(d >= 0, -d, d))
    return xp.where(d >= 0, part, 1) / (1 + part)


of_input (np.logaddexp,    lambda xp, x, y: share(xp, xp.exp, y - x),     lambda xp, x, y: share(xp, xp.exp, x - y))
of_input (np.logaddexp2,   lambda xp, x, y: share(xp, xp.exp2, y - x),    lambda xp, x, y: share(xp, xp.exp2, x - y))

# ---- trigonometric and hyperbolic ----------------------------------------------------------------------------------------
#
# Written so that the tails keep their digits: sech² rather than 1 − tanh² (and sec² rather than 1 + tan², which cancels for
# complex numbers), (1 − x)(1 + x) rather than 1 − x², a hypot where a square would overflow.

of_input (np.sin,          lambda xp, x: xp.cos(x))
of_input (np.cos,          lambda xp, x: -xp.sin(x))
of_input (np.tan,          lambda xp, x: (1 / xp.cos(x)) ** 2)
of_input (np.arcsin,       lambda xp, x: 1 / xp.sqrt(one_minus_square(xp, x)),  on=SYMMETRIC_UNIT)
of_input (np.arccos,       lambda xp, x: -1 / xp.sqrt(one_minus_square(xp, x)), on=SYMMETRIC_UNIT)
of_input (np.arctan,       lambda xp, x: (1 / xp.hypot(1, x)) ** 2)
of_input (np.sinh,         lambda xp, x: xp.cosh(x))
of_input (np.cosh,         lambda xp, x: xp.sinh(x))
of_input (np.tanh,         lambda xp, x: sech(xp, x) ** 2)
of_input (np.arcsinh,      lambda xp, x: 1 / xp.hypot(1, x))
of_input (np.arccosh,      lambda xp, x: 1 / (xp.sqrt(x - 1) * xp.sqrt(x + 1)), on=Domain(1.0, REAL.high))
of_output(np.arctanh,      lambda xp, y, x: where_defined(xp, y, 1 / one_minus_square(xp, x)), on=SYMMETRIC_UNIT)


of_input (np.arctan2,      lambda xp, a, b: inversion(xp, b, a),         lambda xp, a, b: -inversion(xp, a, b))
of_input (np.hypot,        lambda xp, x, y: cosine(xp, x, y),             lambda xp, x, y: cosine(xp, y, x))

for to_radians in (np.deg2rad, np.radians):
    of_input(to_radians,   lambda xp, x: pi(xp, x) / 180)
for to_degrees in (np.rad2deg, np.degrees):
    of_input(to_degrees,   lambda xp, x: 180 / pi(xp, x))


def whole_turns(x: Any) -> Any:
    """The whole number next to x/2 (of its real part), locally constant."""
    half = getattr(base(x), "real", base(x)) / 2
    return namespace(half).rint(half)


def sinc_slope(xp: Any, x: Any) -> Any:
    """(cos z − sin z/z)/x with z = πx; where that difference cancels (|z| < 1) its series π·Σₖ (−1)ᵏ·2k/(2k+1)!·z²ᵏ⁻¹."""
    z, turned = x * pi(xp, x), (x - 2 * whole_turns(x)) * pi(xp, x)  # whole turns taken off before π can round
    near = abs(z) < 1
    series, term, k, least = 0 * z, pi(xp, x) * z, 1, epsilon(x)
    while 2 * k > least * factorial(2 * k + 1) or k < 3:
        term = -term if k == 1 else -term * z * z
        series = series + term * 2 * k / factorial(2 * k + 1)
        k += 1
    far = xp.where(near, 1, x)
    return xp.where(near, series, (xp.cos(turned) - xp.sin(turned) / (far * pi(xp, x))) / far)


of_input (np.sinc,         sinc_slope)

# ---- branches: the side from which the value comes -----------------------------------------------------------------------
#
# At a tie the first argument; a nan is the value of maximum and minimum, and is passed over by fmax and fmin.


def sign_of_branch(xp: Any, x: Any) -> Any:
    """±1 by the sign bit, so that abs′(±0) = ±1: the derivative of the branch that gave the value. nan for nan."""
    sign, lost = xp.copysign(constant(1, x), x), x != x
    return xp.where(lost, x * np.nan, sign) if any_of(lost) else sign


def modulus(z: Any) -> Any:
    return np.hypot(np.real(z), np.imag(z))


of_input (np.absolute,     sign_of_branch, if_complex=modulus)
of_input (np.fabs,         sign_of_branch)
of_input (np.copysign,     lambda xp, x, y: sign_of_branch(xp, x) * xp.copysign(constant(1, x), y), 0)
of_input (np.sign,         0, if_complex=lambda z: z / np.absolute(z))
of_input (np.heaviside,    0,                                    lambda xp, x, half: x == 0)
of_input (np.maximum,      lambda xp, x, y: (x >= y) | (x != x), lambda xp, x, y: (x < y) | ((y != y) & (x == x)))
of_input (np.minimum,      lambda xp, x, y: (x <= y) | (x != x), lambda xp, x, y: (x > y) | ((y != y) & (x == x)))
of_input (np.fmax,         lambda xp, x, y: (x >= y) | (y != y), lambda xp, x, y: (x < y) | ((x != x) & (y == y)))
of_input (np.fmin,         lambda xp, x, y: (x <= y) | (y != y), lambda xp, x, y: (x > y) | ((x != x) & (y == y)))

# ---- division with remainder, and the parts of a number ------------------------------------------------------------------
#
# The integer of a remainder is the one that the division used: floor(1 / 0.1) is 10, but 1 mod 0.1 took 9.

of_output(np.remainder,    lambda xp, out, x, y: where_defined(xp, out, 1),
                           lambda xp, out, x, y: where_defined(xp, out, -xp.floor_divide(x, y)))
of_output(np.fmod,         lambda xp, out, x, y: where_defined(xp, out, 1),
                           lambda xp, out, x, y: where_defined(xp, out, -xp.rint((x - out) / y)))
of_output(np.divmod,       lambda xp, out, x, y: (None, where_defined(xp, out[1], 1)),
                           lambda xp, out, x, y: (None, where_defined(xp, out[1], -out[0])))
of_input (np.modf,         lambda xp, x: (xp.where(xp.isfinite(x), 1, np.nan), None))
of_output(np.frexp,        lambda xp, out, x: (
                               xp.where((x != 0) & xp.isfinite(x), xp.ldexp(constant(1, x), -out[1]), x * np.nan), None))
of_input (np.ldexp,        lambda xp, x, i: xp.ldexp(constant(1, x), i), None)
of_input (np.nextafter,    1, 0)

# ---- locally constant, linear, bilinear, refused -------------------------------------------------------------------------

locally_constant(
    np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.spacing, np.signbit,
    np.isnan, np.isinf, np.isfinite,
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
)

linear  (np.conjugate, x=0)

bilinear(np.matmul, x1=0, x2=1)
bilinear(np.vecdot, x1=0, x2=1)
for product in ("matvec", "vecmat"):  # NumPy 2.2
    if hasattr(np, product):
        bilinear(getattr(np, product), x1=0, x2=1)

refused("it is defined on integers only, where there is nothing to differentiate",
        np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.bitwise_count,
        np.gcd, np.lcm)
refused("it is defined on dates only", np.isnat)
