"""Covariances and correlations, in the data and in the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.creation import stacked
from dualdiff.rules.table import composite


def _series(m: Any, rowvar: bool) -> Any:
    """One variable to a row."""
    m = stacked(m)
    return np.transpose(m) if not rowvar and np.ndim(m) == 2 and np.shape(m)[0] != 1 else np.atleast_2d(m)


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
        aweights: Any = None, *, dtype: Any = None) -> Any:
    m = stacked(m)
    rows = np.transpose(m) if not rowvar and np.ndim(m) == 2 else np.atleast_2d(m)
    if np.shape(rows)[0] == 0:
        return np.zeros((0, 0))
    if y is not None:
        rows = np.concatenate((rows, _series(y, rowvar)), axis=0)
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights: Any = np.ones(np.shape(rows)[1])
    for given in (fweights, aweights):
        weights = weights if given is None else weights * stacked(given)
    total = np.sum(weights)
    freedom = total - ddof
    if ddof and aweights is not None:
        freedom = total - ddof * np.sum(weights * stacked(aweights)) / total
    centred = rows - np.sum(rows * weights, axis=1, keepdims=True) / total
    product = np.dot(centred, np.conjugate(np.transpose(centred * weights)))
    return np.squeeze(product / freedom if freedom > 0 else product * np.inf)


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None, **ignored: Any) -> Any:
    """cᵢⱼ/√(cᵢᵢcⱼⱼ). Clipped to [−1, 1] by NumPy, which only rounding errors ever exceed."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    return c / deviation[:, None] / deviation


composite(np.cov,         cov)
composite(np.corrcoef,    corrcoef)
