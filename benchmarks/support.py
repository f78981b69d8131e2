"""What dualdiff and what one would pick instead can do: small programs, tried on each package that is installed.

    python benchmarks/support.py [--write]

Prints the table of README.md; with ``--write`` puts it there. Every package gets the programs in its own functions (``jax.numpy``,
``torch``) but for the row that asks for NumPy's.
"""

from __future__ import annotations

import importlib.metadata
import sys
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np

import readme
from report import table

Derivative = Callable[[Callable[[Any], Any], Any], Any]  # of a function, at a number or (gradient, Jacobian) at an array
PACKAGES: dict[str, tuple[str | None, Callable[[], tuple[Any, Derivative]]]] = {}


def package(name: str, distribution: str | None = None) -> Callable[[Any], Any]:
    def enter(make: Any) -> Any:
        PACKAGES[name] = (distribution, make)
        return make

    return enter


@package("dualdiff")
def dualdiff_() -> tuple[Any, Derivative]:
    import dualdiff as dd

    return np, lambda f, x: (dd.jacobian if np.ndim(x) else dd.derivative)(f)(x)


@package("autograd", "autograd")
def autograd_() -> tuple[Any, Derivative]:
    import autograd
    import autograd.numpy as anp

    def derivative(f: Any, x: Any) -> Any:
        return (autograd.holomorphic_grad if np.iscomplexobj(x) else autograd.jacobian if np.ndim(x) else autograd.grad)(f)(x)

    return anp, derivative


@package("JAX", "jax")
def jax_() -> tuple[Any, Derivative]:
    import jax

    jax.config.update("jax_enable_x64", True)

    def derivative(f: Any, x: Any) -> Any:
        return jax.grad(f, holomorphic=True)(x) if np.iscomplexobj(x) else (jax.jacfwd if np.ndim(x) else jax.grad)(f)(x)

    return jax.numpy, derivative


@package("PyTorch", "torch")
def torch_() -> tuple[Any, Derivative]:
    import torch

    def derivative(f: Any, x: Any) -> Any:
        if isinstance(x, mpmath.mpf):
            raise TypeError("not a number of PyTorch's")
        leaf = torch.tensor(x, dtype=torch.complex128 if np.iscomplexobj(x) else torch.float64, requires_grad=True)
        return torch.autograd.grad(f(leaf), leaf, create_graph=True)[0]

    return torch, derivative


@package("num-dual", "num-dual")
def num_dual_() -> tuple[Any, Derivative]:
    import num_dual as nd

    def derivative(f: Any, x: Any) -> Any:
        return nd.gradient(lambda v: f(np.array(v)), list(x))[1] if np.ndim(x) else nd.first_derivative(f, x)[1]

    return np, derivative


@package("fastdual", "fastdual")
def fastdual_() -> tuple[Any, Derivative]:
    import fastdual

    def derivative(f: Any, x: Any) -> Any:
        if np.ndim(x):
            return fastdual.autojac(lambda *p: f(np.array(p)))(*x)[1]
        seed = fastdual.Dual(x)
        return fastdual.der(f(seed), seed)

    return np, derivative


@package("dualpy", "dualpy")
def dualpy_() -> tuple[Any, Derivative]:
    import dualpy

    return np, lambda f, x: (dualpy.gradient if np.ndim(x) else dualpy.derivative)(f)(x)


@package("numdifftools", "numdifftools")
def numdifftools_() -> tuple[Any, Derivative]:
    import numdifftools as nd

    return np, lambda f, x: (nd.Gradient if np.ndim(x) else nd.Derivative)(f)(x)


@package("central differences")
def differences() -> tuple[Any, Derivative]:
    def derivative(f: Any, x: Any) -> Any:
        h = 6e-6 if not isinstance(x, mpmath.mpf) else mpmath.mpf(10) ** -17
        if np.ndim(x):
            return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])
        return (f(x + h) - f(x - h)) / (2 * h)

    return np, derivative


# ---- the programs --------------------------------------------------------------------------------------------------------

X = np.array([1.0, 2.0, 3.0])
EXACT, APPROXIMATE = 1e-12, 1e-4
YES, NO = "yes", "no"


class Task(NamedTuple):
    """``program(np, derivative)`` gives a derivative, of which ``right`` is the value; None: it has to be refused."""

    what: str
    program: Callable[[Any, Derivative], Any]
    right: Any


def filtered(xp: Any, x: Any) -> Any:
    out = xp.zeros_like(x)
    for i in range(1, len(x)):
        out[i] = 0.5 * out[i - 1] + x[i]
    return out[-1]


def newton_root(a: Any) -> Any:
    x, steps = a, 0
    while x * x - a > 1e-14 and steps < 50:
        x, steps = (x + a / x) / 2, steps + 1
    return x


def digits(_: Any, d: Derivative) -> Any:
    """1 and the error in the derivative of x³/(1 + x) at 1/3, in units of 1e-28."""
    with mpmath.workdps(50):
        found = d(lambda x: x**3 / (1 + x), mpmath.mpf(1) / 3)
        if not isinstance(found, mpmath.mpf):
            raise TypeError("a float")
        return 1 + float((found - mpmath.mpf(11) / 48) * 10**28)


TASKS = [
    Task("NumPy's functions, as they are", lambda _, d: d(lambda x: np.sum(np.exp(-x) * np.sin(3 * x)), X),
         np.exp(-X) * (3 * np.cos(3 * X) - np.sin(3 * X))),
    Task("`if` and `while` on values", lambda _, d: d(newton_root, 2.0), 0.5 / np.sqrt(2)),
    Task("`out[i] = …` in a loop", lambda xp, d: d(lambda x: filtered(xp, x), np.ones(4)), np.array([0, 0.25, 0.5, 1])),
    Task("a derivative inside a derivative", lambda _, d: d(lambda x: x * d(lambda y: x * y, 1.0), 3.0), 6.0),
    Task("`np.sum(x, where=mask)`", lambda xp, d: d(lambda x: xp.sum(x, where=np.array([True, False, True])), X), [1, 0, 1]),
    Task("`np.max(x, initial=5)`", lambda xp, d: d(lambda x: xp.max(x, initial=5.0), X), [0, 0, 0]),
    Task("`np.linalg.eigh`", lambda xp, d: d(lambda x: xp.linalg.eigh(xp.outer(x[:2], x[:2]))[0][-1], X), [2, 4, 0]),
    Task("complex derivatives", lambda xp, d: d(lambda z: z * z * z, 1 + 1j), 3 * (1 + 1j) ** 2),
    Task("… refused where there is none", lambda xp, d: d(lambda z: xp.conj(z) * z, 1 + 1j), None),
    Task("mpmath's numbers, to 28 digits", digits, 1.0),
    Task("`x * float(x)`", lambda _, d: d(lambda x: x * float(x), 2.0), 4.0),
]

# What cannot be tried by a small program, from each package's documentation.
OFFERED = {
    "many inputs at the price of one (reverse mode)": "dualdiff autograd JAX PyTorch",
    "compiled code, GPUs": "JAX PyTorch",
    "code of which nothing is known (C, Fortran, files)": "numdifftools, central differences",
}


def outcome(task: Task, make: Callable[[], tuple[Any, Derivative]]) -> str:
    try:
        found = task.program(*make())
    except Exception:  # each package has its own way to say no
        return YES if task.right is None else NO
    if hasattr(found, "detach"):
        found = found.detach().resolve_conj().numpy()
    if task.right is None:
        return "**wrong**"
    found, right = np.ravel(np.asarray(found, dtype=complex)), np.ravel(task.right)
    error = np.max(np.abs(found - right)) if found.size == right.size else np.inf
    return YES if error <= EXACT else "≈" if error <= APPROXIMATE else "**wrong**"


def outcomes(make: Callable[[], tuple[Any, Derivative]]) -> list[str]:
    """Of all the tasks. What is refused has to be offered in the first place: the task before."""
    found: list[str] = []
    for task in TASKS:
        found.append(NO if task.right is None and found[-1] == NO else outcome(task, make))
    return found


def support() -> str:
    present = {name: entry for name, entry in PACKAGES.items() if name == "dualdiff" or entry[0] is None or _version(entry[0])}
    columns = [[task.what for task in TASKS], *(outcomes(make) for _, make in present.values())]
    rows = [list(row) for row in zip(*columns)]
    rows += [[what, *(YES if name in who else NO for name in present)] for what, who in OFFERED.items()]
    versions = [f"{name} {_version(distribution)}" for name, (distribution, _) in present.items() if distribution]
    return f"{table(['', *present], rows, left=len(present) + 1)}\n\nTried with {', '.join(versions)}; h = 6e-6."


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = support()
    if "--write" in sys.argv[1:]:
        readme.write("support", found)
    print(found)
