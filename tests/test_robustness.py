"""Threads, exceptions, re-entrance, generators, leaked numbers, long chains, big and odd arrays: nothing breaks, or it says so."""

from __future__ import annotations

import gc
import importlib.util
import math
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import Dual
from dualdiff.levels import new_level
from transformed import rosenbrock, second_derivative_of_power

X = np.array([1.5, -0.5, 2.0])


# ---- no state ------------------------------------------------------------------------------------------------------------

def test_eight_threads():
    """Each thread nests derivatives of its own, so that their levels interleave."""
    barrier = threading.Barrier(8)
    interval = sys.getswitchinterval()

    def work(k):
        barrier.wait()
        found = []
        for i in range(30):
            a = k + i / 8
            x = np.array([a, 2.0, -1.0])
            found.append((dd.derivative(lambda t: t * dd.derivative(lambda s: t * s**2)(t))(a) == 6 * a**2,
                          dd.hessian(lambda v: v[0] ** 2 * v[1], chunk_size=None)(x)[0].tolist() == [4.0, 2 * a, 0.0],
                          dd.jacobian(lambda v: np.cumsum(v) * v[0])(x)[2].tolist() == [a + 1.0 + a, a, a]))
        return all(map(all, found))

    try:
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(1, 9)))
    finally:
        sys.setswitchinterval(interval)


def test_levels_are_unique_across_threads():
    with ThreadPoolExecutor(8) as pool:
        levels = [level for some in pool.map(lambda _: [new_level() for _ in range(2000)], range(8)) for level in some]
    assert len(set(levels)) == len(levels)


def test_exceptions_leave_nothing_behind():
    class MyError(Exception):
        pass

    def failing(x, where):
        if where == "inside":
            raise MyError("the user's own")
        return x * x

    for transform in (dd.derivative, dd.gradient, dd.jacobian, dd.hessian):
        with pytest.raises(MyError, match="the user's own"):
            transform(failing)(2.0, "inside")
        assert transform(lambda x: failing(x, "") * 1.0)(2.0) == (2.0 if transform is dd.hessian else 4.0)

    def recovers(x):
        try:
            dd.derivative(failing)(x, "inside")
        except MyError:
            return x * dd.derivative(failing)(x, "")
        return None

    assert dd.derivative(recovers)(3.0) == 12.0


def test_reentrance():
    gradient = dd.gradient(lambda x, depth: x.sum() if not depth else (x * gradient(x * x, depth - 1)).sum())
    assert gradient(X, 0).tolist() == [1, 1, 1]
    assert gradient(X, 1).tolist() == [1, 1, 1]
    np.testing.assert_allclose(gradient(X, 2), [1, 1, 1])

    jacobian = dd.jacobian(lambda x, depth: x * x if not depth else np.diag(jacobian(x, depth - 1)) * x)
    np.testing.assert_allclose(np.diag(jacobian(X, 1)), 4 * X)  # d/dx 2x²
    np.testing.assert_allclose(np.diag(jacobian(X, 2)), 8 * X)


def test_generators_suspended_in_the_middle():
    """Two generators take turns inside different derivative calls."""
    def steps(x):
        y = x
        for _ in range(3):
            y = y * x
            yield y

    def interleaved(a):
        first = steps(a)
        next(first)

        def inner(b):
            second, total = steps(b), 0.0
            for one, other in zip(first, second):
                total = total + one * other
            return total

        return dd.derivative(inner)(2.0)

    # inner: a³b² + a⁴b³, differentiated in b at 2: 4a³ + 12a⁴
    assert interleaved(3.0) == 4 * 27 + 12 * 81
    assert dd.derivative(interleaved)(3.0) == 12 * 9 + 48 * 27

    suspended = []

    def suspending(x):
        suspended.append(steps(x))
        next(suspended[0])
        return x

    dd.derivative(suspending)(2.0)
    assert next(suspended[0]).primal == 8.0  # goes on after its call has ended
    assert dd.derivative(lambda x: x * 2)(1.0) == 2.0


def test_leaked_duals_are_constants_to_later_calls():
    leaked = []
    dd.derivative(lambda x: leaked.append(x) or x)(3.0)
    dd.jacobian(lambda x: leaked.append(x[0]) or x, chunk_size=2)(X)
    dd.jacobian(lambda x: leaked.append(x[0]) or x, chunk_size=3)(X)
    scalar, pair, other_pair, triple = leaked
    assert dd.derivative(lambda x: x * scalar)(2.0).primal == 3.0
    assert dd.derivative(lambda x: x * pair)(2.0).primal == 1.5
    assert (pair * scalar).primal == 4.5
    assert pair.level != triple.level != other_pair.level
    with pytest.raises(dd.LevelError, match="chunk of"):
        dd.Dual.make(1.0, pair.tangent, 1) + dd.Dual.make(1.0, triple.tangent, 1)


def test_nothing_is_kept_alive():
    """No reference cycles, no registry: an operand dies with its last name."""
    class Watched(float):
        pass

    import weakref
    references = []

    def function(x):
        y = x * 2
        views = [y[i:] for i in range(3)]
        references.extend(weakref.ref(v) for v in [x, y, *views])
        return y.sum()

    gc.disable()
    try:
        dd.gradient(function)(X)
        assert all(reference() is None for reference in references)
    finally:
        gc.enable()


def count_views(n):
    def function(x):
        y = x * 1.0
        for i in range(n):
            y[i % 3:] = y[i % 3:] * 1.0
        return y.sum()
    return function


def test_many_views_of_one_array():
    assert dd.gradient(count_views(2000))(X).tolist() == [1, 1, 1]
    assert dd.hessian(count_views(300))(X).tolist() == [[0] * 3] * 3


# ---- long and big --------------------------------------------------------------------------------------------------------

def test_a_chain_of_twenty_thousand_operations():
    def chain(x):
        for _ in range(10_000):
            x = np.sin(x) if x > 10 else x * 1.0001
            x = x + 0.0
        return x

    def chain_of_views(x):
        for _ in range(10_000):
            x = x * 1.0001
            x = x[:]
        return x

    array = np.array([1e-4, 2e-4])
    assert dd.derivative(chain)(1e-4) == pytest.approx(1.0001**10_000, rel=1e-12)
    np.testing.assert_allclose(dd.jvp(chain_of_views, array, np.ones(2))[1], [1.0001**10_000] * 2, rtol=1e-12)
    assert dd.derivative(dd.derivative(lambda x: chain(x) * x))(1e-4) == pytest.approx(2 * 1.0001**10_000, rel=1e-12)


def test_a_million_entries():
    x = np.linspace(0.0, 1.0, 1_000_000)
    value, along = dd.jvp(lambda x: np.sin(x) * x + np.exp(-x), x, np.ones_like(x))
    assert (value == np.sin(x) * x + np.exp(-x)).all()
    # 4e-16 is what both round; a cosine beside a sine may be 3 ulp off, each 1.1e-16 for values below 1
    np.testing.assert_allclose(along, np.cos(x) * x + np.sin(x) - np.exp(-x), rtol=0, atol=4e-16 + 3 * 2**-53)
    assert dd.derivative(lambda t: np.sum(t * x * t))(3.0) == pytest.approx(6 * x.sum(), rel=1e-14)
    sums, found = dd.value_and_jacobian(lambda p: np.array([np.mean(p[0] * x), np.max(x) * p[1]]))(np.array([2.0, 3.0]))
    assert sums.tolist() == [np.mean(2.0 * x), 3.0]
    np.testing.assert_allclose(found, [[np.mean(x), 0.0], [0.0, 1.0]], rtol=1e-14)


def test_one_direction_of_many():
    """The automatic chunk keeps its blocks small, whatever the size of the input."""
    x = np.linspace(0.0, 1.0, 2000)
    found = dd.gradient(lambda x: x @ x, chunk_size=None)(x)
    np.testing.assert_allclose(found, 2 * x, rtol=1e-15)


# ---- odd arrays ----------------------------------------------------------------------------------------------------------

def odd_arrays():
    base = np.array([[1.5, 9.0, -0.5, 9.0], [2.0, 9.0, 0.25, 9.0]])
    read_only = base.copy()
    read_only.flags.writeable = False
    yield "strided", base[:, ::2]
    yield "reversed", base[::-1, ::-1]
    yield "fortran", np.asfortranarray(base)
    yield "transposed", base.T
    yield "read-only", read_only
    yield "big-endian", base.astype(">f8")
    yield "big-endian float32", base.astype(">f4")
    yield "broadcast", np.broadcast_to(base[0], (2, 4))
    yield "big-endian integers", np.array([1, 2, 3], ">i4")
    yield "half", base.astype(np.float16)
    yield "one entry", np.array([2.0])
    yield "one entry of three axes", np.array([[[2.0]]])
    yield "no axes", np.array(2.0)
    yield "empty", np.zeros((3, 0))
    yield "unaligned", np.frombuffer(b"\0" + np.arange(3.0).tobytes(), np.uint8)[1:].view(np.float64)
    yield "of a record", np.array([(1.0, 2), (3.0, 4)], [("a", float), ("b", int)])["a"]


@pytest.mark.parametrize(("name", "x"), list(odd_arrays()))
def test_odd_arrays(name, x):
    before = x.tobytes()
    tolerance = {2: 1e-2, 4: 1e-6}.get(x.dtype.itemsize, 1e-14) if x.dtype.kind == "f" else 1e-14

    def function(x):
        y = np.zeros_like(x) if x.dtype.kind == "f" else x * 0.0
        y[...] = x * x
        y *= 2
        return np.sum(y * np.cos(x)) + np.sum(y[..., :1] if y.ndim else y)

    plain = np.asarray(x, float)
    first = np.zeros(x.shape)
    first[...] = 4 * plain * np.cos(plain) - 2 * plain**2 * np.sin(plain)
    if x.ndim:
        first[..., :1] += 4 * plain[..., :1]
    else:
        first += 4 * plain
    for chunk_size in (1, 3, None):
        value, found = dd.value_and_gradient(function, chunk_size=chunk_size)(x)
        expected = function(x.copy(order="K"))
        assert value == expected or (np.isnan(value) and np.isnan(expected))
        np.testing.assert_allclose(found, first, rtol=tolerance, atol=tolerance * max(1.0, np.abs(first).max(initial=0)))
        assert found.shape == x.shape
        if x.dtype.kind == "f":
            assert found.dtype == x.dtype.newbyteorder("=")
    assert dd.jvp(function, x, np.ones_like(x, dtype=float))[1] == pytest.approx(first.sum(), rel=10 * tolerance)
    assert dd.hessian(function)(x).shape == x.shape * 2
    assert x.tobytes() == before


def arrays_of_other_kinds():
    yield np.ma.array([1.0, 2.0], mask=[False, True])
    yield np.eye(2).view(np.matrix)
    if importlib.util.find_spec("pandas"):
        pd = importlib.import_module("pandas")
        yield pd.Series([1.0, 2.0])
        yield pd.DataFrame({"a": [1.0]})


@pytest.mark.parametrize("array", list(arrays_of_other_kinds()), ids=lambda array: type(array).__name__)
def test_arrays_of_other_kinds_are_refused_as_inputs(array):
    advice = r"\.filled" if isinstance(array, np.ma.MaskedArray) else "np.asarray"  # which would bring back what is masked
    for transform in (dd.gradient, dd.jacobian, dd.hessian):
        with pytest.raises(TypeError, match=f"{type(array).__name__}.*{advice}"):
            transform(lambda x: x.sum())(array)
    assert dd.gradient(np.sum)(np.asarray(array)).shape == array.shape


def test_pandas_as_data():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"t": [0.0, 1.0, 2.0], "y": [1.0, 2.0, 4.0]})
    t, y = frame["t"].to_numpy(), frame["y"].to_numpy()
    found = dd.jacobian(lambda p: p[0] * np.exp(p[1] * t) - y)(np.array([1.0, 0.5]))
    np.testing.assert_allclose(found, np.stack([np.exp(0.5 * t), t * np.exp(0.5 * t)], axis=1), rtol=1e-15)
    for function in (lambda p: p * frame["y"], lambda p: np.exp(p * frame["t"]), lambda p: frame["y"] - p):
        with pytest.raises(TypeError, match="tangent"):
            dd.jacobian(function)(2.0)


# ---- odd numbers ---------------------------------------------------------------------------------------------------------

def test_nan_and_infinite_inputs():
    for chunk_size in (1, 3, None):
        found = dd.gradient(lambda x: np.sum(x * x), chunk_size=chunk_size)(np.array([math.nan, 1.0, math.inf]))
        np.testing.assert_array_equal(found, [math.nan, 2.0, math.inf])
    assert math.isnan(dd.derivative(np.sin)(math.nan))
    assert dd.derivative(np.exp)(-math.inf) == 0.0
    assert dd.derivative(np.arctan)(math.inf) == 0.0
    assert dd.derivative(lambda x: x * 2)(math.nan) == 2.0
    assert dd.hessian(lambda x: np.sum(x**2))(np.array([math.nan, 1.0]))[1, 1] == 2.0


def test_subnormal_and_huge_numbers():
    tiny, huge = 5e-324, 1e300
    assert dd.derivative(lambda x: x * x)(tiny) == 1e-323
    assert dd.derivative(lambda x: x / huge)(huge) == 1 / huge
    assert dd.derivative(np.sqrt)(tiny) == pytest.approx(0.5 / math.sqrt(tiny), rel=1e-15)
    assert dd.derivative(np.log)(huge) == pytest.approx(1e-300, rel=1e-15)
    with pytest.raises(OverflowError):
        dd.derivative(np.sin)(10**400)


# ---- processes -----------------------------------------------------------------------------------------------------------

def outer_of_processes(t, executor):
    return dd.gradient(second_derivative_of_power, executor=executor)(t) * t


def test_levels_sent_to_processes_cannot_collide():
    """The passes of an inner derivative run elsewhere, on numbers of outer levels, and differentiate there once more."""
    with ProcessPoolExecutor(2) as executor:
        # second_derivative_of_power is 12x³: inner gradient 36x², times t; the outer derivatives are taken here
        def function(t):
            return outer_of_processes(t, executor)
        assert function(2.0) == pytest.approx(36 * 8.0)
        assert dd.derivative(function)(2.0) == pytest.approx(108 * 4.0)
        assert dd.derivative(dd.derivative(function))(2.0) == pytest.approx(216 * 2.0)
        # the workers' counters have gone on: the numbers that come back from them are still below the next level here
        assert dd.derivative(lambda t: function(t) * dd.derivative(function)(t))(1.0) == pytest.approx(108 * 108 + 36 * 216)
        hessian = dd.hessian(rosenbrock, executor=executor)
        np.testing.assert_allclose(dd.jacobian(hessian)(X), dd.jacobian(dd.hessian(rosenbrock))(X), rtol=1e-13)


def test_a_dual_from_another_process_is_below_the_next_level():
    import pickle
    far = dd.Dual.make(2.0, 1.0, new_level() + 10_000)
    near = pickle.loads(pickle.dumps(far))
    assert near.level == far.level
    assert new_level() > far.level
    assert isinstance(near, Dual)
