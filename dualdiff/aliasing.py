"""Views: which operands share memory, and what happens when something of another level is written into one of them.

The parts of an array operand are arrays with memory of their own, so a slice of the operand is an operand of slices, and NumPy's
aliasing does the rest. One case needs more: writing a number that carries another perturbation into an array that has no room
for it. The array then gains a tangent of zeros, and so must every view of the same memory, in its own window of those zeros; a
family keeps track of who they are.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dualdiff.arguments import highest
from dualdiff.errors import LevelError
from dualdiff.memory import is_view, owner
from dualdiff.numbers import base
from dualdiff.operand import Operand
from dualdiff.rules.creation import stacked
from dualdiff.tangents import Tangents

if TYPE_CHECKING:
    from dualdiff.forward import Forward


class Family:
    """The operands that view one piece of memory (those of them that are still alive)."""

    __slots__ = ("references",)

    def __init__(self, members: Sequence[Forward]) -> None:
        self.references = [weakref.ref(member) for member in members]
        for member in members:
            member.family = self

    def add(self, member: Forward) -> None:
        if len(self.references) > 32 and len(self.references).bit_count() == 1:  # at 64, 128, …: let go of the dead
            self.references = [r for r in self.references if r() is not None]
        self.references.append(weakref.ref(member))
        member.family = self

    def members(self) -> list[Forward]:
        return [member for member in (r() for r in self.references) if member is not None]


def family_of(member: Forward) -> Family:
    try:
        return member.family
    except AttributeError:
        return Family([member])


def note_view(parent: Any, view: Forward) -> None:
    """Remember that ``view`` shares the memory of ``parent``, if it does."""
    if isinstance(parent, type(view)) and view is not parent:
        memory, window = base(parent), base(view)
        if isinstance(memory, np.ndarray) and isinstance(window, np.ndarray) and is_view(window, memory):
            family_of(parent).add(view)


def may_be_view(result: Forward) -> bool:
    """Whether a new array, or its tangent, is a view of anything."""
    return base(result).base is not None or getattr(_store(result.tangent), "base", None) is not None


def match_view(parent: Any, view: Forward) -> None:
    """`note_view`, and see to it that the tangents share memory exactly if the primals do.

    They may differ in their strides: then a reshape can be a view of one and has to be a copy of the other.
    """
    if not isinstance(parent, type(view)) or view is parent:
        return
    memory, window = base(parent), base(view)
    if not isinstance(window, np.ndarray):
        return
    of_primals = is_view(window, memory)
    if of_primals:
        family_of(parent).add(view)
    ours, theirs = _store(view.tangent), _store(parent.tangent)
    of_tangents = isinstance(ours, np.ndarray) and is_view(ours, theirs)
    if of_tangents and not of_primals:
        if theirs.flags.writeable:
            view.tangent = view.tangent.copy()
    elif of_primals and not of_tangents and window.size:
        _renew_tangents(family_of(parent).members())


def _store(tangent: Any) -> Any:
    """The plain array innermost in a tangent."""
    return base(tangent.block) if isinstance(tangent, Tangents) else base(tangent)


def _renew_tangents(members: list[Any]) -> None:
    """Move a family's tangents into memory of their own, in which they alias each other as the primals do."""
    tangents = _laid_out([base(member) for member in members], [member.tangent for member in members])
    for member, tangent in zip(members, tangents):
        member.tangent = tangent


def _laid_out(arrays: list[Any], parts: list[Any]) -> list[Any]:
    """The tangents ``parts`` in new memory, in which they alias each other exactly as ``arrays`` do."""
    first = parts[0]
    kind: Any = type(first)
    if isinstance(first, Tangents):
        return [Tangents(block) for block in _laid_out(arrays, [part.block for part in parts])]
    if isinstance(first, Operand):
        made = [kind.make(primal, tangent, first.level) for primal, tangent in zip(
            _laid_out(arrays, [part.primal for part in parts]), _laid_out(arrays, [part.tangent for part in parts]))]
        Family(made)
        return made
    windows = _blank(arrays, first.shape[:first.ndim - arrays[0].ndim])
    for window, part in zip(windows, parts):
        window[...] = part
    return windows


def assign(target: Forward, index: Any, value: Any) -> None:
    """``target[index] = value``, tangents included."""
    if not target.is_array:
        raise TypeError(f"a scalar {type(target).__name__} has no elements to assign to")
    if isinstance(value, (list, tuple, np.ndarray)) and highest(value) is not None:
        value = stacked(value)
    _make_writeable(target)
    if isinstance(value, Operand) and value.level > target.level:
        _raise_level(target, value)
    if isinstance(value, Operand) and value.level == target.level:
        _write(target, "primal", index, value.primal)
        _write(target, "tangent", index, value.tangent)  # type: ignore[attr-defined]  # of this level: as target
    else:
        _write(target, "primal", index, value)
        _write(target, "tangent", index, 0)


def _make_writeable(target: Forward) -> None:
    """Give the family memory of its own for a tangent that is shared with another operand, or constant zero."""
    tangent = target.tangent.block if isinstance(target.tangent, Tangents) else target.tangent
    if type(tangent) is np.ndarray and not tangent.flags.writeable and base(target).flags.writeable:
        _renew_tangents(family_of(target).members())


def _write(target: Forward, part: str, index: Any, value: Any) -> None:
    content = value.block if isinstance(value, Tangents) else value
    store = getattr(target, part)
    held = store.block if isinstance(store, Tangents) else store
    if isinstance(content, Operand) and not isinstance(held, Operand):
        _give_tangent(target, part, content)
    getattr(target, part)[index] = value


def _raise_level(target: Forward, value: Any) -> None:
    """Give the whole family a tangent at the higher level of ``value``; what they were becomes their primal."""
    if not hasattr(value, "make"):
        raise LevelError("a number of an inner reverse pass was written into an array of an outer derivative; make the array with "
                         "np.zeros(shape, like=...) of that number")
    members = family_of(target).members()
    zeros = _windows([base(member) for member in members], value)
    inner = [type(member).make(member.primal, member.tangent, member.level) for member in members]
    Family(inner)
    for member, primal, tangent in zip(members, inner, zeros):
        member.primal, member.tangent, member.level = primal, tangent, value.level
        member.__class__ = type(value)  # a dual may meet a series: of the same slots


def _give_tangent(target: Forward, part: str, value: Any) -> None:
    """Make one part of the whole family, a plain array so far, an operand at the (lower) level of ``value``."""
    members = family_of(target).members()
    if not hasattr(value, "make") and len(members) > 1:
        raise LevelError("a number of an outer reverse pass was written into an array of which there are views; write to it before "
                         "slicing it")
    stores = [getattr(member, part) for member in members]
    chunked = isinstance(stores[0], Tangents)
    held = [store.block if chunked else store for store in stores]
    if hasattr(value, "make"):
        made = [type(value).make(array, tangent, value.level) for array, tangent in zip(held, _windows(held, value))]
        Family(made)
    else:  # a variable of reverse mode
        made = [value.constant_like(held[0])]
    for member, store in zip(members, made):
        setattr(member, part, Tangents(store) if chunked else store)


def _windows(arrays: list[Any], value: Operand) -> list[Any]:
    """Zeros that alias each other exactly as ``arrays`` do, as tangents of the kind that ``value`` has."""
    dtype = owner(arrays[0]).dtype
    if dtype.kind not in "fc":
        raise LevelError(f"a number of another derivative level was written into an array of dtype {dtype}; make the array "
                         f"with np.zeros(shape, like=...) of that number")
    tangent = getattr(value, "tangent", None)
    k = len(tangent) if isinstance(tangent, Tangents) else 1
    windows = _blank(arrays, (k,))
    return [Tangents(window) for window in windows] if isinstance(tangent, Tangents) else [window[0, ...] for window in windows]


def _blank(arrays: list[Any], directions: tuple[int, ...]) -> list[Any]:
    """Zeros with axes for ``directions`` in front, each direction aliasing as ``arrays`` do."""
    whole = owner(arrays[0])
    memory = np.zeros((*directions, whole.size), whole.dtype)
    start, lead = whole.ctypes.data, memory.strides[:-1]
    return [np.ndarray((*directions, *array.shape), array.dtype, memory, array.ctypes.data - start, (*lead, *array.strides))
            for array in arrays]
