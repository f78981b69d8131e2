"""Linear systems, inverses and determinants, on stacks of matrices.

Sources: M. B. Giles, "An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008). G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems
whose variables separate" (1973). G. W. Stewart, "On the adjugate matrix" (1998): where a matrix is not too close to a singular
one, det(A) A⁻¹ is an accurate adjugate.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from dualdiff.numbers import base, epsilon
from dualdiff.rules.matrices import adjoint, array, each, inverse, strong
from dualdiff.rules.table import composite, locally_constant, matrix

# ---- solve, inv ----------------------------------------------------------------------------------------------------------


def aligned(t: Any, a: Any, ndim: int) -> Any:
    """A tangent of ``a`` that broadcasts as ``a`` does against arrays of ``ndim`` axes."""
    extra, missing = t.ndim - np.ndim(a), max(ndim - np.ndim(a), 0)
    return np.reshape(t, t.shape[:extra] + (1,) * missing + t.shape[extra:]) if extra and missing else t


def solved(a: Any, t: Any) -> Any:
    """A⁻¹ T, where leading axes of T that A does not have become columns: A is factorised once for all of them."""
    extra = t.ndim - a.ndim
    if extra <= 0:
        return np.linalg.solve(a, t)
    order = (*range(extra, t.ndim - 1), *range(extra), t.ndim - 1)
    sides = np.transpose(t, order)
    n = sides.shape[-extra - 1:]
    x = np.linalg.solve(a, np.reshape(sides, (*sides.shape[:-extra - 1], int(np.prod(n)))))
    return np.transpose(np.reshape(x, (*x.shape[:-1], *n)), np.argsort(order))


def residual_by_a(out: Any, t: Any, a: Any, b: Any) -> Any:
    """−Ȧ X. The right-hand side is a vector only if it has one axis, as in NumPy 2."""
    x = out[..., None] if np.ndim(b) == 1 else out
    return -aligned(t, a, x.ndim) @ x


def residual_by_b(out: Any, t: Any, a: Any, b: Any) -> Any:
    """Ḃ, as a matrix that broadcasts against A."""
    ndim = np.ndim(a)
    return np.reshape(t, t.shape[:-1] + (1,) * (ndim - 2) + (t.shape[-1], 1)) if np.ndim(b) == 1 else aligned(t, b, ndim)


def solve(out: Any, t: Any, a: Any, b: Any) -> Any:
    """A⁻¹ (Ḃ − Ȧ X)."""
    x = solved(array(a), t)
    return x[..., 0] if np.ndim(b) == 1 else x


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = array(a), array(b)
    if axes is not None:
        last = [i % a.ndim for i in axes]
        a = np.transpose(a, [i for i in range(a.ndim) if i not in last] + last)
    shape = a.shape[b.ndim:]
    return np.reshape(np.linalg.solve(np.reshape(a, (b.size, b.size)), np.reshape(b, -1)), shape)


def tensorinv(a: Any, ind: int = 2) -> Any:
    shape = a.shape[ind:] + a.shape[:ind]
    n = int(np.prod(a.shape[:ind]))
    return np.reshape(np.linalg.inv(np.reshape(a, (n, n))), shape)


matrix   (np.linalg.inv,         a=lambda out, t, a: -out @ t @ out, stacked=True)
matrix   (np.linalg.solve,       a=residual_by_a, b=residual_by_b, last=solve, stacked=True)
composite(np.linalg.tensorsolve, tensorsolve)
composite(np.linalg.tensorinv,   tensorinv)

# ---- determinants --------------------------------------------------------------------------------------------------------


def adjugate(a: Any, det: Any) -> Any:
    """The matrix of cofactors, transposed: det(A) A⁻¹, and for the singular matrices of a stack what that tends to."""
    result = each(det) * inverse(a)
    size = np.max(np.sum(abs(base(a)), axis=-1), axis=-1, initial=0)
    with np.errstate(all="ignore"):
        condition = size * np.max(np.sum(abs(base(result)), axis=-1), axis=-1, initial=0) / abs(base(det))
        regular = (condition < 0.01 / epsilon(a)) & np.isfinite(base(det)) & (abs(base(det)) > 1e-290)
    regular |= ~np.isfinite(base(a)).all((-2, -1))
    if np.all(regular) or not a.shape[-1]:
        return result
    parts = [result[i] if regular[i] else adjugate_in_frame(a[i]) for i in np.ndindex(*np.shape(det))]
    return np.reshape(np.stack(parts), a.shape)


def adjugate_in_frame(a: Any) -> Any:
    """The adjugate of one matrix that is (nearly) singular, from constant unitary frames: adj(U B Vᴴ) = det(U Vᴴ) V adj(B) Uᴴ.

    In the frames of the singular vectors a block B₁₁ is regular and the Schur complement C of it is small; adj(C) and det(C) are
    polynomials. So the result is exact in every derivative, whatever the rank.
    """
    u, s, vh = np.linalg.svd(base(a))
    scale = s[0] if s[0] > 0 else s.dtype.type(1)
    rank = int(np.sum(s > 1e-6 * scale))
    b = (adjoint(u) @ a @ adjoint(vh)) / scale
    b11, b12, b21 = b[:rank, :rank], b[:rank, rank:], b[rank:, :rank]
    back = np.linalg.inv(b11)
    left, right = back @ b12, b21 @ back
    adj, det = adjugate_of_small(b[rank:, rank:] - right @ b12)
    inner = np.concatenate([np.concatenate([det * back + left @ adj @ right, -left @ adj], axis=1),
                            np.concatenate([-adj @ right, adj], axis=1)])
    phase = np.linalg.det(u) * np.linalg.det(vh) * scale**(len(s) - 1)
    return phase * np.linalg.det(b11) * (adjoint(vh) @ inner @ adjoint(u))


def adjugate_of_small(c: Any) -> tuple[Any, Any]:
    """(adj C, det C) by the Faddeev–LeVerrier recursion, which divides by whole numbers only."""
    m, one = c.shape[-1], np.eye(c.shape[-1], dtype=c.dtype)
    power = one
    for k in range(1, m):
        power = c @ power
        power = power - np.trace(power) / k * one
    sign = (-1) ** (m - 1)
    return sign * power, sign * np.trace(c @ power) / m if m else 1.0


def det(out: Any, t: Any, a: Any) -> Any:
    """tr(adj(A) Ȧ), Jacobi's formula."""
    return np.sum(adjugate(a, out).mT * t, axis=(-2, -1))


def slogdet(out: Any, t: Any, a: Any) -> Any:
    """With z = tr(A⁻¹ Ȧ): the logarithm moves by Re z and the sign turns by Im z, being ±1 in a real matrix. nan for a singular
    matrix, whose logarithm is −∞."""
    z = np.sum(strong(t, inverse(a).mT), axis=(-2, -1))
    return (1j * out[0] * np.imag(z), np.real(z)) if np.iscomplexobj(z) else (None, z)


matrix(np.linalg.det,     a=det, stacked=True)
matrix(np.linalg.slogdet, a=slogdet, stacked=True)

# ---- powers and products -------------------------------------------------------------------------------------------------


def matrix_power(a: Any, n: Any) -> Any:
    n = operator.index(n)
    if n == 0:
        return np.linalg.matrix_power(base(a), 0)
    a = np.linalg.inv(a) if n < 0 else a
    result, n = None, abs(n)
    while n:
        if n % 2:
            result = a if result is None else result @ a
        a, n = (a @ a if n > 1 else a), n // 2
    return result


def multi_dot(out: Any, t: Any, arrays: Any) -> Any:
    """The product rule, each product in NumPy's own best order; factors known to be constant give no term."""
    total = 0 * out
    for i, factor in enumerate(t):
        if type(factor) is not np.ndarray or factor.any():
            total = total + np.linalg.multi_dot([*arrays[:i], factor, *arrays[i + 1:]])
    return total


composite(np.linalg.matrix_power, matrix_power)
matrix   (np.linalg.multi_dot,    arrays=multi_dot)
locally_constant(np.linalg.matrix_rank)
