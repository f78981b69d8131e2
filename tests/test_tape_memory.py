"""The memory of reverse mode: tapes are let go at once, products are formed in place, and nothing in use is written to."""

from __future__ import annotations

import gc
import math
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.memory import LARGE, POOL
from dualdiff.tape import Tape

N = LARGE // 4  # entries: twice what is large
rng = np.random.default_rng(5)
X, Y, W = rng.uniform(0.5, 1.5, N), rng.uniform(1.5, 2.5, N), rng.normal(size=N)


def chain(x):
    z = x
    for _ in range(3):
        z = np.sin(z) * np.exp(-z * z) + z / (1 + z)
    return np.sum(z)


def chain_slope(x):
    slope, z = np.ones_like(x), x
    for _ in range(3):
        slope = slope * (np.exp(-z * z) * (np.cos(z) - 2 * z * np.sin(z)) + (1 + z) ** -2)
        z = np.sin(z) * np.exp(-z * z) + z / (1 + z)
    return slope


PROGRAMS = {
    "arithmetic": chain,
    "a transpose": lambda x: np.sum(np.reshape(x, (2, -1)) @ np.ones(len(x) // 2)),
    "a map of tangents": lambda x: np.linalg.slogdet(np.reshape(x[:4], (2, 2)) + np.eye(2))[1],
    "a selection": lambda x: np.sum(np.sort(x)[:5]) * np.max(x),
    "composites": lambda x: np.var(x) + np.linalg.norm(x) + np.mean(x),
    "eigenvalues": lambda x: np.sum(np.linalg.eigvalsh(np.reshape(x[:4], (2, 2)) + np.reshape(x[:4], (2, 2)).T)),
    "views": lambda x: np.sum(np.reshape(x, (2, -1))[1, 1:].T ** 2),
    "an assignment": lambda x: assigned(x * 2.0),
    "the input itself": lambda x: x[0],
}


def assigned(y):
    y[1:3] = y[:2] * y[5]
    return np.sum(y)


def tapes():
    """Those that are there. NumPy itself keeps what it was given where a ``reduce`` of an operand ends in an error, for good."""
    if gc.isenabled():
        gc.collect()
    return {id(value) for value in gc.get_objects() if type(value) is Tape}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("transform", [
    dd.reverse.gradient, dd.reverse.jacobian, lambda f: lambda x: dd.reverse.vjp(f, x)[1](1.0),
    lambda f: lambda x: dd.reverse.hvp(f, (x,), (x,))], ids=["gradient", "jacobian", "vjp", "hvp"])
def test_a_tape_is_let_go_at_once(program, transform):
    """Without the garbage collector: what is in a cycle keeps large arrays until that comes."""
    x = X[:40].copy()
    transform(program)(x)
    before = tapes()
    gc.disable()
    try:
        transform(program)(x)
        assert tapes() <= before
    finally:
        gc.enable()


def test_a_tape_is_let_go_after_an_error():
    def fails(x):
        np.sum(np.sin(x)) / 1.0
        raise KeyError("in the middle")

    before = tapes()
    gc.disable()
    try:
        with pytest.raises(KeyError):
            dd.reverse.gradient(fails)(X)
        assert tapes() <= before
    finally:
        gc.enable()
    np.testing.assert_allclose(dd.reverse.gradient(chain)(X), chain_slope(X), rtol=1e-12, atol=1e-15)


def test_a_cotangent_passed_on_is_not_multiplied():
    """Of x mod y the partials are 1 and −⌊x/y⌋: the first passes the cotangent on, the second may not take its memory."""
    def f(x, y):
        return np.sum(np.remainder(np.exp(x), np.cos(y) + 2) * np.tanh(x))

    a, b, c = np.exp(X), np.cos(Y) + 2, np.tanh(X)
    by_x, by_y = dd.reverse.gradient(f, argnums=(0, 1))(X, Y)
    assert np.max(a // b) > 2
    np.testing.assert_allclose(by_x, c * a + np.remainder(a, b) * (1 - c * c), rtol=1e-12)
    np.testing.assert_allclose(by_y, (a // b) * c * np.sin(Y), rtol=1e-12)


@pytest.mark.parametrize("shapes", [((N,), (1, N)), ((1, N), (N,)), ((2, N // 2), (N // 2,)), ((N // 2,), (2, N // 2))])
def test_cotangents_of_other_shapes(shapes):
    one, two = X.copy()[:math.prod(shapes[0])].reshape(shapes[0]), Y.copy()[:math.prod(shapes[1])].reshape(shapes[1])
    by_one, by_two = dd.reverse.gradient(lambda a, b: np.sum(np.tanh(a + b) * (a * b)), argnums=(0, 1))(one, two)
    t = np.tanh(one + two)
    to_both = (1 - t * t) * (one * two)

    def summed(c, shape):
        return c.reshape(-1, *shape).sum(0) if c.size > math.prod(shape) else c.reshape(shape)

    np.testing.assert_allclose(by_one, summed(to_both + t * two, shapes[0]), rtol=1e-12)
    np.testing.assert_allclose(by_two, summed(to_both + t * one, shapes[1]), rtol=1e-12)


def test_a_zero_wins_in_place_too():
    x, weights = X.copy(), W.copy()
    x[::7] = weights[::7] = 0  # √ has an infinite slope where the result does not matter
    found = dd.reverse.gradient(lambda x: np.sum((np.sqrt(x) + 1) * weights))(x)
    assert (found[::7] == 0).all()
    np.testing.assert_allclose(np.delete(found, np.s_[::7]), np.delete(weights / 2 / np.sqrt(np.where(x, x, 1)), np.s_[::7]),
                               rtol=1e-12)


def test_a_number_for_a_cotangent_and_its_zero():
    x = np.concatenate([[0.0], X])
    assert dd.reverse.gradient(lambda x: 0.0 * np.sum(np.sqrt(x)))(x)[0] == 0
    assert dd.reverse.gradient(lambda x: 2.0 * np.sum(np.sqrt(x)))(x)[0] == np.inf


def test_a_pullback_again_and_again():
    def f(x, y):
        z = np.sin(x) * y
        return z, np.exp(z) * x + z

    value, pull = dd.reverse.vjp(f, X, Y)
    kept = [part.copy() for part in value]
    cotangents = (W.copy(), W[::-1].copy())
    before = [c.copy() for c in cotangents]
    first = pull(cotangents)
    copies = [part.copy() for part in first]
    for _ in range(3):
        again = pull(cotangents)
        for part, copy in zip(again, copies):
            np.testing.assert_array_equal(part, copy)
        again[0][:] = np.nan  # the user's to write to
        for old, new in ((first, copies), (cotangents, before), (value, kept)):
            for part, copy in zip(old, new):
                np.testing.assert_array_equal(part, copy)
    z = np.sin(X) * Y
    along = W[::-1] * (np.exp(z) * X + 1)
    for found, *terms in ((first[0], W * np.cos(X) * Y, along * np.cos(X) * Y, W[::-1] * np.exp(z)),
                          (first[1], W * np.sin(X), along * np.sin(X))):
        np.testing.assert_array_less(abs(found - sum(terms)), 8 * np.finfo(float).eps * sum(map(abs, terms)))  # some cancel


def kept_results(k):
    """Gradients, and views of gradients, kept while others are computed."""
    views, wanted = [], []
    for i in range(12):
        x = X + 0.01 * (i + k)
        slope = dd.reverse.gradient(chain)(x)
        if i % 3 == 0:
            views.append(slope[::2])
            wanted.append(chain_slope(x)[::2])
        elif i % 3 == 1:
            views.append(slope.reshape(2, -1).T)
            wanted.append(chain_slope(x).reshape(2, -1).T)
        else:
            slope *= 2
            views.append(slope)
            wanted.append(2 * chain_slope(x))
        del slope
    return all(np.allclose(a, b, rtol=1e-12, atol=1e-15) for a, b in zip(views, wanted))


def test_results_that_are_kept_stay_what_they_are():
    assert kept_results(0)
    with ThreadPoolExecutor(4) as executor:
        assert all(executor.map(kept_results, range(8)))


def test_results_of_threads_that_are_over():
    x = X.copy()
    with ThreadPoolExecutor(1) as executor:
        slope = executor.submit(dd.reverse.gradient(chain), x).result()
    gc.collect()
    for _ in range(3):
        dd.reverse.gradient(chain)(x + 1)
    np.testing.assert_allclose(slope, chain_slope(x), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("view", [lambda w: w, lambda w: w[::-1][::-1]], ids=["an array", "a view"])
def test_a_read_only_constant_that_becomes_writeable_is_refused(view):
    weights = np.arange(1.0, 6.0)
    weights.flags.writeable = False

    def f(x):
        y = view(weights) * x
        weights.flags.writeable = True
        weights[:] = 7.0
        return np.sum(y * y)

    with pytest.raises(dd.NotDifferentiableError, match="was read-only when"):
        dd.reverse.gradient(f)(np.ones(5))
    weights = np.arange(1.0, 6.0)
    weights.flags.writeable = False
    _, pull = dd.reverse.vjp(lambda x: np.sum((view(weights) * x) ** 2), np.ones(5))
    np.testing.assert_array_equal(pull(1.0)[0], 2 * weights**2)
    weights.flags.writeable = True
    with pytest.raises(dd.NotDifferentiableError, match="leave it read-only"):
        pull(1.0)


def test_read_only_views_of_memory_that_others_write_to():
    """A view may be read-only while what it shows is not."""
    memory = bytearray(np.arange(1.0, 6.0).tobytes())
    behind = np.frombuffer(memory)
    shown = np.frombuffer(memoryview(memory).toreadonly())
    masked = behind[:]
    masked.flags.writeable = False

    def f(x):
        y = shown * x + masked * x
        behind[:] = 7.0
        return np.sum(y * y)

    np.testing.assert_array_equal(dd.reverse.gradient(f)(np.ones(5)), 8 * np.arange(1.0, 6.0) ** 2)


def test_aux_is_the_users_to_write_to():
    def f(x):
        z = np.sin(x)
        return np.sum((z * x) ** 2), {"z": z, "part": z[1:], "parts": [z, x]}

    x = np.linspace(1, 2, 6)
    _, pull, aux = dd.reverse.vjp(f, x, has_aux=True)
    wanted = 2 * np.sin(x) * x * (np.cos(x) * x + np.sin(x))
    np.testing.assert_array_equal(aux["part"], np.sin(x)[1:])
    for array in (aux["z"], aux["part"], *aux["parts"]):
        array[:] = 0
    np.testing.assert_allclose(pull(1.0)[0], wanted, rtol=1e-13)


def test_a_thread_that_is_over_lets_its_memory_go():
    seen = []

    def work():
        dd.reverse.gradient(chain)(X)
        seen.extend(weakref.ref(buffer if buffer.base is None else buffer.base) for buffer in POOL.buffers)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    del thread
    gc.collect()
    assert seen
    assert not [buffer for buffer in seen if buffer() is not None]


def test_a_copy_of_a_large_matrix_is_made_in_the_same_memory_again():
    """Of 128 MB, whose pages nobody touches here."""
    matrix = np.empty(2**24)
    first = POOL.empty_like(matrix)
    address = first.ctypes.data
    assert POOL.empty_like(matrix).ctypes.data != address
    del first
    assert POOL.empty_like(matrix).ctypes.data == address
    POOL.clear()
