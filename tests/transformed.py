"""Functions that other processes find by name: what the tests pickle and send to process pools."""

from __future__ import annotations

import dataclasses

import numpy as np

import dualdiff as dd


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def residuals(x):
    return np.stack([np.sin(x[0] * x[1]), np.exp(x[2]) * x[0], x[1] ** 3])


def second_derivative_of_power(x):
    """It differentiates inside a worker process."""
    return dd.derivative(dd.derivative(lambda t: t**4 * x))(x)


@dd.derivative
def slope(t):
    """The slope of t³."""
    return t**3


@dataclasses.dataclass(frozen=True)
class Spring:
    stiffness: float
    length: float = 1.0


class Model:
    scale = 3.0

    @dd.derivative
    def cube(self, x):
        return self.scale * x**3

    @dd.jacobian(chunk_size=2)
    def squares(self, x, shift=0.0):
        """Documented."""
        return x * x + shift

    @classmethod
    @dd.derivative
    def of_class(cls, x):
        return cls.scale * x**2

    @staticmethod
    @dd.derivative
    def of_none(x):
        return x**2

    def __call__(self, x):
        return x**2 * self.scale
