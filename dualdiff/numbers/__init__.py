"""Which module of functions serves which number type.

A rule is written once, with ``xp`` for the functions: ``xp.cos(x)``. For each number type one entry here names the module that
stands for ``xp``. Modules are loaded when the first number of their type is met, so that mpmath and SymPy cost nothing until
used. To add a number type: write a module with the functions that it has under NumPy's names, and enter it in ``MODULES``.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

from dualdiff.numbers import floats

# The package (or the very module) that defines a type → the module of functions that serves it.
MODULES = {
    "mpmath.ctx_iv": "dualdiff.numbers.intervals",
    "fractions": "dualdiff.numbers.exact",
    "decimal": "dualdiff.numbers.decimals",
    "mpmath": "dualdiff.numbers.multiprecision",
    "sympy": "dualdiff.numbers.symbolic",
}

DOUBLES = frozenset((float, int, np.float64))  # the types of single numbers that are doubles, or are promoted to them
SMALLEST_NORMAL = sys.float_info.min  # the smallest double that has all its digits

_BY_TYPE: dict[type, Any] = {float: floats, int: floats, bool: floats, np.float64: np, np.float32: np, np.longdouble: np}


def namespace(*values: Any) -> Any:
    """The module of functions for an operation on ``values``: that of the first that is more than a Python float."""
    first = floats
    for value in values:
        found = _BY_TYPE.get(type(value))
        if found is None:
            found = np if type(value) is np.ndarray and value.dtype.kind == "f" else _namespace_of(value)
        if found is not first and found is not floats:
            if first is not floats:
                return _of_a_mixture(values)
            first = found
    return first


def _of_a_mixture(values: tuple[Any, ...]) -> Any:
    """NumPy's numbers beside those of a package make that package's; arrays beside them make arrays of objects."""
    found = [_namespace_of(value) for value in values]
    of_packages = [xp for xp in found if xp.__name__ in MODULES.values() or xp.__name__ == "dualdiff.numbers.objects"]
    if any(base(value) is not value for value in values) or not of_packages:
        return next(xp for xp in found if xp is not floats)
    if any(isinstance(value, np.ndarray) for value in values):
        return importlib.import_module("dualdiff.numbers.objects")
    return of_packages[0]


def _namespace_of(value: Any) -> Any:
    """numpy for arrays, NumPy scalars and operands (whose protocols do the rest); else the entry of the type's package."""
    primal = base(value)
    kind = getattr(getattr(primal, "dtype", None), "kind", None)
    if kind == "c" or type(primal) is complex:
        return importlib.import_module("dualdiff.numbers.complexes")
    if kind == "O" and primal is value:
        return importlib.import_module("dualdiff.numbers.objects")
    if kind is not None or primal is not value or isinstance(value, (list, tuple)):
        return np
    for kind_of in type(value).__mro__:
        if kind_of in _BY_TYPE:
            return _BY_TYPE[kind_of]
        module = MODULES.get(kind_of.__module__) or MODULES.get(kind_of.__module__.partition(".")[0])
        if module is not None:
            _BY_TYPE[type(value)] = found = importlib.import_module(module)
            return found
    return np


def function_for(function: Any, *values: Any) -> Any:
    """What computes the primal when the user calls ``function`` on ``values``: the function itself wherever it can."""
    xp = namespace(*values)
    if xp is floats or xp is np or getattr(xp, "uses_numpy", False):
        return function
    try:
        return getattr(xp, function.__name__)
    except AttributeError as missing:
        if any(isinstance(value, (np.ndarray, np.generic)) for value in values):
            return function  # NumPy's numbers beside others: NumPy leaves the others to their operators
        types = ", ".join(sorted({type(value).__name__ for value in values}))
        why = str(missing) if xp.__doc__ and not str(missing).startswith("module") else ""
        raise TypeError(f"{function.__name__} is not available for numbers of type {types}{': ' if why else ''}{why}") from None


def on_floats(rule: Any, i: int, out: Any, inputs: tuple[Any, ...]) -> Any:
    """∂out/∂inᵢ of an elementwise rule on floats: by ``math``, and by numpy where ``math`` raises at the end of a domain."""
    try:
        return rule.partial(i, floats, out, inputs)
    except (ValueError, OverflowError, ZeroDivisionError, AttributeError):
        with np.errstate(all="ignore"):
            out = in_doubles(out) if isinstance(out, tuple) else np.float64(out)
            whole = [partial is None for partial in rule.partials]  # ldexp takes nothing but an integer
            return in_floats(rule.partial(i, np, out, tuple([x if w else np.float64(x) for x, w in zip(inputs, whole)])))


def in_doubles(value: Any) -> Any:
    """Python floats, also those in a tuple, as NumPy's."""
    if type(value) is tuple:
        return tuple(map(in_doubles, value))
    return np.float64(value) if type(value) is float else value


def in_floats(value: Any) -> Any:
    """NumPy doubles, also those in a tuple or in arrays without axes (which np.where makes), as Python floats."""
    if type(value) is tuple:
        return tuple(map(in_floats, value))
    return plain(value[()] if isinstance(value, np.ndarray) else value)


def plain(value: Any) -> Any:
    """A NumPy double as the Python float that it is; anything else as it stands."""
    return float(value) if type(value) is np.float64 else value


# ---- constants in the precision of a value -------------------------------------------------------------------------------

def is_operand(value: Any) -> bool:
    """Whether a value carries more than itself: what that is, only those know who stand above the rules."""
    return hasattr(type(value), "primal")


def base(value: Any) -> Any:
    """The plain number or array innermost in an operand: its primal's primal's … primal."""
    while hasattr(type(value), "primal"):
        value = value.primal
    return value


def constant(n: int, x: Any) -> Any:
    """The whole number ``n`` in the number type of ``x``."""
    x = base(x)
    if type(x) is float or type(x) is int:
        return float(n)
    dtype = getattr(x, "dtype", None)
    if dtype is not None:
        if dtype.kind != "O":
            return dtype.type(n)
        return constant(n, x.flat[0]) if x.size else n
    make = getattr(namespace(x), "from_whole", type(x))
    return make(n)


def pi(xp: Any, x: Any) -> Any:
    """π in the precision of ``x``."""
    x = base(x)
    if type(x) is float or type(x) is int or getattr(x, "dtype", None) == np.float64:
        return np.pi
    own = namespace(x)
    return 4 * np.arctan(constant(1, x)) if own is np else own.pi


def epsilon(x: Any) -> float:
    """The spacing of the numbers of ``x``'s type at 1."""
    dtype = getattr(base(x), "dtype", None)
    if dtype is not None and dtype.kind in "fc":
        return float(np.finfo(dtype).eps)
    return float(getattr(namespace(base(x)), "epsilon", lambda: 2.0**-52)())


def smallest_normal(x: Any) -> Any:
    """The smallest number of ``x``'s type that has all its digits (0 for types whose exponent has no bound)."""
    x = base(x)
    if type(x) is float:
        return 2.0**-1022
    dtype = getattr(x, "dtype", None)
    return np.finfo(dtype).smallest_normal if dtype is not None and dtype.kind in "fc" else 0
