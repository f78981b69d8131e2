"""scipy.special in use: functions in Python, scalars, arrays, dtypes, chunks, and the points where two formulas meet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import Dual
from dualdiff.errors import NotDifferentiableError
from dualdiff.rules.table import Elementwise, find
from test_special import UFUNCS, known

sp = pytest.importorskip("scipy.special")

# ---- functions in Python -------------------------------------------------------------------------------------------------

def test_functions_in_python_that_call_ufuncs():
    x = 0.7
    assert dd.derivative(lambda q: sp.zeta(3, q))(x) == -3 * sp.zeta(4, x)
    with pytest.raises(NotDifferentiableError, match="'x'"):
        sp.zeta(Dual(3.0, 1.0), 0.7)
    with pytest.raises(NotDifferentiableError, match="zeta"):
        sp.zeta(Dual(3.0, 1.0))
    w = sp.lambertw(x)
    assert abs(dd.derivative(lambda z: sp.lambertw(z).real)(x) - (w / (x * (1 + w))).real) < 1e-16
    assert dd.derivative(lambda z: sp.lambertw(z).real)(0.0) == 1.0


LOUD = {
    "polygamma": lambda d: sp.polygamma(1, d), "logsumexp": lambda d: sp.logsumexp(d), "softmax": lambda d: sp.softmax(d),
    "log_softmax": lambda d: sp.log_softmax(d), "multigammaln": lambda d: sp.multigammaln(d + 5, 2),
    "comb": lambda d: sp.comb(d, 2), "factorial": lambda d: sp.factorial(d), "perm": lambda d: sp.perm(d, 2),
    "sinc": lambda d: sp.sinc(d), "diric": lambda d: sp.diric(d, 3), "zetac": lambda d: sp.zetac(d),
    "stirling2": lambda d: sp.stirling2(d, 2), "factorial2": lambda d: sp.factorial2(d), "ellip_harm": lambda d: sp.ellip_harm(
        5.0, 8.0, 1, 1, d), "bernoulli": lambda d: sp.bernoulli(d), "jvp": lambda d: sp.jvp(1, d), "kvp": lambda d: sp.kvp(1, d),
    "h1vp": lambda d: sp.h1vp(1, d), "legendre_p": lambda d: sp.legendre_p(2, d),
    "sph_harm_y": lambda d: sp.sph_harm_y(2, 1, d, 0.3),
    "lmbda": lambda d: sp.lmbda(1, d), "riccati_jn": lambda d: sp.riccati_jn(2, d), "softplus": lambda d: sp.softplus(d),
    **{f"spherical_{kind}": lambda d, kind=kind: getattr(sp, f"spherical_{kind}")(2, d) for kind in ("jn", "yn", "in", "kn")},
}


@pytest.mark.parametrize("name", LOUD)
@pytest.mark.parametrize("x", [0.7, np.array([0.7, 0.9])], ids=["scalar", "array"])
def test_a_function_in_python_is_right_or_raises(name, x):
    """Never a plain result (a lost tangent), never a wrong one."""
    if not hasattr(sp, name):
        pytest.skip("not in this SciPy")
    plain, step = LOUD[name], 1e-6
    tangent = np.linspace(1.0, -0.5, np.size(x)).reshape(np.shape(x))
    step = step * tangent
    try:
        out = plain(Dual(x, tangent[()]))
    except Exception as error:
        assert str(error), name
        return
    expected = (plain(np.asarray(x) + step) - plain(np.asarray(x) - step)) / 2e-6
    if not isinstance(out, Dual) and not np.any(expected):  # constant here: comb(0.7, 2) is 0
        return
    if isinstance(out, np.ndarray) and out.dtype == object:  # Duals, each by itself
        tangent = np.array([v.tangent for v in out.flat]).reshape(out.shape)
    else:
        assert isinstance(out, Dual), f"{name} lost the tangent: {out!r}"
        tangent = out.tangent
    assert np.allclose(tangent, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("function", [f for f in UFUNCS if isinstance(find(f), Elementwise)], ids=lambda f: f.__name__)
def test_scalars_arrays_chunks_and_dtypes_agree(function):
    rule = find(function)
    values = [3 if on.integers and function.__name__ != "lpmv" else 0.4 for on in rule.on]
    i = known(function)[0]

    def f(x: Any) -> Any:
        out = function(*values[:i], x, *values[i + 1:])
        return out if isinstance(out, tuple) else (out,)

    points = np.array([0.3, 0.45, 0.6, 0.75])
    before = points.copy()
    whole = f(Dual(points, np.ones(4)))
    assert np.array_equal(points, before)
    plain = f(points)
    for part, expected in zip(whole, plain):
        assert np.array_equal(part.primal, expected, equal_nan=True)
        assert part.tangent.dtype == expected.dtype
    if not rule.on[i].integers:
        for j, x in enumerate(points):
            for part, scalar in zip(whole, f(Dual(float(x), 1.0))):
                assert type(scalar.tangent) in (float, complex, np.complex128)
                np.testing.assert_allclose(scalar.tangent, part.tangent[j], rtol=1e-13, atol=1e-300)
    for chunk_size in (1, 3, None):
        jacobians = dd.jacobian(f, chunk_size=chunk_size)(points)
        for part, jacobian in zip(whole, jacobians):
            np.testing.assert_allclose(np.diag(jacobian), part.tangent, rtol=1e-14, atol=1e-300)
            assert np.count_nonzero(jacobian - np.diag(np.diag(jacobian))) == 0 or np.isnan(part.tangent).any()
    single = points.astype(np.float32)
    # SciPy's Mathieu functions are nan in float32
    if f(single)[0].dtype in (np.float32, np.complex64) and not np.isnan(f(single)[0]).any():
        for part, part64 in zip(f(Dual(single, np.ones(4, np.float32))), f(Dual(single.astype(float), np.ones(4)))):
            assert part.tangent.dtype == part.primal.dtype
            np.testing.assert_allclose(part.tangent, part64.tangent, rtol=2e-4, atol=1e-5)
    empty = f(Dual(np.zeros(0), np.zeros(0)))
    assert empty[0].tangent.shape == (0,)


# ---- where formulas change hands -----------------------------------------------------------------------------------------

@pytest.mark.parametrize(("f", "x", "expected"), [
    (lambda x: sp.j1(x), 0.0, [0.0, 0.5, 0.0, -0.375]),
    (lambda x: sp.exprel(x), 0.0, [1.0, 1 / 2, 1 / 3, 1 / 4]),
    (lambda x: sp.spence(x), 1.0, [0.0, -1.0, 1 / 2, -2 / 3]),
    (lambda x: sp.sici(x)[0], 0.0, [0.0, 1.0, 0.0, -1 / 3]),
    (lambda x: sp.shichi(x)[0], 0.0, [0.0, 1.0, 0.0, 1 / 3]),
    (lambda x: sp.ellipk(x), 0.0, [math.pi / 2, math.pi / 8, 9 * math.pi / 64, 75 * math.pi / 256]),
    (lambda x: sp.rgamma(x), 0.0, [0.0, 1.0, 2 * np.euler_gamma]),
    (lambda x: sp.boxcox(2.0, x), 0.0, [math.log(2), math.log(2) ** 2 / 2, math.log(2) ** 3 / 3]),
    (lambda x: sp.inv_boxcox(1.0, x), 0.0, [math.e, -math.e / 2, math.e * (1 / 4 + 2 / 3)]),
    (lambda x: sp.eval_legendre(0, x), 0.3, [1.0, 0.0]),
    (lambda x: sp.eval_legendre(3, x), 0.5, [-0.4375, 0.375, 7.5]),
    (lambda x: sp.expn(0, x), 1.0, [math.exp(-1), -2 * math.exp(-1)]),
    (lambda x: sp.dawsn(x), 0.0, [0.0, 1.0, 0.0, -4.0]),
    (lambda x: sp.xlogy(0.0, x), 0.0, [0.0, 0.0]),
    (lambda x: sp.huber(1.0, x), 1.0, [0.5, 1.0, 1.0]),
    (lambda x: sp.i0e(x), 0.0, [1.0, -1.0, 1.5]),
])
def test_smooth_where_two_forms_meet(f, x, expected):
    """Value and derivatives of n = 1, 2, … at the point (closed forms)."""
    for value in expected:
        assert f(x) == pytest.approx(value, rel=1e-13, abs=1e-15)
        f = dd.derivative(f)


def test_tails():
    assert dd.derivative(sp.log_ndtr)(-1e8) == pytest.approx(1e8, rel=1e-15)
    assert dd.derivative(sp.erfcx)(1e6) == pytest.approx(-1 / (math.sqrt(math.pi) * 1e12), rel=1e-11)
    assert dd.derivative(sp.expit)(800.0) == 0.0
    assert dd.derivative(sp.log_expit)(-800.0) == 1.0
    assert dd.derivative(sp.erf)(np.inf) == 0.0
    assert dd.derivative(sp.erfinv)(1.0) == np.inf
    assert dd.derivative(lambda p: sp.logit(p))(0.0) == np.inf
    assert np.isnan(dd.derivative(sp.loggamma)(-0.5))


def test_a_multiple_output_keeps_its_primals():
    x = np.linspace(-2, 2, 7)
    for function, args in ((sp.airy, ()), (sp.kelvin, ()), (sp.ellipj, (0.3,)), (sp.pbdv, ())):
        arguments = (1.5, Dual(abs(x) + 1, 1.0)) if function is sp.pbdv else (Dual(abs(x) + 1, 1.0), *args)
        out, plain = function(*arguments), function(*[getattr(a, "primal", a) for a in arguments])
        for part, expected in zip(out, plain):
            assert np.array_equal(part.primal, expected)
