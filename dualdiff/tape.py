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

from dualdiff.arguments import highest, is_rounded, operands, split_arguments
from dualdiff.calls import as_precise, primal_of_call
from dualdiff.errors import LevelError, NotDifferentiableError
from dualdiff.levels import new_level
from dualdiff.numbers import base, floats, namespace, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.rules.creation import stacked
from dualdiff.rules.moves import add_at, is_basic, scattered, unbroadcast
from dualdiff.rules.recipes import RECIPES
from dualdiff.rules.table import Elementwise
from dualdiff.rules.transposes import transpose_of
from dualdiff.strong import has_nan, term

Pull = Callable[..., Sequence[Any]]
"""From the cotangent of a result to those of the inputs of the operation (None: no contribution).

A *lean* pull takes a second argument, whether the cotangent's memory is its own to use; it returns new arrays, or the cotangent.
"""


class Tape:
    """The records of one derivative call in the order in which they were made: for each result its inputs, and the pull.

    ``within`` are the functions whose maps a scratch tape is recording: a map that comes back to its own function would be
    transposed for ever.
    """

    __slots__ = ("copies", "level", "records", "within")

    def __init__(self, within: frozenset[Any] = frozenset()) -> None:
        self.level = new_level()
        self.records: list[tuple[tuple[int, ...], Pull | None, bool]] = []
        self.within = within
        self.copies: dict[int, tuple[Any, Any]] = {}

    def enter(self, parents: tuple[int, ...], pull: Pull | None, lean: bool = False) -> int:
        """A new record; returns its index."""
        self.records.append((parents, pull, lean))
        return len(self.records) - 1

    def input(self, primal: Any) -> Variable:
        return Variable(primal, self, self.enter((), None))

    def kept(self, value: Any, ours: Sequence[Any] = ()) -> Any:
        """A user's array as it is now, for use in the sweep: it may be written to in between. One copy while it does not change.

        ``ours`` are primals of variables, to which nobody writes.
        """
        if any(value is primal for primal in ours):
            return value
        if isinstance(value, (list, tuple)):
            parts = [self.kept(part, ours) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if isinstance(value, Operand):
            return np.copy(value) if value.is_array else value
        if not isinstance(value, np.ndarray) or not value.ndim:
            return value
        known = self.copies.get(id(value))
        if known is None or known[0] is not value or not _same(value, known[1]):
            self.copies[id(value)] = known = (value, value.copy())
        return known[1]

    def sweep(self, cotangents: Sequence[tuple[Variable, Any]], inputs: Sequence[Variable], last: bool = False) -> list[Any]:
        """The adjoints of ``inputs`` (None for one on which nothing depends), given cotangents of results.

        One loop back over the records, so that a chain of any length needs no recursion; an adjoint is let go as soon as it has
        been passed on, and in the ``last`` sweep the record as well.
        """
        adjoints = Adjoints()
        for variable, cotangent in cotangents:
            adjoints.add(variable.index, cotangent)
        wanted = {variable.index for variable in inputs}
        with np.errstate(all="ignore"):
            for index in range(max(adjoints.sums, default=-1), -1, -1):
                if index not in adjoints.sums or index in wanted:
                    continue
                parents, pull, lean = self.records[index]
                if last:
                    self.records[index] = ((), None, False)
                adjoint, own = adjoints.sums.pop(index), index in adjoints.own
                adjoints.own.discard(index)
                if pull is None:
                    continue
                contributions = pull(adjoint, own) if lean else pull(adjoint)
                shared = not own or sum(c is adjoint for c in contributions) > 1
                for parent, contribution in zip(parents, contributions):
                    adjoints.add(parent, contribution, lean and not (shared and contribution is adjoint))
        return [adjoints.taken(variable.index) for variable in inputs]


def _same(value: Any, copy: Any) -> bool:
    """Whether an array still is what it was, bit by bit."""
    if value.shape != copy.shape or value.dtype != copy.dtype:
        return False
    if value.dtype.kind == "O":
        return all(x is y for x, y in zip(value.flat, copy.flat))
    return bool(np.array_equal(np.ascontiguousarray(value).view(np.uint8), np.ascontiguousarray(copy).view(np.uint8)))


class Part:
    """The contribution to the adjoint of an array from some of its entries."""

    __slots__ = ("cotangent", "index", "shape")

    def __init__(self, cotangent: Any, index: Any, shape: tuple[int, ...]) -> None:
        self.cotangent, self.index, self.shape = cotangent, index, shape


class Adjoints:
    """Sums of cotangents, by the index of the record. Those in ``own`` are in memory that nobody else has seen.

    The adjoint of an operation with several results is a dict: position of the result → cotangent.
    """

    __slots__ = ("own", "sums")

    def __init__(self) -> None:
        self.sums: dict[int, Any] = {}
        self.own: set[int] = set()

    def add(self, index: int, contribution: Any, own: bool = False) -> None:
        """Accumulate; ``own``: nobody else has seen the contribution."""
        if contribution is None:
            return
        known = self.sums.get(index)
        if isinstance(contribution, Part):
            self._add_part(index, known, contribution)
        elif isinstance(contribution, dict):
            if known is None:
                known = self.sums[index] = {}
            for position, cotangent in contribution.items():
                known[position] = known[position] + cotangent if position in known else cotangent
        elif known is None:
            self.sums[index] = contribution
            if own and type(contribution) is np.ndarray and contribution.flags.writeable:
                self.own.add(index)
        elif index in self.own and type(contribution) is np.ndarray and np.can_cast(contribution.dtype, known.dtype):
            np.add(known, contribution, out=known)
        else:
            self.sums[index] = total = known + contribution
            if type(total) is np.ndarray:
                self.own.add(index)

    def _add_part(self, index: int, known: Any, part: Part) -> None:
        if isinstance(part.cotangent, Operand) or isinstance(known, Operand):
            whole = scattered(part.cotangent, part.index, part.shape)
            self.sums[index] = whole if known is None else known + whole
            return
        dtype = np.result_type(float, part.cotangent)
        if known is None:
            self.sums[index] = known = np.zeros(part.shape, dtype)
            if is_basic(part.index):
                known[part.index] = part.cotangent
                self.own.add(index)
                return
        elif index not in self.own or not np.can_cast(dtype, known.dtype):
            known = self.sums[index] = np.array(known, np.result_type(known, dtype))
        self.own.add(index)
        add_at(known, part.index, part.cotangent)

    def taken(self, index: int) -> Any:
        """A sum in memory of its own."""
        value = self.sums.get(index)
        return value.copy() if type(value) is np.ndarray and index not in self.own else value


class Variable(Operand):
    """A number or an array whose history is on a tape.

    Its primal is never written to: an assignment makes a new one, and a new record, so that what has been recorded keeps the
    values it had. Views are kept in step with the array they show.
    """

    __slots__ = ("__weakref__", "index", "level", "origin", "primal", "tape", "views")

    def __init__(self, primal: Any, tape: Tape, index: int) -> None:
        self.primal: Any = primal
        self.tape = tape
        self.index = index
        self.level: int = tape.level
        self.origin: tuple[Variable, Callable[[Any], Any], Any] | None = None  # of a view: of what, how, at which index if any
        self.views: list[weakref.ref[Variable]] = []

    def __repr__(self) -> str:
        return f"Variable({self.primal!r})"

    # ---- through the rules ----

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(rule, Elementwise):
            return _elementwise(rule, compute, args, kwargs, level)
        if rule.function not in RECIPES:
            return _of_arrays(rule, compute, args, kwargs, level)
        primals, keywords, named = split_arguments(rule, level, args, kwargs, lambda x: x)
        out = plain(primal_of_call(compute, primals, keywords, rule))
        if not named or is_rounded(out, args, kwargs):
            return out
        result = RECIPES[rule.function](*args, **kwargs)
        return Variable(out, result.tape, result.index) if _is_ours(result, level) else out

    def constant_like(self, value: Any) -> Variable:
        return self.tape.input(value)

    def replace_primal(self, value: Any) -> Variable:
        self.primal = value
        return self

    def has_nan(self) -> bool:
        return has_nan(self.primal)

    # ---- copying ----

    def __copy__(self) -> Variable:
        return Variable(self.primal, self.tape, self.index)  # neither of the two will be written to in place

    def __deepcopy__(self, memo: Any) -> Variable:
        return self.__copy__()

    def __reduce__(self) -> Any:
        raise TypeError("a Variable cannot be pickled: its history is on the tape of this process; return plain numbers from what "
                        "runs in another one, or use forward mode, whose dual numbers pickle")

    # ---- elements, views ----

    def __getitem__(self, index: Any) -> Any:
        if not self.is_array:
            raise TypeError("a scalar Variable has no elements")
        primal = plain(self.primal[index])
        shape = np.shape(self.primal)
        if not is_basic(index):
            index = self.tape.kept(index)
        result = Variable(primal, self.tape, self.tape.enter((self.index,), lambda cotangent: (Part(cotangent, index, shape),)))
        return self.note_view(result, lambda whole: whole[index], index)

    def note_view(self, result: Variable, derive: Callable[[Any], Any], index: Any = None) -> Variable:
        """Remember that ``result``, which ``derive`` makes of this array, is a view of it, if it is one."""
        memory, window = base(self), base(result)
        if (isinstance(window, np.ndarray) and window.base is not None and isinstance(memory, np.ndarray)
                and np.may_share_memory(memory, window)):
            result.origin = (self, derive, index)
            if len(self.views) >= 8 and len(self.views).bit_count() == 1:  # at 8, 16, …: let go of the dead
                self.views = [view for view in self.views if view() is not None]
            self.views.append(weakref.ref(result))
        return result

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.is_array:
            raise TypeError("a scalar Variable has no elements to assign to")
        if isinstance(value, Variable) and value.origin is not None and value.origin[0] is self and value.origin[2] is index:
            return  # ``x[1:] += y`` ends with assigning the view, already written through, to where it came from
        if not base(self).flags.writeable:
            raise ValueError("assignment destination is read-only")
        new = _assigned(self, index, value)
        if self.origin is None:
            self.primal, self.index = new.primal, new.index
            self._renew_views()
            return
        whole, derive, where = self.origin
        if where is None:
            shape = np.shape(whole.primal)
            places = derive(np.arange(whole.size).reshape(shape))
            if np.shape(places) != np.shape(self.primal):
                raise LevelError("a view was written to in a way that reverse mode does not follow; write to the array itself")
            where = np.unravel_index(places, shape)
        whole[where] = new

    def _renew_views(self) -> None:
        """Show in every view what has been written to the array."""
        for reference in self.views:
            view = reference()
            if view is not None and view.origin is not None:
                fresh = view.origin[1](self)
                view.primal, view.index = fresh.primal, fresh.index
                view._renew_views()
        self.views = [view for view in self.views if (known := view()) is not None and known.origin is not None]


def _assigned(target: Variable, index: Any, value: Any) -> Variable:
    """A copy of ``target`` in which the entries at ``index`` are those of ``value``."""
    if isinstance(value, (list, tuple, np.ndarray)) and highest(value) is not None:
        value = stacked(value)
    if isinstance(value, Operand) and value.level > target.level:
        raise LevelError("a number of an inner derivative was written into an array of an outer reverse pass; make the array with "
                         "np.zeros(shape, like=...) of that number")
    ours = _is_ours(value, target.level)
    content = value.primal if ours else value
    primal = np.copy(target.primal)
    if isinstance(content, Operand) and not isinstance(primal, Operand):
        primal = content.constant_like(primal)
    primal[index] = content
    if not is_basic(index):
        index = target.tape.kept(index)

    def pull(cotangent: Any) -> Sequence[Any]:
        kept = np.copy(cotangent)
        kept[index] = 0
        if not ours:
            return (kept,)
        if is_basic(index) or not _names_twice(index, np.shape(cotangent)):
            return kept, fitting(cotangent[index], content)
        return kept, fitting(_of_last(cotangent, index), content)

    parents = (target.index, value.index) if ours else (target.index,)
    return Variable(primal, target.tape, target.tape.enter(parents, pull))


def _names_twice(index: Any, shape: tuple[int, ...]) -> bool:
    places = np.arange(int(np.prod(shape))).reshape(shape)[index]
    return len(np.unique(places)) < np.size(places)


def _of_last(cotangent: Any, index: Any) -> Any:
    """The cotangents at ``index``, where of the values written to one entry only the last counts."""
    shape = np.shape(cotangent)
    places = np.arange(int(np.prod(shape))).reshape(shape)[index]
    last = np.zeros(shape, int).reshape(-1)
    last[places] = np.arange(places.size).reshape(places.shape)
    return np.where(last[places] == np.arange(places.size).reshape(places.shape), cotangent[index], 0)


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


def _elementwise(rule: Elementwise, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], level: int) -> Any:
    """Cotangent × partial for each input, summed over the axes along which the input was broadcast."""
    primals = tuple([x.primal if _is_ours(x, level) else x for x in args])
    xp = namespace(*primals)
    if xp is np and (compute is rule.function or not kwargs):
        out = compute(*primals, **kwargs)
    else:
        out = primal_of_call(compute, primals, kwargs, rule)
    several = isinstance(out, tuple)
    given = tuple(map(plain, out)) if several else plain(out)
    if type(given) is float and xp is np:
        xp, primals = floats, tuple(map(plain, primals))
    if len(primals) > 1 or kwargs:
        primals = as_precise(primals, given[0] if several else given, rule)
    active: list[Any] = []
    slopes: list[Any] = []
    with np.errstate(all="ignore"):
        for i, x in enumerate(args):
            if _is_ours(x, level):
                slope = on_floats(rule, i, given, primals) if xp is floats else rule.partial(i, xp, given, primals)
                tape = x.tape
                if any(part is not None and not (type(part) is int and part == 0) for part in (slope if several else (slope,))):
                    active.append(x)
                    slopes.append(_settled(slope, args, tape, level))
    if not active:
        return out
    where = tape.kept(kwargs.get("where", True))
    if not several and where is True:
        return Variable(given, tape, tape.enter(tuple([x.index for x in active]), _lean_pull(active, slopes), True))
    inputs = [x.primal for x in active]

    def pull(cotangent: Any) -> Sequence[Any]:
        cotangents = cotangent if several else {0: cotangent}
        contributions = []
        for primal, slope in zip(inputs, slopes):
            total = None
            for k, c in cotangents.items():
                part = slope[k] if several else slope
                piece = None if part is None else term(c if where is True else np.where(where, c, 0), part)
                total = piece if total is None else total if piece is None else total + piece
            contributions.append(None if total is None else fitting(total, primal))
        return contributions

    return _recorded(tape, out, tuple([x.index for x in active]), pull)


def _lean_pull(active: list[Any], slopes: list[Any]) -> Pull:
    """Cotangent × slope for the inputs of an operation with one result, the last product in the cotangent's own memory."""
    inputs = [(np.shape(x.primal), np.iscomplexobj(x.primal), slope, is_finite(slope)) for x, slope in zip(active, slopes)]

    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        contributions: list[Any] = []
        for n, (shape, is_complex, slope, finite) in enumerate(inputs, 1):
            kind = type(slope)
            if finite and own and n == len(inputs) and not any(c is cotangent for c in contributions):
                simple = kind is float or (kind is np.ndarray and slope.shape == cotangent.shape and slope.dtype == cotangent.dtype)
                product = np.multiply(cotangent, slope, out=cotangent) if simple else term(cotangent, slope)
            else:
                product = cotangent * slope if finite and kind is not int else term(cotangent, slope)
            contributions.append(fitted(product, shape, is_complex))
        return contributions

    return pull


def is_finite(slope: Any) -> bool:
    """Whether no product with a slope can be undefined where the cotangent is zero."""
    if type(slope) is float:
        return slope - slope == 0
    if type(slope) is not np.ndarray or slope.dtype.kind != "f":
        return False
    return bool(np.isfinite(np.add.reduce(slope, axis=None)))


def _settled(slope: Any, args: tuple[Any, ...], tape: Tape, level: int) -> Any:
    """A partial that does not change when the user writes to an array that was an argument."""
    if isinstance(slope, tuple):
        return tuple([_settled(part, args, tape, level) for part in slope])
    if isinstance(slope, np.ndarray):
        for x in args:
            if type(x) is np.ndarray and (slope is x or np.may_share_memory(slope, x)):
                return tape.kept(x) if slope is x else slope.copy()
    elif isinstance(slope, Operand) and any(slope is x for x in args):
        return tape.kept(slope)
    return slope


def _of_arrays(rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], level: int) -> Any:
    """By the transpose of a linear function; otherwise by a sweep back along the rule's own map of tangents."""
    primals, keywords, named = split_arguments(rule, level, args, kwargs, lambda x: x)
    out = primal_of_call(compute, primals, keywords, rule)
    if not named or is_rounded(out, args, kwargs):
        return out
    active: list[Any] = [x for value in named.values() for x in operands(value) if _is_ours(x, level)]
    tape = active[0].tape
    inputs = [x.primal for x in active]
    primals = tuple([tape.kept(x, inputs) for x in primals])
    keywords = {key: tape.kept(x, inputs) for key, x in keywords.items()}
    transpose = transpose_of(rule, primals, keywords)
    pull: Pull
    if transpose is not None:
        shown = {name: mapped_leaves(value, lambda x: _is_ours(x, level)) for name, value in named.items()}

        def by_transpose(cotangent: Any) -> Sequence[Any]:
            found = transpose(cotangent, tuple(shown))
            leaves = [contribution for name, mask in shown.items() for used, contribution in _paired(mask, found[name]) if used]
            return [None if c is None else fitting(c, primal) for primal, c in zip(inputs, leaves)]

        pull = by_transpose
    else:
        pull = _by_scratch(rule, out, primals, keywords, named, inputs, tape)
    result = _recorded(tape, out, tuple([x.index for x in active]), pull)
    if rule.kind == "linear" and len(active) == 1 and isinstance(result, Variable):
        first = next(iter(rule.positions))
        if args and args[0] is active[0]:
            args[0].note_view(result, lambda whole: rule.function(whole, *primals[1:], **keywords))
        elif kwargs.get(first) is active[0]:
            kwargs[first].note_view(result, lambda whole: rule.function(*primals, **{**keywords, first: whole}))
    return result


def _by_scratch(rule: Any, out: Any, primals: tuple[Any, ...], keywords: dict[str, Any], named: dict[str, Any],
                inputs: list[Any], tape: Tape) -> Pull:
    """The rule's map of tangents, which is linear, recorded on a tape of its own when the first cotangent arrives."""
    if rule.function in tape.within:
        raise NotDifferentiableError(f"{rule.name} has no transpose, and its map of tangents is written with {rule.name} itself, "
                                     f"so reverse mode cannot go through it; use forward mode")
    level = tape.level
    shapes = {name: mapped_leaves(value, lambda x: _is_ours(x, level) or x) for name, value in named.items()}
    recorded: list[tuple[Tape, list[Variable], list[Any]]] = []

    def record() -> tuple[Tape, list[Variable], list[Any]]:
        scratch = Tape(tape.within | {rule.function})
        starts: list[Variable] = []
        zeros = iter([0 * primal for primal in inputs])

        def start(leaf: Any) -> Any:
            if leaf is not True:
                return leaf
            starts.append(scratch.input(next(zeros)))
            return starts[-1]

        tangents = {name: mapped_leaves(value, start) for name, value in shapes.items()}
        with np.errstate(all="ignore"):
            pushed = rule.push(out, primals, keywords, tangents)
        return scratch, starts, list(pushed) if isinstance(out, (list, tuple)) else [pushed]

    def pull(cotangent: Any) -> Sequence[Any]:
        if not recorded:
            recorded.append(record())
        scratch, starts, ends = recorded[0]
        cotangents = cotangent if isinstance(cotangent, dict) else {0: cotangent}
        pairs = [(ends[k], c) for k, c in cotangents.items() if _is_ours(ends[k], scratch.level)]
        return [None if c is None else fitting(c, primal) for primal, c in zip(inputs, scratch.sweep(pairs, starts))]

    return pull


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
    return fitted(cotangent, np.shape(primal), np.iscomplexobj(primal))


def fitted(cotangent: Any, shape: tuple[int, ...], is_complex: bool) -> Any:
    if type(cotangent) is float:
        return cotangent if not shape else np.broadcast_to(cotangent, shape)
    cotangent = unbroadcast(cotangent, shape)
    return plain(np.real(cotangent) if not is_complex and np.iscomplexobj(cotangent) else cotangent)
