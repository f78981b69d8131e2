"""The short ways of forward mode, and the memory that it uses again, against plain NumPy and against the general path."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd

rng = np.random.default_rng(8)
LONG = 4096  # doubles: from here on memory is used again


# ---- values are what plain NumPy computes, to the last bit ------------------------------------------------------------------

LAYOUTS = {
    "C": rng.normal(size=(64, 80)),
    "F": np.asfortranarray(rng.normal(size=(64, 80))),
    "part of F": np.asfortranarray(rng.normal(size=(65, 80)))[1:],
    "permuted": rng.normal(size=(20, 16, 16)).transpose(1, 2, 0),
    "backwards": rng.normal(size=(64, 80))[::-1],
}


@pytest.mark.parametrize("function", [np.exp, lambda x: 3.0 * x, lambda x: x - x[..., ::-1], lambda x: x.T * x.T])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_sums_add_in_the_order_of_the_plain_function(function, layout):
    x = LAYOUTS[layout]
    for axis in (None, 0, 1):
        value, _ = dd.jvp(lambda x, axis=axis: np.sum(function(x), axis=axis), (x,), (x,))
        np.testing.assert_array_equal(value, np.sum(function(x.copy(order="K")), axis=axis))


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.hypot])
def test_sums_of_mixed_layouts(ufunc):
    x, y = LAYOUTS["C"], LAYOUTS["F"]
    for a, b in ((x, y), (y, x)):
        for axis in (None, 0, 1):
            value, _ = dd.jvp(lambda a, b, axis=axis: np.sum(ufunc(a, b), axis=axis), (a, b), (a, b))
            np.testing.assert_array_equal(value, np.sum(ufunc(a, b), axis=axis))
