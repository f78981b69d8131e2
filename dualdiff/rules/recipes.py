"""Linear and bilinear functions written with a few others, those that have transposes.

Reverse mode goes by them. Their values are not used: the primal is always computed by the function itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.rules.creation import stacked
from dualdiff.rules.reductions import after
from dualdiff.rules.shapes import normalized
from dualdiff.rules.signals import MODES
from dualdiff.rules.table import TABLE
from dualdiff.rules.ufunc_methods import reduceat

# ---- sums and differences ------------------------------------------------------------------------------------------------


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=bool(keepdims))
    return np.sum(a, axis=axis, keepdims=bool(keepdims), where=where) / count


def reduce(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = np._NoValue,
           where: Any = True) -> Any:
    return np.sum(array, axis=axis, keepdims=keepdims, initial=0 if initial in (None, np._NoValue) else initial, where=where)


def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    axis = 0 if axis is None else axis
    total = np.cumsum(x, axis)
    return after(0.0, total, axis) if include_initial else total


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    a = stacked(a)
    if n == 0:
        return a
    (axis,) = normalized(axis, np.ndim(a))

    def slab(value: Any) -> Any:
        value = stacked(value)
        return np.broadcast_to(value, (*np.shape(a)[:axis], 1, *np.shape(a)[axis + 1:])) if np.ndim(value) == 0 else value

    ends = [None if x is np._NoValue else slab(x) for x in (prepend, append)]
    whole = [part for part in (ends[0], a, ends[1]) if part is not None]
    x = np.concatenate(whole, axis) if len(whole) > 1 else a
    for _ in range(operator.index(n)):
        x = x[(*(slice(None),) * axis, slice(1, None))] - x[(*(slice(None),) * axis, slice(None, -1))]
    return x


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = np.ravel(stacked(ary))
    inside = flat[1:] - flat[:-1]
    parts = [np.ravel(stacked(to_begin))] if to_begin is not None else []
    parts += [inside, np.ravel(stacked(to_end))] if to_end is not None else [inside]
    return np.concatenate(parts)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


def polyder(p: Any, m: int = 1) -> Any:
    p = stacked(p)
    for _ in range(m):
        p = p[:-1] * np.arange(np.size(p) - 1, 0, -1)
    return p


# ---- products ------------------------------------------------------------------------------------------------------------


def dot(a: Any, b: Any, out: Any = None) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, axes=(-1, -2))


def vdot(a: Any, b: Any) -> Any:
    return np.sum(np.conjugate(np.ravel(a)) * np.ravel(b))


def inner(a: Any, b: Any) -> Any:
    return np.multiply(a, b) if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, axes=(-1, -1))


def outer(a: Any, b: Any, out: Any = None) -> Any:
    return np.ravel(stacked(a))[:, None] * np.ravel(stacked(b))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """A product of two matrices, the axes to sum over being last in one and first in the other."""
    a, b = stacked(a), stacked(b)
    if isinstance(axes, (int, np.integer)):
        ours, theirs = tuple(range(np.ndim(a) - axes, np.ndim(a))), tuple(range(axes))
    else:
        ours, theirs = normalized(axes[0], np.ndim(a)), normalized(axes[1], np.ndim(b))
    rows = [n for n in range(np.ndim(a)) if n not in ours]
    columns = [n for n in range(np.ndim(b)) if n not in theirs]
    shape = [np.shape(a)[n] for n in rows] + [np.shape(b)[n] for n in columns]
    length = int(np.prod([np.shape(a)[n] for n in ours]))
    height, width = (int(np.prod([np.shape(x)[n] for n in kept])) for x, kept in ((a, rows), (b, columns)))
    left = np.reshape(np.transpose(a, (*rows, *ours)), (height, length))
    right = np.reshape(np.transpose(b, (*theirs, *columns)), (length, width))
    return np.reshape(np.matmul(left, right), shape)


def kron(a: Any, b: Any) -> Any:
    a, b = stacked(a), stacked(b)
    ndim = max(np.ndim(a), np.ndim(b))
    left, right = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    rows = np.reshape(a, [part for n in left for part in (n, 1)])
    blocks = np.reshape(b, [part for n in right for part in (1, n)])
    return np.reshape(rows * blocks, [n * m for n, m in zip(left, right)])


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(stacked(a), axisa, -1), np.moveaxis(stacked(b), axisb, -1)
    a1, a2, a3 = (a[..., n] if n < np.shape(a)[-1] else 0 for n in range(3))
    b1, b2, b3 = (b[..., n] if n < np.shape(b)[-1] else 0 for n in range(3))
    if np.shape(a)[-1] == np.shape(b)[-1] == 2:
        return a1 * b2 - a2 * b1
    return np.moveaxis(np.stack([a2 * b3 - a3 * b2, a3 * b1 - a1 * b3, a1 * b2 - a2 * b1], axis=-1), -1, axisc)


def _plain_axes(product: Callable[..., Any], cores: tuple[int, int, int]) -> Callable[..., Any]:
    """A product of stacks, its keywords ``axes`` and ``axis`` undone; ``cores``: how many axes each array and the result use."""
    def recipe(x1: Any, x2: Any, /, *, axes: Any = None, axis: Any = None, **_: Any) -> Any:
        x1, x2 = stacked(x1), stacked(x2)
        if axis is not None:
            axes = [axis, axis, ()]
        if axes is None:
            return product(x1, x2)
        last = [tuple(range(-n, 0)) for n in cores]
        theirs = [part if isinstance(part, tuple) else (part,) for part in (*axes, ())][:3]
        out = product(np.moveaxis(x1, theirs[0], last[0]), np.moveaxis(x2, theirs[1], last[1]))
        return np.moveaxis(out, last[2], theirs[2]) if theirs[2] else out

    return recipe


vecdot = _plain_axes(lambda x1, x2: np.sum(np.conjugate(x1) * x2, axis=-1), (1, 1, 0))
matvec = _plain_axes(lambda x1, x2: np.matmul(x1, x2[..., None])[..., 0], (2, 1, 1))
vecmat = _plain_axes(lambda x1, x2: np.matmul(np.conjugate(x1)[..., None, :], x2)[..., 0, :], (1, 2, 1))


def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """A convolution with the other array reversed; the part that ``mode`` keeps is cut where NumPy cuts it."""
    a, v = np.ravel(stacked(a)), np.ravel(stacked(v))
    full = np.convolve(a, np.conjugate(np.flip(v)))
    n, m = max(np.size(a), np.size(v)), min(np.size(a), np.size(v))
    mode = MODES.get(mode, mode)
    start = (m - 1) // 2 if np.size(a) >= np.size(v) else m // 2
    return full if mode == "full" else full[start:start + n] if mode == "same" else full[m - 1:n]


# ---- Fourier transforms: by those of one axis ----------------------------------------------------------------------------

OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """The first half of a transform, the rest of which says the same."""
    whole = np.moveaxis(np.fft.fft(np.real(a), n, axis, norm), axis, -1)
    return np.moveaxis(whole[..., :np.shape(whole)[-1] // 2 + 1], -1, axis)


def irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """Re Σ wₖ aₖ exp(2πi jk/n) with w = 2 for the entries that stand for a conjugate pair."""
    a = np.moveaxis(a, axis, -1)
    n = 2 * (np.shape(a)[-1] - 1) if n is None else operator.index(n)
    half = a[..., :n // 2 + 1]
    k = np.arange(np.shape(half)[-1])
    whole = np.fft.ifft(half * np.where((k == 0) | (2 * k == n), 1, 2), n, -1, norm)
    return np.moveaxis(np.real(whole), -1, axis)


def hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    return irfft(np.conjugate(a), n, axis, OPPOSITE[norm])


def ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    return np.conjugate(rfft(a, n, axis, OPPOSITE[norm]))


def _over_axes(one: Callable[..., Any], at_end: Callable[..., Any] | None, end_first: bool, default: Any) -> Callable[..., Any]:
    """A transform over several axes; ``at_end`` is that of the last axis, where it differs."""
    def recipe(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        if axes is None:
            axes = tuple(range(np.ndim(a))) if s is None else tuple(range(-len(s), 0))
        lengths = [None] * len(axes) if s is None else [np.shape(a)[axis] if n == -1 and at_end is not irfft else n
                                                        for n, axis in zip(s, axes)]
        steps = [(one, n, axis) for n, axis in zip(lengths, axes)]
        if at_end is not None:
            steps[-1] = (at_end, *steps[-1][1:])
        for function, n, axis in reversed(steps) if end_first else steps:
            a = function(a, n, axis, norm)
        return a

    return recipe


RECIPES: dict[Callable[..., Any], Callable[..., Any]] = {
    np.mean: mean,
    np.add.reduce: reduce,
    np.add.accumulate: lambda array, axis=0, dtype=None, out=None: np.cumsum(array, axis),
    np.add.reduceat: reduceat(np.add),
    np.diff: diff,
    np.ediff1d: ediff1d,
    np.trace: trace,
    np.linalg.trace: lambda x, /, *, offset=0, dtype=None: trace(x, offset, -2, -1),
    np.polyder: polyder,
    np.dot: dot,
    np.vdot: vdot,
    np.inner: inner,
    np.outer: outer,
    np.tensordot: tensordot,
    np.kron: kron,
    np.cross: cross,
    np.vecdot: vecdot,
    np.correlate: correlate,
    np.linalg.matmul: lambda x1, x2, /: np.matmul(x1, x2),
    np.linalg.outer: lambda x1, x2, /: outer(x1, x2),
    np.linalg.vecdot: lambda x1, x2, /, *, axis=-1: vecdot(x1, x2, axis=axis),
    np.linalg.tensordot: lambda x1, x2, /, *, axes=2: tensordot(x1, x2, axes),
    np.linalg.cross: lambda x1, x2, /, *, axis=-1: cross(x1, x2, axis=axis),
    np.fft.rfft: rfft,
    np.fft.irfft: irfft,
    np.fft.hfft: hfft,
    np.fft.ihfft: ihfft,
    np.fft.fft2: _over_axes(np.fft.fft, None, True, (-2, -1)),
    np.fft.ifft2: _over_axes(np.fft.ifft, None, True, (-2, -1)),
    np.fft.fftn: _over_axes(np.fft.fft, None, True, None),
    np.fft.ifftn: _over_axes(np.fft.ifft, None, True, None),
    np.fft.rfft2: _over_axes(np.fft.fft, rfft, True, (-2, -1)),
    np.fft.rfftn: _over_axes(np.fft.fft, rfft, True, None),
    np.fft.irfft2: _over_axes(np.fft.ifft, irfft, False, (-2, -1)),
    np.fft.irfftn: _over_axes(np.fft.ifft, irfft, False, None),
}
for name, product in (("matvec", matvec), ("vecmat", vecmat), ("cumulative_sum", cumulative_sum)):  # NumPy 2.1, 2.2
    if getattr(np, name, None) in TABLE:
        RECIPES[getattr(np, name)] = product
