"""The short ways of functions of one array of doubles, and of its whole powers.

The partial is formed in the cache, once; where the table's partial is not an array of the same kind, the table does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.construction import empty
from dualdiff.memory import DOUBLE, LARGE, POOL, ZERO, takes_only_doubles
from dualdiff.partials import BLOCK
from dualdiff.quiet import quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import is_marred


def power_at_once(cls: Any, rule: Elementwise, x: Any, n: int) -> Any:
    """A whole power ≥ 2 of an array of doubles. None where something is otherwise."""
    at, along = x.primal, x.tangent
    if at.dtype is not DOUBLE or not 0 < at.size <= BLOCK or not at.ndim or type(along) is not np.ndarray or along.base is ZERO:
        return None
    large = at.nbytes >= LARGE
    if large and not at.flags.forc:
        return None
    out = np.square(at, POOL.empty_like(at)) if n == 2 and large else at**n  # NumPy squares where the exponent is 2

    def tangent_of() -> Any:
        slope = np.multiply(at if n == 2 else at ** (n - 1), n, POOL.empty_like(at) if large else None)
        np.multiply(along, slope, slope)
        return None if is_marred(slope) else slope

    tangent = quietly(tangent_of)
    if tangent is None:
        return cls._lift_elementwise(x.level, rule, lambda *_: out, (x, n), {})
    return cls.make(out, tangent, x.level)


def of_one_array(cls: Any, rule: Elementwise) -> Callable[[Any], Any]:
    """A function of an array of doubles: made once from its rule. None where something is otherwise."""
    new, ufunc, partial, from_output = empty(cls), rule.function, rule.partials[0], rule.from_output
    takes_doubles, is_variable = takes_only_doubles(ufunc), callable(partial)

    def slope_times(along: Any, out: Any, at: Any) -> Any:
        """None also where there is a nan, perhaps from 0 × inf, where the zero wins."""
        slope = (partial(np, out, at) if from_output else partial(np, at)) if is_variable else partial
        memory = None if out.nbytes < LARGE else POOL.empty_like(out)
        if type(slope) is np.ndarray and slope.dtype is DOUBLE:
            own = memory is None and slope is not out and slope is not at and slope.base is None
            product = np.multiply(along, slope, slope if own else memory)
        elif type(slope) is int and slope == -1:
            return np.negative(along, memory)
        elif type(slope) is int or type(slope) is float:
            product = np.multiply(along, slope, memory)
        else:
            return None
        return None if is_marred(product) else product

    def function(x: Any) -> Any:
        at, along = x.primal, x.tangent
        if at.dtype is not DOUBLE or not 0 < at.size <= BLOCK or not at.ndim or type(along) is not np.ndarray:
            return None
        if along.base is ZERO or partial == 1 or partial == 0:  # nothing to compute
            return None
        large = at.nbytes >= LARGE and takes_doubles and at.flags.forc
        out = ufunc(at, out=POOL.empty_like(at)) if large else ufunc(at)  # by keyword: by position, some warn
        tangent = quietly(slope_times, along, out, at) if out.dtype is DOUBLE else None
        if tangent is None:
            return cls._lift_elementwise(x.level, rule, lambda *_: out, (x,), {})
        result = new()
        result.primal = out
        result.tangent = tangent
        result.level = x.level
        return result

    return function
