"""Direct recurrences for the coefficients of the commonest functions of series, where they are cheaper than raised partials.

Each takes the order n, the function's value y₀, and the coefficients of its inputs (of a constant the first alone), and returns
y₁ … yₙ, or None where the recurrence does not apply. Griewank & Walther, *Evaluating Derivatives*, 2nd ed., tables 13.1 and 13.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dualdiff.recurrences import algebraic, exponential, trigonometric
from dualdiff.recurrences.rows import Coefficients
from dualdiff.rules import auxiliary

RECURRENCES: dict[Callable[..., object], Callable[..., Coefficients | None]] = {
    np.add: algebraic.add,
    np.subtract: algebraic.subtract,
    np.negative: algebraic.negative,
    np.multiply: algebraic.multiply,
    np.square: algebraic.square,
    np.divide: algebraic.divide,
    np.reciprocal: algebraic.reciprocal,
    np.power: algebraic.power,
    np.sqrt: algebraic.sqrt,
    np.cbrt: algebraic.cbrt,
    np.exp: exponential.exp,
    np.exp2: exponential.exp2,
    np.expm1: exponential.expm1,
    np.log: exponential.log,
    np.log1p: exponential.log1p,
    np.log2: exponential.log_to(2),
    np.log10: exponential.log_to(10),
    np.sin: trigonometric.sin,
    np.cos: trigonometric.cos,
    np.tan: trigonometric.tan,
    np.arcsin: trigonometric.arcsin,
    np.arccos: trigonometric.arccos,
    np.arctan: trigonometric.arctan,
    np.arctan2: trigonometric.arctan2,
    np.sinh: trigonometric.sinh,
    np.cosh: trigonometric.cosh,
    np.tanh: trigonometric.tanh,
    np.arcsinh: trigonometric.arcsinh,
    np.arccosh: trigonometric.arccosh,
    np.arctanh: trigonometric.arctanh,
    np.hypot: trigonometric.hypot,
    auxiliary.sech.entry: trigonometric.sech_of,
    auxiliary.cosine.entry: trigonometric.cosine,
    auxiliary.inversion.entry: trigonometric.inversion,
}
