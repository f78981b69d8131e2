"""Elementwise rows at ±0, ±∞, nan, in subnormal numbers, in their tails and outside of their domains."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import dualdiff as dd
import oracles
from dualdiff.rules.table import TABLE

nan, inf = float("nan"), float("inf")
ROWS = oracles.rows()

ln2, rad = float(mp.log(2)), float(mp.pi / 180)
# f′ at      −inf    −0.0   +0.0    +inf     f″ there: −inf  −0.0   0.0   inf
SPECIAL: dict[Any, tuple[tuple[float, ...], tuple[float, ...]]] = {
    np.negative:   ((-1,    -1,    -1,    -1),       (0,    0,    0,    0)),
    np.positive:   ((1,     1,     1,     1),        (0,    0,    0,    0)),
    np.reciprocal: ((-0.0,  -inf,  -inf,  -0.0),     (0,    -inf, inf,  0)),
    np.square:     ((-inf,  0,     0,     inf),      (2,    2,    2,    2)),
    np.sqrt:       ((nan,   inf,   inf,   0),        (nan,  -inf, -inf, 0)),
    np.cbrt:       ((0,     inf,   inf,   0),        (0,    nan,  nan,  0)),
    np.exp:        ((0,     1,     1,     inf),      (0,    1,    1,    inf)),
    np.exp2:       ((0,     ln2,   ln2,   inf),      (0,    ln2 * ln2, ln2 * ln2, inf)),
    np.expm1:      ((0,     1,     1,     inf),      (0,    1,    1,    inf)),
    np.log:        ((nan,   inf,   inf,   0),        (nan,  -inf, -inf, 0)),
    np.log2:       ((nan,   inf,   inf,   0),        (nan,  -inf, -inf, 0)),
    np.log10:      ((nan,   inf,   inf,   0),        (nan,  -inf, -inf, 0)),
    np.log1p:      ((nan,   1,     1,     0),        (nan,  -1,   -1,   0)),
    np.sin:        ((nan,   1,     1,     nan),      (nan,  0,    0,    nan)),
    np.cos:        ((nan,   0,     0,     nan),      (nan,  -1,   -1,   nan)),
    np.tan:        ((nan,   1,     1,     nan),      (nan,  0,    0,    nan)),
    np.arcsin:     ((nan,   1,     1,     nan),      (nan,  0,    0,    nan)),
    np.arccos:     ((nan,   -1,    -1,    nan),      (nan,  0,    0,    nan)),
    np.arctan:     ((0,     1,     1,     0),        (0,    0,    0,    0)),
    np.sinh:       ((inf,   1,     1,     inf),      (-inf, 0,    0,    inf)),
    np.cosh:       ((-inf,  0,     0,     inf),      (inf,  1,    1,    inf)),
    np.tanh:       ((0,     1,     1,     0),        (0,    0,    0,    0)),
    np.arcsinh:    ((0,     1,     1,     0),        (0,    0,    0,    0)),
    np.arccosh:    ((nan,   nan,   nan,   0),        (nan,  nan,  nan,  0)),
    np.arctanh:    ((nan,   1,     1,     nan),      (nan,  0,    0,    nan)),
    np.sinc:       ((nan,   0,     0,     nan),      (nan,  -np.pi**2 / 3, -np.pi**2 / 3, nan)),
    np.absolute:   ((-1,    -1,    1,     1),        (0,    0,    0,    0)),
    np.fabs:       ((-1,    -1,    1,     1),        (0,    0,    0,    0)),
    np.sign:       ((0,     0,     0,     0),        (0,    0,    0,    0)),
    np.deg2rad:    ((rad,   rad,   rad,   rad),      (0,    0,    0,    0)),
    np.radians:    ((rad,   rad,   rad,   rad),      (0,    0,    0,    0)),
    np.rad2deg:    ((1 / rad, 1 / rad, 1 / rad, 1 / rad), (0, 0,  0,    0)),
    np.degrees:    ((1 / rad, 1 / rad, 1 / rad, 1 / rad), (0, 0,  0,    0)),
    np.modf:       ((nan,   1,     1,     nan),      (0,    0,    0,    0)),
    np.frexp:      ((nan,   nan,   nan,   nan),      (0,    0,    0,    0)),
}
UNARY = [f for f in ROWS if isinstance(f, np.ufunc) and len(TABLE[f].partials) == 1]  # type: ignore[attr-defined]


def test_special_values_are_listed() -> None:
    assert {f.__name__ for f in UNARY} <= {f.__name__ for f in SPECIAL}


@pytest.mark.parametrize("function", SPECIAL, ids=[f.__name__ for f in SPECIAL])
def test_special_values(function: Any) -> None:
    f, points = oracles.selected(function), (-inf, -0.0, 0.0, inf)
    for n, wanted in enumerate(SPECIAL[function], 1):
        if function in (np.modf, np.frexp) and n == 2:
            continue
        for x, expected in zip(points, wanted):
            transform = f
            for _ in range(n):
                transform = dd.derivative(transform)
            scalar = transform(x)
            assert scalar == pytest.approx(expected, rel=1e-15, abs=0, nan_ok=True), (function.__name__, n, x, scalar)
        array = oracles.found(function, (0,) * n, (np.array(points),))
        np.testing.assert_allclose(np.broadcast_to(array, 4), wanted, rtol=1e-15, atol=0)
    slope = oracles.found(function, (0,), (np.array([nan, 1.0]),))
    if len(set(SPECIAL[function][0])) == 1 and function is not np.frexp:  # a constant: also at nan
        assert slope[0] == SPECIAL[function][0][0]
    else:
        assert np.isnan(slope[0])


# Binary rows at special points: inputs → partials.
PAIRS = [
    (np.hypot, (inf, 1.0), (1, 0)), (np.hypot, (-inf, 1.0), (-1, 0)), (np.hypot, (1.0, -inf), (0, -1)),
    (np.hypot, (inf, inf), (nan, nan)), (np.hypot, (inf, nan), (nan, nan)), (np.hypot, (0.0, 0.0), (0, 0)),
    (np.hypot, (1.5e308, 1.5e308), (0.5**0.5, 0.5**0.5)),
    (np.arctan2, (0.0, 0.0), (nan, nan)), (np.arctan2, (inf, 1.0), (0, 0)), (np.arctan2, (1.0, inf), (0, 0)),
    (np.arctan2, (inf, inf), (nan, nan)), (np.arctan2, (1e200, 1e200), (5e-201, -5e-201)),
    (np.arctan2, (1e-200, 1e-200), (5e199, -5e199)),
    (np.logaddexp, (inf, 1.0), (1, 0)), (np.logaddexp, (-inf, 1.0), (0, 1)), (np.logaddexp, (-inf, -inf), (nan, nan)),
    (np.logaddexp, (inf, -inf), (1, 0)), (np.logaddexp, (1e308, -1e308), (1, 0)), (np.logaddexp, (0.0, -0.0), (0.5, 0.5)),
    (np.logaddexp2, (inf, 1.0), (1, 0)), (np.logaddexp2, (-inf, 1.0), (0, 1)), (np.logaddexp2, (0.0, 0.0), (0.5, 0.5)),
    (np.divide, (1.0, 0.0), (inf, -inf)), (np.divide, (1.0, inf), (0, 0)), (np.divide, (0.0, 0.0), (inf, nan)),
    (np.remainder, (5.0, inf), (1, 0)), (np.remainder, (1.0, 0.0), (nan, nan)), (np.remainder, (inf, 1.0), (nan, nan)),
    (np.fmod, (5.0, inf), (1, 0)), (np.fmod, (1.0, 0.0), (nan, nan)),
    (np.maximum, (1.0, nan), (0, 1)), (np.maximum, (nan, 1.0), (1, 0)),
    (np.fmax, (1.0, nan), (1, 0)), (np.fmax, (nan, 1.0), (0, 1)),
    (np.maximum, (2.0, 2.0), (1, 0)), (np.minimum, (2.0, 2.0), (1, 0)),
    (np.fmax, (2.0, 2.0), (1, 0)), (np.fmin, (2.0, 2.0), (1, 0)),
    (np.copysign, (2.0, -0.0), (-1, 0)), (np.copysign, (-0.0, 1.0), (-1, 0)), (np.copysign, (-2.0, -3.0), (1, 0)),
    (np.heaviside, (0.0, 0.5), (0, 1)), (np.heaviside, (1.0, 0.5), (0, 0)),
    (np.power, (inf, 2.5), (inf, inf)), (np.power, (inf, -2.5), (-0.0, 0)), (np.power, (1.0, inf), (inf, 0)),
]


@pytest.mark.parametrize(("function", "point", "wanted"), PAIRS, ids=[f"{f.__name__}{p}" for f, p, _ in PAIRS])
def test_special_pairs(function: Any, point: Any, wanted: Any) -> None:
    for i in range(2):
        scalar = dd.derivative(function, argnums=i)(*point)
        array = oracles.along(function, i, tuple(np.array([p, p]) for p in point))
        chunk = dd.jacobian(function, argnums=i, chunk_size=2)(*(np.array([p, p]) for p in point))
        for got in (scalar, *array, chunk[0, 0], chunk[1, 1]):
            assert got == pytest.approx(wanted[i], rel=1e-15, abs=0, nan_ok=True), (i, got)


def test_second_derivatives_at_infinity() -> None:
    """No 0·∞ in the tails: tanh, logaddexp and the like end in zero, not in nan."""
    for x in (-1e4, 1e4, -800.0, 800.0):
        assert dd.derivative(dd.derivative(np.tanh))(x) == 0
        for i, j in itertools.product(range(2), range(2)):
            assert dd.derivative(dd.derivative(np.logaddexp, argnums=i), argnums=j)(x, 0.0) == 0


def test_subnormal_inputs() -> None:
    for x in (5e-324, -5e-324, 1e-310):
        for function, wanted in ((np.sin, 1.0), (np.exp, 1.0), (np.tanh, 1.0), (np.arctan, 1.0), (np.arcsinh, 1.0), (np.log1p, 1.0),
                                 (np.absolute, np.sign(x)), (np.sinc, -np.pi**2 / 3 * x * 2 / 2)):
            assert dd.derivative(function)(x) == pytest.approx(wanted, rel=1e-15, abs=5e-324)
            assert oracles.along(function, 0, (np.array([x, x]),))[0] == pytest.approx(wanted, rel=1e-15, abs=5e-324)
    tiny = 5e-324
    assert dd.derivative(np.sqrt)(tiny) == pytest.approx(float(1 / (2 * mp.sqrt(mpf(tiny)))), rel=4e-16)
    assert dd.derivative(np.cbrt)(tiny) == pytest.approx(float(1 / (3 * mp.cbrt(mpf(tiny)) ** 2)), rel=8e-16)
    assert dd.derivative(np.log)(1e-308) == pytest.approx(1e308)
    assert dd.derivative(np.log)(tiny) == inf  # 2e323


def test_outside_the_domain_the_derivative_is_nan() -> None:
    """Where the value is nan, the formula of the derivative can be a plausible number: 1/x at −1."""
    for function in (np.log, np.log2, np.log10, np.log1p, np.sqrt, np.arcsin, np.arccos, np.arctanh, np.arccosh):
        x = -3.0
        assert np.isnan(dd.derivative(function)(x)), function
        assert np.isnan(dd.derivative(dd.derivative(function))(x)), function
        assert np.isnan(oracles.along(function, 0, (np.array([x, x]),))).all()
