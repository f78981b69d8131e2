"""How operands of forward mode look in print: ``Dual(3.0, 4.0)``, ``3.0 + 4.0ε``, and as LaTeX in a notebook."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.operand import Operand
from dualdiff.tangents import Tangents


class Display:
    """The text forms of an operand with a primal and a tangent."""

    __slots__ = ()

    primal: Any
    tangent: Any

    def __repr__(self) -> str:
        if self.is_array:  # type: ignore[attr-defined]
            return f"Dual({_array_text(self.primal)},\n     {_array_text(self.tangent)})"
        return f"Dual({self.primal!r}, {self.tangent!r})"

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, spec: str) -> str:
        primal, tangent = _text(self.primal, spec), _text(self.tangent, spec)
        if "\n" in primal + tangent:
            return f"{primal} +\n{tangent}ε"
        return f"{primal} - {tangent[1:]}ε" if tangent.startswith("-") else f"{primal} + {tangent}ε"

    def _repr_latex_(self) -> str | None:
        """How notebooks show a scalar."""
        if self.is_array or isinstance(self.tangent, Tangents):  # type: ignore[attr-defined]
            return None
        return f"${self}$".replace("ε", r"\,\varepsilon")


def _text(value: Any, spec: str) -> str:
    if isinstance(value, Operand):
        return f"({format(value, spec)})"
    if isinstance(value, Tangents) or not spec:
        return str(value)
    if isinstance(value, np.ndarray):
        return np.array2string(value, formatter={"all": lambda x: format(x, spec)})
    return format(value, spec)


def _array_text(value: Any) -> str:
    return np.array2string(value, separator=", ", prefix="Dual(") if isinstance(value, np.ndarray) else repr(value)
