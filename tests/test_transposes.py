"""Transposes: every linear function has one, and every snippet of the array tests has the same Jacobian in both modes."""

from __future__ import annotations

import warnings

import mpmath
import numpy as np
import pytest

import dualdiff as dd
import test_fft
import test_linalg
import test_polynomials
import test_products
import test_reductions
import test_selections
import test_shapes
from dualdiff.rules.moves import MOVES
from dualdiff.rules.recipes import RECIPES
from dualdiff.rules.table import TABLE
from dualdiff.rules.transposes import TRANSPOSES
from reference import entries

LINEAR = [rule for rule in TABLE.values() if rule.kind in ("linear", "bilinear")]


def snippets():
    for module in (test_reductions, test_selections):
        for name, function, arrays, *_ in module.SNIPPETS:
            yield f"{module.__name__}: {name}", function, arrays
    for group in (test_shapes.VIEWS, test_shapes.GATHERED, test_shapes.JOINED):
        for name, (function, *arrays) in group.items():
            yield f"shapes: {name}", test_shapes.squared(function), arrays
    for group in (test_shapes.PADDED, test_shapes.MADE, test_shapes.WRITTEN, test_products.PRODUCTS, test_products.EINSUMS,
                  test_polynomials.POLYNOMIALS, test_polynomials.SIGNALS, test_linalg.SNIPPETS):
        for name, (function, *arrays) in group.items():
            yield f"others: {name}", function, arrays
    for name, f in test_fft.FROM_REAL.items():
        yield f"fft: {name}", lambda x, f=f: (np.real(f(x)), np.imag(f(x))), [test_fft.X]
        yield f"fft: complex result of {name}", f, [test_fft.X]
    for name, f in test_fft.TO_REAL.items():
        yield f"fft: {name}", lambda x, y, f=f: f(x + 1j * y), [test_fft.X, test_fft.X[::-1].copy()]


SNIPPETS = list(snippets())


@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
def test_every_linear_function_is_transposed(rule):
    assert rule.function in RECIPES or rule.function in TRANSPOSES or rule.function in MOVES
    if rule.function in TRANSPOSES:
        assert set(TRANSPOSES[rule.function]) == set(rule.positions)


def test_the_battery_is_large():
    assert len(SNIPPETS) > 900 and len(LINEAR) > 60


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet[0])
def test_both_modes_agree(snippet):
    name, function, arrays = snippet
    arrays = list(arrays)
    argnums = tuple(i for i, a in enumerate(arrays)
                    if isinstance(a, (float, complex, np.ndarray)) and np.asarray(a).dtype.kind in "fc")
    tolerance = 1e-7 if name.endswith("sum dtype") else 1e-12  # forward mode rounds to float32 there, as told
    before = [np.copy(a) for a in arrays]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value, forward = dd.value_and_jacobian(function, argnums=argnums, chunk_size=None)(*arrays)
        ours, reverse = dd.reverse.value_and_jacobian(function, argnums=argnums)(*arrays)
    for a, b in zip(entries(value), entries(ours), strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()
    for a, b in zip(entries(forward), entries(reverse), strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=tolerance, atol=tolerance * np.max(np.abs(a), initial=0.0), equal_nan=True)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, before))


X, Y = np.random.default_rng(1).normal(size=(2, 4, 4))
Z = X + 1j * Y


@pytest.mark.parametrize("f", [
    np.vdot, np.inner, np.kron, np.outer, np.matmul, np.vecdot, np.dot, lambda a, b: np.tensordot(a, b, ([0], [1])),
    lambda a, b: np.einsum("ii,...i->...", a, b), lambda a, b: np.convolve(a[0], b[0], "same"),
    *[lambda a, b, mode=mode, n=n: np.correlate(a[0, :n], b[0], mode) for mode in ("valid", "same", "full") for n in (2, 3, 4)],
    *[lambda a, b, n=n: np.fft.irfft(a[0] * b[0], n) for n in (4, 5, 6, 7, 9)],
    lambda a, b: np.fft.hfft(a * b, norm="ortho"), lambda a, b: np.fft.rfftn(np.real(a * b), (3, 6)), np.linalg.solve])
def test_the_dot_product_identity(f):
    """Re⟨c, J t⟩ = Re⟨Jᵀc, t⟩, complex factors and cotangents."""
    ts = (Z[::-1].copy(), 1j * Z.T)
    args = (Z, Z.T.copy() + 1)
    _, pushed = dd.jvp(f, args, ts)
    value, pullback = dd.reverse.vjp(f, *args)
    rng = np.random.default_rng(2)
    c = rng.normal(size=np.shape(value)) + (1j * rng.normal(size=np.shape(value)) if np.iscomplexobj(value) else 0)
    right = sum(np.sum(part * t) for part, t in zip(pullback(c), ts))
    assert np.isclose(np.real(np.sum(c * pushed)), np.real(right), rtol=1e-12)


@pytest.mark.parametrize("entries", [[1e-160, 1e-160, 1e200, 1e200], [1e-160, 1e200, 1e-160, 1e200], [1e200, 1e200, 1e-160, 1e-160],
                                     [0.0, 2.0, 3.0, 4.0], [0.0, 0.0, 3.0], [1e-310, 3.0, 1e5], [1e300, 1e300, 1e-300], [-2.0], []])
def test_product_of_the_others_where_products_leave_the_range(entries):
    """Each by mpmath, whose numbers have no smallest; a product of two that underflows would lose its digits on the way."""
    found = dd.reverse.gradient(np.prod)(np.array(entries))
    for i, slope in enumerate(found):
        exact = mpmath.fprod(map(mpmath.mpf, entries[:i] + entries[i + 1:]))
        assert slope == pytest.approx(float(exact), rel=1e-15)
