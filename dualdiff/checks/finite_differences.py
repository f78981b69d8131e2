"""Finite differences: the reference method that people know, with its step for all to see.

The error of a difference has two parts, truncation (the method's formula is exact for h → 0 only) and rounding (f's own, divided
by h). They pull h in opposite directions, so no step gives all digits: about half of them with forward or backward differences,
two thirds with central ones. ``examples/step_size.py`` draws the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.checks.probes import STENCILS, Probe
from dualdiff.numbers import epsilon


def finite_difference(f: Callable[..., Any], *args: Any, method: str = "central", step: float | None = None, argnums: Any = 0,
                      argnames: Any = None, **kwargs: Any) -> Any:
    """The Jacobian (derivative, gradient) of ``f`` at ``args`` by finite differences.

    Parameters
    ----------
    f : callable
        Any function of numbers and arrays; it is only evaluated.
    *args, **kwargs
        The point, and whatever else ``f`` takes.
    method : {"central", "forward", "backward"}
        ``central``: (f(x + h/2) − f(x − h/2)) / h, whose error is of order h²; ``forward``: (f(x + h) − f(x)) / h and
        ``backward``: (f(x) − f(x − h)) / h, of order h.
    step : float, optional
        h, in the units of the input. By default, for each entry x, a power of two near ``ε^(1/2)·max(1, |x|)`` (forward,
        backward) or ``ε^(1/3)·max(1, |x|)`` (central), where truncation and rounding balance for a function of moderate size.
    argnums, argnames : int, str or tuple of them
        The arguments to differentiate in, as everywhere in dualdiff.

    Returns
    -------
    float, ndarray or nested structure
        Of shape out.shape + in.shape, as `dualdiff.jacobian` gives it.

    Raises
    ------
    ValueError
        If the method is unknown, the step is zero or not finite, or ``f`` returns another shape at a neighbouring point.

    See Also
    --------
    check_derivatives : compares dualdiff with differences whose error is known.

    Examples
    --------
    >>> import dualdiff as dd
    >>> def f(x, y): return x**2 * y + y + 2
    >>> dd.finite_difference(f, 3.0, 4.0, argnums=(0, 1), method="forward", step=1e-4)
    (24.000400000048216, 10.000000000047748)
    >>> dd.finite_difference(f, 3.0, 4.0, step=1e-4)
    23.9999999999...
    """
    probe = Probe(f, args, kwargs, argnums, argnames)
    steps = steps_for(probe, method, step, 1)
    return probe.jacobian([probe.difference(method, (i,), (steps[i],)) for i in range(probe.n)])


def finite_difference_hessian(f: Callable[..., Any], *args: Any, method: str = "central", step: float | None = None,
                              argnums: Any = 0, argnames: Any = None, **kwargs: Any) -> Any:
    """The second derivatives of ``f`` at ``args`` by differences of differences.

    Parameters
    ----------
    f, *args, method, step, argnums, argnames, **kwargs
        As of `finite_difference`; the default step is near ``ε^(1/3)·max(1, |x|)`` for the one-sided methods and
        ``ε^(1/4)·max(1, |x|)`` for the central one, where (f(x + h) − 2f(x) + f(x − h)) / h² has about half of the digits.

    Returns
    -------
    float, ndarray or nested structure
        Of shape out.shape + in.shape + in.shape, as `dualdiff.hessian` gives it.

    Raises
    ------
    ValueError
        As `finite_difference`.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.finite_difference_hessian(lambda x: x[0] ** 2 * x[1], np.array([3.0, 4.0]), step=0.125)
    array([[8., 6.],
           [6., 0.]])
    """
    probe = Probe(f, args, kwargs, argnums, argnames)
    steps = steps_for(probe, method, step, 2)
    rows: list[list[Any]] = [[None] * probe.n for _ in range(probe.n)]
    for i in range(probe.n):
        for j in range(i + 1):
            rows[i][j] = rows[j][i] = probe.difference(method, (i, j), (steps[i], steps[j]))
    return probe.hessian(rows)


def steps_for(probe: Probe, method: str, step: float | None, n: int) -> list[Any]:
    """One step for each entry of the inputs, for an nth difference."""
    if method not in STENCILS:
        raise ValueError(f"method={method!r} is none of {', '.join(map(repr, STENCILS))}")
    if step is not None:
        if not step - step == 0 or step == 0:  # of any number type
            raise ValueError(f"step={step!r}: a difference needs a finite step other than 0")
        return [step] * probe.n
    root = n + (2 if method == "central" else 1)
    return [power_of_two(epsilon(x) ** (1 / root) * max(1.0, abs(x))) for x in probe.point]


def power_of_two(size: Any) -> float:
    """The power of two nearest below: x ± h then has no rounding error to speak of. (0.0 of a nan: every difference is nan.)"""
    return 2.0 ** float(np.floor(np.log2(float(size)))) if np.isfinite(float(size)) else float("nan")
