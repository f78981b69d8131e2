"""Reverse mode on scalars: the fast path says what the table says, in every case; and what is kept after its pass is refused."""

from __future__ import annotations

import itertools
import math
import operator
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import reverse
from dualdiff.rules.table import TABLE, Elementwise

POINTS = [0.0, -0.0, 1.0, -2.5, 0.3, 1e-300, 1e300, math.inf, -math.inf, math.nan]
OPERATORS = {operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply, operator.truediv: np.divide}


def same(a, b):
    return a == b or (a != a and b != b)


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.filterwarnings("ignore")
def test_operators_on_floats_are_the_ufuncs_on_arrays(op):
    for x, y in itertools.product(POINTS, repeat=2):
        value, slopes = reverse.value_and_gradient(op, argnums=(0, 1))(x, y)
        arrays = reverse.value_and_jacobian(lambda a, b: OPERATORS[op](a, b), argnums=(0, 1))(np.array([x]), np.array([y]))
        assert same(value, arrays[0][0]), (x, y)
        for slope, array in zip(slopes, arrays[1]):
            assert same(slope, array[0, 0]), (x, y)
        assert same(reverse.gradient(lambda a: op(a, y))(x), slopes[0])
        assert same(reverse.gradient(lambda b: op(x, b))(y), slopes[1])


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.filterwarnings("ignore")
def test_powers_and_signs(n):
    for x in POINTS[:7]:
        assert same(reverse.gradient(lambda x: x**n)(x), dd.derivative(lambda x: x**n)(x))
        assert reverse.gradient(lambda x: -x)(x) == -1.0


@pytest.mark.filterwarnings("ignore")
def test_unary_functions_of_a_float_are_those_of_forward_mode():
    tried = 0
    for ufunc in {f for f in vars(np).values() if isinstance(f, np.ufunc)}:
        if isinstance(TABLE.get(ufunc), Elementwise) and ufunc.nin == ufunc.nout == 1:
            for x in (0.3, 1.0, -0.7, 2.5, 0.0):
                assert same(reverse.gradient(ufunc)(x), dd.derivative(ufunc)(x)), (ufunc, x)
                tried += 1
    assert tried > 150


def test_a_zero_cotangent_wins_over_an_infinite_partial():
    assert reverse.gradient(lambda x: 0.0 * np.sqrt(x) + x)(0.0) == 1.0
    assert np.array_equal(reverse.gradient(lambda x: np.sum(0.0 * np.sqrt(x) + x))(np.zeros(3)), np.ones(3))
    assert np.array_equal(reverse.gradient(lambda x: np.sum(0.0 * np.sqrt(x) + x))(np.zeros(9999)), np.ones(9999))


def test_other_number_types():
    mpmath = pytest.importorskip("mpmath")
    assert reverse.gradient(lambda x: x**3 / (1 + x))(Fraction(1, 3)) == Fraction(11, 48)
    with mpmath.workdps(40):
        assert abs(reverse.gradient(np.sin)(mpmath.mpf(1)) - mpmath.cos(1)) < mpmath.mpf(10) ** -39


# ---- a pass that is over -------------------------------------------------------------------------------------------------

def leaked(x):
    kept = []
    reverse.gradient(lambda x: kept.extend([x, x * 2, x + 0]) or np.sum(x * x))(x)
    return kept


USES = [lambda v: v + 1, lambda v: 2 * v, lambda v: np.sin(v), lambda v: v * v, lambda v: -v, lambda v: v**2, lambda v: np.sum(v),
        lambda v: dd.derivative(lambda t: t * v)(1.0), lambda v: reverse.gradient(lambda t: np.sum(t * v))(1.0),
        lambda v: reverse.vjp(lambda t: t * v, 1.0), lambda v: reverse.gradient(lambda t: np.sum(v))(2.0)]


@pytest.mark.parametrize("x", [1.5, np.array([1.5, 2.5])])
@pytest.mark.parametrize("use", USES)
def test_a_number_kept_after_its_pass_is_refused(use, x):
    for number in leaked(x):
        with pytest.raises(dd.LevelError, match=r"after that pass was over.*\.primal"):
            use(number)


def test_elements_and_assignments_of_a_kept_array_are_refused():
    for array in leaked(np.array([1.0, 2.0])):
        for use in (lambda v: v[0], lambda v: v.__setitem__(0, 3.0), lambda v: v.T, np.exp):
            with pytest.raises(dd.LevelError, match="over"):
                use(array)
        assert array.primal.shape == (2,)


def test_a_kept_number_that_is_returned_is_refused():
    (number, *_) = leaked(2.0)
    for transform in (reverse.gradient, reverse.jacobian):
        with pytest.raises(dd.LevelError, match="over"):
            transform(lambda x: number)(1.0)


def test_the_function_of_a_vjp_is_over_when_it_has_returned():
    kept = []
    _, pullback = reverse.vjp(lambda x: kept.append(x) or x * x, 3.0)
    with pytest.raises(dd.LevelError, match="over"):
        kept[0] * 2
    assert pullback(1.0) == (6.0,)


def test_a_function_that_raises_leaves_nothing_usable():
    kept = []

    def f(x):
        kept.append(x)
        raise KeyError("no")

    with pytest.raises(KeyError):
        reverse.gradient(f)(1.0)
    with pytest.raises(dd.LevelError):
        kept[0] + 1


# ---- threads -------------------------------------------------------------------------------------------------------------

def test_the_users_function_may_use_threads():
    """Σ over four threads of a sum of 500 terms k·x: records from several threads end up on one tape."""
    def f(x):
        def part(k):
            total = x * 0
            for _ in range(500):
                total = total + k * x
            return total

        with ThreadPoolExecutor(4) as pool:
            return sum(pool.map(part, range(1, 5)))

    for _ in range(3):
        assert reverse.gradient(f)(2.0) == 5000.0


def test_calls_in_threads_do_not_meet():
    results = {}

    def work(n):
        results[n] = reverse.gradient(lambda x: np.sum(x**n))(np.arange(1.0, 4.0))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, found in results.items():
        assert np.allclose(found, n * np.arange(1.0, 4.0) ** (n - 1))
