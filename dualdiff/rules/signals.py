"""Sampled functions: convolution, interpolation, phases."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import bilinear, composite, of_input

bilinear(np.convolve,     a=0, v=1)
bilinear(np.correlate,    a=0, v=1)

MODES: dict[Any, str] = {0: "valid", 1: "same", 2: "full"}  # NumPy's old names of what to keep of a convolution


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Differentiable in everything. At a knot the piece to its right, at the last knot the piece to its left."""
    x, xp, fp = stacked(x), stacked(xp), stacked(fp)
    if period is not None:
        period = abs(period)
        x, xp = x % period, xp % period
        order = np.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp = np.concatenate((xp[-1:] - period, xp, xp[:1] + period))
        fp = np.concatenate((fp[-1:], fp, fp[:1]))
    n = np.size(xp)
    if n > 1:
        i = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, n - 2)
        inside = fp[i] + (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i]) * (x - xp[i])
    else:
        inside = fp[0] + 0 * x
    below = np.where(x < xp[0], fp[0] if left is None or period is not None else left, inside)
    return np.where(x > xp[-1], fp[-1] if right is None or period is not None else right, below)


def angle(z: Any, deg: bool = False) -> Any:
    turn = np.arctan2(np.imag(z), np.real(z))
    return turn * (180 / np.pi) if deg else turn


def real_if_close(a: Any, tol: float = 100) -> Any:
    return a if np.iscomplexobj(np.real_if_close(base(a), tol)) else np.real(a)


def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """A whole number of periods is added, and that number is locally constant."""
    plain, length = base(p), base(period)
    return p + np.rint((np.unwrap(plain, discont, axis, period=length) - plain) / length) * period


composite(np.interp,      interp)
composite(np.angle,       angle)
composite(np.real_if_close, real_if_close)
composite(np.unwrap,      unwrap)


def bessel_i1(x: Any) -> Any:
    """I₁, the derivative of I₀: its power series (Abramowitz & Stegun 9.6.10), and for |x| > 25 its asymptotic one (9.7.1)."""
    size = np.absolute(x)
    small, large = np.where(size <= 25, x, 0), np.where(size > 25, size, 26)
    series: Any = 1.0
    tail: Any = 1.0
    for k in range(75, 0, -1):
        series = 1 + series * ((small / 2) ** 2 / (k * (k + 1)))
    for k in range(30, 0, -1):
        tail = 1 - tail * (4 - (2 * k - 1) ** 2) / (8 * k * large)
    growth = np.exp(large / 2)
    return np.where(size <= 25, small / 2 * series, np.copysign(growth * (growth * tail / np.sqrt(2 * np.pi * large)), x))


of_input (np.i0,          lambda xp, x: bessel_i1(x))
