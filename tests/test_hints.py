"""What an error says where code that is not ours meets a dual number."""

from __future__ import annotations

import functools
import statistics

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.transforms.wrapper import Transform


@functools.lru_cache
def cached(x):
    return x * x


def said(function, *args):
    with pytest.raises(Exception) as caught:  # noqa: PT011 – the type is SciPy's or NumPy's
        (function if isinstance(function, Transform) else dd.jacobian(function))(*args)
    return " ".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


@pytest.mark.parametrize(("function", "x", "words"), [
    (cached, 2.0, "make the cache anew"),
    (lambda x: {x: 1}, 2.0, "no keys of a dict"),
    (lambda x: sum(range(x)), 3, "write int(x)"),
    (statistics.mean, np.ones(2), "np.mean"),
    (np.vectorize(lambda v: v * v if v > 0 else 0.0), np.array([-1.0, 1.0]), "otypes=[object]"),
    (lambda x: np.sin(np.array([x, 1.0])), 1.0, "np.array(..., like=x)"),
    (np.random.default_rng(0).permutation, np.ones(3), "x[rng.permutation(len(x))]"),
    (np.random.RandomState(0).permutation, np.ones(3), "x[rng.permutation(len(x))]"),
])
def test_python_and_numpy(function, x, words):
    assert words in said(function, x)
    assert words in said(dd.reverse.jacobian(function), x)


def test_scipy():
    pytest.importorskip("scipy")
    from scipy import integrate, linalg, optimize, stats

    assert "scipy.stats.norm.cdf does not take dual numbers; scipy.special" in said(stats.norm.cdf, 1.0)
    assert "scipy.stats.norm.cdf" in said(lambda s: stats.norm(0, s).cdf(1.0), 2.0)
    assert "scipy.integrate.quad does not" in said(lambda a: integrate.quad(lambda x: np.exp(-a * x), 0, 1)[0], 2.0)
    assert "implicit function theorem" in said(lambda a: optimize.fsolve(lambda x: x * x - a, 1.0), 2.0)
    first, _, rest = said(lambda t: linalg.expm(t * np.eye(2)), 1.0).partition(";")
    assert first == "scipy.linalg.expm does not take dual numbers"
    assert "dualdiff.scipy.linalg.expm" in rest


def test_scipy_on_arrays():
    pytest.importorskip("scipy")
    from scipy import fft, signal, sparse
    from scipy.spatial import distance

    matrix = sparse.csr_array(np.array([[1.0, 2.0], [0.0, 3.0]]))
    assert "custom_rule(jvp=" in said(lambda x: matrix @ x, np.ones(2))
    times_matrix = dd.custom_rule(jvp=lambda out, x, dx: matrix @ dx[0])(lambda x: matrix @ x)
    assert dd.jacobian(times_matrix)(np.ones(2)).tolist() == [[1, 2], [0, 3]]
    assert "scipy.fft.fft does not take dual numbers; np.fft" in said(fft.fft, np.ones(2))
    assert "scipy.signal.fftconvolve does not" in said(lambda x: signal.fftconvolve(x, x), np.ones(2))
    assert "scipy.spatial.distance.cdist does not" in said(lambda x: distance.cdist(x, x), np.ones((2, 2)))


def test_pandas_and_matplotlib():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1.0, 2.0])
    assert ".to_numpy()" in said(lambda p: np.sum(p[0] * np.exp(-p[1] * series)), np.ones(2))
    figures = pytest.importorskip("matplotlib.figure")
    assert "dualdiff.primal(x)" in said(lambda x: figures.Figure().subplots().plot([0.0], [x]), 1.0)


def test_what_is_written_instead_works():
    x = np.array([-1.0, 1.0, 2.0])
    square = np.vectorize(lambda v: v * v if v > 0 else 0.0, otypes=[object])
    assert dd.gradient(lambda x: np.sum(square(x)))(x).tolist() == [0, 2, 4]
    assert dd.gradient(lambda x: np.sum(np.array([v * v if v > 0 else 0.0 for v in x], like=x)))(x).tolist() == [0, 2, 4]
    assert dd.derivative(lambda x: x * sum(range(int(x))))(3.0) == 3

    def heated(k, u):
        u = np.array(u, like=k)
        u += k * u
        return u

    assert dd.jacobian(heated)(0.5, np.array([1.0, 2.0])).tolist() == [1, 2]


def test_errors_of_the_users_own_pass_as_they_are():
    for error in (ZeroDivisionError, KeyError, RuntimeError):
        def failing(x, error=error):
            raise error("of mine")

        with pytest.raises(error) as caught:
            dd.derivative(failing)(1.0)
        assert not getattr(caught.value, "__notes__", [])
