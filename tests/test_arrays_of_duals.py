"""Array operands behave as arrays do: indexing, assignment, views that alias, in-place operators, dtypes, object arrays.

Most tests are small programs that run on plain arrays too. The oracle is NumPy itself, run on complex arrays (complex step:
exact to rounding for these polynomials); for nested derivatives central differences of that, exact for the low degrees used here.
"""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import dualdiff as dd
from dualdiff import Dual

X = np.array([1.25, -0.75, 2.5, 0.5, -1.5, 3.0])
PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def zeros(x, shape):
    return np.zeros(shape, like=x) if isinstance(x, Dual) else np.zeros(shape, x.dtype)


# ---- indexing and assignment ---------------------------------------------------------------------------------------------

@program
def slices(x):
    y = x * x
    z = y[1:]
    z *= 2
    y[0] = z[0]
    y[1:5:2] = x[::-3]
    return y


@program
def fancy(x):
    y = x.reshape(2, 3) * x[0]
    y[[0, 1], [1, 2]] = x[:2]
    y[:, [0, 2]] *= x[3]
    return y[np.array([[0, 1], [1, 0]]), :].ravel()


@program
def separated_advanced_indices(x):
    y = zeros(x, (2, 3, 2))
    y[:] = x.reshape(2, 3, 1)
    y[[0, 1], :, [1, 0]] = x.reshape(2, 3) * 2
    y[0, :, [0]] = x[:3] * x[4]
    return np.concatenate([(y[[0, 1], :, [1, 0]] * x[0]).ravel(), y[0, :, [1, 0]].ravel(), y[..., [0], 1].ravel()])


@program
def ellipsis_and_newaxis(x):
    y = x.reshape(3, 2) * 2
    y[...] = x.reshape(3, 2)
    y[..., [0, 1]] += x[:2]
    y[..., None, 1] = x[:3, None]
    y[1, ..., 0] = x[5]
    return np.concatenate([y.ravel(), (x[:, None] * x[None, :])[1], x[None, ..., 2:4, None].ravel()])


@program
def masks(x):
    y = x * 1.0
    mask = np.array([True, False] * 3)
    y[mask] = x[:3] * x[3:]
    y[~mask] *= 2
    z = y.reshape(2, 3)
    z[np.array([False, True])] = x[1:4]
    z[:, np.array([True, False, True])] += x[0]
    return y


@program
def masks_by_comparison(x):
    y = x * x
    y[x.real > 1] = x[0]
    y[y.real > 8] = 0
    return y


@program
def everything_into_everything(x):
    y = zeros(x, (4, 3))
    y[0] = 5
    y[1] = x[:3]
    y[2] = [x[0], x[1] * x[2], 1.0]
    y[3] = (x[3], 2, x[5])
    y[1:3, 1] = x[5]
    y[1:3, :2] = [[x[0] * x[0], 1.0], [x[1], x[2]]]
    y[2:, 2:] = x[4:, None]
    y[:1] = x[None, 3:]
    return y.ravel()


@program
def integer_indices(x):
    y = x * 1.0
    y[-1] = x[0] * x[0]
    y[np.int64(-2)] = x[1]
    y[np.array(2)] = x[3] * x[4]
    y[[0, 0, 1]] = np.stack([x[3], x[4] * 2, x[5]])
    y[True] = y[::-1]
    return y


@program
def nothing_is_written(x):
    y = x * 1.0
    y[[]] = 3.0
    y[3:3] = x[3:3]
    y[np.zeros(6, bool)] = x[0]
    return y


@program
def diagonal(x):
    y = x[:, None] * x[None, :]
    y[np.arange(6), np.arange(6)] = x
    return y.ravel()


@program
def zero_dimensional(x):
    y = zeros(x, ())
    y[...] = x[0] * x[1]
    y += x[2]
    y[()] = y * x[3]
    return y.reshape(1)


@program
def flat(x):
    y = x.reshape(2, 3).T * 1.0
    y.flat[2] = x[0] * x[1]
    y.flat[[3, 4]] = x[:2]
    return y.ravel()


# ---- aliasing ------------------------------------------------------------------------------------------------------------

@program
def elements_are_values(x):
    y = x * 1.0
    y[0], y[1] = y[1], y[0]
    first = y[2]
    y[2] = x[5]
    y[3] = first * 2
    y[[4, 5]] = y[[5, 4]]
    return y


@program
def overlapping(x):
    y = x * 1.0
    y[1:] = y[:-1]
    y[:-1] += y[1:]
    y[:] = y[::-1]
    return y


@program
def views_of_views(x):
    y = x * 1.0
    a = y[::2]
    b = a[1:]
    b[:] = x[0] * x[1]
    y[::-1][0] = x[2]
    return np.concatenate([y, a, b])


@program
def transposes_and_reshapes(x):
    y = (x * x).reshape(2, 3)
    w = y.T
    w[0, 1] = x[0]
    w[2] *= x[1]
    y[1, :] += w[:2, 0][0]
    v = np.swapaxes(y, 0, 1)[1:]
    copied = v.reshape(4)  # not contiguous: a copy
    v[0] = x[:2]
    np.moveaxis(y, 0, 1)[0, 0] = x[5] * x[5]
    np.squeeze(y[None])[1, 2] = x[4]
    np.expand_dims(y, 0)[0, 0, 1] = x[3]
    return np.concatenate([y.ravel(), copied])


@program
def broadcast_views(x):
    y = x.reshape(2, 3) * 1.0
    wide = np.broadcast_to(y[0], (2, 3))
    y[0, 0] = x[5] * x[5]
    return np.concatenate([y.ravel(), wide.ravel()])


@program
def scalars_are_bound_anew(x):
    a = x[0]
    b = a
    a += x[1]
    return np.stack([a, b])


@program
def in_place_operators(x):
    y = x * 1.0
    same = y
    y += x
    y -= 2 * x[0]
    y *= x
    y /= 2
    y **= 2
    return np.concatenate([y, same])


@program
def layout_of_a_broadcast_scalar(x):
    """The tangent of ``plain.T + scalar`` must lie in memory as the primal does, or views and copies are confused."""
    y = np.arange(6.0).reshape(2, 3).T + x[0]
    view = y.T.reshape(-1)
    view[0] = 7 * x[1]
    copied = y.reshape(-1)
    copied[1] = 0
    return np.concatenate([y.reshape(-1), view])


@program
def views_by_functions(x):
    """Functions whose results NumPy makes views of their arguments."""
    y = x.reshape(2, 3) * 1.0
    np.flip(y, 1)[0, 0] = x[0] * x[1]
    np.split(y, 3, axis=1)[1][1] = x[2]
    np.rot90(y)[2, 0] = x[3] * 2
    np.atleast_2d(y)[1, 2] = x[4]
    np.atleast_3d(y)[0, 1, 0] *= x[5]
    np.rollaxis(y, 1)[0, 1] = x[1]
    np.ravel(y)[5] *= 2
    y.ravel("F")[0] = 100.0  # a copy, because the memory is in C order
    y.flatten()[0] = 100.0
    return y


# ---- loops ---------------------------------------------------------------------------------------------------------------

@program
def recurrence(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = y[i - 1] * x[i] + y[i]
    return y


@program
def iteration_and_unpacking(x):
    a, b, *rest = x
    total = 0
    for row in x.reshape(2, 3):
        total = total + row[0] * row[2]
    return np.stack([a * b, rest[0], rest[-1], total])


@program
def object_arrays(x):
    y = np.array([x[0] * x[1], x[2]]) * x[3]
    z = np.concatenate([np.array([x[0] * 2, x[1]]), x])
    w = x + np.array([x[0], x[1], 1.0, 2.0, x[5], x[5]])
    v = np.dot(np.array([x[0], x[1]]), x[2:4])
    return np.concatenate([y, z, w, v.reshape(1)])


@program
def lists(x):
    y = x[:3] + [x[0], x[1], 1.0]
    z = [x[3], 2.0, x[5]] * x[:3]
    return np.concatenate([y, z, np.multiply(x[:2], (x[4], x[5])), np.reshape(np.dot([x[0], x[1], 1.0], x[:3]), (1,))])


def complex_step(function, x):
    return np.stack([function(x + 1e-30j * e).imag / 1e-30 for e in np.eye(x.size)], axis=-1)


def second_differences(function, x):
    """Central differences of the complex step, extrapolated once: exact up to rounding for polynomials of degree ≤ 5."""
    def central(h):
        return np.stack([(complex_step(function, x + h * e) - complex_step(function, x - h * e)) / (2 * h) for e in np.eye(x.size)],
                        axis=-1)

    return central(0.0625) + (central(0.0625) - central(0.125)) / 3


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    function = PROGRAMS[name]
    before = X.copy()
    plain, expected = function(X.copy()), complex_step(function, X)
    for chunk_size in (1, 2, 5, 6, 7, None):
        value, found = dd.value_and_jacobian(function, chunk_size=chunk_size)(X)
        assert value.tobytes() == np.ascontiguousarray(plain).tobytes()
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-14)
    assert (before == X).all()


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_nested(name):
    """Both levels and all combinations of chunks, so that every kind of promotion in ``aliasing`` occurs."""
    function = PROGRAMS[name]
    expected = second_differences(function, X)
    scale = 1 + np.abs(expected).max()
    for outer in (1, 2, None):
        for inner in (1, 4, None):
            found = dd.jacobian(dd.jacobian(function, chunk_size=inner), chunk_size=outer)(X)
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * scale)
        np.testing.assert_allclose(dd.hessian(function, chunk_size=outer)(X), expected, rtol=1e-10, atol=1e-10 * scale)


# ---- writing another level's numbers -------------------------------------------------------------------------------------

@pytest.mark.parametrize("outer", [1, 2, None])
@pytest.mark.parametrize("inner", [1, 2, None])
def test_a_lower_level_array_takes_a_higher_level_number(outer, inner):
    """Nested code fills an array that belongs to the outer derivative with numbers of the inner one."""
    def function(x):
        def innermost(z):
            y = np.zeros(3, like=x) if isinstance(x, Dual) else np.zeros(3, like=z)
            y[:2] = x             # of the outer level
            view = y[1:]
            y[0] = z[0] * x[1]
            y[2] = z[1] * z[1]
            return y * view[1]
        return dd.jacobian(innermost, chunk_size=inner)(2 * x)

    def by_hand(x):  # y·y₂ = [z₀x₁, x₁, z₁²]·z₁², differentiated in z at z = 2x
        z = 2 * x
        return np.array([[x[1] * z[1]**2, 2 * z[0] * x[1] * z[1]], [0 * x[0], 2 * x[1] * z[1]], [0 * x[0], 4 * z[1]**3]])

    x = np.array([1.5, -0.5])
    np.testing.assert_allclose(function(x), by_hand(x), rtol=1e-15)
    expected = complex_step(lambda x: by_hand(x).ravel(), x).reshape(3, 2, 2)
    np.testing.assert_allclose(dd.jacobian(function, chunk_size=outer)(x), expected, rtol=1e-14)


@pytest.mark.parametrize("outer", [1, None])
@pytest.mark.parametrize("inner", [1, None])
def test_views_follow_a_promotion(outer, inner):
    """All views of one memory, also transposed and reshaped ones, see what is written after the memory was promoted."""
    def inner_values(a):
        def inner(b):
            y = np.zeros((2, 2), like=a if isinstance(a, Dual) else b)
            row, column, turned, straight = y[0], y[:, 1], y.T, y.reshape(-1)
            straight[1] = b * a        # promotes
            turned[1, 1] = b * b
            row[0] = a
            column[1] *= 3
            return np.stack([y[0, 1], row[1], column[0], turned[1, 0], straight[1], y[1, 1], column[1], straight[3], y[0, 0]])
        return dd.jacobian(inner, chunk_size=inner_chunk)(2.0 * a)

    a, inner_chunk = 1.5, inner
    np.testing.assert_allclose(inner_values(a), [a] * 5 + [12 * a] * 3 + [0], rtol=1e-15)
    np.testing.assert_allclose(dd.jacobian(inner_values, chunk_size=outer)(a), [1] * 5 + [12] * 3 + [0], rtol=1e-15)


def test_a_plain_array_is_refused():
    y = np.zeros(3)
    with pytest.raises(ValueError) as caught:
        y[0] = Dual(1.0, 2.0)
    assert isinstance(caught.value.__cause__, dd.TangentLostError)
    with pytest.raises(dd.TangentLostError, match="like=x"):
        y[:] = Dual([1.0, 2.0, 3.0])


# ---- kinds of arrays -----------------------------------------------------------------------------------------------------

def test_the_elements_of_an_array_are_scalars():
    y = Dual([1.0, 2.0], [3.0, 4.0])
    assert repr(y[1]) == "Dual(2.0, 4.0)"
    assert type(y[1].primal) is float
    assert type(y[1].tangent) is float
    assert repr(y[...][1:]) == repr(y[1:])
    with pytest.raises(TypeError, match="scalar"):
        y[0][0]
    with pytest.raises(TypeError, match="scalar"):
        y[0][...] = 1.0
    with pytest.raises(IndexError):
        y[2]
    with pytest.raises(IndexError):
        y[1.5]


def test_the_users_arrays_are_not_written_to():
    primal, tangent = np.ones(3), np.ones(3)
    y = Dual(primal, tangent)
    y[0] = 7.0
    y *= 2
    assert (primal == 1).all()
    assert (tangent == 1).all()

    def careless(x):
        x[0] = 5.0
        x *= x
        return x.sum()

    x = np.array([1.0, 2.0])
    assert dd.gradient(careless)(x).tolist() == [0.0, 4.0]
    assert x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128])
def test_dtypes_are_kept(dtype):
    x = np.array([1.0, 2.0, 3.0], dtype)

    def function(x):
        y = np.zeros_like(x)
        y[:] = 2 * x + np.sin(x) * x[0]
        y[1:] /= 2
        return y

    for chunk_size in (1, 2, None):
        assert dd.jacobian(function, chunk_size=chunk_size)(x).dtype == dtype
    found = Dual(x, x)
    assert found.dtype == dtype
    for result in (found * 2, 2.0 * found, found + found, np.exp(found), found[0] * found, found @ found * found):
        assert result.primal.dtype == result.tangent.dtype == dtype


def test_types_are_promoted_as_numpy_promotes():
    single, double = Dual(np.ones(2, np.float32)), Dual(np.ones(2))
    for result, dtype in [(single * double, np.float64), (single * np.ones(2), np.float64), (single * 1j, np.complex64),
                          (double * np.complex64(1), np.complex128), (single + 1, np.float32),
                          (single * np.float64(2), np.float64)]:
        assert result.primal.dtype == result.tangent.dtype == dtype


def test_integers_become_floats():
    assert Dual([1, 2]).dtype == np.float64
    assert dd.jacobian(lambda x: x / 2)(np.array([1, 2])).tolist() == [[0.5, 0.0], [0.0, 0.5]]


def test_in_place_keeps_the_type_as_in_numpy():
    single = Dual(np.ones(2, np.float32), np.ones(2, np.float32))
    single += Dual(np.ones(2), np.ones(2))
    assert single.primal.dtype == single.tangent.dtype == np.float32
    assert single.tangent.tolist() == [2.0, 2.0]
    with pytest.raises(TypeError, match="complex"):  # as NumPy: it cannot cast to float64
        single *= 1j


def test_integer_results_are_plain():
    x = Dual([1.5, 2.5], [1.0, 1.0])
    assert type(x.astype(int)) is np.ndarray
    assert x.astype(np.float32).tangent.dtype == np.float32
    assert type(np.zeros(3, dtype=int, like=x)) is np.ndarray


# ---- object arrays -------------------------------------------------------------------------------------------------------

def test_object_arrays_are_packed_where_they_meet_an_operand():
    a, b = Dual(1.0, 2.0), Dual(3.0, 4.0)
    objects = np.array([a, b])
    assert objects.dtype == object
    packed = Dual([10.0, 20.0]) + objects
    assert type(packed) is Dual
    assert packed.tangent.tolist() == [2.0, 4.0]
    assert dd.jacobian(lambda x: np.array([x[0] * x[1], 3.0]))(np.array([2.0, 5.0])).tolist() == [[5.0, 2.0], [0.0, 0.0]]
    assert dd.jacobian(lambda x: np.array([[x[0], 1.0], [2.0, x[1]]]))(np.array([2.0, 5.0])).shape == (2, 2, 2)


@pytest.mark.parametrize("function", [
    lambda x: np.sum(np.array([x[0], x[1] * x[0]])), lambda x: np.mean(np.array([x[0], x[1] * x[0]])),
    lambda x: np.max(np.array([x[0], x[1] * x[0]])), lambda x: np.prod([x[0], x[1], 2.0]),
    lambda x: np.cumsum([x[0], x[1] * x[0]]), lambda x: np.sin(np.array([x[0], x[1] * x[0]])),
    lambda x: np.exp(np.asarray(x)) * x, lambda x: np.vectorize(lambda t: t * t)(x), lambda x: np.full(2, x[0] * x[1]),
    lambda x: np.array(sorted(x)), lambda x: np.dot(np.array([x[0], x[1]]), np.array([1.0, 2.0])),
    lambda x: np.array([x[0], x[1]])[::-1] * np.array([2.0, 3.0]), lambda x: np.array([x, x * x]).ravel(),
    lambda x: np.r_[x[0], x[1] * x[0]],
])
def test_functions_of_object_arrays(function):
    x = np.array([1.25, 2.5])
    np.testing.assert_allclose(dd.jacobian(function)(x), complex_step(lambda x: np.ravel(function(x)), x).reshape(
        (*np.shape(function(x)), 2)), rtol=1e-14, atol=1e-14)


def test_an_object_array_that_numpy_takes_for_our_memory_is_read_only():
    x = Dual([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(x)[0] = 1.0
    np.array(x)[0] = 1.0  # a copy


def test_like_makes_dual_arrays():
    x = Dual(3.0, 4.0)
    made = np.array([[x, 1], [2, x * x]], like=x)
    assert made.primal.tolist() == [[3, 1], [2, 9]]
    assert made.tangent.tolist() == [[4, 0], [0, 24]]
    for empty in (np.zeros(3, like=x), np.zeros_like(Dual(np.ones(3))), np.empty_like(Dual(np.ones(3)))):
        empty[:] = [1, x, 2]
        assert empty.tangent.tolist() == [0, 4, 0]
    scalar = np.zeros_like(x)
    scalar[...] = x
    assert (scalar.primal, scalar.tangent) == (3, 4)
    assert np.full_like(Dual(np.ones(2)), x).tangent.tolist() == [4, 4]


def test_copies_do_not_alias():
    x = Dual([1.0, 2.0], [3.0, 4.0])
    for other in (copy.copy(x), copy.deepcopy(x), x.copy(), pickle.loads(pickle.dumps(x)), np.copy(x), np.array(x, like=x)):
        other[0] = 9.0
        assert (x.primal[0], x.tangent[0]) == (1.0, 3.0)
        assert (other.primal[0], other.tangent[0]) == (9.0, 0.0)


@pytest.mark.parametrize("other", [np.ma.array([1.0, 2.0], mask=[False, True]), np.eye(2).view(np.matrix)])
def test_subclasses_with_rules_of_their_own_are_refused(other):
    """A masked array's mask and a matrix's products would reach the primal only."""
    x = Dual([1.0, 2.0], [1.0, 1.0])
    for function in (lambda: x * other, lambda: x + other, lambda: np.add(other, x), lambda: np.dot(x, other)):
        with pytest.raises(TypeError, match="np.asarray"):
            function()


def test_object_arrays_hold_duals_in_place():
    def function(x):
        y = np.array([x[0], x[1] * x[0]])
        y *= x
        y += 1.0
        np.multiply(y, 2.0, out=y)
        y[0] = y[1] * x[0]
        return y

    x = np.array([1.25, 2.5])
    expected = complex_step(function, x)
    for chunk_size in (1, None):
        np.testing.assert_allclose(dd.jacobian(function, chunk_size=chunk_size)(x), expected, rtol=1e-15)


# ---- random programs of views and writes, at two levels ------------------------------------------------------------------
#
# The reference runs the same program on an object array of scalars, where NumPy alone does the aliasing.

VIEWS = [lambda a: a.T, lambda a: a[::-1], lambda a: a[1:] if a.shape[0] > 1 else a, lambda a: a.reshape(-1), lambda a: a[..., ::2],
         lambda a: a[:, 0] if a.ndim == 2 else a[:], lambda a: a[None]]


def random_program(random):
    """(kind, array, index, source, other array, its index): views make new arrays, the rest writes into those there are."""
    arrays, steps = [np.zeros((2, 3))], []
    for _ in range(random.integers(3, 12)):
        i, j = random.integers(len(arrays), size=2)
        kind = random.choice(["view", "write", "write", "multiply", "row", "swap", "add", "all"])
        if kind == "view":
            view = VIEWS[random.integers(len(VIEWS))]
            steps.append((kind, i, view, None, None, None))
            arrays.append(view(arrays[i]))
        elif arrays[i].size and arrays[j].size:
            index, other = (tuple(random.integers(n) for n in arrays[k].shape) for k in (i, j))
            steps.append((kind, i, index, (random.integers(4), *random.integers(2, size=2)), j, other))
    return steps


def run_program(steps, start, x, z):
    arrays = [start]
    for kind, i, index, source, j, other in steps:
        a = arrays[i]
        if kind == "view":
            arrays.append(index(a))
            continue
        which, p, q = source
        value = x[p] * x[q] if which == 0 else z[p] * 2 if which == 1 else x[p] * z[q] if which == 2 else 1.5
        if kind == "write":
            a[index] = value
        elif kind == "multiply":
            a[index] = a[index] * value + 1
        elif kind == "row":
            a[index[:1]] = value
        elif kind == "add":
            a[index] += value
        elif kind == "all":
            a *= value
            a += value
        else:
            b = arrays[j]
            a[index], b[other] = b[other], a[index]
    return arrays


@pytest.mark.parametrize("seed", range(24))
def test_random_programs_of_views(seed):
    steps = random_program(np.random.default_rng(seed))

    def nested(start, inner_chunk, outer_chunk):
        def outer(x):
            def inner(z):
                return [element for a in run_program(steps, start(x, z), x, z) for element in a.reshape(-1)]
            return dd.jacobian(inner, chunk_size=inner_chunk)(2 * x)
        return np.array(dd.jacobian(outer, chunk_size=outer_chunk)(np.array([1.25, -0.5])))

    expected = nested(lambda x, z: np.zeros((2, 3), object) + 0.0, 1, 1)
    for inner_chunk, outer_chunk in [(1, 1), (None, 1), (1, None), (2, 2)]:
        for like in (0, 1):  # an array of the outer level is promoted by what the inner level writes; one of the inner takes all
            found = nested(lambda x, z, like=like: np.zeros((2, 3), like=(x, z)[like]), inner_chunk, outer_chunk)
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)
