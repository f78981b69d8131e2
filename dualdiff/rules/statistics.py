"""Mean, variance, standard deviation and weighted average."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.axes import cast, is_given, is_set, reduced
from dualdiff.rules.creation import stacked
from dualdiff.rules.reductions import filled
from dualdiff.rules.table import composite, linear

linear(np.mean,           a=0)


def count(a: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """How many entries a reduction of ``a`` goes over."""
    if where is True:
        return int(np.prod([np.shape(a)[i] for i in reduced(axis, np.ndim(a))], dtype=int))
    return np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=is_set(keepdims))


def deviations(a: Any, axis: Any, where: Any) -> Any:
    """``a`` less its mean, and exactly 0 where all entries are equal, whose mean may round: a shift changes nothing else."""
    values = base(a)
    if np.asarray(values).dtype.kind in "fc":
        low = np.min(values, axis=axis, keepdims=True, where=where, initial=np.inf)
        high = np.max(values, axis=axis, keepdims=True, where=where, initial=-np.inf)
        if np.any(low == high):
            a = a - np.where(low == high, low, 0)
    return a - np.mean(a, axis=axis, keepdims=True, where=where)


def var(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: Any = False, *,
        where: Any = True, mean: Any = None, correction: Any = None) -> Any:
    a = cast(stacked(a), dtype)
    where = True if where is np._NoValue else where
    keepdims = is_set(keepdims)
    ddof = correction if is_given(correction) else ddof
    x = a - mean if is_given(mean) else deviations(a, axis, where)
    squares = np.square(np.real(x)) + np.square(np.imag(x)) if np.iscomplexobj(x) else np.square(x)
    return np.sum(squares, axis=axis, keepdims=keepdims, where=where) / np.maximum(count(a, axis, keepdims, where) - ddof, 0)


def std(*args: Any, **kwargs: Any) -> Any:
    """The root of the variance. Where that is 0 (all entries equal) the derivative is taken as 0, and there is no second one."""
    return np.sqrt(var(*args, **kwargs))


composite(np.var,         var)
composite(np.std,         std)


def aligned_weights(weights: Any, a: Any, axis: Any) -> Any:
    """Weights of the shape of ``a``, or of its ``axis``, so that they broadcast against ``a``."""
    if np.shape(weights) == np.shape(a):
        return weights
    axes = reduced(axis, np.ndim(a))
    if axis is None:
        raise TypeError(f"weights of shape {np.shape(weights)} for an array of shape {np.shape(a)} need an axis")
    if np.shape(weights) != tuple(np.shape(a)[i] for i in axes):
        raise ValueError(f"weights of shape {np.shape(weights)} fit neither the array's shape {np.shape(a)} nor its axis {axis}")
    weights = np.transpose(weights, np.argsort(axes))
    return np.reshape(weights, tuple(n if i in axes else 1 for i, n in enumerate(np.shape(a))))


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    a = stacked(a)
    keepdims = is_set(keepdims)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, None) if returned else mean
    weights = aligned_weights(stacked(weights), a, axis)
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axis, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


composite(np.average,     average)

# ---- nan as a missing value ----------------------------------------------------------------------------------------------


def present(a: Any, where: Any) -> Any:
    return ~np.isnan(a) if where is True or where is np._NoValue else ~np.isnan(a) & where


def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: Any = False, *, where: Any = True) -> Any:
    return np.mean(filled(stacked(a), 0), axis, dtype, None, is_set(keepdims),
                   where=present(stacked(a), where))


def nanvar(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: Any = False, *,
           where: Any = True, mean: Any = None, correction: Any = None) -> Any:
    a = stacked(a)
    return var(filled(a, 0), axis, dtype, None, ddof, keepdims, where=present(a, where), mean=mean, correction=correction)


def nanstd(*args: Any, **kwargs: Any) -> Any:
    return np.sqrt(nanvar(*args, **kwargs))


composite(np.nanmean,     nanmean)
composite(np.nanvar,      nanvar)
composite(np.nanstd,      nanstd)
