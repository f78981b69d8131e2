"""First derivatives: one column of the Jacobian for each direction."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from dualdiff.dual import Dual, new
from dualdiff.levels import new_level
from dualdiff.numbers import DOUBLES, base
from dualdiff.structures import leaves, shape_of
from dualdiff.transforms.holomorphic import refuse_unless_holomorphic
from dualdiff.transforms.passes import Pass, explain, outputs
from dualdiff.transforms.results import tangent_at, value_and_tangent
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.short_ways.begun import NOTHING, Begun
from dualdiff.transforms.short_ways.chunked import columns_in_chunks
from dualdiff.transforms.short_ways.first import columns_at_once
from dualdiff.transforms.sweep import Sweep
from dualdiff.transforms.wrapper import Transform


class FirstOrder(Transform):
    """What derivative, gradient and jacobian share. Options: argnums, argnames, has_aux, value, chunk_size, executor."""

    in_numbers = False  # whether it takes nothing else
    is_scalar = False  # whether the result must be

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        argnums: Any = self.common
        found: Any = NOTHING
        if type(argnums) is int and argnums < len(args) and not (argnums and isinstance(args[0], type)):
            number = args[argnums]
            kind = type(number)
            if kind is not float and kind in DOUBLES:
                number, kind = float(number), float
            if kind is float or (kind is Dual and type(base(number)) is float):  # of one direction: one pass finds the answer
                seed = new()
                seed.primal, seed.tangent, seed.level = number, 1.0, (level := new_level())
                try:
                    output = self.__wrapped__(seed) if len(args) == 1 and not kwargs else self.__wrapped__(
                        *args[:argnums], seed, *args[argnums + 1:], **kwargs)
                except Exception as error:
                    explain(error)
                    raise
                if type(output) is Dual and output.level == level and type(output.tangent) is type(output.primal) is float:
                    return (output.primal, output.tangent) if self.with_value else output.tangent
                value, tangent = value_and_tangent(output, level, self.label)
                if self.is_scalar:
                    self.check_outputs(leaves(value))
                return (value, tangent) if self.with_value else tangent
        if type(argnums) is tuple or (type(argnums) is int and not self.in_numbers):
            found = columns_at_once(self.__wrapped__, argnums, args, kwargs, self.is_scalar, self.in_numbers)
        elif self.common_in_chunks is not None:
            found = columns_in_chunks(
                self.__wrapped__, self.common_in_chunks, args, kwargs, self.is_scalar, self.options["chunk_size"])
        if type(found) is Begun:
            return self.continued(found, *args, **kwargs)
        return found if self.with_value else found[1]

    def continued(self, begun: Begun, /, *args: Any, **kwargs: Any) -> Any:
        """What a call returns: the general way, from where a short one has stopped."""
        inputs = self.inputs(args, kwargs)
        self.check_inputs(inputs)
        sweep = Columns(self, inputs, begun)
        self.check_outputs(sweep.primals)
        return self.answer(sweep, sweep.assembled(sweep.columns))

    def check_inputs(self, inputs: Inputs) -> None:
        """Refuse inputs that are meant for another transform."""

    def check_outputs(self, primals: list[tuple[str, Any]]) -> None:
        """Refuse outputs that are meant for another transform."""


class Derivative(FirstOrder):
    name = "derivative"

    in_numbers = True

    def check_inputs(self, inputs: Inputs) -> None:
        for value, leaf in zip(inputs.values, inputs.leaves):
            if shape_of(leaf) or isinstance(value, (list, tuple, dict)) or len(inputs.leaves) != len(inputs.values):
                what = f"an array of shape {shape_of(leaf)}" if shape_of(leaf) else f"a {type(value).__name__}"
                raise TypeError(f"derivative of {self.label} was called with {what}, but takes a scalar; use dualdiff.gradient for "
                                f"a scalar result, dualdiff.jacobian for any, or dualdiff.jvp(f, x, np.ones_like(x)) for the "
                                f"derivative of an elementwise function at every entry")


class Gradient(FirstOrder):
    name = "gradient"
    is_scalar = True

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

    def __init__(self, transform: Transform, inputs: Inputs, begun: Begun) -> None:
        super().__init__(transform, inputs)
        chunk_size = transform.options["chunk_size"]
        self.block = chunk_size != 1
        self.columns: list[list[Any]] = []
        levels = chain(begun.levels, iter(new_level, None))
        jobs = [(directions, scale, next(levels)) for directions, is_complex in inputs.blocks(chunk_size)
                for scale in ((1, 1j) if is_complex else (1,))]
        results = chain(begun.outputs, outputs(self._passes(jobs[len(begun.outputs):]), transform.options["executor"]))
        along_one: list[Any] = []
        for (directions, scale, level), output in zip(jobs, results):
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
            yield self.pass_of(seeded, self.block)
