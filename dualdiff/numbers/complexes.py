"""The functions of the rules for complex numbers and arrays: numpy, with the analytic continuation where it has none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import *  # noqa: F403  (numpy's namespace is what this module is)

uses_numpy = True


def hypot(x: Any, y: Any) -> Any:  # type: ignore[no-redef]
    """√(x² + y²), which NumPy has for real numbers only."""
    return np.sqrt(x * x + y * y)
