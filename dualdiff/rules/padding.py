"""``np.pad``: axis by axis, as NumPy does it, so that the corners come out of the last axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.rules.shapes import along
from dualdiff.rules.table import composite

STATISTICS: dict[str, Callable[..., Any]] = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """Differentiable in ``array``, ``constant_values`` and ``end_values``."""
    if callable(mode) or mode == "empty":
        raise NotDifferentiableError(f"np.pad cannot be differentiated with mode={mode!r}: " + (
            "the padding is uninitialised memory; use another mode" if mode == "empty" else
            "the callable would write into plain arrays; use np.concatenate"))
    ndim = np.ndim(array)
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(n, pad_width.get(n - ndim, 0)) for n in range(ndim)]
        pad_width = [pair if np.ndim(pair) else (pair, pair) for pair in pad_width]
    widths = _pairs(pad_width, ndim)
    lengths = _pairs(options.get("stat_length"), ndim)
    ends = _pairs(options.get("constant_values" if mode == "constant" else "end_values", 0), ndim)
    for axis, (before, after) in enumerate(widths):
        if before == after == 0:
            continue
        if mode == "constant":
            array = _between(array, axis, [_filled(array, axis, width, end) for width, end in zip((before, after), ends[axis])])
        elif mode == "linear_ramp":
            array = _between(array, axis, [_ramp(array, axis, before, ends[axis][0], 0),
                                           np.flip(_ramp(array, axis, after, ends[axis][1], -1), axis)])
        elif mode in STATISTICS:
            n = np.shape(array)[axis]
            first, last = (n if length is None else min(length, n) for length in lengths[axis])
            stats = [STATISTICS[mode](array[along(axis, part)], axis=axis, keepdims=True)
                     for part in (slice(0, first), slice(n - last, n))]
            array = _between(array, axis, [_filled(array, axis, width, s) for width, s in zip((before, after), stats)])
        elif options.get("reflect_type") == "odd":  # twice the edge minus the reflection: the matrix says how often
            matrix = np.pad(np.eye(np.shape(array)[axis]), ((before, after), (0, 0)), mode, **options)
            array = np.moveaxis(np.matmul(np.moveaxis(array, axis, -1), matrix.T), -1, axis)
        else:
            array = array[along(axis, np.pad(np.arange(np.shape(array)[axis]), (before, after), mode, **options))]
    return array


def _pairs(values: Any, ndim: int) -> Any:
    """(before, after) for each axis, from one value, one pair, or a pair for each axis; the values may be operands."""
    if np.ndim(values) == 0:
        return [(values, values)] * ndim
    parts = [value if np.ndim(value) else (value,) for value in values]
    if all(len(part) == 1 for part in parts):  # (value,), (before, after), or ((value,), …)
        if np.ndim(values) == 1:
            return [(values[0], values[-1])] * ndim
        return [(part[0], part[0]) for part in parts] * (ndim if len(parts) == 1 else 1)
    return [(part[0], part[-1]) for part in parts] * (ndim if len(parts) == 1 else 1)


def _between(array: Any, axis: int, sides: list[Any]) -> Any:
    return np.concatenate([sides[0], array, sides[1]], axis)


def _filled(array: Any, axis: int, width: int, value: Any) -> Any:
    return np.broadcast_to(value, (*np.shape(array)[:axis], width, *np.shape(array)[axis + 1:]))


def _ramp(array: Any, axis: int, width: int, end: Any, edge: int) -> Any:
    """From ``end`` towards the edge, which is left out."""
    weights = np.reshape(np.arange(width) / max(width, 1), (-1, *(1,) * (np.ndim(array) - axis - 1)))
    return end + weights * (array[along(axis, [edge])] - end)


composite(np.pad, pad)
