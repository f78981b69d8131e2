"""The rules of scipy.special: complete, and exact against mpmath."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import dualdiff as dd
from dualdiff import Dual
from dualdiff.errors import NotDifferentiableError
from dualdiff.rules.table import Composite, Elementwise, LocallyConstant, Refused, find
from oracles_special import Oracle, kelvin, modified_fresnel, slope_and_condition
from oracles_special_rows import HOLOMORPHIC, INVERSES, ORACLES

sp = pytest.importorskip("scipy.special")

UFUNCS = sorted({function for name in dir(sp) if isinstance(function := getattr(sp, name), np.ufunc)}, key=lambda f: f.__name__)


def differentiable(rule: Elementwise, i: int) -> bool:
    partial = rule.partials[i]
    return partial is not None and partial != 0 and not hasattr(partial, "unknown")


def known(function: Any) -> list[int]:
    rule = find(function)
    return [i for i in range(function.nin) if not isinstance(rule, Elementwise) or differentiable(rule, i)]


# ---- every ufunc stands in the table -------------------------------------------------------------------------------------

@pytest.mark.parametrize("function", UFUNCS, ids=lambda f: f.__name__)
def test_every_ufunc_has_a_rule_of_one_kind(function):
    rule = find(function)
    assert isinstance(rule, (Elementwise, Composite, LocallyConstant, Refused))
    if isinstance(rule, Refused):
        assert len(rule.reason) > 20
        with pytest.raises(NotDifferentiableError, match=function.__name__):
            function(*[Dual(0.5, 1.0)] * function.nin)
    if isinstance(rule, Elementwise):
        assert len(rule.partials) == len(rule.on) == function.nin
        assert any(differentiable(rule, i) for i in range(function.nin))


UNKNOWN = [(rule.function, i) for rule in [find(f) for f in UFUNCS] if isinstance(rule, Elementwise)
           for i, partial in enumerate(rule.partials) if hasattr(partial, "unknown")]


@pytest.mark.parametrize(("function", "i"), UNKNOWN, ids=lambda v: getattr(v, "__name__", str(v)))
def test_an_unknown_partial_is_refused_by_name_and_a_plain_argument_is_not(function, i):
    values = [1 if domain.integers else 0.5 for domain in find(function).on]
    with pytest.raises(NotDifferentiableError, match=f"scipy.special.{function.__name__} has no derivative .* '"):
        function(*[Dual(v, 1.0) if k == i else v for k, v in enumerate(values)])
    j = known(function)[0]
    function(*[Dual(v, 1.0) if k == j else v for k, v in enumerate(values)])


# ---- exact against mpmath ------------------------------------------------------------------------------------------------

def points_of(oracle: Oracle, i: int) -> list[Any]:
    """Columns of arguments: the one differentiated runs through its sample, the others step through theirs beside it."""
    n = oracle.points
    columns = []
    for k, sample in enumerate(oracle.samples):
        if callable(sample):
            values = sample(n)
            columns.append(values if k == i else values[(np.arange(len(values)) * 37 + 11 * k) % len(values)])
        else:
            columns.append(np.array([sample[j % len(sample)] for j in (range(n) if k == 0 else (np.arange(n) // (k + 2)))]))
    length = min(map(len, columns))
    return [column[:length] for column in columns]


def worst(function: Any, oracle: Oracle, i: int) -> tuple[float, Any]:
    """The largest error in units of what the row allows per ulp, and where it is."""
    columns = points_of(oracle, i)
    seeded = [Dual(c.astype(float), np.ones(len(c))) if k == i else c for k, c in enumerate(columns)]
    out = function(*seeded)
    outs = out if isinstance(out, tuple) else (out,)
    plain = function(*columns)
    for got, expected in zip(outs, plain if isinstance(plain, tuple) else (plain,)):
        assert np.array_equal(got.primal, expected, equal_nan=True), "the primal is not SciPy's"
    largest, where = 0.0, None
    for row, point in enumerate(zip(*columns)):
        for k, (slope, condition) in enumerate(slope_and_condition(oracle, point, i)):
            if not 1e-290 < abs(slope) < 1e290 or condition > 1e12:  # beside a zero
                continue
            got = outs[k].tangent[row]
            allowed = math.ulp(float(slope)) * (1 + float(condition) if oracle.kappa else 1.0)
            error = float(abs(mpf(float(got)) - slope)) / allowed if np.isfinite(got) else math.inf
            if error > largest:
                largest, where = error, (point, k, got, float(slope))
    return largest, where


CASES = [(name, i) for name, oracle in ORACLES.items() for i, sample in enumerate(oracle.samples)
         if callable(sample) and hasattr(sp, name) and i in known(getattr(sp, name))]


def test_a_wide_bound_has_a_reason():
    assert [name for name, oracle in ORACLES.items() if oracle.ulp > 8 and not oracle.why] == []


@pytest.mark.parametrize(("name", "i"), CASES)
def test_first_derivative_against_mpmath(name, i):
    oracle = ORACLES[name]
    error, where = worst(getattr(sp, name), oracle, i)
    assert error <= oracle.ulp, f"{error:.3g} > {oracle.ulp} ulp at {where}"


# ---- second derivatives --------------------------------------------------------------------------------------------------

SECOND = [name for name in ORACLES if hasattr(sp, name) and not name.startswith("it") and name not in (
    "besselpoly", "elliprd", "pbdv", "hyperu", "ker", "kei", "airye", "voigt_profile")]


@pytest.mark.parametrize("name", SECOND)
def test_second_derivative_against_mpmath(name):
    oracle, function = ORACLES[name], getattr(sp, name)
    i = max(k for k, sample in enumerate(oracle.samples) if callable(sample) and k in known(function))
    columns = points_of(oracle._replace(points=40), i)
    for row in (12, 15, 18, 24, 30):
        point = [c[row] if c.dtype.kind == "f" else int(c[row]) for c in columns]
        for k in range(function.nout):
            def f(x: Any) -> Any:
                out = function(*point[:i], x, *point[i + 1:])
                return out[k] if function.nout > 1 else out
            got = dd.derivative(dd.derivative(f))(float(point[i]))
            with mp.workdps(90):
                exact = [mpf(float(v)) if isinstance(v, float) else v for v in point]
                h = abs(exact[i]) * mpf(10) ** -20

                def g(x: Any) -> Any:
                    out = oracle.function(*exact[:i], x, *exact[i + 1:])
                    return out[k] if isinstance(out, tuple) else out
                low, mid, high = (g(exact[i] + j * h) for j in (-1, 0, 1))
                turn, slope = (high - 2 * mid + low) / h**2, (high - low) / (2 * h)
            if not 1e-250 < abs(slope) < 1e250:
                continue
            scale = abs(turn) + abs(slope) + abs(slope / exact[i]) * mpf(10) ** -4
            if abs(turn) < mpf(10) ** -40 * abs(mid) / exact[i] ** 2:  # the reference has no digits here
                continue
            assert abs(got - turn) <= scale * mpf(10) ** -10 * max(1, oracle.ulp / 1000), (point, k, got, float(turn))


# ---- inverses and complex numbers ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", INVERSES)
def test_an_inverse_has_one_over_the_slope(name):
    function, samples = INVERSES[name]
    for point in itertools.product(*samples):
        got = getattr(sp, name)(*point[:-1], Dual(point[-1], 1.0))
        with mp.workdps(40):
            exact = [mpf(v) if isinstance(v, float) else v for v in point]
            x = mpf(got.primal)
            x = mp.findroot(lambda t: function(*exact[:-1], t) - exact[-1], (x, x * (1 + mpf(10) ** -9)), tol=1e-60, verify=False)
            h = x * mpf(10) ** -12
            slope = 2 * h / (function(*exact[:-1], x + h) - function(*exact[:-1], x - h))
            off = abs(got.primal / x - 1)  # SciPy's own error (3e-11 in the stdtrit of SciPy 1.15): the slope is that at its value
            assert abs(got.tangent / slope - 1) < 1e-12 + 4 * off, point
            assert off < 1e-10


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_complex_derivative_against_mpmath(name):
    for z in (0.7 + 0.4j, 1.6 - 0.8j, 0.3 + 1.2j, -0.4 + 0.9j):
        out = getattr(sp, name)(Dual(z, 1.0))
        with mp.workdps(40):
            step, at = mpf(10) ** -12, mp.mpc(z)
            high, low = HOLOMORPHIC[name](at + step), HOLOMORPHIC[name](at - step)
            for got, a, b in zip(out if isinstance(out, tuple) else (out,), *[v if isinstance(v, tuple) else (v,)
                                                                            for v in (high, low)]):
                slope = (a - b) / (2 * step)
                assert abs(got.tangent - slope) < 1e-12 * abs(slope), (z, got, slope)


BESSEL = {
    "jv": mp.besselj, "iv": mp.besseli, "kv": mp.besselk, "yv": mp.bessely, "hankel1": mp.hankel1, "hankel2": mp.hankel2,
    "hankel1e": lambda v, z: mp.hankel1(v, z) * mp.exp(-1j * z), "hankel2e": lambda v, z: mp.hankel2(v, z) * mp.exp(1j * z),
    "kve": lambda v, z: mp.besselk(v, z) * mp.exp(z),
}


@pytest.mark.parametrize("name", BESSEL)
def test_bessel_functions_of_a_complex_argument(name):
    counterpart = BESSEL[name]
    for v, z in itertools.product((0.0, 1.0, 2.3), (0.7 + 0.4j, 3.0 - 2.0j)):
        got = getattr(sp, name)(v, Dual(z, 1.0)).tangent
        with mp.workdps(40):
            step, at = mpf(10) ** -10, mp.mpc(z)
            slope = (counterpart(v, at + step) - counterpart(v, at - step)) / (2 * step)
            assert abs(got - slope) < 1e-13 * abs(slope) * 10


def test_a_scale_that_is_not_holomorphic_is_refused():
    for name in ("ive", "jve", "yve"):
        with pytest.raises(NotDifferentiableError, match="holomorphic"):
            getattr(sp, name)(1.0, Dual(1 + 2j, 1.0))
    with pytest.raises(NotDifferentiableError, match="trigamma"):
        sp.digamma(Dual(1 + 2j, 1.0))


# ---- values and slopes in one call, real arguments and complex results ---------------------------------------------------

PAIRED = {"kelvin": (kelvin, 1e-9), "modfresnelp": (lambda x: modified_fresnel(1, x), 1e-12),
          "modfresnelm": (lambda x: modified_fresnel(-1, x), 1e-12)}


@pytest.mark.parametrize("name", PAIRED)
def test_complex_results_of_real_arguments(name):
    counterpart, tolerance = PAIRED[name]
    for x in (0.3, 1.7, 5.0):
        out = getattr(sp, name)(Dual(x, 1.0))
        with mp.workdps(40):
            step = mpf(10) ** -8
            for got, high, low in zip(out, counterpart(x + step), counterpart(x - step)):
                slope = (high - low) / (2 * step)
                assert abs(got.tangent - slope) < tolerance * abs(slope)


# functions that mpmath has not: by central differences of SciPy's own values
SMOOTH = {
    **{f"mathieu_{kind}": (2, 1.5, 0.8) for kind in ("cem", "sem", "modcem1", "modcem2", "modsem1", "modsem2")},
    "pbwa": (1.5, 0.8), "chndtrix": (0.4, 3.0, 1.2), "gdtria": (0.4, 2.5, 1.2),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_central_differences_of_the_values(name):
    function = getattr(sp, name)
    point = SMOOTH[name]
    for i in known(function):
        out = function(*point[:i], Dual(point[i], 1.0), *point[i + 1:])
        wide, narrow = (np.subtract(function(*point[:i], point[i] + h, *point[i + 1:]),
                                    function(*point[:i], point[i] - h, *point[i + 1:])) / (2 * h) for h in (2e-3, 1e-3))
        slopes = (4 * narrow - wide) / 3  # Richardson
        tangents = [part.tangent for part in out] if isinstance(out, tuple) else out.tangent
        np.testing.assert_allclose(tangents, slopes, rtol=1e-7, atol=1e-9)


def test_every_differentiable_ufunc_has_an_oracle():
    checked = {getattr(sp, name, None) for table in (ORACLES, INVERSES, HOLOMORPHIC, PAIRED, SMOOTH, BESSEL) for name in table}
    assert {f for f in UFUNCS if known(f) and not isinstance(find(f), (Refused, LocallyConstant))} <= checked
