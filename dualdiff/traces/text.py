"""Text: a formula and its value, which goes through the rules of the table in place of a number.

What comes out of the rule is the formula of the partial. The value decides the rule's branches, so what is shown is the branch
that was taken.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dualdiff.numbers import base, namespace
from dualdiff.rules.auxiliary import cosine, inversion, one_minus_square
from dualdiff.rules.table import LocallyConstant, find, name_of

DIGITS = 6  # of a number in a formula
SUM, PRODUCT, UNARY, POWER, ATOM = range(5)  # how strongly the outermost operation binds

WHOLE = {np.remainder: "mod", np.floor_divide: "//"}
INFIX = {np.add: ("+", SUM), np.subtract: ("−", SUM), np.multiply: ("·", PRODUCT), np.divide: ("/", PRODUCT),
         np.matmul: ("@", PRODUCT), np.power: ("^", POWER)}
COMPARISONS = {np.less: ("<", operator.lt), np.less_equal: ("≤", operator.le), np.greater: (">", operator.gt),
               np.greater_equal: ("≥", operator.ge), np.equal: ("=", operator.eq), np.not_equal: ("≠", operator.ne)}
NAMES = {"absolute": "abs", "log": "ln", "sqrt": "√", "length": "norm"}
SUPERSCRIPTS = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")
# Functions that only rules use, as mathematics writes them.
WRITTEN = {one_minus_square.entry: ("1 − {0}²", SUM), cosine.entry: ("{0}/√({0}² + {1}²)", PRODUCT),
           inversion.entry: ("{0}/({0}² + {1}²)", PRODUCT)}


class Text:
    """A formula and its value. To a rule it is a number of the value's type."""

    __slots__ = ("binding", "denominator", "primal", "text")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 2000.0

    def __init__(self, text: str, primal: Any, binding: int = ATOM, denominator: Any = None) -> None:
        self.text, self.primal, self.binding = text, primal, binding
        self.denominator = denominator  # of ±1/…

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(np.any(self.primal))

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.primal)

    @property
    def ndim(self) -> int:
        return np.ndim(self.primal)

    @property
    def T(self) -> Any:
        return applied(np.transpose, self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return applied(ufunc if method == "__call__" else getattr(ufunc, method), *inputs, **kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        return applied(function, *args, **kwargs)

    def __getitem__(self, index: Any) -> Text:
        return Text(f"{within(self, POWER)}[{index_text(index)}]", self.primal[index])

    def __neg__(self) -> Text:
        if is_negative(self):
            return Text(self.text[1:], -self.primal, PRODUCT, self.denominator)
        return Text(f"−{within(self, PRODUCT)}", -self.primal, UNARY, self.denominator)

    def __pos__(self) -> Text:
        return self

    def __abs__(self) -> Text:
        return Text(f"|{self.text}|", abs(self.primal))

    def __or__(self, other: Any) -> Any:
        return Text(f"{self} or {written(other)}", self.primal | value_of(other), SUM)

    def __and__(self, other: Any) -> Any:
        return Text(f"{self} and {written(other)}", self.primal & value_of(other), SUM)

    __ror__, __rand__ = __or__, __and__


def _operators() -> None:
    for name, ufunc in (("add", np.add), ("sub", np.subtract), ("mul", np.multiply), ("truediv", np.divide), ("mod", np.remainder),
                        ("floordiv", np.floor_divide), ("matmul", np.matmul), ("pow", np.power)):
        setattr(Text, f"__{name}__", lambda self, other, ufunc=ufunc: applied(ufunc, self, other))
        setattr(Text, f"__r{name}__", lambda self, other, ufunc=ufunc: applied(ufunc, other, self))
    for compared, (_, compare) in COMPARISONS.items():
        setattr(Text, f"__{compare.__name__}__", lambda self, other, ufunc=compared: applied(ufunc, self, other))


_operators()


class TextFunctions:
    """What a rule calls ``xp``: functions that write themselves down."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        function = getattr(np, name, None)
        return lambda *args: where(*args) if name == "where" else applied(function, *args)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """The branch that the values take; both where the entries of an array differ."""
    decided = np.asarray(value_of(condition), bool)
    if decided.all() or not decided.any():
        return yes if decided.all() else no
    return Text(f"where({written(condition)}, {written(yes)}, {written(no)})",
                np.where(decided, value_of(yes), value_of(no)))


def applied(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of formulas as a formula."""
    if function is np.where and len(args) == 3:
        return where(*args)
    values = tuple(map(value_of, args))
    with np.errstate(all="ignore"):
        compute = function if namespace(*values) is np or not isinstance(function, np.ufunc) else (
            getattr(namespace(*values), function.__name__, function))
        value = compute(*values, **{key: value_of(x) for key, x in kwargs.items()})
    if function in COMPARISONS:
        return Text(f"[{written(args[0])} {COMPARISONS[function][0]} {written(args[1])}]", value)
    if _is_plain(function):
        return value
    if function is np.negative:
        return -args[0]
    if function in WHOLE and not kwargs:
        return Text(f"{within(args[0], POWER)} {WHOLE[function]} {within(args[1], POWER)}", value, SUM)
    if function in INFIX and not kwargs:
        return infix(function, args, value)
    if function is np.square:
        return infix(np.power, (args[0], 2), value)
    if function in WRITTEN:
        form, binding = WRITTEN[function]
        return Text(form.format(*(within(x, POWER) for x in args)), value, binding)
    if function is np.absolute:
        return Text(f"|{written(args[0])}|", value)
    return Text(called(function, args, kwargs), value)


def called(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """``name(…)``; the layout of an array in memory is not worth a word."""
    given = [written(x) for x in args if not (isinstance(x, str) and x in ("C", "K"))]
    given += [f"{key}={written(x)}" for key, x in kwargs.items() if key != "order"]
    return f"{short_name(function)}({', '.join(given)})"


def _is_plain(function: Any) -> bool:
    try:
        return isinstance(find(function), LocallyConstant) and function not in (np.floor, np.rint, np.floor_divide, np.sign)
    except (TypeError, ValueError):
        return False


def infix(function: Any, args: Sequence[Any], value: Any) -> Text:
    """An operation between two formulas, with no more parentheses than needed; ones and zeros left out."""
    left, right = args
    sign, binding = INFIX[function]
    if function is np.multiply:
        for one, other in ((left, right), (right, left)):
            if is_just(one, 1) and isinstance(other, Text):
                return other
            if is_just(one, -1) and isinstance(other, Text):
                return -other
    if function in (np.multiply, np.divide, np.matmul):  # the sign to the front
        if is_negative(left):
            return -infix(function, (-left, right), -value)
        if is_negative(right):
            return -infix(function, (left, -right), -value)
    if function is np.multiply and isinstance(left, Text) and left.denominator is not None:
        return infix(np.divide, (right, left.denominator), value)
    if function is np.power:
        if is_just(right, 1):
            return left if isinstance(left, Text) else Text(written(left), value)
        exponent = written(right)
        if not isinstance(right, Text) and set(exponent) <= set("0123456789-−"):
            return Text(within(left, ATOM) + exponent.replace("−", "-").translate(SUPERSCRIPTS), value, POWER)
        return Text(f"{within(left, ATOM)}^{within(right, ATOM)}", value, POWER)
    if function in (np.add, np.subtract) and is_just(right, 0) and isinstance(left, Text):
        return left
    if function in (np.add, np.subtract) and is_negative(right):
        return infix(np.subtract if function is np.add else np.add, (left, -right), value)
    after = binding + (function in (np.subtract, np.divide))
    space = "" if sign in "·/" else " "
    return Text(f"{within(left, binding)}{space}{sign}{space}{within(right, after)}", value, binding,
                right if function is np.divide and is_just(left, 1) else None)


def is_negative(x: Any) -> bool:
    """Whether a minus stands before it."""
    if isinstance(x, Text):
        return x.text.startswith("−") and x.binding == UNARY
    return np.ndim(x) == 0 and isinstance(x, (int, float, np.number)) and np.isrealobj(x) and bool(x < 0)


def within(x: Any, binding: int) -> str:
    """``x`` as a part of an operation of this binding: in parentheses where it binds less."""
    text = written(x)
    own = x.binding if isinstance(x, Text) else (UNARY if text.startswith("−") else ATOM)
    return f"({text})" if own < binding or (own == UNARY and binding >= PRODUCT) else text


def is_just(x: Any, n: int) -> bool:
    """Whether it is this whole number, and no formula."""
    return not isinstance(x, Text) and np.ndim(x) == 0 and isinstance(x, (int, float, np.number)) and bool(x == n)


def value_of(x: Any) -> Any:
    """The number behind a formula; a float as NumPy's, which divides by zero."""
    x = [value_of(item) for item in x] if isinstance(x, (list, tuple)) else base(x)
    return np.float64(x) if type(x) is float else x


def written(x: Any) -> str:
    """A formula, a number, or what stands in for an array."""
    if isinstance(x, Text):
        return x.text
    x = base(x)
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(written, x))}]"
    if isinstance(x, np.ndarray) and x.ndim:
        return "[" + " ".join(map(written, x)) + "]" if x.ndim == 1 and x.size <= 3 else f"array{x.shape}".replace(",)", ")")
    if isinstance(x, np.ufunc) or callable(x):
        return short_name(x)
    if isinstance(x, np.ndarray):
        x = x[()]
    if isinstance(x, (float, np.floating)):
        for name, known in (("π", np.pi), ("ln 2", np.log(2)), ("ln 10", np.log(10))):
            if x == known:
                return name
        return f"{float(x):.{DIGITS}g}".replace("-", "−")
    return str(x).replace("-", "−")


def index_text(index: Any) -> str:
    """An index as it stands between brackets."""
    if isinstance(index, tuple):
        return ", ".join(map(index_text, index))
    if isinstance(index, slice):
        parts = ["" if part is None else str(part) for part in (index.start, index.stop)]
        return ":".join(parts) + ("" if index.step is None else f":{index.step}")
    if index is Ellipsis:
        return "..."
    if isinstance(index, np.ndarray) and index.size > 4:
        return "mask" if index.dtype == bool else "indices"
    return str(index)


def short_name(function: Any) -> str:
    is_method = isinstance(getattr(function, "__self__", None), np.ufunc)  # add.reduce
    name = name_of(function)[3:] if is_method else name_of(function).rpartition(".")[2]
    return NAMES.get(name, name.lstrip("_"))
