"""Finite differences: the published numbers, the structure of results, and error estimates that hold what they say."""

import math

import numpy as np
import pytest
from mpmath import mp

import dualdiff as dd
from dualdiff.checks.probes import Probe
from dualdiff.checks.richardson import curvatures, slopes
from dualdiff.structures import leaves


def surface(x, y):
    return x**2 * y + y + 2


def product(x):
    return (x**2 + 2 * x) * math.log(x)


def test_numbers_known_from_textbooks():
    found = dd.finite_difference(surface, 3.0, 4.0, argnums=(0, 1), method="forward", step=1e-4)
    assert found == (24.000400000048216, 10.000000000047748)
    assert dd.finite_difference(product, 1.0, method="forward", step=0.5) == 4.257383635135726
    assert dd.finite_difference(product, 1.0, method="central", step=0.5) == 2.9997299032915508


def test_each_method_is_its_formula():
    x, h = 0.7, 0.125
    assert dd.finite_difference(math.exp, x, method="forward", step=h) == (math.exp(x + h) - math.exp(x)) / h
    assert dd.finite_difference(math.exp, x, method="backward", step=h) == (math.exp(x) - math.exp(x - h)) / h
    assert dd.finite_difference(math.exp, x, step=h) == (math.exp(x + h / 2) - math.exp(x - h / 2)) / h
    assert dd.finite_difference_hessian(math.exp, x, step=h) == pytest.approx(
        (math.exp(x + h) - 2 * math.exp(x) + math.exp(x - h)) / h**2, rel=1e-13)


@pytest.mark.parametrize(("method", "digits"), [("forward", 1e-7), ("backward", 1e-7), ("central", 1e-9)])
def test_default_step_leaves_the_digits_that_the_method_can_have(method, digits):
    for x in (0.0, 1e-3, 0.7, -2.0, 40.0):
        assert dd.finite_difference(np.sin, x, method=method) == pytest.approx(math.cos(x), abs=10 * digits)


def test_results_have_the_structure_of_the_transforms():
    def model(p):
        return {"a": p["r"] ** 2 * np.sum(p["q"]), "b": (p["q"] * p["r"], p["r"])}

    point = {"r": 2.0, "q": np.arange(6.0).reshape(2, 3)}
    for ours, theirs in ((dd.finite_difference(model, point), dd.jacobian(model)(point)),
                         (dd.finite_difference_hessian(model, point, step=0.25), dd.hessian(model)(point))):
        for (path, a), (same_path, b) in zip(leaves(ours), leaves(theirs), strict=True):
            assert path == same_path
            assert np.shape(a) == np.shape(b)
            assert type(a) is type(b)
            np.testing.assert_allclose(a, b, atol=1e-7)


@pytest.mark.parametrize("method", ["forward", "central"])
def test_hessian_of_a_quadratic_form_is_exact_with_binary_steps(method):
    a = np.array([[2.0, 1.0, 0.0], [1.0, -4.0, 0.5], [0.0, 0.5, 8.0]])
    found = dd.finite_difference_hessian(lambda x: x @ a @ x / 2, np.array([1.0, -2.0, 0.5]), method=method, step=0.25)
    np.testing.assert_array_equal(found, a)


def test_integers_empty_arrays_keywords_and_mpmath_numbers():
    assert dd.finite_difference(surface, 3, 4, method="forward", step=0.5) == 26.0
    assert dd.finite_difference(np.sum, np.zeros(0)).shape == (0,)
    assert dd.finite_difference(lambda x, *, scale: scale * x, 1.0, scale=3.0, step=0.5) == 3.0
    assert dd.finite_difference(lambda x, *, scale: scale * x, 1.0, scale=3.0, argnames="scale", step=0.5) == 1.0
    with mp.workdps(40):
        found = dd.finite_difference(mp.sin, mp.mpf(1), step=mp.mpf(10) ** -12)
        assert abs(found - mp.cos(1)) < 1e-23


@pytest.mark.parametrize("options", [{"method": "sideways"}, {"step": 0.0}, {"step": math.inf}, {"step": math.nan}])
def test_wrong_options_are_refused(options):
    with pytest.raises(ValueError, match="method=|step="):
        dd.finite_difference(np.sin, 1.0, **options)


def test_a_function_whose_shape_depends_on_its_input_is_refused():
    with pytest.raises(ValueError, match="different structure or shape"):
        dd.finite_difference(lambda x: np.zeros(2 if x > 1 else 3), 1.0, step=0.5)


def test_inputs_are_not_modified():
    x = np.array([1.0, 2.0])

    def doubles(v):
        v *= 2
        return v.sum()

    np.testing.assert_array_equal(dd.finite_difference(doubles, x, step=0.5), [2.0, 2.0])
    np.testing.assert_array_equal(x, [1.0, 2.0])


# ---- extrapolated differences --------------------------------------------------------------------------------------------

FUNCTIONS = {
    "sin": (np.sin, mp.sin, 1.0),
    "exp": (np.exp, mp.exp, 1.0),
    "log": (np.log, mp.log, 1.0),
    "sqrt": (np.sqrt, mp.sqrt, 1.0),
    "arcsin": (np.arcsin, mp.asin, 1.0),
    "x**1.5": (lambda x: x**1.5, lambda x: x ** mp.mpf(1.5), 1.0),
    "(x−1)**7": (lambda x: (x - 1) ** 7, lambda x: (x - 1) ** 7, 1.0),
    "sin 50x": (lambda x: np.sin(50 * x), lambda x: mp.sin(50 * x), 1.0),
    "narrow": (lambda x: np.exp(-x * x * 1e4), lambda x: mp.exp(-x * x * 10000), 1.0),
    "1 − cos": (lambda x: 1 - np.cos(x), lambda x: 1 - mp.cos(x), 0.96),  # the rest: functions that hide their noise
    "lost digits": (lambda x: (1e6 + np.sin(x)) - 1e6, mp.sin, 0.9),
}
POINTS = [float(s * 10**e) for s in (1, -1) for e in np.random.default_rng(0).uniform(-9, 2, 20)] + [1.0, 2.0, 0.5]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_error_estimate_holds(name):
    """At points of all sizes the derivative lies within the error bar; the bar is small where f has its digits."""
    f, exact, share = FUNCTIONS[name]
    inside, relative = [], []
    with np.errstate(all="ignore"), mp.workdps(40):
        for x in POINTS:
            slope = mp.diff(exact, mp.mpf(x))
            if not np.isfinite(f(x)) or isinstance(slope, mp.mpc):
                continue
            value, error = (part[0] for part in slopes(Probe(f, (x,), {}), 0).best)
            inside.append(abs(value - float(slope)) <= error)
            if abs(slope) > 1e-6:
                relative.append(float(error / abs(slope)))
    assert np.mean(inside) >= share
    assert np.median(relative) < (1e-8 if share == 1.0 else 1e-5)


@pytest.mark.parametrize("name", ["sin", "exp", "log", "sqrt", "(x−1)**7", "narrow"])
def test_the_error_estimate_of_second_differences_holds(name):
    f, exact, _ = FUNCTIONS[name]
    with np.errstate(all="ignore"), mp.workdps(60):
        for x in POINTS[::3]:
            if np.isfinite(f(x)):
                value, error = (part[0] for part in curvatures(Probe(f, (x,), {}), 0, 0))
                assert abs(value - float(mp.diff(exact, mp.mpf(x), 2))) <= error, x


def test_one_sided_where_the_other_side_is_not_defined():
    best = slopes(Probe(lambda x: x**2.5 + 3 * x, (0.0,), {}), 0).best
    assert best.value[0] == pytest.approx(3.0, abs=1e-6)
    assert best.error[0] < 1e-3
    assert abs(best.value[0] - 3.0) <= best.error[0]
    for f in (math.log, math.sqrt):  # they raise outside
        value, error = (part[0] for part in slopes(Probe(f, (1e-7,), {}), 0).best)
        assert abs(value - (1e7 if f is math.log else 0.5 / math.sqrt(1e-7))) <= error
    edge = curvatures(Probe(lambda v: np.sum(v**3.5) + v[0] * v[1], (np.array([0.0, 0.0]),), {}), 0, 1)
    assert abs(edge.value[0] - 1.0) <= max(edge.error[0], 1e-9)


def test_kinks_and_jumps_are_seen():
    kinks = {"abs": (abs, 0.0, True, False), "max": (lambda x: max(x, 1.0), 1.0, True, False), "floor": (np.floor, 2.0, None, True),
             "sqrt": (np.sqrt, 0.0, False, True), "smooth": (np.sin, 0.3, False, False),
             "parabola": (lambda x: x * x, 0.0, False, False)}
    for name, (f, x, is_kink, jumps) in kinks.items():
        found = slopes(Probe(f, (x,), {}), 0)
        assert is_kink is None or found.is_kink[0] == is_kink, name
        assert found.jumps[0] == jumps, name
