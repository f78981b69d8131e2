"""The functions of the rules for fractions.Fraction: what is rational stays exact, anything else is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from dualdiff.numbers.arithmetic import (  # noqa: F401
    absolute,
    copysign,
    floor_divide,
    maximum,
    minimum,
    reciprocal,
    sign,
    square,
    where,
)

fabs, fmax, fmin = absolute, maximum, minimum


def isnan(x: Any) -> bool:
    return False


isinf = isnan


def isfinite(x: Any) -> bool:
    return True


def floor(x: Any) -> int:
    return int(math.floor(x))


def trunc(x: Any) -> int:
    return int(math.trunc(x))


def rint(x: Any) -> int:
    return int(round(x))


def power(x: Any, y: Any) -> Any:
    """Exact for a whole exponent."""
    if Fraction(y).denominator != 1:
        raise TypeError(f"{x} ** {y} is irrational; fractions are exact, so take a float or an mpf where roots are needed")
    return x ** int(y)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    raise AttributeError(f"{name} of a Fraction is not a fraction; take a float or an mpf where it is needed")
