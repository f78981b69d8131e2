"""Gathering: functions that copy entries to new places, possibly several times or with zeros between them. All are linear."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import composite, linear

linear(np.copy,           a=0)
linear(np.roll,           a=0)
linear(np.tile,           A=0)
linear(np.repeat,         a=0)
linear(np.resize,         a=0)
linear(np.delete,         arr=0)
linear(np.diagflat,       v=0)
linear(np.tril,           m=0)
linear(np.triu,           m=0)
linear(np.trace,          a=0)
linear(np.linalg.trace,   x=0)


def ix_(*args: Any) -> Any:
    """Each 1-D argument along an axis of its own; truth values (never operands) become indices."""
    parts = []
    for n, x in enumerate(args):
        x = np.flatnonzero(x) if getattr(x, "dtype", None) == bool else x
        if np.ndim(x) != 1:
            raise ValueError("Cross index must be 1 dimensional")
        parts.append(np.reshape(x, (1,) * n + (-1,) + (1,) * (len(args) - n - 1)))
    return tuple(parts)


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    shapes = [[1] * n + [-1] + [1] * (len(xi) - n - 1) for n in range(len(xi))]
    if indexing == "xy" and len(xi) > 1:
        shapes[0][:2], shapes[1][:2] = [1, -1], [-1, 1]
    grids = tuple(np.reshape(x, shape) for x, shape in zip(xi, shapes))
    if not sparse:
        grids = np.broadcast_arrays(*grids)
    return tuple(map(np.copy, grids)) if copy else tuple(grids)


composite(np.ix_,         ix_)
composite(np.meshgrid,    meshgrid)
