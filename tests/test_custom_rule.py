"""custom_rule: functions that dualdiff cannot see through, in every transform, nested and in chunks; check_rule tests them."""

import math
import pickle

import numpy as np
import pytest
from mpmath import mp

import dualdiff as dd
from dualdiff.checks.report import DISAGREES


@dd.custom_rule(lambda x: 2 / np.sqrt(np.pi) * np.exp(-x**2))
def erf(x):
    """The error function."""
    return math.erf(x) if np.ndim(x) == 0 else np.vectorize(math.erf)(x)


@dd.custom_rule(lambda E, M, e: 1 / (1 - e * np.cos(E)), lambda E, M, e: np.sin(E) / (1 - e * np.cos(E)), of_output=True)
def kepler(M, e):
    E = float(M)
    for _ in range(100):
        E = float(M) + float(e) * math.sin(E)
    return E


def solve_jvp(x, primals, tangents):
    (a, _), (a_dot, b_dot) = primals, tangents
    return np.linalg.solve(a, b_dot - a_dot @ x)


@dd.custom_rule(jvp=solve_jvp)
def solve(a, b):
    assert type(a) is np.ndarray
    return np.linalg.solve(np.asarray(a, float), np.asarray(b, float))


def test_scalar_derivatives_of_every_order():
    with mp.workdps(30):
        for x in (-1.5, 0.0, 0.25):
            assert dd.derivative(erf)(x) == pytest.approx(float(mp.diff(mp.erf, x)), rel=1e-14)
            assert dd.derivative(dd.derivative(erf))(x) == pytest.approx(float(mp.diff(mp.erf, x, 2)), rel=1e-13)
            assert dd.derivative(dd.derivative(dd.derivative(erf)))(x) == pytest.approx(float(mp.diff(mp.erf, x, 3)), rel=1e-12)


def test_value_is_the_functions_own_and_plain_calls_are_untouched():
    value, _ = dd.jvp(erf, 0.3, 1.0)
    assert value == math.erf(0.3) == erf(0.3)
    assert erf.__name__ == "erf"
    assert erf.__doc__ == "The error function."


@pytest.mark.parametrize("chunk_size", [1, 2, 3, None])
def test_arrays_and_chunks(chunk_size):
    x = np.array([0.1, -0.5, 2.0])
    exact = np.diag(2 / math.sqrt(math.pi) * np.exp(-x**2))
    np.testing.assert_allclose(dd.jacobian(erf, chunk_size=chunk_size)(x), exact, rtol=1e-14)
    np.testing.assert_allclose(dd.hessian(lambda v: np.sum(erf(v)), chunk_size=chunk_size)(x), exact * (-2 * x), rtol=1e-13)
    a, b = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, -1.0])
    ours = dd.jacobian(solve, argnums=(0, 1), chunk_size=chunk_size)(a, b)
    theirs = dd.jacobian(np.linalg.solve, argnums=(0, 1))(a, b)
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p, q, rtol=1e-13, atol=1e-15)
    ours = dd.hessian(solve, argnums=(0, 1), chunk_size=chunk_size)(a, b)
    theirs = dd.hessian(np.linalg.solve, argnums=(0, 1))(a, b)
    for i in range(2):
        for j in range(2):
            np.testing.assert_allclose(ours[i][j], theirs[i][j], rtol=1e-12, atol=1e-14)


def test_partials_of_the_output():
    def e_of(m, e):
        return mp.findroot(lambda t: t - e * mp.sin(t) - m, m)

    with mp.workdps(30):
        found = dd.hessian(kepler, argnums=(0, 1))(1.0, 0.2)
        for i, j, orders in ((0, 0, (2, 0)), (0, 1, (1, 1)), (1, 1, (0, 2))):
            assert found[i][j] == pytest.approx(float(mp.diff(e_of, (mp.mpf(1), mp.mpf(0.2)), orders)), rel=1e-9)


def test_in_the_middle_of_other_code_and_with_constants():
    slope = dd.derivative(kepler, argnums=1)(1.0, 0.2)
    assert dd.derivative(lambda e: kepler(1.0, e) * e)(0.2) == pytest.approx(kepler(1.0, 0.2) + 0.2 * slope)
    assert dd.derivative(lambda m: kepler(e=0.2, M=m))(1.0) == dd.derivative(kepler)(1.0, 0.2)
    assert dd.jacobian(lambda b: solve(np.eye(2) * 2, b))(np.ones(2)).tolist() == [[0.5, 0.0], [0.0, 0.5]]


def test_several_results_and_keyword_options():
    @dd.custom_rule(lambda x: (np.cos(x), -np.sin(x)))
    def sincos(x):
        return math.sin(x), math.cos(x)

    assert dd.derivative(sincos)(0.5) == pytest.approx((math.cos(0.5), -math.sin(0.5)))

    def powers_jvp(out, primals, tangents, *, power):
        return power * primals[0] ** (power - 1) * tangents[0], np.sum(tangents[0])

    @dd.custom_rule(jvp=powers_jvp)
    def powers(x, *, power):
        return x**power, np.sum(x)

    first, second = dd.jacobian(lambda x: powers(x, power=3))(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(first, np.diag([3.0, 12.0]))
    np.testing.assert_array_equal(second, [1.0, 1.0])


def test_constant_partials():
    @dd.custom_rule(2.5, -1, None)
    def f(x, y, k):
        return float(2.5 * x - y + math.floor(k))

    assert dd.gradient(f, argnums=(0, 1, 2))(1.0, 2.0, 0.5) == (2.5, -1.0, 0.0)


def test_a_ufunc_gets_the_rule_itself():
    logistic = np.frompyfunc(lambda x: 1 / (1 + math.exp(-x)), 1, 1)
    with pytest.raises(dd.TangentLostError):  # its elements are duals, which math.exp cannot take
        dd.derivative(logistic)(0.5)
    assert dd.custom_rule(lambda y, x: y * (1 - y), of_output=True)(logistic) is logistic
    y = 1 / (1 + math.exp(-0.5))
    assert dd.derivative(logistic)(0.5) == pytest.approx(y * (1 - y))
    with pytest.raises(ValueError, match="has a rule already"):
        dd.custom_rule(np.cos)(np.sin)
    with pytest.raises(TypeError, match="2 partials"):
        dd.custom_rule(np.cos)(np.frompyfunc(lambda x, y: x, 2, 1))
    del dd.rules.table.TABLE[logistic]


def test_methods_and_pickling():
    class Spring:
        stiffness = 3.0

        @dd.custom_rule(jvp=lambda out, primals, tangents: primals[0].stiffness * primals[1] * tangents[1])
        def energy(self, x):
            return 0.5 * self.stiffness * float(x) ** 2

    assert dd.derivative(Spring().energy)(2.0) == 6.0
    assert pickle.loads(pickle.dumps(erf)) is erf


def test_float32_complex_and_zero_dimensional():
    assert dd.derivative(lambda x: erf(x))(np.array(0.5)).shape == ()

    @dd.custom_rule(lambda z: 2 * z)
    def square(z):
        return z * z

    assert dd.derivative(square)(1 + 2j) == 2 + 4j
    assert dd.jacobian(square)(np.array([1.0, 2.0], np.float32)).dtype == np.float32
    assert dd.jacobian(square)(np.zeros(0)).shape == (0, 0)


# ---- refusals ------------------------------------------------------------------------------------------------------------

def test_mistakes_are_named():
    with pytest.raises(TypeError, match="partials"):
        dd.custom_rule()
    with pytest.raises(TypeError, match="not both"):
        dd.custom_rule(np.cos, jvp=solve_jvp)

    @dd.custom_rule(np.cos)
    def f(x, y):
        return math.sin(x) + 0 * y

    with pytest.raises(dd.NotDifferentiableError, match="argument 1"):
        dd.derivative(f, argnums=1)(1.0, 2.0)

    @dd.custom_rule(lambda x: 1.0)
    def total(x):
        return np.sum(x)

    with pytest.raises(ValueError, match="jvp="):
        dd.gradient(total)(np.ones(3))

    @dd.custom_rule(jvp=lambda out, primals, tangents: np.sum(tangents[0]))
    def doubled(x):
        return 2 * x

    with pytest.raises(ValueError, match="tangent of shape"):
        dd.jacobian(doubled)(np.ones(3))

    @dd.custom_rule(np.cos)
    def scaled(x, *, k):
        return math.sin(x) * k

    with pytest.raises(dd.NotDifferentiableError, match="positional"):
        dd.derivative(lambda k: scaled(1.0, k=k))(2.0)


# ---- check_rule ----------------------------------------------------------------------------------------------------------

def test_right_rules_pass():
    assert dd.check_rule(erf, at=[0.5, -1.0, np.array([0.1, 0.7])]).ok
    assert dd.check_rule(kepler, at=(1.0, 0.2)).ok
    assert dd.check_rule(solve, at=(np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, -1.0])), raise_on_error=True).ok
    assert dd.check_rule(np.hypot, at=(3.0, 4.0)).ok


def failing(f, at):
    report = dd.check_rule(f, at=at)
    assert not report.ok
    return [row for row in report.rows if not row.ok]


def test_wrong_rules_do_not():
    @dd.custom_rule(lambda x: -np.sin(x) * 1.001)
    def factor(x):
        return math.cos(x)

    assert failing(factor, 0.5)[0].verdict == DISAGREES

    @dd.custom_rule(lambda x, y: x, lambda x, y: y)
    def swapped(x, y):
        return x * y

    assert len(failing(swapped, (2.0, 3.0))) >= 2

    @dd.custom_rule(jvp=lambda out, primals, tangents: tangents[0] ** 2 * 2)
    def nonlinear(x):
        return float(x) * 2

    assert "linearity" in [row.entry for row in failing(nonlinear, 1.0)]

    def writing_jvp(out, primals, tangents):
        tangent = 2 * tangents[0]
        out[...] = 0
        return tangent

    @dd.custom_rule(jvp=writing_jvp)
    def writes(x):
        return 2 * np.asarray(x, float)

    assert "value" in [row.entry for row in failing(writes, np.ones(2))]
    with pytest.raises(AssertionError):
        dd.check_rule(swapped, at=(2.0, 3.0), raise_on_error=True)
    with pytest.raises(TypeError, match="floating-point"):
        dd.check_rule(erf, at=3)


def test_a_table_that_grows_is_not_needed():
    before = len(dd.rules.table.TABLE)
    for _ in range(3):
        dd.derivative(dd.custom_rule(np.cos)(lambda x: math.sin(x)))(1.0)
    assert len(dd.rules.table.TABLE) == before


@pytest.mark.parametrize("identity", [lambda x: x, lambda x: x[:]])
@pytest.mark.parametrize("jacobian", [dd.jacobian, dd.reverse.jacobian])
def test_a_result_that_is_an_argument_is_copied(identity, jacobian):
    """Written to, it would change the argument without its derivative."""
    same = dd.custom_rule(lambda x: np.ones_like(x))(identity)

    def f(x):
        y = same(x)
        y *= 2
        return np.concatenate([x, y])

    x = np.array([1.0, 2.0])
    assert f(x.copy()).tolist() == [1, 2, 2, 4]
    assert jacobian(f)(x).tolist() == [[1, 0], [0, 1], [2, 0], [0, 2]]
