"""How each package computes what a workload wants. A contestant makes a call to be timed; compiling is done before.

It raises `Unsupported` where the package does not offer the thing, or where nobody would wait for it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import dualdiff as dd
from workloads import Workload, namespace


class Unsupported(Exception):
    """The package has no such thing."""


@dataclass(frozen=True)
class Contestant:
    name: str
    make: Callable[[Workload], Callable[[], Any]]
    package: str | None           # what has to be installed
    exact: bool                   # finite differences are not
    startup: str                  # a first derivative in a fresh process

    @property
    def version(self) -> str | None:
        """Its version, None where it is absent; an empty text where there is nothing to install."""
        if self.package is None:
            return ""
        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return None


CONTESTANTS: list[Contestant] = []


def contestant(name: str, package: str | None = None, exact: bool = True, startup: str = "") -> Callable[[Any], Any]:
    def enter(make: Callable[[Workload], Callable[[], Any]]) -> Any:
        CONTESTANTS.append(Contestant(name, make, package, exact, startup))
        return make

    return enter


def chosen(table: dict[str, Callable[[], Any]], kind: str) -> Callable[[], Any]:
    if kind not in table:
        raise Unsupported("not offered")
    return table[kind]


def plain(w: Workload) -> Callable[[Any], Any]:
    """The function as a user has it: math for numbers, NumPy for arrays."""
    return w.make(namespace(math, stack=list) if w.scalar else namespace(np))


def own(w: Workload) -> tuple[Any, Any]:
    """The function and the point for dualdiff: scalar code works on dualdiff.math and on lists of numbers."""
    if not w.scalar:
        return w.make(namespace(np)), w.point
    return w.make(namespace(dd.math, stack=list)), listed(w.point)


def listed(point: Any) -> Any:
    return point.tolist() if isinstance(point, np.ndarray) else point


@contestant("dualdiff", startup="import numpy as np, dualdiff as dd; dd.derivative(np.sin)(0.7)")
def dualdiff(w: Workload) -> Callable[[], Any]:
    f, x = own(w)
    second, jacobian, derivative = dd.value_gradient_hessian(f), dd.jacobian(f), dd.derivative(f)
    return chosen({"derivative": lambda: derivative(x), "jacobian": lambda: jacobian(x),
                   "hessian": lambda: second(x)[1:], "tenth": lambda: dd.derivatives(f, x, 10)[10],
                   "jvp": lambda: dd.jvp(f, (x,), (np.ones_like(x),))[1]}, w.kind)


@contestant("dualdiff, chunks")
def dualdiff_chunks(w: Workload) -> Callable[[], Any]:
    f, x = own(w)
    jacobian, second = dd.jacobian(f, chunk_size=None), dd.value_gradient_hessian(f, chunk_size=None)
    if w.kind not in ("jacobian", "hessian"):
        raise Unsupported("as above")
    return chosen({"jacobian": lambda: jacobian(x), "hessian": lambda: second(x)[1:]}, w.kind)


@contestant("dualdiff, reverse mode")
def dualdiff_reverse(w: Workload) -> Callable[[], Any]:
    if w.points > 1 and not w.deep:
        raise Unsupported("one sweep per output")
    f, x = own(w)
    jacobian, gradient, hessian = (make(f) for make in (dd.reverse.jacobian, dd.reverse.gradient, dd.reverse.hessian))
    return chosen({"derivative": lambda: gradient(x), "jacobian": lambda: jacobian(x),
                   "hessian": lambda: (gradient(x), hessian(x))}, w.kind)


def nested(transform: Callable[[Any], Any], f: Any, n: int = 10) -> Any:
    for _ in range(n):
        f = transform(f)
    return f


@contestant("autograd", "autograd", startup="import autograd, autograd.numpy as np; autograd.grad(np.sin)(0.7)")
def autograd(w: Workload) -> Callable[[], Any]:
    import autograd
    import autograd.numpy as anp
    from autograd.differential_operators import make_jvp

    if w.points > 1000 and w.kind == "jacobian" and not w.deep:
        raise Unsupported("one sweep per output")
    ns = namespace(anp, stack=anp.array, total=anp.sum, solve=anp.linalg.solve, logdet=lambda a: anp.linalg.slogdet(a)[1])
    f, x = w.make(ns), w.point
    tenth = nested(autograd.grad, f) if w.kind == "tenth" else None
    jacobian, gradient, hessian = autograd.jacobian(f), autograd.grad(f), autograd.hessian(f)
    return chosen({"derivative": lambda: gradient(x), "jacobian": lambda: jacobian(x), "hessian": lambda: (gradient(x), hessian(x)),
                   "jvp": lambda: make_jvp(f)(x)(np.ones_like(x))[1], "tenth": lambda: tenth(x)}, w.kind)


def jax_calls(w: Workload, compiled: bool) -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    if not compiled and w.kind == "tenth":
        raise Unsupported("takes more than 30 s")

    def loop(steps, body, state):
        return jax.lax.fori_loop(0, steps, lambda _, s: body(s), state)

    ns = namespace(jnp, asarray=jnp.asarray, stack=lambda v: jnp.stack([jnp.asarray(e) for e in v]), total=jnp.sum, loop=loop,
                   solve=jnp.linalg.solve, logdet=lambda a: jnp.linalg.slogdet(a)[1])
    f = w.make(ns)
    transforms = {"derivative": lambda: jax.grad(f), "jacobian": lambda: jax.jacfwd(f), "tenth": lambda: nested(jax.jacfwd, f),
                  "hessian": lambda: lambda x: (jax.grad(f)(x), jax.hessian(f)(x)),
                  "jvp": lambda: lambda x: jax.jvp(f, (x,), (jnp.ones_like(x),))[1]}
    g = chosen(transforms, w.kind)()
    g = jax.jit(g) if compiled else g
    return lambda: jax.tree.map(np.asarray, g(w.point))


@contestant("JAX, jit", "jax", startup="import jax, jax.numpy as np; float(jax.jit(jax.grad(np.sin))(0.7))")
def jax_jit(w: Workload) -> Callable[[], Any]:
    return jax_calls(w, True)


@contestant("JAX, eager", "jax", startup="import jax, jax.numpy as np; float(jax.grad(np.sin)(0.7))")
def jax_eager(w: Workload) -> Callable[[], Any]:
    return jax_calls(w, False)


@contestant("PyTorch", "torch", startup="import torch; x = torch.tensor(0.7, requires_grad=True); torch.sin(x).backward()")
def pytorch(w: Workload) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    ns = namespace(torch, asarray=torch.as_tensor, stack=torch.stack, total=torch.sum, solve=torch.linalg.solve,
                   logdet=lambda a: torch.linalg.slogdet(a)[1])
    f, x = w.make(ns), torch.tensor(w.point, dtype=torch.float64)
    functional = torch.autograd.functional

    def gradient():
        leaf = x.clone().requires_grad_(True)
        return torch.autograd.grad(f(leaf), leaf)[0]

    def tenth():
        leaf = x.clone().requires_grad_(True)
        y = f(leaf)
        for _ in range(10):
            (y,) = torch.autograd.grad(y, leaf, create_graph=True)
        return y.detach()

    def jacobian():  # few inputs and many outputs call for forward mode, else for reverse
        return torch.func.jacfwd(f)(x) if w.points > 1 else functional.jacobian(f, x)

    return chosen({"derivative": gradient, "jacobian": jacobian, "hessian": lambda: (gradient(), functional.hessian(f, x)),
                   "jvp": lambda: torch.func.jvp(f, (x,), (torch.ones_like(x),))[1], "tenth": tenth}, w.kind)


def small_only(w: Workload, largest: int = 1000) -> None:
    if w.points > largest:
        raise Unsupported("one object per number")


@contestant("num-dual", "num-dual", startup="import numpy as np, num_dual; num_dual.first_derivative(np.sin, 0.7)")
def num_dual(w: Workload) -> Callable[[], Any]:
    import num_dual as nd

    small_only(w)
    f, x = w.make(namespace(np, stack=list)), listed(w.point)

    def vector(p):
        return list(f(p))

    return chosen({"derivative": lambda: nd.first_derivative(f, x)[1], "jacobian": lambda: nd.jacobian(vector, x)[1],
                   "hessian": lambda: nd.hessian(f, x)[1:]}, w.kind)


@contestant("fastdual", "fastdual", startup="import numpy as np, fastdual; x = fastdual.Dual(0.7); fastdual.der(np.sin(x), x)")
def fast_dual(w: Workload) -> Callable[[], Any]:
    import fastdual

    small_only(w)
    f, x = w.make(namespace(np)), listed(w.point)

    def derivative():
        seed = fastdual.Dual(x)
        return fastdual.der(f(seed), seed)

    jacobian = fastdual.autojac(lambda *p: np.asarray(f(p)))
    gradient, hessian = fastdual.autojac(lambda *p: f(p)), fastdual.autohess(lambda *p: f(p))
    return chosen({"derivative": derivative, "jacobian": lambda: jacobian(*x)[1],
                   "hessian": lambda: (gradient(*x)[1], hessian(*x)[1])}, w.kind)


@contestant("dualpy", "dualpy", startup="import numpy as np, dualpy; dualpy.derivative(np.sin)(0.7)")
def dual_py(w: Workload) -> Callable[[], Any]:
    import dualpy

    f, x = w.make(namespace(np, stack=np.stack)), np.asarray(w.point)
    return chosen({"derivative": lambda: dualpy.derivative(f)(x), "jacobian": lambda: dualpy.jacobian(f)(x),
                   "hessian": lambda: (dualpy.gradient(f)(x), dualpy.hessian(f)(x)),
                   "jvp": lambda: dualpy.jvp(f, x, np.ones_like(x))[1], "tenth": lambda: dualpy.nth_derivative(f, 10)(x)}, w.kind)
