"""Properties that hold for every function: random programs, shapes, axes and expression trees (Hypothesis).

The oracle for values of derivatives is mpmath, which runs the same random expression at 60 digits; the other tests compare what
two transforms, or two ways of asking, must agree on.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import dualdiff as dd

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
                 derandomize=True)
numbers = st.floats(-4, 4, allow_subnormal=False).map(lambda x: round(x, 3))
positive = st.floats(0.125, 4).map(lambda x: round(x, 3))


# ---- random expressions against mpmath -----------------------------------------------------------------------------------

class Numpy:
    sin, cos, exp, tanh, arctan, sqrt, log1p, hypot = np.sin, np.cos, np.exp, np.tanh, np.arctan, np.sqrt, np.log1p, np.hypot


class Precise:
    sin, cos, exp, tanh, arctan, sqrt = mpmath.sin, mpmath.cos, mpmath.exp, mpmath.tanh, mpmath.atan, mpmath.sqrt
    log1p, hypot = mpmath.log1p, mpmath.hypot


UNARY = [
    lambda m, a: m.sin(a), lambda m, a: m.cos(a), lambda m, a: m.exp(m.sin(a)), lambda m, a: m.tanh(a), lambda m, a: m.arctan(a),
    lambda m, a: m.sqrt(1 + a * a), lambda m, a: m.log1p(a * a), lambda m, a: -a, lambda m, a: a**2, lambda m, a: a**3,
    lambda m, a: 1 / (2 + a * a), lambda m, a: (1 + a * a) ** 0.25, lambda m, a: 2 ** m.tanh(a), lambda m, a: abs(a) + a * a,
]
BINARY = [
    lambda m, a, b: a + b, lambda m, a, b: a - b, lambda m, a, b: a * b, lambda m, a, b: a / (1 + b * b),
    lambda m, a, b: m.hypot(1 + a * a, b),
    lambda m, a, b: (1 + a * a) ** m.sin(b), lambda m, a, b: a * m.cos(b), lambda m, a, b: 2 * a - b / 3,
    lambda m, a, b: a if a < b else b,
]

variables = st.sampled_from([lambda m, x, y: x, lambda m, x, y: y])
constants = numbers.map(lambda c: lambda m, x, y: c)


def combined(children):
    one = st.tuples(st.sampled_from(UNARY), children).map(lambda p: lambda m, x, y: p[0](m, p[1](m, x, y)))
    two = st.tuples(st.sampled_from(BINARY), children, children).map(
        lambda p: lambda m, x, y: p[0](m, p[1](m, x, y), p[2](m, x, y)))
    return one | two


expressions = st.recursive(variables | variables | constants, combined, max_leaves=8)


def precise_partials(expression, x, y, n):
    """All partial derivatives of order n: ∂ⁿ/∂xⁿ, ∂ⁿ/∂xⁿ⁻¹∂y, …, ∂ⁿ/∂yⁿ."""
    with mpmath.workdps(60):
        return [mpmath.diff(lambda a, b: mpmath.mpf(expression(Precise, a, b)), (mpmath.mpf(x), mpmath.mpf(y)), (n - k, k))
                for k in range(n + 1)]


def near_kink(expression, x, y):
    """Whether |a| or a branch of the expression switches close by, where mpmath's difference would straddle the kink."""
    def found(step):
        return dd.gradient(lambda a, b: expression(Numpy, a, b), argnums=(0, 1))(x + step, y + 0.7 * step)

    here = np.array(found(0.0), float)
    return any(np.abs(np.array(found(step), float) - here).max() > 1e-4 * (1 + np.abs(here).max()) for step in (1e-7, -1e-7))


@settings(quick, max_examples=200)
@given(expressions, numbers, numbers)
def test_expressions_against_mpmath(expression, x, y):
    assume(not near_kink(expression, x, y))
    found = dd.gradient(lambda a, b: expression(Numpy, a, b), argnums=(0, 1))(x, y)
    expected = precise_partials(expression, x, y, 1)
    second = precise_partials(expression, x, y, 2)
    value = expression(Numpy, x, y)
    assume(abs(value) < 1e8)
    # rounding of intermediate values moves the point of evaluation by a few ulp: allow for the curvature, and cancellation
    scale = 1 + max(map(abs, expected)) + (1 + abs(x) + abs(y)) * max(map(abs, second)) + abs(value)
    for ours, exact in zip(found, expected):
        assert abs(ours - exact) <= 1e-13 * scale
    assert dd.value_and_gradient(lambda a, b: expression(Numpy, a, b), argnums=(0, 1))(x, y)[0] == value


@quick
@given(expressions, numbers, numbers)
def test_second_derivatives_against_mpmath(expression, x, y):
    assume(not near_kink(expression, x, y))
    (xx, xy), (yx, yy) = dd.hessian(lambda a, b: expression(Numpy, a, b), argnums=(0, 1))(x, y)
    expected = precise_partials(expression, x, y, 2)
    third = precise_partials(expression, x, y, 3)
    scale = 1 + max(map(abs, expected)) + (1 + abs(x) + abs(y)) * max(map(abs, third)) + abs(expression(Numpy, x, y))
    assume(scale < 1e6)
    assert xy == yx
    for ours, exact in zip((xx, xy, yy), expected):
        assert abs(ours - exact) <= 1e-12 * scale


# ---- random programs on arrays -------------------------------------------------------------------------------------------

shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


def arrays(shape, elements=numbers):
    size = int(np.prod(shape))
    return st.lists(elements, min_size=size, max_size=size).map(lambda v: np.array(v, float).reshape(shape))


def step_of(data, shape):
    """One step of a program that may reshape, reduce, index, combine or write: array → array."""
    ndim = len(shape)
    axis = data.draw(st.integers(-ndim, ndim - 1)) if ndim else None
    steps = [lambda a: np.sin(a) * 2, lambda a: a * a - a, lambda a: np.exp(-a * a), lambda a: np.reshape(a, -1), lambda a: a.T,
             lambda a: a[None], lambda a: np.sum(a, axis=axis, keepdims=True), lambda a: np.where(a > 0, a, 2 * a)]
    if ndim:
        permutation = data.draw(st.permutations(range(ndim)))
        start = data.draw(st.integers(-1, 1))
        steps += [lambda a: np.transpose(a, permutation), lambda a: np.cumsum(a, axis=axis), lambda a: np.flip(a, axis),
                  lambda a: a[..., ::-1] * a, lambda a: np.concatenate([a, a * a], axis=axis),
                  lambda a: np.stack([a, -a], axis=axis),
                  lambda a: np.roll(a, start, axis), lambda a: np.sum(a, axis=axis), lambda a: np.swapaxes(a, 0, axis),
                  lambda a: np.mean(a, axis=axis) if a.size else a, lambda a: a - a[..., :1] if a.size else a, lambda a: written(a),
                  lambda a: np.moveaxis(a, axis, 0), lambda a: np.repeat(a, 2, axis=axis), lambda a: np.diff(a, axis=axis)]
    return data.draw(st.sampled_from(steps))


def written(a):
    y = np.zeros_like(a)
    y[...] = a
    y[..., 1:] += y[..., :-1]
    y[:1] *= 3
    return y


def draw_program(data, shape):
    steps = []
    x = np.ones(shape)
    for _ in range(data.draw(st.integers(1, 4))):
        step = step_of(data, x.shape)
        x = step(x)
        assume(x.size <= 60)
        steps.append(step)

    def program(x):
        for step in steps:
            x = step(x)
        return x

    return program


@settings(quick, max_examples=100)
@given(st.data(), shapes)
def test_programs_on_arrays(data, shape):
    """Chunks agree, jvp is the Jacobian times the direction, is linear in it, and the value is the plain function's."""
    program = draw_program(data, shape)
    x, v, w = (data.draw(arrays(shape)) for _ in range(3))
    plain = np.asarray(program(x.copy()))
    jacobian = dd.jacobian(program)(x)
    assert jacobian.shape == plain.shape + shape
    for chunk_size in (1, 2, max(x.size - 1, 1), x.size + 1, None):
        value, found = dd.value_and_jacobian(program, chunk_size=chunk_size)(x)
        assert np.asarray(value).tobytes() == plain.tobytes()
        np.testing.assert_allclose(found, jacobian, rtol=1e-14, atol=1e-14 * np.abs(jacobian).max(initial=0))

    def along(direction):
        value, tangent = dd.jvp(program, x, direction)
        assert np.asarray(value).tobytes() == plain.tobytes()
        return tangent

    size = np.abs(jacobian).max(initial=0) * (1 + np.abs(v).max(initial=0) + np.abs(w).max(initial=0)) * max(x.size, 1)
    flat = jacobian.reshape(*plain.shape, x.size)
    np.testing.assert_allclose(along(v), flat @ v.ravel(), rtol=1e-13, atol=1e-14 * size)
    np.testing.assert_allclose(along(2 * v - 0.5 * w), 2 * along(v) - 0.5 * along(w), rtol=1e-13, atol=1e-14 * size)
    assert not np.any(along(0 * v))


@quick
@given(st.data(), st.integers(1, 3))
def test_product_and_chain_rule(data, n):
    f, g = draw_program(data, (n,)), draw_program(data, (n,))
    x = data.draw(arrays((n,)))
    fx, df = dd.value_and_jacobian(lambda x: np.reshape(f(x), -1)[:1])(x)
    gx, dg = dd.value_and_jacobian(lambda x: np.reshape(g(x), -1)[:1])(x)
    assume(fx.size and gx.size)
    product = dd.jacobian(lambda x: np.reshape(f(x), -1)[0] * np.reshape(g(x), -1)[0])(x)
    scale = 1 + np.abs(df).max() * abs(gx[0]) + np.abs(dg).max() * abs(fx[0])
    np.testing.assert_allclose(product, df[0] * gx[0] + fx[0] * dg[0], rtol=1e-13, atol=1e-14 * scale)

    inner = lambda x: np.cumsum(x) * np.cos(x)  # noqa: E731  (same shape in and out)
    y, dinner = dd.value_and_jacobian(inner)(x)
    outer = dd.jacobian(lambda y: np.reshape(f(y), -1))(y)
    chained = dd.jacobian(lambda x: np.reshape(f(inner(x)), -1))(x)
    np.testing.assert_allclose(chained, outer @ dinner, rtol=1e-12, atol=1e-13 * (1 + np.abs(outer).max(initial=0)))


@settings(quick, max_examples=25)
@given(st.data(), st.integers(1, 3))
def test_hessians_are_symmetric_and_agree(data, n):
    program = draw_program(data, (n,))
    x, v = data.draw(arrays((n,))), data.draw(arrays((n,)))

    def scalar(x):
        return np.sum(np.sin(program(x)))

    hessian = dd.hessian(scalar)(x)
    scale = 1e-13 * (1 + np.abs(hessian).max())
    assert (hessian == hessian.T).all()
    for found in (dd.hessian(scalar, chunk_size=2)(x), dd.hessian(scalar, chunk_size=None)(x), dd.jacobian(dd.gradient(scalar))(x),
                  dd.jacobian(dd.gradient(scalar, chunk_size=2), chunk_size=None)(x)):
        np.testing.assert_allclose(found, hessian, rtol=1e-12, atol=scale)
        np.testing.assert_allclose(found, found.T, rtol=1e-12, atol=scale)
    np.testing.assert_allclose(dd.hvp(scalar, x, v), hessian @ v, rtol=1e-12, atol=scale * 10)
    value, gradient, second = dd.value_gradient_hessian(scalar)(x)
    assert value == scalar(x.copy())
    np.testing.assert_allclose(gradient, dd.gradient(scalar)(x), rtol=1e-13, atol=1e-13 * (1 + np.abs(gradient).max()))
    assert (second == hessian).all()


# ---- indices and assignments ---------------------------------------------------------------------------------------------

def indices(ndim):
    slices = st.builds(slice, st.integers(-2, 2), st.none() | st.integers(-2, 2), st.sampled_from([None, 1, -1, 2]))
    one = st.integers(-2, 1) | slices | st.lists(st.integers(-2, 1), min_size=2, max_size=2) | st.just([True, False])
    parts = st.lists(one, max_size=ndim).map(tuple)
    return st.tuples(parts, st.booleans(), st.integers(0, ndim)).map(
        lambda t: (*t[0][:t[2]], *((Ellipsis,) if t[1] else ()), *((None,) if t[2] == 1 else ()), *t[0][t[2]:]))


@settings(quick, max_examples=150)
@given(st.data(), indices(3))
def test_any_index_reads_and_writes_as_numpy_does(data, index):
    """The Jacobian of reading and writing is a matrix of zeros and ones: NumPy's own, read off from positions."""
    x = np.arange(1.0, 9.0).reshape(2, 2, 2)
    try:
        taken = x[index]
    except IndexError:
        assume(False)
    units = np.eye(8).reshape(2, 2, 2, 8)
    chunk_size = data.draw(st.sampled_from([1, 3, 8, None]))
    read = np.zeros((*np.shape(taken), 8))
    for k in range(8):
        read[..., k] = units[..., k][index]
    found = dd.jacobian(lambda x: x[index], chunk_size=chunk_size)(x)
    assert np.array_equal(found.reshape(read.shape), read)

    def write(x, values):
        y = x * 1.0
        y[index] = values
        return y

    values = np.arange(1.0, np.size(taken) + 1).reshape(np.shape(taken))
    by_x, by_values = dd.jacobian(write, argnums=(0, 1), chunk_size=chunk_size)(x, values)
    for k in range(8):
        assert np.array_equal(by_x.reshape(2, 2, 2, 8)[..., k], write(units[..., k], 0 * values))
    for k in range(values.size):
        unit = np.zeros(values.size)
        unit[k] = 1
        assert np.array_equal(by_values.reshape(2, 2, 2, -1)[..., k], write(0 * x, unit.reshape(values.shape)))


@quick
@given(st.data(), shapes, shapes)
def test_broadcasting(data, left, right):
    try:
        shape = np.broadcast_shapes(left, right)
    except ValueError:
        assume(False)
    a, b = data.draw(arrays(left, positive)), data.draw(arrays(right, positive))
    by_a, by_b = dd.jacobian(lambda a, b: a * b + a / b, argnums=(0, 1), chunk_size=data.draw(st.sampled_from([1, 2, None])))(a, b)
    assert by_a.shape == shape + left
    assert by_b.shape == shape + right
    ones = np.ones(shape)
    # summing over the input's entries gives the elementwise derivative
    np.testing.assert_allclose(by_a.reshape(*shape, a.size).sum(-1), ones * (b + 1 / b), rtol=1e-13)
    np.testing.assert_allclose(by_b.reshape(*shape, b.size).sum(-1), ones * (a - a / b**2), rtol=1e-13, atol=1e-13)
    assert np.count_nonzero(by_a) <= int(np.prod(shape))


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_automatic_chunks_cover_every_direction(n):
    x = np.arange(1.0, n + 1)
    for chunk_size in (*range(1, n + 2), None):
        assert np.array_equal(dd.jacobian(lambda x: x * x, chunk_size=chunk_size)(x), np.diag(2 * x))
