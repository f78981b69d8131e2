"""Decompositions of stacks of matrices, real and complex.

Sources: M. B. Giles, "An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008): eigenvalues, singular values, Cholesky. S. F. Walter and L. Lehmann, "Algorithmic differentiation of
linear algebra functions with application in optimum experimental design" (2010): QR and eigenvectors. J. Townsend,
"Differentiating the singular value decomposition" (2016).

What is well defined. Eigenvectors and singular vectors are unique only up to a sign, or in complex matrices a phase. The sign is
locally constant. The phase is NumPy's: `eigh` makes the first entry of each eigenvector real (the last with ``UPLO="U"``), `eig`
its largest entry, `svd` the first entry of each right singular vector, of a wide matrix of each left one. Where that entry is 0
there is no such phase, and the vectors turn as little as they can. Vectors of eigenvalues that coincide (to rounding) are not
defined: their tangents are nan. Coinciding eigenvalues have tangents if they move together, as in ``x * np.eye(3)``, and nan
otherwise. Columns beyond the first min(m, n), in ``svd(full_matrices=True)`` and ``qr(mode="complete")``, are an arbitrary
basis of a complement, and have tangents where there is just one of them in a real matrix, nan otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base, epsilon
from dualdiff.rules.matrices import (
    ROUNDING,
    adjoint,
    coinciding,
    columns,
    common_slopes,
    diagonal,
    inverse,
    inverse_gaps,
    nan_where,
    of_triangle,
    real,
    rounding_of,
    settled,
)
from dualdiff.rules.table import matrix

# ---- Cholesky ------------------------------------------------------------------------------------------------------------


def cholesky(out: Any, t: Any, a: Any, /, *, upper: bool = False) -> Any:
    """L̇ = L Φ(L⁻¹ Ȧ L⁻ᴴ), Φ being the lower triangle with half of the diagonal."""
    lower = adjoint(out) if upper else out
    back = np.linalg.inv(lower)
    m = back @ of_triangle(t, not upper) @ adjoint(back)
    n = m.shape[-1]
    half = np.where(np.tri(n, n, -1, bool), m, 0) + np.where(np.eye(n, dtype=bool), m / 2, 0)
    return adjoint(lower @ half) if upper else lower @ half


matrix(np.linalg.cholesky, a=cholesky, stacked=True)

# ---- QR ------------------------------------------------------------------------------------------------------------------


def qr(out: Any, t: Any, a: Any, mode: str = "reduced") -> Any:
    """Ṙ = (C − Ω) R and Q̇ = (Ȧ R⁻¹) − Q (C − Ω), with C = Qᴴ Ȧ R⁻¹ and Ω skew-Hermitian such that Ṙ is as R is: upper
    triangular with a real diagonal. A wide matrix has Q from its first columns; nan where these are linearly dependent."""
    if mode not in ("reduced", "complete", "r"):
        raise NotDifferentiableError(f"np.linalg.qr with mode={mode!r} returns Householder vectors in LAPACK's own form; use "
                                     f"'reduced', 'complete' or 'r'")
    m, n = a.shape[-2:]
    k = min(m, n)
    q, r = np.linalg.qr(a) if mode == "r" else (out[0][..., :k], out[1][..., :k, :])
    lengths = np.linalg.norm(base(a)[..., :k], axis=-2)
    dependent = np.logical_or.accumulate(abs(diagonal(base(r))) <= ROUNDING * m * epsilon(r) * lengths, axis=-1)
    back = nan_where(columns(dependent), inverse(r[..., :k]))
    moved = t[..., :k] @ back
    c = adjoint(q) @ moved
    below = np.where(np.tri(k, k, -1, bool), c, 0)
    turn = below - adjoint(below)
    if np.iscomplexobj(c):
        turn = turn + np.where(np.eye(k, dtype=bool), 1j * np.imag(c), 0)
    dq = settled(t, q @ turn + (moved - q @ c))
    dr = (c - turn) @ r[..., :k]
    dr = np.where(np.tri(k, k, -1, bool), 0, dr)
    if n > m:
        dr = np.concatenate([dr, adjoint(dq) @ a[..., k:] + adjoint(q) @ t[..., k:]], axis=-1)
    dr = settled(t, dr)
    if mode == "r":
        return dr
    if mode == "complete" and m > n:
        dq = np.concatenate([dq, complement(t, out[0][..., k:], q, dq)], axis=-1)
        dr = np.concatenate([dr, np.zeros((*dr.shape[:-2], m - k, n), dr.dtype)], axis=-2)
    return dq, dr


def complement(t: Any, rest: Any, q: Any, dq: Any) -> Any:
    """The tangent of a unit vector orthogonal to the columns of q; several of them are no function of q: nan."""
    turned = -q @ (adjoint(dq) @ rest)
    if rest.shape[-1] == 1 and not np.iscomplexobj(rest):
        return turned
    return settled(t, nan_where(True, turned))


matrix(np.linalg.qr, a=qr, stacked=True)

# ---- eigenvalues and eigenvectors ----------------------------------------------------------------------------------------


def with_phase(v: Any, dv: Any, entry: Any) -> Any:
    """The imaginary number for each column of v that, times the column, makes ``entry`` of dv real as that of v is."""
    where, slope = entry
    large = abs(base(where)) > ROUNDING * v.shape[-2] * epsilon(v)
    return np.where(large, -1j * np.imag(slope) / np.where(large, real(where), 1), 0)


def eigh(out: Any, t: Any, a: Any, UPLO: str = "L") -> Any:
    """λ̇ = diag(Vᴴ Ȧ V) and V̇ = V (F ∘ Vᴴ Ȧ V) with Fᵢⱼ = 1/(λⱼ − λᵢ)."""
    w, v = out
    m = adjoint(v) @ of_triangle(t, UPLO.upper() == "L") @ v
    same = coinciding(w, rounding_of(w, w.shape[-1]))
    dv = v @ (inverse_gaps(w, same) * m)
    if np.iscomplexobj(v) and v.shape[-1]:
        row = 0 if UPLO.upper() == "L" else -1
        dv = dv + v * columns(with_phase(v, dv, (v[..., row, :], dv[..., row, :])))
    return settled(t, common_slopes(m, same).real, 1), settled(t, dv)


def eig(out: Any, t: Any, a: Any) -> Any:
    """λ̇ = diag(V⁻¹ Ȧ V) and V̇ = V (F ∘ V⁻¹ Ȧ V + C), the diagonal C keeping the columns at length 1 and their phase."""
    w, v = out
    back = inverse(v)
    m = back @ t @ v
    scale = np.linalg.norm(base(a), axis=(-2, -1))[..., None]
    condition = np.linalg.norm(base(back), axis=-1)
    same = coinciding(w, ROUNDING / 2 * w.shape[-1] * epsilon(w) * scale * condition)
    dv = v @ (inverse_gaps(w, same) * m)
    dv = dv - v * columns(np.sum(real(np.conjugate(v) * dv), axis=-2))
    if np.iscomplexobj(v) and v.shape[-1]:
        plain = base(v)
        largest = np.argmax(abs(plain) - 1e-8 * (plain.imag != 0), axis=-2)[..., None, :]
        picked = np.broadcast_to(largest, (*dv.shape[:-2], 1, dv.shape[-1]))
        entry = np.take_along_axis(v, largest, -2)[..., 0, :], np.take_along_axis(dv, picked, -2)[..., 0, :]
        dv = dv + v * columns(with_phase(v, dv, entry))
    return settled(t, common_slopes(m, same), 1), settled(t, dv)


def eigvals(out: Any, t: Any, a: Any) -> Any:
    """LAPACK finds eigenvalues without their vectors in another order: each takes the tangent of the one next to it."""
    w, v = np.linalg.eig(a)
    slopes, _ = eig((w, v), t, a)
    nearest = np.argmin(abs(base(out)[..., :, None] - base(w)[..., None, :]), axis=-1) if w.shape[-1] else np.zeros(w.shape, int)
    slopes = np.take_along_axis(slopes, np.broadcast_to(nearest, slopes.shape), -1)
    return slopes if np.iscomplexobj(out) else real(slopes)


matrix(np.linalg.eigh,     a=eigh, stacked=True)
matrix(np.linalg.eigvalsh, a=lambda out, t, a, UPLO="L": eigh(np.linalg.eigh(a, UPLO), t, a, UPLO)[0], stacked=True)
matrix(np.linalg.eig,      a=eig, stacked=True)
matrix(np.linalg.eigvals,  a=eigvals, stacked=True)

# ---- singular values and vectors -----------------------------------------------------------------------------------------


def svd(out: Any, t: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """Ṡ = Re diag(P) with P = Uᴴ Ȧ V; U̇ = U Ω + (I − U Uᴴ) Ȧ V S⁻¹ and V̇ = V Ω′ + (I − V Vᴴ) Ȧᴴ U S⁻¹, where
    Ωᵢⱼ, Ω′ᵢⱼ = ½ (P + Pᴴ)ᵢⱼ/(sⱼ − sᵢ) ± ½ (P − Pᴴ)ᵢⱼ/(sⱼ + sᵢ)."""
    if hermitian:
        return svd_of_hermitian(t, a, compute_uv)
    m, n = a.shape[-2:]
    k = min(m, n)
    u, s, vh = out if compute_uv else np.linalg.svd(a, full_matrices=False)
    u1, v1 = u[..., :k], adjoint(vh[..., :k, :])
    tv = t @ v1
    p = adjoint(u1) @ tv
    even, odd = (p + adjoint(p)) / 2, (p - adjoint(p)) / 2
    error = rounding_of(s, max(m, n))
    same, zero = coinciding(s, error), base(s) <= error
    slopes = common_slopes(even, same).real
    conical = zero & (m != n or np.iscomplexobj(a) or np.sum(zero, axis=-1, keepdims=True) > 1)
    slopes = settled(t, nan_where(conical, slopes), 1)
    if not compute_uv:
        return slopes
    sums = s[..., None, :] + s[..., :, None]
    neither = zero[..., None, :] & zero[..., :, None] & ((m != n) | ~np.eye(k, dtype=bool) | np.iscomplexobj(a))
    odd = odd * nan_where(neither, 1 / np.where(base(sums) == 0, 1, sums))
    even = even * inverse_gaps(s, same)
    du, dv = u1 @ (even + odd), v1 @ (even - odd)
    back = columns(nan_where(zero, 1 / np.where(zero, 1, s)))
    outside = (tv - u1 @ p) * back if m > n else (adjoint(t) @ u1 - v1 @ adjoint(p)) * back
    du, dv = du + outside if m > n else du, dv + outside if n > m else dv
    if np.iscomplexobj(a) and k:
        turn = columns(with_phase(v1, dv, (v1[..., 0, :], dv[..., 0, :])) if m >= n
                       else with_phase(u1, du, (u1[..., 0, :], du[..., 0, :])))
        du, dv = du + u1 * turn, dv + v1 * turn
    du, dv = settled(t, du), settled(t, dv)
    if full_matrices and m > n:
        du = np.concatenate([du, complement(t, u[..., k:], u1, outside)], axis=-1)
    if full_matrices and n > m:
        dv = np.concatenate([dv, complement(t, adjoint(vh[..., k:, :]), v1, outside)], axis=-1)
    return du, slopes, adjoint(dv)


def svd_of_hermitian(t: Any, a: Any, compute_uv: bool) -> Any:
    """NumPy takes s = |λ| in descending order, and the signs to V."""
    w, v = np.linalg.eigh(a)
    dw, dv = eigh((w, v), t, a)
    sign, branch = np.sign(base(w)), np.copysign(1, base(w))
    order = np.argsort(abs(base(w)), axis=-1)[..., ::-1]

    def arranged(x: Any) -> Any:
        index = order if x.ndim == dw.ndim else order[..., None, :]
        return np.take_along_axis(x, np.broadcast_to(index, (*x.shape[:-1], order.shape[-1])), -1)

    slopes = arranged(dw * branch)
    return (arranged(dv), slopes, adjoint(arranged(dv * columns(sign)))) if compute_uv else slopes


def svdvals(out: Any, t: Any, x: Any, /) -> Any:
    return svd(out, t, x, compute_uv=False)


matrix(np.linalg.svd,      a=svd, stacked=True)
matrix(np.linalg.svdvals,  x=svdvals, stacked=True)
