"""Derivatives of any order in one pass, by truncated Taylor series."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np

from dualdiff.arguments import AbstractOperand
from dualdiff.errors import NotHolomorphicError
from dualdiff.levels import new_level
from dualdiff.memory import DOUBLE
from dualdiff.numbers import DOUBLES, base, constant, plain
from dualdiff.series import Series
from dualdiff.structures import leaves, rebuilt
from dualdiff.transforms.first_order import Derivative
from dualdiff.transforms.passes import Pass, explain
from dualdiff.transforms.results import checked_leaves, tangent_at
from dualdiff.transforms.seeding import Inputs, is_complex_number, matching, one
from dualdiff.transforms.short_ways.begun import NOTHING, Begun
from dualdiff.transforms.sweep import Sweep
from dualdiff.transforms.wrapper import Transform, label_of


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
    An operation on series costs O(n²) arithmetic (a function of matrices O(n³)), where n nested derivatives cost O(2ⁿ). The
    recurrences are those of A. Griewank and A. Walther, *Evaluating Derivatives* (2008), chapter 13.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.taylor(np.exp, 0.0, 4)
    array([1.        , 1.        , 0.5       , 0.16666667, 0.04166667])
    """
    name, n = label_of(function, "taylor"), checked_order(n)
    if n and type(x) in DOUBLES and type(v) in DOUBLES:
        level = new_level()
        output = Pass(function, (Series.of_floats([float(x), float(v), *[0.0] * (n - 1)], level),), {}).run()
        if type(output) is Series and output.level == level and output.floats:
            return np.array(output.floats)
    else:
        inputs = Inputs(name, (x,), {}, 0, None)
        output, level = run(function, inputs, _directions(inputs, v), n)
    parts = [_stacked(coefficients(leaf, n, level)) for _, leaf in checked_leaves(output, name)]
    return rebuilt(output, iter(parts))


def derivatives(function: Callable[..., Any], x: Any, n: int, v: Any = 1) -> Any:
    """The derivatives of all orders 0 … n along ``v``, in one pass.

    Parameters
    ----------
    function, x, n, v
        As of `taylor`.

    Returns
    -------
    derivatives : ndarray
        Of shape ``(n + 1,) + out.shape``; for a structured result a structure of them. Entry k is the k-th derivative.

    Raises
    ------
    ValueError
        As `taylor`.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.derivatives(lambda x: 1 / np.cosh(x), 0.0, 6).round(9) + 0.0
    array([  1.,   0.,  -1.,   0.,   5.,   0., -61.])
    """
    found = taylor(function, x, n, v)
    if type(found) is np.ndarray and found.ndim == 1 and found.dtype is DOUBLE:
        return found * [float(factorial(k)) for k in range(n + 1)]
    return rebuilt(found, iter([_stacked([times_factorial(c, k) for k, c in enumerate(leaf)]) for _, leaf in leaves(found)]))


class NthDerivative(Derivative):
    """The n-th derivative of a function of a scalar. Options: n, and those of a derivative."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        begun, argnums = NOTHING, self.common
        if type(argnums) is int and argnums < len(args) and type(args[argnums]) in DOUBLES and not isinstance(args[0], type):
            n, level = self.options["n"], new_level()
            seed = Series.of_floats([float(args[argnums]), 1.0, *[0.0] * (n - 1)], level)
            try:
                output = self.__wrapped__(*args[:argnums], seed, *args[argnums + 1:], **kwargs)
            except Exception as error:
                explain(error)
                raise
            if type(output) is Series and output.level == level:
                found = output.floats or list(map(plain, output.coefficients))
                derivative = times_factorial(found[n], n)
                return (found[0], derivative) if self.with_value else derivative
            begun = Begun([level], [output])
        return self.continued(begun, *args, **kwargs)

    def continued(self, begun: Begun, /, *args: Any, **kwargs: Any) -> Any:
        inputs = self.inputs(args, kwargs)
        self.check_inputs(inputs)
        found = SeriesSweep(self, inputs, begun)
        return self.answer(found, found.derivative())


class SeriesSweep(Sweep):
    """The passes of an n-th derivative: a series along each input, and a second one, along i, if it is complex."""

    def __init__(self, transform: Transform, inputs: Inputs, begun: Begun) -> None:
        super().__init__(transform, inputs)
        self.n = n = transform.options["n"]
        self.columns = []  # of each input, the n-th derivatives of all outputs
        for i, leaf in enumerate(inputs.leaves):
            found = self._along(i, one(leaf), begun if i == 0 else NOTHING)
            if is_complex_number(leaf) and n:
                self._check_holomorphic(found, self._along(i, 1j * one(leaf)))
            if i == 0:
                self.primals = [(path, plain(c[0])) for (path, _), c in zip(self.primals, found)]
            self.columns.append([plain(times_factorial(c[n], n)) for c in found])
        if not inputs.leaves:  # nothing to seed, but the output's structure is wanted
            self.found(Pass(transform.__wrapped__, *inputs.arguments([])).run())

    def _along(self, i: int, unit: Any, begun: Begun = NOTHING) -> list[list[Any]]:
        """The coefficients of each output along one input."""
        directions = [unit if j == i else 0 * one(leaf) for j, leaf in enumerate(self.inputs.leaves)]
        n = max(self.n, 1)  # also a value goes through the rules: NumPy lacks some types
        if begun.outputs:
            output, level = begun.outputs[0], begun.levels[0]
        else:
            output, level = run(self.transform.__wrapped__, self.inputs, directions, n)
        return [coefficients(leaf, n, level) for leaf in self.found(output, level)]

    def derivative(self) -> Any:
        columns = list(zip(*self.columns)) if self.columns else [()] * len(self.primals)
        return rebuilt(self.output, iter([self.inputs.mirrored(column) for column in columns]))

    def _check_holomorphic(self, along_one: list[list[Any]], along_i: list[list[Any]]) -> None:
        """Coefficient k along i must be iᵏ times that along 1 (Cauchy–Riemann)."""
        for straight, turned in zip(along_one, along_i):
            for k, (a, b) in enumerate(zip(straight, turned)):
                a, b = np.asarray(base(a)), np.asarray(base(b))
                if a.dtype == object:  # of mpmath's numbers
                    a, b = a.astype(complex), b.astype(complex)
                tolerance = 1e-5 if a.dtype == np.complex64 else 1e-9
                if not np.allclose(b, 1j**k * a, rtol=tolerance, atol=tolerance * np.max(np.abs(a), initial=0.0), equal_nan=True):
                    raise NotHolomorphicError(
                        f"{self.transform.label} is not holomorphic here: its derivatives along i are not those along 1 turned, so "
                        f"it has no complex derivative; use dualdiff.derivatives(f, x, n, v) for a direction v")


def checked_order(n: Any) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 0:
        raise ValueError(f"the order n of a derivative is a whole number, 0 or more, not {n!r}")
    return int(n)


def run(function: Callable[..., Any], inputs: Inputs, directions: list[Any], n: int) -> tuple[Any, int]:
    """What the function returns in one pass along ``directions`` (one for each leaf of the input), and the pass's level."""
    level = new_level()
    seeded = [Series.variable(leaf, n, direction, level) for leaf, direction in zip(inputs.leaves, directions)]
    return Pass(function, *inputs.arguments(seeded)).run(), level


def coefficients(leaf: Any, n: int, level: int) -> list[Any]:
    """c₀ … cₙ of one output, zeros for one that is constant."""
    if isinstance(leaf, Series) and leaf.level == level:
        return leaf.coefficients
    tangent_at(leaf, level, None)  # refuses what another call left behind
    return [leaf, *[0 * leaf] * n]


def times_factorial(c: Any, k: int) -> Any:
    """k!·c, the factor in the number type of c."""
    if k < 2:
        return c
    return c * factorial(k) if type(c) is float and k < 20 else c * constant(factorial(k), c)


def _directions(inputs: Inputs, v: Any) -> list[Any]:
    if np.ndim(v) == 0 and not isinstance(v, (list, tuple, dict)):
        return [np.full(np.shape(leaf), v, leaf.dtype) if np.shape(leaf) else v * one(leaf) for leaf in inputs.leaves]
    return matching("taylor", inputs.values, [v])


def _stacked(found: list[Any]) -> Any:
    if any(isinstance(c, AbstractOperand) for c in found) or np.shape(found[0]):
        return np.stack(found)
    return np.array(found)
