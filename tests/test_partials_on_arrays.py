"""Partials that arrays of many doubles take by another formula than the row's: against mpmath, and against the row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mpmath import mp, mpf

import dualdiff as dd
import oracles
from dualdiff.partials import BLOCK
from dualdiff.rules.kinds import MANY
from dualdiff.rules.on_arrays import is_vectorised
from dualdiff.rules.table import TABLE, Elementwise

SLOPES = {  # closed forms
    np.sin: mp.cos, np.cos: lambda x: -mp.sin(x), np.tan: lambda x: mp.sec(x) ** 2,
    np.arctan: lambda x: 1 / (1 + x**2), np.arcsinh: lambda x: 1 / mp.sqrt(1 + x**2)}
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -2.2e-308, 1.7e308, -1e200, 1e154]
every_function = pytest.mark.parametrize("function", SLOPES, ids=[f.__name__ for f in SLOPES])
rng = np.random.default_rng(11)


def row(function):
    rule = TABLE[function]
    assert isinstance(rule, Elementwise)
    return rule


def points():
    """Of every size and both signs, many around 1, and next to the zeros of sine and cosine, a few ulp off on either side."""
    sizes = 10.0 ** rng.uniform(-308, 308, 1200) * rng.choice([-1, 1], 1200)
    multiples = np.concatenate([np.arange(1, 300), rng.integers(300, 10**9, 300)]) * (np.pi / 2)
    near = multiples + rng.integers(-3, 4, multiples.size) * np.spacing(multiples)
    return np.concatenate([sizes, rng.uniform(-10, 10, 1200), multiples, near, -near])


def test_all_are_here():
    assert {f for f, rule in TABLE.items() if isinstance(rule, Elementwise) and rule.on_arrays is not None} == set(SLOPES)
    assert oracles.POINTS < MANY  # so that the rows have the oracle's test to themselves


@every_function
def test_accuracy(function):
    """Also where the machine says that the row is the quicker one."""
    x = points()
    quicker, _ = row(function).on_arrays
    with np.errstate(over="ignore"):
        found = quicker(function(x), x)
    with mp.workdps(400):  # for π, of which 1e308 are taken off
        errors = [oracles.ulps(slope, SLOPES[function](mpf(at))) for slope, at in zip(found.tolist(), x.tolist())]
    worst = int(np.argmax(errors))
    assert errors[worst] <= 3, (x[worst], found[worst])


@every_function
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_special_values_are_those_of_the_row(function, monkeypatch):
    few = np.array(SPECIAL)
    many = np.concatenate([few, np.linspace(0.1, 1, MANY)])
    monkeypatch.setattr(row(function), "on_arrays", (row(function).on_arrays[0], lambda: True))
    (out, found), (_, expected) = dd.jvp(function, (many,), (np.ones_like(many),)), dd.jvp(function, (few,), (np.ones_like(few),))
    np.testing.assert_array_equal(out, function(many))
    np.testing.assert_array_max_ulp(found[:len(few)], expected, 3)  # nan where it is
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[:len(few)][known]), np.signbit(expected[known]))
    _, still = dd.jvp(function, (many,), (np.zeros_like(many),))
    np.testing.assert_array_equal(still, np.zeros_like(many))  # a zero wins


@every_function
@pytest.mark.parametrize("size", [MANY - 1, MANY, 20_000, BLOCK + 1, 3 * BLOCK + 7])
def test_chunks_and_single_passes_agree_to_the_last_bit(function, size, monkeypatch):
    """However large arrays are cut into pieces."""
    monkeypatch.setattr(row(function), "on_arrays", (row(function).on_arrays[0], lambda: True))
    x = rng.uniform(-3, 3, size)
    x[::100], x[5::1000] = 0.0, 1e200

    def f(p):
        return function(x * p[0] + p[1]) * p[2]

    p = np.array([1.0, 0.25, 2.0])
    single = dd.jacobian(f)(p)
    for k in (2, 3, None):
        np.testing.assert_array_equal(dd.jacobian(f, chunk_size=k)(p), single)


def test_a_function_of_its_own_is_told_from_the_librarys():
    assert not is_vectorised(np.sqrt, math.sqrt)  # both are rounded correctly
    assert is_vectorised(lambda x: np.nextafter(np.sqrt(x), np.where(x == x[7], 0, np.sqrt(x))), math.sqrt)  # one value, one ulp
