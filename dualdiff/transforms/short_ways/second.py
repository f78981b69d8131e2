"""Second derivatives, a pair of directions a pass, of functions whose result is a float."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from dualdiff.dual import Dual, dual, new
from dualdiff.levels import new_level, new_levels
from dualdiff.memory import LARGE, copied
from dualdiff.transforms.passes import explain
from dualdiff.transforms.short_ways.begun import NOTHING, PENDING, Begun
from dualdiff.transforms.short_ways.points import Point, joined_at, place, point_of


def curvature_at(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], position: int, x: float,
                 v: float, inner: int) -> Any:
    """(value, slope, curvature along v) in one number among the arguments, for a function whose result is a float."""
    outer = new_level()
    seed = dual(dual(x, v, inner), 1.0, outer)
    try:
        output = function(*args[:position], seed, *args[position + 1:], **kwargs)
    except Exception as error:
        explain(error)
        raise
    found = _parts_of_second_order(output, inner, outer)
    return Begun((inner, outer), (output,)) if found is None else found


def pairs_at_once(function: Callable[..., Any], argnums: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """(value, first derivatives, second derivatives) of a function whose result is a float."""
    if type(argnums) is int and argnums < len(args) and type(args[argnums]) is float and not isinstance(args[0], type):
        return curvature_at(function, args, kwargs, argnums, args[argnums], 1.0, new_level())
    point = point_of(argnums, args)
    if point is None:
        return NOTHING
    entries, array, _, pack, several = point
    if several:
        return NOTHING
    n = len(entries)
    levels = new_levels(n * (n + 1))
    found, outputs = _second_order(function, point, argnums, args, kwargs, levels)
    if 2 * len(found) < len(levels):
        return Begun(levels, outputs)
    value, source = found[0][0], iter(found)
    slopes, rows = [0.0] * n, [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            _, slopes[i], rows[i][j] = next(source)
            rows[j][i] = rows[i][j]
    if array is None:
        return value, pack(slopes), pack(list(map(pack, rows)))
    return value, joined_at(point, slopes, value), np.array(rows).reshape(array.shape * 2)


def products_at_once(function: Callable[..., Any], args: tuple[Any, ...], directions: Any, level: int) -> Any:
    """The first derivatives' own along a direction, of ``level``, in each argument, for a function whose result is a float."""
    if not args or type(directions) is not tuple or len(directions) != len(args) or not callable(function):
        return NOTHING
    if len(args) == 1 and type(args[0]) is type(directions[0]) is float:
        found = curvature_at(function, args, {}, 0, args[0], directions[0], level)
        return Begun(found.levels[1:], found.outputs) if type(found) is Begun else (found[2],)
    argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    point, along = point_of(argnums, args), point_of(argnums, directions)
    if point is None or along is None:
        return NOTHING
    (entries, array, numbers, pack, several), (_, turned, turns, unpack, among) = point, along
    if array is None or turned is None:
        if several or among or array is not turned or len(numbers) != len(turns) or pack != unpack:
            return NOTHING
    elif array.shape != turned.shape:
        return NOTHING
    else:  # what they hold now, as also the general way takes
        point, turned = (entries, copied(array), numbers, pack, several), copied(turned)
    levels = new_levels(len(entries))
    found, outputs = _second_order(function, point, argnums, args, {}, levels, turns if array is None else turned, level)
    if len(found) < len(levels):
        return Begun(levels, outputs)
    result = joined_at(point, [curvature for _, _, curvature in found], 0.0)
    return result if argnums else (result,)


def _second_order(function: Callable[..., Any], point: Point, argnums: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any],
                  levels: Sequence[int], direction: Any = None, inner: int = 0) -> tuple[list[Any], list[Any]]:
    """(value, slope, curvature) of each pass, until one returns anything but a float; and what the passes returned.

    A pass is along a direction i at the outer level, and at the inner one along each j ≤ i in turn, or along ``direction``.
    """
    entries, array, numbers, pack, _ = point
    found: list[Any] = []
    outputs: list[Any] = []
    seeded, source = list(args), iter(levels)
    turns = [0.0] * len(numbers) if direction is None else direction
    if array is not None:
        shape, is_small = array.shape, array.nbytes < LARGE
    for i, entry in enumerate(entries):
        for other in entries[:i + 1] if direction is None else (0,):  # 0: not used
            if direction is None:
                inner = next(source)
            outer = next(source)
            output: Any = PENDING
            if array is None:
                if direction is None and len(numbers) > 1 + (other != entry):
                    seeds: list[Any] = numbers[:]  # plain floats, those that do not move
                    if other != entry:
                        seeds[other] = dual(dual(numbers[other], 1.0, inner), 0.0, outer)
                    seeds[entry] = dual(dual(numbers[entry], float(other == entry), inner), 1.0, outer)
                    place(seeds, pack, argnums, seeded)
                    with suppress(Exception):  # perhaps of what floats cannot do (see `Pass`)
                        output = function(*seeded, **kwargs)
                if output is PENDING:
                    seeds = [dual(dual(x, v, inner), 0.0, outer) for x, v in zip(numbers, turns)]
                    seeds[entry].tangent = 1.0
                    if direction is None:
                        seeds[other].primal.tangent = 1.0
                    place(seeds, pack, argnums, seeded)
            else:
                lower = new()
                lower.primal = array.__copy__() if is_small else copied(array)
                lower.tangent = tangent = np.zeros(shape) if direction is None else copied(direction)
                lower.level = inner
                if direction is None:
                    tangent[other] = 1.0
                seeded[argnums] = seed = new()
                seed.primal = lower
                seed.tangent = tangent = np.zeros(shape)
                tangent[entry] = 1.0
                seed.level = outer
            if output is PENDING:
                try:
                    output = function(*seeded, **kwargs)
                except Exception as error:
                    explain(error)
                    raise
            outputs.append(output)
            parts = _parts_of_second_order(output, inner, outer)
            if parts is None:
                return found, outputs
            found.append(parts)
    return found, outputs


def _parts_of_second_order(output: Any, inner: int, outer: int) -> tuple[float, float, float] | None:
    """(value, slope, curvature) of what a pass returned, if they are floats."""
    if type(output) is float or type(output) is np.float64:  # of numbers that do not move
        return float(output), 0.0, 0.0
    if type(output) is not Dual or output.level != outer:
        return None
    value, slope, curvature = output.primal, output.tangent, 0.0
    if type(value) is Dual and value.level == inner:
        value = value.primal
    if type(slope) is Dual and slope.level == inner:
        slope, curvature = slope.primal, slope.tangent
    return (value, slope, curvature) if type(value) is type(slope) is type(curvature) is float else None
