"""What the rules of linear algebra are written with: stacks of matrices, one matrix for each index of the leading axes.

``t`` is the tangent of a stack, or a chunk of such tangents: it may have more leading axes than the stack. Comparisons look at
plain values, so what depends on them (a rank, which eigenvalues coincide) is locally constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base, epsilon
from dualdiff.rules.auxiliary import own
from dualdiff.rules.shapes import normalized
from dualdiff.rules.table import matrix

ROUNDING = 8.0  # times n·ε·‖a‖: eigenvalues and singular values are not known better than that


@own
def nan_where(mask: Any, x: Any) -> Any:
    """x, and nan for what is not defined: in it, and in each of its derivatives."""
    return np.where(mask, np.nan, x)


matrix(nan_where, x=lambda out, t, mask, x: nan_where(mask, t), at={"x": 1}, stacked=True)

# ---- stacks --------------------------------------------------------------------------------------------------------------

def array(a: Any) -> Any:
    """An argument with a shape: NumPy takes nested lists as well."""
    return a if hasattr(a, "shape") else np.asarray(a)


def adjoint(a: Any) -> Any:
    """Aᴴ, the conjugate transpose."""
    return np.conjugate(a.mT) if np.iscomplexobj(a) else a.mT


def diagonal(a: Any) -> Any:
    i = np.arange(min(a.shape[-2:]))
    return a[..., i, i]


def columns(a: Any) -> Any:
    """Numbers for each matrix (…, n) as factors of the columns: (…, 1, n)."""
    return a[..., None, :]


def each(a: Any) -> Any:
    """One number for each matrix (…) as a factor of the matrices: (…, 1, 1)."""
    return np.reshape(a, (*np.shape(a), 1, 1))


def real(a: Any) -> Any:
    return np.real(a) if np.iscomplexobj(a) else a


def inner(a: Any, b: Any) -> Any:
    """Re tr(Aᴴ B), the derivative of a real function along b where a is its gradient."""
    return np.sum(real(np.conjugate(a) * b), axis=(-2, -1))


def product(a: Any, b: Any, c: Any) -> Any:
    """A B C in the order that takes fewer multiplications."""
    (p, q), (r, s) = a.shape[-2:], c.shape[-2:]
    return (a @ b) @ c if p * r * (q + s) <= q * s * (p + r) else a @ (b @ c)


def of_triangle(t: Any, lower: bool = True) -> Any:
    """The Hermitian matrix that LAPACK sees, which reads one triangle and the real part of the diagonal."""
    n = t.shape[-1]
    triangle = np.tri(n, n, -1, bool) if lower else np.tri(n, n, -1, bool).T
    half = np.where(triangle, t, 0)
    return half + adjoint(half) + np.where(np.eye(n, dtype=bool), real(t), 0)


# ---- singular matrices, zero tangents ------------------------------------------------------------------------------------

def inverse(a: Any) -> Any:
    """A⁻¹, and nan for the singular matrices of a stack."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        singular = each(np.linalg.slogdet(base(a))[0] == 0)
        return nan_where(singular, np.linalg.inv(np.where(singular, np.eye(a.shape[-1], dtype=a.dtype), a)))


def settled(t: Any, result: Any, axes: int = 2) -> Any:
    """``result``, linear in t, but 0 where t is wholly 0: a matrix that does not matter cannot poison anything.

    ``axes`` is how many axes of the result belong to one matrix. A tangent that is an operand itself may have a derivative
    where it is 0, and is left alone.
    """
    if type(t) is not np.ndarray or not has_nan(result):
        return result
    still = np.all(t == 0, axis=(-2, -1))
    return np.where(np.reshape(still, still.shape + (1,) * axes), 0, result)


def has_nan(a: Any) -> bool:
    return bool(np.isnan(base(a)).any())


def strong(t: Any, slope: Any) -> Any:
    """t × slope, entry by entry, and 0 where t is 0 (see `settled`)."""
    result = t * slope
    return np.where(t == 0, 0, result) if type(t) is np.ndarray and has_nan(result) else result


# ---- repeated eigenvalues ------------------------------------------------------------------------------------------------

def coinciding(values: Any, error: Any) -> Any:
    """Which of the values (…, n) are the same to within their ``error`` (…, n): a symmetric (…, n, n), False on its diagonal."""
    w, error = base(values), np.asarray(error)
    same = abs(w[..., :, None] - w[..., None, :]) <= error[..., :, None] + error[..., None, :]
    return same & ~np.eye(w.shape[-1], dtype=bool)


def rounding_of(values: Any, n: int) -> Any:
    """How far off the eigenvalues of a Hermitian matrix, or the singular values, may be."""
    largest = np.max(abs(base(values)), axis=-1, keepdims=True, initial=0)
    return np.broadcast_to(ROUNDING / 2 * n * epsilon(values) * largest, np.shape(values))


def inverse_gaps(values: Any, same: Any) -> Any:
    """1/(λⱼ − λᵢ) off the diagonal and 0 on it; nan where the two are the same."""
    one = np.eye(values.shape[-1], dtype=bool)
    gaps = values[..., None, :] - values[..., :, None]
    return nan_where(same, np.where(one, 0, 1 / np.where(one | same, 1, gaps)))


def common_slopes(m: Any, same: Any) -> Any:
    """The diagonal of m, the tangents of eigenvalues; nan where they coincide and m tells them apart.

    Coinciding eigenvalues have tangents of their own only if m is a multiple of the identity among them: otherwise they part
    in a way that no linear map describes.
    """
    slopes, plain = diagonal(m), base(m)
    if not same.any():
        return slopes
    d = diagonal(plain)
    error = 100 * max(m.shape[-1], 1) * epsilon(m) * np.max(abs(plain), axis=(-2, -1), initial=0)[..., None, None]
    apart = same & ((abs(plain) > error) | (abs(plain.mT) > error) | (abs(d[..., :, None] - d[..., None, :]) > error))
    return nan_where(apart.any(-1), slopes)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """``axis=`` as negative axes, which stay the same when a chunk puts its own in front."""
    return tuple(range(-ndim, 0)) if axis is None else tuple(i - ndim for i in normalized(axis, ndim))
