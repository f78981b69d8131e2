"""``scipy.linalg`` for operands: systems, inverses and determinants. `factorizations` and `matrix_functions` hold the rest.

A function that reads a triangle or a band of its matrix has no derivative in the other entries; the options that only say how
to compute (``overwrite_a``, ``check_finite``, a driver) matter to the primal alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base, epsilon
from dualdiff.rules.matrices import adjoint, array, of_triangle
from dualdiff.rules.table import composite
from dualdiff.scipy.factorizations import (  # noqa: F401
    cho_factor,
    cholesky,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    lu,
    qr,
    svd,
    svdvals,
)
from dualdiff.scipy.matrix_functions import coshm, cosm, expm, logm, sinhm, sinm, sqrtm, tanhm, tanm  # noqa: F401
from dualdiff.scipy.namespace import following, rest_of

__getattr__ = rest_of(scipy.linalg, __name__)
sl: Any = scipy.linalg

solve = following(sl.solve)
solve_triangular = following(sl.solve_triangular)
cho_solve = following(sl.cho_solve)
lstsq = following(sl.lstsq)
inv = following(sl.inv)
pinv = following(sl.pinv)
det = following(sl.det)
norm = following(sl.norm)
block_diag = following(sl.block_diag)


def triangle(a: Any, lower: bool, unit_diagonal: bool = False) -> Any:
    n = np.shape(a)[-1]
    part = np.where(np.tri(n, n, -unit_diagonal, bool) if lower else np.tri(n, n, -unit_diagonal, bool).T, a, 0)
    return part + np.eye(n) if unit_diagonal else part


def as_assumed(a: Any, assume_a: Any, lower: bool) -> Any:
    """The matrix that SciPy sees when told of a structure: it reads the entries that determine it."""
    a = array(a)
    if assume_a in ("sym", "symmetric", "her", "hermitian", "pos", "positive definite"):
        if np.iscomplexobj(base(a)) and assume_a in ("sym", "symmetric"):
            raise NotDifferentiableError("scipy.linalg functions with assume_a='sym' have no rule for complex matrices")
        return of_triangle(a, lower)
    if assume_a in ("upper triangular", "lower triangular"):
        return triangle(a, assume_a.startswith("lower"))
    if assume_a == "diagonal":
        return np.where(np.eye(a.shape[-1], dtype=bool), a, 0)
    if assume_a not in (None, "gen", "general"):
        raise NotDifferentiableError(f"scipy.linalg functions with assume_a={assume_a!r} have no rule in dualdiff; leave it away")
    return a


def solved(a: Any, b: Any, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False, check_finite: bool = True,
           assume_a: Any = None, transposed: bool = False) -> Any:
    a = as_assumed(a, assume_a, lower)
    return np.linalg.solve(a.mT if transposed else a, array(b))


def solved_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False,
                      overwrite_b: bool = False, check_finite: bool = True) -> Any:
    a = triangle(array(a), lower, unit_diagonal)
    return np.linalg.solve(a if trans in (0, "N") else a.mT if trans in (1, "T") else adjoint(a), array(b))


def solved_by_cholesky(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    c, lower = c_and_lower
    factor = triangle(array(c), lower)
    left = factor if lower else adjoint(factor)
    return np.linalg.solve(adjoint(left), np.linalg.solve(left, array(b)))


def least_squares(a: Any, b: Any, cond: Any = None, overwrite_a: bool = False, overwrite_b: bool = False,
                  check_finite: bool = True, lapack_driver: Any = None) -> Any:
    """(x, residues, rank, singular values); SciPy gives one residue, not an array of one, for a vector b."""
    x, residues, rank, s = np.linalg.lstsq(a, b, rcond=epsilon(array(a)) if cond is None else cond)
    if lapack_driver == "gelsy":  # it gives neither
        return x, None, rank, None
    if np.ndim(b) == 1 and np.size(residues):
        residues = residues[0]
    return x, residues, rank, s


def pseudo_inverse(a: Any, *, atol: Any = None, rtol: Any = None, return_rank: bool = False, check_finite: bool = True) -> Any:
    a = array(a)
    largest = np.max(np.linalg.svd(base(a), compute_uv=False), initial=0)
    relative = max(np.shape(a)) * epsilon(a) if rtol is None and not atol else rtol or 0
    inverse = np.linalg.pinv(a, rcond=relative + (atol or 0) / largest if largest else relative)
    return (inverse, None) if return_rank else inverse


def inverse_of(a: Any, overwrite_a: bool = False, check_finite: bool = True, *, assume_a: Any = None, lower: bool = False) -> Any:
    return np.linalg.inv(as_assumed(a, assume_a, lower))


def norm_of(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    return np.linalg.norm(a, ord, axis, keepdims)


def blocks_on_diagonal(*arrs: Any) -> Any:
    parts, start, end = [], 0, sum(np.shape(np.atleast_2d(a))[1] for a in arrs)
    for a in map(np.atleast_2d, arrs):
        m, n = np.shape(a)
        parts.append(np.concatenate([np.zeros((m, start)), a, np.zeros((m, end - start - n))], 1))
        start += n
    return np.concatenate(parts)


composite(sl.block_diag,       blocks_on_diagonal)
composite(sl.solve,            solved)
composite(sl.solve_triangular, solved_triangular)
composite(sl.cho_solve,        solved_by_cholesky)
composite(sl.lstsq,            least_squares)
composite(sl.inv,              inverse_of)
composite(sl.pinv,             pseudo_inverse)
composite(sl.det,              lambda a, overwrite_a=False, check_finite=True: np.linalg.det(array(a)))
composite(sl.norm,             norm_of)
