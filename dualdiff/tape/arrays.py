"""Records of array functions: by the transpose of a linear one, otherwise by a sweep back along the rule's map of tangents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.arguments import is_rounded, operands, split_arguments
from dualdiff.calls import primal_of_call, shows, with_primal
from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base, plain
from dualdiff.rules.recipes import RECIPES
from dualdiff.rules.transposes import has_transpose, transpose_of
from dualdiff.structures import sequence_like
from dualdiff.tape.elementwise import fitting, is_ours, several
from dualdiff.tape.memory import returned
from dualdiff.tape.tape import Pull, Tape

Start = Callable[[Any, Tape], Any]  # makes an input of a tape


def recorded(rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], level: int,
             start: Start) -> Any:
    """The result of a differentiable function of arrays, on record."""
    primals, keywords, named = split_arguments(rule, level, args, kwargs, lambda x: x)
    out = primal_of_call(compute, primals, keywords, rule)
    if not named or is_rounded(out, args, kwargs):
        return out
    active: list[Any] = [x for value in named.values() for x in operands(value) if is_ours(x, level)]
    if rule.function in RECIPES:
        written = RECIPES[rule.function](*args, **kwargs)
        if not is_ours(written, level):
            return out
        return with_primal(written, out, active)
    tape, zeros = active[0].tape, [_zero(x.primal) for x in active]
    arguments = Arguments(rule, primals, keywords, named, active)
    if has_transpose(rule):
        pull = _by_transpose(rule, arguments, named, zeros, level)
    else:
        pull = _by_scratch(rule, out, arguments, named, zeros, tape, start)
    entry = tape.enter(tuple([x.index for x in active]), pull)
    if isinstance(out, (list, tuple)):
        return several(active[0], out, entry)
    source = next((x for x in active if shows(base(out), base(x))), None)
    if source is None:
        return active[0].result(plain(out), entry)
    return source.showing(out, entry, _again(rule.function, args, kwargs, source, arguments))


def _again(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], source: Any, kept: Arguments) -> Callable[[Any], Any]:
    """How a view is made of an array: by the same call."""
    spot = next((i for i, x in enumerate(args) if x is source), None)
    name = next((key for key, x in kwargs.items() if x is source), None)

    def again(whole: Any) -> Any:
        positional, keywords = kept.returned()
        if spot is not None:
            positional = (*positional[:spot], whole, *positional[spot + 1:])
        return function(*positional, **(keywords if name is None else {**keywords, name: whole}))

    return again


class Arguments:
    """The arguments of a call, as a pull will need them: of what the function is linear in, the shape is enough."""

    __slots__ = ("args", "copies", "kwargs", "lent")

    def __init__(self, rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any], named: dict[str, Any], active: list[Any]) -> None:
        self.copies = active[0].tape.copies
        self.lent = {id(x.primal): x for x in active}
        blanks: set[Any] = set()
        if rule.kind == "linear" or (rule.kind == "bilinear" and len(named) == 1):
            for name in rule.positions if rule.kind == "linear" else named:
                blanks |= {name, rule.positions[name]}
        blank = _blank if rule.kind == "linear" else self.blank_in_c_order
        self.args = tuple([blank(x) if i in blanks else self.kept(x) for i, x in enumerate(args)])
        self.kwargs = {key: blank(x) if key in blanks else self.kept(x) for key, x in kwargs.items()} if kwargs else kwargs
        del self.lent, self.copies  # a record refers to no tape: a tape that is let go is to be gone at once

    def kept(self, value: Any) -> Any:
        if id(value) in self.lent:
            return self.lent[id(value)].lend()
        if type(value) is list or type(value) is tuple:
            return type(value)([self.kept(part) for part in value])
        return self.copies.kept(value)

    def blank_in_c_order(self, value: Any) -> Any:
        """Of an array in another layout more than the shape matters: the cotangent had better have that layout as well."""
        is_other = type(value) is np.ndarray and value.ndim > 1 and not value.flags.c_contiguous
        return self.kept(value) if is_other else _blank(value)

    def returned(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return returned(self.args), {key: returned(x) for key, x in self.kwargs.items()} if self.kwargs else self.kwargs


ZERO = bytes(64)


def _blank(value: Any) -> Any:
    """An array of the same shape and dtype without memory, for a function that does not look at its entries."""
    if isinstance(value, (list, tuple)):
        return [_blank(part) for part in value]
    array = base(value)
    if not isinstance(array, np.ndarray) or array.dtype.kind == "O":
        return value
    return np.ndarray(array.shape, array.dtype, ZERO, 0, (0,) * array.ndim)


def _by_transpose(rule: Any, arguments: Arguments, named: dict[str, Any], zeros: list[Any], level: int) -> Pull:
    names = tuple(named)
    masks = [mapped_leaves(value, lambda x: is_ours(x, level)) for value in named.values()]
    known: list[Any] = []

    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        if not known:
            known.append(transpose_of(rule, *arguments.returned()))
        found = known[0](cotangent, names)
        leaves = [c for name, mask in zip(names, masks) for used, c in _paired(mask, found[name]) if used]
        return [None if c is None else fitting(c, zero) for zero, c in zip(zeros, leaves)]

    return pull


def _by_scratch(rule: Any, out: Any, arguments: Arguments, named: dict[str, Any], zeros: list[Any], tape: Tape,
                start: Start) -> Pull:
    """The rule's map of tangents, which is linear, recorded on a tape of its own when the first cotangent arrives."""
    level, within = tape.level, tape.within
    if rule.function in within:
        raise NotDifferentiableError(f"{rule.name} has no transpose, and its map of tangents is written with {rule.name} itself, "
                                     f"so reverse mode cannot go through it; use forward mode")
    shapes = {name: mapped_leaves(value, lambda x: is_ours(x, level) or x) for name, value in named.items()}
    out = _kept_result(out)
    known: list[tuple[Tape, list[Any], list[Any]]] = []

    def record() -> tuple[Tape, list[Any], list[Any]]:
        scratch = Tape(within | {rule.function})
        starts = [start(zero.copy() if isinstance(zero, np.ndarray) else zero, scratch) for zero in zeros]
        source = iter(starts)
        tangents = {name: mapped_leaves(value, lambda leaf: next(source) if leaf is True else leaf)
                    for name, value in shapes.items()}
        args, kwargs = arguments.returned()
        with np.errstate(all="ignore"):
            pushed = rule.push(out, args, kwargs, tangents)
        return scratch, starts, list(pushed) if isinstance(out, (list, tuple)) else [pushed]

    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        if not known:
            known.append(record())
        scratch, starts, ends = known[0]
        cotangents = cotangent if isinstance(cotangent, dict) else {0: cotangent}
        pairs = [(ends[k].index, c) for k, c in cotangents.items() if is_ours(ends[k], scratch.level)]
        found = scratch.sweep(pairs, [x.index for x in starts])
        return [None if c is None else fitting(c, zero) for zero, c in zip(zeros, found)]

    return pull


def _zero(primal: Any) -> Any:
    """Zeros in the place of an input, of its shape and dtype; an array without memory."""
    array = base(primal)
    if isinstance(array, np.ndarray):
        return _blank(array) if array.dtype.kind != "O" else np.zeros(array.shape, object)
    return 0j if isinstance(array, (complex, np.complexfloating)) else 0.0


def _kept_result(out: Any) -> Any:
    """A result as it is now: the user may write to it."""
    if isinstance(out, (list, tuple)):
        return sequence_like(out, [_kept_result(part) for part in out])
    return np.copy(out, order="K") if isinstance(base(out), np.ndarray) else out


def mapped_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """A nested list with every leaf changed."""
    return [mapped_leaves(part, change) for part in value] if isinstance(value, (list, tuple)) else change(value)


def _paired(value: Any, contributions: Any) -> list[tuple[Any, Any]]:
    """The leaves of an argument, each with its contribution."""
    if isinstance(value, (list, tuple)):
        return [pair for part, c in zip(value, contributions) for pair in _paired(part, c)]
    return [(value, contributions)]
