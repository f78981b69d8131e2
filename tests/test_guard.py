"""What an operation costs, in counts that are exact and the same everywhere, so that a regression is noticed without a clock.

A count may go down with a better idea (then the number here is to follow); it must not go up unseen.
"""

from __future__ import annotations

import inspect
import operator
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import dualdiff as dd
import dualdiff.lanes.array_functions
import dualdiff.lanes.array_operators
import dualdiff.lanes.sums
from dualdiff.dual import dual
from dualdiff.levels import new_level
from dualdiff.memory import POOL
from dualdiff.partials import BLOCK
from dualdiff.rules.on_arrays import cosine_by_sine
from dualdiff.rules.table import TABLE
from dualdiff.tangents import Tangents

# ---- calls of the user's function ----------------------------------------------------------------------------------------


def calls_of_function(transform, n=4):
    count = 0

    def f(x):
        nonlocal count
        count += 1
        return x[0] * x[1] + x[2] * x[-1]

    transform(f)(np.arange(1.0, n + 1.0))
    return count


@pytest.mark.parametrize(("transform", "expected"), [
    (lambda f: lambda x: dd.jvp(f, x, x), 1),
    (dd.gradient, 4),  # one direction a pass
    (dd.value_and_gradient, 4),  # the value comes along with the first
    (dd.jacobian, 4),
    (lambda f: dd.gradient(f, chunk_size=3), 2),  # ⌈4 / 3⌉
    (lambda f: dd.gradient(f, chunk_size=None), 1),
    (dd.hessian, 10),  # n (n + 1) / 2
    (dd.value_gradient_hessian, 10),
    (lambda f: dd.hessian(f, chunk_size=2), 3),  # of 2 × 2 blocks, those on and below the diagonal
    (lambda f: dd.hessian(f, chunk_size=None), 1),
    (lambda f: lambda x: dd.hvp(f, x, x), 4),  # the gradient's passes, each with the direction
    (lambda f: lambda x: dd.taylor(lambda t: f(t * x), 1.0, 5), 1),  # all orders in one
    (dd.reverse.gradient, 1),
    (lambda f: lambda x: dd.reverse.hvp(f, x, x), 1),
])
def test_calls_of_the_function(transform, expected):
    assert calls_of_function(transform) == expected


@pytest.mark.parametrize(("transform", "n", "other", "expected"), [
    (dd.jacobian, 3000, 1, 47),  # 65 directions of 3,000 entries are 1.5 MB, which stay in the cache
    (dd.jacobian, 100, 10**6, 4),  # 33 of as many entries as the other argument has are 256 MB
    (dd.jacobian, 5, 10**6, 1),
    (dd.hessian, 20, 1, 1),
    (dd.hessian, 300, 1, 78),  # 25 times 25 directions: of 12 × 12 blocks, those on and below the diagonal
])
def test_chunks_are_chosen_by_cache_and_memory(transform, n, other, expected):
    count = 0

    def f(x, _):
        nonlocal count
        count += 1
        return x[0] * x[1]

    transform(f, chunk_size=None)(np.ones(n), np.ones(other))
    assert count == expected


# ---- Python calls of scalar operations -----------------------------------------------------------------------------------


COMPREHENSIONS = {"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}


def python_calls(function, *args, within=""):
    """Names of the Python functions that ``function(*args)`` calls, of those in files ``within`` a directory.

    Comprehensions are not counted: up to Python 3.11 they are calls, from 3.12 on they are not. Generators neither: how often
    they are resumed depends on the version too.
    """
    names = []
    function(*args)  # what is loaded or looked up at the first time

    def note(frame, event, arg):
        if event == "call" and frame.f_code.co_name not in COMPREHENSIONS and not frame.f_code.co_flags & inspect.CO_GENERATOR and (
                within in frame.f_code.co_filename):
            names.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        function(*args)
    finally:
        sys.setprofile(None)
    return names


def scalar(x, tangent=1.0, level=None):
    return dual(x, tangent, level or new_level())


def chunk(x, level, k=5):
    return dual(x, Tangents(np.ones((k, *np.shape(x)))), level)


LEVEL, OUTER = new_level(), new_level()
A, B = scalar(0.5, level=LEVEL), scalar(1.5, level=LEVEL)
NESTED = scalar(A, scalar(1.0, 0.0, LEVEL), OUTER)
CHUNKED = chunk(0.5, LEVEL)


@pytest.mark.parametrize(("function", "args", "expected"), [
    (operator.add, (A, B), 1),  # the operator itself, and nothing else
    (operator.sub, (A, B), 1),
    (operator.mul, (A, B), 1),
    (operator.truediv, (A, B), 1),
    (operator.add, (A, 1.0), 1),
    (operator.sub, (1.0, A), 1),
    (operator.mul, (2.0, A), 1),
    (operator.neg, (A,), 1),
    (operator.pow, (A, 2), 2),  # and the Dual's making
    (np.sin, (A,), 3),  # the protocol, the function made from the rule, the partial
    (np.exp, (A,), 3),
    (dd.math.sin, (A,), 2),  # the function made from the rule, the partial
    (dd.derivative(lambda x: x * x), (1.5,), 4),  # the transform, a level; the function and its operator
    (operator.add, (NESTED, NESTED), 5),  # itself, what is beyond floats, four parts at once, their formula, three duals
    (operator.mul, (NESTED, NESTED), 5),
    (np.sin, (NESTED,), 11),  # the sine of the inner level as value, its cosine as partial, their product
    (operator.add, (CHUNKED, CHUNKED), 6),  # the tangents' own addition: their parts, no warnings, a new one
    (operator.mul, (CHUNKED, CHUNKED), 12),  # the short way of scalars in a chunk
    (np.sin, (CHUNKED,), 11),
], ids=lambda value: getattr(value, "__name__", ""))
def test_python_calls_of_scalars(function, args, expected):
    calls = python_calls(function, *args)
    assert len(calls) == expected, calls


ROW = np.linspace(0.5, 2.0, 12)


@pytest.mark.parametrize(("function", "expected"), [
    (np.linalg.norm, (15, 18)), (np.var, (12, 15)), (np.std, (13, 19)), (np.prod, (15, 18)), (np.cumprod, (14, 17)),
    (np.max, (9, 12)), (lambda x: np.average(x, weights=ROW), (16, 19)), (np.trapezoid, (10, 13)),
    (lambda x: np.einsum("i,i->", x, x), (9, 14)), (lambda x: np.concatenate([x, x]), (7, 12)),
    (lambda x: np.where(ROW > 1, x, 0.0), (6, 23)), (lambda x: np.clip(x, 0.75, 1.5), (8, 11)),
], ids=["norm", "var", "std", "prod", "cumprod", "max", "average", "trapezoid", "einsum", "concatenate", "where", "clip"])
@pytest.mark.parametrize("tangent", [np.cos(ROW), Tangents(np.ones((5, 12)))], ids=["one", "chunk"])
def test_python_calls_of_functions_of_arrays(function, expected, tangent):
    """Of dualdiff: the protocol, the way, the arguments, the tangent, the looks for what it cannot do."""
    calls = python_calls(function, dual(ROW, tangent, LEVEL), within=str(Path(dd.__file__).parent))
    assert len(calls) == expected[type(tangent) is Tangents], calls


def constant(x):
    return 1  # an int, which no short way takes


def identity(x):
    return x


def first(x):
    return x[0]


@pytest.mark.parametrize(("function", "args", "expected"), [
    (dd.jvp, (identity, np.ones(10), np.ones(10)), 7),  # itself, a level, the seeds, the function and its name, its parts
    (dd.jvp, (lambda x, y: y, (1.5, 2.5), (1.0, 0.0)), 4),
    (dd.value_and_derivative(identity), (1.5,), 3),  # itself, a level, the function
    (dd.derivative(identity, n=2), (1.5,), 5),  # itself, a level, the seed, the function, the factorial
    (dd.hessian(identity), (1.5,), 9),
    (dd.hvp, (identity, 1.5, 1.0), 9),
    (dd.jvp, (first, [1.5, 2.5], [1.0, 0.0]), 6),
    (dd.jacobian(identity, chunk_size=None), (np.ones(2),), 21),  # two of them for each chunk, as a pass
    (dd.derivative(lambda x, y: y, argnums=1), (1.5, 2.5), 3),
    (dd.derivative(lambda x, y: y, argnums=(0, 1)), (1.5, 2.5), 10),
    (dd.gradient(first), (np.ones(1),), 8),  # the function makes two of them
    (dd.gradient(first), (np.ones(2),), 8 + 2),  # nothing but the function for another pass
    (dd.gradient(first), ([1.5, 2.5],), 10),
    (dd.jacobian(identity), (np.ones(1),), 8),
    (dd.jacobian(identity), (np.ones(2),), 8 + 1),
    (dd.jacobian(lambda x: [x[1], x[0]]), ([1.5, 2.5],), 13),  # a list of numbers, in each pass
    (dd.hessian(first), (np.ones(1),), 13),
    (dd.hessian(first), (np.ones(2),), 13 + 2 * 6),
    (dd.hessian(first), ([1.5, 2.5],), 29),  # duals of duals, also for the number that is not asked for
    (dd.hvp, (first, np.ones(1), np.ones(1)), 19),
    (dd.hvp, (first, np.ones(2), np.ones(2)), 19 + 7),
], ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")))
def test_python_calls_of_transforms(function, args, expected):
    calls = python_calls(function, *args)
    assert len(calls) == expected, calls


@pytest.mark.parametrize(("function", "args", "expected"), [
    (dd.jvp, (constant, {"x": 1.5}, {"x": 1.0}), 50),
    (dd.derivative(lambda x, y: y, argnums=-1), (1.5, 2.5), 47),
    (dd.gradient(constant), (np.ones(1),), 56),  # begun in a short way
    (dd.jacobian(constant), (np.ones(1),), 50),
    (dd.jacobian(constant), (np.ones(2),), 50 + 27),  # another pass
    (dd.hessian(constant), (np.ones(2),), 145),
    (dd.hessian(constant), (np.ones(3),), 145 + 3 * 37),
], ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")))
def test_python_calls_of_transforms_by_the_general_way(function, args, expected):
    calls = python_calls(function, *args)
    assert len(calls) == expected, calls


# ---- NumPy's calls of array operations, and the arrays that they make ----------------------------------------------------

class Counted:
    """A function of NumPy's that notes its calls, and those that return a new array."""

    def __init__(self, function, name, calls, made):
        self.function, self.name, self.calls, self.made = function, name, calls, made

    def __call__(self, *args, **kwargs):
        result = self.function(*args, **kwargs)
        self.calls.append(self.name)
        given = [x for x in (*args, *kwargs.values()) if isinstance(x, np.ndarray)]
        if isinstance(result, np.ndarray) and not any(np.may_share_memory(result, x) for x in given):
            self.made.append(self.name)
        return result

    def __getattr__(self, name):
        attribute = getattr(self.function, name)
        return Counted(attribute, f"{self.name}.{name}", self.calls, self.made) if name == "reduce" else attribute


@pytest.fixture
def numpy_calls(monkeypatch):
    """What a call makes of NumPy beyond the user's own call: names of functions, and of those that return a new array."""
    names = [name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)]
    names += ["empty", "empty_like", "zeros", "copyto", "where", "vdot", "broadcast_to", "stack", "asarray", "array", "isnan"]

    def counted(function, *args):
        function(*args)
        calls, made = [], []
        with monkeypatch.context() as patch:
            for lane in (dualdiff.lanes.array_functions, dualdiff.lanes.array_operators):
                patch.setattr(lane, "is_marred", Counted(lambda doubles: False, "a look for a nan", calls, made))
            patch.setattr(dualdiff.lanes.sums, "add_up", Counted(np.add.reduce, "a sum", calls, made))
            for name in names:
                patch.setattr(np, name, Counted(getattr(np, name), name, calls, made))
            function(*args)
        return calls, made

    return counted


def block_count(n):
    return -(-n // BLOCK)


SMALL, MIDDLE, LARGE = 10, 20_000, 10**6  # of these, the last two are in memory that is used again
BLOCKS = block_count(LARGE)
ARRAY_OPERATIONS = {  # name: operation, then for each size the calls, and those of them that make an array
    "x + y": (operator.add, 2, [
        (SMALL, 1, 1),
        (MIDDLE, 1, 0),  # memory is used again
        (LARGE, BLOCKS, 0)]),  # the same for each block
    "x + 1": (lambda x: x + 1.0, 1, [(SMALL, 0, 0), (MIDDLE, 0, 0), (LARGE, 0, 0)]),  # the tangent is shared
    "2 x": (lambda x: 2.0 * x, 1, [
        (SMALL, 1, 1),  # the product: a partial that is known to be finite makes no nan
        (MIDDLE, 1, 0),
        (LARGE, BLOCKS, 0)]),
    "-x": (operator.neg, 1, [(SMALL, 1, 1), (MIDDLE, 1, 0), (LARGE, BLOCKS, 0)]),
    "x y": (operator.mul, 2, [
        (SMALL, 4, 2),  # two products, a sum in the memory of one of them, a look for a nan
        (MIDDLE, 4, 0),
        (LARGE, 4 * BLOCKS, 0)]),
    "x / y": (operator.truediv, 2, [
        (SMALL, 4, 1),  # a product, in its memory a difference and a quotient, a look for a nan
        (MIDDLE, 4, 0),
        (LARGE, 4 * BLOCKS, 0)]),
    "exp": (np.exp, 1, [
        (SMALL, 2, 1),  # product with the value itself, look for a nan
        (MIDDLE, 2, 0),
        (LARGE, 2 * BLOCKS, 0)]),
    "sinh": (np.sinh, 1, [
        (SMALL, 3, 1),  # the partial, the product in its memory, a look for a nan
        (MIDDLE, 3, 1),
        (LARGE, 3 * BLOCKS, BLOCKS)]),  # the partial of a block at a time
    "sin": (np.sin, 1, [
        (SMALL, 3, 1),  # the cosine
        (MIDDLE, 5, 1),  # a tangent, the quotient in its memory, whether there is a 0/0
        (LARGE, 5 * BLOCKS, BLOCKS)]),
    "sum": (np.sum, 1, [(size, 2, 0) for size in (SMALL, MIDDLE, LARGE)]),  # of the primal and of the tangent
    "matmul": (np.matmul, 2, [(size, 0, 0) for size in (SMALL, MIDDLE, LARGE)]),  # the user's function, not looked up anew
}


@pytest.mark.parametrize(("name", "size", "calls", "arrays"), [
    (name, *row) for name, (_, _, rows) in ARRAY_OPERATIONS.items() for row in rows])
def test_numpy_calls_of_arrays(name, size, calls, arrays, numpy_calls, monkeypatch):
    monkeypatch.setattr(TABLE[np.sin], "on_arrays", (cosine_by_sine, lambda: True))  # on any machine
    operation, count, _ = ARRAY_OPERATIONS[name]
    args = [dual(np.linspace(1, 2, size), np.ones(size), LEVEL) for _ in range(count)]
    found, made = numpy_calls(operation, *args)
    assert (len(found), len(made)) == (calls, arrays), (found, made)


@pytest.mark.parametrize(("operation", "size", "calls", "arrays"), [
    (operator.mul, SMALL, 4, 2), (operator.mul, MIDDLE, 4, 0),  # as for one direction
    (np.exp, SMALL, 2, 1), (np.exp, MIDDLE, 2, 0),
    (np.sum, SMALL, 2, 1), (np.sum, MIDDLE, 2, 1),  # one sum for all five directions
])
def test_a_chunk_takes_as_many_calls_as_one_direction(operation, size, calls, arrays, numpy_calls):
    args = [chunk(np.linspace(1, 2, size), LEVEL) for _ in range(1 + (operation is operator.mul))]
    found, made = numpy_calls(operation, *args)
    assert (len(found), len(made)) == (calls, arrays), (found, made)


@pytest.mark.parametrize(("operation", "count", "most"), [
    (operator.add, 2, 0.05), (operator.mul, 2, 0.05), (np.exp, 1, 0.05), (np.sin, 1, 0.05),  # some blocks of 96 kB
    (lambda x: x + 1.0, 1, 0.01), (np.sum, 1, 0.01),
    (lambda x: np.sin(x) * np.exp(-x) + x, 1, 0.05)])
def test_large_arrays_are_made_in_memory_that_is_used_again(operation, count, most):
    args = [dual(np.linspace(1, 2, LARGE), np.ones(LARGE), LEVEL) for _ in range(count)]
    operation(*args)
    tracemalloc.start()
    try:
        operation(*args)
        assert tracemalloc.get_traced_memory()[1] < most * args[0].primal.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("operation", "count", "arrays"), [
    (operator.mul, 2, 2), (operator.truediv, 2, 3), (np.exp, 1, 2), (np.sin, 1, 2), (lambda x: x + 1.0, 1, 1), (np.sum, 1, 0)])
def test_arrays_that_an_operation_takes_from_the_pool(operation, count, arrays, monkeypatch):
    """The value and its tangent (a second product is formed where the value will be); where the tangent is shared, the value."""
    args = [dual(np.linspace(1, 2, MIDDLE), np.ones(MIDDLE), LEVEL) for _ in range(count)]
    taken = []
    empty_like = type(POOL).empty_like
    monkeypatch.setattr(type(POOL), "empty_like", lambda *args: taken.append(1) or empty_like(*args))
    operation(*args)
    assert len(taken) == arrays


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts pages as Linux does")
@pytest.mark.parametrize("size", [5000, 10_000, 16_000])
def test_arrays_that_fit_into_the_cache_take_no_new_pages(size):
    """In a new process, in which no large array has been freed yet: at 10⁴ entries there were 40 new pages a call."""
    script = f"""
import resource
import numpy as np
import dualdiff as dd
x = np.linspace(0.1, 2, {size})
for _ in range(100):
    dd.jvp(lambda t: np.sum(np.exp(-t) * np.sin(3 * t)), (x,), (x,))
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    dd.jvp(lambda t: np.sum(np.exp(-t) * np.sin(3 * t)), (x,), (x,))
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100


def test_a_function_of_scipy_takes_the_short_way_also_if_it_was_met_before_its_rules():
    """Its rules are loaded when one is first asked for: what was done in that call is not what is to be done from then on."""
    pytest.importorskip("scipy")
    script = """
import sys
import numpy as np
import scipy.special as sp
from dualdiff.dual import dual
x = dual(np.linspace(0.1, 2, 5), np.ones(5), 5)
for function in (sp.erf, sp.erf, sp.erf, sp.erfc, sp.erfc):  # called, made from its rule, as made
    calls = []
    sys.setprofile(lambda frame, event, argument: calls.append(1) if event == "call" else None)
    function(x)
    sys.setprofile(None)
    print(len(calls))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loading, making, made, other_making, other_made = map(int, done.stdout.split())
    assert made == other_made < other_making == making < loading
