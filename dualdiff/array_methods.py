"""The methods and attributes that an operand shares with ``np.ndarray``: each is the NumPy function of the same name.

A method passes its arguments on as the user wrote them, so whatever the table knows about a function holds for the method too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualdiff.numbers import base

# Methods of ndarray that are NumPy functions of the array, with the same arguments.
FUNCTIONS = ("all any argmax argmin argpartition argsort choose clip conj conjugate cumprod cumsum diagonal dot max mean min "
             "nonzero prod ptp ravel repeat round searchsorted squeeze std sum swapaxes take trace var").split()
# The unary ufuncs, which NumPy calls as methods of the elements of an object array: np.sin(a) → each a[i].sin().
UFUNCS = ("arccos arccosh arcsin arcsinh arctan arctanh cbrt cos cosh deg2rad degrees exp exp2 expm1 fabs log log10 log1p log2 "
          "rad2deg radians reciprocal rint sign sin sinh sqrt square tan tanh").split()
BINARY_UFUNCS = "arctan2 copysign fmod hypot logaddexp logaddexp2".split()


class ArrayMethods:
    """What makes an operand feel like an ndarray."""

    __slots__ = ()

    primal: Any

    # ---- attributes ----

    @property
    def is_array(self) -> bool:
        """Whether this is an array (of whatever dimension) rather than a scalar."""
        return isinstance(base(self), np.ndarray)

    @property
    def shape(self) -> tuple[int, ...]:
        return getattr(self.primal, "shape", ())

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the primal's elements."""
        primal = base(self)
        return primal.dtype if hasattr(primal, "dtype") else np.asarray(primal).dtype

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def T(self) -> Any:
        return np.transpose(self)  # type: ignore[call-overload]

    @property
    def mT(self) -> Any:
        return np.swapaxes(self, -1, -2)  # type: ignore[call-overload]

    @property
    def real(self) -> Any:
        return np.real(self)  # type: ignore[call-overload]

    @property
    def imag(self) -> Any:
        return np.imag(self)  # type: ignore[call-overload]

    # ---- access ----

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"len() of a scalar {type(self).__name__}")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError(f"iteration over a scalar {type(self).__name__}")
        return (self[i] for i in range(self.shape[0]))

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError

    def __setitem__(self, index: Any, value: Any) -> None:
        raise NotImplementedError

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(base(self) == base(value)))

    def item(self, *index: Any) -> Any:
        """The single element, or that at an index (flat or one for each axis), as a scalar operand."""
        if not index:
            if self.size != 1:
                raise ValueError("item() without an index needs an array of one element")
            return self[(0,) * self.ndim] if self.ndim else (self[()] if self.is_array else self)
        index = index[0] if len(index) == 1 else index
        return self[index if isinstance(index, tuple) else np.unravel_index(index, self.shape)]

    def tolist(self) -> Any:
        """Nested lists of scalar operands."""
        return [item.tolist() for item in self] if self.shape else self.item()

    def fill(self, value: Any) -> None:
        self[...] = value

    @property
    def flat(self) -> Any:
        """The elements in C order. Iterating, indexing and assigning work on the array itself."""
        return Flat(self)

    # ---- methods whose arguments differ from the function's ----

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        options = {} if copy is None else {"copy": copy}
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order, **options)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)  # type: ignore[call-overload]

    def flatten(self, order: str = "C") -> Any:
        return np.ravel(self, order).copy()  # type: ignore[call-overload]

    def copy(self, order: str = "C") -> Any:
        return np.copy(self, order)  # type: ignore[call-overload]

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        return np.compress(condition, self, axis, out)  # type: ignore[call-overload]

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> None:
        """Sort in place, tangents along with their primals."""
        self[...] = np.sort(self, axis, kind, order)  # type: ignore[call-overload]

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
        self[...] = np.partition(self, kth, axis, kind, order)  # type: ignore[call-overload]

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        np.put(self, indices, values, mode)  # type: ignore[call-overload]


class Flat:
    """``x.flat``: a view of the elements in C order."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return int(self.array.size)

    def __iter__(self) -> Iterator[Any]:
        return (self.array[index] for index in np.ndindex(self.array.shape))

    def __getitem__(self, index: Any) -> Any:
        return np.ravel(self.array)[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.array[np.unravel_index(np.arange(self.array.size)[index], self.array.shape)] = value


def _define_methods() -> None:
    def method(function: Callable[..., Any], name: str) -> None:
        def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(self, *args, **kwargs)

        forward.__name__, forward.__doc__ = name, f"``np.{name}`` of this operand."
        setattr(ArrayMethods, name, forward)

    for name in (*FUNCTIONS, *UFUNCS, *BINARY_UFUNCS):
        method(getattr(np, name), name)


_define_methods()
