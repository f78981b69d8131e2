"""Nested derivatives: no perturbation is ever taken for another.

Siskind & Pearlmutter, "Perturbation confusion and referential transparency" (2005) and "Nesting forward-mode AD in a functional
framework" (2008); Manzyuk, Pearlmutter, Radul, Rush & Siskind, "Perturbation confusion in forward automatic differentiation of
higher-order functions" (2019).
"""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest

import dualdiff as dd

D = dd.derivative


# ---- the published cases -------------------------------------------------------------------------------------------------

def test_siskind_pearlmutter_2005():
    """d/dx [x · d/dy (x + y) at 1] at 1 is 1; with one ε for both it would be 2."""
    assert D(lambda x: x * D(lambda y: x + y)(1.0))(1.0) == 1.0
    assert D(lambda x: x * D(lambda y: x * y)(2.0))(3.0) == 6.0       # d/dx x²
    assert D(lambda x: D(lambda y: x * y * y)(x))(3.0) == 12.0        # d/dx 2x²: x is outer variable and inner point
    assert D(lambda x: x * D(lambda y: x)(1.0))(1.0) == 0.0           # the inner function does not depend on y
    assert D(lambda x: D(lambda y: D(lambda z: x * y * z)(x))(x))(2.0) == 1.0


def test_siskind_pearlmutter_2008():
    """min–max and a derivative of a function that is itself defined through a derivative."""
    def slope_at(f, x):
        return D(f)(x)

    assert D(lambda x: slope_at(lambda y: x * y**3, 2.0))(5.0) == 12.0
    assert D(lambda x: slope_at(lambda y: math.e * y * x * x, x))(2.0) == pytest.approx(4 * math.e, rel=1e-15)

    def newton(f, x, steps=60):
        for _ in range(steps):
            x = x - f(x) / D(f)(x)
        return x

    assert D(lambda a: newton(lambda x: x**3 - a, 2.0))(8.0) == pytest.approx(1 / 12, rel=1e-14)
    # argmin over y of (y − x²)² + y⁴, by Newton on the inner derivative; the outer one by the implicit function theorem
    def best(x):
        return newton(D(lambda y: (y - x * x) ** 2 + y**4), 0.5)

    y = best(1.3)
    assert D(best)(1.3) == pytest.approx(4 * 1.3 / (2 + 12 * y * y), rel=1e-12)


def test_manzyuk_2019_curried():
    """D of a curried function f: x ↦ (y ↦ …) would return a function; its perturbation would outlive its derivative call."""
    def shift(u):
        return lambda f: lambda x: f(x + u)

    with pytest.raises(TypeError, match="returned a function"):
        D(shift)(0.0)
    for transform in (dd.gradient, dd.jacobian, dd.hessian):
        with pytest.raises(TypeError, match="returned a function"):
            transform(lambda x: lambda y: x * y)(1.0)
    with pytest.raises(TypeError, match="function"):
        dd.jvp(lambda x: [x, lambda y: x], 1.0, 1.0)
    with pytest.raises(TypeError, match="function"):
        D(lambda x: D(lambda y: x * y))(1.0)
    # the same, η-expanded, is a function of numbers: d/du d/dx f(x + u) twice shifted
    assert D(lambda u: shift(u)(shift(u)(lambda x: x**3))(1.0))(0.0) == 6.0
    assert D(lambda u: D(shift(u)(lambda x: x**3))(1.0))(0.0) == 6.0
    assert D(lambda u: D(lambda v: shift(u)(shift(v)(math_cube))(1.0))(0.0))(0.0) == 6.0


def math_cube(x):
    return x * x * x


def test_manzyuk_2019_a_perturbation_that_escapes_through_a_variable():
    """What one derivative call leaves in an outer variable is a constant to every later one."""
    box = []

    def leaky(x):
        box.append(x)
        return x * x

    assert D(leaky)(3.0) == 6.0
    assert D(lambda y: y * box[0])(2.0).primal == 3.0       # still carries the finished call's ε, at its own level
    assert D(lambda y: y * box[0].primal)(2.0) == 3.0

    def outer(x):
        box[:] = [x]
        return D(lambda y: y * box[0])(5.0) * x             # x², through a mutated outer variable

    assert D(outer)(3.0) == 6.0

    total = 0.0

    def accumulate(x):
        nonlocal total
        total = total + x
        return total * x

    assert D(lambda x: accumulate(x))(2.0) == 4.0
    total = 0.0
    assert D(lambda x: D(lambda y: accumulate(x * y))(1.0))(2.0) == 8.0  # d/dy (xy)² = 2x² at y = 1, and d/dx of that 4x


@pytest.mark.parametrize("transform", [
    lambda f: dd.gradient(f)(np.array([2.0, 3.0])), lambda f: dd.value_and_gradient(f)([2.0, 3.0]),
    lambda f: dd.gradient(lambda x, y: f([x, y]), argnums=(0, 1))(2.0, 3.0), lambda f: dd.hessian(f)(np.array([2.0, 3.0])),
    lambda f: dd.hessian(f)([2.0, 3.0]), lambda f: dd.jacobian(lambda p: [p[1], f(p)])(np.array([2.0, 3.0])),
    lambda f: dd.jacobian(lambda p: np.stack([p[1], f(p)]), chunk_size=1)(np.array([2.0, 3.0])),
    lambda f: dd.derivative(lambda x, y: f([x, y]), argnums=(0, 1), n=2)(2.0, 3.0),
    lambda f: dd.hvp(f, (np.array([2.0, 3.0]),), (np.ones(2),)), lambda f: dd.laplacian(f)(np.array([2.0, 3.0])),
    lambda f: dd.divergence(lambda p: [f(p), p[1]])(np.array([2.0, 3.0])),
    lambda f: dd.derivative(lambda a: dd.gradient(lambda p: f(p) * a)(np.array([2.0, 3.0]))[1])(1.0)])
def test_a_number_kept_from_an_earlier_pass_is_refused(transform):
    """It would be a constant in this one: a gradient of (36, 0) for (x·y)², where the first pass's x·y is used again."""
    cache = {}

    def f(p):
        if "product" not in cache:
            cache["product"] = p[0] * p[1]
        return cache["product"] ** 2 + p[0]

    with pytest.raises(dd.LevelError, match="another pass"):
        transform(f)


def test_a_finished_perturbation_does_not_hide_a_running_one():
    """The inner call has finished, but its number is in the outer call's result, above the outer ε: refused rather than 0."""
    def outer(x, box):
        D(lambda y: box.append(x * y) or y)(1.0)
        return box[0] * x

    with pytest.raises(dd.LevelError, match="finished"):
        D(lambda x: outer(x, []))(3.0)
    with pytest.raises(dd.LevelError, match="finished"):
        dd.jacobian(lambda x: outer(x, []), chunk_size=2)(np.array([3.0, 1.0]))
    with pytest.raises(dd.LevelError, match="finished"):
        dd.jvp(lambda x: outer(x, []), 3.0, 1.0)
    with pytest.raises(dd.LevelError, match="finished"):
        dd.hessian(lambda x: outer(x, []))(3.0)
    assert D(lambda x: D(lambda y: x * y)(1.0) * x)(3.0) == 6.0


def test_the_function_is_called_once_whatever_it_returns():
    for result in (lambda x: (x, x), lambda x: {"a": x}, lambda x: 3.0, lambda x: np.array([x, 1.0]), lambda x: x * np.ones(2),
                   lambda x: D(lambda y: x * y)(2.0), lambda x: x * 1j):
        calls = []
        D(lambda x, result=result, calls=calls: calls.append(1) or result(x))(2.0)
        assert len(calls) == 1
        calls.clear()
        D(D(lambda x, result=result, calls=calls: calls.append(1) or result(x)))(2.0)
        assert len(calls) == 1


class Self:
    """A callable object that differentiates itself."""

    def __init__(self, depth):
        self.depth = depth

    def __call__(self, x):
        if not self.depth:
            return np.sin(x) * x
        self.depth -= 1
        try:
            return x * dd.derivative(self)(x)
        finally:
            self.depth += 1


def test_an_object_that_differentiates_itself():
    """g₀ = x sin x, gₖ = x·gₖ₋₁′: the operator x d/dx, applied k times."""
    def operated(k, x):
        return (lambda t: t * mpmath.sin(t))(x) if k == 0 else x * mpmath.diff(lambda t: operated(k - 1, t), x)

    with mpmath.workdps(60):
        for depth in range(4):
            expected = operated(depth, mpmath.mpf(0.7))
            assert Self(depth)(0.7) == pytest.approx(float(expected), rel=1e-14)
            expected = mpmath.diff(lambda t, k=depth: operated(k, t), mpmath.mpf(0.7))
            assert D(Self(depth))(0.7) == pytest.approx(float(expected), rel=1e-13)


def test_decorated_functions_that_call_each_other():
    @dd.derivative
    def first(x):
        return x**4

    @dd.derivative
    def second(x):
        return first(x) * x

    assert second(2.0) == 16 * 2.0**3       # d/dx 4x⁴


# ---- depth ---------------------------------------------------------------------------------------------------------------

def nested(function, n, transform=dd.derivative, **options):
    for _ in range(n):
        function = transform(function, **options)
    return function


FUNCTIONS = {
    "tanh of sin": (lambda x: np.tanh(np.sin(x)), lambda x: mpmath.tanh(mpmath.sin(x)), 0.37),
    "exp of sin": (lambda x: np.exp(np.sin(x)), lambda x: mpmath.exp(mpmath.sin(x)), -1.2),
    "quotient": (lambda x: (x * x + 1) / (2 + np.cos(x)), lambda x: (x * x + 1) / (2 + mpmath.cos(x)), 0.9),
    "powers": (lambda x: x**3.5 * 2**x - x ** -2, lambda x: x**3.5 * 2**x - x ** -2, 1.7),
    "logarithm": (lambda x: np.log(1 + x**2) * np.arctan(x), lambda x: mpmath.log(1 + x**2) * mpmath.atan(x), 0.6),
    "roots": (lambda x: np.sqrt(x + np.cbrt(x)), lambda x: mpmath.sqrt(x + mpmath.cbrt(x)), 2.3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("depth", range(1, 7))
def test_depth_against_mpmath(name, depth):
    function, precise, x = FUNCTIONS[name]
    with mpmath.workdps(80):
        expected = float(mpmath.diff(precise, mpmath.mpf(x), depth))
    assert nested(function, depth)(x) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_depth_with_arrays_and_chunks_at_every_level(depth):
    """jacobian of … of jacobian of an elementwise function: the n-th derivatives on the diagonal, for mixed chunk sizes."""
    x = np.array([0.37, -0.8])
    with mpmath.workdps(80):
        expected = [float(mpmath.diff(lambda t: mpmath.tanh(mpmath.sin(t)), mpmath.mpf(t), depth)) for t in x]
    choices = list(itertools.product((1, 2, None), repeat=depth))
    for chunks in choices if depth <= 2 else choices[:: len(choices) // (6 if depth < 6 else 2) + 1]:
        function = lambda x: np.tanh(np.sin(x))  # noqa: E731
        for chunk_size in chunks:
            function = dd.jacobian(function, chunk_size=chunk_size)
        found = function(x)
        assert found.shape == (2,) * (depth + 1)
        for i in range(2):
            assert found[(i,) * (depth + 1)] == pytest.approx(expected[i], rel=1e-12)
        assert np.count_nonzero(found) <= 2


def polynomial(x):
    return np.sum(x[0] ** 2 * x[1:] * x[2]) + x[2] ** 3 * x[1] - np.dot(x, x) ** 2


def polynomial_precise(a, b, c):
    return a**2 * (b * c + c * c) + c**3 * b - (a * a + b * b + c * c) ** 2


X3 = (0.5, -1.25, 2.0)


def exact(orders):
    with mpmath.workdps(60):
        return float(mpmath.diff(polynomial_precise, X3, orders))


def multi_index(indices):
    return tuple(sum(i == k for i in indices) for k in range(3))


@pytest.mark.parametrize("outer", [1, 2, None])
@pytest.mark.parametrize("inner", [1, 2, None])
def test_jacobian_of_hessian(outer, inner):
    found = dd.jacobian(dd.hessian(polynomial, chunk_size=inner), chunk_size=outer)(np.array(X3))
    for index in np.ndindex(3, 3, 3):
        assert found[index] == pytest.approx(exact(multi_index(index)), rel=1e-13, abs=1e-13)


def test_every_order_of_transforms_agrees():
    x, v = np.array(X3), np.array([1.0, -2.0, 0.5])
    hessian = np.array([[exact(multi_index((i, j))) for j in range(3)] for i in range(3)])
    for found in (dd.hessian(polynomial)(x), dd.jacobian(dd.gradient(polynomial))(x), dd.jacobian(dd.jacobian(polynomial))(x),
                  dd.jacobian(dd.gradient(polynomial, chunk_size=2), chunk_size=None)(x)):
        np.testing.assert_allclose(found, hessian, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(dd.hvp(polynomial, x, v), hessian @ v, rtol=1e-13)
    np.testing.assert_allclose(dd.gradient(lambda x: dd.jvp(polynomial, x, v)[1])(x), hessian @ v, rtol=1e-13)
    np.testing.assert_allclose(dd.jvp(dd.gradient(polynomial), x, v)[1], hessian @ v, rtol=1e-13)
    assert dd.jvp(lambda x: dd.jvp(polynomial, x, v)[1], x, v)[1] == pytest.approx(v @ hessian @ v, rel=1e-13)
    fourth = dd.hessian(dd.hessian(polynomial))(x)
    assert fourth.shape == (3, 3, 3, 3)
    for index in [(0, 0, 0, 0), (0, 1, 2, 2), (2, 2, 2, 1), (1, 1, 2, 2)]:
        assert fourth[index] == pytest.approx(exact(multi_index(index)), rel=1e-12, abs=1e-12)
    third = dd.gradient(lambda x: dd.hvp(polynomial, x, v) @ v)(x)
    expected = [sum(v[i] * v[j] * exact(multi_index((i, j, k))) for i in range(3) for j in range(3)) for k in range(3)]
    np.testing.assert_allclose(third, expected, rtol=1e-12)


@pytest.mark.parametrize("chunk_size", [1, 2, None])
def test_the_inner_point_depends_on_the_outer_variable(chunk_size):
    """∇ₓ of the Jacobian of y ↦ x·sin(y·x), taken at y = x²: every variable in every role."""
    def function(x):
        return dd.jacobian(lambda y: x * np.sin(y * x), chunk_size=chunk_size)(x * x).sum()

    x = np.array([0.4, -0.9])
    with mpmath.workdps(50):  # the Jacobian is diagonal: x²·cos(x³)
        expected = [float(mpmath.diff(lambda t: t**2 * mpmath.cos(t**3), mpmath.mpf(t))) for t in x]
    np.testing.assert_allclose(dd.gradient(function, chunk_size=chunk_size)(x), expected, rtol=1e-14)


@pytest.mark.parametrize("chunk_size", [1, 2, None])
def test_nested_code_fills_arrays(chunk_size):
    """np.zeros_like(x), like=x and np.array([...]) of results, at both levels."""
    def table(x):
        rows = np.zeros((3, 2), like=x)
        for i in range(3):
            value, slope = dd.value_and_derivative(lambda t, i=i: x[i] * t**3)(x[0])
            rows[i] = [value, slope]
        return np.array([row[0] * row[1] for row in rows]) + rows[:, 1]

    def by_hand(x):  # (xᵢx₀³)(3xᵢx₀²) + 3xᵢx₀²
        return 3 * x**2 * x[0]**5 + 3 * x * x[0]**2

    x = np.array([1.5, -0.5, 2.0])
    step = np.stack([by_hand(x + 1e-30j * e).imag / 1e-30 for e in np.eye(3)], axis=-1)
    np.testing.assert_allclose(dd.jacobian(table, chunk_size=chunk_size)(x), step, rtol=1e-14)


def test_levels_are_all_different():
    seen = []

    def look(x):
        seen.append(x.level)
        return x * x

    D(lambda x: look(x) + D(lambda y: look(y) + D(look)(y) * y)(x))(1.0)
    D(look)(1.0)
    assert len(seen) == len(set(seen)) == 4
    assert min(seen) > 0
