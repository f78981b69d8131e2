"""Tests that bite: an error planted into each rule in turn must be found by the very check that the accuracy test uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import oracles
from dualdiff.dual import OF_ONE, OF_ONE_ARRAY, OF_TWO
from dualdiff.lanes import array_functions, array_operators
from dualdiff.rules.table import TABLE, Elementwise

POINTS = 24
ROWS = oracles.rows()


def forget(function: Any) -> None:
    """What has been made from the row of ``function``."""
    OF_ONE.pop(function, None)
    OF_ONE_ARRAY.pop(function, None)
    OF_TWO.pop(function, None)


@contextmanager
def planted(function: Any, partials: tuple[Any, ...]) -> Iterator[None]:
    """The table with other partials in the row of ``function``, and arrays left to it: what is by hand has tests of its own."""
    row: Any = TABLE[function]
    TABLE[function] = Elementwise(function, partials, row.from_output, row.on, row.if_complex, row.over)
    forget(function)
    lanes: tuple[Any, ...] = (array_functions, array_operators)
    double = lanes[0].DOUBLE
    for lane in lanes:
        lane.DOUBLE = None  # no array is of this dtype
    try:
        yield
    finally:
        TABLE[function] = row
        for lane in lanes:
            lane.DOUBLE = double
        forget(function)


def changed(partial: Any, change: Callable[[Any], Any]) -> Any:
    """A partial with an error: of a number, of a mask, of a function, and of each part of a tuple."""
    def apply(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(None if part is None else change(part) for part in value)
        return change(value)

    return (lambda *args: apply(partial(*args))) if callable(partial) else apply(partial)


def scaled(value: Any) -> Any:
    if isinstance(value, int) and value == 0:
        return 0.001
    return np.where(value, 1.001, 0.001) if getattr(value, "dtype", None) == bool else value * 1.001


def turned(value: Any) -> Any:
    if isinstance(value, int) and value == 0:
        return -1
    return np.where(value, -1.0, 1.0) if getattr(value, "dtype", None) == bool else -1 * value


def mutants() -> Iterator[Any]:
    for function in ROWS:
        partials = TABLE[function].numerators  # type: ignore[attr-defined]
        for i in oracles.differentiable(function):
            for name, change in (("1.001", scaled), ("sign", turned)):
                broken = (*partials[:i], changed(partials[i], change), *partials[i + 1:])
                yield pytest.param(function, broken, id=f"{function.__name__}-{i}-{name}")
        symmetric = function in (np.add,)  # both partials are the same
        if len(partials) == 2 and None not in partials and not symmetric:
            yield pytest.param(function, partials[::-1], id=f"{function.__name__}-swapped")


def found_wrong(function: Any) -> bool:
    return any(oracles.failures(function, (i,), POINTS) for i in oracles.differentiable(function))


@pytest.mark.parametrize("function", ROWS, ids=[f.__name__ for f in ROWS])
def test_the_check_passes_without_an_error(function: Any) -> None:
    assert not found_wrong(function)


@pytest.mark.parametrize(("function", "partials"), list(mutants()))
def test_a_planted_error_is_found(function: Any, partials: Any) -> None:
    with planted(function, partials):
        assert found_wrong(function)
