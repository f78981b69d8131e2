"""The functions of the rules for decimal.Decimal, by its own correctly rounded methods at the precision of the context."""

from __future__ import annotations

from decimal import Decimal, getcontext
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
from dualdiff.numbers.exact import fabs, trunc  # noqa: F401


def epsilon() -> Decimal:
    return Decimal(10) ** (1 - getcontext().prec)


def sqrt(x: Any) -> Decimal:
    return Decimal(x).sqrt()


def exp(x: Any) -> Decimal:
    return Decimal(x).exp()


def expm1(x: Any) -> Decimal:
    """By two more digits for each that cancels."""
    context = getcontext().copy()
    context.prec += max(0, -Decimal(x).adjusted()) + 2
    return +context.subtract(context.exp(Decimal(x)), Decimal(1))


def exp2(x: Any) -> Decimal:
    return Decimal(Decimal(2) ** x)


def log(x: Any) -> Decimal:
    return Decimal(x).ln()


def log10(x: Any) -> Decimal:
    return Decimal(x).log10()


def log2(x: Any) -> Decimal:
    return Decimal(x).ln() / Decimal(2).ln()


def log1p(x: Any) -> Decimal:
    context = getcontext().copy()
    context.prec += max(0, -Decimal(x).adjusted()) + 2
    return +context.ln(context.add(Decimal(1), Decimal(x)))


def power(x: Any, y: Any) -> Decimal:
    return Decimal(x) ** Decimal(y)


def isnan(x: Any) -> bool:
    return Decimal(x).is_nan()


def isinf(x: Any) -> bool:
    return Decimal(x).is_infinite()


def isfinite(x: Any) -> bool:
    return Decimal(x).is_finite()


def floor(x: Any) -> Decimal:
    return Decimal(x).to_integral_value(rounding="ROUND_FLOOR")


def rint(x: Any) -> Decimal:
    return Decimal(x).to_integral_value(rounding="ROUND_HALF_EVEN")


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    raise AttributeError(f"decimal has no {name}; take an mpf, which has it at any precision")
