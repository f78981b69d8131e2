"""Views: functions that rearrange axes or pick ranges without moving an entry, all of them linear.

Those declared `linear` are what views are made of; the others are written with these, so that a view of an operand is a view of
its tangent as well, and writing into one is seen in the other.
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
linear(np.diagonal,       a=0)
linear(np.real,           val=0)
linear(np.imag,           val=0)
linear(np.lib.stride_tricks.sliding_window_view, x=0)

# ---- the order of the axes -----------------------------------------------------------------------------------------------


def normalized(axis: Any, ndim: int) -> tuple[int, ...]:
    """One axis or several as a tuple of non-negative ones."""
    return tuple(np.lib.array_utils.normalize_axis_tuple(axis, ndim))


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    (i,), (j,) = normalized(axis1, np.ndim(a)), normalized(axis2, np.ndim(a))
    axes = list(range(np.ndim(a)))
    axes[i], axes[j] = j, i
    return np.transpose(a, axes)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    sources, destinations = normalized(source, np.ndim(a)), normalized(destination, np.ndim(a))
    axes = [n for n in range(np.ndim(a)) if n not in sources]
    for to, come_from in sorted(zip(destinations, sources)):
        axes.insert(to, come_from)
    return np.transpose(a, axes)


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    (axis,) = normalized(axis, np.ndim(a))
    start = start + np.ndim(a) if start < 0 else start
    axes = [n for n in range(np.ndim(a)) if n != axis]
    axes.insert(start - (axis < start), axis)
    return np.transpose(a, axes)


def matrix_transpose(x: Any, /) -> Any:
    return np.swapaxes(x, -1, -2)


composite(np.swapaxes,    swapaxes)
composite(np.moveaxis,    moveaxis)
composite(np.rollaxis,    rollaxis)
composite(np.matrix_transpose,        matrix_transpose)
composite(np.linalg.matrix_transpose, matrix_transpose)

# ---- more axes, or fewer -------------------------------------------------------------------------------------------------


def ravel(a: Any, order: Any = "C") -> Any:
    if order in ("A", "K"):
        raise ValueError(f"ravel of a dual number takes order 'C' or 'F', not {order!r}, which depends on the layout in memory")
    return np.reshape(a, -1, order)


def expand_dims(a: Any, axis: Any) -> Any:
    ndim = np.ndim(a) + len(axis if isinstance(axis, (tuple, list)) else (axis,))
    new, old = normalized(axis, ndim), iter(np.shape(a))
    return np.reshape(a, tuple(1 if n in new else next(old) for n in range(ndim)))


def squeeze(a: Any, axis: Any = None) -> Any:
    shape = np.shape(a)
    gone = [n for n, length in enumerate(shape) if length == 1] if axis is None else normalized(axis, len(shape))
    return np.reshape(a, tuple(length for n, length in enumerate(shape) if n not in gone))


def atleast_1d(*arys: Any) -> Any:
    return _each(arys, lambda shape: shape or (1,))


def atleast_2d(*arys: Any) -> Any:
    return _each(arys, lambda shape: (1,) * (2 - len(shape)) + shape)


def atleast_3d(*arys: Any) -> Any:
    return _each(arys, lambda shape: (shape if len(shape) > 2 else (*shape, 1) if len(shape) == 2
                                      else (1, *shape, 1) if shape else (1, 1, 1)))


def _each(arys: tuple[Any, ...], shape_of: Any) -> Any:
    results = tuple(np.reshape(a, shape_of(np.shape(a))) for a in arys)
    return results[0] if len(results) == 1 else results


def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


composite(np.ravel,       ravel)
composite(np.expand_dims, expand_dims)
composite(np.squeeze,     squeeze)
composite(np.atleast_1d,  atleast_1d)
composite(np.atleast_2d,  atleast_2d)
composite(np.atleast_3d,  atleast_3d)
composite(np.broadcast_arrays, broadcast_arrays)

# ---- reversed axes -------------------------------------------------------------------------------------------------------


def flip(m: Any, axis: Any = None) -> Any:
    flipped = range(np.ndim(m)) if axis is None else normalized(axis, np.ndim(m))
    return m[tuple(slice(None, None, -1 if n in flipped else 1) for n in range(np.ndim(m)))]


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    first, second = axes
    if k % 4 == 0:
        return m[...]
    if k % 4 == 2:
        return np.flip(m, axes)
    return np.swapaxes(np.flip(m, second), first, second) if k % 4 == 1 else np.flip(np.swapaxes(m, first, second), second)


composite(np.flip,        flip)
composite(np.fliplr,      lambda m: np.flip(m, 1))
composite(np.flipud,      lambda m: np.flip(m, 0))
composite(np.rot90,       rot90)

# ---- parts along an axis -------------------------------------------------------------------------------------------------


def along(axis: int, index: Any) -> tuple[Any, ...]:
    """The index that applies ``index`` to one (non-negative) axis and leaves the others whole."""
    return (*(slice(None),) * axis, index)


def _parts(split: Any) -> Any:
    """The recipe of a function that splits: where it cuts is asked of the function itself."""
    def parts(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
        (axis,) = normalized(axis, np.ndim(ary))
        ranges = split(np.arange(np.shape(ary)[axis]), indices_or_sections)
        return [ary[along(axis, slice(part[0], part[-1] + 1) if part.size else slice(0, 0))] for part in ranges]

    return parts


def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


composite(np.split,       _parts(np.split))
composite(np.array_split, _parts(np.array_split))
composite(np.hsplit,      hsplit)
composite(np.vsplit,      lambda ary, indices_or_sections: np.split(ary, indices_or_sections, 0))
composite(np.dsplit,      lambda ary, indices_or_sections: np.split(ary, indices_or_sections, 2))


def unstack(x: Any, /, *, axis: int = 0) -> Any:
    return tuple(np.moveaxis(x, axis, 0))


def diag(v: Any, k: int = 0) -> Any:
    return np.diagonal(v, k) if np.ndim(v) == 2 else np.diagflat(v, k)


if hasattr(np, "unstack"):  # NumPy 2.1
    composite(np.unstack, unstack)
composite(np.diag,        diag)
composite(np.linalg.diagonal, lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1))
