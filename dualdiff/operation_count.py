"""What a Jacobian costs in either mode: operations are counted, not timed.

The function is evaluated on numbers that count what is done to them: bare, inside dual numbers, and inside tape variables. So the
very operations that a pass performs are counted, those of the rules included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np

from dualdiff.arguments import is_rounded, lowered, operands
from dualdiff.calls import primal_of_call
from dualdiff.dual import dual
from dualdiff.levels import new_level
from dualdiff.numbers import base, plain
from dualdiff.operand import Operand
from dualdiff.passes import Pass
from dualdiff.reverse import Recording
from dualdiff.rules.moves import MOVES
from dualdiff.rules.table import Elementwise
from dualdiff.seeding import Inputs
from dualdiff.wrapper import Transform

FREE = MOVES | {np.conjugate, np.real, np.imag}


@dataclass(frozen=True)
class Cost:
    """The operations of one evaluation of a function, of one pass in each mode, and the tape's memory.

    Attributes
    ----------
    n, m : int
        The numbers of inputs and of outputs.
    primal, forward, reverse : int
        Elementary operations of the function, of one forward pass (one direction), of one reverse pass (recording and one sweep).
    tape_bytes : int
        The memory of the arrays that the tape holds when the recording is over.
    """

    n: int
    m: int
    primal: int
    forward: int
    reverse: int
    tape_bytes: int

    @property
    def forward_jacobian(self) -> int:
        """The operations of the Jacobian in forward mode: one pass for each input."""
        return self.n * self.forward

    @property
    def reverse_jacobian(self) -> int:
        """The operations of the Jacobian in reverse mode: one recording (as the primal), one sweep for each output."""
        return self.primal + self.m * (self.reverse - self.primal)

    @property
    def recommendation(self) -> str:
        """The mode with fewer operations for the Jacobian: ``'forward'`` (at a tie, needing no tape) or ``'reverse'``."""
        return "forward" if self.forward_jacobian <= self.reverse_jacobian else "reverse"

    def __str__(self) -> str:
        return (f"{self.n} inputs, {self.m} outputs\n"
                f"function      {self.primal:>12,} operations\n"
                f"forward pass  {self.forward:>12,} operations; the Jacobian takes {self.n} of them\n"
                f"reverse pass  {self.reverse:>12,} operations; the Jacobian takes {self.m} sweeps; "
                f"tape {self.tape_bytes:,} bytes\n"
                f"the Jacobian: {self.forward_jacobian:,} forward, {self.reverse_jacobian:,} reverse: "
                f"use {self.recommendation} mode")


def cost(function: Callable[..., Any], *args: Any, argnums: Any = 0, **kwargs: Any) -> Cost:
    """Count the elementary operations of a function and of its derivatives, without a clock.

    An elementary operation is one number computed by an operator or an elementwise function. A sum of k numbers counts
    k − 1, a product of matrices 2k − 1 for each entry of the result, a Fourier transform of length k 5·k·log₂ k, any other
    function of matrices the product of the sizes of a matrix and its smaller side; products other than of matrices are
    estimated by their sizes. An adjoint of an array used by parts is counted as added up whole. Comparisons, and whatever
    only moves numbers, count nothing.

    Parameters
    ----------
    function : callable
        A function of numbers and arrays.
    *args, **kwargs
        Where to evaluate it.
    argnums : int or tuple of int, optional
        The arguments to differentiate in.

    Returns
    -------
    Cost
        The counts, the numbers of inputs and outputs, the memory of the tape, and which mode the Jacobian calls for.

    Examples
    --------
    >>> import numpy as np
    >>> report = cost(lambda x: np.sum(x * x), np.arange(1.0, 5.0))
    >>> report.primal, report.n, report.m, report.recommendation
    (7, 4, 1, 'reverse')
    """
    inputs = Inputs("cost", args, kwargs, argnums, None)
    transform = Transform(function, has_aux=False)
    tally = Tally()
    _run(function, inputs, tally.counted(inputs.leaves))
    primal, tally = tally.operations, Tally()
    leaves = tally.counted(inputs.leaves)
    level = new_level()
    _run(function, inputs, [dual(leaf, one, level) for leaf, one in zip(leaves, tally.counted(map(np.ones_like, inputs.leaves)))])
    forward, tally = tally.operations, Tally()

    counted = Inputs("cost", args, kwargs, argnums, None)
    counted.leaves = tally.counted(inputs.leaves)
    recording = Recording(transform, counted)
    recording.pull([tally.counted([np.ones_like(base(leaf))])[0] for _, leaf in recording.primals])
    held = Recording(transform, inputs)
    return Cost(inputs.n, sum(int(np.prod(np.shape(leaf))) for _, leaf in held.primals), primal, forward, tally.operations,
                _bytes_of([pull for _, pull, _ in held.tape.records]))


def _run(function: Callable[..., Any], inputs: Inputs, leaves: list[Any]) -> Any:
    args, kwargs = inputs.arguments(leaves)
    return Pass(function, args, kwargs).run()


class Tally:
    """How many operations have been done on the numbers of one level."""

    __slots__ = ("level", "operations")

    def __init__(self) -> None:
        self.level = new_level()
        self.operations = 0

    def counted(self, leaves: Any) -> list[Any]:
        return [Counted.of(plain(leaf[()]) if isinstance(leaf, np.ndarray) and not leaf.ndim else leaf, self) for leaf in leaves]


class Counted(Operand):
    """A number or an array; what is done to it is counted."""

    __slots__ = ("__weakref__", "level", "primal", "tally")

    tally: Tally

    @classmethod
    def of(cls, primal: Any, tally: Tally) -> Counted:
        result = object.__new__(cls)
        result.primal, result.level, result.tally = primal, tally.level, tally
        return result

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        first = next(x for x in operands((args, kwargs)) if isinstance(x, cls) and x.level == level)
        tally = first.tally
        primals, keywords = lowered(args, level), lowered(kwargs, level)
        out = primal_of_call(compute, primals, keywords, rule)
        if is_rounded(out, args, kwargs):
            return out
        tally.operations += operations(rule, out, primals)
        if isinstance(out, (list, tuple)):
            parts = [cls.of(plain(part), tally) for part in out]
            return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)
        return cls.of(plain(out), tally)

    def constant_like(self, value: Any) -> Any:
        return self.of(value, self.tally)

    def replace_primal(self, value: Any) -> Any:
        self.primal = value
        return self

    def has_nan(self) -> bool:
        return bool(np.isnan(self.primal).any())

    def __getitem__(self, index: Any) -> Any:
        return self.of(plain(self.primal[index]), self.tally)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.primal[index] = value.primal if isinstance(value, Counted) else value


def operations(rule: Any, out: Any, primals: tuple[Any, ...]) -> int:
    """The elementary operations of one call."""
    size = sum(np.size(part) for part in out) if isinstance(out, (list, tuple)) else np.size(out)
    if isinstance(rule, Elementwise):
        return int(size)
    if rule.function in FREE:
        return 0
    arrays = [np.asarray(x) for x in primals if isinstance(x, (np.ndarray, float, complex))]
    largest = max((x.size for x in arrays), default=0)
    if rule.function is np.matmul:
        return int(size * (2 * arrays[0].shape[-1] - 1))
    if rule.kind == "bilinear":  # every entry of the one with every entry of the other that it meets
        return int(2 * np.sqrt(float(size) * arrays[0].size * arrays[-1].size)) if len(arrays) > 1 else int(size)
    if "fft" in rule.name:
        return int(5 * largest * log2(max(largest, 2)))
    if rule.kind == "linear":
        return int(max(largest - size, 0)) or int(size)
    return int(largest * max((min(x.shape[-2:]) for x in arrays if x.ndim > 1), default=1))


def _bytes_of(root: Any) -> int:
    """The memory of all the different arrays that can be reached from closures, lists, tuples and operands."""
    return sum({id(owner): owner.nbytes for owner in _arrays(root, set())}.values())


def _arrays(value: Any, seen: set[int]) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, np.ndarray):
            while isinstance(value.base, np.ndarray):
                value = value.base
            yield value
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif hasattr(value, "__closure__"):
            waiting.extend(cell.cell_contents for cell in value.__closure__ or ())
