"""Carriers: the unmodified NumPy function on mpmath numbers. Its values are mpmath's, and a float64 never slips in."""

import subprocess
import sys

import numpy as np
import pytest
from mpmath import mp

import dualdiff as dd
from dualdiff.checks.carrier import Carrier, carried
from dualdiff.checks.oracle import Oracle
from dualdiff.errors import CarrierError

scipy_special = pytest.importorskip("scipy.special")


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(50):
        yield


def close(found, wanted, digits=45):
    found, wanted = np.ravel(np.asarray(opened(found), object)), np.ravel(np.asarray(opened(wanted), object))
    assert found.shape == wanted.shape
    for a, b in zip(found, wanted):
        assert isinstance(a, (mp.mpf, mp.mpc)), type(a)
        assert abs(a - b) <= abs(b) * mp.mpf(10) ** -digits + mp.mpf(10) ** -(digits + 3), (a, b)


def opened(value):
    return value.primal if isinstance(value, Carrier) else value


X = mp.mpf("0.7310585786300048792511592418218362743651446401650565")
ELEMENTARY = {
    np.sin: mp.sin, np.cos: mp.cos, np.tan: mp.tan, np.arcsin: mp.asin, np.arctan: mp.atan, np.sinh: mp.sinh, np.tanh: mp.tanh,
    np.arctanh: mp.atanh, np.exp: mp.exp, np.exp2: lambda x: 2**x, np.expm1: mp.expm1, np.log: mp.log,
    np.log2: lambda x: mp.log(x, 2),
    np.log10: mp.log10, np.log1p: lambda x: mp.log(1 + x), np.sqrt: mp.sqrt, np.cbrt: lambda x: mp.root(x, 3),
    np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1 / x, np.absolute: abs, np.negative: lambda x: -x, np.deg2rad: lambda x: x * mp.pi / 180,
    np.sinc: lambda x: mp.sin(mp.pi * x) / (mp.pi * x),
}


@pytest.mark.parametrize("function", ELEMENTARY, ids=lambda f: f.__name__)
def test_elementary_functions_have_all_digits(function):
    exact = ELEMENTARY[function]
    close(function(Carrier(X)), exact(X))
    array = Carrier(np.array([[X, X / 2], [X / 3, X / 4]], object))
    close(function(array), np.frompyfunc(exact, 1, 1)(array.primal))
    assert function(array).shape == (2, 2)


PAIRS = {
    np.add: lambda x, y: x + y, np.divide: lambda x, y: x / y, np.power: mp.power, np.arctan2: mp.atan2, np.hypot: mp.hypot,
    np.maximum: max, np.fmin: min, np.remainder: lambda x, y: x - y * mp.floor(x / y), np.fmod: lambda x, y: x - y * int(x / y),
    np.floor_divide: lambda x, y: mp.floor(x / y), np.copysign: lambda x, y: abs(x),
    np.logaddexp: lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
}


@pytest.mark.parametrize("function", PAIRS, ids=lambda f: f.__name__)
def test_functions_of_two_numbers(function):
    y = mp.mpf(1) / 3
    for a, b in ((Carrier(X), Carrier(y)), (Carrier(X), 0.375), (1.625, Carrier(y))):
        close(function(a, b), PAIRS[function](mp.mpf(opened(a)), mp.mpf(opened(b))))


SPECIAL = {
    "erf": (0.3,), "erfc": (2.0,), "erfinv": (0.3,), "erfcx": (1.5,), "gamma": (2.3,), "gammaln": (5.5,), "psi": (1.7,),
    "expit": (0.4,),
    "logit": (0.2,), "ndtr": (-1.0,), "log_ndtr": (-3.0,), "ndtri": (0.2,), "j0": (1.2,), "y1": (2.0,), "jv": (0.5, 2.0),
    "iv": (1.5, 0.7), "kv": (0.3, 1.1), "i0e": (2.0,), "ellipk": (0.4,), "ellipe": (0.4,), "hyp2f1": (0.5, 1.5, 2.5, 0.3),
    "hyp1f1": (0.5, 1.5, 0.3), "gammainc": (1.5, 0.7), "gammaincc": (1.5, 0.7), "beta": (1.5, 2.5), "betaln": (1.5, 2.5),
    "betainc": (1.5, 2.5, 0.3), "xlogy": (2.0, 3.0), "xlog1py": (2.0, 3.0), "expn": (2, 0.7), "exp1": (0.7,), "expi": (0.7,),
    "dawsn": (0.7,), "spence": (0.7,), "zeta": (2.5, 1.5), "entr": (0.3,), "rel_entr": (0.3, 0.6), "kl_div": (0.3, 0.6),
    "huber": (1.0, 2.0),
    "pseudo_huber": (1.0, 2.0), "binom": (5.5, 2.5), "poch": (1.5, 2.5), "cosm1": (0.01,), "exprel": (0.01,), "boxcox": (2.0, 0.3),
    "ellipkinc": (0.5, 0.3), "ellipeinc": (0.5, 0.3), "log_expit": (0.3,), "exp10": (0.3,), "struve": (0.5, 1.0), "sici": (1.5,),
    "fresnel": (0.8,), "airy": (0.8,), "agm": (1.0, 2.0), "erfcinv": (0.3,), "k0e": (1.0,), "sindg": (20.0,),
    "boxcox1p": (0.3, 0.2),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_functions_are_scipys(name):
    """The same function as SciPy's, with the same meaning of its arguments; and more digits of it."""
    function, point = getattr(scipy_special, name), SPECIAL[name]
    last = carried(point[-1])
    found = function(*point[:-1], last)
    for ours, theirs in zip(found if isinstance(found, tuple) else (found,), np.atleast_1d(function(*point))):
        assert isinstance(ours, Carrier)
        assert float(ours.primal) == pytest.approx(float(theirs), rel=1e-12)


def test_ends_of_domains_are_numpys():
    with np.errstate(all="ignore"):
        for function, x in ((np.sqrt, -1.0), (np.log, 0.0), (np.log, -1.0), (np.arcsin, 2.0), (np.reciprocal, 0.0),
                            (np.arctanh, 1.0),
                            (np.arccosh, 0.5), (np.log1p, -1.0)):
            np.testing.assert_equal(float(function(carried(x)).primal), float(function(x)))
        np.testing.assert_equal(float((carried(1.0) / 0.0).primal), np.inf)
        np.testing.assert_equal(float((carried(-8.0) ** 0.5).primal), np.nan)
        np.testing.assert_equal(float(np.power(carried(0.0), -1.0).primal), np.inf)


def test_numbers_enter_digit_by_digit():
    assert carried(0.1).primal == mp.mpf(0.1) != mp.mpf("0.1")
    assert carried(np.float32(0.1)).primal == mp.mpf(float(np.float32(0.1)))
    third = np.longdouble(1) / 3
    assert abs(carried(third).primal * 3 - 1) < 2 * float(np.finfo(np.longdouble).eps)
    assert carried(1 + 2j).primal == mp.mpc(1, 2)


A = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]]
B = [1.0, -2.0, 0.5]
ARRAY_FUNCTIONS = {
    "sum": lambda a, b: np.sum(a, axis=0), "mean": lambda a, b: np.mean(a), "var": lambda a, b: np.var(a, axis=1, ddof=1),
    "std": lambda a, b: np.std(a, axis=1), "prod": lambda a, b: np.prod(a), "cumsum": lambda a, b: np.cumsum(b),
    "diff": lambda a, b: np.diff(b),
    "dot": lambda a, b: np.dot(a, b), "matmul": lambda a, b: a @ a, "einsum": lambda a, b: np.einsum("ij,j->i", a, b),
    "outer": lambda a, b: np.outer(b, b), "tensordot": lambda a, b: np.tensordot(a, a, 1),
    "concatenate": lambda a, b: np.concatenate([a, b[None]]),
    "stack": lambda a, b: np.stack([b, b * 2]), "where": lambda a, b: np.where(b > 0, b, 0.0), "sort": lambda a, b: np.sort(b),
    "max": lambda a, b: np.max(a, axis=0), "median": lambda a, b: np.median(b), "clip": lambda a, b: np.clip(b, -1.0, 0.7),
    "take": lambda a, b: np.take(a, [0, 2], axis=1), "roll": lambda a, b: np.roll(b, 1), "reshape": lambda a, b: a.reshape(9)[::2],
    "T": lambda a, b: a.T[1:], "trace": lambda a, b: np.trace(a), "cross": lambda a, b: np.cross(b, b[::-1]),
    "kron": lambda a, b: np.kron(b, b),
    "polyval": lambda a, b: np.polyval(b, 0.5), "interp": lambda a, b: np.interp(0.3, np.array([0.0, 1.0]), b[:2]),
    "trapezoid": lambda a, b: np.trapezoid(b), "gradient": lambda a, b: np.gradient(b), "convolve": lambda a, b: np.convolve(b, b),
    "triu": lambda a, b: np.triu(a), "diag": lambda a, b: np.diag(a), "list": lambda a, b: np.array([b[0], b[1] * 2]) * 3,
    "pad": lambda a, b: np.pad(b, 1),
    "apply": lambda a, b: np.apply_along_axis(np.sum, 0, a), "item": lambda a, b: a[1, 2] * a.item(0),
    "iteration": lambda a, b: sum(b) + b[0],
    "inv": lambda a, b: np.linalg.inv(a), "solve": lambda a, b: np.linalg.solve(a, b), "det": lambda a, b: np.linalg.det(a),
    "slogdet": lambda a, b: np.linalg.slogdet(a)[1], "cholesky": lambda a, b: np.linalg.cholesky(a),
    "norm": lambda a, b: np.linalg.norm(b),
    "norm 3": lambda a, b: np.linalg.norm(b, 3), "nuclear": lambda a, b: np.linalg.norm(a, "nuc"),
    "norms": lambda a, b: np.linalg.norm(a, axis=1),
    "eigvalsh": lambda a, b: np.linalg.eigvalsh(a), "eigh": lambda a, b: np.linalg.eigh(a)[1],
    "svd": lambda a, b: np.linalg.svd(a)[0],
    "qr": lambda a, b: np.linalg.qr(a)[1], "pinv": lambda a, b: np.linalg.pinv(a[:, :2]),
    "lstsq": lambda a, b: np.linalg.lstsq(a[:, :2], b, rcond=None)[0],
    "stacked inv": lambda a, b: np.linalg.inv(np.stack([a, a + np.eye(3)])),
    "matrix_power": lambda a, b: np.linalg.matrix_power(a, 3),
    "fft": lambda a, b: np.fft.fft(b).imag, "rfft": lambda a, b: np.abs(np.fft.rfft(b)),
    "irfft": lambda a, b: np.fft.irfft(np.fft.rfft(a[:, :2]), 2),
    "out": lambda a, b: np.add(a, 1.0, out=np.zeros_like(a)), "logsumexp": lambda a, b: np.logaddexp.reduce(b),
}


@pytest.mark.parametrize("name", ARRAY_FUNCTIONS)
def test_array_functions_give_numpys_values_without_a_float(name):
    """Rounded to float64 the result is NumPy's; before that it has more digits than a float64 (its parts are mpf)."""
    function = ARRAY_FUNCTIONS[name]
    a, b = np.array(A), np.array(B)
    found = function(carried(a), carried(b))
    plain = function(a, b)
    assert isinstance(found, (Carrier, np.ndarray)), type(found)
    primal = np.asarray(found.primal if isinstance(found, Carrier) else dd.checks.carrier.stacked(found).primal, object)
    assert primal.shape == np.shape(plain)
    assert all(isinstance(x, (mp.mpf, mp.mpc)) for x in primal.flat)
    np.testing.assert_allclose(primal.astype(np.asarray(plain).dtype), plain, rtol=1e-12, atol=1e-13)


def test_linear_algebra_has_all_digits():
    with mp.workdps(50):
        a, b = carried(np.array(A)), carried(np.array(B))
        close(a @ np.linalg.solve(a, b), b)
        close(np.linalg.cholesky(a) @ np.linalg.cholesky(a).T, a)
        w, v = np.linalg.eigh(a)
        close((v * w) @ v.T, a)
        u, s, vh = np.linalg.svd(a)
        close((u * s) @ vh, a)
        q, r = np.linalg.qr(a)
        close(q @ r, a)
        close(np.fft.ifft(np.fft.fft(b)).real, b)


def test_code_that_writes_branches_and_looks_works():
    def f(x):
        y = np.zeros_like(x)
        y[0] = x[1] ** 2
        tail = y[1:]
        tail += 3 * x[:-1]
        y *= 2
        if x[0] > 1 and not np.any(np.isnan(x)) and np.all(np.isfinite(x)):
            y = y + 1
        k = int(np.argmax(x)) + len(x) + int(np.floor(x[0]))
        return y[np.argsort(x)] * k, x.shape, x.ndim, np.round(x, 1)

    x = np.array([1.5, 0.25, 3.0])
    found, shape, ndim, rounded = f(carried(x))
    np.testing.assert_array_equal(found.primal.astype(float), f(x)[0])
    assert (shape, ndim) == ((3,), 1)
    np.testing.assert_array_equal(np.asarray(opened(rounded), float), np.round(x, 1))


def test_a_derivative_inside_the_function_works():
    def f(x):
        return dd.derivative(lambda t: np.sin(t) * x)(x)

    close(f(Carrier(X)), mp.cos(X) * X)


def test_what_cannot_be_done_raises():
    x = carried(np.array(B))
    for refused in (lambda: np.frexp(x).whatever, lambda: scipy_special.mathieu_a(1.0, x[0]),
                    lambda: np.linalg.eig(carried(np.array(A))),
                    lambda: float(x[0]), lambda: np.zeros(3).__setitem__(0, x[0]), lambda: np.add(x, 1.0, out=np.zeros(3)),
                    lambda: np.array([x[0]], dtype=float), lambda: np.unwrap(x).nothing):
        with pytest.raises((CarrierError, TypeError, ValueError, AttributeError)):
            refused()
    with pytest.raises(CarrierError, match="mathieu_a"):
        scipy_special.mathieu_a(1.0, x[0])


def test_oracle_gives_derivatives_to_all_digits_of_a_float64():
    def f(v):
        return np.array([np.sin(v[0] * v[1]), np.exp(v[0]) / v[1]])

    oracle = Oracle(f, (np.array([0.5, 3.0]),), {})
    close(oracle.along((0,)), [3 * mp.cos(mp.mpf(1.5)), mp.exp(mp.mpf(0.5)) / 3], 40)
    close(oracle.along((0, 1)), [mp.cos(1.5) - mp.mpf(1.5) * mp.sin(1.5), -mp.exp(mp.mpf(0.5)) / 9], 40)
    close(oracle.along((1, 1)), [-mp.mpf(0.25) * mp.sin(1.5), 2 * mp.exp(mp.mpf(0.5)) / 27], 40)


@pytest.mark.parametrize("x", [1e-300, 1e-9, 1.0, 1e9, 1e300])
def test_oracle_steps_have_the_size_of_x(x):
    found = Oracle(np.log, (x,), {}).along((0,))[0]
    close(found, 1 / mp.mpf(x), 40)
    close(Oracle(lambda t: t**3, (x,), {}).along((0, 0))[0], 6 * mp.mpf(x), 40)


def test_oracle_sees_sides_and_infinite_slopes():
    assert Oracle(abs, (0.0,), {}).answer(0, (0,))[1:3] == (-1, 1)
    assert Oracle(np.sqrt, (0.0,), {}).answer(0, (0,))[:3] == (mp.inf, None, mp.inf)
    assert Oracle(lambda x: x**1.5, (0.0,), {}).answer(0, (0,)).right == 0


def test_oracle_sees_a_derivative_that_f_drowns():
    """1 + exp(−x) at 600: to the digits of f at 50 places its slope is 0."""
    oracle = Oracle(lambda x: 1 + np.exp(-x), (600.0,), {})
    assert oracle.is_drowned(1e-260, 1.0, (0,))
    close(oracle.answer(0, (0,), oracle.MANY_DIGITS).value, -mp.exp(-600), 40)


def test_mpmath_is_not_loaded_by_importing_dualdiff():
    code = "import sys, dualdiff; dualdiff.check_derivatives; dualdiff.custom_rule; assert 'mpmath' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
