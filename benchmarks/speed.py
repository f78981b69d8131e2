"""What dualdiff costs: a scalar operation, array code at several sizes, and the import, beside plain Python and NumPy.

Run ``python benchmarks/speed.py``; ratios within one run are what counts, the times depend on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

import dualdiff as dd
import dualdiff.math as dmath
from timing import machine, seconds, text


def scalar_operations() -> None:
    """One operation on a Dual, beside the same on a float."""
    x, y = 1.5, 2.5
    d, e = dd.Dual(x, 1.0), dd.Dual(y, 0.5)
    cases = {
        "x * y": (lambda: x * y, lambda: d * e), "x + y": (lambda: x + y, lambda: d + e),
        "x / y": (lambda: x / y, lambda: d / e), "x * 2.0": (lambda: x * 2.0, lambda: d * 2.0),
        "x ** 2": (lambda: x**2, lambda: d**2), "math.sin(x)": (lambda: dmath.sin(x), lambda: dmath.sin(d)),
        "np.sin(x)": (lambda: np.sin(x), lambda: np.sin(d)),
    }
    print("\nA scalar operation")
    print("| operation | float | Dual | ratio |\n| --- | ---: | ---: | ---: |")
    for name, (plain, dual) in cases.items():
        empty = seconds({"empty": lambda: None}, 0.05)["empty"]
        best = seconds({"plain": plain, "dual": dual}, 0.2)
        a, b = best["plain"] - empty, best["dual"] - empty  # without the call of the lambda
        print(f"| `{name}` | {text(a)} | {text(b)} | {b / a:.1f} |")


def damped(t):
    return np.sum(np.exp(-t) * np.sin(3 * t))


def rational(x):
    return np.sin(x) * np.exp(-x * x) / (1 + x * x) + np.log(1 + x * x)


def scalar_functions() -> None:
    """The derivative of a whole scalar function."""
    def with_math(x):
        return dmath.sin(x) * dmath.exp(-x * x) / (1 + x * x) + dmath.log(1 + x * x)

    print("\nThe derivative of sin(x)·exp(−x²)/(1 + x²) + log(1 + x²) at a float")
    print("| functions from | function | derivative | ratio |\n| --- | ---: | ---: | ---: |")
    for name, f in (("dualdiff.math", with_math), ("numpy", rational)):
        df = dd.derivative(f)
        best = seconds({"f": lambda f=f: f(0.7), "df": lambda df=df: df(0.7)})
        print(f"| {name} | {text(best['f'])} | {text(best['df'])} | {best['df'] / best['f']:.1f} |")


def damped_by_hand(n):
    """The JVP of `damped` as one would write it for speed: in memory made before, nothing checked."""
    e, de, s, ds, a, b = np.empty((6, n))

    def jvp(t, v):
        np.exp(np.negative(t, e), e)
        np.negative(np.multiply(e, v, de), de)
        np.sin(np.multiply(t, 3, a), s)
        np.multiply(np.cos(a, ds), np.multiply(v, 3, b), ds)
        np.add(np.multiply(de, s, b), np.multiply(e, ds, ds), b)
        return np.sum(np.multiply(e, s, a)), np.sum(b)

    return jvp


def rational_by_hand(n):
    """The same of `rational`, with its operations as they are written there."""
    s, ds, e, de, q, dq, a, b, c, d, r, dr = np.empty((12, n))

    def jvp(x, v):
        np.sin(x, s)
        np.multiply(np.cos(x, ds), v, ds)
        np.multiply(np.negative(x, r), v, c)
        np.exp(np.multiply(r, x, e), e)
        np.multiply(e, np.add(c, c, de), de)
        np.add(np.multiply(ds, e, b), np.multiply(s, de, c), b)
        np.add(np.multiply(x, x, q), 1, q)
        np.multiply(x, v, dq)
        np.divide(np.multiply(s, e, a), q, a)
        np.divide(np.subtract(b, np.multiply(a, np.add(dq, dq, dq), c), b), q, b)
        np.add(np.multiply(x, x, r), 1, r)
        np.multiply(x, v, dr)
        np.divide(np.add(dr, dr, dr), r, d)
        return np.add(a, np.log(r, c), a), np.add(b, d, b)

    return jvp


def array_code() -> None:
    """A JVP of NumPy code, beside the primal, and beside what one would write by hand."""
    print("\nA JVP of array code, as a multiple of the primal; in brackets that of code written by hand, in memory made before")
    print("| elements | " + " | ".join(("sum(exp(−t)·sin 3t)", "the function above")) + " |\n| ---: | ---: | ---: |")
    for n in (10, 100, 1000, 10**4, 10**5, 10**6):
        x, v = np.linspace(0.1, 2, n), np.ones(n)
        cells = []
        for f, by_hand in ((damped, damped_by_hand(n)), (rational, rational_by_hand(n))):
            for ours, other in zip(dd.jvp(f, (x,), (v,)), by_hand(x, v)):
                np.testing.assert_allclose(ours, other, rtol=1e-12, atol=1e-12)
            best = seconds({"f": lambda f=f, x=x: f(x), "jvp": lambda f=f, x=x, v=v: dd.jvp(f, (x,), (v,)),
                            "by hand": lambda g=by_hand, x=x, v=v: g(x, v)}, 1.0)
            cells.append(f"{best['jvp'] / best['f']:.2f} ({best['by hand'] / best['f']:.2f})")
        print(f"| {n:,} | " + " | ".join(cells) + " |")


def identity(x):
    return x


def first(x):
    return x[0]


TRANSFORMS = {  # name: how it is made, and whether a vector may come out
    "derivative": (dd.derivative, True), "value_and_derivative": (dd.value_and_derivative, True),
    "derivative, n=2": (lambda f: dd.derivative(f, n=2), True),
    "gradient": (dd.gradient, False), "value_and_gradient": (dd.value_and_gradient, False),
    "jacobian": (dd.jacobian, True), "value_and_jacobian": (dd.value_and_jacobian, True), "hessian": (dd.hessian, False),
    "value_gradient_hessian": (dd.value_gradient_hessian, False), "jvp": (lambda f: lambda x: dd.jvp(f, x, x), True),
    "hvp": (lambda f: lambda x: dd.hvp(f, x, x), False),
}


def calls_of_transforms() -> None:
    """What a transform's call adds to the passes: its time, less that of x ↦ x or x ↦ x[0] on the very numbers that it is given."""
    points = {"a number": 1.5, "a list of 2": [1.5, 2.5], **{f"n = {n}": np.linspace(1, 2, n) for n in (1, 2, 5, 10)}}
    print("\nThe call of a transform at a number, a list of numbers, a vector: without what the passes of the function take")
    print("| transform | " + " | ".join(points) + " |\n| --- |" + " ---: |" * len(points))
    for name, (transform, may_be_vector) in TRANSFORMS.items():
        cells = []
        for x in points.values():
            if np.ndim(x) and "derivative" in name:
                cells.append("")
                continue
            f = identity if np.ndim(x) == 0 or (may_be_vector and not isinstance(x, list)) else first
            given = []
            transform(lambda x, f=f, given=given: given.append(x) or f(x))(x)
            whole, seed = transform(f), given[0]
            best = seconds({"all": lambda g=whole, x=x: g(x), "f": lambda f=f, x=seed: f(x)}, 0.2)
            cells.append(text(best["all"] - len(given) * best["f"]))
        print(f"| `{name}` | " + " | ".join(cells) + " |")


def array_functions() -> None:
    """Reductions and other functions of whole arrays, on a Dual and on its array."""
    def functions(n):
        w, chosen = np.linspace(1, 2, n), np.arange(n) % 3 == 0
        return {
            "np.linalg.norm(x)": np.linalg.norm, "np.linalg.norm(m, axis=1)": lambda x: np.linalg.norm(x.reshape(10, -1), axis=1),
            "np.var(x)": np.var, "np.std(x)": np.std, "np.var(m, axis=1)": lambda x: np.var(x.reshape(10, -1), axis=1),
            "np.average(x, weights=w)": lambda x: np.average(x, weights=w), "np.prod(x)": np.prod, "np.cumprod(x)": np.cumprod,
            "np.max(x)": np.max, "np.trapezoid(x)": np.trapezoid, "np.trapezoid(x, w)": lambda x: np.trapezoid(x, w),
            "np.einsum('i,i->', x, x)": lambda x: np.einsum("i,i->", x, x), "np.clip(x, a, b)": lambda x: np.clip(x, 0.99, 1.01),
            "np.concatenate([x, x])": lambda x: np.concatenate([x, x]), "np.stack([x, x])": lambda x: np.stack([x, x]),
            "np.where(c, x, 1.0)": lambda x: np.where(chosen, x, 1.0)}

    sizes = (1000, 10**4, 10**6)
    rows: dict[str, list[str]] = {}
    for n in sizes:
        x, v = 1 + 0.005 * np.sin(np.arange(n) ** 2), np.cos(np.arange(n))
        for name, f in functions(n).items():
            found = []
            dd.jvp(lambda d, f=f, found=found: found.append((f, d)) or f(d), (x,), (v,))
            ((f, d),) = found
            best = seconds({"plain": lambda f=f, x=x: f(x), "dual": lambda f=f, d=d: f(d)}, 0.3)
            rows.setdefault(name, []).append(f"{best['dual'] / best['plain']:.1f} (+{text(best['dual'] - best['plain'])})")
    print("\nReductions and other functions of arrays: derivative ÷ plain, in brackets the difference; m is x in ten rows")
    print("| function | " + " | ".join(f"{n:,}" for n in sizes) + " |\n| --- |" + " ---: |" * len(sizes))
    for name, cells in rows.items():
        print(f"| `{name}` | " + " | ".join(cells) + " |")


def start_up() -> None:
    """What ``import dualdiff`` adds to ``import numpy``, in fresh processes."""
    def best_of(code: str) -> float:
        timed = f"import time; import numpy; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        return min(float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True,
                                        env=environment).stdout) for _ in range(9))

    print(f"\n`import dualdiff` adds {1000 * best_of('import dualdiff'):.1f} ms to `import numpy`")
    loaded = subprocess.run([sys.executable, "-c", "import dualdiff, sys; print([m for m in ('scipy', 'sympy', 'matplotlib', "
                             "'mpmath') if m in sys.modules])"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"of SciPy, SymPy, Matplotlib and mpmath it imports: {loaded}")


if __name__ == "__main__":
    print(machine())
    scalar_operations()
    scalar_functions()
    array_code()
    calls_of_transforms()
    array_functions()
    start_up()
