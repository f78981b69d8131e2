"""Series of floats: their coefficients in a list, their operators and functions in few steps, by the recurrences.

What is no float, or of another pass, goes the general way (`Operand`, `Series`), which takes the same recurrences.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from dualdiff.calls import primal_of_call
from dualdiff.forward import Forward
from dualdiff.lanes.raising import raised
from dualdiff.memory import DOUBLE
from dualdiff.numbers import DOUBLES, plain
from dualdiff.operand import Operand
from dualdiff.quiet import quietly
from dualdiff.recurrences import RECURRENCES
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.strong import is_clean
from dualdiff.tangents import Tangents

Operator = Callable[[Any, Any], Any]
ENDS = (ZeroDivisionError, OverflowError, ValueError)  # where floats raise, and doubles answer inf or nan


def with_floats(ufunc: np.ufunc, compute: Operator, name: str) -> tuple[Operator, Operator]:
    """An operator and its reflection."""
    recurrence = RECURRENCES[ufunc]
    general: Operator = getattr(Operand, f"__{name}__")
    reflected_general: Operator = getattr(Operand, f"__r{name}__")

    def at_once(cls: Any, level: int, a: list[float], b: list[float]) -> Any:
        try:
            out = compute(a[0], b[0])
            higher = recurrence(max(len(a), len(b)) - 1, out, a, b)
        except ENDS:
            return None
        return cls.of_floats([out, *higher], level) if type(out) is float and higher is not None and is_clean(sum(higher)) else None

    def forward(self: Any, other: Any) -> Any:
        cls, kind, result = type(self), type(other), None
        a = self.floats or self.as_floats()
        if a:
            if kind is float or kind is int:
                result = at_once(cls, self.level, a, [other])
            elif kind is cls and other.level == self.level:
                b = other.floats or other.as_floats()
                result = at_once(cls, self.level, a, b) if b else None
        return general(self, other) if result is None else result

    def reflected(self: Any, other: Any) -> Any:
        kind, b = type(other), self.floats or self.as_floats()
        result = at_once(type(self), self.level, [other], b) if b and (kind is float or kind is int) else None
        return reflected_general(self, other) if result is None else result

    return forward, reflected


class FloatSeries(Forward):
    """Series, those of floats with their coefficients in a list, ``floats``, that nobody changes; None for others.

    The block of the higher ones, which is the tangent, is made when somebody asks for it. As blocks may be written to, it holds
    the coefficients from then on.
    """

    __slots__ = ("_held", "floats")

    floats: list[float] | None

    @classmethod
    def of_floats(cls, floats: list[float], level: int) -> Any:
        series = cls()
        series.primal = floats[0]
        series.floats = floats
        series.level = level
        return series

    @property
    def tangent(self) -> Any:
        if self.floats is not None:
            self._held = Tangents(np.array(self.floats[1:]))
            self.floats = None
        return self._held

    @tangent.setter
    def tangent(self, block: Any) -> None:
        self._held = block
        self.floats = None

    def as_floats(self) -> list[float] | None:
        """The coefficients, if they are floats."""
        if self.floats is not None:
            return self.floats
        if type(self.primal) is not float:
            return None
        block = self._held.block
        is_row = type(block) is np.ndarray and block.dtype is DOUBLE and block.ndim == 1
        return [self.primal, *block.tolist()] if is_row else None

    # ---- operators and functions ----

    __add__, __radd__ = with_floats(np.add, operator.add, "add")
    __sub__, __rsub__ = with_floats(np.subtract, operator.sub, "sub")
    __mul__, __rmul__ = with_floats(np.multiply, operator.mul, "mul")
    __truediv__, __rtruediv__ = with_floats(np.divide, operator.truediv, "truediv")

    def __neg__(self) -> Any:
        a = self.floats or self.as_floats()
        return self.of_floats([-c for c in a], self.level) if a else Operand.__neg__(self)

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        return Operand.__pow__(self, other, modulus) if modulus is not None else _power(self, other)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs and type(self.primal) is float:
            rule = TABLE.get(ufunc)
            if type(rule) is Elementwise and rule.single:
                result = self._of_floats(self.level, rule, ufunc, inputs)
                if result is not None:
                    return result
        return Operand.__array_ufunc__(self, ufunc, method, *inputs, **kwargs)

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if type(rule) is Elementwise and rule.single and not kwargs:
            result = cls._of_floats(level, rule, compute, args)
            if result is not None:
                return result
        return super().lift(level, rule, compute, args, kwargs)

    @classmethod
    def _of_floats(cls, level: int, rule: Elementwise, compute: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
        """A function of series of one level and numbers. None where something is otherwise."""
        rows: list[list[float]] = []
        n = 0
        for x in inputs:
            if type(x) is cls and x.level == level:
                row = x.floats or x.as_floats()
                if row is None:
                    return None
                n = len(row) - 1
            elif type(x) in DOUBLES:
                row = [plain(x)]
            else:
                return None
            rows.append(row)
        primals = tuple([row[0] for row in rows])
        out = plain(compute(*primals) if isinstance(compute, np.ufunc) else primal_of_call(compute, primals, {}, rule))
        if type(out) is float:
            recurrence, higher = RECURRENCES.get(rule.function), None
            with suppress(*ENDS):
                higher = recurrence(n, out, *rows) if recurrence else quietly(raised, cls, level, n, rule, out, rows)
            if higher is not None and is_clean(sum(higher)):
                return cls.of_floats([out, *higher], level)
        return cls._lift_elementwise(level, rule, lambda *_: out, inputs, {})  # its warnings have been given


_power, _ = with_floats(np.power, operator.pow, "pow")
