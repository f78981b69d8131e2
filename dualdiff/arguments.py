"""Operands among the arguments of a call, which may stand in lists, tuples, dicts and object arrays."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import argument, has_argument, with_argument
from dualdiff.structures import sequence_like


class AbstractOperand:
    """What travels through a user's code: it has a primal, and belongs to a level. `dualdiff.operand` gives it its abilities."""

    __slots__ = ()

    primal: Any
    level: int

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of a differentiable function whose highest operands are of this class and ``level``."""
        raise NotImplementedError

    def replace_primal(self, value: Any) -> Any:
        """This operand with the primal that the user's own function computed."""
        raise NotImplementedError

    def has_nan(self) -> bool:
        raise NotImplementedError


def operands(value: Any) -> Iterator[AbstractOperand]:
    """The operands in an argument."""
    if isinstance(value, AbstractOperand):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from operands(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from operands(item)
    elif isinstance(value, np.ndarray) and value.dtype == object:
        for item in value.flat:
            yield from operands(item)


def highest(*values: Any) -> AbstractOperand | None:
    """The operand of the highest level, or None."""
    top = None
    for value in values:
        if isinstance(value, AbstractOperand):
            if top is None or value.level > top.level:
                top = value
        elif isinstance(value, (tuple, list)):
            inner = highest(*value)
            if inner is not None and (top is None or inner.level > top.level):
                top = inner
        elif (isinstance(value, dict) and value) or (type(value) is np.ndarray and value.dtype.kind == "O"):
            inner = highest(*operands(value))
            if inner is not None and (top is None or inner.level > top.level):
                top = inner
    return top


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """``value`` with every operand, also inside lists, tuples and dicts, changed."""
    if isinstance(value, AbstractOperand):
        return change(value)
    if isinstance(value, (list, tuple)):
        return sequence_like(value, [mapped(item, change) for item in value])
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    one = as_one(value)
    return value if one is value else change(one)


def as_one(value: Any) -> Any:
    """An object array in which there are operands as a single array operand; anything else as it stands."""
    if isinstance(value, np.ndarray) and value.dtype == object and highest(value) is not None:
        return stacked(value)
    return value


def stripped(value: Any) -> Any:
    """The plain values: every operand's innermost primal."""
    return mapped(value, base)


def lowered(value: Any, level: int) -> Any:
    """Operands of ``level`` by their primals, those of lower levels as they are."""
    return mapped(value, lambda x: x.primal if x.level == level else x)


def packed(args: tuple[Any, ...], lists: bool = False) -> tuple[Any, ...]:
    """The arguments with each object array of operands made into one array operand; with ``lists`` each list into an array."""
    for i, arg in enumerate(args):
        kind = type(arg)
        if (kind is list or kind is tuple or (kind is np.ndarray and arg.dtype.kind == "O")) and highest(arg) is not None:
            new = stacked(arg) if lists or kind is np.ndarray else mapped(arg, lambda operand: operand)
            args = (*args[:i], new, *args[i + 1:])
        elif lists and (kind is list or kind is tuple):
            args = (*args[:i], np.asarray(arg), *args[i + 1:])
        elif isinstance(arg, np.ndarray) and kind.__mul__ is not np.ndarray.__mul__:
            raise TypeError(f"a {kind.__name__} has arithmetic of its own, which tangents would not follow; convert it with "
                            f"np.asarray(...) first (what a masked array hides, with .filled(...))")
    return args


def split_arguments(rule: Any, level: int, args: tuple[Any, ...], kwargs: dict[str, Any],
                    part: Callable[[Any], Any]) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
    """Arguments of an array rule → (primals of the positional ones, of the keywords, name → tangent of the active ones).

    ``part`` takes an operand of ``level`` to its tangent. In a nested list constants get zeros. An operand in an argument that
    the rule does not name is refused.
    """
    tangents = {}
    named = {**rule.positions, **rule.constant}
    for name, position in rule.positions.items():
        if has_argument(args, kwargs, name, position):
            value = argument(args, kwargs, name, position)
            if any(x.level == level for x in operands(value)):
                tangents[name] = _parts(value, level, part)
                args, kwargs = with_argument(args, kwargs, name, position, lowered(value, level))
    for name, position in rule.constant.items():
        if has_argument(args, kwargs, name, position):
            args, kwargs = with_argument(args, kwargs, name, position, stripped(argument(args, kwargs, name, position)))
    for name, value in [*enumerate(args), *kwargs.items()]:
        if name not in named and name not in named.values() and highest(value) is not None:
            which = f"argument {name + 1}" if isinstance(name, int) else f"its argument {name!r}"
            raise NotDifferentiableError(f"{rule.name} has no rule for a derivative in {which}; pass a plain value "
                                         f"(x.primal) there if it is meant to be constant")
    return args, kwargs, tangents


def _parts(value: Any, level: int, part: Callable[[Any], Any]) -> Any:
    if isinstance(value, AbstractOperand):
        return part(value) if value.level == level else zeros_like(value)
    if isinstance(value, (list, tuple)):
        return [_parts(item, level, part) for item in value]
    return zeros_like(value)


def zeros_like(value: Any) -> Any:
    """The tangent of a constant: zeros of its shape, in floating point."""
    plain_value = np.asarray(base(value))
    if plain_value.ndim == 0:
        return 0.0
    return np.zeros(plain_value.shape, plain_value.dtype if plain_value.dtype.kind in "fc" else float)


# ---- what a call writes into, and what it rounds -------------------------------------------------------------------------

@functools.cache
def _positions_of_memory(function: Callable[..., Any]) -> tuple[tuple[str, int], ...]:
    """Where a function takes ``out`` by position, and the permission to use its input as scratch memory."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # compiled functions before NumPy 2.3
        return (("out", 2),) if function in (np.dot, np.concatenate) else ()
    return tuple((p.name, i) for i, p in enumerate(parameters)
                 if p.name in ("out", "overwrite_input") and p.kind is not p.KEYWORD_ONLY)


def without_memory(function: Callable[..., Any], args: tuple[Any, ...],
                   kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call with ``out`` by keyword, and without the permission to overwrite its input: tangents would be left behind."""
    for name, position in _positions_of_memory(function):
        if position < len(args):
            if name == "out" and args[position] is not None:
                kwargs = {**kwargs, "out": args[position]}
            args = (*args[:position], False if name == "overwrite_input" else None, *args[position + 1:])
    return args, {**kwargs, "overwrite_input": False} if "overwrite_input" in kwargs else kwargs


def is_rounded(out: Any, *values: Any) -> bool:
    """Whether a result has an integer type, as asked for with ``dtype=``, though the operand has not: it is locally constant."""
    dtype = getattr(out, "dtype", None)
    return dtype is not None and dtype.kind in "iub" and np.asarray(base(highest(values))).dtype.kind in "fc"
