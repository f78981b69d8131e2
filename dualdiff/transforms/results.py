"""What comes out of a pass: leaves with primals and tangents, and the columns of a Jacobian put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dualdiff.arguments import as_one
from dualdiff.dual import Dual
from dualdiff.errors import LevelError
from dualdiff.numbers import MODULES, plain
from dualdiff.operand import Operand
from dualdiff.structures import leaves, mapped, rebuilt, shape_of
from dualdiff.tangents import Tangents


def split_aux(output: Any, name: str) -> tuple[Any, Any]:
    """The two parts of what a function returned that has something besides its result."""
    if not isinstance(output, tuple) or len(output) != 2:
        what = f"a tuple of {len(output)}" if isinstance(output, tuple) else type(output).__name__
        raise TypeError(f"with has_aux=True {name} must return a pair (result, aux), not {what}")
    return output


def checked_leaves(output: Any, name: str) -> list[tuple[str, Any]]:
    """The leaves of what a function returned: numbers and arrays, object arrays of operands as one operand."""
    if type(output) is Dual:
        return [("", output)]
    return [(path, leaf if type(leaf) is Dual else _checked(leaf, path, name)) for path, leaf in leaves(output)]


def _checked(leaf: Any, path: str, name: str) -> Any:
    leaf = as_one(leaf)
    if not _is_number(leaf):
        what = "None" if leaf is None else "a function" if callable(leaf) else f"a value of type {type(leaf).__name__}"
        raise TypeError(f"{name} returned {what}{f' at {path}' if path else ''}, which has no derivative; return numbers or "
                        f"arrays, and anything else beside them with has_aux=True")
    return leaf


def _is_number(leaf: Any) -> bool:
    if isinstance(leaf, (Operand, int, float, complex, np.number, np.bool_)):
        return True
    if isinstance(leaf, np.ndarray):
        return leaf.dtype.kind in "biufcO" and type(leaf).__mul__ is np.ndarray.__mul__  # not a masked array, nor a matrix
    return type(leaf).__module__.partition(".")[0] in MODULES and not callable(leaf)


LEFT_BEHIND = ("the result carries the perturbation of another {} was kept (in an attribute, an outer variable, a cache) and used "
               "again; keep its .primal instead, or let each call make its own")


def leaves_of_pass(output: Any, name: str, levels: tuple[int, ...], lowest: int) -> list[tuple[str, Any]]:
    """The leaves of what a pass returned at ``levels``, from the highest down; ``lowest`` is the lowest of all passes of the call.

    A leaf of an earlier pass is refused. What is below the lowest is of an enclosing call.
    """
    leaves = checked_leaves(output, name)
    for _, leaf in leaves:
        _refuse_other_passes(leaf, levels, lowest)
    return leaves


def _refuse_other_passes(leaf: Any, levels: tuple[int, ...], lowest: int) -> None:
    if isinstance(leaf, Operand):
        if lowest <= leaf.level < levels[0] and leaf.level not in levels:
            raise LevelError(LEFT_BEHIND.format("pass of this derivative call: a number of that pass"))
        _refuse_other_passes(leaf.primal, levels, lowest)
        if isinstance(leaf, Dual):
            _refuse_other_passes(leaf.tangent, levels, lowest)


def primal_at(leaf: Any, level: int) -> Any:
    """The leaf without its tangent of ``level``."""
    return leaf.primal if isinstance(leaf, Operand) and leaf.level == level else leaf


def tangent_at(leaf: Any, level: int, width: int | None) -> Any:
    """The leaf's tangent at ``level``; zeros for one that does not depend on the input. With ``width`` a block of directions."""
    if isinstance(leaf, Dual) and leaf.level == level:
        return leaf.tangent.block if isinstance(leaf.tangent, Tangents) else leaf.tangent
    if isinstance(leaf, Operand) and 0 < level < leaf.level:
        raise LevelError(LEFT_BEHIND.format("derivative call, one that has finished: a number of that call"))
    shape = shape_of(leaf)
    if not shape and width is None and not isinstance(leaf, np.ndarray):
        return 0.0
    dtype = getattr(leaf, "dtype", np.dtype(float))
    return np.zeros(shape if width is None else (width, *shape), dtype if dtype.kind in "fc" else float)


def value_and_tangent(output: Any, level: int, name: str) -> tuple[Any, Any]:
    """What a pass along one direction found: both of the structure of what the function returned."""
    if type(output) is Dual and output.level == level:
        return output.primal, handed_out(output.tangent)
    if type(output) is float:
        return output, 0.0
    found = [leaf for _, leaf in checked_leaves(output, name)]
    return (rebuilt(output, iter([primal_at(leaf, level) for leaf in found])),
            rebuilt(output, iter([handed_out(tangent_at(leaf, level, None)) for leaf in found])))


def handed_out(tangent: Any) -> Any:
    """A tangent as something that a user may write to: one that is shared with another operand, or constant zero, is read-only."""
    return tangent.copy() if type(tangent) is np.ndarray and not tangent.flags.writeable else tangent


def without_level(value: Any, level: int) -> Any:
    """A structure (aux, values) with every operand of ``level`` replaced by its primal."""
    return mapped(value, lambda leaf: primal_at(as_one(leaf), level))


def joined(columns: Sequence[Any], shape: tuple[int, ...], leaf_shape: tuple[int, ...], leaf: Any) -> Any:
    """Columns side by side, the direction's axes last."""
    if not leaf_shape and not isinstance(leaf, np.ndarray):
        return plain(handed_out(columns[0]))
    if not columns:
        return np.zeros((*shape, *leaf_shape), getattr(leaf, "dtype", float))
    kinds = set(map(type, columns))
    if not shape and not any(issubclass(kind, Operand) for kind in kinds):
        found = np.array(columns)
        return found if len(leaf_shape) == 1 else found.reshape(leaf_shape)
    if kinds == {np.ndarray} and all(column.dtype is columns[0].dtype for column in columns):
        return stacked_last(columns, shape, leaf_shape)
    return np.reshape(np.stack(columns, axis=-1), (*shape, *leaf_shape))


def stacked_last(columns: Sequence[np.ndarray[Any, Any]], shape: tuple[int, ...], leaf_shape: tuple[int, ...]) -> Any:
    """``np.stack(columns, axis=-1)`` of arrays of one dtype, the last axis in the shape of a leaf."""
    if columns[0].size * len(columns) > 4096:
        return _interleaved(columns).reshape(*shape, *leaf_shape)
    found = np.array(columns, columns[0].dtype)
    if len(shape) == len(leaf_shape) == 1:
        return found.T.copy()
    return found.reshape(len(columns), -1).T.copy().reshape(*shape, *leaf_shape)


def _interleaved(columns: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """``np.stack(columns, axis=-1)``, of long columns a piece at a time, so that each line of the cache is filled once."""
    result = np.empty((columns[0].size, len(columns)), columns[0].dtype)
    flat = [column.reshape(-1) for column in columns]
    for start in range(0, len(result), 2048):
        for i, column in enumerate(flat):
            result[start:start + 2048, i] = column[start:start + 2048]
    return result
