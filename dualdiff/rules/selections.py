"""Functions that pick entries by their values: the picked entries keep their tangents.

At a tie the first entry is picked, as by ``argmax``, and sorting is stable: the derivative of the branch from which the value
comes. What is picked is decided on primals (``argmax``, ``argsort`` and the like are locally constant), so each of these is
written as an index and an indexing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.axes import back, is_given, lines, masked, picked
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import linear, rewritten, selection

# ---- the largest and the smallest ----------------------------------------------------------------------------------------


def extreme(ufunc: np.ufunc, worst: float, default_axis: int | None = None) -> Callable[..., Any]:
    """How the reduction of maximum, minimum, fmax or fmin is written; the last two pass over nan."""
    index_of = np.argmax if worst < 0 else np.argmin

    def choice(rows: Any) -> Any:
        if ufunc in (np.maximum, np.minimum):
            return index_of(rows, axis=0)
        present = ~np.isnan(rows)
        candidates = np.where(present, base(rows), worst)
        return np.argmax((candidates == picked(candidates, index_of(candidates, axis=0))) & present, axis=0)

    def recipe(a: Any, axis: Any = default_axis, out: None = None, keepdims: Any = False, initial: Any = None, where: Any = True,
               *, dtype: Any = None) -> Any:
        rows = masked(lines(a, axis), where, a, axis, worst)
        if np.shape(rows)[0] == 0:
            return back(np.broadcast_to(initial, np.shape(rows)[1:]), a, axis, keepdims)
        found = picked(rows, choice(rows))
        return back(ufunc(initial, found) if is_given(initial) else found, a, axis, keepdims)

    return recipe


def running_extreme(ufunc: np.ufunc) -> Callable[..., Any]:
    """How the accumulation of maximum, minimum, fmax or fmin is written."""
    def recipe(array: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Any:
        rows = np.moveaxis(array, axis, 0)
        values = base(rows)
        best = ufunc.accumulate(values)
        new = np.ones(values.shape, bool)  # an entry that differs from the best before it, and is the best from then on
        new[1:] = (best[1:] != best[:-1]) & ~(np.isnan(best[1:]) & np.isnan(best[:-1]))
        steps = np.arange(len(values)).reshape(-1, *(1,) * (values.ndim - 1))
        return np.moveaxis(picked(rows, np.maximum.accumulate(np.where(new, steps, 0))), 0, axis)

    return recipe


for ufunc, worst, names in ((np.maximum, -np.inf, ("max", "amax")), (np.minimum, np.inf, ("min", "amin")),
                            (np.fmax, -np.inf, ("nanmax",)), (np.fmin, np.inf, ("nanmin",))):
    selection(ufunc.reduce, extreme(ufunc, worst, default_axis=0))
    selection(ufunc.accumulate, running_extreme(ufunc))
    for function in {getattr(np, name) for name in names}:
        selection(function, extreme(ufunc, worst))


def ptp(a: Any, axis: Any = None, out: None = None, keepdims: Any = False) -> Any:
    return np.max(a, axis, keepdims=keepdims) - np.min(a, axis, keepdims=keepdims)


selection(np.ptp,         ptp)

# ---- by condition, by index ----------------------------------------------------------------------------------------------

linear(np.where,          x=1, y=2, constant={"condition": 0})
linear(np.select,         choicelist=1, default=2, constant={"condlist": 0})
linear(np.choose,         choices=1, constant={"a": 0})
linear(np.compress,       a=1, constant={"condition": 0})
linear(np.extract,        arr=1, constant={"condition": 0})
linear(np.take,           a=0)
linear(np.take_along_axis, arr=0)

# ---- limits --------------------------------------------------------------------------------------------------------------


def clip(a: Any, a_min: Any = None, a_max: Any = None, out: None = None, *, min: Any = None, max: Any = None, **_: Any) -> Any:
    """At a bound the entry itself; where the bounds are crossed the upper one."""
    low, high = (a_min if is_given(a_min) else min), (a_max if is_given(a_max) else max)
    a = np.maximum(a, low) if is_given(low) else +stacked(a)
    return np.minimum(a, high) if is_given(high) else a


selection(np.clip,        clip)
selection(np._core.umath.clip, clip)  # type: ignore[attr-defined]  # what the method of a plain array calls


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if np.iscomplexobj(x):
        result = nan_to_num(np.real(x), True, nan, posinf, neginf) + 1j * nan_to_num(np.imag(x), True, nan, posinf, neginf)
    else:
        limits = np.finfo(base(x).dtype if hasattr(base(x), "dtype") else float)
        result = np.where(np.isnan(x), nan, x)
        result = np.where(np.isposinf(x), limits.max if posinf is None else posinf, result)
        result = np.where(np.isneginf(x), limits.min if neginf is None else neginf, result)
    if copy:
        return result
    x[...] = result
    return x


selection(np.nan_to_num,  nan_to_num)

# ---- orders --------------------------------------------------------------------------------------------------------------


def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    return np.take_along_axis(a, np.argsort(a, axis=axis, kind="stable"), axis=axis)


def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """The permutation is read off NumPy's result, which argpartition need not share."""
    if axis is None:
        a, axis = np.ravel(a), 0
    ranks = np.argsort(np.argsort(np.partition(base(a), kth, axis, kind), axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(a, np.take_along_axis(np.argsort(a, axis=axis, kind="stable"), ranks, axis=axis), axis=axis)


selection(np.sort,        sort)
selection(np.partition,   partition)
selection(np.sort_complex, lambda a: np.sort(a) * np.ones((), complex)[()])


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """The zeros are those of the primal."""
    trim = trim.lower()
    axes = range(np.ndim(filt)) if axis is None else [i % np.ndim(filt) for i in np.atleast_1d(axis)]
    places = np.argwhere(filt)
    kept = [slice(None)] * np.ndim(filt)
    for i in axes:
        start, stop = (places[:, i].min(), places[:, i].max() + 1) if len(places) else (0, 0)
        kept[i] = slice(start if "f" in trim or not len(places) else None, stop if "b" in trim or not len(places) else None)
    return filt[tuple(kept)]


selection(np.trim_zeros,  trim_zeros)


# ---- pieces --------------------------------------------------------------------------------------------------------------


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Each function gets the entries of its piece, as operands."""
    if np.isscalar(condlist) or (not isinstance(condlist[0], (list, np.ndarray)) and np.ndim(x)):
        condlist = [condlist]
    conditions = np.asarray(condlist, bool)
    n = len(conditions)
    if len(funclist) == n + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    elif len(funclist) != n:
        raise ValueError(f"with {n} condition(s), either {n} or {n + 1} functions are expected")
    result = np.zeros_like(np.reshape(x, np.shape(x)))
    for condition, function in zip(conditions, funclist):
        piece = result[condition]
        if not callable(function):
            result[condition] = function
        elif np.size(piece):
            result[condition] = function(stacked(x)[condition] if np.ndim(x) else np.reshape(x, (1,)), *args, **kw)
    return result


rewritten(np.piecewise,   piecewise)
