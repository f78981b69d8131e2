"""The short ways of single numbers that are no floats: complex, exact, decimal, multiprecision, and NumPy's of other precisions.

The formulas are those of the table in the same order of operations. What is specialised once is which types they hold for, and for
each function which module computes it for a type (`dualdiff.numbers`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from dualdiff.numbers import function_for, namespace
from dualdiff.partials import quotient
from dualdiff.quiet import quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import term

NUMPY = (np.float16, np.float32, np.longdouble, np.complex64, np.complex128, np.clongdouble)


def _is_single(kind: type) -> bool:
    """Whether numbers of a type make a field under Python's operators, with a nan that is not equal to itself if there is one."""
    if kind is complex or kind in NUMPY:
        return True
    module, name = kind.__module__.partition(".")[0], kind.__name__
    return (module, name) in {("fractions", "Fraction"), ("decimal", "Decimal"), ("mpmath", "mpf"), ("mpmath", "mpc")}


is_single: Callable[[type], bool] = lru_cache(_is_single)


def goes_with(number: type, kind: type) -> bool:
    """Whether a number of one type beside one of ``kind`` leaves that what it is."""
    return number is kind or number is int or (number is float and kind.__module__ not in ("fractions", "decimal", "_decimal"))


# ---- + − × ÷ -------------------------------------------------------------------------------------------------------------
#
# The tangent of out = x ∘ y, where x and y have the tangents t and s, None for a constant.

def _sum(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return s if t is None else t if s is None else t + s


def _difference(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return -s if t is None else t if s is None else t + -s


def _product(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    if t is None:
        return term(s, x) if type(x) is int else s * x
    if s is None:
        return term(t, y) if type(y) is int else t * y
    return t * y + s * x


def _quotient(out: Any, x: Any, t: Any, y: Any, s: Any) -> Any:
    return quotient(out, t, s, y)


FORMULAS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.add: _sum, np.subtract: _difference, np.multiply: _product, np.divide: _quotient}


def single_at_once(cls: Any, rule: Elementwise, compute: Callable[[Any, Any], Any], level: int, x: Any, t: Any, y: Any, s: Any,
                   left: Any, right: Any) -> Any:
    """An operator on two numbers of one such type, or on one and a plain number. None where something is otherwise."""
    kind = type(y) if t is None else type(x)
    if not is_single(kind) or not goes_with(type(x), kind) or not goes_with(type(y), kind):
        return None
    for number, tangent in ((x, t), (y, s)):
        if tangent is not None and (type(tangent) is not kind or type(number) is not kind):
            return None
    formula = FORMULAS[rule.function]
    if formula is _quotient and not y:
        return None
    out = compute(x, y)
    if type(out) is kind:
        try:
            tangent = quietly(formula, out, x, t, y, s) if kind in NUMPY else formula(out, x, t, y, s)
            if tangent == tangent and type(tangent) is kind:
                return cls.make(out, tangent, level)
        except ArithmeticError:  # decimals trap 0 × ∞
            pass
    return cls._lift_elementwise(level, rule, lambda *_: out, (left, right), {})  # a strong zero may have to win


def single_power(cls: Any, rule: Elementwise, x: Any, n: int) -> Any:
    """A whole power ≥ 2 of such a number."""
    at, along, kind = x.primal, x.tangent, type(x.primal)
    if not is_single(kind) or type(along) is not kind:
        return None
    out = at**n
    try:
        tangent = quietly(lambda: along * (n * (at if n == 2 else at ** (n - 1)))) if type(out) is kind else None
        if type(tangent) is kind and tangent == tangent:
            return cls.make(out, tangent, x.level)
    except ArithmeticError:
        pass
    return cls._lift_elementwise(x.level, rule, lambda *_: out, (x, n), {})  # a strong zero may have to win


# ---- functions of one number -------------------------------------------------------------------------------------------

def of_one_single(cls: Any, rule: Elementwise, like: Any) -> Callable[[Any], Any] | None:
    """A function of numbers of the type of ``like``, made once. None if they have none, or a rule of their own."""
    kind = type(like)
    if not is_single(kind) or rule.if_complex is not None or not callable(rule.partials[0]):
        return None
    results = {kind, np.complex128} if kind is complex else {kind}  # what NumPy makes of Python's
    compute, xp, partial, from_output = function_for(rule.function, like), namespace(like), rule.partials[0], rule.from_output

    def slope_times(along: Any, out: Any, at: Any) -> Any:
        return term(along, partial(xp, out, at) if from_output else partial(xp, at))

    def function(x: Any) -> Any:
        at, along = x.primal, x.tangent
        if type(along) is not kind:
            return None
        out = compute(at)
        try:
            tangent = quietly(slope_times, along, out, at) if type(out) in results else None
        except (ArithmeticError, ValueError, TypeError):  # the end of a domain
            tangent = None
        if type(tangent) is not type(out) and type(tangent) in results:
            tangent = type(out)(tangent)
        if type(tangent) not in results:
            return cls._lift_elementwise(x.level, rule, lambda *_: out, (x,), {})
        return cls.make(out, tangent, x.level)

    return function
