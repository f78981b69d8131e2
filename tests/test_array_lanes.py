"""Arrays in forward mode, used as badly as NumPy allows: memory that is shared, kept or odd, writing in nested derivatives."""

from __future__ import annotations

import decimal
import sys
import warnings
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

import dualdiff as dd

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
    kept, x, direction = [], rng.normal(size=5000), rng.normal(size=5000)

    def between(frame, event, argument):
        if event == "return" and frame.f_globals["__name__"] == "dualdiff.memory":
            sys.setprofile(None)
            kept.append(dd.jvp(lambda x: x, (np.full(5000, 7.0),), (np.full(5000, 8.0),)))
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
