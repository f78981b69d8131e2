"""The short ways of sums of products: those of two arrays, ``einsum``, weighted averages, the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters
from typing import Any

import numpy as np

from dualdiff.lanes.parts import (
    LARGEST,
    SMALLEST,
    Way,
    array_tangent,
    between,
    contracted,
    from_the_end,
    handed_on,
    is_doubles,
    is_finite,
    kept,
    made,
)
from dualdiff.memory import DOUBLE, ZERO
from dualdiff.quiet import quietly


def taken_apart(cls: Any, given: tuple[Any, ...]) -> Any:
    """Values, tangents (None of a constant) and level of duals and constants; None unless all are arrays of doubles.

    Of a chunk all tangents have the same directions; others are left to the general path, which refuses them.
    """
    primals, tangents, level, lead = [], [], None, ()
    for x in given:
        if type(x) is cls:
            t = array_tangent(x)
            if t is None or (level is not None and (x.level != level or t.shape[:t.ndim - x.primal.ndim] != lead)):
                return None
            level, lead = x.level, t.shape[:t.ndim - x.primal.ndim]
            primals.append(x.primal)
            tangents.append(t)
        elif is_doubles(x):
            primals.append(x)
            tangents.append(None)
        else:
            return None
    return None if level is None else (primals, tangents, level, bool(lead))


# ---- products ------------------------------------------------------------------------------------------------------------

def product(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A product of two arrays, of the kind that is linear in each: f(ẋ, y) + f(x, ẏ)."""
    if kwargs or len(args) != 2:
        return None
    parts = taken_apart(cls, args)
    if parts is None or parts[3]:
        return None
    (x, y), (t, s), level, _ = parts
    t, s = (None if part is None or part.base is ZERO else part for part in (t, s))
    if t is None and s is None:
        return None
    out = function(x, y)
    return made(cls, out, quietly(_product_tangent, function, x, t, y, s), level, False)


def _product_tangent(function: Callable[..., Any], x: Any, t: Any, y: Any, s: Any) -> Any:
    if s is None:
        return function(t, y)
    return function(x, s) if t is None else function(t, y) + function(x, s)


# ---- einsum --------------------------------------------------------------------------------------------------------------

def einsum(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Of several operands: of one it may be a view."""
    if kwargs or len(args) < 3 or type(args[0]) is not str:
        return None
    parts = taken_apart(cls, args[1:])
    if parts is None:
        return None
    primals, tangents, level, chunked = parts
    subscripts = args[0]
    if chunked and ("->" not in subscripts or "." in subscripts):
        return None
    out = function(subscripts, *primals)
    if getattr(out, "dtype", None) is not DOUBLE:
        return handed_on(function, args, kwargs, out)
    tangent = quietly(_einsum_tangent, subscripts, primals, tangents, args[1:], chunked)
    return handed_on(function, args, kwargs, out) if tangent is None else made(cls, out, tangent, level, chunked)


def _einsum_tangent(subscripts: str, primals: list[Any], tangents: list[Any], given: tuple[Any, ...], chunked: bool) -> Any:
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    letters = inputs.split(",")
    direction = next((letter for letter in ascii_letters if letter not in subscripts), "") if chunked else ""
    if chunked and not direction:  # all are in use
        return None
    twice = len(given) == 2 and given[0] is given[1] and letters[0] == letters[1]  # both terms are the same
    if twice:
        tangents = [None, tangents[1]]
    total: Any = None
    for i, t in enumerate(tangents):
        if t is None:
            continue
        factors = (*primals[:i], t, *primals[i + 1:])
        if chunked:
            term = np.einsum(f"{','.join((*letters[:i], direction + letters[i], *letters[i + 1:]))}->{direction}{output}", *factors)
        else:
            term = np.einsum(subscripts, *factors)
        total = term if total is None else total + term
    return 2.0 * total if twice else total


# ---- weighted averages ---------------------------------------------------------------------------------------------------

def average(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """With weights for all entries, or for those along an axis."""
    if not 1 <= len(args) <= 2 or "weights" not in kwargs or not kwargs.keys() <= {"axis", "weights", "keepdims"}:
        return None
    parts = taken_apart(cls, (args[0], kwargs["weights"]))
    if parts is None:
        return None
    (x, weights), tangents, level, chunked = parts
    axes = from_the_end(args[1] if len(args) == 2 else kwargs.get("axis"), x.ndim)
    if axes is None or (weights.shape != x.shape and (weights.ndim > 1 or len(axes) > 1 or len(weights) != x.shape[axes[0]])):
        return None
    out = function(x, *args[1:], **{**kwargs, "weights": weights})
    tangent = None
    if getattr(out, "dtype", None) is DOUBLE:
        tangent = quietly(_average_tangent, out, x, weights, *tangents, axes)
    if tangent is None:
        return handed_on(function, args, kwargs, out)
    shape = (*tangent.shape[:1], *out.shape) if chunked else out.shape
    return made(cls, out, tangent if np.shape(tangent) == shape else tangent.reshape(shape), level, chunked)


def _average_tangent(out: Any, x: Any, weights: Any, t: Any, s: Any, axes: tuple[int, ...]) -> Any:
    """(Σ w ẋ + Σ ẇ (x − x̄)) / Σ w."""
    whole = np.add.reduce(weights, axes if weights.shape == x.shape else None)
    if not between(SMALLEST, abs(whole), LARGEST):
        return None
    if weights.shape != x.shape:
        spread = tuple([n if i in axes else 1 for i, n in enumerate(x.shape, -x.ndim)])
        weights = np.broadcast_to(weights.reshape(spread), x.shape)
        if s is not None:
            lead = s.shape[:-1]
            s = np.broadcast_to(s.reshape(*lead, *spread), (*lead, *x.shape))
    tangent: Any = 0.0
    if t is not None:
        total = contracted(weights, t, axes)
        if between(SMALLEST, abs(total), LARGEST):
            tangent = total / whole
        else:  # perhaps only the products left the range
            tangent = contracted(weights / (kept(whole, x, axes) if np.ndim(whole) else whole), t, axes)
    if s is not None:
        mean = kept(out, x, axes) if np.ndim(out) == x.ndim - len(axes) else out
        tangent = tangent + contracted(x - mean, s, axes) / whole
    return tangent if is_finite(tangent) else None


# ---- the trapezoidal rule ------------------------------------------------------------------------------------------------

def trapezoid(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Linear in the values, and in the points (a vector, or an array of the same shape). Not where both move.

    Then the terms are to be added before they are summed, or they would cancel too late.
    """
    if not 1 <= len(args) <= 2 or (kwargs and not kwargs.keys() <= {"x", "dx", "axis"}):
        return None
    points = args[1] if len(args) == 2 else kwargs.get("x")
    step, axis = kwargs.get("dx", 1.0), kwargs.get("axis", -1)
    parts = taken_apart(cls, args[:1] if points is None else (args[0], points))
    if parts is None or type(step) not in (float, int) or type(axis) is not int:
        return None
    (y, *xs), (t, *s), level, chunked = parts
    x = xs[0] if xs else None
    axes = from_the_end(axis, y.ndim)
    if axes is None or (x is not None and x.shape != y.shape and x.shape != (y.shape[axis],)):
        return None
    if t is not None and s and s[0] is not None:
        return None
    out = function(y, x, step, axis)
    tangent = None
    if getattr(out, "dtype", None) is DOUBLE:
        tangent = quietly(_trapezoid_tangent, function, y, x, t, s[0] if xs else None, step, axes[0])
    return handed_on(function, args, kwargs, out) if tangent is None else made(cls, out, tangent, level, chunked)


def _trapezoid_tangent(function: Callable[..., Any], y: Any, x: Any, t: Any, s: Any, step: float, axis: int) -> Any:
    if s is not None and x.ndim < y.ndim:  # along its axis, after that of the directions
        s = s.reshape(*s.shape[:-1], *[n if i == axis else 1 for i, n in enumerate(y.shape, -y.ndim)])
    tangent = function(t, x, step, axis) if s is None else function(y, s, step, axis)
    return tangent if is_finite(tangent) else None


WAYS: dict[Callable[..., Any], Way] = {
    np.einsum: einsum, np.average: average, np.trapezoid: trapezoid,
    **dict.fromkeys((np.dot, np.vdot, np.inner, np.outer), product)}
if hasattr(np, "trapz"):  # until NumPy 2.3
    WAYS[np.trapz] = trapezoid  # noqa: NPY201
