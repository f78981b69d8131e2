"""Series: every rule of the table raised to order 6, against Taylor coefficients from mpmath at 60 digits."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
import scipy.special
from mpmath import mp, mpf

import dualdiff as dd
import dualdiff.lanes.raising
from dualdiff.rules.table import TABLE, find
from dualdiff.series import Series
from oracles import ORACLES, rows

N = 6
RNG = np.random.default_rng(5)
PLACES = {  # base points where the rows' functions are smooth, one for each input
    np.arccosh: [(1.7,), (30.0,)], np.log1p: [(-0.4,), (3.0,)], np.ldexp: [(0.7, 3)],
}
POSITIVE = [(0.3,), (2.7,)]
INNER = [(0.35,), (-0.6,), (0.0,)]
SPECIAL = {
    **dict.fromkeys([np.sqrt, np.log, np.log2, np.log10], POSITIVE),
    **dict.fromkeys([np.arcsin, np.arccos, np.arctanh], INNER),
    **dict.fromkeys([np.power, np.float_power], [(0.8, 1.7), (2.3, -0.6)]),
    **dict.fromkeys([np.cbrt, np.reciprocal, np.absolute, np.fabs, np.sign], [(0.35,), (-1.4,)]),
    **dict.fromkeys([np.modf, np.frexp], [(2.35,), (-1.4,)]),
    **dict.fromkeys([np.remainder, np.fmod, np.divmod], [(7.3, 2.1), (-5.2, 1.9)]),
    **PLACES,
}


def points(function):
    arity = len(TABLE[function].partials)
    return SPECIAL.get(function, [(0.37,), (-1.3,), (2.6,)] if arity == 1 else [(0.37, 1.4), (-1.3, 0.8), (2.2, -0.9)])


def inner(x, i):
    """Coefficients of a curve through x with slopes of all orders."""
    return [x, *(0.5 * (-0.7) ** k + 0.1 * (i + 1) for k in range(1, N + 1))]


def polynomial(coefficients, t):
    return mp.polyval([mpf(c) for c in reversed(coefficients)], t)


def reference(function, place):
    """The Taylor coefficients of ``function`` along the curves, by mpmath at 60 digits."""
    oracle = ORACLES[function]

    def along(t):
        arguments = [mpf(x) if i in oracle.integers else polynomial(inner(x, i), t) for i, x in enumerate(place)]
        return mpf(oracle.function(*arguments))

    with mp.workdps(60):
        if function in (np.sign, np.heaviside):
            return [float(along(mpf(0))), *[0.0] * N]
        return [float(c) for c in mp.taylor(along, mpf(0), N)]


def raised(function, place, make):
    given = [x if i in ORACLES[function].integers else Series.of([make(c) for c in inner(x, i)], 3) for i, x in enumerate(place)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = function(*given)
    output = ORACLES[function].output
    result = result if output is None else result[output]
    return result.coefficients if isinstance(result, Series) else [result] + [0 * result] * N


CASES = [pytest.param(f, place, id=f"{f.__name__}{place}") for f in rows() for place in points(f) if f is not np.nextafter]


@pytest.mark.parametrize(("function", "place"), CASES)
def test_every_row_to_order_six(function, place):
    wanted = np.array(reference(function, place))
    scale = np.maximum(np.abs(wanted), 1e-3 * np.max(np.abs(wanted)) + 1e-300)
    for make in (float, lambda c: np.array([c, c]), lambda c: np.full((2, 1), c)):
        found = raised(function, place, make)
        for c, w, s in zip(found, wanted, scale):
            assert np.all(np.abs(np.asarray(c) - w) <= 2e-13 * s), (found, wanted)


@pytest.mark.parametrize("function", [f for f in rows() if f is not np.nextafter])
def test_cost_is_polynomial(function):
    """Order 16 takes milliseconds; where each order doubled the work it would take half a minute."""
    place, times = points(function)[0], []
    for n in (4, 16):
        start = time.perf_counter()
        dd.taylor(lambda t: function(*[x if i in ORACLES[function].integers else x + t for i, x in enumerate(place)]), 0.0, n)
        times.append(time.perf_counter() - start)
    assert times[1] < 0.5, times


@pytest.mark.parametrize("name", ["gamma", "j0", "i1", "k0e", "itstruve0", "dawsn"])
def test_functions_that_lead_to_one_another_cost_polynomially(name, monkeypatch):
    """j₀′ = −j₁, and j₁′ takes j₀ again: each goes on from what it has found, or every order would double the partials asked."""
    function, asked = getattr(scipy.special, name), []
    find(function)  # loads SciPy's rules
    ask = dualdiff.lanes.raising.partial_of
    monkeypatch.setattr(dualdiff.lanes.raising, "partial_of", lambda *args: asked.append(args) or ask(*args))
    for n in (5, 10, 20):
        asked.clear()
        dd.taylor(function, 0.7, n)
        assert n <= len(asked) <= 2 * n**2


OF_ARRAYS = {
    "norm": lambda t: np.linalg.norm(np.stack([t, 1.0])), "norm of rows": lambda t: np.linalg.norm(np.stack([t * A, B]), axis=-1),
    "solve": lambda t: np.linalg.solve(SYMMETRIC + t * TURN, B[0]), "eigvalsh": lambda t: np.linalg.eigvalsh(SYMMETRIC + t * TURN),
    "svd": lambda t: np.linalg.svd(SYMMETRIC + t * TURN)[1], "qr": lambda t: np.linalg.qr(SYMMETRIC + t * TURN)[1],
    "j0": lambda t: scipy.special.j0(t * np.ones(2)), "k0e": lambda t: scipy.special.k0e(t + np.arange(1.0, 4.0)),
}


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_functions_of_arrays_cost_polynomially(name, monkeypatch):
    """So does every rule that is made of others: twice the order takes up to eight times the calls, where it took 2ⁿ times."""
    function, calls = OF_ARRAYS[name], []
    for method in ("_raised", "_integrated"):
        raise_ = getattr(Series, method).__func__
        monkeypatch.setattr(Series, method, classmethod(lambda cls, *args, f=raise_: calls.append(f) or f(cls, *args)))
    counts = []
    for n in (4, 8, 16):
        calls.clear()
        dd.taylor(function, 0.3, n)
        counts.append(len(calls))
    assert counts[2] <= 8 * counts[1] <= 64 * counts[0], counts


ENDS = [0.0, -0.0, 5e-324, -5e-324, 1e-308, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 400.0, -400.0, 710.0, -745.0, 1e200, -1e200, 1e308,
        -1e308, np.inf, -np.inf, np.nan]
OF_ONE = [f for f in rows() if len(TABLE[f].partials) == 1 and ORACLES[f].output is None]


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("function", OF_ONE, ids=lambda f: f.__name__)
def test_ends_of_domains_agree_with_nesting(function, n):
    """Where floats raise or overflow, where there is no value, where 0 × inf has to be 0. Nested duals know nothing of series."""
    nested = function
    for _ in range(n):
        nested = dd.derivative(nested)
    for x in ENDS:
        with np.errstate(all="ignore"):
            found, wanted = dd.derivative(function, n=n)(x), nested(x)
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-300, err_msg=f"at {x}")


A = np.array([[2.0, 0.5, -0.3], [0.1, 1.5, 0.7], [-0.4, 0.2, 1.8]])
B = np.array([[0.3, -0.2, 0.1], [0.6, 0.4, -0.5], [0.2, 0.9, -0.1]])
SYMMETRIC, TURN = A @ A.T, B + B.T
MATRICES = {
    "inv": lambda m: np.linalg.inv(m), "det": lambda m: np.linalg.det(m), "solve": lambda m: np.linalg.solve(m, B),
    "matmul": lambda m: m @ (m + 1), "einsum": lambda m: np.einsum("ij,jk,ki", m, m, m),
    "cholesky": lambda m: np.linalg.cholesky(m),
    "eigvalsh": lambda m: np.linalg.eigvalsh(m), "eigh": lambda m: np.linalg.eigh(m)[1] ** 2,
    "slogdet": lambda m: np.linalg.slogdet(m)[1],
    "qr": lambda m: np.linalg.qr(m)[1], "svd": lambda m: np.linalg.svd(m)[1], "norm": lambda m: np.linalg.norm(m),
    "var": lambda m: np.var(m, axis=0), "sort": lambda m: np.sort(m, axis=1), "cumprod": lambda m: np.cumprod(m),
    "prod": lambda m: np.prod(m, axis=1), "fft": lambda m: np.abs(np.fft.rfft(m[0])) ** 2,
    "where": lambda m: np.where(m > 0.5, m**3, m),
    "mean": lambda m: np.mean(m, axis=1), "trace": lambda m: np.trace(m), "kron": lambda m: np.kron(m, m[0]),
    "power": lambda m: np.linalg.matrix_power(m, 3), "cross": lambda m: np.cross(m[0], m[1]), "pinv": lambda m: np.linalg.pinv(m),
    "max": lambda m: np.max(m * m), "cov": lambda m: np.cov(m), "diff": lambda m: np.diff(m, axis=0) ** 2,
}


@pytest.mark.parametrize("name", MATRICES)
def test_matrix_functions_agree_with_nesting(name):
    """Nested dual numbers know nothing of series; orders 0 to 3."""
    function = MATRICES[name]

    def along(t):
        return function(SYMMETRIC + t * TURN)

    nested, found = along, dd.derivatives(along, 0.0, 3)
    for k in range(4):
        wanted = nested(0.0)
        assert np.allclose(found[k], wanted, rtol=1e-10, atol=1e-10 * np.max(np.abs(wanted)) + 1e-13), k
        nested = dd.derivative(nested)


def filled(t):
    out = np.zeros_like(np.stack([t, t, t]))
    out[0] = np.sin(t)
    out[1:] = t * t
    out[2] += t
    view = out[1:]
    view *= 2
    return out


def objects(t):
    return np.sum(np.array([t, t * t, np.exp(t)]) * 2)


@pytest.mark.parametrize(("function", "wanted"), [
    (filled, lambda x: [[np.sin(x), 2 * x * x, 2 * (x * x + x)], [np.cos(x), 4 * x, 4 * x + 2],
                        [-np.sin(x) / 2, 2, 2], [-np.cos(x) / 6, 0, 0]]),
    (objects, lambda x: [2 * (x + x * x + np.exp(x)), 2 * (1 + 2 * x + np.exp(x)), 2 + np.exp(x), np.exp(x) / 3])])
def test_assignment_views_and_object_arrays(function, wanted):
    assert np.allclose(dd.taylor(function, 0.7, 3), wanted(0.7), rtol=1e-14, atol=0)


def test_series_inside_duals_and_duals_inside_series():
    x, a = 0.37, 1.3
    inner_series = dd.derivative(lambda a: dd.derivative(lambda x: np.exp(a * np.sin(x)), n=3)(x))(a)
    inner_dual = dd.derivative(dd.derivative(lambda x: dd.derivative(lambda a: np.exp(a * np.sin(x)))(a)), n=2)(x)
    with mp.workdps(40):
        wanted = float(mp.diff(lambda x, a: mp.exp(a * mp.sin(x)), (mpf(x), mpf(a)), (3, 1)))
    assert inner_series == pytest.approx(wanted, rel=1e-12)
    assert inner_dual == pytest.approx(wanted, rel=1e-12)
    chunked = dd.jacobian(lambda p: dd.derivative(lambda x: np.exp(p[0] * np.sin(x)) * p[1], n=3)(x),
                          chunk_size=None)(np.array([a, 1.0]))
    assert chunked[0] == pytest.approx(wanted, rel=1e-12)
    twice = dd.derivative(dd.derivative(np.tan, n=2), n=3)(0.3)
    assert twice == pytest.approx(dd.derivative(np.tan, n=5)(0.3), rel=1e-12)


# ---- found by trying -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("function", "exact"), [
    (lambda x: np.cbrt(1e-250 * x), lambda x: mp.cbrt(x * mpf("1e-250"))),
    (lambda x: (1e-250 * x) ** 0.5, lambda x: mp.sqrt(x * mpf("1e-250"))),
    (lambda x: np.arctan2(1e-250 * x, 1e-100), lambda x: mp.atan(x * mpf("1e-150")))], ids=["cbrt", "power", "arctan2"])
def test_recurrences_scale_before_they_multiply(function, exact):
    """The products of two coefficients underflow where none of the coefficients does."""
    with mp.workdps(600):
        wanted = [float(c) for c in mp.taylor(exact, mpf(0.3), 3)]
    np.testing.assert_allclose(dd.taylor(function, 0.3, 3), wanted, rtol=1e-12, atol=0)


def test_a_moving_input_is_not_taken_for_a_constant_of_the_same_value():
    """Both calls of logaddexp are at (½, ½) and come while the same function is raised: in one of them ½ does not move."""
    for function in (lambda x: np.logaddexp(x, 0.5) + np.logaddexp(x, x), lambda x: np.logaddexp(x, x) + np.logaddexp(x, 0.5)):
        rule = dd.custom_rule(function)(np.frompyfunc(float, 1, 1))  # its partial
        assert dd.derivative(rule, n=3)(0.5) == pytest.approx(0.25, rel=1e-14)  # the second derivative of log(eˣ + √e)


@pytest.mark.parametrize(("function", "x"), [(np.sqrt, 0.0), (np.arcsin, 1.0), (np.log, 0.0), (np.log1p, -1.0), (np.arctanh, 1.0)])
def test_partials_do_not_warn_in_nested_derivatives(function, x):
    """Warnings are those of the value."""
    def given(action):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            action()
        return {str(warning.message) for warning in caught}

    plain = given(lambda: function(x))
    for action in (lambda: dd.derivative(dd.derivative(function))(x), lambda: dd.derivative(function, n=2)(x),
                   lambda: dd.hessian(function)(x)):
        assert given(action) <= plain
