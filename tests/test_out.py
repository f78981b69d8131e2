"""``out=``, ``+=`` and `np.copyto`: what NumPy refuses to write is refused, and the rest is written as NumPy writes it."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.dual import dual
from dualdiff.levels import new_level
from dualdiff.tangents import Tangents

A = np.arange(9.0).reshape(3, 3) + 1


def like(x, *shape, dtype=float):
    return np.zeros(shape, dtype, like=x)


def ufunc(function, *others, out, dtype=float, **options):
    return lambda x: function(x, *others, out=like(x, *out, dtype=dtype), **options)


CALLS = {
    "complex into real": ufunc(np.multiply, 1j, out=(3, 3)),
    "complex into real, unsafe": ufunc(np.multiply, 1j, out=(3, 3), casting="unsafe"),
    "real into complex": ufunc(np.multiply, 2, out=(3, 3), dtype=complex),
    **{f"into float32, {casting}": ufunc(np.multiply, 2, out=(3, 3), dtype="f4", casting=casting)
       for casting in ("no", "equiv", "safe", "same_kind", "unsafe")},
    **{f"into float64, {casting}": ufunc(np.multiply, 2, out=(3, 3), casting=casting) for casting in ("no", "equiv", "safe")},
    **{f"add into {shape}": ufunc(np.add, 1.0, out=shape) for shape in ((2, 3, 3), (1, 3, 3), (3,), (1, 3), (2, 3), (3, 2), ())},
    **{f"row into {shape}": lambda x, shape=shape: np.add(x[0], 1.0, out=like(x, *shape))
       for shape in ((3, 3), (1, 3), (1,), (2,))},
    "1×3 into 3": lambda x: np.add(x[:1], 1.0, out=like(x, 3)),
    "one entry into 3": lambda x: np.add(x[0, 0], 1.0, out=like(x, 3)),
    "where": lambda x: np.add(x, 1.0, out=like(x, 3, 3), where=A > 2),
    "where, too small": lambda x: np.add(x, 1.0, out=like(x, 3), where=A > 2),
    "where, larger": lambda x: np.add(x[0], 1.0, out=like(x, 3, 3), where=A > 2),
    "modf": lambda x: np.modf(x, out=(like(x, 3, 3), like(x, 3, 3)))[0],
    "modf, too small": lambda x: np.modf(x, out=(like(x, 3, 3), like(x, 1, 3)))[0],
    "floor into integers": lambda x: np.floor(x, out=np.zeros((3, 3), int)),
    "read-only": lambda x: np.add(x[0], 1.0, out=np.broadcast_to(x[0], (3, 3))),
    "a list": lambda x: np.add(x[0], 1.0, out=[0.0, 0.0, 0.0]),
    **{f"{f.__name__} into {shape} {dtype.__name__}": lambda x, f=f, shape=shape, dtype=dtype: f(
        x, axis=0, out=like(x, *shape, dtype=dtype))
       for f in (np.sum, np.prod, np.mean, np.std, np.max, np.ptp, np.median, np.nansum, np.nanmean, np.multiply.reduce,
                 np.add.reduce)
       for shape, dtype in (((3,), float), ((1, 3), float), ((3, 3), float), ((3,), np.float32), ((3,), complex))},
    "sum, kept": lambda x: np.sum(x, axis=0, keepdims=True, out=like(x, 3)),
    "sum into 0-d": lambda x: np.sum(x, out=like(x)),
    "sum into one entry": lambda x: np.sum(x, out=like(x, 1)),
    "complex sum into real": lambda x: np.sum(x * 1j, axis=0, out=like(x, 3)),
    "quantile": lambda x: np.quantile(x, 0.3, axis=0, out=like(x, 1, 3)),
    "cumsum": lambda x: np.cumsum(x[0], out=like(x, 3)),
    "cumsum, larger": lambda x: np.cumsum(x[0], out=like(x, 3, 3)),
    "cumprod, larger": lambda x: x[0].cumprod(out=like(x, 1, 3)),
    "accumulate, larger": lambda x: np.multiply.accumulate(x[0], out=like(x, 3, 3)),
    "dot": lambda x: np.dot(x, x, out=like(x, 3, 3)),
    "dot, larger": lambda x: np.dot(x, x[0], out=like(x, 3, 3)),
    "dot into float32": lambda x: np.dot(x, x, out=like(x, 3, 3, dtype="f4")),
    "matmul": lambda x: np.matmul(x, x, out=like(x, 1, 3, 3)),
    "einsum": lambda x: np.einsum("ij->i", x, out=like(x, 3)),
    "einsum, larger": lambda x: np.einsum("ij->i", x, out=like(x, 3, 3)),
    "einsum into float32": lambda x: np.einsum("ij->i", x, out=like(x, 3, dtype="f4")),
    "take": lambda x: np.take(x, 0, axis=0, out=like(x, 3)),
    "take, larger": lambda x: np.take(x, 0, axis=0, out=like(x, 3, 3)),
    "compress, larger": lambda x: np.compress([True, False, False], x, axis=0, out=like(x, 3, 3)),
    "choose, larger": lambda x: np.choose(0, [x[0]], out=like(x, 3, 3)),
    "clip": lambda x: np.clip(x[0], 0.0, 2.0, out=like(x, 3, 3)),
    "round, larger": lambda x: np.round(x[0], 1, out=like(x, 3, 3)),
    "concatenate": lambda x: np.concatenate([x, x], out=like(x, 6, 3)),
    "concatenate, larger": lambda x: np.concatenate([x[:1], x[:0]], out=like(x, 3, 3)),
    "concatenate, safe": lambda x: np.concatenate([x], out=like(x, 3, 3, dtype="f4"), casting="safe"),
    "stack, larger": lambda x: np.stack([x[0]], out=like(x, 3, 3)),
    "trace": lambda x: np.trace(x, out=like(x, 3)),
    "fft into real": lambda x: np.fft.fft(x, out=like(x, 3, 3)),
    "argmax": lambda x: np.argmax(x, axis=0, out=np.zeros(3, int)),
    "argmax, larger": lambda x: np.argmax(x, axis=0, out=np.zeros((3, 3), int)),
    # += and np.copyto
    **{f"row {name} {other.shape}": lambda x, f=f, other=other: f(x[0] * 1.0, other) for name, f in {
        "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv, "**=": operator.ipow,
        "@=": operator.imatmul}.items() for other in (np.ones(3), np.ones((1, 3)), np.ones((2, 3)), np.ones(1), np.ones(()),
                                                     np.eye(3), np.ones(3, complex))},
    "row += x": lambda x: operator.iadd(x[0] * 1.0, x[:1]),
    "entry += row": lambda x: operator.iadd(x[0, :1] * 1.0, x[0]),
    **{f"copyto {casting} {dtype}": lambda x, casting=casting, dtype=dtype: np.copyto(
        like(x, 3, 3, dtype=dtype), x, casting=casting)
       for casting in ("no", "safe", "same_kind", "unsafe") for dtype in ("f4", "f8", "c16")},
    "copyto, complex": lambda x: np.copyto(like(x, 3, 3), x * 1j),
    "copyto, complex number": lambda x: np.copyto(like(x, 3, 3), 1j),
    "copyto, smaller": lambda x: np.copyto(like(x, 3), x),
    "copyto, 1×3 to 3": lambda x: np.copyto(like(x, 3), x[:1]),
    "copyto, where": lambda x: np.copyto(like(x, 3, 3), x, where=A > 2),
    "copyto, where, larger": lambda x: np.copyto(like(x, 3, 3), x, where=np.ones((2, 3, 3), bool)),
}


def outcome(function, x):
    """The value, or the refusal."""
    try:
        found = function(x)
    except (TypeError, ValueError) as error:
        return "refused", isinstance(error, TypeError)
    return dd.primal(found)


@pytest.mark.filterwarnings("ignore:Casting complex values to real")
@pytest.mark.parametrize("name", CALLS)
def test_what_numpy_refuses_to_write_is_refused(name):
    wanted = outcome(CALLS[name], A)
    found = [outcome(CALLS[name], dual(A.copy(), np.ones((3, 3)), new_level())),
             outcome(CALLS[name], dual(A.copy(), Tangents(np.ones((2, 3, 3))), new_level()))]
    dd.reverse.gradient(lambda x: found.append(outcome(CALLS[name], x * 1.0)) or np.sum(x))(A)
    for ours in found:
        if isinstance(wanted, tuple):
            assert ours == wanted
        else:
            np.testing.assert_array_equal(ours, wanted)
            assert np.asarray(ours).dtype == np.asarray(wanted).dtype


@pytest.mark.parametrize("chunk_size", [1, 2, 3, None])
def test_where_larger_than_the_arguments(chunk_size):
    """Also where a chunk has as many directions as the array has rows."""
    def f(x):
        return np.add(x, 1.0, out=np.zeros((3, 3), like=x), where=A > 2)

    wanted = np.where((A > 2)[..., None], np.eye(3), 0.0)
    np.testing.assert_array_equal(dd.jacobian(f, chunk_size=chunk_size)(np.ones(3)), wanted)
    np.testing.assert_array_equal(dd.reverse.jacobian(f)(np.ones(3)), wanted)
