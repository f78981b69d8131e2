"""The short ways of + − × ÷ with arrays of doubles: in as few calls, and as few ways through memory, as there can be.

Of arrays that fit into the cache the calls cost more than the arithmetic; of larger ones memory does, and they are gone through
block by block, value and tangent together. The formulas of the operators are those of the table, in the same order of operations,
so that the last bit is the same; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import float64, ndarray

from dualdiff.construction import empty
from dualdiff.lanes.chunks import of_two_in_chunks
from dualdiff.memory import DOUBLE, POOL, SMALL, ZERO, computed, no_tangent
from dualdiff.partials import BLOCK
from dualdiff.quiet import IGNORE, STATE, noting, quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import is_marred
from dualdiff.tangents import Tangents, may_be_shared

# ---- + − × ÷ -------------------------------------------------------------------------------------------------------------
#
# The tangent of out = x ∘ y, where x and y have the tangents t and s, None for a constant: in memory a, with b for a second term.
# Only a quotient's tangent needs the value. The others are formed first, with the memory of the value to come for b.


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
    if s is None:
        return np.divide(t, y, a)
    if t is None:
        total = np.multiply(s, out, a)
        np.negative(total, total)
    else:
        slope = np.multiply(s, out, b)
        total = np.subtract(t, slope, slope if a is None else a)
    return np.divide(total, y, total)


FORMULAS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.add: _sum, np.subtract: _difference, np.multiply: _product, np.divide: _quotient}


Operator = Callable[[Any, Any], Any]
"""``left ∘ right``, of which one is a dual array, or both are."""


def of_two_arrays(cls: Any, rule: Elementwise, otherwise: Operator) -> Operator:
    """An operator on two arrays of doubles, or on one and a number: made once from its rule. ``otherwise`` on everything else."""
    new, ufunc, formula = empty(cls), rule.function, FORMULAS[rule.function]
    is_difference, is_quotient = formula is _difference, formula is _quotient
    is_sum = is_difference or formula is _sum
    in_chunks = of_two_in_chunks(cls, rule)

    def operate(left: Any, right: Any) -> Any:
        t = s = None
        if type(left) is cls:
            x, t, level = left.primal, left.tangent, left.level
            if type(right) is not cls:
                y = right
            elif right.level == level:
                y, s = right.primal, right.tangent
            else:
                return otherwise(left, right)
        else:
            x, y, s, level = left, right.primal, right.tangent, right.level
        array, other = (x, y) if type(x) is ndarray and (x.ndim or type(y) is not ndarray) else (y, x)
        kind, shape, size = type(other), array.shape, array.size
        if array.dtype is not DOUBLE or not shape or not size:
            return otherwise(left, right)
        if kind is ndarray:
            if other.dtype is not DOUBLE:
                return otherwise(left, right)
            if other.shape != shape or (len(shape) > 1 and other.strides != array.strides):
                result = broadcast(level, x, t, y, s, left, right)
                return otherwise(left, right) if result is None else result
        elif kind is not float and kind is not int and kind is not float64:
            return otherwise(left, right)
        if t is not None and (type(t) is not ndarray or t.base is ZERO):
            t = _number(t)
        if s is not None and (type(s) is not ndarray or s.base is ZERO):
            s = _number(s)
        if type(t) is Tangents or type(s) is Tangents:
            result = in_chunks(level, x, t, y, s, left, right)
            return otherwise(left, right) if result is None else result
        if t is NotImplemented or s is NotImplemented:
            return otherwise(left, right)
        if t is None and s is None:
            out = computed(ufunc, (x, y))
            return cls.make(out, no_tangent(out), level)
        if is_sum and (t is None or s is None):
            result = sum_with_constant(level, x, y, left if s is None else right, t if s is None else s, t is None)
            return otherwise(left, right) if result is None else result
        looks = not is_sum and (kind is ndarray or (s if array is x else t) is not None or not _is_tame(other)
                                or (is_quotient and array is y))
        if size < SMALL:
            out = ufunc(x, y) if is_quotient else None
            token = STATE.set(IGNORE)  # as in `quietly`, in fewer calls
            try:
                tangent = formula(out, x, t, y, s, None, None)
                suspect = looks and is_marred(tangent)
            finally:
                STATE.reset(token)
            if not is_quotient:
                out = ufunc(x, y)
        else:
            if not array.flags.forc:
                return otherwise(left, right)
            work = in_buffers if size <= BLOCK else in_blocks
            if work is in_blocks and (np.geterr()["under"] != "ignore" or any(
                    type(tangent) is ndarray and tangent.strides != array.strides for tangent in (x, t, y, s))):
                return otherwise(left, right)
            out, tangent, suspect = work(array, x, t, y, s, looks)
        if suspect:  # a nan perhaps from 0 × inf, where the zero wins
            return cls._lift_elementwise(level, rule, lambda *_: out, (left, right), {})
        result = new()
        result.primal = out
        result.tangent = tangent
        result.level = level
        return result

    def looked_at(out: Any, x: Any, t: Any, y: Any, s: Any, a: Any, b: Any, looks: bool) -> tuple[Any, bool]:
        """The tangent, and whether there is a nan in it."""
        tangent = formula(out, x, t, y, s, a, b)
        return tangent, looks and is_marred(tangent)

    def broadcast(level: int, x: Any, t: Any, y: Any, s: Any, left: Any, right: Any) -> Any:
        """Small arrays of two shapes, or layouts. None where something is otherwise."""
        if y.size == 0 or x.size >= SMALL or y.size >= SMALL:
            return None
        for tangent in (t, s):
            if tangent is not None and (type(tangent) is not ndarray or tangent.base is ZERO):
                return None
        if is_sum and (t is None or s is None):
            return None
        out = ufunc(x, y)
        tangent, suspect = quietly(looked_at, out, x, t, y, s, None, None, not is_sum)
        if suspect:
            return cls._lift_elementwise(level, rule, lambda *_: out, (left, right), {})
        return cls.make(out, tangent, level)

    def sum_with_constant(level: int, x: Any, y: Any, moving: Any, tangent: Any, is_second: bool) -> Any:
        """A sum in which one of the two moves: it has that tangent, turned about where it is subtracted from a constant.

        None where the tangent cannot be shared.
        """
        turned = is_difference and is_second
        if type(tangent) is not ndarray or not (turned or may_be_shared(moving, tangent)):
            return None
        out = computed(ufunc, (x, y))
        if turned:
            tangent = np.negative(tangent, None if out.size < SMALL else POOL.empty_like(out))
        return cls.make(out, tangent, level)

    def in_buffers(array: Any, x: Any, t: Any, y: Any, s: Any, looks: bool) -> tuple[Any, Any, bool]:
        """Value and tangent in memory from the pool, and whether there is a nan in the tangent, where it ``looks`` for one."""
        out = b = POOL.empty_like(array)
        a = POOL.empty_like(array)
        if is_quotient:
            if t is not None and s is not None:
                b = POOL.empty_like(array)
            ufunc(x, y, out)
        tangent, suspect = quietly(looked_at, out, x, t, y, s, a, b, looks)
        if not is_quotient:
            ufunc(x, y, out)
        return out, tangent, suspect

    def in_blocks(array: Any, x: Any, t: Any, y: Any, s: Any, looks: bool) -> tuple[Any, Any, bool]:
        """The same, both together in each block: each finds in the cache what it needs.

        The value is the same to the last bit, because these four are rounded correctly; its warnings are given once, by computing
        it as a whole where there are any.
        """
        out, tangent = POOL.empty_like(array), POOL.empty_like(array)
        flat = [part.ravel(order="K") if type(part) is ndarray else part for part in (x, t, y, s, out, tangent)]
        scratch = POOL.empty_like(flat[4][:BLOCK]) if is_quotient else None
        errors: list[str] = []
        audibly = noting(errors)

        def go() -> bool:
            found = False
            for start in range(0, array.size, BLOCK):
                here = slice(start, start + BLOCK)
                x, t, y, s, out, tangent = [part[here] if type(part) is ndarray else part for part in flat]
                if is_quotient:
                    audibly(ufunc, x, y, out)
                b = out if scratch is None else scratch[:len(out)]
                found = looked_at(out, x, t, y, s, tangent, b, looks and not found)[1] or found
                if not is_quotient:
                    audibly(ufunc, x, y, out)
            return found

        suspect = quietly(go)
        if errors:
            ufunc(x, y, out=out)
        return out, tangent, suspect

    return operate


def _number(tangent: Any) -> Any:
    """A tangent that is no array, or one of zeros: a number, or a chunk; None for zero, NotImplemented for one of another kind."""
    if type(tangent) is float:
        return tangent or None
    return None if type(tangent) is ndarray else tangent if type(tangent) is Tangents else NotImplemented


def _is_tame(factor: float) -> bool:
    """Whether a product with a number, or a quotient by it, has a partial that is finite: then there is no 0 × inf to look for."""
    return 1e-300 < abs(factor) < 1e300
