"""The functions of the rules for Python floats: ``math`` under NumPy's names.

At the ends of a domain ``math`` raises where NumPy answers inf or nan; whoever runs a rule on floats catches that and runs
the same rule again with numpy (see `dualdiff.numbers.on_floats`). That keeps the common case free of checks.
"""

from __future__ import annotations

import math
from math import acos as arccos  # noqa: F401
from math import acosh as arccosh  # noqa: F401
from math import asin as arcsin  # noqa: F401
from math import asinh as arcsinh  # noqa: F401
from math import atan as arctan  # noqa: F401
from math import atan2 as arctan2  # noqa: F401
from math import atanh as arctanh  # noqa: F401
from math import (  # noqa: F401  (the names are the interface)
    copysign,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    fmod,
    gamma,
    hypot,
    isfinite,
    isinf,
    isnan,
    log,
    log1p,
    log2,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    trunc,
)
from math import pow as power  # noqa: F401

from dualdiff.numbers.arithmetic import absolute, floor_divide, where  # noqa: F401


def exp2(x: float) -> float:
    return math.pow(2.0, x)


def ldexp(x: float, i: int) -> float:
    return math.ldexp(x, int(i))  # a NumPy integer will not do for math


def rint(x: float) -> float:
    return float(round(x)) if math.isfinite(x) else x
