"""The passes of a call, one after the other: what the function returns, and its structure, which is to be the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from dualdiff.numbers import plain
from dualdiff.structures import rebuilt, shape_of
from dualdiff.transforms.passes import Pass
from dualdiff.transforms.results import checked_leaves, leaves_of_pass, primal_at, split_aux, without_level
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.wrapper import Transform


class Sweep:
    """All the passes of a call. The first one gives the function's value and aux; subclasses gather the derivatives."""

    def __init__(self, transform: Transform, inputs: Inputs) -> None:
        self.transform, self.inputs = transform, inputs
        self.lowest = 0  # level of the passes: of enclosing derivatives they are lower
        self.output: Any = None
        self.aux: Any = None
        self.primals: list[tuple[str, Any]] = []
        self.structure: list[tuple[str, tuple[int, ...]]] | None = None

    def pass_of(self, seeded: Sequence[Any], block: bool) -> Pass:
        """The evaluation at the seeded leaves; without a ``block`` of directions with floats for those that do not move."""
        function, inputs = self.transform.__wrapped__, self.inputs
        mixed, whole = None if block else inputs.with_floats(seeded), Pass(function, *inputs.arguments(seeded))
        return whole if mixed is None else Pass(function, *inputs.arguments(mixed), whole)

    def found(self, output: Any, *levels: int) -> list[Any]:
        """The leaves that a pass returned, at ``levels`` from the highest down."""
        name, has_aux = self.transform.label, self.transform.options["has_aux"]
        if has_aux:
            output, aux = split_aux(output, name)
        self.lowest = self.lowest or min(levels, default=0)
        leaves = leaves_of_pass(output, name, levels, self.lowest) if levels else checked_leaves(output, name)
        structure = [(path, shape_of(leaf)) for path, leaf in leaves]
        if self.structure is None:
            self.output, self.structure = output, structure
            self.aux = reduce(without_level, levels, aux) if has_aux else None
            self.primals = [(path, plain(reduce(primal_at, levels, leaf))) for path, leaf in leaves]
        elif structure != self.structure:
            raise ValueError(f"{name} returned results of different structure or shape in two passes at the same point; "
                             f"{self.transform.name} needs a function that does the same each time")
        return [leaf for _, leaf in leaves]

    @property
    def value(self) -> Any:
        """What the function returned, without tangents."""
        return rebuilt(self.output, iter([leaf for _, leaf in self.primals]))

    def assembled(self, columns: list[list[Any]]) -> Any:
        """For each leaf of the output its derivatives along every direction: the output's structure outside, the input's inside."""
        parts = [self.inputs.mirrored(self.inputs.divided(found, shape_of(leaf)))
                 for found, (_, leaf) in zip(columns, self.primals)]
        return rebuilt(self.output, iter(parts))
