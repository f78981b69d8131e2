"""Derivatives of any order in one pass, by truncated Taylor series."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np

from dualdiff.arguments import AbstractOperand
from dualdiff.levels import new_level
from dualdiff.passes import Pass
from dualdiff.seeding import Inputs, checked_leaves, matching, one
from dualdiff.series import Series
from dualdiff.structures import leaves, rebuilt
from dualdiff.wrapper import Transform


def taylor(function: Callable[..., Any], x: Any, n: int, v: Any = 1) -> Any:
    """The Taylor coefficients 0 … n of t ↦ f(x + t·v), in one pass.

    Parameters
    ----------
    function : callable
        A function of one argument: a number, an array, or a nested structure of them.
    x : number, array or structure
        The point.
    n : int
        The highest order.
    v : optional
        The direction: of the structure and shapes of ``x``, or a number for the same in every entry. 1 by default.

    Returns
    -------
    coefficients : ndarray
        Of shape ``(n + 1,) + out.shape``; for a structured result a structure of them. Entry k is the k-th derivative along
        ``v`` over k!.

    Raises
    ------
    ValueError
        If ``n`` is not a whole number ≥ 0, or ``v`` does not have the shapes of ``x``.

    Notes
    -----
    Two operations of order n cost O(n²) arithmetic, where n nested derivatives cost O(2ⁿ).

    Examples
    --------
    >>> import numpy as np
    >>> taylor(np.exp, 0.0, 4)
    array([1.        , 1.        , 0.5       , 0.16666667, 0.04166667])
    """
    return _coefficients(Transform(function), (x,), {}, 0, None, n, v)


def derivatives(function: Callable[..., Any], x: Any, n: int, v: Any = 1) -> Any:
    """The derivatives of all orders 0 … n along ``v``, in one pass.

    The parameters are those of `taylor`; entry k of the result is the k-th derivative.

    Examples
    --------
    >>> import numpy as np
    >>> derivatives(lambda x: 1 / np.cosh(x), 0.0, 6).round(9) + 0.0
    array([  1.,   0.,  -1.,   0.,   5.,   0., -61.])
    """
    found = taylor(function, x, n, v)
    return rebuilt(found, iter([_times_factorials(leaf) for _, leaf in leaves(found)]))


def nth(transform: Transform, args: Any, kwargs: Any, n: int) -> tuple[Any, Any]:
    """Value and n-th derivative of a function of a scalar: what ``derivative(f, n=n)`` returns."""
    options = transform.options
    found = _coefficients(transform, args, kwargs, options["argnums"], options["argnames"], n, 1)
    value = rebuilt(found, iter([_plain(leaf[0]) for _, leaf in leaves(found)]))
    return value, rebuilt(found, iter([_plain(leaf[n] * factorial(n)) for _, leaf in leaves(found)]))


def _coefficients(transform: Transform, args: Any, kwargs: Any, argnums: Any, argnames: Any, n: int, v: Any) -> Any:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 0:
        raise ValueError(f"the order n of a derivative is a whole number, 0 or more, not {n!r}")
    inputs = Inputs(transform.label, args, kwargs, argnums, argnames)
    if np.ndim(v) == 0 and not isinstance(v, (list, tuple, dict)):
        directions = [np.full(np.shape(leaf), v, leaf.dtype) if np.shape(leaf) else v * one(leaf) for leaf in inputs.leaves]
    else:
        directions = matching("taylor", inputs.values, [v])
    level = new_level()
    seeded = [Series.variable(leaf, int(n), direction, level) for leaf, direction in zip(inputs.leaves, directions)]
    output = Pass(transform.__wrapped__, *inputs.arguments(seeded)).run()
    parts = [_padded(leaf, int(n), level) for _, leaf in checked_leaves(output, transform.label)]
    return rebuilt(output, iter(parts))


def _padded(leaf: Any, n: int, level: int) -> Any:
    """All coefficients of one output, zeros for one that is constant."""
    ours = isinstance(leaf, Series) and leaf.level == level
    coefficients = leaf.coefficients if ours else [leaf]
    coefficients = coefficients + [0 * coefficients[0]] * (n + 1 - len(coefficients))
    if any(isinstance(c, AbstractOperand) for c in coefficients) or np.shape(coefficients[0]):
        return np.stack(coefficients)
    return np.array(coefficients)


def _times_factorials(coefficients: Any) -> Any:
    return np.stack([c * factorial(k) for k, c in enumerate(coefficients)])


def _plain(value: Any) -> Any:
    return float(value) if type(value) is np.float64 else value
