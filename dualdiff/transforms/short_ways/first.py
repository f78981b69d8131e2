"""First derivatives, one direction a pass, in an array of doubles, a number, or several of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.dual import Dual, dual, new
from dualdiff.levels import new_levels
from dualdiff.memory import LARGE, copied
from dualdiff.transforms.passes import explain
from dualdiff.transforms.short_ways.begun import NOTHING, PENDING, Begun
from dualdiff.transforms.short_ways.points import joined_at, place, point_of, seeds_of_several

SEVERAL = {np.ndarray, list, tuple}


def columns_at_once(function: Callable[..., Any], argnums: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any],
                    is_scalar: bool, in_numbers: bool) -> Any:
    """(value, derivatives) of a function whose result is a float, or (unless it ``is_scalar``) an array, or a list of floats."""
    point = point_of(argnums, args)
    if point is None:
        return NOTHING
    entries, array, numbers, pack, several = point
    if several and in_numbers:
        return NOTHING
    if array is not None:
        shape, is_small = array.shape, array.nbytes < LARGE
    levels = new_levels(len(entries))
    value: Any = None
    kind: Any = None
    primal: Any
    tangent: Any
    columns: list[Any] = []
    seeded: Any = list(args)
    for entry, level in zip(entries, levels):
        output: Any = PENDING
        if several:
            place(seeds_of_several(numbers, entry, level), pack, argnums, seeded)
        elif array is None:
            seeds: list[Any] = numbers[:]
            seeds[entry] = seed = new()
            seed.primal = numbers[entry]
            seed.tangent = 1.0
            seed.level = level
            place(seeds, pack, argnums, seeded)
            if len(numbers) > 1:
                try:
                    output = function(*seeded, **kwargs)
                except Exception:  # perhaps of what floats cannot do (see `Pass`)
                    place([dual(x, 1.0 if i == entry else 0.0, level) for i, x in enumerate(numbers)], pack, argnums, seeded)
        else:
            seeded[argnums] = seed = new()
            seed.primal = array.__copy__() if is_small else copied(array)  # in its own layout
            seed.tangent = tangent = np.zeros(shape)
            tangent[entry] = 1.0
            seed.level = level
        if output is PENDING:
            try:
                output = function(*seeded, **kwargs)
            except Exception as error:
                explain(error)
                raise
        if type(output) is Dual:
            primal, tangent = (output.primal, output.tangent) if output.level == level else (None, None)
        elif type(output) is float or type(output) is np.float64:
            primal, tangent = float(output), 0.0
        else:
            primal, tangent = _parts(output, level)
        if not columns:
            value, kind = primal, type(primal)
            if kind is not float and (kind not in SEVERAL or is_scalar):
                break
        if not type(primal) is type(tangent) is kind:
            break
        if kind is not np.ndarray:
            if kind is not float and len(primal) != len(value):
                break
        elif primal.shape != value.shape or tangent.dtype is not value.dtype:
            break
        columns.append(tangent)
    else:
        if kind is list or kind is tuple:
            return value, kind([joined_at(point, column, 0.0) for column in zip(*columns)])
        return value, joined_at(point, columns, value)
    return Begun(levels, [*[_together(value, column, level) for column, level in zip(columns, levels)], output])


def _parts(output: Any, level: int) -> tuple[Any, Any]:
    """The primals and the tangents of a list or tuple of scalar duals and floats, or of an array of such objects, as an array.

    (None, None) for anything else.
    """
    kind = type(output)
    if kind is np.ndarray and output.ndim == 1 and output.dtype.kind == "O":
        primals, tangents = _parts(output.tolist(), level)
        return (np.array(primals), np.array(tangents)) if primals else (None, None)
    if kind is not list and kind is not tuple:
        return None, None
    primals, tangents = [], []
    for x in output:
        if type(x) is Dual and x.level == level and type(x.primal) is type(x.tangent) is float:
            primals.append(x.primal)
            tangents.append(x.tangent)
        elif type(x) is float or type(x) is np.float64:
            primals.append(float(x))
            tangents.append(0.0)
        else:
            return None, None
    return kind(primals), kind(tangents)


def _together(value: Any, tangent: Any, level: int) -> Any:
    """What a pass returned, from its parts."""
    if type(value) is list or type(value) is tuple:
        return type(value)([dual(x, t, level) for x, t in zip(value, tangent)])
    return dual(value, tangent, level)
