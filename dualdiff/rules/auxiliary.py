"""Functions that rules are written with and that NumPy does not have, each with a rule of its own.

A derivative of a derivative is as accurate as the rule of what the first one was written with: (1 − x)(1 + x) is exact to an
ulp, but the product rule makes (1 + x) − (1 − x) of it, which keeps no digit of a small x. A few such expressions therefore are
functions of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import constant, floats, is_operand, namespace, plain
from dualdiff.rules.table import of_input, of_output


def own(compute: Callable[..., Any], named: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A function of ours in the table: operands see it as they see a function of NumPy. Its name is that of ``named``."""
    def function(*args: Any) -> Any:
        for x in args:
            if is_operand(x):  # NumPy's protocol leads it back to the rule of this function
                return x.__array_function__(function, (), args, {})
        return compute(*args)

    named = named or compute
    function.__name__, function.__module__, function.__doc__ = named.__name__, named.__module__, named.__doc__
    return function


class Auxiliary:
    """``function(xp, *inputs)`` for use in rules; ``function.entry(*inputs)`` is what stands in the table."""

    __slots__ = ("compute", "entry")

    def __init__(self, compute: Callable[..., Any]) -> None:
        def on_plain(*inputs: Any) -> Any:
            try:
                return compute(namespace(*inputs), *inputs)
            except (ValueError, OverflowError, ZeroDivisionError):  # of math, where NumPy answers inf or nan
                with np.errstate(all="ignore"):
                    return plain(compute(np, *map(np.float64, inputs)))

        self.compute, self.entry = compute, own(on_plain, named=compute)

    def __call__(self, xp: Any, *inputs: Any) -> Any:
        return self.compute(xp, *inputs) if xp is floats else self.entry(*inputs)


@Auxiliary
def one_minus_square(xp: Any, x: Any) -> Any:
    """1 − x², accurate near ±1. A complex x keeps the sign of its zero, which tells the sides of a branch cut."""
    return -(x - 1) * (x + 1) if xp is not floats and np.iscomplexobj(x) else (1 - x) * (1 + x)


@Auxiliary
def sech(xp: Any, x: Any) -> Any:
    """1/cosh x. As a quotient its derivative would be 0·∞ where cosh overflows."""
    return 1 / xp.cosh(x)


@Auxiliary
def cosine(xp: Any, x: Any, y: Any) -> Any:
    """x/√(x² + y²), the cosine of the angle from the first axis to (x, y); 0 at the origin, where its derivative is nan."""
    r = xp.hypot(x, y)
    if is_tame(r):
        return x / r
    lost = xp.isinf(r)
    if any_of(lost):  # the length has overflowed, or one of the two is infinite
        ratio = x / 4 / xp.where(lost, xp.hypot(x / 4, y / 4), 1)
        ratio = xp.where(xp.isinf(x) & xp.isfinite(y), xp.copysign(constant(1, x), x), ratio)
        return xp.where(lost, ratio, x / xp.where(lost | (r == 0), 1, r))
    return x / xp.where(r == 0, 1, r)


@Auxiliary
def inversion(xp: Any, x: Any, y: Any) -> Any:
    """x/(x² + y²), also where the squares overflow or underflow, as at 1e±200; nan at the origin."""
    squares = x * x + y * y
    return x / squares if is_tame(squares) else cosine(xp, x, y) / xp.hypot(x, y)


def is_tame(x: Any) -> bool:
    """Whether all of some doubles ≥ 0 are far from overflow and underflow; no other number is asked."""
    if type(x) is float:
        return 1e-290 < x < 1e290
    return type(x) is np.ndarray and x.dtype == float and x.size > 0 and bool(
        np.minimum.reduce(x, None) > 1e-290 and np.maximum.reduce(x, None) < 1e290)


def any_of(mask: Any) -> bool:
    return mask if type(mask) is bool else bool(np.any(mask))


def cosine_by_x(xp: Any, out: Any, x: Any, y: Any) -> Any:
    s = cosine(xp, y, x)
    return s * (s / xp.hypot(x, y))


def cosine_by_y(xp: Any, out: Any, x: Any, y: Any) -> Any:
    return -out * (cosine(xp, y, x) / xp.hypot(x, y))


def inversion_by_x(xp: Any, x: Any, y: Any) -> Any:
    c, s, r = cosine(xp, x, y), cosine(xp, y, x), xp.hypot(x, y)
    return (s - c) / r * ((s + c) / r)


def inversion_by_y(xp: Any, x: Any, y: Any) -> Any:
    return -2 * inversion(xp, x, y) * inversion(xp, y, x)


of_input (one_minus_square.entry, lambda xp, x: -2 * x)
of_output(sech.entry,             lambda xp, y, x: -y * xp.tanh(x))
of_output(cosine.entry,           cosine_by_x,    cosine_by_y)
of_input (inversion.entry,        inversion_by_x, inversion_by_y)
