"""Norms of vectors and matrices, and condition numbers.

A norm has no derivative at 0. There its first derivative is 0 (a tangent of zero length moves nothing) and the second is nan.
The spectral norm has none where the largest singular value is repeated, and the nuclear norm where the rank is deficient: nan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.auxiliary import Auxiliary, own
from dualdiff.rules.elementwise import sign_of_branch
from dualdiff.rules.matrices import (
    adjoint,
    array,
    axes_of,
    columns,
    inner,
    inverse,
    nan_where,
    real,
    rounding_of,
    settled,
    strong,
)
from dualdiff.rules.table import composite, matrix, of_output

# ---- vectors -------------------------------------------------------------------------------------------------------------


@Auxiliary
def direction(xp: Any, x: Any, length: Any) -> Any:
    """x/length; 0 where the length is 0, and nan its derivative there."""
    return np.where(length == 0, 0, x / np.where(length == 0, 1, length))


of_output(direction.entry, lambda xp, out, x, length: 1 / nan_where(base(length) == 0, length),
                           lambda xp, out, x, length: -out / nan_where(base(length) == 0, length))


@own
def length(x: Any, axes: Any, p: Any) -> Any:
    """(Σ|xᵢ|ᵖ)^(1/p), of numbers that are scaled first: squares would overflow at 1e200 and vanish at 1e−200.

    Of doubles the squares are tried first; nothing is lost from a sum that is far from either end.
    """
    if p == 2 and type(x) is np.ndarray and x.dtype == np.float64 and x.size:
        with np.errstate(all="ignore"):
            squares = np.sum(np.square(x), axis=axes)
        if np.all((squares > 1e-280) & (squares < 1e280)):
            return np.sqrt(squares)
    size = abs(x)
    scale = np.max(size, axis=axes, keepdims=True, initial=0)
    scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1)
    total = np.sum((size / scale) ** p, axis=axes)
    return np.reshape(scale, total.shape)[()] * (np.sqrt(total) if p == 2 else total ** (1 / p))


def with_axes(norm: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """A norm of x with its (negative) axes kept."""
    return np.reshape(norm, tuple(1 if i in axes else n for i, n in zip(range(-np.ndim(x), 0), np.shape(x))))


def length_by_x(out: Any, t: Any, x: Any, axes: Any, p: Any) -> Any:
    """Σ sign(xᵢ) (|xᵢ|/‖x‖)ᵖ⁻¹ ẋᵢ."""
    norm = with_axes(out, x, axes)
    ratio = direction.entry(x, norm)
    if p == 2:
        slope = ratio
    else:
        sign = direction.entry(x, np.abs(x)) if np.iscomplexobj(x) else sign_of_branch(np, x)
        slope = sign * np.abs(ratio) ** (p - 1)
        if p < 1:
            slope = nan_where(base(norm) == 0, slope)
    return np.sum(real(strong(t, np.conjugate(slope))), axis=axes)


matrix(length, x=length_by_x, at={"x": 0}, stacked=True)


def of_vectors(x: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    if ord is None or ord == 2:
        return length(x, axes, 2)
    if ord == np.inf:
        return np.max(np.abs(x), axis=axes)
    if ord == -np.inf:
        return np.min(np.abs(x), axis=axes)
    if ord == 0:
        return np.sum(base(x) != 0, axis=axes)
    return np.sum(np.abs(x), axis=axes) if ord == 1 else length(x, axes, float(ord))


# ---- matrices ------------------------------------------------------------------------------------------------------------


@own
def polar(x: Any) -> Any:
    """U Vᴴ, the nearest matrix with orthonormal columns or rows; nan where several are nearest."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return nan_where(lost(x, s)[..., None, None], u @ vh)


def lost(x: Any, s: Any) -> Any:
    """Whether singular values vanish in a way that has no smooth branch: anything but a single one in a real square matrix."""
    zeros = np.sum(base(s) <= rounding_of(s, max(x.shape[-2:])), axis=-1)
    square = x.shape[-1] == x.shape[-2] and not np.iscomplexobj(x)
    return zeros > (1 if square else 0)


def polar_by_x(out: Any, t: Any, x: Any) -> Any:
    """U (K ∘ (Uᴴ Ẋ V − h.c.)) Vᴴ with Kᵢⱼ = 1/(sᵢ + sⱼ), and what leaves the range or the row space."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    uh, v = adjoint(u), adjoint(vh)
    p = uh @ t @ v
    sums = s[..., :, None] + s[..., None, :]
    inside = (p - adjoint(p)) / np.where(base(sums) == 0, 1, sums)
    dx = u @ inside @ vh
    if x.shape[-2] > x.shape[-1]:
        dx = dx + ((t @ v - u @ p) / columns(s)) @ vh
    if x.shape[-2] < x.shape[-1]:
        dx = dx + (u / columns(s)) @ (uh @ t - p @ vh)
    return settled(t, nan_where(lost(x, s)[..., None, None], dx))


@own
def nuclear(x: Any) -> Any:
    return np.sum(np.linalg.svdvals(x), axis=-1)


matrix(polar,   x=polar_by_x, stacked=True)
matrix(nuclear, x=lambda out, t, x: inner(polar(x), t), stacked=True)


def of_matrices(x: Any, ord: Any) -> Any:
    """The norm of each matrix of a stack."""
    if ord in (2, -2):
        return np.linalg.svdvals(x)[..., 0 if ord == 2 else -1]
    if ord == "nuc":
        return nuclear(x)
    if ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.abs(x), axis=-2 if ord in (1, -1) else -1)
        return np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
    if ord in (None, "fro", "f"):
        return length(x, (-2, -1), 2)
    raise ValueError(f"Invalid norm order {ord!r} for matrices")


# ---- NumPy's functions ---------------------------------------------------------------------------------------------------


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    x = array(x)
    ndim = np.ndim(x)
    if ndim == 0:
        return np.abs(x)
    axes = axes_of(axis, ndim)
    if len(axes) == 2 and not (axis is None and ord is None):
        result = of_matrices(np.moveaxis(x, axes, (-2, -1)), ord)
    else:
        result = of_vectors(x, ord, axes)
    return with_axes(result, x, axes) if keepdims else result


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    x = array(x)
    axes = axes_of(axis, np.ndim(x))
    result = of_vectors(x, ord, axes) if np.ndim(x) else np.abs(x)
    return with_axes(result, x, axes) if keepdims else result


def cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(inverse(x), p, axis=(-2, -1))


composite(np.linalg.norm,        norm)
composite(np.linalg.vector_norm, vector_norm)
composite(np.linalg.matrix_norm, lambda x, /, *, keepdims=False, ord="fro": norm(x, ord, (-2, -1), keepdims))
composite(np.linalg.cond,        cond)
