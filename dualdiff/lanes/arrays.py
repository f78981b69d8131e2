"""The short ways of arrays of doubles: in as few calls, and as few ways through memory, as there can be.

Of arrays that fit into the cache the calls cost more than the arithmetic; of larger ones memory does, and they are gone through
block by block, value and tangent together. The formulas of the operators are those of the table, in the same order of operations,
so that the last bit is the same; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.lanes.chunks import chunk_at_once
from dualdiff.levels import USER
from dualdiff.memory import DOUBLE, LARGE, POOL, ZERO, computed, no_tangent
from dualdiff.partials import BLOCK
from dualdiff.quiet import noting, quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan
from dualdiff.tangents import Tangents

# ---- + − × ÷ -------------------------------------------------------------------------------------------------------------
#
# The tangent of out = x ∘ y, where x and y have the tangents t and s, None for a constant: in memory a, b being for a second term.


def _sum(out: Any, x: Any, t: Any, y: Any, s: Any, a: Any, b: Any) -> Any:
    return np.add(t, s, a)


def _difference(out: Any, x: Any, t: Any, y: Any, s: Any, a: Any, b: Any) -> Any:
    return np.subtract(t, s, a)


def _product(out: Any, x: Any, t: Any, y: Any, s: Any, a: Any, b: Any) -> Any:
    if s is None:
        return np.multiply(t, y, a)
    if t is None:
        return np.multiply(s, x, a)
    total = np.multiply(t, y, a)
    return np.add(total, total if x is y and t is s else np.multiply(s, x, b), total)


def _quotient(out: Any, x: Any, t: Any, y: Any, s: Any, a: Any, b: Any) -> Any:
    if t is None:
        slope = np.divide(out, y, a)
        return np.negative(np.multiply(s, slope, slope), slope)
    total = np.divide(1.0, y, a) if type(y) is np.ndarray else np.divide(1.0, y)
    total = np.multiply(t, total, a if type(total) is not np.ndarray else total)
    if s is None:
        return total
    slope = np.divide(out, y, b)
    return np.subtract(total, np.multiply(s, slope, slope), total)


FORMULAS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.add: _sum, np.subtract: _difference, np.multiply: _product, np.divide: _quotient}


def arithmetic_at_once(cls: Any, level: int, rule: Elementwise, left: Any, right: Any) -> Any:
    """An operator on two arrays of doubles of one shape and layout, or on one and a number. None where something is otherwise."""
    x, t = (left.primal, left.tangent) if type(left) is cls and left.level == level else (left, None)
    y, s = (right.primal, right.tangent) if type(right) is cls and right.level == level else (right, None)
    array, other = (x, y) if type(x) is np.ndarray else (y, x)
    if type(array) is float or type(array) is int:
        return chunk_at_once(cls, level, rule, x, t, y, s)
    if type(array) is not np.ndarray or array.dtype is not DOUBLE or not array.size or not array.ndim:
        return None
    kind = type(other)
    if kind is np.ndarray:
        if other.dtype is not DOUBLE or other.shape != array.shape or other.strides != array.strides:
            return None
    elif kind is not float and kind is not int:
        return None
    t, s = _moving(t), _moving(s)
    if t is NotImplemented or s is NotImplemented:
        return None
    ufunc, formula = rule.function, FORMULAS[rule.function]
    is_sum = formula is _sum or formula is _difference
    if t is None and s is None:
        out = computed(ufunc, (x, y))
        return cls.make(out, no_tangent(out), level)
    if is_sum and (t is None or s is None):
        return _sum_with_constant(cls, level, ufunc, x, y, left if s is None else right, t if s is None else s,
                                  formula is _difference and t is None)
    if array.nbytes < LARGE:
        out = ufunc(x, y)
        tangent = quietly(formula, out, x, t, y, s, None, None)
        suspect = not is_sum and has_nan(tangent)
    elif not array.flags.forc:
        return None
    elif array.size <= BLOCK:
        out = ufunc(x, y, out=POOL.empty_like(array))
        more = None if t is None or s is None else POOL.empty_like(array)
        tangent = quietly(formula, out, x, t, y, s, POOL.empty_like(array), more)
        suspect = not is_sum and has_nan(tangent)
    elif np.geterr()["under"] == "ignore" and not any(
            type(tangent) is np.ndarray and tangent.strides != array.strides for tangent in (t, s)):
        out, tangent, suspect = _in_blocks(ufunc, formula, array, x, t, y, s, not is_sum)
    else:
        return None
    if suspect:  # a nan perhaps from 0 × inf, where the zero wins
        return cls._lift_elementwise(level, rule, lambda *_: out, (left, right), {})
    return cls.make(out, tangent, level)


def _moving(tangent: Any) -> Any:
    """An array or a number; None for no tangent and for one that is zero; NotImplemented for one of another kind."""
    kind = type(tangent)
    if kind is np.ndarray:
        return None if tangent.base is ZERO else tangent
    if kind is float:
        return tangent or None
    return None if tangent is None else NotImplemented


def _sum_with_constant(cls: Any, level: int, ufunc: Any, x: Any, y: Any, moving: Any, tangent: Any, turned: bool) -> Any:
    """A sum in which one of the two moves: it has that tangent, turned about where it is subtracted from a constant."""
    if type(tangent) is not np.ndarray or not (turned or may_be_shared(moving, tangent)):
        return None
    out = computed(ufunc, (x, y))
    return cls.make(out, np.negative(tangent, None if out.nbytes < LARGE else POOL.empty_like(out)) if turned else tangent, level)


def may_be_shared(owner: Any, tangent: Any) -> bool:
    """Whether another operand may have the same tangent: if no views of it can be written to. From now on it is read-only."""
    if owner.level == USER or hasattr(owner, "family"):
        return False
    block = tangent.held if type(tangent) is Tangents else tangent
    if type(block) is not np.ndarray or block.dtype != owner.primal.dtype:
        return False
    block.flags.writeable = False
    return True


def _in_blocks(ufunc: Any, formula: Any, array: Any, x: Any, t: Any, y: Any, s: Any, looks: bool) -> tuple[Any, Any, bool]:
    """Value and tangent together, and (``looks``) whether there is a nan in the latter: each finds in the cache what it needs.

    The value is the same to the last bit, because these four are rounded correctly; its warnings are given once, by computing it
    as a whole where there are any.
    """
    out, tangent = POOL.empty_like(array), POOL.empty_like(array)
    flat = [part.ravel(order="K") if type(part) is np.ndarray else part for part in (x, t, y, s, out, tangent)]
    scratch = POOL.empty_like(flat[4][:BLOCK])
    errors: list[str] = []
    audibly = noting(errors)

    def go() -> bool:
        found = False
        for start in range(0, array.size, BLOCK):
            here = slice(start, start + BLOCK)
            x, t, y, s, out, tangent = [part[here] if type(part) is np.ndarray else part for part in flat]
            audibly(ufunc, x, y, out)
            formula(out, x, t, y, s, tangent, scratch[:len(out)])
            found = found or (looks and has_nan(tangent))
        return found

    suspect = quietly(go)
    if errors:
        ufunc(x, y, out=out)
    return out, tangent, suspect


# ---- functions of one array ----------------------------------------------------------------------------------------------

def function_at_once(cls: Any, rule: Elementwise, ufunc: np.ufunc, x: Any) -> Any:
    """A function of an array of doubles. None where something is otherwise."""
    at, along = x.primal, x.tangent
    if at.dtype is not DOUBLE or not 0 < at.size <= BLOCK or not at.ndim or rule.partials[0] == 1:
        return None
    if type(along) is not np.ndarray:
        return None
    out = computed(ufunc, (at,))
    if along.base is ZERO and out.dtype is DOUBLE:
        return cls.make(out, no_tangent(out), x.level)
    tangent = quietly(_of_function, rule, out, at, along) if out.dtype is DOUBLE else None
    if tangent is None or has_nan(tangent):
        return cls._lift_elementwise(x.level, rule, lambda *_: out, (x,), {})
    return cls.make(out, tangent, x.level)


def _of_function(rule: Elementwise, out: Any, at: Any, along: Any) -> Any:
    slope = rule.partial(0, np, out, (at,))
    memory = None if out.nbytes < LARGE else POOL.empty_like(out)
    if type(slope) is np.ndarray and slope.dtype is DOUBLE:
        own = memory is None and slope is not out and slope is not at and slope.base is None
        return np.multiply(along, slope, slope if own else memory)
    if type(slope) is not int and type(slope) is not float:
        return None
    return np.negative(along, memory) if slope == -1 else np.multiply(along, slope, memory)
