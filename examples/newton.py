"""Newton's and Halley's methods, with the value and all the derivatives of a step from one pass.

A step of order m needs f, f′, …, f⁽ᵐ⁻¹⁾; `dd.derivatives` has them together, so no derivative is written by hand.
"""

import numpy as np

import dualdiff as dd


def kepler(E):
    """Kepler's equation for the eccentric anomaly E, eccentricity 0.9, mean anomaly 0.3."""
    return E - 0.9 * np.sin(E) - 0.3


def newton(f, x, tolerance=1e-15):
    steps = [x]
    while len(steps) < 60:
        f0, f1 = dd.value_and_derivative(f)(x)
        x = x - f0 / f1
        steps.append(x)
        if abs(x - steps[-2]) <= tolerance * abs(x):
            break
    return steps


def halley(f, x, tolerance=1e-15):
    """Of third order: each step triples the digits."""
    steps = [x]
    while len(steps) < 60:
        f0, f1, f2 = dd.derivatives(f, x, 2)
        x = x - 2 * f0 * f1 / (2 * f1 * f1 - f0 * f2)
        steps.append(x)
        if abs(x - steps[-2]) <= tolerance * abs(x):
            break
    return steps


def main():
    print("Kepler's equation E − 0.9 sin E = 0.3")
    for method in (newton, halley):
        steps = method(kepler, 1.5)
        root = steps[-1]
        print(f"\n{method.__name__}: {len(steps) - 1} steps to E = {root:.16f}, residual {kepler(root):.1e}")
        for k, x in enumerate(steps[:-1]):
            print(f"  step {k}: error {abs(x - root):.1e}")
        assert abs(kepler(root)) < 2e-16


if __name__ == "__main__":
    main()
