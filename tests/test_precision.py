"""The precision of derivatives: forward that of the value, reverse that of the input, whatever the transform and the chunk."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from mpmath import mp, mpf

import dualdiff as dd

ONES, STEPS = np.ones(3, np.float32), np.arange(1, 4, dtype=np.float32)

FUNCTIONS = {
    "where": lambda s: np.where(True, s, ONES),
    "where, number": lambda s: np.where(True, s, np.float32(1)),
    "where, integers": lambda s: np.where(True, s, np.ones(3, np.int16)),
    "where, complex": lambda s: np.where(True, s, np.ones(3, np.complex64)),
    "where, longdouble": lambda s: np.where(True, s, np.ones(3, np.longdouble)),
    "number": lambda s: s * np.float32(2),
    "sin": lambda s: np.sin(s * np.float32(2)),
    "array": lambda s: s * ONES,
    "longdouble": lambda s: s * np.ones(3, np.longdouble),
    "select": lambda s: np.select([np.array([True, False])], [s], np.float32(0)),
    "outer": lambda s: np.outer(s, ONES),
    "kron": lambda s: np.kron(s, ONES),
    "einsum": lambda s: np.einsum(",i->i", s, ONES),
    "entry": lambda s: (s * STEPS)[1],
    "concatenate": lambda s: np.concatenate([s * STEPS, ONES]),
    "stack": lambda s: np.stack([s * np.float32(1), np.float32(2)]),
    "max": lambda s: np.max(s * STEPS),
    "sort": lambda s: np.sort(s * STEPS),
    "std": lambda s: np.std(s * STEPS),
    "quantile": lambda s: np.quantile(s * STEPS, 0.3),
    "diff": lambda s: np.diff(s * STEPS),
    "fft": lambda s: np.fft.fft(s * STEPS),
    "solve": lambda s: np.linalg.solve(np.eye(3, dtype=np.float32), s * STEPS),
    "roots": lambda s: np.roots(s * STEPS),
    "dtype": lambda s: np.multiply(s, 2.0, dtype=np.float32),
    "maximum": lambda s: np.maximum(s, np.float32(0)),
}

FORWARD = {
    "jacobian": lambda f, s: dd.jacobian(f)(s),
    "chunks of 2": lambda f, s: dd.jacobian(f, chunk_size=2)(s),
    "chunks": lambda f, s: dd.jacobian(f, chunk_size=None)(s),
    "jvp": lambda f, s: dd.jvp(f, (s,), (1.0,))[1],
    "taylor": lambda f, s: dd.taylor(f, s, 2)[1],
}


@pytest.mark.parametrize("s", [1.5, np.float32(1.5)], ids=["float", "float32"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_have_the_precision_of_the_value(name, s):
    function = FUNCTIONS[name]
    wanted = np.asarray(function(np.float64(s) if type(s) is float else s))  # beside fewer digits a single number is a double
    found = {mode: np.asarray(transform(function, s)) for mode, transform in FORWARD.items()}
    assert {mode: derivative.dtype for mode, derivative in found.items()} == dict.fromkeys(FORWARD, wanted.dtype)
    for derivative in found.values():
        np.testing.assert_allclose(derivative, found["jacobian"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_adjoints_have_the_precision_of_the_input(name):
    for s in (np.float32(1.5), np.full(2, 1.5, np.float32)):
        function = FUNCTIONS[name] if np.ndim(s) == 0 else lambda s: FUNCTIONS[name](s[0])
        wanted = np.complex64 if np.iscomplexobj(function(s)) else np.float32
        assert np.asarray(dd.reverse.jacobian(function)(s)).dtype == wanted


# ---- quotients and powers in the whole range of doubles --------------------------------------------------------------------

def planck(x):
    return x**3 / np.expm1(x)


def tail(x):
    return x / (1 + np.exp(x))


IN_RANGE = {  # function: the same in mpmath, where
    planck: (lambda x: x**3 / mp.expm1(x), [1.0, 100.0, 300.0, 360.0, 380.0, 500.0, 650.0]),
    tail: (lambda x: x / (1 + mp.exp(x)), [1.0, 100.0, 300.0, 380.0, 500.0, 650.0]),
    (lambda x: x**1.5): (lambda x: x ** mpf(1.5), [1e-280, 5e-155, 0.3, 1e162, 1e200]),
    (lambda x: x**0.3): (lambda x: x ** mpf(0.3), [1e-100, 0.3, 1e200]),
    (lambda x: scipy.special.expit(x)): (lambda x: 1 / (1 + mp.exp(-x)), [1e-12, -1e-220, 3.0, -600.0]),
}
FIRST = {
    "derivative": lambda f, x: dd.derivative(f)(x), "jvp": lambda f, x: dd.jvp(f, (x,), (1.0,))[1],
    "array": lambda f, x: dd.jvp(f, (np.array([x, 1.0]),), (np.ones(2),))[1][0],
    "long array": lambda f, x: dd.jvp(f, (np.full(40_000, x),), (np.ones(40_000),))[1][-1],
    "chunk": lambda f, x: dd.jacobian(f, chunk_size=2)(np.array([x, 1.0]))[0, 0],
    "long chunk": lambda f, x: dd.jacobian(lambda p: f(p[0] + p[1] * np.zeros(40_000)), chunk_size=2)(np.array([x, 1.0]))[-1, 0],
    "scalar in a chunk": lambda f, x: dd.gradient(lambda p: f(p[0]) + 0 * p[1], chunk_size=2)(np.array([x, 1.0]))[0],
    "0-d": lambda f, x: dd.derivative(f)(np.array(x)),
}
SECOND = {
    "derivative": lambda f, x: dd.derivative(f, n=2)(x), "nested": lambda f, x: dd.derivative(dd.derivative(f))(x),
    "hessian": lambda f, x: dd.hessian(f)(x), "taylor": lambda f, x: 2 * dd.taylor(f, x, 2)[2],
    "array": lambda f, x: dd.hessian(lambda p: np.sum(f(p)))(np.array([x, 1.0]))[0, 0],
    "entry": lambda f, x: dd.hessian(lambda p: f(p[0]) + p[1])(np.array([x, 1.0]))[0, 0],
    "chunk": lambda f, x: dd.hessian(lambda p: np.sum(f(p)), chunk_size=2)(np.array([x, 1.0]))[0, 0],
    "hvp": lambda f, x: dd.hvp(lambda p: f(p[0]), (np.array([x]),), (np.ones(1),))[0][0],
    "of three": lambda f, x: dd.derivative(lambda a: dd.derivative(dd.derivative(lambda x: a * f(x)))(x))(1.0),
}


@pytest.mark.parametrize("function", IN_RANGE)
@pytest.mark.parametrize(("order", "way"), [(1, way) for way in FIRST] + [(2, way) for way in SECOND])
def test_slopes_that_leave_the_range_do_not_take_the_derivative_along(function, order, way):
    """∂(x/y)/∂y is 1e-322 for Planck's curve at 380, and the curve and its derivatives are of 1e-157."""
    exact, points = IN_RANGE[function]
    for x in points:
        with mp.workdps(700):
            wanted = float(mp.diff(exact, mpf(x), order))
        found = (FIRST if order == 1 else SECOND)[way](function, x)
        assert found == pytest.approx(wanted, rel=1e-12, abs=0), x
