"""Operations counted by hand on small functions; the tape's memory; the recommended mode."""

from __future__ import annotations

import functools
import gc
import operator
import tracemalloc

import numpy as np
import pytest

import dualdiff as dd
from counting import Number
from dualdiff.backward import Recording
from dualdiff.costs.operation_count import cost
from dualdiff.costs.tape_size import bytes_held
from dualdiff.rules.counts import operations
from dualdiff.rules.table import find
from dualdiff.tape import Variable
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.wrapper import Transform

A = np.arange(6.0).reshape(2, 3)


def filled(x):
    out = np.zeros_like(x)
    for i in range(4):
        out[i] = x[i] * x[i]
    return out


@pytest.mark.parametrize(("f", "x", "primal", "forward", "reverse"), [
    (lambda x: x * np.sin(x), 2.0, 2, 7, 7),  # sin · | cos ẋcos ẋsin xṡ + | cos c·sin c·x ·cos +
    (np.exp, np.ones(5), 5, 10, 10),
    (np.sum, np.ones(5), 4, 8, 4),
    (lambda x: A @ x, np.ones(3), 10, 20, 19),  # 2 entries of 5; transposed 3 entries of 3
    (lambda x: x[1:], np.ones(5), 0, 0, 0),
])
def test_counts(f, x, primal, forward, reverse):
    found = cost(f, x)
    assert (found.primal, found.forward, found.reverse) == (primal, forward, reverse)


def test_a_number_used_once_adds_nothing_to_its_adjoint():
    """x₀x₁x₂: two products; back two products each, and no sum."""
    assert cost(lambda x: x[0] * x[1] * x[2], np.ones(3)).reverse == 6
    assert cost(lambda x: x[0] * x[1] * x[0], np.ones(3)).reverse == 7  # one for the second contribution to x₀
    assert cost(lambda x: np.sum(x[:3] * x[1:]), np.ones(4)).reverse == 5 + 6 + 2  # slices that share two entries
    assert cost(lambda x: x.reshape(-1)[0] * x[0, 0] + x.T[1, 0], np.ones((2, 2))).reverse == 2 + 2 + 1
    assert cost(lambda x: np.sum(x[[0, 0, 1]]), np.ones(4)).reverse == 2 + 1


@pytest.mark.parametrize(("n", "m"), [(1, 7), (3, 4), (6, 2)])
def test_a_dense_layer(n, m):
    """tanh(W x + b), by hand: forward W ẋ, sech (and its square) times that; backward the square at the recording, c times it,
    and Wᵀ times that."""
    weights, bias = np.ones((m, n)), np.ones(m)
    found = cost(lambda x: np.tanh(weights @ x + bias), np.ones(n))
    product, transposed = m * (2 * n - 1), n * (2 * m - 1)
    primal = product + 2 * m
    assert found.primal == primal
    assert found.forward == primal + product + 3 * m
    assert found.reverse == primal + 2 * m + m + transposed
    assert found.forward_jacobian == n * found.forward
    assert found.chunked_jacobian == primal + 2 * m + n * (product + m)
    assert found.reverse_jacobian == primal + 2 * m + m * (m + transposed)


def chain(xs):
    """Speelpenning's product in plain numbers."""
    total = xs[0]
    for x in xs[1:]:
        total = total * x
    return total


def test_speelpenning():
    """n − 1 products; a pass forward three more for each, a sweep back two."""
    for n in (2, 5, 9):
        found = cost(chain, [1.5] * n)
        assert (found.primal, found.forward, found.reverse) == (n - 1, 4 * (n - 1), 3 * (n - 1))
        assert found.forward_jacobian == n * found.forward and found.reverse_jacobian == found.reverse


def test_maps_on_a_scratch_tape_are_recorded_once():
    """det: adj(A) is made once, whatever the number of sweeps."""
    a = np.diag([1.0, 2.0, 3.0])
    once = cost(lambda x: np.linalg.det(x), a)
    twice = cost(lambda x: np.linalg.det(x) * np.ones(5), a)
    assert twice.reverse_jacobian - once.reverse_jacobian < 4 * (once.reverse_jacobian - once.primal) // 2


def test_complex_numbers_take_two_directions_and_two_sweeps():
    found = cost(lambda z: z * z, 1 + 2j)
    assert (found.primal, found.forward, found.forward_jacobian) == (1, 4, 8)
    assert found.reverse_jacobian == 1 + 2 * 3


def test_which_mode():
    assert cost(lambda x: np.sum(x * x), np.ones(50)).recommendation == "reverse"
    assert cost(lambda x: x * np.ones(50), 2.0).recommendation == "forward"
    found = cost(lambda x: np.tanh(A @ x), np.ones(3))
    assert (found.n, found.m) == (3, 2) and "use" in str(found)


def test_what_is_not_known_is_named():
    @dd.custom_rule(lambda x: np.cos(x))
    def sine(x):
        return np.sin(x)

    found = cost(lambda x: sine(x) * 2, 1.0)
    assert len(found.uncounted) == 1 and "sine" in found.uncounted[0] and "sine" in str(found)
    assert found.primal == 1
    ufunc = dd.custom_rule(lambda x: 2 * x)(np.frompyfunc(lambda x: x * x, 1, 1))
    assert operations(find(ufunc), 4.0, (2.0,), {}) is None
    assert cost(np.sin, 1.0).uncounted == () and "not counted" not in str(cost(np.sin, 1.0))


def test_what_reverse_mode_refuses_is_told():
    def f(x):
        if isinstance(x, Variable):
            raise dd.NotDifferentiableError("it has no transpose")
        return 2 * x

    found = cost(f, np.eye(3))
    assert found.reverse is found.reverse_jacobian is found.tape_bytes is None
    assert found.recommendation == "forward" and found.refusal == "it has no transpose" and "refused" in str(found)
    assert found.n == found.m == found.primal == 9


def loop(steps):
    def f(x):
        for _ in range(steps):
            x = np.sin(x)
        return np.sum(x)
    return f


def scalars(x):
    total = 0.0
    for i in range(200):
        total = total + x[i % 3] * 1.5 / (1 + x[0] * i)
    return total


@pytest.mark.parametrize(("f", "x"), [(loop(50), np.ones(1000)), (loop(50), np.ones(3)), (scalars, np.ones(3))])
def test_the_memory_of_the_tape_is_what_python_allocates(f, x):
    """What the interpreter hands out for a recording; the tape's records last, all else is let go."""
    inputs = Inputs("", (x,), {}, 0, None)
    for _ in range(3):  # the first time fills caches
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        tape = Recording(Transform(f, has_aux=False), inputs).tape
        gc.collect()
        allocated = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    assert abs(bytes_held(tape.records) / allocated - 1) < 0.03


def test_the_memory_grows_with_the_loop():
    one = cost(loop(6), np.ones(1000)).tape_bytes - cost(loop(5), np.ones(1000)).tape_bytes
    assert 8000 < one < 9000
    five = cost(loop(10), np.ones(1000)).tape_bytes - cost(loop(5), np.ones(1000)).tape_bytes
    assert abs(five - 5 * one) < 500  # the list of records grows in steps


def test_written_arrays_are_counted():
    found = cost(filled, np.ones(4))
    assert (found.primal, found.forward, found.reverse) == (4, 16, 16)


def test_keywords_and_structures():
    assert cost(lambda x, y, *, power: (x * y) ** power, 2.0, 3.0, argnums=(0, 1), power=2).n == 2
    found = cost(lambda p: [p["a"] * p["b"], p["a"]], {"a": 2.0, "b": np.ones(3)})
    assert (found.n, found.m, found.primal) == (4, 4, 3)
    assert found.reverse_jacobian == 3 + 3 * (3 + 3 + 2)  # c·a, c·b and its sum, for each of the three; nothing for the fourth


# ---- against numbers that count: a tape and dual numbers of a few lines --------------------------------------------------

class Step:
    """A step of a calculation: its number, and (step, slope) of what it was made of.

    A quotient's slopes are computed when they are asked for, and its tangent is made of theirs in another way.
    """

    def __init__(self, number, *parents, tangent=None):
        self.number, self.parents, self.tangent = number, parents, tangent

    def __add__(self, other):
        return Step(self.number + other.number, (self, 1), (other, 1))

    def __mul__(self, other):
        return Step(self.number * other.number, (self, other.number), (other, self.number))

    def __truediv__(self, other):
        out = self.number / other.number
        return Step(out, (self, lambda: Number(1.0) / other.number), (other, lambda: -out / other.number),
                    tangent=lambda t, s: (t + s * -out) / other.number)


def order(step, seen):
    """The steps that lead to one, each after those it was made of."""
    if step not in seen:
        for parent, _ in step.parents:
            order(parent, seen)
        seen[step] = None
    return seen


def forward_of(steps):
    """Σ slope·tangent at every step; a slope of 1 costs nothing."""
    tangents = {}
    for step in steps:
        if step.tangent is not None:
            tangents[step] = step.tangent(*[tangents[parent] for parent, _ in step.parents])
            continue
        terms = [tangents[parent] if slope == 1 else tangents[parent] * slope for parent, slope in step.parents]
        tangents[step] = functools.reduce(operator.add, terms) if terms else Number(1.0)


def reverse_of(steps):
    adjoints = {}
    for step in reversed(steps):
        adjoint = adjoints.pop(step) if adjoints else Number(1.0)
        for parent, slope in step.parents:
            slope = slope() if callable(slope) else slope
            part = adjoint if slope == 1 else adjoint * slope
            adjoints[parent] = adjoints[parent] + part if parent in adjoints else part


def horner(x):
    total = x[0]
    for c in x[1:]:
        total = total * x[0] + c
    return total


def continued_fraction(x):
    total = x[-1]
    for c in x[-2::-1]:
        total = c + x[0] / total
    return total


def quadratic(x):
    total = None
    for i, a in enumerate(x):
        for b in x[i:]:
            total = a * b if total is None else total + a * b
    return total


@pytest.mark.parametrize("f", [chain, horner, continued_fraction, quadratic])
@pytest.mark.parametrize("n", [2, 3, 7])
def test_numbers_that_count_themselves(f, n):
    point = [1.0 + 0.5 * k for k in range(n)]
    found = cost(f, point)
    Number.done = 0
    result = f([Step(Number(x)) for x in point])
    recorded = Number.done
    steps = list(order(result, {}))
    Number.done = 0
    forward_of(steps)
    forward, Number.done = Number.done, 0
    reverse_of(steps)
    Number.done, backward = 0, Number.done
    f([Number(x) for x in point])
    assert found.primal == Number.done
    assert found.forward == recorded + forward
    assert found.reverse == found.reverse_jacobian == recorded + backward
