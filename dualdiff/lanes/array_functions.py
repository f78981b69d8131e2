"""The short ways of functions of one array of doubles, and of its powers.

The partial is formed in the cache, once; where the table's partial is not an array of the same kind, the table does it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
from numpy import ndarray

from dualdiff.construction import empty
from dualdiff.lanes.chunks import function_in_chunks, is_plain
from dualdiff.memory import DOUBLE, POOL, SMALL, ZERO, takes_only_doubles
from dualdiff.numbers import SMALLEST_NORMAL
from dualdiff.partials import BLOCK
from dualdiff.quiet import IGNORE, STATE, quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import is_marred
from dualdiff.tangents import Tangents


def power_at_once(cls: Any, rule: Elementwise, x: Any, n: float) -> Any:
    """A power of an array of doubles, but for the exponents 0 and 1. None where something is otherwise."""
    at, along, rows, width = x.primal, x.tangent, None, 0
    if type(along) is Tangents and is_plain(along) and len(along) * at.size < SMALL:
        width = len(along)
        along, rows = along.parts()
    if at.dtype is not DOUBLE or not 0 < at.size <= BLOCK or not at.ndim or type(along) is not ndarray or along.base is ZERO:
        return None
    large, is_whole = at.size >= SMALL, n % 1 == 0
    if (large or width) and not at.flags.forc:
        return None
    out = np.square(at, POOL.empty_like(at)) if n == 2 and large else at**n  # NumPy squares where the exponent is 2

    def tangent_of() -> Any:
        memory = POOL.empty_like(at) if large else None
        if is_whole:
            slope = np.multiply(at if n == 2 else at ** (n - 1), n, memory)
        elif np.minimum.reduce(out, None) >= SMALLEST_NORMAL and np.maximum.reduce(out, None) * abs(n) < inf:  # as in the table
            slope = np.multiply(out, n, memory)
            np.divide(slope, at, slope)
        else:
            return None
        tangent = np.multiply(along, slope, None if width else slope)
        return None if is_marred(tangent) else tangent

    tangent = quietly(tangent_of) if out.dtype is DOUBLE else None
    if tangent is None:
        return cls._lift_elementwise(x.level, rule, lambda *_: out, (x, n), {})
    return cls.make(out, Tangents(tangent, rows, width) if width else tangent, x.level)


Function = Callable[[Any], Any]


def of_one_array(cls: Any, rule: Elementwise, otherwise: Function) -> Function:
    """A function of an array of doubles: made once from its rule. ``otherwise`` where it is another, or nothing to compute."""
    new, ufunc, partial, from_output = empty(cls), rule.function, rule.partials[0], rule.from_output
    takes_doubles, is_variable, is_trivial = takes_only_doubles(ufunc), callable(partial), partial in (0, 1)
    if rule.on_arrays is not None:
        from_output, partial = True, lambda xp, out, x: rule.partial(0, xp, out, (x,))

    def function(x: Any) -> Any:
        at, along = x.primal, x.tangent
        size = at.size
        if (at.dtype is not DOUBLE or not at.ndim or not 0 < size <= BLOCK or type(along) is not ndarray or along.base is ZERO
                or is_trivial):
            result = function_in_chunks(cls, rule, x) if type(along) is Tangents else None
            return otherwise(x) if result is None else result
        memory = None
        if size < SMALL:
            out = ufunc(at)
        elif takes_doubles and at.flags.forc:
            out, memory = ufunc(at, out=POOL.empty_like(at)), POOL.empty_like(at)  # by keyword: by position, some warn
        else:
            out = ufunc(at)
        tangent = None
        token = STATE.set(IGNORE)  # as in `quietly`
        try:
            if not is_variable:
                tangent = np.negative(along, memory) if partial == -1 else np.multiply(along, partial, memory)
            else:
                slope = partial(np, out, at) if from_output else partial(np, at)
                if type(slope) is ndarray and slope.dtype is DOUBLE is out.dtype:
                    if memory is None and slope is not out and slope is not at and slope.base is None:
                        memory = slope
                    tangent = np.multiply(along, slope, memory)
                    if is_marred(tangent):  # perhaps from 0 × inf, where the zero wins
                        tangent = None
        finally:
            STATE.reset(token)
        if tangent is None:
            return cls._lift_elementwise(x.level, rule, lambda *_: out, (x,), {})
        result = new()
        result.primal = out
        result.tangent = tangent
        result.level = x.level
        return result

    return function
