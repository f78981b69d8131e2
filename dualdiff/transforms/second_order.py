"""Second derivatives: a pair of directions for each pass, at two levels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dualdiff.levels import new_level
from dualdiff.structures import rebuilt, shape_of
from dualdiff.transforms.first_order import refuse_unless_scalar, split_aux
from dualdiff.transforms.passes import Pass, outputs
from dualdiff.transforms.results import checked_leaves, primal_at, tangent_at, without_level
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.wrapper import Transform


class Hessian(Transform):
    """∂²f/∂xᵢ∂xⱼ for i ≥ j, n(n+1)/2 pairs; the other triangle is the same numbers. Options as of a Jacobian."""

    name = "hessian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        inputs = Inputs(self.label, args, kwargs, options["argnums"], options["argnames"])
        sweep = PairSweep(self, inputs)
        if options["value"]:
            refuse_unless_scalar(self, sweep.primals, "hessian")
            result = (sweep.value, sweep.gradient(), sweep.hessian())
        else:
            result = sweep.hessian()
        return (result, sweep.aux) if options["has_aux"] else result


class PairSweep:
    """All the passes of a Hessian: value, first derivatives along the way, second derivatives."""

    def __init__(self, transform: Transform, inputs: Inputs) -> None:
        self.transform, self.inputs = transform, inputs
        n = inputs.n
        self.output: Any = None
        self.aux: Any = None
        self.primals: list[tuple[str, Any]] = []
        self.first: list[list[Any]] = []
        self.second: list[list[list[Any]]] = []
        blocks = [directions for directions, _ in inputs.blocks(transform.options["chunk_size"])]
        pairs = [(i, j) for i in range(len(blocks)) for j in range(i + 1)]
        block = transform.options["chunk_size"] != 1
        levels: list[tuple[int, int]] = []
        pending = outputs(self._passes([(blocks[i], blocks[j]) for i, j in pairs], block, levels), transform.options["executor"])
        for position, (i, j) in enumerate(pairs):
            output = next(pending)
            self._take(output, levels[position], blocks[i], blocks[j], block, i == j)
        if not pairs:
            args, kwargs = inputs.arguments(inputs.leaves)
            self._start(Pass(transform.__wrapped__, args, kwargs).run(), (-1, -1))
        assert all(len(column) == n for column in self.first)

    def _passes(self, pairs: list[tuple[range, range]], block: bool, levels: list[tuple[int, int]]) -> Iterator[Pass]:
        for rows, columns in pairs:
            levels.append((inner := new_level(), outer := new_level()))
            seeded = self.inputs.seeded(self.inputs.leaves, columns, inner, 1, block)
            seeded = self.inputs.seeded(seeded, rows, outer, 1, block)
            yield Pass(self.transform.__wrapped__, *self.inputs.arguments(seeded))

    def _start(self, output: Any, levels: tuple[int, int]) -> Any:
        if self.transform.options["has_aux"]:
            output, aux = split_aux(output, self.transform)
        if not self.primals:
            inner, outer = levels
            n = self.inputs.n
            if self.transform.options["has_aux"]:
                self.aux = without_level(without_level(aux, outer), inner)
            self.output = output
            self.primals = [(path, primal_at(primal_at(leaf, outer), inner))
                            for path, leaf in checked_leaves(output, self.transform.label)]
            self.first = [[None] * n for _ in self.primals]
            self.second = [[[None] * n for _ in range(n)] for _ in self.primals]
        return output

    def _take(self, output: Any, levels: tuple[int, int], rows: range, columns: range, block: bool, diagonal: bool) -> None:
        """Enter what one pass found into both triangles."""
        inner, outer = levels
        output = self._start(output, levels)
        for k, (_, leaf) in enumerate(checked_leaves(output, self.transform.label)):
            along_rows = tangent_at(leaf, outer, len(rows) if block else None)
            slopes = primal_at(along_rows, inner)
            curvatures = tangent_at(along_rows, inner, len(columns) if block else None)
            for i in rows:
                if diagonal:
                    self.first[k][i] = slopes[i - rows.start] if block else slopes
                for j in columns:
                    entry = curvatures[j - columns.start, i - rows.start] if block else curvatures
                    if j <= i:
                        self.second[k][i][j] = self.second[k][j][i] = entry

    @property
    def value(self) -> Any:
        return rebuilt(self.output, iter([leaf for _, leaf in self.primals]))

    def gradient(self) -> Any:
        parts = [self.inputs.mirrored(self.inputs.divided(first, shape_of(leaf)))
                 for first, (_, leaf) in zip(self.first, self.primals)]
        return rebuilt(self.output, iter(parts))

    def hessian(self) -> Any:
        """out.shape + in.shape + in.shape; for structured inputs a structure of structures."""
        results = []
        for second, (_, leaf) in zip(self.second, self.primals):
            shape = shape_of(leaf)
            by_row = [self.inputs.divided(row, shape) for row in second]  # [direction][leaf]
            blocks = []
            for i in range(len(self.inputs.leaves)):
                start = sum(self.inputs.sizes[:i])
                rows = by_row[start:start + self.inputs.sizes[i]]
                blocks.append(self.inputs.mirrored([
                    self._block([row[j] for row in rows], shape, i, j) for j in range(len(self.inputs.leaves))]))
            results.append(self.inputs.mirrored(blocks))
        return rebuilt(self.output, iter(results))

    def _block(self, rows: list[Any], shape: tuple[int, ...], i: int, j: int) -> Any:
        """The block ∂²/∂(leaf i)∂(leaf j) from its rows, each of shape out.shape + leaf j's."""
        leaf, other = self.inputs.leaves[i], self.inputs.leaves[j]
        if not shape_of(leaf) and not isinstance(leaf, np.ndarray):
            return rows[0]
        full = (*shape, *shape_of(leaf), *shape_of(other))
        return np.reshape(np.stack(rows, axis=len(shape)), full) if rows else np.zeros(full)
