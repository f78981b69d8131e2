"""Joining arrays: linear in all of them together. Parts that are not operands join in with zero tangents."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.shapes import along, normalized
from dualdiff.rules.table import composite, linear

linear(np.concatenate,    arrays=0)
linear(np.stack,          arrays=0)
linear(np.vstack,         tup=0)
linear(np.hstack,         tup=0)
linear(np.dstack,         tup=0)
linear(np.column_stack,   tup=0)
linear(np.block,          arrays=0)


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate((arr, values), axis)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Both arrays in one, gathered in the order in which ``np.insert`` puts their positions."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    (axis,) = normalized(axis, np.ndim(arr))
    shape = list(np.shape(arr))
    values = np.reshape(values, (1,) * (len(shape) - np.ndim(values)) + np.shape(values))
    if np.ndim(obj) == 0 and not isinstance(obj, slice):  # a[:, 0, :] = … broadcasts otherwise than a[:, [0], :] = …
        values = np.moveaxis(values, 0, axis)
    count = np.size(np.insert(np.zeros(shape[axis]), obj, 0)) - shape[axis]
    shape[axis] = np.shape(values)[axis] if count == 1 else count
    values = np.broadcast_to(values, shape)
    old = np.arange(np.shape(arr)[axis])
    order = np.insert(old, obj, len(old) + np.arange(shape[axis]))
    return np.concatenate((arr, values), axis)[along(axis, order)]


composite(np.append,      append)
composite(np.insert,      insert)
