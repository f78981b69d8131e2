"""``scipy.special`` for operands: the functions that SciPy writes in Python. Its ufuncs dispatch by themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special

from dualdiff.numbers import base
from dualdiff.rules.table import composite, matrix
from dualdiff.scipy.namespace import expanded, following, only, rest_of

__getattr__ = rest_of(scipy.special, __name__)
sp: Any = scipy.special

logsumexp = following(sp.logsumexp)
softmax = following(sp.softmax)
log_softmax = following(sp.log_softmax)
polygamma = following(sp.polygamma)
multigammaln = following(sp.multigammaln)
comb = following(sp.comb)
perm = following(sp.perm)
factorial = following(sp.factorial)

# ---- sums of exponentials ------------------------------------------------------------------------------------------------


def weights(out: Any, a: Any, axis: Any, keepdims: bool, return_sign: bool) -> Any:
    """e^(a − out), with the sign of the sum: the share of each term, that of one with a = −∞ being 0."""
    total, sign = out if return_sign else (out, 1)
    return np.exp(a - expanded(total, axis, np.ndim(a), keepdims)) * (
        expanded(sign, axis, np.ndim(a), keepdims) if return_sign else 1)


def summed(out: Any, terms: Any, axis: Any, keepdims: bool, return_sign: bool) -> Any:
    slope = np.sum(terms, axis=axis, keepdims=keepdims)
    return (slope, None) if return_sign else slope


def logsumexp_by_a(out: Any, t: Any, a: Any, axis: Any = None, b: Any = None, keepdims: bool = False,
                   return_sign: bool = False) -> Any:
    """Σ bᵢ e^(aᵢ − out) ȧᵢ."""
    slope = weights(out, a if b is None else np.broadcast_to(a, np.broadcast_shapes(np.shape(a), np.shape(b))), axis, keepdims,
                    return_sign)
    return summed(out, t * (slope if b is None else slope * b), axis, keepdims, return_sign)


def logsumexp_by_b(out: Any, t: Any, a: Any, axis: Any = None, b: Any = None, keepdims: bool = False,
                   return_sign: bool = False) -> Any:
    """Σ ḃᵢ e^(aᵢ − out)."""
    a = np.broadcast_to(a, np.broadcast_shapes(np.shape(a), np.shape(b)))
    return summed(out, t * weights(out, a, axis, keepdims, return_sign), axis, keepdims, return_sign)


matrix(sp.logsumexp,   a=logsumexp_by_a, b=logsumexp_by_b, at={"a": 0, "b": 2})
matrix(sp.softmax,     x=lambda out, t, x, axis=None: out * (t - np.sum(out * t, axis=axis, keepdims=True)))
matrix(sp.log_softmax, x=lambda out, t, x, axis=None: t - np.sum(np.exp(out) * t, axis=axis, keepdims=True))

# ---- gamma and its kin ---------------------------------------------------------------------------------------------------


def log_multivariate_gamma(a: Any, d: int) -> Any:
    """d(d − 1)/4 · log π + Σ log Γ(a − j/2), j = 0 … d − 1 (DLMF 35.3.4)."""
    return d * (d - 1) / 4 * math.log(math.pi) + sum(sp.gammaln(a - j / 2) for j in range(d))


def combinations(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    """Γ(N + 1)/(Γ(k + 1) Γ(N − k + 1)), and 0 unless 0 ≤ k ≤ N."""
    only("special.comb", exact=(exact, (False,)))
    if repetition:
        return combinations(N + k - 1, k)
    return np.where((k <= N) & (N >= 0) & (k >= 0), sp.binom(N, k), 0.0)[()]


def permutations(N: Any, k: Any, exact: bool = False) -> Any:
    only("special.perm", exact=(exact, (False,)))
    return np.where((k <= N) & (N >= 0) & (k >= 0), sp.poch(N - k + 1, k), 0.0)[()]


def gamma_of_next(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """Γ(n + 1), and 0 for negative n."""
    only("special.factorial", exact=(exact, (False,)), extend=(extend, ("zero",)))
    below = base(n) < 0
    return np.where(below, 0.0, sp.gamma(1 + np.where(below, 0.0, n)))[()]


matrix   (sp.polygamma,    x=lambda out, t, n, x: t * polygamma(np.asarray(n) + 1, x), at={"x": 1})
composite(sp.multigammaln, log_multivariate_gamma)
composite(sp.comb,         combinations)
composite(sp.perm,         permutations)
composite(sp.factorial,    gamma_of_next)
