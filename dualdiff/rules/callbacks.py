"""Functions that call a function of the user's back: it gets operands, so that what it does with them is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.rules.creation import stacked
from dualdiff.rules.shapes import normalized
from dualdiff.rules.table import rewritten


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    (axis,) = normalized(axis, np.ndim(arr))
    vectors = np.moveaxis(arr, axis, -1)
    around = np.shape(vectors)[:-1]
    if 0 in around:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    results = [stacked(func1d(vectors[index], *args, **kwargs)) for index in np.ndindex(around)]
    result = np.reshape(np.stack(results), (*around, *np.shape(results[0])))
    n = np.ndim(results[0])
    return np.moveaxis(result, tuple(range(len(around), len(around) + n)), tuple(range(axis, axis + n)))


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    for axis in normalized(axes, np.ndim(a)):
        result = func(a, axis)
        a = result if np.ndim(result) == np.ndim(a) else np.expand_dims(result, axis)
    return a


rewritten(np.apply_along_axis, apply_along_axis)
rewritten(np.apply_over_axes,  apply_over_axes)
