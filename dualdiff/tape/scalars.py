"""Arithmetic of scalar variables on Python floats, the fast path: the partials themselves are the record.

As in `dualdiff.dual`, whose derivatives of the operators these are, everything else goes by the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import on_floats, plain
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
        return Operand.__add__(self, other)

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
        return Operand.__sub__(self, other)

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
        return Operand.__mul__(self, other)

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
        return Operand.__truediv__(self, other)

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        x = self.primal
        if type(other) is int and other > 1 and type(x) is float and modulus is None:
            try:
                return self.number(x**other, (self.index,), (other * x ** (other - 1),))
            except OverflowError:  # NumPy's answer is inf
                pass
        return Operand.__pow__(self, other)

    def __neg__(self) -> Any:
        if type(self.primal) is float:
            return self.number(-self.primal, (self.index,), MINUS)
        return Operand.__neg__(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if len(inputs) == 1 and type(self.primal) is float and not kwargs:
            rule = TABLE.get(ufunc)
            if type(rule) is Elementwise and method == "__call__" and ufunc.nout == 1:
                return self.through(rule, ufunc)
        return Operand.__array_ufunc__(self, ufunc, method, *inputs, **kwargs)

    def through(self, rule: Elementwise, compute: Callable[[float], Any]) -> Any:
        """A function of one float, by its rule; ``compute`` gives the primal."""
        x = self.primal
        primal = plain(compute(x))
        slope = on_floats(rule, 0, primal, (x,))
        if type(primal) is float and type(slope) is float:
            return self.number(primal, (self.index,), (slope,))
        return self.lift(self.level, rule, compute, (self,), {})
