"""Reverse mode, as classes: one evaluation of a function on variables, the sweeps back from there, and what they make."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dualdiff.arguments import mapped
from dualdiff.numbers import base, constant, plain
from dualdiff.operand import Operand, is_array
from dualdiff.structures import rebuilt
from dualdiff.tape import Tape, Variable
from dualdiff.transforms.first_order import Jacobian, refuse_unless_scalar
from dualdiff.transforms.holomorphic import refuse_unless_holomorphic
from dualdiff.transforms.passes import Pass
from dualdiff.transforms.results import checked_leaves, primal_at, split_aux, tangent_at, without_level
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.wrapper import Transform

BLOCKS = 16  # of rows, when an executor is given them


class Recording:
    """One evaluation of a function on variables: what it returned, and the sweeps back from there."""

    def __init__(self, transform: Transform, inputs: Inputs) -> None:
        self.inputs = inputs
        self.tape = tape = Tape()
        self.starts = [Variable.input(leaf, tape) for leaf in inputs.leaves]
        self.aux: Any = None
        try:
            output = Pass(transform.__wrapped__, *inputs.arguments(self.starts)).run()
            if transform.options.get("has_aux"):
                output, aux = split_aux(output, transform.label)
                self.aux = without_level(mapped(aux, copy.copy), tape.level)  # the pulls may refer to its memory
            self.output = output
            found = [(path, _settled(leaf, tape)) for path, leaf in checked_leaves(output, transform.label)]
        finally:
            tape.over = True
        self.ends = [leaf.index if _is_on(leaf, tape) else None for _, leaf in found]
        self.primals = [(path, primal_at(leaf, tape.level)) for path, leaf in found]

    @property
    def value(self) -> Any:
        """What the function returned: arrays of the tape as copies, for the pulls may refer to their memory."""
        return rebuilt(self.output, iter([leaf if end is None or not is_array(leaf) else np.copy(leaf, order="K")
                                          for end, (_, leaf) in zip(self.ends, self.primals)]))

    def pull(self, cotangents: Sequence[Any], last: bool = False) -> list[Any]:
        """The cotangents of the input leaves, given one for each output leaf; zeros where nothing depends on an input.

        After the ``last`` pull there is no other: the tape is let go on the way.
        """
        pairs = [(end, cotangent) for end, cotangent in zip(self.ends, cotangents) if end is not None]
        found = self.tape.sweep(pairs, [start.index for start in self.starts], last)
        return [_zero(leaf) if adjoint is None else _own(adjoint, leaf) for leaf, adjoint in zip(self.inputs.leaves, found)]


def _is_on(leaf: Any, tape: Tape) -> bool:
    return isinstance(leaf, Variable) and leaf.level == tape.level


def _settled(leaf: Any, tape: Tape) -> Any:
    """An output, a view brought up to date; refused if it was kept from a pass that is over, or comes from one inside this."""
    if isinstance(leaf, Variable):
        if leaf.level == tape.level:
            return leaf.result(leaf.primal, leaf.index)
        if leaf.tape.over:
            leaf.tape.refuse()
    if isinstance(leaf, Operand) and leaf.level > tape.level:
        tangent_at(leaf, tape.level, None)  # which says what is wrong
    return leaf


def _zero(leaf: Any) -> Any:
    return np.zeros(np.shape(leaf), getattr(leaf, "dtype", float)) if is_array(leaf) else 0.0


def _own(adjoint: Any, leaf: Any) -> Any:
    """An adjoint as the user gets it: of the input's precision, an array of its own."""
    if not is_array(leaf):
        dtype = getattr(leaf, "dtype", None)
        is_alike = dtype is None or dtype.kind not in "fc" or getattr(adjoint, "dtype", None) == dtype
        return plain(adjoint if is_alike else np.positive(adjoint, dtype=dtype, casting="same_kind"))
    adjoint = np.reshape(adjoint if isinstance(adjoint, Operand) else np.asarray(adjoint), leaf.shape)
    return adjoint.astype(leaf.dtype, copy=False) if leaf.dtype.kind in "fc" else adjoint


# ---- rows of a Jacobian --------------------------------------------------------------------------------------------------

def row(recording: Recording, k: int, index: tuple[int, ...], transform: Transform, last: bool = False) -> list[Any]:
    """The derivatives of one entry of output k, by a sweep; by a second one, of i times the seed, where it is complex.

    With cotangent c the sweep finds Re(c·J·t) for all t: of a real input J has a real part and an imaginary one, of a complex
    input it is found whole, and i·c must lead to i times the same (Cauchy–Riemann).
    """
    leaf = recording.primals[k][1]
    seeds: list[Any] = [None] * len(recording.primals)
    seeds[k] = _unit(leaf, index)
    is_complex = bool(np.iscomplexobj(base(leaf)))
    found = recording.pull(seeds, last and not is_complex)
    if not is_complex and not any(np.iscomplexobj(base(leaf)) for leaf in recording.inputs.leaves):
        return found
    if is_complex:
        seeds[k] = 1j * seeds[k]
    turned = recording.pull(seeds) if is_complex else [0.0] * len(found)
    results = []
    for leaf, one, i in zip(recording.inputs.leaves, found, turned):
        if np.iscomplexobj(base(leaf)):
            refuse_unless_holomorphic(base(one), base(i), transform)
            results.append(one)
        else:
            results.append(one - 1j * i if is_complex else one)
    return results


def _unit(leaf: Any, index: tuple[int, ...]) -> Any:
    """The cotangent that picks one entry, 1 in the number type of the result."""
    shape, dtype = np.shape(leaf), getattr(base(leaf), "dtype", np.dtype(float))
    if not shape:
        return constant(1, leaf)
    seed = np.zeros(shape, dtype if dtype.kind in "fcO" else float)
    seed[index] = constant(1, leaf) if dtype.kind == "O" else 1
    return seed


class Rows(NamedTuple):
    """Some rows of a Jacobian, found by an evaluation of their own, wherever an executor runs it."""

    transform: Transform
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    places: Sequence[tuple[int, tuple[int, ...]]]

    def run(self) -> list[list[Any]]:
        inputs = self.transform.inputs(self.args, self.kwargs)
        recording = Recording(self.transform, inputs)
        return [row(recording, k, index, self.transform) for k, index in self.places]


def side_by_side(rows: Sequence[list[Any]], leaf: Any, inputs: Inputs) -> list[Any]:
    """The rows of one output as arrays of shape out.shape + in.shape."""
    shape = np.shape(leaf)
    if not shape and not isinstance(leaf, np.ndarray):
        return rows[0]
    return [np.reshape(np.stack([row[i] for row in rows]), (*shape, *np.shape(leaf_in))) if rows
            else np.zeros((*shape, *np.shape(leaf_in)), getattr(base(leaf_in), "dtype", float))
            for i, leaf_in in enumerate(inputs.leaves)]


# ---- the transforms ------------------------------------------------------------------------------------------------------

class ReverseGradient(Transform):
    name = "reverse.gradient"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inputs = self.inputs(args, kwargs)
        recording = Recording(self, inputs)
        refuse_unless_scalar(self, recording.primals, "reverse.jacobian")
        return self.answer(recording, inputs.mirrored(row(recording, 0, (), self, last=True)))


class ReverseJacobian(Transform):
    name = "reverse.jacobian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inputs, executor = self.inputs(args, kwargs), self.options["executor"]
        recording = Recording(self, inputs)
        places = [(k, index) for k, (_, leaf) in enumerate(recording.primals) for index in np.ndindex(np.shape(leaf))]
        if executor is None:
            rows = [row(recording, k, index, self, last=(k, index) == places[-1]) for k, index in places]
        else:
            length = max(1, math.ceil(len(places) / BLOCKS))
            jobs = [Rows(self._alone(), args, kwargs, places[i:i + length]) for i in range(0, len(places), length)]
            rows = [found for block in executor.map(Rows.run, jobs) for found in block]
        parts, start = [], 0
        for _, leaf in recording.primals:
            stop = start + int(np.prod(np.shape(leaf)))
            parts.append(inputs.mirrored(side_by_side(rows[start:stop], leaf, inputs)))
            start = stop
        return self.answer(recording, rebuilt(recording.output, iter(parts)))

    def _alone(self) -> Transform:
        """This transform without the executor, which does not pickle."""
        return type(self)(self.__wrapped__, **{**self.options, "executor": None})


class ReverseHessian(Transform):
    """Forward over reverse: the Jacobian, in forward mode, of the gradient, in reverse mode."""

    name = "reverse.hessian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        slopes = ReverseGradient(self.__wrapped__, **{**options, "executor": None})
        forward = Jacobian(slopes, argnums=options["argnums"], argnames=options["argnames"], has_aux=options["has_aux"],
                                  value=False, chunk_size=options["chunk_size"], executor=options["executor"])
        return forward(*args, **kwargs)
