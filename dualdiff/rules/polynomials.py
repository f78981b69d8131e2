"""Polynomials by their coefficients, the highest power first, as in ``np.polyval``."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base, epsilon
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import composite, linear, matrix


def coefficients(p: Any) -> Any:
    return np.atleast_1d(p.coeffs if isinstance(p, np.poly1d) else stacked(p))


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    powers = np.arange(np.size(x) if N is None else N)
    return np.expand_dims(x, -1) ** (powers if increasing else powers[::-1])


def polyval(p: Any, x: Any) -> Any:
    """Horner's scheme, which differentiates to Horner's scheme for p′."""
    result = 0.0 * x
    for coefficient in coefficients(p):
        result = result * x + coefficient
    return result


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    p, k = coefficients(p), np.zeros(m) if k is None else coefficients(k)
    for i in range(m):
        constant = k[0 if len(k) == 1 else i]
        p = np.append(p / np.arange(len(p), 0, -1), constant)
    return p


def _added(a1: Any, a2: Any, sign: int) -> Any:
    a1, a2 = coefficients(a1), coefficients(a2)
    n = max(len(a1), len(a2))
    return np.append(np.zeros(n - len(a1)), a1) + sign * np.append(np.zeros(n - len(a2)), a2)


def _of_full_degree(p: Any) -> Any:
    """Without the leading coefficients that are zero, which NumPy drops."""
    p = coefficients(p)
    nonzero = np.flatnonzero(base(p))
    return p[nonzero[0]:] if nonzero.size else p[:1]


def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_of_full_degree(a1), _of_full_degree(a2))


def polydiv(u: Any, v: Any) -> Any:
    """Long division; the remainder keeps as many coefficients as NumPy finds to differ from zero."""
    plain_u, plain_v = base(coefficients(u)), base(coefficients(v))
    left = np.size(np.polydiv(plain_u, plain_v)[1])
    remainder, v = coefficients(u), coefficients(v)
    quotient = []
    for _ in range(len(remainder) - len(v) + 1):
        quotient.append(remainder[0] / v[0])
        remainder = np.append(remainder[1:len(v)] - quotient[-1] * v[1:], remainder[len(v):])
    remainder = np.append(np.zeros(max(left - len(remainder), 0)), remainder[len(remainder) - min(left, len(remainder)):])
    return np.stack(quotient) if quotient else 0 * v[:1], remainder


def poly(seq_of_zeros: Any) -> Any:
    zeros = coefficients(seq_of_zeros)
    is_real = not np.iscomplexobj(np.poly(base(zeros)))
    zeros = np.linalg.eigvals(zeros) if np.ndim(zeros) == 2 else zeros
    result = np.ones(1)
    for zero in zeros:
        result = np.convolve(result, np.append(1.0, -zero))
    return np.real(result) if is_real and np.iscomplexobj(base(result)) else result


def roots_along(out: Any, t: Any, p: Any) -> Any:
    """The tangents of the roots: p(r) = 0 gives dr = −dp(r)/p′(r); nan for a root that is repeated.

    A root is counted as repeated when rounding errors in the coefficients can move it as far as to the next root: then p′(r) is
    a rounding error too (a double root comes out of NumPy as two roots 1e-8 apart).
    """
    r, a = base(out), base(coefficients(p))
    slope = np.polyval(np.polyder(p), out)
    if not np.size(r):
        return 0.0 * out
    distance = np.abs(r[:, None] - r)
    np.fill_diagonal(distance, np.inf)
    wobble = 16 * epsilon(r) * np.polyval(np.abs(a), np.abs(r))
    repeated = wobble >= np.abs(base(slope)) * np.min(distance, axis=1)
    return np.where(repeated, np.nan, -np.polyval(t, out) / np.where(repeated, 1, slope))


def polyfit(x: Any, y: Any, deg: int, rcond: float | None = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """Least squares with the columns scaled as NumPy scales them. Differentiable in x, y and w."""
    if full:
        raise NotDifferentiableError("np.polyfit cannot be differentiated with full=True; leave it away for the coefficients "
                                     "alone, or ask for cov=True")
    x, y = stacked(x), stacked(y)
    rcond = np.size(x) * epsilon(x) if rcond is None else rcond
    left, right = vander(x, int(deg) + 1), y
    if w is not None:
        w = stacked(w)
        left, right = left * w[:, None], (right.T * w).T
    scale = np.sqrt(np.sum(left * left, axis=0))
    left = left / scale
    c = np.linalg.lstsq(left, right, rcond)[0]
    result = (c.T / scale).T
    if not cov:
        return result
    spread = np.linalg.inv(left.T @ left) / np.outer(scale, scale)
    if cov != "unscaled":
        factor = np.sum((right - left @ c) ** 2, axis=0) / (np.size(x) - deg - 1)
        spread = spread[:, :, None] * factor if np.ndim(y) == 2 else spread * factor
    elif np.ndim(y) == 2:
        spread = spread[:, :, None]
    return result, spread


def _powers(x: Any, n: int) -> Any:
    """x⁰ … xⁿ⁻¹ along a new first axis, the axes of ``x`` in one."""
    return np.reshape(stacked(x), -1) ** np.arange(n)[:, None]


def polyval2d(x: Any, y: Any, c: Any) -> Any:
    c = stacked(c)
    shape, (rows, columns, *extra) = np.shape(x), np.shape(c)
    in_y = np.tensordot(c, _powers(y, columns), ([1], [0]))
    in_x = np.reshape(_powers(x, rows), (rows, *(1,) * len(extra), -1))
    return np.reshape(np.sum(in_y * in_x, axis=0), (*extra, *shape))


def polygrid2d(x: Any, y: Any, c: Any) -> Any:
    c = stacked(c)
    rows, columns, *extra = np.shape(c)
    in_x = np.tensordot(c, _powers(x, rows), ([0], [0]))
    return np.reshape(np.tensordot(in_x, _powers(y, columns), ([0], [0])), (*extra, *np.shape(x), *np.shape(y)))


def polyvalnd(pts: Any, c: Any) -> Any:
    """c.shape[n:] + the points' shape, for n coordinates (NumPy 2.5)."""
    pts, c = [stacked(x) for x in pts], stacked(c)
    shape, n = np.shape(pts[0]), len(pts)
    if np.ndim(c) < n:  # NumPy 2.5.5 takes the values along one coordinate for the coefficients along the next
        raise NotDifferentiableError(f"np.polynomial.polynomial.polyvalnd has a rule for coefficients with an axis for each of "
                                     f"the {n} coordinates; give them axes of length 1")
    c = np.reshape(c, (*np.shape(c), 1))
    for x in pts:  # one coordinate after another, the points along the last axis
        rows = np.shape(c)[0]
        c = np.sum(c * np.reshape(_powers(x, rows), (rows, *(1,) * (np.ndim(c) - 2), -1)), axis=0)
    return np.reshape(c, (*np.shape(c)[:-1], *shape))


linear   (np.polyder,     p=0)
composite(np.vander,      vander)
composite(np.polyval,     polyval)
composite(np.polyint,     polyint)
composite(np.polyadd,     lambda a1, a2: _added(a1, a2, 1))
composite(np.polysub,     lambda a1, a2: _added(a1, a2, -1))
composite(np.polymul,     polymul)
composite(np.polydiv,     polydiv)
composite(np.poly,        poly)
composite(np.polyfit,     polyfit)
matrix   (np.roots,       p=roots_along)

for surface, written in ((np.polynomial.polynomial.polyval2d, polyval2d), (np.polynomial.polynomial.polygrid2d, polygrid2d)):
    if hasattr(surface, "_implementation"):  # where they dispatch; elsewhere they are arithmetic, which needs no rule
        composite(surface, written)
if hasattr(np.polynomial.polynomial, "polyvalnd"):
    composite(np.polynomial.polynomial.polyvalnd, polyvalnd)
