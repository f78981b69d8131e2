"""From a call's arguments to directions.

`Inputs` knows which arguments are differentiated, numbers their entries as directions 0 … n−1, seeds them for a pass, and gives
what is found for them the structure of the arguments. What comes out of a pass is taken apart in `dualdiff.transforms.results`.
"""

from __future__ import annotations

import inspect
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Complex, Real
from typing import Any

import numpy as np

from dualdiff.arguments import as_one
from dualdiff.dual import Dual, dual
from dualdiff.memory import copied, no_tangent
from dualdiff.numbers import MODULES, base, constant, plain
from dualdiff.operand import Operand, is_array
from dualdiff.structures import leaves, rebuilt, shape_of
from dualdiff.tangents import Tangents
from dualdiff.transforms.results import joined

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
        self.args, self.kwargs = list(args), dict(kwargs)
        self.keys, self.single = _selected(name, self.args, self.kwargs, argnums, argnames)
        self.values = [self.args[key] if isinstance(key, int) else self.kwargs[key] for key in self.keys]
        self.leaves = [promoted(leaf, f"{_label(key)}{path}") for key, value in zip(self.keys, self.values)
                       for path, leaf in leaves(value)]
        self.sizes = [int(np.prod(shape_of(leaf))) for leaf in self.leaves]

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

    def blocks(self, chunk_size: int | None) -> Iterator[tuple[range, bool]]:
        """The directions of each pass, and whether they are complex ones (which a holomorphic function must agree on)."""
        k, start = chunk_size or self._automatic_chunk(), 0
        for is_complex, group in itertools.groupby(zip(self.leaves, self.sizes), lambda pair: is_complex_number(pair[0])):
            stop = start + sum(size for _, size in group)
            for first in range(start, stop, k):
                yield range(first, min(first + k, stop)), is_complex
            start = stop

    def _automatic_chunk(self) -> int:
        """All directions in one pass, as long as a block of them stays within a few megabytes."""
        return max(1, min(self.n, 2**22 // (8 * max(self.n, 1))))

    def seeded(self, current: Sequence[Any], directions: range, level: int, scale: Any = 1, block: bool = False) -> list[Any]:
        """The leaves with unit tangents along ``directions``, zero for leaves that these do not touch.

        Those are operands too, so that code may rely on it: ``np.zeros_like(x)``, ``np.array(..., like=x)``, ``x[0] = y``.
        ``current`` are the leaves to seed: `leaves`, or those already seeded at a lower level. With ``block`` the tangents are
        `Tangents`, also for a single direction.
        """
        result = list(current)
        start = 0
        for i, size in enumerate(self.sizes):
            if not block and scale == 1 and type(self.leaves[i]) is float:  # scalar code, the common case
                result[i] = dual(current[i], 1.0 if start == directions.start else 0.0, level)
                start += 1
                continue
            touched = range(max(directions.start - start, 0), min(directions.stop - start, size))
            rows = [(direction, start + direction - directions.start) for direction in touched]
            result[i] = self._seed(current[i], self.leaves[i], rows, len(directions) if block else None, level, scale)
            start += size
        return result

    @staticmethod
    def _seed(current: Any, leaf: Any, rows: list[tuple[int, int]], width: int | None, level: int, scale: Any) -> Dual:
        number = base(leaf)
        dtype = getattr(number, "dtype", None)
        if not shape_of(leaf) and not is_array(leaf):
            if width is None:
                return dual(current, (scale if rows else 0) * one(leaf), level)
            if type(leaf) is float:
                return dual(current, Tangents(np.full(len(rows), float(scale)), tuple([row for _, row in rows]), width), level)
            block = np.zeros(width, dtype or {float: float, complex: complex}.get(type(number), object))
            for _, row in rows:
                block[row] = scale
            return dual(current, Tangents(block), level)
        if not rows and width is None and type(leaf) is np.ndarray:
            return dual(current, no_tangent(leaf), level)
        tangent = np.zeros((width or 1, *shape_of(leaf)), dtype)
        for direction, row in rows:
            tangent.reshape(len(tangent), -1)[row if width else 0, direction] = scale
        return dual(current, tangent[0, ...] if width is None else Tangents(tangent), level)

    def along(self, tangents: Sequence[Any], level: int) -> list[Any]:
        """The leaves with given tangents, one for each."""
        return [dual(leaf, tangent, level) for leaf, tangent in zip(self.leaves, tangents)]

    def arguments(self, new_leaves: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call's arguments with the leaves replaced; arrays are copies, so that no pass can write into the caller's."""
        source = iter([_copied(leaf) for leaf in new_leaves])
        args, kwargs = list(self.args), dict(self.kwargs)
        for key, value in zip(self.keys, self.values):
            new = rebuilt(value, source)
            if isinstance(key, int):
                args[key] = new
            else:
                kwargs[key] = new
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


def _copied(leaf: Any) -> Any:
    """An array, or a seeded one (whose tangent is new anyway), in memory of its own.

    In the layout of the caller's: the order in which NumPy sums, and so the last bit, depends on it.
    """
    if type(leaf) is Dual and type(leaf.primal) is float:
        return leaf
    if type(leaf) is Dual and type(leaf.primal) is np.ndarray:
        return dual(copied(leaf.primal), leaf.tangent, leaf.level)
    if type(leaf) is np.ndarray:
        return copied(leaf)
    return leaf.copy(order="K") if is_array(leaf) else leaf


def is_complex_number(leaf: Any) -> bool:
    """Whether a leaf is complex: an array, a Python or NumPy number, or an mpc."""
    return bool(np.iscomplexobj(leaf)) or (isinstance(leaf, Complex) and not isinstance(leaf, Real))


def one(leaf: Any) -> Any:
    """The unit of a scalar's number type."""
    return constant(1, leaf)


def promoted(leaf: Any, where: str) -> Any:
    """A leaf as something to differentiate in: integers become float64; what is not a number is refused."""
    kind = type(leaf)
    if kind is float:
        return leaf
    if isinstance(leaf, (bool, np.bool_)):
        raise TypeError(f"{where} is a truth value; there is no derivative in it")
    if isinstance(leaf, (int, np.integer)):
        return float(leaf)
    if kind is np.ndarray:
        if leaf.dtype.kind in "fc":
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
    raise TypeError(f"{where} is of type {kind.__name__}, which cannot be differentiated in{hint}; choose the arguments with "
                    f"argnums= or argnames=: numbers, arrays, and dicts, tuples or dataclasses of nothing but these")


def _label(key: int | str) -> str:
    return f"argument {key}" if isinstance(key, int) else f"argument {key!r}"


def _selected(name: str, args: list[Any], kwargs: dict[str, Any], argnums: Any, argnames: Any) -> tuple[list[Any], bool]:
    """Positions and names of the arguments to differentiate in, and whether a bare result is wanted."""
    positions = () if argnums is None or (argnames is not None and argnums == 0) else argnums
    names = () if argnames is None else argnames
    several = (tuple, list)
    single = (not isinstance(positions, several) and not names) or (not isinstance(names, several) and not positions)
    positions = positions if isinstance(positions, several) else (positions,)
    names = names if isinstance(names, several) else (names,)
    if not all(hasattr(number, "__index__") for number in positions) or not all(isinstance(key, str) for key in names):
        raise TypeError(f"argnums is the position of an argument and argnames its name, or a tuple of them; not {argnums!r} and "
                        f"{argnames!r}")
    if not positions and not names:
        raise ValueError("argnums and argnames choose no argument to differentiate in")
    keys: list[Any] = []
    first = 1 if args and isinstance(args[0], type) else 0  # the class of a classmethod is not counted, as self is not
    count = len(args) - first
    for number in positions:
        position = operator.index(number)
        if not -count <= position < count:
            hint = "; pass it by position, or name it with argnames=" if kwargs else " (they count from 0, a method's without self)"
            raise TypeError(f"{name} was called with {len(args)} positional argument{'s' * (len(args) != 1)}, so there is no "
                            f"argument {number} to differentiate in{hint}")
        keys.append(position % count + first)
    for key in names:
        if key not in kwargs:
            raise TypeError(f"{name} was called without the keyword argument {key!r} to differentiate in")
        keys.append(key)
    if len(set(keys)) < len(keys):
        raise ValueError(f"argnums={argnums!r}, argnames={argnames!r} name an argument twice")
    return keys, single


def matching(name: str, primals: Any, tangents: Any) -> list[Any]:
    """The leaves of tangents given by a user, checked against the primals they belong to."""
    wanted, given = list(leaves(primals)), list(leaves(tangents))
    for there, here in itertools.zip_longest((path for path, _ in wanted), (path for path, _ in given)):
        if there != here:
            raise TypeError(f"{name}: the tangents must have the structure of the primals; they have {here or 'nothing'} where "
                            f"these have {there or 'nothing'}")
    result = []
    for (path, primal), (_, tangent) in zip(wanted, given):
        primal, tangent = promoted(primal, f"primals{path}"), promoted(tangent, f"tangents{path}")
        if shape_of(primal) != shape_of(tangent):
            raise ValueError(f"{name}: tangents{path} has shape {shape_of(tangent)} but primals{path} has {shape_of(primal)}")
        if np.iscomplexobj(tangent) and not np.iscomplexobj(primal):
            raise TypeError(f"{name}: tangents{path} is complex but primals{path} is real; make the primal complex")
        if is_array(primal) and not isinstance(tangent, Operand):
            alike = isinstance(tangent, np.ndarray) and tangent.dtype == primal.dtype
            tangent = copied(tangent) if alike else np.array(tangent, dtype=primal.dtype)
        result.append(tangent)
    return result
