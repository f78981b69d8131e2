"""The tangent of an elementwise function: the sum of partial × tangent over its inputs.

Large arrays are bound by memory, not by arithmetic. Their partials are therefore never built whole: the sum is formed block by
block, each small enough for its partials and products to stay in the cache. The values themselves are always computed by one
call of the user's function, so that they are bitwise what it computes.
"""

from __future__ import annotations

import contextvars
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.memory import LARGE, POOL
from dualdiff.numbers import floats, on_floats
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan, term
from dualdiff.tangents import Tangents

BLOCK = 12288  # entries: 96 kB for each array of doubles, of which an operation touches about six

Active = list[tuple[int, Any]]
"""The inputs that have tangents: position, tangent."""

_QUIET = contextvars.Context()
_QUIET.run(np.seterr, all="ignore")


def quietly(function: Callable[..., Any], *args: Any) -> Any:
    """``function(*args)`` without RuntimeWarnings: they are about primals; an infinite derivative speaks for itself.

    NumPy keeps its error state in the context, and entering one costs a tenth of entering ``np.errstate``. Only for work on
    doubles: what else is in the user's context, such as decimal's precision, is not in this one.
    """
    return _QUIET.copy().run(function, *args)


def summed(rule: Elementwise, xp: Any, out: Any, primals: tuple[Any, ...], active: Active) -> Any:
    """Σ partialᵢ × tangentᵢ of a function with one output; None where every partial is locally constant."""
    total: Any = None
    for i, tangent in active:
        slope = on_floats(rule, i, out, primals) if xp is floats else rule.partial(i, xp, out, primals)
        if slope is not None:
            total = accumulated(total, tangent, slope, (*primals, out))
    return total


def accumulated(total: Any, tangent: Any, slope: Any, kept: tuple[Any, ...]) -> Any:
    """``total`` + tangent × slope, in memory that nobody else has seen where there is some; ``kept`` are the primals."""
    own = type(slope) is np.ndarray and slope.base is None
    if own:
        for x in kept:
            if slope is x:
                own = False
    part = term(tangent, slope, own)
    if total is None:
        return part
    if (part is not tangent and type(part) is np.ndarray is type(total) and part.shape == total.shape
            and part.dtype == total.dtype):
        return np.add(total, part, out=part)
    return total + part


# ---- arrays of floats ----------------------------------------------------------------------------------------------------

_OPERATORS = frozenset((operator.add, operator.sub, operator.mul, operator.truediv, operator.neg))  # the ufuncs and no more


def computed(rule: Elementwise, compute: Callable[..., Any], primals: tuple[Any, ...]) -> Any:
    """``compute(*primals)``, large results in memory that is used again."""
    first = primals[0] if type(primals[0]) is np.ndarray else primals[1]
    if first.nbytes < LARGE or not _fills(rule, compute) or any(
            type(x) is np.ndarray and (x.shape != first.shape or x.dtype != float) for x in primals):
        return compute(*primals)
    return rule.function(*primals, POOL.empty_like(first))


def _fills(rule: Elementwise, compute: Callable[..., Any]) -> bool:
    """Whether ``rule.function`` with memory given gives what ``compute`` would: doubles for doubles."""
    return compute in _OPERATORS or (compute is rule.function and isinstance(compute, np.ufunc)
                                     and f"{'d' * compute.nin}->d" in compute.types)


def summed_on_arrays(rule: Elementwise, out: np.ndarray[Any, Any], primals: tuple[Any, ...], active: Active) -> Any:
    """`summed` where the primals are numbers and arrays of the dtype of ``out``: new memory of the shape of ``out``.

    None where a tangent is neither a number nor such an array, or a chunk of them.
    """
    dtype, k, terms = out.dtype, 0, []
    for i, tangent in active:
        kind = type(tangent)
        if kind is Tangents:
            tangent = tangent.aligned(out.ndim)
            k = len(tangent)
        if not (type(tangent) is np.ndarray and tangent.dtype is dtype) and (k or kind is not float):
            return None
        terms.append((i, tangent))
    result = POOL.empty_like(out, k)
    if out.size <= BLOCK or not _alike(result, k, out, primals, terms):
        scratch = POOL.empty_like(out, k) if len(terms) > 1 else None
        quietly(_sum_into, result, scratch, k, rule, out, primals, terms)
    else:
        quietly(_sum_in_blocks, result, k, rule, out, primals, terms)
    return Tangents(result) if k else result


def _sum_into(result: Any, scratch: Any, k: int, rule: Elementwise, out: Any, primals: tuple[Any, ...], terms: Active) -> None:
    """Write the sum into ``result``; ``k`` is the number of directions of a chunk, 0 without."""
    first, suspect = True, False
    for i, tangent in terms:
        slope = rule.partial(i, np, out, primals)
        kind = type(slope)
        if kind is int and slope == 0:
            if first:
                result.fill(0)
        elif kind is int and slope * slope == 1:
            if not first:
                (np.add if slope == 1 else np.subtract)(result, tangent, result)
            elif slope == 1:
                np.copyto(result, tangent)
            else:
                np.negative(tangent, result)
        elif kind is np.ndarray and slope.dtype.kind == "b":  # a branch is picked
            if first:
                result.fill(0)
            np.add(result, tangent, result, where=slope)
        else:
            suspect = True
            if first:
                np.multiply(tangent, slope, result)
            else:
                np.add(result, np.multiply(tangent, slope, scratch), result)
        first = False
    if suspect and has_nan(result):  # perhaps from 0 × inf, where the zero wins
        total = summed(rule, np, out, primals, [(i, Tangents(t)) for i, t in terms] if k else terms)
        result[...] = total.block if k else total


def _alike(result: Any, k: int, out: Any, primals: tuple[Any, ...], terms: Active) -> bool:
    """Whether all arrays lie in memory entry by entry like the output, so that a block of each is a slice."""
    strides = out.strides
    if not (out.flags.c_contiguous or (out.flags.f_contiguous and not k)):
        return False
    for x in primals:
        if type(x) is np.ndarray and (x.strides != strides or x.shape != out.shape):
            return False
    for _, tangent in terms:
        if type(tangent) is np.ndarray and tangent.size != k and (
                tangent.shape != result.shape or (tangent.strides[1:] if k else tangent.strides) != strides):
            return False
    return True


def _sum_in_blocks(result: Any, k: int, rule: Elementwise, out: Any, primals: tuple[Any, ...], terms: Active) -> None:
    size = max(BLOCK // k, 2048) if k else BLOCK
    flat_result, flat_out = _flat(result, k), _flat(out, 0)
    flat_primals = [_flat(x, 0) for x in primals]
    flat_terms = [(i, _flat(tangent, k)) for i, tangent in terms]
    scratch = np.empty((k, size) if k else size, out.dtype)
    for start in range(0, out.size, size):
        here = slice(start, start + size)
        target = flat_result[..., here]
        _sum_into(target, scratch[..., :target.shape[-1]], k, rule, flat_out[here],
                  tuple([x[here] if type(x) is np.ndarray else x for x in flat_primals]),
                  [(i, tangent[..., here] if type(tangent) is np.ndarray and tangent.size != k else tangent)
                   for i, tangent in flat_terms])


def _flat(x: Any, k: int) -> Any:
    """A view with one axis, after that of the directions; numbers as they are."""
    if type(x) is not np.ndarray:
        return x
    return x.reshape(k, -1) if k else x.ravel(order="K")
