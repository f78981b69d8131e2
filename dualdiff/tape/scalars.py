"""Arithmetic of scalar variables on Python floats, the fast path: the partials themselves are the record.

As in `dualdiff.dual`, whose derivatives of the operators these are, everything else goes by the table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import copysign, inf, isfinite
from typing import Any

import numpy as np
from numpy import float64

from dualdiff.lanes.operators import OPERATORS, is_silent
from dualdiff.numbers import SMALLEST_NORMAL, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.tape.tape import Tape

ONE, ONES, DIFFERENCE, MINUS = (1.0,), (1.0, 1.0), (1.0, -1.0), (-1.0,)


class ScalarArithmetic(Operand):
    """The operators of a variable."""

    __slots__ = ()

    tape: Tape
    index: int

    def number(self, primal: float, parents: tuple[int, ...], slopes: tuple[float, ...]) -> Any:
        """A scalar on record."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        x, kind = self.primal, type(other)
        if type(x) is float:
            if kind is type(self):
                if other.level == self.level and type(y := other.primal) is float:
                    return self.number(x + y, (self.index, other.index), ONES)
            elif kind is float or kind is int:
                return self.number(x + other, (self.index,), ONE)
        return beyond_floats(operator.add, Operand.__add__, self, other)

    def __radd__(self, other: Any) -> Any:
        if type(self.primal) is float and (type(other) is float or type(other) is int):
            return self.number(other + self.primal, (self.index,), ONE)
        return Operand.__radd__(self, other)

    def __sub__(self, other: Any) -> Any:
        x, kind = self.primal, type(other)
        if type(x) is float:
            if kind is type(self):
                if other.level == self.level and type(y := other.primal) is float:
                    return self.number(x - y, (self.index, other.index), DIFFERENCE)
            elif kind is float or kind is int:
                return self.number(x - other, (self.index,), ONE)
        return beyond_floats(operator.sub, Operand.__sub__, self, other)

    def __rsub__(self, other: Any) -> Any:
        if type(self.primal) is float and (type(other) is float or type(other) is int):
            return self.number(other - self.primal, (self.index,), MINUS)
        return Operand.__rsub__(self, other)

    def __mul__(self, other: Any) -> Any:
        x, kind = self.primal, type(other)
        if type(x) is float:
            if kind is type(self):
                if other.level == self.level and type(y := other.primal) is float:
                    return self.number(x * y, (self.index, other.index), (y, x))
            elif kind is float or kind is int:
                return self.number(x * other, (self.index,), (float(other),))
        return beyond_floats(operator.mul, Operand.__mul__, self, other)

    def __rmul__(self, other: Any) -> Any:
        if type(self.primal) is float and (type(other) is float or type(other) is int):
            return self.number(other * self.primal, (self.index,), (float(other),))
        return Operand.__rmul__(self, other)

    def __truediv__(self, other: Any) -> Any:
        x, kind = self.primal, type(other)
        if type(x) is float:
            if kind is type(self):
                if other.level == self.level and type(y := other.primal) is float and y:
                    out = x / y
                    return self.number(out, (self.index, other.index), (1 / y, -out / y))
            elif (kind is float or kind is int) and other:
                return self.number(x / other, (self.index,), (1 / other,))
        return beyond_floats(operator.truediv, Operand.__truediv__, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        y = self.primal
        if type(y) is float and y and (type(other) is float or type(other) is int):
            out = other / y
            return self.number(out, (self.index,), (-out / y,))
        return Operand.__rtruediv__(self, other)

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        x = self.primal
        if type(x) is float and (type(other) is int or type(other) is float) and modulus is None and other != 0 and other != 1:
            is_whole = other % 1 == 0
            try:
                out = x**other
                slope = other * x ** (other - 1) if is_whole else other * out / x  # as in the table
            except (OverflowError, ZeroDivisionError):  # NumPy's answer is inf
                return Operand.__pow__(self, other)
            if is_whole or (x > 0 and SMALLEST_NORMAL <= out < inf and abs(slope) < inf):
                return self.number(out, (self.index,), (slope,))
        return Operand.__pow__(self, other, modulus)

    def __abs__(self) -> Any:
        x = self.primal
        if type(x) is float and x == x:
            return self.number(abs(x), (self.index,), (copysign(1.0, x),))
        return Operand.__abs__(self)

    def __neg__(self) -> Any:
        if type(self.primal) is float:
            return self.number(-self.primal, (self.index,), MINUS)
        return Operand.__neg__(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if len(inputs) == 1 and type(self.primal) is float and not kwargs:
            rule = TABLE.get(ufunc)
            if type(rule) is Elementwise and method == "__call__" and ufunc.nout == 1:
                return self.through(rule, ufunc)
        if len(inputs) == 2 and type(self.primal) is float and not kwargs and method == "__call__" and ufunc in OPERATORS:
            x, y = [float(x) if type(x) is float64 else x for x in inputs]
            are_scalars = all(type(x) is float or (type(x) is type(self) and type(x.primal) is float) for x in (x, y))
            if are_scalars and is_silent(OPERATORS[ufunc], y):
                result = OPERATORS[ufunc](x, y)
                if type(result.primal) is float and isfinite(result.primal):  # NumPy has not warned
                    return result
        return Operand.__array_ufunc__(self, ufunc, method, *inputs, **kwargs)

    def through(self, rule: Elementwise, compute: Callable[[float], Any]) -> Any:
        """A function of one float, by its rule; ``compute`` gives the primal."""
        x = self.primal
        primal = plain(compute(x))
        slope = on_floats(rule, 0, primal, (x,))
        if type(primal) is float and type(slope) is float:
            return self.number(primal, (self.index,), (slope,))
        return self.lift(self.level, rule, compute, (self,), {})


def beyond_floats(compute: Callable[[Any, Any], Any], general: Callable[[Any, Any], Any], self: Any, other: Any) -> Any:
    """An operator of ``self`` on what is no float: a NumPy double is one, as long as NumPy would not warn."""
    if type(other) is float64 and type(self.primal) is float and is_silent(compute, other):
        result = compute(self, float(other))
        if type(result.primal) is float and isfinite(result.primal):
            return result
    return general(self, other)
