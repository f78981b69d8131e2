"""How much of NumPy dualdiff knows: the number of functions of each kind, as Markdown.

    python -m benchmarks.coverage [--write]

With ``--write`` it puts the table into README.md."""

from __future__ import annotations

import sys
import types
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import dualdiff  # noqa: F401  (fills the table)
from benchmarks import readme
from dualdiff.rules.table import TABLE

ORDER = ("elementwise", "linear", "bilinear", "selection", "matrix", "composite", "creation", "locally constant", "refused")
MEANING = {
    "elementwise": "partial derivatives, one line each",
    "linear": "tangents go through as the primals do",
    "bilinear": "the product rule",
    "selection": "entries picked by value, their tangents gathered",
    "matrix": "a linear map of the tangent for each argument",
    "composite": "written with other functions of the table",
    "creation": "makes arrays of duals with `like=x`, or from a prototype",
    "locally constant": "derivative zero: returns plain values",
    "refused": "an error that says why",
}


def dispatched() -> dict[str, Callable[..., Any]]:
    """Name → function, for every public function of NumPy that dispatches on its arguments: by ``__array_function__``, as ufunc,
    or by ``like=``. A function with several names is listed under its first."""
    found: dict[Callable[..., Any], str] = {}
    for module in (np, np.linalg, np.fft, *_submodules(np.lib), *_submodules(np.polynomial)):
        for name in sorted(vars(module)):
            function = getattr(module, name)
            if not name.startswith("_") and not isinstance(function, type) and callable(function) and _dispatches(function):
                found.setdefault(function, f"{module.__name__}.{name}")
    return {name: function for function, name in found.items()}


def _submodules(package: types.ModuleType) -> list[types.ModuleType]:
    parts = [getattr(package, name) for name in sorted(vars(package)) if not name.startswith("_")]
    return [package, *(part for part in parts if isinstance(part, types.ModuleType))]


def _dispatches(function: Any) -> bool:
    text = (getattr(function, "__doc__", None) or "")
    return isinstance(function, np.ufunc) or hasattr(function, "_implementation") or (
        getattr(function, "__module__", "") == "numpy" and "like : array_like, optional" in text)


def counts() -> Counter[str]:
    """Kind → number of NumPy's functions in it."""
    return Counter(TABLE[function].kind for function in dispatched().values())


def table() -> str:
    found = counts()
    lines = ["| kind | functions | what it means |", "|---|---:|---|"]
    lines += [f"| {kind} | {found[kind]} | {MEANING[kind]} |" for kind in ORDER]
    differentiable = sum(found[kind] for kind in ORDER[:-2])
    total = sum(found.values())
    lines.append(f"| **all that NumPy {np.__version__} dispatches** | **{total}** | {differentiable} of them differentiable |")
    return "\n".join(lines)


if __name__ == "__main__":
    if "--write" in sys.argv:
        readme.write("coverage", table())
    print(table())
