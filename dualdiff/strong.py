"""Tangent times partial, where a zero tangent wins over an infinite or undefined partial.

An input that does not matter cannot poison a result: 0 × inf = 0 × nan = 0, for each direction by itself. The test costs one
pass over the product, and only a nan in it leads to the careful form.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np

from dualdiff.arguments import AbstractOperand
from dualdiff.calls import call
from dualdiff.numbers import constant, plain
from dualdiff.rules.moves import unbroadcast
from dualdiff.rules.table import bilinear, matrix
from dualdiff.rules.transposes import TRANSPOSES
from dualdiff.tangents import Tangents

ALONE = 10_000  # entries that OpenBLAS multiplies in the thread that calls it


def term(tangent: Any, slope: Any, own: bool = False) -> Any:
    """tangent × partial. A truth value picks a branch instead of multiplying.

    ``own``: the slope is an array that nobody else holds, so the product may take its memory.
    """
    kind = type(slope)
    if kind is bool:
        return tangent if slope else nothing(tangent)
    if kind is int:
        return tangent if slope == 1 else -tangent if slope == -1 else tangent * slope
    if kind is np.bool_ or getattr(slope, "dtype", None) == bool:
        if isinstance(tangent, Tangents):
            return tangent.fused(picked, slope)
        return picked(tangent, slope)
    if own and type(tangent) is np.ndarray and tangent.shape == slope.shape and tangent.dtype == slope.dtype:
        product = np.multiply(tangent, slope, out=slope)
        if has_nan(product):
            product[tangent == 0] = 0
        return product
    try:
        product = tangent * slope
    except ArithmeticError:  # decimals trap what has no value
        if not tangent:
            return nothing(tangent)
        raise
    if has_nan(product):
        product = tangent.fused(strong_product, slope) if isinstance(tangent, Tangents) else strong_product(tangent, slope)
    return product


def nothing(tangent: Any) -> Any:
    """A tangent of a branch that was not picked: zero, whatever the tangent is."""
    if isinstance(tangent, Tangents):
        return tangent.fused(picked, False)
    if isinstance(tangent, (np.ndarray, AbstractOperand)):
        return picked(tangent, False)
    return constant(0, tangent)


def picked(tangent: Any, mask: Any) -> Any:
    return np.where(mask, tangent, 0)[()]


def has_nan(value: Any) -> bool:
    """Whether there is a nan anywhere in ``value``: a sum of squares is nan if a term is, and so is a minimum.

    The sum is the quicker one; of more than `ALONE` entries it would wake the threads of BLAS for each operation.
    """
    if type(value) is float:
        return value != value
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return isnan(np.vdot(value, value) if value.size <= ALONE else np.minimum.reduce(value, None, initial=np.inf))
    if isinstance(value, AbstractOperand):
        return value.has_nan()
    if isinstance(value, Tangents):
        return has_nan(value.held)
    if getattr(value, "dtype", None) is not None and value.dtype.kind == "O":
        return any(map(has_nan, value.flat))
    return bool(value != value) if not isinstance(value, np.ndarray) else bool(np.isnan(value).any())


def is_marred(doubles: np.ndarray[Any, Any]) -> bool:
    """`has_nan` of an array of doubles, at once. To be called quietly: a sum of squares may overflow."""
    return isnan(doubles.dot(doubles)) if doubles.ndim == 1 and doubles.size <= ALONE else has_nan(doubles)


def is_clean(scalar: Any) -> bool:
    """Whether there is no nan in a number: a float, or one with floats as its parts, at once."""
    if type(scalar) is float:
        return scalar == scalar
    primal, tangent = getattr(scalar, "primal", None), getattr(scalar, "tangent", None)
    if type(primal) is float and type(tangent) is float:
        return primal == primal and tangent == tangent
    return not has_nan(scalar)


def strong_product(tangent: Any, slope: Any) -> Any:
    """tangent × slope, and 0 wherever the tangent is 0."""
    if isinstance(tangent, AbstractOperand) or isinstance(slope, AbstractOperand):
        return call(strong_product, (tangent, slope))
    return plain(np.where(tangent == 0, 0, tangent * slope)[()])


def weak_product(left: Any, right: Any) -> Any:
    """left × right, and 0 wherever either is: the tangent of a slope meets the tangent that the slope multiplies."""
    if isinstance(left, AbstractOperand) or isinstance(right, AbstractOperand):
        return call(weak_product, (left, right))
    return plain(np.where((left == 0) | (right == 0), 0, left * right)[()])


matrix(strong_product, tangent=lambda out, t, tangent, slope: strong_product(t, slope),
       slope=lambda out, t, tangent, slope: weak_product(t, tangent))
bilinear(weak_product, left=0, right=1)

TRANSPOSES[strong_product] = {
    "tangent": lambda c, tangent, slope: unbroadcast(strong_product(c, slope), np.shape(tangent)),
    "slope": lambda c, tangent, slope: unbroadcast(weak_product(c, tangent), np.shape(slope))}
TRANSPOSES[weak_product] = {
    "left": lambda c, left, right: unbroadcast(weak_product(c, right), np.shape(left)),
    "right": lambda c, left, right: unbroadcast(weak_product(c, left), np.shape(right))}
