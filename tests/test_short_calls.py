"""The short ways of transforms against the general one: what comes out, and everything that the function sees, is the same."""

from __future__ import annotations

import collections
import copy
import itertools
from fractions import Fraction

import numpy as np
import pytest

import dualdiff as dd
import dualdiff.transforms.directional
import dualdiff.transforms.wrapper
from dualdiff import Dual
from dualdiff.tangents import Tangents
from dualdiff.transforms.results import stacked_last
from dualdiff.transforms.short_ways.begun import NOTHING

Point = collections.namedtuple("Point", "x y")


@pytest.fixture
def generally(monkeypatch):
    """Do something with all the short ways closed."""
    def do(action):
        with monkeypatch.context() as patch:
            patch.setattr(dualdiff.transforms.wrapper, "common_argnums", lambda **options: None)
            patch.setattr(dualdiff.transforms.directional, "along_at_once", lambda *args: None)
            patch.setattr(dualdiff.transforms.directional, "products_at_once", lambda *args: NOTHING)
            return action()
    return do


def described(value):
    """Everything about a value that a user can tell; levels, which are new each time, left out."""
    if isinstance(value, Dual):
        return "Dual", described(value.primal), described(value.tangent)
    if isinstance(value, Tangents):
        return "Tangents", described(value.snapshot().block)
    if isinstance(value, np.ndarray):
        content = [described(x) for x in value.flat] if value.dtype == object else value.tobytes()
        return type(value), value.dtype, value.shape, value.strides, value.flags.writeable, content
    if isinstance(value, dict):
        return type(value), [(key, described(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [described(item) for item in value]
    return type(value), repr(value)


def arrays_in(value):
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, Dual):
        return arrays_in(value.primal) + arrays_in(value.tangent)
    if isinstance(value, Tangents):
        return arrays_in(value.held)
    if isinstance(value, dict):
        value = value.values()
    return [array for item in value for array in arrays_in(item)] if not np.isscalar(value) and hasattr(value, "__iter__") else []


def arrays_of_duals(value):
    """The arrays in the duals of a structure; its other arrays are the caller's own."""
    if isinstance(value, Dual):
        return arrays_in(value)
    if isinstance(value, dict):
        value = list(value.values())
    return [array for item in value for array in arrays_of_duals(item)] if isinstance(value, (list, tuple)) else []


class SharedMemory(AssertionError):
    """No outcome of a call is this."""


def outcome(transform, make, args, kwargs=None):
    """The result or the error, and what each pass was called with."""
    args, seen, function = copy.deepcopy(args), [], make()
    before = described(args)

    def watched(*given, **named):
        seen.append(described((given, named)))
        if any(np.shares_memory(array, ours) for array in arrays_of_duals(given) for ours in arrays_in(args)):
            raise SharedMemory  # with the caller's arrays
        return function(*given, **named)

    try:
        result = transform(watched)(*args, **kwargs or {})
        if any(np.shares_memory(array, ours) for array in arrays_in(result) for ours in arrays_in(args)):
            raise SharedMemory
        result = described(result)
    except SharedMemory:
        raise
    except Exception as error:
        result = type(error), str(error), getattr(error, "__notes__", []), type(error.__cause__)
    assert described(args) == before
    return result, seen


TRANSFORMS = {
    "derivative": dd.derivative, "value_and_derivative": dd.value_and_derivative, "gradient": dd.gradient,
    "value_and_gradient": dd.value_and_gradient, "jacobian": dd.jacobian, "value_and_jacobian": dd.value_and_jacobian,
    "hessian": dd.hessian, "value_gradient_hessian": dd.value_gradient_hessian,
    "second derivative": lambda f: dd.derivative(f, n=2), "third": lambda f: dd.value_and_derivative(f, n=3),
    "jvp": lambda f: lambda x: dd.jvp(f, x, x), "jvp of a tuple": lambda f: lambda x: dd.jvp(f, (x,), (x,)),
    "hvp": lambda f: lambda x: dd.hvp(f, x, x), "hvp of a tuple": lambda f: lambda x: dd.hvp(f, (x,), (x,)),
    "nested derivative": lambda f: dd.derivative(dd.derivative(f)), "nested gradient": lambda f: dd.jacobian(dd.gradient(f)),
    "tuple": lambda f: dd.jacobian(f, argnums=(0,)), "from the end": lambda f: dd.jacobian(f, argnums=-1),
    "jacobian in a chunk": lambda f: dd.jacobian(f, chunk_size=None), "in chunks": lambda f: dd.value_and_jacobian(f, chunk_size=2),
    "gradient in a chunk": lambda f: dd.gradient(f, chunk_size=None),
    "gradient in chunks": lambda f: dd.value_and_gradient(f, chunk_size=2),
}

rng = np.random.default_rng(5)
POINTS = {
    "float": 1.5, "zero": 0.0, "nan": np.nan, "int": 3, "large int": 10**400, "double": np.float64(1.5), "single": np.float32(1.5),
    "numpy int": np.int64(2), "bool": True, "complex": 1.5 + 2j, "fraction": Fraction(3, 2), "dual": Dual(1.5, 2.0), "text": "x",
    "none": None, "0-d": np.array(1.5), "vector": np.array([0.5, -1.5, 2.0]), "one": np.array([0.5]), "empty": np.zeros(0),
    "matrix": rng.normal(size=(2, 3)), "Fortran": np.asfortranarray(rng.normal(size=(3, 2))), "strided": rng.normal(size=8)[::3],
    "backwards": rng.normal(size=(2, 2))[::-1], "single array": np.array([1, 2], np.float32), "int array": np.array([1, 2]),
    "complex array": np.array([1j, 2.0]), "big-endian": np.array([1.0, 2.0], ">f8"), "dual array": Dual([1.0, 2.0], [1.0, 0.0]),
    "masked": np.ma.array([1.0, 2.0]), "read-only": np.broadcast_to(1.5, (2,)), "objects": np.array([Fraction(1, 2), 2], object),
    "list": [0.5, 2.0], "tuple": (0.5, 2), "dict": {"a": 0.5, "b": np.float64(2.0)}, "named": Point(0.5, 2.0), "nothing": [],
    "nested": [0.5, (2.0, 3.0)], "arrays": {"a": np.asfortranarray(rng.normal(size=(2, 2))), "b": 0.5, "c": np.array([1.0, 2.0])},
    "with an empty one": (0.5, np.zeros(0)), "with singles": [np.array([1.0], np.float32), 2.0], "with 0-d": (np.array(2.0), 0.5),
    "mixed": [0.5, np.array([1.0, 2.0])], "with text": [0.5, "x"], "with bool": (0.5, True),
}


def entries(x):
    """Some of the numbers in an argument of any kind."""
    if isinstance(x, dict):
        return list(x.values())
    if isinstance(x, (list, tuple)) or np.ndim(x):
        return list(itertools.chain.from_iterable(map(entries, x)))
    return [x]


def stateful(function):
    """A function of (its argument, how often it was called before, a list that stays)."""
    def make():
        kept, count = [], itertools.count()
        return lambda x: function(x, next(count), kept)
    return make


def written_to(x, n, kept):
    if isinstance(x, (list, dict)):
        for key in x if isinstance(x, dict) else range(len(x)):
            x[key] = x[key] * 2.0
    elif np.ndim(x):
        x[0] = 7.0
        x *= 2.0
    return sum(entries(x))


def kept_from_first(x, n, kept):
    kept.append(sum(e * e for e in entries(x)))
    return kept[0]


def kept_and_used(x, n, kept):
    kept.append(sum(entries(x)))
    return kept[0] * sum(entries(x))


def failing(x, n, kept):
    if n == 1:
        raise ZeroDivisionError("mine")
    return sum(entries(x))


def inner(x, n, kept):
    y = entries(x)[0]
    return dd.derivative(lambda t: t * t * y)(y) + dd.gradient(lambda v: v[0] * v[1] * y)(np.array([1.0, 2.0]))[0]


def recursive(x, n, kept):
    return 1.0 if n > 2 else entries(x)[0] * recursive(x, n + 1, kept)


FUNCTIONS = {
    "sum of squares": lambda x, n, kept: sum(e * e for e in entries(x)), "first": lambda x, n, kept: entries(x)[0],
    "itself": lambda x, n, kept: x, "constant": lambda x, n, kept: 1.0, "int": lambda x, n, kept: 3,
    "numpy": lambda x, n, kept: np.float32(2.0), "array": lambda x, n, kept: np.arange(2), "none": lambda x, n, kept: None,
    "text": lambda x, n, kept: [entries(x)[0], "text"], "bool": lambda x, n, kept: entries(x)[0] > 0,
    "tuple": lambda x, n, kept: (entries(x)[0], 1), "dict": lambda x, n, kept: {"a": entries(x)[-1], "b": [2.0 * entries(x)[0]]},
    "objects": lambda x, n, kept: np.array(entries(x)), "packed": lambda x, n, kept: np.stack([np.sin(e) for e in entries(x)]),
    "0-d": lambda x, n, kept: np.reshape(entries(x)[0], ()), "matrix": lambda x, n, kept: np.ones((2, 3)) * entries(x)[0],
    "transposed": lambda x, n, kept: (np.ones((2, 3)) * entries(x)[0]).T,
    "no entries": lambda x, n, kept: np.ones(0) * entries(x)[0],
    "complex": lambda x, n, kept: entries(x)[0] * 1j, "dtype": lambda x, n, kept: (np.ones(2) * entries(x)[0]).astype(np.float32),
    "changing dtype": lambda x, n, kept: (np.ones(2) * entries(x)[0]).astype([float, np.float32][n % 2]),
    "shared": lambda x, n, kept: np.ones(2) * entries(x)[0] + 1.0,
    "read-only": lambda x, n, kept: np.broadcast_to(entries(x)[0], 2),
    "later a constant": lambda x, n, kept: entries(x)[0] if n < 1 else 2.0, "later a tuple": lambda x, n, kept: (
        entries(x)[0] if n < 1 else (entries(x)[0],)), "later an array": lambda x, n, kept: (
        entries(x)[0] if n < 2 else entries(x)[0] * np.ones(2)), "longer": lambda x, n, kept: entries(x)[0] * np.ones(n + 1),
    "first a constant": lambda x, n, kept: entries(x)[0] if n else 2.0, "nan": lambda x, n, kept: entries(x)[0] * np.nan,
    "written to": written_to, "kept": kept_from_first, "kept and used": kept_and_used, "failing": failing, "inner": inner,
    "recursive": recursive, "lost": lambda x, n, kept: float(entries(x)[0]), "user's dual": lambda x, n, kept: Dual(2.0, 3.0),
    "of an inner level": lambda x, n, kept: kept.append(dd.derivative(lambda t: kept.append(t) or t)(1.0)) or kept[0],
    "hashed": lambda x, n, kept: {entries(x)[0]: 1}, "index": lambda x, n, kept: range(entries(x)[0]),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("point", POINTS)
def test_the_same_by_the_general_way(transform, point, generally):
    for name, function in FUNCTIONS.items():
        def run(function=function):
            return outcome(TRANSFORMS[transform], stateful(function), (POINTS[point],))
        short, general = run(), generally(run)
        assert short == general, name


class Methods:
    def method(self, x, y):
        return x * y

    @classmethod
    def of_class(cls, x, y):
        assert cls is Methods
        return x * y


def product(*args, **kwargs):
    total = 1.0
    for x in (*args, *kwargs.values()):
        total = total * sum(entries(x))
    return total


V = np.array([1.0, 2.0])
CALLS = {name: (transform, lambda f=f: f, args, kwargs) for name, (transform, f, args, kwargs) in {
    "two numbers": (lambda f: dd.jacobian(f, argnums=(0, 1)), product, (1.5, 2), {}),
    "in another order": (lambda f: dd.value_and_jacobian(f, argnums=(2, 0)), product, (1.5, V, np.float64(2.0)), {"k": 3.0}),
    "two derivatives": (lambda f: dd.derivative(f, argnums=(0, 1)), product, (1.5, 2.5), {}),
    "derivatives of an array": (lambda f: dd.derivative(f, argnums=(0, 1)), lambda x, y: np.array([x, y], like=x), (1.5, 2.5), {}),
    "of numbers and arrays": (lambda f: dd.derivative(f, argnums=(0, 1)), product, (1.5, V), {}),
    "jacobian of numbers and arrays": (lambda f: dd.value_and_jacobian(f, argnums=(2, 0)), lambda x, c, y: np.outer(x, [y, c * y]),
                                       (V, 2.0, 1.5), {}),
    "hessian of numbers and arrays": (lambda f: dd.hessian(f, argnums=(0, 1)), product, (1.5, V), {}),
    "gradients in two arrays": (lambda f: dd.gradient(f, argnums=(0, 1)), product, (V, V), {}),
    "second of three": (lambda f: dd.gradient(f, argnums=1), product, (V, 2 * V, 3.0), {"k": 4.0}),
    "too few arguments": (lambda f: dd.gradient(f, argnums=1), product, (V,), {"k": 4.0}),
    "no arguments": (dd.gradient, product, (), {"k": 4.0}),
    "too few of several": (lambda f: dd.hessian(f, argnums=(0, 1)), product, (1.5,), {}),
    "twice the same": (lambda f: dd.hessian(f, argnums=(0, 0)), product, (1.5,), {}),
    "bool as position": (lambda f: dd.gradient(f, argnums=True), product, (1.5, 2.5), {}),
    "hessian of numbers": (lambda f: dd.hessian(f, argnums=(0, 1)), product, (1.5, 2), {}),
    "hessian in the second": (lambda f: dd.value_gradient_hessian(f, argnums=1), product, (1.5, V, V), {"k": 2.0}),
    "hessian of a matrix": (dd.value_gradient_hessian, lambda x: np.sum(x**3), (np.asfortranarray(rng.normal(size=(2, 3))),), {}),
    "jacobian of a matrix": (dd.jacobian, lambda x: (x * x).T, (rng.normal(size=(2, 3)),), {}),
    "long": (dd.jacobian, np.cumsum, (rng.normal(size=70),), {}),
    "large": (lambda f: lambda x: dd.jacobian(f)(x)[..., :3], lambda x: np.stack([x, x]), (rng.normal(size=(90,)),), {}),
    "a class": (lambda f: dd.derivative(f, argnums=0), lambda cls, x: x * x, (Methods, 1.5), {}),
    "a class and a tuple": (lambda f: dd.jacobian(f, argnums=(0, 1)), lambda cls, x, y: x * y, (Methods, 1.5, 2.5), {}),
    "a class, the second": (lambda f: dd.gradient(f, argnums=1), lambda cls, x, y: x * y, (Methods, 1.5, 2.5), {}),
    "jvp of several": (lambda f: lambda *x: dd.jvp(f, x, (1.0, V, 2)), product, (1.5, V, 2), {}),
    "jvp of wrong shape": (lambda f: lambda x: dd.jvp(f, x, V[:1]), product, (V,), {}),
    "jvp of a list": (lambda f: lambda x: dd.jvp(f, (x,), [x]), product, (V,), {}),
    "jvp of too few": (lambda f: lambda x: dd.jvp(f, (x, x), (x,)), product, (V,), {}),
    "jvp of complex": (lambda f: lambda x: dd.jvp(f, x, 1j * x), product, (V,), {}),
    "jvp along an int": (lambda f: lambda x: dd.jvp(f, x, np.array([1, 2])), product, (V,), {}),
    "jvp of nothing": (lambda f: lambda: dd.jvp(f, (), ()), product, (), {}),
    "hvp of several": (lambda f: lambda *x: dd.hvp(f, x, (1.0, 2)), product, (1.5, 2), {}),
    "hvp of numbers and arrays": (lambda f: lambda *x: dd.hvp(f, x, (1.0, V)), product, (1.5, V), {}),
    "hvp of wrong shape": (lambda f: lambda x: dd.hvp(f, x, V[:1]), product, (V,), {}),
    "hvp of other structure": (lambda f: lambda x: dd.hvp(f, x, (1.0, 2.0)), product, ([1.5, 2.0],), {}),
    "hvp of other keys": (lambda f: lambda x: dd.hvp(f, x, {"b": 1.0}), product, ({"a": 2.0},), {}),
    "hvp of a dict": (lambda f: lambda x: dd.hvp(f, x, {"a": 1.0}), lambda x: x["a"] ** 3, ({"a": 2.0},), {}),
    "hvp along a number and an array": (lambda f: lambda x: dd.hvp(f, x, [1.0, V]), product, ([1.5, 2.0],), {}),
    "hvp along numbers": (lambda f: lambda x: dd.hvp(f, x, [1.0, 2.0]), product, ([1.5, V],), {}),
    "hvp along a number": (lambda f: lambda x: dd.hvp(f, x, 1.0), product, (V,), {}),
    "hvp of nothing": (lambda f: lambda: dd.hvp(f, (), ()), product, (), {}),
    "hvp, then otherwise": (lambda f: lambda x: dd.hvp(f, x, x), lambda x: x[0] ** 2 if x[0] else np.array([x[0]]), (V,), {}),
    "hvp in a matrix": (lambda f: lambda x: dd.hvp(f, x, x), lambda x: np.sum(x**3), (rng.normal(size=(2, 2)).T,), {}),
    "taylor inside": (dd.gradient, lambda x: dd.taylor(lambda t: t * t * x[0], 1.0, 2)[1], (V,), {}),
    "reverse inside": (dd.gradient, lambda x: dd.reverse.gradient(lambda y: y @ y * x[0])(V)[0], (V,), {}),
    "inside reverse": (lambda f: dd.reverse.gradient(dd.gradient(f)), lambda x: x**3, (1.5,), {}),
    "inside a chunk": (lambda f: dd.jacobian(lambda x: dd.derivative(f)(x[0]), chunk_size=None), lambda x: x**3, (V,), {}),
    "third derivative": (lambda f: dd.derivative(dd.derivative(dd.derivative(f))), lambda x: x**4, (1.5,), {}),
    "nested, constant": (lambda f: dd.derivative(dd.derivative(f)), lambda x: 3 * x, (1.5,), {}),
    "nested gradients": (lambda f: dd.gradient(dd.gradient(f)), lambda x: 1j * x, (1.5,), {}),
}.items()}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_arguments_of_any_kind(name, generally):
    def run():
        return outcome(*CALLS[name])
    assert run() == generally(run)


def test_methods(generally):
    def run():
        of_class = classmethod(dd.jacobian(Methods.of_class.__func__, argnums=(0, 1))).__get__(None, Methods)
        return (dd.derivative(Methods().method, argnums=1)(2.0, 3.0), dd.hessian(Methods.of_class, argnums=(0, 1))(2.0, 3.0),
                of_class(2.0, 3.0))
    assert run() == generally(run) == (2.0, ((0.0, 1.0), (1.0, 0.0)), (3.0, 2.0))


def test_results_may_be_written_to():
    """They are in memory of their own, also where tangents are shared or zero."""
    for f in (lambda x: x, lambda x: x + 1.0, lambda x: x[0], lambda x: 2.0, lambda x: np.broadcast_to(x[0], 3), lambda x: 0 * x):
        for result in (dd.jacobian(f)(V), dd.jvp(f, V, V)[1], dd.value_and_jacobian(f)(V)[1]):
            if isinstance(result, np.ndarray):
                result += 1.0
    assert V.tolist() == [1.0, 2.0]


def test_each_pass_has_memory_of_its_own():
    seen = []
    dd.gradient(lambda x: seen.append(x) or x[0] * x[1])(V)
    dd.hessian(lambda x: seen.append(x) or x[0] * x[1])(V)
    dd.hvp(lambda x: seen.append(x) or x[0] * x[1], V, V)
    arrays = arrays_in(seen)
    assert len(arrays) == 2 * 2 + 3 * 3 + 3 * 2
    assert all(array.flags.owndata and array.flags.writeable for array in arrays)
    assert not any(np.shares_memory(a, b) for a, b in itertools.combinations([*arrays, V], 2))


@pytest.mark.parametrize("transform", ["gradient", "jacobian", "hessian", "jvp", "hvp"])
def test_an_array_that_changes_on_the_way(transform, generally):
    """Whether a pass takes what the caller's array holds then, or held at the beginning, is as it is by the general way."""
    def run():
        x, seen = np.array([1.0, 2.0]), []

        def f(y):
            seen.append(described(y))
            x[:] = x[::-1] + 1.0
            return y[0] * y[1]

        return described(TRANSFORMS[transform](f)(x)), seen
    assert run() == generally(run)


@pytest.mark.parametrize("shapes", [((3,), (2,)), ((2, 3), (2,)), ((2,), (2, 3)), ((1,), (1,)), ((0,), (2,)), ((50, 60), (7,))])
@pytest.mark.parametrize("dtype", [float, np.float32, complex, ">f8"])
def test_columns_side_by_side(shapes, dtype):
    shape, leaf_shape = shapes
    columns = [rng.normal(size=shape).astype(dtype) for _ in range(int(np.prod(leaf_shape)))]
    expected = np.stack(columns, axis=-1).reshape(*shape, *leaf_shape)
    found = stacked_last(columns, shape, leaf_shape)
    assert found.dtype == dtype
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, expected)
