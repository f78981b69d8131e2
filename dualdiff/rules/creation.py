"""Functions that make arrays: with ``like=x`` (and as ``np.zeros_like(x)``) they make operands, ready to be assigned to."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import creation


def stacked(value: Any) -> Any:
    """One array from nested lists (or an object array) of operands, arrays and numbers."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return np.reshape(np.stack([stacked(x) for x in value.flat]), value.shape) if value.ndim else stacked(value[()])
    if isinstance(value, (list, tuple)):
        return np.stack([stacked(x) for x in value])
    return value


def array(object: Any, dtype: Any = None, *, ndmin: int = 0, **_: Any) -> Any:
    """``np.array`` of a nested list in which there are operands."""
    made = np.copy(stacked(object))
    made = made if dtype is None else made.astype(dtype)
    return np.reshape(made, (1,) * (ndmin - np.ndim(made)) + np.shape(made))


def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", **_: Any) -> Any:
    made = np.copy(np.broadcast_to(fill_value, shape))
    return made if dtype is None else made.astype(dtype)


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None,
              **_: Any) -> Any:
    return full(np.shape(a) if shape is None else shape, fill_value, dtype)


def arange(*limits: Any, step: Any = 1, **options: Any) -> Any:
    """The number of points is locally constant, each point is linear in the limits."""
    start, stop, step = (0, *limits, step) if len(limits) == 1 else limits if len(limits) == 3 else (*limits, step)
    return start + step * np.arange(int(np.ceil((stop - start) / step)))


creation(np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require, recipe=array)
creation(np.full, recipe=full)
creation(np.arange, recipe=arange)
creation(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.frombuffer, np.fromfile, np.fromfunction, np.fromiter,
         np.fromstring, np.genfromtxt, np.loadtxt)
creation(np.zeros_like, np.ones_like, np.empty_like, prototype=True)
creation(np.full_like, prototype=True, recipe=full_like)
