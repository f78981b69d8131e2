"""The standard library's ``math`` for dual numbers: ``import dualdiff.math as math``.

Every function and constant of the running Python's ``math`` is here. On Python's own numbers it returns what ``math`` returns,
and raises what ``math`` raises; so does the primal of a scalar dual number. On arrays, and on array duals, it is the NumPy
function of the same meaning; on numbers of mpmath and SymPy the function of theirs.

The derivatives stand in the table: in the row of the NumPy function, or, where NumPy has none, in ``dualdiff.rules.mathematics``.

Examples
--------
>>> import dualdiff
>>> import dualdiff.math as math
>>> dualdiff.derivative(lambda x: math.sin(x) * math.erf(x))(0.0)
0.0
>>> dualdiff.gradient(lambda a, b: math.dist((a, 0.0), (0.0, b)), argnums=(0, 1))(3.0, 4.0)
(0.6, 0.8)
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterable
from functools import partial, reduce
from math import e, inf, nan, pi, prod, tau
from typing import Any, TypeVar

import numpy as np

from dualdiff.arguments import highest, stripped
from dualdiff.calls import call
from dualdiff.dual import Dual
from dualdiff.lanes.functions import of_one, of_two
from dualdiff.numbers import MODULES, function_for
from dualdiff.rules.mathematics import elementwise
from dualdiff.rules.table import TABLE, Elementwise

Function = Callable[..., Any]
Unary = Callable[[Any], Any]
F = TypeVar("F", bound=Function)

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "comb", "copysign", "cos", "cosh", "degrees",
    "dist", "e", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "factorial", "floor", "fmod", "frexp", "fsum", "gamma", "gcd",
    "hypot", "inf", "isclose", "isfinite", "isinf", "isnan", "isqrt", "lcm", "ldexp", "lgamma", "log", "log10", "log1p", "log2",
    "modf", "nan", "nextafter", "perm", "pi", "pow", "prod", "radians", "remainder", "sin", "sinh", "sqrt", "tan", "tanh", "tau",
    "trunc", "ulp",
]


# ---- how a function of math becomes one of ours --------------------------------------------------------------------------

def unary(native: Function, entry: Function) -> Unary:
    """``native`` on plain numbers; on everything else by the row of ``entry`` in the table."""
    def otherwise(x: Any) -> Any:
        if hasattr(x, "through") and type(x.primal) is float and isinstance(rule, Elementwise) and rule.single:  # reverse mode
            return x.through(rule, native)
        return general(function, native, entry, (x,))

    rule = TABLE[entry]
    if isinstance(rule, Elementwise) and rule.single:
        function = of_one(Dual, rule, native, otherwise)
    else:
        def function(x: Any, /) -> Any:
            return native(x) if type(x) is float or type(x) is int else otherwise(x)

    return named(function, native)


def several(native: Function, entry: Function, formula: Function | None = None) -> Function:
    """The same for a function of several numbers; ``formula`` for arrays and numbers of other packages that lack it."""
    def otherwise(*args: Any) -> Any:
        return general(function, native, entry, args, formula)

    rule = TABLE[entry]
    by_rule = of_two(Dual, rule, native, otherwise) if isinstance(rule, Elementwise) and len(rule.partials) == 2 else otherwise

    def function(*args: Any) -> Any:
        for x in args:
            if type(x) is not float and type(x) is not int:
                return by_rule(*args) if len(args) == 2 else otherwise(*args)
        return native(*args)

    return named(function, native)


def general(function: Function, native: Function, entry: Function, args: tuple[Any, ...], formula: Function | None = None) -> Any:
    """A call with numbers of any type; ``function`` is ours and computes the primals of operands."""
    if highest(*args) is not None:
        return call(entry, args, compute=function)
    if any(is_foreign(x) for x in args):
        return (formula or function_for(entry, *args))(*args)
    if any(isinstance(x, np.ndarray) for x in args):
        return (formula or (entry if isinstance(entry, np.ufunc) else partial(elementwise, native)))(*args)
    return native(*args)


def exact(native: Function, formula: Function) -> Function:
    """A ``formula`` for `several` that rounds: arrays of floats take ``native`` for each entry."""
    return lambda *args: formula(*args) if any(map(is_foreign, args)) else elementwise(native, *args)


def is_foreign(x: Any) -> bool:
    """Whether ``x`` is of a type with functions of its own; a Fraction or a Decimal ``math`` takes for a float."""
    if isinstance(x, np.ndarray):
        return bool(x.dtype == object)
    package = type(x).__module__.partition(".")[0]
    return package in MODULES and package not in ("fractions", "decimal")


def named(function: F, native: Function) -> F:
    function.__name__ = function.__qualname__ = native.__name__.lstrip("_")
    function.__module__ = __name__
    function.__doc__ = native.__doc__
    return function


# ---- the functions -------------------------------------------------------------------------------------------------------

if sys.version_info >= (3, 11):
    from math import cbrt as _cbrt
    from math import exp2 as _exp2
else:
    def _cbrt(x: float, /) -> float:
        """Return the cube root of x."""
        return float(np.cbrt(operator.truediv(x, 1)))

    def _exp2(x: float, /) -> float:
        """Return 2 raised to the power x."""
        return math.pow(2.0, x)

acos      = unary(math.acos,      np.arccos)
acosh     = unary(math.acosh,     np.arccosh)
asin      = unary(math.asin,      np.arcsin)
asinh     = unary(math.asinh,     np.arcsinh)
atan      = unary(math.atan,      np.arctan)
atanh     = unary(math.atanh,     np.arctanh)
cbrt      = unary(_cbrt,          np.cbrt)
cos       = unary(math.cos,       np.cos)
cosh      = unary(math.cosh,      np.cosh)
degrees   = unary(math.degrees,   np.degrees)
erf       = unary(math.erf,       math.erf)
erfc      = unary(math.erfc,      math.erfc)
exp       = unary(math.exp,       np.exp)
exp2      = unary(_exp2,          np.exp2)
expm1     = unary(math.expm1,     np.expm1)
fabs      = unary(math.fabs,      np.fabs)
frexp     = unary(math.frexp,     np.frexp)
gamma     = unary(math.gamma,     math.gamma)
lgamma    = unary(math.lgamma,    math.lgamma)
log10     = unary(math.log10,     np.log10)
log1p     = unary(math.log1p,     np.log1p)
log2      = unary(math.log2,      np.log2)
modf      = unary(math.modf,      np.modf)
radians   = unary(math.radians,   np.radians)
sin       = unary(math.sin,       np.sin)
sinh      = unary(math.sinh,      np.sinh)
sqrt      = unary(math.sqrt,      np.sqrt)
tan       = unary(math.tan,       np.tan)
tanh      = unary(math.tanh,      np.tanh)

atan2     = several(math.atan2,     np.arctan2)
copysign  = several(math.copysign,  np.copysign)
fmod      = several(math.fmod,      np.fmod)
ldexp     = several(math.ldexp,     np.ldexp)
pow       = several(math.pow,       np.power)
remainder = several(math.remainder, math.remainder, exact(math.remainder, lambda x, y: x - y * function_for(np.rint, x, y)(x / y)))

ceil      = unary(math.ceil,      np.ceil)
floor     = unary(math.floor,     np.floor)
isfinite  = unary(math.isfinite,  np.isfinite)
isinf     = unary(math.isinf,     np.isinf)
isnan     = unary(math.isnan,     np.isnan)
trunc     = unary(math.trunc,     np.trunc)
ulp       = unary(math.ulp,       math.ulp)

_ln       = unary(math.log,       np.log)
_hypot    = several(math.hypot,    np.hypot)
_next     = several(math.nextafter, np.nextafter)
_NATURAL  = object()
_log_to   = several(math.log,     math.log, lambda x, base: _ln(x) / _ln(base))


def log(x: Any, base: Any = _NATURAL, /) -> Any:
    return _ln(x) if base is _NATURAL else _log_to(x, base)


def nextafter(x: Any, y: Any, /, **steps: Any) -> Any:
    if steps:  # Python 3.12
        native = named(lambda x, y: math.nextafter(x, y, **steps), math.nextafter)
        return several(native, np.nextafter, partial(elementwise, native))(x, y)
    return _next(x, y)


def isclose(a: Any, b: Any, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> Any:
    a, b = stripped((a, b))
    within = partial(math.isclose, rel_tol=rel_tol, abs_tol=abs_tol)
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.asarray(np.frompyfunc(partial(isclose, rel_tol=rel_tol, abs_tol=abs_tol), 2, 1)(a, b), bool)[()]
    if is_foreign(a) or is_foreign(b):  # math's test, in their precision
        return a == b or (within(1.0, 1.0) and bool(abs(a - b) <= max(rel_tol * max(abs(a), abs(b)), abs_tol) < inf))
    return within(a, b)


# ---- of any number of numbers --------------------------------------------------------------------------------------------

def hypot(*coordinates: Any) -> Any:
    return _hypot(*coordinates) if len(coordinates) == 2 else _reduced(hypot, math.hypot, np.hypot, coordinates)


def gcd(*integers: Any) -> Any:
    return _reduced(gcd, math.gcd, np.gcd, integers)


def lcm(*integers: Any) -> Any:
    return _reduced(lcm, math.lcm, np.lcm, integers)


def _reduced(function: Function, native: Function, ufunc: np.ufunc, args: tuple[Any, ...]) -> Any:
    """NumPy's function takes two arguments where that of ``math`` takes any number."""
    if all(type(x) is float or type(x) is int for x in args):
        return native(*args)
    if highest(*args) is not None:
        return call(native, args, compute=function)
    if any(isinstance(x, np.ndarray) or is_foreign(x) for x in args):
        return reduce(function_for(ufunc, *args), args)
    return native(*args)


def dist(p: Iterable[Any], q: Iterable[Any], /) -> Any:
    p, q = tuple(p), tuple(q)
    if len(p) == len(q) and highest(p, q) is not None:
        return call(math.dist, (p, q), compute=dist)
    if len(p) == len(q) and any(map(is_foreign, (*p, *q))):
        return hypot(*map(operator.sub, p, q))
    return math.dist(p, q)


def fsum(seq: Iterable[Any], /) -> Any:
    terms = list(seq)
    if highest(terms) is not None:
        return call(math.fsum, (terms,), compute=fsum)
    return function_for(math.fsum, *terms)(terms) if any(map(is_foreign, terms)) else math.fsum(terms)


if sys.version_info >= (3, 12):
    __all__ += ["sumprod"]

    def sumprod(p: Iterable[Any], q: Iterable[Any], /) -> Any:
        p, q = list(p), list(q)
        if len(p) == len(q) and highest(p, q) is not None:
            return call(math.sumprod, (p, q), compute=sumprod)
        return math.sumprod(p, q)

if sys.version_info >= (3, 13):
    __all__ += ["fma"]
    fma = several(math.fma, math.fma, exact(math.fma, lambda x, y, z: x * y + z))


# ---- of whole numbers ----------------------------------------------------------------------------------------------------

comb      = several(math.comb,      math.comb)
factorial = unary(math.factorial,   math.factorial)
isqrt     = unary(math.isqrt,       math.isqrt)
perm      = several(math.perm,      math.perm)

for _name in __all__:
    if callable(globals()[_name]) and globals()[_name].__doc__ is None:
        globals()[_name].__doc__ = getattr(math, _name).__doc__
