"""dualdiff.math: on plain numbers it is math, to the bit and to the exception; its derivatives against mpmath at 50 digits."""

import math
import pickle
import random
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp

import dualdiff as dd
import dualdiff.math as dm
from dualdiff import Dual

NAMES = [name for name in dir(math) if not name.startswith("_")]
FLOATS = [0.0, -0.0, 0.3, -0.7, 1.0, -1.0, 1.5, 2.5, -2.5, -3.0, 7.0, 1e-300, -1e-300, 5e-324, 1e17, 710.0, 1e300, -1e300,
          math.inf, -math.inf, math.nan]
WHOLE = [0, 1, 2, 5, -3, 20, 10**400]

# How many arguments of which kind a function takes, where that is not one number.
TWO = "atan2 copysign fmod isclose log nextafter pow remainder hypot".split()
INTEGERS = {"comb": 2, "perm": 2, "factorial": 1, "isqrt": 1, "gcd": 2, "lcm": 2}
SEQUENCES = "dist fsum prod sumprod".split()
ONE = [name for name in NAMES if callable(getattr(math, name))
       and name not in (*TWO, *INTEGERS, *SEQUENCES, "ldexp", "fma")] + ["log"]


def outcome(function, *args, **kwargs):
    """What a call returns or raises, nan and −0 told apart from everything else."""
    try:
        return repr(function(*args, **kwargs))
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        return f"{type(error).__name__}: {error}"
    except TypeError:
        return "TypeError"


def test_every_name_of_math_is_there():
    assert set(NAMES) <= set(dm.__all__)
    for name in ("pi", "e", "tau", "inf", "nan"):
        assert repr(getattr(dm, name)) == repr(getattr(math, name))
    for name in dm.__all__:
        function = getattr(dm, name)
        if callable(function):
            assert function.__doc__
            assert function.__name__ == name
            assert pickle.loads(pickle.dumps(function)) is function


@pytest.mark.parametrize("name", ONE)
def test_one_number_as_math(name):
    ours, native = getattr(dm, name), getattr(math, name)
    random.seed(1)
    points = FLOATS + WHOLE + [True, Fraction(1, 3), np.float64(0.4), np.float32(0.4), "x", None, 1j, [1.0]]
    points += [random.uniform(-3, 3) for _ in range(100)]
    points += [random.choice((-1, 1)) * 10 ** random.uniform(-300, 300) for _ in range(50)]
    for x in points:
        assert outcome(ours, x) == outcome(native, x), x


@pytest.mark.parametrize("name", TWO)
def test_two_numbers_as_math(name):
    ours, native = getattr(dm, name), getattr(math, name)
    for x in FLOATS + WHOLE + [Fraction(1, 3), np.float32(2)]:
        for y in FLOATS + [2, 3, -2, np.float64(0.4)]:
            assert outcome(ours, x, y) == outcome(native, x, y), (x, y)


def test_the_others_as_math():
    for x in FLOATS:
        for i in (-2000, -1, 0, 3, 2000, 10**30, 1.5):
            assert outcome(dm.ldexp, x, i) == outcome(math.ldexp, x, i)
        for options in ({}, {"rel_tol": 0.5}, {"abs_tol": 1.0}, {"rel_tol": -1.0}):
            assert outcome(dm.isclose, x, 1.0, **options) == outcome(math.isclose, x, 1.0, **options)
    for name, n in INTEGERS.items():
        for x in [0, 1, 5, 12, -3, True, 2.0, 10**30]:
            args = (x, 3, 4)[:n]
            if name != "factorial" or x < 100:
                assert outcome(getattr(dm, name), *args) == outcome(getattr(math, name), *args), (name, x)
    assert dm.gcd() == 0 and dm.lcm(4, 6, 10) == 60 and dm.hypot() == 0.0 and dm.comb(5, 2) == 10
    points = [(), (1.0,), (0.3, -2.5, 1e-3), (1e300, 1e300), (math.inf, math.nan), (1, 2)]
    for p in points:
        assert outcome(dm.hypot, *p) == outcome(math.hypot, *p)
        assert outcome(dm.fsum, p) == outcome(math.fsum, p)
        assert outcome(dm.prod, p) == outcome(math.prod, p)
        for q in points:
            assert outcome(dm.dist, p, q) == outcome(math.dist, p, q)
            if sys.version_info >= (3, 12):
                assert outcome(dm.sumprod, p, q) == outcome(math.sumprod, p, q)
    assert dm.fsum(x for x in [0.1] * 10) == 1.0
    if sys.version_info >= (3, 12):
        assert dm.nextafter(1.0, 2.0, steps=3) == math.nextafter(1.0, 2.0, steps=3)
    if sys.version_info >= (3, 13):
        for args in [(0.1, 10.0, -1.0), (1e300, 1e300, 1.0), (math.inf, 0.0, 1.0)]:
            assert outcome(dm.fma, *args) == outcome(math.fma, *args)


@pytest.mark.skipif(sys.version_info >= (3, 11), reason="math has them itself")
def test_cbrt_and_exp2_of_our_own():
    assert dm.cbrt(-8.0) == -2.0 and dm.cbrt(27) == 3.0 and math.copysign(1, dm.cbrt(-0.0)) == -1
    assert dm.exp2(3) == 8.0 and dm.exp2(-1075.0) == 0.0
    with pytest.raises(OverflowError):
        dm.exp2(2000.0)
    with pytest.raises(TypeError):
        dm.cbrt("x")


# ---- the primal of a dual number -----------------------------------------------------------------------------------------

INTEGRAL = ("ceil", "floor", "trunc", "isnan", "isinf", "isfinite", "ulp")


@pytest.mark.parametrize("name", [name for name in ONE if name not in INTEGERS])
def test_primal_as_math(name):
    """Also of nested and of chunked duals; and what math raises, the dual raises."""
    ours, native = getattr(dm, name), getattr(math, name)

    def primal(x):
        result = ours(x)
        parts = result if isinstance(result, tuple) else (result,)
        while any(isinstance(part, Dual) for part in parts):
            parts = tuple(part.primal if isinstance(part, Dual) else part for part in parts)
        return parts if isinstance(result, tuple) else parts[0]

    for x in FLOATS:
        expected = outcome(native, x)
        assert outcome(primal, Dual(x, 1.0)) == expected, x
        seen = []

        def noting(t):
            seen.append(outcome(primal, t))
            return t

        dd.derivative(dd.derivative(noting))(x)
        dd.gradient(noting, chunk_size=None)(x)
        assert set(seen) == {expected}, x


# ---- derivatives ---------------------------------------------------------------------------------------------------------

mp_cbrt = lambda x: mp.sign(x) * mp.cbrt(abs(x))
AROUND = [s * x for x in (1e-8, 0.01, 0.2, 0.49, 0.9, 0.999) for s in (1, -1)]
WIDE = AROUND + [s * x for x in (1.1, 2.7, 8.0, 30.0, 300.0) for s in (1, -1)]
REFERENCE = {  # name: (the function in mpmath, its derivative where mpmath's numerical one would not do, points)
    "acos":    (mp.acos, None, AROUND),
    "acosh":   (mp.acosh, None, [1.0001, 1.5, 3.0, 1e5]),
    "asin":    (mp.asin, None, AROUND),
    "asinh":   (mp.asinh, None, WIDE),
    "atan":    (mp.atan, None, WIDE),
    "atanh":   (mp.atanh, None, AROUND),
    "cbrt":    (mp_cbrt, None, WIDE),
    "cos":     (mp.cos, None, WIDE),
    "cosh":    (mp.cosh, None, WIDE),
    "degrees": (mp.degrees, None, WIDE),
    "erf":     (mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x), [x for x in WIDE if abs(x) < 25] + [5.9, -17.3, 24.9]),
    "erfc":    (mp.erfc, lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x), [x for x in WIDE if abs(x) < 25] + [5.9, -17.3, 24.9]),
    "exp":     (mp.exp, None, WIDE),
    "exp2":    (lambda x: mp.mpf(2) ** x, None, WIDE),
    "expm1":   (mp.expm1, mp.exp, WIDE),
    "fabs":    (abs, mp.sign, WIDE),
    "gamma":   (mp.gamma, lambda x: mp.gamma(x) * mp.psi(0, x),
                [x for x in WIDE if abs(x) < 100 and x % 1] + [1.4, 1.5, 170.5, -0.3]),
    "lgamma":  (mp.loggamma, lambda x: mp.psi(0, x),
                [x for x in WIDE if x % 1] + [1.4, 1.5, 1e10, -0.3, -70.25, -1e6 + 0.25]),
    "log":     (mp.log, None, [1e-300, 0.3, 1.5, 1e300]),
    "log10":   (mp.log10, None, [1e-300, 0.3, 1.5, 1e300]),
    "log1p":   (mp.log1p, None, [-0.99, -1e-9, 0.3, 1e300]),
    "log2":    (lambda x: mp.log(x, 2), None, [1e-300, 0.3, 1.5, 1e300]),
    "radians": (mp.radians, None, WIDE),
    "sin":     (mp.sin, None, WIDE),
    "sinh":    (mp.sinh, None, WIDE),
    "sqrt":    (mp.sqrt, None, [1e-300, 0.3, 1.5, 1e300]),
    "tan":     (mp.tan, None, AROUND + [8.0, -30.0]),
    "tanh":    (mp.tanh, lambda x: mp.sech(x) ** 2, WIDE),
}


def ulps(value, exact):
    spacing = max(math.ulp(float(exact)), 5e-324)
    return float(abs(mp.mpf(value) - exact) / spacing)


def test_every_differentiable_function_of_one_number_has_a_reference():
    assert set(REFERENCE) | {"frexp", "modf"} == (set(ONE) | {"cbrt", "exp2"}) - set(INTEGRAL)


@pytest.mark.parametrize("name", REFERENCE)
def test_derivative_in_ulp(name):
    function, slope, points = REFERENCE[name]
    derivative = dd.derivative(getattr(dm, name))
    with mp.workdps(50):
        for x in points:
            # at a point much smaller than 1 the numerical derivative needs its own step
            exact = slope(mp.mpf(x)) if slope else mp.diff(function, mp.mpf(x), h=mp.mpf(abs(x)) * mp.mpf(10) ** -25)
            assert ulps(derivative(x), mp.re(exact)) <= 8, x


@pytest.mark.parametrize("name", REFERENCE)
def test_second_derivative(name):
    """To 1e-12 at moderate points, nested and through a chunk."""
    function, slope, points = REFERENCE[name]
    with mp.workdps(50):
        for x in [x for x in points if 0.1 < abs(x) < 3 and abs(abs(x) - 0.999) > 0.01]:
            exact = mp.diff(slope, mp.mpf(x)) if slope else mp.diff(function, mp.mpf(x), 2)
            scale = 1 + abs(exact)
            assert abs(dd.derivative(dd.derivative(getattr(dm, name)))(x) - mp.re(exact)) < 1e-12 * scale, x
            by_chunk = dd.hessian(lambda v: getattr(dm, name)(v[0]), chunk_size=None)(np.array([x]))
            assert abs(by_chunk[0, 0] - mp.re(exact)) < 1e-12 * scale, x


def test_third_derivative_of_lgamma_on_both_sides():
    third = dd.derivative(dd.derivative(dd.derivative(dm.lgamma)))
    with mp.workdps(50):
        for x in (0.01, 0.7, 3.3, 50.0, -0.01, -0.6, -2.25, -7.75, -100.1):
            assert ulps(third(x), mp.psi(2, mp.mpf(x))) <= 40, x


def test_gamma_functions_at_the_ends():
    assert dd.derivative(dm.lgamma)(math.inf) == math.inf
    assert math.isnan(dd.derivative(dm.lgamma)(-math.inf))
    assert dd.derivative(dd.derivative(dm.lgamma))(1e300) == pytest.approx(1e-300, rel=1e-15)
    assert dd.derivative(dm.gamma)(-190.5) == 0.0
    assert dd.derivative(dm.erf)(math.inf) == 0.0 == dd.derivative(dm.erfc)(-1e300)
    for x in (0.0, -1.0):
        with pytest.raises(ValueError):
            dd.derivative(dm.gamma)(x)
    with pytest.raises(OverflowError):
        dd.derivative(dm.gamma)(172.0)


def test_infinite_slopes_are_infinite():
    assert dd.derivative(dm.sqrt)(0.0) == math.inf
    assert dd.derivative(dm.cbrt)(0.0) == math.inf
    assert dd.derivative(dm.asin)(1.0) == math.inf
    assert dd.derivative(dm.acos)(1.0) == -math.inf
    assert dd.derivative(dm.acosh)(1.0) == math.inf
    assert dm.sqrt(Dual(0.0, 0.0)).tangent == 0.0  # an input that does not matter


SEVERAL = {
    "atan2":     (mp.atan2, [(0.3, 0.4), (-2.0, -5.0), (1e-200, 1e-200)]),
    "copysign":  (lambda x, y: abs(x) if y > 0 else -abs(x), [(0.3, -0.4), (-2.0, 5.0), (-2.0, -5.0)]),
    "fmod":      (lambda x, y: x - y * mp.floor(abs(x / y)) * mp.sign(x / y), [(7.3, 2.0), (-7.3, 2.0), (7.3, -2.5)]),
    "remainder": (lambda x, y: x - y * mp.nint(x / y), [(7.3, 2.0), (-7.9, 2.0), (7.3, -2.4), (0.3, 5.0)]),
    "log":       (lambda x, base: mp.log(x) / mp.log(base), [(8.0, 2.0), (0.3, 10.0), (5.0, 0.5)]),
    "pow":       (mp.power, [(0.3, 0.4), (2.0, 10.0), (5.0, -1.5)]),
    "hypot":     (lambda *x: mp.sqrt(mp.fsum(t * t for t in x)), [(3.0, 4.0), (-0.3, 0.4, 1.2), (1.0, 2.0, -3.0, 4.0), (-2.0,)]),
}
if sys.version_info >= (3, 13):
    SEVERAL["fma"] = (lambda x, y, z: x * y + z, [(0.1, 10.0, -1.0), (2.0, 3.0, 4.0)])


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("chunk_size", [1, None])
def test_gradient_of_functions_of_several_numbers(name, chunk_size):
    function, points = SEVERAL[name]
    ours, native = getattr(dm, name), getattr(math, name)
    with mp.workdps(50):
        for point in points:
            value, slopes = dd.value_and_gradient(lambda v: ours(*v), chunk_size=chunk_size)(list(point))
            assert value == native(*point)
            for i, slope in enumerate(slopes):
                shifted = lambda t: function(*(t if k == i else mp.mpf(p) for k, p in enumerate(point)))
                exact = mp.diff(shifted, mp.mpf(point[i]), h=mp.mpf(abs(point[i])) * mp.mpf(10) ** -25)
                assert ulps(slope, exact) <= 8 or abs(slope - exact) < mp.mpf(10) ** -40, (point, i)


def test_second_derivatives_of_functions_of_several_numbers():
    with mp.workdps(50):
        for name, point in [("hypot", (0.3, -0.4, 1.2)), ("log", (5.0, 3.0)), ("atan2", (2.0, -0.7)), ("pow", (1.3, 2.4)),
                            ("remainder", (7.3, 2.0))]:
            function = SEVERAL[name][0]
            found = dd.hessian(lambda v: getattr(dm, name)(*v))(np.array(point))
            for i in range(len(point)):
                for j in range(len(point)):
                    orders = tuple((k == i) + (k == j) for k in range(len(point)))
                    assert abs(found[i, j] - mp.diff(function, tuple(map(mp.mpf, point)), orders)) < 1e-13


def test_mixed_arguments():
    """A dual in one place only, integers beside it."""
    assert dm.atan2(Dual(3, 1), 4).tangent == pytest.approx(4 / 25, rel=1e-15)
    assert dm.pow(2, Dual(3, 1)).tangent == pytest.approx(8 * math.log(2), rel=1e-15)
    assert dm.log(8, Dual(2, 1)).tangent == pytest.approx(-3 / (2 * math.log(2)), rel=1e-15)
    assert dm.ldexp(Dual(1.5, 1.0), 3).primal == 12.0 and dm.ldexp(Dual(1.5, 1.0), 3).tangent == 8.0
    assert dm.degrees(Dual(3, 1)).tangent == 180 / math.pi
    assert dm.nextafter(Dual(1.0, 5.0), 2.0).tangent == 5.0
    fraction, whole = dm.modf(Dual(2.75, 3.0))
    assert (fraction.primal, fraction.tangent, whole) == (0.75, 3.0, 2.0)
    mantissa, exponent = dm.frexp(Dual(12.0, 8.0))
    assert (mantissa.primal, mantissa.tangent, exponent) == (0.75, 0.5, 4)
    assert dm.frexp(Dual(5e-324, 1.0))[0].tangent == math.inf  # 2**1073
    assert np.ldexp(Dual(1.5, 1.0), 2000).tangent == math.inf


def test_sequences():
    p, q = [0.3, -2.0, 5.0], (1.0, 2.0, 3.5)
    for chunk_size in (1, 2, None):
        value, (by_p, by_q) = dd.value_and_gradient(dm.dist, argnums=(0, 1), chunk_size=chunk_size)(p, q)
        assert value == math.dist(p, q)
        np.testing.assert_allclose(by_p, (np.array(p) - q) / value, rtol=4e-16)
        np.testing.assert_allclose(by_q, (q - np.array(p)) / value, rtol=4e-16)
    assert dd.gradient(dm.dist)([1.0, 2.0], [1.0, 2.0]) == [0.0, 0.0]
    array = np.array(p)
    np.testing.assert_array_equal(dd.gradient(dm.fsum)(array), np.ones(3))
    np.testing.assert_allclose(dd.gradient(dm.prod)(array), np.prod(array) / array, rtol=4e-16)
    direction = (array - q) / math.dist(p, q)
    expected = (np.eye(3) - np.outer(direction, direction)) / math.dist(p, q)
    np.testing.assert_allclose(dd.hessian(dm.dist)(array, q), expected, atol=1e-15)
    with pytest.raises(ValueError, match="dimensions"):
        dm.dist([Dual(1.0, 1.0)], [1.0, 2.0])
    tangents = [Dual(0.0, 1e16), Dual(0.0, 1.0), Dual(0.0, -1e16)]
    assert dm.fsum(iter(tangents)).tangent == 1.0
    if sys.version_info >= (3, 12):
        assert dd.gradient(dm.sumprod, argnums=(0, 1))(p, list(q)) == (list(q), p)
        np.testing.assert_array_equal(dd.jacobian(dd.gradient(lambda v: dm.sumprod(v, v)))(array), 2 * np.eye(3))


def test_locally_constant_functions_return_plain_numbers():
    for level_zero in (Dual(2.6, 1.0), Dual(2.6, 0.0)):
        assert (dm.floor(level_zero), dm.ceil(level_zero), dm.trunc(level_zero)) == (2, 3, 2)
        assert type(dm.floor(level_zero)) is int
        assert dm.isfinite(level_zero) is True and dm.isclose(level_zero, 2.6) is True
        assert dm.ulp(level_zero) == math.ulp(2.6)


@pytest.mark.parametrize("name", INTEGERS)
def test_functions_of_integers_refuse_duals(name):
    with pytest.raises(dd.NotDifferentiableError, match=f"math.{name}.*integers"):
        getattr(dm, name)(*(Dual(3.0, 1.0), 2)[:INTEGERS[name]])


# ---- arrays and other numbers --------------------------------------------------------------------------------------------

NUMPY = {"acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh"}


@pytest.mark.parametrize("name", [name for name in ONE if name not in (*INTEGERS, "ulp")])
def test_arrays(name):
    """The NumPy function, or the function of math entry by entry; derivatives too."""
    ours = getattr(dm, name)
    low = 1.1 if name == "acosh" else 0.1
    x = np.linspace(low, low + 0.8, 6).reshape(2, 3)
    expected = getattr(np, NUMPY.get(name, name))(x) if hasattr(np, NUMPY.get(name, name)) else np.vectorize(getattr(math, name))(x)
    np.testing.assert_array_equal(ours(x), expected)
    for part in (x[:, ::2], x[:0], x[0, 0, ...]):  # not contiguous, empty, 0-d
        assert np.shape(ours(part))[-part.ndim or 1:] == part.shape  # modf and frexp return pairs
    if name in REFERENCE:
        assert ours(x.astype(np.float32)).dtype == np.float32
        value, tangent = dd.jvp(ours, x, np.full_like(x, 2.0))
        np.testing.assert_array_equal(value, expected)
        each = np.vectorize(dd.derivative(ours))(x)
        np.testing.assert_allclose(tangent, 2 * each, rtol=1e-14)
        for chunk_size in (1, 4, None):
            jacobian = dd.jacobian(ours, chunk_size=chunk_size)(x).reshape(6, 6)
            np.testing.assert_allclose(jacobian, np.diag(each.ravel()), rtol=1e-14)


def test_arrays_with_several_arguments():
    x, y = np.array([0.3, 2.0]), np.array([1.0, -0.5])
    np.testing.assert_array_equal(dm.hypot(x, y, 1.0), np.hypot(np.hypot(x, y), 1.0))
    np.testing.assert_array_equal(dm.atan2(x, y), np.arctan2(x, y))
    np.testing.assert_array_equal(dm.remainder(7 * x, y), [math.remainder(7 * a, b) for a, b in zip(x, y)])
    large = np.array([1e16, 0.5, 2.5e300, 4.0])
    for small in (3.0, 1e-300, math.inf):  # quotients that no float holds
        np.testing.assert_array_equal(dm.remainder(large, small), [math.remainder(a, small) for a in large])
    np.testing.assert_array_equal(dm.log(x, 2.0), np.log(x) / np.log(2.0))
    np.testing.assert_array_equal(dm.isclose(x, np.array([0.3, 2.1])), [True, False])
    assert dm.isclose(np.array(0.3), 0.3)
    if sys.version_info >= (3, 13):
        np.testing.assert_array_equal(dm.fma(x, 1 / x, -1.0), [math.fma(a, 1 / a, -1.0) for a in x])
    np.testing.assert_array_equal(dm.gcd(np.array([4, 6]), 2), [2, 2])
    np.testing.assert_allclose(dd.jvp(lambda x: dm.log(x, 2.0), x, np.ones(2))[1], 1 / (x * math.log(2)), rtol=4e-16)
    np.testing.assert_array_equal(dd.jvp(lambda y: dm.remainder(7 * x, y), y, np.ones(2))[1], [-2.0, 28.0])
    objects = np.array([Dual(0.3, 1.0), Dual(0.4, 1.0)])
    np.testing.assert_array_equal(dm.sin(objects).tangent, np.cos([0.3, 0.4]))


@pytest.mark.parametrize("name", REFERENCE)
def test_multiprecision(name):
    """50 digits in, 50 digits out: value, first and second derivative."""
    function, slope, _ = REFERENCE[name]
    with mp.workdps(50):
        x = mp.mpf("1.7") if name == "acosh" else mp.mpf("0.7")
        ours = getattr(dm, name)
        assert abs(ours(x) - mp.re(function(x))) < mp.mpf(10) ** -47
        with mp.workdps(90):
            exact = [mp.diff(slope, x, n) if slope else mp.diff(function, x, n + 1) for n in (0, 1)]
        assert abs(dd.derivative(ours)(x) - exact[0]) < mp.mpf(10) ** -44
        assert abs(dd.derivative(dd.derivative(ours))(x) - exact[1]) < mp.mpf(10) ** -43


def test_multiprecision_with_several_arguments():
    with mp.workdps(50):
        x, y = mp.mpf("0.7"), mp.mpf("2.3")
        tiny = mp.mpf(10) ** -47
        assert abs(dm.log(x, y) - mp.log(x, y)) < tiny
        assert abs(dm.remainder(7 * x, y) - (7 * x - 2 * y)) < tiny
        assert abs(dm.hypot(x, y, 1) - mp.sqrt(x * x + y * y + 1)) < tiny
        assert abs(dm.dist([x, y], [y, x]) - mp.sqrt(2) * (y - x)) < tiny
        assert abs(dm.fsum([x, y, -x]) - y) < tiny
        assert abs(dd.derivative(dm.hypot)(x, y, 1) - x / dm.hypot(x, y, 1)) < tiny
        assert abs(dd.derivative(dm.log, argnums=1)(x, y) + mp.log(x) / (y * mp.log(y) ** 2)) < tiny
        assert dd.derivative(dm.remainder, argnums=1)(7 * x, y) == -2
        assert dm.isclose(x, x + tiny, rel_tol=1e-40) is True and dm.isclose(x, x + tiny, rel_tol=1e-49) is False
        assert dm.floor(y) == 2 and dm.isnan(x) is False


def test_numbers_that_math_takes_for_floats():
    assert dm.sin(Fraction(1, 3)) == math.sin(Fraction(1, 3))
    assert type(dm.exp(np.float32(1.5))) is float
    with pytest.raises(TypeError):
        dm.sin(Dual(1j, 1.0))
    assert mpmath.mp.dps == 15
