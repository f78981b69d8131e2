"""The published policy for kinks and singular points, first and second order, in every form of input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dualdiff as dd
import policy
from policy import PAIRS, SCALAR, VECTOR, Point

DOCUMENT = Path(__file__).parent.parent / "examples" / "singular_points.md"


def names(points: list[Point]) -> list[str]:
    return [f"{p.name} at {p.at}" for p in points]


def same(got: Any, wanted: Any, atol: float = 0) -> None:
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(wanted, float), rtol=1e-14, atol=atol)


NUMBERS = SCALAR + PAIRS
numbers = pytest.mark.parametrize("point", NUMBERS, ids=names(NUMBERS))
vectors = pytest.mark.parametrize("point", VECTOR, ids=names(VECTOR))
chunks = pytest.mark.parametrize("k", [1, 2, None])


@numbers
def test_scalars(point: Point) -> None:
    argnums = tuple(range(len(point.at)))
    same(dd.gradient(point.function, argnums=argnums)(*point.at), point.first)
    same(dd.hessian(point.function, argnums=argnums)(*point.at), point.second)


@numbers
@chunks
def test_in_arrays(point: Point, k: int | None) -> None:
    """The point in the middle of harmless ones, which must not be harmed."""
    n = len(point.at)
    x = np.full((n, 3), 0.75)
    x[0] = 1.25 if "cosh" in point.name else 0.5
    x[:, 1] = point.at

    def of_rows(x: Any) -> Any:
        return point.function(*x)

    with np.errstate(all="ignore"):
        jacobian = dd.jacobian(of_rows, chunk_size=k)(x)
        same(jacobian[1, :, 1], point.first)
        harmless = np.isfinite(of_rows(x)[0])  # (-2)**0.5 is not
        assert harmless == ("(-2)" not in point.name)
        assert np.all(np.isfinite(jacobian[[0, 2]])) == harmless
        assert np.all(jacobian[1][:, [0, 2]] == 0)
        hessian = dd.hessian(of_rows, chunk_size=k)(x)
        same(hessian[1, :, 1, :, 1], point.second)
        assert np.all(np.isfinite(hessian[[0, 2]])) == harmless


@vectors
@chunks
def test_vectors(point: Point, k: int | None) -> None:
    x = np.array(point.at)
    same(dd.gradient(point.function, chunk_size=k)(x), point.first, atol=1e-15)
    same(dd.hessian(point.function, chunk_size=k)(x), point.second, atol=1e-15)


@vectors
def test_along_one_direction(point: Point) -> None:
    """A zero direction gives zero, whatever the partials are."""
    x = np.array(point.at)
    assert np.all(np.asarray(dd.jvp(point.function, x, np.zeros_like(x))[1]) == 0)


def test_the_documentation_is_the_policy() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == policy.markdown(), "run: python tests/policy.py > examples/singular_points.md"
