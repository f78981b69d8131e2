"""The short ways of forward mode, and the memory that it uses again, against plain NumPy and against the general path."""

from __future__ import annotations

import copy
import decimal
import gc
import itertools
import operator
import pickle
import warnings
import weakref
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import dualdiff as dd
import dualdiff.lanes.functions
import dualdiff.lanes.operators
from dualdiff.dual import OF_ONE, OF_ONE_ARRAY, Dual, dual
from dualdiff.levels import new_level
from dualdiff.memory import MANY, MOST, POOL, SMALL
from dualdiff.partials import BLOCK
from dualdiff.quiet import quietly
from dualdiff.rules.table import TABLE
from dualdiff.tangents import Tangents

rng = np.random.default_rng(8)
LONG = SMALL  # doubles: from here on memory is used again


# ---- values are what plain NumPy computes, to the last bit ---------------------------------------------------------------

LAYOUTS = {
    "C": rng.normal(size=(160, 128)),
    "F": np.asfortranarray(rng.normal(size=(160, 128))),
    "part of F": np.asfortranarray(rng.normal(size=(161, 128)))[1:],
    "permuted": rng.normal(size=(20, 32, 32)).transpose(1, 2, 0),
    "backwards": rng.normal(size=(160, 128))[::-1],
}


@pytest.mark.parametrize("function", [np.exp, lambda x: 3.0 * x, lambda x: x - x[..., ::-1], lambda x: x.T * x.T])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_sums_add_in_the_order_of_the_plain_function(function, layout):
    x = LAYOUTS[layout]
    for axis in (None, 0, 1):
        value, _ = dd.jvp(lambda x, axis=axis: np.sum(function(x), axis=axis), (x,), (x,))
        np.testing.assert_array_equal(value, np.sum(function(x.copy(order="K")), axis=axis))


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.hypot])
def test_sums_of_mixed_layouts(ufunc):
    x, y = LAYOUTS["C"], LAYOUTS["F"]
    for a, b in ((x, y), (y, x)):
        for axis in (None, 0, 1):
            value, _ = dd.jvp(lambda a, b, axis=axis: np.sum(ufunc(a, b), axis=axis), (a, b), (a, b))
            np.testing.assert_array_equal(value, np.sum(ufunc(a, b), axis=axis))


# ---- operators on arrays: by hand as by the table --------------------------------------------------------------------------

LEVEL = new_level()
SHAPES = {"short": (7,), "middle": (LONG + 3,), "long": (2 * BLOCK + 5,), "matrix": (130, 200), "empty": (0,)}
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e-300, 5e-324]


def operands(shape, order, rng):
    """Pairs of what an operator may meet: arrays with tangents, without, numbers with and without; specials among the values."""
    def array():
        values = rng.normal(size=shape)
        values.flat[:len(SPECIAL)] = rng.permutation(SPECIAL)[:values.size]
        values.flat[-1:] = rng.choice(SPECIAL)
        return np.array(values, order=order)

    def tangent():
        values = rng.normal(size=shape)
        values.flat[::3] = 0.0
        return np.array(values, order=order)

    x, y = dual(array(), tangent(), LEVEL), dual(array(), tangent(), LEVEL)
    scalar, still = dual(1.5, -0.5, LEVEL), dual(0.0, 0.0, LEVEL)
    return [(x, y), (y, x), (x, x), (x, array()), (array(), y), (x, 2.5), (2.5, y), (x, 3), (0, y), (x, 0.0), (np.inf, x),
            (x, scalar), (scalar, y), (x, still), (still, y), (scalar, array())]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, np.multiply, np.divide])
def test_operators_by_hand_as_by_the_table(operation, shape, order):
    ufunc = getattr(np, {"sub": "subtract", "mul": "multiply", "truediv": "divide"}.get(operation.__name__, operation.__name__))
    for left, right in operands(SHAPES[shape], order, np.random.default_rng(3)):
        found = operation(left, right)
        expected = Dual._lift_elementwise(LEVEL, TABLE[ufunc], ufunc, (left, right), {})
        plain = ufunc(*[x.primal if isinstance(x, Dual) else x for x in (left, right)])
        np.testing.assert_array_equal(found.primal, plain)
        np.testing.assert_array_equal(np.signbit(found.primal), np.signbit(plain))
        np.testing.assert_array_equal(found.tangent, expected.tangent)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, np.multiply, np.divide])
@pytest.mark.parametrize("shapes", [((4, 5), (5,)), ((5,), (4, 5)), ((4, 1), (5,)), ((4, 5), (4, 1)), ((1,), (9,)),
                                    ((3, 4, 5), (4, 1)), ((90, 80), (80,)), ((4, 0), (1, 0)), ((1, 1), (6, 1))])
def test_operators_of_two_shapes_by_hand_as_by_the_table(operation, shapes):
    ufunc = getattr(np, {"sub": "subtract", "mul": "multiply", "truediv": "divide"}.get(operation.__name__, operation.__name__))
    rng = np.random.default_rng(4)
    arrays = []
    for shape in shapes:
        values, tangent = rng.normal(size=shape), rng.normal(size=shape)
        values.flat[:3], tangent.flat[::2] = rng.permutation(SPECIAL)[:values.size][:3], 0.0
        arrays.append((values, tangent))
    (x, t), (y, s) = arrays
    for left, right in ((dual(x, t, LEVEL), dual(y, s, LEVEL)), (dual(x, t, LEVEL), y), (x, dual(y, s, LEVEL)),
                        (dual(x.T.copy().T, t, LEVEL), dual(y, s.T.copy().T, LEVEL))):
        found = operation(left, right)
        expected = Dual._lift_elementwise(LEVEL, TABLE[ufunc], ufunc, (left, right), {})
        np.testing.assert_array_equal(found.primal, ufunc(x, y))
        np.testing.assert_array_equal(found.tangent, expected.tangent)
        assert found.tangent.shape == found.primal.shape
        shared = any(np.shares_memory(found.tangent, part) for part in (x, y, t, s) if part.size)
        assert not (shared and found.tangent.flags.writeable)


EXPONENTS = [2, 3, 7, 2.0, -1, -2, -3.0, 0.5, 1.5, -0.5, 1 / 3, np.inf, np.nan, 0, 1, 1.0, 10**18]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("n", EXPONENTS)
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("shape", SHAPES)
def test_powers_by_hand_as_by_the_table(shape, order, n):
    x, y = operands(SHAPES[shape], order, np.random.default_rng(5))[0]
    for x in (x, y, dual(np.exp(np.cos(x.primal)), x.tangent, LEVEL)):  # the last has nothing special among its values
        found = x**n
        expected = Dual._lift_elementwise(LEVEL, TABLE[np.power], operator.pow, (x, n), {})
        np.testing.assert_array_equal(found.primal, x.primal**n)
        np.testing.assert_array_equal(found.tangent, expected.tangent)
        assert found.primal.strides == (x.primal**n).strides


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_scalars_in_a_chunk_as_by_the_table(operation):
    ufunc = {operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply, operator.truediv: np.divide}[operation]
    blocks = [Tangents(np.array([1.0, 0.0, -2.5, 3.0])), Tangents(np.array([0.0, 0.5, 0.0, np.inf])),
              Tangents(np.array([2.0, 0.0]), (1, 3), 4), Tangents(np.array([-1.0]), (0,), 4), Tangents(np.empty(0), (), 4)]
    for x, y in itertools.product([0.75, -0.0, np.inf, 1e300, np.nan, 3], repeat=2):
        for t, s in itertools.product([None, *blocks], repeat=2):
            left, right = [v if chunk is None else dual(float(v), chunk.snapshot(), LEVEL) for v, chunk in ((x, t), (y, s))]
            if t is s is None:
                continue
            with np.errstate(all="ignore"):
                found = operation(left, right)
                expected = Dual._lift_elementwise(LEVEL, TABLE[ufunc], ufunc, (left, right), {})
            np.testing.assert_array_equal(found.primal, expected.primal)
            np.testing.assert_array_equal(found.tangent.block, expected.tangent.block)
            assert isinstance(found.primal, float) and len(found.tangent) == 4


def chunks_of(shape, generator):
    """Blocks of four directions: all rows, some that are not zero, none; and one whose directions do not lie side by side."""
    def block(count):
        values = generator.normal(size=(count, *shape))
        values.flat[::3] = 0.0
        return values

    found = [Tangents(block(4)), Tangents(block(1), (0,), 4), Tangents(block(1), (3,), 4), Tangents(block(2), (0, 1), 4),
             Tangents(block(2), (2, 3), 4), Tangents(block(2), (0, 2), 4), Tangents(block(3), (0, 1, 2), 4),
             Tangents(block(0), (), 4)]
    return found + ([Tangents(np.moveaxis(np.moveaxis(block(4), 0, -1).copy(), -1, 0))] if shape else [])


@pytest.mark.parametrize("shape", [(7,), (3, 4), (5, 1), (1,), (LONG,)])
@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_arrays_in_a_chunk_as_by_the_table(operation, shape):
    ufunc = {operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply, operator.truediv: np.divide}[operation]
    generator = np.random.default_rng(6)
    long = shape == (LONG,)

    def array():
        values = generator.normal(size=shape)
        values.flat[:len(SPECIAL)] = generator.permutation(SPECIAL)[:values.size]
        return values

    arrays = [(array(), t) for t in (None, *chunks_of(shape, generator)[::4 if long else 1])]
    numbers = [(v, t) for v in (0.75, 0.0, np.inf, 3, np.float64(2.5)) for t in (None, *chunks_of((), generator)[::3])]
    pairs = [*itertools.product(arrays, repeat=2), *itertools.product(arrays, numbers), *itertools.product(numbers, arrays)]
    for (x, t), (y, s) in pairs[::5 if long else 1]:
        if t is s is None:
            continue
        left, right = [v if chunk is None else dual(float(v) if np.ndim(v) == 0 else v, chunk.snapshot(), LEVEL)
                       for v, chunk in ((x, t), (y, s))]
        before = [part if chunk is None else chunk.snapshot().block.copy() for part, chunk in ((x, t), (y, s))]
        with np.errstate(all="ignore"):
            found = operation(left, right)
            expected = Dual._lift_elementwise(LEVEL, TABLE[ufunc], ufunc, (left, right), {})
        np.testing.assert_array_equal(found.primal, expected.primal)
        np.testing.assert_array_equal(found.tangent.block, expected.tangent.block)
        assert found.tangent.block.shape == (4, *shape)
        for operand, part, old in ((left, x, before[0]), (right, y, before[1])):
            now = operand.tangent.block if isinstance(operand, Dual) else part
            np.testing.assert_array_equal(now, old)
            if isinstance(operand, Dual) and found.tangent.block.flags.writeable:
                assert not np.may_share_memory(now, found.tangent.block)


@pytest.mark.parametrize("shape", [(7,), (3, 4), (LONG,)])
@pytest.mark.parametrize("function", [np.exp, np.log, np.negative, np.sqrt, np.sin, np.tanh, np.abs, np.deg2rad, np.positive,
                                      np.floor, np.logical_not])
def test_functions_of_arrays_in_a_chunk_as_by_the_table(function, shape):
    generator = np.random.default_rng(7)
    for tangents in chunks_of(shape, generator):
        x = generator.normal(size=shape)
        x.flat[:len(SPECIAL)] = generator.permutation(SPECIAL)[:x.size]
        with np.errstate(all="ignore"):
            found = function(dual(x, tangents.snapshot(), LEVEL))
            if not isinstance(found, Dual):
                np.testing.assert_array_equal(found, function(x))
                continue
            expected = Dual._lift_elementwise(LEVEL, TABLE[function], function, (dual(x, tangents.snapshot(), LEVEL),), {})
        np.testing.assert_array_equal(found.primal, function(x))
        np.testing.assert_array_equal(found.tangent.block, expected.tangent.block)


@pytest.mark.parametrize("n", EXPONENTS)
def test_powers_of_arrays_in_a_chunk_as_by_the_table(n):
    generator = np.random.default_rng(9)
    for shape in ((9,), (3, 4)):
        for tangents, positive in itertools.product(chunks_of(shape, generator), (False, True)):
            x = generator.normal(size=shape)
            x.flat[:len(SPECIAL)] = SPECIAL
            x = np.exp(np.cos(generator.normal(size=shape))) if positive else x
            with np.errstate(all="ignore"):
                found = dual(x, tangents.snapshot(), LEVEL)**n
                inputs = (dual(x, tangents.snapshot(), LEVEL), n)
                expected = Dual._lift_elementwise(LEVEL, TABLE[np.power], operator.pow, inputs, {})
                np.testing.assert_array_equal(found.primal, x**n)
            np.testing.assert_array_equal(found.tangent.block, expected.tangent.block)


def test_entries_of_a_vector_in_a_chunk():
    for tangents in chunks_of((5,), np.random.default_rng(8)):
        for index in (0, 4, -1, -5):
            entry = dual(np.arange(5.0), tangents.snapshot(), LEVEL)[index]
            assert type(entry.primal) is float and entry.primal == np.arange(5.0)[index]
            np.testing.assert_array_equal(entry.tangent.block, tangents.snapshot().block[:, index])
        with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 5"):
            dual(np.arange(5.0), tangents.snapshot(), LEVEL)[5]


def test_a_row_of_numbers_in_a_chunk():
    numbers = [dual(float(i), t.snapshot(), LEVEL) for i, t in enumerate(chunks_of((), np.random.default_rng(10)))]
    for values in itertools.product([*numbers, 2.5, 3], repeat=2):
        if not any(isinstance(x, Dual) for x in values):
            continue
        row = next(x for x in values if isinstance(x, Dual)).row(values)
        for i, x in enumerate(values):
            assert row.primal[i] == (x.primal if isinstance(x, Dual) else x)
            np.testing.assert_array_equal(row.tangent.block[:, i], x.tangent.snapshot().block if isinstance(x, Dual) else 0)
    other = dual(1.5, Tangents(np.ones(3)), LEVEL)  # of another pass
    with pytest.raises(dd.LevelError):
        np.stack([numbers[0], other])
    jacobian = dd.jacobian(lambda x: np.array([x[1] * x[0], 2.0, -x[2]]), chunk_size=None)(np.array([2.0, 3.0, 5.0]))
    np.testing.assert_array_equal(jacobian, [[3.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, -1.0]])


SINGLE = {
    "complex": [1.5 - 0.5j, complex(0.0, -0.0), complex(np.inf, 1.0), complex(np.nan, 0.0)],
    "complex128": [np.complex128(1.5 - 0.5j), np.complex128(0), np.complex128(complex(np.inf, 0))],
    "float32": [np.float32(1.7), np.float32(-0.0), np.float32(np.inf), np.float32(3e38), np.float32(np.nan)],
    "longdouble": [np.longdouble(1) / 3, np.longdouble(0), np.longdouble(np.inf)],
    "Fraction": [Fraction(1, 3), Fraction(-7, 5), Fraction(0)],
    "Decimal": [decimal.Decimal("1.1"), decimal.Decimal(-3), decimal.Decimal(0)],
    "mpf": [mpmath.mpf(1) / 3, mpmath.mpf(0), mpmath.inf, mpmath.nan], "mpc": [mpmath.mpc(1, -2) / 3, mpmath.mpc(0)]}


def outcome(call):
    """What a call returns, exactly, or the class of its error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call()
        except Exception as error:
            return type(error)
    return type(result.primal), repr(result.primal), type(result.tangent), repr(result.tangent), [str(w.message) for w in caught]


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, np.multiply, np.divide])
@pytest.mark.parametrize("kind", SINGLE)
def test_single_numbers_by_hand_as_by_the_table(kind, operation, monkeypatch):
    if isinstance(operation, np.ufunc) and kind not in ("float32", "longdouble", "complex128"):
        pytest.skip("NumPy's function is for NumPy's numbers")
    values = SINGLE[kind]
    duals = [dual(x, t, LEVEL) for x in values for t in (values[0], values[0] * 0, values[-1])]
    others = [*duals, *values, 2, 0, 2.5, -1]
    pairs = [(x, y) for x in duals for y in others] + [(y, x) for x in duals for y in others[len(duals):]]
    found = [outcome(lambda x=x, y=y: operation(x, y)) for x, y in pairs]
    monkeypatch.setattr(dualdiff.lanes.operators, "single_at_once", lambda *args: None)
    assert found == [outcome(lambda x=x, y=y: operation(x, y)) for x, y in pairs]


@pytest.mark.parametrize("function", [lambda x: x**2, lambda x: x**5, np.sin, np.exp, np.log, np.sqrt, np.arctan, np.square,
                                      np.absolute])
@pytest.mark.parametrize("kind", SINGLE)
def test_functions_of_single_numbers_as_by_the_table(kind, function, monkeypatch):
    duals = [dual(x, t, LEVEL) for x in SINGLE[kind] for t in (SINGLE[kind][0], SINGLE[kind][0] * 0, SINGLE[kind][-1])]
    found = [outcome(lambda x=x: function(x)) for x in duals]
    monkeypatch.setattr(dualdiff.dual, "single_power", lambda *args: None)
    monkeypatch.setattr(dualdiff.lanes.functions, "of_one_single", lambda *args: None)
    OF_ONE.clear()
    OF_ONE_ARRAY.clear()
    assert found == [outcome(lambda x=x: function(x)) for x in duals]
    OF_ONE.clear()
    OF_ONE_ARRAY.clear()


def warned(function, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args)
    return len(caught)


def test_scalars_warn_once():
    one, zero, double = Dual(1.0, 1.0), Dual(0.0, 1.0), np.float64
    for operation, x, y in ((operator.truediv, one, double(0)), (operator.truediv, double(1), zero), (np.divide, one, zero),
                            (np.divide, 1.0, zero), (operator.mul, double(1e308), Dual(10.0, 1.0))):
        assert warned(operation, x, y) == 1
    for function, x in ((np.log, -1.0), (np.sqrt, -1.0), (np.arctanh, 2.0)):
        assert warned(dd.derivative(dd.derivative(function)), x) == 1
    counts = []
    dd.reverse.gradient(lambda x: counts.extend([
        warned(operator.truediv, x, double(0)), warned(operator.truediv, double(1), x - 1), warned(np.divide, x, x - 1)]) or x)(1.0)
    assert counts == [1, 1, 1]


@pytest.mark.parametrize("size", [10, LONG + 1, 2 * BLOCK + 1])
def test_operators_warn_and_raise_as_numpy_does(size):
    x, zero, huge = np.ones(size), np.zeros(size), np.full(size, 1e300)
    for operation, y in ((operator.truediv, zero), (operator.mul, huge), (operator.sub, x * np.inf)):
        x = np.full(size, 1e300) if operation is operator.mul else np.full(size, np.inf) if operation is operator.sub else x
        with pytest.warns(RuntimeWarning) as plain:
            operation(x, y)
        with pytest.warns(RuntimeWarning) as dual_too:
            operation(dual(x, x.copy(), LEVEL), dual(y, y.copy(), LEVEL))
        assert [str(w.message) for w in dual_too] == [str(w.message) for w in plain]
        with np.errstate(all="raise"), pytest.raises(FloatingPointError):
            operation(dual(x, x.copy(), LEVEL), dual(y, y.copy(), LEVEL))
    tiny = np.full(size, 1e-200)
    with np.errstate(under="raise"), pytest.raises(FloatingPointError):
        dual(tiny, tiny.copy(), LEVEL) * dual(tiny, tiny.copy(), LEVEL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dual(tiny, tiny.copy(), LEVEL) * dual(tiny, tiny.copy(), LEVEL)  # underflow: NumPy is silent
        dual(np.ones(size), huge, LEVEL) * dual(np.full(size, 10.0), huge, LEVEL)  # of tangents we are


# ---- memory is used again only when nobody refers to it ------------------------------------------------------------------

WAYS_OF_KEEPING = {
    "array": lambda a: a, "view": lambda a: a[1:], "view of a view": lambda a: a[:LONG:2].reshape(4, -1).T[1],
    "other dtype": lambda a: a.view(np.int64), "memoryview": memoryview, "frombuffer": lambda a: np.frombuffer(a, np.uint8),
    "iterator": lambda a: np.nditer(a[5:]), "flat": lambda a: a.flat, "dlpack": np.from_dlpack,
    "in a cycle": lambda a: (lambda cycle: cycle.append(cycle) or cycle)([a]),
    "interface": lambda a: np.asarray(type("Owner", (), {"__array_interface__": a.__array_interface__, "kept": a})()),
}


def content(kept):
    if isinstance(kept, np.nditer):
        kept.reset()
        return [float(x) for x in kept]
    if isinstance(kept, list):
        return kept[0].tolist()
    return (kept.copy() if isinstance(kept, np.flatiter) else np.asarray(kept)).tolist()


@pytest.mark.parametrize("way", WAYS_OF_KEEPING)
@pytest.mark.parametrize("size", [LONG, LONG + 1])
def test_what_a_user_keeps_is_never_written_to(way, size):
    keep, kept = WAYS_OF_KEEPING[way], []

    def f(x):
        y = np.exp(x) * x
        kept.extend([keep(x.primal), keep(x.tangent), keep(y.primal), keep(y.tangent)])
        return y

    x = rng.normal(size=size)
    value, tangent = dd.jvp(f, (x,), (x,))
    np.testing.assert_array_equal(value, np.exp(x) * x)
    kept.extend([keep(value), keep(tangent)])
    del value, tangent
    gc.collect()
    before = [content(k) for k in kept]
    for scale in (2.0, 3.0, 4.0):
        dd.jvp(lambda x, scale=scale: scale * np.exp(x) * x - x, (x,), (scale * x,))
    assert [content(k) for k in kept] == before


def test_an_unused_buffer_is_used_again_and_a_used_one_is_not():
    first = POOL.empty_like(np.ones(54321))
    address = first.ctypes.data
    second = POOL.empty_like(first)
    assert second.ctypes.data != address
    view = first[7:9]
    del first
    assert POOL.empty_like(second).ctypes.data != address
    del view
    assert POOL.empty_like(second).ctypes.data == address
    for _ in range(3000):  # also once Python has specialised, or compiled, the loop
        assert POOL.empty_like(second).ctypes.data not in (second.ctypes.data,)


def test_the_pool_is_bounded():
    kept = [POOL.empty_like(np.ones(LONG + i % 3)) for i in range(5 * MANY)]
    assert len(POOL.buffers) <= MANY
    kept = [POOL.empty_like(np.ones(2**20)) for _ in range(MOST // 2**22)]
    assert sum(buffer.nbytes for buffer in POOL.buffers) <= MOST
    assert len({array.ctypes.data for array in kept}) == len(kept)


def test_objects_are_not_kept_alive():
    class Number(Fraction):
        pass

    array = np.full(LONG, Fraction(1, 3), object)
    array[7] = number = Number(1, 7)
    reference = weakref.ref(number)
    dd.jvp(lambda x: x * x, (array,), (array,))
    del array, number
    gc.collect()
    assert reference() is None


# ---- warnings are those of the primals, each given once ------------------------------------------------------------------

WARNING = {  # what warns in the tangents alone, and what in the primal
    "inf − inf": (lambda v: np.sqrt(v[0]) + (-np.sqrt(v[0])), [0.0, 1.0], []),
    "inf − inf, entries": (lambda v: (np.sqrt(v) - np.sqrt(v))[0], [0.0, 1.0], []),
    "overflow": (lambda v: v[0] * v[1] * 1e300, [1e-300, 1e300], []),
    "0 · inf": (lambda v: v[0] * np.sqrt(v[1]), [0.0, 0.0], []),
    "0 / 0": (lambda v: v[0] / v[1], [0.0, 5e-324], []),
    "no dimension": (lambda v: np.log(v[0, ...]), [0.0, 1.0], ["divide by zero encountered in log"]),
    "scalar": (lambda v: np.log(v[0]), [0.0, 1.0], ["divide by zero encountered in log"]),
    "entries": (lambda v: np.exp(v)[1], [0.0, 800.0], ["overflow encountered in exp"]),
    "long": (lambda v: np.sqrt(np.concatenate([v] * LONG))[3], [0.0, -1.0], ["invalid value encountered in sqrt"]),
    "of another type": (lambda v: np.float_power(v.astype(np.float32), -1.0)[0], [0.0, 1.0],
                        ["divide by zero encountered in float_power"]),
    "deprecated by position": (lambda v: np.maximum(np.concatenate([v] * LONG), 0.5)[3], [0.0, 1.0], []),
    "sum": (lambda v: np.sum(v), [1e308, 1e308], ["overflow encountered in reduce"]),
}


@pytest.mark.parametrize("chunk_size", [1, 2, None])
@pytest.mark.parametrize("name", WARNING)
def test_warnings_are_those_of_the_primal(name, chunk_size):
    f, point, messages = WARNING[name]
    passes = 2 if chunk_size == 1 else 1
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dd.gradient(f, chunk_size=chunk_size)(np.array(point))
    assert [str(warning.message) for warning in caught] == messages * passes
    if not messages:
        with np.errstate(all="raise"):
            dd.gradient(f, chunk_size=chunk_size)(np.array(point))


def test_quietly_keeps_the_users_context():
    with decimal.localcontext() as context, np.errstate(divide="raise"):
        context.prec = 50
        third = quietly(lambda: decimal.Decimal(1) / 3)
        assert len(str(third)) == 52
        assert quietly(np.divide, 1.0, 0.0) == np.inf
        with pytest.raises(FloatingPointError):
            np.divide(1.0, 0.0)
    with decimal.localcontext() as context:  # partials of one's own run in it, reverse mode's too
        context.prec = 50
        x = decimal.Decimal(2)
        for transform in (dd.derivative, dd.reverse.gradient):
            assert abs(transform(lambda x: 1 / x / 3)(x) + 1 / x**2 / 3) < decimal.Decimal("1e-48")


# ---- tangents that are shared --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("chunk_size", [1, 2, None])
@pytest.mark.parametrize("scalar", [np.positive, lambda x: +x, lambda x: x + 1, lambda x: x * 1, lambda x: x - 0.5, np.sum,
                                    lambda x: x[()], lambda x: x.astype(float), lambda x: np.maximum(x, 0.0)])
def test_a_scalar_made_of_an_array_without_dimensions_is_a_value(scalar, chunk_size):
    def f(x):
        y = scalar(x)
        x[...] = 0.0
        return y

    assert dd.jacobian(f, chunk_size=chunk_size)(np.array(0.75)) == 1.0


@pytest.mark.parametrize("indices", [[2, 1, 1], [0, 0, 0], [2, 0, 0]])
@pytest.mark.parametrize("shape", [(3,), (3, 4)])
def test_at_adds_the_values_as_they_were(indices, shape):
    x = rng.normal(size=shape)
    value, tangent = dd.jvp(lambda x: np.add.at(x, indices, x) or x, (x,), (x,))  # linear: the tangent is the value
    expected = x.copy()
    for i, j in enumerate(indices):
        expected[j] += x[i]
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(tangent, expected)


@pytest.mark.parametrize("size", [3, LONG])
def test_arrays_of_a_users_rule_are_not_written_to(size):
    kept, x = np.full(size, 2.0), rng.normal(size=size)
    for rule in (dd.custom_rule(lambda x: kept), dd.custom_rule(jvp=lambda out, primals, tangents: kept),
                 dd.custom_rule(jvp=lambda out, primals, tangents: tangents[0])):
        function = rule(lambda x: 2.0 * x)

        def f(x, function=function):
            y = function(x)
            x[...] = 0.0
            z = y * 1.0
            y *= 3.0
            return z, y

        _, (z, y) = dd.jvp(f, (x,), (x,))
        np.testing.assert_array_equal(y, 3.0 * z)
        assert z.all()
        y[...] = 7.0
        assert (kept == 2.0).all()


@pytest.mark.parametrize("size", [3, LONG])
@pytest.mark.parametrize("copy", [lambda x: np.ravel(x[-1]), lambda x: x[:, 1].ravel(), lambda x: x[-1].flatten(),
                                  lambda x: np.ravel(x.T), lambda x: np.atleast_2d(x)])
def test_what_numpy_copies_is_not_written_to_but_a_view_is(copy, size):
    def f(x):
        y = copy(x)
        x.fill(0.0)
        return y

    x, direction = np.asfortranarray(rng.normal(size=(size, 4))), rng.normal(size=(size, 4))
    for x in (x, np.ascontiguousarray(x)):
        for copied in (f, lambda x: f(x * 1.0), lambda x: f(1 + x)):
            value, tangent = dd.jvp(copied, (x,), (direction,))
            if not value.any():  # a view in plain NumPy, too
                assert not tangent.any()
            else:
                np.testing.assert_array_equal(tangent, copy(direction))


# ---- random programs, against the complex step and the general path ------------------------------------------------------

STEPS = [  # each makes an array of two: all holomorphic
    lambda a, b: np.sin(a), lambda a, b: 1.0 + a, lambda a, b: a - 3, lambda a, b: +a, lambda a, b: -a / 3, lambda a, b: a + b,
    lambda a, b: np.exp(-a * a), lambda a, b: np.cos(a) * b, lambda a, b: a / (4.0 + np.sin(b)), lambda a, b: np.zeros_like(a),
    lambda a, b: np.concatenate([a[:7], b[7:]]), lambda a, b: a - np.sum(b) / b.size, lambda a, b: a[np.arange(a.size) - 2],
    lambda a, b: np.where(np.arange(a.size) % 3, a, b), lambda a, b: a[::-1], lambda a, b: a[...], lambda a, b: np.split(a, [0])[1],
    lambda a, b: a.reshape(1, -1)[0], lambda a, b: a.copy(), lambda a, b: pickle.loads(pickle.dumps(a)),
    lambda a, b: copy.deepcopy(a), lambda a, b: operator.iadd(a, 0.5 * b), lambda a, b: operator.imul(a, np.sin(b)),
]
CHANGES = [  # each writes into one
    lambda a, b: operator.setitem(a, slice(None, None, 2), b[::2]), lambda a, b: operator.setitem(a, slice(3), 0.25),
    lambda a, b: operator.setitem(a, np.arange(a.size) % 5 == 1, 0.5), lambda a, b: operator.setitem(a, ..., np.cos(b)),
    lambda a, b: np.copyto(a, b), lambda a, b: np.add.at(a, [0, 2, 0], b[1]), lambda a, b: a.fill(1.5),
    lambda a, b: np.sin(a, out=b), lambda a, b: np.add(a, b, out=a),
]


def random_program(seed):
    random = np.random.default_rng(seed)
    plan = [(random.random() < 0.7, random.integers(99), *random.integers(99, size=2)) for _ in range(10)]

    def f(x):
        arrays = [x]
        for makes, which, i, j in plan:
            a, b = arrays[i % len(arrays)], arrays[j % len(arrays)]
            if makes:
                arrays.append(STEPS[which % len(STEPS)](a, b))
            else:
                CHANGES[which % len(CHANGES)](a, b)
        return arrays

    return f


@pytest.mark.parametrize(("size", "count"), [(9, 150), (LONG, 8), (BLOCK + 1, 8)])
def test_random_programs_in_second_order(size, count, monkeypatch):
    """Second derivatives along v and w are those along w and v, and those of the general path."""
    def second(f, x, v, w):
        return dd.jvp(lambda x: dd.jvp(f, (x,), (v,))[1], (x,), (w,))[1]

    for seed in range(count):
        f = random_program((size, seed, 2))
        x, v, w = rng.normal(size=(3, size))
        found, turned = second(f, x, v, w), second(f, x, w, v)
        with monkeypatch.context() as patch:
            patch.setattr(dualdiff.lanes.operators, "nested_arrays", lambda *args: None)
            patch.setattr(dualdiff.dual, "nested_power", lambda *args: None)
            patch.setattr(dualdiff.lanes.functions, "nested_function", lambda *args: None)
            general = second(f, x, v, w)
        for a, b, c in zip(found, turned, general):
            scale = 1e-11 * (1.0 + np.abs(c).max())
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=scale)
            np.testing.assert_allclose(a, c, rtol=1e-12, atol=scale)


@pytest.mark.parametrize(("size", "count"), [
    (9, 400), (LONG - 1, 25), (LONG, 25), (BLOCK, 15), (BLOCK + 1, 25), (2 * BLOCK + 1, 15)])
def test_random_programs(size, count, monkeypatch):
    for seed in range(count):
        f = random_program((size, seed))
        x, direction = rng.normal(size=size), rng.normal(size=size)
        values, tangents = dd.jvp(f, (x,), (direction,))
        chunked = dd.jacobian(lambda t, f=f: f(x + t[0] * direction + t[1]), chunk_size=None)(np.zeros(2))
        for value, plain in zip(values, f(x.copy())):
            np.testing.assert_array_equal(value, plain)
        for tangent, chunk, step in zip(tangents, chunked, f(x + 1e-40j * direction)):
            scale = 1e-12 * (1.0 + np.abs(step.imag / 1e-40).max())
            np.testing.assert_allclose(tangent, step.imag / 1e-40, rtol=1e-10, atol=scale)
            np.testing.assert_allclose(chunk[:, 0], tangent, rtol=1e-10, atol=scale)
        with monkeypatch.context() as patch:
            for reader in (dualdiff.lanes.short_ways, dualdiff.lanes.operators, dualdiff.lanes.functions):
                for lane in ("lift_at_once", "linear_at_once", "bilinear_at_once"):
                    patch.setattr(reader, lane, lambda *args: None, raising=False)
            for lane in (dualdiff.lanes.array_functions, dualdiff.lanes.array_operators, dualdiff.lanes.chunks):
                patch.setattr(lane, "DOUBLE", None)  # they take no arrays any more
            for tangent, general in zip(tangents, dd.jvp(f, (x,), (direction,))[1]):
                np.testing.assert_allclose(tangent, general, rtol=1e-13, atol=1e-15 * (1.0 + np.abs(general).max()))
