"""The functions of the rules for operands of a float: NumPy's, which lead back to the operand; but choices and questions about
values, in which no derivative is, are answered by the float at once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualdiff.numbers import base, floats
from dualdiff.numbers.arithmetic import absolute, floor_divide, where  # noqa: F401  (the names are the interface)


def __getattr__(name: str) -> Any:
    return globals().setdefault(name, getattr(np, name))


def isfinite(x: Any) -> bool:
    return math.isfinite(base(x))


def isinf(x: Any) -> bool:
    return math.isinf(base(x))


def isnan(x: Any) -> bool:
    return math.isnan(base(x))


def rint(x: Any) -> float:
    return floats.rint(base(x))


def copysign(x: Any, y: Any) -> Any:
    return math.copysign(x, base(y)) if type(x) is float else np.copysign(x, y)
