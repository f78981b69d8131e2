"""Median, quantile and percentile: sorted entries with an interpolation between two of them.

Where to interpolate depends on ranks alone. So NumPy itself is asked for the quantile of the ranks 0, 1, …, n − 1, which is
rank k where an entry is the quantile and k + γ where it lies the fraction γ between entries k and k + 1, whatever the method.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.axes import back, is_given, lines, picked
from dualdiff.rules.statistics import aligned_weights
from dualdiff.rules.table import selection


def interpolated(a: Any, axis: Any, keepdims: Any, rank: Any, rank_of_each: bool) -> Any:
    """Entries of each line of ``a`` at fractional ranks: shape (*several, *others); one rank for all lines, or one of each."""
    rows = lines(a, axis)
    low = np.floor(rank).astype(int)
    share = rank - low
    high = low + (share > 0)
    if rank_of_each:
        order = np.argsort(rows, axis=0, kind="stable")
        places = picked(order, low), picked(order, high)
    else:
        order = np.argpartition(rows, np.unique([low, high]), axis=0)
        places = order[low], order[high]
        share = np.reshape(share, np.shape(share) + (1,) * (np.ndim(rows) - 1))
    result = picked(rows, places[0])
    if np.any(share):
        result = result * (1 - share) + picked(rows, places[1]) * share
    return back(result, a, axis, keepdims)


def ranks(rows: Any) -> Any:
    """The rank of each entry in its line, nan for nan (0 in a line of nothing else)."""
    order = np.argsort(rows, axis=0, kind="stable")
    result = np.empty(order.shape)
    np.put_along_axis(result, order, np.arange(len(order), dtype=float).reshape(-1, *(1,) * (order.ndim - 1)), axis=0)
    missing = np.isnan(rows)
    return np.where(missing & ~missing.all(axis=0), np.nan, result)


def median(a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    n = np.shape(lines(a, axis))[0]
    return interpolated(a, axis, keepdims, np.float64(n - 1) / 2, False) if n else np.nan


def nanmedian(a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    rows = lines(a, axis)
    return interpolated(a, axis, keepdims, np.nanmedian(ranks(rows), axis=0), True) if np.size(rows) else np.nan


def quantile(function: Callable[..., Any]) -> Callable[..., Any]:
    """How ``function``, one of the four quantiles, is written."""
    passes_over_nan = function in (np.nanquantile, np.nanpercentile)

    def recipe(a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
               keepdims: Any = False, *, weights: Any = None, interpolation: Any = None) -> Any:
        if base(q) is not q:
            raise NotDifferentiableError(f"np.{function.__name__} has no rule for a derivative in q; pass a plain value "
                                         f"(q.primal) there if it is meant to be constant")
        rows = lines(a, axis)
        if not np.size(rows):
            return np.nan
        options: dict[str, Any] = {"method": interpolation or method}
        if not passes_over_nan and not is_given(weights):
            rank = function(np.arange(np.shape(rows)[0], dtype=float), q, **options)
            return interpolated(a, axis, keepdims, rank, False)
        if is_given(weights):
            weights = np.broadcast_to(aligned_weights(base(weights), a, axis), np.shape(a))
            options["weights"] = lines(weights, axis)
        return interpolated(a, axis, keepdims, function(ranks(rows), q, axis=0, **options), True)

    return recipe


selection(np.median,      median)
selection(np.nanmedian,   nanmedian)
for function in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    selection(function, quantile(function))
