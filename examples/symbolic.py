"""The derivative of a NumPy function as a formula: dual numbers over SymPy expressions."""

import numpy as np

import dualdiff as dd
from shared import needs

with needs("sympy"):
    import sympy


def gaussian(x, mu, sigma):
    return np.exp(-((x - mu) ** 2) / (2 * sigma**2)) / (sigma * sympy.sqrt(2 * sympy.pi))


def horner(x):
    """Loops are no obstacle."""
    total = 0
    for c in (3, -1, 4, 1):
        total = total * x + c
    return total


def main():
    x, mu = sympy.symbols("x mu", real=True)
    sigma = sympy.Symbol("sigma", positive=True)
    print("the score of the normal distribution:")
    density, (by_mu, by_sigma) = dd.value_and_derivative(gaussian, argnums=(1, 2))(x, mu, sigma)
    print("  ∂ log p/∂μ =", sympy.simplify(by_mu / density))
    print("  ∂ log p/∂σ =", sympy.factor(sympy.simplify(by_sigma / density)))
    print("Horner's scheme, differentiated:", sympy.expand(dd.derivative(horner)(x)))
    print("its second derivative:          ", sympy.expand(dd.derivative(horner, n=2)(x)))
    print("the Hessian of sin(x·μ):")
    sympy.pprint(sympy.Matrix(dd.hessian(lambda v: np.sin(v[0] * v[1]))(np.array([x, mu]))), use_unicode=True)
    mine, theirs = dd.derivative(lambda t: np.sin(t) ** 2 / t)(x), sympy.diff(sympy.sin(x) ** 2 / x, x)
    print("the same as sympy.diff:", sympy.simplify(mine - theirs) == 0)
    assert sympy.simplify(mine - theirs) == 0


if __name__ == "__main__":
    main()
