"""Functions of one and of two dual numbers, specialised for floats: made once from a rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from numpy import float64

from dualdiff.construction import empty
from dualdiff.lanes.array_functions import of_one_array
from dualdiff.lanes.array_operators import of_two_arrays
from dualdiff.lanes.contractions import product
from dualdiff.lanes.nested import nested_function
from dualdiff.lanes.operators import OPERATORS, declined, is_silent, of_two_parts
from dualdiff.lanes.short_ways import lift_at_once
from dualdiff.lanes.single_numbers import of_one_single
from dualdiff.memory import DOUBLE
from dualdiff.numbers import float_operands, floats, on_floats
from dualdiff.operand import Operand
from dualdiff.quiet import quietly
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.strong import is_clean, term
from dualdiff.tangents import Tangents

Function = Callable[..., Any]


class OfScalars:
    """``xp`` of rules on duals of floats, as in nested derivatives: functions of `floats` by the short way, each made once."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls

    def __getattr__(self, name: str) -> Function:
        function: Function = getattr(float_operands, name)
        rule, native = TABLE.get(function), getattr(floats, name, None)
        if native is not None and type(rule) is Elementwise and rule.single and len(rule.partials) == 1:
            function = of_one(self.cls, rule, native, function)
        setattr(self, name, function)
        return function


scalars_of: Callable[[Any], OfScalars] = cache(OfScalars)
ENDS = (ArithmeticError, ValueError, AttributeError, TypeError)  # at the end of a domain; of a constant partial


def of_one(cls: Any, rule: Elementwise, compute: Function, otherwise: Function) -> Function:
    """``compute`` on a float, and by its rule on a dual of floats; ``otherwise`` on everything else."""
    new, partial, from_output, scalars = empty(cls), rule.partials[0], rule.from_output, scalars_of(cls)

    def function(x: Any, /) -> Any:
        kind = type(x)
        if kind is float or kind is int:
            return compute(x)
        if kind is cls:
            at, along = x.primal, x.tangent
            if type(at) is float and (type(along) is float or (type(along) is Tangents and type(along.held) is np.ndarray)):
                primal = compute(at)
                if type(primal) is not float:  # NumPy's double; complex for some functions of a float
                    primal = float(primal) if type(primal) is float64 else primal
                try:
                    slope = partial(floats, primal, at) if from_output else partial(floats, at)
                except ENDS:
                    slope = on_floats(rule, 0, primal, (at,))
                if type(along) is float:
                    tangent = along * slope
                    if tangent != tangent:
                        tangent = term(along, slope)
                else:
                    tangent = term(along, slope)
                result = new()
                result.primal = primal
                result.tangent = tangent
                result.level = x.level
                return result
            if type(at) is cls and type(at.primal) is float and callable(partial):  # nested: the same one level down
                primal = function(at)
                if type(along) is float and not along and type(primal) is cls:
                    return cls.make(primal, along, x.level)
                try:
                    slope = quietly(partial, scalars, primal, at) if from_output else quietly(partial, scalars, at)
                except ENDS:
                    slope = quietly(partial, np, primal, at) if from_output else quietly(partial, np, at)
                if type(slope) is cls or type(slope) is float:
                    tangent = along * slope
                    if is_clean(tangent):
                        return cls.make(primal, tangent, x.level)
                return cls._lift_elementwise(x.level, rule, lambda *_: primal, (x,), {})  # its warnings have been given
        return otherwise(x)

    return function


def of_two(cls: Any, rule: Elementwise, compute: Function, otherwise: Function) -> Function:
    """The same of two numbers."""

    def function(x: Any, y: Any, /) -> Any:
        of_x, of_y = type(x) is cls, type(y) is cls
        if (of_x or of_y) and not (of_x and of_y and x.level != y.level):
            at, t = (x.primal, x.tangent) if of_x else (x, 0.0)
            by, s = (y.primal, y.tangent) if of_y else (y, 0.0)
            if ((type(at) is float or type(at) is int) and (type(by) is float or type(by) is int)
                    and type(t) is float and type(s) is float):
                primal = compute(at, by)
                if type(primal) is float64:
                    primal = float(primal)
                if type(primal) is float:
                    tangent = term(t, on_floats(rule, 0, primal, (at, by))) if of_x else 0.0
                    if of_y:
                        tangent += term(s, on_floats(rule, 1, primal, (at, by)))
                    return cls.make(primal, float(tangent), x.level if of_x else y.level)
        return otherwise(x, y)

    return function


class Ways(dict[np.ufunc, Function]):
    """What ufuncs do with duals, each made when it is first met."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls

    def kept(self, ufunc: np.ufunc, function: Function) -> Function:
        """The function that is made of a rule. SciPy's rules are loaded when one is first asked for, and then there is another."""
        if ufunc in TABLE:
            self[ufunc] = function
        return function


class OfOne(Ways):
    """What the ufuncs of one input do with a dual of anything but doubles, each made from its rule when it is first met."""

    def __missing__(self, ufunc: np.ufunc) -> Function:
        cls, rule = self.cls, TABLE.get(ufunc)

        def general(x: Any) -> Any:
            return Operand.__array_ufunc__(x, ufunc, "__call__", x)

        if type(rule) is not Elementwise or not rule.single:
            return self.kept(ufunc, general)

        single: dict[type, Function | None] = {}  # the same for each type of numbers that has been met

        def otherwise(x: Any) -> Any:
            result = None
            if type(x.tangent) is type(x.primal):
                kind = type(x.primal)
                if kind not in single:
                    single[kind] = of_one_single(cls, rule, x.primal)
                way = single[kind]
                result = None if way is None else way(x)
            elif type(x.primal) is cls and type(x.primal.primal) is np.ndarray:
                result = nested_function(cls, rule, ufunc, x)
            if result is None:
                result = lift_at_once(cls, x.level, rule, ufunc, (x,))
            return general(x) if result is None else result

        return self.kept(ufunc, of_one(cls, rule, ufunc, otherwise))


class OfOneArray(Ways):
    """What they do with a dual array; ``others`` do the rest."""

    def __init__(self, cls: Any, others: OfOne) -> None:
        super().__init__(cls)
        self.others = others

    def __missing__(self, ufunc: np.ufunc) -> Function:
        rule, otherwise = TABLE.get(ufunc), self.others[ufunc]
        if type(rule) is not Elementwise or not rule.single:
            return otherwise
        return self.kept(ufunc, of_one_array(self.cls, rule, otherwise))


class OfTwo(Ways):
    """What the ufuncs of two inputs do where one or both are duals."""

    def __missing__(self, ufunc: np.ufunc) -> Function:
        cls, rule, quick = self.cls, TABLE.get(ufunc), OPERATORS.get(ufunc)

        def general(x: Any, y: Any) -> Any:
            return Operand.__array_ufunc__(x if isinstance(x, Operand) else y, ufunc, "__call__", x, y)

        def multiply(x: Any, y: Any) -> Any:
            result = product(cls, ufunc, (x, y), {})
            return general(x, y) if result is None else result

        if type(rule) is not Elementwise or not rule.single:
            return self.kept(ufunc, multiply if ufunc is np.matmul else general)

        def otherwise(x: Any, y: Any) -> Any:
            left, right = type(x) is cls, type(y) is cls
            if not left and not right:
                return general(x, y)
            result = None if at_once is None else at_once(x, y)
            if result is None or (type(result.primal) is float and not isfinite(result.primal)):  # a ufunc warns
                level = max(x.level, y.level) if left and right else x.level if left else y.level
                result = lift_at_once(cls, level, rule, ufunc, (x, y))
            return general(x, y) if result is None else result

        at_once = None if quick is None else of_two_parts(cls, rule, ufunc, of_two_arrays(cls, rule, declined))
        by_rule = of_two(cls, rule, ufunc, otherwise)

        def function(x: Any, y: Any) -> Any:
            if type(x) is float64 and type(y) is cls and _holds_doubles(y):
                x = float(x)
            elif type(y) is float64 and type(x) is cls and _holds_doubles(x):
                y = float(y)
            if quick is None:
                return by_rule(x, y)
            if (type(x) is float or (type(x) is cls and type(x.primal) is float)) and (
                    type(y) is float or (type(y) is cls and type(y.primal) is float)) and is_silent(quick, y):
                result = quick(x, y)
                if type(result.primal) is float and isfinite(result.primal):  # NumPy has not warned
                    return result
            return otherwise(x, y)

        return self.kept(ufunc, function)


def _holds_doubles(x: Any) -> bool:
    """Whether a NumPy double beside ``x`` is the same as a float."""
    return type(x.primal) is float or getattr(x.primal, "dtype", None) is DOUBLE
