"""The functions of the rules for object arrays: each element by the functions of its own number type."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import namespace

uses_numpy = False
where = np.where
OPERATORS = (np.add, np.subtract, np.multiply, np.divide, np.power, np.negative, np.absolute, np.square, np.reciprocal, np.less,
             np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.maximum, np.minimum, np.fmax,
             np.fmin)  # which NumPy itself leaves to the elements' operators
DIVISIONS = (np.floor_divide, np.remainder)  # these, too, but some packages' numbers have no operator that takes a float first


def __getattr__(name: str) -> Any:
    if name.startswith(("_", "pytest")):  # not functions: what Python and pytest ask of any module
        raise AttributeError(name)
    native = getattr(np, name, None)
    if native in OPERATORS:
        return native

    def of_elements(*values: Any) -> Any:
        functions = namespace(*values)
        return (getattr(functions, name, native) if native in DIVISIONS else getattr(functions, name))(*values)

    return lambda *arrays: np.frompyfunc(of_elements, len(arrays), 1)(*arrays)
