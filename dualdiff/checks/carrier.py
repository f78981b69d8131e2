"""Carrier: mpmath numbers that travel through a user's NumPy code, values only. The oracle for derivatives.

A carrier enters by the same protocols as a dual number, so the function runs unmodified, at whatever precision mpmath is set to;
but no rule of ours computes anything here: elementary and special functions are mpmath's, rearranging and summing is NumPy's own
work on arrays of objects, linear algebra is mpmath's. (A function written with others, of which NumPy has no version for
objects, is run by the recipe of its rule: again values only.) What cannot be had to full precision raises `CarrierError`; never
does a float64 slip in.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from dualdiff.arguments import mapped
from dualdiff.errors import CarrierError
from dualdiff.operand import Operand
from dualdiff.rules.creation import stacked
from dualdiff.rules.table import Composite, Creation, LocallyConstant, find, name_of
from dualdiff.structures import sequence_like

BELOW_ALL = -1  # the level of every carrier: to a dual number it is a constant
REFUSALS = (TypeError, AttributeError, ValueError, NotImplementedError)  # how NumPy says that it cannot do it with objects


class Carrier(NDArrayOperatorsMixin, Operand):
    """An mpmath number, or an object array of them (``primal``). Its dtype is that of the floating-point array it stands for."""

    __slots__ = ("level", "primal")

    def __init__(self, primal: Any) -> None:
        self.primal = primal
        self.level = BELOW_ALL

    # ---- NumPy's protocols ----

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, Operand) and not isinstance(x, Carrier) for x in inputs):
            return NotImplemented
        out, where = kwargs.pop("out", None), kwargs.get("where", True)
        if method == "__call__":
            kwargs.pop("where", None)
        kwargs.pop("dtype", None)
        function = functions().elementwise(ufunc)
        compute = function if method == "__call__" else getattr(function, method)
        result = wrapped(compute(*map(opened, inputs), **opened(kwargs)), ufunc)
        if out is None or all(o is None for o in out):
            return result
        results = result if isinstance(result, tuple) else (result,)
        stored = tuple([_stored(o, r, where if method == "__call__" else True) for o, r in zip(out, results)])
        return stored if isinstance(result, tuple) else stored[0]

    def __array_function__(self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if any(issubclass(t, Operand) and not issubclass(t, Carrier) for t in types):
            return NotImplemented
        out = kwargs.get("out")
        if out is not None:
            return _stored(out, run(function, args, {k: v for k, v in kwargs.items() if k != "out"}), True)
        return run(function, args, kwargs)

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(rule.function, np.ufunc):  # from a function of dualdiff.math: the ufunc comes back by NumPy's protocol
            return rule.function(*args, **kwargs)
        is_custom = getattr(rule.function, "rule", None) is rule  # then the function itself may well take carriers
        return rule.function.__wrapped__(*args, **kwargs) if is_custom else run(rule.function, args, kwargs)

    def constant_like(self, value: Any) -> Carrier:
        return Carrier(functions().precise(value))

    def replace_primal(self, value: Any) -> Any:
        return wrapped(value, np.copy)

    def has_nan(self) -> bool:
        return any(entry != entry for entry in np.ravel(np.asarray(self.primal, object)))

    # ---- elements ----

    @property
    def dtype(self) -> np.dtype[Any]:
        if not self.is_array:  # np.mean of a list of numbers converts its result to this type
            return np.dtype(object)
        return np.dtype(complex if functions().has_complex(self.primal) else float)

    def __getitem__(self, index: Any) -> Any:
        return Carrier(np.asarray(self.primal, object)[opened(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.primal[opened(index)] = functions().precise(opened(value))

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        if np.dtype(dtype).kind in "fcO":
            return Carrier(np.array(self.primal, object)) if self.is_array else Carrier(self.primal)
        return np.asarray(self.primal).astype(dtype)[()]

    def __copy__(self) -> Carrier:
        return self.astype(float)  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: Any) -> Carrier:
        return self.__copy__()

    def __float__(self) -> float:
        raise CarrierError("float(...) would cost an mpmath number its digits")

    def __complex__(self) -> complex:
        raise CarrierError("complex(...) would cost an mpmath number its digits")

    def __repr__(self) -> str:
        return f"Carrier({self.primal!r})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return str(self)


def functions() -> Any:
    """The functions of carriers: with them mpmath is loaded."""
    return importlib.import_module("dualdiff.checks.carried")


def carried(value: Any) -> Carrier:
    """A number or an array as a carrier, digit by digit."""
    return Carrier(functions().precise(value))


def run(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``function`` on the mpmath numbers in carriers: by mpmath, by NumPy on objects, by the recipe of its rule."""
    own = functions().FUNCTIONS.get(function)
    if own is not None:
        return wrapped(own(*opened(args), **opened(kwargs)), function)
    rule = _rule_of(function)
    keywords = dict(kwargs)
    if keywords.get("dtype") is not None and np.dtype(keywords["dtype"]).kind in "fc":
        del keywords["dtype"]
    try:
        return wrapped(function(*opened(args), **opened(keywords)), function)
    except REFUSALS as error:
        if isinstance(rule, (Composite, Creation)) and rule.recipe is not None:
            return rule.recipe(*args, **kwargs)
        if isinstance(rule, LocallyConstant):  # it is so for the rounded numbers too
            return function(*functions().rounded(opened(args)), **functions().rounded(opened(kwargs)))
        raise CarrierError(f"{name_of(function)} is not available for mpmath numbers: {error}") from error


def _rule_of(function: Callable[..., Any]) -> Any:
    try:
        return find(function)
    except TypeError:
        return None


def opened(value: Any) -> Any:
    """``value`` with its carriers replaced by mpmath numbers and object arrays, in lists, tuples and dicts too."""
    def primal(operand: Any) -> Any:
        if not isinstance(operand, Carrier):
            raise CarrierError(f"a {type(operand).__name__} cannot be mixed into a list of mpmath numbers")
        return operand.primal

    if isinstance(value, np.ndarray) and value.dtype == object and value.size and isinstance(value.flat[0], Carrier):
        return stacked(value).primal
    return mapped(value, primal)


def wrapped(value: Any, function: Any) -> Any:
    """Results of a function as carriers; truth values, indices and the like as they are; a float among them is an error."""
    if isinstance(value, (tuple, list)):
        return sequence_like(value, [wrapped(part, function) for part in value])
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind in ("f", "c") or isinstance(value, (float, complex)):
        raise CarrierError(f"{name_of(function)} answered in double precision")
    if kind == "O" or functions().is_precise(value):
        return functions().sealed(value, Carrier)
    return value


def _stored(out: Any, result: Any, where: Any) -> Any:
    if out is None or (isinstance(out, Carrier) and not out.is_array):
        return result
    if not isinstance(out, Carrier):
        raise CarrierError("a plain array cannot hold mpmath numbers")
    if where is True:
        out[...] = result
    else:
        mask = np.broadcast_to(where, np.shape(out))
        out.primal[mask] = np.broadcast_to(np.asarray(opened(result), object), np.shape(out))[mask]
    return out
