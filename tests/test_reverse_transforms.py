"""The reverse transforms beside the forward ones: the same arguments, structures and errors."""

from __future__ import annotations

import pickle
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import reverse

X = np.array([[1.0, 2.0, 3.0], [0.5, -1.5, 2.5]])
Pair = namedtuple("Pair", "left right")


@dataclass
class Model:
    weights: np.ndarray
    bias: float


def scalar(x, y, *, z=2.0):
    return np.sum(np.asarray(x) ** 2 if isinstance(x, list) else x**2) * y + z * z


def mixed(p, q):
    return {"a": [p * q, np.sum(p)], "b": Pair(np.outer(p[0], q), 3.0)}


def cube(x):
    return np.sum(x**3)


def powers(x):
    return np.array([x[0] ** 2 * x[1], np.exp(x[2]), x[0] * x[2]], like=x)


NAMES = ["gradient", "jacobian", "hessian", "value_and_gradient", "value_and_jacobian"]
CHOICES = [{}, {"argnums": 1}, {"argnums": -1}, {"argnums": (0, 1)}, {"argnums": (1, 0)}, {"argnums": (0,)}, {"argnames": "z"},
           {"argnames": ("z",)}, {"argnums": 0, "argnames": "z"}, {"argnums": (1,), "argnames": ("z",)}]


def same(a, b):
    """Equal in structure, shapes, types and, nearly, numbers."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, Model):
        return isinstance(b, Model) and same(vars(a), vars(b))
    if isinstance(a, str):
        return a == b
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if type(a) is not type(b) and {type(a), type(b)} != {float, np.float64}:
        return False
    return getattr(a, "dtype", float) == getattr(b, "dtype", float) and np.shape(a) == np.shape(b) and (
        np.allclose(a, b, rtol=1e-13, equal_nan=True))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_choice_of_arguments(name, choice):
    args, kwargs = (X, 3.0), {"z": 1.5}
    forward = getattr(dd, name)(scalar, **choice)(*args, **kwargs)
    assert same(getattr(reverse, name)(scalar, **choice)(*args, **kwargs), forward)


@pytest.mark.parametrize("name", ["gradient", "jacobian", "hessian", "value_and_gradient"])
@pytest.mark.parametrize("point", [
    2.0, 3, np.float32(2.0), np.float64(2.0), np.array(2.0), np.array([1, 2]), np.zeros(0), np.zeros((2, 0)), X, X.T,
    X.astype(np.float32), X[:, ::2], X.astype(np.longdouble), [1.0, 2.0], (1.0, X[0]), {"u": 1.0, "v": [X, 2]}, Pair(1.0, X),
    Model(X[0], 2.0), [[1.0], {"k": (2.0,)}]], ids=repr)
def test_structures_of_inputs(name, point):
    def f(p):
        return sum([np.sum(leaf**3 + leaf * 0.5) for leaf in leaves(p)], 0.0)

    assert same(getattr(reverse, name)(f)(point), getattr(dd, name)(f)(point))


def leaves(p):
    if isinstance(p, Model):
        return [p.weights, p.bias]
    if isinstance(p, dict):
        return [leaf for part in p.values() for leaf in leaves(part)]
    return [leaf for part in p for leaf in leaves(part)] if isinstance(p, (list, tuple)) else [p]


def test_structures_of_outputs():
    for choice in ({}, {"argnums": (0, 1)}, {"argnums": 1}):
        for name in ("jacobian", "value_and_jacobian"):
            assert same(getattr(reverse, name)(mixed, **choice)(X[0], X[1]), getattr(dd, name)(mixed, **choice)(X[0], X[1]))


def test_aux():
    def f(x):
        return np.sum(x**2), {"first": x[0, 0], "all": [x, "text"]}

    for name in NAMES:
        ours, theirs = (getattr(module, name)(f, has_aux=True)(X) for module in (reverse, dd))
        assert same(ours, theirs)
    assert same(reverse.hvp(f, X, np.ones_like(X), has_aux=True), dd.hvp(f, X, np.ones_like(X), has_aux=True))
    value, _, aux = reverse.vjp(f, X, has_aux=True)
    assert value == np.sum(X**2) and aux["first"] == 1.0 and aux["all"][1] == "text"


def test_hvp():
    v = np.arange(6.0).reshape(2, 3)
    assert same(reverse.hvp(cube, X, v), dd.hvp(cube, X, v))
    args = lambda x, y: np.sum(x * y * y), (X, 2 * X), (v, v)
    assert same(reverse.hvp(*args), dd.hvp(*args))


class Spring:
    def __init__(self, stiffness):
        self.stiffness = stiffness

    @reverse.gradient
    def force(self, x):
        """Minus the force."""
        return 0.5 * self.stiffness * np.sum(x**2)

    @reverse.jacobian(argnums=1)
    def other(self, x, y):
        return self.stiffness * x * y

    @reverse.hessian
    def curvature(self, x):
        return self.stiffness * np.sum(x**2)


def test_decorators_and_methods():
    spring = Spring(3.0)
    assert np.array_equal(spring.force(X), 3.0 * X) and Spring.force.__doc__ == "Minus the force."
    assert np.array_equal(spring.other(2.0, X[0]), 6.0 * np.eye(3)) and np.array_equal(spring.curvature(X[0]), 6.0 * np.eye(3))

    @reverse.value_and_gradient(argnums=(0, 1))
    def f(x, y):
        return x * y

    assert f(2.0, 3.0) == (6.0, (3.0, 2.0)) and f.__name__ == "f"
    assert reverse.gradient(reverse.gradient(lambda x: x**4))(1.0) == 12.0


ERRORS = [
    (lambda x: x, X), (lambda x: (1.0, 2.0), X), (lambda x: "text", X), (lambda x: None, X), (lambda x: 1j * np.sum(x), X),
    (cube, "text"), (cube, True), (cube, np.array(["a"])), (cube, None)]


@pytest.mark.parametrize(("f", "x"), ERRORS)
def test_errors_are_those_of_forward_mode(f, x):
    with pytest.raises(Exception) as forward:
        dd.gradient(f)(x)
    with pytest.raises(type(forward.value)) as ours:
        reverse.gradient(f)(x)
    assert str(ours.value).replace("reverse.", "") == str(forward.value).replace("reverse.", "")


@pytest.mark.parametrize("choice", [
    {"argnums": 2}, {"argnums": (0, 0)}, {"argnums": "x"}, {"argnames": "nothing"}, {"argnums": ()}])
def test_wrong_choices_of_arguments(choice):
    with pytest.raises((TypeError, ValueError)) as forward:
        dd.gradient(scalar, **choice)(1.0, 2.0)
    with pytest.raises(type(forward.value)) as ours:
        reverse.gradient(scalar, **choice)(1.0, 2.0)
    assert str(ours.value) == str(forward.value)


def test_transforms_take_functions():
    for name in NAMES:
        with pytest.raises(TypeError, match="takes a function"):
            getattr(reverse, name)(3.0)


@pytest.mark.parametrize("name", ["jacobian", "value_and_jacobian", "hessian"])
def test_executors(name):
    function = cube if name == "hessian" else powers
    wanted = getattr(reverse, name)(function)(X[0])
    with ThreadPoolExecutor(2) as pool:
        assert same(getattr(reverse, name)(function, executor=pool)(X[0]), wanted)
    with pytest.raises(TypeError, match="executor"):
        getattr(reverse, name)(function, executor=3)


def test_processes():
    with ProcessPoolExecutor(1) as pool:
        assert same(reverse.jacobian(powers, executor=pool)(X[0]), reverse.jacobian(powers)(X[0]))
        assert same(reverse.hessian(cube, executor=pool)(X[0]), reverse.hessian(cube)(X[0]))


def test_chunks_of_the_hessian():
    wanted = reverse.hessian(cube)(X)
    for chunk_size in (2, 4, None):
        assert same(reverse.hessian(cube, chunk_size=chunk_size)(X), wanted)
    with pytest.raises(ValueError, match="chunk_size"):
        reverse.hessian(cube, chunk_size=0)


def test_pickling():
    for name in NAMES:
        transform = pickle.loads(pickle.dumps(getattr(reverse, name)(cube)))
        assert same(transform(X), getattr(reverse, name)(cube)(X))
    with pytest.raises(TypeError, match="cannot be pickled"):
        reverse.gradient(lambda x: pickle.dumps(x))(1.0)
