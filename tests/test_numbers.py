"""Number types inside dual numbers: mpmath, fractions, decimals, SymPy, intervals, NumPy's other precisions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from mpmath import iv, mp, mpc, mpf

import dualdiff as dd


def damped(x):
    return np.exp(-x * x) * np.sin(3 * x) / (1 + x**2)


def damped_mp(x):
    return mp.exp(-x * x) * mp.sin(3 * x) / (1 + x**2)


def rational(x):
    return (x**3 - 2 * x + 1) / (x * x + 1)


@pytest.mark.parametrize("x", ["0.3", "-1.7", (0.3, 0.2)])
def test_fifty_digits(x):
    with mp.workdps(50):
        point = mpc(*x) if isinstance(x, tuple) else mpf(x)
        for n in (1, 2, 3):
            with mp.workdps(80):
                wanted = mp.diff(damped_mp, point, n)
            assert abs(dd.derivative(damped, n=n)(point) - wanted) <= mpf(10) ** -47 * abs(wanted)
        nested = dd.derivative(dd.derivative(damped))(point)
        assert abs(nested - dd.derivative(damped, n=2)(point)) <= mpf(10) ** -47 * abs(nested)


def test_arrays_of_mpf():
    with mp.workdps(50):
        x = np.array([mpf(1) / 3, mpf(2)])
        found = dd.gradient(lambda x: np.sum(np.sin(x) * x))(x)
        for a, b in zip(found, x):
            assert abs(a - (mp.sin(b) + b * mp.cos(b))) < mpf(10) ** -48
        second = dd.hessian(lambda x: np.sin(x[0]) * x[1] ** 2)(x)
        assert abs(second[0, 1] - 4 * mp.cos(x[0])) < mpf(10) ** -48
        assert second[0, 1] == second[1, 0]
        with pytest.raises(TypeError, match="dtype"):
            dd.jacobian(np.linalg.inv)(np.array([[mpf(1), mpf(2)], [mpf(3), mpf(5)]]))


@pytest.mark.parametrize("n", [1, 2])
def test_a_complex_derivative_is_checked(n):
    for z in (mpc("0.3", "0.2"), 0.3 + 0.2j, np.complex128(0.3 + 0.2j)):
        with pytest.raises(dd.NotHolomorphicError):
            dd.derivative(lambda z: np.conjugate(z) * z, n=n)(z)


def test_fractions_are_exact():
    x = Fraction(1, 3)
    t = sympy.Symbol("t")
    for n in (1, 2, 3, 6):
        wanted = sympy.diff(rational(t), t, n).subs(t, sympy.Rational(1, 3))
        found = dd.derivative(rational, n=n)(x)
        assert type(found) is Fraction
        assert (found.numerator, found.denominator) == (wanted.p, wanted.q)
    assert dd.derivative(dd.derivative(rational))(x) == dd.derivative(rational, n=2)(x)
    assert dd.gradient(lambda v: v[0] ** 2 / v[1])(np.array([x, Fraction(2, 5)])).tolist() == [Fraction(5, 3), Fraction(-25, 36)]
    with pytest.raises(TypeError, match="not a fraction"):
        dd.derivative(np.sin)(x)


@pytest.mark.parametrize(("function", "reference"), [
    (np.exp, mp.exp), (np.log, mp.log), (np.sqrt, mp.sqrt), (rational, rational), (np.log1p, mp.log1p),
    (lambda x: np.exp(-x) * np.log(x), lambda x: mp.exp(-x) * mp.log(x))])
def test_decimals(function, reference):
    for n in (1, 2, 3):
        with mp.workdps(60):
            wanted = mp.diff(reference, mpf("1.7"), n)
            found = dd.derivative(function, n=n)(Decimal("1.7"))
            assert type(found) is Decimal
            assert abs(mpf(str(found)) - wanted) <= mpf(10) ** -25 * abs(wanted)
    with pytest.raises(TypeError, match="decimal has no sin"):
        dd.derivative(np.sin)(Decimal(1))


X = sympy.Symbol("x", real=True)
FUNCTIONS = [
    lambda f, x: f.sin(x), lambda f, x: f.cos(x) ** 2, lambda f, x: f.tan(x), lambda f, x: f.exp(-x * x),
    lambda f, x: f.log(1 + x * x),
    lambda f, x: f.sqrt(1 + x**2), lambda f, x: f.sinh(x), lambda f, x: f.cosh(2 * x), lambda f, x: f.tanh(x),
    lambda f, x: x**5 - 3 * x,
    lambda f, x: 1 / (1 + x**2), lambda f, x: x * f.exp(x), lambda f, x: f.sin(f.exp(x)), lambda f, x: f.exp(f.sin(x)),
    lambda f, x: (x + 1) / (x**2 + 2), lambda f, x: f.sin(x) * f.cos(x), lambda f, x: f.exp(x) / (1 + f.exp(x)), lambda f, x: x**7,
    lambda f, x: f.sin(x) / (2 + f.cos(x)), lambda f, x: f.exp(2 * x) * f.sin(3 * x),
]


@pytest.mark.parametrize("number", range(20))
def test_sympy(number):
    function = FUNCTIONS[number]
    found = dd.derivative(lambda x: function(np, x))(X)
    assert sympy.simplify((found - sympy.diff(function(sympy, X), X)).rewrite(sympy.exp)) == 0


def test_sympy_of_higher_order():
    x, y = sympy.symbols("x y")
    second = dd.hessian(lambda v: np.sin(v[0] * v[1]) + v[0] ** 3 * v[1])(np.array([x, y]))
    assert sympy.simplify(sympy.Matrix(second) - sympy.hessian(sympy.sin(x * y) + x**3 * y, (x, y))) == sympy.zeros(2)
    assert sympy.simplify(dd.derivative(damped, n=2)(X) - sympy.diff(sympy.exp(-X * X) * sympy.sin(3 * X) / (1 + X**2), X, 2)) == 0
    with pytest.raises(TypeError, match="truth value"):
        dd.derivative(lambda t: t if t > 0 else -t)(x)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_intervals_enclose(n):
    box = iv.mpf([0.3, 0.4])
    found = dd.derivative(damped, n=n)(box)
    with mp.workdps(30):
        for x in np.linspace(0.3, 0.4, 11)[1:-1]:
            assert mp.diff(damped_mp, mpf(x), n) in found
    narrow = dd.derivative(damped, n=n)(iv.mpf([0.35, 0.35]))
    assert narrow.delta < 1e-12


def test_undecided_intervals_raise():
    for function in (lambda x: x if x > 0 else -x, abs):
        with pytest.raises(ValueError, match="whole interval"):
            dd.derivative(function)(iv.mpf([-1, 1]))
    with pytest.raises(TypeError, match="no rigorous enclosure"):
        dd.derivative(np.cbrt)(iv.mpf([1, 2]))


@pytest.mark.parametrize("kind", [np.float32, np.longdouble, np.complex64, np.complex128])
def test_numpy_precisions(kind):
    x = kind(0.375)
    for n in (1, 2, 3):
        found = dd.derivative(damped, n=n)(x)
        wanted = kind(float(mp.diff(damped_mp, mpf(0.375), n)))
        assert np.asarray(found).dtype == kind
        assert abs(found - wanted) <= 40 * max(np.finfo(kind).eps, 2.0**-52) * max(abs(wanted), 1)  # of terms of order 1
