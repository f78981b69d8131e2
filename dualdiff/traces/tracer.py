"""trace: a function's evaluation trace, step by step, with the tangent or the adjoint of each.

>>> import numpy as np
>>> from dualdiff import trace
>>> def f(x1, x2):
...     return x1 * x2 + np.exp(x1 * x2) - np.sin(x2)
>>> found = trace(f)(0.5, 2.0)
>>> print(found.steps[2].operation, "|", found.steps[2].formula)
v₁·v₂ | v̇₁·v₂ + v₁·v̇₂
>>> len(found)
7
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dualdiff.dual import dual
from dualdiff.levels import new_level
from dualdiff.numbers import plain
from dualdiff.structures import leaves, rebuilt
from dualdiff.tape import Tape, Variable
from dualdiff.traces.evaluation_trace import Trace
from dualdiff.traces.step import Step
from dualdiff.traces.traced import Recorder, kept
from dualdiff.transforms.passes import Pass
from dualdiff.transforms.results import checked_leaves
from dualdiff.transforms.seeding import Inputs, matching, one, promoted
from dualdiff.transforms.wrapper import Transform

MODES = ("forward", "reverse")
MOST_TERMS = 8  # of a sum of adjoints; the others are left out in its middle


class Tracer(Transform):
    name = "trace"

    def __call__(self, *args: Any, mode: str = "forward", direction: Any = None, **kwargs: Any) -> Trace:
        if mode not in MODES:
            raise ValueError(f"mode={mode!r} is neither 'forward' nor 'reverse'")
        numbers = tuple(i for i, value in enumerate(args) if _is_differentiable(value))
        if not numbers:
            raise TypeError(f"{self.label} was called without a number or an array among its positional arguments: there is "
                            f"nothing to trace")
        inputs = Inputs(self.label, args, kwargs, numbers, None)
        return (self.forward if mode == "forward" else self.reverse)(inputs, direction, lambda other: self(
            *args, mode=other, **kwargs))

    def forward(self, inputs: Inputs, direction: Any, again: Callable[[str], Trace]) -> Trace:
        recorder = Recorder(new_level(), self.options["share"])
        seeds = self.given(inputs.values, inputs.leaves, direction)
        output = self.run(recorder, inputs, [dual(_own(leaf), _own(seed), recorder.level)
                                             for leaf, seed in zip(inputs.leaves, seeds)])
        results = checked_leaves(output, self.label)
        tangents = [leaf.inner.tangent if recorder.is_ours(leaf) else np.zeros(np.shape(leaf))[()] for _, leaf in results]
        return self.finished("forward", recorder, output, results, rebuilt(output, iter(tangents)), again)

    def reverse(self, inputs: Inputs, direction: Any, again: Callable[[str], Trace]) -> Trace:
        tape = Tape()
        recorder = Recorder(tape.level, self.options["share"])
        output = self.run(recorder, inputs, [Variable.input(_own(leaf), tape) for leaf in inputs.leaves])
        results = checked_leaves(output, self.label)
        values = [leaf.primal if recorder.is_ours(leaf) else leaf for _, leaf in results]
        seeds = self.given([rebuilt(output, iter(values))], values, direction)
        pairs = [(leaf.inner.index, seed) for (_, leaf), seed in zip(results, seeds) if recorder.is_ours(leaf)]
        tape.over = True
        seen: dict[int | None, Any] = {}
        starts = [step.entry for step in recorder.steps if step.entry is not None and tape.records[step.entry][1] is None]
        found = tape.sweep(pairs, starts, watch=lambda entry, adjoint: seen.update({entry: kept(adjoint)}))
        seen.update(zip(starts, found))
        for step in recorder.steps:
            adjoint = seen.get(step.entry)
            step.adjoint = np.zeros(np.shape(step.value))[()] if adjoint is None else plain(adjoint)
        _write_adjoints(recorder.steps, {leaf.step: seed for (_, leaf), seed in zip(results, seeds) if recorder.is_ours(leaf)})
        found = [step.adjoint for step in recorder.steps if step.is_input]
        return self.finished("reverse", recorder, output, results, inputs.mirrored(found), again)

    def run(self, recorder: Recorder, inputs: Inputs, seeded: Sequence[Any]) -> Any:
        names = inputs.names(self.__wrapped__, "argument ")
        traced = [recorder.enter(inner, label, "input", (), is_input=True, rule="an input", formula="given")
                  for inner, label in zip(seeded, names)]
        for step in recorder.steps:
            step.file, step.line, step.source = "", 0, ""
        args, source = list(inputs.args), iter(traced)
        for key, value in zip(inputs.keys, inputs.values):
            args[key] = rebuilt(value, source)
        output = Pass(self.__wrapped__, tuple(args), inputs.kwargs).run()
        for _, leaf in checked_leaves(output, self.label):
            if recorder.is_ours(leaf):
                recorder.steps[recorder.current(leaf).step - 1].is_output = True
        return output

    def given(self, structure: Sequence[Any], primals: Sequence[Any], direction: Any) -> list[Any]:
        """The seeds of a direction; by default the first entry's."""
        if direction is None:
            return [_first(leaf) if i == 0 else _first(leaf) * 0 for i, leaf in enumerate(primals)]
        several = len(structure) > 1 or (isinstance(direction, tuple) and not isinstance(structure[0], tuple))
        return matching("trace", list(structure), list(direction) if several else [direction])

    def finished(self, mode: str, recorder: Recorder, output: Any, results: Any, derivative: Any, again: Any) -> Trace:
        value = rebuilt(output, iter([leaf.primal if recorder.is_ours(leaf) else leaf for _, leaf in results]))
        return Trace(self.label, mode, recorder.steps, value, derivative, again)


def trace(function: Callable[..., Any], *, share: bool = True) -> Callable[..., Trace]:
    """The evaluation trace of a function: what it computes step by step, with the tangent or adjoint of each step.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them, as it is.
    share : bool, optional
        An operation that the code does again on the same scalars is one line, as textbooks print it (``x1 * x2`` written twice is
        one v₃). With ``share=False`` each is a line of its own.

    Returns
    -------
    callable
        Takes the function's arguments, and by keyword ``mode``, "forward" (the default) or "reverse", and ``direction``: in
        forward mode the tangents of the inputs (a tuple, one for each argument), in reverse mode the adjoint of the result; by
        default 1 for the first entry and 0 for all others. It returns a ``Trace``. Every positional argument made of numbers or
        arrays is an input; keyword arguments are constants.

    Raises
    ------
    TypeError, ValueError
        If no argument is a number or an array, the mode is unknown, or the direction does not fit.

    Notes
    -----
    Print it, or use ``.to_markdown()``, ``.to_latex()``, ``.to_html()``, ``.to_dot()`` and ``.save("trace.html")``. A function
    that dualdiff writes with others (``np.var``) shows as the steps that it is made of.

    Examples
    --------
    >>> import dualdiff as dd
    >>> print(dd.trace(lambda x, y: x * y + 1)(3.0, 4.0))  # doctest: +ELLIPSIS, +NORMALIZE_WHITESPACE
    trace of <lambda>, forward mode
    <BLANKLINE>
    v₁  x        3   v̇₁ = given            1
    v₂  y        4   v̇₂ = given            0
    v₃  v₁·v₂   12   v̇₃ = v̇₁·v₂ + v₁·v̇₂    4 ...
    v₄  v₃ + 1  13   v̇₄ = v̇₃               4 ...
    """
    return Tracer(function, share=share)


def _is_differentiable(value: Any) -> bool:
    found = [leaf for _, leaf in leaves(value)]
    try:
        for leaf in found:
            promoted(leaf, "", "")
    except TypeError:
        return False
    return bool(found)


def _own(leaf: Any) -> Any:
    """A copy that the function may write into, in the layout of the caller's array."""
    return leaf.copy(order="K") if isinstance(leaf, np.ndarray) else leaf


def _first(leaf: Any) -> Any:
    """1 in the first entry, 0 in all others."""
    if not np.shape(leaf) and not isinstance(leaf, np.ndarray):
        return one(leaf)
    seed = np.zeros(np.shape(leaf), leaf.dtype)
    seed.reshape(-1)[:1] = 1
    return seed


def _write_adjoints(steps: list[Step], seeds: Mapping[int, Any]) -> None:
    """The formulas of the adjoints: the sum of what each use of a step contributes."""
    sums: dict[int, list[str]] = {index: ["given"] for index in seeds}
    for step in steps:
        for index, term in step.terms:
            sums.setdefault(index, []).append(term)
    for step in steps:
        terms = sums.get(step.index, ["0"])
        left_out = ["…", terms[-1]] if len(terms) > MOST_TERMS else []
        terms = [*terms[:MOST_TERMS - 1], *left_out] if left_out else terms
        step.formula = terms[0] + "".join(f" − {t[1:]}" if t.startswith("−") else f" + {t}" for t in terms[1:])
