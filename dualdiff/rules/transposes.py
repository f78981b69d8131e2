"""How linear and bilinear functions pull cotangents back: their transposes.

Three ways, in the order in which they are looked for: a recipe (`dualdiff.rules.recipes`) writes a function with simpler ones;
``TRANSPOSES`` has the transpose written out, one map for each array (those of products are in
`dualdiff.rules.transposed_products`); and a function that only moves entries is transposed by moving numbers
(`dualdiff.rules.moves`). A linear function in none of them is refused in reverse mode, by name.

Cotangents of complex numbers pair with tangents as Re(c·t), so that a transpose conjugates nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.kinds import Maps
from dualdiff.rules.matrices import nan_where
from dualdiff.rules.moves import MOVES, moved, unbroadcast
from dualdiff.rules.products import FACTORS
from dualdiff.rules.transposed_products import Map, convolve_by, einsum_by, matmul_by_x1, matmul_by_x2, multi_dot, product_by_a

Transposed = Callable[[Any, tuple[str, ...]], Mapping[str, Any]]
"""From the cotangent of the result and the names of the arrays wanted to the cotangent of each (in its nested structure)."""

# ---- sums ----------------------------------------------------------------------------------------------------------------


def sum_by_a(c: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
             where: Any = True) -> Any:
    """The cotangent of a sum is that of every term."""
    shape = np.shape(a)
    if type(c) is float and where is True and shape:  # then all axes were summed
        spread = np.ndarray(shape, float, np.array(c), 0, (0,) * len(shape))
        spread.flags.writeable = False
        return spread
    axes: Any = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {n % max(len(shape), 1) for n in axes}
    spread = np.broadcast_to(np.reshape(c, [1 if n in axes else length for n, length in enumerate(shape)]), shape)
    return spread if where is True else np.where(where, spread, 0)


def cumsum(c: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(c))), np.shape(a))
    return np.flip(np.cumsum(np.flip(c, axis), axis), axis)


def rolled_back(c: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    back = [-n for n in shift] if isinstance(shift, (tuple, list)) else -shift
    return np.roll(c, back, axis)


def transposed_axes(c: Any, a: Any, axes: Any = None) -> Any:
    return np.transpose(c, None if axes is None else np.argsort([n % np.ndim(a) for n in axes]))


# ---- linear systems, entries without a derivative, Fourier transforms ----------------------------------------------------


def _solved_back(c: Any, a: Any, b: Any) -> Any:
    """b̄ = A⁻ᵀ·c̄, as a matrix (Giles 2008, 2.3.1)."""
    return np.linalg.solve(np.swapaxes(a, -1, -2), c[..., None] if np.ndim(b) == 1 else c)


def solve_by_a(c: Any, a: Any, b: Any) -> Any:
    """ā = −b̄·xᵀ."""
    x = np.linalg.solve(a, b)
    back = _solved_back(c, a, b)
    return unbroadcast(-np.matmul(back, np.swapaxes(x[..., None] if np.ndim(b) == 1 else x, -1, -2)), np.shape(a))


def solve_by_b(c: Any, a: Any, b: Any) -> Any:
    back = _solved_back(c, a, b)
    return unbroadcast(back[..., 0] if np.ndim(b) == 1 else back, np.shape(b))


def undefined(c: Any, mask: Any, x: Any) -> Any:
    """nan for the entries without a derivative, unless they do not matter."""
    return unbroadcast(nan_where(mask & (base(c) != 0), c), np.shape(x))


def fft_by_a(transform: Map) -> Map:
    """The matrix of a discrete Fourier transform is symmetric; cutting and zero-padding are transposes of each other."""
    def transpose(c: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        whole = np.moveaxis(transform(c, None, axis, norm), axis, -1)
        length = np.shape(a)[axis]
        missing = length - np.shape(whole)[-1]
        fitted = whole[..., :length] if missing <= 0 else np.concatenate(
            [whole, np.zeros((*np.shape(whole)[:-1], missing))], axis=-1)
        return np.moveaxis(fitted, -1, axis)

    return transpose


# ---- the table -----------------------------------------------------------------------------------------------------------

TRANSPOSES: dict[Callable[..., Any], dict[str, Map]] = {
    np.sum:          {"a": sum_by_a, "initial": lambda c, *_, **__: np.sum(c)},
    np.cumsum:       {"a": cumsum},
    np.matmul:       {"x1": matmul_by_x1, "x2": matmul_by_x2},
    np.convolve:     {"a": convolve_by(0), "v": convolve_by(1)},
    np.einsum:       {name: functools.partial(einsum_by, k) for name, k in FACTORS.items()},
    np.linalg.multi_dot: {"arrays": multi_dot},
    np.prod:         {"a": product_by_a},
    np.bincount:     {"weights": lambda c, x, weights=None, minlength=0: c[np.asarray(x)]},
    np.reshape:      {"a": lambda c, a, shape=None, order="C", **_: np.reshape(c, np.shape(a), order)},
    np.transpose:    {"a": transposed_axes},
    np.roll:         {"a": rolled_back},
    np.broadcast_to: {"array": lambda c, array, *_, **__: unbroadcast(c, np.shape(array))},
    np.copy:         {"a": lambda c, a, *_, **__: c},
    np.conjugate:    {"x": lambda c, x, **_: np.conjugate(c)},
    np.real:         {"val": lambda c, val: np.real(c)},
    np.imag:         {"val": lambda c, val: -1j * np.real(c) if np.iscomplexobj(val) else 0 * np.real(c)},
    np.linalg.solve: {"a": solve_by_a, "b": solve_by_b},
    nan_where:       {"x": undefined},
    np.fft.fft:      {"a": fft_by_a(np.fft.fft)},
    np.fft.ifft:     {"a": fft_by_a(np.fft.ifft)},
}

SHORTCUTS: dict[Callable[..., Any], Maps] = {np.prod: Maps(np.prod, {}, {"a": 0}, {}, False, None)}
"""Composites that have a transpose of their own when they are called with an array alone."""


def has_transpose(rule: Any) -> bool:
    """Whether a function has a transpose; if not, it is transposed by its own map of tangents."""
    if rule.function in TRANSPOSES or rule.function in MOVES:
        return True
    if rule.kind in ("linear", "bilinear"):
        raise NotDifferentiableError(f"{rule.name} has no transpose, so reverse mode cannot go through it; use forward mode, or "
                                     f"write it with functions that have one")
    return False


def transpose_of(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Transposed:
    """The transpose of a function at these arguments. Of those in which it is linear only the shapes are looked at."""
    written = TRANSPOSES.get(rule.function)
    if written is None:
        return moved(rule, args, kwargs)
    return lambda cotangent, names: {name: written[name](cotangent, *args, **kwargs) for name in names}
