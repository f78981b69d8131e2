"""Second derivatives: a pair of directions for each pass, at two levels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from dualdiff.levels import new_level
from dualdiff.structures import rebuilt, shape_of
from dualdiff.transforms.first_order import refuse_unless_scalar
from dualdiff.transforms.holomorphic import magnitude, refuse_unless_holomorphic
from dualdiff.transforms.passes import Pass, outputs
from dualdiff.transforms.results import primal_at, tangent_at
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.short_ways.begun import NOTHING, Begun
from dualdiff.transforms.short_ways.second import pairs_at_once
from dualdiff.transforms.sweep import Sweep
from dualdiff.transforms.wrapper import Transform


class Hessian(Transform):
    """∂²f/∂xᵢ∂xⱼ for i ≥ j, n(n+1)/2 pairs; the other triangle is the same numbers. Options as of a Jacobian."""

    name = "hessian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found: Any = NOTHING if self.common is None else pairs_at_once(self.__wrapped__, self.common, args, kwargs)
        if type(found) is Begun:
            return self.continued(found, *args, **kwargs)
        return found if self.with_value else found[2]

    def continued(self, begun: Begun, /, *args: Any, **kwargs: Any) -> Any:
        """What a call returns: the general way, from where a short one has stopped."""
        sweep = Pairs(self, self.inputs(args, kwargs), begun)
        if not self.with_value:
            return self.answer(sweep, sweep.hessian())
        refuse_unless_scalar(self, sweep.primals, "hessian")
        return self.answer(sweep, sweep.assembled(sweep.first), sweep.hessian())


class Pairs(Sweep):
    """The passes of a Hessian: for each pair of directions a second derivative, and first derivatives along the way.

    Where inputs are complex, further passes along i, which must find i times, or i² times, the same (Cauchy–Riemann).
    """

    def __init__(self, transform: Transform, inputs: Inputs, begun: Begun) -> None:
        super().__init__(transform, inputs)
        chunk_size = transform.options["chunk_size"]
        self.block = chunk_size != 1
        self.first: list[list[Any]] = []
        self.second: list[list[list[Any]]] = []
        blocks = list(inputs.blocks(chunk_size, depth=2))
        levels = chain(begun.levels, iter(new_level, None))
        jobs = [(rows, columns, scales, next(levels), next(levels)) for i, (rows, of_rows) in enumerate(blocks)
                for columns, of_columns in blocks[:i + 1] for scales in _scales(of_rows, of_columns, rows == columns)]
        results = chain(begun.outputs, outputs(self._passes(jobs[len(begun.outputs):]), transform.options["executor"]))
        along_one: list[tuple[Any, Any]] = []
        for (rows, columns, scales, inner, outer), output in zip(jobs, results):
            found = []
            for leaf in self.found(output, outer, inner):
                along_rows = tangent_at(leaf, outer, len(rows) if self.block else None)
                curvatures = tangent_at(along_rows, inner, len(columns) if self.block else None)
                found.append((primal_at(along_rows, inner), curvatures))
            if scales == (1, 1):
                self._enter(along_one := found, rows, columns)
            else:
                self._check(along_one, found, *scales)
        if not jobs:
            self._make_room(self.found(Pass(transform.__wrapped__, *inputs.arguments(inputs.leaves)).run()))

    def _passes(self, jobs: list[tuple[range, range, tuple[complex, complex], int, int]]) -> Iterator[Pass]:
        for rows, columns, (along_rows, along_columns), inner, outer in jobs:
            seeded = self.inputs.seeded(self.inputs.leaves, columns, inner, along_columns, self.block)
            seeded = self.inputs.seeded(seeded, rows, outer, along_rows, self.block)
            yield self.pass_of(seeded, self.block)

    def _make_room(self, found: list[Any]) -> None:
        n = self.inputs.n
        self.first = [[None] * n for _ in found]
        self.second = [[[None] * n for _ in range(n)] for _ in found]

    def _enter(self, found: list[tuple[Any, Any]], rows: range, columns: range) -> None:
        """Enter what one pass found into both triangles."""
        if not self.first:
            self._make_room(found)
        block = self.block
        for (slopes, curvatures), first, second in zip(found, self.first, self.second):
            if rows == columns:
                first[rows.start:rows.stop] = slopes if block else [slopes]
            for i in rows:
                for j in columns:
                    if j <= i:
                        second[i][j] = second[j][i] = curvatures[j - columns.start, i - rows.start] if block else curvatures

    def _check(self, along_one: list[tuple[Any, Any]], found: list[tuple[Any, Any]], rows: complex, columns: complex) -> None:
        """Refuse unless a pass along ``rows`` and ``columns``, each 1 or i, found what follows from that along 1 and 1."""
        for (slopes, curvatures), (turned, twice_turned) in zip(along_one, found):
            refuse_unless_holomorphic(rows / 1j * slopes, turned, self.transform)
            refuse_unless_holomorphic(rows * columns / 1j * curvatures, twice_turned, self.transform, magnitude(slopes))

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


def _scales(of_rows: bool, of_columns: bool, is_diagonal: bool) -> list[tuple[complex, complex]]:
    """Along 1 or i: which of the pairs the passes take where the directions of rows and columns are complex ones."""
    if not of_rows and not of_columns:
        return [(1, 1)]
    return [(rows, columns) for rows in ((1, 1j) if of_rows else (1,)) for columns in ((1, 1j) if of_columns else (1,))
            if not (is_diagonal and (rows, columns) == (1, 1j))]  # there it is (i, 1) by symmetry
