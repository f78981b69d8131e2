"""Dual: a number or an array together with its tangent.

The arithmetic of scalars stands first, with Python floats as the first case: that is the fast path, and it is the only place
where a derivative is written a second time besides the table (a test holds the two against each other).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.calls import primal_of_call
from dualdiff.display import Display
from dualdiff.forward import Forward
from dualdiff.levels import USER, pass_level
from dualdiff.memory import is_zero, no_tangent
from dualdiff.numbers import floats, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.partials import computed, summed_on_arrays
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.strong import term
from dualdiff.tangents import Tangents

new = object.__new__


class Dual(Display, Forward):
    """A dual number ``primal + tangent·ε`` with ε² = 0, or an array of them.

    Parameters
    ----------
    primal : number or array_like
        The value: a float, an int, a complex, an array, an mpmath, fractions or SymPy number. Arrays are copied; arrays of
        integers become float64.
    tangent : number or array_like, optional
        The derivative carried along, of the same shape (a smaller shape is broadcast). Zero by default.

    Raises
    ------
    ValueError
        If the tangent's shape does not broadcast to the primal's.
    TypeError
        If the primal is not a number or an array of numbers.

    Examples
    --------
    >>> Dual(3.0, 4.0) * Dual(5.0, 7.0)
    Dual(15.0, 41.0)
    >>> print(3 + Dual(3, 4))
    6 + 4ε
    >>> np.sin(Dual(0.0, 1.0))
    Dual(0.0, 1.0)
    """

    __slots__ = ()

    def __init__(self, primal: Any, tangent: Any = 0.0) -> None:
        self.primal, self.tangent = _checked(primal, tangent)
        self.level = USER

    def __init_subclass__(cls, **kwargs: Any) -> None:
        raise TypeError("Dual has no subclasses: two kinds of dual numbers of one level would take each other for constants")

    # ---- scalar arithmetic ----

    def __add__(self, other: Any) -> Any:
        kind = type(other)
        if kind is Dual:
            if other.level == self.level and type(self.primal) is float and type(other.primal) is float:
                result = new(Dual)
                result.primal = self.primal + other.primal
                result.tangent = self.tangent + other.tangent
                result.level = self.level
                return result
        elif (kind is float or kind is int) and type(self.primal) is float:
            result = new(Dual)
            result.primal = self.primal + other
            result.tangent = self.tangent
            result.level = self.level
            return result
        return Operand.__add__(self, other)

    def __radd__(self, other: Any) -> Any:
        if (type(other) is float or type(other) is int) and type(self.primal) is float:
            result = new(Dual)
            result.primal = other + self.primal
            result.tangent = self.tangent
            result.level = self.level
            return result
        return Operand.__radd__(self, other)

    def __sub__(self, other: Any) -> Any:
        kind = type(other)
        if kind is Dual:
            if (other.level == self.level and type(self.primal) is float and type(other.primal) is float
                    and type(self.tangent) is float):
                result = new(Dual)
                result.primal = self.primal - other.primal
                result.tangent = self.tangent - other.tangent
                result.level = self.level
                return result
        elif (kind is float or kind is int) and type(self.primal) is float:
            result = new(Dual)
            result.primal = self.primal - other
            result.tangent = self.tangent
            result.level = self.level
            return result
        return Operand.__sub__(self, other)

    def __rsub__(self, other: Any) -> Any:
        if (type(other) is float or type(other) is int) and type(self.primal) is float:
            result = new(Dual)
            result.primal = other - self.primal
            result.tangent = -self.tangent
            result.level = self.level
            return result
        return Operand.__rsub__(self, other)

    def __mul__(self, other: Any) -> Any:
        kind, x = type(other), self.primal
        if type(x) is float:
            if kind is Dual:
                y = other.primal
                if other.level == self.level and type(y) is float:
                    tangent = self.tangent * y + other.tangent * x
                    if type(tangent) is float and tangent == tangent:  # nan: a strong zero may have to win
                        result = new(Dual)
                        result.primal = x * y
                        result.tangent = tangent
                        result.level = self.level
                        return result
            elif kind is float or kind is int:
                tangent = self.tangent * other
                if type(tangent) is float and tangent == tangent:
                    result = new(Dual)
                    result.primal = x * other
                    result.tangent = tangent
                    result.level = self.level
                    return result
        return Operand.__mul__(self, other)

    def __rmul__(self, other: Any) -> Any:
        if (type(other) is float or type(other) is int) and type(self.primal) is float:
            tangent = self.tangent * other
            if type(tangent) is float and tangent == tangent:
                result = new(Dual)
                result.primal = other * self.primal
                result.tangent = tangent
                result.level = self.level
                return result
        return Operand.__rmul__(self, other)

    def __truediv__(self, other: Any) -> Any:
        kind, x = type(other), self.primal
        if type(x) is float:
            if kind is Dual:
                y = other.primal
                if other.level == self.level and type(y) is float and y:
                    primal = x / y
                    tangent = self.tangent * (1 / y) + other.tangent * (-primal / y)
                    if type(tangent) is float and tangent == tangent:
                        result = new(Dual)
                        result.primal = primal
                        result.tangent = tangent
                        result.level = self.level
                        return result
            elif (kind is float or kind is int) and other:
                tangent = self.tangent * (1 / other)
                if type(tangent) is float and tangent == tangent:
                    result = new(Dual)
                    result.primal = x / other
                    result.tangent = tangent
                    result.level = self.level
                    return result
        return Operand.__truediv__(self, other)

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        x = self.primal
        if type(other) is int and other > 1 and type(x) is float and type(self.tangent) is float and modulus is None:
            try:
                primal, tangent = x**other, self.tangent * (other * x ** (other - 1))
            except OverflowError:  # NumPy's answer is inf
                return Operand.__pow__(self, other)
            if tangent == tangent:
                return dual(primal, tangent, self.level)
        return Operand.__pow__(self, other)

    def __neg__(self) -> Any:
        if type(self.primal) is float:
            result = new(Dual)
            result.primal = -self.primal
            result.tangent = -self.tangent
            result.level = self.level
            return result
        return Operand.__neg__(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        x = self.primal
        if type(x) is float and len(inputs) == 1 and not kwargs and type(self.tangent) is float:
            rule = TABLE.get(ufunc)
            if type(rule) is Elementwise and method == "__call__" and ufunc.nout == 1:
                return self.through(rule, ufunc)
        return Operand.__array_ufunc__(self, ufunc, method, *inputs, **kwargs)

    def through(self, rule: Elementwise, compute: Callable[[float], Any]) -> Any:
        """A function of one float, by its rule; ``compute`` gives the primal."""
        x, tangent = self.primal, self.tangent
        primal = compute(x)
        if type(primal) is not float:
            primal = plain(primal)  # complex for some functions of a float
        try:
            slope = rule.partials[0](floats, primal, x) if rule.from_output else rule.partials[0](floats, x)
        except (ArithmeticError, ValueError, AttributeError, TypeError):  # the end of a domain, or a constant partial
            slope = on_floats(rule, 0, primal, (x,))
        product = tangent * slope
        if product != product:
            product = term(tangent, slope)
        result = new(Dual)
        result.primal = primal
        result.tangent = product
        result.level = self.level
        return result

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if type(rule) is Elementwise and not kwargs and rule.single:
            result = _at_once(level, rule, compute, args)
            if result is not None:
                return result
        return super().lift(level, rule, compute, args, kwargs)

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


def dual(primal: Any, tangent: Any, level: int) -> Dual:
    """A `Dual` of a level, its parts taken as they are."""
    result = new(Dual)
    result.primal = primal
    result.tangent = tangent
    result.level = level
    return result


def _at_once(level: int, rule: Elementwise, compute: Callable[..., Any], inputs: tuple[Any, ...]) -> Dual | None:
    """A function of floats, or of arrays of one floating-point type: the common cases. None where something is otherwise."""
    primals, active, dtype = [], [], None
    for i, x in enumerate(inputs):
        kind = type(x)
        if kind is Dual and x.level == level:
            active.append((i, x.tangent))
            x = x.primal
            kind = type(x)
        if kind is np.ndarray:
            if dtype is None:
                dtype = x.dtype
                if dtype.kind != "f":
                    return None
            elif x.dtype is not dtype:
                return None
        elif kind is not float and kind is not int:
            return None
        primals.append(x)
    at = tuple(primals)
    if dtype is None:
        return _of_floats(level, rule, compute, at, active)
    out = computed(rule, compute, at)
    if type(out) is not np.ndarray or out.dtype is not dtype:  # of no dimension, or a truth value
        return None
    active = [(i, tangent) for i, tangent in active if not is_zero(tangent)]
    if not active:
        return dual(out, no_tangent(out), level)
    i, tangent = active[0]
    if len(active) == 1 and rule.partials[i] == 1 and np.shape(at[i]) == out.shape and _may_be_shared(inputs[i], tangent):
        return dual(out, tangent, level)
    total = summed_on_arrays(rule, out, at, active)
    return None if total is None else dual(out, total, level)


def _may_be_shared(owner: Any, tangent: Any) -> bool:
    """Whether another operand may have the same tangent: if no views of it can be written to. From now on it is read-only."""
    if owner.level == USER or hasattr(owner, "family"):
        return False
    block = tangent.block if type(tangent) is Tangents else tangent
    if type(block) is not np.ndarray or block.dtype != owner.primal.dtype:
        return False
    block.flags.writeable = False
    return True


def _of_floats(level: int, rule: Elementwise, compute: Callable[..., Any], primals: tuple[Any, ...],
               active: list[tuple[int, Any]]) -> Dual | None:
    out = compute(*primals) if isinstance(compute, np.ufunc) else primal_of_call(compute, primals, {}, rule)
    if type(out) is not float:
        out = plain(out)
        if type(out) is not float:
            return None
    total: Any = None
    for i, tangent in active:
        if type(tangent) is not float:
            return None
        part = term(tangent, on_floats(rule, i, out, primals))
        total = part if total is None else total + part
    return dual(out, plain(total), level)


# ---- making a Dual -------------------------------------------------------------------------------------------------------

def _checked(primal: Any, tangent: Any) -> tuple[Any, Any]:
    """The parts of a user's Dual: own memory, tangent of the primal's shape."""
    for part in (primal, tangent):
        if isinstance(part, Operand):
            raise TypeError("the parts of a Dual are plain numbers or arrays; for second derivatives nest dualdiff.derivative, "
                            "whose levels keep the perturbations apart")
        if part is None or isinstance(part, (str, bytes, dict, set)) or callable(part):
            raise TypeError(f"a Dual holds numbers, not {type(part).__name__}")
    is_array = isinstance(primal, (list, tuple, np.ndarray))
    if is_array:
        primal = np.array(primal)
        if primal.dtype.kind in "iub":
            primal = primal.astype(float)
    if is_array or isinstance(tangent, (list, tuple, np.ndarray)):
        tangent = np.asarray(tangent)
        for part in (np.asarray(primal), tangent):
            if part.dtype.kind not in "fciubO":
                raise TypeError(f"a Dual holds numbers, not an array of dtype {part.dtype}")
    if np.iscomplexobj(tangent) and not np.iscomplexobj(primal) and np.asarray(primal).dtype.kind == "f":
        raise TypeError("the tangent is complex and the primal is real; make the primal complex")
    if is_array:
        try:
            return primal, np.broadcast_to(tangent, primal.shape).astype(primal.dtype)
        except ValueError:
            raise ValueError(f"the tangent's shape {np.shape(tangent)} does not fit the primal's {primal.shape}") from None
    if np.ndim(tangent):
        raise ValueError(f"the tangent's shape {np.shape(tangent)} does not fit the scalar primal")
    return plain(primal), plain(tangent[()] if isinstance(tangent, np.ndarray) else tangent)


def _unpickled(primal: Any, tangent: Any, chunk: bool, level: int) -> Dual:
    pass_level(level)
    return dual(primal, Tangents(tangent) if chunk else tangent, level)
