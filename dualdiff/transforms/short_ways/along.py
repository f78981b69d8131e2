"""One pass along a direction: its seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.dual import dual, new
from dualdiff.memory import DOUBLE, SMALL, copied
from dualdiff.numbers import DOUBLES


def along_at_once(args: tuple[Any, ...], directions: Any, level: int) -> list[Any] | None:
    """Numbers, also in lists and tuples, and arrays of doubles, with a tangent each."""
    if type(directions) is not tuple or len(directions) != len(args):
        return None
    seeds = []
    for x, v in zip(args, directions):
        seed = new()
        kind = type(x)
        if kind is np.ndarray:
            if type(v) is not kind or x.dtype is not DOUBLE or v.dtype is not DOUBLE or x.shape != v.shape:
                return None
            is_small = x.size < SMALL
            seed.primal = x.__copy__() if is_small else copied(x)  # in its own layout
            seed.tangent = v.__copy__() if is_small else copied(v)
        elif kind in DOUBLES and type(v) in DOUBLES:
            seed.primal = float(x)
            seed.tangent = float(v)
        elif (kind is list or kind is tuple) and type(v) is kind and len(v) == len(x) and DOUBLES.issuperset(map(type, (*x, *v))):
            seeds.append(kind([dual(float(a), float(b), level) for a, b in zip(x, v)]))
            continue
        else:
            return None
        seed.level = level
        seeds.append(seed)
    return seeds or None
