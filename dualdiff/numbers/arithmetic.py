"""What arithmetic and comparisons say by themselves, for every number type that has no function of its own for it."""

from __future__ import annotations

from typing import Any

absolute = abs


def where(condition: Any, yes: Any, no: Any) -> Any:
    return yes if condition else no


def copysign(x: Any, y: Any) -> Any:
    return abs(x) if y >= 0 else -abs(x)


def sign(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def square(x: Any) -> Any:
    return x * x


def reciprocal(x: Any) -> Any:
    return 1 / x


def power(x: Any, y: Any) -> Any:
    return x**y


def floor_divide(x: Any, y: Any) -> Any:
    return x // y


def maximum(x: Any, y: Any) -> Any:
    return x if x >= y else y


def minimum(x: Any, y: Any) -> Any:
    return x if x <= y else y
