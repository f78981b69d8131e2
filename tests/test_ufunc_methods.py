"""reduce, accumulate, reduceat, outer and at of ufuncs, and the keywords of ufuncs: against Richardson-extrapolated differences."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from reference import check

A = np.array([[1.1, 0.4, 2.3], [0.7, 1.9, 3.2]])
S = np.array([[1.1, -0.4, 2.3], [0.7, 1.9, -3.2]])
V = np.array([2.6, 1.35, 0.77, 4.5])
U = np.array([0.6, 1.7])
ZEROS = np.array([0.0, 2.0, 0.0, 5.0])
MASK = np.array([[True, False, True], [True, True, False]])
Z = np.array([1 + 2j, 0.5 - 1j, 2.1 + 0.2j])

SMOOTH = [np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power, np.remainder, np.fmod, np.arctan2, np.hypot,
          np.logaddexp, np.logaddexp2, np.maximum, np.minimum, np.fmax, np.fmin, np.copysign]

SNIPPETS = []
for F in SMOOTH:
    name = F.__name__
    if F not in (np.power, np.arctan2):
        SNIPPETS += [
            (f"{name}.reduce", lambda x, f=F: f.reduce(x), (A,)),
            (f"{name}.reduce axis keepdims", lambda x, f=F: f.reduce(x, axis=-1, keepdims=True), (A,)),
            (f"{name}.reduce initial", lambda x, s, f=F: f.reduce(x, initial=s), (V, 1.6)),
            (f"{name}.reduceat", lambda x, f=F: f.reduceat(x, [0, 2, 1, 3]), (V,)),
        ]
    SNIPPETS += [
        (f"{name}.accumulate", lambda x, f=F: f.accumulate(x), (V,)),
        (f"{name}.accumulate axis", lambda x, f=F: f.accumulate(x, axis=1), (A,)),
        (f"{name}.outer", lambda x, y, f=F: f.outer(x, y), (V[:3], U)),
        (f"{name}.outer 2-D", lambda x, f=F: f.outer(x, [1.5, 2.25]), (A,)),
    ]

    def in_place(x, y, f=F):
        z = x.copy()
        f.at(z, [0, 2, 0, 0], y)
        return z

    SNIPPETS.append((f"{name}.at", in_place, (V[:3], np.array([1.5, 0.8, 2.2, 0.9]))))


def at(ufunc, indices, *rest):
    def function(x, *more):
        z = np.copy(x)
        ufunc.at(z, indices, *(more or rest))
        return z

    return function


def into(call, *, shape=None, full=0.0):
    """The function with a dual array to write into."""
    def function(x):
        out = np.zeros_like(x) if shape is None else np.zeros(shape, like=x)
        out[...] = full
        call(x, out)
        return out

    return function


SNIPPETS += [
    ("add.reduce axis None", lambda x: np.add.reduce(x * x, axis=None), (S,)),
    ("add.reduce axis tuple", lambda x: np.add.reduce(x * x, axis=(0, 1)), (S,)),
    ("add.reduce where", lambda x: np.add.reduce(x * x, axis=1, where=MASK), (S,)),
    ("add.reduce dtype", lambda x: np.add.reduce(x * x, axis=1, dtype=np.float64), (S,)),
    ("add.reduceat axis", lambda x: np.add.reduceat(x * x, [0, 1], axis=1), (S,)),
    ("multiply.reduce zeros", lambda x: np.multiply.reduce(x), (ZEROS,)),
    ("multiply.reduce axis None", lambda x: np.multiply.reduce(x, axis=None), (S,)),
    ("multiply.reduce axis tuple", lambda x: np.multiply.reduce(x, axis=(1, 0), keepdims=True), (S,)),
    ("multiply.reduce where", lambda x: np.multiply.reduce(x, axis=1, where=MASK), (S,)),
    ("multiply.reduce where initial", lambda x: np.multiply.reduce(x, axis=0, where=MASK, initial=2.0), (S,)),
    ("multiply.reduce dtype", lambda x: np.multiply.reduce(x, dtype=np.float64), (S,)),
    ("multiply.reduce complex", lambda z: np.multiply.reduce(z), (Z,)),
    ("multiply.accumulate zeros", lambda x: np.multiply.accumulate(x), (ZEROS,)),
    ("multiply.accumulate dtype", lambda x: np.multiply.accumulate(x, dtype=np.float64), (V,)),
    ("multiply.reduceat zeros", lambda x: np.multiply.reduceat(x, [0, 3, 1]), (ZEROS,)),
    ("multiply.reduceat axis", lambda x: np.multiply.reduceat(x, [0, 1, 0], axis=1), (S,)),
    ("logaddexp.reduce where", lambda x: np.logaddexp.reduce(x, axis=1, where=MASK), (S,)),
    ("logaddexp.reduce many", lambda x: np.logaddexp.reduce(x), (np.linspace(-2.0, 3.0, 7),)),
    ("logaddexp.reduce initial", lambda x: np.logaddexp.reduce(x, initial=-np.inf), (V,)),
    ("hypot.reduce where", lambda x: np.hypot.reduce(x, axis=0, where=MASK), (S,)),
    ("subtract.reduce where initial", lambda x, s: np.subtract.reduce(x, axis=1, where=MASK, initial=s), (S, 2.0)),
    ("divide.reduce where initial", lambda x: np.divide.reduce(x, axis=1, where=MASK, initial=2.0), (S,)),
    ("maximum.reduce where", lambda x: np.maximum.reduce(x, axis=1, where=MASK, initial=-9.0), (S,)),
    ("maximum.reduce axis None", lambda x: np.maximum.reduce(x, axis=None), (S,)),
    ("minimum.reduce axis tuple", lambda x: np.minimum.reduce(x, axis=(0, 1), keepdims=True), (S,)),
    ("minimum.reduce initial", lambda x, s: np.minimum.reduce(x, axis=0, initial=s), (S, 0.5)),
    ("maximum.accumulate axis", lambda x: np.maximum.accumulate(x, axis=1), (S,)),
    ("minimum.accumulate descending", lambda x: np.minimum.accumulate(x), (V[::-1].copy(),)),
    ("fmax.reduce holes", lambda x: np.fmax.reduce([[np.nan, 1.0], [2.0, np.nan]] * x, axis=1), (U,)),
    ("fmin.accumulate holes", lambda x: np.fmin.accumulate([3.0, np.nan, 2.0, np.nan] * x), (V,)),
    ("maximum.outer plain", lambda x: np.maximum.outer(U, x), (V,)),
    ("multiply.outer", lambda x, y: np.multiply.outer(x, y), (A[:, :2], U)),
    ("multiply.outer same", lambda x: np.multiply.outer(x, x), (V,)),
    ("multiply.outer scalar", lambda x: np.multiply.outer(x, V), (1.5,)),
    ("subtract.outer itself", lambda x: np.exp(-np.subtract.outer(x, x) ** 2), (V,)),
    ("add.at rows", at(np.add, [0, 0, 1], A[0]), (S,)),
    ("add.at tuple of indices", at(np.add, ([0, 1, 0], [2, 2, 2])), (S, np.array([1.0, 2.0, 3.0]))),
    ("add.at scalar value", at(np.add, [0, 0, 2]), (V, 1.5)),
    ("add.at mask", at(np.add, np.array([True, False, True, True]), 2.0), (V,)),
    ("add.at slice", at(np.add, slice(1, 3)), (V, U)),
    ("multiply.at repeated", at(np.multiply, [1, 1, 1, 0]), (V, np.array([1.5, 0.5, 2.0, 3.0]))),
    ("subtract.at broadcast", at(np.subtract, np.array([[0, 1], [0, 3]])), (V, np.array([U]))),
    ("negative.at", at(np.negative, [0, 0, 2]), (V,)),
    ("sin.at", at(np.sin, [0, 0, 2]), (V,)),
    ("maximum.at", at(np.maximum, [0, 0, 2]), (V, np.array([1.0, 2.0, 3.0]))),
    # keywords
    ("out", into(lambda x, out: np.sin(x, out=out)), (S,)),
    ("out positional", into(lambda x, out: np.multiply(x, x, out)), (S,)),
    ("out tuple", into(lambda x, out: np.exp(x, out=(out,))), (S,)),
    ("out itself", lambda x: np.multiply(y := x * 1.0, y, out=y), (S,)),
    ("out where", into(lambda x, out: np.log(x, out=out, where=x > 0), full=-1.0), (S,)),
    ("out where mask", into(lambda x, out: np.divide(1.0, x, out=out, where=MASK), full=7.0), (S,)),
    ("out broadcast", into(lambda x, out: np.add(x, 1.0, out=out), shape=(2, 3)), (A[0],)),
    ("out where keeps", lambda x: np.square(x, out=x * 3.0, where=MASK), (S,)),
    ("out of a reduction", into(lambda x, out: np.add.reduce(x * x, axis=1, out=out), shape=2), (S,), {"float32": False}),
    ("out of a reduction where", into(lambda x, out: np.multiply.reduce(x, axis=1, out=out, where=MASK), shape=2), (S,),
     {"float32": False}),
    ("out of an accumulation", into(lambda x, out: np.multiply.accumulate(x, axis=1, out=out)), (S,)),
    ("out of two outputs", lambda x: np.modf(x, out=(np.zeros_like(x), np.zeros_like(x)))[0], (S,)),
    ("dtype", lambda x: np.add(x, x * x, dtype=np.float64), (S,)),
    ("dtype longdouble", lambda x: np.multiply(x, x, dtype=np.longdouble).astype(float), (S,), {"float32": False}),
    ("casting", lambda x: np.add(x, 1, casting="same_kind"), (S,)),
    ("dtype casting", lambda x: np.multiply(x, 2.0, dtype=np.float64, casting="unsafe"), (S,)),
    ("in-place operators", lambda x: [z := x * 1.0, z.__iadd__(x), z.__imul__(2.0)][-1], (S,)),
    ("clip ufunc", lambda x: np._core.umath.clip(x, -0.5, 1.5), (S,)),
    ("clip method of a plain array", lambda x: S.clip(min=x), (0.5,)),
]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet[0])
def test_snippet(snippet):
    _, function, arrays, *options = snippet
    check(function, *arrays, **(options[0] if options else {}))


def test_locally_constant_methods():
    for function in (lambda x: np.logical_and.reduce(x > 0), lambda x: np.greater.outer(x, x), lambda x: np.logical_or.reduce(x),
                     lambda x: np.floor_divide.reduce(x), lambda x: np.not_equal.reduce(x > 1)):
        value, jacobian = dd.value_and_jacobian(function)(V)
        assert np.array_equal(value, function(V))
        assert not np.any(jacobian)


def test_refused_methods():
    for call in (lambda x: np.gcd.reduce(x), lambda x: np.bitwise_or.accumulate(x), lambda x: np.left_shift.outer(x, x),
                 lambda x: np.power.reduce(x), lambda x: np.arctan2.reduceat(x, [0, 2]),
                 lambda x: np.add.at(x, [[0, 1], [0, 1]], [1.0, 2.0])):
        with pytest.raises(dd.NotDifferentiableError):
            dd.jacobian(call)(V)


def test_plain_arrays_do_not_receive_tangents():
    out = np.full(4, 7.0)
    for call in (lambda x: np.add.at(out, [0, 1], x[:2]), lambda x: np.sin(x, out=out), lambda x: np.add(out, x, out),
                 lambda x: np.multiply.accumulate(x, out=out), lambda x: out.__iadd__(x)):
        with pytest.raises(dd.TangentLostError):
            dd.jacobian(call)(V)
        assert np.array_equal(out, np.full(4, 7.0))


def test_at_many_repetitions():
    """Sums into few bins, each entry of which is 1: the value is NumPy's to the last bit."""
    rng = np.random.default_rng(1)
    bins, weights = rng.integers(0, 5, 2000), rng.normal(size=2000)

    def total(w):
        result = np.zeros(5, like=w)
        np.add.at(result, bins, w)
        return result

    plain = np.zeros(5)
    np.add.at(plain, bins, weights)
    value, tangent = dd.jvp(total, (weights,), (np.ones(2000),))
    assert np.array_equal(value, plain)
    assert np.array_equal(tangent, np.bincount(bins))


def test_reduce_at_third_order():
    x = np.array([0.0, 0.0, 5.0])
    third = dd.jacobian(dd.jacobian(dd.jacobian(np.multiply.accumulate)))(x)
    assert third[2, 0, 1, 2] == 1.0
    assert third[2].sum() == 6.0
    assert third[:2].sum() == 0.0
