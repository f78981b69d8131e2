"""Reverse mode, assignment: in place, in time proportional to what is written, and what was read before stays what it was."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import dualdiff as dd
from dualdiff import reverse
from dualdiff.tape.memory import Copies
from tests import reference

X = np.array([0.5, 1.5, 2.5, 3.5])
A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def read_before(x):
    """x₀² + 9x₀, whatever is written after the product was made."""
    y = x * x
    first = y[0] + 0
    square = x * y
    y[:] = 7.0
    x[0] = x[0] * 9
    return first + x[0] + 0 * np.sum(square)


def kept_by_products(x):
    """Σ x³ · 2x: both factors are overwritten after they were multiplied."""
    y, z = x**3, 2 * x
    product = y * z
    y[...] = 0.0
    z[1:] = y[1:]
    return np.sum(product)


def output_overwritten(x):
    """Σ eˣ: the partial of exp is its result."""
    y = np.exp(x)
    total = np.sum(y)
    y *= 0.0
    return total + np.sum(y)


def inverse_overwritten(x):
    m = x[:4].reshape(2, 2)
    inverse = np.linalg.inv(m @ m.T + np.eye(2))
    total = np.sum(inverse**2)
    inverse[0] = 1.0
    m[0] = 5.0
    return total + inverse[0, 1]


def shifted(x):
    x[1:] += 2 * x[:-1]
    return np.sum(x**2)


def overlapping(x):
    x[1:] = x[:-1] * 3
    x[:-1] = x[1:]
    return np.sum(x**3)


def views_of_views(x):
    y = x.reshape(2, 2)
    row = y[1]
    row[0] = x[0] * x[1]
    y.T[0] *= 2
    z = row[::-1]
    z[1:] = z[:1] ** 2
    return np.sum(x * x)


def view_after_write(x):
    window = x[1:3]
    before = np.sum(window**2)
    x[2] = x[0] ** 2
    return before + np.sum(window**3)


def twice_by_index(x):
    out = np.zeros_like(x)
    out[np.array([0, 1, 0])] = x[:3] ** 2
    out[np.array([3, 3])] += x[2:]
    return np.sum(out * x)


def by_mask_and_grid(x):
    y = np.outer(x, x)
    y[y > 2] = 0.25 * x[0]
    y[np.ix_([0, 2], [1, 3])] *= x[1]
    return np.sum(y**2)


def of_a_copied_view(x):
    m = np.asfortranarray(x.reshape(2, 2))
    flat = m.T.reshape(-1)
    flat[1:] = flat[:-1] * flat[1:]
    return np.sum(flat**2) + np.sum(m)


def rows_in_turn(x):
    u = np.zeros((5, 4), like=x)
    u[0] = x
    for k in range(4):
        u[k + 1] = u[k] + 0.1 * np.sin(u[k]) * u[k]
        u[k] *= 1.5
    return np.sum(u**2)


FUNCTIONS = [read_before, kept_by_products, output_overwritten, inverse_overwritten, shifted, overlapping, views_of_views,
             view_after_write, twice_by_index, by_mask_and_grid, of_a_copied_view, rows_in_turn]


def differences(f, x):
    """Of fourth order, by the plain function."""
    def at(i, h):
        moved = x.copy()
        moved[i] += h
        return f(moved)

    h = 1e-3
    return np.array([(8 * (at(i, h) - at(i, -h)) - at(i, 2 * h) + at(i, -2 * h)) / (12 * h) for i in range(len(x))])


@pytest.mark.parametrize("f", FUNCTIONS)
def test_against_differences_and_forward_mode(f):
    before = X.copy()
    value, slope = reverse.value_and_gradient(f)(X)
    assert value == f(X.copy()) and np.array_equal(before, X)
    assert np.allclose(slope, differences(f, X), rtol=1e-8, atol=1e-8)
    assert np.allclose(slope, dd.gradient(f)(X), rtol=1e-13)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_second_derivatives(f):
    wanted = dd.hessian(f)(X)
    for found in (reverse.hessian(f)(X), reverse.jacobian(reverse.gradient(f))(X)):
        assert np.allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_closed_forms():
    assert np.allclose(reverse.gradient(read_before)(X), [2 * X[0] + 9, 0, 0, 0], rtol=1e-15)
    assert np.allclose(reverse.gradient(kept_by_products)(X), 8 * X**3, rtol=1e-14)
    assert np.allclose(reverse.gradient(output_overwritten)(X), np.exp(X), rtol=1e-15)


def test_a_view_of_two_names_is_one_memory():
    """As NumPy has it: what ravel, T, swapaxes and squeeze return shows the array, what flatten and copy return does not."""
    def f(x):
        for shows in (np.ravel(x), x.T, np.swapaxes(x, 0, 1), np.squeeze(x), x.reshape(3, 2), x[...], x.view(), np.real(x)):
            shows[...] = shows * 1.5
        for copies in (x.flatten(), x.copy(), np.copy(x), +x):
            copies[...] = 100.0
        return np.sum(x**2)

    assert f(A.copy()) == pytest.approx(np.sum(A**2) * 1.5**16)
    assert np.allclose(reverse.gradient(f)(A), 2 * A * 1.5**16, rtol=1e-14)


def test_the_results_of_vjp_are_the_users_own():
    value, pullback = reverse.vjp(np.exp, X)
    value[:] = 0.0
    assert np.allclose(pullback(np.ones(4))[0], np.exp(X), rtol=1e-15)
    (first,) = pullback(np.ones(4))
    first[:] = 0.0
    assert np.allclose(pullback(np.ones(4))[0], np.exp(X), rtol=1e-15)


def test_results_that_are_partials_may_be_written_to():
    """(x², x³) by a rule whose partials are made of its results: 3·out₀ is new, a view of out₁ is not."""
    @dd.custom_rule(lambda out, x: (2 * x, 3 * out[0]), of_output=True)
    def square_and_cube(x):
        return x**2, x**3

    @dd.custom_rule(lambda out, x: (out[0], out[1][...]), of_output=True)
    def twice_exp(x):
        return np.exp(x), np.exp(x)

    def f(x):
        (a, b), (c, d) = square_and_cube(x), twice_exp(x)
        total = np.sum(a + b + c + d)
        for part in (a, b, c, d):
            part[:] = 0.0
        return total

    assert np.allclose(reverse.gradient(f)(X), 2 * X + 3 * X**2 + 2 * np.exp(X), rtol=1e-14)


def test_the_users_arrays_may_change_between_uses():
    def f(x):
        c, total = np.ones(4), 0.0
        for k in range(3):
            c *= 2
            total = total + np.sum(c * x**2) + c @ x + np.sum(np.where(c > 3, x, 0))
            c[k] = k
        return total

    assert np.allclose(reverse.gradient(f)(X), dd.gradient(f)(X), rtol=1e-14)


def test_numbers_of_an_outer_derivative_go_into_arrays():
    def f(y):
        def g(x):
            out = np.zeros_like(x)
            view = out[1:]
            out[0] = y * x[0]
            view[0] = y * y * x[1]
            return np.sum(out * x)

        return np.sum(reverse.gradient(g)(X))

    for transform in (dd.derivative, reverse.gradient):
        assert transform(f)(3.0) == pytest.approx(2 * X[0] + 4 * 3.0 * X[1], rel=1e-14)


def filled(n):
    def f(x):
        out = np.zeros(n, like=x)
        out[0] = x[0]
        for i in range(1, n):
            out[i] = 0.5 * out[i - 1] + x[i] * out[i - 1]
        return np.sum(out)

    return f


def steps(n):
    def f(x):
        u = np.zeros((n, 400), like=x)
        u[0] = x[:400]
        for k in range(n - 1):
            u[k + 1] = u[k] + 0.01 * np.sin(u[k]) * u[k]
        return np.sum(u[-1] ** 2)

    return f


@pytest.mark.parametrize("function", [filled, steps])
def test_a_loop_of_assignments_takes_linear_time(function):
    """Eight times the loop: 8 times the time, where copying the array each time would make it 64."""
    def seconds(n):
        x = np.linspace(0.1, 0.2, max(n, 400))
        best = np.inf
        for _ in range(3):
            start = time.perf_counter()
            reverse.gradient(function(n))(x)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(2400) < 24 * seconds(300)


def test_a_read_only_array_is_not_copied_and_a_writeable_one_is():
    """The user may write to his array between its use and the sweep; to a read-only one nobody can."""
    weights = np.random.default_rng(0).normal(size=(3, 4))
    frozen, window, text = weights.copy(), weights.view(), np.frombuffer(bytes(32))
    frozen.flags.writeable = window.flags.writeable = False
    copies = Copies()
    assert copies.kept(frozen) is frozen
    assert copies.kept(frozen[1:]).base is frozen
    assert copies.kept(text) is text
    for array in (weights, window, np.frombuffer(bytearray(32)), np.broadcast_to(weights, (2, 3, 4))):
        assert not np.may_share_memory(copies.kept(array), array)
    slope = dd.reverse.gradient(lambda x: np.sum(np.sin(frozen @ x)))(np.ones(4))
    np.testing.assert_allclose(slope, np.cos(weights.sum(axis=1)) @ weights, rtol=1e-14)


# ---- windows that overlap ------------------------------------------------------------------------------------------------

def windows_1d(y):
    return sliding_window_view(y, 2, writeable=True)


def windows_2d(y):
    return sliding_window_view(y, (2, 2), writeable=True)


def values_for(w, y):
    """As many values as ``w`` has entries, all different."""
    return np.reshape(np.linspace(0.5, 2.0, np.size(w)), np.shape(w)) * y[..., :1].ravel()[0] ** 2


def write_everywhere(w, y):
    w[...] = values_for(w, y)


def write_number(w, y):
    w[...] = y.ravel()[-1] * 3


def write_constants(w, y):
    w[...] = np.reshape(np.arange(np.size(w)), np.shape(w))


def write_row(w, y):
    w[...] = values_for(w[0], y)


def write_reversed(w, y):
    w[::-1] = values_for(w, y)


def write_transposed(w, y):
    w.T[...] = values_for(w.T, y)


def write_some(w, y):
    w[1:, ..., 0] = values_for(w[1:, ..., 0], y)
    w[::2] *= values_for(w[::2], y)


def write_by_indices(w, y):
    w[[-1, 0]] = values_for(w[[-1, 0]], y)


def write_by_mask(w, y):
    mask = np.reshape(np.arange(np.size(w)) % 3 > 0, np.shape(w))
    w[mask] = values_for(w[mask], y)


def double(w, y):
    w *= 2
    w += w
    w -= y.ravel()[0]


@pytest.mark.parametrize("write", [write_everywhere, write_number, write_constants, write_row, write_reversed, write_transposed,
                                   write_some, write_by_indices, write_by_mask, double])
@pytest.mark.parametrize(("whole", "windows"), [
    (lambda x: x.ravel() * x.ravel(), windows_1d), (lambda x: (x * x)[:, 1], windows_1d),
    (lambda x: (x.ravel() ** 2)[::-1], windows_1d), (lambda x: x * x, windows_2d), (lambda x: (x * x).T, windows_2d),
    (lambda x: np.copy(x * x, order="F"), windows_2d), (lambda x: np.copy(x * x, order="F").T.reshape(-1), windows_1d),
    (lambda x: (x * x)[::-1, 1:], windows_2d), (lambda x: x * x, lambda y: windows_2d(y)[::2, :, 1:]),
    (lambda x: x * (1 + 2j), lambda y: windows_2d(y).real)],
    ids=["vector", "column", "backwards", "matrix", "transpose", "F", "flat F", "slices", "part", "real part"])
def test_overlapping_windows(whole, windows, write):
    def f(x):
        y = whole(x)
        kept = y * 1
        w = windows(y)
        write(w, x)
        return np.real(y), np.real(kept * y), np.sum(w * w)

    x = np.linspace(0.5, 1.9, 9).reshape(3, 3)
    reference.check(f, x, chunks=(1, None))
    value, found = dd.reverse.value_and_jacobian(f)(x)
    for ours, wanted in zip(value, f(x)):
        np.testing.assert_array_equal(ours, wanted)
    for ours, wanted in zip(found, reference.differences(f, [x], 0)[0]):
        np.testing.assert_allclose(ours, wanted, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(dd.reverse.hessian(lambda x: np.sum(f(x)[1]))(x), dd.hessian(lambda x: np.sum(f(x)[1]))(x),
                               rtol=1e-12, atol=1e-12)
