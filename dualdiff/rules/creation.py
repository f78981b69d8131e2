"""Functions that make arrays: with ``like=x`` (and as ``np.zeros_like(x)``) they make operands, ready to be assigned to."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.table import composite, creation


def stacked(value: Any) -> Any:
    """One array from nested lists (or an object array) of operands, arrays and numbers."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        if value.ndim == 1:
            return _row(value.tolist())
        return np.reshape(_row(value.ravel().tolist()), value.shape) if value.ndim else stacked(value[()])
    if isinstance(value, (list, tuple)):
        return _row(value)
    return value


def _row(values: Any) -> Any:
    for x in values:
        if hasattr(x, "row"):  # an operand: it may know a short way
            row = x.row(values)
            if row is not None:
                return row
            break
    return np.stack([stacked(x) for x in values])


def converted(made: Any, dtype: Any = None, copy: bool | None = True) -> Any:
    """``made`` in another type: linear among inexact numbers, and locally constant (so plain) where it is rounded to integers."""
    return np.copy(made) if dtype is None and copy else made if dtype is None else made.astype(dtype, copy=bool(copy))


def array(object: Any, dtype: Any = None, *, copy: bool | None = True, order: Any = "K", ndmin: int = 0, **_: Any) -> Any:
    """``np.array`` of a nested list in which there are operands."""
    made = as_asked(object, converted(stacked(object), dtype, False), copy, order)
    missing = ndmin - len(getattr(made, "shape", ()))
    return np.reshape(made, (1,) * missing + np.shape(made)) if missing > 0 else made


def as_asked(given: Any, made: Any, copy: bool | None, order: Any) -> Any:
    """``made`` of what was ``given``, copied where ``copy`` and ``order`` ask for it."""
    if made is given:
        return as_numpy_keeps(made, np.array, copy=copy, order=order)
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    return as_numpy_keeps(made, np.array, copy=None, order=order)


def as_numpy_keeps(made: Any, function: Any, *settings: Any, **options: Any) -> Any:
    """``made`` itself where NumPy's ``function`` of an array would return that itself, and its copy where NumPy copies."""
    held = base(made)
    if not isinstance(held, np.ndarray):
        return made
    found = function(held, *settings, **options)
    return made if found is held else np.copy(made, order="F" if found.flags.fnc else "C")


def asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, **_: Any) -> Any:
    """The operand itself where nothing has to change, as NumPy hands back the array itself."""
    return as_asked(a, converted(stacked(a), dtype, False), copy, order)


def at_least_vector(function: Any) -> Any:
    return lambda a, dtype=None, **_: as_numpy_keeps(np.atleast_1d(converted(stacked(a), dtype, False)), function)


def require(a: Any, dtype: Any = None, requirements: Any = None, **_: Any) -> Any:
    return as_numpy_keeps(converted(stacked(a), dtype, False), np.require, None, requirements)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", **_: Any) -> Any:
    return converted(np.broadcast_to(stacked(fill_value), shape), dtype)


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None,
              **_: Any) -> Any:
    """It has the type of its prototype, unless told otherwise."""
    return full(np.shape(a) if shape is None else shape, fill_value, a.dtype if dtype is None else dtype)


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    return x.astype(dtype, copy=copy)


creation(np.array, recipe=array)
creation(np.asarray, np.asanyarray, recipe=asarray)
creation(np.ascontiguousarray, recipe=at_least_vector(np.ascontiguousarray))
creation(np.asfortranarray, recipe=at_least_vector(np.asfortranarray))
creation(np.require, recipe=require)
creation(np.full, recipe=full)
creation(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.frombuffer, np.fromfile, np.fromfunction, np.fromiter,
         np.fromstring, np.genfromtxt, np.loadtxt)
creation(np.zeros_like, np.ones_like, np.empty_like, prototype=True)
creation(np.full_like, prototype=True, recipe=full_like)

if hasattr(np, "astype"):  # NumPy 2.1
    composite(np.astype, astype)
