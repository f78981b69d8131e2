"""Dual: a number or an array together with its tangent.

The arithmetic of scalars stands first, with Python floats as the first case: that is the fast path. The derivatives of + − × ÷ and
whole powers are written here a second time besides the table, and in `dualdiff.operators` and `dualdiff.array_lanes` for nested
duals and for arrays; tests hold them against the table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dualdiff.construction import Checked, empty
from dualdiff.display import Display
from dualdiff.forward import Forward
from dualdiff.lanes import bilinear_at_once, lift_at_once, linear_at_once, row_at_once
from dualdiff.levels import pass_level
from dualdiff.memory import DOUBLE
from dualdiff.operand import Operand
from dualdiff.operators import beyond_floats, nested_difference, nested_product, nested_sum
from dualdiff.rules.table import Bilinear, Elementwise, Linear
from dualdiff.strong import has_nan
from dualdiff.tangents import Tangents
from dualdiff.unary import Unary


class Dual(Display, Forward, metaclass=Checked):
    """A dual number ``primal + tangent·ε`` with ε² = 0, or an array of them.

    Parameters
    ----------
    primal : number or array_like
        The value: a float, an int, a complex, an array, an mpmath, fractions or SymPy number. Arrays are copied; arrays of
        integers become float64.
    tangent : number or array_like, optional
        The derivative carried along, of the same shape (a smaller shape is broadcast). Zero by default.

    Attributes
    ----------
    primal, tangent
        The two parts.
    level : int
        The derivative call that the tangent belongs to; 0 for a Dual that a user made.

    Raises
    ------
    ValueError
        If the tangent's shape does not broadcast to the primal's.
    TypeError
        If the primal is not a number or an array of numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.Dual(3.0, 4.0) * dd.Dual(5.0, 7.0)
    Dual(15.0, 41.0)
    >>> print(3 + dd.Dual(3, 4))
    6 + 4ε
    >>> np.sin(dd.Dual(0.0, 1.0))
    Dual(0.0, 1.0)
    """

    __slots__ = ()

    if TYPE_CHECKING:
        def __init__(self, primal: Any, tangent: Any = 0.0) -> None: ...

    def __init_subclass__(cls, **kwargs: Any) -> None:
        raise TypeError("Dual has no subclasses: two kinds of dual numbers of one level would take each other for constants")

    # ---- scalar arithmetic ----

    def __add__(self, other: Any) -> Any:
        kind, x, level = type(other), self.primal, self.level
        if type(x) is float:
            if kind is Dual:
                y = other.primal
                if other.level == level and type(y) is float:
                    result = new()
                    result.primal = x + y
                    result.tangent = self.tangent + other.tangent
                    result.level = level
                    return result
            elif kind is float or kind is int:
                result = new()
                result.primal = x + other
                result.tangent = self.tangent
                result.level = level
                return result
        return _add(self, other)

    def __radd__(self, other: Any) -> Any:
        kind, x = type(other), self.primal
        if (kind is float or kind is int) and type(x) is float:
            result = new()
            result.primal = other + x
            result.tangent = self.tangent
            result.level = self.level
            return result
        return _add(self, other, reflected=True)

    def __sub__(self, other: Any) -> Any:
        kind, x, level = type(other), self.primal, self.level
        if type(x) is float:
            if kind is Dual:
                y, tangent = other.primal, self.tangent
                if other.level == level and type(y) is float and type(tangent) is float:
                    result = new()
                    result.primal = x - y
                    result.tangent = tangent - other.tangent
                    result.level = level
                    return result
            elif kind is float or kind is int:
                result = new()
                result.primal = x - other
                result.tangent = self.tangent
                result.level = level
                return result
        return _subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        kind, x = type(other), self.primal
        if kind is float or kind is int:
            if type(x) is float:
                result = new()
                result.primal = other - x
                result.tangent = -self.tangent
                result.level = self.level
                return result
            if type(x) is Dual and type(x.primal) is float:
                return dual(other - x, -self.tangent, self.level)
        return _subtract(self, other, reflected=True)

    def __mul__(self, other: Any) -> Any:
        kind, x, tangent = type(other), self.primal, self.tangent
        if type(x) is float and type(tangent) is float:
            if kind is Dual:
                y, level = other.primal, self.level
                if other.level == level and type(y) is float:
                    tangent = tangent * y + other.tangent * x
                    if tangent == tangent:  # nan: a strong zero may have to win
                        result = new()
                        result.primal = x * y
                        result.tangent = tangent
                        result.level = level
                        return result
            elif kind is float or kind is int:
                tangent = tangent * other
                if tangent == tangent:
                    result = new()
                    result.primal = x * other
                    result.tangent = tangent
                    result.level = self.level
                    return result
        return _multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        kind, x, tangent = type(other), self.primal, self.tangent
        if (kind is float or kind is int) and type(x) is float and type(tangent) is float:
            tangent = tangent * other
            if tangent == tangent:
                result = new()
                result.primal = other * x
                result.tangent = tangent
                result.level = self.level
                return result
        return _multiply(self, other, reflected=True)

    def __truediv__(self, other: Any) -> Any:
        kind, x, tangent = type(other), self.primal, self.tangent
        if type(x) is float and type(tangent) is float:
            if kind is Dual:
                y, level = other.primal, self.level
                if other.level == level and type(y) is float and y:
                    primal = x / y
                    tangent = tangent * (1 / y) + other.tangent * (-primal / y)
                    if tangent == tangent:
                        result = new()
                        result.primal = primal
                        result.tangent = tangent
                        result.level = level
                        return result
            elif (kind is float or kind is int) and other:
                tangent = tangent * (1 / other)
                if tangent == tangent:
                    result = new()
                    result.primal = x / other
                    result.tangent = tangent
                    result.level = self.level
                    return result
        return _divide(self, other)

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        x = self.primal
        if type(other) is int and other > 1 and type(x) is float and type(self.tangent) is float and modulus is None:
            try:
                primal, tangent = x**other, self.tangent * (other * x ** (other - 1))
            except OverflowError:  # NumPy's answer is inf
                return Operand.__pow__(self, other)
            if tangent == tangent:
                return dual(primal, tangent, self.level)
        elif type(other) is int and other > 1 and type(x) is Dual and type(x.primal) is float and modulus is None:
            tangent = self.tangent * (other * (x if other == 2 else x ** (other - 1)))
            if not has_nan(tangent):
                return dual(x**other, tangent, self.level)
        return Operand.__pow__(self, other)

    def __neg__(self) -> Any:
        if type(self.primal) is float:
            result = new()
            result.primal = -self.primal
            result.tangent = -self.tangent
            result.level = self.level
            return result
        if type(self.primal) is Dual and type(self.primal.primal) is float:
            return dual(-self.primal, -self.tangent, self.level)
        return UNARY[np.negative](self) if type(self.primal) is np.ndarray else Operand.__neg__(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, x: Any, *more: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not more and not kwargs:
            return UNARY[ufunc](x)
        return Operand.__array_ufunc__(self, ufunc, method, x, *more, **kwargs)

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if type(rule) is Elementwise and not kwargs and rule.single:
            result = lift_at_once(cls, level, rule, compute, args)
        elif type(rule) is Linear and args:
            result = linear_at_once(cls, level, rule, compute, args, kwargs)
        elif type(rule) is Bilinear and not kwargs and len(args) == len(rule.positions):
            result = bilinear_at_once(cls, level, rule, compute, args)
        else:
            result = None
        if result is not None:
            return result
        return super().lift(level, rule, compute, args, kwargs)

    def row(self, values: Any) -> Dual | None:
        """An array of numbers, some of them duals."""
        return cast("Dual | None", row_at_once(Dual, values))

    def __getitem__(self, index: Any) -> Any:
        if type(index) is int:
            x, tangent = self.primal, self.tangent
            if type(x) is np.ndarray and type(tangent) is np.ndarray and x.ndim == 1 and x.dtype is DOUBLE:
                return dual(float(x[index]), float(tangent[index]), self.level)
        return Forward.__getitem__(self, index)

    # ---- copying and pickling ----

    def __copy__(self) -> Dual:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: Any) -> Dual:
        def copied(part: Any) -> Any:
            return part.copy() if hasattr(part, "copy") else part

        return dual(copied(self.primal), copied(self.tangent), self.level)

    def __reduce__(self) -> Any:
        tangent, chunk = (self.tangent.block, True) if isinstance(self.tangent, Tangents) else (self.tangent, False)
        return _unpickled, (self.primal, tangent, chunk, self.level)

    @classmethod
    def make(cls, primal: Any, tangent: Any, level: int) -> Dual:
        return dual(primal, tangent, level)


new: Callable[[], Dual] = empty(Dual)


def dual(primal: Any, tangent: Any, level: int) -> Dual:
    """A `Dual` of a level, its parts taken as they are."""
    result = new()
    result.primal = primal
    result.tangent = tangent
    result.level = level
    return result


UNARY = Unary(Dual)

_add = beyond_floats(np.add, operator.add, "add", nested_sum, nested_sum)
_subtract = beyond_floats(np.subtract, operator.sub, "sub", nested_difference)
_multiply = beyond_floats(np.multiply, operator.mul, "mul", nested_product, nested_product)
_divide = beyond_floats(np.divide, operator.truediv, "truediv")


def _unpickled(primal: Any, tangent: Any, chunk: bool, level: int) -> Dual:
    pass_level(level)
    return dual(primal, Tangents(tangent) if chunk else tangent, level)
