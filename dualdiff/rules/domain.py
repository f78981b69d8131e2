"""Where a rule is sampled by the tests: intervals on the real line."""

from __future__ import annotations

from typing import NamedTuple


class Domain(NamedTuple):
    """An interval; ``integers`` restricts an input to whole numbers (an order, a count)."""

    low: float
    high: float
    integers: bool = False


INF = float("inf")
REAL = Domain(-INF, INF)
POSITIVE = Domain(0.0, INF)
UNIT = Domain(0.0, 1.0)
SYMMETRIC_UNIT = Domain(-1.0, 1.0)
