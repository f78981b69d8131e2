"""Dual: a number or an array together with its tangent.

The arithmetic of scalars stands first, with Python floats as the first case: that is the fast path. The derivatives of + − × ÷ and
whole powers are written here a second time besides the table, for nested duals in `dualdiff.lanes.nested`, and for arrays in
`dualdiff.lanes.array_operators`; tests hold them against the table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import copysign, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from dualdiff.construction import Checked, empty
from dualdiff.display import Display
from dualdiff.lanes.array_functions import power_at_once
from dualdiff.lanes.chunks import entry_in_chunks
from dualdiff.lanes.contractions import product
from dualdiff.lanes.functions import OfOne, OfOneArray, OfTwo
from dualdiff.lanes.nested import nested_difference, nested_power, nested_product, nested_quotient, nested_sum
from dualdiff.lanes.operators import beyond_floats
from dualdiff.lanes.second_order import in_four_parts
from dualdiff.lanes.short_ways import ShortWays
from dualdiff.lanes.single_numbers import single_power
from dualdiff.levels import pass_level
from dualdiff.memory import DOUBLE
from dualdiff.numbers import SMALLEST_NORMAL, plain
from dualdiff.operand import Operand
from dualdiff.rules.table import TABLE
from dualdiff.tangents import Tangents

POWER: Any = TABLE[np.power]


class Dual(Display, ShortWays, metaclass=Checked):
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
        return _add_arrays(self, other) if type(x) is ndarray else _add(self, other)

    def __radd__(self, other: Any) -> Any:
        kind, x = type(other), self.primal
        if (kind is float or kind is int) and type(x) is float:
            result = new()
            result.primal = other + x
            result.tangent = self.tangent
            result.level = self.level
            return result
        return _add_arrays(other, self) if type(x) is ndarray else _radd(self, other)

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
        return _subtract_arrays(self, other) if type(x) is ndarray else _subtract(self, other)

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
        return _subtract_arrays(other, self) if type(x) is ndarray else _rsubtract(self, other)

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
        return _multiply_arrays(self, other) if type(x) is ndarray else _multiply(self, other)

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
        return _multiply_arrays(other, self) if type(x) is ndarray else _rmultiply(self, other)

    def __truediv__(self, other: Any) -> Any:
        kind, x, tangent = type(other), self.primal, self.tangent
        if type(x) is float and type(tangent) is float:
            if kind is Dual:
                y, level = other.primal, self.level
                if other.level == level and type(y) is float and y:
                    primal = x / y
                    tangent = (tangent - other.tangent * primal) / y
                    if tangent == tangent:
                        result = new()
                        result.primal = primal
                        result.tangent = tangent
                        result.level = level
                        return result
            elif (kind is float or kind is int) and other:
                tangent = tangent / other
                if tangent == tangent:
                    result = new()
                    result.primal = x / other
                    result.tangent = tangent
                    result.level = self.level
                    return result
        return _divide_arrays(self, other) if type(x) is ndarray else _divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        kind, y, tangent = type(other), self.primal, self.tangent
        if (kind is float or kind is int) and type(y) is float and y and type(tangent) is float:
            primal = other / y
            tangent = -(tangent * primal) / y
            if tangent == tangent:
                result = new()
                result.primal = primal
                result.tangent = tangent
                result.level = self.level
                return result
        return _divide_arrays(other, self) if type(y) is ndarray else _rdivide(self, other)

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        if modulus is not None:
            return Operand.__pow__(self, other, modulus)
        x, tangent = self.primal, self.tangent
        kind = type(other)
        if type(x) is float and type(tangent) is float and (kind is int or kind is float):
            if other == 0 or other == 1:
                return Operand.__pow__(self, other)
            is_whole = other % 1 == 0
            try:
                primal = x**other
                slope = other * x ** (other - 1) if is_whole else other * primal / x  # as in the table
            except (OverflowError, ZeroDivisionError):  # NumPy's answer is inf
                return Operand.__pow__(self, other)
            if is_whole or (x > 0 and SMALLEST_NORMAL <= primal < inf and abs(slope) < inf):
                tangent = tangent * slope
                if tangent == tangent:
                    return dual(primal, tangent, self.level)
        elif type(x) is ndarray:
            if (kind is int or kind is float) and other != 0 and other != 1:
                result = power_at_once(Dual, POWER, self, other)
                if result is not None:
                    return result
        elif kind is int and other > 1:
            if type(x) is Dual:
                result = _power_in_parts(self, other)
                if result is None:
                    result = nested_power(self, other)
            else:
                result = single_power(Dual, POWER, self, other)
            if result is not None:
                return result
        return Operand.__pow__(self, other)

    def __matmul__(self, other: Any) -> Any:
        result = product(Dual, np.matmul, (self, other), {})
        return Operand.__matmul__(self, other) if result is None else result

    def __rmatmul__(self, other: Any) -> Any:
        result = product(Dual, np.matmul, (other, self), {})
        return Operand.__rmatmul__(self, other) if result is None else result

    def __abs__(self) -> Any:
        x = self.primal
        if type(x) is float and type(self.tangent) is float and x == x:
            return dual(abs(x), self.tangent * copysign(1.0, x), self.level)
        return _absolute_array(self) if type(x) is ndarray else Operand.__abs__(self)

    def __neg__(self) -> Any:
        x = self.primal
        kind = type(x)
        if kind is float:
            result = new()
            result.primal = -x
            result.tangent = -self.tangent
            result.level = self.level
            return result
        if kind is ndarray:
            return _negate_array(self)
        if kind is Dual:
            if type(x.primal) is float:
                return dual(-x, -self.tangent, self.level)
            if type(x.primal) is ndarray:
                return _negate(self)
        return Operand.__neg__(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, x: Any, *more: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            if not more:
                return (OF_ONE_ARRAY if type(x.primal) is ndarray else OF_ONE)[ufunc](x)
            if len(more) == 1:
                return OF_TWO[ufunc](x, *more)
        return Operand.__array_ufunc__(self, ufunc, method, x, *more, **kwargs)

    def __getitem__(self, index: Any) -> Any:
        if type(index) is int:
            x, tangent = self.primal, self.tangent
            if type(x) is ndarray and type(tangent) is ndarray and x.ndim == 1 and x.dtype is DOUBLE:
                result = new()
                result.primal = float(x[index])
                result.tangent = float(tangent[index])
                result.level = self.level
                return result
            if type(tangent) is Tangents and type(x) is ndarray:
                result = entry_in_chunks(Dual, self, index)
                if result is not None:
                    return result
            elif type(x) is Dual and type(x.primal) is ndarray and x.primal.ndim == 1 and type(tangent) in (ndarray, Dual):
                return dual(x[index], plain(tangent[index]), self.level)
        return ShortWays.__getitem__(self, index)

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
        """A `Dual` of a level, its parts taken as they are."""
        result = new()
        result.primal = primal
        result.tangent = tangent
        result.level = level
        return result


new: Callable[[], Dual] = empty(Dual)
dual = Dual.make

OF_ONE, OF_TWO = OfOne(Dual), OfTwo(Dual)
OF_ONE_ARRAY = OfOneArray(Dual, OF_ONE)
_negate, _negate_array, _absolute_array = OF_ONE[np.negative], OF_ONE_ARRAY[np.negative], OF_ONE_ARRAY[np.absolute]

_, _power_in_parts = in_four_parts(Dual)
_add_arrays, _add, _radd = beyond_floats(Dual, np.add, operator.add, "add", nested_sum, nested_sum)
_subtract_arrays, _subtract, _rsubtract = beyond_floats(Dual, np.subtract, operator.sub, "sub", nested_difference)
_multiply_arrays, _multiply, _rmultiply = beyond_floats(Dual, np.multiply, operator.mul, "mul", nested_product, nested_product)
_divide_arrays, _divide, _rdivide = beyond_floats(Dual, np.divide, operator.truediv, "truediv", nested_quotient)


def _unpickled(primal: Any, tangent: Any, chunk: bool, level: int) -> Dual:
    pass_level(level)
    return dual(primal, Tangents(tangent) if chunk else tangent, level)
