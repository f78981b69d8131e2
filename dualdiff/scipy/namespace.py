"""What makes a namespace: functions that call SciPy's own on plain arguments, and go by their rules on operands."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.arguments import highest
from dualdiff.calls import call
from dualdiff.errors import NotDifferentiableError

Function = Callable[..., Any]


def following(function: Function) -> Any:
    """A function of SciPy's that goes by its rule where an operand is among its arguments."""
    @functools.wraps(function)
    def dispatched(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs) if highest(args, kwargs) is None else call(function, args, kwargs)

    return dispatched


def rest_of(module: types.ModuleType, namespace: str) -> Function:
    """A module's ``__getattr__``: all that has no rule here is SciPy's own."""
    def __getattr__(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {namespace!r} has no attribute {name!r}")
        return getattr(module, name)

    return __getattr__


def only(function: str, **options: Any) -> None:
    """Refuse options under which no derivative is known: each is given as (value, what the rule covers)."""
    for name, (value, covered) in options.items():
        if not any(value is x or (isinstance(x, str) and value == x) for x in covered):
            raise NotDifferentiableError(f"scipy.{function} with {name}={value!r} has no rule in dualdiff; without it, it has one")


def expanded(out: Any, axis: Any, ndim: int, keepdims: bool) -> Any:
    """A reduction's result with its axes kept."""
    if keepdims:
        return out
    return np.reshape(out, (1,) * ndim) if axis is None else np.expand_dims(out, axis)
