"""Linear algebra, each function with its keywords, against the reference, against mpmath, and at singular points."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import dualdiff as dd
from dualdiff.errors import NotDifferentiableError
from tests.reference import check

la = np.linalg
rng = np.random.default_rng(20)


def real(*shape):
    return rng.normal(size=shape)


def cplx(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


A = np.array([[2.0, -0.5, 0.25], [1.0, 1.5, -0.75], [0.5, 0.25, -1.25]])
B = np.array([[1.5, 0.5], [-0.75, 1.0]])
TALL = np.array([[1.0, 0.5], [-0.25, 2.0], [0.75, -1.25]])
WIDE = TALL.T.copy()
CUBE = np.array([[[1.0, -0.5], [0.3, 2.25]], [[0.75, -1.45], [1.6, 0.1]]])
STACK = np.stack([B, B.T + 0.25, 2 * B - np.eye(2)])
V3, V2 = np.array([0.5, -1.25, 2.0]), np.array([1.5, -0.5])
SPD = np.array([[4.0, 9.0], [1.0, 3.0]])  # the upper triangle is not read
GAPS = np.array([[2.0, 1.0, 0.25], [0.5, 5.0, 0.5], [0.125, 0.25, 9.0]])
TURN = np.array([[0.5, -1.25], [1.0, 0.25]])  # complex eigenvalues
CUT = np.diag([3.0, 2.0, 0.25]) + np.array([[0.1, -0.05, 0.02], [0.03, 0.1, -0.1], [0.05, 0.02, 0.01]])


def parts(f):
    """Complex results by real and imaginary part."""
    def function(*arrays):
        out = f(*arrays)
        return [(np.real(p), np.imag(p)) for p in (out if isinstance(out, tuple) else (out,))]

    return function


SNIPPETS = {
    "inv": (la.inv, A),
    "inv 1x1": (la.inv, np.array([[0.5]])),
    "inv stack": (la.inv, STACK),
    "inv 4-d": (la.inv, STACK[None]),
    "inv transposed": (lambda a: la.inv(a.T), A),
    "inv keyword": (lambda a: la.inv(a=a), B),
    "inv of list": (lambda a: la.inv([[2.0, 1.0], [0.5, 3.0]]) @ a, B),
    "solve vector": (la.solve, A, V3),
    "solve matrix": (la.solve, B, WIDE),
    "solve a": (lambda a: la.solve(a, V3), A),
    "solve b": (lambda b: la.solve(A, b), V3),
    "solve list": (lambda b: la.solve([[2, 1], [1, 3]], b), V2),
    "solve stack vector": (la.solve, STACK, V2),
    "solve stack column": (lambda a, b: la.solve(a, b[..., None])[..., 0], STACK, real(3, 2)),
    "solve broadcast b": (la.solve, B, real(2, 2, 1)),
    "solve broadcast a": (la.solve, STACK[:, None], real(2, 2, 1)),
    "solve keywords": (lambda a, b: la.solve(b=b, a=a), B, V2),
    "tensorsolve": (la.tensorsolve, real(2, 2, 4), real(2, 2)),
    "tensorsolve axes": (lambda a, b: la.tensorsolve(a, b, axes=(0, 2)), real(2, 4, 2), real(4)),
    "tensorinv": (la.tensorinv, real(2, 2, 4)),
    "tensorinv ind": (lambda a: la.tensorinv(a, ind=1), real(4, 2, 2)),
    "det": (la.det, A),
    "det 1x1": (la.det, np.array([[0.5]])),
    "det stack": (la.det, STACK),
    "det singular": (la.det, np.arange(9.0).reshape(3, 3)),
    "det of zeros": (la.det, np.zeros((2, 2))),
    "det of zeros 1x1": (la.det, np.zeros((1, 1))),
    "det rank 1": (la.det, np.outer(V2, V2)),
    "det zero row": (la.det, np.array([[1.0, 2.0], [0.0, 0.0]])),
    "det some singular": (la.det, np.stack([B, np.ones((2, 2)), np.zeros((2, 2))])),
    "slogdet": (la.slogdet, A),
    "slogdet stack": (la.slogdet, STACK),
    "slogdet field": (lambda a: la.slogdet(a).logabsdet, B),
    "cholesky": (la.cholesky, SPD),
    "cholesky upper": (lambda a: la.cholesky(a, upper=True), SPD.T),
    "cholesky stack": (lambda a: la.cholesky(a @ a.mT), STACK),
    "qr": (la.qr, A),
    "qr tall": (la.qr, TALL),
    "qr wide": (la.qr, WIDE),
    "qr 1x1": (la.qr, np.array([[-0.5]])),
    "qr r": (lambda a: la.qr(a, mode="r"), TALL),
    "qr r wide": (lambda a: la.qr(a, "r"), WIDE),
    "qr complete square": (lambda a: la.qr(a, "complete"), B),
    "qr complete tall": (lambda a: la.qr(a, "complete"), TALL),
    "qr complete wide": (lambda a: la.qr(a, "complete"), WIDE),
    "qr complete r": (lambda a: la.qr(a, "complete").R, real(4, 2)),
    "qr stack": (la.qr, real(2, 3, 2)),
    "eigh": (la.eigh, GAPS),
    "eigh upper": (lambda a: la.eigh(a, "U"), GAPS),
    "eigh upper keyword": (lambda a: la.eigh(a, UPLO="u").eigenvalues, GAPS),
    "eigh stack": (la.eigh, STACK),
    "eigh 1x1": (la.eigh, np.array([[0.5]])),
    "eigvalsh": (la.eigvalsh, GAPS),
    "eigvalsh upper": (lambda a: la.eigvalsh(a, UPLO="U"), GAPS),
    "eigvalsh stack": (la.eigvalsh, STACK),
    "eig": (la.eig, GAPS),
    "eig stack": (la.eig, np.stack([GAPS, GAPS.T])),
    "eigvals": (la.eigvals, GAPS),
    "eigvals stack": (la.eigvals, np.stack([GAPS, GAPS.T])),
    "eigvals 1x1": (la.eigvals, np.array([[0.5]])),
    "svd": (la.svd, B),
    "svd thin": (lambda a: la.svd(a, full_matrices=False), TALL),
    "svd thin wide": (lambda a: la.svd(a, False), WIDE),
    "svd full tall": (la.svd, TALL),
    "svd full wide": (la.svd, WIDE),
    "svd stack": (lambda a: la.svd(a, full_matrices=False), real(2, 3, 2)),
    "svd no uv": (lambda a: la.svd(a, compute_uv=False), TALL),
    "svd no uv 4x2": (lambda a: la.svd(a, compute_uv=False), real(4, 2)),
    "svd hermitian": (lambda a: la.svd(a, hermitian=True), GAPS - 4 * np.eye(3)),
    "svd hermitian no uv": (lambda a: la.svd(a, compute_uv=False, hermitian=True), GAPS - 4 * np.eye(3)),
    "svdvals": (la.svdvals, TALL),
    "svdvals stack": (la.svdvals, STACK),
    "pinv": (la.pinv, TALL),
    "pinv wide": (la.pinv, WIDE),
    "pinv square": (la.pinv, B),
    "pinv stack": (la.pinv, real(2, 3, 2)),
    "pinv vector": (la.pinv, real(3, 1)),
    "pinv rcond": (lambda a: la.pinv(a, rcond=0.4), CUT),
    "pinv rtol": (lambda a: la.pinv(a, rtol=0.4), CUT[:, :2] @ np.ones((2, 1)) @ np.ones((1, 2)) + CUT[:, :2]),
    "pinv rcond tall": (lambda a: la.pinv(a, 0.4), np.vstack([CUT, [[0.1, 0.2, -0.1]]])),
    "pinv rcond wide": (lambda a: la.pinv(a, 0.4), np.vstack([CUT, [[0.1, 0.2, -0.1]]]).T),
    "pinv rtol None": (lambda a: la.pinv(a, rtol=None), TALL),
    "pinv hermitian": (lambda a: la.pinv(a, hermitian=True), GAPS),
    "lstsq": (lambda a, b: la.lstsq(a, b), TALL, V3),
    "lstsq matrix": (lambda a, b: la.lstsq(a, b)[:2], TALL, real(3, 2)),
    "lstsq wide": (lambda a, b: la.lstsq(a, b)[0], WIDE, V2),
    "lstsq square": (lambda a, b: la.lstsq(a, b)[0], B, V2),
    "lstsq rcond": (lambda a, b: la.lstsq(a, b, rcond=-1)[0], TALL, V3),
    "lstsq rcond 0.4": (lambda a, b: la.lstsq(a, b, rcond=0.4)[0], CUT, V3),
    "matrix_power 0": (lambda a: la.matrix_power(a, 0) + a, B),
    "matrix_power 1": (lambda a: la.matrix_power(a, 1), B),
    "matrix_power 2": (lambda a: la.matrix_power(a, 2), B),
    "matrix_power 3": (lambda a: la.matrix_power(a, 3), B),
    "matrix_power 6": (lambda a: la.matrix_power(a, 6), B),
    "matrix_power -1": (lambda a: la.matrix_power(a, -1), B),
    "matrix_power -5": (lambda a: la.matrix_power(a, -5), B),
    "matrix_power stack": (lambda a: la.matrix_power(a, n=3), STACK),
    "matrix_rank": (lambda a: la.matrix_rank(a) * a, B),
    "multi_dot 2": (lambda a, b: la.multi_dot([a, b]), WIDE, TALL),
    "multi_dot 3": (lambda a, b, c: la.multi_dot((a, b, c)), WIDE, TALL, B),
    "multi_dot 4": (lambda a, b: la.multi_dot([a, b, a, b]), WIDE, TALL),
    "multi_dot vectors": (lambda u, a, v: la.multi_dot([u, a, B, v]), V2, B, V2),
    "multi_dot constant": (lambda a: la.multi_dot([np.eye(2), a, TALL.T, TALL]), B),
    "cond": (la.cond, B),
    "cond stack": (la.cond, STACK),
    "cond tall": (la.cond, TALL),
    "chain": (lambda a, b: np.trace(la.inv(a) @ la.cholesky(a @ a.T + np.eye(2)) @ la.solve(a, np.diag(b))), B, V2),
    "gaussian": (lambda a, x: -0.5 * x @ la.solve(a @ a.T, x) - 0.5 * la.slogdet(a @ a.T)[1], B, V2),
    "exponential of eigh": (lambda a: (lambda w, v: v @ np.diag(np.exp(w)) @ v.T)(*la.eigh(a + a.T)), B),
    "nullspace projector": (lambda a: (lambda q: q[:, -1:] @ q[:, -1:].T)(la.svd(a)[0]), TALL),
    "low rank": (lambda a: (lambda u, s, vh: u[:, :1] * s[:1] @ vh[:1])(*la.svd(a, False)), TALL),
    "as written": (lambda a: la.inv(np.array([[a[0, 0], 1.0], [2.0, a[1, 1]]], like=a)), B),
}
for p in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    SNIPPETS[f"norm of matrix {p}"] = (lambda a, p=p: la.norm(a, p), TALL)
    SNIPPETS[f"norm of stack {p}"] = (lambda a, p=p: la.norm(a, ord=p, axis=(0, -1)), CUBE)
    SNIPPETS[f"norm of stack {p} keepdims"] = (lambda a, p=p: la.norm(a, p, (2, 1), True), CUBE)
    SNIPPETS[f"matrix_norm {p}"] = (lambda a, p=p: la.matrix_norm(a, keepdims=True, ord=p or "fro"), STACK)
    SNIPPETS[f"cond {p}"] = (lambda a, p=p: la.cond(a, p), B)
for p in (None, 0, 1, -1, 2, -2, np.inf, -np.inf, 3, 0.5, -1.5):
    SNIPPETS[f"norm of vector {p}"] = (lambda a, p=p: la.norm(a, p) * a, V3)
    SNIPPETS[f"norm of rows {p}"] = (lambda a, p=p: la.norm(a, p, axis=1, keepdims=True) * a, TALL)
    SNIPPETS[f"vector_norm {p}"] = (lambda a, p=p: la.vector_norm(a, ord=2 if p is None else p, axis=(0, 1)) * a, TALL)
SNIPPETS["vector_norm"] = (la.vector_norm, STACK)
SNIPPETS["vector_norm keepdims"] = (lambda a: la.vector_norm(a, keepdims=True, axis=0), TALL)
SNIPPETS["norm of tensor"] = (la.norm, STACK)
SNIPPETS["norm of number"] = (lambda a: la.norm(a[0, 0]), B)


@pytest.mark.parametrize("name", SNIPPETS)
def test_against_differences(name):
    function, *arrays = SNIPPETS[name]
    check(function, *arrays)


@pytest.mark.parametrize("function", [la.eig, la.eigvals])
def test_complex_eigenvalues_of_a_real_matrix(function):
    check(parts(function), TURN, nested=False)


# ---- complex matrices: the directional derivative along any complex direction --------------------------------------------

def leaves(result):
    return [leaf for part in result for leaf in leaves(part)] if isinstance(result, tuple) else [np.asarray(result)]


def ordered(a):
    """Eigenvalues by real part: LAPACK's own order jumps."""
    w = la.eigvals(a)
    return np.take_along_axis(w, np.argsort(w.real, axis=-1), -1)


def along(function, a, t):
    """The derivative along t by differences, extrapolated three times."""
    rows = []
    for h in (2.0**-9, 2.0**-10, 2.0**-11, 2.0**-12):
        rows.append([(p - q) / (2 * h) for p, q in zip(leaves(function(a + h * t)), leaves(function(a - h * t)))])
    for k in (1, 2, 3):
        rows = [[new + (new - old) / (4.0**k - 1) for new, old in zip(rows[i + 1], rows[i])] for i in range(len(rows) - 1)]
    return rows[0]


H = cplx(3, 3)
COMPLEX = {
    "inv": (la.inv, H),
    "solve": (lambda a: la.solve(a, a[:, :2].conj()), H),
    "det": (la.det, H),
    "det singular": (la.det, np.outer(H[0], H[1])),
    "slogdet": (la.slogdet, cplx(2, 3, 3)),
    "cholesky": (la.cholesky, np.array([[4, 9 + 1j], [1 + 1j, 3 + 2j]])),
    "cholesky upper": (lambda a: la.cholesky(a, upper=True), np.array([[4, 1 + 1j], [7 + 1j, 3 + 2j]])),
    "qr": (la.qr, H),
    "qr tall": (la.qr, cplx(5, 3)),
    "qr wide": (la.qr, cplx(2, 4)),
    "qr r": (lambda a: la.qr(a, mode="r"), cplx(4, 2)),
    "eigh": (la.eigh, H),
    "eigh upper": (lambda a: la.eigh(a, "U"), cplx(2, 3, 3)),
    "eigvalsh": (la.eigvalsh, H),
    "eig": (la.eig, H),
    "eigvals": (ordered, cplx(2, 3, 3)),
    "svd": (la.svd, H),
    "svd tall": (lambda a: la.svd(a, False), cplx(5, 3)),
    "svd very tall": (lambda a: la.svd(a, False), cplx(9, 2)),
    "svd wide": (lambda a: la.svd(a, False), cplx(3, 5)),
    "svd very wide": (lambda a: la.svd(a, False), cplx(2, 9)),
    "svd hermitian": (lambda a: la.svd(a, hermitian=True), H),
    "svdvals": (la.svdvals, cplx(3, 2)),
    "pinv": (la.pinv, cplx(4, 2)),
    "pinv wide": (la.pinv, cplx(2, 4)),
    "pinv rcond": (lambda a: la.pinv(a, rcond=0.4), CUT + 0.1j * CUT.T),
    "pinv hermitian": (lambda a: la.pinv(a, hermitian=True), H),
    "lstsq": (lambda a: la.lstsq(a, a[:, 0].conj() ** 2)[:2], cplx(4, 2)),
    "matrix_power": (lambda a: la.matrix_power(a, -3), H),
    **{f"norm {p}": (lambda a, p=p: la.norm(a, p), cplx(3, 2)) for p in (None, "nuc", 1, -1, 2, -2, np.inf, -np.inf)},
    **{f"norm of vector {p}": (lambda a, p=p: la.norm(a, p), cplx(4)) for p in (None, 1, -1, -2, np.inf, -np.inf, 3, 0.5)},
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex(name):
    function, a = COMPLEX[name]
    directions = cplx(2, *a.shape)
    directions[1] = directions[1].real
    for t in directions:
        value, slope = dd.jvp(function, a, t)
        for v, w in zip(leaves(value), leaves(function(a))):
            assert v.dtype == w.dtype and np.array_equal(v, w)
        for ours, wanted, v in zip(leaves(slope), along(function, a, t), leaves(value)):
            assert ours.dtype == v.dtype
            assert np.allclose(ours, wanted, rtol=1e-8, atol=1e-8 * np.max(np.abs(wanted), initial=1e-3))


def test_holomorphic_functions_have_complex_jacobians():
    for f in (la.inv, la.det, lambda a: la.solve(a, H[0]), lambda a: la.matrix_power(a, 3), la.eigvals):
        whole = dd.jacobian(f)(H)
        t = cplx(3, 3)
        assert np.allclose(np.sum(whole * t, axis=(-2, -1)), dd.jvp(f, H, t)[1], rtol=1e-11)


# ---- against mpmath, at 50 digits ----------------------------------------------------------------------------------------


def as_mp(a):
    return mpmath.matrix(np.asarray(a).tolist())


def as_np(a):
    return np.array(a.tolist(), dtype=float) if isinstance(a, mpmath.matrix) else float(a)


def projector(e, k):
    return e[1][:, k] * e[1][:, k].T


MP = {
    "inv": (la.inv, lambda a: a**-1),
    "solve": (lambda a: la.solve(a, V3), lambda a: mpmath.lu_solve(a, as_mp(V3))),
    "det": (la.det, mpmath.det),
    "slogdet": (lambda a: la.slogdet(a)[1], lambda a: mpmath.log(abs(mpmath.det(a)))),
    "cholesky": (lambda a: la.cholesky(a @ a.T), lambda a: mpmath.cholesky(a * a.T)),
    "qr projector": (lambda a: (lambda q: q @ q.T)(la.qr(a[:, :2])[0]),
                     lambda a: a[:, :2] * (a[:, :2].T * a[:, :2])**-1 * a[:, :2].T),
    "eigvalsh": (lambda a: la.eigvalsh(a + a.T), lambda a: mpmath.eigsy(a + a.T)[0]),
    "eigh projector": (lambda a: (lambda v: np.outer(v[:, 1], v[:, 1]))(la.eigh(a + a.T)[1]),
                       lambda a: projector(mpmath.eigsy(a + a.T), 1)),
    "svdvals": (la.svdvals, lambda a: mpmath.svd_r(a)[1]),
    "pinv": (lambda a: la.pinv(a[:, :2]), lambda a: (a[:, :2].T * a[:, :2])**-1 * a[:, :2].T),
    "lstsq": (lambda a: la.lstsq(a[:, :2], V3)[0], lambda a: (a[:, :2].T * a[:, :2])**-1 * a[:, :2].T * as_mp(V3)),
    "norm": (la.norm, lambda a: mpmath.norm(a, 2)),
    "nuclear norm": (lambda a: la.norm(a, "nuc"), lambda a: sum(mpmath.svd_r(a)[1])),
    "matrix_power": (lambda a: la.matrix_power(a, 7), lambda a: a**7),
}


@pytest.mark.parametrize("name", MP)
def test_against_mpmath(name):
    function, exact = MP[name]
    t = real(3, 3)
    with mpmath.workdps(50):
        h = mpmath.mpf(10) ** -16
        wanted = as_np((exact(as_mp(A) + h * as_mp(t)) - exact(as_mp(A) - h * as_mp(t))) / (2 * h))
        first = [(exact(as_mp(A) + s * h * as_mp(t))) for s in (-1, 0, 1)]
        second = as_np((first[2] - 2 * first[1] + first[0]) / h**2)
    ours = dd.jvp(function, A, t)[1]
    again = dd.jvp(lambda a: dd.jvp(function, a, t)[1], A, t)[1]
    wanted, second = np.reshape(wanted, np.shape(ours)), np.reshape(second, np.shape(ours))
    assert np.allclose(ours, wanted, rtol=0, atol=2e-14 * la.cond(A) * np.max(np.abs(wanted)))
    assert np.allclose(again, second, rtol=0, atol=1e-13 * la.cond(A) ** 2 * np.max(np.abs(second)))


@pytest.mark.parametrize("e", [1e-8, 1e-13, 1e-15, 1e-16, 0.0])
def test_the_adjugate_near_a_singular_matrix(e):
    a = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9 + e]])
    with mpmath.workdps(50):
        minors = [[mpmath.det(as_mp(np.delete(np.delete(a, i, 0), j, 1))) * (-1) ** (i + j) for j in range(3)] for i in range(3)]
        wanted = np.array(minors, dtype=float)
    assert np.allclose(dd.gradient(la.det)(a), wanted, rtol=0, atol=2e-14 * np.max(abs(wanted)))


@pytest.mark.parametrize("smallest", [(1e-3,), (1e-8,), (1e-15,), (0.0,), (1e-7, 0.0), (0.0, 0.0), (1e-9, 1e-12, 0.0)])
def test_the_gradient_of_a_determinant_of_any_rank(smallest):
    u, v = la.qr(real(8, 8))[0], la.qr(real(8, 8))[0]
    a = (u * np.array([1.0] * (8 - len(smallest)) + list(smallest))) @ v
    with mpmath.workdps(60):
        wanted = np.array([[mpmath.det(as_mp(np.delete(np.delete(a, i, 0), j, 1))) * (-1) ** (i + j) for j in range(8)]
                           for i in range(8)], dtype=float)
    assert np.allclose(dd.gradient(la.det)(a), wanted, rtol=0, atol=1e-14 * max(np.max(abs(wanted)), 1e-2))


def test_a_determinant_that_underflows_or_overflows():
    assert np.allclose(dd.gradient(la.det)(1e-200 * np.eye(2)), 1e-200 * np.eye(2), rtol=1e-14, atol=0)
    assert np.allclose(dd.gradient(la.det)(np.diag([1e200, 1e200])), 1e200 * np.eye(2), rtol=1e-14)


# ---- what does not depend on the gauge -----------------------------------------------------------------------------------

SHAPES = [(3, 3), (5, 3), (3, 5), (7, 2), (2, 7)]


@pytest.mark.parametrize("make", [real, cplx])
@pytest.mark.parametrize("shape", SHAPES)
def test_decompositions_recompose(shape, make):
    a, t = make(2, *shape), make(2, *shape)

    def adjoint(x):
        return np.conjugate(np.swapaxes(x, -1, -2))

    def gram(q):
        return adjoint(q) @ q

    def still(x):
        return np.allclose(x, 0, atol=1e-10)

    u, s, vh = zip(*dd.jvp(lambda a: la.svd(a, full_matrices=False), a, t))
    assert np.allclose(u[1] * s[0][:, None] @ vh[0] + u[0] * s[1][:, None] @ vh[0] + u[0] * s[0][:, None] @ vh[1], t)
    assert still(dd.jvp(lambda a: gram(la.svd(a, full_matrices=False)[0]), a, t)[1])
    assert still(dd.jvp(lambda a: gram(adjoint(la.svd(a, full_matrices=False)[2])), a, t)[1])
    assert np.allclose(dd.jvp(lambda a: (lambda q, r: q @ r)(*la.qr(a)), a, t)[1], t)
    assert still(dd.jvp(lambda a: gram(la.qr(a)[0]), a, t)[1])
    assert still(np.tril(dd.jvp(lambda a: la.qr(a, mode="r"), a, t)[1], -1))
    assert np.allclose(dd.jvp(lambda a: a @ la.pinv(a) @ a, a, t)[1], t)
    if shape[0] == shape[1]:
        g, dg = gram(a), dd.jvp(gram, a, t)[1]
        assert np.allclose(dd.jvp(lambda a: (lambda x: x @ adjoint(x))(la.cholesky(gram(a))), a, t)[1], dg)
        assert np.allclose(dd.jvp(lambda g: (lambda w, v: v * w[:, None] @ adjoint(v))(*la.eigh(g)), g, dg)[1], dg)
        assert np.allclose(dd.jvp(lambda a: (lambda w, v: v * w[:, None] @ la.inv(v))(*la.eig(a)), a, t)[1], t)
        assert np.allclose(dd.jvp(lambda a: np.sum(la.eigvals(a), axis=-1), a, t)[1], np.trace(t, axis1=-2, axis2=-1))
        assert still(dd.jvp(lambda a: np.sum(abs(la.eig(a)[1]) ** 2, axis=-2), a, t)[1])


def test_named_results_keep_their_type():
    for f in (la.slogdet, la.eig, la.eigh, la.svd, la.qr):
        value, slope = dd.jvp(f, B, np.ones((2, 2)))
        assert type(value) is type(slope) is type(f(B))


# ---- where something is not defined --------------------------------------------------------------------------------------


def all_nan(x):
    return np.all(np.isnan(x))


def test_repeated_eigenvalues():
    t = np.array([[1.0, 0.5, 0.0], [0.5, 2.0, 0.25], [0.0, 0.25, 3.0]])
    for f in (la.eigvalsh, la.eigvals, la.svdvals):
        assert np.allclose(dd.derivative(lambda x: np.sum(f(x * np.eye(3))) / 3)(2.0), 1.0)  # they move together
        assert np.allclose(dd.jacobian(lambda x: f(x * np.eye(3)))(2.0), 1.0)
        assert all_nan(dd.jvp(f, np.eye(3), t)[1])
    double = np.diag([1.0, 2.0, 2.0])
    slope = dd.jvp(la.eigvalsh, double, t)[1]
    assert slope[0] == 1.0 and all_nan(slope[1:])
    w, v = dd.jvp(la.eigh, double, t)[1]
    assert not np.isnan(v[:, 0]).any() and all_nan(v[:, 1:])
    hessian = dd.hessian(lambda a: la.eigvalsh(a)[0])(double)
    assert np.allclose(hessian[1, 0, 1, 0], -2.0)  # 2 |m₁₀|²/(λ₀ − λ₁)
    assert all_nan(dd.hessian(lambda a: la.eigvalsh(a)[1])(double)[1, 0, 1, 0])
    assert not np.any(dd.jvp(la.eigh, double, 0 * t)[1].eigenvectors)  # what does not move has a tangent: 0


def test_nearly_repeated_eigenvalues():
    a = la.qr(real(4, 4))[0]
    a = a * np.array([1.0, 2.0, 2.0 + 1e-15, 5.0]) @ a.T
    v = dd.jvp(la.eigh, a, real(4, 4))[1].eigenvectors
    assert all_nan(v[:, 1:3]) and not np.isnan(v[:, [0, 3]]).any()


def test_defective_matrices():
    for a in (np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[2.0, -1.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])):
        assert all_nan(dd.jvp(la.eigvals, a, B)[1])
        assert all_nan(dd.jvp(la.eig, a, B)[1].eigenvectors)
    stack = np.stack([np.array([[1.0, 1.0], [0.0, 1.0]]), B])
    slope = dd.jvp(la.eigvals, stack, np.stack([B, B]))[1]
    assert all_nan(slope[0]) and np.allclose(slope[1], la.eigvals(B))
    assert np.allclose(dd.jvp(la.eigvals, stack, stack)[1], la.eigvals(stack))  # both eigenvalues scale with the matrix


def test_zero_singular_values():
    rank1 = np.array([[1.0, 2.0], [2.0, 4.0], [0.5, 1.0]])
    slope = dd.jvp(la.svdvals, rank1, TALL)[1]
    assert np.isfinite(slope[0]) and np.isnan(slope[1])
    assert all_nan(dd.gradient(lambda a: la.norm(a, "nuc"))(rank1))
    assert np.isfinite(dd.gradient(lambda a: la.norm(a, 2))(rank1)).all()
    assert all_nan(dd.gradient(lambda a: la.norm(a, 2))(np.eye(2)))


def test_singular_and_dependent():
    ones = np.ones((2, 2))
    assert all_nan(dd.gradient(lambda a: la.slogdet(a)[1])(ones))
    assert all_nan(dd.hessian(lambda a: la.slogdet(a)[1])(ones))
    stack = np.stack([ones, B])
    slope = dd.jvp(la.slogdet, stack, stack)[1].logabsdet
    assert np.isnan(slope[0]) and np.isclose(slope[1], 2.0)
    assert dd.jvp(la.slogdet, stack, np.stack([0 * ones, B]))[1].logabsdet[0] == 0.0
    q, r = dd.jvp(la.qr, np.array([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.5, 1.0, 3.0]]), GAPS)[1]
    assert np.isfinite(q[:, 0]).all() and all_nan(q[:, 1:])
    with pytest.raises(la.LinAlgError):
        dd.jacobian(la.inv)(ones)
    with pytest.raises(la.LinAlgError):
        dd.jacobian(la.solve)(ones, V2)
    with pytest.raises(la.LinAlgError):
        dd.jacobian(la.cholesky)(-ones)


def test_the_pseudo_inverse_of_deficient_rank():
    a = np.diag([1.0, 0.0])
    jacobian = dd.jacobian(la.pinv)(a)
    assert np.allclose(jacobian[..., 0, 0], [[-1, 0], [0, 0]])  # along directions that keep the rank
    assert np.allclose(jacobian[..., 0, 1], [[0, 0], [1, 0]])
    assert all_nan(jacobian[..., 1, 1])  # the value jumps
    assert np.allclose(dd.jacobian(lambda x: la.pinv(x * np.ones((2, 2))))(2.0), -np.ones((2, 2)) / 16)
    solution = dd.jacobian(lambda x: la.lstsq(x * np.ones((2, 2)), V2)[0])(2.0)
    assert np.allclose(solution, -la.pinv(np.ones((2, 2))) @ V2 / 4)


def test_columns_of_an_arbitrary_basis():
    a = real(5, 2)
    q, r = dd.jacobian(lambda a: la.qr(a, "complete"))(a)
    assert np.isfinite(q[:, :2]).all() and all_nan(q[:, 2:]) and np.isfinite(r).all()
    u, s, vh = dd.jacobian(la.svd)(a)
    assert np.isfinite(u[:, :2]).all() and all_nan(u[:, 2:]) and np.isfinite(vh).all()


@pytest.mark.parametrize("p", [None, 2, 3, 1.5])
def test_norms_at_zero(p):
    assert not np.any(dd.gradient(lambda x: la.norm(x, p))(np.zeros(3)))
    assert all_nan(np.diag(dd.hessian(lambda x: la.norm(x, p))(np.zeros(3))))
    x = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert np.array_equal(dd.jvp(lambda x: la.norm(x, axis=1), x, np.ones((2, 2)))[1], [0.0, 1.4])
    assert not np.any(dd.gradient(la.norm)(np.zeros((2, 2))))


def test_norms_of_huge_and_tiny_vectors():
    for scale in (1e-200, 1e200, 5e-324):
        assert np.allclose(dd.gradient(la.norm)(np.array([3.0, -4.0]) * scale), [0.6, -0.8])


def test_raw_qr_is_refused():
    with pytest.raises(NotDifferentiableError, match="Householder"):
        dd.jacobian(lambda a: la.qr(a, mode="raw")[0])(TALL)


def test_nans_stay_nans():
    a = np.array([[1.0, np.nan], [0.5, 2.0]])
    for f in (la.inv, la.det, la.pinv, la.norm):
        with np.errstate(all="ignore"):
            try:
                f(a)
            except la.LinAlgError:
                continue
            assert np.isnan(dd.jvp(f, a, np.eye(2))[1]).any()


# ---- empty stacks and matrices -------------------------------------------------------------------------------------------

EMPTY = [
    *[(f, s) for f in (la.inv, la.det, la.slogdet, la.eigh, la.eigvalsh, la.eig, la.eigvals, la.cholesky)
      for s in ((0, 0), (0, 2, 2))],
    *[(f, s) for f in (la.svd, la.svdvals, la.qr, la.pinv) for s in ((0, 0), (0, 3), (3, 0), (0, 2, 3), (2, 0, 3))],
    (lambda a: la.solve(a, a), (0, 0)), (lambda a: la.solve(a, a[..., :1]), (0, 2, 2)), (la.norm, (0,)),
    (lambda a: la.norm(a, axis=1), (3, 0)), (lambda a: la.norm(a, "nuc"), (2, 0)), (lambda a: la.matrix_power(a, 3), (0, 2, 2)),
]


@pytest.mark.parametrize(("function", "shape"), EMPTY)
def test_empty(function, shape):
    plain = leaves(function(np.zeros(shape)))
    for chunk_size in (1, None):
        result = leaves(dd.jacobian(lambda t: function(t * np.ones(shape)), chunk_size=chunk_size)(np.array([1.0])[0]))
        assert [p.shape for p in result] == [p.shape for p in plain]


# ---- deep nesting, chunks, other packages --------------------------------------------------------------------------------


def test_third_derivatives():
    f = lambda x: la.det(np.array([[x, 1.0, x * x], [2.0, x, 1.0], [x, 0.5, x]], like=x))  # noqa: E731
    d3 = dd.derivative(dd.derivative(dd.derivative(f)))(0.0)  # det = x³ − 0.5x + … : a singular-frame value at 0
    p = np.poly1d([1.0, 0.0]), np.poly1d([1.0, 0.0, 0.0])
    x, xx = p
    exact = x * (x * x - 0.5) - (2 * x - x) + xx * (np.poly1d([1.0]) - xx)
    assert np.isclose(d3, exact.deriv(3)(0.0))
    g = lambda x: la.inv(x * B)[0, 0]  # noqa: E731
    assert np.isclose(dd.derivative(dd.derivative(dd.derivative(g)))(2.0), -6 / 2.0**4 * la.inv(B)[0, 0])


def test_chunks_share_one_factorisation():
    """A chunk is one stack to the rules: sixteen directions take no more calls than one."""
    calls = []
    original = la.solve

    def counted(x):
        before = len(calls)
        result = original(A, x)
        calls.append(before)
        return result

    whole = dd.jacobian(counted, chunk_size=None)(real(3, 4))
    assert len(calls) == 1
    assert np.allclose(whole, np.einsum("ik,jl->ijkl", la.inv(A), np.eye(4)))


def test_object_arrays_say_how_to_write_it():
    def f(x):
        return la.inv(np.array([[x[0], 1.0], [2.0, x[1]]]))

    with pytest.raises(TypeError, match="dtype") as caught:
        dd.jacobian(f)(V2)
    assert "like=" in " ".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


SCIPY = ["solve", "inv", "det", "expm", "logm", "sqrtm", "cholesky", "cho_factor", "lu", "lu_factor", "qr", "eigh", "eig", "svd",
         "pinv", "lstsq", "solve_triangular", "block_diag", "toeplitz"]


@pytest.mark.parametrize("name", SCIPY)
def test_scipy_is_loud_or_right(name):
    linalg = pytest.importorskip("scipy.linalg")
    function = getattr(linalg, name)
    arguments = (V2,) if name in ("solve", "lstsq", "solve_triangular") else ()
    try:
        found = leaves(dd.jvp(lambda a: function(a, *arguments), B, np.eye(2))[1])
    except (TypeError, ValueError) as error:
        assert not isinstance(error, la.LinAlgError)
        return
    for ours, wanted in zip(found, along(lambda a: function(a, *arguments), B, np.eye(2))):
        assert np.allclose(ours, wanted)


def test_scipy_norm_works():
    linalg = pytest.importorskip("scipy.linalg")
    assert np.allclose(dd.gradient(linalg.norm)(B), B / la.norm(B))
