"""Nested derivatives: duals whose parts are duals of a lower level, scalars and arrays of doubles."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.memory import DOUBLE
from dualdiff.partials import quotient
from dualdiff.quiet import quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan, is_clean

# ---- scalars -------------------------------------------------------------------------------------------------------------
#
# None where the two are not such scalars of one level. A tangent that is the float 0 is that of an input in whose direction the
# pass does not go, or of a constant: it takes no arithmetic, and stays what it is.

def nested_sum(left: Any, right: Any) -> Any:
    x, kind, cls = left.primal, type(right), type(left)
    if type(x.primal) is not float:
        return None
    if kind is float or kind is int:
        return cls.make(x + right, left.tangent, left.level)
    if kind is not cls or right.level != left.level or type(right.primal) is not cls or type(right.primal.primal) is not float:
        return None
    t, s = left.tangent, right.tangent
    if type(s) is not float or s:
        t = s if type(t) is float and not t else t + s
    return cls.make(x + right.primal, t, left.level)


def nested_difference(left: Any, right: Any) -> Any:
    return nested_sum(left, -right) if type(right) in (float, int, type(left)) else None


def nested_product(left: Any, right: Any) -> Any:
    """None also where a strong zero may have to win over a nan."""
    x, t, kind, cls = left.primal, left.tangent, type(right), type(left)
    if type(x.primal) is not float:
        return None
    if kind is float or kind is int:
        primal, tangent = x * right, 0.0 if type(t) is float and not t else t * right
    elif kind is cls and right.level == left.level and type(right.primal) is cls and type(right.primal.primal) is float:
        y, s = right.primal, right.tangent
        primal, tangent = x * y, 0.0 if type(t) is float and not t else t * y
        if type(s) is not float or s:
            tangent = s * x if type(tangent) is float and not tangent else tangent + s * x
    else:
        return None
    return cls.make(primal, tangent, left.level) if is_clean(tangent) else None


def nested_quotient(left: Any, right: Any) -> Any:
    """None also where a strong zero may have to win over a nan, and where a zero divides."""
    x, t, kind, cls = left.primal, left.tangent, type(right), type(left)
    if type(x.primal) is not float:
        return None
    if (kind is float or kind is int) and right:
        primal, tangent = x / right, 0.0 if type(t) is float and not t else t / right
    elif (kind is cls and right.level == left.level and type(right.primal) is cls and type(right.primal.primal) is float
            and right.primal.primal):
        y, s = right.primal, right.tangent
        primal, stays, moves = x / y, type(t) is float and not t, type(s) is not float or bool(s)
        tangent = 0.0 if stays and not moves else quotient(primal, None if stays else t, s if moves else None, y)
    else:
        return None
    return cls.make(primal, tangent, left.level) if is_clean(tangent) else None


# ---- arrays --------------------------------------------------------------------------------------------------------------

def _sum(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return t * 1.0 if s is None else t + s  # in memory of its own


def _difference(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return t * 1.0 if s is None else t - s


def _product(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return t * y if s is None else t * y + s * x


def _quotient(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return quotient(out, t, s, y)


FORMULAS: dict[Any, Callable[..., Any]] = {
    operator.add: _sum, operator.sub: _difference, operator.mul: _product, operator.truediv: _quotient}


def nested_arrays(rule: Elementwise, compute: Callable[[Any, Any], Any], left: Any, right: Any, reflected: bool) -> Any:
    """An operator on two arrays of one shape, or on one and a number (``reflected``: a number on its left). None where something
    is otherwise."""
    cls, x, t, y, s = type(left), left.primal, left.tangent, right, None
    if type(t) is not cls or x.primal.dtype is not DOUBLE or not x.primal.ndim:
        return None
    if type(right) is cls and right.level == left.level:
        y, s = right.primal, right.tangent
        if type(y) is not cls or type(s) is not cls or type(y.primal) is not np.ndarray or y.primal.shape != x.primal.shape or (
                y.primal.dtype is not DOUBLE):
            return None
    elif (type(right) is not float and type(right) is not int) or not right or (reflected and compute is operator.truediv):
        return None
    if reflected:
        out = compute(y, x)
        tangent = -t if compute is operator.sub else quietly(FORMULAS[compute], out, x, t, y, s)
    else:
        out = compute(x, y)
        tangent = quietly(FORMULAS[compute], out, x, t, y, s)
    if has_nan(tangent):  # perhaps from 0 × inf, where the zero wins
        return cls._lift_elementwise(left.level, rule, lambda *_: out, (right, left) if reflected else (left, right), {})
    return cls.make(out, tangent, left.level)


def nested_power(left: Any, n: int) -> Any:
    """A whole power ≥ 2 of such a scalar, or array."""
    cls, x, t = type(left), left.primal, left.tangent
    if type(x.primal) is not float and (type(t) is not cls or type(x.primal) is not np.ndarray or x.primal.dtype is not DOUBLE
                                        or not x.primal.ndim):
        return None
    if type(t) is float and not t:
        return cls.make(x**n, t, left.level)
    tangent = quietly(lambda: t * (n * (x if n == 2 else x ** (n - 1))))
    return cls.make(x**n, tangent, left.level) if is_clean(tangent) else None


def nested_function(cls: Any, rule: Elementwise, ufunc: np.ufunc, x: Any) -> Any:
    """A function of an array whose parts are array duals of a lower level. None where something is otherwise."""
    at, along = x.primal, x.tangent
    if type(along) is not cls or at.primal.dtype is not DOUBLE or not at.primal.ndim or rule.partials[0] == 1:
        return None
    out = ufunc(at)
    slope = quietly(rule.partial, 0, np, out, (at,))
    tangent: Any = None
    if type(slope) is int and slope == -1:
        tangent = -along
    elif type(slope) is cls and type(slope.primal) is np.ndarray and slope.primal.shape == at.primal.shape:
        tangent = quietly(operator.mul, along, slope)
    if tangent is None or has_nan(tangent):
        return cls._lift_elementwise(x.level, rule, lambda *_: out, (x,), {})
    return cls.make(out, tangent, x.level)
