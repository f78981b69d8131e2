"""Products of arrays, each with its keywords, against the reference."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from tests.reference import check

rng = np.random.default_rng(7)
V, W = rng.uniform(-2, 2, 3), rng.uniform(-2, 2, 3)
U = rng.uniform(-2, 2, 2)
A, B = rng.uniform(-2, 2, (2, 3)), rng.uniform(-2, 2, (3, 2))
M = rng.uniform(-2, 2, (2, 2))
P, Q = rng.uniform(-2, 2, (2, 2, 3)), rng.uniform(-2, 2, (2, 3, 2))
ZV, ZW = V + 1j * W, W - 2j * V
ZA = A + 1j * B.T
S = 1.25

PRODUCTS = {
    "dot of vectors": (lambda x, y: np.dot(x, y), V, W),
    "dot of matrices": (lambda x, y: np.dot(x, y), A, B),
    "dot matrix vector": (lambda x, y: np.dot(x, y), A, V),
    "dot scalar": (lambda x, y: np.dot(x, y), S, V),
    "dot n-d": (lambda x, y: np.dot(x, y), P, B),
    "dot constant": (lambda x: np.dot([[1, 2], [3, 4]], x), A),
    "dot keyword": (lambda x, y: np.dot(a=x, b=y), V, W),
    "dot itself": (lambda x: np.dot(x, x), V),
    "method dot": (lambda x, y: x.dot(y), A, B),
    "vdot": (lambda x, y: np.vdot(x, y), V, W),
    "vdot matrices": (lambda x, y: np.vdot(x, y), A, B),
    "inner": (lambda x, y: np.inner(x, y), V, W),
    "inner matrices": (lambda x, y: np.inner(x, y), A, P),
    "inner scalar": (lambda x, y: np.inner(x, y), S, V),
    "outer": (lambda x, y: np.outer(x, y), V, U),
    "outer ravels": (lambda x, y: np.outer(x, y), A, U),
    "outer itself": (lambda x: np.outer(x, x), V),
    "matmul": (lambda x, y: np.matmul(x, y), A, B),
    "matmul operator": (lambda x, y: x @ y, A, B),
    "matmul vector left": (lambda x, y: x @ y, U, A),
    "matmul vector right": (lambda x, y: x @ y, A, V),
    "matmul vectors": (lambda x, y: x @ y, V, W),
    "matmul stacks": (lambda x, y: x @ y, P, B),
    "matmul stack of vectors": (lambda x, y: np.matmul(x, y), P, W),
    "matmul both stacks": (lambda x, y: np.matmul(x[:1], y), P, Q),
    "matmul axes": (lambda x, y: np.matmul(x, y, axes=[(1, 0), (0, 1), (0, 1)]), B, B),
    "matmul reflected": (lambda x: np.ones((2, 2)) @ x, A),
    "matmul in place": (lambda x, y: in_place(x * 1, y), M, M + 1),
    "vecdot": (lambda x, y: np.vecdot(x, y), A, V),
    "vecdot axis": (lambda x, y: np.vecdot(x, y, axis=0), A, A + 1),
    "tensordot": (lambda x, y: np.tensordot(x, y), P, np.ones((2, 3)) + A),
    "tensordot axes=1": (lambda x, y: np.tensordot(x, y, axes=1), A, B),
    "tensordot axes=0": (lambda x, y: np.tensordot(x, y, 0), U, V),
    "tensordot axes lists": (lambda x, y: np.tensordot(x, y, axes=([0, 2], [0, 1])), P, Q),
    "tensordot axes ints": (lambda x, y: np.tensordot(x, y, axes=(1, 0)), A, B),
    "kron": (lambda x, y: np.kron(x, y), A, M),
    "kron vectors": (lambda x, y: np.kron(x, y), U, V),
    "kron mixed": (lambda x, y: np.kron(x, y), A, U),
    "cross": (lambda x, y: np.cross(x, y), V, W),
    "cross stacks": (lambda x, y: np.cross(x, y), A, W),
    "cross axes": (lambda x, y: np.cross(x, y, axisa=0, axisb=1, axisc=0), B, A),
    "cross axis": (lambda x, y: np.cross(x, y, axis=0), B, B + 1),
    "linalg.cross": (lambda x, y: np.linalg.cross(x, y), A, A + 1),
    "linalg.cross axis": (lambda x, y: np.linalg.cross(x, y, axis=0), B, B + 1),
    "linalg.outer": (lambda x, y: np.linalg.outer(x, y), V, U),
    "linalg.matmul": (lambda x, y: np.linalg.matmul(x, y), A, B),
    "linalg.vecdot": (lambda x, y: np.linalg.vecdot(x, y, axis=-1), A, A + 1),
    "linalg.tensordot": (lambda x, y: np.linalg.tensordot(x, y, axes=1), A, B),
    "multiply.outer": (lambda x, y: np.multiply.outer(x, y), V, U),
    "subtract.outer": (lambda x, y: np.subtract.outer(x, y) ** 2, V, U),
}
for name, (left, right) in {"matvec": (P, V), "vecmat": (U, A)}.items():
    if hasattr(np, name):  # NumPy 2.2
        PRODUCTS[name] = (lambda x, y, product=getattr(np, name): product(x, y), left, right)

EINSUMS = {
    "implicit": (lambda x, y: np.einsum("ij,jk", x, y), A, B),
    "explicit": (lambda x, y: np.einsum("ij,jk->ki", x, y), A, B),
    "dot": (lambda x, y: np.einsum("i,i", x, y), V, W),
    "spaces": (lambda x, y: np.einsum("i j, j k -> i k", x, y), A, B),
    "trace": (lambda x: np.einsum("ii", x), M),
    "diagonal": (lambda x: np.einsum("ii->i", x), M),
    "transpose": (lambda x: np.einsum("ji", x), A),
    "sum": (lambda x: np.einsum("ij->", x), A),
    "row sums": (lambda x: np.einsum("ij->i", x * x), A),
    "ellipsis": (lambda x, y: np.einsum("...ij,...jk->...ik", x, y), P, Q),
    "ellipsis broadcast": (lambda x, y: np.einsum("...i,i", x, y), P, V),
    "ellipsis alone": (lambda x: np.einsum("...->...", x), A),
    "three": (lambda x, m, y: np.einsum("i,ij,j->", x, m, y), U, A, V),
    "three optimized": (lambda x, m, y: np.einsum("i,ij,j->", x, m, y, optimize=True), U, A, V),
    "optimize path": (lambda x, m, y: np.einsum("i,ij,j", x, m, y, optimize=["einsum_path", (0, 1), (0, 1)]), U, A, V),
    "optimize greedy": (lambda x, m, y: np.einsum("i,ij,j", x, m, y, optimize="greedy"), U, A, V),
    "optimize optimal": (lambda x, m, y: np.einsum("i,ij,j", x, m, y, optimize="optimal"), U, A, V),
    "four": (lambda x, m, y: np.einsum("ij,jk,kl,li", x, m, y, x @ m), A, B, M),
    "repeated operand": (lambda x: np.einsum("i,i,i->i", x, x, x), V),
    "repeated index": (lambda x, y: np.einsum("ii,i->i", x, y), M, U),
    "constant operand": (lambda x: np.einsum("ij,j->i", np.arange(6.0).reshape(2, 3), x), V),
    "lists": (lambda x, y: np.einsum(x, [0, 1], y, [1, 2]), A, B),
    "lists with output": (lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), A, B),
    "lists with ellipsis": (lambda x, y: np.einsum(x, [..., 0], y, [0]), P, V),
    "outer": (lambda x, y: np.einsum("i,j->ij", x, y), V, U),
    "dtype": (lambda x, y: np.einsum("i,i", x, y, dtype=np.float64), V, W),
    "scalars": (lambda x, y: np.einsum(",i->i", x, y), S, V),
}


def in_place(x, y):
    x @= y
    return x


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name):
    function, *arrays = PRODUCTS[name]
    check(function, *arrays, chunks=(1, None))


@pytest.mark.parametrize("name", EINSUMS)
def test_einsum(name):
    function, *arrays = EINSUMS[name]
    check(function, *arrays, chunks=(1, None), float32=name != "dtype")


@pytest.mark.parametrize("product", [
    lambda x, y: np.dot(x, y), lambda x, y: np.inner(x, y), lambda x, y: np.outer(x, y), lambda x, y: np.kron(x, y),
    lambda x, y: np.cross(x, y), lambda x, y: np.matmul(x, y), lambda x, y: np.tensordot(x, y, 1),
    lambda x, y: np.einsum("i,i", x, y), lambda x, y: np.convolve(x, y)])
def test_complex_products(product):
    """Holomorphic: the complex derivative."""
    check(product, ZV, ZW, chunks=(1, None))


@pytest.mark.parametrize("product", [np.vdot, np.vecdot, np.linalg.vecdot, np.correlate])
def test_conjugating_products(product):
    """Not holomorphic in the conjugated factor; along a direction the product rule holds."""
    dx, dy = ZW, 1j * ZV
    value, slope = dd.jvp(product, (ZV, ZW), (dx, dy))
    assert value == product(ZV, ZW)
    np.testing.assert_allclose(slope, product(dx, ZW) + product(ZV, dy), rtol=1e-14)
    conjugated = 1 if product is np.correlate else 0
    with pytest.raises(dd.errors.NotHolomorphicError):
        dd.jacobian(product, argnums=conjugated)(ZV, ZW)
    factor = np.ravel(dd.jacobian(product, argnums=1 - conjugated)(ZV, ZW))
    np.testing.assert_allclose(factor, ZW.conj() if conjugated else ZV.conj())


def test_out():
    def function(x, y):
        out = np.zeros_like(x)
        assert np.dot(x, y, out=out) is out
        return out

    check(function, M, M + 1)
    with pytest.raises(TypeError, match="tangent"):
        np.dot(dd.Dual(M, M), M, out=np.zeros((2, 2)))


def test_einsum_path_is_plain():
    path, text = np.einsum_path("ij,jk,k", dd.Dual(A, A), B, U)
    assert path == np.einsum_path("ij,jk,k", A, B, U)[0]
    assert isinstance(text, str)
