"""Reverse mode on random programs that write in place: into constants, views, slices and their own results.

The programs run on complex numbers as well, so a complex step along one direction is the oracle: exact to rounding.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

import dualdiff as dd

LARGE = 12_000  # entries: where memory is used again, and products are formed in place


def program(seed, n):
    """A function of n entries, the same each time it is called: its constants are new, for it overwrites them."""
    def run(x):
        choice, numbers = random.Random(seed), np.random.default_rng(seed)
        weights, factors = numbers.normal(size=n), numbers.uniform(0.5, 1.5, n)
        matrix, places = numbers.normal(size=(4, 4)), numbers.integers(0, n, 5)
        arrays = [x * 1.0, np.sin(x), *[x] * (seed % 3 == 0)]
        total = 0.0

        def some():
            return choice.choice(arrays)

        def half_of_another(y):
            return np.concatenate([y[n // 2:], some()[:n // 2]])

        def scale_a_view(y):
            view = y[choice.randint(0, 3)::choice.choice([1, 2, -1])]
            view *= 0.7

        def add_neighbours(y):
            view = y[1:]
            view += y[:-1] * 0.3

        def copy_a_row(y):
            rows = y.reshape(4, -1).T
            rows[0] = rows[1] * 0.5

        def write_slices(y):
            y[2:7] = some()[1:6]
            y[::2] = np.cos(some()[::2])

        def write_places(y):
            y[places] = some()[places] * 1.1 if choice.random() < 0.5 else 0.3
            places[:] = (places + 3) % n

        def multiply(y):
            y *= some() * 0.5

        def centre(y):
            y[...] = y - np.mean(y)

        def overwrite_constants(y):
            weights[...] = weights[::-1].copy() * 0.9
            matrix[1:] *= 0.8

        def apply_matrix(y):
            return (matrix @ y.reshape(4, -1)).reshape(-1)

        steps = [
            lambda y: y * some(), lambda y: y + some(), np.tanh, lambda y: np.exp(-y * y), lambda y: y / (1.0 + some() ** 2),
            lambda y: y * weights, lambda y: y[::-1][np.arange(n)], lambda y: np.where(factors > 1, y, some()),
            lambda y: y.copy(), lambda y: y - 2.0, half_of_another, apply_matrix, scale_a_view, add_neighbours, copy_a_row,
            write_slices, write_places, multiply, centre, overwrite_constants, overwrite_constants]
        for _ in range(choice.randint(5, 14)):
            made = choice.choice(steps)(some())
            if made is not None:
                arrays.append(made)
            if choice.random() < 0.2:
                total = total + np.sum(some() * weights) * 0.1
        for y in arrays[-4:]:
            total = total + np.sum(np.tanh(y * 0.5) * factors)
        return total + np.sum(apply_matrix(arrays[-1]) ** 2) * 0.01

    return run


def point(seed, n):
    numbers = np.random.default_rng(seed + 7)
    return numbers.uniform(-1, 1, n), numbers.normal(size=n), numbers.normal(size=n)


def along(function, x, v):
    """The derivative along v, by a complex step."""
    return np.imag(function(x + 1e-40j * v)) / 1e-40


@pytest.mark.parametrize(("seeds", "n"), [(range(start, start + 40), 16) for start in range(0, 240, 40)] + [(range(16), LARGE)])
def test_gradients_and_pullbacks(seeds, n):
    for seed in seeds:
        f, (x, v, _) = program(seed, n), point(seed, n)
        before = x.copy()
        wanted = along(f, x, v)
        value, pull = dd.reverse.vjp(f, x)
        assert value == f(x.copy())
        for times, (slope,) in ((1, (dd.reverse.gradient(f)(x),)), (1, pull(1.0)), (2, pull(2.0))):
            assert abs(slope @ v - times * wanted) < 1e-12 * max(1, times * np.sum(abs(slope * v))), seed
        assert (x == before).all()


@pytest.mark.parametrize(("seeds", "n"), [(range(60), 16), (range(4), LARGE)])
def test_second_derivatives(seeds, n):
    """Forward over reverse, reverse over reverse and over forward, beside the complex step of a forward derivative."""
    done = 0
    for seed in seeds:
        f, (x, v, w) = program(seed, n), point(seed, n)
        try:
            found = [dd.reverse.hvp(f, (x,), (v,)), dd.reverse.gradient(lambda x: np.sum(dd.reverse.gradient(f)(x) * v))(x),
                     dd.reverse.gradient(lambda x: dd.jvp(f, (x,), (v,))[1])(x)]
        except dd.LevelError as error:
            assert "of which there are views" in str(error)
            continue
        wanted = along(lambda z: dd.jvp(f, (z,), (v.astype(complex),))[1], x, w)
        for product in found:
            product = product[0] if isinstance(product, tuple) else product
            assert abs(product @ w - wanted) < 1e-11 * max(1, np.sum(abs(product * w))), seed
        done += 1
    assert done > 0.8 * len(seeds)
