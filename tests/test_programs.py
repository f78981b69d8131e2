"""Whole programs in plain NumPy, as users write them, against differences of themselves: see `reference.check`."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
import programs_algebra  # noqa: F401  (importing them registers their programs)
import programs_arrays  # noqa: F401
import programs_control  # noqa: F401
import programs_models  # noqa: F401
import programs_signals  # noqa: F401
import programs_statistics  # noqa: F401
from programs_calls import REFUSED, WORKS
from programs_science import OPTIONS, PROGRAMS, P
from reference import check


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    function, arrays = PROGRAMS[name]
    check(function, *arrays, **OPTIONS[name])


@pytest.mark.parametrize("name", WORKS)
def test_call(name):
    function, x = WORKS[name]
    check(function, x, float32=False)  # Python's 1.0 in an array of objects is as strong as a float64


@pytest.mark.parametrize("name", REFUSED)
def test_refused_call(name):
    """What would lose the tangent raises; it never returns a number."""
    function, x = REFUSED[name]
    function(x.copy())  # it is a sound program
    for transform in (dd.jacobian, lambda f: dd.jacobian(f, chunk_size=None), lambda f: dd.jacobian(dd.jacobian(f))):
        with pytest.raises((TypeError, ValueError)):
            transform(function)(x)


@pytest.mark.parametrize("name", ["solve objs", "det objs", "np.interp objs", "np.fft objs", "np.isfinite objs", "nditer"])
def test_compiled_code_that_meets_objects_names_the_rewrite(name):
    function, x = REFUSED[name]
    with pytest.raises((TypeError, ValueError)) as caught:
        dd.jacobian(function)(x)
    assert "like=x" in " ".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


def test_functions_of_frompyfunc_see_the_elements():
    """They return arrays of objects, of plain numbers too."""
    product = np.frompyfunc(lambda a, b: a * b + 1, 2, 1)
    found = dd.jacobian(lambda p: product(p, p[::-1]))(P)
    np.testing.assert_allclose(found, np.diag(P[::-1]) + np.diag(P)[:, ::-1], rtol=1e-15)
    both = np.frompyfunc(lambda a: (2 * a, a * a), 1, 2)
    np.testing.assert_allclose(dd.jacobian(lambda p: both(p)[1])(P), np.diag(2 * P), rtol=1e-15)
    assert dd.derivative(dd.derivative(lambda x: product(x, x)))(1.5) == 2.0


def test_there_are_many():
    assert len(PROGRAMS) + len(WORKS) >= 220
