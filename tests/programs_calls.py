"""One-liners: what users call on an array, its elements, lists of them, and arrays of objects made of them.

Those in REFUSED cannot carry a tangent, and must say so.
"""

from __future__ import annotations

import collections
import functools
import itertools
import math
import operator
import statistics

import numpy as np

from programs_science import M, P, X

# ---- assignments ---------------------------------------------------------------------------------------------------------


def _assign(x):
    a = np.array([x[0], x[1], 0.0])
    a[2] = a[0] * a[1]
    a *= 2
    return a


def _fill(x):
    out = np.zeros(4)
    for i in range(4):
        out[i] = x[i] ** 2
    return out


def _fillr(x):
    out = np.zeros((2, 4))
    out[0] = x
    return out


def _fo(x):
    out = np.empty(4, dtype=object)
    for i in range(4):
        out[i] = x[i] ** 2
    return out.astype(float)


def _pe(x):
    a = np.ones(4)
    a += x
    return a


def _ps(x):
    a = np.float64(1.0)
    a += x[0]
    return a


def _ac(x):
    assert np.allclose(x, x) and np.array_equal(x, x) and np.isfinite(x).all() and np.all(np.isclose(x, x))
    return x * 2


def _st(x):
    a = np.zeros(2, dtype=[("a", float)])
    a["a"] = x[:2]
    return a["a"] * 2


def _rs(x):
    z = np.zeros_like(x, dtype=complex)
    z.real = x
    z.imag = x**2
    return np.abs(z)


WORKS = {
    "Polynomial of duals": (lambda c: np.polynomial.Polynomial(c)(0.3), P),
    "poly1d of duals": (lambda c: np.poly1d(c)(0.3), P),
    "Polynomial list": (lambda c: np.polynomial.Polynomial([c[0], c[1]])(c[2]), P),
    "Polynomial deriv": (lambda c: np.polynomial.Polynomial(c).deriv()(0.3), P),
    "mgrid": (lambda x: np.mgrid[0 : x[0] : 3j], P),
    "ogrid": (lambda x: np.ogrid[0:3] * x, P),
    "sum builtin gen": (lambda x: sum(a * b for a, b in itertools.combinations(x, 2)), X),
    "reduce": (lambda x: functools.reduce(operator.mul, x), X),
    "math.prod": (lambda x: math.prod(x), X),
    "math.floor ceil": (lambda x: x * math.floor(x[0]) * math.ceil(x[1]), P),
    "accumulate": (lambda x: np.array(list(itertools.accumulate(x, operator.mul))), P),
    "max key": (lambda x: max(x, key=lambda v: -abs(v)) * 2, X),
    "sorted": (lambda x: np.array(sorted(x, reverse=True)) * [1, 2, 3, 4], X),
    "deque": (lambda x: np.sum(collections.deque(x, maxlen=2)), X),
    "np.sum gen list": (lambda x: np.sum([v**2 for v in x]), X),
    "np.mean list": (lambda x: np.mean([x[0], x[1] * 2]), X),
    "np.std list": (lambda x: np.std([x[0], x[1] * 2, x[2]]), X),
    "np.max list": (lambda x: np.max([x[0], x[1] * 2]), X),
    "np.median list": (lambda x: np.median([x[0], x[1] * 2, x[2]]), X),
    "np.linalg.norm list": (lambda x: np.linalg.norm([x[0], x[1]]), X),
    "np.linalg.norm objarr": (lambda x: np.linalg.norm(np.array([x[0], x[1]])), X),
    "np.dot list": (lambda x: np.dot([x[0], x[1]], [x[2], x[3]]), X),
    "np.cross list": (lambda x: np.cross([x[0], x[1], 1], [x[2], x[3], 2]), X),
    "np.outer objs": (lambda x: np.outer(np.array([x[0], x[1]]), np.array([x[2], x[3]])), X),
    "np.einsum objs": (lambda x: np.einsum("i,i", np.array([x[0], x[1]]), np.array([x[2], x[3]])), X),
    "np.cumsum objs": (lambda x: np.cumsum(np.array([x[0], x[1]])), X),
    "np.diff objs": (lambda x: np.diff(np.array([x[0], x[1], x[3]])), X),
    "np.where objs": (lambda x: np.where(np.array([x[0], x[1]]) > 1, np.array([x[0], x[1]]), 0), X),
    "np.exp objs": (lambda x: np.exp(np.array([x[0], x[1]])), X),
    "np.arctan2 objs": (lambda x: np.arctan2(np.array([x[0], x[1]]), 2.0), X),
    "np.logaddexp objs": (lambda x: np.logaddexp(np.array([x[0], x[1]]), x[2]), X),
    "np.isnan objs": (lambda x: np.nan_to_num(np.array([x[0], x[1]])), X),
    "np.trapezoid objs": (lambda x: np.trapezoid(np.array([x[0], x[1], x[2]]), [0, 1, 2.0]), X),
    "np.argsort objs": (lambda x: np.array([x[0], x[1]])[np.argsort(np.array([x[0], x[1]]))], X),
    "np.sort objs": (lambda x: np.sort(np.array([x[1], x[0]])), X),
    "np.var objs": (lambda x: np.var(np.array([x[0], x[1]])), X),
    "np.polyval objs": (lambda x: np.polyval(np.array([x[0], x[1]]), 2.0), X),
    "solve objs @": (lambda x: np.linalg.solve(np.array([[x[0], 1], [2, x[1]]]), x[:2]), X),
    "obj matmul": (lambda x: np.array([[x[0], 1], [2, x[1]]]) @ np.array([x[2], 1.0]), X),
    "obj T and reshape": (lambda x: np.array([[x[0], 1], [2, x[1]]]).T.reshape(-1) * 2, X),
    "obj sum axis": (lambda x: np.array([[x[0], 1], [2, x[1]]]).sum(axis=0), X),
    "obj mean axis": (lambda x: np.array([[x[0], 1], [2, x[1]]]).mean(axis=0), X),
    "obj max method": (lambda x: np.array([x[0], x[1]]).max(), X),
    "obj clip": (lambda x: np.clip(np.array([x[0], x[1]]), 0, 1), X),
    "obj abs power": (lambda x: np.abs(np.array([x[0], x[2]])) ** 1.5, X),
    "obj assign": (lambda x: _assign(x), X),
    "list append": (lambda x: np.concatenate([[v, v**2] for v in x]), X),
    "plain scalar += dual": (lambda x: _ps(x), X),
    "asarray": (lambda x: np.asarray(x) * 2, X),
    "asarray then linalg": (lambda x: np.linalg.norm(np.asarray(x)), X),
    "atleast_1d": (lambda x: np.atleast_1d(x[0]) * 2, X),
    "isinstance check": (lambda x: x * 2 if isinstance(x, np.ndarray) else x * 2.0, X),
    "np.isscalar": (lambda x: x[0] if np.isscalar(x[0]) else x[0] * 1.0, X),
    "np.ndim": (lambda x: x * np.ndim(x) * np.size(x) * x.size, X),
    "x.copy order": (lambda x: x.copy(order="F") * 2, M),
    "allclose assert": (lambda x: _ac(x), X),
    "max/min builtin": (lambda x: max(x[0], x[1], 0.5) + min(x) + abs(x[2]) + pow(x[1], 2), X),
    "divmod": (lambda x: divmod(x[1], 0.7)[1] + x[1] // 0.7 + x[1] % 0.7, X),
    "round": (lambda x: round(x[1], 1) * x[0], X),
    "ufunc at obj": (lambda x: np.maximum.reduce([x[0], x[1] * 2, x[2]]), X),
    "logical": (lambda x: x * np.logical_and(x > 0, x < 2) + np.any(x > 1) * x, X),
    "tolist": (lambda x: np.array([v * 2 for v in x.tolist()]), X),
    "item": (lambda x: x.item(1) * x[:1].item(), X),
    "dict memo": (lambda x: dict(enumerate(x))[1] ** 2, X),
    "np.split obj": (lambda x: [a.sum() for a in np.split(x, 2)], X),
    "np.nan funcs": (lambda x: np.nanmax(x) + np.nanmean(x) + np.nanstd(x) + np.nanprod(x) + np.nanmedian(x), X),
    "tri inds": (lambda x: M[np.tril_indices(3)][:4] * x, X),
    "unravel": (lambda x: x.reshape(2, 2)[np.unravel_index(np.argmax(x), (2, 2))], X),
    "histogram data": (lambda x: np.histogram(x, bins=3)[0] * x[0], X),
    "hist edges": (lambda x: np.histogram(x, bins=3)[1], X),
    "histogram2d w": (lambda w: np.histogram2d([0.1, 0.2, 0.3, 0.9], [0.1, 0.9, 0.4, 0.2], bins=2, weights=w)[0], X),
    "digitize": (lambda x: x * np.digitize(x, [0, 1, 2]), X),
    "convolve2d by fft": (lambda m: np.fft.ifft2(np.fft.fft2(m) * np.fft.fft2(M)).real, M),
    "lexsort etc": (lambda x: x[np.nonzero(x > 0)] ** 2, X),
    "np.extract": (lambda x: np.extract(x > 0, x) ** 2, X),
    "np.compress": (lambda x: np.compress(x > 0, x) ** 2, X),
    "np.delete": (lambda x: np.delete(x, [1]) ** 2, X),
    "np.insert": (lambda x: np.insert(x, 1, x[0] ** 2), X),
    "trim zeros": (lambda x: np.trim_zeros(np.concatenate([[0], x, [0]])), X),
    "np.apply kwargs": (lambda m: np.apply_along_axis(np.sort, 1, m), M),
    "roots": (lambda x: np.sort(np.roots([1.0, -5 - x[0], 6.0])), X),
    "np.poly": (lambda x: np.poly(x), P),
    "cond": (lambda m: np.linalg.cond(m), M),
    "matrix_norm": (lambda m: np.linalg.norm(m, "nuc") + np.linalg.norm(m, 1) + np.linalg.norm(m, -np.inf), M),
    "multi_dot": (lambda m: np.linalg.multi_dot([m, M, m.T]), M),
    "lstsq in A": (lambda m: np.linalg.lstsq(m[:, :2], P, rcond=None)[0], M),
    "tensordot": (lambda m: np.tensordot(m, M, axes=2), M),
    "vectorize excluded": (lambda x: np.vectorize(lambda a, b: a * b[0], excluded={1})(x, [2.0]), X),
    "vectorize decorator": (lambda x: np.vectorize(lambda a: max(a, 0.0))(x), X),
    "np.fromfunction": (lambda x: np.fromfunction(lambda i, j: x[0] * i + j, (2, 2)), X),
    "np.indices": (lambda x: np.indices((2, 2)) * x[0], X),
    "np.triu obj": (lambda x: np.triu(x[:, None] * x), X),
    "cmath": (lambda x: np.abs(np.sqrt(x.astype(complex))), X),
    "view": (lambda x: x.view(), X),
    "x.real setter": (lambda x: _rs(x), X),
    "zeros_like dtype int then": (lambda x: np.zeros_like(x, dtype=int) + x, X),
    "np.array copy": (lambda x: np.array(x) * 2, X),
    "np.array ndmin": (lambda x: np.array(x, ndmin=2) @ x, X),
    "np.array(x).mean": (lambda x: np.array(x).mean(), X),
    "np.array(x)[mask]": (lambda x: np.array(x)[np.array(x) > 1].sum(), X),
    "np.sqrt(np.array(x)).. method": (lambda x: np.array(x).std(ddof=1) + np.array(x).dot(np.array(x)), P),
    "average returned": (lambda x: np.average(x, weights=[1, 2, 3, 4], returned=True)[0], X),
}

REFUSED = {
    "Polynomial.fit": (lambda y: np.polynomial.Polynomial.fit([0.0, 1, 2, 3], y, 1)(0.3), X),
    "polyfit poly": (lambda y: np.polynomial.polynomial.polyfit([0.0, 1, 2, 3], y, 1), X),
    "nditer": (lambda x: sum(v * 2 for v in np.nditer(x)), X),
    "fromiter": (lambda x: np.fromiter((v * v for v in x), float), X),
    "arange": (lambda x: np.arange(x[0], 3, 1.0), P),
    "random.normal": (lambda x: np.random.default_rng(0).normal(x[0], 1, 3), P),
    "math.fsum": (lambda x: math.fsum(x), X),
    "math.sqrt": (lambda x: math.sqrt(x[0]), P),
    "math.hypot": (lambda x: math.hypot(*x), P),
    "math.dist": (lambda x: math.dist(x, [0, 0, 0]), P),
    "statistics.mean": (lambda x: statistics.mean(x), P),
    "np.isfinite objs": (lambda x: np.array([x[0], x[1]]) * np.isfinite(np.array([x[0], x[1]])), X),
    "np.interp objs": (lambda x: np.interp(np.array([x[0], x[1]]), [0, 1, 2], [1.0, 3, 4]), X),
    "np.fft objs": (lambda x: np.fft.fft(np.array([x[0], x[1]])).real, X),
    "solve objs": (lambda x: np.linalg.solve(np.array([[x[0], 1], [2, x[1]]]), np.array([1.0, 2])), X),
    "det objs": (lambda x: np.linalg.det(np.array([[x[0], 1], [2, x[1]]])), X),
    "fill plain": (lambda x: _fill(x), X),
    "fill plain row": (lambda x: _fillr(x), X),
    "empty obj": (lambda x: _fo(x), X),
    "plain += dual": (lambda x: _pe(x), X),
    "dtype=float": (lambda x: np.array([x[0], x[1]], dtype=float), X),
    "asarray float": (lambda x: np.asarray(x, dtype=float) * 2, X),
    "np.float64()": (lambda x: np.float64(x[0]) * 2, X),
    "float()": (lambda x: float(x[0]) * 2, X),
    "testing": (lambda x: (np.testing.assert_allclose(x, x), x * 2)[1], X),
    "ravel K": (lambda x: x.ravel(order="K"), M),
    "percent fmt": (lambda x: x * len("%.3f" % x[0]), X),  # noqa: UP031
    "set": (lambda x: sum(set(x)), X),
    "lru_cache": (lambda x: functools.lru_cache(lambda v: v * 2)(x[0]), X),
    "np.lib.recfunctions/struct": (lambda x: _st(x), X),
    "vectorize otypes": (lambda x: np.vectorize(lambda a: a * a, otypes=[float])(x), X),
    "complex()": (lambda x: abs(complex(x[0], x[1])), X),
}
