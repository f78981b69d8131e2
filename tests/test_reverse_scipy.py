"""Reverse mode through dualdiff.scipy and the rest of the table: what it goes through, and the list of what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import reverse
from dualdiff.rules.recipes import RECIPES
from dualdiff.rules.table import TABLE
from dualdiff.rules.transposes import has_transpose
from reference import entries

pytest.importorskip("scipy")

from dualdiff.scipy import integrate, interpolate, linalg, special

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
S = A @ A.T
B = RNG.normal(size=(3, 2))
V = RNG.normal(size=3)
Y = np.abs(RNG.normal(size=6)) + 0.5
K = np.arange(6.0)
P = np.array([0.3, 2.2])

FUNCTIONS = {
    "expm": (linalg.expm, A / 3), "logm": (linalg.logm, S), "sqrtm": (linalg.sqrtm, S),
    **{name: (getattr(linalg, name), A / 4) for name in ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")},
    "expm of a stack": (linalg.expm, np.stack([A, S]) / 5), "expm of complex": (lambda a: linalg.expm(1j * a), A / 3),
    "solve in a": (lambda a: linalg.solve(a, B), A), "solve in b": (lambda b: linalg.solve(A, b), B),
    "solve_triangular": (lambda a: linalg.solve_triangular(a, B, lower=True), A),
    "cho_solve": (lambda a: linalg.cho_solve(linalg.cho_factor(a), V), S), "lstsq": (lambda a: linalg.lstsq(a, V)[0], B),
    "inv": (linalg.inv, A), "pinv": (linalg.pinv, B), "det": (linalg.det, A), "norm": (linalg.norm, A),
    "cholesky": (linalg.cholesky, S), "lu": (lambda a: linalg.lu(a)[1:], A), "qr": (lambda a: linalg.qr(a, mode="economic"), A),
    "eigvals": (linalg.eigvals, S), "eigh": (linalg.eigh, S), "svd": (lambda a: linalg.svd(a, full_matrices=False), A),
    "svdvals": (linalg.svdvals, A), "block_diag": (lambda a: linalg.block_diag(a, B), A),
    "trapezoid": (lambda y: integrate.trapezoid(y, K), Y), "simpson in x": (lambda x: integrate.simpson(Y, x=x), K),
    "cumulative_simpson": (lambda y: integrate.cumulative_simpson(y, x=K), Y),
    "spline in data": (lambda y: interpolate.CubicSpline(K, y)(P), Y),
    "spline in points": (interpolate.CubicSpline(K, Y), P.reshape(2, 1)),
    "spline in both": (lambda y: interpolate.CubicSpline(K, y)(y[:3] + K[:3]), Y),
    "natural spline": (lambda y: interpolate.CubicSpline(K, y, bc_type="natural")(P, 1), Y),
    "clamped spline": (lambda y: interpolate.CubicSpline(K, y, bc_type=((1, 2.0), (2, 1.0)))(9.5), Y),
    "spline along axis 1": (lambda y: interpolate.CubicSpline(K[:3], y, axis=1)(P[:, None]), RNG.normal(size=(2, 3, 2))),
    "integral of a spline": (lambda y: interpolate.CubicSpline(K, y).integrate(0.1, 3.3), Y),
    "antiderivative twice": (lambda y: interpolate.CubicSpline(K, y).antiderivative(2)(P), Y),
    "logsumexp": (special.logsumexp, Y), "logsumexp in b": (lambda b: special.logsumexp(Y, b=b), Y),
    "softmax": (special.softmax, Y), "log_softmax": (special.log_softmax, Y), "polygamma": (lambda x: special.polygamma(1, x), Y),
    "comb": (lambda x: special.comb(x, 2.5), 5.5), "zeta": (lambda q: special.zeta(2.5, q), 1.5),
    "lambertw": (lambda x: np.real(special.lambertw(x)), 1.5), "roots": (np.roots, np.array([1.0, -3, 1])),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), A), "tensorsolve": (lambda a: np.linalg.tensorsolve(a, V), A),
    "fsum": (lambda x: dd.math.fsum([x[0], x[1] * x[2]]), V)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_modes_agree(name):
    function, x = FUNCTIONS[name]
    for ours, theirs in zip(entries(reverse.jacobian(function)(x)), entries(dd.jacobian(function)(x)), strict=True):
        assert np.shape(ours) == np.shape(theirs)
        assert np.allclose(ours, theirs, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", ["expm", "sqrtm", "spline in both", "integral of a spline"])
def test_second_derivatives(name):
    function, x = FUNCTIONS[name]
    wanted = [*entries(dd.jacobian(dd.jacobian(function))(x))]
    for transform in (dd.jacobian, reverse.jacobian):
        for ours, theirs in zip(entries(transform(reverse.jacobian(function))(x)), wanted, strict=True):
            assert np.allclose(ours, theirs, rtol=1e-7, atol=1e-8)


def test_expm_in_closed_form():
    """∂ tr(eᴬ)/∂A = (eᴬ)ᵀ, and in mpmath's 50 digits."""
    mpmath = pytest.importorskip("mpmath")
    found = reverse.gradient(lambda a: np.trace(linalg.expm(a)))(A / 3)
    with mpmath.workdps(50):
        wanted = np.array(mpmath.expm(mpmath.matrix((A / 3).tolist())).T.tolist(), float)
    assert np.allclose(found, wanted, rtol=1e-13)


def test_outside_of_a_spline_all_is_nan():
    assert np.isnan(reverse.gradient(lambda y: interpolate.CubicSpline(K, y, extrapolate=False)(7.0) * 1.0)(Y)).all()


# ---- the list of what is refused -----------------------------------------------------------------------------------------

def test_a_periodic_spline_is_refused():
    """y[0] and y[-1] are one number given twice: reverse mode cannot tell how to share out its cotangent."""
    with pytest.raises(dd.NotDifferentiableError, match="periodic CubicSpline"):
        reverse.gradient(lambda y: interpolate.CubicSpline(np.arange(7.0), np.append(y, y[0]), bc_type="periodic")(2.5))(Y)


def test_nothing_else_of_the_table_is_refused_for_want_of_a_transpose():
    """Linear and bilinear functions have a transpose; others that are written with themselves would be refused too."""
    for rule in TABLE.values():
        if rule.kind in ("linear", "bilinear") and rule.function not in RECIPES:
            assert has_transpose(rule)
    with pytest.raises(dd.NotDifferentiableError, match="has no transpose"):
        has_transpose(Unknown)


class Unknown:
    function, kind, name = max, "linear", "unknown"


def test_a_map_written_with_its_own_function_is_refused_by_name():
    @dd.custom_rule(jvp=lambda out, primals, tangents: twice(tangents[0]))
    def twice(x):
        return 2 * np.asarray(x)

    assert np.array_equal(dd.jacobian(twice)(V), 2 * np.eye(3))
    with pytest.raises(dd.NotDifferentiableError, match=r"twice.*written with .*twice.* itself"):
        reverse.jacobian(twice)(V)
