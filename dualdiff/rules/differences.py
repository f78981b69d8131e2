"""Differences of neighbours, derivatives by differences, and the trapezoidal rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.creation import stacked
from dualdiff.rules.shapes import normalized
from dualdiff.rules.table import composite, linear

linear(np.diff,           a=0, prepend=3, append=4)
linear(np.ediff1d,        ary=0, to_end=1, to_begin=2)


def along(axis: int, ndim: int, values: Any) -> Any:
    """A 1-D array as one that broadcasts along ``axis``."""
    return np.reshape(values, (-1, *(1,) * (ndim - 1 - axis)))


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(stacked(y), axis, -1)
    if x is not None:
        x = stacked(x)
        dx = np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))
    elif np.ndim(dx):  # one spacing for each interval, broadcast in the layout of y
        dx = np.moveaxis(dx, axis, -1) if np.ndim(dx) > 1 else dx
    return np.sum(dx * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Second-order differences inside, first or second at the edges: the formulas of NumPy's documentation.

    Differentiable in the values and in the spacings.
    """
    f = stacked(f)
    axes = tuple(range(np.ndim(f))) if axis is None else normalized(axis, np.ndim(f))
    spacings = [stacked(spacing) for spacing in varargs] or [1.0]
    if len(spacings) == 1:
        spacings *= len(axes)
    slopes = tuple(_slope(f, axis, spacing, edge_order) for axis, spacing in zip(axes, spacings))
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    f = np.moveaxis(f, axis, -1)
    if np.ndim(spacing):
        h = np.diff(spacing)
        before, after = h[:-1], h[1:]
        inside = (-after / (before * (before + after)) * f[..., :-2] + (after - before) / (before * after) * f[..., 1:-1]
                  + before / (after * (before + after)) * f[..., 2:])
        ends = (h[0], h[1] if edge_order == 2 else None, h[-1], h[-2] if edge_order == 2 else None)
    else:
        inside = (f[..., 2:] - f[..., :-2]) / (2 * spacing)
        ends = (spacing,) * 4
    second, third = (f[..., 2:3], f[..., -3:-2]) if edge_order == 2 else (None, None)
    first = _edge(f[..., :1], f[..., 1:2], second, *ends[:2])
    last = -_edge(f[..., -1:], f[..., -2:-1], third, *ends[2:])
    return np.moveaxis(np.concatenate([first, inside, last], axis=-1), -1, axis)


def _edge(at: Any, next_to: Any, second: Any, h: Any, h2: Any) -> Any:
    """The slope at an edge from two values (first order) or three (second order), h and h2 being the steps inwards."""
    if second is None:
        return (next_to - at) / h
    return (-(2 * h + h2) / (h * (h + h2)) * at + (h + h2) / (h * h2) * next_to - h / (h2 * (h + h2)) * second)


composite(np.trapezoid,   trapezoid)
if hasattr(np, "trapz"):  # until NumPy 2.3
    composite(np.trapz,   trapezoid)  # noqa: NPY201
composite(np.gradient,    gradient)
