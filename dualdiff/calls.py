"""The call of a function that has an operand among its arguments: find its rule, and hand it to the highest operand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.arguments import AbstractOperand, highest, is_rounded, lowered, mapped, operands, packed, stripped, without_memory
from dualdiff.errors import NotDifferentiableError, tangent_lost
from dualdiff.memory import is_view
from dualdiff.numbers import base, function_for, in_doubles, plain
from dualdiff.quiet import quietly
from dualdiff.rules.table import TABLE, Bilinear, Composite, Elementwise, Linear, LocallyConstant, Refused, Rule, find, name_of

Function = Callable[..., Any]
NOTHING: dict[str, Any] = {}
WIDER: dict[Any, Any] = {np.dtype(np.float16): float, np.dtype(np.float32): float, np.dtype(np.complex64): complex}


def call(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any] = NOTHING, compute: Function | None = None) -> Any:
    """``function(*args, **kwargs)`` by its rule, some operand being among the arguments.

    ``compute`` is what the user wrote, where that is not ``function`` itself: an operator, or a function of ``math``. It
    computes the primal, so that values are what they would be without dualdiff.
    """
    rule = find(function)
    if type(rule) is Elementwise and not kwargs and rule.if_complex is None and (top := _highest_at_once(args)) is not None:
        return top.lift(top.level, rule, compute or function, args, kwargs)
    if not isinstance(rule, Elementwise):
        args, kwargs = without_memory(function, args, kwargs)
    if kwargs.get("out") is not None:
        return _call_into(function, args, kwargs)
    if isinstance(rule, LocallyConstant):
        return primal_of_call(compute or function, stripped(args), stripped(kwargs), rule)
    if isinstance(rule, Refused):
        raise NotDifferentiableError(f"{rule.name} cannot be differentiated: {rule.reason}")
    args = packed(args, lists=isinstance(rule, Elementwise))
    if isinstance(rule, (Elementwise, Linear, Bilinear)):
        args = widened(args)
    if kwargs:
        kwargs = dict(zip(kwargs, packed(tuple(kwargs.values()))))
    top = highest(args, kwargs)
    if top is None:
        return function(*args, **kwargs)
    if isinstance(rule, Composite):
        if rule.mutates:
            return rule.recipe(*args, **kwargs)
        return _with_primals(quietly(rule.recipe, *args, **kwargs), top, compute or function, args, kwargs)
    if isinstance(rule, Elementwise) and rule.if_complex is not None and np.iscomplexobj(base(top)):
        return _with_primals(quietly(rule.if_complex, *args), top, compute or function, args, kwargs)
    return top.lift(top.level, rule, compute or function, args, kwargs)


def _highest_at_once(args: tuple[Any, ...]) -> AbstractOperand | None:
    """The highest operand among plain numbers, arrays and operands: the common case. None where there is anything else."""
    top = None
    for x in args:
        kind = type(x)
        if isinstance(x, AbstractOperand):
            if type(x.primal) is not float and getattr(base(x), "dtype", None) in WIDER:
                return None
            if top is None or x.level > top.level:
                top = x
        elif kind is np.ndarray:
            if x.dtype.kind == "O" or x.dtype in WIDER:
                return None
        elif kind is not float and kind is not int and kind is not np.float64:
            return None
    return top


def widened(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of fewer digits than a double as doubles, where they meet a single number that is one.

    Operands hold single doubles as Python floats, which NumPy would take to have no more digits than the arrays beside them; but
    an entry of an array, or what a ufunc has made of a number, is a double.
    """
    if not _has_single_doubles(args):
        return args
    return tuple([list(map(_wider, x)) if type(x) is list or type(x) is tuple else _wider(x) for x in args])


def _has_single_doubles(args: Any) -> bool:
    return any(type(base(x)) is float for x in operands(args))


def _wider(x: Any) -> Any:
    return x.astype(WIDER[x.dtype]) if getattr(x, "dtype", None) in WIDER else x


def primal_of_call(function: Function, primals: tuple[Any, ...], kwargs: dict[str, Any], rule: Rule) -> Any:
    """The primal, by what the user called: a ufunc, an operator, or a function of ``math``.

    Python's operators raise on floats where NumPy answers inf or nan (1.0 / 0.0), or turn complex ((−8.0) ** 0.5); duals follow
    NumPy there.
    """
    if isinstance(function, np.ufunc):
        return function_for(function, *primals)(*primals, **kwargs)
    if function == rule.function or getattr(function, "__module__", "") in ("math", "dualdiff.math"):
        return evaluated(function, primals, kwargs)
    try:
        out = function(*primals)
    except (ZeroDivisionError, OverflowError):
        if not all(type(x) in (float, int) for x in primals):
            raise
        out = rule.function(*map(np.float64, primals))
    if type(out) is complex and not any(isinstance(x, (complex, np.complexfloating)) for x in primals):
        out = rule.function(*map(np.float64, primals))
    return out


def as_precise(primals: tuple[Any, ...], out: Any, rule: Elementwise) -> tuple[Any, ...]:
    """The inputs in the precision of the output: 1 / y in the float32 of y, or the log of an int8, would lack digits."""
    held = out if type(out) is np.ndarray else base(out)
    dtype = np.dtype(float) if type(held) is float else getattr(held, "dtype", None)
    if dtype is None or dtype.kind not in "fc":
        return primals
    real = np.finfo(dtype).dtype if dtype.kind == "c" else dtype
    for i, x in enumerate(primals):
        given = x.dtype if type(x) is np.ndarray else getattr(base(x), "dtype", None)
        if given is not None and given is not dtype and rule.partials[i] is not None:
            size = given.itemsize / 2 if given.kind == "c" else given.itemsize
            if given.kind in "iu" or (given.kind in "fc" and size < real.itemsize):
                primals = (*primals[:i], plain(x.astype(dtype if given.kind == "c" else real)), *primals[i + 1:])
    return primals


def evaluated(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``function(*args, **kwargs)``; by its rule where operands of a lower level are left in arguments that NumPy ignores."""
    if highest(args, kwargs) is None or function not in TABLE:
        return function(*args, **kwargs)
    return call(function, args, kwargs)


def _call_into(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``out=``: compute, then assign; an out that cannot hold tangents is refused."""
    kwargs = dict(kwargs)
    outs = kwargs.pop("out")
    if isinstance(outs, tuple) and all(out is None for out in outs):
        return call(function, args, kwargs)
    where = kwargs.get("where", True)
    if isinstance(function, np.ufunc) and where is not True:
        kwargs["out"] = None  # or NumPy would warn that nothing says what is elsewhere
    results = call(function, args, kwargs)
    single = not isinstance(results, tuple)
    pairs = list(zip(outs if isinstance(outs, tuple) else (outs,), (results,) if single else results))
    for out, result in pairs:
        if not (out is None or isinstance(out, (AbstractOperand, np.ndarray))):
            raise TypeError(f"out= of {name_of(function)} is to be an array, not a {type(out).__name__}")
        if isinstance(result, AbstractOperand) and not (out is None or isinstance(out, AbstractOperand) or out.dtype.kind == "O"):
            raise tangent_lost(f"{name_of(function)} into a plain array", "make the array with np.zeros_like(x), "
                               "np.zeros(shape, like=x) or np.array(u, like=x), or write u = u + v instead of u += v or out=u")
    if not all(out is None or _is_made_for(out, result) for out, result in pairs):
        scratch = stripped(outs)
        scratch = tuple([part if part is None else part.copy() for part in scratch]) if isinstance(outs, tuple) else scratch.copy()
        with np.errstate(all="ignore"):
            function(*stripped(args), **{**stripped(kwargs), "out": scratch})  # NumPy refuses what it would have refused
    stored = []
    for out, result in pairs:
        if out is None:
            stored.append(result)
            continue
        if where is True or not isinstance(function, np.ufunc):  # a reduction's where= has done its work already
            out[...] = result
        else:
            where = np.broadcast_to(stripped(where), np.shape(out))
            out[where] = np.broadcast_to(result, np.shape(out))[where]
        stored.append(out)
    return stored[0] if single else tuple(stored)


def _is_made_for(out: Any, result: Any) -> bool:
    """Whether a result fits ``out`` exactly; of anything else NumPy has rules of its own, which differ with the function."""
    out, result = base(out), np.asarray(base(result))
    return (out.shape == result.shape and out.dtype == result.dtype) or "O" in (out.dtype.kind, result.dtype.kind)


def _with_primals(result: Any, top: AbstractOperand, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A composite's result with its primals replaced by what ``function`` computes from the primals of the top level."""
    level = top.level
    below, keywords = lowered(args, level), lowered(kwargs, level)
    if _has_single_doubles((args, kwargs)) and any(getattr(base(x), "dtype", None) in WIDER for x in below):
        below, keywords = (mapped(value, lambda x: in_doubles(x.primal) if x.level == level else x) for value in (args, kwargs))
    value = evaluated(function, below, keywords)
    given = [x for x in args if isinstance(x, AbstractOperand)]
    if len(given) < len(args) or kwargs:  # perhaps there are some in lists and keywords
        given = list(operands((args, kwargs)))
    return _replaced(result, value, top, given)


def _replaced(result: Any, value: Any, top: AbstractOperand, given: list[AbstractOperand]) -> Any:
    if isinstance(result, (list, tuple)):
        parts = [_replaced(r, v, top, given) for r, v in zip(result, value)]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(result, AbstractOperand) and result.level == top.level and not is_rounded(value, top):
        return with_primal(result, value, given)
    return value


def with_primal(result: Any, value: Any, given: Sequence[AbstractOperand]) -> Any:
    """A recipe's result with the primal ``value``: a view of one of the ``given`` operands if, and only if, NumPy's is one."""
    window = base(value)
    if not isinstance(window, np.ndarray):
        return result if any(result is x for x in given) else result.replace_primal(plain(value))
    held = base(result)
    for x in given:
        whole = base(x)
        if isinstance(whole, np.ndarray) and is_view(window, whole):
            if not shows(held, whole):
                raise NotDifferentiableError(f"NumPy's result of shape {window.shape} is a view of an argument, which it would "
                                             f"have to be of the dual array as well; copy the argument first")
            return result if any(result is x for x in given) else result.replace_primal(value)
    if any(shows(held, base(x)) for x in given):
        result = np.copy(result, order="K")
    return result.replace_primal(value)


def shows(window: Any, whole: Any) -> bool:
    """Whether one array shows the memory of another, or is it."""
    return isinstance(window, np.ndarray) and isinstance(whole, np.ndarray) and is_view(window, whole)
