"""The transposes of products: of matrices, convolutions, einsum, and the product of all entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.memory import POOL
from dualdiff.numbers import base
from dualdiff.rules.moves import unbroadcast
from dualdiff.rules.signals import MODES

Map = Callable[..., Any]
"""From the cotangent of a result, and the arguments of the call, to the cotangent of one array."""


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


def convolve_by(which: int) -> Map:
    """The transpose of a convolution is one with the other array reversed, of the cotangents of the full result."""
    def transpose(c: Any, a: Any, v: Any, mode: Any = "full") -> Any:
        lengths = np.size(a), np.size(v)
        n, m = max(lengths), min(lengths)
        start = {"full": 0, "same": (m - 1) // 2, "valid": m - 1}[MODES.get(mode, mode)]
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


# ---- the product of all entries ------------------------------------------------------------------------------------------

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
