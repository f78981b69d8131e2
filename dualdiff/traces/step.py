"""Step: one line of an evaluation trace."""

from __future__ import annotations

import dataclasses
import linecache
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

LIBRARIES = tuple(f"{Path(module.__file__).parent}{os.sep}" for module in (sys.modules["dualdiff"], np) if module.__file__)
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def name(kind: str, index: int) -> str:
    """``v₃``, ``v̇₃``, ``v̄₃``."""
    return kind + str(index).translate(SUBSCRIPTS)


@dataclasses.dataclass
class Step:
    """One line of an evaluation trace.

    Attributes
    ----------
    index : int
        3 for v₃.
    operation : str
        What was computed, in terms of earlier steps; the name of an argument for an input.
    function : str
        The name of the function alone.
    inputs : tuple of int
        The steps that it was computed from.
    value
        The primal.
    tangent, adjoint
        Forward or reverse mode's derivative of this step; None in the other mode.
    formula : str
        How the tangent (or the adjoint) was computed.
    rule : str
        The partial derivatives of this operation, whatever the mode.
    file, line, source : str, int, str
        The line of the user's function.
    """

    index: int
    operation: str
    function: str
    inputs: tuple[int, ...]
    value: Any
    rule: str = ""
    formula: str = ""
    tangent: Any = None
    adjoint: Any = None
    file: str = ""
    line: int = 0
    source: str = ""
    is_input: bool = False
    is_output: bool = False
    entry: int | None = None  # the place on the tape
    terms: list[tuple[int, str]] = dataclasses.field(default_factory=list)  # what the adjoint adds to those of the inputs

    @property
    def name(self) -> str:
        return name("v", self.index)

    def with_inputs(self, inputs: Iterable[int]) -> Step:
        return dataclasses.replace(self, inputs=tuple(dict.fromkeys(inputs)))


def caller() -> tuple[str, int, str]:
    """File, line and source of the innermost frame that is neither ours nor NumPy's: the user's function."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(LIBRARIES):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return file, line, linecache.getline(file, line, frame.f_globals).strip()
