"""What a Jacobian costs in either mode: operations are counted, not timed.

The function is evaluated on numbers that count what is done to them: bare, inside dual numbers, and inside tape variables. So the
very operations that a pass performs are counted, those of the rules included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualdiff.backward import Recording
from dualdiff.costs.counted import Tally
from dualdiff.costs.tape_size import bytes_held
from dualdiff.dual import dual
from dualdiff.errors import NotDifferentiableError
from dualdiff.levels import new_level
from dualdiff.numbers import base
from dualdiff.tangents import Tangents
from dualdiff.transforms.passes import Pass
from dualdiff.transforms.results import checked_leaves
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.wrapper import Transform


@dataclass(frozen=True)
class Cost:
    """The operations of one evaluation of a function, of one pass and of the whole Jacobian in each mode, and the tape's memory.

    Attributes
    ----------
    n, m : int
        The numbers of inputs and of outputs.
    primal, forward, reverse : int
        Elementary operations of the function, of one forward pass (one direction), of one reverse pass (recording and one sweep).
    forward_jacobian, chunked_jacobian, reverse_jacobian : int
        Those of the Jacobian: n forward passes of one direction; passes of several directions (``chunk_size=None``), which share
        the primals and the partials; one recording and m sweeps. Where numbers are complex, two directions, or two sweeps, stand
        for one.
    tape_bytes : int
        The memory of what the tape holds when the recording is over: its records, the arrays and the numbers in them.
    uncounted : tuple of str
        The functions whose own operations are not known; they are in none of the numbers.
    refusal : str
        Why reverse mode cannot go through the function (then its numbers are None); empty where it can.
    """

    n: int
    m: int
    primal: int
    forward: int
    reverse: int | None
    forward_jacobian: int
    chunked_jacobian: int
    reverse_jacobian: int | None
    tape_bytes: int | None
    uncounted: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def recommendation(self) -> str:
        """The mode with fewer operations for the Jacobian: ``'forward'`` (at a tie, needing no tape) or ``'reverse'``."""
        forward = min(self.forward_jacobian, self.chunked_jacobian)
        return "forward" if self.reverse_jacobian is None or forward <= self.reverse_jacobian else "reverse"

    def __str__(self) -> str:
        lines = [f"{self.n} input{'s' * (self.n != 1)}, {self.m} output{'s' * (self.m != 1)}",
                 f"function      {self.primal:>14,} operations",
                 f"forward pass  {self.forward:>14,} operations; the Jacobian {self.forward_jacobian:,}, in chunks "
                 f"{self.chunked_jacobian:,}",
                 f"reverse pass  {self.reverse:>14,} operations; the Jacobian {self.reverse_jacobian:,}; tape {self.tape_bytes:,} "
                 f"bytes" if not self.refusal else f"reverse pass  refused: {self.refusal}",
                 f"use {self.recommendation} mode for the Jacobian"]
        if self.uncounted:
            lines.append(f"not counted, their operations being unknown: {', '.join(self.uncounted)}")
        return "\n".join(lines)


def cost(function: Callable[..., Any], *args: Any, argnums: Any = 0, **kwargs: Any) -> Cost:
    """Count the elementary operations of a function and of its derivatives, without a clock.

    One operation is one number, real or complex, computed by a multiplication, a division, an addition, a change of sign, or one
    elementary function. A sum of k numbers counts k − 1, a product of matrices (m, k) and (k, n) counts m·n·(2k − 1), and all
    sums and products of arrays are counted in this way, from their shapes. Comparisons, selections (``max``, ``sort``) and
    whatever only moves numbers count nothing; neither does what is computed of numbers that do not depend on the inputs. What an
    adjoint receives first is put there, and what it receives after is added. The counts are exact, but for two conventions, in
    ``dualdiff.rules.counts``: 5·N·log₂ N for a Fourier transform of N complex numbers (half if they are real), and the leading
    terms of the textbook's algorithm for a factorisation:

    * n × n: ``inv`` 2n³, ``solve`` ⅔n³ + 2n² for each right-hand side, ``det`` and ``slogdet`` ⅔n³, ``cholesky`` ⅓n³, ``eigh``
      9n³, ``eigvalsh`` 4⁄3·n³, ``eig`` 25n³, ``eigvals`` and ``roots`` 10n³;
    * m × n with m ≥ n: ``qr`` 2n²(m − n/3) for R and as many for Q; ``svd`` 2mn² + 2n³ for the values, 6mn² + 20n³ with thin
      vectors (``pinv`` likewise, and a product), 4m²n + 22n³ with all.

    A function that the table writes with others (``np.var``, ``np.cumprod``, …) counts as they do. A difference counts as the rules
    have it, as a sum and a change of sign of the tangent.

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
        The counts, the numbers of inputs and outputs, the memory of the tape, and which mode the Jacobian calls for. It also names
        the functions that it could not count: those of `dualdiff.custom_rule` and `dualdiff.scipy` are not in the table.

    Raises
    ------
    TypeError
        If an argument to differentiate in is not made of numbers and arrays.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> report = dd.cost(lambda x: np.sum(x * x), np.arange(1.0, 5.0))
    >>> report.primal, report.n, report.m, report.recommendation
    (7, 4, 1, 'reverse')
    """
    inputs = Inputs("cost", args, kwargs, argnums, None)
    passes = Evaluations(function, inputs)
    primal, forward = passes.primal(), passes.forward(None)
    alone = sum(2 if is_complex else 1 for _, is_complex in inputs.blocks(1))
    chunks = Counter((len(directions), is_complex) for directions, is_complex in inputs.blocks(None))
    chunked = sum(passes.forward(k) * (2 if is_complex else 1) * times for (k, is_complex), times in chunks.items())
    reverse, jacobian, memory, refusal = None, None, None, ""
    try:
        reverse, jacobian = passes.reverse()
        memory = bytes_held(Recording(Transform(function, has_aux=False), inputs).tape.records)
    except NotDifferentiableError as error:
        refusal = str(error)
    return Cost(inputs.n, passes.outputs, primal, forward, reverse, alone * forward, chunked, jacobian, memory,
                tuple(sorted(passes.unknown)), refusal)


class Evaluations:
    """The operations of single evaluations of a function on counted numbers."""

    def __init__(self, function: Callable[..., Any], inputs: Inputs) -> None:
        self.function, self.inputs = function, inputs
        self.unknown: set[str] = set()
        self.outputs = 0

    def _tally(self) -> Tally:
        tally = Tally()
        tally.unknown = self.unknown
        return tally

    def primal(self) -> int:
        tally = self._tally()
        output = self._run(tally.counted(self.inputs.leaves))
        self.outputs = sum(int(np.size(base(leaf))) for _, leaf in checked_leaves(output, "cost"))
        return tally.operations

    def forward(self, width: int | None) -> int:
        """A pass with one direction, or with a chunk of ``width`` of them."""
        tally = self._tally()
        leaves, level = tally.counted(self.inputs.leaves), new_level()
        ones = [np.ones_like(base(leaf), shape=(*(() if width is None else (width,)), *np.shape(leaf))) for leaf in leaves]
        tangents = tally.counted(ones)
        self._run([dual(leaf, tangent if width is None else Tangents(tangent), level) for leaf, tangent in zip(leaves, tangents)])
        return tally.operations

    def _run(self, leaves: list[Any]) -> Any:
        args, kwargs = self.inputs.arguments(leaves)
        return Pass(self.function, args, kwargs).run()

    def reverse(self) -> tuple[int, int]:
        """A recording with one sweep from all outputs; a recording with a sweep from each entry of them."""
        tally, recording = self._recorded()
        seeds = [tally.counted([np.ones_like(base(leaf))])[0] for _, leaf in recording.primals]
        recording.pull(seeds)
        one = tally.operations
        tally, recording = self._recorded()
        jacobian = tally.operations
        for k, (_, leaf) in enumerate(recording.primals):
            alone = [tally.counted([np.ones_like(base(leaf))])[0] if i == k else None for i in range(len(recording.primals))]
            times = int(np.size(base(leaf))) * (2 if np.iscomplexobj(base(leaf)) else 1)
            for sweep in range(min(times, 2)):  # the first one may have to record the map of a function; the others do the same
                before = tally.operations
                recording.pull(alone)
                jacobian += (tally.operations - before) * (times - 1 if sweep else 1)
        return one, jacobian

    def _recorded(self) -> tuple[Tally, Recording]:
        tally = self._tally()
        counted = copy(self.inputs)
        counted.leaves = tally.counted(self.inputs.leaves)
        recording = Recording(Transform(self.function, has_aux=False), counted)
        tally.sweeping = True
        return tally, recording
