"""The memory of arrays: buffers for large temporaries that are used again, copies and views, tangents that take none.

An allocator gives large arrays back to the system as soon as they are free, and then the system has to find and clear pages for
the next one, which costs more than the arithmetic in it. So each thread keeps a few buffers. One is unused when only the pool
refers to it: every array in it, and every view of one, has the buffer as its ``base``. Its arrays begin at a line of the cache,
which on some processors doubles the speed of arithmetic within the cache: NumPy's own begin at any 16 bytes, and then every store
goes to two lines.
"""

from __future__ import annotations

import operator
import os
import threading
from collections.abc import Callable
from functools import cache
from sys import getrefcount
from typing import Any

import numpy as np


def _keeps_more() -> bool:
    """Whether the allocator keeps at hand what is freed of arrays up to 128 kB.

    glibc does once a larger array has been freed: from then on it returns memory to the system only beyond twice the size of that
    one, as in any program with large arrays. So it is shown one of 1 MB, of which no page is ever touched.
    """
    name = "CS_GNU_LIBC_VERSION"
    if name not in getattr(os, "confstr_names", ()) or not (os.confstr(name) or "").startswith("glibc"):
        return False
    np.empty(2**17)
    return True


LARGE = 2**17 if _keeps_more() else 2**15  # bytes of an array; what is smaller an allocator keeps at hand, in less time than a pool
SMALL = LARGE // 8  # doubles: an array of fewer is not large
MOST = 2**28  # bytes in all the buffers that a thread keeps: with 100 MB, a copy in fresh pages costs three times one in old ones
LINE = 64  # bytes that a processor's cache takes at once
MANY = 64  # buffers that a thread keeps, each of which is looked at when an unused one is wanted


Buffer = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
"""Some memory, and an array that shows all of it but what comes before the first line of the cache."""


class Pool(threading.local):
    """The buffers of a thread: of each size and dtype some, after a yardstick that nobody is ever given.

    What Python counts where only a list refers to an object depends on its version, and may come to depend on how it has compiled
    the loop. So the yardstick is counted first, in the very same place, each time.
    """

    def __init__(self) -> None:
        self.lists: dict[tuple[int, np.dtype[Any]], list[Buffer]] = {}

    def empty_like(self, array: np.ndarray[Any, Any], k: int = 0) -> np.ndarray[Any, Any]:
        """An array like ``array``, or (k > 0) like k of them along a new first axis, with arbitrary content."""
        size, dtype = array.size * (k or 1), array.dtype
        if size * dtype.itemsize < LARGE:
            return np.empty((k, *array.shape), dtype) if k else np.empty_like(array)
        unused, made = -1, None
        for memory, whole in self.lists.get((size, dtype), ()):
            references = getrefcount(memory)
            if references == unused:
                made = whole[:]
                if getrefcount(memory) == unused + 1:  # a signal's handler, a finalizer or a debugger may have come between
                    break
                made = None
            elif unused < 0:
                unused = references
        if made is None:
            made = self._made(size, dtype)
        if k:
            return made.reshape(k, *array.shape)
        if array.ndim == 1:
            return made
        return made.reshape(array.shape[::-1]).T if array.flags.fnc else made.reshape(array.shape)

    def _made(self, size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        """A new buffer, kept for later too."""
        whole = _aligned(size, dtype)
        if whole.nbytes <= MOST and not dtype.hasobject:  # objects would be kept alive
            self._make_room(whole.nbytes)
            self.lists.setdefault((size, dtype), [(yardstick := np.empty(1), yardstick[:0])]).append((owner(whole), whole[:]))
        return whole

    @property
    def buffers(self) -> list[np.ndarray[Any, Any]]:
        """All buffers, of the sizes that have been in the pool for longest first."""
        return [whole for buffers in list(self.lists.values()) for _, whole in buffers[1:]]

    def _make_room(self, nbytes: int) -> None:
        """Let go of buffers until there is room for one more of ``nbytes``."""
        buffers = self.buffers
        room, many = MOST - sum([buffer.nbytes for buffer in buffers]), len(buffers)
        for key in list(self.lists):
            while room < nbytes or many >= MANY:
                if len(self.lists[key]) == 1:
                    del self.lists[key]
                    break
                room += self.lists[key].pop(1)[1].nbytes
                many -= 1

    def clear(self) -> None:
        """Let go of all buffers."""
        self.lists.clear()


def _aligned(size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A vector that begins at a line of the cache, as a view of a longer one."""
    longer = np.empty(size + LINE // dtype.itemsize, dtype)
    start = -longer.__array_interface__["data"][0] % LINE // dtype.itemsize
    return longer[start:start + size]


POOL = Pool()


# ---- copies, views, results ----------------------------------------------------------------------------------------------


def copied(array: Any) -> Any:
    """``np.copy(array, order="K")``, of an operand as well."""
    if type(array) is not np.ndarray:
        return np.copy(array, order="K")
    if array.nbytes < LARGE or not array.flags.forc:
        return array.copy(order="K")
    copy = POOL.empty_like(array)
    np.copyto(copy, array)
    return copy


def owner(array: Any) -> Any:
    """The array whose memory an array shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def is_view(window: Any, array: Any) -> bool:
    """Whether ``window`` shows the memory of ``array``, or is it."""
    return window is array or (window.base is not None and np.may_share_memory(window, array))


DOUBLE = np.dtype(float)
_UFUNCS = {operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply, operator.truediv: np.divide,
           operator.neg: np.negative}


def computed(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    """``function(*inputs)``, elementwise and with an array among the inputs: a large result in memory that is used again."""
    array = inputs[0]
    if type(array) is not np.ndarray:
        array = next(x for x in inputs if type(x) is np.ndarray)
    if array.nbytes < LARGE:
        return function(*inputs)
    ufunc = _UFUNCS.get(function, function)
    shape, strides = array.shape, array.strides
    if not isinstance(ufunc, np.ufunc) or not takes_only_doubles(ufunc) or not array.flags.forc:
        return function(*inputs)
    for x in inputs:  # of mixed layouts NumPy chooses the result's, and with it the order in which a sum adds
        if type(x) is np.ndarray and (x.strides != strides or x.shape != shape or x.dtype is not DOUBLE):
            return function(*inputs)
    return ufunc(*inputs, out=POOL.empty_like(array))  # by keyword: by position, some warn


@cache
def takes_only_doubles(ufunc: np.ufunc) -> bool:
    return f"{'d' * ufunc.nin}->d" in ufunc.types


# ---- tangents that are zero, or shared -----------------------------------------------------------------------------------
#
# A tangent in read-only memory is copied before it is first written to (see `dualdiff.aliasing`).

ZERO = np.zeros(1)
ZERO.flags.writeable = False


def no_tangent(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The tangent of a constant: zeros of an array's shape and dtype, which take no memory if they are doubles."""
    if array.dtype is not DOUBLE:
        return np.zeros(array.shape, array.dtype)
    return np.ndarray(array.shape, DOUBLE, ZERO, 0, (0,) * array.ndim)


def is_zero(tangent: Any) -> bool:
    """Whether a tangent is known to be zero, without a look at its entries."""
    return (type(tangent) is float and tangent == 0) or (type(tangent) is np.ndarray and tangent.base is ZERO)
