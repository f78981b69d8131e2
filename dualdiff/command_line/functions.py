"""What an expression may call: functions of numbers and arrays that make nothing larger than their arguments, and touch no file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff import math
from dualdiff.arguments import operands
from dualdiff.numbers import base
from dualdiff.rules.table import TABLE

# NumPy's functions that take and return numbers and arrays, as far as they have a rule. (Not those that make arrays of any
# size, call functions back, or read files.)
ARRAYS = ("sum prod mean var std dot matmul inner cross cumsum cumprod diff sort clip where maximum minimum trace transpose norm "
          "det inv solve square absolute arctan2 sinc logaddexp heaviside sign cbrt power exp2 log2 arcsin arccos arctan arcsinh "
          "arccosh arctanh real imag conj").split()
LEFT_OUT = {"factorial", "comb", "perm", "prod", "pow", "ldexp", "gcd", "lcm", "isqrt"}  # of math: whole numbers without end
LARGEST = 1_000_000  # as a power of two
MOST = 1_000_000  # entries of a product that grows


def functions() -> dict[str, Callable[..., Any]]:
    """By name: those of `dualdiff.math`, and NumPy's on arrays."""
    found = {name: function for name in ARRAYS for function in [getattr(np, name, None) or getattr(np.linalg, name)]
             if function in TABLE}
    found |= {name: getattr(math, name) for name in math.__all__ if callable(getattr(math, name)) and name not in LEFT_OUT}
    return found | {"abs": abs, "array": array, "diag": diag, "max": largest, "min": smallest, "outer": outer}


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its results kept from growing: mpmath has no largest number, and works on 10**10**10**10 for ever."""
    @functools.wraps(function)
    def kept(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        for x in np.ravel(base(result)) if isinstance(base(result), np.ndarray) else [base(result)]:
            _, _, exponent, size = getattr(x, "_mpf_", (0, 0, 0, 0))
            if exponent + size > LARGEST:
                raise OverflowError
        return result

    return kept


def array(values: Any) -> Any:
    """A (nested) list as an array."""
    if not isinstance(values, list):
        return values
    found: Any = next(iter(operands(values)), None)
    try:
        return np.array(values) if found is None else np.array(values, like=found)
    except ValueError:
        raise ValueError("the rows of a list have to be of the same length") from None


def largest(*values: Any, axis: Any = None) -> Any:
    """The largest of several numbers, or the largest entry of an array."""
    return functools.reduce(np.maximum, values) if len(values) > 1 else np.max(values[0], axis=axis)


def smallest(*values: Any, axis: Any = None) -> Any:
    """The smallest of several numbers, or the smallest entry of an array."""
    return functools.reduce(np.minimum, values) if len(values) > 1 else np.min(values[0], axis=axis)


def outer(a: Any, b: Any) -> Any:
    return np.outer(*_bounded(np.size(a) * np.size(b), a, b))


def diag(a: Any) -> Any:
    return np.diag(*_bounded(np.size(a) ** 2 if np.ndim(a) == 1 else 0, a))


def _bounded(size: int, *arguments: Any) -> tuple[Any, ...]:
    if size > MOST:
        raise ValueError(f"an array of {size} entries is too large for an expression")
    return arguments
