"""Probes: a function run on displaced inputs, values only. What finite differences, the complex step and mpmath stand on.

A probe flattens the inputs and the outputs: entry i of the inputs is displaced, and what comes back is one vector of all the
outputs. The stencils of the three difference methods are written down here once, for first and second differences.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.numbers import plain
from dualdiff.structures import rebuilt
from dualdiff.transforms.results import checked_leaves
from dualdiff.transforms.seeding import Inputs

# f′ ≈ (f(x + ahead·h) − f(x + behind·h)) / h
STENCILS = {"forward": (1, 0), "backward": (0, -1), "central": (0.5, -0.5)}
FAILURES = (ArithmeticError, ValueError)  # how plain Python says that a point is outside the domain


class Probe:
    """A function at a point, to be evaluated around it.

    Attributes
    ----------
    point
        The entries of the inputs, flat.
    outputs
        The leaves of the function's value at the point, with their paths.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], argnums: Any = 0,
                 argnames: Any = None) -> None:
        self.function = function
        self.label = getattr(function, "__name__", type(function).__name__)
        self.inputs = Inputs(self.label, args, kwargs, argnums, argnames)
        self.point = [entry for leaf in self.inputs.leaves for entry in np.ravel(np.asarray(leaf))]
        self.output = self.run({})
        self.outputs = checked_leaves(self.output, self.label)
        self.shapes = [np.shape(leaf) for _, leaf in self.outputs]
        self.is_complex = any(np.iscomplexobj(leaf) for _, leaf in self.outputs)
        self.known: dict[Any, Any] = {}

    @property
    def n(self) -> int:
        """The number of input entries."""
        return len(self.point)

    @property
    def m(self) -> int:
        """The number of output entries."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    def moved(self, leaf: Any, displacements: Mapping[int, Any]) -> Any:
        """A leaf of the inputs as the function is to see it, with some of its entries displaced."""
        return displaced(leaf, displacements)

    def run(self, displacements: Mapping[int, Any]) -> Any:
        """What the function returns with entries of its inputs displaced; its inputs are copies."""
        moved, start = [], 0
        for leaf, size in zip(self.inputs.leaves, self.inputs.sizes):
            here = {i - start: d for i, d in displacements.items() if start <= i < start + size}
            moved.append(self.moved(leaf, here))
            start += size
        args, kwargs = self.inputs.arguments(moved)
        return self.function(*args, **kwargs)

    def value(self, displacements: Mapping[int, Any]) -> Any:
        """All the outputs as one vector; nan where the function raised because it is not defined there."""
        moves = {i: d for i, d in displacements.items() if d != 0}
        key = self.key(moves)
        if key not in self.known:
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)
                    output = self.run(moves)
            except FAILURES:
                self.known[key] = np.full(self.m, np.nan)
            else:
                found = self.flat(output)
                left_reals = np.iscomplexobj(found) and not self.is_complex and not any(map(np.iscomplexobj, moves.values()))
                self.known[key] = np.where(found.imag == 0, found.real, np.nan) if left_reals else found  # (−8.0) ** 0.5
        return self.known[key]

    def key(self, moves: Mapping[int, Any]) -> Any:
        return frozenset(moves.items())

    def flat(self, output: Any) -> Any:
        found = [np.asarray(leaf) for _, leaf in checked_leaves(output, self.label)]
        if [np.shape(leaf) for leaf in found] != self.shapes:
            raise ValueError(f"{self.label} returned results of different structure or shape at neighbouring points; a difference "
                             f"of them means nothing")
        found = [leaf.astype(float) if leaf.dtype.kind in "biu" else leaf for leaf in found]
        return np.concatenate([leaf.ravel() for leaf in found]) if found else np.zeros(0)

    # ---- differences ----

    def corners(self, method: str, entries: tuple[int, ...], steps: tuple[Any, ...]) -> list[Any]:
        """The values that a difference is made of: two for a first difference, twice two for a second."""
        offsets = STENCILS[method]
        if len(entries) == 1:
            return [self.value({entries[0]: offset * steps[0]}) for offset in offsets]
        (i, j), (h, k) = entries, steps
        return [self.value({i: (outer + inner) * h} if i == j else {i: outer * h, j: inner * k})
                for outer in offsets for inner in offsets]

    def difference(self, method: str, entries: tuple[int, ...], steps: tuple[Any, ...]) -> Any:
        """∂f/∂xᵢ ≈ (f(x + h) − f(x)) / h, or what the method says; for two entries a difference of differences."""
        values = self.corners(method, entries, steps)
        if len(entries) == 1:
            return (values[0] - values[1]) / steps[0]
        return ((values[0] - values[1]) - (values[2] - values[3])) / (steps[0] * steps[1])

    # ---- names ----

    def names(self) -> tuple[str, list[str], list[str]]:
        """The function's name, and a name for each entry of its outputs and inputs: ``[2].mass[0]``, ``b[1]``."""
        label = self.label if self.label.isidentifier() else "f"
        outputs = [path + index for (path, _), shape in zip(self.outputs, self.shapes) for index in _indices(shape)]
        inputs = [name + index for name, leaf in zip(self.inputs.names(self.function, "x"), self.inputs.leaves)
                  for index in _indices(np.shape(leaf))]
        return label, outputs, inputs

    # ---- results in the structure of the function ----

    def parts(self, vector: Any) -> list[Any]:
        """A vector of the outputs' entries as the leaves of the output."""
        stops = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        return [np.reshape(part, shape) for part, shape in zip(np.split(vector, stops[:-1]), self.shapes)]

    def jacobian(self, columns: list[Any]) -> Any:
        """out.shape + in.shape from one vector for each entry of the inputs."""
        by_direction = [self.parts(column) for column in columns]
        results = [self.inputs.mirrored(self.inputs.divided([plain(parts[k][()]) for parts in by_direction], shape))
                   for k, shape in enumerate(self.shapes)]
        return rebuilt(self.output, iter(results))

    def hessian(self, rows: list[list[Any]]) -> Any:
        """out.shape + in.shape + in.shape from one vector for each pair of entries."""
        parts = [[self.parts(vector) for vector in row] for row in rows]
        stops = np.cumsum([0, *self.inputs.sizes])
        leaf_shapes = [np.shape(leaf) for leaf in self.inputs.leaves]
        results = []
        for k, shape in enumerate(self.shapes):
            blocks = []
            for a, first in enumerate(leaf_shapes):
                line = []
                for b, second in enumerate(leaf_shapes):
                    block = [parts[i][j][k] for i in range(stops[a], stops[a + 1]) for j in range(stops[b], stops[b + 1])]
                    full = (*shape, *first, *second)
                    line.append(plain(np.reshape(np.stack(block, axis=-1), full)[()]) if block else np.zeros(full))
                blocks.append(self.inputs.mirrored(line))
            results.append(self.inputs.mirrored(blocks))
        return rebuilt(self.output, iter(results))


def displaced(leaf: Any, displacements: Mapping[int, Any]) -> Any:
    """A leaf with some of its entries (by flat index) moved; complex where the displacement is."""
    if not displacements:
        return leaf
    if not isinstance(leaf, np.ndarray):
        return plain(leaf + displacements[0])
    moved = leaf.astype(np.result_type(leaf.dtype, complex)) if any(map(np.iscomplexobj, displacements.values())) else leaf.copy()
    for i, displacement in displacements.items():
        index = np.unravel_index(i, leaf.shape)
        moved[index] = moved[index] + displacement
    return moved


def _indices(shape: tuple[int, ...]) -> list[str]:
    return [f"[{', '.join(map(str, index))}]" if index else "" for index in np.ndindex(shape)]
