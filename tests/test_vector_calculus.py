"""Divergence, curl and Laplacian against closed forms, jacobians and hessians, with batches."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd

POINTS = np.random.default_rng(3).normal(size=(2, 4, 3))


def field(x):
    return np.stack([x[..., 0] ** 2 * x[..., 1], np.sin(x[..., 1] * x[..., 2]), np.exp(x[..., 0]) + x[..., 2] ** 3], axis=-1)


def potential(x):
    return np.exp(x[..., 0]) * np.sin(2 * x[..., 1]) + x[..., 2] ** 4


def exact_divergence(x):
    return 2 * x[..., 0] * x[..., 1] + x[..., 2] * np.cos(x[..., 1] * x[..., 2]) + 3 * x[..., 2] ** 2


def exact_curl(x):
    return np.stack([-x[..., 1] * np.cos(x[..., 1] * x[..., 2]), -np.exp(x[..., 0]), -x[..., 0] ** 2], axis=-1)


def exact_laplacian(x):
    return -3 * np.exp(x[..., 0]) * np.sin(2 * x[..., 1]) + 12 * x[..., 2] ** 2


@pytest.mark.parametrize(("transform", "function", "exact"), [
    (dd.divergence, field, exact_divergence), (dd.curl, field, exact_curl), (dd.laplacian, potential, exact_laplacian)])
def test_closed_forms(transform, function, exact):
    for x in (POINTS, POINTS[0], POINTS[0, 0], POINTS[:, :0], np.asfortranarray(POINTS)):
        before = x.copy()
        found = transform(function)(x)
        assert np.shape(found) == np.shape(exact(x))
        assert np.allclose(found, exact(x), rtol=1e-13, atol=1e-14)
        assert np.array_equal(x, before)


def test_one_point_agrees_with_jacobian_and_hessian():
    x = POINTS[0, 0]
    assert dd.divergence(field)(x) == pytest.approx(np.trace(dd.jacobian(field)(x)), rel=1e-14)
    assert dd.laplacian(potential)(x) == pytest.approx(np.trace(dd.hessian(potential)(x)), rel=1e-13)
    assert np.allclose(dd.laplacian(field)(x), np.trace(dd.hessian(field)(x), axis1=1, axis2=2), rtol=1e-13)


def test_identities():
    def gradient(x):
        return np.stack([np.exp(x[..., 0]) * np.sin(2 * x[..., 1]), 2 * np.exp(x[..., 0]) * np.cos(2 * x[..., 1]),
                         4 * x[..., 2] ** 3], axis=-1)

    assert np.allclose(dd.curl(gradient)(POINTS), 0, atol=1e-14)
    assert np.allclose(dd.divergence(dd.curl(field))(POINTS), 0, atol=1e-13)
    assert np.allclose(dd.divergence(gradient)(POINTS), dd.laplacian(potential)(POINTS), rtol=1e-13)


def test_the_plane_and_coordinates_as_arguments():
    rotation = lambda x: np.stack([-x[..., 1] ** 3, x[..., 0] ** 2], axis=-1)
    x, y = POINTS[..., 0], POINTS[..., 1]
    wanted = 2 * x + 3 * y**2
    assert np.allclose(dd.curl(rotation)(POINTS[..., :2]), wanted, rtol=1e-14)
    assert np.allclose(dd.curl(lambda x, y: (-(y**3), x**2), argnums=(0, 1))(x, y), wanted, rtol=1e-14)
    assert dd.curl(lambda x, y: (-(y**3), x**2), argnums=(0, 1))(2.0, 3.0) == 31.0
    assert dd.divergence(lambda p: [p[0] ** 2, p[1] ** 3])([2.0, 3.0]) == 31.0
    assert dd.laplacian(lambda x, y: x**2 * y**3, argnums=(0, 1))(2.0, 3.0) == 2 * 27.0 + 4 * 18.0
    assert dd.laplacian(lambda t, x: t * x**3, argnums=1)(2.0, 3.0) == 36.0


def test_options():
    @dd.divergence(has_aux=True)
    def radial(x, k):
        """r."""
        return k * x, x

    value, aux = radial(np.array([1.0, 2.0, 3.0]), 2.0)
    assert (value, type(aux), radial.__doc__) == (6.0, np.ndarray, "r.")
    calls = []
    dd.laplacian(lambda x: calls.append(1) or np.sum(x**3))(np.ones(5))
    assert len(calls) == 5
    slope = dd.gradient(dd.laplacian(lambda x: np.sum(x**4)))(np.array([1.0, 2.0]))
    assert np.allclose(slope, [24.0, 48.0])


def test_refusals():
    with pytest.raises(ValueError, match="components"):
        dd.divergence(lambda x: x[..., :2])(POINTS)
    with pytest.raises(ValueError, match="batch"):
        dd.divergence(lambda x: np.sum(x, axis=0))(POINTS)
    with pytest.raises(ValueError, match="batch"):
        dd.laplacian(lambda x: np.sum(x**2))(POINTS)
    with pytest.raises(ValueError, match="plane or in space"):
        dd.curl(lambda x: x)(np.ones(4))
    with pytest.raises(TypeError, match="real"):
        dd.laplacian(lambda x: np.sum(x**2))(np.ones(3) + 1j)
