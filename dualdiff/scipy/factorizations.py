"""Factorizations by SciPy. Their rules are those of NumPy's functions (`dualdiff.rules.decompositions` says what of vectors is well
defined, and gives the sources), at the factors that SciPy found."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import scipy.linalg

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules import decompositions
from dualdiff.rules.matrices import array, inverse
from dualdiff.rules.table import composite, matrix
from dualdiff.scipy.namespace import following, only

sl: Any = scipy.linalg

cholesky = following(sl.cholesky)
cho_factor = following(sl.cho_factor)
lu = following(sl.lu)
qr = following(sl.qr)
eig = following(sl.eig)
eigvals = following(sl.eigvals)
eigh = following(sl.eigh)
eigvalsh = following(sl.eigvalsh)
svd = following(sl.svd)
svdvals = following(sl.svdvals)

# ---- Cholesky, LU, QR ----------------------------------------------------------------------------------------------------


def cholesky_along(out: Any, t: Any, a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return decompositions.cholesky(out, t, a, upper=not lower)


@functools.cache
def keeps_other_triangle() -> bool:
    """Whether `cho_factor` leaves the matrix in the other triangle, as SciPy did before 1.18; it may do there what it likes."""
    return bool(sl.cho_factor(np.array([[1.0, 0.5], [0.5, 1.0]]))[0][1, 0])


def cho_factor_along(out: Any, t: Any, a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The other triangle of the factor holds what the matrix holds there, or zeros."""
    n = np.shape(a)[-1]
    mask = np.tri(n, n, 0, bool) if lower else np.tri(n, n, 0, bool).T
    factor = np.where(mask, out[0], 0)
    return np.where(mask, decompositions.cholesky(factor, t, a, upper=not lower), t if keeps_other_triangle() else 0), None


def lu_along(out: Any, t: Any, a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True,
             p_indices: bool = False) -> Any:
    """L̇ = L Φ and U̇ = Ψ U, where Φ + Ψ = L⁻¹ Ȧ U⁻¹ are its strictly lower part and the rest. The rows below the first n of a
    tall L follow from L U = A, the columns beyond of a wide U likewise. The permutation is locally constant."""
    a = array(a)
    k = min(np.shape(a)[-2:])
    order = np.argsort(sl.lu(base(a), p_indices=True)[0], axis=-1)
    lower, upper = out[-2:]
    t = np.take_along_axis(t, order[..., None], -2)
    lower = np.take_along_axis(lower, order[..., None], -2) if permute_l else lower
    left, right = inverse(lower[..., :k, :]), inverse(upper[..., :k])
    m = left @ t[..., :k, :k] @ right
    strict = np.where(np.tri(k, k, -1, bool), m, 0)
    d_lower, d_upper = lower[..., :k, :] @ strict, (m - strict) @ upper[..., :k]
    below, beyond = lower[..., k:, :], upper[..., k:]
    d_lower = np.concatenate([d_lower, (t[..., k:, :k] - below @ d_upper) @ right], -2)
    d_upper = np.concatenate([d_upper, left @ (t[..., :k, k:] - d_lower[..., :k, :] @ beyond)], -1)
    if permute_l:
        return np.take_along_axis(d_lower, np.argsort(order, -1)[..., None], -2), d_upper
    return None, d_lower, d_upper


def qr_along(out: Any, t: Any, a: Any, overwrite_a: bool = False, lwork: Any = None, mode: str = "full", pivoting: bool = False,
             check_finite: bool = True) -> Any:
    only("linalg.qr", mode=(mode, ("full", "economic", "r")), pivoting=(pivoting, (False,)))
    a = array(a)
    m, n = np.shape(a)[-2:]
    if mode == "r":  # of shape (m, n), as in the mode "full"
        r = decompositions.qr(out[0][..., :min(m, n), :], t, a, "r")
        return (np.concatenate([r, np.zeros((*r.shape[:-2], max(m - n, 0), n), r.dtype)], -2),)
    return decompositions.qr(out, t, a, "complete" if mode == "full" else "reduced")


matrix(sl.cholesky,   a=cholesky_along)
matrix(sl.cho_factor, a=cho_factor_along)
matrix(sl.lu,         a=lu_along)
matrix(sl.qr,         a=qr_along)

# ---- eigenvalues ---------------------------------------------------------------------------------------------------------


def eigh_along(out: Any, t: Any, a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False,
               subset_by_index: Any = None, subset_by_value: Any = None, **_: Any) -> Any:
    only("linalg.eigh", b=(b, (None,)), subset_by_index=(subset_by_index, (None,)), subset_by_value=(subset_by_value, (None,)))
    triangle: Any = "L" if lower else "U"
    if eigvals_only:
        return decompositions.eigh(np.linalg.eigh(a, triangle), t, a, triangle)[0]
    if np.iscomplexobj(base(out[1])):
        raise NotDifferentiableError("scipy.linalg.eigh says nothing of the phase of complex eigenvectors, so they have no rule; "
                                     "take np.linalg.eigh, or eigvals_only=True")
    return decompositions.eigh(out, t, a, triangle)


def eigvalsh_along(out: Any, t: Any, a: Any, b: Any = None, *, lower: bool = True, **options: Any) -> Any:
    return eigh_along(out, t, a, b, lower=lower, eigvals_only=True, **options)


def eig_along(out: Any, t: Any, a: Any, b: Any = None, left: bool = False, right: bool = True, overwrite_a: bool = False,
              overwrite_b: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False) -> Any:
    """The eigenvalues are complex, also where all of them are real."""
    only("linalg.eig", b=(b, (None,)), left=(left, (False,)), homogeneous_eigvals=(homogeneous_eigvals, (False,)))
    if not right:
        return eigvals_along(out, t, a)
    values, vectors = decompositions.eig(out, t, a)
    return values + 0j, vectors


def eigvals_along(out: Any, t: Any, a: Any, b: Any = None, overwrite_a: bool = False, check_finite: bool = True,
                  homogeneous_eigvals: bool = False) -> Any:
    only("linalg.eigvals", b=(b, (None,)), homogeneous_eigvals=(homogeneous_eigvals, (False,)))
    return decompositions.eigvals(out, t, array(a)) + 0j


matrix(sl.eigh,     a=eigh_along)
matrix(sl.eigvalsh, a=eigvalsh_along)
matrix(sl.eig,      a=eig_along)
matrix(sl.eigvals,  a=eigvals_along)

# ---- singular values -----------------------------------------------------------------------------------------------------


def svd_along(out: Any, t: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, overwrite_a: bool = False,
              check_finite: bool = True, lapack_driver: str = "gesdd") -> Any:
    if np.iscomplexobj(base(a)) and compute_uv:
        only("linalg.svd", lapack_driver=(lapack_driver, ("gesdd",)))
    return decompositions.svd(out, t, array(a), full_matrices, compute_uv)


matrix   (sl.svd,     a=svd_along)
composite(sl.svdvals, lambda a, overwrite_a=False, check_finite=True: np.linalg.svd(array(a), compute_uv=False))
