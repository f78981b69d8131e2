"""Counted: a number or an array that tallies what is done to it, by `dualdiff.rules.counts`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dualdiff.arguments import is_rounded, lowered, operands, stripped
from dualdiff.calls import primal_of_call
from dualdiff.levels import new_level
from dualdiff.numbers import plain
from dualdiff.operand import Operand
from dualdiff.rules.counts import COUNTS, FREE, elementwise, operations
from dualdiff.strong import has_nan, strong_product, weak_product
from dualdiff.structures import sequence_like

COUNTS[strong_product] = COUNTS[weak_product] = elementwise


class Tally:
    """How many operations have been done on the numbers of one level, and which functions' operations nobody knows.

    While it is ``sweeping``, arrays of zeros are sums to which nothing has been added yet.
    """

    __slots__ = ("level", "operations", "sweeping", "unknown")

    def __init__(self) -> None:
        self.level = new_level()
        self.operations = 0
        self.unknown: set[str] = set()
        self.sweeping = False

    def counted(self, leaves: Iterable[Any]) -> list[Any]:
        return [Counted.of(plain(leaf[()]) if isinstance(leaf, np.ndarray) and not leaf.ndim else leaf, self) for leaf in leaves]

    def enter(self, rule: Any, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        found = operations(rule, stripped(out), stripped(args), stripped(kwargs))
        if found is None:
            self.unknown.add(rule.name)
        else:
            self.operations += found


class Counted(Operand):
    """A number or an array; what is done to it is counted.

    ``begun`` tells which entries of a sum have received something (None: all of them): the first contribution to an adjoint is
    put there, and only the next one is an addition.
    """

    __slots__ = ("__weakref__", "begun", "level", "primal", "tally")

    tally: Tally
    begun: Any

    @classmethod
    def of(cls, primal: Any, tally: Tally, begun: Any = None) -> Counted:
        result = object.__new__(cls)
        result.primal, result.level, result.tally, result.begun = primal, tally.level, tally, begun
        return result

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        tally = next(x for x in operands((args, kwargs)) if isinstance(x, cls) and x.level == level).tally
        primals, keywords = lowered(args, level), lowered(kwargs, level)
        out = primal_of_call(compute, primals, keywords, rule)
        if is_rounded(out, args, kwargs):
            return out
        begun = _begun(rule, args, kwargs)
        if rule.function is np.add and begun is not None:
            tally.operations += sum_of_begun(args, np.shape(out))
        else:
            tally.enter(rule, out, primals, keywords)
        if isinstance(out, (list, tuple)):
            return sequence_like(out, [cls.of(plain(part), tally) for part in out])
        return cls.of(plain(out), tally, begun)

    def constant_like(self, value: Any) -> Any:
        return self.of(value, self.tally, value != 0 if self.tally.sweeping else None)

    def replace_primal(self, value: Any) -> Any:
        self.primal = value
        return self

    def has_nan(self) -> bool:
        return has_nan(self.primal)

    def __getitem__(self, index: Any) -> Any:
        return self.of(plain(self.primal[index]), self.tally, None if self.begun is None else self.begun[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.primal[index] = value.primal if isinstance(value, Counted) else value
        if self.begun is not None:
            self.begun[index] = True if not isinstance(value, Counted) or value.begun is None else value.begun


def begun_of(x: Any) -> Any:
    return x.begun if isinstance(x, Counted) and x.begun is not None else True


def sum_of_begun(args: tuple[Any, ...], shape: tuple[int, ...]) -> int:
    """The additions in a sum of two arrays, entries to which nothing has been added yet being none."""
    both = np.logical_and(*map(begun_of, args))
    return int(np.count_nonzero(np.broadcast_to(both, shape)))


def _begun(rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Which entries of a result have been begun, after a sum or a move of one array."""
    if not any(isinstance(x, Counted) and x.begun is not None for x in args):
        return None
    if rule.function is np.add:
        begun = np.logical_or(*map(begun_of, args))
    elif rule.function in FREE and not any(isinstance(x, Operand) for x in args[1:]):
        begun = rule.function(args[0].begun, *args[1:], **kwargs)
    else:
        return None
    return begun
