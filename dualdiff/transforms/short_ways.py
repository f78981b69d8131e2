"""The short ways of transforms: common calls with common results, in as few steps as there can be.

All of this is speed. It declines (`NOTHING`) what is not common among the arguments; where a result is not, the general way goes on
from what has been `Begun`, so that the function is not called again. That gives the same results, and does without all this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dualdiff.dual import Dual, dual, new
from dualdiff.levels import new_level, new_levels
from dualdiff.memory import DOUBLE, LARGE, SMALL, copied
from dualdiff.transforms.passes import explain
from dualdiff.transforms.points import NUMBERS, Point, joined_at, place, point_of, seeds_of_several


class Begun(NamedTuple):
    """What has been done of a call: the levels of its passes, all of them, and what the first of these returned."""

    levels: Sequence[int]
    outputs: Sequence[Any]


NOTHING = Begun((), ())
SEVERAL = {np.ndarray, list, tuple}


# ---- first derivatives ---------------------------------------------------------------------------------------------------

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
        if several:
            place(seeds_of_several(numbers, entry, level), pack, argnums, seeded)
        elif array is None:
            seeds = []
            for x in numbers:
                seed = new()
                seed.primal = x
                seed.tangent = 0.0
                seed.level = level
                seeds.append(seed)
            seeds[entry].tangent = 1.0
            place(seeds, pack, argnums, seeded)
        else:
            seeded[argnums] = seed = new()
            seed.primal = array.__copy__() if is_small else copied(array)  # in its own layout
            seed.tangent = tangent = np.zeros(shape)
            tangent[entry] = 1.0
            seed.level = level
        try:
            output = function(*seeded, **kwargs)
        except Exception as error:
            explain(error)
            raise
        if type(output) is Dual:
            primal, tangent = (output.primal, output.tangent) if output.level == level else (None, None)
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
        elif type(x) is float:
            primals.append(x)
            tangents.append(0.0)
        else:
            return None, None
    return kind(primals), kind(tangents)


def _together(value: Any, tangent: Any, level: int) -> Any:
    """What a pass returned, from its parts."""
    if type(value) is list or type(value) is tuple:
        return type(value)([dual(x, t, level) for x, t in zip(value, tangent)])
    return dual(value, tangent, level)


# ---- second derivatives --------------------------------------------------------------------------------------------------

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
        for other in entries[:i + 1] if direction is None else (None,):
            if direction is None:
                inner = next(source)
            outer = next(source)
            if array is None:
                seeds = [dual(dual(x, v, inner), 0.0, outer) for x, v in zip(numbers, turns)]
                seeds[entry].tangent = 1.0
                if direction is None:
                    seeds[other].primal.tangent = 1.0  # type: ignore[index]
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
    if type(output) is not Dual or output.level != outer:
        return None
    value, slope, curvature = output.primal, output.tangent, 0.0
    if type(value) is Dual and value.level == inner:
        value = value.primal
    if type(slope) is Dual and slope.level == inner:
        slope, curvature = slope.primal, slope.tangent
    return (value, slope, curvature) if type(value) is type(slope) is type(curvature) is float else None


# ---- one pass along a direction ------------------------------------------------------------------------------------------

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
        elif kind in NUMBERS and type(v) in NUMBERS:
            seed.primal = float(x)
            seed.tangent = float(v)
        elif (kind is list or kind is tuple) and type(v) is kind and len(v) == len(x) and NUMBERS.issuperset(map(type, (*x, *v))):
            seeds.append(kind([dual(float(a), float(b), level) for a, b in zip(x, v)]))
            continue
        else:
            return None
        seed.level = level
        seeds.append(seed)
    return seeds or None
