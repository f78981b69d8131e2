"""Every row of the elementwise table against mpmath, in every number type, shape and chunk size."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import dualdiff as dd
import oracles
from dualdiff.rules.table import TABLE, LocallyConstant
from oracles import ORACLES

nan, inf = float("nan"), float("inf")
ROWS = oracles.rows()
NAMES = [function.__name__ for function in ROWS]
every_row = pytest.mark.parametrize("function", ROWS, ids=NAMES)
WHOLE = (np.sign, np.heaviside)  # derivative zero


def equal(a: Any, b: Any) -> bool:
    """Bitwise equal, any nan being any other."""
    a, b = np.asarray(a), np.asarray(b)
    same = (a == b) & (np.signbit(a) == np.signbit(b)) | (a != a) & (b != b)
    return a.shape == b.shape and a.dtype == b.dtype and bool(np.all(same))


# ---- the table is complete -----------------------------------------------------------------------------------------------

def test_every_ufunc_stands_in_one_kind() -> None:
    ufuncs = {f for name in dir(np) if isinstance(f := getattr(np, name), np.ufunc)}
    assert [f.__name__ for f in ufuncs if f not in TABLE] == []


def test_every_row_has_an_oracle() -> None:
    assert [f.__name__ for f in ROWS if f not in ORACLES] == []


def test_the_oracle_itself() -> None:
    """Differences at high precision against closed forms, tails and ill-conditioned points included."""
    on = ((-inf, inf), (-inf, inf))

    def close(function: Any, inputs: Any, which: Any, wanted: Any) -> bool:
        return abs(oracles.exact_partial(function, inputs, which, on) - wanted) <= abs(wanted) * mpf(10) ** -18

    with mp.workprec(1200):
        for x in (1e-300, 0.3, -2.5, 300.0, 1e200):
            assert close(mp.sin, (x,), (0,), mp.cos(x))
            assert close(mp.atan, (x,), (0, 0), -2 * mpf(x) / (1 + mpf(x) ** 2) ** 2) or x == 1e200
        assert close(mp.tanh, (300.0,), (0,), mp.sech(300) ** 2)
        assert close(lambda x, y: x**y, (2.5, 3.5), (0, 1), mpf(2.5) ** 2.5 * (1 + 3.5 * mp.log(2.5)))
    assert oracles.ulps(1 + 2**-52, mpf(1)) == 1
    assert oracles.ulps(inf, mpf(10) ** 400) == 0
    assert oracles.ulps(-inf, mpf(10) ** 400) == oracles.ulps(nan, mpf(1)) == oracles.ulps(inf, mpf(1)) == inf


# ---- accuracy ------------------------------------------------------------------------------------------------------------

@every_row
def test_first_derivatives(function: Any) -> None:
    for i in oracles.differentiable(function):
        assert len(oracles.points(function)[0]) >= 200
        assert oracles.failures(function, (i,)) == []


@every_row
def test_second_derivatives(function: Any) -> None:
    inputs = oracles.differentiable(function)
    for i, j in itertools.product(inputs, inputs):
        assert oracles.failures(function, (i, j), oracles.SECOND_ORDER_POINTS) == []


@every_row
def test_python_scalars(function: Any) -> None:
    """Floats take another path (math instead of numpy): the same bounds, and the primal is still what numpy computes."""
    f, n = oracles.selected(function), 24
    inputs = [column.tolist() for column in oracles.thinned(function, n)]
    for i in oracles.differentiable(function):
        for allowed, wanted, *point in zip(oracles.bounds(function, (i,), n), oracles.exact(function, (i,), n), *inputs):
            def of_one(x: Any, i: int = i, point: Any = point) -> Any:
                return f(*point[:i], x, *point[i + 1:])

            value, slope = dd.value_and_derivative(of_one)(point[i])
            assert type(value) is float
            assert type(slope) is float
            assert equal(value, float(f(*point)))
            assert oracles.ulps(slope, wanted) <= allowed, (function.__name__, i, point, slope, wanted)


@every_row
@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_other_precisions(function: Any, dtype: Any) -> None:
    n, f = 40, oracles.selected(function)
    inputs = list(oracles.thinned(function, n))
    with np.errstate(all="ignore"):
        for k, x in enumerate(inputs):
            if x.dtype.kind == "f":
                x = np.sign(x) * np.clip(abs(x), 1e-30, 1e30) if dtype is np.float32 and not np.any(abs(x) < 1) else x
                inputs[k] = x.astype(dtype) if dtype is np.float32 else x.astype(dtype) * (1 + np.longdouble(2) ** -60)
        if dtype is np.longdouble and len(inputs) == 1:
            low, high = TABLE[function].on[0][:2]  # type: ignore[attr-defined]
            inputs[0] = np.clip(inputs[0], low, high)
        out = f(*inputs)
        info = np.finfo(dtype)
        usable = np.isfinite(out) & (abs(out) >= info.smallest_normal) & np.isfinite(sum(inputs))
        usable &= np.all([(abs(x) > info.smallest_normal) for x in inputs if x.dtype.kind == "f"], axis=0)
        for x, domain in zip(inputs, TABLE[function].on):  # type: ignore[attr-defined]
            usable &= (x > domain[0]) & (x < domain[1])  # float32 rounds onto the ends
    inputs = [x[usable] for x in inputs]
    assert len(inputs[0]) >= 8 or function in WHOLE
    for i in oracles.differentiable(function):
        slopes = oracles.found(function, (i,), tuple(inputs))
        assert slopes.dtype == out.dtype  # np.float_power computes in double precision at least
        for slope, *point in zip(slopes, *inputs):
            wanted = oracles.exact_at(function, (i,), tuple(point))
            allowed = 8.0
            if function in (np.logaddexp, np.logaddexp2):
                allowed += abs(float(point[0]) - float(point[1]))
            if function is np.sinc:
                allowed *= max(1, float(min(1 / abs(oracles.to_mpf(point[0]) * wanted), mpf(10) ** 300)))
            assert oracles.ulps(slope, wanted, out.dtype) <= allowed, (function.__name__, i, point, slope, wanted)


HOLOMORPHIC = [f for f in ROWS if isinstance(f, np.ufunc) and "D->D" in f.types or isinstance(f, np.ufunc) and "DD->D" in f.types]
HOLOMORPHIC = [f for f in HOLOMORPHIC if f not in (np.sign, np.maximum, np.minimum, np.fmax, np.fmin)] + [np.sinc]


@pytest.mark.parametrize("function", HOLOMORPHIC, ids=[f.__name__ for f in HOLOMORPHIC])
def test_complex(function: Any) -> None:
    """The complex derivative, of arrays and of Python numbers, against differences of mpmath's function; error by modulus."""
    points = np.array([0.3 + 0.4j, -0.7 + 0.2j, 1.5 - 0.8j, 2 + 3j, -1.2 - 2.1j, 0.01 - 0.02j])
    second = np.array([1.5 + 0.5j, 0.4 - 1j, 2.0 + 0j, -0.5 + 0.3j, 3 + 1j, 0.7 + 0.1j])
    columns = (points, second)[:len(TABLE[function].partials)]  # type: ignore[attr-defined]
    h = mpf(2) ** -60
    for i in range(len(columns)):
        slopes = oracles.along(function, i, columns)
        for k, point in enumerate(zip(*columns)):
            with mp.workprec(400):
                ends = [list(map(mpmath.mpc, point)) for _ in range(2)]
                ends[0][i] += h
                ends[1][i] -= h
                wanted = complex((ORACLES[function].function(*ends[0]) - ORACLES[function].function(*ends[1])) / (2 * h))
            numbers = tuple(map(complex, point))
            scalar = dd.derivative(function, argnums=i)(*numbers)
            assert abs(slopes[k] - wanted) <= 32 * 2.0**-52 * abs(wanted), (function.__name__, point, slopes[k], wanted)
            assert abs(scalar - wanted) <= 32 * 2.0**-52 * abs(wanted), (function.__name__, point, scalar, wanted)


# ---- a partial that is zero ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("zero", [lambda x: x * 0, lambda x: 0 * x, lambda x: x**0 - 1, np.sign, lambda x: np.copysign(1.0, x)])
def test_zero_times_x_can_be_written_to(zero: Any) -> None:
    """``out = x * 0`` is how many make room for results; the array must have room for tangents."""
    def squares(x: Any) -> Any:
        out = zero(x)
        for i in range(3):
            out[i] = x[i] ** 2
        return out

    x = np.array([1.0, -2.0, 3.0])
    for k in (1, 2, None):
        assert np.array_equal(dd.jacobian(squares, chunk_size=k)(x), np.diag(2 * x))


# ---- shapes, memory, chunks, nesting -------------------------------------------------------------------------------------

def some(function: Any, n: int = 6) -> tuple[Any, ...]:
    return tuple(np.ascontiguousarray(x[:n]) for x in oracles.thinned(function, 24))


@every_row
def test_shapes(function: Any) -> None:
    """0-d, (n,), (m, n), (1, n), strided and empty inputs: value and derivative are those of the flat array, the input is kept."""
    f = oracles.selected(function)
    flat = some(function)
    value = f(*flat)
    for i in oracles.differentiable(function):
        slope = oracles.along(f, i, flat)
        for change in (lambda x: x.reshape(2, 3), lambda x: x.reshape(1, 6), lambda x: np.repeat(x, 2)[::2],
                       lambda x: x.reshape(2, 3).T, lambda x: x[0].reshape(()), lambda x: x[:0]):
            inputs = tuple(change(x) for x in flat)
            before = [x.copy() for x in inputs]

            def of_one(x: Any, i: int = i, inputs: Any = inputs) -> Any:
                return f(*inputs[:i], x, *inputs[i + 1:])

            got_value, got = dd.jvp(of_one, inputs[i], np.ones_like(inputs[i]))
            assert equal(got_value, np.asarray(f(*inputs))[()] if np.ndim(got_value) == 0 else f(*inputs))
            np.testing.assert_allclose(got, np.asarray(change(slope)), rtol=2e-15, atol=0)
            assert all(equal(x, y) for x, y in zip(inputs, before))
    assert equal(value, f(*flat))


BINARY = [f for f in ROWS if 1 in oracles.differentiable(f)]


@pytest.mark.parametrize("function", BINARY, ids=[f.__name__ for f in BINARY])
def test_broadcasting(function: Any) -> None:
    f = oracles.selected(function)
    inputs = some(function)
    x, y = inputs[0][:3, None], inputs[1][None, 3:]
    full = np.broadcast_arrays(x, y)
    with np.errstate(all="ignore"):
        assert np.allclose(oracles.along(f, 0, (x, y)), oracles.along(f, 0, tuple(full)), rtol=1e-15, atol=0, equal_nan=True)
        by_y = dd.jacobian(lambda y: f(x, y))(y)
        assert by_y.shape == (3, 3, 1, 3)
        slopes = oracles.along(f, 1, tuple(full))
        for column in range(3):
            assert np.allclose(by_y[:, column, 0, column], slopes[:, column], rtol=1e-15, atol=0, equal_nan=True)


@every_row
def test_chunks(function: Any) -> None:
    """A Jacobian is the diagonal of the derivatives, bitwise the same for every chunk size."""
    f, inputs = oracles.selected(function), some(function, 4)
    n = 4
    for i in oracles.differentiable(function):
        def of_one(x: Any, i: int = i) -> Any:
            return f(*inputs[:i], x, *inputs[i + 1:])

        slope = np.broadcast_to(oracles.along(f, i, inputs), n)
        for k in (1, 2, n - 1, n, n + 1, None):
            value, jacobian = dd.value_and_jacobian(of_one, chunk_size=k)(inputs[i])
            assert equal(value, f(*inputs))
            assert equal(jacobian + 0.0, np.diag(slope) + 0.0), (function.__name__, k)
        second = oracles.found(function, (i, i), inputs)
        for k in (1, 3, None):
            hessian = dd.hessian(lambda x, f=of_one: np.sum(f(x)), chunk_size=k)(inputs[i])
            assert np.allclose(hessian, np.diag(np.broadcast_to(second, n)), rtol=1e-14, atol=0, equal_nan=True)


SMOOTH = [f for f in ROWS if isinstance(f, np.ufunc) and ORACLES[f].partials is None and ORACLES[f].output is None
          and not ORACLES[f].integers]


@pytest.mark.parametrize("function", SMOOTH, ids=[f.__name__ for f in SMOOTH])
def test_nested_three_times(function: Any) -> None:
    """d³/dx³ in each input, as three levels of float and array, against mpmath's own differences."""
    point = (0.7, 1.3)[:len(TABLE[function].partials)] if function is not np.arccosh else (1.7,)  # type: ignore[attr-defined]
    for i in range(len(point)):
        def of_one(x: Any, i: int = i) -> Any:
            return function(*point[:i], x, *point[i + 1:])

        third = dd.derivative(dd.derivative(dd.derivative(of_one)))(point[i])
        with mp.workdps(50):
            moving = [mpf(p) for p in point]

            def of_mpf(x: Any, i: int = i, moving: Any = moving) -> Any:
                return ORACLES[function].function(*moving[:i], x, *moving[i + 1:])

            wanted = float(mp.diff(of_mpf, moving[i], 3))
        assert abs(third - wanted) <= 1e-13 * max(1, abs(wanted)), (function.__name__, i, third, wanted)

        def summed(x: Any, f: Any = of_one) -> Any:
            return np.sum(f(x))

        jacobian = dd.jacobian(dd.jacobian(dd.jacobian(summed, chunk_size=2)), chunk_size=None)(np.full(2, point[i]))
        assert abs(jacobian[1, 1, 1] - wanted) <= 1e-13 * max(1, abs(wanted))
        assert jacobian[0, 1, 1] == jacobian[0, 1, 0] == 0


# ---- primals and locally constant functions ------------------------------------------------------------------------------

def test_locally_constant_ufuncs_return_plain_values() -> None:
    x = np.array([-1.5, -0.0, 0.5, 2.0, inf, nan])
    for function, rule in TABLE.items():
        if isinstance(rule, LocallyConstant) and isinstance(function, np.ufunc):
            inputs = (x, x[::-1].copy())[:function.nin]
            with np.errstate(all="ignore"):
                got = function(*(dd.Dual(a, np.ones(6)) for a in inputs))
                plain = function(*inputs)
            assert type(got) is type(plain)
            assert equal(got, plain)
