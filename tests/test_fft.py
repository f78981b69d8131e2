"""Fourier transforms, each with its keywords: real and complex input, real and complex output."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import dualdiff as dd
from dualdiff.errors import NotHolomorphicError, TangentLostError
from tests.reference import check

fft = np.fft
rng = np.random.default_rng(21)
X = rng.normal(size=(3, 4))
Z = rng.normal(size=(3, 4)) + 1j * rng.normal(size=(3, 4))

FROM_REAL = {
    "fft": fft.fft,
    "fft n": lambda x: fft.fft(x, 6),
    "fft n shorter": lambda x: fft.fft(x, n=2),
    "fft axis": lambda x: fft.fft(x, axis=0),
    "fft ortho": lambda x: fft.fft(x, norm="ortho"),
    "fft forward": lambda x: fft.fft(x, None, 0, "forward"),
    "fft keyword": lambda x: fft.fft(a=x),
    "ifft": fft.ifft,
    "ifft n": lambda x: fft.ifft(x, n=5, axis=-2),
    "rfft": fft.rfft,
    "rfft n": lambda x: fft.rfft(x, 7),
    "rfft axis": lambda x: fft.rfft(x, axis=0, norm="ortho"),
    "ihfft": fft.ihfft,
    "ihfft n": lambda x: fft.ihfft(x, n=3, norm="forward"),
    "fft2": fft.fft2,
    "fft2 s": lambda x: fft.fft2(x, s=(2, 5)),
    "fft2 axes": lambda x: fft.fft2(x, axes=(1, 0)),
    "ifft2": lambda x: fft.ifft2(x, norm="backward"),
    "rfft2": fft.rfft2,
    "rfft2 s": lambda x: fft.rfft2(x, (4, 4), (0, 1), "ortho"),
    "fftn": fft.fftn,
    "fftn axes": lambda x: fft.fftn(x, axes=(0,)),
    "ifftn": lambda x: fft.ifftn(x, s=(2,), axes=(-1,)),
    "rfftn": fft.rfftn,
    "rfftn axes": lambda x: fft.rfftn(x, axes=[0]),
    "fftshift": fft.fftshift,
    "fftshift axes": lambda x: fft.fftshift(x, axes=1),
    "ifftshift": lambda x: fft.ifftshift(x, axes=(0, 1)),
}
TO_REAL = {
    "irfft": fft.irfft,
    "irfft n": lambda z: fft.irfft(z, 5),
    "irfft axis": lambda z: fft.irfft(z, axis=0, norm="ortho"),
    "hfft": fft.hfft,
    "hfft n": lambda z: fft.hfft(z, n=4, norm="forward"),
    "irfft2": fft.irfft2,
    "irfft2 s": lambda z: fft.irfft2(z, s=(3, 5)),
    "irfftn": fft.irfftn,
    "irfftn axes": lambda z: fft.irfftn(z, s=(6,), axes=(1,)),
}


@pytest.mark.parametrize("name", FROM_REAL)
def test_real_input(name):
    f = FROM_REAL[name]
    check(lambda x: (np.real(f(x)), np.imag(f(x))), X, nested=False)
    check(lambda x: np.abs(f(x)) ** 2, X[:2, :3].copy() if "shift" in name else X, nested="shift" in name)


@pytest.mark.parametrize("name", FROM_REAL)
def test_a_transform_of_real_input_has_a_complex_jacobian(name):
    f = FROM_REAL[name]
    for chunk_size in (1, 5, None):
        jacobian = dd.jacobian(f, chunk_size=chunk_size)(X)
        assert jacobian.dtype == f(X).dtype
        assert np.allclose(jacobian, columns(f, X))


@pytest.mark.parametrize("name", [name for name in FROM_REAL if not name.startswith(("rfft", "ihfft"))])
def test_complex_input(name):
    f = FROM_REAL[name]
    assert np.allclose(dd.jacobian(f)(Z), columns(f, Z))
    assert np.allclose(dd.jvp(f, Z, 1j * Z)[1], 1j * f(Z))


@pytest.mark.parametrize("name", TO_REAL)
def test_complex_input_real_output(name):
    f = TO_REAL[name]
    for t in (X + 0j, 1j * X, Z**2):
        value, slope = dd.jvp(f, Z, t)
        assert np.array_equal(value, f(Z)) and slope.dtype == value.dtype
        assert np.allclose(slope, f(t))
    with pytest.raises(NotHolomorphicError):
        dd.jacobian(f)(Z)
    check(lambda a, b: f(a + 1j * b), X, X[::-1].copy(), nested=False, float32=False)


def columns(f, x):
    """The matrix of a linear function, from the unit vectors."""
    units = np.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape)
    return np.stack([f(unit) for unit in units], axis=-1).reshape(*f(x).shape, *x.shape)


@pytest.mark.parametrize("f", [fft.fft, fft.rfft, fft.ihfft, fft.fft2, fft.rfftn])
def test_single_precision(f):
    x = X.astype(np.float32)
    value, jacobian = dd.value_and_jacobian(f)(x)
    assert value.dtype == jacobian.dtype == f(x).dtype
    assert np.allclose(jacobian, columns(f, X), atol=1e-5)


def test_power_spectrum_second_derivatives():
    x = X[0]
    check(lambda x: np.abs(fft.rfft(x)) ** 2, x)
    check(lambda x: np.abs(fft.fft(x, n=5, norm="ortho"))[1:3], x)
    check(lambda x: np.angle(fft.rfft(x))[1], x)
    check(lambda x: fft.irfft(fft.rfft(x) * fft.rfft(x[::-1]), n=4), x)  # circular convolution
    check(lambda x: np.real(fft.ifft(fft.fft(x) ** 3)), x)


def test_against_mpmath():
    x = X[0]
    with mpmath.workdps(50):
        wanted = [sum(mpmath.mpf(v) * mpmath.expjpi(mpmath.mpf(-2 * k * m) / 4) * m for m, v in enumerate(x)) for k in range(4)]
    found = dd.derivative(lambda s: fft.fft(s * (x * np.arange(4))))(1.0)
    assert np.allclose(found, np.array(wanted, complex), rtol=1e-15, atol=1e-15)


def test_out():
    x, jacobian = X[0], columns(fft.fft, X[0])

    def into(x):
        out = np.zeros(4, dtype=complex, like=x)
        result = fft.fft(x, out=out)
        assert result is out
        return out

    assert np.allclose(dd.jacobian(into)(x), jacobian)
    with pytest.raises(TangentLostError):
        dd.jacobian(lambda x: fft.fft(x, out=np.zeros(4, complex)))(x)


def test_non_contiguous_and_empty():
    assert np.allclose(dd.jvp(fft.rfft, X[::-1, ::2], X[::-1, ::2])[1], fft.rfft(X[::-1, ::2]))
    assert dd.jacobian(fft.fftshift)(np.zeros(0)).shape == (0, 0)
    assert dd.jacobian(lambda x: fft.fft(x, axis=1))(np.zeros((0, 3))).shape == (0, 3, 0, 3)


def test_the_input_is_not_modified_and_frequencies_are_plain():
    x = X.copy()
    dd.jacobian(lambda x: fft.fft(x) * fft.fftfreq(4, 0.5))(x)
    assert np.array_equal(x, X)
    assert dd.derivative(lambda s: np.sum(fft.rfftfreq(4, 0.5) * s))(2.0) == 1.5
