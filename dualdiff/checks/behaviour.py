"""What a function does besides returning a value: whether it writes to its input, and whether it answers the same twice."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.structures import leaves


def on_copies(f: Callable[..., Any]) -> Callable[..., Any]:
    def f_on_copies(*args: Any, **kwargs: Any) -> Any:
        return f(*copy.deepcopy(args), **copy.deepcopy(kwargs))

    f_on_copies.__name__ = getattr(f, "__name__", "f")
    f_on_copies.__wrapped__ = f  # type: ignore[attr-defined]  # for its signature
    return f_on_copies


def writes_to_input(f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    try:
        given, before = copy.deepcopy((args, dict(kwargs))), copy.deepcopy((args, dict(kwargs)))
    except Exception:  # something that cannot be copied cannot be watched either
        return False
    f(*given[0], **given[1])
    return not same(given, before)


def same(a: Any, b: Any) -> bool:
    """Whether two structures hold the same numbers, nan being the same as nan."""
    def equal(x: Any, y: Any) -> bool:
        if isinstance(x, (np.ndarray, np.generic, float, complex)):
            return np.shape(x) == np.shape(y) and bool(np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind in "fc"))
        try:
            return x is y or bool(x == y) or not isinstance(x, (int, str))
        except Exception:
            return True

    left, right = leaves(a), leaves(b)
    return [path for path, _ in left] == [path for path, _ in right] and all(equal(x, y) for (_, x), (_, y) in zip(left, right))
