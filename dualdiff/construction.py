"""What a `Dual` that a user makes consists of: parts that are numbers or arrays, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.arguments import highest, packed
from dualdiff.levels import USER
from dualdiff.numbers import plain


class Checked(type):
    """The class of `Dual`: a call by the user checks the parts. Without an ``__init__``, which `empty` would have to call."""

    def __call__(cls, primal: Any, tangent: Any = 0.0) -> Any:
        result = super().__call__()
        result.primal, result.tangent = checked_parts(primal, tangent)
        result.level = USER
        return result

    __call__.__qualname__ = "Dual"  # what Python calls it where arguments are missing


def empty(cls: Any) -> Callable[[], Any]:
    """What makes an empty instance of a class without ``__init__``, at half the cost of ``object.__new__(cls)``."""
    return type.__call__.__get__(cls)  # type: ignore[no-any-return]


def checked_parts(primal: Any, tangent: Any) -> tuple[Any, Any]:
    """The parts of a user's Dual: own memory, tangent of the primal's shape."""
    for part in (primal, tangent):
        if highest(part) is not None:
            raise TypeError("the parts of a Dual are plain numbers or arrays; for second derivatives nest dualdiff.derivative, "
                            "whose levels keep the perturbations apart")
        if not isinstance(part, (list, tuple, np.ndarray)) and not is_number(part):
            hint = "; convert it with np.asarray(...) first" if np.ndim(part) else ""
            raise TypeError(f"a Dual holds numbers, not {type(part).__name__}{hint}")
    primal, tangent = packed((primal, tangent))
    is_array = isinstance(primal, (list, tuple, np.ndarray))
    if is_array:
        primal = np.array(primal)
        if primal.dtype.kind in "iub":
            primal = primal.astype(float)
    if is_array or isinstance(tangent, (list, tuple, np.ndarray)):
        tangent = np.asarray(tangent)
        for part in (np.asarray(primal), tangent):
            if part.dtype.kind not in "fciubO":
                raise TypeError(f"a Dual holds numbers, not an array of dtype {part.dtype}")
    if np.iscomplexobj(tangent) and not np.iscomplexobj(primal) and np.asarray(primal).dtype.kind in "fiub":
        raise TypeError("the tangent is complex and the primal is real; make the primal complex")
    if is_array:
        try:
            return primal, np.broadcast_to(tangent, primal.shape).astype(primal.dtype)
        except ValueError:
            raise ValueError(f"the tangent's shape {np.shape(tangent)} does not fit the primal's {primal.shape}") from None
    if np.ndim(tangent):
        raise ValueError(f"the tangent's shape {np.shape(tangent)} does not fit the scalar primal")
    return plain(primal), plain(tangent[()] if isinstance(tangent, np.ndarray) else tangent)


def is_number(part: Any) -> bool:
    """Whether it can be subtracted and multiplied, as numbers of any package can and texts and sets cannot, and is no array."""
    if isinstance(part, (int, float, np.generic)):
        return np.asarray(part).dtype.kind in "fciubO"
    return hasattr(part, "__sub__") and hasattr(part, "__mul__") and not isinstance(part, type) and not np.ndim(part)
