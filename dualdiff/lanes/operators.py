"""The operators of dual numbers on what is no float: nested scalars and arrays, the short way; everything else the general way."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from numpy import float64

from dualdiff.lanes.short_ways import lift_at_once
from dualdiff.operand import Operand
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.strong import is_clean

OPERATORS: dict[Any, Callable[[Any, Any], Any]] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv}
"""Python's operators in the place of ufuncs of scalars: quicker, but they do not warn."""

Nested = Callable[[Any, Any], Any]


def beyond_floats(ufunc: np.ufunc, compute: Callable[..., Any], name: str, nested: Nested | None = None,
                  reflected_nested: Nested | None = None) -> Callable[..., Any]:
    """An operator for ``Dual.__name__``, or with ``reflected`` for ``Dual.__rname__``."""
    rule = TABLE[ufunc]
    assert isinstance(rule, Elementwise)
    general, general_reflected = getattr(Operand, f"__{name}__"), getattr(Operand, f"__r{name}__")

    def operate(self: Any, other: Any, reflected: bool = False) -> Any:
        if type(other) is float64 and type(self.primal) is float:  # NumPy warns where Python's floats do not
            result = compute(float(other), self) if reflected else compute(self, float(other))
            if type(result.primal) is float and isfinite(result.primal):
                return result
        result, cls = None, type(self)
        if type(self.primal) is cls:
            way = reflected_nested if reflected else nested
            result = None if way is None else way(self, other)
        if result is None:
            level = other.level if type(other) is cls and other.level > self.level else self.level
            result = lift_at_once(cls, level, rule, compute, (other, self) if reflected else (self, other))
        if result is None:
            result = (general_reflected if reflected else general)(self, other)
        return result

    return operate


def comparison(compute: Callable[[Any, Any], Any], general: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """A comparison for ``Dual.__name__``: of floats at once."""
    def compare(self: Any, other: Any) -> Any:
        if type(self.primal) is float:
            kind = type(other)
            if kind is float or kind is int:
                return compute(self.primal, other)
            if kind is type(self) and type(other.primal) is float:
                return compute(self.primal, other.primal)
        return general(self, other)

    return compare


# ---- nested derivatives: scalars whose parts are scalar duals of a lower level --------------------------------------------
#
# None where the two are not such scalars of one level.

def nested_sum(left: Any, right: Any) -> Any:
    x, kind, cls = left.primal, type(right), type(left)
    if type(x.primal) is not float:
        return None
    if kind is float or kind is int:
        return cls.make(x + right, left.tangent, left.level)
    if kind is not cls or right.level != left.level or type(right.primal) is not cls or type(right.primal.primal) is not float:
        return None
    return cls.make(x + right.primal, left.tangent + right.tangent, left.level)


def nested_difference(left: Any, right: Any) -> Any:
    return nested_sum(left, -right) if type(right) in (float, int, type(left)) else None


def nested_product(left: Any, right: Any) -> Any:
    """None also where a strong zero may have to win over a nan."""
    x, kind, cls = left.primal, type(right), type(left)
    if type(x.primal) is not float:
        return None
    if kind is float or kind is int:
        primal, tangent = x * right, left.tangent * right
    elif kind is cls and right.level == left.level and type(right.primal) is cls and type(right.primal.primal) is float:
        primal, tangent = x * right.primal, left.tangent * right.primal + right.tangent * x
    else:
        return None
    return cls.make(primal, tangent, left.level) if is_clean(tangent) else None


def nested_quotient(left: Any, right: Any) -> Any:
    """None also where a strong zero may have to win over a nan, and where a zero divides."""
    x, kind, cls = left.primal, type(right), type(left)
    if type(x.primal) is not float:
        return None
    if (kind is float or kind is int) and right:
        primal, tangent = x / right, left.tangent * (1 / right)
    elif (kind is cls and right.level == left.level and type(right.primal) is cls and type(right.primal.primal) is float
            and right.primal.primal):
        y = right.primal
        primal = x / y
        tangent = left.tangent * (1 / y) + right.tangent * (-primal / y)
    else:
        return None
    return cls.make(primal, tangent, left.level) if is_clean(tangent) else None
