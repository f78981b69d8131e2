"""The gradients of the families by autograd, JAX and PyTorch, each where it is installed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable

import numpy as np

from families import FAMILIES

RIVALS = {"autograd": "autograd", "JAX, jit": "jax", "PyTorch": "torch"}


def versions() -> dict[str, str | None]:
    """Rival → its version, or None where it is absent."""
    return {name: importlib.metadata.version(package) if importlib.util.find_spec(package) else None
            for name, package in RIVALS.items()}


def gradient(name: str, family: str, n: int) -> Callable[[], np.ndarray]:
    """A call that has the gradient of a family with one output as a NumPy array."""
    if name == "autograd":
        import autograd
        import autograd.numpy as anp

        function, x = FAMILIES[family](n, 1, anp)
        slope = autograd.grad(function)
        return lambda: slope(x)
    if name == "JAX, jit":
        import jax

        jax.config.update("jax_enable_x64", True)
        function, x = FAMILIES[family](n, 1, jax.numpy)
        compiled = jax.jit(jax.grad(function))
        return lambda: np.asarray(compiled(x).block_until_ready())
    import torch

    torch.set_num_threads(1)
    function, x = FAMILIES[family](n, 1, torch)

    def backward():
        leaf = torch.tensor(x, requires_grad=True)
        (slope,) = torch.autograd.grad(function(leaf), leaf)
        return slope.numpy()

    return backward
