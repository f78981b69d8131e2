"""Tangents: the k directions that a chunked pass carries, in one block with a leading direction axis.

Everything that is particular to chunks is in this class: how a partial is aligned with the block, how blocks are broadcast, and
how a linear function is applied to each direction. The rest of the package treats it as one tangent.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.errors import LevelError
from dualdiff.levels import USER
from dualdiff.quiet import quietly

Rows = tuple[int, ...]


class Tangents:
    """``block[i]`` is the tangent along direction i; it has the shape of the primal.

    The block is an array, or (in nested derivatives) an operand of a lower level. Few directions touch what an input has just
    entered: as long as only elementwise functions are at work, the block may consist of the ``rows`` that are not zero.
    """

    __slots__ = ("_count", "held", "rows")
    __array_ufunc__ = None  # ndarray * Tangents is our __rmul__

    def __init__(self, block: Any, rows: Rows | None = None, count: int = 0) -> None:
        self.held = block
        self.rows = rows  # the directions in ``held``, in ascending order; None: all
        self._count = count

    @property
    def block(self) -> Any:
        """All directions."""
        held, rows = self.parts()
        if rows is not None:
            block = np.zeros((self._count, *held.shape[1:]), held.dtype)
            block[list(rows)] = held
            block.flags.writeable = held.flags.writeable
            self.held = held = block
            self.rows = None
        return held

    def parts(self) -> tuple[Any, Rows | None]:
        """What is held and its rows, as they belong together: another thread may just be filling in the zeros."""
        rows, held = self.rows, self.held  # in this order, `block` writes in the other
        return held, rows if rows is not None and len(held) == len(rows) else None

    def snapshot(self) -> Tangents:
        """The same, which no other thread knows."""
        return Tangents(*self.parts(), self._count)

    def __len__(self) -> int:
        return int(self.held.shape[0]) if self.rows is None else self._count

    def with_rows(self) -> Tangents:
        """The same without its rows of zeros: for scalars, whose rows are cheap to look at."""
        if type(self.held) is not np.ndarray or self.rows is not None or self.held.dtype.kind != "f":
            return self
        rows = np.flatnonzero(self.held)
        return self if len(rows) == len(self.held) else Tangents(self.held[rows], tuple(rows.tolist()), len(self.held))

    def __repr__(self) -> str:
        return f"Tangents({self.block!r})"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one direction's tangent."""
        return tuple(self.held.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self.held.dtype
        return dtype

    def aligned(self, ndim: int) -> Any:
        """The block with axes of length 1 after the direction axis, so that it broadcasts against ``ndim`` axes."""
        missing = ndim - (self.block.ndim - 1)
        if missing <= 0:
            return self.block
        return self.block.reshape((len(self), *(1,) * missing, *self.shape))

    # ---- elementwise ----

    def __mul__(self, partial: Any) -> Tangents:
        if type(partial) is float:
            held, rows = self.parts()
            return Tangents(quietly(operator.mul, held, partial), rows, self._count)
        return Tangents(quietly(operator.mul, self.aligned(np.ndim(partial)), partial))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Tangents:
        if type(divisor) is float:
            held, rows = self.parts()
            return Tangents(quietly(operator.truediv, held, divisor), rows, self._count)
        return Tangents(quietly(operator.truediv, self.aligned(np.ndim(divisor)), divisor))

    def __add__(self, other: Any) -> Tangents:
        if type(other) is not Tangents:
            return NotImplemented
        (ours, rows), (theirs, others) = self.parts(), other.parts()
        if rows == others and self._count == other._count and ours.shape == theirs.shape:
            return Tangents(quietly(operator.add, ours, theirs), rows, self._count)
        if len(other) != len(self):
            raise of_another_pass(len(self), len(other))
        ndim = max(len(self.shape), len(other.shape))
        return Tangents(quietly(operator.add, self.aligned(ndim), other.aligned(ndim)))

    def __neg__(self) -> Tangents:
        held, rows = self.parts()
        return Tangents(-held, rows, self._count)

    def __sub__(self, other: Any) -> Tangents:
        return self.__add__(-other)

    def fused(self, function: Callable[..., Any], *others: Any) -> Tangents:
        """``function(block, *others)`` for an elementwise function, each of the others aligned with the block."""
        return Tangents(quietly(function, self.aligned(max(map(np.ndim, others), default=0)), *others))

    # ---- shape and memory ----

    def broadcast(self, shape: tuple[int, ...]) -> Tangents:
        return Tangents(np.broadcast_to(self.aligned(len(shape)), (len(self), *shape)).copy())

    def copy(self) -> Tangents:
        return Tangents(self.block.copy(order="K"))

    def astype(self, dtype: Any) -> Tangents:
        return Tangents(self.block.astype(dtype))

    def trailing(self) -> Any:
        """A view with the direction axis last, where any index into the primal's axes means what it means for the primal."""
        return np.moveaxis(self.block, 0, -1)

    def __getitem__(self, index: Any) -> Tangents:
        return Tangents(np.moveaxis(self.trailing()[_with_all_directions(index)], -1, 0))

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, Tangents):
            value = value.trailing()
        elif np.ndim(value):
            value = np.asarray(value)[..., None] if isinstance(value, (list, np.ndarray)) else value[..., None]
        self.trailing()[_with_all_directions(index)] = value

    # ---- linear functions ----

    def direction(self, i: int) -> Any:
        return self.block[i]


def _with_all_directions(index: Any) -> Any:
    """An index into the primal's axes as one into the primal's axes followed by the direction axis."""
    parts = index if isinstance(index, tuple) else (index,)
    return (*parts, slice(None)) if any(part is Ellipsis for part in parts) else index


def direction_of(value: Any, i: int) -> Any:
    """Direction i of a tangent, or of a list in which some are `Tangents` and others the zeros of constants."""
    if isinstance(value, Tangents):
        return value.direction(i)
    if isinstance(value, (list, tuple)):
        return [direction_of(item, i) for item in value]
    return value


def width(value: Any) -> int | None:
    """How many directions are in a tangent (or a list of tangents); None for a single one."""
    if isinstance(value, Tangents):
        return len(value)
    if isinstance(value, (list, tuple)):
        found = {k for k in map(width, value) if k is not None}
        if len(found) > 1:
            raise of_another_pass(*sorted(found)[:2])
        return found.pop() if found else None
    return None


def of_another_pass(width: int, other: int) -> LevelError:
    return LevelError(f"a chunk of {width} directions met one of {other}: a number from another pass was kept and used again")


def stack_directions(results: Sequence[Any]) -> Any:
    """One tangent from its directions; a result with several parts (a tuple) part by part, None for a constant one."""
    if isinstance(results[0], (list, tuple)):
        return [stack_directions(parts) for parts in zip(*results)]
    return None if results[0] is None else Tangents(np.stack(results))


def as_chunk(blocks: Any) -> Any:
    """What `stack_directions` would give, from results that have the direction axis already."""
    if isinstance(blocks, (list, tuple)):
        return [as_chunk(block) for block in blocks]
    return None if blocks is None else Tangents(blocks)


def may_be_shared(owner: Any, tangent: Any) -> bool:
    """Whether another operand may have the same tangent: if no views of it can be written to. From now on it is read-only."""
    if owner.level == USER or hasattr(owner, "family"):
        return False
    block = tangent.held if type(tangent) is Tangents else tangent
    if type(block) is not np.ndarray or block.dtype != owner.primal.dtype:
        return False
    block.setflags(write=False)
    return True


# ---- direct paths --------------------------------------------------------------------------------------------------------
#
# A linear function of a block may be done in one call instead of k, where its arguments can be rewritten for an array with one
# more axis in front. Views must be: the result has to share the block's memory.

def _getitem(tangents: Tangents, index: Any) -> Tangents:
    return tangents[index]


def _reshape(tangents: Tangents, shape: Any, order: str = "C", **options: Any) -> Tangents | None:
    if order == "F":  # what order C does to the transposes
        block = _transpose(tangents)
        turned = _reshape(block, tuple(shape)[::-1] if isinstance(shape, (tuple, list)) else shape, **options)
        return None if turned is None else _transpose(turned)
    if order != "C":
        return None
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (int(shape),)
    if -1 in shape:
        known = -int(np.prod(shape))
        shape = tuple(int(np.prod(tangents.shape)) // max(known, 1) if n == -1 else n for n in shape)
    return Tangents(np.reshape(tangents.block, (len(tangents), *shape), **options))


def _transpose(tangents: Tangents, axes: Any = None) -> Tangents:
    ndim = len(tangents.shape)
    order = range(ndim)[::-1] if axes is None else [axis % ndim for axis in axes]
    return Tangents(np.transpose(tangents.block, (0, *(axis + 1 for axis in order))))


def _broadcast_to(tangents: Tangents, shape: Any, subok: bool = False) -> Tangents:
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (int(shape),)
    return Tangents(np.broadcast_to(tangents.aligned(len(shape)), (len(tangents), *shape)))


def _diagonal(tangents: Tangents, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tangents:
    ndim = len(tangents.shape)
    return Tangents(np.diagonal(tangents.block, offset, axis1 % ndim + 1, axis2 % ndim + 1))


def _windows(tangents: Tangents, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False) -> Tangents:
    ndim = len(tangents.shape)
    axes = range(ndim) if axis is None else (axis if isinstance(axis, (tuple, list)) else (axis,))
    return Tangents(np.lib.stride_tricks.sliding_window_view(tangents.block, window_shape, tuple(n % ndim + 1 for n in axes),
                                                             subok=subok, writeable=writeable))


def _sum(tangents: Tangents, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
         where: Any = True) -> Tangents | None:
    if where is not True:
        return None
    ndim = len(tangents.shape)
    axes = range(ndim) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    axes = tuple(a % ndim + 1 for a in axes) if ndim else ()
    return Tangents(np.sum(tangents.block, axis=axes, dtype=dtype, keepdims=bool(keepdims)))


DIRECT: dict[Callable[..., Any], Callable[..., Tangents | None]] = {
    operator.getitem: _getitem,
    np.reshape: _reshape,
    np.transpose: _transpose,
    np.broadcast_to: _broadcast_to,
    np.diagonal: _diagonal,
    np.lib.stride_tricks.sliding_window_view: _windows,
    np.real: lambda tangents: Tangents(np.real(tangents.block)),
    np.imag: lambda tangents: Tangents(np.imag(tangents.block)),
    np.sum: _sum,
}
