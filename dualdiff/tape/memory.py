"""What the sweep will need as it was when the record was made, though the user may write to it in between.

Arrays of ours are lent: a pull refers to them, and a copy is made when, and only if, they are written to. Each entry that was
lent is copied once at most, so a loop of n assignments costs O(n). Arrays of the user's own, to which he writes without our
knowing, are copied at once; but for those that are read-only, and still are when the sweep comes. (Only one that is unlocked,
written to, and locked again in between would deceive us.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.memory import copied
from dualdiff.operand import Operand
from dualdiff.structures import sequence_like


class Loan:
    """An array that a pull refers to."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Memory:
    """One piece of memory, the array of a variable and all views of it: how often it was written to, and what of it is lent."""

    __slots__ = ("loans", "writes")

    def __init__(self) -> None:
        self.writes = 0
        self.loans: list[Loan] = []

    def lend(self, value: Any) -> Loan:
        """``value``, the whole or a view; the last one is often asked for again."""
        if self.loans and self.loans[-1].value is value:
            return self.loans[-1]
        loan = Loan(value)
        self.loans.append(loan)
        return loan

    def before_writing(self) -> None:
        for loan in self.loans:
            loan.value = copied(loan.value)
        self.loans.clear()
        self.writes += 1


def returned(value: Any) -> Any:
    """``value`` with every loan in it replaced by what was lent."""
    kind = type(value)
    if kind is Loan:
        return value.value
    if kind is list or kind is tuple:
        return kind([returned(part) for part in value])
    return value


def is_frozen(array: np.ndarray[Any, Any]) -> bool:
    """Whether nobody can write to an array: neither to it nor to what it is a view of."""
    while not array.flags.writeable:
        if array.base is None:
            return array.flags.owndata
        if not isinstance(array.base, np.ndarray):
            return isinstance(array.base, bytes)
        array = array.base
    return False


class Copies:
    """The user's arrays as they were: one copy of each for as long as it does not change; and those that were ``frozen``."""

    __slots__ = ("frozen", "known")

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, Any]] = {}
        self.frozen: dict[int, np.ndarray[Any, Any]] = {}

    def check(self) -> None:
        """Refuse a sweep that would take an array for what it was, though it has become writeable."""
        for array in self.frozen.values():
            if not is_frozen(array):
                raise NotDifferentiableError(
                    f"an array of shape {array.shape} was read-only when the differentiated function used it, and is writeable "
                    f"now, so it may have changed since; leave it read-only, or make it writeable before the function uses it")

    def kept(self, value: Any) -> Any:
        kind = type(value)
        if kind is float or kind is int:
            return value
        if isinstance(value, (list, tuple)):
            return sequence_like(value, [self.kept(part) for part in value])
        if isinstance(value, Operand):
            return np.copy(value) if value.is_array else value
        if not isinstance(value, np.ndarray) or not value.ndim:
            return value
        if is_frozen(value):
            self.frozen[id(value)] = value
            return value
        known = self.known.get(id(value))
        if known is None or known[0] is not value or not _same(value, known[1]):
            self.known[id(value)] = known = (value, copied(value))
        return known[1]


def _same(value: Any, copy: Any) -> bool:
    """Whether an array still is what it was, bit by bit."""
    if value.shape != copy.shape or value.dtype != copy.dtype:
        return False
    if value.dtype.kind == "O":
        return all(x is y for x, y in zip(value.flat, copy.flat))
    width = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}.get(value.itemsize)
    if width is None:
        return bool(value.tobytes() == copy.tobytes())
    return bool((value.view(width) == copy.view(width)).all())
