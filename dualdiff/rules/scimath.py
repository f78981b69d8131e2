"""``np.lib.scimath``: functions that turn complex where the real one is not defined, decided by the primals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.table import composite


def _extended(function: Callable[..., Any], of: Callable[..., Any]) -> None:
    """``function`` is NumPy's ``of`` on complex numbers wherever its value is complex."""
    def recipe(*args: Any) -> Any:
        turns = np.iscomplexobj(function(*map(base, args)))
        return of(*((x + 0j if turns else x) for x in args))

    composite(function, recipe)


_extended(np.lib.scimath.sqrt,    np.sqrt)
_extended(np.lib.scimath.log,     np.log)
_extended(np.lib.scimath.log2,    np.log2)
_extended(np.lib.scimath.log10,   np.log10)
_extended(np.lib.scimath.logn,    lambda n, x: np.log(x) / np.log(n))
_extended(np.lib.scimath.power,   np.power)
_extended(np.lib.scimath.arccos,  np.arccos)
_extended(np.lib.scimath.arcsin,  np.arcsin)
_extended(np.lib.scimath.arctanh, np.arctanh)
