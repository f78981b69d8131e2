"""The precision of derivatives: forward that of the value, reverse that of the input, whatever the transform and the chunk."""

from __future__ import annotations

import numpy as np
import pytest

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
