"""A sketch: record what a function does to its inputs, once, and write value and derivatives down as straight-line Python.

The derivatives are those of the table: its rules are run on the recorded numbers, so partials become part of the recording, and
derivatives of derivatives come from doing it again. An operation that is done twice is recorded once, a tangent that is zero
not at all. Loops are unrolled. Each comparison, the function's own or a rule's, becomes a check that it comes out as it did when
recorded: where it does not, the recorded function raises `Stale`, and has to be recorded again.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.numbers import floats
from dualdiff.rules.table import TABLE, Elementwise, name_of

INFIX = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**", np.floor_divide: "//", np.remainder: "%"}
COMPARISONS = {np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=", np.equal: "==", np.not_equal: "!="}
COMPUTED = {np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
            np.power: operator.pow, np.floor_divide: operator.floordiv, np.remainder: operator.mod, np.negative: operator.neg,
            np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt, np.greater_equal: operator.ge,
            np.equal: operator.eq, np.not_equal: operator.ne}
DEPTH = 20  # of an expression in one line: CPython's compiler is recursive


class Stale(Exception):
    """A comparison came out otherwise than when the function was recorded."""


class Recording:
    """The operations of one evaluation, in order."""

    def __init__(self) -> None:
        self.numbers: list[Number] = []
        self.known: dict[Any, Number] = {}
        self.checks: dict[Any, tuple[str, bool]] = {}

    def input(self, value: float) -> Number:
        return self._new(None, (), value)

    def enter(self, function: Any, args: Sequence[Any]) -> Any:
        """The number that ``function(*args)`` is; for a truth value the value itself, and a check."""
        if function is np.multiply and any(type(x) in (int, float) and x == 1 for x in args):
            return args[1] if type(args[0]) in (int, float) and args[0] == 1 else args[0]
        if function is np.power and type(args[1]) is int and args[1] == 1:
            return args[0]
        key = (function, *((x.index,) if isinstance(x, Number) else (type(x), repr(x)) for x in args))
        if key not in self.known:
            if not all(isinstance(x, (Number, float, int)) for x in args):
                raise TypeError(f"{name_of(function)}: only numbers are recorded")
            value = computed(function)(*(x.primal if isinstance(x, Number) else x for x in args))
            if type(value) is bool or isinstance(value, np.bool_):
                self.checks[key] = (written(function, args), bool(value))
                return bool(value)
            self.known[key] = self._new(function, tuple(args), float(value))
        return self.known[key]

    def _new(self, function: Any, args: tuple[Any, ...], value: float) -> Number:
        self.numbers.append(Number(self, function, args, value, len(self.numbers)))
        return self.numbers[-1]

    def tangents(self, outputs: Sequence[Any], directions: Sequence[Number]) -> list[list[Any]]:
        """∂output/∂direction, each a number of this recording; 0.0 where an output does not depend on the direction."""
        found: dict[int, dict[int, Any]] = {x.index: {j: 1.0} for j, x in enumerate(directions)}
        for number in self.needed(outputs):
            slopes = {i: self.partial(number, i) for i, x in enumerate(number.args) if isinstance(x, Number) and x.index in found}
            total: dict[int, Any] = {}
            for i, slope in slopes.items():
                for j, tangent in found[number.args[i].index].items():
                    if type(slope) in (int, bool) and not slope:
                        continue
                    term = -tangent if type(slope) is int and slope == -1 else tangent * slope
                    total[j] = term if j not in total else total[j] + term
            if total:
                found[number.index] = total
        return [[found.get(y.index, {}).get(j, 0.0) if isinstance(y, Number) else 0.0 for j in range(len(directions))]
                for y in outputs]

    def partial(self, number: Number, i: int) -> Any:
        rule = TABLE[number.function]
        assert isinstance(rule, Elementwise)
        return rule.partial(i, Functions(self), number, number.args)

    def needed(self, outputs: Sequence[Any]) -> list[Number]:
        """The numbers that ``outputs`` are computed from, in order."""
        wanted = {y.index for y in outputs if isinstance(y, Number)}
        for number in reversed(self.numbers[:max(wanted, default=-1) + 1]):
            if number.index in wanted:
                wanted.update(x.index for x in number.args if isinstance(x, Number))
        return [self.numbers[index] for index in sorted(wanted)]


class Number:
    """A number whose history is recorded."""

    __slots__ = ("args", "function", "index", "primal", "recording")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, recording: Recording, function: Any, args: tuple[Any, ...], primal: float, index: int) -> None:
        self.recording, self.function, self.args, self.primal, self.index = recording, function, args, primal, index

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any) -> Any:
        return self.recording.enter(ufunc, inputs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return self.recording.enter(function, args)

    def __neg__(self) -> Any:
        return self.recording.enter(np.negative, (self,))

    def __abs__(self) -> Any:
        return self.recording.enter(np.absolute, (self,))

    def __bool__(self) -> bool:
        return self != 0


def _operators() -> None:
    for ufunc, compute in COMPUTED.items():
        if ufunc is np.negative:
            continue
        name = compute.__name__
        setattr(Number, f"__{name}__", lambda self, other, ufunc=ufunc: self.recording.enter(ufunc, (self, other)))
        if ufunc in INFIX:
            setattr(Number, f"__r{name}__", lambda self, other, ufunc=ufunc: self.recording.enter(ufunc, (other, self)))


_operators()


class Functions:
    """What a rule, or a function to be recorded, calls its module of functions."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    def __getattr__(self, name: str) -> Any:
        if name == "where":
            return floats.where
        ufunc = getattr(np, name)
        return lambda *args: self.recording.enter(ufunc, args) if any(isinstance(x, Number) for x in args) else (
            computed(ufunc)(*args))


def computed(function: Any) -> Any:
    """What computes a function of floats: an operator, ``math``, else the function itself."""
    return COMPUTED.get(function) or getattr(floats, getattr(function, "__name__", ""), function)


# ---- writing it down -----------------------------------------------------------------------------------------------------

def written(function: Any, args: Sequence[Any], inline: dict[int, str] | None = None) -> str:
    inline = inline or {}
    texts = [inline.get(x.index, f"v{x.index}") if isinstance(x, Number) else f"({x!r})" if x < 0 else repr(x) for x in args]
    sign = INFIX.get(function) or COMPARISONS.get(function)
    if sign:
        return f"({texts[0]} {sign} {texts[1]})"
    return f"(-{texts[0]})" if function is np.negative else f"{computed(function).__name__}({', '.join(texts)})"


def source(recording: Recording, inputs: Sequence[Number], outputs: Sequence[Any], result: str) -> str:
    """A function of the inputs, which returns ``result``, where {k} stands for output k."""
    checked = [text for text, _ in recording.checks.values()]
    named = {int(word[1:]) for text in checked for word in text.replace("(", " ").replace(")", " ").split()
             if word[0] == "v" and word[1:].isdigit()}
    numbers = recording.needed([*outputs, *(recording.numbers[index] for index in named)])
    uses: dict[int, int] = dict.fromkeys(named, 2)
    for x in (*outputs, *(x for number in numbers for x in number.args)):
        if isinstance(x, Number):
            uses[x.index] = uses.get(x.index, 0) + 1
    lines, inline, depth = [], {}, dict[int, int]()
    for number in numbers:
        if number.function is None:
            continue
        text = written(number.function, number.args, inline)
        own = 1 + max((depth.get(x.index, 0) for x in number.args if isinstance(x, Number)), default=0)
        for x in number.args:
            if isinstance(x, Number):
                inline.pop(x.index, None)
        if uses[number.index] == 1 and own < DEPTH:
            inline[number.index], depth[number.index] = text, own
        else:
            lines.append(f"v{number.index} = {text}")
    lines += [f"if {text} is not {truth}: raise Stale('{text} is no longer {truth}')" for text, truth in recording.checks.values()]
    texts = [inline.get(y.index, f"v{y.index}") if isinstance(y, Number) else repr(y) for y in outputs]
    head = ", ".join(f"v{x.index}" for x in inputs)
    return f"def recorded({head}):\n    " + "\n    ".join([*lines, f"return {result.format(*texts)}"]) + "\n"


def compiled(text: str, recording: Recording) -> Callable[..., Any]:
    functions = {computed(x.function).__name__: computed(x.function) for x in recording.numbers if x.function is not None}
    scope: dict[str, Any] = {**functions, "Stale": Stale, "inf": math.inf, "nan": math.nan, "isinf": math.isinf}
    exec(compile(text, "<recorded>", "exec"), scope)
    return scope["recorded"]


# ---- the transforms ------------------------------------------------------------------------------------------------------

def nested(shape: tuple[int, ...], start: int = 0) -> str:
    """Places for outputs ``start`` … as nested lists of this shape."""
    if not shape:
        return f"{{{start}}}"
    size = math.prod(shape[1:])
    return f"[{', '.join(nested(shape[1:], start + k * size) for k in range(shape[0]))}]"


def derivative(make: Callable[[Functions], Any], x: float, n: int = 1) -> tuple[Callable[..., Any], str]:
    """The n-th derivative of the function that ``make`` makes from a module of functions, and its source."""
    recording = Recording()
    start = recording.input(x)
    y = make(Functions(recording))(start)
    for _ in range(n):
        ((y,),) = recording.tangents([y], [start])
    text = source(recording, [start], [y], "{0}")
    return compiled(text, recording), text


def jacobian(make: Callable[[Functions], Any], x: Sequence[float]) -> tuple[Callable[..., Any], str]:
    recording = Recording()
    start = [recording.input(value) for value in x]
    rows = recording.tangents(make(Functions(recording))(start), start)
    text = source(recording, start, [entry for row in rows for entry in row], nested((len(rows), len(start))))
    return compiled(text, recording), text


def hessian(make: Callable[[Functions], Any], x: Sequence[float]) -> tuple[Callable[..., Any], str]:
    """The gradient and the Hessian."""
    recording = Recording()
    start = [recording.input(value) for value in x]
    n = len(start)
    (gradient,) = recording.tangents([make(Functions(recording))(start)], start)
    rows = recording.tangents(gradient, start)
    entries = [rows[max(i, j)][min(i, j)] for i in range(n) for j in range(n)]
    text = source(recording, start, [*gradient, *entries], f"{nested((n,))}, {nested((n, n), n)}")
    return compiled(text, recording), text
