"""Derivatives of reverse derivatives: forward over reverse, reverse over reverse and reverse over forward, against forward mode."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import reverse
from reference import entries
from test_identities import BATTERY, inexact, like

X = np.array([0.5, 1.25, 0.75, 1.5])
A = np.array([[2.0, 0.5, -0.25, 0.1], [0.75, 3.0, 0.5, 0.2], [-0.5, 0.25, 2.5, 0.3], [0.1, 0.2, 0.3, 4.0]])


def loop(x):
    y = np.zeros_like(x)
    for i in range(4):
        y[i] = x[i] ** 2 * (y[i - 1] if i else 1.0)
    y[1:3] *= x[:2]
    return np.sum(y)


FUNCTIONS = {
    "elementwise": lambda x: np.sum(np.sin(x) * np.exp(-x * x) / (1 + x)), "product": np.prod,
    "powers": lambda x: np.sum(x**2.5 / x[0]),
    "quadratic": lambda x: x @ A @ x, "logdet": lambda x: np.linalg.slogdet(A + np.diag(x**2))[1],
    "solve": lambda x: np.sum(np.linalg.solve(A + np.outer(x, x), x) ** 2), "inverse": lambda x: np.sum(np.linalg.inv(A * x) ** 2),
    "eigenvalues": lambda x: np.linalg.eigvalsh(np.diag(x) + 0.1 * np.outer(x, x))[0],
    "singular values": lambda x: np.sum(np.linalg.svd(A * x, compute_uv=False) ** 3),
    "norm": np.linalg.norm, "variance": np.var, "sorted": lambda x: np.sum(np.sort(x) * np.arange(4) * x), "loop": loop,
    "einsum": lambda x: np.einsum("i,ij,j,i->", x, A, x, x), "convolution": lambda x: np.sum(np.convolve(x, x[::-1]) ** 2),
    "Fourier": lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2 * np.arange(3.0)),
    "gathered": lambda x: np.sum(x[[0, 0, 2]] ** 3 * x[1:]),
    "picked": lambda x: np.max(x) * np.median(x) * np.where(x > 1, x, x**3).sum(), "running": lambda x: np.sum(np.cumprod(x) * x),
    "joined": lambda x: np.sum(np.concatenate([x, x[:2] * x[2:]]) ** 3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_nesting_has_the_same_hessian(name):
    f = FUNCTIONS[name]
    wanted = dd.hessian(f)(X)
    tolerance = 1e-12 * np.max(np.abs(wanted))
    for way in (reverse.hessian(f), reverse.jacobian(reverse.gradient(f)), dd.jacobian(reverse.gradient(f)),
                dd.jacobian(reverse.gradient(f), chunk_size=None), reverse.jacobian(dd.gradient(f))):
        np.testing.assert_allclose(way(X), wanted, rtol=1e-12, atol=tolerance)
    v = np.array([1.0, -2.0, 0.5, 3.0])
    np.testing.assert_allclose(reverse.hvp(f, X, v), wanted @ v, rtol=1e-12, atol=10 * tolerance)
    _, pullback = reverse.vjp(reverse.gradient(f), X)
    np.testing.assert_allclose(pullback(v)[0], v @ wanted, rtol=1e-12, atol=10 * tolerance)


@pytest.mark.parametrize("name", ["elementwise", "product", "solve", "loop", "einsum"])
def test_third_derivatives(name):
    f = FUNCTIONS[name]
    wanted = dd.jacobian(dd.hessian(f))(X)
    scale = np.max(np.abs(wanted))
    for way in (reverse.jacobian(reverse.jacobian(reverse.gradient(f))), dd.jacobian(reverse.hessian(f)),
                reverse.jacobian(reverse.hessian(f))):
        np.testing.assert_allclose(way(X), wanted, rtol=1e-11, atol=1e-11 * scale)


PARTS = 24


@pytest.mark.parametrize("part", range(PARTS))
def test_second_derivatives_along_a_direction(part):
    """Every second call of the battery, summed up with random weights: H·v by both modes, and by reverse over reverse."""
    failures, met = [], 0
    for name, function, args in BATTERY[2 * part::2 * PARTS]:
        active = tuple(inexact(args))
        if not active or any(np.iscomplexobj(args[i]) for i in active):
            continue
        rng = np.random.default_rng(8)

        def f(*values, function=function, args=args, active=active):
            full = list(args)
            for i, value in zip(active, values):
                full[i] = value
            out = function(*full)
            weights = like(out, np.random.default_rng(9))
            return sum(np.sum(np.real(w * y)) for w, y in zip(leaves_of(weights), leaves_of(out)))

        primals = tuple(args[i] for i in active)
        tangents = tuple(rng.normal(size=np.shape(p)) if np.shape(p) else float(rng.normal()) for p in primals)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            wanted = dd.hvp(f, primals, tangents)
            found = reverse.hvp(f, primals, tangents)
            slopes, pullback = reverse.vjp(reverse.gradient(f, argnums=tuple(range(len(primals)))), *primals)
            twice = pullback(tangents)
        scale = max((np.max(np.abs(w), initial=0.0) for w in entries((wanted, slopes))), default=0.0)
        tolerance = 1e-6 if name.endswith("sum dtype") else 1e-10
        met += scale > 0
        for other in (found, twice):
            for a, b in zip(entries(wanted), entries(other), strict=True):
                if np.all(np.isfinite(a)) and not np.allclose(a, b, rtol=tolerance, atol=tolerance * scale):
                    failures.append(name)
    assert not failures
    assert met > 4


def leaves_of(value):
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in leaves_of(part)]
    return [leaf for part in value.values() for leaf in leaves_of(part)] if isinstance(value, dict) else [value]


# ---- structures, zeros, decorators ---------------------------------------------------------------------------------------

@dataclasses.dataclass
class Spring:
    stiffness: float
    lengths: np.ndarray


def energy(spring, shift=0.0, *, scale=1.0):
    return {"total": 0.5 * spring.stiffness * np.sum((spring.lengths - shift) ** 2) * scale, "constant": 3.0}


def test_nested_structures_in_and_out():
    spring = Spring(2.0, X)
    value, found = reverse.value_and_jacobian(energy)(spring, 0.25, scale=2.0)
    forward_value, forward = dd.value_and_jacobian(energy)(spring, 0.25, scale=2.0)
    assert value == forward_value
    assert np.isclose(found["total"].stiffness, forward["total"].stiffness, rtol=1e-15)
    assert np.allclose(found["total"].lengths, forward["total"].lengths, rtol=1e-15)
    assert found["constant"].stiffness == 0.0 and np.array_equal(found["constant"].lengths, np.zeros(4))


def test_value_and_gradient_of_lists_tuples_and_keywords():
    def f(pair, *, weights):
        return sum(w * np.sum(p) ** 2 for w, p in zip(weights, pair))

    value, slopes = reverse.value_and_gradient(f)([2.0, X], weights=[1.0, 3.0])
    assert value == 4.0 + 3 * 16.0
    assert slopes[0] == 4.0 and np.array_equal(slopes[1], np.full(4, 24.0))
    value, slopes = reverse.value_and_gradient(f, argnums=None, argnames="weights")([2.0, X], weights=[1.0, 3.0])
    assert slopes == [4.0, 16.0]


def test_as_decorators():
    @reverse.value_and_gradient(argnums=(0, 1), has_aux=True)
    def f(x, y):
        """Documented."""
        return x * y**2, "aux"

    assert f.__name__ == "f" and f.__doc__ == "Documented."
    assert f(2.0, 3.0) == ((18.0, (9.0, 12.0)), "aux")

    class Model:
        scale = 2.0

        @reverse.gradient
        def square(self, x):
            return self.scale * np.sum(x * x)

    assert np.array_equal(Model().square(X), 4 * X)


@pytest.mark.parametrize("f", [lambda x, y: x * 3, lambda x, y: x * 0 + 1, lambda x, y: x + 0 * np.floor(y).sum(),
                               lambda x, y: x if y[0] > 0 else y[0], lambda x, y: x + np.argmax(y)])
def test_an_input_that_does_not_matter_has_gradient_zero(f):
    _, slope = reverse.gradient(f, argnums=(0, 1))(2.0, X)
    assert np.array_equal(slope, np.zeros(4)) and slope.dtype == float
    assert np.array_equal(reverse.hessian(f, argnums=1)(2.0, X), np.zeros((4, 4)))
    assert np.array_equal(reverse.hvp(lambda y: f(2.0, y), X, X), np.zeros(4))


def test_an_output_that_depends_on_nothing_has_jacobian_zero():
    found = reverse.jacobian(lambda x: [np.ones((2, 3)), x[0], 1.0])(X)
    assert np.array_equal(found[0], np.zeros((2, 3, 4))) and np.array_equal(found[1], [1, 0, 0, 0])
    assert np.array_equal(found[2], np.zeros(4))


def test_gradient_of_a_mean_over_an_executor_of_threads():
    """Sweeps hold no state: gradients in threads do not meet."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda k: reverse.gradient(lambda x: np.sum(np.sin(k * x)))(X), range(40)))
    for k, slope in enumerate(found):
        np.testing.assert_allclose(slope, k * np.cos(k * X), rtol=1e-14)


@pytest.mark.parametrize("index", [(Ellipsis, 0), 0, (Ellipsis, slice(0, 1))])
def test_an_entry_written_by_any_index(index):
    """A view of one entry, x[..., 0], is an array of no dimension."""
    def f(x):
        out = np.zeros_like(x)
        out[index] = x[index] * 1.0
        return np.sum(out * out)

    assert np.array_equal(reverse.gradient(f)(X), [2 * X[0], 0, 0, 0])
    assert np.array_equal(reverse.jacobian(reverse.gradient(f))(X), np.diag([2.0, 0, 0, 0]))
