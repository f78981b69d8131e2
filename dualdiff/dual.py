"""Dual: a number or an array together with its tangent.

The arithmetic of scalars stands first, with Python floats as the first case: that is the fast path, and it is the only place
where a derivative is written a second time besides the table (a test holds the two against each other).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff import aliasing
from dualdiff.levels import USER, pass_level
from dualdiff.numbers import partial, plain
from dualdiff.operand import Operand, primal_of_call, split_arguments, zeros_like
from dualdiff.rules.table import TABLE, Elementwise
from dualdiff.strong import has_nan, term
from dualdiff.tangents import DIRECT, Tangents, direction_of, stack_directions, width

new = object.__new__


class Dual(Operand):
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

    __slots__ = ("primal", "tangent", "level", "family", "__weakref__")

    primal: Any
    tangent: Any
    level: int
    family: aliasing.Family  # set when a view is made

    def __init__(self, primal: Any, tangent: Any = 0.0) -> None:
        self.primal, self.tangent = _checked(primal, tangent)
        self.level = USER

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
        primal = float(compute(x))
        slope = partial(rule, 0, primal, (x,))
        product = tangent * slope
        if product != product:
            product = term(tangent, slope)
        result = new(Dual)
        result.primal = primal
        result.tangent = product
        result.level = self.level
        return result

    # ---- any function ----

    @classmethod
    def _make(cls, primal: Any, tangent: Any, level: int) -> Dual:
        return dual(primal, tangent, level)

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(rule, Elementwise):
            return _lift_elementwise(level, rule, compute, args, kwargs)
        return _lift_arrays(level, rule, compute, args, kwargs)

    def constant_like(self, value: Any) -> Dual:
        zero = zeros_like(value)
        if isinstance(self.tangent, Tangents):
            zero = Tangents(np.zeros((len(self.tangent), *np.shape(zero)), getattr(zero, "dtype", float)))
        return dual(value, zero, self.level)

    def replace_primal(self, value: Any) -> Dual:
        self.primal = value
        return self

    def has_nan(self) -> bool:
        return has_nan(self.primal) or has_nan(self.tangent)

    # ---- elements ----

    def __getitem__(self, index: Any) -> Any:
        if not self.is_array:
            if index is ... or index == ():
                return self
            raise TypeError("a scalar Dual has no elements")
        primal, tangent = plain(self.primal[index]), self.tangent[index]
        result = dual(primal, plain(tangent), self.level)
        if result.is_array:
            aliasing.note_view(self, result)
        return result

    def __setitem__(self, index: Any, value: Any) -> None:
        aliasing.assign(self, index, value)

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

    # ---- printing ----

    def __repr__(self) -> str:
        if self.is_array:
            separator = ",\n     "
            return f"Dual({_array_text(self.primal)}{separator}{_array_text(self.tangent)})"
        return f"Dual({self.primal!r}, {self.tangent!r})"

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, spec: str) -> str:
        def text(value: Any) -> str:
            if isinstance(value, Operand):
                return f"({format(value, spec)})"
            if not spec or isinstance(value, (np.ndarray, Tangents)):
                return str(value) if not spec or isinstance(value, Tangents) else np.array2string(
                    value, formatter={"all": lambda x: format(x, spec)})
            return format(value, spec)

        primal, tangent = text(self.primal), text(self.tangent)
        if "\n" in primal + tangent:
            return f"{primal} +\n{tangent}ε"
        return f"{primal} - {tangent[1:]}ε" if tangent.startswith("-") else f"{primal} + {tangent}ε"

    def _repr_latex_(self) -> str | None:
        """How notebooks show a scalar."""
        if self.is_array or isinstance(self.tangent, Tangents):
            return None
        return f"${self}$".replace("ε", r"\,\varepsilon")


def dual(primal: Any, tangent: Any, level: int) -> Dual:
    """A `Dual` of a level, its parts taken as they are."""
    result = new(Dual)
    result.primal = primal
    result.tangent = tangent
    result.level = level
    return result


# ---- lifting a function --------------------------------------------------------------------------------------------------

def _lift_elementwise(level: int, rule: Elementwise, compute: Callable[..., Any], inputs: tuple[Any, ...],
                      kwargs: dict[str, Any]) -> Any:
    """The sum of partial × tangent over the inputs of ``level``."""
    active = [i for i, x in enumerate(inputs) if isinstance(x, Dual) and x.level == level]
    primals = tuple(x.primal if i in active else x for i, x in enumerate(inputs))
    out = primal_of_call(compute, primals, kwargs, rule)
    outs = [plain(part) for part in out] if isinstance(out, tuple) else [plain(out)]
    if isinstance(out, tuple):
        out = tuple(outs)
    else:
        out = outs[0]
    sums: list[Any] = [None] * len(outs)
    with np.errstate(all="ignore"):  # an infinite derivative speaks for itself; warnings are about the primal
        for i in active:
            slopes = partial(rule, i, out, primals)
            for k, slope in enumerate(slopes if isinstance(out, tuple) else (slopes,)):
                part = None if slope is None else term(inputs[i].tangent, slope)
                sums[k] = part if sums[k] is None else sums[k] if part is None else sums[k] + part
    given = [inputs[i].tangent for i in active]
    results = [primal if tangent is None else dual(primal, _fitted(tangent, primal, given, kwargs.get("where", True)), level)
               for primal, tangent in zip(outs, sums)]
    return tuple(results) if isinstance(out, tuple) else results[0]


def _lift_arrays(level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The linear map of the rule, applied to each direction."""
    primals, keywords, tangents = split_arguments(rule, level, args, kwargs, lambda x: x.tangent)
    out = primal_of_call(compute, primals, keywords, rule)
    if not tangents:
        return out
    with np.errstate(all="ignore"):
        k = width(list(tangents.values()))
        pushed = None
        if k is None:
            pushed = rule.push(out, primals, keywords, tangents)
        elif rule.function in DIRECT:
            (tangent,) = tangents.values()
            pushed = DIRECT[rule.function](tangent, *primals[1:], **keywords)
        if pushed is None:
            assert k is not None
            pushed = stack_directions([
                rule.push(out, primals, keywords, {name: direction_of(t, i) for name, t in tangents.items()})
                for i in range(k)])
    result = _wrapped(out, pushed, level)
    if isinstance(result, Dual) and rule.kind == "linear":
        aliasing.note_view(args[0], result)
    return result


def _wrapped(out: Any, tangent: Any, level: int) -> Any:
    """The output's parts with their tangents; a part without one (None) stays plain."""
    if isinstance(out, (list, tuple)):
        parts = [_wrapped(o, t, level) for o, t in zip(out, tangent)]
        return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)
    if tangent is None:
        return out
    out = plain(out)
    if np.shape(tangent) != np.shape(out):
        tangent = _fitted(tangent, out, (), True)
    return dual(out, plain(tangent), level)


def _fitted(tangent: Any, primal: Any, given: Any, where: Any) -> Any:
    """The tangent with its own memory and the primal's shape and dtype."""
    if type(primal) is float and type(tangent) is float:
        return tangent
    shape = np.shape(primal)
    if where is not True:
        mask = np.broadcast_to(where, shape)
        tangent = tangent.fused(lambda t: np.where(mask, t, 0)) if isinstance(tangent, Tangents) else np.where(mask, tangent, 0)
    if not isinstance(primal, np.ndarray) and not (isinstance(primal, Operand) and primal.is_array):
        return plain(tangent)
    if np.shape(tangent) != shape:
        tangent = tangent.broadcast(shape) if isinstance(tangent, Tangents) else np.broadcast_to(tangent, shape).copy()
    elif any(tangent is x for x in given):
        tangent = tangent.copy()
    if getattr(tangent, "dtype", None) != primal.dtype and primal.dtype.kind in "fc" and hasattr(tangent, "astype"):
        tangent = tangent.astype(primal.dtype)
    return plain(tangent)


# ---- making a Dual -------------------------------------------------------------------------------------------------------

def _checked(primal: Any, tangent: Any) -> tuple[Any, Any]:
    """The parts of a user's Dual: own memory, tangent of the primal's shape."""
    if isinstance(primal, Operand) or isinstance(tangent, Operand):
        raise TypeError("the parts of a Dual are plain numbers or arrays; for second derivatives nest dualdiff.derivative, "
                        "whose levels keep the perturbations apart")
    if isinstance(primal, (list, tuple, np.ndarray)):
        primal = np.array(primal)
        if primal.dtype.kind in "iub":
            primal = primal.astype(float)
        if primal.dtype.kind not in "fcO":
            raise TypeError(f"a Dual holds numbers, not an array of dtype {primal.dtype}")
        try:
            tangent = np.broadcast_to(np.asarray(tangent, primal.dtype), primal.shape).copy()
        except ValueError:
            raise ValueError(f"the tangent's shape {np.shape(tangent)} does not fit the primal's {primal.shape}") from None
        return primal, tangent
    if primal is None or isinstance(primal, (str, bytes, dict, set)) or callable(primal):
        raise TypeError(f"a Dual holds numbers, not {type(primal).__name__}")
    if np.ndim(tangent):
        raise ValueError(f"the tangent's shape {np.shape(tangent)} does not fit the scalar primal")
    return plain(primal), plain(tangent)


def _unpickled(primal: Any, tangent: Any, chunk: bool, level: int) -> Dual:
    pass_level(level)
    return dual(primal, Tangents(tangent) if chunk else tangent, level)


def _array_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return np.array2string(value, separator=", ", prefix="Dual(").replace("\n", "\n")
    return repr(value)
