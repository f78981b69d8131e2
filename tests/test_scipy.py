"""dualdiff.scipy: derivatives of SciPy's functions against differences of SciPy, and every line of the namespace's table."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pytest

from reference import check

pytest.importorskip("scipy")
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.special

import dualdiff as dd
import dualdiff.scipy
from dualdiff.scipy import integrate, interpolate, linalg, special

V = np.array([0.5, 1.25, 2.5, 3.75])
A = np.array([[2.0, -0.5, 0.25], [0.75, 3.0, -1.0], [0.5, 0.25, 1.5]])
S = A @ A.T
TALL = np.array([[2.0, -0.5], [0.75, 3.0], [0.5, 1.25]])
B = np.array([[1.0, 0.5], [-0.25, 2.0], [0.75, 1.5]])
T = np.array([0.0, 0.5, 1.25, 1.75, 3.0, 3.5])
Y = np.array([0.5, 1.5, -0.25, 2.0, 1.0, 0.25])
PARTS = np.array([[0.5, -1.25, 2.0], [3.0, 0.25, -0.5]])
SCALED = np.array([[0.4, -0.3], [0.6, 0.2]])
DATA = np.array([[1.0, -0.5], [0.25, 2.0], [1.5, 0.75], [2.5, -1.0], [0.5, 0.25], [1.0, 1.5]])

CALLS = {
    "special.logsumexp": (special.logsumexp, (V,)),
    "special.logsumexp axis": (lambda a: special.logsumexp(a, axis=1, keepdims=True), (PARTS,)),
    "special.logsumexp b": (lambda a, b: special.logsumexp(a, axis=-1, b=b), (PARTS, np.array([0.5, 1.5, 2.0]))),
    "special.logsumexp sign": (lambda a, b: special.logsumexp(a, b=b, return_sign=True)[0], (V, np.array([1.0, -2.0, 0.5, -1.5]))),
    "special.logsumexp number": (special.logsumexp, (0.75,)),
    "special.softmax": (special.softmax, (V,)),
    "special.softmax axis": (lambda x: special.softmax(x, axis=0), (PARTS,)),
    "special.log_softmax": (special.log_softmax, (V,)),
    "special.log_softmax axis": (lambda x: special.log_softmax(x, axis=-1), (PARTS,)),
    "special.polygamma": (lambda x: special.polygamma(1, x), (V,)),
    "special.polygamma n": (lambda x: special.polygamma(np.array([[0], [2]]), x), (V + 1,), {"float32": False}),
    "special.polygamma number": (lambda x: special.polygamma(2, x), (1.25,)),
    "special.multigammaln": (lambda a: special.multigammaln(a, 3), (3.5,)),
    "special.comb": (lambda N, k: special.comb(N, k), (V + 4, V)),
    "special.comb repetition": (lambda N: special.comb(N, 2.5, repetition=True), (V + 4,)),
    "special.perm": (lambda N, k: special.perm(N, k), (V + 4, V)),
    "special.factorial": (special.factorial, (V,)),
    "special.factorial negative": (lambda n: special.factorial(n), (V - 2,)),
    "special.softplus": (lambda x: special.softplus(x) if hasattr(special, "softplus") else np.logaddexp(0, x), (V - 1,)),
    "special.lambertw": (lambda z: np.real(special.lambertw(z)), (V,)),
    "special.zeta": (lambda q: special.zeta(2.5, q), (V,)),
    "linalg.solve": (linalg.solve, (A, V[:3])),
    "linalg.solve matrix": (linalg.solve, (A, B)),
    "linalg.solve transposed": (lambda a, b: linalg.solve(a, b, transposed=True), (A, B)),
    "linalg.solve pos": (lambda a, b: linalg.solve(a, b, assume_a="pos"), (S, B)),
    "linalg.solve sym lower": (lambda a: linalg.solve(a, V[:3], lower=True, assume_a="sym"), (S,)),
    "linalg.solve_triangular": (linalg.solve_triangular, (A, V[:3])),
    "linalg.solve_triangular lower": (lambda a, b: linalg.solve_triangular(a, b, lower=True, trans=1, unit_diagonal=True), (A, B)),
    "linalg.cho_solve": (lambda a, b: linalg.cho_solve(linalg.cho_factor(a, lower=True), b), (S, V[:3])),
    "linalg.cho_solve upper": (lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), (S, B)),
    "linalg.cho_solve factor": (lambda c, b: linalg.cho_solve((c, False), b), (A, B)),
    "linalg.lstsq": (lambda a, b: linalg.lstsq(a, b)[0], (TALL, V[:3])),
    "linalg.lstsq all": (lambda a, b: [part for i, part in enumerate(linalg.lstsq(a, b)) if i != 2], (TALL, V[:3])),
    "linalg.lstsq matrix": (lambda a, b: linalg.lstsq(a, b, lapack_driver="gelsy")[0], (TALL, B)),
    "linalg.inv": (linalg.inv, (A,)),
    "linalg.pinv": (linalg.pinv, (TALL,)),
    "linalg.pinv rank": (lambda a: linalg.pinv(a, rtol=1e-10, return_rank=True)[0], (TALL,)),
    "linalg.det": (linalg.det, (A,)),
    "linalg.norm": (linalg.norm, (A,)),
    "linalg.norm 2": (lambda a: linalg.norm(a, 2), (A,)),
    "linalg.norm axis": (lambda a: linalg.norm(a, 3, axis=1, keepdims=True), (A,)),
    "linalg.cholesky": (linalg.cholesky, (S,)),
    "linalg.cholesky lower": (lambda a: linalg.cholesky(a, lower=True), (S,)),
    "linalg.cho_factor": (lambda a: linalg.cho_factor(a)[0], (S,)),
    "linalg.lu": (lambda a: linalg.lu(a)[1:], (A[::-1].copy(),)),
    "linalg.lu permuted": (lambda a: linalg.lu(a, permute_l=True), (A[[2, 0, 1]],)),
    "linalg.lu tall": (lambda a: linalg.lu(a, permute_l=True), (TALL[::-1].copy(),)),
    "linalg.lu wide": (lambda a: linalg.lu(a)[1:], (TALL.T.copy(),)),
    "linalg.qr": (linalg.qr, (A,)),
    "linalg.qr economic": (lambda a: linalg.qr(a, mode="economic"), (TALL,)),
    "linalg.qr full": (linalg.qr, (TALL,)),
    "linalg.qr r": (lambda a: linalg.qr(a, mode="r")[0], (TALL,)),
    "linalg.eigh": (linalg.eigh, (S,), {"float32": False}),
    "linalg.eigh upper": (lambda a: [part * np.sign(part[0]) for part in linalg.eigh(a, lower=False)], (S,), {"float32": False}),
    "linalg.eigh values": (lambda a: linalg.eigh(a, eigvals_only=True), (S,)),
    "linalg.eigvalsh": (linalg.eigvalsh, (S,)),
    "linalg.eig": (lambda a: [np.real(part) for part in linalg.eig(a)], (S,)),
    "linalg.eigvals": (lambda a: np.real(linalg.eigvals(a)), (S,)),
    "linalg.eigvals complex": (lambda a: (np.real(linalg.eigvals(a)), np.imag(linalg.eigvals(a))), (SCALED,), {"nested": False}),
    "linalg.svd": (linalg.svd, (A,)),
    "linalg.svd reduced": (lambda a: linalg.svd(a, full_matrices=False), (TALL,)),
    "linalg.svd values": (lambda a: linalg.svd(a, compute_uv=False), (TALL,)),
    "linalg.svdvals": (linalg.svdvals, (TALL,)),
    "linalg.expm": (linalg.expm, (SCALED,)),
    "linalg.expm large": (linalg.expm, (A,), {"nested": False}),
    "linalg.expm stack": (linalg.expm, (np.stack([SCALED, SCALED.T @ SCALED]),)),
    "linalg.logm": (linalg.logm, (S[:2, :2],)),
    "linalg.sqrtm": (linalg.sqrtm, (S[:2, :2],)),
    **{f"linalg.{name}": (getattr(linalg, name), (SCALED,)) for name in ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")},
    "linalg.block_diag": (lambda a, b: linalg.block_diag(a, b), (SCALED, TALL)),
    "integrate.trapezoid": (integrate.trapezoid, (Y, T)),
    "integrate.trapezoid dx": (lambda y, h: integrate.trapezoid(y, dx=h, axis=0), (PARTS, 0.75)),
    "integrate.simpson": (lambda y, x: integrate.simpson(y, x=x), (Y, T)),
    "integrate.simpson odd": (lambda y, x: integrate.simpson(y, x=x), (Y[:5], T[:5])),
    "integrate.simpson dx": (lambda y, h: integrate.simpson(y, dx=h, axis=0), (DATA, 0.75)),
    "integrate.simpson two": (lambda y, x: integrate.simpson(y, x=x), (Y[:2], T[:2])),
    "integrate.simpson rows": (lambda y, x: integrate.simpson(y, x=x), (DATA.T.copy(), T), {"nested": False}),
    "integrate.cumulative_trapezoid": (lambda y, x: integrate.cumulative_trapezoid(y, x), (Y, T)),
    "integrate.cumulative_trapezoid initial": (lambda y: integrate.cumulative_trapezoid(y, dx=0.5, axis=0, initial=0), (DATA,)),
    "integrate.cumulative_simpson even": (lambda y, x: integrate.cumulative_simpson(y, x=x), (Y, T)),
    "integrate.cumulative_simpson dx": (lambda y, h: integrate.cumulative_simpson(y, dx=h, axis=0, initial=0.5), (DATA, 0.75)),
    "integrate.cumulative_simpson": (lambda y, x: integrate.cumulative_simpson(y, x=x), (Y[:5], T[:5])),
    "interpolate.CubicSpline": (interpolate.CubicSpline(T, Y), (np.array([0.25, 1.5, 2.75, 4.0, -0.5]),), {"float32": False}),
    "interpolate.CubicSpline number": (interpolate.CubicSpline(T, Y), (1.5,)),
    "interpolate.CubicSpline axis": (interpolate.CubicSpline(T, DATA.T, axis=1), (np.array([[0.25, 1.5], [2.75, 3.25]]),),
                                     {"float32": False}),
    "interpolate.CubicSpline nu": (lambda x: interpolate.CubicSpline(T, Y, bc_type="natural")(x, 1), (np.array([0.25, 1.5]),),
                                   {"float32": False}),
    "interpolate.CubicSpline y": (lambda y, x: interpolate.CubicSpline(T, y)(x), (Y, np.array([0.25, 1.5])), {"float32": False}),
    "interpolate.CubicSpline matrix": (lambda y: interpolate.CubicSpline(T, y, axis=1)(1.5), (DATA.T.copy(),)),
    "interpolate.CubicSpline clamped": (lambda y: interpolate.CubicSpline(T, y, bc_type="clamped")(1.5), (Y,)),
    "interpolate.CubicSpline slopes": (lambda y: interpolate.CubicSpline(T, y, bc_type=((1, 0.75), (2, -0.5)))(2.0, 1), (Y,)),
    "interpolate.CubicSpline periodic": (lambda y: interpolate.CubicSpline(T, np.append(y, y[0]), bc_type="periodic")(4.25),
                                         (Y[:5],)),
    "interpolate.CubicSpline derivative": (lambda y, x: interpolate.CubicSpline(T, y).derivative()(x), (Y, 1.5)),
    "interpolate.CubicSpline integrate": (lambda y, b: interpolate.CubicSpline(T, y).integrate(0.25, b), (Y, 2.5),
                                          {"primal": False}),
}


@pytest.mark.parametrize("name", CALLS)
def test_against_differences(name):
    function, arrays, *options = CALLS[name]
    options = dict(options[0] if options else {})
    if options.pop("primal", True):
        check(function, *arrays, **options)
        return
    found = dd.jacobian(function, argnums=(0, 1))(*arrays)  # values of another order of operations
    value = dd.value_and_jacobian(function)(*arrays)[0]
    assert abs(value - function(*arrays)) < 1e-14
    spline = scipy.interpolate.CubicSpline(T, Y)
    assert abs(found[1] - spline(arrays[1])) < 1e-14
    wanted = [scipy.interpolate.CubicSpline(T, e).integrate(0.25, arrays[1]) for e in np.eye(6)]
    np.testing.assert_allclose(found[0], wanted, rtol=1e-13, atol=1e-14)


NAMES = sorted({name.partition(" ")[0] for name in CALLS})


@pytest.mark.parametrize("name", NAMES)
def test_plain_arguments_get_what_scipy_returns(name):
    """SciPy's own function, under SciPy's own name."""
    module, function = name.split(".")
    ours = getattr(getattr(dualdiff.scipy, module), function, None)
    theirs = getattr(getattr(scipy, module), function, None)
    if theirs is None:
        return  # newer than this SciPy
    assert ours is theirs or ours.__wrapped__ is theirs if not isinstance(ours, type) else issubclass(ours, theirs)
    assert ours.__name__ == theirs.__name__


# ---- the table of the docstring ------------------------------------------------------------------------------------------

LINES = [line for line in dualdiff.scipy.__doc__.splitlines() if re.match(r"(special|linalg|integrate|interpolate)\.", line)]
TABLE = {name: tuple(cells) for name, *cells in (re.split(r"\s{2,}", line) for line in LINES)}

W = dd.Dual(V, 1.0)
SQUARE, SYMMETRIC = dd.Dual(A, 1.0), dd.Dual(S, 1.0)
# What SciPy's own function is asked when it is said to take dual numbers, or not to: (arguments that it takes, that it refuses).
ITSELF = {
    "special.logsumexp": ([], [(W,)]), "special.softmax": ([(W,)], []), "special.log_softmax": ([], [(W,)]),
    "special.softplus": ([(W,)], []), "special.polygamma": ([], [(1, W)]), "special.multigammaln": ([], [(W[3], 2)]),
    "special.comb": ([], [(W, 0.5)]), "special.perm": ([], [(W, 0.5)]), "special.factorial": ([], [(W,)]),
    "special.lambertw": ([(W,)], []), "special.zeta": ([(2.5, W)], [(W, 2.5)]), "special.zetac": ([], [(W,)]),
    "linalg.solve_triangular": ([], [(SQUARE, V[:3])]), "linalg.solve": ([], [(SQUARE, V[:3]), (A, W[:3])]),
    "linalg.cho_solve": ([], [((SQUARE, True), V[:3]), ((A, True), W[:3])]), "linalg.lstsq": ([], [(SQUARE, V[:3])]),
    "linalg.norm": ([(SQUARE,)], [(SQUARE, 2)]), "linalg.block_diag": ([(SQUARE, A)], []),
    "integrate.trapezoid": ([(W,)], [(V, W)]), "integrate.simpson": ([(W,)], [(V, W)]),
    "integrate.cumulative_trapezoid": ([(W,), (V, W)], []), "integrate.cumulative_simpson": ([(W,)], []),
    "integrate.quad": ([], [(lambda t: t * W[0], 0, 1), (math.cos, 0, W[0])]),
    "interpolate.CubicSpline": ([], [(T[:4], W), (W, V)]), "interpolate.PchipInterpolator": ([], [(T[:4], W)]),
}


def plain_or_error(call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call()
        except (TypeError, ValueError) as error:
            return error


def carries(value):
    if isinstance(value, (tuple, list)):
        return any(map(carries, value))
    if isinstance(value, np.ndarray) and value.dtype == object:
        return any(map(carries, value.flat))
    return isinstance(value, dd.Dual)


def test_the_table_has_every_function():
    assert len(TABLE) >= 40
    assert {name for name in NAMES if name not in TABLE} == {f"linalg.{f}" for f in "sinm tanm coshm sinhm tanhm".split()}
    assert {name for name, (_, here, _) in TABLE.items() if here == "yes"} <= set(NAMES)


@pytest.mark.parametrize("name", TABLE)
def test_a_line_of_the_table(name):
    itself, here, where = TABLE[name]
    module, function = name.split(".")
    theirs = getattr(getattr(scipy, module), function, None)
    if theirs is None:
        pytest.skip("this SciPy has it not")
    takes, refuses = ITSELF.get(name, ([], [(SYMMETRIC,)]))
    assert {"yes": takes and not refuses, "some": takes, "no": refuses and not takes}[itself]
    if itself != "some":  # what SciPy does by itself for some arguments only may change with its release
        for arguments in takes:
            assert carries(plain_or_error(lambda: theirs(*arguments))), arguments
    for arguments in takes:
        result = plain_or_error(lambda: theirs(*arguments))
        assert carries(result) or isinstance(result, (TypeError, ValueError)), "a dropped tangent"
    for arguments in refuses:
        assert isinstance(plain_or_error(lambda: theirs(*arguments)), (TypeError, ValueError)), arguments
    if here == "no":
        ours = getattr(getattr(dualdiff.scipy, module), function)
        assert ours is theirs
    assert where


@pytest.mark.parametrize(("call", "message"), [
    (lambda: special.comb(W, 2, exact=True), "exact"), (lambda: special.factorial(W, exact=True), "exact"),
    (lambda: special.perm(W, 2, exact=True), "exact"), (lambda: special.polygamma(W, 1.0), "argument 1"),
    (lambda: linalg.qr(SQUARE, pivoting=True), "pivoting"), (lambda: linalg.eigh(SYMMETRIC, S), "b="),
    (lambda: linalg.eigh(S, SYMMETRIC), "argument 2"), (lambda: linalg.eigh(dd.Dual(S + 0j, 1.0)), "phase"),
    (lambda: linalg.eigh(SYMMETRIC, subset_by_index=[0, 1]), "subset_by_index"), (lambda: linalg.eig(SQUARE, left=True), "left"),
    (lambda: linalg.solve(SQUARE, V[:3], assume_a="banded"), "banded"),
    (lambda: interpolate.CubicSpline(dd.Dual(T), Y), "knots"),
    (lambda: interpolate.CubicSpline(T, dd.Dual(Y), bc_type=((1, W[0]), (1, 0.0))), "boundary"),
    (lambda: interpolate.CubicSpline(T, dd.Dual([*Y[:5], Y[0]], np.eye(6)[0]), bc_type="periodic"), "periodic"),
])
def test_refusals(call, message):
    with pytest.raises(dd.NotDifferentiableError, match=message):
        call()


# ---- hints ---------------------------------------------------------------------------------------------------------------


def words(error):
    return " ".join([str(error), *getattr(error, "__notes__", [])])


@pytest.mark.parametrize(("function", "x", "hint"), [
    (scipy.linalg.inv, A, "dualdiff.scipy.linalg.inv"), (scipy.linalg.expm, A, "dualdiff.scipy.linalg.expm"),
    (lambda x: scipy.linalg.solve(x, V[:3]), A, "dualdiff.scipy.linalg.solve"), (scipy.linalg.det, A, "dualdiff.scipy.linalg.det"),
    (lambda x: scipy.special.polygamma(1, x), V, "dualdiff.scipy.special.polygamma"),
    (scipy.special.logsumexp, V, "dualdiff.scipy.special.logsumexp"),
    (scipy.special.factorial, V, "dualdiff.scipy.special.factorial"),
    (lambda x: scipy.integrate.simpson(V, x=x), V, "dualdiff.scipy.integrate.simpson"),
    (scipy.interpolate.CubicSpline(T, Y), V, "dualdiff.scipy.interpolate.CubicSpline"),
    (lambda y: scipy.interpolate.CubicSpline(T, y)(1.0), Y, "dualdiff.scipy.interpolate.CubicSpline"),
    (scipy.linalg.polar, A, "custom_rule"), (lambda x: scipy.integrate.quad(lambda t: t * x[0], 0, 1)[0], V, "custom_rule"),
    (lambda x: np.linalg.inv(np.array([[x[0], 1.0], [2.0, x[1]]])), V, "like=x"),
])
def test_errors_inside_scipy_say_what_to_write(function, x, hint):
    for transform in (dd.jacobian, lambda f: lambda x: dd.jvp(f, (x,), (np.ones_like(x),)), lambda f: dd.jacobian(dd.jacobian(f))):
        with pytest.raises((TypeError, ValueError)) as caught:
            transform(function)(x)
        assert hint in words(caught.value)


def test_errors_elsewhere_are_left_alone():
    def wrong(x):
        raise ValueError("mine")

    with pytest.raises(ValueError, match="^mine$") as caught:
        dd.jacobian(wrong)(V)
    assert words(caught.value) == "mine"
    with pytest.raises(ValueError) as caught:
        dd.jacobian(lambda x: scipy.linalg.inv(np.zeros((2, 3))) * x)(V)  # SciPy's own complaint about plain numbers
    assert "dualdiff" not in words(caught.value)
