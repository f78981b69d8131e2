"""taylor, derivatives and derivative(f, n=…): known numbers, mpmath, and nested dual numbers."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
import scipy.special
from mpmath import mp, mpf

import dualdiff as dd

BELL = [1, 1, 2, 5, 15, 52, 203, 877, 4140, 21147, 115975, 678570, 4213597]
SECANT = [1, 0, -1, 0, 5, 0, -61, 0, 1385, 0, -50521, 0, 2702765]
TANGENT = [0, 1, 0, 2, 0, 16, 0, 272, 0, 7936, 0, 353792, 0]


@pytest.mark.parametrize(("function", "wanted"), [
    (lambda x: np.exp(np.exp(x) - 1), BELL), (lambda x: np.exp(np.expm1(x)), BELL),
    (lambda x: 1 / np.cosh(x), SECANT), (np.tan, TANGENT), (lambda x: np.sin(x) / np.cos(x), TANGENT)])
def test_generating_functions(function, wanted):
    found = dd.derivatives(function, 0.0, 12)
    assert [round(c) for c in found] == wanted
    for c, w in zip(found, wanted):
        assert c == 0 if w == 0 else c == pytest.approx(w, rel=1e-11)


def lambert(x):
    """Newton's iteration for w·exp(w) = x; each step doubles the orders that are right."""
    w = np.log(1 + x) * 0.8
    for _ in range(9):
        w = w - (w * np.exp(w) - x) / (np.exp(w) * (1 + w))
    return w


REFERENCE = {
    "x/(exp x - 1)": (lambda x: x / np.expm1(x), lambda x: x / mp.expm1(x), 2.0),
    "1/exprel": (lambda x: 1 / scipy.special.exprel(x), lambda x: x / mp.expm1(x) if x else mpf(1), 0.0),
    "arcsin": (np.arcsin, mp.asin, 0.0), "arcsin off centre": (np.arcsin, mp.asin, 0.4),
    "Lambert W": (lambert, mp.lambertw, 0.5),
    "tanh sin": (lambda x: np.tanh(np.sin(x)), lambda x: mp.tanh(mp.sin(x)), 0.37),
    "exp sin": (lambda x: np.exp(np.sin(x)), lambda x: mp.exp(mp.sin(x)), 1.1),
    "arctan": (np.arctan, mp.atan, 0.7), "x**x": (lambda x: x**x, lambda x: x**x, 1.3), "erf": (scipy.special.erf, mp.erf, 0.3),
    "gamma": (scipy.special.gamma, mp.gamma, 2.5), "sqrt(1+x²)": (lambda x: np.hypot(1, x), lambda x: mp.sqrt(1 + x * x), 0.8),
}


@pytest.mark.parametrize("name", REFERENCE)
def test_orders_to_twelve_against_mpmath(name):
    function, reference, x = REFERENCE[name]
    with mp.workdps(60):
        wanted = [float(c) for c in mp.taylor(reference, mpf(x), 12)]
    found = dd.taylor(function, x, 12)
    scale = max(map(abs, wanted))
    for c, w in zip(found, wanted):
        assert c == pytest.approx(w, rel=1e-11, abs=1e-13 * scale)


def test_a_quotient_near_its_removable_pole():
    """In floats 1/(exp x − 1) costs a factor 1/x for each order; with 50 digits there is enough left."""
    with mp.workdps(50):
        x = mpf(1) / 64
        wanted = mp.taylor(lambda x: x / mp.expm1(x), x, 12)
        for c, w in zip(dd.taylor(lambda x: x / (np.exp(x) - 1), x, 12), wanted):
            assert abs(c - w) <= 1e-11 * abs(w)


def test_odd_and_even_zeros_are_exact():
    assert not np.any(dd.taylor(np.arcsin, 0.0, 12)[::2])
    assert not np.any(dd.taylor(np.sin, 0.0, 12)[::2])
    assert not np.any(dd.taylor(np.cosh, 0.0, 12)[1::2])
    assert not np.any(dd.taylor(np.tanh, 0.0, 12)[::2])


def test_sixth_derivative():
    with mp.workdps(50):
        wanted = float(mp.diff(lambda x: mp.tanh(mp.sin(x)), mpf(0.37), 6))
    assert dd.derivative(lambda x: np.tanh(np.sin(x)), n=6)(0.37) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("function", [lambda x: np.exp(np.sin(x)), lambda x: np.arctan(x) / (1 + x * x), lambda x: np.log(x) ** 3])
def test_nested_and_taylor_agree(function):
    nested = function
    for n in range(1, 6):
        nested = dd.derivative(nested)
        assert dd.derivative(function, n=n)(0.8) == pytest.approx(nested(0.8), rel=1e-12)


def test_options_of_the_nth_derivative():
    def f(x, y=1.0):
        """Of two."""
        return x**3 * y**2

    assert dd.derivative(f, n=2)(2.0, 3.0) == 108.0
    assert dd.derivative(f, n=2, argnums=(0, 1))(2.0, 3.0) == (108.0, 16.0)
    assert dd.derivative(f, n=2, argnums=1)(2.0, 3.0) == 16.0
    assert dd.derivative(f, n=2, argnums=(), argnames="y")(2.0, y=3.0) == 16.0
    assert dd.derivative(f, n=0)(2.0, 3.0) == 72.0
    assert dd.derivative(f, n=1)(2.0, 3.0) == dd.derivative(f)(2.0, 3.0)
    assert dd.value_and_derivative(f, n=3)(2.0, 3.0) == (72.0, 54.0)
    assert dd.derivative(n=2)(f).__doc__ == "Of two."
    assert dd.derivative(lambda x: (x**4, {"x": x}), n=2, has_aux=True)(3.0) == (108.0, {"x": 3.0})
    for x in (3.0, Fraction(3)):
        assert dd.derivative(lambda x: {"a": [x**2, 5.0], "b": x}, n=2)(x) == {"a": [2.0, 0.0], "b": 0.0}
        assert dd.derivative(lambda x: 5.0, n=2)(x) == 0.0
        assert dd.derivative(lambda x: np.stack([x**3, x**2, 1.0]), n=2)(x).tolist() == [18.0, 2.0, 0.0]
        assert dd.derivative(lambda x: np.array([x**3, 2 * x]), n=2)(x).tolist() == [18.0, 0.0]
    assert pickle.loads(pickle.dumps(dd.derivative(np.sin, n=2)))(0.3) == -math.sin(0.3)
    assert type(dd.derivative(np.sin, n=2)(0.3)) is float

    class Spring:
        k = 2.0

        @dd.derivative(n=2)
        def energy(self, x):
            return self.k * x**2 / 2

    assert Spring().energy(0.3) == 2.0


@pytest.mark.parametrize("n", [-1, 1.5, True, "2", None])
def test_orders_that_are_none(n):
    with pytest.raises(ValueError, match="whole number"):
        dd.derivative(np.sin, n=n) if n is not True else dd.taylor(np.sin, 0.1, n)


def test_shapes_and_directions():
    x, v = np.array([0.3, 0.7]), np.array([1.0, -2.0])
    found = dd.taylor(lambda x: np.exp(x), x, 3, v)
    assert found.shape == (4, 2)
    assert np.allclose(found, [np.exp(x) * v**k / math.factorial(k) for k in range(4)], rtol=1e-15)
    hessian = dd.hessian(lambda x: np.sin(x[0] * x[1]))(x)
    assert dd.derivatives(lambda x: np.sin(x[0] * x[1]), x, 2, v)[2] == pytest.approx(v @ hessian @ v, rel=1e-14)
    assert dd.taylor(lambda x: 7.0, 1.0, 2).tolist() == [7.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="shape"):
        dd.taylor(np.exp, x, 2, np.ones(3))
    with pytest.raises(TypeError, match="scalar"):
        dd.derivative(np.sin, n=2)(x)


def test_high_orders_and_complex():
    with mp.workdps(50):
        wanted = float(mp.taylor(lambda x: mp.exp(mp.sin(x)), mpf(0.37), 40)[40] * mp.factorial(40))
    assert dd.derivative(lambda x: np.exp(np.sin(x)), n=40)(0.37) == pytest.approx(wanted, rel=1e-10)
    assert dd.derivatives(np.exp, np.zeros(2), 25).dtype == float
    assert dd.derivative(np.sin, n=4)(1 + 1j) == pytest.approx(np.sin(1 + 1j), rel=1e-15)
    with pytest.raises(dd.NotHolomorphicError):
        dd.derivative(lambda z: np.conj(z) ** 3, n=2)(1 + 1j)


@pytest.mark.parametrize("function", [
    lambda x: np.exp(np.sin(x)), lambda x: 5.0, lambda x: [x * x, 3.0, {"a": 1 / x}], lambda x: np.array([x, x * x]),
    lambda x: np.stack([x, 2.0]), lambda x: x / 0.5 + abs(x),
    lambda x: np.linalg.inv(np.stack([np.stack([x, 1.0]), np.stack([2.0, x])])),
    lambda x: np.float64(2) * x - x * np.float64(3), lambda x: x])
@pytest.mark.parametrize(("x", "v"), [(0.7, 1), (0.7, -2.5), (2, 1.0), (np.float64(0.3), np.float64(2)), (-1.5, 0)])
def test_at_a_number_as_in_a_list_of_one(function, x, v):
    for n in (0, 1, 2, 5):
        found = dd.taylor(function, x, n, v), dd.derivatives(function, x, n, v)
        wanted = dd.taylor(lambda p: function(p[0]), [x], n, [v]), dd.derivatives(lambda p: function(p[0]), [x], n, [v])
        np.testing.assert_equal(found, wanted)
        assert repr(found) == repr(wanted)
