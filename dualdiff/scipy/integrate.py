"""``scipy.integrate`` for operands: the rules for samples. They are linear in the samples, which SciPy does by NumPy's protocols;
where those are not uniformly spaced, the spacing may carry tangents as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.integrate

from dualdiff.rules.shapes import normalized
from dualdiff.rules.table import composite
from dualdiff.scipy.namespace import following, rest_of

__getattr__ = rest_of(scipy.integrate, __name__)
si: Any = scipy.integrate

trapezoid = following(si.trapezoid)
simpson = following(si.simpson)
cumulative_trapezoid = following(si.cumulative_trapezoid)
cumulative_simpson = following(si.cumulative_simpson)


def samples(y: Any, x: Any, dx: Any, axis: int) -> tuple[Any, Any, Any]:
    """The samples with their axis last, the spacings, and where the axis was."""
    axis = normalized(axis, np.ndim(y))[0]
    y = np.moveaxis(y, axis, -1)
    if x is None:
        return y, np.broadcast_to(dx, (np.shape(y)[-1] - 1,)), axis
    return y, np.diff(x if np.ndim(x) == 1 else np.moveaxis(x, axis, -1)), axis


def area(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y, h, _ = samples(y, x, dx, axis)
    return np.sum(h * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)


def areas(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None) -> Any:
    y, h, axis = samples(y, x, dx, axis)
    total = np.cumsum(h * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    if initial is not None:
        total = np.concatenate([np.broadcast_to(initial, (*np.shape(total)[:-1], 1)), total], axis=-1)
    return np.moveaxis(total, -1, axis)


def simpson_rule(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """Parabolas through each three samples; for an even number of samples the last interval by a parabola of its own
    (K. V. Cartwright, "Simpson's rule cumulative integration with MS Excel and irregularly-spaced data", 2017)."""
    y, h, _ = samples(y, x, dx, axis)
    n = np.shape(y)[-1]
    if n == 2:
        return h[..., 0] * (y[..., 0] + y[..., 1]) / 2
    last = n - 1 if n % 2 else n - 2  # the last sample of the parabolas
    h0, h1 = h[..., 0:last:2], h[..., 1:last:2]
    y0, y1, y2 = y[..., 0:last:2], y[..., 1:last:2], y[..., 2:last + 1:2]
    both = h0 + h1
    total = np.sum(both / 6 * (y0 * (2 - h1 / h0) + y1 * both * both / (h0 * h1) + y2 * (2 - h0 / h1)), axis=-1)
    if n % 2:
        return total
    h0, h1 = h[..., -2], h[..., -1]
    return (total + y[..., -1] * (2 * h1 * h1 + 3 * h0 * h1) / (6 * (h0 + h1))
            + y[..., -2] * (h1 * h1 + 3 * h0 * h1) / (6 * h0) - y[..., -3] * h1**3 / (6 * h0 * (h0 + h1)))


def parabola(y: Any, h: Any) -> Any:
    """The integrals over the first interval of each three samples."""
    h0, h1 = h[..., :-1], h[..., 1:]
    a, b = h0 / (h0 + h1), h0 / h1
    return h0 / 6 * ((3 - a) * y[..., :-2] + (3 + a * b + a) * y[..., 1:-1] - a * b * y[..., 2:])


def simpson_areas(y: Any, *, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None) -> Any:
    """Parabolas as above, each used for the interval that it begins with and, reversed, for the one that it ends with."""
    if np.shape(y)[axis] < 3:
        return areas(y, x, dx, axis, initial)
    y, h, axis = samples(y, x, dx, axis)
    first, second = parabola(y, h), np.flip(parabola(np.flip(y, -1), np.flip(h, -1)), -1)
    begins = np.arange(np.shape(y)[-1] - 1) % 2 == 0
    begins[-1] = False
    total = np.cumsum(np.where(begins, np.concatenate([first, second[..., -1:]], -1),
                               np.concatenate([first[..., :1], second], -1)), axis=-1)
    if initial is not None:
        total = total + initial
        total = np.concatenate([np.broadcast_to(initial, (*np.shape(total)[:-1], 1)), total], -1)
    return np.moveaxis(total, -1, axis)


composite(si.trapezoid,            area)
composite(si.simpson,              simpson_rule)
composite(si.cumulative_trapezoid, areas)
composite(si.cumulative_simpson,   simpson_areas)
