"""The functions of the rules for mpmath's intervals (``mpmath.iv``): a derivative comes out as a rigorous enclosure.

Only functions that mpmath encloses rigorously are here, and compositions of them, which enclose too (if more widely).
"""

from __future__ import annotations

from typing import Any

from mpmath import iv

from dualdiff.numbers.arithmetic import absolute, power, reciprocal  # noqa: F401

exp, log, sqrt, sin, cos, tan = iv.exp, iv.log, iv.sqrt, iv.sin, iv.cos, iv.tan
fabs = absolute


def from_whole(n: int) -> Any:
    return iv.mpf(n)


def __getattr__(name: str) -> Any:
    if name == "pi":
        return iv.pi
    raise AttributeError(f"there is no rigorous enclosure of {name} over an interval in mpmath")


def epsilon() -> Any:
    return iv.eps


def arctan2(y: Any, x: Any) -> Any:
    return iv.atan2(y, x)


def arctan(x: Any) -> Any:
    return iv.atan2(x, iv.mpf(1))


def cosh(x: Any) -> Any:
    return (iv.exp(x) + iv.exp(-x)) / 2


def sinh(x: Any) -> Any:
    return (iv.exp(x) - iv.exp(-x)) / 2


def tanh(x: Any) -> Any:
    return 1 - 2 / (iv.exp(2 * x) + 1)


def expm1(x: Any) -> Any:
    return iv.exp(x) - 1


def log1p(x: Any) -> Any:
    return iv.log(1 + x)


def log2(x: Any) -> Any:
    return iv.log(x) / iv.log(iv.mpf(2))


def log10(x: Any) -> Any:
    return iv.log(x) / iv.log(iv.mpf(10))


def exp2(x: Any) -> Any:
    return iv.exp(x * iv.log(iv.mpf(2)))


def square(x: Any) -> Any:  # x·x would take its factors for different numbers of the interval
    return x**2


def hypot(x: Any, y: Any) -> Any:
    return iv.sqrt(x**2 + y**2)


def copysign(x: Any, y: Any) -> Any:
    """The sign has to be decided over the whole interval."""
    decided = y >= 0
    if decided is None:
        raise ValueError(f"the sign of {y} is not the same over the whole interval; split the interval at zero")
    return abs(x) if decided else -abs(x)


def where(condition: Any, yes: Any, no: Any) -> Any:
    if condition is None:
        raise ValueError("a condition does not hold or fail over a whole interval; split the interval there")
    return yes if condition else no


def isnan(x: Any) -> bool:
    return False


isinf = isnan
