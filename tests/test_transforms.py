"""The transforms: results, structures, options, number of calls, error texts."""

from __future__ import annotations

import collections
import functools
import inspect
import math
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import mpmath
import numpy as np
import pytest

import dualdiff as dd
import dualdiff.math as dmath
from dualdiff import Dual
from transformed import Model, Spring, residuals, rosenbrock, second_derivative_of_power, slope

X = np.array([1.5, -0.5, 2.0])
Point = collections.namedtuple("Point", "x y")


# ---- numbers that must come out ------------------------------------------------------------------------------------------

def test_polynomial_of_two_variables():
    def f(x, y):
        return x**2 * y + y + 2

    assert dd.value_gradient_hessian(f, argnums=(0, 1))(3, 4) == (42, (24, 10), ((8, 6), (6, 0)))
    assert dd.gradient(f, argnums=(0, 1))(3.0, 4.0) == (24, 10)
    assert dd.hessian(lambda v: f(*v))(np.array([3.0, 4.0])).tolist() == [[8, 6], [6, 0]]
    assert dd.hessian(lambda v: f(*v))([3, 4]) == [[8, 6], [6, 0]]


@pytest.mark.parametrize("sin", [np.sin, dmath.sin])
def test_sine_of_a_square(sin):
    assert dd.derivative(lambda x: sin(x**2))(3.0) == 6 * math.cos(9)


@pytest.mark.parametrize("log", [np.log, dmath.log])
def test_polynomial_times_logarithm(log):
    assert dd.value_and_derivative(lambda x: (x**2 + 2 * x) * log(x))(1.0) == (0, 3)
    by_x, by_y = dd.gradient(lambda x, y: (x**2 + 2 * x) * log(y), argnums=(0, 1))(1.0, 2.0)
    assert (by_x, by_y) == (4 * math.log(2), 1.5)


@pytest.mark.parametrize(("square", "exp"), [(np.square, np.exp), (lambda x: x * x, dmath.exp)])
def test_exponential_of_squares(square, exp):
    value, derivative = dd.value_and_derivative(lambda x: square(exp(square(x))))(0.5)
    assert value == square(exp(square(0.5)))
    assert value == pytest.approx(1.6487212707001282, rel=2.3e-16)  # the last bit is that of the plain function
    assert derivative == pytest.approx(3.297442541400256, rel=2.3e-16)


def test_two_functions_of_two_variables():
    def pair(x, exp, sin):
        product = x[0] * x[1]
        return product + exp(product) - sin(x[1]), (product - sin(x[1])) * exp(product)

    with mpmath.workdps(40):
        expected = [[mpmath.diff(lambda a, b, k=k: pair((a, b), mpmath.exp, mpmath.sin)[k], (2, 5), n) for n in ((1, 0), (0, 1))]
                    for k in range(2)]
    found = dd.jacobian(lambda x: pair(x, np.exp, np.sin))(np.array([2.0, 5.0]))
    np.testing.assert_allclose(found, np.array(expected, float), rtol=1e-14)


def test_nested_in_a_closure():
    assert dd.derivative(lambda x: x * dd.derivative(lambda y: x + y)(1.0))(1.0) == 1.0


def newton_root(a):
    x = a / 2 if a > 1 else a
    while abs(x * x - a) > 1e-14 * a:
        x = (x + a / x) / 2
    return (x + a / x) / 2


def power_by_recursion(x, n):
    return 1.0 if n == 0 else x * power_by_recursion(x, n - 1)


def cumulated(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] ** 2 if x[i] > 0 else -x[i]
        y[i] += y[i - 1] if i else 0
    return y


def test_loops_recursion_branches_and_mutation():
    assert dd.derivative(newton_root)(2.0) == pytest.approx(1 / (2 * math.sqrt(2)), rel=1e-15)
    assert dd.derivative(dd.derivative(newton_root))(2.0) == pytest.approx(-1 / (4 * 2**1.5), rel=1e-14)
    assert dd.derivative(power_by_recursion)(1.5, 7) == pytest.approx(7 * 1.5**6, rel=1e-15)
    assert dd.jacobian(cumulated)(X).tolist() == [[3, 0, 0], [3, -1, 0], [3, -1, 4]]


# ---- every transform -----------------------------------------------------------------------------------------------------

def rosenbrock_by_hand(x):
    gradient, hessian = np.zeros(x.size), np.zeros((x.size, x.size))
    for i in range(x.size - 1):
        gradient[i] += -400 * x[i] * (x[i + 1] - x[i]**2) - 2 * (1 - x[i])
        gradient[i + 1] += 200 * (x[i + 1] - x[i]**2)
        hessian[i, i] += 1200 * x[i]**2 - 400 * x[i + 1] + 2
        hessian[i + 1, i + 1] += 200
        hessian[i, i + 1] -= 400 * x[i]
        hessian[i + 1, i] -= 400 * x[i]
    return gradient, hessian


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 4, np.int64(2), None])
def test_rosenbrock(chunk_size):
    gradient, hessian = rosenbrock_by_hand(X)
    np.testing.assert_allclose(dd.gradient(rosenbrock, chunk_size=chunk_size)(X), gradient, rtol=1e-14)
    np.testing.assert_allclose(dd.hessian(rosenbrock, chunk_size=chunk_size)(X), hessian, rtol=1e-14)
    value, first = dd.value_and_gradient(rosenbrock, chunk_size=chunk_size)(X)
    assert value == rosenbrock(X)
    np.testing.assert_allclose(first, gradient, rtol=1e-14)
    value, first, second = dd.value_gradient_hessian(rosenbrock, chunk_size=chunk_size)(X)
    assert value == rosenbrock(X)
    np.testing.assert_allclose(first, gradient, rtol=1e-14)
    np.testing.assert_allclose(second, hessian, rtol=1e-14)
    assert (second == second.T).all()


def test_directional_transforms():
    gradient, hessian = rosenbrock_by_hand(X)
    v = np.array([1.0, 2.0, -3.0])
    value, along = dd.jvp(rosenbrock, X, v)
    assert value == rosenbrock(X)
    assert along == pytest.approx(gradient @ v, rel=1e-14)
    np.testing.assert_allclose(dd.hvp(rosenbrock, X, v), hessian @ v, rtol=1e-14)
    assert dd.jvp(lambda a, b: a * b, (2.0, 3.0), (1.0, 10.0)) == (6, 23)
    assert dd.hvp(lambda a, b: a * a * b, (2.0, 3.0), (1.0, 10.0)) == (46, 4)
    assert dd.jvp(lambda p: p["a"] * p["b"], {"a": 2.0, "b": 3.0}, {"a": 1, "b": 10}) == (6, 23)


def test_shapes_are_those_of_output_and_input():
    x = np.arange(6.0).reshape(2, 3)
    for chunk_size in (1, 4, None):
        found = dd.jacobian(lambda x: x.T[..., None] * 2, chunk_size=chunk_size)(x)
        assert found.shape == (3, 2, 1, 2, 3)
        assert found[2, 1, 0, 1, 2] == 2
        assert found.sum() == 12
        assert dd.hessian(lambda x: x * x, chunk_size=chunk_size)(x).shape == (2, 3, 2, 3, 2, 3)
    assert dd.jacobian(np.sum)(x).shape == (2, 3)
    assert dd.gradient(np.sum)(np.array(2.0)).shape == ()
    assert type(dd.gradient(np.sin)(2.0)) is float


@pytest.mark.parametrize("chunk_size", [1, None])
def test_zero_dimensional_arrays(chunk_size):
    x = np.array(2.0)
    assert dd.jacobian(lambda x: x**3, chunk_size=chunk_size)(x) == 12
    assert dd.hessian(lambda x: x**3, chunk_size=chunk_size)(x) == 12
    assert dd.derivative(lambda x: x**3)(x) == 12
    assert dd.jacobian(lambda x: x * np.ones(2), chunk_size=chunk_size)(x).tolist() == [1, 1]


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
@pytest.mark.parametrize("chunk_size", [1, 2, None])
def test_empty_inputs_and_outputs(shape, chunk_size):
    x = np.zeros(shape)
    assert dd.gradient(np.sum, chunk_size=chunk_size)(x).shape == shape
    assert dd.jacobian(lambda x: 2 * x, chunk_size=chunk_size)(x).shape == shape + shape
    assert dd.hessian(np.sum, chunk_size=chunk_size)(x).shape == shape + shape
    value, first, second = dd.value_gradient_hessian(np.sum, chunk_size=chunk_size)(x)
    assert (value, first.shape, second.shape) == (0, shape, shape + shape)
    assert dd.jacobian(lambda y: y[:0], chunk_size=chunk_size)(X).shape == (0, 3)
    assert dd.hessian(lambda y: y[:0], chunk_size=chunk_size)(X).shape == (0, 3, 3)
    assert dd.jvp(np.sum, x, x) == (0, 0)


def test_a_result_that_does_not_depend_on_the_input():
    assert dd.derivative(lambda x: 3)(1.0) == 0.0
    assert dd.value_and_derivative(lambda x: 3)(1.0) == (3, 0.0)
    assert dd.gradient(lambda x: 5.0)(X).tolist() == [0, 0, 0]
    for chunk_size in (1, 2, None):
        assert dd.jacobian(lambda x: np.arange(2), chunk_size=chunk_size)(X).tolist() == [[0, 0, 0], [0, 0, 0]]
        assert dd.hessian(lambda x: x[0], chunk_size=chunk_size)(X).tolist() == [[0] * 3] * 3
        assert dd.hessian(lambda x: 1, chunk_size=chunk_size)(X).tolist() == [[0] * 3] * 3
    assert dd.derivative(lambda x: x > 0)(1.0) == 0.0


# ---- how often the function is called ------------------------------------------------------------------------------------

class Counted:
    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args):
        self.calls += 1
        return self.function(*args)


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("chunk_size", [1, 2, 3, 7, None])
def test_number_of_calls(n, chunk_size):
    x = np.arange(1.0, n + 1)
    blocks = 1 if chunk_size is None else math.ceil(n / chunk_size)
    for transform, function, calls in [
            (dd.gradient, np.sum, blocks), (dd.value_and_gradient, np.sum, blocks), (dd.jacobian, np.sin, blocks),
            (dd.value_and_jacobian, np.sin, blocks), (dd.hessian, np.sum, blocks * (blocks + 1) // 2),
            (dd.value_gradient_hessian, np.sum, blocks * (blocks + 1) // 2)]:
        counted = Counted(function)
        transform(counted, chunk_size=chunk_size)(x)
        assert counted.calls == calls, transform


def test_number_of_calls_of_scalar_transforms():
    for transform in (dd.derivative, dd.value_and_derivative, dd.gradient):
        counted = Counted(np.sin)
        transform(counted)(1.0)
        assert counted.calls == 1
    counted = Counted(lambda a, b: a * b)
    dd.gradient(counted, argnums=(0, 1))(1.0, 2.0)
    assert counted.calls == 2
    counted = Counted(lambda a: a @ a)
    dd.jvp(counted, X, X)
    assert counted.calls == 1
    counted = Counted(lambda a: a @ a)
    dd.hvp(counted, X, X)
    assert counted.calls <= 3
    counted = Counted(lambda z: z * z)
    dd.jacobian(counted)(np.array([1j, 2.0]))
    assert counted.calls == 4  # a complex derivative is checked in two directions


# ---- arguments -----------------------------------------------------------------------------------------------------------

def product(x, y):
    return (x * y).sum()


def test_argnums_and_argnames():
    x, y = X, 2 * X + 1
    gradient = functools.partial(dd.gradient, product)
    assert (gradient()(x, y) == y).all()
    for argnums in (1, -1, np.int64(1)):
        assert (gradient(argnums=argnums)(x, y) == x).all()
    assert [list(g) for g in gradient(argnums=(1, 0))(x, y)] == [list(x), list(y)]
    assert [list(g) for g in gradient(argnums=(0,))(x, y)] == [list(y)]
    assert (gradient(argnames="y")(x, y=y) == x).all()
    assert [list(g) for g in gradient(argnames=("y", "x"))(x=x, y=y)] == [list(x), list(y)]
    assert [list(g) for g in gradient(argnums=(0,), argnames="y")(x, y=y)] == [list(y), list(x)]
    (by_xx, by_xy), (by_yx, by_yy) = dd.hessian(product, argnums=(0, 1))(x, y)
    assert (by_xy == np.eye(3)).all()
    assert (by_yx == np.eye(3)).all()
    assert not by_xx.any()
    assert not by_yy.any()


@pytest.mark.parametrize(("options", "args", "kwargs", "error", "text"), [
    ({"argnums": 2}, (X, X), {}, TypeError, "no argument 2"),
    ({"argnums": -3}, (X, X), {}, TypeError, "no argument -3"),
    ({"argnums": 1}, (X,), {"y": X}, TypeError, "argnames="),
    ({"argnames": "y"}, (X, X), {}, TypeError, "keyword argument 'y'"),
    ({"argnums": (1, -1)}, (X, X), {}, ValueError, "twice"),
    ({"argnums": ()}, (X, X), {}, ValueError, "no argument"),
    ({"argnums": 1.0}, (X, X), {}, TypeError, "position"),
    ({"argnums": "x"}, (X, X), {}, TypeError, "argnames"),
    ({"argnames": 3}, (X,), {"y": X}, TypeError, "name"),
    ({}, (), {}, TypeError, "no argument 0"),
])
def test_wrong_choice_of_arguments(options, args, kwargs, error, text):
    with pytest.raises(error, match=text):
        dd.gradient(product, **options)(*args, **kwargs)


def test_other_arguments_are_passed_through():
    assert dd.derivative(lambda x, *args, **kwargs: x * args[0] * kwargs["c"])(2.0, 3.0, c="a".count("a")) == 3.0
    assert dd.derivative(lambda *args: args[0] * args[1], argnums=-1)(2.0, 5.0) == 2.0


@pytest.mark.parametrize(("value", "text"), [
    (True, "truth value"), (np.True_, "truth value"), ("a", "str"), (None, "NoneType"), (np.array(["a"]), "dtype <U1"),
    (np.array([True]), "dtype bool"), (np.ma.array([1.0]), r"\.filled"), (math.sin, "builtin"), ({"a": "b"}, r"\['a'\]"),
    ([1.0, [2.0, None]], r"\[1\]\[1\]"),
])
def test_inputs_without_a_derivative(value, text):
    for transform in (dd.jacobian, dd.hessian):
        with pytest.raises(TypeError, match=text):
            transform(lambda x: 1.0)(value)


# ---- structures ----------------------------------------------------------------------------------------------------------

def test_nested_inputs():
    parameters = {"a": 2.0, "b": [X, (3.0, Point(4.0, 5.0))], "spring": Spring(6.0, 7.0)}

    def f(p):
        (array, (number, point)), spring = p["b"], p["spring"]
        return p["a"] * array.sum() + number * point.x * point.y + spring.stiffness * spring.length**2

    for chunk_size in (1, 3, None):
        found = dd.gradient(f, chunk_size=chunk_size)(parameters)
        assert list(found) == ["a", "b", "spring"]
        assert found["a"] == X.sum()
        assert found["b"][0].tolist() == [2, 2, 2]
        assert found["b"][1] == (20, Point(15, 12))
        assert type(found["b"][1][1]) is Point
        assert found["spring"] == Spring(49, 84)
    second = dd.hessian(f)(parameters)
    assert second["a"]["b"][0].tolist() == [1, 1, 1]
    assert second["spring"].length == {"a": 0, "b": second["spring"].length["b"], "spring": Spring(14, 12)}
    assert second["b"][1][1].x["b"][1] == (5, Point(0, 3))


def test_nested_outputs():
    def f(x):
        return {"sum": x.sum(), "list": [x * x, (3, x[0])], "point": Point(x[1], 1.0), "spring": Spring(x[2] ** 2)}

    for chunk_size in (1, 2, None):
        value, found = dd.value_and_jacobian(f, chunk_size=chunk_size)(X)
        assert value["spring"] == Spring(4.0)
        assert found["sum"].tolist() == [1, 1, 1]
        assert found["list"][0].tolist() == np.diag(2 * X).tolist()
        assert found["list"][1][0].tolist() == [0, 0, 0]
        assert found["list"][1][1].tolist() == [1, 0, 0]
        assert found["point"].x.tolist() == [0, 1, 0]
        assert type(found["point"]) is Point
        assert found["spring"].stiffness.tolist() == [0, 0, 4]
    assert dd.derivative(lambda t: (t, [t * t, {"c": 1}]))(3.0) == (1, [6, {"c": 0}])
    inner = dd.jacobian(lambda p: {"u": p.x * p.y})(Point(2.0, X))
    assert inner["u"].x.tolist() == X.tolist()
    assert inner["u"].y.tolist() == [[2, 0, 0], [0, 2, 0], [0, 0, 2]]


def test_lists_are_structures_and_not_arrays():
    assert dd.gradient(lambda v: v[0] * v[1])([2, 3]) == [3.0, 2.0]
    assert dd.jacobian(lambda v: [v[0] * v[1], v[0]])([2.0, 3.0]) == [[3.0, 2.0], [1.0, 0.0]]


def test_has_aux():
    def f(x):
        return (x * x).sum(), {"inner": x, "name": "aux", "none": None, "objects": np.array([x[0], x[1]])}

    for transform in (dd.gradient, dd.jacobian, dd.hessian, dd.value_and_gradient, dd.value_and_jacobian,
                      dd.value_gradient_hessian):
        for chunk_size in (1, None):
            result, aux = transform(f, has_aux=True, chunk_size=chunk_size)(X)
            assert type(aux["inner"]) is np.ndarray
            assert (aux["inner"] == X).all()
            assert (aux["name"], aux["none"]) == ("aux", None)
            assert aux["objects"].tolist() == [1.5, -0.5]
            without = transform(lambda x: f(x)[0], chunk_size=chunk_size)(X)
            assert repr(result) == repr(without)
    assert dd.derivative(lambda t: (t * t, t), has_aux=True)(3.0) == (6.0, 3.0)
    assert dd.value_and_derivative(lambda t: (t * t, t), has_aux=True)(3.0) == ((9.0, 6.0), 3.0)
    assert dd.jvp(lambda t: (t * t, t), 3.0, 1.0, has_aux=True) == (9.0, 6.0, 3.0)
    assert dd.hvp(lambda t: (t * t, t), 3.0, 1.0, has_aux=True) == (2.0, 3.0)
    with pytest.raises(TypeError, match=r"pair \(result, aux\)"):
        dd.derivative(lambda t: t, has_aux=True)(1.0)


# ---- errors --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("transform", "function", "argument", "text"), [
    (dd.gradient, lambda x: x * x, X, "shape .3,.*dualdiff.jacobian"),
    (dd.gradient, lambda x: x[:1], X, "shape .1,"),
    (dd.gradient, lambda x: (x[0], x[1]), X, "2 values"),
    (dd.gradient, lambda x: [], X, "0 values"),
    (dd.gradient, lambda x: 1j * x[0], X, "complex.*dualdiff.jacobian"),
    (dd.value_gradient_hessian, lambda x: x * x, X, "shape"),
    (dd.derivative, np.sin, X, "shape .3,.*dualdiff.gradient"),
    (dd.derivative, np.sin, np.zeros(0), "shape"),
    (dd.derivative, lambda v: v[0], [1.0], "list"),
    (dd.jacobian, lambda x: None, X, "None"),
    (dd.jacobian, lambda x: "text", X, "str"),
    (dd.jacobian, lambda x: math.sin, X, "a function"),
    (dd.jacobian, lambda x: {"a": [x, None]}, X, r"None at \['a'\]\[1\]"),
    (dd.jacobian, lambda x: iter(x), X, "generator"),
    (dd.jacobian, lambda x: np.ma.array([1.0]), X, "MaskedArray"),
    (dd.hessian, lambda x: None, X, "None"),
    (dd.derivative, lambda x: None, 1.0, "None"),
    (dd.derivative, lambda x: {x}, 1.0, "unhashable"),
])
def test_wrong_results(transform, function, argument, text):
    with pytest.raises(TypeError, match=f"(?s){text}"):
        transform(function)(argument)


def test_wrong_functions_and_options():
    with pytest.raises(TypeError, match=r"derivative\(f\)\(x\)"):
        dd.derivative(3.0)
    with pytest.raises(TypeError, match="jvp takes a function, not float$"):
        dd.jvp(3.0, 1.0, 1.0)
    with pytest.raises(TypeError, match="taylor takes a function, not float$"):
        dd.taylor(3.0, 1.0, 1)
    for chunk_size in (0, -1, 2.0, "2"):
        with pytest.raises(ValueError, match="chunk_size"):
            dd.gradient(np.sum, chunk_size=chunk_size)


@pytest.mark.parametrize(("primals", "tangents", "error", "text"), [
    (X, X[:2], ValueError, r"\(2,\).*\(3,\)"), (X, 1.0, ValueError, "shape"), (X, 1j * X, TypeError, "complex"),
    (mpmath.mpf(1), mpmath.mpc(1, 2), TypeError, "complex"),
    (X, (X,), TypeError, "structure"), (([],), X, TypeError, "structure"),
    ([1.0, 2.0], [1.0], TypeError, r"nothing where these have \[0\]\[1\]"),
])
def test_wrong_tangents(primals, tangents, error, text):
    with pytest.raises(error, match=text):
        dd.jvp(lambda x: x, primals, tangents)


def test_a_function_that_changes_its_mind_is_refused():
    for transform in (dd.jacobian, dd.hessian):
        counted = Counted(lambda x: x[:counted.calls])
        with pytest.raises(ValueError, match="does the same each time"):
            transform(counted)(X)
    counted = Counted(lambda x, y: [x * y] * counted.calls)
    with pytest.raises(ValueError, match="does the same each time"):
        dd.derivative(counted, n=2, argnums=(0, 1))(1.0, 2.0)


# ---- number types --------------------------------------------------------------------------------------------------------

def test_integers_are_promoted():
    assert dd.derivative(lambda x: x / 2)(3) == 0.5
    assert type(dd.derivative(lambda x: x)(3)) is float
    assert dd.gradient(lambda x: (x / 2).sum())(np.arange(3)).dtype == np.float64
    assert dd.gradient(lambda x: (x / 2).sum())(np.arange(3, dtype=np.uint8)).tolist() == [0.5] * 3
    assert dd.hessian(lambda x: x**3)(np.int32(2)) == 12.0


@pytest.mark.parametrize("chunk_size", [1, 2, None])
@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_precision_is_kept(chunk_size, dtype):
    x = X.astype(dtype)
    for found in (dd.gradient(rosenbrock, chunk_size=chunk_size)(x), dd.jacobian(residuals, chunk_size=chunk_size)(x),
                  dd.hessian(rosenbrock, chunk_size=chunk_size)(x), dd.jvp(residuals, x, x)[1], dd.hvp(rosenbrock, x, x)):
        assert found.dtype == dtype
    assert dd.derivative(np.sin)(dtype(1)).dtype == dtype


def test_holomorphic_functions():
    z = np.array([1 + 2j, -0.5j])
    np.testing.assert_allclose(dd.jacobian(lambda z: z**3)(z), np.diag(3 * z**2), rtol=1e-15)
    np.testing.assert_allclose(dd.jacobian(lambda z: z**3, chunk_size=None)(z), np.diag(3 * z**2), rtol=1e-15)
    np.testing.assert_allclose(dd.hessian(lambda z: (z**3).sum())(z), np.diag(6 * z), rtol=1e-15)
    assert dd.derivative(np.exp)(1j) == np.exp(1j)
    assert dd.derivative(lambda x: x * 2j)(1.5) == 2j
    for function in (np.conj, lambda z: abs(z) ** 2, lambda z: z.real * z, lambda z: z * np.conj(z)):
        for chunk_size in (1, None):
            with pytest.raises(dd.NotHolomorphicError, match="dualdiff.jvp"):
                dd.jacobian(function, chunk_size=chunk_size)(z)
    value, along = dd.jvp(lambda z: (z * np.conj(z)).real, z, 1j * np.ones(2))
    np.testing.assert_allclose(along, 2 * z.imag, rtol=1e-15)
    assert dd.jvp(lambda z: z * z, mpmath.mpc(1, 2), 1j) == (mpmath.mpc(-3, 4), mpmath.mpc(-4, 2))


SECOND = {
    "hessian": dd.hessian, "in chunks": lambda f: dd.hessian(f, chunk_size=None),
    "nested": lambda f: dd.jacobian(dd.jacobian(f)),
    "nested chunks": lambda f: dd.jacobian(dd.jacobian(f, chunk_size=None), chunk_size=2),
}


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
@pytest.mark.parametrize("z", [np.array([1 + 2j, 0.5 - 1j, 0.25]), np.array([1.0, 2.0, 3.0]) + 0j], ids=["complex", "real axis"])
def test_second_derivatives_of_functions_that_are_not_holomorphic(second, z):
    for function in (lambda z: np.sum((z * np.conj(z)).real), lambda z: np.sum(np.conj(z) ** 2), lambda z: z[0].real * z[1],
                     lambda z: np.sum(z * z + z.imag**2)):  # whose first derivatives obey Cauchy–Riemann on the real axis
        with pytest.raises(dd.NotHolomorphicError):
            second(function)(z)


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
def test_second_derivatives_of_holomorphic_functions(second):
    z = np.array([0.3 + 0.7j, -1.0, 2j])
    np.testing.assert_allclose(second(lambda z: z[0] ** 2 * z[1] + np.exp(z[2]))(z),
                               [[2 * z[1], 2 * z[0], 0], [2 * z[0], 0, 0], [0, 0, np.exp(z[2])]], rtol=1e-14)
    for function in (lambda z: np.sum(z * z / z), lambda z: np.sum(np.exp(np.log(z)))):  # nothing but rounding
        np.testing.assert_allclose(second(function)(z), np.zeros((3, 3)), atol=1e-14)
    w = mpmath.mpc(1, 1)
    assert dd.hessian(lambda z: z**3)(w) == dd.derivative(dd.derivative(lambda z: z**3))(w) == 6 * w


@pytest.mark.parametrize(("z", "calls"), [(1j, 3), (np.array([1j, 2.0]), 10), ([1.0, 1j], 6)])
def test_number_of_calls_of_a_complex_hessian(z, calls):
    counted = Counted(lambda z: z * 2 if isinstance(z, Dual) else z[0] * z[1])
    dd.hessian(counted)(z)
    assert counted.calls == calls  # of each pair along (1, 1), (i, 1), (1, i), (i, i), those of them that differ


@pytest.mark.parametrize("chunk_size", [1, 2, None])
def test_arguments_of_several_types(chunk_size):
    assert dd.jacobian(lambda x, z: x * x * z, argnums=(0, 1), chunk_size=chunk_size)(2.0, 1j) == (4j, 4)
    assert dd.hessian(lambda x, z: x * x * z, argnums=(0, 1), chunk_size=chunk_size)(2.0, 1j) == ((2j, 4), (4, 0))
    by_real, by_complex = dd.jacobian(lambda x, z: x * z, argnums=(0, 1), chunk_size=chunk_size)(X, np.array([1j, 2.0, 3.0]))
    assert by_real.dtype == by_complex.dtype == np.complex128
    assert np.diag(by_real).tolist() == [1j, 2, 3]
    assert np.diag(by_complex).tolist() == X.tolist()


# ---- executors -----------------------------------------------------------------------------------------------------------

def test_executors_give_the_same():
    x = np.array([0.3, -1.2, 0.8])
    jacobian, hessian = dd.jacobian(residuals)(x), dd.hessian(rosenbrock)(x)
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:
        for executor in (threads, processes):
            for chunk_size in (1, 2):
                options = {"executor": executor, "chunk_size": chunk_size}
                np.testing.assert_allclose(dd.jacobian(residuals, **options)(x), jacobian, rtol=1e-15)
                np.testing.assert_allclose(dd.hessian(rosenbrock, **options)(x), hessian, rtol=1e-15)
            assert (dd.gradient(rosenbrock, executor=executor)(x) == dd.gradient(rosenbrock)(x)).all()

            # a derivative in this process around one whose passes run in others, which differentiate in turn
            def outer(t, executor=executor):
                return dd.gradient(second_derivative_of_power, executor=executor)(t) * t

            assert outer(2.0) == pytest.approx(72 * 4.0)                  # d/dx 12x³ = 36x², times x
            assert dd.derivative(outer)(2.0) == pytest.approx(108 * 4.0)  # d/dt 36t³

            def failing(x):
                raise ZeroDivisionError("mine")

            if executor is threads:
                with pytest.raises(ZeroDivisionError, match="mine"):
                    dd.gradient(failing, executor=executor)(x)


# ---- what a transform looks like -----------------------------------------------------------------------------------------

def test_identity():
    assert slope.__name__ == "slope"
    assert slope.__doc__ == "The slope of t³."
    assert slope.__wrapped__.__name__ == "slope"
    assert "derivative of slope" in repr(slope)
    assert inspect.signature(dd.gradient(product)) == inspect.signature(product)
    assert inspect.signature(Model().squares) == inspect.signature(lambda x, shift=0.0: 0)
    assert Model.squares.__doc__ == "Documented."


def test_methods():
    model = Model()
    assert model.cube(2.0) == 36.0
    assert Model.of_class(2.0) == model.of_class(2.0) == 12.0
    assert Model.of_none(2.0) == model.of_none(2.0) == 4.0
    assert np.diag(model.squares(X, shift=1.0)).tolist() == (2 * X).tolist()
    assert dd.derivative(model)(2.0) == 12.0
    assert dd.derivative(model.__call__)(2.0) == 12.0
    assert dd.derivative(functools.partial(pow, 2.0))(3.0) == pytest.approx(8 * math.log(2), rel=1e-15)


def test_decorators_with_arguments():
    @dd.gradient(argnums=1, has_aux=True)
    def f(a, x):
        return (a * x).sum(), "aux"

    found, aux = f(2.0, X)
    assert found.tolist() == [2, 2, 2]
    assert aux == "aux"
    assert f.__name__ == "f"

    @dd.derivative()
    def g(x):
        return x * x

    assert g(3.0) == 6.0


def test_transforms_of_transforms():
    def cube(x):
        return x**3

    assert dd.derivative(dd.derivative(cube))(2.0) == 12.0
    assert dd.derivative(dd.gradient(cube))(2.0) == 12.0
    assert dd.hessian(dd.derivative(cube))(2.0) == 6.0
    third = dd.jacobian(dd.hessian(lambda x: (x**3).sum()))(X)
    assert [third[i, i, i] for i in range(3)] == [6, 6, 6]
    assert third.sum() == 18
    value, first = dd.derivative(dd.value_and_derivative(cube))(2.0)
    assert (value, first) == (12.0, 12.0)
    assert dd.derivative(lambda t: dd.jvp(cube, t, t)[1])(2.0) == 36.0  # d/dt 3t³
    assert dd.derivative(slope)(2.0) == 12.0


def test_pickling():
    for function, argument, expected in [(slope, 2.0, 12.0), (dd.derivative(np.sin), 0.0, 1.0), (Model().cube, 2.0, 36.0),
                                         (dd.derivative(dd.derivative(newton_root)), 3.0, -1 / (4 * 3**1.5)),
                                         (Model.of_none, 2.0, 4.0)]:
        assert pickle.loads(pickle.dumps(function))(argument) == pytest.approx(expected, rel=1e-13)
    assert pickle.loads(pickle.dumps(slope)) is slope
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(dd.derivative(lambda x: x))


def test_duals_of_the_user_pass_through():
    """A user's Dual is a constant of level 0 to the transform, whose result carries its tangent."""
    assert repr(dd.derivative(lambda x: x**3)(Dual(2.0, 1.0))) == "Dual(12.0, 12.0)"
    found = dd.gradient(lambda x: (x**3).sum())(Dual([1.0, 2.0], [1.0, 0.0]))
    assert found.primal.tolist() == [3, 12]
    assert found.tangent.tolist() == [6, 0]


# ---- numbers in whose direction a pass does not go -----------------------------------------------------------------------

def test_they_are_plain_floats():
    seen = []
    dd.gradient(lambda p: seen.append([type(x) for x in p]) or p[0] * p[1] * p[2])([1.0, 2.0, 3.0])
    dd.hessian(lambda x, y, z: seen.append([type(v) for v in (x, y, z)]) or x * y * z, argnums=(0, 1, 2))(1.0, 2.0, 3.0)
    pairs = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]
    assert seen == [[dd.Dual if k in moving else float for k in range(3)] for moving in [(0,), (1,), (2,), *pairs]]


def filled(x, y):
    out = np.zeros_like(y) + np.zeros(2)
    out[0], out[1] = x, x * y
    return out @ out


def written(x, y):
    state = y * np.ones(2)
    state[0] = x
    return state @ state


WHAT_FLOATS_CANNOT_DO = {  # function, where, gradient
    "zeros_like": (filled, (2.0, 3.0), (2 * 2.0 * (1 + 9), 2 * 4.0 * 3)),
    "like=": (lambda x, y: np.array([x, x * y], like=y).sum(), (2.0, 3.0), (4.0, 2.0)),
    "a dual in an array": (written, (2.0, 3.0), (4.0, 6.0)),
    "division by zero": (lambda x, y: x * (1 / y), (2.0, 0.0), (np.inf, -np.inf)),
    "overflow": (lambda x, y: x + y**2, (2.0, 1e200), (1.0, 2e200)),
    "an attribute": (lambda x, y: x * y if y.shape == () else None, (2.0, 3.0), (3.0, 2.0)),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", WHAT_FLOATS_CANNOT_DO)
def test_what_floats_cannot_do(name):
    """The pass is run once more with dual numbers; by the general way, in other threads, and nested, too."""
    f, at, expected = WHAT_FLOATS_CANNOT_DO[name]
    assert dd.gradient(f, argnums=(0, 1))(*at) == expected
    assert dd.gradient(lambda x, y: (f(x, y), None), argnums=(0, 1), has_aux=True)(*at)[0] == expected
    with ThreadPoolExecutor(2) as executor:
        assert dd.gradient(f, argnums=(0, 1), executor=executor)(*at) == expected
    assert dd.gradient(lambda p: f(*p))(list(at)) == list(expected)
    inner = dd.hessian(lambda x, y, z: f(x, y) + z, argnums=(0, 1, 2))(*at, 1.0)
    whole = dd.hessian(f, argnums=(0, 1))(*at)
    np.testing.assert_array_equal([row[:2] for row in inner[:2]], whole)


@pytest.mark.parametrize("has_aux", [False, True])  # by a short way, by the general one
def test_an_error_of_the_function_comes_from_the_pass_with_dual_numbers(has_aux):
    calls = []

    def f(x, y):
        calls.append(type(y))
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as raised:
        dd.gradient(f, argnums=(0, 1), has_aux=has_aux)(1.0, 2.0)
    assert calls == [float, dd.Dual]
    assert raised.value.__context__ is None


def test_a_result_that_does_not_move():
    value, slopes = dd.value_and_gradient(lambda x, y: np.exp(y), argnums=(0, 1))(1.0, 2.0)
    assert (type(value), value, slopes) == (float, np.exp(2.0), (0.0, np.exp(2.0)))
    assert dd.jacobian(lambda x, y: [x, np.exp(y)], argnums=(0, 1))(1.0, 2.0) == [(1.0, 0.0), (0.0, np.exp(2.0))]
