"""The short ways of sums and means of an array of doubles."""

from __future__ import annotations

from collections.abc import Callable
from operator import truediv
from typing import Any

import numpy as np

from dualdiff.lanes.parts import PLAIN, Way, from_the_end, made
from dualdiff.memory import DOUBLE, ZERO
from dualdiff.quiet import quietly
from dualdiff.tangents import Tangents

add_up: Callable[..., Any] = np.add.reduce  # what np.sum calls, after a µs of looking at its arguments


def total_at_once(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A sum or a mean, over all axes or some: that of the tangent by the ufunc alone, and the value's too where NumPy does so."""
    if not args or type(args[0]) is not cls or len(args) > 2 or (kwargs and not kwargs.keys() <= PLAIN):
        return None
    x, is_sum = args[0], function is np.sum
    at, t = x.primal, x.tangent
    if type(at) is not np.ndarray or at.dtype is not DOUBLE or not at.ndim or not at.size:
        return None
    if is_sum and len(args) == 1 and not kwargs and type(t) is np.ndarray and t.base is not ZERO:
        return cls.make(float(add_up(at, None)), float(quietly(add_up, t, None)), x.level)
    rows, width = None, 0
    if type(t) is Tangents:
        width = len(t)
        t, rows = t.parts()
    axis: Any = args[1] if len(args) == 2 else kwargs.get("axis")
    keepdims: Any = kwargs.get("keepdims", False)
    axes = from_the_end(axis, at.ndim)
    if type(t) is not np.ndarray or t.base is ZERO or t.dtype is not DOUBLE or type(keepdims) is not bool or axes is None:
        return None
    out = add_up(at, axis, keepdims=keepdims) if is_sum else function(at, *args[1:], **kwargs)
    pushed = quietly(add_up, t, axes if width else axis, keepdims=keepdims)  # over all axes at once it adds in another order
    if not is_sum:
        pushed = quietly(truediv, pushed, at.size // np.size(out))
    if width:
        return cls.make(out if type(out) is np.ndarray else float(out), Tangents(pushed, rows, width), x.level)
    return made(cls, out, pushed, x.level, False)


WAYS: dict[Callable[..., Any], Way] = {np.sum: total_at_once, np.mean: total_at_once}
