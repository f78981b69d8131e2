"""The base of everything that travels through a user's code in place of a number or an array.

An operand meets the user's code in three ways: Python's operators, NumPy's ``__array_ufunc__`` and NumPy's
``__array_function__``. All three end in `call`, which finds the rule of the function and hands it to the operand of the
highest level present. What a rule then does to a `Dual`, a series or a tape variable is their own affair: their `lift`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualdiff.array_methods import ArrayMethods
from dualdiff.errors import NotDifferentiableError, tangent_lost
from dualdiff.numbers import MODULES, base, function_for, plain
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import (
    Composite,
    Creation,
    Elementwise,
    LocallyConstant,
    Refused,
    Rule,
    argument,
    find,
    has_argument,
    name_of,
    with_argument,
)

Function = Callable[..., Any]
NOTHING: dict[str, Any] = {}


# ---- operators -----------------------------------------------------------------------------------------------------------

def binary(ufunc: np.ufunc, compute: Function) -> tuple[Function, Function]:
    """An operator and its reflection: the rule of ``ufunc``, the primal by Python's operator itself."""
    def forward(self: Any, other: Any) -> Any:
        return call(ufunc, (self, other), compute=compute) if accepts(other) else NotImplemented

    def reflected(self: Any, other: Any) -> Any:
        return call(ufunc, (other, self), compute=compute) if accepts(other) else NotImplemented

    return forward, reflected


def in_place(compute: Function) -> Function:
    """``x += y``: an array is written to, for a scalar the name is bound anew."""
    def update(self: Any, other: Any) -> Any:
        result = compute(self, other)
        if not self.is_array:
            return result
        self[...] = result
        return self

    return update


def comparison(compute: Function) -> Function:
    """Comparisons look at primals: they are locally constant."""
    def compare(self: Any, other: Any) -> Any:
        return compute(base(self), stripped(other)) if accepts(other) else NotImplemented

    return compare


class Operand(ArrayMethods):
    """A number or an array that carries more than its value. Subclasses have ``primal`` and ``level``, and say how to `lift`."""

    __slots__ = ()
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]  # equality looks at primals only: a dict would confuse x with dx

    primal: Any
    level: int

    # ---- what a subclass provides ----

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of a differentiable function whose highest operands are of this class and ``level``."""
        raise NotImplementedError

    def constant_like(self, value: Any) -> Any:
        """``value`` as an operand of this level that does not depend on anything."""
        raise NotImplementedError

    def replace_primal(self, value: Any) -> Any:
        """This operand with the primal that the user's own function computed."""
        raise NotImplementedError

    def has_nan(self) -> bool:
        raise NotImplementedError

    # ---- NumPy's protocols ----

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(defers(x) for x in inputs):
            return NotImplemented
        if method == "__call__":
            return call(ufunc, inputs, kwargs)
        if method == "outer":
            left, right = inputs
            return call(ufunc, (np.reshape(left, (*np.shape(left), *(1,) * np.ndim(right))), right), kwargs)
        if method == "at":
            return call(np.ufunc.at, (ufunc, *inputs), kwargs)
        return call(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Function, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not all(issubclass(t, (Operand, np.ndarray)) for t in types):
            return NotImplemented
        rule = find(function)
        return self.create(rule, args, kwargs) if isinstance(rule, Creation) else call(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """An object array of the elements, for NumPy functions that do not dispatch; any other type would lose the tangent."""
        if dtype is not None and np.dtype(dtype) != object:
            raise tangent_lost(f"an array of dtype {np.dtype(dtype)}",
                               "write np.array(..., like=x) or np.zeros_like(x), where x is one of the dual numbers")
        elements = np.empty(np.shape(self), object)
        for index in np.ndindex(elements.shape):
            elements[index] = self[index] if elements.ndim else self
        if not copy:  # NumPy may take it for this operand's own memory, but writing to it would not reach us
            elements.flags.writeable = False
        return elements

    def create(self, rule: Creation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``np.zeros(..., like=self)`` or ``np.zeros_like(self)``: an array operand of this level."""
        plain_args = (stripped(args[:1]) + args[1:]) if rule.prototype else args
        if highest(plain_args, kwargs) is None:
            made = rule.function(*plain_args, **kwargs)
            return self.constant_like(made) if made.dtype.kind in "fc" else made
        if rule.recipe is None:
            raise NotDifferentiableError(f"{rule.name} has no derivative in its arguments; build the array with arithmetic")
        return rule.recipe(*args, **kwargs)

    # ---- conversions: to the primal where nothing is lost, refused where the tangent would be ----

    def __bool__(self) -> bool:
        return bool(base(self))

    def __int__(self) -> int:
        return int(base(self))

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(base(self), ndigits)

    def __trunc__(self) -> int:
        return int(math.trunc(base(self)))

    def __floor__(self) -> int:
        return int(math.floor(base(self)))

    def __ceil__(self) -> int:
        return int(math.ceil(base(self)))

    def __float__(self) -> float:
        raise tangent_lost("float(...)", "use dualdiff.math instead of math, np.zeros_like(x) or np.zeros(n, like=x) instead of "
                                         "np.zeros(n), or take .primal where the plain number is meant")

    def __complex__(self) -> complex:
        raise tangent_lost("complex(...)", "use NumPy's functions instead of cmath, or x + 1j * y instead of complex(x, y)")

    # ---- operators ----

    def __abs__(self) -> Any:
        return call(np.absolute, (self,), compute=abs)

    def __neg__(self) -> Any:
        return call(np.negative, (self,), compute=operator.neg)

    def __pos__(self) -> Any:
        return call(np.positive, (self,), compute=operator.pos)

    __add__, __radd__ = binary(np.add, operator.add)
    __sub__, __rsub__ = binary(np.subtract, operator.sub)
    __mul__, __rmul__ = binary(np.multiply, operator.mul)
    __truediv__, __rtruediv__ = binary(np.divide, operator.truediv)
    __floordiv__, __rfloordiv__ = binary(np.floor_divide, operator.floordiv)
    __mod__, __rmod__ = binary(np.remainder, operator.mod)
    __divmod__, __rdivmod__ = binary(np.divmod, divmod)
    __pow__, __rpow__ = binary(np.power, operator.pow)
    __matmul__, __rmatmul__ = binary(np.matmul, operator.matmul)

    __iadd__ = in_place(operator.add)
    __isub__ = in_place(operator.sub)
    __imul__ = in_place(operator.mul)
    __itruediv__ = in_place(operator.truediv)
    __ifloordiv__ = in_place(operator.floordiv)
    __imod__ = in_place(operator.mod)
    __ipow__ = in_place(operator.pow)
    __imatmul__ = in_place(operator.matmul)

    __lt__ = comparison(operator.lt)
    __le__ = comparison(operator.le)
    __gt__ = comparison(operator.gt)
    __ge__ = comparison(operator.ge)
    __eq__ = comparison(operator.eq)
    __ne__ = comparison(operator.ne)


# ---- the call of a function ----------------------------------------------------------------------------------------------

def call(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any] = NOTHING, compute: Function | None = None) -> Any:
    """``function(*args, **kwargs)`` by its rule, some operand being among the arguments.

    ``compute`` is what the user wrote, where that is not ``function`` itself: an operator, or a function of ``math``. It
    computes the primal, so that values are what they would be without dualdiff.
    """
    rule = find(function)
    if kwargs.get("out") is not None:
        return _call_into(function, args, kwargs)
    if isinstance(rule, LocallyConstant):
        return function(*stripped(args), **stripped(kwargs)) if compute is None else compute(*stripped(args))
    if isinstance(rule, Refused):
        raise NotDifferentiableError(f"{rule.name} cannot be differentiated: {rule.reason}")
    args = packed(args)
    top = highest(args, kwargs)
    if top is None:
        return function(*args, **kwargs)
    if isinstance(rule, Composite):
        result = rule.recipe(*args, **kwargs)
        return result if rule.mutates else _with_primals(result, top.level, function, args, kwargs)
    if isinstance(rule, Elementwise) and rule.if_complex is not None and np.iscomplexobj(base(top)):
        return _with_primals(rule.if_complex(*args), top.level, compute or function, args, kwargs)
    return top.lift(top.level, rule, compute or function, args, kwargs)


def primal_of_call(function: Function, primals: tuple[Any, ...], kwargs: dict[str, Any], rule: Rule) -> Any:
    """The primal, by what the user called: a ufunc, an operator, or a function of ``math``.

    Python's operators raise on floats where NumPy answers inf or nan (1.0 / 0.0), or turn complex ((−8.0) ** 0.5); duals follow
    NumPy there.
    """
    if isinstance(function, np.ufunc):
        return function_for(function, *primals)(*primals, **kwargs)
    if function is rule.function or getattr(function, "__module__", "") == "math":
        return function(*primals, **kwargs)
    try:
        out = function(*primals)
    except (ZeroDivisionError, OverflowError):
        if not all(type(x) in (float, int) for x in primals):
            raise
        out = rule.function(*map(np.float64, primals))
    if type(out) is complex and not any(isinstance(x, complex) for x in primals):
        out = rule.function(*map(np.float64, primals))
    return out


def _call_into(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``out=``: compute, then assign; an out that cannot hold tangents is refused."""
    kwargs = dict(kwargs)
    outs = kwargs.pop("out")
    if isinstance(outs, tuple) and all(out is None for out in outs):
        return call(function, args, kwargs)
    where = kwargs.get("where", True)
    results = call(function, args, kwargs)
    single = not isinstance(results, tuple)
    stored = []
    for out, result in zip(outs if isinstance(outs, tuple) else (outs,), (results,) if single else results):
        if out is None:
            stored.append(result)
            continue
        if isinstance(result, Operand) and not isinstance(out, Operand):
            raise tangent_lost(f"{name_of(function)} into a plain array", "make the array with np.zeros_like(x) or "
                               "np.zeros(shape, like=x), or leave out= (or the in-place operator) away")
        if where is True or not isinstance(function, np.ufunc):  # a reduction's where= has done its work already
            out[...] = result
        else:
            where = np.broadcast_to(stripped(where), np.shape(out))
            out[where] = np.broadcast_to(result, np.shape(out))[where]
        stored.append(out)
    return stored[0] if single else tuple(stored)


def _with_primals(result: Any, level: int, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A composite's result with its primals replaced by what ``function`` computes from the primals of ``level``."""
    value = function(*lowered(args, level), **lowered(kwargs, level))
    given = [id(x) for x in args]

    def replace(result: Any, value: Any) -> Any:
        if isinstance(result, (list, tuple)):
            parts = [replace(r, v) for r, v in zip(result, value)]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if isinstance(result, Operand) and result.level == level:
            return result if id(result) in given else result.replace_primal(plain(value))
        return value

    return replace(result, value)


# ---- operands among arguments, which may stand in lists, tuples and dicts ------------------------------------------------

def operands(value: Any) -> Iterator[Operand]:
    """The operands in an argument."""
    if isinstance(value, Operand):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from operands(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from operands(item)
    elif isinstance(value, np.ndarray) and value.dtype == object:
        for item in value.flat:
            yield from operands(item)


def highest(*values: Any) -> Operand | None:
    """The operand of the highest level, or None."""
    top = None
    for operand in operands(values):
        if top is None or operand.level > top.level:
            top = operand
    return top


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """``value`` with every operand, also inside lists, tuples and dicts, changed."""
    if isinstance(value, Operand):
        return change(value)
    if isinstance(value, (list, tuple)):
        if hasattr(value, "_fields"):
            return type(value)(*(mapped(item, change) for item in value))
        return type(value)(mapped(item, change) for item in value)
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype == object and highest(value) is not None:
        return change(stacked(value))
    return value


def stripped(value: Any) -> Any:
    """The plain values: every operand's innermost primal."""
    return mapped(value, base)


def lowered(value: Any, level: int) -> Any:
    """Operands of ``level`` by their primals, those of lower levels as they are."""
    return mapped(value, lambda x: x.primal if x.level == level else x)


def packed(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with each object array of operands made into one array operand."""
    for i, arg in enumerate(args):
        if type(arg) is np.ndarray and arg.dtype == object and highest(arg) is not None:
            args = (*args[:i], stacked(arg), *args[i + 1:])
    return args


def split_arguments(rule: Any, level: int, args: tuple[Any, ...], kwargs: dict[str, Any],
                    part: Callable[[Any], Any]) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
    """Arguments of an array rule → (primals of the positional ones, of the keywords, name → tangent of the active ones).

    ``part`` takes an operand of ``level`` to its tangent. In a nested list constants get zeros. An operand in an argument that
    the rule does not name is refused.
    """
    tangents = {}
    named = {**rule.positions, **rule.constant}
    for name, position in rule.positions.items():
        if has_argument(args, kwargs, name, position):
            value = argument(args, kwargs, name, position)
            if any(x.level == level for x in operands(value)):
                tangents[name] = _parts(value, level, part)
                args, kwargs = with_argument(args, kwargs, name, position, lowered(value, level))
    for name, position in rule.constant.items():
        if has_argument(args, kwargs, name, position):
            args, kwargs = with_argument(args, kwargs, name, position, stripped(argument(args, kwargs, name, position)))
    for name, value in [*enumerate(args), *kwargs.items()]:
        if name not in named and name not in named.values() and highest(value) is not None:
            which = f"argument {name + 1}" if isinstance(name, int) else f"its argument {name!r}"
            raise NotDifferentiableError(f"{rule.name} has no rule for a derivative in {which}; pass a plain value "
                                         f"(x.primal) there if it is meant to be constant")
    return args, kwargs, tangents


def _parts(value: Any, level: int, part: Callable[[Any], Any]) -> Any:
    if isinstance(value, Operand):
        return part(value) if value.level == level else zeros_like(value)
    if isinstance(value, (list, tuple)):
        return [_parts(item, level, part) for item in value]
    return zeros_like(value)


def zeros_like(value: Any) -> Any:
    """The tangent of a constant: zeros of its shape, in floating point."""
    plain_value = np.asarray(base(value))
    if plain_value.ndim == 0:
        return 0.0
    return np.zeros(plain_value.shape, plain_value.dtype if plain_value.dtype.kind in "fc" else float)


# ---- what an operator takes on its other side ----------------------------------------------------------------------------

_KNOWN = (float, int, complex, bool, np.ndarray, np.generic, list, tuple)


def accepts(other: Any) -> bool:
    """Whether an operator works with ``other``: numbers, arrays, operands; anything else gets its own chance."""
    if isinstance(other, Operand) or type(other) in _KNOWN:
        return True
    return isinstance(other, _KNOWN) and not defers(other) or type(other).__module__.partition(".")[0] in MODULES


def defers(other: Any) -> bool:
    """Whether ``other`` is an array of another library, which has its own protocol and knows better what to do."""
    kind = type(other)
    if kind in _KNOWN or isinstance(other, Operand):
        return False
    return getattr(kind, "__array_ufunc__", None) not in (None, np.ndarray.__array_ufunc__)
