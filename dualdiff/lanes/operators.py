"""The operators of dual numbers on what is no float: the short ways first, then the general one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from numpy import float64

from dualdiff.lanes.array_operators import of_two_arrays
from dualdiff.lanes.chunks import floats_in_chunks
from dualdiff.lanes.nested import nested_arrays
from dualdiff.lanes.second_order import in_four_parts
from dualdiff.lanes.short_ways import lift_at_once
from dualdiff.lanes.single_numbers import single_at_once
from dualdiff.operand import Operand
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.tangents import Tangents

Operator = Callable[[Any, Any], Any]

OPERATORS: dict[Any, Operator] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv}
"""Python's operators in the place of ufuncs of scalars: quicker, but they do not warn."""


def is_silent(compute: Operator, right: Any) -> bool:
    """Whether an operator on scalars gives no warning of its own, so that a ufunc may follow it: all but a division by 0."""
    return compute is not operator.truediv or bool(right != 0)


def declined(left: Any, right: Any) -> Any:
    return None


def of_two_parts(cls: Any, rule: Elementwise, compute: Operator, arrays: Operator) -> Operator:
    """+ − × or ÷ of two operands, one of them a dual: arrays of doubles, numbers that carry a chunk, numbers that are no floats.

    None for anything else.
    """
    ufunc = rule.function

    def at_once(left: Any, right: Any) -> Any:
        if type(left) is cls:
            x, t, level = left.primal, left.tangent, left.level
            if type(right) is not cls:
                y, s = right, None
            elif right.level == level:
                y, s = right.primal, right.tangent
            else:
                return None
        else:
            x, t, y, s, level = left, None, right.primal, right.tangent, right.level
        if type(x) is np.ndarray or type(y) is np.ndarray:
            return arrays(left, right)
        if type(t) is Tangents or type(s) is Tangents:
            return floats_in_chunks(cls, ufunc, level, x, t, y, s)
        return single_at_once(cls, rule, compute, level, x, t, y, s, left, right)

    return at_once


def beyond_floats(cls: Any, ufunc: np.ufunc, compute: Operator, name: str, nested: Operator | None = None,
                  reflected_nested: Operator | None = None) -> tuple[Operator, Operator, Operator]:
    """``left ∘ right`` of arrays; and for anything but floats ``Dual.__name__`` and ``Dual.__rname__``, which take self first."""
    rule = TABLE[ufunc]
    assert isinstance(rule, Elementwise)

    def declined_by_arrays(left: Any, right: Any) -> Any:
        return operate(left, right) if type(left) is cls else reflected(right, left)

    def made(in_parts: Operator, way: Operator | None, general: Operator, is_reflected: bool) -> Operator:
        def operate(self: Any, other: Any) -> Any:
            kind, result = type(self.primal), None
            if kind is cls:
                result = in_parts(self, other)
                if result is not None:
                    return result
            if kind is float and type(other) is float64 and is_silent(compute, self if is_reflected else other):
                result = compute(float(other), self) if is_reflected else compute(self, float(other))
                if type(result.primal) is float and isfinite(result.primal):  # NumPy has not warned
                    return result
            left, right = (other, self) if is_reflected else (self, other)
            if kind is cls:
                if type(self.primal.primal) is np.ndarray:
                    result = nested_arrays(rule, compute, self, other, is_reflected)
                elif way is not None:
                    result = way(self, other)
            elif kind is not np.ndarray:
                result = at_once(left, right)
            if result is None:
                level = other.level if type(other) is cls and other.level > self.level else self.level
                result = lift_at_once(cls, level, rule, compute, (left, right))
            return general(self, other) if result is None else result

        return operate

    at_once = of_two_parts(cls, rule, compute, of_two_arrays(cls, rule, declined))
    in_parts, in_parts_reflected = in_four_parts(cls)[0](ufunc)
    operate = made(in_parts, nested, getattr(Operand, f"__{name}__"), False)
    reflected = made(in_parts_reflected, reflected_nested, getattr(Operand, f"__r{name}__"), True)
    return of_two_arrays(cls, rule, declined_by_arrays), operate, reflected
