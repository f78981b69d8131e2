"""Arrays as sets: of equal entries the first is kept, as it is the one that ``return_index`` names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import locally_constant, selection


def unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: Any = None, *,
           equal_nan: bool = True, **_: Any) -> Any:
    ar = stacked(ar)
    index = np.unique(base(ar), return_index=True, axis=axis, equal_nan=equal_nan)[1]
    values = np.ravel(ar)[index] if axis is None else np.take(ar, index, axis=axis)
    others = return_index + return_inverse + return_counts
    return (values, *[None] * others) if others else values


def arranged(values: Any, result: Any) -> Any:
    """Unique values, given in ascending order, in the order in which they are in (or first in) a result of NumPy's."""
    wanted = result[0] if isinstance(result, tuple) else result
    return values[np.argsort(np.argsort(wanted, kind="stable"))]


def in_order_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """How a function is written that gives the unique values in an order of its own, alone or in front of other results."""
    def recipe(x: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(base(stacked(x)), *args, **kwargs)
        values = arranged(unique(x, equal_nan=False), result)
        return (values, *[None] * (len(result) - 1)) if isinstance(result, tuple) else values

    return recipe


def unique_by_options(ar: Any, *args: Any, **kwargs: Any) -> Any:
    if kwargs.get("sorted", True):
        return unique(ar, *args, **kwargs)
    values, *others = found if isinstance(found := unique(ar, *args, **kwargs), tuple) else (found,)
    values = arranged(values, np.unique(base(stacked(ar)), *args, **kwargs))
    return (values, *others) if others else values


selection(np.unique,      unique_by_options)
for function in (np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values):
    selection(function, in_order_of(function))


def union1d(ar1: Any, ar2: Any) -> Any:
    return np.unique(np.concatenate([np.ravel(stacked(ar1)), np.ravel(stacked(ar2))]))


def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The common values are those of the first array."""
    ar1 = np.ravel(stacked(ar1))
    index = np.intersect1d(base(ar1), base(np.ravel(stacked(ar2))), assume_unique, True)[1]
    return (ar1[index], None, None) if return_indices else ar1[index]


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1 = np.ravel(stacked(ar1)) if assume_unique else np.unique(stacked(ar1))
    return ar1[np.isin(ar1, ar2, assume_unique=True, invert=True)]


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1, ar2 = stacked(ar1), stacked(ar2)
    if not assume_unique:
        ar1, ar2 = np.unique(ar1), np.unique(ar2)
    both = np.sort(np.concatenate([np.ravel(ar1), np.ravel(ar2)]))
    change = np.concatenate([[True], both[1:] != both[:-1], [True]])
    return both[change[1:] & change[:-1]] if np.size(both) else both


selection(np.union1d,     union1d)
selection(np.intersect1d, intersect1d)
selection(np.setdiff1d,   setdiff1d)
selection(np.setxor1d,    setxor1d)
locally_constant(np.isin)
if hasattr(np, "in1d"):  # until NumPy 2.3
    locally_constant(np.in1d)  # noqa: NPY201
