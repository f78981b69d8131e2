"""The cost of the n-th derivative: Taylor mode, nested dual numbers, mpmath, and JAX and SymPy where they are installed.

Run ``python benchmarks/higher_order.py``; all times of a row are taken in turns, and ratios to Taylor mode are what counts.
"""

from __future__ import annotations

import time

import mpmath
import numpy as np

import dualdiff as dd
from timing import machine, seconds, text

TOO_LONG = 0.05  # seconds: a contestant that takes longer leaves the race


def short(x, xp=np):
    return xp.exp(xp.sin(x))


def long(x, xp=np):
    """20 operations."""
    y = xp.sin(x) * xp.exp(-x * x) / (1 + x * x) + xp.log(1 + x * x)
    z = xp.sqrt(1 + y * y) * xp.tanh(x) - xp.cos(3 * x) * y
    return z / (2 + xp.exp(z)) + y * y * z


def contestants(f, n, x=0.37):
    nested = f
    for _ in range(n):
        nested = dd.derivative(nested)
    calls = {"Taylor mode": lambda: dd.derivative(f, n=n)(x), "nested": lambda: nested(x),
             "mpmath": lambda: mpmath.taylor(lambda t: f(t, mpmath), x, n)[n]}
    try:
        import sympy
        t = sympy.Symbol("t")
        calls["SymPy"] = lambda: sympy.diff(f(t, sympy), t, n).evalf(subs={t: x})
    except ImportError:
        pass
    try:
        import jax
        from jax.experimental.jet import jet
        jax.config.update("jax_enable_x64", True)
        calls["jax jet"] = lambda: jet(lambda t: f(t, jax.numpy), (x,), ([1.0] + [0.0] * (n - 1),))[1][-1].block_until_ready()
    except ImportError:
        pass
    return calls


def race(name, f):
    print(f"\nThe n-th derivative of {name}: times; as multiples of Taylor mode in brackets")
    names = list(contestants(f, 1))
    print("| n | " + " | ".join(names) + " |\n| ---: |" + " ---: |" * len(names))
    out = set()
    for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20):
        calls = {key: call for key, call in contestants(f, n).items() if key not in out}
        for key, call in calls.items():
            start = time.perf_counter()
            call()
            if time.perf_counter() - start > TOO_LONG and key != "Taylor mode":
                out.add(key)
        best = seconds(calls, 0.05)
        cells = [f"{text(best[key])} ({best[key] / best['Taylor mode']:.1f})" if key in best else "–" for key in names]
        print(f"| {n} | " + " | ".join(cells) + " |", flush=True)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hessians():
    """A Hessian takes n(n+1)/2 = 55 passes at two levels, a gradient 10 at one; their diagonal alone 10 series of order 2."""
    x = np.linspace(-1.2, 1.0, 10)
    calls = {"f": lambda: rosenbrock(x)}
    for k in (1, None):
        calls[f"gradient, chunk_size={k}"] = lambda k=k: dd.gradient(rosenbrock, chunk_size=k)(x)
        calls[f"hessian, chunk_size={k}"] = lambda k=k: dd.hessian(rosenbrock, chunk_size=k)(x)
    calls["laplacian"] = lambda: dd.laplacian(rosenbrock)(x)
    calls["trace of the hessian"] = lambda: np.trace(dd.hessian(rosenbrock)(x))
    calls["55 pairs by order-2 series (polarized)"] = lambda: [
        dd.taylor(rosenbrock, x, 2, np.eye(10)[i] + np.eye(10)[j]) for i in range(10) for j in range(i + 1)]
    best = seconds(calls)
    print("\nRosenbrock's function of 10 variables\n| what | time | × f | × gradient |\n| --- | ---: | ---: | ---: |")
    for name, value in best.items():
        print(f"| {name} | {text(value)} | {value / best['f']:.1f} | {value / best['gradient, chunk_size=1']:.2f} |")


if __name__ == "__main__":
    print(machine())
    race("exp(sin x)", short)
    race("a function of 20 operations", long)
    hessians()
