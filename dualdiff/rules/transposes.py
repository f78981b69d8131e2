"""How linear and bilinear functions pull cotangents back: their transposes.

Three ways, in the order in which they are looked for:

* ``RECIPES``: a function that is simpler functions in disguise (``mean`` is a sum divided) is written with those;
* ``TRANSPOSES``: the transpose, written out;
* ``MOVES``: a function that only moves entries is transposed by moving their numbers: run on 1, 2, 3, … it tells where each
  entry of the result comes from, and the cotangents are added up there.

A function in none of them is refused in reverse mode, by name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.table import argument, has_argument, with_argument

Transposed = Callable[[Any, tuple[str, ...]], Mapping[str, Any]]
"""From the cotangent of the result and the names of the arrays wanted to the cotangent of each (in its nested structure)."""


# ---- shapes and entries --------------------------------------------------------------------------------------------------

def unbroadcast(cotangent: Any, shape: tuple[int, ...]) -> Any:
    """Summed over the axes along which an array of ``shape`` was broadcast."""
    given = np.shape(cotangent)
    if given == shape:
        return cotangent
    lead = len(given) - len(shape)
    axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(shape) if n == 1 and given[lead + i] != 1)
    total = np.sum(cotangent, axis=axes, keepdims=True) if axes else cotangent
    return np.reshape(total, shape) if lead >= 0 and np.size(base(total)) == np.prod(shape, dtype=int) else np.broadcast_to(
        cotangent, shape)


def scattered(cotangent: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with the cotangent of ``x[index]`` added at ``index``."""
    whole = np.zeros(shape, np.result_type(float, base(cotangent))) if not hasattr(type(cotangent), "primal") else np.zeros(
        shape, like=cotangent)
    if _is_basic(index):
        whole[index] = cotangent
    else:
        np.add.at(whole, index, cotangent)
    return whole


def _is_basic(index: Any) -> bool:
    """Whether an index reaches every entry at most once."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, (int, np.integer, slice)) for part in parts)


# ---- functions that only move entries ------------------------------------------------------------------------------------

MOVES: set[Callable[..., Any]] = {
    operator.getitem, np.reshape, np.transpose, np.broadcast_to, np.diagonal, np.copy, np.roll, np.tile, np.repeat, np.resize,
    np.delete, np.diagflat, np.tril, np.triu, np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack,
    np.block, np.where, np.select, np.choose, np.compress, np.extract, np.take, np.take_along_axis, np.fft.fftshift,
    np.fft.ifftshift, np.lib.stride_tricks.sliding_window_view,
}


def _moved(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Transposed:
    """The transpose of a function that only moves entries."""
    count = 0

    def numbered(value: Any) -> Any:
        """1, 2, 3, … in place of the entries; 0 is for whatever comes from elsewhere."""
        nonlocal count
        if isinstance(value, (list, tuple)):
            return [numbered(part) for part in value]
        shape = np.shape(value)
        size = int(np.prod(shape))
        numbers = np.arange(count + 1, count + size + 1).reshape(shape)
        count += size
        return numbers

    numbers = {}
    kwargs = {key: value for key, value in kwargs.items() if key not in ("dtype", "casting")}
    for name, position in rule.positions.items():
        if has_argument(args, kwargs, name, position):
            numbers[name] = numbered(argument(args, kwargs, name, position))
            args, kwargs = with_argument(args, kwargs, name, position, numbers[name])
    source = np.asarray(rule.function(*args, **kwargs)).reshape(-1)

    def collected(part: Any, sums: Any) -> Any:
        if isinstance(part, list):
            return [collected(item, sums) for item in part]
        return sums[part]

    def transpose(cotangent: Any, names: tuple[str, ...]) -> Mapping[str, Any]:
        flat = np.reshape(cotangent, -1)
        if np.iscomplexobj(base(flat)):
            sums = (np.bincount(source, weights=np.real(flat), minlength=count + 1)
                    + 1j * np.bincount(source, weights=np.imag(flat), minlength=count + 1))
        else:
            sums = np.bincount(source, weights=flat, minlength=count + 1)
        return {name: collected(numbers[name], sums) for name in names}

    return transpose


# ---- transposes written out: (cotangent, name of the array, result's arguments …) → cotangent of that array ---------------

def _sum(c: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
         where: Any = True) -> Mapping[str, Any]:
    shape = np.shape(a)
    axes = tuple(range(len(shape))) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(n % max(len(shape), 1) for n in axes)
    kept = tuple(1 if n in axes else length for n, length in enumerate(shape))
    spread = np.broadcast_to(np.reshape(c, kept), shape)
    result = {"a": spread if where is True else np.where(where, spread, 0)}
    if initial is not None and initial is not np._NoValue:
        result["initial"] = np.sum(c)
    return result


def _cumsum(c: Any, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Mapping[str, Any]:
    if axis is None:
        return {"a": np.reshape(np.flip(np.cumsum(np.flip(c))), np.shape(a))}
    return {"a": np.flip(np.cumsum(np.flip(c, axis), axis), axis)}


def _matmul(c: Any, x1: Any, x2: Any) -> Mapping[str, Any]:
    """C = A·B: Ā = C̄·Bᵀ, B̄ = Aᵀ·C̄, vectors as matrices of one row or column (Giles 2008, 2.2.2)."""
    a = np.reshape(x1, (1, -1)) if np.ndim(x1) == 1 else x1
    b = np.reshape(x2, (-1, 1)) if np.ndim(x2) == 1 else x2
    c = np.expand_dims(c, -1) if np.ndim(x2) == 1 else c
    c = np.expand_dims(c, -2) if np.ndim(x1) == 1 else c
    left, right = np.matmul(c, np.swapaxes(b, -1, -2)), np.matmul(np.swapaxes(a, -1, -2), c)
    return {"x1": np.reshape(unbroadcast(left, np.shape(a)), np.shape(x1)),
            "x2": np.reshape(unbroadcast(right, np.shape(b)), np.shape(x2))}


def _reshape(c: Any, a: Any, *_: Any, order: Any = "C", **__: Any) -> Mapping[str, Any]:
    return {"a": np.reshape(c, np.shape(a), order)}


def _transpose(c: Any, a: Any, axes: Any = None) -> Mapping[str, Any]:
    ndim = np.ndim(a)
    return {"a": np.transpose(c, None if axes is None else np.argsort([n % ndim for n in axes]))}


def _fft(forward: Callable[..., Any]) -> Callable[..., Mapping[str, Any]]:
    """The matrix of a discrete Fourier transform is symmetric; cutting and zero-padding are transposes of each other."""
    def transpose(c: Any, a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Mapping[str, Any]:
        whole = np.moveaxis(forward(c, None, axis, norm), axis, -1)
        length = np.shape(a)[axis]
        missing = length - np.shape(whole)[-1]
        fitted = whole[..., :length] if missing <= 0 else np.concatenate(
            [whole, np.zeros((*np.shape(whole)[:-1], missing))], axis=-1)
        return {"a": np.moveaxis(fitted, -1, axis)}

    return transpose


TRANSPOSES: dict[Callable[..., Any], Callable[..., Mapping[str, Any]]] = {
    np.sum: _sum,
    np.cumsum: _cumsum,
    np.matmul: _matmul,
    np.reshape: _reshape,
    np.transpose: _transpose,
    np.broadcast_to: lambda c, array, *_, **__: {"array": unbroadcast(c, np.shape(array))},
    np.copy: lambda c, a, *_, **__: {"a": c},
    np.conjugate: lambda c, x: {"x": np.conjugate(c)},
    np.real: lambda c, val: {"val": np.real(c)},
    np.imag: lambda c, val: {"val": -1j * np.real(c)},
    np.fft.fft: _fft(np.fft.fft),
    np.fft.ifft: _fft(np.fft.ifft),
}


def transpose_of(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Transposed | None:
    """The transpose of a linear or bilinear function at these arguments; None for rules of another kind."""
    written = TRANSPOSES.get(rule.function)
    if written is not None:
        return lambda cotangent, names: written(cotangent, *args, **kwargs)
    if rule.function in MOVES:
        return _moved(rule, args, kwargs)
    if rule.kind in ("linear", "bilinear"):
        raise NotDifferentiableError(f"{rule.name} has no transpose, so reverse mode cannot go through it; use forward mode, or write "
                                     f"it with functions that have one")
    return None


# ---- functions that are simpler functions in disguise --------------------------------------------------------------------

def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    count = np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=bool(keepdims))
    return np.sum(a, axis=axis, keepdims=bool(keepdims), where=where) / count


def dot(a: Any, b: Any) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, axes=(-1, -2))


RECIPES: dict[Callable[..., Any], Callable[..., Any]] = {
    np.mean: mean,
    np.dot: dot,
}
