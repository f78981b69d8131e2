"""What dualdiff does, in ten steps: ``python examples/quickstart.py`` (it needs NumPy only)."""

from textwrap import wrap

import numpy as np

import dualdiff as dd
import dualdiff.math as math

np.set_printoptions(precision=4)


def step(n, what, result):
    print(f"{n:2}. {what:58} " + str(result).replace("\n", "\n" + 63 * " "))


step(1, "A dual number carries its derivative: (3 + 4ε)·(5 + 7ε)", dd.Dual(3.0, 4.0) * dd.Dual(5.0, 7.0))

step(2, "The derivative of a function is a function: sin(x²) at 3", dd.derivative(lambda x: math.sin(x**2))(3.0))


@dd.derivative
def speed(t):
    return np.exp(-t) * np.sin(3 * t)


step(3, "… also as a decorator, of NumPy code", speed(0.0))


def root(a):  # Newton's iteration, as anyone would write it
    x = a
    while abs(x * x - a) > 1e-14 * a:
        x = (x + a / x) / 2
    return x


step(4, "Loops and branches stay as they are: (√a)' at 2", dd.derivative(root)(2.0))


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


x = np.array([1.2, 1.0, 0.8])
step(5, "A gradient", dd.gradient(rosenbrock)(x))
step(6, "A Hessian, all directions in one pass", dd.hessian(rosenbrock, chunk_size=None)(x))
decay = lambda p, t: p["height"] * np.exp(-p["rate"] * t)
step(7, "A Jacobian mirrors the structure of its argument", dd.jacobian(decay)({"height": 2.0, "rate": 0.5}, np.arange(1.0, 4.0)))
step(8, "One direction only: value and directional derivative", dd.jvp(rosenbrock, x, np.array([1.0, 0.0, 0.0])))
step(9, "Derivatives nest, and do not confuse their variables",
     dd.derivative(lambda x: x * dd.derivative(lambda y: x + y)(1.0))(1.0))
try:
    dd.derivative(lambda x: float(x) ** 2)(4.0)
except dd.TangentLostError as error:
    step(10, "What would lose the derivative is an error", "\n".join(wrap(f"TangentLostError: {error}", 62)))
assert abs(dd.derivative(root)(2.0) - 0.5 / math.sqrt(2)) < 1e-15
