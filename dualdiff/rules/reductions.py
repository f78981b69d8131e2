"""Sums and products along axes, and their running forms.

No rule divides by an entry: a product is multiplied up as a tree, so that zeros among the factors, one or several, are right at
every order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import composite, linear
from dualdiff.rules.ufunc_methods import accumulate, reduce

linear(np.sum,            a=0, initial=5)
linear(np.cumsum,         a=0)
if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    linear(np.cumulative_sum, x=0)

_product, _running_product = reduce(np.multiply), accumulate(np.multiply)


def prod(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: Any = False, initial: Any = None,
         where: Any = True) -> Any:
    return _product(a, axis, dtype, None, keepdims, initial, where)


def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: None = None) -> Any:
    return _running_product(np.ravel(a), 0, dtype) if axis is None else _running_product(a, axis, dtype)


def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, out: None = None, include_initial: bool = False) -> Any:
    axis = 0 if axis is None else axis
    result = _running_product(x, axis, dtype)
    return after(1.0, result, axis) if include_initial else result


def after(first: float, running: Any, axis: int) -> Any:
    """Running results with what they start from before them."""
    shape = list(np.shape(running))
    shape[axis] = 1
    return np.concatenate([np.full(shape, first), running], axis)


composite(np.prod,        prod)
composite(np.cumprod,     cumprod)
if hasattr(np, "cumulative_prod"):
    composite(np.cumulative_prod, cumulative_prod)

# ---- nan as a missing value ----------------------------------------------------------------------------------------------


def filled(a: Any, value: Any) -> Any:
    """``a`` with ``value`` for nan."""
    return np.where(np.isnan(a), value, a)


composite(np.nansum,      lambda a, *args, **kwargs: np.sum(filled(a, 0), *args, **kwargs))
composite(np.nanprod,     lambda a, *args, **kwargs: np.prod(filled(a, 1), *args, **kwargs))
composite(np.nancumsum,   lambda a, *args, **kwargs: np.cumsum(filled(a, 0), *args, **kwargs))
composite(np.nancumprod,  lambda a, *args, **kwargs: np.cumprod(filled(a, 1), *args, **kwargs))
