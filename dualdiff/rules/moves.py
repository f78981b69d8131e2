"""Shapes and entries on the way back: what was broadcast is summed, what was gathered is added up where it came from.

``MOVES`` are the functions that only move entries. They are transposed by moving numbers: run on 1, 2, 3, … the function tells
where each entry of its result comes from.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.numbers import base, is_operand
from dualdiff.rules.table import argument, has_argument, with_argument


def unbroadcast(cotangent: Any, shape: tuple[int, ...]) -> Any:
    """Summed over the axes along which an array of ``shape`` was broadcast; spread where the cotangent has fewer entries."""
    given = np.shape(cotangent)
    if given == shape:
        return cotangent
    lead = len(given) - len(shape)
    if lead < 0:
        return np.broadcast_to(cotangent, shape)
    axes = tuple(range(lead)) + tuple(lead + i for i, n in enumerate(shape) if n == 1 and given[lead + i] != 1)
    total = np.sum(cotangent, axis=axes) if axes else cotangent
    return np.reshape(total, shape) if np.size(base(total)) == np.prod(shape, dtype=int) else np.broadcast_to(total, shape)


def scattered(cotangent: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with the cotangent of ``x[index]`` added at ``index``."""
    whole = np.zeros(shape, np.result_type(float, base(cotangent)), like=cotangent if is_operand(cotangent) else None)
    if is_basic(index):
        whole[index] = cotangent
    else:
        add_at(whole, index, cotangent)
    return whole


def add_at(whole: Any, index: Any, cotangent: Any) -> None:
    """``whole[index] += cotangent``, entries that the index names twice being added twice."""
    if is_basic(index) and isinstance(window := whole[index], np.ndarray):
        window += cotangent
    elif is_basic(index):
        whole[index] = whole[index] + cotangent
    elif is_mask(index) and not is_operand(whole):
        whole[index] += cotangent
    else:
        np.add.at(whole, index, cotangent)


def is_basic(index: Any) -> bool:
    """Whether an index is one of slices and numbers, which names every entry at most once."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or type(part) is int or isinstance(part, (slice, np.integer)) for part in parts)


def is_mask(index: Any) -> bool:
    return isinstance(index, np.ndarray) and index.dtype == bool


# ---- functions that only move entries ------------------------------------------------------------------------------------

MOVES: set[Callable[..., Any]] = {
    operator.getitem, np.reshape, np.transpose, np.broadcast_to, np.diagonal, np.copy, np.tile, np.repeat, np.resize,
    np.delete, np.diagflat, np.tril, np.triu, np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack,
    np.block, np.where, np.select, np.choose, np.compress, np.extract, np.take, np.take_along_axis, np.fft.fftshift,
    np.fft.ifftshift, np.lib.stride_tricks.sliding_window_view,
}


def moved(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any, tuple[str, ...]], Mapping[str, Any]]:
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
        sums = sums_at(source, np.reshape(cotangent, -1), count + 1)
        return {name: collected(numbers[name], sums) for name in names}

    return transpose


def sums_at(places: Any, values: Any, n: int) -> Any:
    """The array of n entries in which ``values`` are added up at their ``places``."""
    dtype = np.result_type(base(values))
    if dtype in (np.float64, np.float32):
        return np.bincount(places, weights=values, minlength=n)
    if dtype in (np.complex128, np.complex64):
        return (np.bincount(places, weights=np.real(values), minlength=n)
                + 1j * np.bincount(places, weights=np.imag(values), minlength=n))
    return scattered(values, places, (n,))
