"""Which results share memory with the argument: those, and only those, of which NumPy's do; and so do their tangents."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.dual import dual
from dualdiff.levels import new_level
from dualdiff.numbers import base
from dualdiff.series import Series
from dualdiff.tangents import Tangents
from tests.reference import check, differences, entries

V = np.array([[0.5, -1.25, 2.0], [3.0, 0.25, -0.75], [1.0, 2.0, -0.5]])
windows = np.lib.stride_tricks.sliding_window_view

CALLS = {
    # where there is nothing to do, NumPy copies or not
    "pad": lambda x: np.pad(x, 0),
    "pad, pairs": lambda x: np.pad(x, ((0, 0), (0, 0)), "mean"),
    "pad, edge": lambda x: np.pad(x, 0, "edge"),
    "pad, ramp": lambda x: np.pad(x, 0, "linear_ramp"),
    "roll": lambda x: np.roll(x, 0),
    "roll, axis": lambda x: np.roll(x, 0, axis=0),
    "rot90": lambda x: np.rot90(x, 0),
    "rot90, twice": lambda x: np.rot90(x, 2),
    "flip": lambda x: np.flip(x, ()),
    "diff": lambda x: np.diff(x, 0),
    "diff, prepend": lambda x: np.diff(x, 0, prepend=x[:, :1]),
    "polyder": lambda x: np.polyder(x[0], 0),
    "polyint": lambda x: np.polyint(x[0], 0),
    "polyadd": lambda x: np.polyadd(x[0], 0.0),
    "polymul": lambda x: np.polymul(x[0], [1.0]),
    "matrix_power": lambda x: np.linalg.matrix_power(x, 1),
    "real_if_close": np.real_if_close,
    "nan_to_num": np.nan_to_num,
    "nan_to_num, in place": lambda x: np.nan_to_num(x, copy=False),
    "trim_zeros": lambda x: np.trim_zeros(x[0]),
    "delete": lambda x: np.delete(x, [], 0),
    "append": lambda x: np.append(x, np.zeros((0, 3)), 0),
    "unwrap": np.unwrap,
    "tile": lambda x: np.tile(x, 1),
    "repeat": lambda x: np.repeat(x, 1, 0),
    "resize": lambda x: np.resize(x, (3, 3)),
    "clip": lambda x: np.clip(x, None, 9.0),
    "around": lambda x: np.around(x, 30),
    "take": lambda x: np.take(x, [0, 1, 2], 0),
    "compress": lambda x: np.compress([True] * 3, x, 0),
    "triu": lambda x: np.triu(x, -5),
    "block": np.block,
    "block of one": lambda x: np.block([[x]]),
    "concatenate": lambda x: np.concatenate([x]),
    "hstack": lambda x: np.hstack([x]),
    "broadcast_to": lambda x: np.broadcast_to(x, (3, 3)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x)[0],
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x, []),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda row: row, 0, x),
    "select": lambda x: np.select([np.ones((3, 3), bool)], [x]),
    "choose": lambda x: np.choose(np.zeros((3, 3), int), [x]),
    "where": lambda x: np.where(True, x, x),
    "sort": lambda x: np.sort(x[:1], 0),
    "partition": lambda x: np.partition(x[:1], 0, 0),
    "convolve": lambda x: np.convolve(x[0], [1.0]),
    "linspace": lambda x: np.linspace(x, x, 1)[0],
    "fftshift": np.fft.fftshift,
    "setdiff1d": lambda x: np.setdiff1d(x[0], [99.0], assume_unique=True),
    # reductions that have nothing to reduce, scans of one row
    **{f"{name}, one row": lambda x, f=f: f(x[:1], axis=0) for name, f in {
        f.__name__: f for f in (np.sum, np.prod, np.max, np.min, np.mean, np.median, np.ptp, np.nansum, np.nanprod, np.nanmax,
                                np.nanmean, np.nanmedian, np.average, np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)}.items()},
    **{f"{f.__name__}, no axis": lambda x, f=f: f(x, axis=()) for f in (
        np.sum, np.prod, np.max, np.min, np.mean, np.median, np.nansum, np.nanprod)},
    "prod, kept": lambda x: np.prod(x[:1], 0, keepdims=True),
    **{f"{f.__name__}.{how}": lambda x, f=f, change=change: change(f, x) for how, change in {
        "reduce, one row": lambda f, x: f.reduce(x[:1], axis=0),
        "reduce, no axis": lambda f, x: f.reduce(x, axis=()),
        "accumulate, one row": lambda f, x: f.accumulate(x[:1], axis=0),
        "reduceat, one row": lambda f, x: f.reduceat(x[:1], [0], axis=0)}.items()
       for f in (np.add, np.subtract, np.multiply, np.divide, np.hypot, np.logaddexp, np.maximum, np.fmin, np.remainder)},
    # einsum
    "einsum, diagonal": lambda x: np.einsum("ii->i", x),
    "einsum, itself": lambda x: np.einsum("ij->ij", x),
    "einsum, transpose": lambda x: np.einsum("ij->ji", x, optimize=True),
    "einsum, lists": lambda x: np.einsum(x, [0, 0], [0]),
    "einsum, in C order": lambda x: np.einsum("ij->ji", x, order="C"),
    "einsum, sum": lambda x: np.einsum("ij->j", x[:1]),
    "einsum, product": lambda x: np.einsum("ij,->ij", x, 1.0),
    # creation
    **{f"{f.__name__}{', transposed' * turned}": lambda x, f=f, turned=turned: f(x.T if turned else x, like=x) for f in (
        np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require) for turned in (False, True)},
    "asfortranarray, vector": lambda x: np.asfortranarray(x[0], like=x),
    "ascontiguousarray, slice": lambda x: np.ascontiguousarray(x[0, ::2], like=x),
    "asarray, F": lambda x: np.asarray(x, order="F", like=x),
    "asarray, copy": lambda x: np.asarray(x, copy=True, like=x),
    "array, no copy": lambda x: np.array(x, copy=False, like=x),
    "array, F": lambda x: np.array(x, copy=None, order="F", like=x),
    "array, ndmin": lambda x: np.array(x, copy=None, ndmin=3, like=x),
    "require, F": lambda x: np.require(x, None, ["F"], like=x),
    "require, own": lambda x: np.require(x[:2], None, ["O"], like=x),
    "astype": lambda x: x.astype(x.dtype, copy=False),
    # views and copies
    **{name: lambda x, name=name: getattr(x, name)() for name in (
        "conj", "conjugate", "squeeze", "ravel", "flatten", "transpose", "copy", "view", "round")},
    "np.conj": np.conj,
    "np.ravel, F": lambda x: np.ravel(x, "F"),
    "np.ravel, transposed": lambda x: np.ravel(x.T),
    "real": lambda x: x.real,
    "np.real": np.real,
    "imag": lambda x: x.imag,
    "+": lambda x: +x,
    "index": lambda x: x[[0, 1]],
    "rows": lambda x: x[None, 1:],
    "windows": lambda x: windows(x, 2, 0),
    "windows, to write to": lambda x: windows(x, 2, 0, writeable=True),
    "diag": np.diag,
    "linalg.diagonal": np.linalg.diagonal,
    "split": lambda x: np.split(x, 3)[1],
    "meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=False)[0],
    "meshgrid, copies": lambda x: np.meshgrid(x[0], x[1])[0],
}


def shares(a, b):
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.may_share_memory(a, b)


def store(operand):
    tangent = operand.tangent
    return base(tangent.block) if isinstance(tangent, Tangents) else base(tangent)


def operands(x):
    level = new_level()
    yield dual(x.copy(), 2 * x, level)
    yield dual(np.asfortranarray(x), 2 * x, level)
    yield dual(x.copy(), np.asfortranarray(2 * x), level)
    yield dual(x.copy(), Tangents(np.stack([2 * x, 3 * x])), level)
    yield dual(np.asfortranarray(x), Tangents(np.stack([2 * x, 3 * x])), level)
    yield Series.make(x.copy(), Tangents(np.stack([2 * x, 3 * x])), level)
    yield dual(dual(x.copy(), 2 * x, level), dual(3 * x, 4 * x, level), new_level())


@pytest.mark.filterwarnings("ignore:future versions will not create a writeable array")
@pytest.mark.parametrize("factor", [1, 1 + 0.5j], ids=["real", "complex"])
@pytest.mark.parametrize("name", CALLS)
def test_memory_is_shared_where_numpy_shares_it(name, factor):
    function = CALLS[name]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(V * factor)
    except TypeError:
        pytest.skip("NumPy has no such function of complex numbers")
    for x in operands(V * factor):
        wanted, found = function(base(x)), function(x)
        if not hasattr(found, "primal"):  # the imaginary part of a real array
            continue
        np.testing.assert_array_equal(base(found), wanted)
        assert base(found).flags.writeable == wanted.flags.writeable
        assert shares(base(found), base(x)) == shares(wanted, base(x))
        if store(found).flags.writeable or not wanted.flags.writeable:  # a tangent that is locked is copied before it is written to
            assert shares(store(found), store(x)) == shares(wanted, base(x))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", CALLS)
def test_memory_is_shared_in_reverse_mode_where_numpy_shares_it(name, order):
    function, seen = CALLS[name], []

    def f(x):
        y = np.copy(x, order=order)
        found = function(y)
        if hasattr(type(found), "primal"):
            seen.append((shares(base(found), base(y)), found.root is y))
        return np.sum(y)

    x = np.asarray(V, order=order)
    dd.reverse.gradient(f)(x)
    assert all(s == (shares(function(x), x),) * 2 for s in seen)


# ---- what is written to one is in the other, or is not -------------------------------------------------------------------

WRITTEN = {name: CALLS[name] for name in (
    "pad", "pad, edge", "roll", "diff", "diff, prepend", "polyder", "matrix_power", "prod, one row", "prod, no axis", "prod, kept",
    "cumprod, one row", "sum, one row", "max, no axis", "multiply.reduce, one row", "multiply.reduce, no axis",
    "multiply.accumulate, one row", "subtract.reduce, one row", "subtract.accumulate, one row", "logaddexp.reduce, one row",
    "hypot.reduce, one row", "hypot.reduce, no axis", "einsum, diagonal", "einsum, itself", "einsum, transpose", "einsum, lists",
    "conj", "conjugate", "np.conj", "asarray", "asarray, F", "asfortranarray", "ascontiguousarray, transposed", "require, own",
    "real_if_close", "trim_zeros", "rot90", "windows, to write to")}


def written(function):
    def f(x):
        y = x * x
        result = function(y)
        result *= 3.0
        result[..., -1] = 0.5 * x[0, 0]
        return y, result * result, result + 1.0

    return f


@pytest.mark.parametrize("name", WRITTEN)
def test_writing_to_a_result(name):
    function = written(WRITTEN[name])
    check(function, V)
    values, _ = differences(function, [V], 0)
    for found, wanted in zip(entries(dd.reverse.jacobian(function)(V)), values):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    for transform in (dd.value_and_jacobian, dd.reverse.value_and_jacobian):
        for found, wanted in zip(entries(transform(function)(V)[0]), function(V)):
            np.testing.assert_array_equal(found, wanted)


def test_a_result_that_was_written_to_is_used_several_times():
    """The last step of a recipe may be a view, of which the recipe alone knows the whole."""
    def f(x):
        r = np.prod(x, axis=0)
        r *= x[0]
        return np.sum(r) + np.sum(r * r) + np.sum(r * r * r)

    x = np.arange(1.0, 7.0).reshape(2, 3)
    r = x[0] ** 2 * x[1]
    slope = 1 + 2 * r + 3 * r**2
    for transform in (dd.value_and_gradient, dd.reverse.value_and_gradient):
        value, gradient = transform(f)(x)
        assert value == f(x)
        np.testing.assert_allclose(gradient, [slope * 2 * x[0] * x[1], slope * x[0] ** 2], rtol=1e-14)
