"""The short way of scalars in a chunk: + − × ÷ of floats that have k tangents in a vector."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any

import numpy as np

from dualdiff.memory import DOUBLE
from dualdiff.quiet import quietly
from dualdiff.tangents import Tangents


def chunk_at_once(cls: Any, ufunc: Callable[..., Any], level: int, x: Any, t: Any, y: Any, s: Any) -> Any:
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
        of_x, of_y = 1 / y, -out / y
    else:
        return None
    if s is None:
        (held, rows), width = t.parts(), len(t)
        total = quietly(_scaled, held, of_x)
    elif t is None:
        (held, rows), width = s.parts(), len(s)
        total = quietly(_scaled, held, of_y)
    else:
        (ours, rows), (theirs, others), width = t.parts(), s.parts(), len(t)
        if len(s) != width:
            return None
        if rows != others:
            ours, theirs, rows = _dense(ours, rows, width), _dense(theirs, others, width), None
        total = quietly(_summed, ours, of_x, theirs, of_y)
    return None if total is None else cls.make(out, Tangents(total, rows, width), level)


def _scaled(held: Any, slope: float) -> Any:
    """None if there is a nan, perhaps from 0 × inf, where the zero wins."""
    total = held * slope
    return None if isnan(total.dot(total)) else total


def _summed(ours: Any, of_x: float, theirs: Any, of_y: float) -> Any:
    total = ours * of_x
    total += theirs * of_y
    return None if isnan(total.dot(total)) else total


def _dense(held: Any, rows: Any, width: int) -> Any:
    if rows is None:
        return held
    block = np.zeros(width)
    block[list(rows)] = held
    return block
