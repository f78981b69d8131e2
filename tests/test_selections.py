"""Selections, sets, histograms, clip and where: every keyword, against Richardson-extrapolated differences; ties by the design."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from reference import check

A = np.array([[1.1, -0.4, 2.3], [0.7, 1.9, -3.2]])  # no two entries alike
B = np.array([[[1.3, 0.2], [-0.8, 2.1]], [[0.9, -1.7], [3.1, 0.4]]])
V = np.array([2.5, -1.25, 0.75, 4.5])
U = np.array([0.6, 1.7])
HOLES = np.array([[1.1, np.nan, 2.3], [0.7, 1.9, np.nan]])
MASK = np.array([[True, False, True], [True, True, False]])
Z = np.array([1 + 2j, 0.5 - 1j, 2.1 + 0.2j])

EXTREMES = [
    ("max", np.max, (A,)),
    ("max axis", lambda x: np.max(x, axis=1), (A,)),
    ("max axis tuple", lambda x: np.max(x, axis=(0, -1), keepdims=True), (B,)),
    ("max axis empty tuple", lambda x: np.max(x * x, axis=()), (A,)),
    ("max keepdims", lambda x: x / np.max(x, axis=0, keepdims=True), (A,)),
    ("max initial", lambda x, s: np.max(x, axis=1, initial=s), (A, 2.0)),
    ("max where initial", lambda x: np.max(x, axis=1, where=MASK, initial=-10.0), (A,)),
    ("max initial wins", lambda x, s: np.max(x, axis=0, where=MASK, initial=s), (A, 1.0)),
    ("max method", lambda x: x.max(0), (A,)),
    ("max scalar", lambda x: np.max(x * x), (1.5,)),
    ("max 0-d", lambda x: np.max(x * x, axis=-1), (np.array(1.5),)),
    ("amax", lambda x: np.amax(x, -1), (A,)),
    ("min", np.min, (A,)),
    ("min axis keepdims", lambda x: np.min(x, axis=-2, keepdims=True), (A,)),
    ("min where initial", lambda x: np.min(x, where=MASK, initial=5.0), (A,)),
    ("min method", lambda x: x.min(axis=1), (A,)),
    ("amin", lambda x: np.amin(x, axis=0), (A,)),
    ("max complex", lambda z: np.max(z * z), (Z,)),
    ("nanmax", lambda x: np.nanmax(x[:, None] * HOLES, axis=1), (U,)),
    ("nanmax flat keepdims", lambda x: np.nanmax(x[:, None] * HOLES, keepdims=True), (U,)),
    ("nanmax initial where", lambda x: np.nanmax(x[:, None] * HOLES, axis=0, initial=-1.0, where=MASK), (U,)),
    ("nanmin", lambda x: np.nanmin(x[:, None] * HOLES, axis=0), (U,)),
    ("ptp", np.ptp, (A,)),
    ("ptp axis", lambda x: np.ptp(x, axis=1, keepdims=True), (A,)),
    ("ptp axis tuple", lambda x: np.ptp(x, axis=(0, 1)), (B,)),
    ("by argmax", lambda x: x.ravel()[np.argmax(x)], (A,)),
    ("by argmin axis", lambda x: np.take_along_axis(x, np.argmin(x, axis=1, keepdims=True), axis=1), (A,)),
    ("by nanargmax", lambda x: x[np.nanargmax(x)], (V,)),
]

ORDERS = [
    ("sort", lambda x: np.sort(x * x), (A,)),
    ("sort axis", lambda x: np.sort(x, axis=0), (A,)),
    ("sort axis None", lambda x: np.sort(x, axis=None), (A,)),
    ("sort kind", lambda x: np.sort(x, kind="mergesort"), (V,)),
    ("sort stable", lambda x: np.sort(x, axis=-1, stable=True), (A,)),
    ("sort method in place", lambda x: [y := x * 1.0, y.sort(axis=1), y][-1], (A,)),
    ("sort complex", lambda z: np.sort(z), (Z,)),
    ("sort_complex", lambda x: np.sort_complex(x), (V,)),
    ("sort_complex complex", lambda z: np.sort_complex(z * z), (Z,)),
    ("partition", lambda x: np.partition(x, 1), (V,)),
    ("partition axis", lambda x: np.partition(x, 1, axis=0), (A,)),
    ("partition several", lambda x: np.partition(x, [1, 4]), (np.array([3.0, -1.0, 4.0, 1.5, 5.5, -2.0, 6.5, 0.5]),)),
    ("partition axis None", lambda x: np.partition(x, 3, axis=None), (A,)),
    ("partition method in place", lambda x: [y := x * 1.0, y.partition(2), y][-1], (V,)),
    ("by argsort", lambda x: x[np.argsort(x)], (V,)),
    ("by argsort axis", lambda x: np.take_along_axis(x, np.argsort(-x, axis=1), axis=1), (A,)),
    ("by argpartition", lambda x: x[np.argpartition(x, 2)[:2]], (V,)),
    ("by lexsort", lambda x: x[np.lexsort((x,))], (V,)),
]

CHOICES = [
    ("where", lambda x, y: np.where(x > y, x * x, y), (A, A[::-1] * 0.9)),
    ("where broadcast", lambda x, y: np.where(MASK, x, y), (A[0], 2.0)),
    ("where plain side", lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), -1.0), (A,)),
    ("where one argument", lambda x: x[np.where(x > 0)], (A,)),
    ("where of a dual condition", lambda x: np.where(x, x * x, 5.0), (A,)),
    ("where scalars", lambda x: np.where(True, x, 0.0), (1.5,)),
    ("select", lambda x: np.select([x < 0, x < 1], [x * x, np.sin(x)], default=3.0), (A,)),
    ("select default", lambda x, d: np.select([x < 0], [x * x], d), (A, 0.5)),
    ("select plain choice", lambda x: np.select([x < 0, x < 1], [np.ones(3), x]), (A,)),
    ("choose", lambda x, y: np.choose([0, 1, 1], [x, y]), (A[0], A[1])),
    ("choose mode", lambda x: np.choose([0, 5, -1], x, mode="clip"), (A,)),
    ("choose plain choice", lambda x: np.choose([[0], [1]], [x * x, [1.0, 2.0, 3.0]]), (A[0],)),
    ("compress", lambda x: np.compress([True, False, True], x * x, axis=1), (A,)),
    ("compress flat", lambda x: np.compress([False, True, True], x), (A,)),
    ("compress method", lambda x: x.compress([False, True], axis=0), (A,)),
    ("extract", lambda x: np.extract(x > 0, x * x), (A,)),
    ("take", lambda x: np.take(x * x, [0, 3, 3]), (A,)),
    ("take axis", lambda x: np.take(x, [[0, 1], [2, 2]], axis=1), (A,)),
    ("take mode", lambda x: np.take(x, [4, -1], axis=0, mode="wrap"), (A,)),
    ("take clip", lambda x: np.take(x, [7, -9], mode="clip"), (V,)),
    ("take scalar index", lambda x: np.take(x, 2), (V,)),
    ("take method", lambda x: x.take([0, 0, 1], axis=1), (A,)),
    ("take_along_axis", lambda x: np.take_along_axis(x * x, np.array([[0, 0], [2, 1]]), axis=1), (A,)),
    ("take_along_axis None", lambda x: np.take_along_axis(x, np.array([5, 0]), axis=None), (A,)),
    ("piecewise", lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda t: -t * t, lambda t: np.sin(t)]), (A,)),
    ("piecewise default", lambda x: np.piecewise(x, [x < 0], [lambda t: t**3, np.exp]), (A,)),
    ("piecewise constants", lambda x: np.piecewise(x, [x < 0, x > 1], [-1.0, lambda t: t * t]), (A,)),
    ("piecewise arguments", lambda x: np.piecewise(x, [x > 0], [lambda t, a, b=1: a * t**b], 2.0, b=3), (A,)),
    ("piecewise scalar", lambda x: np.piecewise(x, x > 0, [lambda t: t * t, 0.0]), (np.array(1.5),)),
    ("piecewise one condition", lambda x: np.piecewise(x, x > 0, [lambda t: t * t, lambda t: 2 * t]), (V,)),
    ("piecewise closure", lambda a: np.piecewise(V * a, [V > 0], [lambda t: a * t, lambda t: t / a]), (1.5,)),
    ("trim_zeros", lambda x: np.trim_zeros(x * [0.0, 1.0, 0.0, 1.0]), (V,)),
    ("trim_zeros front", lambda x: np.trim_zeros(x * [0.0, 1.0, 2.0, 0.0], "f"), (V,)),
    ("trim_zeros back", lambda x: np.trim_zeros(x * [0.0, 1.0, 2.0, 0.0], trim="B"), (V,)),
    ("by digitize", lambda x: x * np.array([1.0, 2.0, 3.0])[np.digitize(x, [0.0, 2.0])], (V,)),
    ("by searchsorted", lambda x: np.sort(x)[np.searchsorted(np.sort(x), [0.0, 3.0])], (V,)),
    ("by a mask", lambda x: x[x > 0] ** 2, (A,)),
    ("by nonzero", lambda x: x[np.nonzero(x > 0)], (A,)),
]

LIMITS = [
    ("clip", lambda x: np.clip(x * x, 0.5, 4.0), (A,)),
    ("clip bounds", lambda x, lo, hi: np.clip(x, lo, hi), (A, -0.5, np.array([1.5, 1.6, 1.7]))),
    ("clip None", lambda x, hi: np.clip(x, None, hi), (A, 1.0)),
    ("clip upper None", lambda x: np.clip(x, 0.0, None), (A,)),
    ("clip crossed", lambda x, lo, hi: np.clip(x, lo, hi), (A, 1.0, -1.0)),
    ("clip keywords", lambda x, lo: np.clip(x, a_min=lo, a_max=2.0), (A, 0.2)),
    ("clip method", lambda x: x.clip(-1.0, 1.0), (A,)),
    ("clip bounds only", lambda lo: np.clip(A, lo, 2.0), (np.array([0.1, 0.2, -5.0]),)),
    ("clip scalar", lambda x: np.clip(x, 0.0, 2.0), (1.5,)),
    ("clip dtype", lambda x: np.clip(x, 0.0, 2.0, dtype=np.float64), (A,)),
    ("nan_to_num", lambda x: np.nan_to_num(x[:, None] * HOLES), (U,)),
    ("nan_to_num keywords", lambda x: np.nan_to_num(x * [np.nan, np.inf, -np.inf, 1.0], nan=1.0, posinf=2.0, neginf=3.0), (V,)),
    ("nan_to_num in place", lambda x: [y := x * [np.nan, 1.0, 2.0, 1.0], np.nan_to_num(y, copy=False), y * y][-1], (V,)),
    ("nan_to_num complex", lambda x: np.nan_to_num(x * (1 + 2j)), (V,)),
    ("maximum, minimum", lambda x, y: np.maximum(x, y) * np.minimum(x, 1.0), (A, 0.5)),
    ("fmax, fmin", lambda x: np.fmax(x[:, None] * HOLES, 0.9) + np.fmin(x[:, None], HOLES), (U,)),
]
if tuple(map(int, np.__version__.split(".")[:2])) >= (2, 1):
    LIMITS += [
        ("clip min max", lambda x, lo, hi: np.clip(x, min=lo, max=hi), (A, -0.5, 1.5)),
        ("clip max alone", lambda x, hi: np.clip(x, max=hi), (A, 1.0)),
        ("clip nothing", lambda x: np.clip(x), (A,)),
    ]
if tuple(map(int, np.__version__.split(".")[:2])) >= (2, 2):
    CHOICES += [
        ("trim_zeros 2-D", lambda x: np.trim_zeros(x * [0.0, 1.0, 1.0]), (A,)),
        ("trim_zeros axis", lambda x: np.trim_zeros(x * np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), axis=1), (A,)),
    ]

SETS = [
    ("unique", np.unique, (A,)),
    ("unique everything", lambda x: np.unique(x, return_index=True, return_inverse=True, return_counts=True)[0], (A,)),
    ("unique counts", lambda x: np.unique(x, return_counts=True), (V,)),
    ("unique axis", lambda x: np.unique(x, axis=0), (A,)),
    ("unique axis 1 inverse", lambda x: np.unique(x, return_inverse=True, axis=1)[0], (A,)),
    ("unique equal_nan", lambda x: np.unique(x * [1.0, np.nan, 2.0, np.nan], equal_nan=False)[:2], (V,)),
    ("unique_values", lambda x: np.unique_values(x), (V,)),
    ("unique_all", lambda x: np.unique_all(x).values, (V,)),
    ("unique_counts", lambda x: tuple(np.unique_counts(x)), (V,)),
    ("unique_inverse", lambda x: np.unique_inverse(x)[0], (V,)),
    ("union1d", lambda x, y: np.union1d(x, y), (V, U)),
    ("union1d plain", lambda x: np.union1d(x, [0.0, 1.0]), (V,)),
    ("setdiff1d", lambda x: np.setdiff1d(np.concatenate([x, [7.0, 8.0]]), [8.0, 9.0]), (V,)),
    ("setdiff1d assume_unique", lambda x: np.setdiff1d(x, [100.0], assume_unique=True), (V,)),
    ("setxor1d", lambda x: np.setxor1d(np.concatenate([x, [7.0]]), [7.0, 8.0]), (V,)),
    ("setxor1d assume_unique", lambda x, y: np.setxor1d(x, y, assume_unique=True), (V, U)),
    ("isin", lambda x: x * np.isin(np.floor(x), [0.0, 2.0]), (V,)),
]
if tuple(map(int, np.__version__.split(".")[:2])) >= (2, 3):
    SETS.append(("unique unsorted", lambda x: np.unique(x, sorted=False), (V,)))

SAMPLES = np.array([0.1, 0.35, 0.62, 0.68, 0.9, 1.0])
WEIGHTS = np.array([1.0, 2.0, 0.5, 1.5, 3.0, 0.25])
PLACES = np.array([0, 2, 1, 2, 0, 0])
HISTOGRAMS = [
    ("bincount weights", lambda w: np.bincount(PLACES, weights=w * w), (WEIGHTS,)),
    ("bincount minlength", lambda w: np.bincount(PLACES, w, minlength=6), (WEIGHTS,)),
    ("histogram weights", lambda w: np.histogram(SAMPLES, bins=3, weights=w), (WEIGHTS,)),
    ("histogram weights edges", lambda w: np.histogram(SAMPLES, bins=[0.0, 0.5, 0.7, 0.8], weights=w)[0], (WEIGHTS,)),
    ("histogram range", lambda w: np.histogram(SAMPLES, 4, (0.2, 0.95), weights=w), (WEIGHTS,)),
    ("histogram density", lambda w: np.histogram(SAMPLES, bins=3, weights=w, density=True)[0], (WEIGHTS,)),
    ("histogram of samples", lambda x: np.histogram(x, bins=[0.0, 0.5, 0.7, 1.5]), (SAMPLES,)),
    ("histogram moving edges", lambda x: np.histogram(x * x, bins=4), (SAMPLES,)),
    ("histogram moving density", lambda x: np.histogram(x * x, bins=4, density=True), (SAMPLES,)),
    ("histogram samples and weights", lambda x, w: np.histogram(x, bins=4, weights=w), (SAMPLES, WEIGHTS), {"nested": False}),
    ("histogram moving range", lambda a: np.histogram(SAMPLES * (a / a), bins=3, range=(a, 2 * a), density=True)[1], (0.4,)),
    ("histogram dual edges", lambda e: np.histogram(SAMPLES, bins=e, density=True), (np.array([0.0, 0.5, 0.75]),)),
    ("histogram complex weights", lambda w: np.histogram(SAMPLES, bins=3, weights=w)[0], (WEIGHTS * (1 + 2j),)),
    ("histogram_bin_edges", lambda x: np.histogram_bin_edges(x, bins=3), (SAMPLES,)),
    ("histogram_bin_edges auto", lambda x: np.histogram_bin_edges(x, "auto"), (SAMPLES,)),
    ("histogram2d weights", lambda w: np.histogram2d(SAMPLES, SAMPLES**2, bins=3, weights=w)[0], (WEIGHTS,)),
    ("histogram2d edges", lambda x: np.histogram2d(x, SAMPLES**2, bins=[2, 3]), (SAMPLES,)),
    ("histogram2d density", lambda w: np.histogram2d(SAMPLES, SAMPLES**2, bins=(2, [0.0, 0.3, 2.0]), weights=w, density=True)[0],
     (WEIGHTS,)),
    ("histogram2d one array of edges", lambda w: np.histogram2d(SAMPLES, SAMPLES**2, [0.0, 0.4, 0.8, 2.0], weights=w)[0],
     (WEIGHTS,)),
    ("histogramdd", lambda w: np.histogramdd(np.stack([SAMPLES, SAMPLES**2, -SAMPLES], 1), bins=2, weights=w)[0], (WEIGHTS,)),
    ("histogramdd range density", lambda w: np.histogramdd([SAMPLES, SAMPLES**2], bins=(2, 3), range=[(0, 1), (0, 2)], weights=w,
                                                           density=True)[0], (WEIGHTS,)),
    ("histogramdd samples", lambda x: np.histogramdd(x, bins=2), (SAMPLES.reshape(3, 2),)),
]

SNIPPETS = EXTREMES + ORDERS + CHOICES + LIMITS + SETS + HISTOGRAMS


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet[0])
def test_snippet(snippet):
    _, function, arrays, *options = snippet
    check(function, *arrays, **(options[0] if options else {}))


# ---- ties and kinks: the branch from which NumPy's value comes -----------------------------------------------------------

def test_the_first_of_equal_extremes():
    x = np.array([1.0, 3.0, 3.0, 1.0])
    for function, index in ((np.max, 1), (np.min, 0), (np.nanmax, 1), (np.nanmin, 0), (np.maximum.reduce, 1), (np.fmin.reduce, 0)):
        assert np.array_equal(dd.gradient(function)(x), np.eye(4)[index])
    tied = np.maximum.accumulate
    assert np.array_equal(dd.jacobian(tied)(x), np.eye(4)[[0, 1, 1, 1]])
    assert dd.jacobian(lambda x: np.max(x, axis=0))(np.ones((2, 1)))[0, 0, 0] == 1.0


def test_sorting_is_stable():
    x = np.array([2.0, 1.0, 2.0, 1.0])
    assert np.array_equal(dd.jacobian(np.sort)(x), np.eye(4)[[1, 3, 0, 2]])
    assert np.array_equal(dd.jacobian(lambda x: np.partition(x, 2))(x), np.eye(4)[[1, 3, 0, 2]])
    assert np.array_equal(dd.jacobian(np.unique)(x), np.eye(4)[[1, 0]])


def test_clip_at_its_bound_is_x():
    x = np.array([0.0, 1.0])
    assert np.array_equal(dd.jacobian(lambda x: np.clip(x, 0.0, 1.0))(x), np.eye(2))
    assert dd.derivative(lambda low: np.clip(1.0, low, 2.0))(1.0) == 0.0


def test_nan_and_infinity():
    """fmax-like reductions choose an entry that is there, also beside −∞; nan has its own tangent, not a neighbour's."""
    x = np.array([np.nan, -np.inf, -np.inf])
    assert np.array_equal(dd.gradient(np.nanmax)(x), [0.0, 1.0, 0.0])
    assert np.array_equal(dd.gradient(np.max)(np.array([1.0, np.nan, 2.0, np.nan])), [0.0, 1.0, 0.0, 0.0])
    assert np.array_equal(dd.jacobian(np.fmin.accumulate)(np.array([np.nan, 2.0, np.nan, 1.0])), np.eye(4)[[0, 1, 1, 3]])
    assert np.array_equal(dd.jacobian(np.maximum.accumulate)(np.array([1.0, np.nan, 2.0, np.nan])), np.eye(4)[[0, 1, 1, 1]])


def test_sets_with_common_entries():
    x = np.array([3.0, 1.0, 2.0])
    assert np.array_equal(dd.jacobian(lambda x: np.union1d(x, [2.0, 5.0]))(x), [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0]])
    assert np.array_equal(dd.jacobian(lambda x: np.intersect1d(x, [3.0, 2.0, 9.0]))(x), [[0, 0, 1], [1, 0, 0]])
    assert np.array_equal(dd.jacobian(lambda y: np.intersect1d([3.0, 2.0], y, return_indices=True)[0])(x), np.zeros((2, 3)))
    assert np.array_equal(dd.jacobian(lambda x: np.intersect1d(x, x[:2], assume_unique=True))(x), [[0, 1, 0], [1, 0, 0]])


def test_counts_are_locally_constant():
    """A sample changes bins at edges only; what NumPy does with counts is right with a derivative of 0."""
    value, jacobian = dd.value_and_jacobian(lambda x: np.histogram(x, [0.0, 0.5, 2.0])[0])(SAMPLES)
    assert np.array_equal(value, [2, 4])
    assert not np.any(jacobian)
    with pytest.raises(TypeError):
        dd.jacobian(np.bincount)(SAMPLES)


def test_partition_of_a_large_array_moves_tangents_with_their_values():
    """NumPy's partition and argpartition need not give the same permutation."""
    x = np.random.default_rng(3).normal(size=5000)
    value, tangent = dd.jvp(lambda x: np.partition(x, 2500), (x,), (x**2,))
    assert np.array_equal(value, np.partition(x, 2500))
    assert np.array_equal(tangent, value**2)
    for kth in ([10, 4000], 0, 4999):
        value, tangent = dd.jvp(lambda x: np.partition(x.reshape(50, 100), 7, axis=0), (x,), (x**2,))
        assert np.array_equal(tangent, value**2)
