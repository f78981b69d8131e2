"""The functions of the rules for SymPy's expressions: the derivative of a function comes out as an expression."""

from __future__ import annotations

from typing import Any

import sympy

from dualdiff.numbers.arithmetic import power, reciprocal, square  # noqa: F401

NAMES = {
    "absolute": "Abs", "fabs": "Abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh",
    "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "conjugate": "conjugate", "trunc": "Integer",
    "maximum": "Max", "minimum": "Min", "gamma": "gamma", "erf": "erf", "erfc": "erfc",
}
pi = sympy.pi


def from_whole(n: int) -> Any:
    return sympy.Integer(n)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """A branch taken at once where the condition is decided, a Piecewise otherwise."""
    if condition in (True, False):
        return yes if condition else no
    return sympy.Piecewise((yes, condition), (no, True))


def copysign(x: Any, y: Any) -> Any:
    return sympy.Abs(x) * sympy.sign(y)


def hypot(x: Any, y: Any) -> Any:
    return sympy.sqrt(x**2 + y**2)


def expm1(x: Any) -> Any:
    return sympy.exp(x) - 1


def log1p(x: Any) -> Any:
    return sympy.log(1 + x)


def exp2(x: Any) -> Any:
    return sympy.Integer(2) ** x


def log2(x: Any) -> Any:
    return sympy.log(x, 2)


def log10(x: Any) -> Any:
    return sympy.log(x, 10)


def cbrt(x: Any) -> Any:
    return sympy.cbrt(x)


def floor_divide(x: Any, y: Any) -> Any:
    return sympy.floor(x / y)


def deg2rad(x: Any) -> Any:
    return x * sympy.pi / 180


def rad2deg(x: Any) -> Any:
    return x * 180 / sympy.pi


radians, degrees = deg2rad, rad2deg


def isnan(x: Any) -> bool:
    return x is sympy.nan


def isinf(x: Any) -> bool:
    return bool(getattr(x, "is_infinite", False))


def isfinite(x: Any) -> bool:
    return not isnan(x) and not isinf(x)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    found = getattr(sympy, NAMES.get(name, name), None)
    if found is None:
        raise AttributeError(f"SymPy has no counterpart of {name}")
    return found
