"""A NumPy function differentiated at 50 digits: give it an mpmath number instead of a float, and nothing else changes."""

import numpy as np
from mpmath import mp, mpf

import dualdiff as dd


def damped(t):
    return np.exp(-t / 3) * np.sin(t**2) / (1 + t**2)


def main():
    with mp.workdps(50):
        x = mpf("1.2")
        print("f(t) = exp(−t/3) sin(t²) / (1 + t²) at t = 1.2")
        print("f'   with floats    ", dd.derivative(damped)(1.2))
        print("f'   with 50 digits ", dd.derivative(damped)(x))
        print("f''' with 50 digits ", dd.derivative(damped, n=3)(x))

        print("\nThe error of central differences in floats, measured against it:")
        exact = dd.derivative(damped)(x)
        for k in range(1, 14, 2):
            h = 10.0**-k
            difference = (damped(1.2 + h) - damped(1.2 - h)) / (2 * h)
            print(f"  h = 1e-{k:02d}: {float(abs(difference - exact)):.1e}")
        print(f"  dual numbers in floats: {float(abs(dd.derivative(damped)(1.2) - exact)):.1e}")

        print("\nThe gradient of sum(x · exp(−x²)) at (0.1, 0.2), an array of mpf:")
        for entry in dd.gradient(lambda x: np.sum(x * np.exp(-x * x)))(np.array([mpf("0.1"), mpf("0.2")])):
            print(" ", entry)
        assert abs(exact - mp.diff(lambda t: mp.exp(-t / 3) * mp.sin(t**2) / (1 + t**2), x)) < mpf("1e-48")


if __name__ == "__main__":
    main()
