"""Programs of linear algebra, polynomials and differences; products, padding, reshaping."""

from __future__ import annotations

import numpy as np

from programs_science import M, P, X, program

# ---- linear algebra, einsum, polynomials ---------------------------------------------------------------------------------

@program(np.array([0.9, 2.1, 2.8, 4.2]))
def least_squares_line(y):
    A = np.vstack([np.arange(4.0), np.ones(4)]).T
    (slope, offset), *_ = np.linalg.lstsq(A, y, rcond=None)
    return slope, offset, np.linalg.solve(A.T @ A, A.T @ y), np.linalg.pinv(A) @ y


@program(np.array([0.9, 2.1, 2.8, 4.2, 4.4]))
def polynomial_fit(y):
    x = np.linspace(-1, 1, 5)
    c = np.polyfit(x, y, 2)
    return c, np.polyval(c, 0.3), np.polyder(c), np.polyval(np.polyint(c), 1.0)


@program(np.array([0.5, -1.0, 0.3]), 1.3)
def polynomials_by_horner(c, x):
    r = 0
    for k in c[::-1]:
        r = r * x + k
    return r, np.polynomial.polynomial.polyval(x, c), np.polynomial.chebyshev.chebval(x / 2, c)


@program(1.3)
def polynomial_object(x):
    return np.polynomial.Polynomial([1.0, -2.0, 0.5])(x), np.poly1d([1.0, 2.0, 3.0])(x), np.polynomial.Legendre([0.0, 1.0, 2.0])(x)


@program(np.array([0.2, 1.1, 0.4, 0.9]), float32=False)
def natural_spline_by_hand(y):
    n = len(y)
    A = np.zeros((n, n))
    A[0, 0] = A[-1, -1] = 1
    for i in range(1, n - 1):
        A[i, i - 1:i + 2] = [1, 4, 1]
    rhs = np.zeros_like(y)
    rhs[1:-1] = 6 * (y[2:] - 2 * y[1:-1] + y[:-2])
    m = np.linalg.solve(A, rhs)
    return (y[1] + y[2]) / 2 - (m[1] + m[2]) / 16, m


@program(M, P)
def einsum_models(a, v):
    return (np.einsum("ij,j->i", a, v), np.einsum("i,ij,j", v, a, v), np.einsum("ii->i", a), np.einsum("...j,kj->...k", a, a),
            np.einsum("ij,jk,kl->il", a, a, a, optimize=True))


@program(M)
def matrix_statistics(a):
    s = a @ a.T
    w, v = np.linalg.eigh(s)
    sign, logdet = np.linalg.slogdet(a)
    return w[-1] / w[0], logdet, np.linalg.det(a), np.linalg.norm(a, 2), (v * np.sqrt(w)) @ v.T


@program(M, P, nested=False)
def power_iteration(a, v):
    for _ in range(3):
        v = a @ v
        v /= np.linalg.norm(v)
    return v @ a @ v


@program(M[:2, :2])
def gram_schmidt(a):
    q = []
    for v in a.T:
        for u in q:
            v = v - np.dot(u, v) * u
        q.append(v / np.sqrt(np.dot(v, v)))
    return np.array(q)


@program(M, P)
def gaussian_elimination(a, b):
    a, b = a.copy(), b.copy()
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(a[k:, k]))
        a[[k, p]], b[[k, p]] = a[[p, k]], b[[p, k]]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            a[i, k:] -= f * a[k, k:]
            b[i] -= f * b[k]
    x = np.empty_like(b)
    for i in reversed(range(n)):
        x[i] = (b[i] - a[i, i + 1:] @ x[i + 1:]) / a[i, i]
    return x


@program(M)
def taylor_exponential(a):
    term = total = np.eye(3)
    for k in range(1, 8):
        term = term @ a / k
        total = total + term
    return total


@program(X, nested=False)
def complex_numbers(x):
    z = x * np.exp(1j * x[::-1])
    return np.abs(z), np.angle(z), (z * z.conj()).real, np.prod(z).imag, np.roots([1.0, x[0], x[3]]).imag


@program(X)
def gradients_and_differences(x):
    t = np.array([0.0, 0.5, 1.5, 2.0])
    return (np.gradient(x, t), np.gradient(x, 0.5, edge_order=2), np.diff(x, n=2, prepend=0.0), np.ediff1d(x, to_end=x[0]),
            np.trapezoid(x, t), np.cumprod(x), np.ptp(x))


@program(X)
def padding_modes(x):
    return [np.pad(x, (1, 2), mode=mode) for mode in ("constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "mean")]


@program(X)
def broadcasting(x):
    a = x[:, np.newaxis] - x
    return (a**2).sum(-1), np.broadcast_to(x, (2, 4)) * [[1], [2]], np.tile(x, 2) * np.repeat(x, 2), np.kron(x[:2], x[2:])


@program(np.array([0.7, 1.9, 0.6, 2.4], np.float64))
def single_precision_pipeline(x):
    y = x.astype(np.float64, copy=True)
    return np.sqrt(y) / np.linalg.norm(y), y.mean(dtype=np.float64)


@program(X)
def reshaped_and_rotated(x):
    a = x.reshape(2, 2, order="F")
    return np.rot90(a), np.flip(a, 0), np.moveaxis(a[None], 0, -1), np.array_split(x, 3)[1], np.roll(a, 1, axis=(0, 1)), a.mT
