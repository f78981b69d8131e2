"""The axes that a reduction goes over: as one axis in front while it works, and put back afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.creation import stacked
from dualdiff.rules.shapes import normalized


def reduced(axis: Any, ndim: int) -> tuple[int, ...]:
    """``axis=`` of a reduction as a tuple of non-negative axes. A 0-d array takes axis 0 and −1, as in NumPy."""
    if axis is None:
        return tuple(range(ndim))
    return normalized(axis, ndim) if ndim or axis == () else ()


def lines(a: Any, axis: Any) -> Any:
    """``a`` with the reduced axes as one in front: shape (n, *others)."""
    a = stacked(a)
    shape = np.shape(a)
    over = reduced(axis, len(shape))
    if over == (0,):
        return a
    others = tuple(i for i in range(len(shape)) if i not in over)
    n = int(np.prod([shape[i] for i in over], dtype=int))
    return np.reshape(np.transpose(a, over + others), (n, *(shape[i] for i in others)))


def back(result: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    """What a reduction of ``a`` gave, with its reduced axes kept (length 1) if so asked. Axes in front of it stay there."""
    if not is_set(keepdims):
        return result
    shape = np.shape(a)
    over = reduced(axis, len(shape))
    kept = tuple(1 if i in over else n for i, n in enumerate(shape))
    front = np.ndim(result) - (len(shape) - len(over))
    return np.reshape(result, np.shape(result)[:front] + kept)


def masked(rows: Any, where: Any, a: Any, axis: Any, otherwise: Any) -> Any:
    """The lines of ``a`` with ``otherwise`` for entries that ``where=`` leaves out."""
    if where is True or where is np._NoValue:
        return rows
    return np.where(lines(np.broadcast_to(where, np.shape(a)), axis), rows, otherwise)


def picked(rows: Any, index: Any) -> Any:
    """From each line the entry at ``index``, of shape (*several, *others): ``rows[index[..., k], k]``."""
    others = [np.arange(n) for n in np.shape(rows)[1:]]
    return rows[(index, *np.ix_(*others))]


def cast(a: Any, dtype: Any) -> Any:
    """``a`` in the wider of its own type and ``dtype``; a narrower one is given to the result, with its primal."""
    return a if dtype is None or dtype is np._NoValue else a * np.ones((), dtype)[()]


def is_given(value: Any) -> bool:
    """Whether an optional argument was given."""
    return value is not None and value is not np._NoValue


def is_set(flag: Any) -> bool:
    """Whether an optional flag (``keepdims``) was given and is true."""
    return bool(flag) and flag is not np._NoValue
