"""What the packages are compared on: functions written once against a small namespace, so that each package brings its own.

A namespace has sin, cos, exp, log, asarray (for data), stack (a list of numbers to a vector), total (the sum of a vector),
logdet, solve, and loop(steps, body, state).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np


def python_loop(steps: int, body: Callable[[Any], Any], state: Any) -> Any:
    for _ in range(steps):
        state = body(state)
    return state


def namespace(module: Any, **others: Any) -> SimpleNamespace:
    """The functions of a module, with NumPy's way of doing the rest unless told otherwise."""
    given = {name: getattr(module, name) for name in ("sin", "cos", "exp", "log")}
    rest = {"asarray": np.asarray, "stack": np.array, "total": np.sum, "loop": python_loop, "solve": np.linalg.solve,
            "logdet": lambda a: np.linalg.slogdet(a)[1]}
    return SimpleNamespace(**{**given, **rest, **others})


@dataclass(frozen=True)
class Workload:
    """A function, the point, and what is wanted of it."""

    name: str
    kind: str                             # derivative, jacobian, hessian (with the gradient), jvp, tenth, startup
    make: Callable[[Any], Callable[[Any], Any]]
    point: Any
    scalar: bool = False                  # scalar code: packages with a fast path for numbers use it
    data: np.ndarray | None = None        # what the function takes from outside
    points: int = 1                       # how many numbers it works on at once
    deep: bool = False                    # a long loop, or linear algebra: no closed expression


def rational(ns):
    return lambda x: ns.sin(x) * ns.exp(-x * x) / (1 + x * x) + ns.log(1 + x * x)


def curve(t):
    def make(ns):
        data = ns.asarray(t)
        return lambda p: p[0] * ns.exp(-p[1] * data) * ns.cos(p[2] * data + p[3]) + p[4]

    return make


def rosenbrock(ns):
    return lambda x: sum(100 * (x[i + 1] - x[i] * x[i]) ** 2 + (1 - x[i]) ** 2 for i in range(9))


def kinetics(ns):
    """A ring of 20 species: yᵢ + yᵢ₊₁ ⇌ yᵢ₊₂, with rates over two decades."""
    there = [0.1 * 1.25**i for i in range(20)]
    back = [0.05 * 1.2**i for i in range(20)]

    def slopes(y):
        rates = [there[i] * y[i] * y[(i + 1) % 20] - back[i] * y[(i + 2) % 20] for i in range(20)]
        return ns.stack([rates[i - 2] - rates[i] - rates[i - 1] for i in range(20)])

    return slopes


def lotka_volterra(steps):
    """The last state after so many RK4 steps, as a function of the four rates."""
    def make(ns):
        h = 10 / steps

        def last(p):
            def slope(u, v):
                return p[0] * u - p[1] * u * v, p[2] * u * v - p[3] * v

            def step(state):
                u, v = state
                a, b = slope(u, v)
                c, d = slope(u + h / 2 * a, v + h / 2 * b)
                e, f = slope(u + h / 2 * c, v + h / 2 * d)
                g, k = slope(u + h * e, v + h * f)
                return u + h / 6 * (a + 2 * c + 2 * e + g), v + h / 6 * (b + 2 * d + 2 * f + k)

            return ns.stack(list(ns.loop(steps, step, (1.0 + 0 * p[0], 0.5 + 0 * p[0]))))

        return last

    return make


def linear_algebra(size):
    """log det A(p) and Σ A(p)⁻¹·b(p)."""
    def make(ns):
        random = np.random.default_rng(size)
        first, second = (ns.asarray(random.normal(size=(size, size)) / size) for _ in range(2))
        one, right = ns.asarray(np.eye(size)), ns.asarray(random.normal(size=(2, size)))

        def function(p):
            matrix = one + p[0] * first + p[1] * second
            return ns.stack([ns.logdet(matrix), ns.total(ns.solve(matrix, right[0] + p[2] * right[1]))])

        return function

    return make


def wave(ns):
    return lambda x: ns.exp(ns.sin(x))


def workloads(quick: bool = False) -> list[Workload]:
    """All of them; smaller ones with ``quick``."""
    p = np.array([1.2, 0.3, 2.0, 0.4, 0.1])
    found = [Workload("A scalar derivative", "derivative", rational, 0.7, scalar=True)]
    for points in (1000,) if quick else (10**3, 10**5, 10**6):
        t = np.linspace(0, 5, points)
        name = f"Jacobian of a 5-parameter curve, {points:,} points"
        found.append(Workload(name, "jacobian", curve(t), p, data=t, points=points))
    elements, steps, size = (10**4, 100, 20) if quick else (10**6, 2000, 200)
    return found + [
        Workload("Gradient and Hessian of Rosenbrock, 10 variables", "hessian", rosenbrock, np.linspace(0.5, 1.4, 10), scalar=True),
        Workload("Jacobian of chemical kinetics, 20 × 20", "jacobian", kinetics, np.linspace(0.2, 1.5, 20), scalar=True),
        Workload(f"JVP of array code, {elements:,} elements", "jvp", rational, np.linspace(0.1, 2, elements), points=elements),
        Workload(f"Sensitivities through {steps:,} RK4 steps", "jacobian", lotka_volterra(steps),
                 np.array([1.1, 0.4, 0.1, 0.4]), scalar=True, deep=True),
        Workload(f"log det and solve, {size} × {size}, 3 parameters", "jacobian", linear_algebra(size),
                 np.array([0.3, 0.2, 0.5]), deep=True, points=size * size),
        Workload("The tenth derivative of exp(sin x)", "tenth", wave, 0.7, scalar=True),
    ]
