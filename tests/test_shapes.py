"""Rearranging, joining, padding, creating and assigning, each with its keywords, against the reference."""

from __future__ import annotations

import numpy as np
import pytest

from tests.reference import check

V = np.array([0.5, -1.25, 2.0])
W = np.array([1.5, 0.75])
A = np.array([[0.5, -1.25, 2.0], [3.0, 0.25, -0.75]])
B = np.array([[1.5, 0.75], [-2.0, 0.125]])
T = np.linspace(-1.5, 2.0, 12).reshape(2, 3, 2)
Z = np.array([1.0 + 2.0j, -0.5 + 0.25j])
S = 1.25


def squared(f):
    """So that the second derivative has something to say."""
    def function(*arrays):
        out = f(*arrays)
        return [part * part for part in out] if isinstance(out, (list, tuple)) else out * out

    return function


VIEWS = {
    "reshape": (lambda x: np.reshape(x, (3, 2)), A),
    "reshape -1": (lambda x: np.reshape(x, -1), A),
    "reshape int": (lambda x: np.reshape(x, 6), A),
    "reshape order": (lambda x: np.reshape(x, (3, -1), order="F"), A),
    "ravel": (lambda x: np.ravel(x), A),
    "ravel order": (lambda x: np.ravel(x, order="F"), A),
    "transpose": (lambda x: np.transpose(x), A),
    "transpose axes": (lambda x: np.transpose(x, (1, 2, 0)), T),
    "transpose negative": (lambda x: np.transpose(x, axes=(-1, 0, 1)), T),
    "transpose keyword": (lambda x: np.transpose(a=x), A),
    "permute_dims": (lambda x: np.permute_dims(x, (2, 0, 1)), T),
    "matrix_transpose": (lambda x: np.matrix_transpose(x), T),
    "linalg.matrix_transpose": (lambda x: np.linalg.matrix_transpose(x), T),
    "swapaxes": (lambda x: np.swapaxes(x, 0, -1), T),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), T),
    "moveaxis tuples": (lambda x: np.moveaxis(x, (0, 1), (-1, 0)), T),
    "rollaxis": (lambda x: np.rollaxis(x, 2), T),
    "rollaxis start": (lambda x: np.rollaxis(x, 0, 3), T),
    "rollaxis negative": (lambda x: np.rollaxis(x, -1, start=-2), T),
    "rot90": (lambda x: np.rot90(x), A),
    "rot90 k=2": (lambda x: np.rot90(x, 2), A),
    "rot90 k=-1": (lambda x: np.rot90(x, k=-1, axes=(1, 2)), T),
    "rot90 k=4": (lambda x: np.rot90(x, 4), A),
    "flip": (lambda x: np.flip(x), A),
    "flip axis": (lambda x: np.flip(x, axis=-1), A),
    "flip axes": (lambda x: np.flip(x, (0, 2)), T),
    "fliplr": (lambda x: np.fliplr(x), A),
    "flipud": (lambda x: np.flipud(x), V),
    "expand_dims": (lambda x: np.expand_dims(x, 0), V),
    "expand_dims axes": (lambda x: np.expand_dims(x, (0, -1)), V),
    "squeeze": (lambda x: np.squeeze(x[None, :, None]), V),
    "squeeze axis": (lambda x: np.squeeze(x[None, :, None], axis=(0,)), V),
    "squeeze negative": (lambda x: np.squeeze(x[None, :, None], -1), V),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 3)), V),
    "broadcast_to scalar": (lambda x: np.broadcast_to(x, (2, 2)), S),
    "atleast_1d": (lambda x: np.atleast_1d(x), S),
    "atleast_2d": (lambda x: np.atleast_2d(x), V),
    "atleast_2d of 2-d": (lambda x: np.atleast_2d(x), A),
    "atleast_3d 0": (lambda x: np.atleast_3d(x), S),
    "atleast_3d 1": (lambda x: np.atleast_3d(x), V),
    "atleast_3d 2": (lambda x: np.atleast_3d(x), A),
    "diagonal": (lambda x: np.diagonal(x), A),
    "diagonal offset": (lambda x: np.diagonal(x, offset=1), A),
    "diagonal axes": (lambda x: np.diagonal(x, -1, axis1=2, axis2=1), T),
    "linalg.diagonal": (lambda x: np.linalg.diagonal(x, offset=1), T),
    "diag of a matrix": (lambda x: np.diag(x), A),
    "diag of a matrix k": (lambda x: np.diag(x, k=-1), A),
    "real": (lambda x: np.real(x), V),
    "imag": (lambda x: np.imag(x), V),
    "sliding_window_view": (lambda x: np.lib.stride_tricks.sliding_window_view(x, 2), V),
    "sliding_window_view axis": (lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(0, 1)), A),
    "split": (lambda x: np.split(x, 3), V),
    "split at": (lambda x: np.split(x, [1, 2], axis=1), A),
    "split empty part": (lambda x: np.split(x, [2, 1]), V),
    "array_split": (lambda x: np.array_split(x, 2, axis=-1), A),
    "array_split more": (lambda x: np.array_split(x, 4), V),
    "hsplit": (lambda x: np.hsplit(x, 3), A),
    "hsplit of 1-d": (lambda x: np.hsplit(x, [1]), V),
    "vsplit": (lambda x: np.vsplit(x, 2), A),
    "dsplit": (lambda x: np.dsplit(x, 2), T),
    "broadcast_arrays": (lambda x, y: np.broadcast_arrays(x, y[:, None]), V, W),
    "several atleast_2d": (lambda x, y: np.atleast_2d(x, y), V, W),
    "sliced": (lambda x: x[::-1, 1:], A),
    "fancy": (lambda x: x[[1, 0, 1], [0, 0, 2]], A),
    "masked": (lambda x: x[x > 0], A),
    "newaxis": (lambda x: x[:, None, ..., 0], T),
}
if hasattr(np, "unstack"):
    VIEWS["unstack"] = (lambda x: np.unstack(x), A)
    VIEWS["unstack axis"] = (lambda x: np.unstack(x, axis=-1), A)

GATHERED = {
    "copy": (lambda x: np.copy(x), A),
    "copy order": (lambda x: np.copy(x, order="F"), A),
    "roll": (lambda x: np.roll(x, 1), A),
    "roll axis": (lambda x: np.roll(x, -1, axis=1), A),
    "roll axes": (lambda x: np.roll(x, (1, 2), axis=(0, 1)), A),
    "tile": (lambda x: np.tile(x, 2), V),
    "tile reps": (lambda x: np.tile(x, (2, 1, 2)), A),
    "tile scalar": (lambda x: np.tile(x, 3), S),
    "repeat": (lambda x: np.repeat(x, 2), A),
    "repeat axis": (lambda x: np.repeat(x, 2, axis=0), A),
    "repeat counts": (lambda x: np.repeat(x, [1, 0, 2], axis=1), A),
    "resize": (lambda x: np.resize(x, (2, 4)), V),
    "resize smaller": (lambda x: np.resize(x, 2), V),
    "delete": (lambda x: np.delete(x, 1), A),
    "delete axis": (lambda x: np.delete(x, [0, -1], axis=1), A),
    "delete slice": (lambda x: np.delete(x, slice(None, None, 2)), V),
    "delete mask": (lambda x: np.delete(x, np.array([True, False, False])), V),
    "diag": (lambda x: np.diag(x), V),
    "diag k": (lambda x: np.diag(x, k=-1), V),
    "diagflat": (lambda x: np.diagflat(x, 1), B),
    "tril": (lambda x: np.tril(x), A),
    "tril k": (lambda x: np.tril(x, k=1), A),
    "triu": (lambda x: np.triu(x, -1), T),
    "trace": (lambda x: np.trace(x), A),
    "trace offset": (lambda x: np.trace(x, offset=1), A),
    "trace axes": (lambda x: np.trace(x, 0, 1, 2), T),
    "trace dtype": (lambda x: np.trace(x, dtype=np.float64), A),
    "linalg.trace": (lambda x: np.linalg.trace(x, offset=-1), T),
    "ix_": (lambda x, y: np.ix_(x, y), V, W),
    "meshgrid": (lambda x, y: np.meshgrid(x, y), V, W),
    "meshgrid ij": (lambda x, y: np.meshgrid(x, y, indexing="ij"), V, W),
    "meshgrid sparse": (lambda x, y: np.meshgrid(x, y, sparse=True), V, W),
    "meshgrid views": (lambda x, y: np.meshgrid(x, y, copy=False), V, W),
    "meshgrid of three": (lambda x, y: np.meshgrid(x, y, [1.0, 2.0]), V, W),
    "meshgrid of one": (lambda x: np.meshgrid(x), V),
    "take": (lambda x: np.take(x, [[0, 2]], axis=1), A),
}

JOINED = {
    "concatenate": (lambda x, y: np.concatenate([x, y]), V, W),
    "concatenate axis": (lambda x, y: np.concatenate((x, y, x), axis=-1), A, B),
    "concatenate None": (lambda x, y: np.concatenate((x, y), axis=None), A, W),
    "concatenate constant": (lambda x: np.concatenate(([1, 2], x, np.zeros(1))), V),
    "concatenate an array": (lambda x: np.concatenate(x), A),
    "concatenate dtype": (lambda x, y: np.concatenate((x, y), dtype=np.float64), V, W),
    "concat": (lambda x, y: np.concat([x, y]), V, W),
    "stack": (lambda x: np.stack([x, 2 * x, np.ones(3)]), V),
    "stack axis": (lambda x: np.stack((x, x * x), axis=-1), A),
    "vstack": (lambda x: np.vstack((x, [1, 2, 3])), A),
    "hstack": (lambda x, y: np.hstack((x, y)), V, W),
    "hstack 2-d": (lambda x, y: np.hstack((x, y)), A, B),
    "dstack": (lambda x: np.dstack((x, np.ones((2, 3)))), A),
    "dstack 1-d": (lambda x: np.dstack([x, -x]), V),
    "column_stack": (lambda x, y: np.column_stack((x, y)), W, B),
    "block": (lambda x, y: np.block([[x, y], [np.zeros((1, 3)), np.ones((1, 2))]]), A, B),
    "block scalars": (lambda s: np.block([[s, 1.0], [2.0, s * s]]), S),
    "block flat": (lambda x, s: np.block([x, s]), V, S),
    "append": (lambda x, y: np.append(x, y), A, W),
    "append axis": (lambda x, y: np.append(x, y, axis=1), A, B),
    "append constant": (lambda x: np.append(x, [1.0, 2.0]), V),
    "append to constant": (lambda x: np.append([1, 2], x), V),
    "insert": (lambda x, y: np.insert(x, 1, y), V, W),
    "insert scalar": (lambda x, s: np.insert(x, -1, s), V, S),
    "insert several": (lambda x, y: np.insert(x, [0, 2], y), V, W),
    "insert same place": (lambda x, y: np.insert(x, [1, 1], y), V, W),
    "insert slice": (lambda x, y: np.insert(x, slice(0, 2), y), V, W),
    "insert axis": (lambda x, y: np.insert(x, 1, y, axis=1), A, W),
    "insert axis row": (lambda x, y: np.insert(x, 1, y, axis=0), A, V),
    "insert axis list": (lambda x, y: np.insert(x, [1], y, axis=1), A, B),
    "insert axis several": (lambda x, y: np.insert(x, [0, 2], y, axis=1), A, B),
    "insert mask": (lambda x, s: np.insert(x, np.array([True, False, True]), s), V, S),
    "insert into constant": (lambda s: np.insert([1.0, 2.0], 1, s), S),
}

PADDED = {
    "constant": (lambda x: np.pad(x, 1), A),
    "constant 0-d values": (lambda x, s: np.pad(x, (1, 2), constant_values=s), V, S),
    "constant pair": (lambda x, s: np.pad(x, 2, "constant", constant_values=(s, s * s)), A, S),
    "constant pairs": (lambda x, y: np.pad(x, ((0, 1), (2, 0)), constant_values=((y[0], 1), (2, y[1]))), A, W),
    "constant one per axis": (lambda x, y: np.pad(x, ((1,), (2,)), constant_values=((y[0],), (y[1],))), A, W),
    "edge": (lambda x: np.pad(x, ((1, 0), (2, 3)), mode="edge"), A),
    "reflect": (lambda x: np.pad(x, (2, 1), mode="reflect"), V),
    "reflect far": (lambda x: np.pad(x, (5, 4), mode="reflect"), V),
    "reflect odd": (lambda x: np.pad(x, (2, 1), mode="reflect", reflect_type="odd"), V),
    "reflect odd 2-d": (lambda x: np.pad(x, ((1, 2), (3, 1)), mode="reflect", reflect_type="odd"), A),
    "symmetric": (lambda x: np.pad(x, 2, mode="symmetric"), A),
    "symmetric odd": (lambda x: np.pad(x, (1, 3), mode="symmetric", reflect_type="odd"), V),
    "wrap": (lambda x: np.pad(x, (4, 2), mode="wrap"), V),
    "wrap 2-d": (lambda x: np.pad(x, [(1, 1), (0, 4)], mode="wrap"), A),
    "linear_ramp": (lambda x: np.pad(x, (2, 3), mode="linear_ramp"), V),
    "linear_ramp ends": (lambda x, y: np.pad(x, (2, 3), mode="linear_ramp", end_values=(y[0], y[1])), A, W),
    "maximum": (lambda x: np.pad(x, 1, mode="maximum"), A),
    "maximum length": (lambda x: np.pad(x, 2, mode="maximum", stat_length=2), V),
    "minimum": (lambda x: np.pad(x, ((1, 0), (0, 2)), mode="minimum", stat_length=((1, 2), (2, 1))), A),
    "mean": (lambda x: np.pad(x, (1, 2), mode="mean"), A),
    "mean length": (lambda x: np.pad(x, (1, 2), mode="mean", stat_length=(1, 2)), V),
    "median": (lambda x: np.pad(x, 1, mode="median"), V),
    "median length": (lambda x: np.pad(x, ((1, 0), (0, 1)), mode="median", stat_length=2), A),
}

MADE = {
    "array": (lambda x: np.array([[x[0], 1.0], [x[1] * x[2], 2]], like=x), V),
    "array copy": (lambda x: np.array(x, like=x), V),
    "array ndmin": (lambda x: np.array([x[0], x[1]], ndmin=2, like=x), V),
    "array dtype": (lambda x: np.array([x[0], x[1]], dtype=float, like=x), V),
    "array without like": (lambda x: np.array([x[0] * x[1], x[2]]), V),
    "asarray": (lambda x: np.asarray(x, like=x), V),
    "asarray list": (lambda x: np.asarray([x, x * x], like=x), V),
    "asanyarray": (lambda x: np.asanyarray([x[0], 3], like=x), V),
    "ascontiguousarray": (lambda x: np.ascontiguousarray(x.T, like=x), A),
    "full": (lambda x: np.full((2, 3), x[0] * x[1], like=x), V),
    "full of a row": (lambda x: np.full((2, 3), x, like=x), V),
    "full_like": (lambda x: np.full_like(x, x[0] * x[1]), V),
    "full_like shape": (lambda x: np.full_like(x, x[0], shape=(2, 2)), V),
    "zeros": (lambda x: filled(np.zeros(3, like=x), x), V),
    "ones_like": (lambda x: np.ones_like(x) * x, V),
    "empty_like": (lambda x: filled(np.empty_like(x), x), V),
    "eye": (lambda x: np.eye(3, k=1, like=x) * x, V),
    "identity": (lambda x: np.identity(3, like=x) + x, V),
    "tri": (lambda x: np.tri(3, 3, -1, like=x) * x, V),
    "arange start": (lambda x: np.arange(x[0], 5.0, like=x), V),
    "arange step": (lambda x: np.arange(0.5, 1.7, x[0], like=x), V),
    "arange all": (lambda x: np.arange(x[0], x[0] + 0.9, x[1] / 2, like=x), W),
    "arange stop": (lambda x: np.arange(x[0], like=x) * x[1], W),
    "fromfunction": (lambda s: np.fromfunction(lambda i, j: s * i + j, (2, 3)), S),
    "fromfunction like": (lambda x: np.fromfunction(lambda i, j: x[0] * i + j, (2, 3), like=x), W),
    "linspace": (lambda a, b: np.linspace(a, b, 4), 0.5, 2.0),
    "linspace open": (lambda a, b: np.linspace(a, b, num=4, endpoint=False), 0.5, 2.0),
    "linspace step": (lambda a, b: np.linspace(a, b, 4, retstep=True), 0.5, 2.0),
    "linspace one": (lambda a, b: np.linspace(a, b, 1), 0.5, 2.0),
    "linspace none": (lambda a, b: np.linspace(a, b, 0), 0.5, 2.0),
    "linspace start only": (lambda a: np.linspace(a, 3, 3, dtype=float), 0.5),
    "linspace arrays": (lambda x, y: np.linspace(x, y[:, None], 3), V, W),
    "linspace axis": (lambda x: np.linspace(x, 2 * x, 3, axis=-1), V),
    "linspace int": (lambda a: np.linspace(a, 9.2, 3, dtype=int), 0.5),
    "logspace": (lambda a, b: np.logspace(a, b, 4), 0.5, 2.0),
    "logspace base": (lambda a, b: np.logspace(a, 1.5, 3, base=b, endpoint=False), 0.5, 2.0),
    "logspace bases": (lambda x: np.logspace(0.5, 2.0, 3, base=x), W),
    "logspace axis": (lambda x: np.logspace(x, x + 1, 3, axis=1), W),
    "geomspace": (lambda a, b: np.geomspace(a, b, 4), 0.5, 2.0),
    "geomspace negative": (lambda a, b: np.geomspace(a, b, num=3, endpoint=False), -0.5, -2.0),
    "geomspace arrays": (lambda x: np.geomspace(x, 3 * x * x, 3, axis=1), W),
    "vectorize": (lambda x: np.vectorize(lambda t: t * t + 1)(x), V),
    "vectorize two": (lambda x, y: np.vectorize(lambda t, u: t * u)(x, y[:, None]), V, W),
    "apply_along_axis": (lambda x: np.apply_along_axis(lambda v: v[0] * v, 1, x), A),
    "apply_along_axis scalars": (lambda x: np.apply_along_axis(lambda v: v.sum() ** 2, 0, x), A),
    "apply_along_axis args": (lambda x: np.apply_along_axis(np.multiply.outer, 0, x, x[0]), B),
    "apply_along_axis captured": (lambda x, s: np.apply_along_axis(lambda v: s * v[::-1], -1, x), A, S),
    "apply_over_axes": (lambda x: np.apply_over_axes(np.sum, x, [0, 2]), T),
    "astype": (lambda x: np.astype(x, np.float64) if hasattr(np, "astype") else x, V),
}


def filled(out, x):
    for i in range(len(x)):
        out[i] = x[i] * x[0]
    return out


def writing(write):
    """A function that writes into a copy of its first argument, and into one that has no tangent yet."""
    def function(x, *values):
        own, fresh = x * 2, np.zeros_like(x)
        write(own, *values)
        write(fresh, *values)
        return own, fresh

    return function


WRITTEN = {
    "fill_diagonal": (writing(lambda a, s: np.fill_diagonal(a, s)), B, S),
    "fill_diagonal cycled": (writing(lambda a, y: np.fill_diagonal(a, y)), np.ones((3, 3)), W),
    "fill_diagonal wrap": (writing(lambda a, s: np.fill_diagonal(a, s, wrap=True)), np.ones((5, 2)), S),
    "put": (writing(lambda a, y: np.put(a, [0, 4], y)), A, W),
    "put cycled": (writing(lambda a, y: np.put(a, [0, 4, -1], y)), A, W),
    "put wrap": (writing(lambda a, y: np.put(a, [7, 10], y, mode="wrap")), A, W),
    "put clip": (writing(lambda a, y: np.put(a, [-7, 10], y, mode="clip")), A, W),
    "put scalar": (writing(lambda a, s: np.put(a, 2, s)), V, S),
    "put twice": (writing(lambda a, y: np.put(a, [1, 1], y)), V, W),
    "put_along_axis": (writing(lambda a, y: np.put_along_axis(a, np.array([[2], [0]]), y[:, None], axis=1)), A, W),
    "put_along_axis 0": (writing(lambda a, s: np.put_along_axis(a, np.array([[1, 0, 1]]), s, 0)), A, S),
    "put_along_axis None": (writing(lambda a, y: np.put_along_axis(a, np.array([1, 5]), y, None)), A, W),
    "place": (writing(lambda a, y: np.place(a, np.array([[1, 0, 1], [0, 1, 0]]), y)), A, W),
    "place scalar": (writing(lambda a, s: np.place(a, np.array([True, False, True]), [s, 2.0])), V, S),
    "putmask": (writing(lambda a, y: np.putmask(a, np.array([[1, 0, 1], [0, 1, 0]]), y)), A, W),
    "putmask whole": (writing(lambda a, y: np.putmask(a, a > 0.75, y)), A, A * A),
    "copyto": (writing(lambda a, y: np.copyto(a, y)), A, V),
    "copyto where": (writing(lambda a, y: np.copyto(a, y, where=[True, False, True])), A, V),
    "copyto scalar": (writing(lambda a, s: np.copyto(a, s, casting="unsafe")), V, S),
    "ufunc out": (writing(lambda a, y: np.multiply(y, y, out=a)), A, V),
}


@pytest.mark.parametrize("name", [*VIEWS, *GATHERED, *JOINED])
def test_linear_functions(name):
    function, *arrays = {**VIEWS, **GATHERED, **JOINED}[name]
    check(squared(function), *arrays)


@pytest.mark.parametrize("name", PADDED)
def test_pad(name):
    function, *arrays = PADDED[name]
    check(function, *arrays)


@pytest.mark.parametrize("name", MADE)
def test_creation(name):
    function, *arrays = MADE[name]
    plain_numpy = name in ("array without like",) or name.startswith("vectorize")
    check(function, *arrays, float32=not plain_numpy and name != "arange step")


@pytest.mark.parametrize("name", WRITTEN)
def test_assignments(name):
    function, *arrays = WRITTEN[name]
    check(function, *arrays)
