"""The functions of the rules for mpmath's numbers (mpf, mpc), at mpmath's working precision."""

from __future__ import annotations

from typing import Any

from mpmath import acos as arccos  # noqa: F401
from mpmath import acosh as arccosh  # noqa: F401
from mpmath import asin as arcsin  # noqa: F401
from mpmath import asinh as arcsinh  # noqa: F401
from mpmath import atan as arctan  # noqa: F401
from mpmath import atan2 as arctan2  # noqa: F401
from mpmath import atanh as arctanh  # noqa: F401
from mpmath import (  # noqa: F401
    cbrt,
    ceil,
    cos,
    cosh,
    degrees,
    exp,
    expm1,
    floor,
    hypot,
    isfinite,
    isinf,
    isnan,
    mp,
    power,
    radians,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from mpmath import conj as conjugate  # noqa: F401
from mpmath import fabs as absolute
from mpmath import ln as log  # noqa: F401

from dualdiff.numbers.arithmetic import copysign, maximum, minimum, reciprocal, square, where  # noqa: F401

pi = mp.pi
deg2rad, rad2deg, fabs = radians, degrees, absolute


def epsilon() -> Any:
    return mp.eps


def exp2(x: Any) -> Any:
    return mp.mpf(2) ** x


def log2(x: Any) -> Any:
    return mp.log(x, 2)


def log10(x: Any) -> Any:
    return mp.log(x, 10)


def log1p(x: Any) -> Any:
    return mp.log1p(x)


def sinc(x: Any) -> Any:
    return mp.sincpi(x)


def floor_divide(x: Any, y: Any) -> Any:
    return mp.floor(x / y)


def remainder(x: Any, y: Any) -> Any:
    return mp.mpf(x) % y


def fmod(x: Any, y: Any) -> Any:
    return x - y * trunc(x / y)


def trunc(x: Any) -> Any:
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def rint(x: Any) -> Any:
    return mp.nint(x)


def logaddexp(x: Any, y: Any) -> Any:
    high, low = (x, y) if x >= y else (y, x)
    return high + mp.log1p(mp.exp(low - high))


def logaddexp2(x: Any, y: Any) -> Any:
    return logaddexp(x * mp.ln2, y * mp.ln2) / mp.ln2


# ---- functions of math that NumPy does not have --------------------------------------------------------------------------

def lgamma(x: Any) -> Any:
    return mp.re(mp.loggamma(x))


erf, erfc, gamma, fsum, polygamma = mp.erf, mp.erfc, mp.gamma, mp.fsum, mp.psi
