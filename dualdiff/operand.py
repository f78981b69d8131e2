"""The base of everything that travels through a user's code in place of a number or an array.

An operand meets the user's code in three ways: Python's operators, NumPy's ``__array_ufunc__`` and NumPy's
``__array_function__``. All three end in `call`, which finds the rule of the function and hands it to the operand of the
highest level present. What a rule then does to a `Dual`, a series or a tape variable is their own affair: their `lift`.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.arguments import AbstractOperand, highest, stripped
from dualdiff.array_methods import ArrayMethods
from dualdiff.calls import call
from dualdiff.errors import NotDifferentiableError, tangent_lost
from dualdiff.numbers import MODULES, base
from dualdiff.rules.table import Creation, find

Function = Callable[..., Any]
AS_STRIDED = np.lib.stride_tricks.as_strided.__code__  # NumPy does not hand it on, and it would misread an array of objects


# ---- operators -----------------------------------------------------------------------------------------------------------

def binary(ufunc: np.ufunc, compute: Function) -> tuple[Function, Function]:
    """An operator and its reflection: the rule of ``ufunc``, the primal by Python's operator itself."""
    def forward(self: Any, other: Any) -> Any:
        return call(ufunc, (self, other), compute=compute) if accepts(other) else NotImplemented

    def reflected(self: Any, other: Any) -> Any:
        return call(ufunc, (other, self), compute=compute) if accepts(other) else NotImplemented

    return forward, reflected


def without_modulus(power: Function) -> Function:
    """A power as Python calls it: with a third argument where ``pow`` is given one."""
    def checked(self: Any, other: Any, modulus: Any = None) -> Any:
        if modulus is not None:
            raise TypeError("pow(x, y, z) is for integers, which there is nothing to differentiate in; write x**y % z")
        return power(self, other)

    return checked


def in_place(compute: Function) -> Function:
    """``x += y``: an array is written to, for a scalar the name is bound anew."""
    def update(self: Any, other: Any) -> Any:
        result = compute(self, other)
        if not self.is_array:
            return result
        if not np.can_cast(getattr(result, "dtype", float), self.dtype, "same_kind"):
            raise TypeError(f"the result of an in-place operator is of dtype {result.dtype}, which an array of dtype {self.dtype} "
                            f"cannot hold; write x = x * y instead of x *= y")
        if (shape := getattr(result, "shape", ())) != self.shape:
            raise ValueError(f"non-broadcastable output operand with shape {self.shape} doesn't match the broadcast shape {shape}")
        self[...] = result
        return self

    return update


def comparison(compute: Function) -> Function:
    """Comparisons look at primals: they are locally constant."""
    def compare(self: Any, other: Any) -> Any:
        if type(self.primal) is float:  # at once
            kind = type(other)
            if kind is float or kind is int:
                return compute(self.primal, other)
            if kind is type(self) and type(other.primal) is float:
                return compute(self.primal, other.primal)
        if not accepts(other):
            return NotImplemented
        answer = compute(base(self), stripped(other))
        if answer is None:  # intervals: what ``if`` would take for False
            raise ValueError(f"whether {base(self)} and {stripped(other)} compare so is not the same over the whole interval; "
                             f"split it")
        return answer

    return compare


class Operand(AbstractOperand, ArrayMethods):
    """A number or an array that carries more than its value. Subclasses have ``primal`` and ``level``, and say how to `lift`."""

    __slots__ = ()
    __array_priority__ = 1000.0  # ndarray leaves an operator to us
    _op_priority = 1000.0  # SymPy does
    __hash__ = None  # type: ignore[assignment]  # equality looks at primals only: a dict would confuse x with dx

    def constant_like(self, value: Any) -> Any:
        """``value`` as an operand of this level that does not depend on anything."""
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
        shape = self.shape
        if shape and sys._getframe(1).f_code is AS_STRIDED:
            raise NotDifferentiableError("np.lib.stride_tricks.as_strided goes by the addresses of entries in memory, which dual "
                                         "numbers do not have; use np.lib.stride_tricks.sliding_window_view, or index the array")
        elements = np.empty(shape, object)
        if shape:
            for index in np.ndindex(shape):
                elements[index] = self[index]
        else:
            elements[()] = self
        if not copy:  # NumPy may take it for this operand's own memory, but writing to it would not reach us
            elements.flags.writeable = False
        return elements

    def create(self, rule: Creation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``np.zeros(..., like=self)`` or ``np.zeros_like(self)``: an array operand of this level."""
        plain_args = (stripped(args[:1]) + args[1:]) if rule.prototype else args
        if highest(plain_args, kwargs) is None:
            made = rule.function(*plain_args, **kwargs)
            if isinstance(made, Operand) or made.dtype.kind not in "fc":  # np.fromfunction: what the user's function returned
                return made
            return self.constant_like(made)
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
                                         "np.zeros(n), or take dualdiff.primal(x) where the plain number is meant")

    def __complex__(self) -> complex:
        raise tangent_lost("complex(...)", "use NumPy's functions instead of cmath, x + 1j * y instead of complex(x, y), or "
                                           "np.zeros(n, dtype=complex, like=x) instead of np.zeros(n, dtype=complex)")

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
    __pow__, __rpow__ = map(without_modulus, binary(np.power, operator.pow))
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


def is_array(value: Any) -> bool:
    """Whether a value is an array, plain or an operand; numbers are not."""
    return isinstance(value, np.ndarray) or (isinstance(value, Operand) and value.is_array)


# ---- what an operator takes on its other side ----------------------------------------------------------------------------

_KNOWN = (float, int, complex, bool, np.ndarray, np.generic, list, tuple)


def accepts(other: Any) -> bool:
    """Whether an operator works with ``other``: numbers, arrays, operands; anything else gets its own chance."""
    if isinstance(other, Operand) or type(other) in _KNOWN:
        return True
    return (isinstance(other, _KNOWN) and not defers(other)) or type(other).__module__.partition(".")[0] in MODULES


def defers(other: Any) -> bool:
    """Whether ``other`` is an array of another library, which has its own protocol and knows better what to do."""
    kind = type(other)
    if kind in _KNOWN or isinstance(other, Operand):
        return False
    return getattr(kind, "__array_ufunc__", None) not in (None, np.ndarray.__array_ufunc__)
