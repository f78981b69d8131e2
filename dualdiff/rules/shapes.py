"""Rearranging: functions that move entries without changing them, all of them linear.

Three of them (indexing, reshape, transpose) are what the views are made of; the others are written with these, so that a view
of an operand is a view of its tangent as well.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from dualdiff.rules.table import composite, linear

linear(operator.getitem,  a=0)
linear(np.reshape,        a=0)
linear(np.transpose,      a=0)
linear(np.broadcast_to,   array=0)
linear(np.copy,           a=0)

linear(np.concatenate,    arrays=0)
linear(np.stack,          arrays=0)
linear(np.vstack,         tup=0)
linear(np.hstack,         tup=0)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """One axis or several as a tuple of non-negative ones."""
    return tuple(np.lib.array_utils.normalize_axis_tuple(axis, ndim))


def ravel(a: Any, order: str = "C") -> Any:
    return np.reshape(a, -1, order)


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    (i,), (j,) = _axes(axis1, np.ndim(a)), _axes(axis2, np.ndim(a))
    axes = list(range(np.ndim(a)))
    axes[i], axes[j] = j, i
    return np.transpose(a, axes)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    sources, destinations = _axes(source, np.ndim(a)), _axes(destination, np.ndim(a))
    axes = [n for n in range(np.ndim(a)) if n not in sources]
    for to, come_from in sorted(zip(destinations, sources)):
        axes.insert(to, come_from)
    return np.transpose(a, axes)


def expand_dims(a: Any, axis: Any) -> Any:
    ndim = np.ndim(a) + len(axis if isinstance(axis, (tuple, list)) else (axis,))
    new, old = _axes(axis, ndim), iter(np.shape(a))
    return np.reshape(a, tuple(1 if n in new else next(old) for n in range(ndim)))


def squeeze(a: Any, axis: Any = None) -> Any:
    shape = np.shape(a)
    gone = [n for n, length in enumerate(shape) if length == 1] if axis is None else _axes(axis, len(shape))
    return np.reshape(a, tuple(length for n, length in enumerate(shape) if n not in gone))


composite(np.ravel,       ravel)
composite(np.swapaxes,    swapaxes)
composite(np.moveaxis,    moveaxis)
composite(np.expand_dims, expand_dims)
composite(np.squeeze,     squeeze)
