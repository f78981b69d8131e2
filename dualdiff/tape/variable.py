"""Variable: a number or an array whose history is on a tape; and its views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.arguments import highest
from dualdiff.calls import shows
from dualdiff.errors import LevelError
from dualdiff.memory import copied
from dualdiff.numbers import base, plain
from dualdiff.rules.creation import stacked
from dualdiff.rules.moves import is_basic
from dualdiff.rules.table import Elementwise
from dualdiff.rules.transposes import SHORTCUTS
from dualdiff.strong import has_nan
from dualdiff.tape import arrays, elementwise
from dualdiff.tape.adjoints import Part
from dualdiff.tape.assignment import overlaps, routed, routed_to_windows
from dualdiff.tape.memory import Loan, Memory
from dualdiff.tape.scalars import ScalarArithmetic
from dualdiff.tape.tape import Pull, Tape

new = object.__new__
Step = Callable[[Any], Any]  # from an array to a view of it


class Variable(ScalarArithmetic):
    """A number or an array whose history is on a tape.

    ``index`` is the record that it is the result of. The array of its primal is its own: an assignment writes to it in place, and
    makes the variable the result of a new record.
    """

    __slots__ = ("__weakref__", "index", "level", "memory", "primal", "tape")

    primal: Any
    level: int
    memory: Memory | None

    def __init__(self, primal: Any, tape: Tape, index: int) -> None:
        self.primal = primal
        self.tape = tape
        self.index = index
        self.level = tape.level
        self.memory = None

    @staticmethod
    def input(primal: Any, tape: Tape) -> Variable:
        """What a tape starts from: it depends on nothing."""
        return Variable(primal, tape, tape.enter((), None))

    def result(self, primal: Any, index: int) -> Variable:
        """The result of a record on the same tape."""
        return Variable(primal, self.tape, index)

    def number(self, primal: float, parents: tuple[int, ...], slopes: tuple[float, ...]) -> Variable:
        tape = self.tape
        if tape.over:
            tape.refuse()
        result = new(Variable)
        result.primal = primal
        result.tape = tape
        result.level = self.level
        result.memory = None
        with tape.lock:
            result.index = len(tape.records)
            tape.records.append((parents, slopes))
        return result

    def __repr__(self) -> str:
        return f"Variable({self.primal!r})"

    # ---- through the rules ----

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(rule, Elementwise):
            return elementwise.recorded(rule, compute, args, kwargs, level)
        return arrays.recorded(rule, compute, args, kwargs, level, Variable.input)

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if function in SHORTCUTS and not kwargs and len(args) == 1 and args[0] is self and self.is_array:
            return self.lift(self.level, SHORTCUTS[function], function, args, kwargs)
        return super().__array_function__(function, types, args, kwargs)

    def constant_like(self, value: Any) -> Variable:
        return self.input(np.copy(value, order="K"), self.tape)

    def replace_primal(self, value: Any) -> Variable:
        if isinstance(value, np.ndarray) and value.base is not None:  # this is no view, so it must not write to another's memory
            value = value.copy(order="K")
        self.primal = value
        return self

    def has_nan(self) -> bool:
        return has_nan(self.primal)

    # ---- copying ----

    def copy(self, order: str = "C") -> Any:
        if order != "K" or type(self.primal) is not np.ndarray:
            return super().copy(order)
        return self.result(copied(self.primal), self.tape.enter((self.index,), lambda cotangent, own: (cotangent,)))

    def __copy__(self) -> Variable:
        return self.result(np.copy(self.primal, order="K") if self.is_array else self.primal, self.index)

    def __deepcopy__(self, memo: Any) -> Variable:
        return self.__copy__()

    def __reduce__(self) -> Any:
        raise TypeError("a Variable cannot be pickled: its history is on the tape of this process; return plain numbers from what "
                        "runs in another one, or use forward mode, whose dual numbers pickle")

    # ---- memory ----

    @property
    def root(self) -> Variable:
        """The variable whose memory this one shows."""
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        """How this array is made of the root's."""
        return ()

    def shared(self) -> Memory:
        if self.memory is None:
            self.memory = Memory()
        return self.memory

    def lend(self) -> Loan | Any:
        """The primal, for a pull to use as it is now; a number cannot change."""
        return self.root.shared().lend(self.primal) if self.is_array else self.primal

    def showing(self, primal: Any, index: int, step: Step) -> View:
        """``step`` of this array, which shows the same memory."""
        return View(self.root, (*self.steps, step), primal, index)

    # ---- elements ----

    def __getitem__(self, index: Any) -> Any:
        kind, held = type(index), self.primal
        if not self.is_array:
            return self._as_array(index)
        primal = held[index]
        is_plain = kind is int or kind is slice or is_basic(index)
        if not is_plain:
            index = self.tape.copies.kept(index)
        entry = self.tape.enter((self.index,), _from_entries(index, held.shape, is_plain))
        if is_plain and isinstance(base(primal), np.ndarray):
            return self.showing(primal, entry, lambda whole: whole[index])
        return self.result(plain(primal), entry)

    def _as_array(self, index: Any) -> Any:
        """Of a scalar, as of a NumPy scalar: itself, or with new axes."""
        parts = index if isinstance(index, tuple) else (index,)
        if not all(part is None or part is ... for part in parts):
            raise TypeError("a scalar Variable has no elements")
        return np.reshape(self, (1,) * parts.count(None)) if None in parts else self

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.is_array:
            raise TypeError("a scalar Variable has no elements to assign to")
        if isinstance(value, (list, tuple, np.ndarray)) and highest(value) is not None:
            value = stacked(value)
        if highest(value) is not None and value.level > self.level:
            raise LevelError("a number of an inner derivative was written into an array of an outer reverse pass; make the array "
                             "with np.zeros(shape, like=...) of that number")
        ours = elementwise.is_ours(value, self.level)
        if ours and is_basic(index) and _is_window(value, self, index):
            return  # ``x[1:] += y`` ends with assigning the view, already written through, to where it came from
        if not base(self).flags.writeable:
            raise ValueError("assignment destination is read-only")
        if not is_basic(index):
            index = self.tape.copies.kept(index)
        root, content = self.root, value.primal if ours else value
        parents = (root.index, value.index) if ours else (root.index,)
        root.shared().before_writing()
        if highest(content) is not None and highest(root.primal) is None:
            root.primal = content.constant_like(root.primal)
        self.primal[index] = content
        steps, window = self.steps, base(self)
        if steps and window.ndim > 1 and overlaps(window):
            pull = routed_to_windows(base(root), steps, index, content if ours else None, ours)
        else:
            pull = routed(steps, index, content if ours else None, ours)
        root.index = self.tape.enter(parents, pull)


class View(Variable):
    """What a chain of steps makes of an array: it shows the same memory, and is the result of a record of its own.

    When the array has been written to, the steps are recorded anew as soon as the view is used.
    """

    __slots__ = ("_index", "_primal", "_root", "_steps", "seen", "shown")

    def __init__(self, root: Variable, steps: tuple[Step, ...], primal: Any, index: int) -> None:
        self._root, self._steps = root, steps
        self.tape, self.level, self.memory = root.tape, root.level, None
        self._show(primal, index)

    def _show(self, primal: Any, index: int) -> None:
        self._primal, self._index = primal, index
        self.seen, self.shown = self._root.shared().writes, self._root.primal

    def _follow(self) -> None:
        fresh: Any = self._root
        for step in self._steps:
            fresh = step(fresh)
        self._show(fresh.primal, fresh.index)

    @property
    def root(self) -> Variable:
        return self._root

    @property
    def steps(self) -> tuple[Step, ...]:
        return self._steps

    @property
    def primal(self) -> Any:  # type: ignore[override]
        if self._root.primal is not self.shown:
            self._follow()
        return self._primal

    @property
    def index(self) -> int:  # type: ignore[override]
        if self._root.shared().writes != self.seen:
            self._follow()
        return self._index

    def replace_primal(self, value: Any) -> Variable:
        if not shows(base(value), base(self._root)):  # a recipe's last step: what it shows is the recipe's own
            return self.result(value, self.index).replace_primal(value)
        self._primal = value
        return self


def _from_entries(index: Any, shape: tuple[int, ...], is_plain: bool) -> Pull:
    return lambda cotangent, own: (Part(cotangent, index, shape, is_plain),)


def _is_window(value: Any, whole: Variable, index: Any) -> bool:
    """Whether ``value`` shows the very entries of ``whole`` at an index of slices and numbers."""
    if not isinstance(value, View) or value.root is not whole.root:
        return False
    window, wanted = base(value), base(whole)[index]
    return isinstance(wanted, np.ndarray) and window.shape == wanted.shape and window.strides == wanted.strides and (
        window.__array_interface__["data"] == wanted.__array_interface__["data"])


__all__ = ["Variable", "View"]
