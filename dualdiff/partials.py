"""The tangent of an elementwise function: the sum of partial × tangent over its inputs.

Large arrays are bound by memory, not by arithmetic. Their partials are therefore never built whole: the sum is formed block by
block, each small enough for its partials and products to stay in the cache. The values themselves are always computed by one
call of the user's function, so that they are bitwise what it computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import floats, on_floats
from dualdiff.rules.table import Elementwise
from dualdiff.strong import term
from dualdiff.tangents import Tangents

BLOCK = 8192  # entries: 64 kB for each array of doubles, of which an operation touches about six

Active = list[tuple[int, Any]]
"""The inputs that have tangents: position, tangent."""


def summed(rule: Elementwise, xp: Any, out: Any, primals: tuple[Any, ...], active: Active) -> Any:
    """Σ partialᵢ × tangentᵢ of a function with one output; None where every partial is locally constant."""
    if type(out) is np.ndarray and out.size > 2 * BLOCK and _in_blocks(rule, out, primals, active):
        return _summed_in_blocks(rule, xp, out, primals, active)
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


def _in_blocks(rule: Elementwise, out: np.ndarray[Any, Any], primals: tuple[Any, ...], active: Active) -> bool:
    """Whether everything lies in memory like the output (or is a number), and there is something to multiply."""
    if not out.flags.c_contiguous or out.dtype.kind != "f" or all(type(rule.partials[i]) is int for i, _ in active):
        return False
    for x in primals:
        if type(x) is np.ndarray:
            if x.ndim and (x.shape != out.shape or not x.flags.c_contiguous):
                return False
        elif type(x) is not float and type(x) is not int and not isinstance(x, np.generic):
            return False
    for _, tangent in active:
        block = tangent.block if type(tangent) is Tangents else tangent
        if type(block) is not np.ndarray or tangent.shape != out.shape or not block.flags.c_contiguous:
            return False
    return True


def _summed_in_blocks(rule: Elementwise, xp: Any, out: np.ndarray[Any, Any], primals: tuple[Any, ...], active: Active) -> Any:
    chunk = type(active[0][1]) is Tangents
    k = len(active[0][1]) if chunk else 1
    size = max(BLOCK // k, 1024)
    flat_out = out.reshape(-1)
    flat_primals = [x.reshape(-1) if type(x) is np.ndarray and x.ndim else x for x in primals]
    flat_tangents = [(i, tangent.block.reshape(k, -1) if chunk else tangent.reshape(-1)) for i, tangent in active]
    result = np.empty((k, out.size) if chunk else out.size, out.dtype)
    for start in range(0, out.size, size):
        here = slice(start, start + size)
        inputs = tuple([x[here] if type(x) is np.ndarray and x.ndim else x for x in flat_primals])
        value = flat_out[here]
        total: Any = None
        for i, tangent in flat_tangents:
            slope = rule.partial(i, xp, value, inputs)
            if slope is not None:
                part = Tangents(tangent[:, here]) if chunk else tangent[here]
                total = accumulated(total, part, slope, (*inputs, value))
        if total is None:
            return None
        if chunk:
            result[:, here] = total.block
        else:
            result[here] = total
    return Tangents(result.reshape(k, *out.shape)) if chunk else result.reshape(out.shape)
