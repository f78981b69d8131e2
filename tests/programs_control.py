"""Programs that choose: by masks, conditions, keywords, loops, recursion and iteration."""

from __future__ import annotations

import math

import numpy as np

from programs_science import IMAGE, P, X, program

# ---- choices -------------------------------------------------------------------------------------------------------------

@program(X)
def piecewise(x):
    return np.piecewise(x, [x < 0, x >= 1], [lambda t: -t, lambda t: t**2, 0.5])


@program(X)
def select(x):
    return np.select([x < 0, x < 1, x < 2], [x**2, np.exp(x), 3 * x], default=-1.0)


@program(X)
def where_nested(x):
    return (np.where(x > 1, np.where(x > 2, x**3, x), np.abs(x)), x * (x > 0), np.sign(x) * np.sqrt(np.abs(x)),
            np.heaviside(x, 0.5) * x)


@program(X)
def safe_division(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(x > 0, np.log(np.where(x > 0, x, 1)) / x, 0)
    return np.nan_to_num(r), np.maximum(x, 0), np.minimum(x, 1.5), np.clip(x, None, 2), np.fmax(x, x[::-1] - 5)


@program(X)
def keywords_of_ufuncs(x):
    out = np.zeros_like(x)
    np.multiply(x, 2, out=out)
    np.add(out, x, out=out, where=x > 0)
    return out, np.exp(x, where=x < 2, out=np.ones_like(x)), np.sqrt(np.abs(x), dtype=np.float64)


@program(IMAGE)
def keywords_of_reductions(a):
    return (np.sum(a, axis=0, where=a > 1, initial=2.0), np.max(a, axis=1, keepdims=True) - a, a.mean(axis=(0, 1), keepdims=True),
            np.std(a, axis=0, ddof=1), a.prod(axis=-1), np.add.reduce(a, axis=1), np.multiply.accumulate(a, axis=0),
            np.add.reduceat(a, [0, 2], axis=1), np.subtract.outer(a[0], a[1]))


@program(0.7)
def structured_control_flow(x):
    def collatz(v, depth):
        if depth == 0:
            return v
        return collatz(v / 2 if v > 1 else 3 * v + 1, depth - 1)
    total = 0.0
    while total < 3:
        total += x * x + 0.3
    try:
        if x < 0:
            raise ValueError
    except ValueError:
        return 0.0
    return total * collatz(x, 5)


@program(2.0)
def newton_iteration(a):
    x = 1.0
    for _ in range(8):
        x = 0.5 * (x + a / x)
    return x


@program(0.3, 0.9)
def bisection_then_polish(a, b):
    lo, hi = 0.0, 2.0
    f = lambda t: a * t**3 + b * t - 1
    for _ in range(30):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if f(mid) < 0 else (lo, mid)
    for _ in range(4):
        mid = mid - f(mid) / (3 * a * mid**2 + b)
    return mid


@program(X)
def dynamic_programming(cost):
    table = np.zeros((3, 4), like=cost)
    for i in range(1, 3):
        for j in range(4):
            table[i, j] = np.min(table[i - 1, :j + 1] + (cost[j] - i) ** 2)
    return table[-1]


@program(np.array([0.2, 1.1, 0.7]), np.array([0.5, 0.9, 1.4, 0.1]))
def time_warping(a, b):
    D = [[math.inf] * 5 for _ in range(4)]
    D[0][0] = 0.0
    for i in range(3):
        for j in range(4):
            D[i + 1][j + 1] = (a[i] - b[j]) ** 2 + min(D[i][j + 1], D[i + 1][j], D[i][j])
    return D[3][4]


@program(X)
def strings_and_prints(x):
    label = f"{x[0]:.3f} {x.shape} {np.array2string(np.asarray(x.primal if hasattr(x, 'primal') else x), precision=2)}"
    assert label
    assert str(x[1]) and repr(x)
    return x * len(f"{float(len(x)):5.1f}")


@program(P)
def functions_of_dicts(p):
    model = dict(zip("abc", p))
    return {"y": model["a"] * np.exp(-model["b"]), "z": [model["c"], sum(model.values())]}
