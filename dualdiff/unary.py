"""Functions of one dual number, specialised for floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import float64

from dualdiff.array_lanes import function_at_once
from dualdiff.construction import empty
from dualdiff.lanes import lift_at_once
from dualdiff.numbers import floats, on_floats
from dualdiff.operand import Operand
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.strong import term
from dualdiff.tangents import Tangents

Function = Callable[[Any], Any]


def through_rule(cls: type, rule: Elementwise, compute: Callable[[float], Any], otherwise: Function) -> Function:
    """``compute`` on a float, and by its rule on a dual of floats; ``otherwise`` on everything else."""
    new, partial, from_output = empty(cls), rule.partials[0], rule.from_output

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
                except (ArithmeticError, ValueError, AttributeError, TypeError):  # the end of a domain, or a constant partial
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
        return otherwise(x)

    return function


class Unary(dict[np.ufunc, Function]):
    """What the ufuncs of one input do with a dual, each made from its rule when it is first met."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls

    def __missing__(self, ufunc: np.ufunc) -> Function:
        def general(x: Any) -> Any:
            return Operand.__array_ufunc__(x, ufunc, "__call__", x)

        rule = TABLE.get(ufunc)
        if type(rule) is not Elementwise or not rule.single:
            return general
        row = rule

        def otherwise(x: Any) -> Any:
            result = function_at_once(self.cls, row, ufunc, x) if type(x.primal) is np.ndarray else None
            if result is None:
                result = lift_at_once(self.cls, x.level, row, ufunc, (x,))
            return general(x) if result is None else result

        self[ufunc] = function = through_rule(self.cls, row, ufunc, otherwise)
        return function
