"""Functions that write into their first argument. They are assignments, so tangents go where the primals go."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.errors import tangent_lost
from dualdiff.numbers import base, is_operand
from dualdiff.rules.creation import stacked
from dualdiff.rules.shapes import normalized
from dualdiff.rules.table import in_place


def _assign(function: str, array: Any, index: Any, values: Any) -> None:
    if isinstance(array, np.ndarray) and array.dtype != object:
        raise tangent_lost(f"np.{function} into a plain array",
                           "make the array with np.zeros_like(x) or np.zeros(shape, like=x), where x is the dual number")
    array[index] = values


def _assign_flat(function: str, array: Any, positions: Any, values: Any) -> None:
    _assign(function, array, np.unravel_index(positions, np.shape(array)), values)


def cycled(values: Any, which: Any) -> Any:
    """The entries ``which`` of ``values`` repeated without end."""
    values = np.ravel(values)
    return values[which % np.size(values)]


def put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    positions = np.ravel(np.take(np.arange(np.size(a)), ind, mode=mode))
    if positions.size:
        _assign_flat("put", a, positions, cycled(v, np.arange(positions.size)))


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None = -1) -> None:
    if axis is None:
        if np.ndim(indices) != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        return _assign_flat("put_along_axis", arr, np.arange(np.size(arr))[indices], values)
    (axis,) = normalized(axis, np.ndim(arr))
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in np.shape(arr))])
    grid[axis] = indices
    return _assign("put_along_axis", arr, tuple(grid), values)


def place(arr: Any, mask: Any, vals: Any) -> None:
    """The first values go to the places where the mask is true, cycled if there are more places."""
    positions = np.flatnonzero(mask)
    if positions.size:
        _assign_flat("place", arr, positions, cycled(vals, np.arange(positions.size)))


def putmask(a: Any, mask: Any, values: Any) -> None:
    """The value for a place is that at the same position, cycled over all of them."""
    positions = np.flatnonzero(mask)
    if positions.size:
        _assign_flat("putmask", a, positions, cycled(values, positions))


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    mask = np.zeros(np.shape(a), bool)
    np.fill_diagonal(mask, True, wrap)
    positions = np.flatnonzero(mask)
    if positions.size:
        _assign_flat("fill_diagonal", a, positions, cycled(val, np.arange(positions.size)))


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    if is_operand(dst):  # NumPy refuses what it would have refused
        np.copyto(np.empty(np.shape(dst), dst.dtype), base(stacked(src)), casting, base(where))
    if where is True:
        return _assign("copyto", dst, ..., src)
    mask = np.broadcast_to(where, np.shape(dst))
    return _assign("copyto", dst, mask, np.broadcast_to(src, np.shape(dst))[mask])


in_place(np.put,            put)
in_place(np.put_along_axis, put_along_axis)
in_place(np.place,          place)
in_place(np.putmask,        putmask)
in_place(np.fill_diagonal,  fill_diagonal)
in_place(np.copyto,         copyto)
