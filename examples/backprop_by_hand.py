"""One function, differentiated in five ways: by hand, finite differences, symbols, forward mode and reverse mode (backprop).

f(x, y) = x·y + sin(x·y)·exp(−x), at (1.5, 0.8). The error is against 50 digits of mpmath.
"""

import math

import numpy as np
from mpmath import mp

import dualdiff as dd

X, Y = 1.5, 0.8


def f(x, y):
    product = x * y
    return product + np.sin(product) * np.exp(-x)


def by_hand(x: float, y: float) -> tuple[float, float]:
    """Backpropagation: the values forward, then for each the derivative of the result with respect to it, backward."""
    a = x * y
    b, c = math.sin(a), math.exp(-x)         # and the result is a + b·c
    b_, c_ = c, b                            # ∂f/∂b and ∂f/∂c: the result has b·c
    a_ = 1.0 + b_ * math.cos(a)              # the result has a itself, and b = sin a
    return a_ * y - c_ * c, a_ * x           # a = x·y, and c = exp(−x) for x


def symbolic(x: float, y: float) -> tuple[float, float]:
    import sympy

    u, v = sympy.symbols("x y")
    slopes = [(u * v + sympy.sin(u * v) * sympy.exp(-u)).diff(s) for s in (u, v)]
    print(f"∂f/∂x = {slopes[0]}\n∂f/∂y = {slopes[1]}\n")
    return tuple(float(slope.evalf(17, subs={u: x, v: y})) for slope in slopes)


def main() -> None:
    ways = {"by hand, backward": by_hand, "symbolic (SymPy)": symbolic,
            "finite differences": lambda x, y: dd.finite_difference(f, x, y, argnums=(0, 1)),
            "forward mode": dd.gradient(f, argnums=(0, 1)), "reverse mode": dd.reverse.gradient(f, argnums=(0, 1))}
    with mp.workdps(50):
        exact = [mp.diff(lambda x, y: x * y + mp.sin(x * y) * mp.exp(-x), (mp.mpf(X), mp.mpf(Y)), n) for n in ((1, 0), (0, 1))]
    rows = []
    for way, found in ways.items():
        try:
            slopes = found(X, Y)
        except ImportError:
            rows.append(f"{way:20} not installed")
        else:
            error = max(float(abs(mp.fsub(s, e, exact=True) / e)) for s, e in zip(slopes, exact))
            rows.append(f"{way:20}{slopes[0]:22.16f}{slopes[1]:22.16f}{error:10.0e}")
            assert error < (1e-9 if way == "finite differences" else 1e-15)
    print(f"{'':20}{'∂f/∂x':>22}{'∂f/∂y':>22}{'error':>10}", *rows, sep="\n")


if __name__ == "__main__":
    main()
