"""The tape: what was done, in order; and the sweep back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.errors import LevelError
from dualdiff.levels import new_level
from dualdiff.memory import owner
from dualdiff.strong import term
from dualdiff.tape.adjoints import Adjoints
from dualdiff.tape.memory import Copies

Pull = Callable[[Any, bool], Sequence[Any]]
"""From the cotangent of a result to those of the inputs of the operation (None: no contribution).

The second argument says whether the cotangent's memory is the pull's own to use. It returns new arrays, the cotangent, or views
of either; never an array that it keeps.
"""

Record = tuple[tuple[int, ...], Pull | tuple[float, ...] | None]
"""The inputs of an operation, and how a cotangent is pulled back to them: by a function; on scalars by the partials themselves;
None for what is no operation, an input of the tape."""

RELEASED: Record = ((), ())


class Tape:
    """The records of one derivative call in the order in which they were made.

    ``within`` are the functions whose maps a scratch tape is recording: a map that comes back to its own function would be
    transposed for ever. The tape is ``over`` when the user's function has returned: nothing can be added.
    """

    __slots__ = ("copies", "level", "lock", "over", "records", "within")

    def __init__(self, within: frozenset[Any] = frozenset()) -> None:
        self.level = new_level()
        self.records: list[Record] = []
        self.within = within
        self.copies = Copies()
        self.over = False
        self.lock = threading.Lock()  # the user's function may use threads of its own

    def enter(self, parents: tuple[int, ...], pull: Pull | tuple[float, ...] | None) -> int:
        """A new record; returns its index."""
        if self.over:
            self.refuse()
        with self.lock:
            self.records.append((parents, pull))
            return len(self.records) - 1

    def refuse(self) -> None:
        raise LevelError("a number of a reverse pass was used after that pass was over: it was kept (in an outer variable, a "
                         "cache) when the function returned; keep its .primal instead")

    def sweep(self, cotangents: Sequence[tuple[int, Any]], inputs: Sequence[int], last: bool = False,
              watch: Callable[[int, Any], None] | None = None) -> list[Any]:
        """The adjoints of ``inputs`` (None for one on which nothing depends), given cotangents of records.

        One loop back over the records, so that a chain of any length needs no recursion; an adjoint is let go as soon as it has
        been passed on, and in the ``last`` sweep the record as well. ``watch`` is told every adjoint before it is passed on.
        """
        self.copies.check()
        adjoints, records = Adjoints(), self.records
        sums, add = adjoints.sums, adjoints.add
        for index, cotangent in cotangents:
            if cotangent is not None:
                add(index, cotangent)
        with np.errstate(all="ignore"):
            for index in range(max(sums, default=-1), -1, -1):
                adjoint = sums.get(index)
                if adjoint is None or (record := records[index])[1] is None:
                    continue
                parents, pull = record
                del sums[index]
                if last:
                    records[index] = RELEASED
                if watch is not None:
                    watch(index, adjoint)
                if type(pull) is tuple:
                    for parent, slope in zip(parents, pull):
                        if type(adjoint) is not float or (part := adjoint * slope) != part:  # nan: a strong zero may have to win
                            part = term(adjoint, slope)
                        known = sums.get(parent)
                        sums[parent] = part if known is None else known + part
                    continue
                own = index in adjoints.own
                adjoints.own.discard(index)
                contributions = pull(adjoint, own)  # type: ignore[operator, misc]
                for parent, c, is_new in zip(parents, contributions, _new(contributions, adjoint, own)):
                    if c is not None:
                        add(parent, c, is_new)
        return [adjoints.taken(index) for index in inputs]


def _new(contributions: Sequence[Any], adjoint: Any, own: bool) -> list[bool]:
    """Which contributions are in memory that nobody else will see: new arrays, and the adjoint's if one only has it."""
    if type(adjoint) is dict:
        return [False] * len(contributions)
    found = [type(c) is np.ndarray and c.flags.writeable for c in contributions]
    if type(adjoint) is not np.ndarray or (own and len(found) == 1):
        return found
    memory = owner(adjoint)
    passed_on = [i for i, c in enumerate(contributions) if found[i] and owner(c) is memory]
    if passed_on and not (own and len(passed_on) == 1):
        for i in passed_on:
            found[i] = False
    return found
