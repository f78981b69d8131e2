"""The short way of ``np.interp`` between constant points: what moves is where it is read off, a float or an array of doubles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.lanes.parts import Way, handed_on
from dualdiff.memory import DOUBLE
from dualdiff.numbers import DOUBLES
from dualdiff.quiet import quietly
from dualdiff.strong import has_nan

NAMES = ("x", "xp", "fp", "left", "right")


def interp(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The slope of a piece, and outside of all pieces 0: as in the rule, at a knot that of the piece to its right."""
    given = dict(zip(NAMES, args)) | kwargs
    x: Any = given.get("x")
    if type(x) is not cls or len(args) > len(NAMES) or not given.keys() <= set(NAMES):
        return None
    at, t = x.primal, x.tangent
    if type(at) is np.ndarray:
        if at.dtype is not DOUBLE or type(t) is not np.ndarray or not at.ndim or not at.size:
            return None
    elif type(at) is not float or type(t) is not float:
        return None
    knots, values = map(_plain, (given.get("xp"), given.get("fp")))
    if knots is None or values is None:
        return None
    ends = (given.get("left"), given.get("right"))
    if knots.ndim != 1 or knots.shape != values.shape or len(knots) < 2 or knots.dtype.kind not in "iuf" or (
            values.dtype.kind not in "iuf") or any(end is not None and type(end) not in (float, int) for end in ends):
        return None
    out = function(at, knots, values, *ends)
    tangent = quietly(_tangent, at, t, knots.astype(float), values.astype(float))
    if has_nan(tangent):  # perhaps of 0 × inf, where the zero wins
        return handed_on(function, args, kwargs, out)
    return cls.make(out if type(out) is np.ndarray else float(out), tangent, x.level)


def _plain(points: Any) -> Any:
    """An array of a plain type, or made of a list of plain numbers; None of anything else, which may be refused."""
    if type(points) is np.ndarray:
        return points
    return np.array(points) if type(points) in (list, tuple) and DOUBLES.issuperset(map(type, points)) else None


def _tangent(at: Any, t: Any, knots: Any, values: Any) -> Any:
    last = len(knots) - 2
    i = knots.searchsorted(at, "right") - 1
    if type(at) is float:
        if at < knots[0] or at > knots[-1]:
            return 0.0
        i = min(max(int(i), 0), last)
        return t * float((values[i + 1] - values[i]) / (knots[i + 1] - knots[i]))
    np.minimum(np.maximum(i, 0, out=i), last, out=i)
    slope = (values[i + 1] - values[i]) / (knots[i + 1] - knots[i])
    slope[(at < knots[0]) | (at > knots[-1])] = 0.0
    return np.multiply(t, slope, slope)


WAYS: dict[Callable[..., Any], Way] = {np.interp: interp}
