"""reduce, accumulate, reduceat and at of the binary ufuncs, whatever their elementwise rule (outer is the ufunc itself).

A commutative, associative ufunc is applied as a tree; any other one after the other, as NumPy does. Sums are linear, and the
extremes are selections (`dualdiff.rules.selections`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.rules import elementwise  # noqa: F401  # the ufuncs must be in the table before their methods
from dualdiff.rules.axes import back, cast, is_given, lines, masked
from dualdiff.rules.table import (
    TABLE,
    Elementwise,
    LocallyConstant,
    Refused,
    composite,
    in_place,
    linear,
    locally_constant,
    refused,
)

MISCOMPUTED = (np.power, np.arctan2)  # reduce, by NumPy up to 2.4 where it has AVX-512: the first and the last entry alone
ASSOCIATIVE = (np.multiply, np.logaddexp, np.logaddexp2, np.hypot)  # and commutative
EXTREMES = (np.maximum, np.minimum, np.fmax, np.fmin)


def reduce(ufunc: np.ufunc) -> Callable[..., Any]:
    """How ``ufunc.reduce`` is written with ``ufunc``."""
    def recipe(array: Any, axis: Any = 0, dtype: Any = None, out: None = None, keepdims: Any = False, initial: Any = None,
               where: Any = True) -> Any:
        if ufunc.identity is not None:
            rows, keep = masked(lines(cast(array, dtype), axis), where, array, axis, ufunc.identity), None
        else:
            rows = lines(cast(array, dtype), axis)
            keep = None if where is True else lines(np.broadcast_to(where, np.shape(array)), axis)
        if np.shape(rows)[0] == 0:
            total = np.broadcast_to(initial if is_given(initial) else ufunc.identity, np.shape(rows)[1:])
        elif ufunc in ASSOCIATIVE and keep is None:
            total = as_tree(ufunc, rows)
            total = ufunc(initial, total) if is_given(initial) else total
        else:
            total = in_turn(ufunc, rows, initial, keep)
        return back(total, array, axis, keepdims)

    return recipe


def as_tree(ufunc: np.ufunc, rows: Any) -> Any:
    """The rows combined by halves, a row that has no partner put by until the end: n − 1 operations in about log₂ n calls."""
    left_over = None
    while (n := np.shape(rows)[0]) > 1:
        if n % 2:
            left_over = rows[-1:] if left_over is None else ufunc(rows[-1:], left_over)
        rows = ufunc(rows[:n // 2], rows[n // 2:n - n % 2])
    return (rows if left_over is None else ufunc(rows, left_over))[0]


def in_turn(ufunc: np.ufunc, rows: Any, initial: Any, keep: Any) -> Any:
    total, start = (initial, 0) if is_given(initial) else (rows[0], 1)
    for k in range(start, np.shape(rows)[0]):
        total = ufunc(total, rows[k]) if keep is None else np.where(keep[k], ufunc(total, rows[k]), total)
    return total


def accumulate(ufunc: np.ufunc) -> Callable[..., Any]:
    """How ``ufunc.accumulate`` is written with ``ufunc``."""
    def recipe(array: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Any:
        rows = np.moveaxis(cast(array, dtype), axis, 0)
        n = np.shape(rows)[0]
        if ufunc in ASSOCIATIVE:
            step = 1
            while step < n:  # row k holds the last `step` rows up to k
                rows = np.concatenate([rows[:step], ufunc(rows[:-step], rows[step:])])
                step *= 2
        elif n:
            totals = [rows[0]]
            for k in range(1, n):
                totals.append(ufunc(totals[-1], rows[k]))
            rows = np.stack(totals)
        return np.moveaxis(rows, 0, axis)

    return recipe


def reduceat(ufunc: np.ufunc) -> Callable[..., Any]:
    """How ``ufunc.reduceat`` is written with ``ufunc.reduce``: of the slice to the next index, or the entry itself."""
    def recipe(array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Any:
        rows = np.moveaxis(cast(array, dtype), axis, 0)
        starts = [int(i) for i in np.asarray(indices).flat]
        parts = [ufunc.reduce(rows[i:j]) if i < j else rows[i] for i, j in zip(starts, [*starts[1:], np.shape(rows)[0]])]
        return np.moveaxis(np.stack(parts), 0, axis)

    return recipe


# ---- at ------------------------------------------------------------------------------------------------------------------


def at(ufunc: np.ufunc, a: Any, indices: Any, *b: Any) -> None:
    """``ufunc.at(a, indices, b)``: in rounds in which no entry occurs twice, so that repeated ones add up in NumPy's order."""
    places = np.arange(np.size(a)).reshape(np.shape(a))[indices]
    if np.ndim(a) == 1 and any(np.ndim(value) == 1 < places.ndim for value in b):  # NumPy up to 2.4 may leave entries out
        raise NotDifferentiableError(f"np.{ufunc.__name__}.at has no rule for 1-D values at an array of indices of shape "
                                     f"{places.shape}; pass np.broadcast_to(values, {places.shape})")
    values = [np.copy(np.ravel(np.broadcast_to(value, places.shape))) for value in b]  # they may be parts of a, which changes
    places = places.ravel()
    order = np.argsort(places, kind="stable")
    first = np.concatenate([[True], np.diff(places[order]) != 0]) if places.size else np.zeros(0, bool)
    round_of = np.empty(places.size, int)
    round_of[order] = np.arange(places.size) - np.maximum.accumulate(np.where(first, np.arange(places.size), 0))
    in_rounds = np.argsort(round_of, kind="stable")
    for now in np.split(in_rounds, np.cumsum(np.bincount(round_of))[:-1]) if places.size else ():
        spots = np.unravel_index(places[now], np.shape(a))
        a[spots] = ufunc(a[spots], *(value[now] for value in values))


in_place(np.ufunc.at, at)

# ---- entering them -------------------------------------------------------------------------------------------------------

linear(np.add.reduce,     array=0, initial=5)
linear(np.add.accumulate, array=0)
linear(np.add.reduceat,   array=0)


def _enter(ufunc: np.ufunc) -> None:
    """The methods of a binary ufunc, in the kind that its own rule says."""
    rule = TABLE[ufunc]
    if isinstance(rule, LocallyConstant):
        locally_constant(ufunc.reduce, ufunc.accumulate, ufunc.reduceat)
    elif isinstance(rule, Refused):
        refused(rule.reason, ufunc.reduce, ufunc.accumulate, ufunc.reduceat)
    elif ufunc in MISCOMPUTED:
        refused("NumPy computes it by the first and the last entry alone on some machines; write a loop, or use accumulate",
                ufunc.reduce, ufunc.reduceat)
        composite(ufunc.accumulate, accumulate(ufunc))
    elif isinstance(rule, Elementwise) and ufunc is not np.add:
        composite(ufunc.reduceat, reduceat(ufunc))
        if ufunc not in EXTREMES:
            composite(ufunc.reduce, reduce(ufunc))
            composite(ufunc.accumulate, accumulate(ufunc))


for ufunc in [f for f in TABLE if isinstance(f, np.ufunc)]:
    if (ufunc.nin, ufunc.nout, ufunc.signature) == (2, 1, None):
        _enter(ufunc)
