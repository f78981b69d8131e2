"""The short ways of the common cases: elementwise functions of floats, arrays of floats and nested scalars; linear functions and
products of arrays, and those functions that have a way of their own in ``WAYS``; arrays of scalar duals.

What these decline (None), `Forward` does in general, for any operand, number type and mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.aliasing import match_view
from dualdiff.calls import primal_of_call
from dualdiff.forward import Forward
from dualdiff.lanes import contractions, interpolation, joining, reductions, sums
from dualdiff.lanes.chunks import row_in_chunks
from dualdiff.lanes.parts import Way
from dualdiff.memory import computed, is_zero, no_tangent
from dualdiff.numbers import float_operands, floats, plain
from dualdiff.partials import Active, summed, summed_on_arrays
from dualdiff.quiet import quietly
from dualdiff.rules.table import Bilinear, Elementwise, Linear, find, has_argument
from dualdiff.tangents import Tangents, may_be_shared

SETTINGS = frozenset((int, float, bool, str, type(None), type(np._NoValue)))
WAYS: dict[Callable[..., Any], Way] = {
    **sums.WAYS, **reductions.WAYS, **contractions.WAYS, **joining.WAYS, **interpolation.WAYS}


class ShortWays(Forward):
    """Forward mode that takes the short way first."""

    __slots__ = ()

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if type(rule) is Elementwise and not kwargs and rule.single:
            result = lift_at_once(cls, level, rule, compute, args)
        elif type(rule) is Linear and args:
            result = linear_at_once(cls, level, rule, compute, args, kwargs)
        elif type(rule) is Bilinear and not kwargs and len(args) == len(rule.positions):
            result = bilinear_at_once(cls, level, rule, compute, args)
        else:
            result = None
        if result is not None:
            return result
        return super().lift(level, rule, compute, args, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        way = WAYS.get(function)
        if way is not None:
            result = way(type(self), function, args, kwargs)
            if result is not None:
                return result
        if args and len(types) == 1 and type(args[0]) is type(self):
            rule = find(function)
            if type(rule) is Linear:
                result = linear_at_once(type(self), args[0].level, rule, function, args, kwargs)
                if result is not None:
                    return result
        return super().__array_function__(function, types, args, kwargs)

    def row(self, values: Any) -> Any:
        """An array of numbers, some of them duals."""
        return row_at_once(type(self), values)


def lift_at_once(cls: Any, level: int, rule: Elementwise, compute: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    """A function of floats, or of arrays of one floating-point type: the common cases. None where something is otherwise."""
    primals, active, array, nested, single = [], [], None, False, False
    for i, x in enumerate(inputs):
        kind = type(x)
        if kind is cls and x.level == level:
            active.append((i, x.tangent))
            x = x.primal
            kind = type(x)
            single = single or kind is float
        if kind is np.ndarray:
            if array is None:
                array = x
                if x.dtype.kind != "f":
                    return None
            elif x.dtype is not array.dtype:
                return None
            elif not array.ndim:
                array = x
        elif kind is cls and type(x.primal) is float:
            nested = True
        elif kind is not float and kind is not int:
            return None
        primals.append(x)
    at = tuple(primals)
    if nested:
        return _of_duals(cls, level, rule, compute, at, active) if array is None else None
    if array is None:
        return _of_floats(cls, level, rule, compute, at, active)
    if single and array.dtype.itemsize < 8:  # fewer digits than the number has
        return None
    if not array.ndim or not array.dtype.isnative:  # before the primal is computed: its warnings are to be given once
        return None
    out = computed(compute, at)
    if type(out) is not np.ndarray or out.dtype is not array.dtype:
        return cls._lift_elementwise(level, rule, lambda *_: out, inputs, {})
    for _, tangent in active:
        if is_zero(tangent):
            active = [(i, tangent) for i, tangent in active if not is_zero(tangent)]
            if not active:
                return cls.make(out, no_tangent(out), level)
            break
    if len(active) == 1 and rule.partials[active[0][0]] == 1:
        ((i, tangent),) = active
        if np.shape(at[i]) == out.shape and may_be_shared(inputs[i], tangent):
            return cls.make(out, tangent, level)
    total = summed_on_arrays(rule, out, at, active)
    if total is None:
        return cls._lift_elementwise(level, rule, lambda *_: out, inputs, {})
    return cls.make(out, total, level)


def row_at_once(cls: Any, values: Any) -> Any:
    """A vector of floats and scalar duals of one level. None where something is otherwise."""
    primals, tangents, level = [], [], None
    for x in values:
        if type(x) is float or type(x) is int:
            primals.append(x)
            tangents.append(0.0)
        elif type(x) is cls and type(x.primal) is float and type(x.tangent) is float and (level is None or x.level == level):
            primals.append(x.primal)
            tangents.append(x.tangent)
            level = x.level
        else:
            return row_in_chunks(cls, values, x.level) if type(x) is cls and type(x.tangent) is Tangents else None
    return cls.make(np.array(primals, float), np.array(tangents), level)


def linear_at_once(cls: Any, level: int, rule: Linear, compute: Callable[..., Any], args: tuple[Any, ...],
                   kwargs: dict[str, Any]) -> Any:
    """A linear function of one array of floats, its other arguments being plain settings. None where something is otherwise."""
    operand, *settings = args
    if type(operand) is not cls or compute is not rule.function:
        return None
    primal, tangent = operand.primal, operand.tangent
    if type(primal) is not np.ndarray or type(tangent) is not np.ndarray or primal.dtype.kind != "f":
        return None
    if settings or kwargs:
        _, *others = rule.positions.items()
        if others and any(has_argument(args, kwargs, name, position) for name, position in others):
            return None
        for setting in (*settings, *kwargs.values()) if kwargs else settings:
            if type(setting) not in SETTINGS and not (type(setting) is tuple and all(type(part) is int for part in setting)):
                return None
    if next(iter(rule.positions.values())):  # where, say, whose first argument is a condition
        return None
    out = compute(primal, *settings, **kwargs)
    if getattr(out, "dtype", None) is not primal.dtype:
        return cls._lift_arrays(level, rule, lambda *_: out, args, kwargs)
    if not is_zero(tangent):
        pushed = quietly(compute, tangent, *settings, **kwargs)
    else:
        pushed = no_tangent(out) if type(out) is np.ndarray else 0.0
    if type(out) is not np.ndarray:
        return cls.make(plain(out), plain(pushed), level)
    result = cls.make(out, pushed, level)
    if out is primal or out.base is not None or pushed.base is not None:
        match_view(operand, result)
    return result


def bilinear_at_once(cls: Any, level: int, rule: Bilinear, compute: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """A product of arrays of one floating-point type. None where something is otherwise."""
    primals, active, dtype = [], {}, None
    for name, position in rule.positions.items():
        x = args[position]
        if type(x) is cls and x.level == level:
            if type(x.tangent) is not np.ndarray:
                return None
            if not is_zero(x.tangent):
                active[name] = x.tangent
            x = x.primal
        if type(x) is not np.ndarray or (x.dtype is not dtype and dtype is not None) or x.dtype.kind != "f":
            return None
        dtype = x.dtype
        primals.append(x)
    out = plain(compute(*primals))
    if not active:
        return cls.make(out, no_tangent(out) if type(out) is np.ndarray else 0.0, level)
    return cls.make(out, plain(quietly(rule.push, out, tuple(primals), {}, active)), level)


def _of_floats(cls: Any, level: int, rule: Elementwise, compute: Callable[..., Any], primals: tuple[Any, ...],
               active: Active) -> Any:
    for _, tangent in active:
        if type(tangent) is not float and (type(tangent) is not Tangents or type(tangent.held) is not np.ndarray):
            return None
    out = compute(*primals) if isinstance(compute, np.ufunc) else primal_of_call(compute, primals, {}, rule)
    if type(out) is not float:
        out = plain(out)
        if type(out) is not float:
            return None
    return cls.make(out, plain(summed(rule, floats, out, primals, active)), level)


def _of_duals(cls: Any, level: int, rule: Elementwise, compute: Callable[..., Any], primals: tuple[Any, ...],
              active: Active) -> Any:
    for _, tangent in active:
        if type(tangent) is not cls and type(tangent) is not float:
            return None
    out = compute(*primals)
    try:
        total = quietly(summed, rule, float_operands, out, primals, active)
    except (ArithmeticError, ValueError, TypeError):  # the end of a domain
        total = quietly(summed, rule, np, out, primals, active)
    return cls.make(out, total, level)
