"""The functions of the rules for fractions.Fraction: what is rational stays exact, anything else is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

absolute = fabs = abs


def where(condition: Any, yes: Any, no: Any) -> Any:
    return yes if condition else no


def isnan(x: Any) -> bool:
    return False


isinf = isnan


def isfinite(x: Any) -> bool:
    return True


def copysign(x: Any, y: Any) -> Any:
    return abs(x) if y >= 0 else -abs(x)


def sign(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def square(x: Any) -> Any:
    return x * x


def reciprocal(x: Any) -> Any:
    return 1 / x


def floor(x: Any) -> int:
    return int(math.floor(x))


def trunc(x: Any) -> int:
    return int(math.trunc(x))


def rint(x: Any) -> int:
    return int(round(x))


def floor_divide(x: Any, y: Any) -> Any:
    return x // y


def maximum(x: Any, y: Any) -> Any:
    return x if x >= y else y


def minimum(x: Any, y: Any) -> Any:
    return x if x <= y else y


fmax, fmin = maximum, minimum


def power(x: Any, y: Any) -> Any:
    """Exact for a whole exponent."""
    if Fraction(y).denominator != 1:
        raise TypeError(f"{x} ** {y} is irrational; fractions are exact, so take a float or an mpf where roots are needed")
    return x ** int(y)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    raise AttributeError(f"{name} of a Fraction is not a fraction; take a float or an mpf where it is needed")
