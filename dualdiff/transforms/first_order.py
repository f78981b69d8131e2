"""First derivatives: one column of the Jacobian for each direction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dualdiff.dual import Dual, new
from dualdiff.levels import new_level
from dualdiff.structures import rebuilt, shape_of
from dualdiff.transforms.holomorphic import refuse_unless_holomorphic
from dualdiff.transforms.passes import Pass, explain, outputs
from dualdiff.transforms.results import checked_leaves, handed_out, tangent_at
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.sweep import Sweep
from dualdiff.transforms.wrapper import Transform


class FirstOrder(Transform):
    """What derivative, gradient and jacobian share. Options: argnums, argnames, has_aux, value, chunk_size, executor."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inputs = self.inputs(args, kwargs)
        self.check_inputs(inputs)
        sweep = Columns(self, inputs)
        self.check_outputs(sweep.primals)
        return self.answer(sweep, sweep.assembled(sweep.columns))

    def check_inputs(self, inputs: Inputs) -> None:
        """Refuse inputs that are meant for another transform."""

    def check_outputs(self, primals: list[tuple[str, Any]]) -> None:
        """Refuse outputs that are meant for another transform."""


class Derivative(FirstOrder):
    name = "derivative"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and type(args[0]) is float and not kwargs and self.options["plain"]:  # the common case, without detours
            seed = new()
            seed.primal, seed.tangent, seed.level = args[0], 1.0, (level := new_level())
            try:
                output = self.__wrapped__(seed)
            except Exception as error:
                explain(error)
                raise
            if type(output) is Dual and output.level == level and type(output.tangent) is float:
                return output.tangent
            tangents = [handed_out(tangent_at(leaf, level, None)) for _, leaf in checked_leaves(output, self.label)]
            return rebuilt(output, iter(tangents))
        return FirstOrder.__call__(self, *args, **kwargs)

    def check_inputs(self, inputs: Inputs) -> None:
        for value, leaf in zip(inputs.values, inputs.leaves):
            if shape_of(leaf) or isinstance(value, (list, tuple, dict)) or len(inputs.leaves) != len(inputs.values):
                what = f"an array of shape {shape_of(leaf)}" if shape_of(leaf) else f"a {type(value).__name__}"
                raise TypeError(f"derivative of {self.label} was called with {what}, but takes a scalar; use dualdiff.gradient for "
                                f"a scalar result, dualdiff.jacobian for any, or dualdiff.jvp(f, x, np.ones_like(x)) for the "
                                f"derivative of an elementwise function at every entry")


class Gradient(FirstOrder):
    name = "gradient"

    def check_outputs(self, primals: list[tuple[str, Any]]) -> None:
        refuse_unless_scalar(self, primals, "jacobian")


class Jacobian(FirstOrder):
    name = "jacobian"


def refuse_unless_scalar(transform: Transform, primals: list[tuple[str, Any]], instead: str) -> None:
    """A gradient is that of one real number."""
    (_, leaf), *more = primals or [("", None)]
    if more or shape_of(leaf) or not primals:
        what = f"an array of shape {shape_of(leaf)}" if len(primals) == 1 else f"{len(primals)} values"
        raise TypeError(f"{transform.name} of {transform.label} needs a scalar result, but it returned {what}; use "
                        f"dualdiff.{instead} for it, or sum it up")
    if type(leaf) is not float and np.iscomplexobj(leaf):
        raise TypeError(f"{transform.name} of {transform.label} needs a real result, but it returned a complex number; use "
                        f"dualdiff.jacobian, or return its real part, imaginary part or modulus")


class Columns(Sweep):
    """The passes of a Jacobian: a column for each direction, and a second one, along i, where an input is complex."""

    def __init__(self, transform: Transform, inputs: Inputs) -> None:
        super().__init__(transform, inputs)
        chunk_size = transform.options["chunk_size"]
        self.block = chunk_size != 1
        self.columns: list[list[Any]] = []
        jobs = [(directions, scale, new_level()) for directions, is_complex in inputs.blocks(chunk_size)
                for scale in ((1, 1j) if is_complex else (1,))]
        along_one: list[Any] = []
        for (directions, scale, level), output in zip(jobs, outputs(self._passes(jobs), transform.options["executor"])):
            width = len(directions) if self.block else None
            tangents = [tangent_at(leaf, level, width) for leaf in self.found(output, level)]
            if scale == 1:
                along_one = tangents
                self.columns = self.columns or [[] for _ in tangents]
                for column, tangent in zip(self.columns, tangents):
                    column.extend(tangent if self.block else [tangent])
            else:
                for one, i in zip(along_one, tangents):
                    refuse_unless_holomorphic(one, i, transform)
        if not jobs:  # an empty input: nothing to seed, but the output's shape is wanted
            self.found(Pass(transform.__wrapped__, *inputs.arguments(inputs.leaves)).run())
            self.columns = [[] for _ in self.primals]

    def _passes(self, jobs: list[tuple[range, Any, int]]) -> Iterator[Pass]:
        for directions, scale, level in jobs:
            seeded = self.inputs.seeded(self.inputs.leaves, directions, level, scale, self.block)
            yield Pass(self.transform.__wrapped__, *self.inputs.arguments(seeded))
