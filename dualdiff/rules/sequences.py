"""Evenly spaced numbers: differentiable in the end points; how many there are is locally constant."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.table import composite, creation


def _is_inexact(dtype: Any) -> bool:
    return dtype is None or np.dtype(dtype).kind in "fcO"


def _fractions(num: int, endpoint: bool, ndim: int) -> Any:
    """k/div for k = 0 … num − 1, along a new first axis before ``ndim`` others; nan steps (0/0) do not occur in it."""
    return np.reshape(np.arange(num) / max(num - 1 if endpoint else num, 1), (-1, *(1,) * ndim))


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
             axis: int = 0, *, device: Any = None) -> Any:
    """(1 − f)·start + f·stop rather than start + f·(stop − start), whose last derivative in start would be 1 − 1, rounded."""
    f = _fractions(num, endpoint, max(np.ndim(start), np.ndim(stop)))
    points = np.moveaxis((1 - f) * start + f * stop, 0, axis)
    intervals = num - 1 if endpoint else num
    step = (stop - start) / intervals if intervals > 0 else np.nan
    points = points if _is_inexact(dtype) else base(points)  # rounded to integers: locally constant
    return (points, step) if retstep else points


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None,
             axis: int = 0) -> Any:
    if np.ndim(base):
        ndim = max(map(np.ndim, (start, stop, base)))
        start, stop, base = (np.reshape(a, (1,) * (ndim - np.ndim(a)) + np.shape(a)) for a in (start, stop, base))
        base = np.expand_dims(base, axis)
    points = np.power(base, np.linspace(start, stop, num=num, endpoint=endpoint, axis=axis))
    return points if _is_inexact(dtype) else np.floor(points)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Real: ±|start|^(1 − f)·|stop|^f; complex (or of two signs): start·(stop/start)^f on the principal branch."""
    f = _fractions(num, endpoint, max(np.ndim(start), np.ndim(stop)))
    if np.iscomplexobj(np.geomspace(base(start), base(stop), 1, dtype=dtype)):
        points = start * np.exp(f * np.log(stop / start + 0j))
    else:
        points = np.sign(start) * np.abs(start) ** (1 - f) * np.abs(stop) ** f
    return np.moveaxis(points, 0, axis) if _is_inexact(dtype) else np.floor(points)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, **_: Any) -> Any:
    """The plain points, and beside them what moves with the start and the step (the differences are zero but for tangents)."""
    if stop is None:
        start, stop = 0, start
    plain: tuple[Any, ...] = (base(start), base(stop), base(step))
    points = np.arange(*plain, dtype=dtype)
    if points.dtype.kind not in "fc":
        return points
    return points + (start - base(start)) + (step - base(step)) * np.arange(len(points))


composite(np.linspace,    linspace)
composite(np.logspace,    logspace)
composite(np.geomspace,   geomspace)
creation (np.arange,      recipe=arange)
