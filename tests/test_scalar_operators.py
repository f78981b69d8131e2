"""The scalar operators of Dual write a few derivatives a second time, for speed: here they are held against the table, bitwise."""

from __future__ import annotations

import itertools
import math
import operator
import random
from typing import Any

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.rules.table import TABLE

nan, inf = math.nan, math.inf
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 5e-324, -1e-310, 1e-200, 1e200, 1.7e308, inf, -inf, nan]
OPERATORS = [
    (operator.add, np.add), (operator.sub, np.subtract), (operator.mul, np.multiply), (operator.truediv, np.divide),
    (operator.mod, np.remainder), (operator.pow, np.power), (divmod, np.divmod),
]
UNARY = [(operator.neg, np.negative), (operator.pos, np.positive), (abs, np.absolute)]
FUNCTIONS = [np.sin, np.cos, np.tan, np.exp, np.log, np.sqrt, np.tanh, np.square, np.cbrt, np.arctan, np.log1p, np.expm1]


def bits(x: Any) -> Any:
    """A number as what it is: sign of zero included, any nan as one."""
    if isinstance(x, dd.Dual):
        return bits(x.primal), bits(x.tangent)
    if isinstance(x, tuple):
        return tuple(map(bits, x))
    assert type(x) is float
    return "nan" if x != x else (float(x).hex(), math.copysign(1, x))


def numbers(n: int) -> list[float]:
    rng = random.Random(7)
    return [rng.choice([-1, 1]) * rng.uniform(1, 10) * 10 ** rng.choice([0, 0, 0, rng.randint(-300, 300)]) for _ in range(n)]


def by_table(compute: Any, ufunc: Any, *inputs: Any) -> Any:
    return dd.Dual.lift(0, TABLE[ufunc], compute, inputs, {})


def both(compute: Any, ufunc: Any, *inputs: Any) -> None:
    with np.errstate(all="ignore"):
        assert bits(compute(*inputs)) == bits(by_table(compute, ufunc, *inputs)), (compute.__name__, inputs)


def pairs() -> list[tuple[float, float]]:
    return [*itertools.product(SPECIAL, SPECIAL), *zip(numbers(300), reversed(numbers(300)))]


@pytest.mark.parametrize(("compute", "ufunc"), OPERATORS, ids=[u.__name__ for _, u in OPERATORS])
def test_two_duals(compute: Any, ufunc: Any) -> None:
    for (x, y), (s, t) in zip(pairs(), itertools.cycle([(1.0, 0.0), (0.0, 1.0), (-0.7, 2.3), (0.0, 0.0), (1e300, -1e300)])):
        both(compute, ufunc, dd.Dual(x, s), dd.Dual(y, t))


@pytest.mark.parametrize(("compute", "ufunc"), OPERATORS, ids=[u.__name__ for _, u in OPERATORS])
def test_a_dual_and_a_number(compute: Any, ufunc: Any) -> None:
    for (x, y), t in zip(pairs(), itertools.cycle([1.0, 0.0, -0.7, 1e300])):
        both(compute, ufunc, dd.Dual(x, t), y)
        both(compute, ufunc, x, dd.Dual(y, t))
        for whole in (0, 1, -2, 3):
            both(compute, ufunc, dd.Dual(x, t), whole)
            both(compute, ufunc, whole, dd.Dual(y, t))


@pytest.mark.parametrize(("compute", "ufunc"), UNARY, ids=[u.__name__ for _, u in UNARY])
def test_signs(compute: Any, ufunc: Any) -> None:
    for x, t in itertools.product(SPECIAL + numbers(50), (1.0, 0.0, -0.0, -2.5)):
        both(compute, ufunc, dd.Dual(x, t))


@pytest.mark.parametrize("ufunc", FUNCTIONS, ids=[u.__name__ for u in FUNCTIONS])
def test_functions_of_one_float(ufunc: Any) -> None:
    for x, t in itertools.product(SPECIAL + numbers(50), (1.0, 0.0, -2.5)):
        both(ufunc, ufunc, dd.Dual(x, t))


# ---- duals of duals ------------------------------------------------------------------------------------------------------

INNER, OUTER = 10**9, 10**9 + 1  # levels above any that a transform takes here


def nested(parts: tuple[float, ...]) -> Any:
    a, b, c, d = parts
    return dd.Dual.make(dd.Dual.make(a, b, INNER), dd.Dual.make(c, d, INNER), OUTER)


def by_table_of(compute: Any, ufunc: Any, *inputs: Any) -> Any:
    return dd.Dual.lift(OUTER, TABLE[ufunc], compute, inputs, {})


def quadruples() -> list[tuple[float, ...]]:
    rng = random.Random(3)
    found = [tuple(rng.uniform(-3, 3) for _ in range(4)) for _ in range(300)]
    found += [tuple(rng.choice(SPECIAL) for _ in range(4)) for _ in range(1000)]
    return [tuple(part if rng.random() < 0.8 else 0.0 for part in parts) for parts in found]


@pytest.mark.parametrize(("compute", "ufunc"), OPERATORS[:4], ids=[u.__name__ for _, u in OPERATORS[:4]])
def test_two_nested_duals(compute: Any, ufunc: Any) -> None:
    found = quadruples()
    for left, right in [*zip(found, found[1:]), *zip(found, reversed(found))]:  # finite with finite, special with special; mixed
        with np.errstate(all="ignore"):
            x, y = nested(left), nested(right)
            assert bits(compute(x, y)) == bits(by_table_of(compute, ufunc, x, y)), (left, right)


@pytest.mark.parametrize(("compute", "ufunc"), OPERATORS[:4], ids=[u.__name__ for _, u in OPERATORS[:4]])
def test_a_nested_dual_and_a_number(compute: Any, ufunc: Any) -> None:
    for parts, number in zip(quadruples(), itertools.cycle([0, -0.0, 3, -1, 0.5, -2.7, 1e200, inf, nan, 2**53])):
        x = nested(parts)
        with np.errstate(all="ignore"):
            assert bits(compute(x, number)) == bits(by_table_of(compute, ufunc, x, number)), (parts, number)
            assert bits(compute(number, x)) == bits(by_table_of(compute, ufunc, number, x)), (number, parts)


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_whole_powers_of_a_nested_dual(n: int) -> None:
    for parts in quadruples():
        x = nested(parts)
        with np.errstate(all="ignore"):
            assert bits(x**n) == bits(by_table_of(operator.pow, np.power, x, n)), (parts, n)


@pytest.mark.parametrize("ufunc", FUNCTIONS, ids=lambda f: f.__name__)
def test_functions_of_a_nested_dual(ufunc: Any) -> None:
    """With the partials of `math` instead of NumPy's: to the last bits where all is finite, else as the table says."""
    for parts in quadruples():
        x = nested(parts)
        with np.errstate(all="ignore"):
            found, wanted = np.ravel(flat(ufunc(x))), np.ravel(flat(by_table_of(ufunc, ufunc, x)))
            np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=0, err_msg=f"{parts}")


def flat(x: Any) -> list[float]:
    return [*flat(x.primal), *flat(x.tangent)] if isinstance(x, dd.Dual) else [x]
