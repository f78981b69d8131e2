"""Arrays in forward mode, used as badly as NumPy allows: memory that is shared, kept or odd, writing in nested derivatives."""

from __future__ import annotations

import decimal
import operator
import sys
import warnings
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

import dualdiff as dd
from dualdiff.dual import Dual, dual
from dualdiff.levels import new_level
from dualdiff.memory import SMALL
from dualdiff.rules.table import TABLE

rng = np.random.default_rng(41)


# ---- nested derivatives ----------------------------------------------------------------------------------------------------

def write(x):
    x[0] = 5.0 * x[1]
    x[1] *= 2.0
    return x


@pytest.mark.parametrize("outer", [lambda f: dd.derivative(f)(2.0), lambda f: dd.jacobian(f, chunk_size=None)(2.0),
                                   lambda f: dd.taylor(f, 2.0, 2)[1], lambda f: dd.reverse.jacobian(f)(2.0)])
def test_a_tangent_of_an_outer_derivative_is_not_written_to(outer):
    x, v = rng.normal(size=3), rng.normal(size=3)

    def f(t):
        direction = t * v
        value, tangent = dd.jvp(write, (x,), (direction,))
        value += 1.0
        tangent *= 3.0
        return np.stack([direction, tangent])

    np.testing.assert_allclose(outer(f), [v, 3.0 * np.array([5.0 * v[1], 2.0 * v[1], v[2]])], rtol=1e-15)


# ---- memory that is used again -----------------------------------------------------------------------------------------------

def test_what_comes_between_does_not_get_the_same_memory():
    """A handler of a signal, a finalizer or a debugger may run dualdiff in the middle of dualdiff; here a profiler does."""
    n = SMALL + 1  # doubles: in memory that is used again
    kept, x, direction = [], rng.normal(size=n), rng.normal(size=n)

    def between(frame, event, argument):
        if event == "return" and frame.f_globals["__name__"] == "dualdiff.memory":
            sys.setprofile(None)
            kept.append(dd.jvp(lambda x: x, (np.full(n, 7.0),), (np.full(n, 8.0),)))
            sys.setprofile(between if len(kept) < 200 else None)

    before = sys.getprofile()
    expected = dd.jvp(lambda x: np.exp(x) * x, (x,), (direction,))
    sys.setprofile(between)
    try:
        value, tangent = dd.jvp(lambda x: np.exp(x) * x, (x,), (direction,))
    finally:
        sys.setprofile(before)
    np.testing.assert_array_equal((value, tangent), expected)
    assert kept
    assert all((value == 7.0).all() and (tangent == 8.0).all() for value, tangent in kept)


# ---- arrays of other kinds beside dual ones ------------------------------------------------------------------------------

@pytest.mark.parametrize("ufunc", [np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.maximum,
                                   np.minimum, np.fmax, np.fmin, np.remainder, np.floor_divide, np.add, np.true_divide])
def test_an_object_array_is_left_to_the_operators_of_its_elements(ufunc):
    objects, x = np.array([2.0, Fraction(3, 2), 7], object), np.array([7.25, -2.5, 7.5])
    for f in (lambda x: ufunc(objects, x), lambda x: ufunc(x, objects)):
        value, tangent = dd.jvp(f, (x,), (np.ones(3),))
        plain = f(x)
        assert value.dtype == plain.dtype
        np.testing.assert_array_equal(value, plain)
        step = (f(x + 2.0**-20) - f(x)).astype(float) * 2.0**20 if plain.dtype == object else np.zeros(3)
        np.testing.assert_allclose(tangent.astype(float), step, rtol=1e-4)


@pytest.mark.parametrize("size", [3, 5000])
@pytest.mark.parametrize("transform", [lambda f, x: dd.jvp(f, (x,), (np.ones_like(x),))[1],
                                       lambda f, x: dd.jacobian(lambda t: f(x + t[0]), chunk_size=None)(np.zeros(1))[..., 0],
                                       lambda f, x: dd.taylor(lambda t: f(x + t), 0.0, 1)[1],
                                       lambda f, x: dd.reverse.gradient(lambda x: np.sum(f(x)))(x)])
def test_where_and_out_together_do_not_warn(transform, size):
    x = rng.normal(size=size)
    mask = x > 0

    def f(x):
        out = 1.0 * x
        np.add(out, x * x, out=out, where=mask)
        return out

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(transform(f, x), 1.0 + 2.0 * x * mask, rtol=1e-15)


# ---- what a Dual is made of ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("arguments", "message"), [
    ((), "^Dual.. missing 1 required positional argument: 'primal'"), ((1.0, 2.0, 3.0), "^Dual.. takes"),
    ((range(3),), "not range"), ((object(),), "not object"), ((iter([1.0]),), "not list_iterator"), ((float,), "not type"),
    ((1.0, {2.0}), "not set"), ((frozenset(),), "not frozenset"), ((memoryview(b"ab"),), "not memoryview"), (("1",), "not str"),
    ((1.0, None), "not NoneType"), ((np.datetime64("2020-01-01"),), "not datetime64$"), ((np.poly1d([1, 2]),), "poly1d; convert"),
    ((np.ma.masked_array([1.0, 2.0], [0, 1]),), "MaskedArray has arithmetic of its own"), ((1, 1j), "make the primal complex"),
    ((np.eye(2).view(np.matrix),), "matrix has arithmetic of its own"),
    ((dd.Dual(1.0, 2.0),), "nest"), (([dd.Dual(1.0, 2.0), 3.0],), "nest"), (([1.0, 2.0], [0.0, dd.Dual(1.0, 2.0)]), "nest"),
    ((np.array([dd.Dual(1.0, 2.0)], object),), "nest")])
def test_a_dual_holds_nothing_but_numbers(arguments, message):
    with pytest.raises(TypeError, match=message):
        dd.Dual(*arguments)


@pytest.mark.parametrize("number", [1, 2.0, True, 1j, np.float32(2), np.longdouble(2), Fraction(1, 2), decimal.Decimal(2),
                                    mpmath.mpf(2), mpmath.mpc(1, 2), sympy.Symbol("x"), np.array(2.0), np.ones((2, 0)), [1, 2.5]],
                         ids=repr)
def test_a_dual_holds_numbers_of_any_kind(number):
    x = dd.Dual(number, number)
    assert np.all(x.tangent == number)
    assert np.all((x * x).tangent == 2 * np.asarray(number)[()] ** 2)


# ---- arrays in odd memory ------------------------------------------------------------------------------------------------

def odd_arrays(n):
    """What NumPy may hand out as an array of doubles: n entries, or a few times as many."""
    def values(*shape):
        array = rng.normal(size=shape)
        array.flat[:4] = [np.inf, -0.0, np.nan, 5e-324][:array.size]
        return array

    bytes_between = np.frombuffer(bytearray(8 * n + 1), float, n, 1)
    bytes_between[...] = values(n)
    read_only = values(n)
    read_only.flags.writeable = False
    return {"one row": values(1, n), "one column": values(n, 1), "backwards": values(n)[::-1], "every other": values(2 * n)[::2],
            "repeated": np.broadcast_to(values(1), (n,)), "rows repeated": np.broadcast_to(values(n), (2, n)),
            "unaligned": bytes_between, "of other byte order": values(n).astype(np.dtype(float).newbyteorder()),
            "read-only": read_only, "turned": values(1, 2, n).transpose(1, 2, 0),
            "part of F": np.asfortranarray(values(n, 3))[:, 1:]}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("size", [3, 4096, 12289])
@pytest.mark.parametrize("name", odd_arrays(1))
def test_arrays_in_odd_memory(name, size):
    """Values as plain NumPy's, with their layout and the signs of zeros; tangents as the general path's; nothing is written to."""
    x, level = odd_arrays(size)[name], new_level()
    before = x.copy()
    for tangent in (rng.normal(size=x.shape), np.asfortranarray(rng.normal(size=x.shape)), np.where(x > 0, 0.0, x[::-1] * 0 + 1.0)):
        X = dual(x, tangent, level)
        for ufunc in (np.add, np.subtract, np.multiply, np.divide, np.arctan2, np.maximum):
            for left, right in ((X, X), (X, x), (x, X), (X, 0.0), (2, X), (X, dual(1.5, -0.5, level)), (dual(0.0, 1.0, level), X),
                                (X, x.copy(order="F")), (X, dual(x.copy(), tangent[::-1], level)), (X, np.float64(2.5))):
                compare(ufunc, level, left, right)
        for ufunc in (np.exp, np.sqrt, np.square, np.negative, np.absolute, np.log):
            compare(ufunc, level, X)
    np.testing.assert_array_equal(x, before)


def compare(ufunc, level, *inputs):
    found = ufunc(*inputs)
    plain = ufunc(*[x.primal if isinstance(x, Dual) else x for x in inputs])
    assert found.primal.dtype == plain.dtype
    assert found.primal.strides == plain.strides
    np.testing.assert_array_equal(found.primal, plain)
    np.testing.assert_array_equal(np.signbit(found.primal), np.signbit(plain))
    np.testing.assert_array_equal(found.tangent, Dual._lift_elementwise(level, TABLE[ufunc], ufunc, inputs, {}).tangent)


# ---- random programs with views, written in place ------------------------------------------------------------------------

STEPS = [  # each makes an array of two of one shape, a view or a new one: all holomorphic
    lambda a, b: a.T, lambda a, b: a[::-1], lambda a, b: a[..., ::-1], lambda a, b: a.reshape(-1).reshape(a.shape), lambda a, b: +a,
    lambda a, b: a * b, lambda a, b: a / (b * b + 3.0), lambda a, b: a - b, lambda a, b: a + b, lambda a, b: a * a,
    lambda a, b: np.sin(a), lambda a, b: 1.5 * a, lambda a, b: a + 0.5, lambda a, b: 2 - a, lambda a, b: 1.5 / (a * a + 2),
    lambda a, b: a / 3, lambda a, b: a + a[:1], lambda a, b: a * b[:, :1], lambda a, b: a - b[0, 0], lambda a, b: a.copy(order="F"),
    lambda a, b: np.zeros_like(a), lambda a, b: np.broadcast_to(a[0], a.shape) * 1.0, lambda a, b: np.exp(-a * a)]
CHANGES = [  # each writes into one
    lambda a, b: operator.imul(a, 0.75), lambda a, b: operator.iadd(a, b / 2), lambda a, b: operator.isub(a, b),
    lambda a, b: operator.itruediv(a, 4.0), lambda a, b: operator.setitem(a, 0, 0.25), lambda a, b: operator.setitem(a, ..., b),
    lambda a, b: operator.setitem(a, slice(1, None), a[:-1] * 0.5), lambda a, b: operator.imul(a[:, ::2], 2.0),
    lambda a, b: np.multiply(a, 0.5, out=a), lambda a, b: np.subtract(a, b, out=b), lambda a, b: operator.iadd(a[0], b[0]),
    lambda a, b: np.add(a, b, out=a, where=np.arange(a.shape[1]) % 3 > 0), lambda a, b: operator.imul(a.T, 1.5)]


def random_program(seed):
    random = np.random.default_rng(seed)
    plan = [(random.random() < 0.6, *random.integers(999, size=3)) for _ in range(14)]

    def f(x):
        arrays = [x, x * 1.0]
        for makes, which, i, j in plan:
            a, b = arrays[i % len(arrays)], arrays[j % len(arrays)]
            b = b if b.shape == a.shape else a
            if makes:
                arrays.append(STEPS[which % len(STEPS)](a, b))
            else:
                CHANGES[which % len(CHANGES)](a, b)
        return arrays

    return f


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("shape", "count"), [
    ((3, 4), 120), ((4, 4), 120), ((1, 4096), 30), ((4096, 1), 30), ((64, 65), 30), ((2, 6145), 30), ((128, 97), 30),
    ((160, 160), 12)])
def test_random_programs_with_views(shape, count):
    for seed in range(count):
        f = random_program((*shape, seed))
        x, direction = rng.normal(size=shape), rng.normal(size=shape)
        if seed % 3 == 0:
            x, direction = np.asfortranarray(x), np.asfortranarray(direction)
        values, tangents = dd.jvp(f, (x,), (direction,))
        chunked = dd.jacobian(lambda t, f=f: f(x + t[0] * direction + t[1] * x), chunk_size=None)(np.zeros(2))
        for value, tangent, chunk, plain, step in zip(values, tangents, chunked, f(x.copy(order="K")), f(x + 1e-40j * direction)):
            np.testing.assert_array_equal(value, plain)
            slope = step.imag / 1e-40
            if np.isfinite(slope).all():
                np.testing.assert_allclose(tangent, slope, rtol=1e-10, atol=1e-12 * (1.0 + np.abs(slope).max()))
                np.testing.assert_allclose(chunk[..., 0], slope, rtol=1e-10, atol=1e-12 * (1.0 + np.abs(slope).max()))
