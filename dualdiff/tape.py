"""Reverse mode: a tape of what happened to a variable, and the sweep back along it.

A `Variable` goes through the user's function by the same protocols and the same table as a dual number. Instead of pushing a
tangent forward, every operation leaves a record of how to pull a cotangent back: an elementwise function by its partials, a
linear one by its transpose (`dualdiff.rules.transposes`), and any other array rule by running its map of the tangents, which is
linear, on a scratch tape and sweeping back along that. So no derivative is written a second time.

Cotangents of complex numbers pair with tangents as Re(c·t).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.arguments import highest, lowered, operands
from dualdiff.calls import primal_of_call
from dualdiff.errors import LevelError
from dualdiff.levels import new_level
from dualdiff.numbers import base, floats, namespace, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import Elementwise, argument, has_argument, zeros_for
from dualdiff.rules.transposes import RECIPES, scattered, transpose_of, unbroadcast
from dualdiff.strong import has_nan, term

Pull = Callable[[Any], Sequence[Any]]
"""From the cotangent of a result to those of the inputs of the operation (None: no contribution)."""


class Tape:
    """The records of one derivative call in the order in which they were made: for each result its inputs, and the pull."""

    __slots__ = ("level", "records")

    def __init__(self) -> None:
        self.level = new_level()
        self.records: list[tuple[tuple[int, ...], Pull | None]] = []

    def enter(self, parents: tuple[int, ...], pull: Pull | None) -> int:
        """A new record; returns its index."""
        self.records.append((parents, pull))
        return len(self.records) - 1

    def input(self, primal: Any) -> Variable:
        return Variable(primal, self, self.enter((), None))

    def sweep(self, cotangents: Sequence[tuple[Variable, Any]], inputs: Sequence[Variable]) -> list[Any]:
        """The adjoints of ``inputs`` (None for one on which nothing depends), given cotangents of results.

        One loop back over the records, so that a chain of any length needs no recursion; an adjoint is let go as soon as it has
        been passed on.
        """
        adjoints: dict[int, Any] = {}
        for variable, cotangent in cotangents:
            _add(adjoints, variable.index, cotangent)
        wanted = {variable.index for variable in inputs}
        with np.errstate(all="ignore"):
            for index in range(max(adjoints, default=-1), -1, -1):
                if index not in adjoints:
                    continue
                adjoint = adjoints[index] if index in wanted else adjoints.pop(index)
                parents, pull = self.records[index]
                if pull is not None:
                    for parent, contribution in zip(parents, pull(adjoint)):
                        _add(adjoints, parent, contribution)
        return [adjoints.get(variable.index) for variable in inputs]


def _add(adjoints: dict[int, Any], index: int, contribution: Any) -> None:
    """Accumulate. The adjoint of an operation with several results is a dict: position of the result → cotangent."""
    if contribution is None:
        return
    known = adjoints.get(index)
    if isinstance(known, dict):
        for position, cotangent in contribution.items():
            known[position] = known[position] + cotangent if position in known else cotangent
    else:
        adjoints[index] = contribution if known is None else known + contribution


class Variable(Operand):
    """A number or an array whose history is on a tape."""

    __slots__ = ("__weakref__", "index", "level", "origin", "primal", "tape", "views", "written")

    def __init__(self, primal: Any, tape: Tape, index: int) -> None:
        self.primal: Any = primal
        self.tape = tape
        self.index = index
        self.level: int = tape.level
        self.origin: tuple[Variable, Any] | None = None  # for a view: of which variable, by which index
        self.written = False  # as a view: through to its origin
        self.views: list[weakref.ref[Variable]] = []

    def __repr__(self) -> str:
        return f"Variable({self.primal!r})"

    # ---- through the rules ----

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not isinstance(rule, Elementwise) and rule.function in RECIPES:
            result = RECIPES[rule.function](*args, **kwargs)
            return result.replace_primal(plain(primal_of_call(compute, lowered(args, level), lowered(kwargs, level), rule)))
        out = primal_of_call(compute, lowered(args, level), lowered(kwargs, level), rule)
        found = [x for x in operands((args, kwargs)) if isinstance(x, Variable) and x.level == level]
        if isinstance(rule, Elementwise):
            active, pull = _pull_elementwise(rule, out, args, kwargs, level)
        else:
            active, pull = _pull_arrays(rule, out, args, kwargs, level)
        return _recorded(found[0].tape, out, tuple(x.index for x in active), pull) if active else out

    def constant_like(self, value: Any) -> Variable:
        return self.tape.input(value)

    def replace_primal(self, value: Any) -> Variable:
        self.primal = value
        return self

    def has_nan(self) -> bool:
        return has_nan(self.primal)

    # ---- elements ----

    def __getitem__(self, index: Any) -> Any:
        if not self.is_array:
            raise TypeError("a scalar Variable has no elements")
        primal = plain(self.primal[index])
        shape = np.shape(self.primal)
        entry = self.tape.enter((self.index,), lambda cotangent: (scattered(cotangent, index, shape),))
        result = Variable(primal, self.tape, entry)
        if isinstance(primal, np.ndarray) and primal.base is not None and np.may_share_memory(primal, self.primal):
            result.origin = (self, index)
            self.views = [view for view in self.views if view() is not None]
            self.views.append(weakref.ref(result))
        return result

    def __setitem__(self, index: Any, value: Any) -> None:
        """Take a new record: what has been recorded before keeps its own values. A write to a view is one to its origin."""
        if not self.is_array:
            raise TypeError("a scalar Variable has no elements to assign to")
        if isinstance(value, Variable) and value.origin is not None and value.origin[0] is self and value.written:
            return  # ``x[i] += y`` ends with assigning the view, already written through, to where it came from
        if any(view() is not None for view in self.views):
            raise LevelError("an array was written to while a view of it is in use, which reverse mode does not follow; write to it "
                             "before slicing it, or slice a copy: x.copy()[1:]")
        new = _assigned(self, index, value)
        if self.origin is not None:
            whole, where = self.origin
            whole.views = [view for view in whole.views if view() not in (None, self)]
            whole[where] = new
            whole.views.append(weakref.ref(self))
            self.written = True
        self.primal, self.index = new.primal, new.index


def _assigned(target: Variable, index: Any, value: Any) -> Variable:
    """A copy of ``target`` in which the entries at ``index`` are those of ``value``."""
    if isinstance(value, (list, tuple, np.ndarray)) and highest(value) is not None:
        value = stacked(value)
    if isinstance(value, Operand) and value.level > target.level:
        raise LevelError("a number of an inner derivative was written into an array of an outer reverse pass; make the array with "
                         "np.zeros(shape, like=...) of that number")
    ours = isinstance(value, Variable) and value.level == target.level
    primal = np.copy(target.primal)
    if isinstance(value.primal if ours else value, Operand) and not isinstance(primal, Operand):
        primal = np.copy((value.primal if ours else value).constant_like(primal))
    primal[index] = value.primal if ours else value
    shape = np.shape(value)

    def pull(cotangent: Any) -> Sequence[Any]:
        kept = np.copy(cotangent)
        kept[index] = 0
        return (kept, unbroadcast(cotangent[index], shape)) if ours else (kept,)

    parents = (target.index, value.index) if ours else (target.index,)
    return Variable(primal, target.tape, target.tape.enter(parents, pull))


# ---- records of functions ------------------------------------------------------------------------------------------------

def _recorded(tape: Tape, out: Any, parents: tuple[int, ...], pull: Pull) -> Any:
    """The result of an operation as variables; of several results each has a record that leads to the common one."""
    entry = tape.enter(parents, pull)
    if not isinstance(out, (list, tuple)):
        return Variable(plain(out), tape, entry)
    parts = [Variable(plain(part), tape, tape.enter((entry,), _into(k))) if _differentiable(part) else part
             for k, part in enumerate(out)]
    return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)


def _into(k: int) -> Pull:
    return lambda cotangent: ({k: cotangent},)


def _differentiable(part: Any) -> bool:
    return np.result_type(base(part)).kind in "fcO"


def _pull_elementwise(rule: Elementwise, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any],
                      level: int) -> tuple[list[Variable], Pull]:
    """Cotangent × partial for each input, summed over the axes along which the input was broadcast."""
    primals = lowered(args, level)
    xp = namespace(*primals)
    given = tuple(map(plain, out)) if isinstance(out, tuple) else plain(out)
    active, slopes = [], []
    with np.errstate(all="ignore"):
        for i, x in enumerate(args):
            if isinstance(x, Variable) and x.level == level:
                slope = on_floats(rule, i, given, primals) if xp is floats else rule.partial(i, xp, given, primals)
                if any(part is not None and not _is_zero(part) for part in (slope if isinstance(out, tuple) else (slope,))):
                    active.append(x)
                    slopes.append(slope)
    where = kwargs.get("where", True)

    def pull(cotangent: Any) -> Sequence[Any]:
        cotangents = cotangent if isinstance(out, tuple) else {0: cotangent}
        contributions = []
        for x, slope in zip(active, slopes):
            total = None
            for k, c in cotangents.items():
                part = slope[k] if isinstance(out, tuple) else slope
                piece = None if part is None else term(c if where is True else np.where(where, c, 0), part)
                total = piece if total is None else total if piece is None else total + piece
            contributions.append(None if total is None else fitting(total, x.primal))
        return contributions

    return active, pull


def _is_zero(slope: Any) -> bool:
    return type(slope) is int and slope == 0


def _pull_arrays(rule: Any, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any],
                 level: int) -> tuple[list[Variable], Pull]:
    """By the transpose of a linear function; otherwise by a sweep back along the rule's own map of tangents."""
    named = {name: argument(args, kwargs, name, position) for name, position in rule.positions.items()
             if has_argument(args, kwargs, name, position)}
    named = {name: value for name, value in named.items() if any(_is_ours(x, level) for x in operands(value))}
    active = [x for value in named.values() for x in operands(value) if isinstance(x, Variable) and x.level == level]
    primals, keywords = lowered(args, level), lowered(kwargs, level)
    transpose = transpose_of(rule, primals, keywords)
    if transpose is not None:
        def pull(cotangent: Any) -> Sequence[Any]:
            found = transpose(cotangent, tuple(named))
            leaves = [contribution for name, value in named.items() for x, contribution in _paired(value, found[name])
                      if _is_ours(x, level)]
            return [None if c is None else fitting(c, x.primal) for x, c in zip(active, leaves)]
    else:
        def pull(cotangent: Any) -> Sequence[Any]:
            scratch = Tape()
            tangents = {name: mapped_leaves(value, lambda x: scratch.input(0 * x.primal) if _is_ours(x, level) else zeros_for(x))
                        for name, value in named.items()}
            starts = [x for value in tangents.values() for x in operands(value) if isinstance(x, Variable)]
            pushed = rule.push(out, primals, keywords, tangents)
            cotangents = cotangent if isinstance(cotangent, dict) else {0: cotangent}
            ends = list(pushed) if isinstance(out, (list, tuple)) else [pushed]
            pairs = [(ends[k], c) for k, c in cotangents.items() if _is_ours(ends[k], scratch.level)]
            return [None if c is None else fitting(c, x.primal) for x, c in zip(active, scratch.sweep(pairs, starts))]
    return active, pull


def _is_ours(x: Any, level: int) -> bool:
    return isinstance(x, Variable) and x.level == level


def _paired(value: Any, contributions: Any) -> list[tuple[Any, Any]]:
    """The leaves of an argument, each with its contribution."""
    if isinstance(value, (list, tuple)):
        return [pair for part, c in zip(value, contributions) for pair in _paired(part, c)]
    return [(value, contributions)]


def mapped_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """A nested list with every leaf changed."""
    return [mapped_leaves(part, change) for part in value] if isinstance(value, (list, tuple)) else change(value)


def fitting(cotangent: Any, primal: Any) -> Any:
    """A cotangent with the shape of the primal it belongs to, real if that is real."""
    cotangent = unbroadcast(cotangent, np.shape(primal))
    if np.iscomplexobj(cotangent) and not np.iscomplexobj(primal):
        cotangent = np.real(cotangent)
    return plain(cotangent)
