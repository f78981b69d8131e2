"""From a call's arguments to directions.

`Inputs` knows which arguments are differentiated, numbers their entries as directions 0 … n−1, seeds them for a pass, and gives
what is found for them the structure of the arguments. What comes out of a pass is taken apart in `dualdiff.transforms.results`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from math import prod
from numbers import Complex, Real
from typing import Any

import numpy as np

from dualdiff.arguments import as_one
from dualdiff.dual import Dual, dual
from dualdiff.memory import copied, is_zero, no_tangent
from dualdiff.numbers import MODULES, base, constant, plain
from dualdiff.operand import Operand, is_array
from dualdiff.structures import leaves, rebuilt, shape_of
from dualdiff.tangents import Tangents
from dualdiff.transforms.results import joined
from dualdiff.transforms.selection import selected

CACHE = 3 * 2**19  # bytes of a block of tangents of the inputs: with what is made of it, it is to stay in the cache
MEMORY = 2**28  # bytes of one of the size of the largest argument, which results often have
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Inputs:
    """The arguments of one call of a transform.

    Attributes
    ----------
    leaves
        The numbers and arrays to differentiate in, integers promoted to float64.
    sizes
        The number of entries of each leaf: as many directions.
    """

    __slots__ = ("args", "keys", "kwargs", "leaves", "single", "sizes", "values")

    def __init__(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], argnums: Any, argnames: Any) -> None:
        self.args, self.kwargs = tuple(args), dict(kwargs)
        self.keys, self.single = selected(name, self.args, self.kwargs, argnums, argnames)
        self.values: list[Any] = []
        self.leaves: list[Any] = []
        for key in self.keys:
            value = self.args[key] if isinstance(key, int) else self.kwargs[key]
            self.values.append(value)
            if type(value) is float:
                self.leaves.append(value)
            else:
                self.leaves += [promoted(leaf, f"argument {key!r}", path) for path, leaf in leaves(value)]
        self.sizes = [1 if type(leaf) is float else prod(shape_of(leaf)) for leaf in self.leaves]

    @property
    def n(self) -> int:
        """The number of directions."""
        return sum(self.sizes)

    def names(self, function: Callable[..., Any], unnamed: str) -> list[str]:
        """What the function calls each leaf: ``x``, ``state.mass``; where Python does not know, ``unnamed`` and a number."""
        try:
            parameters = [p.name for p in inspect.signature(function).parameters.values() if p.kind in POSITIONAL]
        except (TypeError, ValueError):
            parameters = []
        called = [key if isinstance(key, str) else parameters[key] if key < len(parameters) else f"{unnamed}{key}"
                  for key in self.keys]
        return [f"{name}{path}" for name, value in zip(called, self.values) for path, _ in leaves(value)]

    def blocks(self, chunk_size: int | None, depth: int = 1) -> Iterator[tuple[range, bool]]:
        """The directions of each pass, and whether they are complex ones (which a holomorphic function must agree on).

        ``depth``: at how many levels at a time a pass carries so many of them.
        """
        k, start = chunk_size or automatic_chunk(self.n, (*self.args, *self.kwargs.values(), *self.leaves), depth), 0
        for is_complex, group in groupby(zip(self.leaves, self.sizes), lambda pair: is_complex_number(pair[0])):
            stop = start + sum(size for _, size in group)
            for first in range(start, stop, k):
                yield range(first, min(first + k, stop)), is_complex
            start = stop

    def seeded(self, current: Sequence[Any], directions: range, level: int, scale: Any = 1, block: bool = False) -> list[Any]:
        """The leaves with unit tangents along ``directions``, zero for leaves that these do not touch.

        ``current`` are the leaves to seed: `leaves`, or those already seeded at a lower level. With ``block`` the tangents are
        `Tangents`, also for a single direction.
        """
        seeds, start = [], -directions.start
        for inner, leaf, size in zip(current, self.leaves, self.sizes):
            if block:
                rows = range(max(start, 0), min(start + size, len(directions)))
                tangent = _block(leaf, rows, max(-start, 0), len(directions), scale)
            else:
                tangent = _unit(leaf, -start if 0 <= -start < size else None, scale)
            seeds.append(dual(inner, tangent, level))
            start += size
        return seeds

    def with_floats(self, seeds: Sequence[Any]) -> list[Any] | None:
        """Seeds of numbers, with floats for those that have zero tangents. None where there are none, or where arrays are among
        them: code may rely on it that these can be written to."""
        if len(seeds) == 1 or any(map(is_array, self.leaves)):
            return None
        mixed = [leaf if type(leaf) is float and is_still(seed) else seed for leaf, seed in zip(self.leaves, seeds)]
        return mixed if any(type(seed) is float for seed in mixed) else None

    def along(self, tangents: Sequence[Any], level: int) -> list[Any]:
        """The leaves with given tangents, one for each."""
        return [dual(leaf, tangent, level) for leaf, tangent in zip(self.leaves, tangents)]

    def arguments(self, new_leaves: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call's arguments with the leaves replaced; arrays are copies, so that no pass can write into the caller's.

        What has been seeded for this pass is taken as it is, but for its innermost primal.
        """
        source = map(_copied, new_leaves, self.leaves)
        args, kwargs = list(self.args), dict(self.kwargs)
        for key, value in zip(self.keys, self.values):
            place: Any = args if isinstance(key, int) else kwargs
            place[key] = rebuilt(value, source)
        return tuple(args), kwargs

    def mirrored(self, parts: Sequence[Any]) -> Any:
        """One part for each leaf, in the structure of the arguments: bare for a single argument, else a tuple."""
        source = iter(parts)
        results = [rebuilt(value, source) for value in self.values]
        return results[0] if self.single else tuple(results)

    def divided(self, columns: Any, shape: tuple[int, ...]) -> list[Any]:
        """For each leaf the array of its columns: ``shape`` (the output's) + the leaf's shape."""
        parts, start = [], 0
        for leaf, size in zip(self.leaves, self.sizes):
            part = columns[start:start + size]
            start += size
            parts.append(joined(part, shape, shape_of(leaf), leaf))
        return parts


def automatic_chunk(n: int, values: Sequence[Any], depth: int = 1) -> int:
    """As many of n directions as keep a block of the inputs in the cache, and one of the largest of the ``values`` in memory.

    Four at least, where memory allows it: then the value is computed once for four tangents.
    """
    largest = max([np.size(value) for value in values if is_array(value)], default=1)
    in_cache, in_memory = (int((nbytes / (8 * max(size, 1))) ** (1 / depth)) for nbytes, size in ((CACHE, n), (MEMORY, largest)))
    return max(1, min(n, max(in_cache, 4), in_memory))


def _unit(leaf: Any, entry: int | None, scale: Any) -> Any:
    """The tangent of a leaf that is ``scale`` in one entry, or in none, and zero elsewhere."""
    kind = type(leaf)
    if kind is float:
        return 0.0 if entry is None else 1.0  # a float has real directions
    if kind is np.ndarray:
        if entry is None:
            return no_tangent(leaf)
        tangent = np.zeros(leaf.shape, leaf.dtype)
    elif is_array(leaf):
        tangent = np.zeros(leaf.shape, base(leaf).dtype)
    else:
        return (0 if entry is None else scale) * one(leaf)
    if entry is not None:
        tangent.reshape(-1)[entry] = scale
    return tangent


def _block(leaf: Any, rows: range, entry: int, width: int, scale: Any) -> Tangents:
    """``width`` tangents of a leaf: those in ``rows`` are ``scale`` in one entry each, from ``entry`` on; the others zero."""
    if type(leaf) is float:
        return Tangents(np.ones(len(rows)), tuple(rows), width)  # none, where scale is i: a float has real directions
    number = base(leaf)
    if is_array(leaf):
        block = np.zeros((width, *leaf.shape), number.dtype)
    else:
        block = np.zeros(width, getattr(number, "dtype", None) or {float: float, complex: complex}.get(type(number), object))
    if rows:
        size = prod(block.shape[1:])
        block.reshape(-1)[rows.start * size + entry:rows.stop * size:size + 1] = scale  # on a diagonal
    return Tangents(block)


def _copied(new: Any, leaf: Any) -> Any:
    """What is passed for a leaf, in memory of its own: an array, or a seeded one (whose tangents are new anyway).

    In the layout of the caller's: the order in which NumPy sums, and so the last bit, depends on it.
    """
    if type(leaf) is float:
        return new
    if type(new) is np.ndarray:
        return copied(new)
    if type(new) is Dual and new is not leaf:
        primal = new.primal
        new.primal = copied(primal) if type(primal) is np.ndarray else _copied(primal, leaf)
        return new
    if type(new) is Dual and type(new.primal) is type(new.tangent) is np.ndarray:  # of a derivative around this one
        return dual(copied(new.primal), new.tangent if is_zero(new.tangent) else copied(new.tangent), new.level)
    return new.copy(order="K") if is_array(new) else new


def is_still(seed: Any) -> bool:
    """Whether a seeded float has a zero tangent, at each level."""
    while type(seed) is Dual:
        if type(seed.tangent) is not float or seed.tangent:
            return False
        seed = seed.primal
    return True


def is_complex_number(leaf: Any) -> bool:
    """Whether a leaf is complex: an array, a Python or NumPy number, or an mpc."""
    if type(leaf) is float:
        return False
    if type(leaf) is np.ndarray:
        return bool(leaf.dtype.kind == "c")
    number = base(leaf)
    return bool(np.iscomplexobj(number)) or (isinstance(number, Complex) and not isinstance(number, Real))


def one(leaf: Any) -> Any:
    """The unit of a scalar's number type."""
    return constant(1, leaf)


def promoted(leaf: Any, where: str, path: str) -> Any:
    """A leaf as something to differentiate in: integers become float64; what is not a number is refused."""
    kind = type(leaf)
    if kind is float or (kind is np.ndarray and leaf.dtype.kind == "f"):
        return leaf
    where += path
    if isinstance(leaf, (bool, np.bool_)):
        raise TypeError(f"{where} is a truth value; there is no derivative in it")
    if isinstance(leaf, (int, np.integer)):
        return float(leaf)
    if kind is np.ndarray:
        if leaf.dtype.kind == "c":
            return leaf
        if leaf.dtype.kind in "iu":
            return leaf.astype(float)
        if leaf.dtype.kind == "O":
            return as_one(leaf)
        raise TypeError(f"{where} is an array of dtype {leaf.dtype}; there is no derivative in it")
    if isinstance(leaf, Operand):
        return leaf
    if isinstance(leaf, (np.floating, np.complexfloating, complex)):
        return plain(leaf)
    if kind.__module__.partition(".")[0] in MODULES:
        return leaf
    hint = "; convert it with np.asarray(...) first" if hasattr(kind, "__array__") else ""
    if issubclass(kind, np.ma.MaskedArray):
        hint = "; say what stands for the masked entries first, with .filled(...)"
    raise TypeError(f"{where} is of type {kind.__name__}, which cannot be differentiated in{hint}; choose the arguments with "
                    f"argnums= or argnames=: numbers, arrays, and dicts, tuples or dataclasses of nothing but these")


def matching(name: str, primals: Any, tangents: Any) -> list[Any]:
    """The leaves of tangents given by a user, checked against the primals they belong to."""
    wanted, given = leaves(primals), leaves(tangents)
    for (there, _), (here, _) in zip_longest(wanted, given, fillvalue=(None, None)):
        if there != here:
            raise TypeError(f"{name}: the tangents must have the structure of the primals; they have {here or 'nothing'} where "
                            f"these have {there or 'nothing'}")
    result = []
    for (path, primal), (_, tangent) in zip(wanted, given):
        primal, tangent = promoted(primal, "primals", path), promoted(tangent, "tangents", path)
        if shape_of(primal) != shape_of(tangent):
            raise ValueError(f"{name}: tangents{path} has shape {shape_of(tangent)} but primals{path} has {shape_of(primal)}")
        if is_complex_number(tangent) and not is_complex_number(primal):
            raise TypeError(f"{name}: tangents{path} is complex but primals{path} is real; make the primal complex")
        if isinstance(tangent, Operand):
            tangent = _copied(tangent, tangent)
        elif is_array(primal):
            alike = isinstance(tangent, np.ndarray) and tangent.dtype == primal.dtype
            tangent = copied(tangent) if alike else np.array(tangent, dtype=primal.dtype)
        result.append(tangent)
    return result
