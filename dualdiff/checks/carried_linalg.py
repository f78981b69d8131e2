"""Linear algebra and Fourier transforms of object arrays of mpmath numbers, under NumPy's signatures.

Where a result is free up to a sign or a phase (eigenvectors, singular vectors, Q and R) the one that LAPACK takes in float64 is
taken here too, so that both are the same function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp

_sqrt = np.frompyfunc(mp.sqrt, 1, 1)
_conj = np.frompyfunc(mp.conj, 1, 1)


def as_matrix(a: Any) -> Any:
    return mp.matrix([list(row) for row in a]) if np.size(a) else mp.matrix(*np.shape(a))


def as_array(m: Any) -> Any:
    return np.array(m.tolist(), object).reshape(m.rows, m.cols)


def as_floats(a: Any) -> Any:
    array = np.asarray(a, object)
    return array.astype(complex if any(isinstance(x, mp.mpc) for x in array.flat) else float)


def of_each(function: Callable[[Any], Any], a: Any) -> Any:
    """A function of one matrix on a stack of them."""
    a = np.asarray(a, object)
    if a.ndim == 2:
        return function(a)
    results = [function(a[index]) for index in np.ndindex(a.shape[:-2])]
    return np.array(results, object).reshape(*a.shape[:-2], *np.shape(results[0]))


def inv(a: Any) -> Any:
    return of_each(lambda m: as_array(mp.inverse(as_matrix(m))), a)


def solve(a: Any, b: Any) -> Any:
    b = np.asarray(b, object)
    return np.matmul(inv(a), b[:, None])[..., 0] if b.ndim == 1 else np.matmul(inv(a), b)


def det(a: Any) -> Any:
    found = of_each(lambda m: np.array(mp.det(as_matrix(m)), object), a)
    return found if found.ndim else found[()]


def slogdet(a: Any) -> Any:
    found = np.asarray(det(a), object)
    sign = np.frompyfunc(mp.sign, 1, 1)(found)
    size = np.frompyfunc(lambda d: mp.log(abs(d)), 1, 1)(found)
    return type(np.linalg.slogdet(np.eye(1)))(sign[()] if isinstance(sign, np.ndarray) else sign,
                                              size[()] if isinstance(size, np.ndarray) else size)


def cholesky(a: Any, *, upper: bool = False) -> Any:
    lower = of_each(lambda m: as_array(mp.cholesky(as_matrix(symmetric(m)))), a)
    return _conj(np.swapaxes(lower, -1, -2)) if upper else lower


def symmetric(m: Any) -> Any:
    """What LAPACK sees: the lower triangle, mirrored."""
    lower = np.array(m, object)
    for i in range(len(lower)):
        lower[i, i + 1:] = [mp.conj(x) for x in lower[i + 1:, i]]
    return lower


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = np.asarray(x, object)
    if axis is None and (ord is None or x.ndim == 1):
        total = _vector_norm(x.ravel(), ord, 0)
        return np.reshape(np.array(total, object), (1,) * x.ndim) if keepdims else total
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(n % x.ndim for n in axes)
    if len(axes) == 1:
        found = _vector_norm(x, ord, axes[0])
    else:
        found = of_each(lambda m: np.array(_matrix_norm(m, ord), object), np.moveaxis(x, axes, (-2, -1)))
        found = found if np.ndim(found) else found[()]
    return np.expand_dims(np.asarray(found, object), sorted(axes)) if keepdims else found


def _vector_norm(x: Any, ord: Any, axis: int) -> Any:
    size = np.abs(x)
    if ord in (None, 2):
        return _sqrt(np.sum(size * size, axis=axis))
    if ord in (np.inf, -np.inf):
        return np.max(size, axis=axis) if ord > 0 else np.min(size, axis=axis)
    if ord == 0:
        raise TypeError("a count of entries")
    power = np.frompyfunc(lambda t, p: mp.power(t, p), 2, 1)
    return power(np.sum(power(size, mp.mpf(ord)), axis=axis), 1 / mp.mpf(ord))


def _matrix_norm(m: Any, ord: Any) -> Any:
    if ord in (None, "fro"):
        return _vector_norm(m.ravel(), 2, 0)
    if ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.abs(m), axis=0 if abs(ord) == 1 else 1)
        return max(sums) if ord > 0 else min(sums)
    values = _svd_values(m)
    return sum(values) if ord == "nuc" else values[0] if ord == 2 else values[-1]


# ---- decompositions ------------------------------------------------------------------------------------------------------

def _svd(m: Any) -> Any:
    u, s, v = mp.svd(as_matrix(m))
    return as_array(u), np.array(list(s), object), as_array(v)


def _svd_values(m: Any) -> Any:
    return _svd(m)[1]


def aligned(columns: Any, reference: Any) -> Any:
    """The phase of each column that makes it the reference's, up to rounding."""
    overlap = np.sum(np.conj(as_floats(columns)) * reference, axis=0)
    if np.iscomplexobj(overlap):
        raise TypeError("the phases of complex vectors are those of LAPACK")
    return np.array([mp.mpf(1 if t >= 0 else -1) for t in overlap], object)


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if not compute_uv:
        return of_each(_svd_values, a)
    a = np.asarray(a, object)
    if a.ndim != 2 or (full_matrices and a.shape[0] != a.shape[1]):
        raise TypeError("singular vectors of one matrix, full_matrices=False")
    reference = np.linalg.svd(as_floats(a), full_matrices=False)
    u, s, v = _svd(a)
    phase = aligned(u, reference[0])
    return type(reference)(u * phase, s, phase[:, None] * v)


def eigh(a: Any, UPLO: str = "L") -> Any:
    a = np.asarray(a, object)
    if a.ndim != 2:
        raise TypeError("eigenvectors of one matrix")
    m = symmetric(a if UPLO.upper() == "L" else a.T)
    reference = np.linalg.eigh(as_floats(m))
    values, vectors = mp.eighe(as_matrix(m)) if np.iscomplexobj(reference[1]) else mp.eigsy(as_matrix(m))
    vectors = as_array(vectors)
    return type(reference)(np.array(list(values), object), vectors * aligned(vectors, reference[1]))


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return of_each(lambda m: np.array(list(mp.eighe(as_matrix(symmetric(m if UPLO.upper() == "L" else _conj(m.T))),
                                                    eigvals_only=True)), object), a)


def qr(a: Any, mode: str = "reduced") -> Any:
    a = np.asarray(a, object)
    if a.ndim != 2 or mode not in ("reduced", "r"):
        raise TypeError("one matrix, mode='reduced'")
    q, r = map(as_array, mp.qr(as_matrix(a), mode="skinny"))
    k = min(a.shape)
    q, r = q[:, :k], r[:k]
    reference = np.linalg.qr(as_floats(a))
    phase = aligned(q, reference[0])
    return phase[:, None] * r if mode == "r" else type(reference)(q * phase, phase[:, None] * r)


def pinv(a: Any, *_: Any, **__: Any) -> Any:
    def one(m: Any) -> Any:
        u, s, v = _svd(m)
        keep = [i for i in range(len(s)) if s[i] > mp.mpf(1e-15) * s[0]]
        inverse = np.array([1 / s[i] for i in keep], object)
        return np.matmul(_conj(v[keep].T) * inverse, _conj(u[:, keep].T))

    return of_each(one, a)


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = np.asarray(a, object), np.asarray(b, object)
    x = np.matmul(pinv(a), b)
    rest = np.matmul(a, x) - b
    m, n = a.shape
    s = _svd_values(a)
    rank = int(np.sum(s > mp.mpf(1e-15) * s[0]))
    squares = np.sum(np.abs(rest) ** 2, axis=0)
    residuals = np.atleast_1d(np.array(squares, object)) if rank == n and m > n else np.empty(0, object)
    return x, residuals, rank, s


# ---- Fourier -------------------------------------------------------------------------------------------------------------

def _dft(a: Any, n: int | None, axis: int, norm: str | None, sign: int) -> Any:
    a = np.moveaxis(np.asarray(a, object), axis, -1)
    n = a.shape[-1] if n is None else n
    a = np.concatenate([a[..., :n], np.zeros((*a.shape[:-1], max(n - a.shape[-1], 0)), object)], axis=-1)
    roots = np.array([mp.expjpi(mp.mpf(2 * sign * k) / n) for k in range(n)], object)
    out = np.matmul(a, roots[np.outer(np.arange(n), np.arange(n)) % n])
    scale = {None: 0, "backward": 0, "ortho": 0.5, "forward": 1}[norm]
    power = scale if sign < 0 else 1 - scale
    return np.moveaxis(out / mp.mpf(n) ** power, -1, axis)


def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    return _dft(a, n, axis, norm, -1)


def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    return _dft(a, n, axis, norm, 1)


def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    out = fft(a, n, axis, norm)
    return np.take(out, np.arange((np.shape(a)[axis] if n is None else n) // 2 + 1), axis)


def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    a = np.moveaxis(np.asarray(a, object), axis, -1)
    n = 2 * (a.shape[-1] - 1) if n is None else n
    half = a[..., :n // 2 + 1]
    full = np.concatenate([half, _conj(half[..., 1:(n + 1) // 2][..., ::-1])], axis=-1)
    return np.moveaxis(np.frompyfunc(mp.re, 1, 1)(_dft(full, n, -1, norm, 1)), -1, axis)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.linalg.inv: inv, np.linalg.solve: solve, np.linalg.det: det, np.linalg.slogdet: slogdet, np.linalg.cholesky: cholesky,
    np.linalg.norm: norm, np.linalg.svd: svd, np.linalg.svdvals: lambda x: of_each(_svd_values, x), np.linalg.eigh: eigh,
    np.linalg.eigvalsh: eigvalsh, np.linalg.qr: qr, np.linalg.pinv: pinv, np.linalg.lstsq: lstsq,
    np.fft.fft: fft, np.fft.ifft: ifft, np.fft.rfft: rfft, np.fft.irfft: irfft,
}
