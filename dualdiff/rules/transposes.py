"""How linear and bilinear functions pull cotangents back: their transposes.

Three ways, in the order in which they are looked for: a recipe (`dualdiff.rules.recipes`) writes a function with simpler ones;
``TRANSPOSES`` has the transpose written out, one map for each array; and a function that only moves entries is transposed by
moving numbers (`dualdiff.rules.moves`). A linear function in none of them is refused in reverse mode, by name.

Cotangents of complex numbers pair with tangents as Re(c·t), so that a transpose conjugates nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.memory import POOL
from dualdiff.numbers import base
from dualdiff.rules.kinds import Maps
from dualdiff.rules.matrices import nan_where
from dualdiff.rules.moves import MOVES, moved, unbroadcast
from dualdiff.rules.products import FACTORS
from dualdiff.rules.recipes import RECIPES

Transposed = Callable[[Any, tuple[str, ...]], Mapping[str, Any]]
"""From the cotangent of the result and the names of the arrays wanted to the cotangent of each (in its nested structure)."""

Map = Callable[..., Any]  # (cotangent, *arguments of the call) → cotangent of one array

# ---- sums ----------------------------------------------------------------------------------------------------------------


def sum_by_a(c: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
             where: Any = True) -> Any:
    """The cotangent of a sum is that of every term."""
    shape = np.shape(a)
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


# ---- products ------------------------------------------------------------------------------------------------------------


def times(a: Any, b: Any, like: Any) -> Any:
    """a × b, of the shape of ``like``; a large one in memory that is used again."""
    if all(type(x) is np.ndarray or type(x) is float or type(x) is np.float64 for x in (a, b, like)) and (
            np.result_type(a, b) == like.dtype == float and np.broadcast_shapes(np.shape(a), np.shape(b)) == like.shape):
        return np.multiply(a, b, POOL.empty_like(like))
    return a * b


def _as_matrices(c: Any, x1: Any, x2: Any, axes: Any) -> tuple[Any, Any, Any]:
    """The arrays of a product of stacks of matrices, vectors as matrices of one row or column."""
    if axes is not None:
        (one, two, out), last = axes, (-2, -1)
        return np.moveaxis(c, out, last), np.moveaxis(x1, one, last), np.moveaxis(x2, two, last)
    a = np.reshape(x1, (1, -1)) if np.ndim(x1) == 1 else x1
    b = np.reshape(x2, (-1, 1)) if np.ndim(x2) == 1 else x2
    c = np.expand_dims(c, -1) if np.ndim(x2) == 1 else c
    return np.expand_dims(c, -2) if np.ndim(x1) == 1 else c, a, b


def _product(a: Any, b: Any, like: Any) -> Any:
    """A·B in the layout of the matrix whose cotangent it is; entry by entry where no sum is taken, because BLAS is slow there."""
    if getattr(like, "ndim", 0) == np.ndim(a) == np.ndim(b) == 2 and like.flags.f_contiguous and not like.flags.c_contiguous:
        return np.transpose(_product(np.transpose(b), np.transpose(a), np.transpose(like)))
    return times(a, b, like) if np.shape(a)[-1] == 1 else np.matmul(a, b)


def matmul_by_x1(c: Any, x1: Any, x2: Any, /, *, axes: Any = None, **_: Any) -> Any:
    """C = A·B: Ā = C̄·Bᵀ (Giles 2008, 2.2.2)."""
    if axes is None and np.ndim(x2) == 1:
        return c * x2 if np.ndim(x1) == 1 else c[..., None] * x2
    if axes is None and np.ndim(x1) == 1 and np.ndim(x2) == 2:
        return np.matmul(x2, c)
    c, a, b = _as_matrices(c, x1, x2, axes)
    left = unbroadcast(_product(c, np.swapaxes(b, -1, -2), base(a)), np.shape(a))
    return np.reshape(left, np.shape(x1)) if axes is None else np.moveaxis(left, (-2, -1), axes[0])


def matmul_by_x2(c: Any, x1: Any, x2: Any, /, *, axes: Any = None, **_: Any) -> Any:
    """C = A·B: B̄ = Aᵀ·C̄ (Giles 2008, 2.2.2)."""
    if axes is None and np.ndim(x1) == 1:
        return c * x1 if np.ndim(x2) == 1 else unbroadcast(x1[:, None] * c[..., None, :], np.shape(x2))
    if axes is None and np.ndim(x2) == 1 and np.ndim(x1) == 2:
        return times(x1[0], c[0], x1[0]) if np.shape(x1)[0] == 1 else np.matmul(c, x1)
    c, a, b = _as_matrices(c, x1, x2, axes)
    right = unbroadcast(_product(np.swapaxes(a, -1, -2), c, base(b)), np.shape(b))
    return np.reshape(right, np.shape(x2)) if axes is None else np.moveaxis(right, (-2, -1), axes[1])


def convolve_by(which: int) -> Map:
    """The transpose of a convolution is one with the other array reversed, of the cotangents of the full result."""
    def transpose(c: Any, a: Any, v: Any, mode: Any = "full") -> Any:
        lengths = np.size(a), np.size(v)
        n, m = max(lengths), min(lengths)
        mode = {0: "valid", 1: "same", 2: "full"}.get(mode, mode)
        start = {"full": 0, "same": (m - 1) // 2, "valid": m - 1}[mode]
        full = np.concatenate([np.zeros(start), c, np.zeros(n + m - 1 - start - np.size(c))])
        other = np.flip(np.ravel(v if which == 0 else a))
        ours = np.convolve(full, other)[np.size(other) - 1:np.size(full)]
        return np.reshape(ours, np.shape(a if which == 0 else v))

    return transpose


def einsum_by(k: int, c: Any, *args: Any, **_: Any) -> Any:
    """einsum of the cotangent and the other factors, summed to the axes of factor k; a repeated axis is a diagonal."""
    factors, labels, out, position = _labelled(args)
    which = position[k]
    sizes: dict[int, int] = {}
    for x, axes in zip(factors, labels):
        for label, n in zip(axes, np.shape(x)):
            sizes[label] = max(sizes.get(label, 1), n) if n else 0
    ours = list(dict.fromkeys(labels[which]))
    others = [pair for i, pair in enumerate(zip(factors, labels)) if i != which]
    present = {label for _, axes in others for label in axes} | set(out)
    kept = [label for label in ours if label in present]
    operands = [part for pair in ((c, out), *others) for part in pair]
    result = np.einsum(*operands, kept)
    lengths = iter(np.shape(result))
    result = np.reshape(result, [next(lengths) if label in present else 1 for label in ours])
    result = np.broadcast_to(result, [sizes[label] for label in ours])
    placed: list[int] = []
    for label in labels[which]:
        if label in placed:
            fresh = max(sizes) + 1 + len(placed)
            result = np.einsum(result, ours, np.eye(sizes[label]), [label, fresh], [*ours, fresh])
            ours.append(fresh)
            label = fresh
        placed.append(label)
    result = np.transpose(result, [ours.index(label) for label in placed])
    return unbroadcast(result, np.shape(factors[which]))


def _labelled(args: tuple[Any, ...]) -> tuple[list[Any], list[list[int]], list[int], dict[int, int]]:
    """The factors of einsum, the labels of their axes and of the result's as numbers, and which argument is which factor.

    The axes under an ellipsis are numbered from the right, as they broadcast.
    """
    given: list[list[Any]]
    if isinstance(args[0], str):
        text = args[0].replace(" ", "")
        left, arrow, right = text.partition("->")
        factors, position = list(args[1:]), {n + 1: n for n in range(len(args) - 1)}
        given = [_parsed(part) for part in left.split(",")]
        wanted = _parsed(right) if arrow else None
    else:
        pairs = len(args) // 2
        factors, position = [args[2 * n] for n in range(pairs)], {2 * n: n for n in range(pairs)}
        given = [list(args[2 * n + 1]) for n in range(pairs)]
        wanted = list(args[-1]) if len(args) % 2 else None
    hidden = max((np.ndim(x) - len(part) + 1 for x, part in zip(factors, given) if Ellipsis in part), default=0)
    if wanted is None:
        everything = [label for part in given for label in part if label is not Ellipsis]
        wanted = ([Ellipsis] if hidden or any(Ellipsis in part for part in given) else []) + sorted(
            label for label in set(everything) if everything.count(label) == 1)
    numbers: dict[Any, int] = {}

    def expanded(part: list[Any], ndim: int) -> list[int]:
        result = []
        for label in part:
            names = [("…", n) for n in range(ndim - len(part) + 1, 0, -1)] if label is Ellipsis else [label]
            result += [numbers.setdefault(name, len(numbers)) for name in names]
        return result

    labels = [expanded(part, np.ndim(x)) for x, part in zip(factors, given)]
    return factors, labels, expanded(wanted, len(wanted) - 1 + hidden), position


def _parsed(text: str) -> list[Any]:
    before, dots, after = text.partition("...")
    return [*before, *([Ellipsis] if dots else []), *after]


# ---- linear systems, Fourier transforms ----------------------------------------------------------------------------------


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


def multi_dot(c: Any, arrays: Any, *, out: Any = None) -> Any:
    """Each factor from the products of those before and after it."""
    first, last = np.ndim(arrays[0]) == 1, np.ndim(arrays[-1]) == 1
    factors = [np.reshape(x, (1, -1)) if first and i == 0 else np.reshape(x, (-1, 1)) if last and i == len(arrays) - 1 else x
               for i, x in enumerate(arrays)]
    c = np.reshape(c, (np.shape(factors[0])[0], np.shape(factors[-1])[1]))
    before: list[Any] = [None]
    after: list[Any] = [None]
    for x in factors[:-1]:
        before.append(x if before[-1] is None else np.matmul(before[-1], x))
    for x in factors[:0:-1]:
        after.insert(0, x if after[0] is None else np.matmul(x, after[0]))
    results = []
    for x, left, right in zip(arrays, before, after):
        part = c if left is None else np.matmul(np.transpose(left), c)
        results.append(np.reshape(part if right is None else np.matmul(part, np.transpose(right)), np.shape(x)))
    return results


RANGE = (1e-290, 1e290)


def _product_of_all(x: np.ndarray[Any, Any]) -> float:
    """By halves, which rounds log₂ n times only, or in order; nan if either way a product leaves the range of all digits."""
    for multiplied in (_by_halves, np.prod):
        try:
            with np.errstate(over="raise", under="raise"):
                return float(multiplied(x))
        except FloatingPointError:
            continue
    return np.nan


def _by_halves(x: Any) -> Any:
    while x.size > 1:
        half = x.size // 2
        product = x[:half] * x[half:2 * half]
        x = np.append(product, x[-1]) if x.size % 2 else product
    return np.prod(x)


def product_by_a(c: Any, a: Any) -> Any:
    """The product of all others for each entry: up a tree of products, and down again.

    The whole product over the entry is quicker, where both are normal numbers: no entry is zero, and nothing left the range.
    """
    if type(c) is float and c == 0:
        return np.zeros(np.shape(a))
    if type(c) is float and type(a) is np.ndarray and a.dtype == float:
        whole = c * _product_of_all(a.reshape(-1))
        if RANGE[0] < abs(whole) < RANGE[1]:
            return np.divide(whole, a, POOL.empty_like(a)) if a.flags.forc else whole / a
    rows, levels = np.reshape(a, -1), []
    while (n := np.size(rows)) > 1:
        left, right = rows[:n // 2], rows[n // 2:n - n % 2]
        levels.append((left, right, rows))
        rows = np.concatenate([left * right, rows[n - 1:]]) if n % 2 else times(left, right, left)
    others = np.reshape(c, (1,)) if np.size(rows) else rows
    for left, right, both in reversed(levels):
        above, rest = others[:np.size(left)], others[np.size(left):]
        if type(above) is np.ndarray is type(left) and above.dtype is left.dtype:
            others, half = POOL.empty_like(both), np.size(left)
            np.multiply(above, right, others[:half])
            np.multiply(above, left, others[half:2 * half])
            others[2 * half:] = rest
        else:
            others = np.concatenate([above * right, above * left, rest])
    return np.reshape(others, np.shape(a))


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


TRANSPOSES: dict[Callable[..., Any], dict[str, Map]] = {
    np.sum:          {"a": sum_by_a, "initial": lambda c, *_, **__: np.sum(c)},
    np.cumsum:       {"a": cumsum},
    np.matmul:       {"x1": matmul_by_x1, "x2": matmul_by_x2},
    np.convolve:     {"a": convolve_by(0), "v": convolve_by(1)},
    np.einsum:       {name: functools.partial(einsum_by, k) for name, k in FACTORS.items()},
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
    np.linalg.multi_dot: {"arrays": multi_dot},
    nan_where:       {"x": undefined},
    np.fft.fft:      {"a": fft_by_a(np.fft.fft)},
    np.fft.ifft:     {"a": fft_by_a(np.fft.ifft)},
}

SHORTCUTS: dict[Callable[..., Any], Maps] = {np.prod: Maps(np.prod, {}, {"a": 0}, {}, False, None)}
"""Composites that have a transpose of their own when they are called with an array alone."""

TRANSPOSES[np.prod] = {"a": product_by_a}


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


__all__ = ["MOVES", "RECIPES", "SHORTCUTS", "TRANSPOSES", "has_transpose", "transpose_of", "unbroadcast"]
