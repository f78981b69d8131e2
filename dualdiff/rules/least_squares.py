"""Pseudo-inverses and least squares.

Source: G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
separate" (1973). Singular values that the cut-off (``rcond``, ``rtol``) discards are constant zeros. Where that cut-off is at
the level of rounding, the matrix counts as one of lower rank: its pseudo-inverse has a derivative along directions that keep
the rank, and jumps along the others, where the derivative is nan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base, epsilon
from dualdiff.rules.matrices import adjoint, array, each, nan_where, of_triangle, product, settled
from dualdiff.rules.table import composite, matrix


def pinv(out: Any, t: Any, a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """−A⁺ Ȧ A⁺ + A⁺A⁺ᴴ Ȧᴴ (1 − A A⁺) + (1 − A⁺A) Ȧᴴ A⁺ᴴA⁺."""
    if hermitian:
        a, t = of_triangle(a), of_triangle(t)
    m, n = a.shape[-2:]
    if not out.size:
        return np.zeros((*t.shape[:-2], n, m), out.dtype)
    rank = np.rint(np.trace(base(a) @ base(out), axis1=-2, axis2=-1).real)
    deficient = rank < min(m, n)
    cut = rtol if rcond is None else rcond
    coarse = cut is not None and cut is not np._NoValue and np.any(np.asarray(cut) > 1000 * max(m, n) * epsilon(a))
    if coarse and deficient.any():
        return adjoint(truncated(t, a, rank))
    th, outh = adjoint(t), adjoint(out)
    residual = th - (product(th, a, out) if m >= n else th @ (a @ out))
    z = product(th, outh, out)
    result = -product(out, t, out) + product(out, outh, residual) + (z - product(out, a, z))
    if not deficient.any():
        return result
    plain, back = base(t), base(out)
    raised = plain - base(a) @ (back @ plain)
    raised = raised - (raised @ back) @ base(a)
    size = np.max(abs(plain), axis=(-2, -1), initial=0)
    jumps = deficient & (np.max(abs(raised), axis=(-2, -1), initial=0) > 1000 * max(m, n) * epsilon(a) * size)
    return settled(t, nan_where(each(jumps), result))


def truncated(t: Any, a: Any, rank: Any) -> Any:
    """The tangent of A⁺ᴴ = U f(S) Vᴴ, f being 1/s for the kept singular values and 0 for the others, which may be large.

    By divided differences of f (Daleckii and Krein), none of which is across equal arguments.
    """
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    v, uh = adjoint(vh), adjoint(u)
    kept = np.arange(s.shape[-1]) < rank[..., None]
    f = np.where(kept, 1 / np.where(kept, s, 1), 0)
    p = uh @ t @ v
    left, right = (kept[..., :, None], s[..., :, None], f[..., :, None]), (kept[..., None, :], s[..., None, :], f[..., None, :])
    both, one = left[0] & right[0], left[0] ^ right[0]
    even = np.where(both, -left[2] * right[2], np.where(one, (left[2] - right[2]) / np.where(one, left[1] - right[1], 1), 0))
    odd = np.where(both, left[2] * right[2], np.where(one, (left[2] + right[2]) / np.where(one, left[1] + right[1], 1), 0))
    inside = even * (p + adjoint(p)) / 2 + odd * (p - adjoint(p)) / 2
    steep = (f * f)[..., None, :]
    return (u @ inside @ vh + ((t @ v - u @ p) * steep) @ vh + (u * steep) @ (uh @ t - p @ vh))


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """x = A⁺ b, of least norm where the rank is deficient, and the sum of squares that is left."""
    a, b = array(a), array(b)
    m, n = a.shape[-2:]
    cut = epsilon(base(a)) * (max(m, n) if rcond is None else 1) if rcond is None or rcond == -1 else rcond
    x = np.linalg.pinv(a, cut) @ b
    misfit = b - a @ x
    misfit = misfit if np.ndim(b) > 1 else misfit[:, None]
    squares = np.sum(np.real(misfit) ** 2 + np.imag(misfit) ** 2, axis=0)
    rank = np.linalg.matrix_rank(a, rtol=cut)
    return x, squares if rank == n and m > n else np.zeros(0), rank, np.linalg.svdvals(a)


matrix   (np.linalg.pinv,  a=pinv, stacked=True)
composite(np.linalg.lstsq, lstsq)
