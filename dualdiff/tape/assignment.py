"""Records of assignments: the cotangents of the overwritten entries go to what was written there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.moves import is_basic, scattered
from dualdiff.tape.elementwise import fitted
from dualdiff.tape.tape import Pull


def routed(steps: Sequence[Callable[[Any], Any]], index: Any, content: Any, ours: bool) -> Pull:
    """The pull of ``view[index] = content``, the view being made of the array by ``steps``.

    The cotangent's own memory is used, so that each of n assignments touches no more entries than it writes.
    """
    shape, is_complex = np.shape(content), np.iscomplexobj(content)
    if index is Ellipsis and not steps:  # the whole array
        return lambda cotangent, own: (None, fitted(cotangent, shape, is_complex)) if ours else (None,)

    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        kept = cotangent if own else np.copy(cotangent, order="K")
        window, where = kept, index
        for step in steps:
            window = step(window)
        if steps and not np.may_share_memory(base(window), base(kept)):  # a reshaped copy: by the places of its entries
            places = np.arange(kept.size).reshape(kept.shape)
            for step in steps:
                places = step(places)
            window, where = kept, np.unravel_index(places[index], kept.shape)
        if not ours:
            window[where] = 0
            return (kept,)
        taken = window[where] if is_basic(where) or not _names_twice(where, np.shape(window)) else _of_last(window, where)
        taken = np.copy(taken) if isinstance(base(taken), np.ndarray) else taken  # also window[..., 0], a view of one entry
        window[where] = 0
        return kept, fitted(taken, shape, is_complex)

    return pull


# ---- through windows that overlap ----------------------------------------------------------------------------------------

def overlaps(window: np.ndarray[Any, Any]) -> bool:
    """Whether an array may show an entry of its memory twice, as sliding windows do."""
    reach = window.itemsize
    for stride, n in sorted([(abs(stride), n) for stride, n in zip(window.strides, window.shape) if n > 1]):
        if stride < reach:
            return True
        reach += (n - 1) * stride
    return False


def routed_to_windows(memory: Any, steps: Sequence[Callable[[Any], Any]], index: Any, content: Any, ours: bool) -> Pull:
    """`routed` where several of the values are written to one entry of ``memory``, which keeps the last of them.

    Which one that is depends on the order in which NumPy goes through the windows, so it is asked to write numbers there.
    """
    numbers = np.zeros_like(memory, complex if memory.dtype.kind == "c" else float, order="K", subok=False)
    window: Any = numbers
    for step in steps:
        window = step(window)
    if not np.may_share_memory(window, numbers):
        raise NotDifferentiableError("overlapping windows were written to through a view that cannot be followed back; write to "
                                     "the array itself, entry by entry or window by window")
    selected = np.shape(window[index])
    count = int(np.prod(selected))
    window[index] = np.arange(1, count + 1).reshape(selected)
    cells = np.nonzero(numbers)
    part: Any = np.imag if numbers.imag.any() else np.real if window.dtype != numbers.dtype else lambda whole: whole
    last = np.real(part(numbers)[cells]).astype(int) - 1
    shape, is_complex = np.shape(content), np.iscomplexobj(content)

    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        kept = cotangent if own else np.copy(cotangent, order="K")
        written = part(kept)
        taken = np.reshape(scattered(written[cells], last, (count,)), selected) if ours else None
        written[cells] = 0
        return (kept, fitted(taken, shape, is_complex)) if ours else (kept,)

    return pull


# ---- at indices that name an entry twice ---------------------------------------------------------------------------------

def _names_twice(index: Any, shape: tuple[int, ...]) -> bool:
    places = np.arange(int(np.prod(shape))).reshape(shape)[index]
    return len(np.unique(places)) < np.size(places)


def _of_last(cotangent: Any, index: Any) -> Any:
    """The cotangents at ``index``, where of the values written to one entry only the last counts."""
    shape = np.shape(cotangent)
    places = np.arange(int(np.prod(shape))).reshape(shape)[index]
    last = np.zeros(int(np.prod(shape)), int)
    last[places] = np.arange(places.size).reshape(places.shape)
    return np.where(last[places] == np.arange(places.size).reshape(places.shape), cotangent[index], 0)
