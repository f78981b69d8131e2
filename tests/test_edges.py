"""Edges that the systematic tests do not reach: mixed number types, divisions by a constant zero, odd arguments."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.special

import dualdiff as dd
from dualdiff.dual import dual
from dualdiff.levels import new_level
from dualdiff.tangents import Tangents


@pytest.mark.parametrize("x, expected", [
    (Fraction(1, 3), Fraction(1, 7)), (Decimal(1), Decimal(1) / 7), (np.longdouble(1), np.longdouble(1) / 7), (2 + 1j, 1 / 7),
    (np.float32(1), np.float32(1) / np.float32(7)), (1, 1 / 7),
])
def test_a_quotient_by_an_integer_keeps_the_number_type(x, expected):
    slope = dd.derivative(lambda x: x / 7)(x)
    assert slope == expected
    assert type(slope) is type(x / 7)


def test_a_quotient_by_an_integer_keeps_all_digits():
    with mpmath.workdps(40):
        assert dd.derivative(lambda x: x / 7)(mpmath.mpf(1)) == mpmath.mpf(1) / 7
        assert dd.jacobian(lambda x: x / 7)(np.array([mpmath.mpf(1)]))[0, 0] == mpmath.mpf(1) / 7
    assert (np.diag(dd.jacobian(lambda x: x / 7)(np.ones(2, np.longdouble))) == np.longdouble(1) / 7).all()
    assert (np.diag(dd.jacobian(lambda x: x / 7)(np.array([Fraction(1), Fraction(2)]))) == Fraction(1, 7)).all()


@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0)])
def test_nested_quotient_by_zero_is_infinite_as_in_numpy(zero):
    def slope(x):
        return dd.derivative(lambda x: x / zero)(x)

    with np.errstate(all="ignore"):
        assert slope(1.0) == np.inf
        assert dd.derivative(slope)(1.0) == 0


@pytest.mark.parametrize("x", [30.0, 1e160, 1e300])
def test_slope_of_erfcx_far_out(x):
    assert dd.derivative(scipy.special.erfcx)(x) == pytest.approx(-1 / np.sqrt(np.pi) / x / x, rel=2 / x, abs=1e-320)
    if x < 1e154:  # where the value itself is finite
        assert dd.derivative(scipy.special.log_ndtr)(-x) == pytest.approx(x, rel=2 / x)


POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-300, 1e300, -1e300, 1e-320, 700.0, -750.0, np.inf, -np.inf]
UFUNCS = {u for u in map(vars(np).get, dir(np)) if isinstance(u, np.ufunc) and u.signature is None}


@pytest.mark.parametrize("ufunc", sorted((u for u in UFUNCS if u.nin <= 2), key=lambda u: u.__name__), ids=lambda u: u.__name__)
def test_a_derivative_raises_and_warns_nowhere_that_the_function_does_not(ufunc):
    compared = 0
    for x in POINTS:
        for rest in [()] if ufunc.nin == 1 else [(0.0,), (1.0,), (-2.5,), (1e300,), (1e-300,)]:
            for args in [(x, *rest), tuple(np.array([v, v]) for v in (x, *rest))]:
                with np.errstate(all="raise"), warnings.catch_warnings():
                    warnings.simplefilter("error")
                    try:
                        ufunc(*args)
                    except (TypeError, ValueError, FloatingPointError):
                        continue
                    for i in range(ufunc.nin):
                        try:
                            dd.jacobian(ufunc, argnums=i, chunk_size=None)(*args)
                            dd.jacobian(dd.jacobian(ufunc, argnums=i), argnums=i)(*args)
                            compared += 1
                        except dd.NotDifferentiableError:
                            pass
    assert compared or "d" * ufunc.nin not in [signature[:ufunc.nin] for signature in ufunc.types]


MPF = mpmath.mpf


@pytest.mark.parametrize("compute, x, slope", [
    (lambda x: x ** np.array([1.5, 2.5]), MPF(3), [1.5 * 3**0.5, 2.5 * 3**1.5]),
    (lambda x: np.array([1.5, 2.5]) % x, MPF(2), [0, -1]),
    (lambda x: np.float64(5.5) % x, MPF(2), -2),
    (lambda x: np.float64(2) / x, MPF(4), -0.125),
    (lambda x: x ** np.array([1.5, 2.0]), Fraction(9, 4), [2.25, 4.5]),
    (lambda x: np.float64(5) % x, Fraction(3, 2), -3),
    (lambda x: 2 ** x, Fraction(7, 2), 2**3.5 * np.log(2)),
    (lambda x: x ** MPF("1.25"), 3 + 1j, 1.25 * (3 + 1j) ** 0.25),
    (lambda x: x ** MPF("1.25"), np.float32(3), 1.25 * 3**0.25),
    (lambda x: np.array([x, x]) ** MPF("1.25"), 3.0, [1.25 * 3**0.25] * 2),
    (lambda x: x ** Fraction(3, 2), np.array(4.0), 3.0),
])
def test_operators_between_number_types(compute, x, slope):
    found = dd.jacobian(compute)(x)
    assert np.allclose(np.asarray(found).astype(complex), slope, rtol=1e-6)
    assert np.shape(found) == np.shape(compute(x))


def test_dual_has_no_subclasses():
    with pytest.raises(TypeError, match="no subclasses"):
        type("Special", (dd.Dual,), {})


def test_an_executor_is_checked_when_the_transform_is_made():
    with pytest.raises(TypeError, match="executor is"):
        dd.jacobian(np.sin, executor=3)


def test_bytes_are_not_viewed_as_another_type():
    x = dd.Dual(np.ones(2), 1.0)
    assert x.view().shape == x.view(float).shape == (2,)
    with pytest.raises(TypeError, match="astype"):
        x.view(np.int64)


# ---- found by users ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("function", [lambda a: np.interp(a, [0, 1, 2], [0, 1, 4]), np.nan_to_num])
def test_a_scalar_result_has_a_scalar_derivative(function):
    slope = dd.derivative(function)(1.5)
    assert type(slope) is float
    assert slope == (function(1.75) - function(1.25)) / 0.5  # both are straight there


def test_maximum_of_complex_numbers_follows_numpys_order():
    for other, slope in ((1 + 9j, 1), (1.5 + 9j, 0)):
        assert dd.derivative(lambda z, other=other: np.maximum(z, other))(1.5 + 2j) == slope
        assert np.maximum(1.5 + 2j, other) == (1.5 + 2j if slope else other)


def test_a_function_that_does_not_pickle_is_explained():
    class Processes:
        def map(self, function, passes):
            raise AttributeError("Can't pickle local object '<lambda>'")

    with pytest.raises(TypeError, match="at the top level of a module"):
        dd.jacobian(lambda x: x, executor=Processes())(np.ones(2))


def test_an_executor_gets_a_list():
    """Dask maps over lists only."""
    class Eager:
        def map(self, function, passes):
            assert isinstance(passes, list)
            return map(function, passes)

    assert dd.jacobian(np.sin, executor=Eager())(np.zeros(2)).tolist() == [[1, 0], [0, 1]]


def test_a_root_finder_without_a_rule_is_named():
    optimize = pytest.importorskip("scipy.optimize")
    with pytest.raises(dd.TangentLostError, match=r"scipy\.optimize\.brentq does not take dual numbers") as caught:
        dd.derivative(lambda p: optimize.brentq(lambda v: v * v - p, 0, 5))(2.0)
    assert "custom_rule" in str(caught.value)


def test_a_check_needs_a_finite_point():
    with pytest.raises(ValueError, match="finite point"):
        dd.check_derivatives(lambda x: x * x, np.inf)


def test_primal_takes_off_every_level_and_leaves_plain_values_alone():
    seen = []

    def f(x):
        seen.append(dd.primal({"x": x, "list": [x[0], 2.0], "name": "a"}))
        seen[-1]["x"][0] = 99.0  # an array of its own
        return np.sum(x * dd.primal(x))

    x = np.array([1.0, 2.0])
    for transform in (dd.gradient, dd.reverse.gradient):
        assert transform(f)(x).tolist() == [1, 2]
    assert (dd.hessian(f)(x) == 0).all()
    assert dd.jacobian(dd.reverse.gradient(f))(x).tolist() == [[0, 0], [0, 0]]
    for found in seen:
        assert type(found["x"]) is np.ndarray
        assert found["list"] == [1.0, 2.0]
        assert found["name"] == "a"
    assert dd.primal(x) is x
    assert dd.primal(3) == 3


# ---- branches that are not picked ------------------------------------------------------------------------------------------

UNPICKED = {  # of a function with an infinite derivative at 0, which the value does not come from
    "maximum": lambda x: np.maximum(np.sqrt(x), 0.1), "minimum": lambda x: np.minimum(-np.sqrt(x), -0.1),
    "fmax": lambda x: np.fmax(0.1, np.sqrt(x)), "clip": lambda x: np.clip(np.sqrt(x), 0.1, 1.0),
    "method": lambda x: np.sqrt(x).clip(0.1, 1.0), "copysign": lambda x: np.copysign(0.1, np.sqrt(x)),
    "sign": lambda x: np.sign(np.sqrt(x)), "nextafter": lambda x: np.nextafter(2.0, np.sqrt(x))}


@pytest.mark.parametrize("f", UNPICKED.values(), ids=UNPICKED)
def test_a_branch_that_is_not_picked_does_not_matter(f):
    forms = [
        dd.derivative(f)(0.0), dd.derivative(dd.derivative(f))(0.0),
        dd.jvp(f, (np.zeros(2),), (np.ones(2),))[1], dd.jvp(f, (np.zeros(9000),), (np.ones(9000),))[1],
        dd.jacobian(lambda p: f(p[0]))(np.zeros(2)), dd.jacobian(lambda p: f(p[0]), chunk_size=None)(np.zeros(2)),
        dd.jacobian(f, chunk_size=None)(np.zeros(2)), dd.taylor(f, 0.0, 2)[1:], dd.reverse.gradient(f)(0.0)]
    for found in forms:
        assert not np.any(found)


@pytest.mark.parametrize("zero", [0, 0.0])
def test_zero_times_an_infinite_tangent(zero):
    """A factor of zero is no branch: what it does to an infinite tangent does not depend on the way that is taken."""
    def f(x):
        return np.sqrt(x) * zero

    for found in (dd.derivative(f)(0.0), dd.jacobian(f)(np.zeros(3))[0, 0], dd.jacobian(f, chunk_size=None)(np.zeros(3))[0, 0],
                  dd.jacobian(f)(np.zeros(3, np.float32))[0, 0], dd.jacobian(f)(np.zeros(3, np.longdouble))[0, 0]):
        assert np.isnan(found)


@pytest.mark.parametrize("f", [np.sqrt, lambda x: 1 / np.sqrt(x), lambda x: np.log(x) / x])
def test_series_divide_by_zero_as_numpy_does(f):
    with np.errstate(all="ignore"):
        assert not np.isfinite(dd.taylor(f, 0.0, 3)).any() or f is np.sqrt
        assert not np.isfinite(dd.taylor(f, 0.0, 3)[1:]).any()


# ---- numbers beside arrays of fewer digits -----------------------------------------------------------------------------------

LESS = np.linspace(0, 4, 5, dtype=np.float32)
DOUBLES = np.array([2.0, 0.5, 1 + 1e-9])
BESIDE = {
    "model": lambda p: p[0] * np.exp(-p[1] * LESS) + p[2], "product": lambda p: (p[2] * np.ones(3, np.float32) - 1).sum(),
    "where": lambda p: np.where(LESS > 1, p[0], LESS), "of a ufunc": lambda p: np.exp(p[0]) * LESS,
    "of a sum": lambda p: p.sum() - LESS,
    "a number": lambda p: np.float32(3) * p[2], "half": lambda p: LESS.astype(np.float16) + p[2],
    "complex": lambda p: LESS.astype(np.complex64) * p[2], "outer": lambda p: np.outer(p[2], LESS)}


@pytest.mark.parametrize("f", BESIDE.values(), ids=BESIDE)
def test_an_entry_of_an_array_is_a_double_beside_arrays_of_fewer_digits(f):
    plain = f(DOUBLES)
    for value, found in (dd.value_and_jacobian(f)(DOUBLES), dd.value_and_jacobian(f, chunk_size=None)(DOUBLES)):
        np.testing.assert_array_equal(value, plain)
        assert np.asarray(value).dtype == plain.dtype
        step = np.stack([(f(DOUBLES + 2.0**-20 * e) - f(DOUBLES - 2.0**-20 * e)) * 2.0**19 for e in np.eye(3)], axis=-1)
        np.testing.assert_allclose(found, step, rtol=1e-9, atol=1e-9)
        assert np.asarray(found).dtype == plain.dtype
    np.testing.assert_array_equal(dd.primal(dd.taylor(lambda s: f(s * DOUBLES), 1.0, 1)[0]), plain)


SINGLES, PAIR = np.array([1 / 3, 2 / 3], np.float32), np.array([0.1, 0.2])
MIXED = {
    "product": lambda a, b: a * b[0], "arctan2": lambda a, b: np.arctan2(a, b[0]), "numbers": lambda a, b: a[0] * b[0],
    "clip": lambda a, b: np.clip(a, b[0], 1), "linspace": lambda a, b: np.linspace(a[0], b[0], 3), "power": lambda a, b: a ** b[1],
    "trapezoid": lambda a, b: np.trapezoid(a, dx=b[0]) if hasattr(np, "trapezoid") else a[0] * b[0]}


@pytest.mark.parametrize("chunk_size", [1, None])
@pytest.mark.parametrize("f", MIXED.values(), ids=MIXED)
def test_doubles_beside_float32_where_both_move(f, chunk_size):
    plain = f(SINGLES, PAIR)
    value, (by_a, by_b) = dd.value_and_jacobian(f, argnums=(0, 1), chunk_size=chunk_size)(SINGLES, PAIR)
    np.testing.assert_array_equal(value, plain)
    step = np.stack([(f(SINGLES, PAIR + 2.0**-20 * e) - f(SINGLES, PAIR - 2.0**-20 * e)) * 2.0**19 for e in np.eye(2)], axis=-1)
    np.testing.assert_allclose(by_b, step, rtol=1e-9, atol=1e-9)
    assert np.asarray(value).dtype == np.asarray(by_b).dtype == plain.dtype == float
    value, _ = dd.reverse.value_and_gradient(lambda b: np.sum(f(SINGLES, b)))(PAIR)
    assert value == np.sum(plain)


def test_a_double_times_a_float32():
    value, slope = dd.value_and_jacobian(lambda x: np.float64(1.7) * x)(np.float32(2))
    assert (value, slope) == (3.4, 1.7)


# ---- what Python passes to a power -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("transform", [dd.derivative, dd.derivative(n=2), dd.reverse.gradient,
                                       lambda f: dd.derivative(dd.derivative(f))])
def test_a_power_with_a_modulus_is_refused(transform):
    with pytest.raises(TypeError, match="for integers"):
        transform(lambda x: pow(x, 2, 5))(2.0)
    with pytest.raises(TypeError, match="for integers"):
        pow(dd.Dual(3, 1), 2, 5)


def test_powers_and_products_warn_once():
    def count(call):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        return len(caught)

    assert count(lambda: dd.derivative(dd.derivative(lambda x: x**3))(1e200)) == 1
    def product(x):
        return np.multiply(x[0], x[1])

    for chunk_size, passes in ((1, 2), (2, 1), (None, 1)):
        jacobian = dd.jacobian(product, chunk_size=chunk_size)
        assert count(lambda: jacobian(np.array([1e308, 1e308]))) == passes
        with np.errstate(all="raise"), pytest.raises(FloatingPointError):
            jacobian(np.array([1e308, 1e308]))


@pytest.mark.parametrize("function", [np.matmul, np.multiply, np.add, lambda x, y: np.concatenate([x, y]), np.outer, np.convolve,
                                      lambda x, y: np.einsum("i,i->i", x, y), lambda x, y: np.where(True, x, y)])
@pytest.mark.parametrize("widths", [(2, 3), (3, 2)])
def test_chunks_of_two_passes_do_not_mix(function, widths):
    level = new_level()
    x, y = (dual(np.ones(4), Tangents(np.ones((k, 4))), level) for k in widths)
    with pytest.raises(dd.LevelError, match="another pass"):
        function(x, y)


def test_an_automatic_chunk_looks_at_arrays_alone():
    class Node(dict):
        pass

    root = Node()
    root["self"] = root
    np.testing.assert_array_equal(dd.gradient(lambda x, _: (x**2).sum(), chunk_size=None)(np.ones(3), root), 2 * np.ones(3))
    assert [type(entry) for entry in dd.gradient(lambda x: x[0] * x[1], chunk_size=None)([1.0, 2.0])] == [float, float]


def test_complex64_beside_a_fraction():
    value, slope = dd.value_and_derivative(lambda z: z * Fraction(1, 2))(np.complex64(1 + 2j))
    assert (value, slope) == (0.5 + 1j, 0.5)


def test_a_zero_tangent_wins_over_an_infinite_decimal():
    infinity = Decimal("Infinity")
    assert dd.gradient(lambda v: v[0] * v[1])([Decimal(2), infinity]) == [infinity, 2]
    assert dd.gradient(lambda v: v[0] * infinity + v[1])([Decimal(2), Decimal(1)]) == [infinity, 1]


@pytest.mark.parametrize("f", [np.var, np.std, lambda x: np.cov(x, 2 * x), lambda x: np.prod(np.stack([x, 3e38 * x]), axis=0)])
def test_recipes_do_not_warn(f):
    x = np.array([1, np.inf], np.float32)

    def along(f):
        return lambda x: dd.jvp(f, (x,), (np.ones(2, np.float32),))[1]

    texts = []
    for call in (f, along(f), along(along(f))):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(x)
        texts.append([str(warning.message) for warning in caught])
    assert texts[1:] == texts[:1] * 2


@pytest.mark.parametrize(("knots", "at", "expected"), [
    ([0.0, 1.0, 2.0, np.nan], 0.5, -2.0), ([np.nan, 1.0, 2.0, 4.0], 1.5, 4.0), ([0.0, 1.0, 2.0, 4.0], 5.0, 0.0)])
def test_interp_beside_a_knot_that_is_nan(knots, at, expected):
    """Where the value comes from two knots that are none."""
    values = [1.0, -1.0, 3.0, 2.0]
    assert dd.derivative(lambda x: np.interp(x, knots, values))(at) == expected
    assert dd.jvp(lambda x: np.interp(x, knots, values), (np.array([at]),), (np.ones(1),))[1] == expected


def test_interp_refuses_masked_points():
    masked = np.ma.array([0.0, 1.0, 2.0], mask=[0, 1, 0])
    for points in ((masked, [1.0, 2.0, 3.0]), ([0.0, 1.0, 2.0], masked)):
        for x in (0.5, np.array([0.5])):
            with pytest.raises(TypeError, match="filled"):
                dd.jvp(lambda x, points=points: np.interp(x, *points), (x,), (x,))


def test_a_whole_number_beyond_the_doubles_beside_a_chunk():
    found = dd.jacobian(lambda x: np.array([x[0], 10**400]), chunk_size=2)(np.array([1.5, 2.0]))
    np.testing.assert_array_equal(np.asarray(found, float), [[1.0, 0.0], [0.0, 0.0]])


def test_what_is_no_function_is_refused_before_the_numbers_are_looked_at():
    with pytest.raises(TypeError, match="takes a function"):
        dd.jvp(3, [1.0, 10**400], [1.0, 1.0])


def test_single_numbers_of_other_types_in_a_chunk():
    assert dd.jacobian(lambda x: x * x, chunk_size=None)(Fraction(1, 2)) == 1
    assert dd.gradient(lambda x: x * x, chunk_size=2)(Fraction(1, 2)) == 1


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("nothing", [[], {}, ()])
def test_no_input_at_all(n, nothing):
    assert dd.derivative(lambda x: 2.5, n=n)(nothing) == nothing


@pytest.mark.parametrize("quotient", [lambda p: p / p, lambda p: 1 / p, lambda p: 0 / p, lambda p: np.sqrt(p) / p], ids=range(4))
@pytest.mark.parametrize("chunk_size", [1, 2])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_singular_quotient_does_not_reach_the_second_derivatives_of_others(quotient, chunk_size):
    second = dd.hessian(lambda p: np.sum(quotient(p)), chunk_size=chunk_size)(np.array([0.0, 3.0]))
    assert second[0, 1] == second[1, 0] == 0
    regular = dd.hessian(lambda p: np.sum(quotient(p)))(np.array([3.0]))
    assert second[1, 1] == pytest.approx(regular[0, 0], rel=1e-13)
    loop = dd.hessian(lambda a, b: quotient(a) + quotient(b), argnums=(0, 1))(0.0, 3.0)
    assert loop[0][1] == loop[1][0] == 0
