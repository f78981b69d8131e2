"""The calls of array functions that other test files hold against the reference, gathered from their tables."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import dualdiff.math

MODULES = ("test_shapes", "test_products", "test_reductions", "test_selections", "test_linalg", "test_polynomials",
           "test_ufunc_methods")


ROWS = np.array([[0.5, -1.25, 2.0, 0.75], [3.0, 0.25, -0.5, 1.5], [-2.25, 1.0, 0.125, -1.75]])


def through(transform: Callable[..., Any]) -> Callable[[Any], Any]:
    """A function with complex values, its argument made complex, as one of real values."""
    def parts(x: Any) -> tuple[Any, Any]:
        z = transform(x if transform in (np.fft.rfft, np.fft.rfft2, np.fft.rfftn, np.fft.ihfft) else x * (1 + 0.5j))
        return np.real(z), np.imag(z)

    return parts


HERE = {f"{transform.__name__}": (through(transform), (ROWS,)) for transform in (
    np.conjugate, np.fft.fft, np.fft.ifft, np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.rfft, np.fft.rfft2,
    np.fft.rfftn, np.fft.ihfft, np.fft.irfft, np.fft.irfft2, np.fft.irfftn, np.fft.hfft, np.fft.fftshift, np.fft.ifftshift)}
HERE["fsum"] = (lambda x: dualdiff.math.fsum([x[0, 0], x[1, 2] ** 2, x[2, 3]]), (ROWS,))
HERE["ediff1d to_begin"] = (lambda x: np.ediff1d(x[0], to_begin=x[1, 0] ** 2, to_end=x[2]), (ROWS,))


def is_call(entry: Any) -> bool:
    return isinstance(entry, tuple) and len(entry) > 1 and callable(entry[0]) and not isinstance(entry[0], type) and all(
        isinstance(a, (np.ndarray, float)) for a in entry[1:])


def calls() -> Iterator[tuple[str, Callable[..., Any], tuple[Any, ...]]]:
    """(name, function, arguments), the arguments real."""
    for name, (function, arguments) in HERE.items():
        yield f"here: {name}", function, arguments
    seen: set[tuple[str, str]] = set()
    for module in MODULES:
        for table in vars(importlib.import_module(module)).values():
            entries: list[Any] = []
            if isinstance(table, dict):
                entries = [(name, entry) for name, entry in table.items() if is_call(entry)]
            elif isinstance(table, list):
                entries = [(e[0], (e[1], *e[2])) for e in table if isinstance(e, tuple) and len(e) > 2 and isinstance(e[0], str)
                           and isinstance(e[2], tuple) and is_call((e[1], *e[2]))]
            for name, (function, *arguments) in entries:
                if (module, name) not in seen and all(np.asarray(a).dtype.kind == "f" for a in arguments):
                    seen.add((module, name))
                    yield f"{module}: {name}", function, tuple(arguments)
