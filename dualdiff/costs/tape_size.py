"""The memory that a tape holds."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np

from dualdiff.operand import Operand


def bytes_held(root: Any) -> int:
    """The bytes of everything that can be reached from ``root``: containers, closures, numbers, arrays; each object once.

    Of an array that is a view, also the memory that it keeps alive. Not the program itself: modules, rules, plain functions.
    """
    seen: set[int] = set()
    waiting, held = [root], 0
    while waiting:
        value = waiting.pop()
        parts = _parts(value)
        if parts is not None and id(value) not in seen:
            seen.add(id(value))
            held += sys.getsizeof(value)
            waiting.extend(parts)
    return held


def _parts(value: Any) -> Any:
    """What an object of the tape refers to; None for one that is not the tape's."""
    if isinstance(value, (tuple, list)):
        return value
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, types.FunctionType):
        return None if value.__closure__ is None else (value.__closure__,)
    if isinstance(value, types.CellType):
        return (value.cell_contents,)
    if isinstance(value, np.ndarray):  # its size contains the entries, where they are its own
        return (value.base,)
    if isinstance(value, (float, complex, np.generic)) or (isinstance(value, int) and not -6 < value < 257):
        return ()
    if isinstance(value, Operand) or type(value).__module__.startswith("dualdiff.tape."):
        return [getattr(value, name, None) for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())
                if name != "__weakref__"]
    return None
