"""First derivatives: one column of the Jacobian for each direction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dualdiff.dual import Dual, new
from dualdiff.errors import NotHolomorphicError
from dualdiff.levels import new_level
from dualdiff.structures import rebuilt, shape_of
from dualdiff.transforms.passes import Pass, explain, outputs
from dualdiff.transforms.results import checked_leaves, primal_at, tangent_at, without_level
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.wrapper import Transform


class FirstOrder(Transform):
    """What derivative, gradient and jacobian share. Options: argnums, argnames, has_aux, value, chunk_size, executor."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        inputs = Inputs(self.label, args, kwargs, options["argnums"], options["argnames"])
        self.check_inputs(inputs)
        sweep = Sweep(self, inputs)
        self.check_outputs(sweep.primals)
        result = sweep.jacobian()
        if options["value"]:
            result = (sweep.value, result)
        return (result, sweep.aux) if options["has_aux"] else result

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
            return rebuilt(output, iter([tangent_at(leaf, level, None) for _, leaf in checked_leaves(output, self.label)]))
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
    if np.iscomplexobj(leaf):
        raise TypeError(f"{transform.name} of {transform.label} needs a real result, but it returned a complex number; use "
                        f"dualdiff.jacobian, or return its real part, imaginary part or modulus")


def refuse_unless_holomorphic(along_one: Any, along_i: Any, transform: Transform) -> None:
    """∂f along i must be i times ∂f along 1 (Cauchy–Riemann)."""
    expected = np.asarray(1j * np.asarray(along_one))
    if expected.dtype == object:  # mpmath's complex numbers
        expected, along_i = expected.astype(complex), np.asarray(along_i).astype(complex)
    tolerance = 1e-6 if expected.dtype == np.complex64 else 1e-10
    scale = np.max(np.abs(expected), initial=0.0)
    if not np.allclose(along_i, expected, rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        raise NotHolomorphicError(
            f"{transform.label} is not holomorphic here: its derivative along i is not i times that along 1, so it has no complex "
            f"derivative; use dualdiff.jvp for a direction, or split the input into real and imaginary parts")


class Sweep:
    """All the passes of a Jacobian: the function's value, its aux, and the columns."""

    def __init__(self, transform: Transform, inputs: Inputs) -> None:
        self.transform, self.inputs = transform, inputs
        self.primals: list[tuple[str, Any]] = []
        self.columns: list[list[Any]] = []
        self.output: Any = None
        self.aux: Any = None
        blocks = list(inputs.blocks(transform.options["chunk_size"]))
        width = transform.options["chunk_size"] != 1
        levels: list[int] = []
        pending = outputs(self._passes(blocks, width, levels), transform.options["executor"])
        position = 0
        for directions, is_complex in blocks:
            output = next(pending)
            columns = self._take(output, levels[position], len(directions) if width else None)
            position += 1
            if is_complex:
                turned = self._tangents(next(pending), levels[position], len(directions) if width else None)
                position += 1
                for along_one, along_i in zip(columns, turned):
                    refuse_unless_holomorphic(along_one, along_i, self.transform)
            for total, found in zip(self.columns, columns):
                total.extend(found if width else [found])
        if not blocks:  # an empty input: nothing to seed, but the output's shape is wanted
            args, kwargs = inputs.arguments(inputs.leaves)
            self._take(Pass(transform.__wrapped__, args, kwargs).run(), -1, None)

    def _passes(self, blocks: list[tuple[range, bool]], width: bool, levels: list[int]) -> Iterator[Pass]:
        for directions, is_complex in blocks:
            for scale in (1, 1j) if is_complex else (1,):
                levels.append(level := new_level())
                seeded = self.inputs.seeded(self.inputs.leaves, directions, level, scale, width)
                yield Pass(self.transform.__wrapped__, *self.inputs.arguments(seeded))

    def _take(self, output: Any, level: int, width: int | None) -> list[Any]:
        """The tangents of a pass; of the first pass also value, aux and structure."""
        if self.transform.options["has_aux"]:
            output, aux = split_aux(output, self.transform)
        if not self.columns:
            if self.transform.options["has_aux"]:
                self.aux = without_level(aux, level)
            self.output = output
            self.primals = [(path, primal_at(leaf, level)) for path, leaf in checked_leaves(output, self.transform.label)]
            self.columns = [[] for _ in self.primals]
        return self._tangents(output, level, width, with_aux=False)

    def _tangents(self, output: Any, level: int, width: int | None, with_aux: bool = True) -> list[Any]:
        if with_aux and self.transform.options["has_aux"]:
            output, _ = split_aux(output, self.transform)
        found = list(checked_leaves(output, self.transform.label))
        if [(path, shape_of(leaf)) for path, leaf in found] != [(path, shape_of(leaf)) for path, leaf in self.primals]:
            raise ValueError(f"{self.transform.label} returned results of different structure or shape in two passes at the same "
                             f"point; {self.transform.name} needs a function that does the same each time")
        return [tangent_at(leaf, level, width) for _, leaf in found]

    @property
    def value(self) -> Any:
        return rebuilt(self.output, iter([leaf for _, leaf in self.primals]))

    def jacobian(self) -> Any:
        parts = [self.inputs.mirrored(self.inputs.divided(columns, shape_of(leaf)))
                 for columns, (_, leaf) in zip(self.columns, self.primals)]
        return rebuilt(self.output, iter(parts))


def split_aux(output: Any, transform: Transform) -> tuple[Any, Any]:
    if not isinstance(output, tuple) or len(output) != 2:
        raise TypeError(f"with has_aux=True {transform.label} must return a pair (result, aux), not {type(output).__name__}")
    return output
