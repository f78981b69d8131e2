"""Histograms: linear in the weights, locally constant in the samples (a sample changes bins at edges only).

The counts are thus plain numbers. Edges that NumPy lays between the smallest and the largest sample move with these two, and a
density is divided by the widths.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import composite, linear

linear(np.bincount,       weights=1, constant={"x": 0})


def edges(samples: Any, bins: Any, limits: Any, n: int) -> Any:
    """The n + 1 edges of the bins of ``samples``: those given, or laid evenly between limits."""
    if np.ndim(base(bins)) or isinstance(bins, (list, tuple)):
        return stacked(bins)
    if limits is not None:
        low, high = limits
    elif np.size(samples):
        low, high = np.min(samples), np.max(samples)
    else:
        low, high = 0.0, 1.0
    if low == high:
        low, high = low - 0.5, high + 0.5
    return low + (high - low) * (np.arange(n + 1) / n)


def sums(weights: Any, places: Any, n: int) -> Any:
    """Per bin the sum of the weights in it."""
    if np.iscomplexobj(weights):
        return sums(np.real(weights), places, n) + 1j * sums(np.imag(weights), places, n)
    if np.result_type(base(weights)) == np.longdouble != np.float64:  # which bincount does not take
        order = np.argsort(places, kind="stable")
        filled, starts = np.unique(places[order], return_index=True)
        total = np.zeros(n, np.longdouble, like=weights)
        total[filled] = np.add.reduceat(weights[order], starts) if filled.size else 0
        return total
    return np.bincount(places, weights, n)


def bin_of(samples: Any, limits: Any) -> Any:
    """The bin of each sample, −1 for one outside; the last bin is closed on both sides."""
    n = len(limits) - 1
    place = np.searchsorted(limits, samples, side="right") - 1
    place = np.where(samples == limits[-1], n - 1, place)
    return np.where((place < 0) | (place >= n) | np.isnan(samples), -1, place)


def in_bins(samples: list[Any], plain_edges: list[Any], weights: Any) -> Any:
    """The weights summed over each bin of several dimensions, or None for counts, which are plain."""
    if weights is None:
        return None
    shape = tuple(len(e) - 1 for e in plain_edges)
    places = [bin_of(base(x), e) for x, e in zip(samples, plain_edges)]
    inside = np.all([place >= 0 for place in places], axis=0)
    flat = np.ravel_multi_index(tuple(place[inside] for place in places), shape)
    return np.reshape(sums(np.ravel(weights)[inside], flat, int(np.prod(shape))), shape)


def normalized_by_volume(values: Any, all_edges: list[Any]) -> Any:
    total = np.sum(values)
    for i, e in enumerate(all_edges):
        values = values / np.reshape(np.diff(e), (-1, *(1,) * (len(all_edges) - 1 - i)))
    return values / total


def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    a = np.ravel(stacked(a))
    weights = None if weights is None else np.ravel(stacked(weights))
    counts, plain_edges = np.histogram(base(a), _plain(bins), _plain(range), weights=base(weights))
    limits = edges(a, bins, range, len(counts))
    values = in_bins([a], [plain_edges], weights)
    if density:
        return normalized_by_volume(counts if values is None else values, [limits]), limits
    return values, limits


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    a = np.ravel(stacked(a))
    n = len(np.histogram_bin_edges(base(a), _plain(bins), _plain(range), base(weights))) - 1
    return edges(a, bins, range, n)


def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    sample = stacked(sample) if not isinstance(sample, (list, tuple)) else sample
    columns = list(sample) if isinstance(sample, (list, tuple)) else [sample[:, i] for i in np.arange(np.shape(sample)[1])]
    weights = None if weights is None else stacked(weights)
    counts, plain_edges = np.histogramdd([base(stacked(c)) for c in columns], _plain(bins), _plain(range), weights=base(weights))
    each = bins if isinstance(bins, (list, tuple)) or np.ndim(base(bins)) else [bins] * len(columns)
    limits = [edges(c, b, None if range is None else range[i], len(e) - 1)
              for i, (c, b, e) in enumerate(zip(columns, each, plain_edges))]
    values = in_bins(columns, list(plain_edges), weights)
    if density:
        values = normalized_by_volume(counts if values is None else values, limits)
    return values, limits


def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    try:
        several = len(bins) not in (1, 2)  # one array of edges for both
    except TypeError:
        several = False
    values, limits = histogramdd([x, y], [bins, bins] if several else bins, range, density, weights)
    return values, *limits


def _plain(value: Any) -> Any:
    """``bins`` or ``range`` without tangents: a number, an array, or a list of either."""
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    return base(value)


composite(np.histogram,   histogram)
composite(np.histogram_bin_edges, histogram_bin_edges)
composite(np.histogramdd, histogramdd)
composite(np.histogram2d, histogram2d)
