"""Threads inside a differentiated function, and around it: what they share, and the memory that each of them uses again."""

from __future__ import annotations

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dualdiff as dd

rng = np.random.default_rng(11)


@pytest.fixture
def switching():
    """Python changes between threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_a_chunk_that_several_threads_use(switching):
    """Its rows of zeros are filled in by whoever needs them first, while others read it."""
    points = np.linspace(0.0, 1.0, 50)
    with ThreadPoolExecutor(4) as executor:
        for _ in range(300):
            def f(a, b, c):
                start = threading.Barrier(4)

                def work(k):
                    start.wait()
                    return (lambda: a + b, lambda: a * 2.0, lambda: np.sin(a) * points, lambda: a * points + b * points)[k]()

                return tuple(executor.map(work, range(4)))

            of_sum, of_double, of_sine, of_both = dd.jacobian(f, argnums=(0, 1, 2), chunk_size=None)(1.0, 2.0, 3.0)
            assert (of_sum, of_double) == ((1.0, 1.0, 0.0), (2.0, 0.0, 0.0))
            np.testing.assert_allclose(of_sine, [np.cos(1.0) * points, 0 * points, 0 * points], rtol=1e-15)
            np.testing.assert_array_equal(of_both, [points, points, 0 * points])


@pytest.mark.parametrize("size", [5, 5000, 20000])
def test_threads_inside_a_function_give_what_a_loop_gives(size, switching):
    def f(x, mapped):
        y = 1 + x  # shares its tangent
        parts = list(mapped(lambda k: np.sin(k * y) * x + np.exp(-x * x) * y, range(1, 9)))
        return sum(parts[1:], parts[0])

    x, direction = rng.normal(size=size), rng.normal(size=size)
    expected = dd.jvp(lambda x: f(x, map), (x,), (direction,))
    with ThreadPoolExecutor(4) as executor:
        for _ in range(5):
            np.testing.assert_array_equal(dd.jvp(lambda x: f(x, executor.map), (x,), (direction,)), expected)


def test_results_outlive_the_threads_that_made_them():
    x, results = rng.normal(size=20000), {}

    def work(k):
        results[k] = dd.jvp(lambda x: np.exp(x) * k, (x,), (x,))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del threads
    gc.collect()
    for _ in range(3):
        dd.jvp(lambda x: np.exp(x) * x * x, (x,), (x,))
    for k, (value, tangent) in results.items():
        np.testing.assert_array_equal(value, np.exp(x) * k)
        np.testing.assert_allclose(tangent, np.exp(x) * k * x, rtol=1e-15, atol=0)
