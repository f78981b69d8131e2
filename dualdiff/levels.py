"""Levels: which derivative call a perturbation belongs to.

Each derivative call takes a fresh number. Of two nested calls the inner one has the higher number, an operation is done at the
highest level present, and whatever is of a lower level is a constant to it: no perturbation can be mistaken for another. The
counter is the only state of the package.
"""

from __future__ import annotations

import itertools
import threading

USER = 0  # the level of the Duals that a user makes

_counter = itertools.count(USER + 1)
_moving = threading.Lock()


def new_level() -> int:
    """A level that no earlier derivative call has had (``next`` on a count is atomic)."""
    return next(_counter)


def new_levels(count: int) -> list[int]:
    """So many of them, in ascending order."""
    return list(itertools.islice(_counter, count))


def pass_level(level: int) -> None:
    """Make every new level higher than ``level``, which came with a number from another process."""
    global _counter
    with _moving:
        if (upcoming := next(_counter)) <= level:
            _counter = itertools.count(level + 1)
        else:
            del upcoming  # a number is skipped, which does no harm
