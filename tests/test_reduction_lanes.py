"""The short ways of functions of whole arrays: against the general path, against mpmath, and that they are taken at all."""

from __future__ import annotations

import string
import warnings

import mpmath
import numpy as np
import pytest

import dualdiff as dd
import dualdiff.lanes.contractions
import dualdiff.lanes.joining
import dualdiff.lanes.reductions
import dualdiff.lanes.short_ways
from dualdiff.dual import Dual, dual
from dualdiff.lanes.short_ways import WAYS
from dualdiff.levels import new_level
from dualdiff.partials import BLOCK
from dualdiff.tangents import Tangents

LEVEL = new_level()
rng = np.random.default_rng(12)

# ---- calls ---------------------------------------------------------------------------------------------------------------


def settings_of_axes(ndim):
    axes = [None, *range(-ndim, ndim), *([(0, 1), (-1, 0)] if ndim > 1 else []), *([(0, 1, 2), (1,)] if ndim > 2 else [])]
    return [{"axis": axis, "keepdims": keepdims} for axis in axes for keepdims in (False, True)] + [{}]


def calls(ndim):
    """(name, function of x) for an array of ``ndim`` axes; a function may be refused by NumPy."""
    found = []
    for settings in settings_of_axes(ndim):
        found += [(f"{f.__name__}({settings})", lambda x, f=f, s=settings: f(x, **s))
                  for f in (np.sum, np.mean, np.linalg.norm, np.linalg.vector_norm, np.var, np.std, np.prod, np.max, np.min)]
        found += [(f"ddof({settings})", lambda x, s=settings: np.var(x, ddof=1, **s)),
                  (f"ddof({settings})", lambda x, s=settings: np.std(x, ddof=0.5, **s)),
                  (f"average({settings})", lambda x, s=settings: np.average(x, weights=np.abs(np.cos(x.primal)), **s)),
                  (f"average of itself({settings})", lambda x, s=settings: np.average(x, weights=x, **s)),
                  (f"weights({settings})", lambda x, s=settings: np.average(x.primal + 1.0, weights=x, **s))]
    for axis in (None, *range(-ndim, ndim)):
        found += [(f"cumprod({axis})", lambda x, axis=axis: np.cumprod(x, axis)),
                  (f"norm({axis})", lambda x, axis=axis: np.linalg.norm(x, ord=2, axis=axis)),
                  (f"weights along {axis}", lambda x, axis=axis: np.average(
                      x, axis, weights=None if axis is None else np.arange(1.0, 1.0 + x.shape[axis]))),
                  (f"moving weights along {axis}", lambda x, axis=axis: np.average(
                      x, axis, weights=x if axis is None else np.max(x, tuple(i for i in range(x.ndim) if i != axis % x.ndim))))]
    for axis in range(-ndim, ndim):
        found += [(f"trapezoid({axis})", lambda x, axis=axis: np.trapezoid(x, axis=axis)),
                  (f"trapezoid({axis}, dx)", lambda x, axis=axis: np.trapezoid(x, dx=0.25, axis=axis)),
                  (f"trapezoid(points, {axis})", lambda x, axis=axis: np.trapezoid(x, np.arange(x.shape[axis]) ** 2.0, axis=axis)),
                  (f"trapezoid(itself, {axis})", lambda x, axis=axis: np.trapezoid(x, x, axis=axis)),
                  (f"trapezoid(moving points, {axis})", lambda x, axis=axis: np.trapezoid(
                      x, np.max(x, tuple(i for i in range(x.ndim) if i != axis % x.ndim)) if x.ndim > 1 else x * x, axis=axis)),
                  (f"trapezoid(constant, {axis})", lambda x, axis=axis: np.trapezoid(np.cos(x.primal), x, axis=axis)),
                  (f"concatenate({axis})", lambda x, axis=axis: np.concatenate([x, x.primal, x * x], axis)),
                  (f"stack({axis})", lambda x, axis=axis: np.stack((x.primal, x, x * x), axis=axis))]
    found += [("x.max()", lambda x: x.max()), ("x.sum", lambda x: x.sum(-1)), ("x.mean", lambda x: x.mean(0, keepdims=True)),
              ("sum where=", lambda x: np.sum(x, where=x.primal > 0)), ("sum initial", lambda x: np.sum(x, initial=0.5)),
              ("sum, dtype", lambda x: np.sum(x, dtype=float)),
              ("x.prod()", lambda x: x.prod()), ("x.std()", lambda x: x.std(ddof=1)),
              ("x.var(0)", lambda x: x.var(0)), ("x.min(-1)", lambda x: x.min(-1)), ("x.cumprod()", lambda x: x.cumprod()),
              ("x.clip", lambda x: x.clip(-0.5, 1)), ("clip", lambda x: np.clip(x, -0.5, np.float64(0.75))),
              ("clip from below", lambda x: np.clip(x, 0, None)), ("clip from above", lambda x: x.clip(max=0.5)),
              ("clip at one", lambda x: np.clip(x, 0.5, 0.5)), ("clip crossed", lambda x: np.clip(x, 0.5, 0.25)),
              ("clip by keyword", lambda x: np.clip(x, a_min=-0.25, a_max=0.5)), ("fro", lambda x: np.linalg.norm(x, "fro")),
              ("clip by arrays", lambda x: np.clip(x, -np.abs(x.primal) / 2, 0.5)), ("norm 1", lambda x: np.linalg.norm(x, 1)),
              ("clip at nan", lambda x: np.clip(x, np.nan, 1.0)),
              *([("norm 2", lambda x: np.linalg.norm(x, 2))] if ndim == 1 else []),
              ("hstack", lambda x: np.hstack([x, x])), ("vstack", lambda x: np.vstack([x, 2.0 * x])),
              ("dstack", lambda x: np.dstack([x, x.primal])), ("column_stack", lambda x: np.column_stack([x, x])),
              ("concatenate flat", lambda x: np.concatenate([x, x], None)),
              ("where", lambda x: np.where(x > 0, x, 2.0 * x)), ("where, constant", lambda x: np.where(x.primal > 0, 1.0, x)),
              ("where, array", lambda x: np.where(x.primal > 0, x, np.cos(x.primal))), ("max of it", lambda x: np.max(x) * x),
              ("where, spread", lambda x: np.where(np.ones((2, *x.shape), bool), x, 3)),
              ("where, scalar", lambda x: np.where(x.primal > 0, np.sum(x), x)),
              ("initial", lambda x: np.max(x, initial=0.5)), ("where=", lambda x: np.prod(x, where=x.primal > 0))]
    found += [("dot", lambda x: np.dot(x, x.T)), ("dot, constant", lambda x: np.dot(np.cos(x.primal).T, x)),
              ("x.dot", lambda x: x.dot(np.cos(x.primal).T)), ("vdot", lambda x: np.vdot(x, x * x)),
              ("inner", lambda x: np.inner(x, np.cos(x.primal))), ("inner of itself", lambda x: np.inner(x, x)),
              ("outer", lambda x: np.outer(x, x * x)), ("outer, constant", lambda x: np.outer(x.primal, x)),
              ("dot, number", lambda x: np.dot(x, 2.0)),
              ("dot, still", lambda x: np.dot(x, dual(x.primal.T, 0 * x.primal.T, LEVEL)))]
    knots, values = np.array([-1.0, -0.5, 0.0, 0.5, 2.5]), np.array([1.0, -2.0, 0.25, 4.0, 3.0])
    found += [(f"interp {name}", lambda x, k=k, v=v, s=s: np.interp(x, k, v, **s)) for name, k, v, s in (
        ("", knots, values, {}), ("lists", [-1, 0, 2], [1, 3, 2], {}), ("ends", knots, values, {"left": 0, "right": -1.5}),
        ("jump", np.array([-1.0, 0.5, 0.5, 1.0]), values[:4], {}), ("inf", knots, np.array([1.0, np.inf, 0.0, 1.0, np.nan]), {}),
        ("one", [0.5], [2.0], {}), ("period", knots, values, {"period": 4.0}))]
    letters = "abc"[:ndim]
    found += [(f"einsum {subscripts}", lambda x, s=subscripts: np.einsum(s, x, x)) for subscripts in (
        f"{letters},{letters}->", f"{letters},{letters}", f"{letters},{letters}->{letters}",
        f"{letters},{letters}->{letters[::-1]}", "...,...->...", f"{letters},{letters.upper()}->{letters}{letters.upper()}",
        f" {letters} , {letters} -> {letters[:1]}")]
    found += [("einsum of two", lambda x: np.einsum(f"{letters},{letters}->{letters[:1]}", x, np.cos(x.primal))),
              ("einsum of three", lambda x: np.einsum(f"{letters},{letters},{letters}->{letters[-1:]}", x, x * x, x.primal)),
              ("einsum of one", lambda x: np.einsum(f"{letters}->{letters[::-1]}", x))]
    return found


SHAPES = {"one": (1,), "vector": (7,), "matrix": (4, 6), "stack": (3, 2, 4), "column": (5, 1)}
LONG = {"long": (2 * BLOCK + 5,), "long matrix": (300, 120), "long rows": (3, 10_500)}
ROOM = {"C": lambda a: a, "F": np.asfortranarray, "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
        "reversed": lambda a: a[::-1][..., ::-1].copy()[::-1][..., ::-1]}
SPECIAL = {"plain": [], "zero": [0.0], "zeros": [0.0, -0.0, 0.0], "inf": [np.inf], "infs": [np.inf, -np.inf], "nan": [np.nan],
           "nans": [np.nan, 1.0, np.nan], "large": [1e300], "larger": [1e200, 1e-200, -1e250], "small": [1e-300],
           "subnormal": [5e-324], "bounds": [0.5, -0.5, 0.5, 0.75, 1.0], "ties": [2.5, 2.5, -2.5, -2.5]}


def values(shape, special, generator):
    x = generator.normal(size=shape)
    entries = SPECIAL.get(special, [])[:x.size]
    x.flat[generator.permutation(x.size)[:len(entries)]] = entries
    if special == "equal":
        x[...] = 0.1
    elif special == "all large":
        x *= 1e180
    elif special == "all small":
        x *= 1e-180
    elif special == "shifted":
        x += 1e8
    return x


def evaluated(function, x):
    """What comes of a call, and the warnings; an error as its type."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function(x)
        except (ValueError, TypeError, IndexError, ZeroDivisionError, np.linalg.LinAlgError) as error:
            return type(error), []
    return result, [str(warning.message) for warning in caught]


class Plain(np.ndarray):
    """An array that has itself as its primal, so that the calls above work on plain arrays too."""

    @property
    def primal(self):
        return np.asarray(self)


def tangent_of(result):
    return result.tangent.block if isinstance(result.tangent, Tangents) else result.tangent


def assert_same(found, expected, name, x):
    if isinstance(expected, type) or not isinstance(expected, Dual):
        assert type(found) is type(expected), name
        np.testing.assert_array_equal(found, expected, err_msg=name)
        return
    assert type(found) is Dual, name
    assert type(found.primal) is type(expected.primal), name
    assert type(found.tangent) is type(expected.tangent), name
    np.testing.assert_array_equal(found.primal, expected.primal, err_msg=name)
    a, b = tangent_of(found), tangent_of(expected)
    assert np.shape(a) == np.shape(b), name
    a, b = np.where(np.isfinite(a) & ~np.isfinite(b), b, a) if "cumprod" in name else a, b  # where the tree has overflowed
    scale = np.max(np.abs(np.asarray(b)), initial=0.0, where=np.isfinite(b))
    if "weights" in name or "average" in name:  # where the quotient rule cancels
        scale = max(scale, np.max(np.abs(tangent_of(x))))
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11 * scale, err_msg=name)


@pytest.fixture
def general(monkeypatch):
    """A function on the general path."""
    def run(function, x):
        with monkeypatch.context() as patch:
            patch.setattr(dualdiff.lanes.short_ways, "WAYS", {})
            return evaluated(function, x)
    return run


POINTS = [(shape, "C", special) for shape in ("vector", "matrix") for special in (
    *SPECIAL, "equal", "all large", "all small", "shifted")]
POINTS += [(shape, room, special) for shape in SHAPES for room in ROOM for special in ("plain", "nans")]


@pytest.mark.parametrize(("shape", "room", "special"), POINTS)
def test_as_the_general_path(shape, room, special, general):
    generator = np.random.default_rng(5)
    shape = SHAPES[shape]
    point, t = values(shape, special, generator), generator.normal(size=shape)
    unit = np.zeros(shape)
    unit.flat[generator.integers(unit.size)] = 1.0
    for tangent in (ROOM[room](t), Tangents(np.stack([t, unit, 1e8 + t]))):
        for name, function in calls(len(shape)):
            x = dual(ROOM[room](point), tangent, LEVEL)
            (found, ours), (expected, theirs) = evaluated(function, x), general(function, x)
            assert_same(found, expected, name, x)
            assert len(ours) <= len(theirs), name
            np.testing.assert_array_equal(x.primal, point)


@pytest.mark.parametrize("room", ROOM)
@pytest.mark.parametrize("shape", LONG)
def test_long_arrays_as_the_general_path(shape, room, general):
    shape = LONG[shape]
    point, t = 1.0 + 0.002 * rng.normal(size=shape), rng.normal(size=shape)
    functions = [np.sum, np.mean, lambda x: np.mean(x, axis=-1),
                 np.linalg.norm, np.var, np.std, np.prod, np.cumprod, np.max, np.min, lambda x: np.clip(x, 0.999, 1.001),
                 lambda x: np.average(x, weights=np.abs(np.cos(x.primal))), lambda x: np.einsum("...i,...i->...", x, x),
                 lambda x: np.linalg.norm(x, axis=-1), lambda x: np.var(x, axis=0), lambda x: np.concatenate([x, x.primal]),
                 lambda x: np.stack([x, x], axis=-1), lambda x: np.where(x.primal > 1, x, 1.0), np.trapezoid]
    for tangent in (ROOM[room](t), t, Tangents(np.stack([t, np.ones(shape)]))):
        for function in functions:
            x = dual(ROOM[room](point), tangent, LEVEL)
            assert_same(evaluated(function, x)[0], general(function, x)[0], str(function), x)


# ---- against an oracle ---------------------------------------------------------------------------------------------------

def mean_of(x):
    return mpmath.fsum(x) / len(x)


def variance_of(x, ddof=0):
    mean = mean_of(x)
    return mpmath.fsum((a - mean) ** 2 for a in x) / (len(x) - ddof)


def running(x):
    return [mpmath.fprod(x[:i + 1]) for i in range(len(x))]


WEIGHTS = np.array([0.5, 2.0, 1.0, 3.0, 0.25, 1.5, 1.0])
ORACLES = {  # name: the function, and the same on lists of mpmath's numbers
    "sum": (np.sum, mpmath.fsum), "mean": (np.mean, mean_of),
    "norm": (np.linalg.norm, lambda x: mpmath.sqrt(mpmath.fsum(a * a for a in x))),
    "var": (np.var, variance_of), "var, ddof": (lambda x: np.var(x, ddof=1), lambda x: variance_of(x, 1)),
    "std": (np.std, lambda x: mpmath.sqrt(variance_of(x))), "prod": (np.prod, mpmath.fprod), "cumprod": (np.cumprod, running),
    "average": (lambda x: np.average(x, weights=WEIGHTS), lambda x: mpmath.fsum(a * w for a, w in zip(x, WEIGHTS)) / WEIGHTS.sum()),
    "weights": (lambda x: np.average(WEIGHTS, weights=x), lambda x: mpmath.fsum(
        a * w for a, w in zip(x, WEIGHTS)) / mpmath.fsum(x)),
    "trapezoid": (lambda x: np.trapezoid(x, WEIGHTS), lambda x: mpmath.fsum(
        (x[i + 1] + x[i]) * (WEIGHTS[i + 1] - WEIGHTS[i]) / 2 for i in range(6))),
    "points": (lambda x: np.trapezoid(WEIGHTS, x), lambda x: mpmath.fsum(
        (x[i + 1] - x[i]) * (WEIGHTS[i + 1] + WEIGHTS[i]) / 2 for i in range(6))),
    "einsum": (lambda x: np.einsum("i,i->", x, x), lambda x: mpmath.fsum(a * a for a in x)),
    "outer": (lambda x: np.einsum("i,j->ij", x, WEIGHTS)[2], lambda x: [x[2] * w for w in WEIGHTS]),
    "max": (np.max, max), "min": (np.min, min), "clip": (lambda x: np.clip(x, 0.75, 1.25), lambda x: [
        min(max(a, mpmath.mpf("0.75")), mpmath.mpf("1.25")) for a in x]),
    "where": (lambda x: np.where(WEIGHTS > 1, x, 2.0 * x), lambda x: [a if w > 1 else 2 * a for a, w in zip(x, WEIGHTS)]),
    "interp": (lambda x: np.interp(x, [-1.0, 0.25, 3.5], [2.0, 1.0, 5.0]), lambda x: [
        2 - (a + 1) * 4 / 5 if -1 <= a < mpmath.mpf("0.25") else 1 + (a - mpmath.mpf("0.25")) * 16 / 13
        if mpmath.mpf("0.25") <= a <= mpmath.mpf("3.5") else mpmath.mpf(2 if a < -1 else 5) for a in x]),
    "concatenate": (lambda x: np.concatenate([x, WEIGHTS]), lambda x: [*x, *map(mpmath.mpf, WEIGHTS)]),
}


def slope(f, point, direction):
    """The derivative along a direction, by a central difference at 400 digits."""
    with mpmath.workdps(400):
        h = mpmath.mpf(10) ** -60
        up, down = [f([mpmath.mpf(float(x)) + step * mpmath.mpf(float(v)) for x, v in zip(point, direction)]) for step in (h, -h)]
        if isinstance(up, list):
            return np.array([float((a - b) / (2 * h)) for a, b in zip(up, down)])
        return float((up - down) / (2 * h))


POINTS_OF_ORACLES = {
    "plain": (np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7, 0.9]), 1.0), "shifted": (1e8 + np.arange(7.0) ** 2, 1.0),
    "large": (np.array([3e99, 1e90, -2e80, 1e99, 1e98, -4e99, 1.0]), 1.0), "small": (1e-30 * np.arange(1.0, 8.0), 2.0**-600),
    "tiny tangents": (np.linspace(1, 2, 7), 2.0**-830), "mixed": (np.array([1e-30, 1e30, -2.0, 1e20, 1e-20, 3.0, 0.5]), 1.0)}


@pytest.mark.parametrize("at", POINTS_OF_ORACLES)
@pytest.mark.parametrize("name", ORACLES)
def test_against_mpmath(name, at):
    function, oracle = ORACLES[name]
    point, scale = POINTS_OF_ORACLES[at]
    if name == "weights":
        point = np.abs(point)  # that their sum does not cancel
    if name == "cumprod" and at == "large":
        point = point[:4] * 1e-30  # the others overflow
    for direction in (np.cos(np.arange(len(point))), 1e8 + np.arange(len(point)), np.eye(len(point))[3]):
        value, tangent = dd.jvp(function, (point,), (scale * direction,))
        np.testing.assert_array_equal(value, function(point))
        expected = scale * slope(oracle, point, direction)
        # what the sum of absolute values would be, rounded: terms may cancel
        size = scale * np.abs([slope(oracle, point, d * e) for d, e in zip(direction, np.eye(len(point)))]).sum(axis=0)
        if name in ("var", "var, ddof", "std"):  # a shift of either changes nothing
            size = size - size + np.max(np.abs(expected)) + scale * np.ptp(direction) * (np.ptp(point) if name != "std" else 1.0)
        near = (tangent == expected) | (np.abs(tangent - expected) <= 2e-15 * size + 1e-305)  # equal: also if both overflow
        assert np.all(near), (tangent, expected)


def test_a_shift_changes_no_variance():
    """Of 10⁵ entries of either, of which nine digits are the same."""
    x, t = rng.normal(size=(2, 100_000))
    for function in (np.var, np.std):
        expected = dd.jvp(function, (x,), (t,))[1]
        shifted = dd.jvp(function, (np.round(x, 6) + 2.0**27,), (np.round(t, 6) + 2.0**27,))[1]
        np.testing.assert_allclose(shifted, expected, rtol=1e-4)
        np.testing.assert_allclose(dd.jvp(function, (x,), (t + 2.0**27,))[1], expected, rtol=1e-6)


# ---- what NumPy warns of, memory, nesting ------------------------------------------------------------------------------------

WARNING = {  # some of them warn
    "sum of infs": (np.sum, [np.inf, -np.inf]), "sum overflows": (np.sum, [1e308, 1e308]),
    "mean overflows": (np.mean, [1e308, 1e308]),
    "var of inf": (np.var, [1.0, np.inf]), "no degrees of freedom": (lambda x: np.var(x, ddof=2), [1.0, 2.0]),
    "norm overflows": (np.linalg.norm, [1e300, 1e300]), "norm underflows": (np.linalg.norm, [1e-300, 0.0]),
    "prod overflows": (np.prod, [1e300, 1e300]), "cumprod overflows": (np.cumprod, [1e300, 1e300]),
    "trapezoid": (np.trapezoid, [1e308, 1e308]), "einsum": (lambda x: np.einsum("i,i->", x, x), [1e300, 1.0]),
    "zeros": (np.prod, [0.0, 0.0]), "cumprod of zeros": (np.cumprod, [0.0, 2.0]), "std of equals": (np.std, [0.1, 0.1]),
    "max": (np.max, [np.nan, 1.0]), "clip": (lambda x: np.clip(x, 0.0, 1.0), [np.nan, np.inf]),
    "average": (lambda x: np.average(x, weights=np.ones(2)), [np.inf, -np.inf]),
    "average in floats": (lambda x: np.average(x, weights=np.array([1e308, 1e308])), [10.0, 1.0])}


@pytest.mark.parametrize("name", WARNING)
def test_warnings_are_those_of_the_plain_function_once(name):
    function, point = WARNING[name]
    point = np.array(point)
    _, plain = evaluated(function, point)
    for tangent in (np.ones(2), Tangents(np.array([[1.0, 0.0], [np.inf, 1e308]]))):
        _, ours = evaluated(function, dual(point.copy(), tangent, LEVEL))
        assert ours == plain
    if any("encountered" in message for message in plain):
        with warnings.catch_warnings(), np.errstate(all="raise"), pytest.raises(FloatingPointError):
            warnings.simplefilter("ignore")
            function(dual(point.copy(), np.ones(2), LEVEL))


@pytest.mark.parametrize("size", [6, 4096, BLOCK + 6])
@pytest.mark.parametrize("chunked", [False, True])
def test_results_have_memory_of_their_own(size, chunked):
    point, t = 1.0 + rng.random((2, size)) / size
    for shape in ((size,), (1, size), (size // 2, 2)):
        for name, function in calls(len(shape)):
            if size > 6 and any(part in name for part in ("einsum", "moving", "outer", "dot", "inner")):  # too many entries
                continue
            held = t.reshape(shape).copy()
            x = dual(point.reshape(shape).copy(), Tangents(np.stack([held, held])) if chunked else held, LEVEL)
            result, _ = evaluated(function, x)
            if not isinstance(result, Dual) or name == "einsum of one":  # which is a view, as NumPy's
                continue
            arrays = [x.primal, tangent_of(x), result.primal, tangent_of(result)]
            for i, a in enumerate(arrays):
                for b in arrays[:i]:
                    assert not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.may_share_memory(a, b)), name
            if isinstance(result.primal, np.ndarray):
                assert tangent_of(result).shape == (2,) * chunked + result.primal.shape
                result += 1.0
                np.testing.assert_array_equal(x.primal, point.reshape(shape))
            else:
                assert type(result.primal) is float


@pytest.mark.parametrize("name", ORACLES)
def test_second_derivatives(name):
    function, oracle = ORACLES[name]
    point, (u, v) = np.array([0.3, -1.2, 0.8, 2.1, -0.4, 1.7, 0.9]), rng.normal(size=(2, 7))
    if name == "weights":
        point = np.abs(point)
    found = dd.jvp(lambda x: dd.jvp(function, (x,), (u,))[1], (point,), (v,))[1]
    with mpmath.workdps(400):
        h = mpmath.mpf(10) ** -60

        def at(a, b):
            result = oracle([mpmath.mpf(x) + h * (a * mpmath.mpf(s) + b * mpmath.mpf(t)) for x, s, t in zip(point, u, v)])
            return np.array(result if isinstance(result, list) else [result])

        mixed = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h * h)
    np.testing.assert_allclose(np.ravel(found), mixed.astype(float), rtol=1e-12, atol=1e-12)
    chunked = dd.hessian(lambda x: np.sum(function(x)), chunk_size=3)(point)
    np.testing.assert_allclose(u @ chunked @ v, float(mixed.sum()), rtol=1e-11, atol=1e-11)


def test_duals_of_other_levels_are_left_to_the_general_path():
    x, t = rng.normal(size=(2, 5))
    for function in (lambda a, b: np.einsum("i,i->", a, b), lambda a, b: np.average(a, weights=b), np.trapezoid,
                     lambda a, b: np.concatenate([a, b]) @ np.concatenate([b, b]), lambda a, b: np.sum(np.where(x > 0, a, b) * b)):
        mixed = dd.derivative(lambda s, f=function: dd.derivative(lambda r: f(x * r, np.cos(t * s)))(2.0))(3.0)
        turned = dd.derivative(lambda r, f=function: dd.derivative(lambda s: f(x * r, np.cos(t * s)))(3.0))(2.0)
        assert abs(mixed - turned) < 1e-12


def test_chunks_of_other_passes_are_refused():
    x, y = [dual(np.arange(1.0, 4.0), Tangents(np.ones((k, 3))), LEVEL) for k in (2, 1)]
    for function in (lambda: np.einsum("i,i->", x, y), lambda: np.average(x, weights=y)):
        with pytest.raises((dd.LevelError, IndexError)):
            function()


# ---- that they are taken, and that these tests would notice an error ---------------------------------------------------------

TAKEN = {
    "norm": np.linalg.norm, "norm of rows": lambda x: np.linalg.norm(x, axis=-1), "var": np.var, "x.std": lambda x: x.std(),
    "vector_norm": np.linalg.vector_norm, "average": lambda x: np.average(x, weights=np.arange(1.0, 7.0)), "prod": np.prod,
    "x.prod": lambda x: x.prod(), "cumprod": np.cumprod, "max": np.max, "x.min": lambda x: x.min(),
    "trapezoid": np.trapezoid,
    "clip": lambda x: np.clip(x, 0.5, 1.5), "x.clip": lambda x: x.clip(0.5), "einsum": lambda x: np.einsum("i,i->", x, x),
    "concatenate": lambda x: np.concatenate([x, x]), "stack": lambda x: np.stack([x, x], axis=1),
    "where": lambda x: np.where(x.primal > 1, x, 0.0), "max of columns": lambda x: x.max(axis=0, keepdims=True)}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("name", TAKEN)
def test_they_are_taken(name, chunked, monkeypatch):
    if chunked and name == "hstack":
        pytest.skip("along one of several axes")
    x = dual(np.linspace(0.5, 2, 6), Tangents(np.ones((3, 6))) if chunked else np.ones(6), LEVEL)

    def refuse(*args, **kwargs):
        raise AssertionError("the general path")

    for module in (dualdiff.lanes.reductions, dualdiff.lanes.contractions, dualdiff.lanes.joining):
        monkeypatch.setattr(module, "handed_on", refuse)
    monkeypatch.setattr(dualdiff.operand, "call", refuse)
    assert isinstance(TAKEN[name](x), Dual)


@pytest.mark.parametrize("name", TAKEN)
def test_a_planted_error_is_noticed(name, general, monkeypatch):
    x = dual(np.linspace(0.5, 2, 6), np.cos(np.arange(6)), LEVEL)
    expected, _ = general(TAKEN[name], x)
    assert_same(TAKEN[name](x), expected, name, x)
    for module in (dualdiff.lanes.reductions, dualdiff.lanes.contractions, dualdiff.lanes.joining):
        monkeypatch.setattr(module, "made", lambda cls, out, tangent, level, chunked: dualdiff.lanes.parts.made(
            cls, out, 1.001 * tangent, level, chunked))
    with pytest.raises(AssertionError):
        assert_same(TAKEN[name](x), expected, name, x)


def test_every_way_is_of_a_function_of_the_table():
    assert set(WAYS) <= set(dualdiff.rules.table.TABLE)


# ---- what leaves the range of doubles on the way, and what cancels --------------------------------------------------------------

def test_products_out_of_range_whose_sum_is_in_it():
    """Expected: closed forms."""
    x, t = 1e-135 * np.array([1.0, 2.0, 3.0, 4.0]), 1e-195 * np.array([1.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(dd.jvp(np.std, (x,), (t,))[1], 1e-195 * -1.5 / (4 * 1.25**0.5), rtol=1e-14, atol=0)
    for weights, size in ((1e-200, 1e-130), (1e200, 1e130)):
        average = lambda x, weights=weights: np.average(x, weights=np.full(3, weights))
        np.testing.assert_allclose(dd.jvp(average, (np.arange(3.0),), (np.full(3, size),))[1], size, rtol=1e-14, atol=0)


def test_products_whose_tangents_cancel():
    x, t = np.array([1e8 + 1, 1e8]), np.array([1.0, -1.0])
    assert dd.jvp(np.prod, (x,), (t,))[1] == -1.0
    assert dd.jvp(np.cumprod, (x,), (t,))[1].tolist() == [1.0, -1.0]


def test_einsum_of_all_letters():
    one, letters = np.ones((1,) * 26), string.ascii_letters
    subscripts = f"{letters[:26]},{letters[26:]}->"
    assert dd.jvp(lambda x: np.einsum(subscripts, x, one), (one,), (one,)) == (1.0, 1.0)
    assert dd.jacobian(lambda t: np.einsum(subscripts, t[0] * one, one), chunk_size=2)(np.ones(1)) == 1.0
