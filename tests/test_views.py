"""Views: what NumPy aliases, a dual array aliases with its tangent, whatever was done to its memory before."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from tests.reference import check

X = np.array([[1.0, -0.5, 2.0], [0.25, 1.5, -1.25]])


def ravel_copies(x):
    y = x.T + 1  # not contiguous: ravel is a copy
    z = y.ravel()
    z[0] = x[0, 0] ** 2
    return y * y, z * z


def ravel_views(x):
    y = x.T + 1
    z = y.T.reshape(-1)
    z[0] = x[0, 0] ** 2
    z[1] = 5
    return y * y, z * z


def ravel_views_after_broadcast(x):
    y = x.T + x[0][:, None]
    first = y[0]
    z = y.reshape(-1)
    z[:2] = x[0, 0] ** 2
    return y * y, z * z, first * first


def reshape_in_fortran_order(x):
    v = x.ravel() * 1
    v.reshape((3, 2), order="F")[1, 1] = x[0, 0] ** 2
    return v * v


def copy_in_fortran_order(x):
    y = np.copy(x, order="F")
    y.T.reshape(-1)[0] = x[0, 1] ** 2
    y.reshape(-1)[1] = 0
    return y * y


def diagonals(x):
    y = x * 1
    d, e, f = np.diagonal(y), np.diag(y, 1), np.linalg.diagonal(y)
    y[0, 0] = x[1, 1] ** 2
    y[0, 1] = 3
    return d * 1, e * 1, f * 1


def broadcast(x):
    y = x * 1
    b, (c, d) = np.broadcast_to(y, (2, 2, 3)), np.broadcast_arrays(y, np.ones((2, 1, 1)))
    y[0, 0] = x[1, 1] ** 2
    return b * 1, c * d


def windows(x):
    y = x.ravel() * 1
    w = np.lib.stride_tricks.sliding_window_view(y, 2)
    y[1] = x[1, 1] ** 2
    return w * 1


def splits(x):
    y = x * 1
    a, b = np.split(y, 2)
    c, d = np.array_split(y, 2, axis=1)
    a[0, 0] = x[1, 1] ** 2
    b += 1
    b *= x[0]
    c += b[0, 0]
    d[1] = 7
    return y * y


def real_and_imaginary_parts(x):
    y = x * (1 + 2j)
    y.real[0, 0] = x[1, 1] ** 2
    y.imag[1] = 7
    y.imag = y.imag * x
    np.real(y)[1, 1] *= 2
    return y.real * y.imag


def flips(x):
    y = x * 1
    np.flip(y)[0, 0] = x[1, 1] ** 2
    np.rot90(y)[0, 0] = x[1, 0] ** 3
    np.fliplr(y)[1] *= x[0]
    np.swapaxes(y, 0, 1)[0] += x[0, 2]
    return y * y


def axes_added_and_removed(x):
    y = x[0] * 1
    np.atleast_2d(y)[0, 0] = x[1, 1] ** 2
    np.expand_dims(y, 0)[0, 1] *= 4
    np.squeeze(y[None])[2] = x[1, 0]
    return y * y


def unpacked(x):
    y = x * 1
    for i, row in enumerate(y):
        row *= x[i, 0]
    a, b = y
    a[:] = b
    return y * y


def grids(x):
    y = x[0] * 1
    a, b = np.meshgrid(y, y)
    c, d = np.meshgrid(y, y, copy=False, sparse=True)
    a[0, 0] = 9
    y[0] = x[0, 2] ** 2
    return a * b, c * d


def flat(x):
    y = x * 1
    y.flat[3] = x[0, 0] ** 2
    y.flat[[0, 1]] = x[1, :2]
    y.flat[4:] = 2.0
    part = y.flat[:2]
    part[0] = 100.0
    y.flat = y.flat[::-1]
    y.flat[-1] = y.flat[0] * y.flat[1]
    return y * y


def conversions(x):
    y = x.astype(float, copy=False) * 1
    y.view()[0, 0] = x[1, 1] ** 2
    y.astype(float)[0] = 0
    np.asarray(y, like=y)[1, 1] = x[0, 0] ** 3 if not isinstance(y, np.ndarray) else x[0, 0] ** 3
    return y * y


def sorted_in_place(x):
    y = x * x
    y.sort()
    y[0].sort()
    y.partition(1, axis=0)
    return y * y


def scalars_are_values(x):
    y = x * 1
    a = y[0, 0]
    y[0, 0] = 5
    return a * a


@pytest.mark.parametrize("function", [
    ravel_copies, ravel_views, ravel_views_after_broadcast, reshape_in_fortran_order, copy_in_fortran_order, diagonals, broadcast,
    windows, splits, real_and_imaginary_parts, flips, axes_added_and_removed, unpacked, grids, flat, conversions, sorted_in_place,
    scalars_are_values])
def test_views(function):
    check(function, X)


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda a: np.repeat(a, 2, axis=1)[:, ::2], lambda a: a[::-1, ::-1]])
def test_inputs_of_any_layout(layout):
    """The value is bit by bit that of the plain function, whose sums run in the order of the memory."""
    rng = np.random.default_rng(1)
    x = layout(rng.standard_normal((2, 3)))
    check(lambda x: np.sum(x * x.T[:2, :1]), x)
    check(lambda x: (x.ravel() ** 2, x.T.ravel() ** 2), x)


@pytest.mark.parametrize("view", [lambda y: np.broadcast_to(y, (2, 3)), lambda y: np.diagonal(np.diag(y)),
                                  lambda y: np.lib.stride_tricks.sliding_window_view(y, 2)])
def test_read_only_views(view):
    with pytest.raises(ValueError, match="read-only"):
        view(dd.Dual([1.0, 2.0, 3.0], 1.0))[0] = 4


@pytest.mark.parametrize(("subscripts", "wanted"), [
    ("ii->i", [[0.0, 1.0], [1.0, 0.0]]), ("ij->ij", np.zeros((2, 2))), ("ij->ji", np.zeros((2, 2)))])
def test_views_by_einsum(subscripts, wanted):
    def f(x):
        y = x * 1.0
        np.einsum(subscripts, y)[...] = 0.0
        return np.sum(y * y) / 2 + np.sum(y)

    def slope(x):
        return (x + 1) * wanted

    x = np.array([[0.5, -1.0], [2.0, 3.0]])
    curvature = np.diag(np.ravel(wanted)).reshape(2, 2, 2, 2)
    for chunk_size in (1, 2, 3, None):
        np.testing.assert_array_equal(dd.gradient(f, chunk_size=chunk_size)(x), slope(x))
        np.testing.assert_array_equal(dd.hessian(f, chunk_size=chunk_size)(x), curvature)
    np.testing.assert_array_equal(dd.reverse.gradient(f)(x), slope(x))
    moved = np.sum(x * wanted)
    np.testing.assert_array_equal(dd.taylor(lambda t: f(t * x), 1.0, 2),
                                  [f(x), moved + np.sum(x * x * wanted), np.sum(x * x * wanted) / 2])
