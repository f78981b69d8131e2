"""The short ways of chunks: floats, and arrays of doubles, that have k tangents in one block.

Of blocks that fit into the cache the calls cost more than the arithmetic; larger ones `dualdiff.partials` takes through it piece
by piece. Only the rows of a block that are not zero are computed: few directions touch what an input has just entered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy import ndarray

from dualdiff.memory import DOUBLE, SMALL
from dualdiff.numbers import DOUBLES
from dualdiff.quiet import quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan
from dualdiff.tangents import Rows, Tangents, may_be_shared

EXACT = 2**53  # whole numbers below are doubles


# ---- floats --------------------------------------------------------------------------------------------------------------

def floats_in_chunks(cls: Any, ufunc: Callable[..., Any], level: int, x: Any, t: Any, y: Any, s: Any) -> Any:
    """An operator on two floats with tangents t and s, None for a constant. None where something is otherwise."""
    if (type(x) is not float and type(x) is not int) or (type(y) is not float and type(y) is not int):
        return None
    for tangent in (t, s):
        if tangent is not None and (type(tangent) is not Tangents or getattr(tangent.held, "dtype", None) is not DOUBLE):
            return None
    if ufunc is np.multiply:
        out, of_x, of_y = x * y, y, x
    elif ufunc is np.add:
        out, of_x, of_y = x + y, 1, 1
    elif ufunc is np.subtract:
        out, of_x, of_y = x - y, 1, -1
    elif y:
        out = x / y
        of_x, of_y = 1, -out  # and the sum is divided
    else:
        return None
    divisor = y if ufunc is np.divide else None
    if s is None:
        (held, rows), width = t.parts(), len(t)
        total = quietly(_scaled, held, of_x, divisor)
    elif t is None:
        (held, rows), width = s.parts(), len(s)
        total = quietly(_scaled, held, of_y, divisor)
    else:
        (ours, rows), (theirs, others), width = t.parts(), s.parts(), len(t)
        if len(s) != width:
            return None
        if rows != others:
            ours, theirs, rows = _dense(ours, rows, width), _dense(theirs, others, width), None
        total = quietly(_summed, ours, of_x, theirs, of_y, divisor)
    return None if total is None else cls.make(out, Tangents(total, rows, width), level)


def _scaled(held: Any, slope: float, divisor: float | None) -> Any:
    """None if there is a nan, perhaps from 0 × inf, where the zero wins."""
    total = held * slope
    if divisor is not None:
        total /= divisor
    return None if isnan(total.dot(total)) else total


def _summed(ours: Any, of_x: float, theirs: Any, of_y: float, divisor: float | None) -> Any:
    total = ours * of_x
    total += theirs * of_y
    if divisor is not None:
        total /= divisor
    return None if isnan(total.dot(total)) else total


def _dense(held: Any, rows: Any, width: int) -> Any:
    if rows is None:
        return held
    block = np.zeros(width)
    block[list(rows)] = held
    return block


# ---- arrays --------------------------------------------------------------------------------------------------------------

Operator = Callable[[int, Any, Any, Any, Any, Any, Any], Any]
"""An operator at a level on x and y with the tangents t and s, None for a constant, and on the two as they were given."""


def of_two_in_chunks(cls: Any, rule: Elementwise) -> Operator:
    """An operator on two arrays of one shape, or an array and a number: made once. None where something is otherwise."""
    ufunc = rule.function
    is_difference, is_quotient = ufunc is np.subtract, ufunc is np.divide
    is_sum = is_difference or ufunc is np.add
    is_product = not (is_sum or is_quotient)
    is_turned = is_difference or is_quotient  # the second term is subtracted

    def operate(level: int, x: Any, t: Any, y: Any, s: Any, left: Any, right: Any) -> Any:
        for part, other in ((x, y), (y, x)):
            if type(part) is not ndarray:
                if type(part) not in DOUBLES:
                    return None
            elif not is_common(part) or (type(other) is ndarray and other.shape != part.shape):
                return None
        size = x.size if type(x) is ndarray else y.size
        for tangents in (t, s):
            if tangents is not None and (not is_plain(tangents) or len(tangents) * size >= SMALL):
                return None
        if is_sum and s is None and type(x) is ndarray and may_be_shared(left, t):
            return cls.make(ufunc(x, y), t, level)
        if is_sum and t is None and not is_difference and type(y) is ndarray and may_be_shared(right, s):
            return cls.make(ufunc(x, y), s, level)
        out = ufunc(x, y)
        tangents = quietly(pushed, out, x, t, y, s)
        if tangents is None:  # a nan perhaps from 0 × inf, where the zero wins
            return cls._lift_elementwise(level, rule, lambda *_: out, (left, right), {})
        return cls.make(out, tangents, level)

    def pushed(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
        width = len(s if t is None else t)
        ours: Any = None
        theirs: Any = None
        rows = others = None
        if t is not None:
            ours, rows = t.parts()
            if type(x) is not ndarray:
                ours = ours.reshape(-1, *(1,) * y.ndim)
            if is_product:
                ours = np.multiply(ours, y)
        if s is not None:
            theirs, others = s.parts()
            if type(y) is not ndarray:
                theirs = theirs.reshape(-1, *(1,) * x.ndim)
            if not is_sum:
                theirs = np.multiply(theirs, out if is_quotient else x)
        if theirs is None:
            total = ours
        elif ours is None:
            total, rows = np.negative(theirs) if is_turned else theirs, others
        elif len(s) != width:
            return None
        elif rows == others:
            total = (np.subtract if is_turned else np.add)(ours, theirs, ours if is_product else None)
        else:
            total, rows = merged(ours, range(width) if rows is None else rows,
                                 theirs, range(width) if others is None else others, out.shape)
        if is_quotient:
            total = np.divide(total, y)
        if total.shape[1:] != out.shape:
            total = np.broadcast_to(total, (len(total), *out.shape)).copy()
        elif is_sum and (total is ours or total is theirs):  # to have memory of its own
            total = total.copy()
        if not is_sum and has_nan(total):
            return None
        return Tangents(total, None if rows is not None and len(rows) == width else rows, width)

    def merged(ours: Any, rows: Sequence[int], theirs: Any, others: Sequence[int], shape: tuple[int, ...]) -> tuple[Any, Rows]:
        """The sum, or difference, of tangents in different directions, and these."""
        if rows and others and (rows[-1] < others[0] or others[-1] < rows[0]):  # as where something new enters
            in_order = rows[-1] < others[0]
            total = np.empty((len(rows) + len(others), *shape))
            np.copyto(total[:len(rows)] if in_order else total[len(others):], ours)
            place = total[len(rows):] if in_order else total[:len(others)]
            if is_turned:
                np.negative(theirs, place)
            else:
                np.copyto(place, theirs)
            return total, (*rows, *others) if in_order else (*others, *rows)
        union = sorted({*rows, *others})
        total = np.zeros((len(union), *shape))
        total[[union.index(row) for row in rows]] = ours
        places = [union.index(row) for row in others]
        total[places] = total[places] - theirs if is_turned else total[places] + theirs
        return total, tuple(union)

    return operate


def is_common(array: Any) -> bool:
    return array.dtype is DOUBLE and array.size > 0 and (array.ndim == 1 or (array.ndim > 1 and array.flags.c_contiguous))


def is_plain(tangents: Any) -> bool:
    """Whether a block is of doubles, those of one direction side by side."""
    held = tangents.held if type(tangents) is Tangents else None
    return type(held) is ndarray and held.dtype is DOUBLE and (held.ndim == 1 or held.strides[-1] == held.itemsize)


# ---- functions and entries of arrays ---------------------------------------------------------------------------------------

def function_in_chunks(cls: Any, rule: Elementwise, x: Any) -> Any:
    """A function of an array. None where something is otherwise."""
    at, tangents = x.primal, x.tangent
    if not is_plain(tangents) or not is_common(at) or len(tangents) * at.size >= SMALL or rule.partials[0] in (0, 1):
        return None
    out = rule.function(at)
    held, rows = tangents.parts()

    def pushed() -> Any:
        slope = rule.partial(0, np, out, (at,))
        if type(slope) is int and slope == -1:
            return np.negative(held)
        if type(slope) not in DOUBLES and (type(slope) is not ndarray or slope.dtype is not DOUBLE):
            return None
        total = np.multiply(held, slope)
        return None if has_nan(total) else total

    total = quietly(pushed) if out.dtype is DOUBLE else None
    if total is None:
        return cls._lift_elementwise(x.level, rule, lambda *_: out, (x,), {})
    return cls.make(out, Tangents(total, rows, len(tangents)), x.level)


def entry_in_chunks(cls: Any, x: Any, index: int) -> Any:
    """An entry of a vector: a float, and of its tangents those that are not zero. None where something is otherwise."""
    at, tangents = x.primal, x.tangent
    if not is_plain(tangents) or at.dtype is not DOUBLE or at.ndim != 1:
        return None
    value, (held, rows) = float(at[index]), tangents.parts()  # the value first: an index that is out of bounds is of its axis
    column = held[:, index].tolist()
    moving = [i for i, tangent in enumerate(column) if tangent]
    found = moving if rows is None else [rows[i] for i in moving]
    return cls.make(value, Tangents(np.array([column[i] for i in moving]), tuple(found), len(tangents)), x.level)


def row_in_chunks(cls: Any, values: Sequence[Any], level: int) -> Any:
    """A vector of floats, some of them duals of a level. None where something is otherwise."""
    width, primals, moving = 0, [], []
    for i, x in enumerate(values):
        if type(x) is float or (type(x) is int and abs(x) < EXACT):
            primals.append(x)
        elif type(x) is cls and type(x.primal) is float and x.level == level and is_plain(x.tangent) and (
                width in (0, len(x.tangent))):
            width = len(x.tangent)
            primals.append(x.primal)
            moving.append((i, *x.tangent.parts()))
        else:
            return None
    block = np.zeros((width, len(primals)))
    for i, held, rows in moving:
        block[slice(None) if rows is None else list(rows), i] = held
    return cls.make(np.array(primals, float), Tangents(block), level)
