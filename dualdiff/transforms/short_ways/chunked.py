"""First derivatives in chunks, k directions a pass, in an array of doubles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.arguments import as_one
from dualdiff.dual import Dual, dual
from dualdiff.levels import new_levels
from dualdiff.memory import DOUBLE, copied
from dualdiff.tangents import Tangents
from dualdiff.transforms.passes import Pass
from dualdiff.transforms.seeding import automatic_chunk
from dualdiff.transforms.short_ways.begun import NOTHING, Begun
from dualdiff.transforms.short_ways.points import joined_at, point_of


def columns_in_chunks(function: Callable[..., Any], argnums: int, args: tuple[Any, ...], kwargs: dict[str, Any],
                      is_scalar: bool, chunk_size: int | None) -> Any:
    """(value, derivatives) of a function whose result is a float, or (unless it ``is_scalar``) an array of doubles."""
    point = point_of(argnums, args)
    if point is None or point[1] is None:
        return NOTHING
    array = point[1]
    n, shape = array.size, array.shape
    k = chunk_size or automatic_chunk(n, (*args, *kwargs.values()))
    starts = range(0, n, k)
    levels = new_levels(len(starts))
    seeded: list[Any] = list(args)
    outputs: list[Any] = []
    columns: list[Any] = []
    value: Any = None
    for start, level in zip(starts, levels):
        block = np.zeros((min(k, n - start), *shape))
        block.reshape(-1)[start::n + 1] = 1.0  # on a diagonal
        seeded[argnums] = dual(copied(array), Tangents(block), level)
        output = Pass(function, tuple(seeded), kwargs).run()
        outputs.append(output)
        if type(output) is np.ndarray:  # perhaps of duals
            output = as_one(output)
        if type(output) is not Dual or output.level != level or type(output.tangent) is not Tangents:
            break
        primal, found = output.primal, output.tangent.block
        if type(found) is not np.ndarray or found.dtype is not DOUBLE:
            break
        if not columns:
            value = primal
            if type(value) is not float and (is_scalar or type(value) is not np.ndarray or value.dtype is not DOUBLE):
                break
        if type(primal) is not type(value) or found.shape[1:] != np.shape(value):
            break
        columns.extend(found)
    else:
        return value, joined_at(point, columns, value)
    return Begun(levels, outputs)
