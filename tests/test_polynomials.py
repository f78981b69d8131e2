"""Polynomials and sampled functions, each with its keywords, against the reference; roots against their definition."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import dualdiff as dd
from tests.reference import check

P = np.array([1.5, -0.5, 2.0, 0.25])
Q = np.array([-2.0, 0.75, 1.25])
X = np.array([0.5, -1.25, 2.0])
A = np.array([[0.5, -1.25], [3.0, 0.25]])
T = np.array([-1.0, -0.25, 0.5, 1.5, 2.25])
Y = np.array([0.5, -1.0, 2.0, 1.25, -0.75])
WEIGHTS = np.array([1.0, 0.5, 2.0, 1.5, 0.75])
S = 1.25

POLYNOMIALS = {
    "polyval": (lambda p, x: np.polyval(p, x), P, X),
    "polyval scalar": (lambda p, x: np.polyval(p, x), P, S),
    "polyval matrix": (lambda x: np.polyval([1, -2, 3], x), A),
    "polyval list": (lambda x: np.polyval([x[0], 1.0, x[1]], x), X),
    "polyval poly1d": (lambda x: np.polyval(np.poly1d([1, -2, 3]), x), X),
    "polyder": (lambda p: np.polyder(p), P),
    "polyder m": (lambda p: np.polyder(p, m=2), P),
    "polyint": (lambda p: np.polyint(p), P),
    "polyint m": (lambda p: np.polyint(p, 2), P),
    "polyint k": (lambda p, s: np.polyint(p, k=s), P, S),
    "polyint m k": (lambda p, k: np.polyint(p, m=2, k=k), P, X[:2]),
    "polyint m one k": (lambda p, s: np.polyint(p, 2, s), P, S),
    "polyadd": (lambda p, q: np.polyadd(p, q), P, Q),
    "polyadd longer": (lambda p, q: np.polyadd(q, p), P, Q),
    "polyadd list": (lambda p: np.polyadd(p, [1, 2]), P),
    "polysub": (lambda p, q: np.polysub(p, q), Q, P),
    "polymul": (lambda p, q: np.polymul(p, q), P, Q),
    "polymul constant": (lambda p: np.polymul([0, 1, 2], p), P),
    "polydiv": (lambda p, q: np.polydiv(p, q), P, Q),
    "polydiv short": (lambda p, q: np.polydiv(q, p), P, Q),
    "polydiv by constant": (lambda p: np.polydiv(p, [2.0, 1.0]), P),
    "poly": (lambda x: np.poly(x), X),
    "poly of a matrix": (lambda a: np.poly(a), A),
    "vander": (lambda x: np.vander(x), X),
    "vander N": (lambda x: np.vander(x, 2), X),
    "vander increasing": (lambda x: np.vander(x, N=4, increasing=True), X),
    "vander at 0": (lambda x: np.vander(x, 3), np.array([0.0, 1.0])),
    "roots": (lambda p: np.roots(p), np.array([1.0, -2.5, -1.0, 2.0])),
    "roots linear": (lambda p: np.roots(p), np.array([2.0, -3.0])),
    "roots after": (lambda p: np.sort(np.roots(p)) ** 2, np.array([1.0, -3.5, 1.0])),
    "polyfit": (lambda x, y: np.polyfit(x, y, 2), T, Y),
    "polyfit linear": (lambda x, y: np.polyfit(x, y, deg=1), T, Y),
    "polyfit exact": (lambda x, y: np.polyfit(x, y, 4), T, Y),
    "polyfit w": (lambda x, y, w: np.polyfit(x, y, 2, w=w), T, Y, WEIGHTS),
    "polyfit cov": (lambda x, y: np.polyfit(x, y, 1, cov=True), T, Y),
    "polyfit unscaled": (lambda y: np.polyfit(T, y, 1, w=WEIGHTS, cov="unscaled"), Y),
    "polyfit two": (lambda y: np.polyfit(T, y, 1), np.stack([Y, Y**2], axis=1)),
    "polyfit two w": (lambda w: np.polyfit(T, np.stack([Y, Y**2], axis=1), 1, w=w), WEIGHTS),
    "polyfit two cov": (lambda y: np.polyfit(T, y, 1, cov=True), np.stack([Y, Y**2], axis=1)),
    "polyfit rcond": (lambda y: np.polyfit(T, y, 2, rcond=1e-12), Y),
    "polynomial.polyval": (lambda x, c: np.polynomial.polynomial.polyval(x, c), X, P),
    "polynomial.chebval": (lambda x: np.polynomial.chebyshev.chebval(x, [1.0, 2.0, 3.0]), X),
    "polynomial.legval": (lambda x: np.polynomial.legendre.legval(x, [1.0, 2.0, 3.0]), X),
    "polynomial.hermval": (lambda x: np.polynomial.hermite.hermval(x, [1.0, 2.0, 3.0]), X),
    "polynomial.Polynomial": (lambda x: np.polynomial.Polynomial([1.0, 2.0, 3.0])(x), X),
    "polynomial.polyval2d": (lambda x, c: np.polynomial.polynomial.polyval2d(x, x[::-1], c), X, A),
    **({"polynomial.polyvalnd": (lambda x, c: np.polynomial.polynomial.polyvalnd([x, x[::-1]], c), X, A),
        "polynomial.polyvalnd of three": (lambda x: np.polynomial.polynomial.polyvalnd((x, 2 * x, x * x), np.ones((2, 3, 2))), X),
        "polynomial.polyvalnd, extra axes": (lambda x: np.polynomial.polynomial.polyvalnd([x, x], np.ones((2, 3, 2)) + x[0]), X)}
       if hasattr(np.polynomial.polynomial, "polyvalnd") else {}),
    "polynomial.polyval2d of points": (lambda x: np.polynomial.polynomial.polyval2d(x[0], 2.0, np.ones((2, 3, 2))), X),
    "polynomial.polyfromroots": (lambda x: np.polynomial.polynomial.polyfromroots(x), X),
    "poly1d": (lambda x: np.poly1d([1.0, 2.0, 3.0])(x), X),
}
if hasattr(np.polynomial.polynomial.polygrid2d, "_implementation"):  # elsewhere it asks for an ndarray, and fails on a dual
    POLYNOMIALS["polynomial.polygrid2d"] = (lambda x, c: np.polynomial.polynomial.polygrid2d(x, x[:2], c), X, A)

XP = np.array([-1.0, 0.25, 1.0, 2.5])
FP = np.array([0.5, -1.0, 2.0, 0.75])

SIGNALS = {
    "convolve": (lambda a, v: np.convolve(a, v), P, Q),
    "convolve same": (lambda a, v: np.convolve(a, v, "same"), P, Q),
    "convolve valid": (lambda a, v: np.convolve(a, v, mode="valid"), Q, P),
    "convolve constant": (lambda a: np.convolve(a, [1, -1]), P),
    "convolve itself": (lambda a: np.convolve(a, a), Q),
    "correlate": (lambda a, v: np.correlate(a, v), P, Q),
    "correlate full": (lambda a, v: np.correlate(a, v, mode="full"), P, Q),
    "correlate same": (lambda a, v: np.correlate(a, v, "same"), Q, P),
    "interp": (lambda x, xp, fp: np.interp(x, xp, fp), X, XP, FP),
    "interp scalar": (lambda x, xp, fp: np.interp(x, xp, fp), 0.75, XP, FP),
    "interp lists": (lambda x: np.interp(x, [0, 1, 2], [1, 4, 2]), 0.9 * X),
    "interp outside": (lambda x, fp: np.interp(x, XP, fp), np.array([-2.0, 0.5, 3.0]), FP),
    "interp left right": (lambda x, a, b: np.interp(x, XP, FP, left=a, right=b), np.array([-2.0, 0.5, 3.0]), S, 0.5),
    "interp period": (lambda x, fp: np.interp(x, XP, fp, period=4.0), np.array([-2.0, 0.5, 3.25]), FP),
    "interp in period": (lambda x, p: np.interp(x, XP, FP, period=p), np.array([-2.0, 0.5, 3.25]), 4.0),
    "interp one point": (lambda x, fp: np.interp(x, [1.0], fp, left=3 * S), X, FP[:1]),
    "interp matrix": (lambda x: np.interp(x, XP, FP), A + 0.1),
    "angle": (lambda x, y: np.angle(x + 1j * y), X, X[::-1] + 1),
    "angle deg": (lambda x: np.angle(x * (1 + 2j) + 1, deg=True), X),
    "angle of reals": (lambda x: np.angle(x), X),
    "real_if_close": (lambda x: np.real_if_close(x * (1 + 0j)), X),
    "unwrap": (lambda x: np.unwrap(x), np.array([0.0, 2.0, 6.0, -3.0, 1.0])),
    "unwrap discont": (lambda x: np.unwrap(x, discont=5.0), np.array([0.0, 2.0, 6.5, -3.0])),
    "unwrap axis": (lambda x: np.unwrap(x, axis=0), 4 * A),
    "unwrap period": (lambda x, p: np.unwrap(x, period=p), np.array([0.0, 2.5, 6.0, -3.0]), 4.0),
    "i0": (lambda x: np.i0(x), np.array([-2.0, 0.0, 0.5, 7.5])),
    "scimath.sqrt": (lambda x: np.lib.scimath.sqrt(x), X),
    "scimath.log": (lambda x: np.lib.scimath.log(x), X + 3),
    "scimath.log2": (lambda x: np.lib.scimath.log2(x), X),
    "scimath.log10": (lambda x: np.lib.scimath.log10(x), X),
    "scimath.logn": (lambda n, x: np.lib.scimath.logn(n, x), 2.5, X),
    "scimath.power": (lambda x: np.lib.scimath.power(x, 1.5), X),
    "scimath.arccos": (lambda x: np.lib.scimath.arccos(x), np.array([0.5, 2.0])),
    "scimath.arcsin": (lambda x: np.lib.scimath.arcsin(x), np.array([0.5, 2.0])),
    "scimath.arctanh": (lambda x: np.lib.scimath.arctanh(x), np.array([0.5, 2.0])),
}


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials(name):
    function, *arrays = POLYNOMIALS[name]
    check(function, *arrays, chunks=(1, None), float32="polyfit" not in name and "olynomial" not in name)


@pytest.mark.parametrize("name", SIGNALS)
def test_signals(name):
    function, *arrays = SIGNALS[name]
    check(function, *arrays, chunks=(1, None), float32="scimath" not in name)


@pytest.mark.parametrize("p", [[1.0, 0, 0, -1], [2.0, 1, 4, 3, 5], [1, -15, 85, -225, 274, -120], [0, 0, 1, -3, 2], [1, -3, 2, 0],
                               [1 + 1j, -2, 3j, 1]])
def test_roots(p):
    """dr/dp_k = −r^(n−k)/p′(r), at the roots to 50 digits."""
    p = np.array(p) * 1.0
    plain = np.roots(p)
    found = dd.jvp(np.roots, p, np.arange(1, len(p) + 1).astype(p.dtype))[1]
    with mpmath.workdps(50):
        derivative = [(len(p) - 1 - k) * mpmath.mpmathify(c) for k, c in enumerate(p[:-1])]
        for r, slope in zip(plain, found):
            z = mpmath.mpc(r)
            for _ in range(60):
                z = z - mpmath.polyval(list(map(mpmath.mpmathify, p)), z) / mpmath.polyval(derivative, z)
            wanted = -mpmath.polyval([mpmath.mpf(k + 1) for k in range(len(p))], z) / mpmath.polyval(derivative, z)
            assert abs(mpmath.mpc(slope) - wanted) <= 1e-11 * abs(wanted) + 1e-13


def test_complex_roots():
    check(lambda p: np.sum(np.roots(p) ** 3), np.array([1.0 + 1j, -2.0, 3.0j, 1.0]), chunks=(1, None), float32=False)
    check(lambda p: np.abs(np.roots(p)) ** 2, np.array([1.0, 1.0, 3.0]), chunks=(1, None))


@pytest.mark.parametrize("p", [[1.0, -2, 1], [1, 0, 0], [1, -3, 3, -1], [1, -4, 5, -2]])
def test_repeated_roots_have_no_derivative(p):
    p = np.array(p, float)
    slopes = dd.jacobian(np.roots)(p)
    roots = np.roots(p)
    for r, row in zip(roots, slopes):
        repeated = np.sum(np.abs(roots - r) < 1e-4) > 1
        assert np.all(np.isnan(row)) if repeated else np.all(np.isfinite(row))


def test_neighbouring_roots_are_not_repeated():
    """The roots 1, 2, …, 12 are ill-conditioned, but distinct."""
    p = np.poly(np.arange(1.0, 13))
    assert np.all(np.isfinite(dd.jacobian(np.roots)(p)))


def test_interp_at_knots():
    """The piece to the right; at the last knot the piece to the left; outside the constant."""
    slopes = np.diag(dd.jacobian(lambda x: np.interp(x, XP, FP))(XP))
    pieces = np.diff(FP) / np.diff(XP)
    np.testing.assert_array_equal(slopes, [*pieces, pieces[-1]])
    assert dd.derivative(lambda x: np.interp(x, XP, FP))(2.6) == 0


def test_i0_against_mpmath():
    points = np.concatenate([np.linspace(-30, 30, 61), [1e-300, 24.9, 25.1, 100.0, 700.0, -650.0]])
    slopes = dd.jvp(np.i0, points, np.ones_like(points))[1]
    with mpmath.workdps(50):
        for x, slope in zip(points, slopes):
            wanted = mpmath.besseli(1, mpmath.mpf(x))
            assert abs(slope - wanted) <= 1e-15 * 4 * abs(wanted) + 5e-324, x


def test_refusals():
    x, y = dd.Dual(T, 1.0), dd.Dual(Y, 1.0)
    with pytest.raises(TypeError, match="full=True"):
        np.polyfit(x, y, 1, full=True)
    with pytest.raises(TypeError, match="empty"):
        np.pad(x, 1, mode="empty")
    with pytest.raises(TypeError, match="callable"):
        np.pad(x, 1, mode=lambda *a: None)
