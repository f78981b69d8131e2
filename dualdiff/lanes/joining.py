"""The short ways of functions that put an array together of the entries of others: joined, chosen, limited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.lanes.parts import Way, array_tangent, handed_on, is_doubles, made
from dualdiff.memory import DOUBLE, LARGE, POOL, no_tangent
from dualdiff.partials import BLOCK
from dualdiff.strong import has_nan
from dualdiff.tangents import Tangents


def taken_apart(cls: Any, given: Any) -> Any:
    """Values, tangents (zero of a constant), level and width of duals and constants; None unless they are of doubles.

    The width is how many directions a chunk has, 0 without one.
    """
    primals: list[Any] = []
    tangents: list[Any] = []
    level, width = None, 0
    for x in given:
        kind = type(x)
        if kind is cls:
            if type(x.primal) is float and type(x.tangent) is float:
                k, t = 0, x.tangent
            else:
                t = array_tangent(x)
                if t is None:
                    return None
                k = len(t) if t.ndim > x.primal.ndim else 0
            if level is not None and (x.level != level or k != width):
                return None
            level, width = x.level, k
            primals.append(x.primal)
            tangents.append(t)
        elif kind is float or kind is int or is_doubles(x):
            primals.append(x)
            tangents.append(None)
        else:
            return None
    if level is None:
        return None
    for i, x in enumerate(primals):
        if tangents[i] is None:
            if type(x) is not np.ndarray:
                tangents[i] = np.zeros(width) if width else 0.0
            else:
                tangents[i] = np.zeros((width, *x.shape)) if width else no_tangent(x)
    return primals, tangents, level, width


# ---- joined --------------------------------------------------------------------------------------------------------------

def joining(in_chunks: bool, *settings: str) -> Way:
    """A function of a list of arrays, in which it is linear; ``in_chunks``: along an axis, 0 if none is given."""
    def way(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not args or len(args) > 1 + len(settings) or (kwargs and not kwargs.keys() <= set(settings)):
            return None
        parts = taken_apart(cls, args[0]) if type(args[0]) in (list, tuple) else None
        axis = args[1] if len(args) == 2 else kwargs.get("axis", 0)
        if parts is None or type(axis) is not int or (parts[3] and not in_chunks):
            return None
        primals, tangents, level, width = parts
        out = function(primals, *args[1:], **kwargs)
        if getattr(out, "dtype", None) is not DOUBLE:
            return handed_on(function, args, kwargs, out)
        if width:
            return made(cls, out, function(tangents, axis=axis + 1 if axis >= 0 else axis), level, True)
        if in_chunks and out.nbytes >= LARGE:
            return made(cls, out, function(tangents, axis, POOL.empty_like(out)), level, False)
        return made(cls, out, function(tangents, *args[1:], **kwargs), level, False)

    return way


# ---- chosen --------------------------------------------------------------------------------------------------------------

def where(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if kwargs or len(args) != 3:
        return None
    condition = args[0]
    parts = taken_apart(cls, args[1:]) if type(condition) is np.ndarray and condition.dtype.kind == "b" else None
    if parts is None:
        return None
    primals, tangents, level, width = parts
    out = function(condition, *primals)
    if out.dtype is not DOUBLE or not out.ndim:
        return handed_on(function, args, kwargs, out)
    if width:
        tangents = [Tangents(t).aligned(out.ndim) for t in tangents]
    return made(cls, out, np.where(condition, *tangents), level, bool(width))


# ---- limited -------------------------------------------------------------------------------------------------------------

def clip(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Between numbers: at one of them the entry itself."""
    if not args or type(args[0]) is not cls or len(args) > 4 or (len(args) == 4 and args[3] is not None):
        return None
    if kwargs and (len(args) > 1 or not (kwargs.keys() <= {"min", "max"} or kwargs.keys() <= {"a_min", "a_max"})):
        return None
    x = args[0]
    at, t = x.primal, array_tangent(x)
    low, high = limits = (*args[1:3], None, None)[:2] if not kwargs else (
        kwargs.get("min", kwargs.get("a_min")), kwargs.get("max", kwargs.get("a_max")))
    for limit in limits:
        if limit is not None and ((type(limit) is not float and type(limit) is not int and type(limit) is not np.float64)
                                  or limit != limit):
            return None
    if t is None or (low is high is None) or (low is not None and high is not None and low > high):
        return None
    k = len(t) if t.ndim > at.ndim else 0
    if at.size > BLOCK and not k and at.flags.forc and at.strides == t.strides:
        out, tangent = POOL.empty_like(at), POOL.empty_like(at)
        flat = [part.T.reshape(-1) if at.flags.fnc else part.reshape(-1) for part in (at, out, t, tangent)]
        is_whole = True
        for start in range(0, at.size, BLOCK):
            at_, out_, t_, tangent_ = [part[start:start + BLOCK] for part in flat]
            function(at_, low, high, out_)
            is_whole = _keep_where_equal(at_, out_, t_, tangent_) and is_whole
    else:
        out = function(at, *args[1:], **kwargs)
        tangent = POOL.empty_like(out, k)
        is_whole = _keep_where_equal(at, out, t, tangent)
    return made(cls, out, tangent, x.level, k > 0) if is_whole else handed_on(function, args, kwargs, out)


def _keep_where_equal(x: Any, out: Any, t: Any, tangent: Any) -> bool:
    """Into ``tangent`` t where the value is x itself, and 0 elsewhere: by the bits, so that this is true of nan and inf as well.

    Whether there is no nan among the values, which is not equal to itself and keeps its tangent.
    """
    bits = tangent.view(np.int64)
    np.bitwise_and(np.negative(np.equal(x, out).view(np.int8), bits), t.view(np.int64), bits)
    return not has_nan(out)


JOINING_ALONG_AN_AXIS, JOINING = joining(True, "axis"), joining(False)

WAYS: dict[Callable[..., Any], Way] = {
    np.concatenate: JOINING_ALONG_AN_AXIS, np.stack: JOINING_ALONG_AN_AXIS,
    np.vstack: JOINING, np.hstack: JOINING, np.dstack: JOINING, np.column_stack: JOINING,
    np.where: where, np.clip: clip,
}
