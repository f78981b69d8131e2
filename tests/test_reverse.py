"""Reverse mode: numbers, mutation and views, nesting, errors."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import reverse

X = np.array([1.0, 2.0, 3.0])
A = np.array([[1.0, 2.0], [3.0, 4.0]])


def filled(x):
    out = np.zeros_like(x)
    for i in range(3):
        out[i] = x[i] ** 2
    out[1:] += 3 * x[0]
    row = out[0:2]
    row *= 2
    return np.sum(out * x)


def through_views(x):
    y = x.T
    y[0, 1] = 5 * x[0, 0]
    z = x.reshape(-1)
    z[0] *= 2
    return np.sum(x**2)


def seen_in_views(x):
    y = x.T
    x[0, 1] *= 7.0
    return np.sum(y**3)


def rows(x):
    for i in range(2):
        row = x[i]
        row += np.sum(row)
        x[i] = row * row
    return np.sum(x)


def named_twice(x):
    out = np.zeros_like(x).reshape(-1)
    out[[0, 0, 1, 2]] = np.ravel(x)
    return np.sum(out**2)


def overwritten_constant(x):
    c, total = np.zeros((2, 2)), 0
    for i in range(3):
        c[:] = i
        total = total + np.sum(c * x * x) + np.sum(c @ x)
    return total


@pytest.mark.parametrize("f", [through_views, seen_in_views, rows, named_twice, overwritten_constant])
def test_writes_and_views(f):
    assert np.allclose(reverse.gradient(f)(A), dd.gradient(f)(A), rtol=1e-14)


def test_closed_form_of_a_filled_array():
    """Σ: 2x₀³ + 2(x₁² + 3x₀)x₁ + (x₂² + 3x₀)x₂."""
    a, b, c = X
    assert np.allclose(reverse.gradient(filled)(X), [6 * a * a + 6 * b + 3 * c, 6 * b * b + 6 * a, 3 * c * c + 3 * a])


@pytest.mark.parametrize("outer", [reverse, dd])
@pytest.mark.parametrize("inner", [reverse, dd])
def test_nesting(outer, inner):
    wanted = [[12.0, 6, 3], [6, 24, 0], [3, 0, 18]]
    assert np.allclose(outer.jacobian(inner.gradient(filled))(X), wanted, rtol=1e-14)


def test_second_derivatives():
    wanted = np.array([[12.0, 6, 3], [6, 24, 0], [3, 0, 18]])
    assert np.allclose(reverse.hessian(filled)(X), wanted)
    assert np.allclose(reverse.hvp(filled, X, np.ones(3)), wanted.sum(1))
    third = reverse.gradient(lambda x: reverse.gradient(reverse.gradient(np.sin))(x))
    assert math.isclose(third(0.7), -math.cos(0.7), rel_tol=1e-14)


def test_perturbations_are_not_confused():
    assert reverse.gradient(lambda x: x * reverse.gradient(lambda y: x + y)(1.0))(1.0) == 1.0
    assert reverse.gradient(lambda x: x * dd.derivative(lambda y: x * y)(2.0))(3.0) == 6.0


def test_vjp():
    value, pullback = reverse.vjp(lambda x, y: (x**2 + 2 * x) * np.log(y), 1.0, 2.0)
    for c in (2.0, 1.0, 2.0):
        assert np.allclose(pullback(c), (c * 4 * math.log(2), c * 1.5), rtol=1e-15)
    with pytest.raises(TypeError, match="structure"):
        pullback((1.0, 2.0))
    with pytest.raises(ValueError, match="shape"):
        pullback(np.ones(2))


def test_a_long_chain():
    def chain(x):
        for _ in range(20_000):
            x = x * 1.0001
        return x

    assert math.isclose(reverse.gradient(chain)(1.0), 1.0001**20_000, rel_tol=1e-11)


def test_inputs_on_which_nothing_depends():
    first, second = reverse.gradient(lambda x, y: x * 2, argnums=(0, 1))(2.0, X)
    assert first == 2.0 and np.array_equal(second, np.zeros(3))
    assert np.array_equal(reverse.gradient(lambda x: 3.0)(X), np.zeros(3))


def test_complex():
    assert np.isclose(reverse.jacobian(lambda z: z**3)(1 + 2j), 3 * (1 + 2j) ** 2)
    assert np.isclose(reverse.jacobian(lambda x: np.exp(1j * x))(0.5), 1j * np.exp(0.5j))
    with pytest.raises(dd.NotHolomorphicError):
        reverse.gradient(lambda z: np.abs(z) ** 2)(1 + 2j)


def test_structures_aux_precision_pickling():
    assert reverse.gradient(lambda x: np.sum(x**2))(X.astype(np.float32)).dtype == np.float32
    found = reverse.gradient(lambda p: p["a"] * np.sum(p["b"]))({"a": 2.0, "b": X})
    assert found["a"] == 6.0 and np.array_equal(found["b"], [2.0, 2.0, 2.0])
    slope, aux = reverse.gradient(lambda x: (np.sum(x * x), {"first": x[0]}), has_aux=True)(X)
    assert np.array_equal(slope, 2 * X) and aux == {"first": 1.0}
    assert np.array_equal(pickle.loads(pickle.dumps(reverse.gradient(np.sum)))(X), np.ones(3))


def test_object_arrays_and_like():
    assert np.array_equal(reverse.gradient(lambda x: np.sum(np.array([x[0] * 2, x[1]])))(X), [2, 1, 0])
    assert np.array_equal(reverse.gradient(lambda x: np.sum(np.array([x[0] * 2, x[1]], like=x)))(X), [2, 1, 0])


def test_what_would_be_lost_is_refused():
    def into_plain(x):
        out = np.zeros(3)
        out[0] = x[0]
        return out.sum()

    for f in (into_plain, lambda x: math.sin(x[0])):
        with pytest.raises(dd.TangentLostError):
            reverse.gradient(f)(X)


@pytest.mark.parametrize(("outer", "inner"), [(reverse.gradient, dd.derivative), (dd.gradient, reverse.gradient)])
def test_inner_numbers_in_outer_arrays_are_refused(outer, inner):
    def f(x):
        kept = np.zeros_like(x)

        def g(y):
            kept[0] = y
            return y * y

        return inner(g)(2.0) * x[0]

    with pytest.raises(dd.LevelError, match="like="):
        outer(f)(X)


def test_the_inputs_and_the_cotangent_are_left_alone():
    x, c = X.copy(), np.ones(3)
    _, pullback = reverse.vjp(lambda x: x + 0 * x, x)
    (found,) = pullback(c)
    found[:] = 7
    assert np.array_equal(c, np.ones(3)) and np.array_equal(x, X)
