"""Seven families of functions from n inputs to m outputs, to compare the modes on: plain NumPy functions, with a point each.

``FAMILIES[name](n, m)`` returns ``(function, x)``, with x of n entries and a result of m (a number when m = 1). Where a peer
brings its own namespace (``autograd.numpy``, ``jax.numpy``, ``torch``), ``xp`` is that namespace and x is still NumPy's.
n and m should be powers of one base: one has to divide the other in the chain.

With few inputs or outputs a function would have next to no work in it, and the calls would be measured. So the dense layer has 64
units or more, the product of matrices 1,024 entries or more, and the ODE a cell for each input; their m results are sums.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Family = Callable[..., tuple[Callable[[Any], Any], np.ndarray]]


def _point(n: int, low: float = 0.5, high: float = 1.5) -> np.ndarray:
    return np.random.default_rng(n).uniform(low, high, n)


def _constant(xp: Any, *shape: int) -> Any:
    """An array of numbers that are no inputs, scaled so that sums over its last axis stay near 1."""
    return xp.asarray(np.random.default_rng(shape).normal(size=shape) / np.sqrt(shape[-1]))


def _result(y: Any, m: int) -> Any:
    return y[0] if m == 1 else y


def _grouped(xp: Any, y: Any, m: int) -> Any:
    """m sums of the entries of y, so that the work does not shrink to nothing where one output is wanted."""
    return _result(xp.sum(xp.reshape(y, (-1, m)), axis=0), m)


def _width(m: int, least: int = 64) -> int:
    """The multiple of m that is at least ``least``."""
    return m * max(1, -(-least // m))


def elementwise_chain(n: int, m: int, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """Four links sin(z)·exp(−z²) + z on max(n, m) elements, then m sums."""
    size = max(n, m)
    copies = xp.asarray(np.ones((size // n, 1)))

    def chain(x):
        z = xp.reshape(x * copies, (size,))
        for _ in range(4):
            z = xp.sin(z) * xp.exp(-z * z) + z
        return _grouped(xp, z, m)

    return chain, _point(n)


def dense_layer(n: int, m: int, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """tanh(W·x + b) with 64 units or m, differentiated in x; m sums."""
    units = _width(m)
    weights, bias = _constant(xp, units, n), _constant(xp, units)

    def layer(x):
        return _grouped(xp, xp.tanh(weights @ x + bias), m)

    return layer, _point(n)


def _sides(size: int) -> tuple[int, int]:
    """The most nearly square matrix of so many entries."""
    rows = next(k for k in range(int(np.sqrt(size)), 0, -1) if size % k == 0)
    return rows, size // rows


def matrix_product(n: int, m: int, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """A·X·Xᵀ·B with n entries in X, and 1,024 or m in the result; m sums."""
    (rows, columns), (above, beside) = _sides(n), _sides(_width(m, 1024))
    left, right = _constant(xp, above, rows), _constant(xp, rows, beside)

    def product(x):
        matrix = xp.reshape(x, (rows, columns))
        return _grouped(xp, (left @ matrix) @ (matrix.T @ right), m)

    return product, _point(n)


def helmholtz_energy(n: int, m: int, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """The Helmholtz free energy of a mixed fluid of n components, at m temperatures.

    Griewank and Walther, Evaluating Derivatives (SIAM, 2nd ed. 2008): R·T·Σ xᵢ log(xᵢ/(1 − bᵀx))
    − xᵀAx/(√8·bᵀx) · log((1 + (1 + √2)·bᵀx)/(1 + (1 − √2)·bᵀx)). A has rank 4 here, so that n may be large.
    """
    covolume = xp.asarray(_point(n) / (4 * n))
    factor = xp.asarray(_point(4 * n).reshape(4, n) / n)
    heat = xp.asarray(8.314 * np.linspace(1.0, 1.5, m))
    root = 2**0.5

    def energy(x):
        b = covolume @ x
        mixture = factor @ x
        entropy = xp.sum(x * xp.log(x / (1 - b)))
        attraction = xp.sum(mixture * mixture) / (2 * root * b) * xp.log((1 + (1 + root) * b) / (1 + (1 - root) * b))
        return _result(heat * entropy - attraction, m)

    return energy, _point(n)


def speelpenning(n: int, m: int = 1, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """Speelpenning's product x₁·x₂·…·xₙ; it has one output only."""
    if m != 1:
        raise ValueError(f"Speelpenning's product has one output, not {m}")

    def product(x):
        return xp.prod(x)

    return product, _point(n, 1 - 0.5 / n, 1 + 0.5 / n)


def ode_rk4(n: int, m: int, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """y′ = sin(shifted y) − y, a ring of max(n, m) cells with n starting values, after ten steps of RK4; m sums."""
    size, h = max(n, m), 0.05
    copies = xp.asarray(np.ones((size // n, 1)))

    def slope(y):
        return xp.sin(xp.roll(y, 1)) - y

    def solve(x):
        y = xp.reshape(x * copies, (size,))
        for _ in range(10):
            a = slope(y)
            b = slope(y + h / 2 * a)
            c = slope(y + h / 2 * b)
            d = slope(y + h * c)
            y = y + h / 6 * (a + 2 * b + 2 * c + d)
        return _grouped(xp, y, m)

    return solve, _point(n)


def logistic_regression(n: int, m: int, xp: Any = np) -> tuple[Callable[[Any], Any], np.ndarray]:
    """The cross-entropy of a linear classifier in its n weights, on m batches of 64 samples."""
    samples = _constant(xp, 64 * m, n)
    signs = xp.asarray(np.where(np.arange(64 * m) % 3, 1.0, -1.0))

    def loss(weights):
        margins = signs * (samples @ weights)
        return _result(xp.sum(xp.reshape(xp.log1p(xp.exp(-margins)), (m, 64)), axis=1) / 64, m)

    return loss, _point(n)


FAMILIES: dict[str, Family] = {
    "elementwise chain": elementwise_chain,
    "dense layer": dense_layer,
    "matrix product": matrix_product,
    "Helmholtz energy": helmholtz_energy,
    "Speelpenning's product": speelpenning,
    "ODE by RK4": ode_rk4,
    "logistic regression": logistic_regression,
}
ONE_OUTPUT = {"Speelpenning's product"}


def with_read_only_constants(family: str, n: int, m: int) -> Callable[[Any], Any] | None:
    """The function whose constants are read-only arrays: nobody can write to them, so reverse mode does not copy them.

    None for a family without constants of the size of its input.
    """
    function, _ = FAMILIES[family](n, m)
    found = [cell.cell_contents for cell in function.__closure__ or ()]
    constants = [x for x in found if isinstance(x, np.ndarray) and x.size >= max(n, 2)]
    for x in constants:
        x.flags.writeable = False
    return function if constants else None
