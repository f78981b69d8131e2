"""The plain value of what travels through a differentiated function."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.arguments import AbstractOperand, mapped
from dualdiff.numbers import base


def primal(value: Any) -> Any:
    """The value without its derivatives, of any level: for printing, plotting, comparing, and for what is meant to be constant.

    Parameters
    ----------
    value : number, array or nested lists, tuples and dicts of them
        What a function that is being differentiated has at hand: dual numbers, variables of reverse mode, plain numbers.

    Returns
    -------
    number, array or the same structure
        Plain; arrays in memory of their own. What is plain already is returned as it is, so that a function may call this
        whether it is being differentiated or not.

    Notes
    -----
    The result is a constant to every derivative: d(x·primal(x))/dx is x, not 2x.

    Examples
    --------
    >>> import dualdiff as dd
    >>> def f(x):
    ...     scale = float(dd.primal(x))
    ...     return x / scale
    >>> dd.derivative(f)(4.0), f(4.0)
    (0.25, 1.0)
    """
    def stripped(operand: AbstractOperand) -> Any:
        found = base(operand)
        return found.copy(order="K") if isinstance(found, np.ndarray) else found

    return mapped(value, stripped)
