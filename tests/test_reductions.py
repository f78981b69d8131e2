"""Sums, products, scans, statistics, quantiles, differences: every keyword, against Richardson-extrapolated differences."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from reference import check

A = np.array([[1.1, -0.4, 2.3], [0.7, 1.9, -3.2]])  # no two entries alike
B = np.array([[[1.3, 0.2], [-0.8, 2.1]], [[0.9, -1.7], [3.1, 0.4]]])
V = np.array([2.5, -1.25, 0.75, 4.5])
P = np.array([0.6, 1.7, 2.4])
HOLES = np.array([[1.1, np.nan, 2.3], [0.7, 1.9, np.nan]])
MASK = np.array([[True, False, True], [True, True, False]])
W = np.array([[0.5, 1.5, 2.0], [1.0, 0.25, 0.75]])
ONE_ZERO, TWO_ZEROS, THREE_ZEROS = np.array([2.0, 0.0, -3.0]), np.array([0.0, 2.0, 0.0, 5.0]), np.array([0.0, 0.0, 4.0, 0.0])
Z = np.array([[1 + 2j, 0.5 - 1j], [-0.3 + 0.7j, 2.1 + 0.2j]])

SUMS = [
    ("sum", np.sum, (A,)),
    ("sum axis", lambda x: np.sum(x * x, axis=1), (A,)),
    ("sum axis -1", lambda x: np.sum(x * x, -1), (A,)),
    ("sum axis tuple", lambda x: np.sum(x * x, axis=(0, -1)), (B,)),
    ("sum axis empty tuple", lambda x: np.sum(x * x, axis=()), (A,)),
    ("sum keepdims", lambda x: x / np.sum(x * x, axis=0, keepdims=True), (A,)),
    ("sum initial", lambda x, s: np.sum(x, axis=0, initial=s), (A, 2.0)),
    ("sum initial plain", lambda x: np.sum(x, initial=5.0), (A,)),
    ("sum where", lambda x: np.sum(x * x, axis=1, where=MASK), (A,)),
    ("sum where computed", lambda x: np.sum(x, where=x > 0), (A,)),
    ("sum dtype", lambda x: np.sum(x * x, axis=0, dtype=np.float32).astype(np.float64), (A,), {"reference": False}),
    ("sum method", lambda x: x.sum(axis=0, keepdims=True), (A,)),
    ("sum scalar", lambda x: np.sum(x * x), (1.5,)),
    ("sum complex", lambda z: np.sum(z * z, axis=1), (Z,)),
    ("sum 0-d", lambda x: np.sum(x * x, axis=0), (np.array(1.5),)),
    ("sum of a list", lambda x: np.sum([x[0], x[1] * x[2]]), (V,)),
    ("mean", np.mean, (A,)),
    ("mean axis", lambda x: np.mean(x * x, axis=1, keepdims=True), (A,)),
    ("mean axis tuple", lambda x: np.mean(x * x, axis=(0, 2)), (B,)),
    ("mean where", lambda x: np.mean(x * x, axis=0, where=MASK), (A,)),
    ("mean dtype", lambda x: np.mean(x, dtype=np.longdouble).astype(float), (A,), {"float32": False}),
    ("mean method", lambda x: (x * x).mean(1), (A,)),
    ("nansum", lambda x: np.nansum(x * x, axis=1), (A,)),
    ("nansum holes", lambda x: np.nansum(x[:, None] * HOLES, axis=1), (V[:2],)),
    ("nansum keywords", lambda x: np.nansum(x[:, None] * HOLES, axis=0, keepdims=True, initial=2.0, where=MASK), (V[:2],)),
    ("nanmean holes", lambda x: np.nanmean(x[:, None] * HOLES, axis=0), (V[:2],)),
    ("nanmean keywords", lambda x: np.nanmean(x[:, None] * HOLES, 1, keepdims=True, where=MASK), (V[:2],)),
]

PRODUCTS = [
    ("prod", np.prod, (A,)),
    ("prod axis", lambda x: np.prod(x, axis=1), (A,)),
    ("prod axis tuple keepdims", lambda x: np.prod(x, axis=(0, 2), keepdims=True), (B,)),
    ("prod axis negative", lambda x: np.prod(x, axis=-2), (A,)),
    ("prod one zero", np.prod, (ONE_ZERO,)),
    ("prod two zeros", np.prod, (TWO_ZEROS,)),
    ("prod three zeros", np.prod, (THREE_ZEROS,)),
    ("prod zeros axis", lambda x: np.prod(x, axis=0), (np.array([[0.0, 0.0, 2.0], [3.0, 0.0, 5.0]]),)),
    ("prod initial", lambda x, s: np.prod(x, axis=0, initial=s), (A, 2.0)),
    ("prod where", lambda x: np.prod(x, axis=0, where=MASK), (A,)),
    ("prod dtype", lambda x: np.prod(x, dtype=np.float64), (A,)),
    ("prod method", lambda x: x.prod(0), (A,)),
    ("prod scalar", lambda x: np.prod(x * x), (1.5,)),
    ("prod complex", lambda z: np.prod(z, axis=0), (Z,)),
    ("prod many", np.prod, (np.linspace(0.5, 1.5, 7),)),
    ("nanprod", lambda x: np.nanprod(x[:, None] * HOLES, axis=0), (V[:2],)),
    ("nanprod keywords", lambda x: np.nanprod(x[:, None] * HOLES, 1, keepdims=True, initial=3.0, where=MASK), (V[:2],)),
]

SCANS = [
    ("cumsum", np.cumsum, (A,)),
    ("cumsum axis", lambda x: np.cumsum(x * x, axis=0), (A,)),
    ("cumsum method", lambda x: (x * x).cumsum(-1), (A,)),
    ("cumprod", np.cumprod, (A,)),
    ("cumprod axis", lambda x: np.cumprod(x, axis=-1), (A,)),
    ("cumprod zeros", np.cumprod, (TWO_ZEROS,)),
    ("cumprod three zeros", np.cumprod, (THREE_ZEROS,)),
    ("cumprod seven", np.cumprod, (np.linspace(-1.5, 1.7, 7),)),
    ("cumprod dtype", lambda x: np.cumprod(x, 0, dtype=np.float64), (A,)),
    ("cumprod complex", lambda z: np.cumprod(z, axis=0), (Z,)),
    ("nancumsum", lambda x: np.nancumsum(x[:, None] * HOLES, axis=1), (V[:2],)),
    ("nancumsum flat", lambda x: np.nancumsum(x[:, None] * HOLES), (V[:2],)),
    ("nancumprod", lambda x: np.nancumprod(x[:, None] * HOLES, axis=1), (V[:2],)),
]
if hasattr(np, "cumulative_sum"):
    SCANS += [
        ("cumulative_sum", lambda x: np.cumulative_sum(x * x, axis=1), (A,)),
        ("cumulative_sum 1-D", lambda x: np.cumulative_sum(x * x), (V,)),
        ("cumulative_sum include_initial", lambda x: np.cumulative_sum(x * x, axis=0, include_initial=True), (A,)),
        ("cumulative_prod", lambda x: np.cumulative_prod(x, axis=1), (A,)),
        ("cumulative_prod 1-D", lambda x: np.cumulative_prod(x), (ONE_ZERO,)),
        ("cumulative_prod include_initial", lambda x: np.cumulative_prod(x, axis=-1, include_initial=True), (A,)),
        ("cumulative_prod dtype", lambda x: np.cumulative_prod(x, axis=0, dtype=np.float64), (A,)),
    ]

STATISTICS = [
    ("var", np.var, (A,)),
    ("var axis", lambda x: np.var(x, axis=1), (A,)),
    ("var axis tuple", lambda x: np.var(x, axis=(0, -1), keepdims=True), (B,)),
    ("var ddof", lambda x: np.var(x, axis=0, ddof=1), (A,)),
    ("var correction", lambda x: np.var(x, axis=1, correction=1), (A,)),
    ("var mean", lambda x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)), (A,)),
    ("var other mean", lambda x, m: np.var(x, mean=m), (A, np.array([[0.3]]))),
    ("var where", lambda x: np.var(x, axis=1, where=MASK), (A,)),
    ("var where ddof keepdims", lambda x: np.var(x, axis=1, where=MASK, ddof=0.5, keepdims=True), (A,)),
    ("var dtype", lambda x: np.var(x, dtype=np.float64), (A,)),
    ("var method", lambda x: x.var(0), (A,)),
    ("var complex", lambda x: np.var(x * (1 + 2j) + 1j * x * x), (V,)),
    ("var of equals", np.var, (np.full(3, 0.1),)),
    ("std", np.std, (A,)),
    ("std axis ddof", lambda x: np.std(x, axis=-1, ddof=1), (A,)),
    ("std keepdims", lambda x: x / np.std(x, axis=0, keepdims=True), (A,)),
    ("std where", lambda x: np.std(x, axis=1, where=MASK), (A,)),
    ("std mean", lambda x: np.std(x, axis=0, mean=np.mean(x, axis=0, keepdims=True)), (A,)),
    ("std correction", lambda x: np.std(x, axis=1, correction=1), (A,)),
    ("nanvar", lambda x: np.nanvar(x[:, None] * HOLES, axis=1), (V[:2],)),
    ("nanvar keywords", lambda x: np.nanvar(x[:, None] * HOLES, axis=1, ddof=1, keepdims=True), (V[:2],)),
    ("nanvar where", lambda x: np.nanvar(x[:, None] * HOLES, where=MASK), (V[:2],)),
    ("nanstd", lambda x: np.nanstd(x[:, None] * HOLES, axis=1), (V[:2],)),
    ("nanstd mean", lambda x: np.nanstd(x[:, None] * HOLES, mean=np.nanmean(x[:, None] * HOLES, keepdims=True)), (V[:2],)),
    ("average", np.average, (A,)),
    ("average axis", lambda x: np.average(x * x, axis=1), (A,)),
    ("average weights", lambda x, w: np.average(x, weights=w), (A, W), {"nested": False}),
    ("average weights axis", lambda x, w: np.average(x, axis=0, weights=w, keepdims=True), (A, W), {"nested": False}),
    ("average 1-D weights", lambda w: np.average(A, axis=1, weights=w), (P,)),
    ("average 1-D weights axis 0", lambda x, w: np.average(x, axis=0, weights=w), (A, P[:2])),
    ("average returned", lambda w: np.average(A, axis=-1, weights=w, returned=True), (P,)),
    ("average returned plain", lambda x: np.average(x * x, axis=0, returned=True), (A,)),
    ("average weights tuple", lambda w: np.average(B, axis=(2, 0), weights=w), (W[:, :2],)),
    ("average weights list", lambda x: np.average([x[0], x[1]], weights=x[2:]), (V,)),
]

QUANTILES = [
    ("median odd", np.median, (P,)),
    ("median even", np.median, (V,)),
    ("median axis", lambda x: np.median(x, axis=1), (A,)),
    ("median axis even", lambda x: np.median(x, axis=0, keepdims=True), (A,)),
    ("median axis tuple", lambda x: np.median(x, axis=(0, 2)), (B,)),
    ("median overwrite", lambda x: (np.median(x, overwrite_input=True), np.sort(x)), (V,)),
    ("median overwrite positional", lambda x: (np.median(x, None, None, True), np.sort(x)), (V,)),
    ("median one entry", np.median, (P[:1],)),
    ("quantile", lambda x: np.quantile(x, 0.3), (V,)),
    ("quantile many", lambda x: np.quantile(x, [0.1, 0.5, 0.95]), (V,)),
    ("quantile matrix of q", lambda x: np.quantile(x, [[0.1, 0.5], [0.95, 0.0]], axis=1), (A,)),
    ("quantile ends", lambda x: np.quantile(x, [0.0, 1.0]), (V,)),
    ("quantile axis keepdims", lambda x: np.quantile(x, [0.2, 0.7], axis=-1, keepdims=True), (A,)),
    ("quantile axis tuple", lambda x: np.quantile(x, 0.4, axis=(0, 1)), (B,)),
    ("quantile overwrite", lambda x: (np.quantile(x, 0.4, overwrite_input=True), np.sort(x)), (V,)),
    ("quantile weights", lambda x: np.quantile(x, 0.6, method="inverted_cdf", weights=[1.0, 2.0, 0.5, 3.0]), (V,)),
    ("quantile weights axis", lambda x: np.quantile(x, [0.2, 0.6], axis=1, method="inverted_cdf", weights=[1.0, 2.0, 0.5]), (A,)),
    ("quantile weights full", lambda x: np.quantile(x, 0.5, axis=0, method="inverted_cdf", weights=W, keepdims=True), (A,)),
    ("percentile", lambda x: np.percentile(x, 35), (V,)),
    ("percentile many", lambda x: np.percentile(x, [5, 50, 80], axis=0), (A,)),
    ("percentile weights", lambda x: np.percentile(x, 70, method="inverted_cdf", weights=[1, 2, 3, 4]), (V,)),
    ("nanmedian", lambda x: np.nanmedian(x[:, None] * HOLES, axis=1), (V[:2],)),
    ("nanmedian flat", lambda x: np.nanmedian(x[:, None] * HOLES, keepdims=True), (V[:2],)),
    ("nanmedian axis 0", lambda x: np.nanmedian(x[:, None] * HOLES, axis=0), (V[:2],)),
    ("nanquantile", lambda x: np.nanquantile(x[:, None] * HOLES, [0.3, 0.8], axis=1), (V[:2],)),
    ("nanquantile weights", lambda x: np.nanquantile(x[:, None] * HOLES, 0.6, method="inverted_cdf", weights=W), (V[:2],)),
    ("nanpercentile", lambda x: np.nanpercentile(x[:, None] * HOLES, 30, axis=1, method="hazen", keepdims=True), (V[:2],)),
]
for METHOD in ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
               "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"):
    QUANTILES.append((f"quantile {METHOD}", lambda x, m=METHOD: np.quantile(x, [0.02, 0.3, 0.5, 0.77, 0.99], method=m), (V,)))
    QUANTILES.append((f"nanquantile {METHOD}", lambda x, m=METHOD: np.nanquantile(x[:, None] * HOLES, [0.3, 0.9], axis=1, method=m),
                      (V[:2],)))

X = np.array([0.0, 0.4, 1.1, 1.5])
DIFFERENCES = [
    ("diff", lambda x: np.diff(x * x), (A,)),
    ("diff n axis", lambda x: np.diff(x * x, n=2, axis=1), (A,)),
    ("diff prepend append", lambda x, p, q: np.diff(x, prepend=p, append=q), (V, 1.0, np.array([2.0, 3.0]))),
    ("diff prepend plain", lambda x: np.diff(x, axis=0, prepend=[[1.0, 2.0, 3.0]]), (A,)),
    ("diff prepend only", lambda p: np.diff(V, prepend=p), (2.0,)),
    ("diff n=0", lambda x: np.diff(x, n=0), (V,)),
    ("ediff1d", lambda x: np.ediff1d(x * x), (A,)),
    ("ediff1d ends", lambda x, e: np.ediff1d(x, to_end=e, to_begin=[1.0, 2.0]), (V, np.array([3.0, 4.0]))),
    ("trapezoid", lambda y: np.trapezoid(y * y), (A,)),
    ("trapezoid dx", lambda y, dx: np.trapezoid(y, dx=dx, axis=0), (A, 0.5)),
    ("trapezoid x", lambda y, x: np.trapezoid(y, x), (V, X)),
    ("trapezoid x axis", lambda y, x: np.trapezoid(y, x, axis=0), (A, X[:2])),
    ("trapezoid x 2-D", lambda x: np.trapezoid(A, x, axis=1), (W,)),
    ("trapezoid x only", lambda x: np.trapezoid([1.0, 3.0, 2.0, 5.0], x), (X,)),
    ("gradient", lambda f: np.gradient(f * f), (V,)),
    ("gradient edge_order", lambda f: np.gradient(f * f, edge_order=2), (V,)),
    ("gradient spacing", lambda f, h: np.gradient(f, h), (V, 0.5)),
    ("gradient spacing edge_order", lambda f, h: np.gradient(f, h, edge_order=2), (V, 0.5)),
    ("gradient coordinates", lambda f, x: np.gradient(f, x), (V, X)),
    ("gradient coordinates edge_order", lambda f, x: np.gradient(f, x, edge_order=2), (V, X)),
    ("gradient 2-D", lambda f: np.gradient(f * f), (A,)),
    ("gradient 2-D spacings", lambda f, h: np.gradient(f, h, [0.0, 1.0, 3.0]), (A, 0.5)),
    ("gradient 2-D one spacing", lambda f, h: np.gradient(f, h), (A, 0.5)),
    ("gradient axis", lambda f: np.gradient(f * f, axis=-1), (A,)),
    ("gradient axis tuple", lambda f: np.gradient(f * f, 2.0, 0.5, axis=(1, 0)), (A,)),
    ("gradient axis edge_order", lambda f: np.gradient(f, P, axis=1, edge_order=2), (A,)),
]

SNIPPETS = SUMS + PRODUCTS + SCANS + STATISTICS + QUANTILES + DIFFERENCES


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet[0])
def test_snippet(snippet):
    _, function, arrays, *options = snippet
    options = dict(options[0]) if options else {}
    if options.pop("reference", True):
        check(function, *arrays, **options)
    else:  # in float32 differences are blunt
        assert np.allclose(dd.jacobian(function)(*arrays), dd.jacobian(lambda x: np.sum(x * x, axis=0))(*arrays), rtol=1e-6)


@pytest.mark.parametrize("function", [np.sum, np.prod, np.var, np.std, np.median, np.cumprod, lambda x: np.quantile(x, 0.3, axis=0),
                                      lambda x: np.average(x, axis=1)])
def test_layouts(function):
    """Transposed, strided and Fortran-ordered arrays."""
    big = np.linspace(-1.0, 2.0, 24).reshape(4, 6) ** 3 + 0.1
    for a in (big.T[:3, :2], big[::2, ::3], np.asfortranarray(big[:2, :3])):
        check(function, a, nested=False)


def test_zeros_of_a_product_at_third_order():
    """x y z w at 0: the only third derivatives are those in three different factors, 1 times the fourth."""
    x = np.array([0.0, 0.0, 0.0, 7.0])
    third = dd.jacobian(dd.jacobian(dd.jacobian(np.prod)))(x)
    expected = np.zeros((4, 4, 4))
    for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        expected[i, j, k] = 7.0
    assert np.array_equal(third, expected)


def test_std_of_a_constant():
    """The derivative is taken as 0; there is no second one, and no plausible number stands for it."""
    for x in (np.ones(3), np.full(3, 0.1), np.zeros((2, 3))):
        assert np.array_equal(dd.gradient(np.std)(x), np.zeros(x.shape))
        assert not np.any(np.isfinite(dd.hessian(np.std)(x)))


def test_integer_dtype_is_locally_constant():
    """np.sum(x, dtype=int) rounds each entry: as for floor, the result is plain and its derivative 0."""
    for function in (lambda x: np.sum(x, dtype=int), lambda x: np.prod(x, dtype=int), lambda x: np.cumsum(x, dtype=int)):
        value, jacobian = dd.value_and_jacobian(function)(V)
        assert np.array_equal(value, function(V))
        assert not np.any(jacobian)


def test_integers_in_a_dual_keep_their_tangent():
    assert np.sum(dd.Dual(3, 4)).tangent == 4
    assert np.prod(dd.Dual(3, 4)).tangent == 4


@pytest.mark.parametrize("call", [
    lambda x, out: np.sum(x, 0, None, out), lambda x, out: x.sum(0, None, out), lambda x, out: np.prod(x, axis=0, out=out),
    lambda x, out: np.max(x, 0, out), lambda x, out: np.median(x, 0, out), lambda x, out: np.std(x, 0, None, out),
    lambda x, out: np.dot(np.ones(2), x, out), lambda x, out: np.add.reduce(x, 0, None, out)])
def test_out(call):
    """By position or by name: a dual array receives the result, a plain one is refused and left as it was."""
    def into_dual(x):
        out = np.zeros_like(x[0])
        assert call(x, out) is out
        return out

    def expected(x):
        return call(x, None)

    assert np.array_equal(dd.jacobian(into_dual)(A), dd.jacobian(expected)(A))
    plain = np.full(3, 7.0)
    with pytest.raises(dd.TangentLostError):
        dd.jacobian(lambda x: call(x, plain))(A)
    assert np.array_equal(plain, np.full(3, 7.0))


def test_quantile_refuses_a_derivative_in_q():
    with pytest.raises(dd.NotDifferentiableError, match="quantile has no rule for a derivative in q"):
        dd.derivative(lambda q: np.quantile(V, q))(0.3)
    with pytest.raises(TypeError):
        dd.derivative(lambda q: np.percentile(V, [10, q]))(0.3)


def test_empty():
    empty = np.zeros((0, 3))
    for function in (np.sum, np.prod, np.mean, np.var, np.median, np.cumsum, np.cumprod, lambda x: np.sum(x, axis=0),
                     lambda x: np.prod(x, axis=0), lambda x: np.max(x, axis=0, initial=1.0), lambda x: np.sort(x, axis=0)):
        value, jacobian = dd.value_and_jacobian(function)(empty)
        assert np.array_equal(value, function(empty), equal_nan=True)
        assert jacobian.shape == (*np.shape(value), 0, 3)


def test_large_median_is_accurate():
    """The weights of the two entries come from NumPy's rank, which is exact for a median."""
    x = np.random.default_rng(0).normal(size=10_000)
    y = dd.jvp(np.median, (x,), (np.arange(10_000.0),))[1]
    order = np.argsort(x)
    assert y == (order[4999] + order[5000]) / 2


# ---- one derivative inside another: the inner one in x, the outer one in a parameter -------------------------------------

MIXED = [
    ("max initial", lambda x, s: np.max(x, initial=5 * s)),
    ("sum initial", lambda x, s: np.sum(x * x, initial=s * s)),
    ("prod initial", lambda x, s: np.prod(x, initial=s)),
    ("diff prepend append", lambda x, s: np.diff(x * x, prepend=s, append=x[0] * s)),
    ("trapezoid dx", lambda x, s: np.trapezoid(x * x, dx=s)),
    ("gradient spacing", lambda x, s: np.gradient(x * x, s)),
    ("var", lambda x, s: np.var(x * s, ddof=1) + np.std(x * x) * s),
    ("var mean", lambda x, s: np.var(x, mean=s)),
    ("average weights", lambda x, s: np.average(x * x, weights=np.exp(s * x))),
    ("quantile", lambda x, s: np.quantile(x * x * s, 0.3) + np.median(x) * s),
    ("clip", lambda x, s: np.clip(x * x, -s, s) * x),
    ("select default", lambda x, s: np.select([x > s, x < 0], [x * s, x * x], default=s) * x),
    ("piecewise", lambda x, s: np.piecewise(x, [x > s, x <= s], [lambda t: t * t * s, lambda t: np.sin(t * s)])),
    ("scans", lambda x, s: np.cumprod(x * s) * np.maximum.accumulate(x) + np.sort(x * s)),
    ("nansum", lambda x, s: np.nansum([1.0, np.nan, 2.0, 1.0] * x * s, initial=s)),
]


SUMMED_OTHERWISE = {"var", "average weights", "scans"}
"""Whose plain inner derivatives are one contraction, and of nested numbers a sum of terms: they may differ in the last bit."""


@pytest.mark.parametrize("snippet", MIXED, ids=lambda snippet: snippet[0])
def test_levels_in_different_arguments(snippet):
    """NumPy does not look for operands in every argument; those of an outer derivative must get there all the same."""
    def inner(s):
        return dd.jacobian(lambda x: snippet[1](x, s))(V)

    check(inner, 1.3, nested=False, rounding=1e-15 if snippet[0] in SUMMED_OTHERWISE else 0.0)
