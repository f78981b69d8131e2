"""Operations counted by hand on small functions; the recommended mode."""

from __future__ import annotations

import numpy as np
import pytest

from dualdiff.operation_count import cost

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


def test_which_mode():
    assert cost(lambda x: np.sum(x * x), np.ones(50)).recommendation == "reverse"
    assert cost(lambda x: x * np.ones(50), 2.0).recommendation == "forward"
    found = cost(lambda x: np.tanh(A @ x), np.ones(3))
    assert (found.n, found.m) == (3, 2) and "use" in str(found)


def test_the_memory_of_the_tape_grows_with_the_loop():
    def loop(steps):
        def f(x):
            for _ in range(steps):
                x = np.sin(x)
            return np.sum(x)
        return cost(f, np.ones(1000)).tape_bytes

    assert loop(10) - loop(5) == 5 * 8000


def test_written_arrays_are_counted():
    assert cost(filled, np.ones(4)).primal == 4
