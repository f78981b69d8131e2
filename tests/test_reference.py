"""The reference bites: a wrong derivative or value does not pass, and neither does a reference that knows nothing."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from reference import check, differences

X = np.array([0.5, 1.25, -2.0])


def planted(x, tangent=lambda t: t, primal=lambda p: p):
    """sin(x), and what is planted in its parts where x is an operand."""
    y = np.sin(x)
    if isinstance(y, dd.Dual):
        return type(y).make(primal(y.primal), tangent(y.tangent), y.level)
    return y


def test_what_is_right_passes():
    check(planted, X)


@pytest.mark.parametrize(("plant", "message"), [
    (lambda x: planted(x, tangent=lambda t: t * (1 + 1e-7)), "jacobian: output 0"),
    (lambda x: planted(x, primal=lambda p: p * (1 + 2.0**-52)), "the value is"),
    (lambda x: np.sign(x - 0.5) + x, "the reference is uncertain"),
])
def test_what_is_wrong_does_not(plant, message):
    with pytest.raises(AssertionError, match=message):
        check(plant, X, chunks=(1,))


def test_second_derivatives_bite():
    def wrong_beyond_first_order(x):
        y = np.sin(x)
        if isinstance(y, dd.Dual) and isinstance(y.tangent, dd.Dual):
            return type(y).make(y.primal, type(y).make(y.tangent.primal, y.tangent.tangent * 1.0001, y.tangent.level), y.level)
        return y

    with pytest.raises(AssertionError, match="second derivative"):
        check(wrong_beyond_first_order, X, chunks=(1,))


def test_error_bars_hold():
    """The true error of differences of known functions is within the bar, which is small."""
    for function, slope in ((np.exp, np.exp), (np.sin, np.cos), (np.tanh, lambda x: 1 / np.cosh(x) ** 2), (np.cbrt, None)):
        (values,), (bars,) = differences(function, [X], 0)
        expected = np.diag(slope(X) if slope else np.abs(X) ** (-2 / 3) / 3)
        assert np.all(np.abs(values - expected) <= 10 * bars + 1e-15)
        assert np.all(bars < 1e-9)
