"""The methods and attributes that an operand shares with ``np.ndarray``: each is the NumPy function of the same name.

A method passes its arguments on as the user wrote them, so whatever the table knows about a function holds for the method too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.assignments import cycled
from dualdiff.rules.creation import stacked

numpy: Any = np  # its stubs know of arrays only

# Methods of ndarray that are NumPy functions of the array, with the same arguments.
FUNCTIONS = ("all any argmax argmin argpartition argsort choose cumprod cumsum diagonal dot max mean min "
             "nonzero prod ravel repeat round searchsorted squeeze std sum swapaxes take trace var").split()
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
        """The type of the primal's elements. A Python number has none, nor an operand on one: np.mean of an object array asks."""
        dtype: np.dtype[Any] | None = getattr(base(self), "dtype", None)
        if dtype is None:
            raise AttributeError(f"a scalar {type(self).__name__} has no dtype, like the Python number in it; take that of "
                                 f"the array")
        return dtype

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """A scalar has none, and those of an array are refused: they would be taken for those of the objects in np.asarray(x)."""
        if self.shape:
            raise AttributeError(f"an array of type {type(self).__name__} has no strides: where its entries lie in memory is not "
                                 f"to be relied on; use np.lib.stride_tricks.sliding_window_view for windows, or index the array")
        return ()

    @property
    def T(self) -> Any:
        return numpy.transpose(self)

    @property
    def mT(self) -> Any:
        return numpy.swapaxes(self, -1, -2)

    @property
    def real(self) -> Any:
        return numpy.real(self)

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Any:
        return numpy.imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError(f"an array of dtype {self.dtype} has no imaginary part to set")
        self.imag[...] = value

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
        """The single element, or that at an index (flat or one for each axis), as a scalar operand on Python's own numbers."""
        if not index:
            if self.size != 1:
                raise ValueError("item() without an index needs an array of one element")
            index = ((0,) * self.ndim,)
        elif len(index) > 1 or isinstance(index[0], tuple):
            index = (index[0] if len(index) == 1 else index,)
        else:
            index = (np.unravel_index(range(self.size)[index[0]], self.shape),)
        element = self[index[0]] if self.is_array else self
        held = getattr(base(element), "dtype", None)
        if held is None or held.kind not in "fc" or held.itemsize > (8 if held.kind == "f" else 16):
            return element
        return element.astype(complex if held.kind == "c" else float)

    def tolist(self) -> Any:
        """Nested lists of scalar operands."""
        return [item.tolist() for item in self] if self.shape else self.item()

    def fill(self, value: Any) -> None:
        self[...] = value

    @property
    def flat(self) -> Any:
        """The elements in C order. Iterating, indexing and assigning work on the array itself."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        Flat(self)[:] = value

    # ---- methods whose arguments differ from the function's ----

    def astype(self, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True) -> Any:
        """In another type. Rounded to integers (or compared with zero) an array is locally constant: then the result is plain."""
        dtype = np.dtype(dtype)
        if dtype.kind == "O":
            return numpy.array(self, object)
        if dtype.kind not in "fc":
            return np.asarray(base(self)).astype(dtype, order, casting)[()]
        held = np.asarray(base(self)).dtype
        if dtype == held and not copy:
            return self
        if dtype.kind == "f" and held.kind == "c" and casting == "unsafe":
            warnings.warn("Casting complex values to real discards the imaginary part", np.exceptions.ComplexWarning, stacklevel=2)
            return numpy.real(self).astype(dtype)
        if not dtype.isnative:  # what a ufunc computes is native
            native = dtype.newbyteorder("=")
            if not self.is_array:
                return self.astype(native, order, casting)
            made = numpy.zeros_like(self, dtype, order)
            numpy.copyto(made, self, casting=casting)
            return made
        return numpy.positive(self, dtype=dtype, casting=casting)

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        options = {} if copy is None else {"copy": copy}
        return numpy.reshape(self, shape[0] if len(shape) == 1 else shape, order, **options)

    def transpose(self, *axes: Any) -> Any:
        return numpy.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def flatten(self, order: str = "C") -> Any:
        return numpy.ravel(self, order).copy()

    def copy(self, order: str = "C") -> Any:
        return numpy.copy(self, order) if self.is_array else self

    def view(self, dtype: Any = None) -> Any:
        """Another name for the same memory; its bytes cannot be taken for those of another type."""
        if dtype not in (None, self.dtype, np.ndarray):
            raise TypeError(f"an array of dual numbers cannot be viewed as {dtype}: its bytes are not its value alone; convert it "
                            f"with astype, and take the parts of complex numbers by .real and .imag")
        return self[...]

    def conj(self, *args: Any, **kwargs: Any) -> Any:
        """The method hands back a real array itself, as NumPy's does; the function makes a copy."""
        if not args and not kwargs and self.is_array and self.dtype.kind in "fiub":
            return self
        return numpy.conjugate(self, *args, **kwargs)

    conjugate = conj

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Any:
        return numpy.clip(self, min, max, out, **options)

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        return numpy.compress(condition, self, axis, out)

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> None:
        """Sort in place, tangents along with their primals."""
        self[...] = numpy.sort(self, axis, kind, order, stable=stable)

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
        self[...] = numpy.partition(self, kth, axis, kind, order)

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        numpy.put(self, indices, values, mode)


class Flat:
    """``x.flat``: the elements in C order, to be iterated over, indexed (into copies, as in NumPy) and assigned to."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return int(self.array.size)

    def __iter__(self) -> Iterator[Any]:
        return (self.array[index] for index in np.ndindex(self.array.shape))

    def __getitem__(self, index: Any) -> Any:
        return self.array[self._position(index)].copy()

    def __setitem__(self, index: Any, value: Any) -> None:
        """A value with fewer elements is repeated."""
        where = self._position(index)
        if isinstance(value, Flat):
            value = value[:]
        if np.ndim(value):
            value = cycled(stacked(value), np.reshape(np.arange(np.size(where[0])), np.shape(where[0])))
        self.array[where] = value

    def copy(self) -> Any:
        return self[:]

    def _position(self, index: Any) -> tuple[Any, ...]:
        return np.unravel_index(np.arange(self.array.size)[index], self.array.shape)


def _define_methods() -> None:
    def method(function: Callable[..., Any], name: str) -> None:
        def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(self, *args, **kwargs)

        forward.__name__, forward.__doc__ = name, f"``np.{name}`` of this operand."
        setattr(ArrayMethods, name, forward)

    for name in (*FUNCTIONS, *UFUNCS, *BINARY_UFUNCS):
        method(getattr(np, name), name)


_define_methods()
