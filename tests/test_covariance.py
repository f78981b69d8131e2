"""np.cov and np.corrcoef with their keywords, against the reference."""

from __future__ import annotations

import numpy as np
import pytest

from tests.reference import check

X = np.array([[0.5, -1.25, 2.0, 1.0], [3.0, 0.25, -0.75, 0.5]])
Y = np.array([1.0, -0.5, 0.75, 2.0])
WEIGHTS = np.array([0.5, 1.0, 2.0, 0.25])
Z = X[:, :3] + 1j * X[:, 1:]

COVARIANCES = {
    "cov": (lambda x: np.cov(x), X),
    "cov of one": (lambda y: np.cov(y), Y),
    "cov of two": (lambda x, y: np.cov(x, y), X[0], Y),
    "cov y": (lambda x, y: np.cov(x, y=y), X, Y),
    "cov columns": (lambda x: np.cov(x, rowvar=False), X),
    "cov columns y": (lambda x: np.cov(x, 2 * x**2, rowvar=False), X.T),
    "cov bias": (lambda x: np.cov(x, bias=True), X),
    "cov ddof": (lambda x: np.cov(x, ddof=2), X),
    "cov ddof=0": (lambda x: np.cov(x, ddof=0), X),
    "cov fweights": (lambda x: np.cov(x, fweights=[1, 2, 0, 3]), X),
    "cov aweights": (lambda x, w: np.cov(x, aweights=w), X, WEIGHTS),
    "cov both weights": (lambda x, w: np.cov(x, fweights=[1, 2, 1, 3], aweights=w, ddof=1), X, WEIGHTS),
    "cov aweights bias": (lambda w: np.cov(X, aweights=w, bias=True), WEIGHTS),
    "cov dtype": (lambda x: np.cov(x, dtype=np.float64), X),
    "corrcoef": (lambda x: np.corrcoef(x)[0, 1], X),
    "corrcoef of two": (lambda x, y: np.corrcoef(x, y)[1, 0], X[0], Y),
    "corrcoef columns": (lambda x: np.corrcoef(x, rowvar=False)[0, 1], X.T),
    "corrcoef matrix": (lambda x: np.corrcoef(x, X[0] * X[1]), X),
    "corrcoef of one": (lambda y: np.corrcoef(y), Y),
}


@pytest.mark.parametrize("name", COVARIANCES)
def test_covariance(name):
    function, *arrays = COVARIANCES[name]
    check(function, *arrays, chunks=(1, None), float32=name != "corrcoef of one",
          nested=False if name == "corrcoef matrix" else None)  # its diagonal is 1: there is nothing but noise to compare


def test_complex_covariance():
    """Not holomorphic: through real and imaginary parts."""
    def function(x, y):
        c = np.cov(x + 1j * y)
        return c.real, c.imag

    check(function, Z.real, Z.imag, chunks=(1, None))
