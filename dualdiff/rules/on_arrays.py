"""Partials on arrays of many doubles, where another formula than the row's is several times quicker there, and as accurate.

The rows say what a derivative is, for every type of numbers; these say the same of NumPy's doubles only, and use that they have the
value as well. Tests hold both against mpmath.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from dualdiff.rules.auxiliary import any_of
from dualdiff.rules.table import on_arrays

# ---- sine and cosine, each from the other ----------------------------------------------------------------------------------
#
# cos x = sin x / tan x, sin x = cos x · tan x. NumPy's tangent is vectorised on some processors (those with AVX-512, under Linux)
# where its sine and cosine are the C library's: beside a sine, a cosine then costs a sixth. Every factor is accurate relatively,
# also next to the zeros and far out, and so is what comes of them.


def cosine_by_sine(sine: Any, x: Any) -> Any:
    cosine = np.tan(x)
    np.divide(sine, cosine, cosine)
    zero = x == 0
    if any_of(zero):  # 0/0
        cosine[zero] = 1
    return cosine


def minus_sine_by_cosine(cosine: Any, x: Any) -> Any:
    sine = np.tan(x)
    return np.multiply(sine, np.negative(cosine), sine)


@cache
def tangent_is_quick() -> bool:
    """Whether NumPy's tangent is vectorised, and its sine and cosine are not."""
    return is_vectorised(np.tan, math.tan) and not is_vectorised(np.sin, math.sin) and not is_vectorised(np.cos, math.cos)


def is_vectorised(ufunc: np.ufunc, of_the_library: Callable[[float], float]) -> bool:
    """Whether a function of arrays is another than the C library's, which shows in the last bits of some of many values.

    A clock would say so too, but not each time the same, and results must not hang on it.
    """
    points = np.linspace(0.1, 6.2, 4096)
    return not np.array_equal(ufunc(points), [of_the_library(x) for x in points.tolist()])


on_arrays(np.sin, cosine_by_sine, when=tangent_is_quick)
on_arrays(np.cos, minus_sine_by_cosine, when=tangent_is_quick)

# ---- 1 + x², which has no cancellation for real numbers --------------------------------------------------------------------
#
# Where the square overflows, entry by entry, the row's hypot takes its place: a hypot costs as much as ten square roots.

OVERFLOWING = 1e300


def secant_squared(tangent: Any, x: Any) -> Any:
    square = tangent * tangent
    return np.add(square, 1, square)


def inverse_of_one_plus_square(out: Any, x: Any) -> Any:
    """1/(1 + x²)."""
    slope = x * x
    lost = overflowing(slope)
    np.divide(1, np.add(slope, 1, slope), slope)
    if lost is not None:
        slope[lost] = (1 / np.hypot(1, x[lost])) ** 2
    return slope


def inverse_of_root(out: Any, x: Any) -> Any:
    """1/√(1 + x²)."""
    slope = x * x
    lost = overflowing(slope)
    np.divide(1, np.sqrt(np.add(slope, 1, slope), slope), slope)
    if lost is not None:
        slope[lost] = 1 / np.hypot(1, x[lost])
    return slope


def overflowing(squares: Any) -> Any:
    """Which of the squares have overflowed, or nearly so; None if none has, nor is a nan."""
    return None if np.maximum.reduce(squares, None) < OVERFLOWING else squares >= OVERFLOWING


on_arrays(np.tan, secant_squared)
on_arrays(np.arctan, inverse_of_one_plus_square)
on_arrays(np.arcsinh, inverse_of_root)
