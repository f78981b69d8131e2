"""What the short ways of array functions take their arguments apart with, and put their results together with.

A tangent is an array here. It has the primal's shape, or for a chunk one axis more, in front; axes are counted from the end, so
that they mean the same in both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import isfinite
from typing import Any

import numpy as np

from dualdiff.calls import call
from dualdiff.memory import DOUBLE
from dualdiff.quiet import quietly
from dualdiff.strong import ALONE
from dualdiff.tangents import Tangents

Way = Callable[[Any, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""What is done with a call: from the class of duals, the function and its arguments. None where something is otherwise."""

SMALLEST, LARGEST = 1e-280, 1e280  # between them a number has all its digits, and so has its product with what is near 1
PLAIN = frozenset(("axis", "keepdims"))  # the settings that all reductions have
PIECE = 8192  # entries of an inner product at a time: less than `ALONE`


def array_tangent(x: Any) -> Any:
    """The tangent of a dual on an array of doubles. None for any other."""
    primal, tangent = x.primal, x.tangent
    if type(primal) is not np.ndarray or primal.dtype is not DOUBLE or not primal.size or not primal.ndim:
        return None
    if type(tangent) is Tangents:
        tangent = tangent.block
    return tangent if type(tangent) is np.ndarray and tangent.dtype is DOUBLE else None


def is_doubles(x: Any) -> bool:
    """Whether a constant is an array of doubles."""
    return type(x) is np.ndarray and x.dtype is DOUBLE and x.ndim > 0 and x.size > 0


def made(cls: Any, out: Any, tangent: Any, level: int, chunked: bool) -> Any:
    """A dual of a value and its tangent, each an array or a number."""
    if chunked:
        tangent = Tangents(tangent)
    elif type(out) is not np.ndarray:
        tangent = float(tangent)
    return cls.make(out if type(out) is np.ndarray else float(out), tangent, level)


def handed_on(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
    """The general path with a value that has been computed, and has given its warnings."""
    return quietly(call, function, args, kwargs, lambda *_, **__: out)


def is_finite(tangent: Any) -> bool:
    """Whether there is neither nan nor infinity, which may come from 0 × inf. To be called quietly."""
    if type(tangent) is not np.ndarray:
        return isfinite(tangent)
    return isfinite(np.add.reduce(tangent, None)) or bool(np.isfinite(tangent).all())


def between(low: Any, values: Any, high: Any) -> bool:
    """Whether all of the values are; a nan is not."""
    if type(values) is not np.ndarray:
        return bool(low <= values <= high)
    return bool(low <= np.minimum.reduce(values, None) and np.maximum.reduce(values, None) <= high)


def from_the_end(axis: Any, ndim: int) -> tuple[int, ...] | None:
    """``axis=`` as negative axes; None where NumPy has to see to it."""
    if axis is None:
        return tuple(range(-ndim, 0))
    axes = axis if type(axis) is tuple else (axis,)
    for i in axes:
        if type(i) is not int or not -ndim <= i < ndim:
            return None
    axes = tuple([i - ndim if i >= 0 else i for i in axes])
    return axes if axes and len(set(axes)) == len(axes) else None


# ---- sums of products ----------------------------------------------------------------------------------------------------

def flattened(x: Any, t: Any) -> Any:
    """Views of an array and its tangent with one axis, and that of the directions. None where there are none alike."""
    if x.ndim == 1:
        return x, t
    if x.flags.c_contiguous and t.flags.c_contiguous:
        return x.reshape(-1), t.reshape(*t.shape[:t.ndim - x.ndim], -1)
    if x.flags.f_contiguous and t.flags.f_contiguous and t.ndim == x.ndim:
        return x.T.reshape(-1), t.T.reshape(-1)
    return None


def inner(x: Any, t: Any) -> Any:
    """Σ x·t over the last axis, piece by piece: longer vectors would wake the threads of BLAS."""
    n = x.shape[-1]
    if n <= ALONE:
        return x.dot(t) if x.ndim == t.ndim == 1 else np.vecdot(x, t)
    whole = n - n % PIECE
    pieces = np.vecdot(x[..., :whole].reshape(*x.shape[:-1], -1, PIECE), t[..., :whole].reshape(*t.shape[:-1], -1, PIECE))
    return np.add.reduce(pieces, -1) + np.vecdot(x[..., whole:], t[..., whole:])


def contracted(x: Any, t: Any, axes: tuple[int, ...]) -> Any:
    """Σ x·t over some axes, in one way through both and without an array of products."""
    if len(axes) == x.ndim:
        pair = flattened(x, t)
        if pair is not None:
            return inner(*pair)
    elif axes == (-1,) and x.strides[-1] == t.strides[-1] == 8:
        return inner(x, t)
    return np.einsum(_subscripts(x.ndim, t.ndim, axes), x, t)


@cache
def _subscripts(ndim: int, with_directions: int, axes: tuple[int, ...]) -> str:
    letters = [chr(ord("a") + i) for i in range(ndim)]
    kept = [letter for i, letter in enumerate(letters, -ndim) if i not in axes]
    lead = "z" if with_directions > ndim else ""
    return f"{''.join(letters)},{lead}{''.join(letters)}->{lead}{''.join(kept)}"


def kept(total: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """What was reduced from x, with the axes that were reduced."""
    shape = tuple([1 if i in axes else n for i, n in enumerate(x.shape, -x.ndim)])
    lead = np.ndim(total) - (x.ndim - len(axes))
    return np.reshape(total, (*np.shape(total)[:lead], *shape))
