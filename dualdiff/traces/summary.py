"""Values in few characters."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: Any) -> str:
    """A number to six digits; an array by its entries if they are few, else by its shape and range."""
    if value is None:
        return ""
    value = base(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.ndarray):
        if value.size <= 4:
            return np.array2string(value, precision=6, separator=" ").replace("\n", "")
        shape = "×".join(map(str, value.shape))
        if value.dtype.kind == "f":
            return f"{shape} in [{value.min():.4g}, {value.max():.4g}]"
        return f"{shape} of {value.dtype}"
    if isinstance(value, (float, np.floating, int)):
        return f"{value or 0:.6g}"  # no −0, which is no news to a reader
    return f"{value:.6g}" if isinstance(value, (complex, np.complexfloating)) else str(value)


def brief(value: Any, digits: int = 4, room: int = 16) -> str:
    """A value for a node of a graph: an array's entries if there is room for them, else the space that it is of (ℝ³)."""
    if value is None:
        return ""
    value = base(value)
    if np.ndim(value):
        text = "[" + " ".join(brief(entry, digits) for entry in value) + "]" if np.ndim(value) == 1 and len(value) <= 3 else ""
        return text if 0 < len(text) <= room else space(value)
    if isinstance(value, np.ndarray):
        value = value[()]
    try:
        text = f"{value or 0:.{digits}g}".replace("-", "−")
        return text if len(text) <= room or digits == 1 else brief(value, digits - 1, room)
    except (TypeError, ValueError):
        text = str(value)
        return text if len(text) <= room else text[:room - 1] + "…"


def space(array: Any) -> str:
    """``ℝ³ˣ⁴``, ``ℂ³``."""
    field = {"f": "ℝ", "c": "ℂ"}.get(array.dtype.kind, f"{array.dtype} ")
    return field + "ˣ".join(str(n).translate(SUPERSCRIPTS) for n in array.shape)
