"""What functions do to mpmath numbers: elementwise by mpmath's own, the rest of them in `dualdiff.checks.carried_linalg`.

Loaded with the first `Carrier`, so that mpmath costs nothing until it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from dualdiff.checks import carried_linalg
from dualdiff.errors import CarrierError
from dualdiff.numbers import multiprecision
from dualdiff.numbers import special_multiprecision as special

mpf, mpc = mpmath.mpf, mpmath.mpc
NUMBERS = (mpf, mpc)

# ---- numbers -------------------------------------------------------------------------------------------------------------


def number(x: Any) -> Any:
    """A number as mpmath's: binary floating point exactly."""
    if isinstance(x, NUMBERS):
        return x
    if hasattr(x, "primal"):
        return number(x.primal)
    if x is None:  # np.empty_like of an object array
        return mpf(0)
    if isinstance(x, (complex, np.complexfloating)):
        return mpc(number(x.real), number(x.imag))
    if isinstance(x, np.floating) and not isinstance(x, float):
        return mpf(float(x)) if x.dtype != np.longdouble else _from_longdouble(x)
    return mpf(int(x)) if isinstance(x, (int, np.integer)) else mpf(x)


def _from_longdouble(x: Any) -> Any:
    high = float(x)
    return mpf(high) + (mpf(float(x - np.longdouble(high))) if np.isfinite(high) else 0)


_numbers = np.frompyfunc(number, 1, 1)


def precise(value: Any) -> Any:
    """A number or an array of numbers as mpmath's; what is mpmath's already keeps its memory."""
    if isinstance(value, (np.ndarray, list, tuple)):
        array = np.asarray(value)
        if array.dtype == object and all(isinstance(x, NUMBERS) for x in array.flat):
            return array
        made = np.empty(array.shape, object)
        made[...] = _numbers(array)
        return made
    return number(value)


def is_precise(value: Any) -> bool:
    return isinstance(value, NUMBERS)


def has_complex(value: Any) -> bool:
    return any(isinstance(x, mpc) for x in np.ravel(np.asarray(value, object)))


def sealed(value: Any, carrier: Callable[[Any], Any]) -> Any:
    """A result in objects: a carrier of numbers, or a plain array of truth values."""
    if isinstance(value, np.ndarray) and value.size and all(isinstance(x, (bool, np.bool_)) for x in value.flat):
        return value.astype(bool)
    return carrier(precise(value))


def rounded(value: Any) -> Any:
    """mpmath numbers as float64 (or complex), also in arrays and containers."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(rounded, value))
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.astype(complex if has_complex(value) else float)
    return (complex(value) if isinstance(value, mpc) else float(value)) if isinstance(value, NUMBERS) else value


# ---- ufuncs --------------------------------------------------------------------------------------------------------------

NATIVE = {np.add, np.subtract, np.multiply, np.negative, np.positive, np.equal, np.not_equal, np.less, np.less_equal,
          np.greater, np.greater_equal, np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.conjugate, np.absolute,
          np.matmul, np.vecdot}

OWN: dict[str, Callable[..., Any]] = {
    "divide": lambda x, y: x / y,
    "power": lambda x, y: _power(x, y),
    "float_power": lambda x, y: _power(x, y),
    "fmax": lambda x, y: y if x != x else x if y != y else max(x, y),
    "fmin": lambda x, y: y if x != x else x if y != y else min(x, y),
    "maximum": lambda x, y: x if x != x or x >= y else y,
    "minimum": lambda x, y: x if x != x or x <= y else y,
    "fabs": abs,
    "exp2": lambda x: mp.power(2, x),
    "log2": lambda x: mp.log(x) / mp.ln2,
    "log10": lambda x: mp.log10(x),
    "cbrt": lambda x: mp.cbrt(x) if not isinstance(x, mpc) and x >= 0 else -mp.cbrt(-x),
    "hypot": lambda x, y: mp.hypot(x, y),
    "heaviside": lambda x, y: y if x == 0 else mpf(x > 0),
    "divmod": lambda x, y: (mp.floor(x / y), x - mp.floor(x / y) * y),
    "floor_divide": lambda x, y: mp.floor(x / y),
    "remainder": lambda x, y: x - mp.floor(x / y) * y,
    "modf": lambda x: (x - multiprecision.trunc(x), multiprecision.trunc(x)),
    "frexp": lambda x: mp.frexp(x),
    "ldexp": lambda x, i: mp.ldexp(x, int(i)),
    "signbit": lambda x: x < 0,
    "isfinite": mp.isfinite,
    "isinf": mp.isinf,
    "isnan": mp.isnan,
}

_made: dict[np.ufunc, Any] = {}


def elementwise(ufunc: np.ufunc) -> Any:
    """The ufunc on objects."""
    if ufunc not in _made:
        _made[ufunc] = _guarded(ufunc)
    return _made[ufunc]


def _guarded(ufunc: np.ufunc) -> Any:
    name = ufunc.__name__
    if ufunc in NATIVE or (ufunc.signature and getattr(np, name, None) is ufunc):
        return ufunc
    is_numpy = getattr(np, name, None) is ufunc
    function = (OWN.get(name) or getattr(multiprecision, name, None)) if is_numpy else getattr(special, name.lstrip("_"), None)
    if function is None:
        raise CarrierError(f"{name} is not available for mpmath numbers")

    def of_numbers(*inputs: Any) -> Any:
        try:
            out = function(*[number(x) if not isinstance(x, bool) else x for x in inputs])
        except (ZeroDivisionError, ValueError, OverflowError):  # a pole, or the end of a domain: as NumPy answers
            with np.errstate(all="ignore"):
                edge = ufunc(*map(rounded, inputs))
            if np.any(np.isfinite(edge)):
                raise
            return tuple(map(number, edge)) if ufunc.nout > 1 else number(edge)
        if isinstance(out, mpc) and not any(isinstance(x, mpc) for x in inputs):
            return mpf("nan")
        return out

    return np.frompyfunc(of_numbers, ufunc.nin, ufunc.nout)


def _power(x: Any, y: Any) -> Any:
    return x ** int(y) if not isinstance(y, mpc) and mp.isint(y) and abs(y) < 2**31 else mp.power(x, y)


# ---- functions of arrays -------------------------------------------------------------------------------------------------

def _real(z: Any) -> Any:
    return np.frompyfunc(mp.re, 1, 1)(z)


def _imag(z: Any) -> Any:
    return np.frompyfunc(mp.im, 1, 1)(z)


def _angle(z: Any, deg: bool = False) -> Any:
    found = np.frompyfunc(lambda x: mp.arg(x), 1, 1)(z)
    return found * 180 / mp.pi if deg else found


def _std(*args: Any, **kwargs: Any) -> Any:
    return np.frompyfunc(mp.sqrt, 1, 1)(np.var(*args, **kwargs))


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.real: _real,
    np.imag: _imag,
    np.angle: _angle,
    np.std: _std,
    np.iscomplexobj: has_complex,
    np.isrealobj: lambda x: not has_complex(x),
    np.sinc: lambda x: np.frompyfunc(lambda t: mp.sinc(mp.pi * t), 1, 1)(x),
    np.i0: lambda x: np.frompyfunc(lambda t: mp.besseli(0, t), 1, 1)(x),
    **carried_linalg.FUNCTIONS,
}
