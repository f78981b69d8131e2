"""Arrays in forward mode, used as badly as NumPy allows: in memory that is shared, kept, odd, or written to in nested derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd

rng = np.random.default_rng(41)


# ---- nested derivatives ----------------------------------------------------------------------------------------------------

def write(x):
    x[0] = 5.0 * x[1]
    x[1] *= 2.0
    return x


@pytest.mark.parametrize("outer", [lambda f: dd.derivative(f)(2.0), lambda f: dd.jacobian(f, chunk_size=None)(2.0),
                                   lambda f: dd.taylor(f, 2.0, 2)[1], lambda f: dd.reverse.jacobian(f)(2.0)])
def test_a_tangent_of_an_outer_derivative_is_not_written_to(outer):
    x, v = rng.normal(size=3), rng.normal(size=3)

    def f(t):
        direction = t * v
        value, tangent = dd.jvp(write, (x,), (direction,))
        value += 1.0
        tangent *= 3.0
        return np.stack([direction, tangent])

    np.testing.assert_allclose(outer(f), [v, 3.0 * np.array([5.0 * v[1], 2.0 * v[1], v[2]])], rtol=1e-15)
