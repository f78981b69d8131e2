"""``scipy.interpolate`` for operands: cubic splines, differentiable in the point and linear in the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.interpolate

from dualdiff.arguments import highest
from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.auxiliary import own
from dualdiff.rules.moves import scattered
from dualdiff.rules.table import matrix
from dualdiff.rules.transposes import TRANSPOSES
from dualdiff.scipy.namespace import rest_of

__getattr__ = rest_of(scipy.interpolate, __name__)
sn: Any = scipy.interpolate

# ---- piecewise polynomials as functions of their coefficients ------------------------------------------------------------


@own
def value(c: Any, x: Any, knots: Any, nu: int, extrapolate: Any, axis: int) -> Any:
    """The derivative ``nu`` at x of the piecewise polynomial with coefficients c."""
    return sn.PPoly.construct_fast(np.ascontiguousarray(c), knots, extrapolate, axis)(x, nu, extrapolate)


@own
def coefficients(y: Any, knots: Any, axis: int, bc_type: Any) -> Any:
    return sn.CubicSpline(knots, y, axis, bc_type).c


@own
def integrated(c: Any, knots: Any) -> Any:
    """The coefficients of an antiderivative, 0 at the first knot."""
    return sn.PPoly.construct_fast(np.ascontiguousarray(c), knots).antiderivative().c


def by_point(out: Any, t: Any, c: Any, x: Any, knots: Any, nu: int, extrapolate: Any, axis: int) -> Any:
    """The axes of x stand at ``axis`` among those of the result."""
    after = np.ndim(c) - 2 - axis
    return np.reshape(t, (1,) * axis + np.shape(x) + (1,) * after) * value(c, x, knots, nu + 1, extrapolate, axis)


def by_data(out: Any, t: Any, y: Any, knots: Any, axis: int, bc_type: Any) -> Any:
    """Linear in y: the spline of the tangents, with boundary values 0 where they are given."""
    if isinstance(bc_type, str) and bc_type == "periodic" and np.any(base(np.take(t, 0, axis) != np.take(t, -1, axis))):
        raise NotDifferentiableError("a periodic CubicSpline needs y[0] and y[-1] to be the same number, of the same derivative: "
                                     "build y of the others, as by np.append(y, y[0])")
    ends = bc_type if isinstance(bc_type, str) else tuple(end if isinstance(end, str) else (end[0], 0 * np.asarray(end[1]))
                                                          for end in bc_type)
    return coefficients(t, knots, axis, ends)


matrix(value,        c=lambda out, t, c, *rest: value(t, *rest), x=by_point)
matrix(coefficients, y=by_data)
matrix(integrated,   c=lambda out, t, c, knots: integrated(t, knots))

# ---- their transposes ----------------------------------------------------------------------------------------------------


def value_by_coefficients(w: Any, c: Any, x: Any, knots: Any, nu: int, extrapolate: Any, axis: int) -> Any:
    """Each point adds, for each power, its cotangent times that power to the coefficient of its interval."""
    k, m, *rest = np.shape(c)
    points = np.reshape(x, -1)
    powers = np.stack([value(np.repeat(np.eye(k)[:, i:i + 1], m, 1), points, knots, nu, extrapolate, 0) for i in range(k)])
    constants = np.zeros((k, m))
    constants[-1] = np.arange(m)
    interval = value(constants, base(points), knots, 0, extrapolate, 0)
    ndim = np.ndim(x)
    w = np.reshape(np.moveaxis(w, range(axis, axis + ndim), range(ndim)), (np.size(points), *rest))
    inside = np.isfinite(interval)
    shown = np.reshape(powers[:, inside], (k, int(inside.sum()), *(1,) * len(rest))) * w[inside]
    total = scattered(shown, (slice(None), interval[inside].astype(int)), (k, m, *rest))
    return total if np.all(base(w)[~inside] == 0) else total * np.nan  # outside, where nothing is extrapolated, all is nan


def value_by_point(w: Any, c: Any, x: Any, knots: Any, nu: int, extrapolate: Any, axis: int) -> Any:
    others = tuple(i for i in range(np.ndim(w)) if not axis <= i < axis + np.ndim(x))
    return np.sum(w * value(c, x, knots, nu + 1, extrapolate, axis), axis=others)


def coefficients_by_data(w: Any, y: Any, knots: Any, axis: int, bc_type: Any) -> Any:
    """By the splines of the unit vectors: SciPy solves its band matrix for them, and has no solver for the transpose."""
    if isinstance(bc_type, str) and bc_type == "periodic":
        raise NotDifferentiableError("reverse mode cannot go through a periodic CubicSpline: y[0] and y[-1] are one number given "
                                     "twice, and it cannot tell how to share out its cotangent; use forward mode")
    n = len(knots)
    ends = bc_type if isinstance(bc_type, str) else tuple(end if isinstance(end, str) else (end[0], np.zeros(n)) for end in bc_type)
    units = coefficients(np.eye(n), knots, 0, ends)
    return np.moveaxis(np.tensordot(units, w, ([0, 1], [0, 1])), 0, axis)


def integrated_by_coefficients(w: Any, c: Any, knots: Any) -> Any:
    """∫ c (x − xⱼ)ᵖ⁻¹ = c (x − xⱼ)ᵖ/p, and over the whole interval j this is a part of the constants of all later ones."""
    k, m, *rest = np.shape(c)
    p = np.reshape(np.arange(k, 0, -1), (k, 1, *(1,) * len(rest)))
    widths = np.reshape(np.diff(knots), (1, m, *(1,) * len(rest)))
    later = np.flip(np.cumsum(np.flip(w[-1:], 1), 1), 1) - w[-1:]
    return (w[:-1] + widths**p * later) / p


TRANSPOSES[value] = {"c": value_by_coefficients, "x": value_by_point}
TRANSPOSES[coefficients] = {"y": coefficients_by_data}
TRANSPOSES[integrated] = {"c": integrated_by_coefficients}

# ---- the class -----------------------------------------------------------------------------------------------------------


class CubicSpline(scipy.interpolate.CubicSpline):  # type: ignore[misc]
    """SciPy's `CubicSpline`, which may be called with operands and built from operands.

    Parameters
    ----------
    x : array_like, shape (n,)
        The knots, increasing; plain.
    y : array_like
        The data: plain, or an array with tangents, in which the spline is linear.
    axis, bc_type, extrapolate
        As in SciPy; the boundary values of ``bc_type`` are plain.

    Raises
    ------
    NotDifferentiableError
        If the knots or the boundary values carry tangents; for a periodic spline, if the two ends move apart.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> knots = np.linspace(0, 3, 13)
    >>> spline = CubicSpline(knots, np.sin(knots), bc_type=((1, 1.0), (1, np.cos(3.0))))
    >>> dd.derivative(spline)(1.0), float(spline(1.0, 1))
    (0.5402..., 0.5402...)
    >>> dd.gradient(lambda y: CubicSpline(knots[:3], y)(0.3))(np.array([0.0, 1.0, 4.0]))
    array([-0.08,  0.96,  0.12])
    """

    def __new__(cls, x: Any, y: Any = None, axis: int = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None) -> Any:
        if highest(x, bc_type) is not None:
            raise NotDifferentiableError("CubicSpline has no rule for a derivative in its knots or its boundary values; pass "
                                         "plain numbers there (x.primal, if they are meant to be constant)")
        if highest(y) is None:
            return super().__new__(cls)
        plain = sn.CubicSpline(x, base(_array(y)), axis, bc_type, extrapolate)
        return PiecewisePolynomial(coefficients(_array(y), plain.x, axis, bc_type), plain.x, plain.extrapolate, plain.axis)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        if highest(x) is None:
            return super().__call__(x, nu, extrapolate)
        return self.followed()(x, nu, extrapolate)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        if highest(a, b) is None:
            return super().integrate(a, b, extrapolate)
        return self.followed().integrate(a, b, extrapolate)

    def followed(self) -> PiecewisePolynomial:
        return PiecewisePolynomial(self.c, self.x, self.extrapolate, self.axis)


class PiecewisePolynomial:
    """A piecewise polynomial whose coefficients, or whose points, are operands."""

    def __init__(self, c: Any, x: Any, extrapolate: Any, axis: int) -> None:
        self.c, self.x, self.extrapolate, self.axis = c, x, extrapolate, axis

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        return value(self.c, _array(x), self.x, nu, self.extrapolate if extrapolate is None else extrapolate, self.axis)

    def derivative(self, nu: int = 1) -> PiecewisePolynomial:
        c = self.c
        for _ in range(nu):
            k = np.shape(c)[0]
            c = c[:-1] * np.reshape(np.arange(k - 1.0, 0, -1), (-1,) + (1,) * (np.ndim(c) - 1)) if k > 1 else 0 * c
        return PiecewisePolynomial(c, self.x, self.extrapolate, self.axis)

    def antiderivative(self, nu: int = 1) -> PiecewisePolynomial:
        c = self.c
        for _ in range(nu):
            c = integrated(c, self.x)
        return PiecewisePolynomial(c, self.x, False if self.extrapolate == "periodic" else self.extrapolate, self.axis)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        if (self.extrapolate if extrapolate is None else extrapolate) == "periodic":
            raise NotDifferentiableError("the integral of a periodic spline has no rule in dualdiff; integrate within one period "
                                         "with extrapolate=True")
        whole = self.antiderivative()
        return whole(b, 0, extrapolate) - whole(a, 0, extrapolate)


def _array(x: Any) -> Any:
    """A list of operands as one array."""
    prototype: Any = highest(x)
    return x if prototype is None or x is prototype else np.array(x, like=prototype)
