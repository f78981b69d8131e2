"""Forward mode on any function: how an operand with a primal and a tangent goes through the rules of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from dualdiff import aliasing
from dualdiff.arguments import is_rounded, operands, split_arguments
from dualdiff.calls import as_precise, primal_of_call
from dualdiff.numbers import base, floats, namespace, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.partials import accumulated, summed
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan
from dualdiff.tangents import DIRECT, Tangents, as_chunk, direction_of, stack_directions, width

Self = TypeVar("Self", bound="Forward")


class Forward(Operand):
    """An operand that carries a tangent: of the primal's shape and dtype, with memory of its own."""

    __slots__ = ("__weakref__", "family", "level", "primal", "tangent")

    primal: Any
    tangent: Any
    level: int
    family: aliasing.Family  # set when a view is made

    @classmethod
    def make(cls, primal: Any, tangent: Any, level: int) -> Any:
        """An operand from its parts, taken as they are."""
        raise NotImplementedError

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        lifted = cls._lift_elementwise if isinstance(rule, Elementwise) else cls._lift_arrays
        return lifted(level, rule, compute, args, kwargs)

    @classmethod
    def _lift_elementwise(cls, level: int, rule: Elementwise, compute: Callable[..., Any], inputs: tuple[Any, ...],
                          kwargs: dict[str, Any]) -> Any:
        """The sum of partial × tangent over the inputs of ``level``."""
        active = [(i, x.tangent) for i, x in enumerate(inputs) if type(x) is cls and x.level == level]
        primals = tuple([x.primal if type(x) is cls and x.level == level else x for x in inputs])
        xp = namespace(*primals)
        if xp is np and (compute is rule.function or not kwargs):
            out = compute(*primals, **kwargs)
        else:
            out = primal_of_call(compute, primals, kwargs, rule)
        if isinstance(out, tuple):
            return cls._lift_several(level, rule, tuple(map(plain, out)), active, primals, kwargs)
        out = plain(out)
        if type(out) is float and xp is not floats:  # a NumPy double among floats, or 2 ** Fraction(1, 2)
            xp, primals = floats, tuple(map(plain, primals))
            active = [(i, float(t) if isinstance(t, np.floating) else t) for i, t in active]  # of float32 beside a double
        if len(primals) > 1 or kwargs:
            primals = as_precise(primals, out, rule)
        with np.errstate(all="ignore"):  # an infinite derivative speaks for itself; warnings are about the primal
            total = summed(rule, xp, out, primals, active)
        return cls._finished(out, total, active, kwargs.get("where", True), level)

    @classmethod
    def _lift_several(cls, level: int, rule: Elementwise, out: tuple[Any, ...], active: list[tuple[int, Any]],
                      primals: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A function with several outputs: partials come as tuples."""
        primals = as_precise(primals, out[0], rule)
        xp = namespace(*primals)
        sums: list[Any] = [None] * len(out)
        with np.errstate(all="ignore"):
            for i, tangent in active:
                slopes = on_floats(rule, i, out, primals) if xp is floats else rule.partial(i, xp, out, primals)
                for k, slope in enumerate(slopes):
                    if slope is not None:
                        sums[k] = accumulated(sums[k], tangent, slope, (*primals, *out))
        where = kwargs.get("where", True)
        return tuple([cls._finished(part, total, active, where, level) for part, total in zip(out, sums)])

    @classmethod
    def _finished(cls, primal: Any, tangent: Any, given: list[tuple[int, Any]], where: Any, level: int) -> Any:
        return primal if tangent is None else cls.make(primal, fitted(tangent, primal, given, where), level)

    @classmethod
    def _lift_arrays(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...],
                     kwargs: dict[str, Any]) -> Any:
        """The linear map of the rule, applied to each direction."""
        primals, keywords, tangents = split_arguments(rule, level, args, kwargs, lambda x: x.tangent)
        out = primal_of_call(compute, primals, keywords, rule)
        if not tangents or is_rounded(out, args, kwargs):
            return out
        with np.errstate(all="ignore"):
            k = width(list(tangents.values()))
            pushed = None
            if k is None:
                pushed = rule.push(out, primals, keywords, tangents)
            elif rule.function in DIRECT and primals and [*tangents] == [*rule.positions][:1]:  # in the first argument alone
                (tangent,) = tangents.values()
                pushed = DIRECT[rule.function](tangent, *primals[1:], **keywords)
            elif getattr(rule, "stacked", False):
                pushed = as_chunk(rule.push(out, primals, keywords, {name: t.block for name, t in tangents.items()}))
            if pushed is None:
                assert k is not None
                pushed = stack_directions([
                    rule.push(out, primals, keywords, {name: direction_of(t, i) for name, t in tangents.items()})
                    for i in range(k)])
        result = cls._wrapped(out, pushed, level)
        if isinstance(result, Forward):
            if rule.kind == "linear":
                aliasing.match_view(args[0] if args else kwargs[next(iter(rule.positions))], result)
            elif result.is_array and (aliasing.may_be_view(result) or any(out is x for x in primals)):
                for x in operands((args, kwargs)):
                    if x.level == level:
                        aliasing.match_view(x, result)
        return result

    @classmethod
    def _wrapped(cls, out: Any, tangent: Any, level: int) -> Any:
        """The output's parts with their tangents; a part without one (None) stays plain."""
        if isinstance(out, (list, tuple)):
            parts = [cls._wrapped(o, t, level) for o, t in zip(out, tangent)]
            return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)
        if tangent is None:
            return out
        out = plain(out)
        if type(out) is not float and (np.shape(tangent) != np.shape(out) or not is_alike(tangent, out)):
            tangent = fitted(tangent, out, (), True)
        return cls.make(out, plain(tangent), level)

    def constant_like(self, value: Any) -> Any:
        k = len(self.tangent) if isinstance(self.tangent, Tangents) else None
        zero = np.zeros(value.shape if k is None else (k, *value.shape), value.dtype)
        return self.make(value, zero if k is None else Tangents(zero), self.level)

    def replace_primal(self, value: Any) -> Any:
        tangent = fitted(self.tangent, value, (), True)
        if hasattr(self, "family") and not np.may_share_memory(base(self.primal), base(value)):  # NumPy copies, the recipe did not
            return self.make(value, tangent.copy() if hasattr(tangent, "copy") else tangent, self.level)
        self.primal, self.tangent = value, tangent
        return self

    def has_nan(self) -> bool:
        return has_nan(self.primal) or has_nan(self.tangent)

    # ---- elements ----

    def __getitem__(self, index: Any) -> Any:
        if not self.is_array:
            if index is ... or index == ():
                return self
            parts = index if isinstance(index, tuple) else (index,)
            if all(part is None or part is ... for part in parts):  # new axes, as for a NumPy scalar
                return np.reshape(self, (1,) * parts.count(None))
            raise TypeError(f"a scalar {type(self).__name__} has no elements")
        result = self.make(plain(self.primal[index]), plain(self.tangent[index]), self.level)
        if result.is_array:
            aliasing.note_view(self, result)
        elif isinstance(result.tangent, Tangents):
            result.tangent = result.tangent.copy().with_rows()  # a scalar is a value: it does not change when the array does
        return result

    def __setitem__(self, index: Any, value: Any) -> None:
        aliasing.assign(self, index, value)


def is_alike(tangent: Any, primal: Any) -> bool:
    """Whether a tangent is of the primal's dtype, if that is an inexact one of NumPy's."""
    dtype = getattr(primal, "dtype", None)
    return dtype is None or dtype.kind not in "fc" or getattr(tangent, "dtype", None) == dtype


def fitted(tangent: Any, primal: Any, given: Sequence[tuple[int, Any]], where: Any) -> Any:
    """The tangent with its own memory (not that of one of the ``given``) and the primal's shape and dtype."""
    if type(primal) is float and type(tangent) is float:
        return tangent
    if where is not True:
        mask = np.broadcast_to(where, np.shape(primal))
        if isinstance(tangent, Tangents):
            tangent = tangent.fused(lambda t, chosen: np.where(chosen, t, 0), mask)
        else:
            tangent = np.where(mask, tangent, 0)
    if type(primal) is not np.ndarray and not (isinstance(primal, np.ndarray) or (isinstance(primal, Operand) and primal.is_array)):
        if isinstance(tangent, Tangents):  # perhaps those of an array without dimensions, which may be written to
            if not is_alike(tangent, primal):
                return tangent.astype(primal.dtype)
            return tangent.copy() if any(tangent is x for _, x in given) else tangent
        is_array = type(tangent) is np.ndarray or (isinstance(tangent, Operand) and tangent.is_array)
        tangent = tangent[()] if is_array and not np.ndim(tangent) else tangent
        return plain(tangent if is_alike(tangent, primal) else np.positive(tangent, dtype=primal.dtype))
    shape = primal.shape
    if getattr(tangent, "shape", ()) != shape:
        tangent = tangent.broadcast(shape) if isinstance(tangent, Tangents) else np.broadcast_to(tangent, shape).copy()
    else:
        for _, x in given:
            if tangent is x:
                tangent = tangent.copy() if isinstance(tangent, Tangents) else tangent.copy(order="K")
                break
    if not hasattr(tangent, "dtype"):  # a number, and the primal a 0-d array
        tangent = np.asarray(tangent)
    if tangent.dtype != primal.dtype and primal.dtype.kind in "fc":
        tangent = tangent.astype(primal.dtype)
    return tangent
