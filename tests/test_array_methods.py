"""The methods and attributes of an ndarray that a user would type, in each of NumPy's argument forms."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import dualdiff as dd
from tests.reference import check

A = np.array([[0.5, -1.25, 2.0], [3.0, 0.25, -0.75]])
V = np.array([0.5, -1.25, 2.0])
M = np.array([[0.5, -1.25], [3.0, 0.25]])
T = np.linspace(-1.5, 2.1, 12).reshape(2, 3, 2)
Z = np.array([1.0 + 2.0j, -0.5 + 0.25j])

DIFFERENTIABLE = {
    "T": (lambda x: x.T * x.T, A),
    "mT": (lambda x: x.mT * 2, T),
    "real": (lambda x: x.real * x, A),
    "imag": (lambda x: x.imag + x, A),
    "flat": (lambda x: [e * e for e in x.flat], A),
    "flat index": (lambda x: x.flat[4] * x.flat[1:3], A),
    "flat list": (lambda x: x.flat[[0, -1]], A),
    "flat mask": (lambda x: x.flat[x.ravel() > 0], A),
    "sum": (lambda x: x.sum() ** 2, A),
    "sum axis": (lambda x: x.sum(0) ** 2, A),
    "sum axes": (lambda x: x.sum(axis=(0, 2), keepdims=True) ** 2, T),
    "sum where": (lambda x: x.sum(axis=1, initial=2.0, where=[True, False, True]) ** 2, A),
    "sum dtype": (lambda x: x.sum(-1, float), A),
    "mean": (lambda x: x.mean() ** 2, A),
    "mean axis": (lambda x: x.mean(axis=-1, keepdims=True) ** 2, A),
    "prod": (lambda x: x.prod(1), A),
    "std": (lambda x: x.std(ddof=1), A),
    "std axis": (lambda x: x.std(0, ddof=1), T),
    "var": (lambda x: x.var(axis=1), A),
    "min": (lambda x: x.min() ** 2, A),
    "max": (lambda x: x.max(axis=0, keepdims=True) ** 2, A),
    "max initial": (lambda x: x.max(initial=1.0, axis=1) ** 2, A),
    "cumsum": (lambda x: x.cumsum() ** 2, A),
    "cumsum axis": (lambda x: x.cumsum(axis=1) ** 2, A),
    "cumprod": (lambda x: x.cumprod(0), A),
    "clip": (lambda x: x.clip(-1, 1) ** 2, A),
    "clip min": (lambda x: x.clip(min=0) ** 2, A),
    "clip max": (lambda x: x.clip(max=x[0, 0]) ** 2, A),
    "dot": (lambda x: x.dot(x.T), A),
    "reshape": (lambda x: x.reshape(3, 2) ** 2, A),
    "reshape tuple": (lambda x: x.reshape((3, -1)) ** 2, A),
    "reshape one": (lambda x: x.reshape(-1) ** 2, A),
    "reshape list": (lambda x: x.reshape([6]) ** 2, A),
    "reshape order": (lambda x: x.reshape(2, 3, order="F") ** 2, A),
    "reshape nothing": (lambda x: x[:1].reshape(()) ** 2, V),
    "ravel": (lambda x: x.ravel() ** 2, A),
    "ravel F": (lambda x: x.ravel("F") ** 2, A),
    "flatten": (lambda x: x.flatten() ** 2, A),
    "flatten F": (lambda x: x.flatten(order="F") ** 2, A),
    "transpose": (lambda x: x.transpose() ** 2, A),
    "transpose axes": (lambda x: x.transpose(1, 0, 2) ** 2, T),
    "transpose tuple": (lambda x: x.transpose((2, 0, 1)) ** 2, T),
    "transpose None": (lambda x: x.transpose(None) ** 2, A),
    "squeeze": (lambda x: x[None].squeeze() ** 2, A),
    "squeeze axis": (lambda x: x[None].squeeze(axis=0) ** 2, A),
    "swapaxes": (lambda x: x.swapaxes(0, -1) ** 2, T),
    "repeat": (lambda x: x.repeat(2) ** 2, A),
    "repeat axis": (lambda x: x.repeat([1, 2], axis=0) ** 2, A),
    "take": (lambda x: x.take([0, 4]) ** 2, A),
    "take axis": (lambda x: x.take([[2, 0]], axis=1) ** 2, A),
    "take mode": (lambda x: x.take([7, -1], mode="wrap") ** 2, A),
    "choose": (lambda x: np.choose([1, 0, 1], [x, x * x]), V),
    "compress": (lambda x: x.compress([True, False, True], axis=1) ** 2, A),
    "compress flat": (lambda x: x.compress([0, 1, 1]) ** 2, A),
    "diagonal": (lambda x: x.diagonal() ** 2, A),
    "diagonal offset": (lambda x: x.diagonal(1, axis1=1, axis2=0) ** 2, A),
    "trace": (lambda x: x.trace() ** 2, A),
    "trace offset": (lambda x: x.trace(offset=1) ** 2, A),
    "astype": (lambda x: x.astype(float) ** 2, A),
    "astype string": (lambda x: x.astype("float64", copy=False) ** 2, A),
    "astype complex": (lambda x: x.astype(complex) * (1 + 2j), A),
    "copy": (lambda x: x.copy() ** 2, A),
    "copy F": (lambda x: x.copy(order="F") ** 2, A),
    "view": (lambda x: x.view() ** 2, A),
    "conj": (lambda x: x.conj() ** 2, A),
    "conjugate": (lambda x: x.conjugate() ** 2, A),
    "item": (lambda x: x.item(4) * x.item(0, 1) * x.item(-1) * x.item((1, 1)), A),
    "item of one": (lambda x: x[:1].item() ** 2, V),
    "tolist": (lambda x: [sum(row) for row in x.tolist()], A),
    "ptp": (lambda x: np.ptp(x) ** 2, A),
    "iteration": (lambda x: [row[0] * row[1] for row in x], A),
    "unpacking": (lambda x: (lambda a, b, c: a * b + c)(*x), V),
    "reversed": (lambda x: [e * e for e in reversed(x)], V),
    "sum of builtin": (lambda x: sum(x) ** 2, V),
    "max of builtin": (lambda x: max(x) ** 2, V),
    "sorted of builtin": (lambda x: sorted(x)[1] ** 2, V),
    "list of": (lambda x: np.array(list(x)) * 2, V),
    "argmax-selected": (lambda x: x[x.argmax()] ** 2, V),
    "argsort-selected": (lambda x: x[x.argsort()] ** 2, V),
    "copy module": (lambda x: copy.deepcopy(x) * copy.copy(x), A),
}


def mutating(change):
    def function(x):
        y = x * 1
        change(y, x)
        return y * y

    return function


MUTATING = {
    "fill": (lambda y, x: y.fill(x[0, 0]), A),
    "fill row": (lambda y, x: y[0].fill(3.0), A),
    "sort": (lambda y, x: y.sort(), A),
    "sort axis": (lambda y, x: y.sort(axis=0), A),
    "sort kind": (lambda y, x: y.sort(kind="stable"), A),
    "partition": (lambda y, x: y.partition(1), A),
    "put": (lambda y, x: y.put([0, -1], x[0, :2]), A),
    "put wrap": (lambda y, x: y.put([8], x[0, 0], mode="wrap"), A),
    "flat": (lambda y, x: y.flat.__setitem__(slice(1, None, 2), x[:, 1] * x[:, 0]), A),
    "flat whole": (lambda y, x: setattr(y, "flat", x[0] * x[1]), A),
    "flat number": (lambda y, x: setattr(y, "flat", 2.0), A),
    "flat of other": (lambda y, x: setattr(y, "flat", x.flat[::-1]), A),
    "real": (lambda y, x: setattr(y, "real", x[0]), A),
    "masked": (lambda y, x: y.__setitem__(y > 0, 1.5), A),
    "row": (lambda y, x: y.__setitem__(1, x[0] * x[1]), A),
    "list": (lambda y, x: y.__setitem__(1, [x[0, 0], 2, x[1, 1]]), A),
    "T": (lambda y, x: y.T.__setitem__(0, x[1, :2]), A),
    "+=": (lambda y, x: y.__iadd__(x), A),
    "row *=": (lambda y, x: y[0].__imul__(x[1]), A),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_methods(name):
    function, *arrays = DIFFERENTIABLE[name]
    check(function, *arrays, chunks=(1, None), float32="dtype" not in name and "astype" not in name)


@pytest.mark.parametrize("name", MUTATING)
def test_methods_that_write(name):
    change, array = MUTATING[name]
    check(mutating(change), array, chunks=(1, None))


@pytest.mark.parametrize("chunk_size", [1, 2])
def test_attributes(chunk_size):
    def look(x):
        return (x.shape, x.ndim, x.size, x.dtype, x.itemsize, x.nbytes, len(x))

    seen = dd.value_and_jacobian(lambda x: (np.sum(x), look(x)), chunk_size=chunk_size, has_aux=True)(A)[1]
    assert seen == look(A)
    scalar = dd.Dual(2.0, 1.0)
    assert (scalar.shape, scalar.ndim, scalar.size) == ((), 0, 1)


BY_STRIDES = {
    "strides of the array": lambda x: as_strided(x, (len(x) - 1, 2), x.strides * 2).sum(axis=1),
    "strides of the objects": lambda x: as_strided(x, (len(x) - 1, 2), (8, 8)).sum(axis=1),
    "of the object array": lambda x: as_strided(np.asarray(x), (len(x) - 1, 2), x.strides * 2).sum(axis=1),
    "no strides": lambda x: as_strided(x, (2, 2)).sum(axis=1),
    "of rows": lambda x: as_strided([x, x], (2, 2), (8, 8)).sum(axis=1),
}
EVERY_MODE = {
    "jvp": lambda f, x: dd.jvp(f, (x,), (np.ones_like(x),)),
    "chunk": lambda f, x: dd.jacobian(f, chunk_size=None)(x),
    "reverse": lambda f, x: dd.reverse.jacobian(f)(x),
    "taylor": lambda f, x: dd.taylor(lambda t: f(t * x), 1.0, 2),
}


@pytest.mark.parametrize("mode", EVERY_MODE)
@pytest.mark.parametrize("name", BY_STRIDES)
@pytest.mark.parametrize("x", [np.arange(12.0)[::2], np.arange(6, dtype=np.float32), np.arange(6.0).astype(complex)],
                         ids=["strided", "float32", "complex"])
def test_arrays_by_their_strides_are_refused(x, name, mode):
    with pytest.raises((AttributeError, dd.NotDifferentiableError), match=r"sliding_window_view"):
        EVERY_MODE[mode](BY_STRIDES[name], x)


def test_what_has_strides_of_its_own_keeps_them():
    assert dd.Dual(2.0, 1.0).strides == ()
    assert not hasattr(dd.Dual(A, A), "strides")
    x = np.array([1.0, 2.0, 4.0])
    objects = dd.jvp(lambda x: as_strided(np.array(list(x)), (2, 2), (8, 8)).sum(axis=1), (x,), (x,))
    np.testing.assert_array_equal(objects, [[3.0, 6.0], [3.0, 6.0]])


@pytest.mark.parametrize("method", [
    lambda x: x.argmin(), lambda x: x.argmax(axis=1), lambda x: x.argsort(), lambda x: x.argsort(axis=0, kind="stable"),
    lambda x: x.argpartition(1), lambda x: x.nonzero(), lambda x: x.any(), lambda x: x.all(axis=0), lambda x: x.round(1),
    lambda x: x.round(), lambda x: x.astype(int), lambda x: x.astype(bool), lambda x: x > 0, lambda x: 3.0 in x,
    lambda x: x[0].searchsorted([0.0, 1.0]), lambda x: 7.0 in x, lambda x: x.astype(np.int8, copy=False), lambda x: len(x)])
def test_locally_constant_methods(method):
    found, wanted = method(dd.Dual(A, 1.0)), method(A)
    assert type(found) is type(wanted)
    np.testing.assert_array_equal(found, wanted)


def test_types():
    x = dd.Dual(A, A)
    for dtype in (np.float32, np.float16, np.longdouble, complex, np.complex64):
        y = x.astype(dtype)
        assert y.dtype == y.tangent.dtype == dtype
        np.testing.assert_array_equal(y.primal, A.astype(dtype))
        np.testing.assert_array_equal(y.tangent, A.astype(dtype))
    assert x.astype(float, copy=False) is x
    assert x.astype(float) is not x
    objects = x.astype(object)
    assert objects.dtype == object
    assert isinstance(objects[0, 0], dd.Dual)
    with pytest.warns(np.exceptions.ComplexWarning):
        z = dd.Dual(Z, Z).astype(float)
    np.testing.assert_array_equal(z.tangent, Z.real)
    with pytest.raises(TypeError):
        x.astype(np.float32, casting="safe")
    assert dd.Dual(2.5, 1.0).astype(int) == 2
    single = dd.Dual(2.5, 3.0).astype(np.float32)
    assert type(single.primal) is np.float32
    assert type(single.item().primal) is float


def test_complex_parts():
    def function(z):
        w = z * 1
        w.real = w.imag * 2
        w.imag[0] = 3.0
        return w.real, w.imag, w.conj()

    value, slope = dd.jvp(function, Z, Z * 1j)
    for found, wanted in zip((*value, *slope), (*function(Z), Z.real * 2, [0.0, Z.real[1]], Z.real * 2 - 1j * Z.real * [0, 1])):
        np.testing.assert_allclose(found, wanted, rtol=1e-15)
    with pytest.raises(TypeError):
        dd.Dual(A, 1.0).imag = 2


def test_what_a_scalar_cannot_do():
    x = dd.Dual(2.0, 1.0)
    assert x.copy() == x
    assert x.item() is x
    for attempt in (lambda: len(x), lambda: list(x), lambda: x[0], lambda: x.__setitem__(0, 1)):
        with pytest.raises(TypeError):
            attempt()


def test_item_errors():
    x = dd.Dual(A, 1.0)
    with pytest.raises(ValueError, match="one element"):
        x.item()
    for index in ((6,), (2, 0), (-7,)):
        with pytest.raises(IndexError):
            x.item(*index)


def test_ravel_in_the_order_of_the_memory_is_refused():
    for order in "AK":
        with pytest.raises(ValueError, match="layout"):
            dd.Dual(A, 1.0).ravel(order)


SWAPPED = {
    "astype": lambda x: x.astype(">f8"),
    "astype, narrower": lambda x: x.astype(">f4"),
    "astype, no copy": lambda x: x.astype(">f8", copy=False),
    "np.array": lambda x: np.array(x * x, dtype=">f8", like=x),
    "full_like": lambda x: np.full_like(x, x[0, 0] ** 2, dtype=">f8"),
    "complex": lambda x: (x * (1 + 2j)).astype(">c16").imag,
    "number": lambda x: x[0, 0].astype(">f8"),
    "function": lambda x: np.sin(x.astype(">f8")) * x,
    "assignment": lambda x: np.copy(x.astype(">f8").reshape(-1)[::2]),
}


@pytest.mark.parametrize("dtype", ["<f8", ">f8"])
@pytest.mark.parametrize("name", SWAPPED)
def test_arrays_of_the_other_byte_order(name, dtype):
    function, x = SWAPPED[name], A.astype(dtype)
    expected, plain = dd.jacobian(function)(A), function(x)
    for value, jacobian in (dd.value_and_jacobian(function)(x), dd.value_and_jacobian(function, chunk_size=None)(x),
                            dd.reverse.value_and_jacobian(function)(x)):
        np.testing.assert_array_equal(value, plain)
        assert np.asarray(value).dtype == plain.dtype
        np.testing.assert_allclose(np.asarray(jacobian, float), np.asarray(expected, float), rtol=1e-15)
    h = 2.0**-10
    for index in np.ndindex(A.shape):
        step = np.zeros_like(A)
        step[index] = h
        difference = (np.asarray(function(x + step), float) - np.asarray(function(x - step), float)) / (2 * h)
        np.testing.assert_allclose(expected[(..., *index)], difference, atol=1e-4)


def test_byte_order_and_casting():
    with pytest.raises(TypeError, match="according to the rule 'safe'"):
        dd.Dual(A, 1.0).astype(">f4", casting="safe")


@pytest.mark.parametrize(("density", "complex_weights"), [(False, False), (True, False), (False, True)])
def test_histogram_of_long_weights(density, complex_weights):
    samples, w = np.array([0.1, 0.9, 0.2, 0.95]), np.array([0.5, 1.5, 2.5, 0.25], np.longdouble)

    def f(w):
        values = np.histogram(samples, 3, (0, 1), weights=w * (1 + 2j) if complex_weights else w, density=density)[0]
        return (values.real, values.imag) if complex_weights else values

    def moved(k):
        return np.array(f(w + k)) - np.array(f(w - k))

    plain = np.array(f(w))
    h = np.longdouble(2.0**-20)
    wanted = np.stack([moved(h * unit) / (2 * h) for unit in np.eye(4)], axis=-1)
    for transform in (dd.value_and_jacobian(f), dd.value_and_jacobian(f, chunk_size=None), dd.reverse.value_and_jacobian(f)):
        value, jacobian = transform(w)
        np.testing.assert_array_equal(np.array(value), plain)
        np.testing.assert_allclose(np.array(jacobian), wanted, rtol=1e-9, atol=1e-9)
        assert np.array(jacobian).dtype == np.longdouble
