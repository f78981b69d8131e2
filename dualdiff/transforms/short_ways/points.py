"""The common points at which functions are differentiated: an array of doubles, numbers, or several of them.

`Inputs` does the same for arguments of any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from operator import itemgetter
from typing import Any

import numpy as np

from dualdiff.dual import dual
from dualdiff.memory import DOUBLE, copied, no_tangent
from dualdiff.numbers import DOUBLES
from dualdiff.transforms.results import handed_out, joined, stacked_last

Pack = Callable[[Sequence[Any]], Any]
Point = tuple[Sequence[Any], np.ndarray[Any, Any] | None, list[Any], Pack, bool]
"""The entries, as many directions; an array of doubles, of which they are the indices, or numbers in a list, which they count; what
gives parts for each of these numbers the structure of the arguments; and whether there are arrays in the list, too, and each entry
is a pair: which one, and its index."""

FIRST = itemgetter(0)


def point_of(argnums: Any, args: tuple[Any, ...]) -> Point | None:
    """The point that the arguments which ``argnums`` counts, one or a tuple, are. None if it is not a common one."""
    if argnums != 0 and args and isinstance(args[0], type):  # a class, as of a classmethod, which is not counted
        return None
    if type(argnums) is tuple:
        return _of_several([args[i] for i in argnums], tuple) if max(argnums) < len(args) else None
    if argnums >= len(args):
        return None
    value = args[argnums]
    kind = type(value)
    if kind is np.ndarray:
        indices = _indices(value)
        return None if indices is None else (indices, value, [], tuple, False)
    if kind in DOUBLES:
        return range(1), None, [float(value)], FIRST, False
    if kind is list or kind is tuple:
        return _of_several(value, kind)
    return _of_several(value.values(), partial(_dict, tuple(value))) if kind is dict else None


def _indices(array: np.ndarray[Any, Any]) -> Sequence[Any] | None:
    """Those of the entries, in C order."""
    if array.dtype is not DOUBLE or not array.size or not array.ndim:
        return None
    return range(array.size) if array.ndim == 1 else list(product(*map(range, array.shape)))


def _of_several(values: Any, pack: Pack) -> Point | None:
    if DOUBLES.issuperset(map(type, values)):
        return (range(len(values)), None, list(map(float, values)), pack, False) if values else None
    entries: list[Any] = []
    leaves: list[Any] = []
    for k, value in enumerate(values):
        kind = type(value)
        if kind in DOUBLES:
            leaves.append(float(value))
            entries.append((k, 0))
        elif kind is np.ndarray and (indices := _indices(value)) is not None:
            leaves.append(value)
            entries += [(k, index) for index in indices]
        else:
            return None
    return entries, None, leaves, pack, True


def _dict(keys: tuple[Any, ...], values: Sequence[Any]) -> dict[Any, Any]:
    return dict(zip(keys, values))


def seeds_of_several(leaves: Sequence[Any], entry: tuple[int, Any], level: int) -> list[Any]:
    """Numbers and arrays, with the unit tangent along one direction."""
    moving, index = entry
    seeds = []
    for k, leaf in enumerate(leaves):
        if type(leaf) is float:
            seeds.append(dual(leaf, 1.0 if k == moving else 0.0, level))
        elif k == moving:
            tangent = np.zeros(leaf.shape)
            tangent[index] = 1.0
            seeds.append(dual(copied(leaf), tangent, level))
        else:
            seeds.append(dual(copied(leaf), no_tangent(leaf), level))
    return seeds


def place(seeds: list[Any], pack: Pack, argnums: Any, args: list[Any]) -> None:
    """Put seeds where they belong among the arguments."""
    if type(argnums) is int:
        args[argnums] = pack(seeds)
    else:
        for position, seed in zip(argnums, seeds):
            args[position] = seed


def joined_at(point: Point, columns: Sequence[Any], value: Any) -> Any:
    """What was found along each direction, side by side, of a result like ``value``."""
    _, array, leaves, pack, several = point
    if array is not None:
        if type(value) is not float:
            return stacked_last(columns, value.shape, array.shape) if value.ndim else joined(columns, (), array.shape, array)
        found = np.array(columns)
        return found if array.ndim == 1 else found.reshape(array.shape)
    if not several:
        return pack(columns if type(value) is float else list(map(handed_out, columns)))
    parts, start = [], 0
    for leaf in leaves:
        if type(leaf) is float:
            parts.append(handed_out(columns[start]))
            start += 1
        else:
            parts.append(joined_at(((), leaf, [], tuple, False), columns[start:start + leaf.size], value))
            start += leaf.size
    return pack(parts)
