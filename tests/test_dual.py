"""Dual numbers: operators with everything on either side, comparisons, conversions, strong zeros, printing, pickling."""

from __future__ import annotations

import copy
import decimal
import fractions
import math
import operator
import pickle

import mpmath
import numpy as np
import pytest

import dualdiff as dd
from dualdiff import Dual, TangentLostError

INF, NAN = math.inf, math.nan
D = Dual(3.0, 4.0)


def parts(d):
    return d.primal, d.tangent


def test_two_numbers_from_the_textbook():
    assert parts(3 + Dual(3, 4)) == (6, 4)
    assert parts(Dual(3, 4) * Dual(5, 7)) == (15, 41)
    assert type((3 + Dual(3, 4)).primal) is int


# ---- operators -----------------------------------------------------------------------------------------------------------

# operator → (∂/∂left, ∂/∂right) in mpmath
PARTIALS = {
    operator.add: (lambda x, y: 1, lambda x, y: 1),
    operator.sub: (lambda x, y: 1, lambda x, y: -1),
    operator.mul: (lambda x, y: y, lambda x, y: x),
    operator.truediv: (lambda x, y: 1 / y, lambda x, y: -x / y**2),
    operator.pow: (lambda x, y: y * x ** (y - 1), lambda x, y: x**y * mpmath.log(x)),
    operator.mod: (lambda x, y: 1, lambda x, y: -mpmath.floor(x / y)),
}
OTHERS = [2, 2.5, 1 + 2j, True, fractions.Fraction(5, 2), mpmath.mpf(2.5), mpmath.mpc(1, 2), np.float64(2.5), np.float32(2.5),
          np.longdouble(2.5), np.int64(2), np.uint8(2), np.True_, np.complex128(1 + 1j), np.array(2.5), np.array([2.5, 1.5]),
          np.array([2, 1]), np.array([2.5, 1.5], np.float32), np.array([1j, 2.0])]


def is_complex(value):
    return isinstance(value, mpmath.mpc) or np.iscomplexobj(value)


def to_mp(value):
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) and not isinstance(value, np.longdouble) else value
    if isinstance(value, fractions.Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpmathify(float(value) if isinstance(value, np.longdouble) else value)


def check_against_mpmath(found, plain, op, left, right, seeds):
    """``found`` is op(left, right) with tangents ``seeds``: the primal as Python has it, the tangent by the partials above."""
    assert repr(found.primal) == repr(float(plain) if type(plain) is np.float64 else plain)
    shape = np.shape(plain)
    lefts, rights = (np.broadcast_to(np.asarray(x, object), shape) for x in (left, right))
    tolerance = 4e-7 if getattr(found.primal, "dtype", None) in (np.float32, np.complex64) else 2e-15
    for index in np.ndindex(shape):
        x, y = (to_mp(side[index] if shape else plain_side) for side, plain_side in ((lefts, left), (rights, right)))
        with mpmath.workdps(40):
            expected = sum(seed * partial(x, y) for seed, partial in zip(seeds, PARTIALS[op]) if seed)
        error = abs(to_mp(np.broadcast_to(np.asarray(found.tangent, object), shape)[index] if shape else found.tangent) - expected)
        assert error <= tolerance * abs(expected), (found, expected)


@pytest.mark.parametrize("other", OTHERS, ids=repr)
@pytest.mark.parametrize("op", PARTIALS)
def test_operators_with_everything_on_either_side(op, other):
    if op is operator.mod and is_complex(other):
        for pair in ((D, other), (other, D)):
            with pytest.raises(TypeError):
                op(*pair)
        return
    value = np.float64(3.0) if getattr(other, "dtype", None) == np.float32 else 3.0  # beside fewer digits D is a double
    check_against_mpmath(op(D, other), op(value, other), op, 3.0, other, (4, 0))
    check_against_mpmath(op(other, D), op(other, value), op, other, 3.0, (0, 4))


@pytest.mark.parametrize("op", PARTIALS)
def test_operators_of_two_duals(op):
    for left, right in [(3.0, 2.5), (0.5, 7.0), (2.0, 3.0), (1e-300, 1 / 3)]:
        check_against_mpmath(op(Dual(left, 4.0), Dual(right, -2.0)), op(left, right), op, left, right, (4, -2))


@pytest.mark.parametrize("op", PARTIALS)
@pytest.mark.parametrize("other", [np.array([2.5, 1.5]), [2.5, 1.5], (2.5, 1.5), 2.5, np.float32(2.5),
                                   np.array([2.5, 1.5], np.float32), np.array([2, 3], np.int8)], ids=repr)
def test_operators_of_dual_arrays(op, other):
    """The tangents are as precise as the primals, whatever the precision of the other side."""
    x = Dual([3.0, 5.0], [4.0, 4.0])
    plain = np.array([3.0, 5.0])
    values = np.asarray(other) if isinstance(other, (list, tuple)) else other
    check_against_mpmath(op(x, other), op(plain, values), op, plain, values, (4, 0))
    check_against_mpmath(op(other, x), op(values, plain), op, values, plain, (0, 4))


def test_floor_division_and_divmod():
    assert D // 2 == 1.0
    assert type(D // 2) is float
    assert 7 // D == 2.0
    assert repr(divmod(D, 2)) == "(1.0, Dual(1.0, 4.0))"
    quotient, rest = divmod(7.5, D)
    assert (quotient, parts(rest)) == (2.0, (1.5, -8.0))
    assert parts(1 % Dual(0.1, 1.0)) == (1 % 0.1, -9.0)  # 1 = 9·0.1 + 0.0999…


def test_unary_operators():
    assert parts(-D) == (-3.0, -4.0)
    assert parts(+D) == (3.0, 4.0)
    assert parts(abs(Dual(-3.0, 4.0))) == (3.0, -4.0)
    assert parts(abs(Dual(0.0, 4.0))) == (0.0, 4.0)
    assert parts(abs(Dual(-0.0, 4.0))) == (0.0, -4.0)
    for refused in (lambda: ~D, lambda: D & 1, lambda: D << 1):
        with pytest.raises(TypeError):
            refused()


@pytest.mark.parametrize("other", [None, "a", {}, set(), object(), decimal.Decimal("1.5")], ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_an_error(other):
    for op in (operator.add, operator.mul, operator.truediv, operator.pow, operator.matmul, divmod, operator.sub):
        for pair in ((D, other), (other, D)) if not isinstance(other, str) else ((D, other),):
            with pytest.raises(TypeError):
                op(*pair)
    assert (D == other) is (3.0 == other)
    assert D != "a"


def test_lists_are_arrays():
    """As with NumPy's numbers and arrays."""
    assert (D + [1.0, 2.0]).tangent.tolist() == [4, 4]
    assert ([1.0, D] * D).tangent.tolist() == [4, 24]
    assert ([1.0, 2.0] + Dual([1.0, 1.0], [5.0, 6.0])).tangent.tolist() == [5, 6]
    assert (Dual([1.0, 1.0], [5.0, 6.0]) @ [1.0, 2.0]).tangent == 17


class Friendly:
    """A class of another library that knows what to do with any number."""

    def __init__(self, value=2.0):
        self.value = value

    def __radd__(self, other):
        return "radd", other * self.value

    def __rmul__(self, other):
        return "rmul", other

    def __gt__(self, other):
        return "gt"

    def __array_ufunc__(self, *args, **kwargs):
        return "ufunc"


def test_unknown_types_get_their_chance():
    assert D + Friendly() == ("radd", 2 * D)
    assert D * Friendly() == ("rmul", D)
    assert (D < Friendly()) == "gt"
    assert Dual([1.0]) * Friendly() == ("rmul", Dual([1.0]))
    assert np.add(D, Friendly()) == "ufunc"
    assert D.__add__(object()) is NotImplemented
    assert D.__radd__(object()) is NotImplemented
    assert D.__lt__(None) is NotImplemented


def test_pandas():
    pd = pytest.importorskip("pandas")
    series = pd.Series([1.0, 2.0])
    for function in (lambda x: x * series, lambda x: series + x):
        with pytest.raises(ValueError, match=r".") as caught:  # pandas makes floats of what it holds
            function(D)
        assert isinstance(caught.value.__cause__, TangentLostError)
        with pytest.raises(TangentLostError):  # brought to light by the transforms
            dd.derivative(function)(3.0)
    assert (D * series.to_numpy()).tangent.tolist() == [4.0, 8.0]


def test_sums_products_and_sorting_by_python():
    assert parts(sum([D, D, 2 * D])) == (12.0, 16.0)
    assert parts(math.prod([D, D])) == (9.0, 24.0)
    assert parts(max(D, Dual(5.0, 1.0), 4)) == (5.0, 1.0)
    assert [parts(d) for d in sorted([D, Dual(1.0, 7.0)])] == [(1.0, 7.0), (3.0, 4.0)]


# ---- ends of domains: NumPy's answers ------------------------------------------------------------------------------------

@pytest.mark.parametrize(("found", "expected"), [
    (lambda: D / 0, (INF, INF)), (lambda: D / 0.0, (INF, INF)), (lambda: 1 / Dual(0.0, 1.0), (INF, -INF)),
    (lambda: Dual(0.0, 1.0) ** 0.5, (0.0, INF)), (lambda: Dual(0.0, 1.0) ** -1, (INF, -INF)),
    (lambda: Dual(-8.0, 1.0) ** (1 / 3), (NAN, NAN)), (lambda: Dual(-8.0, 1.0) ** 2, (64.0, -16.0)),
    (lambda: 2.0 ** Dual(1e5, 1.0), (INF, INF)), (lambda: Dual(1e308, 1.0) * 10, (INF, 10.0)),
    (lambda: np.log(Dual(0.0, 1.0)), (-INF, INF)), (lambda: Dual(0.0, 1.0) ** 0, (1.0, 0.0)),
    (lambda: Dual(0.0, 1.0) ** 1, (0.0, 1.0)), (lambda: Dual(0.0, 1.0) ** 2, (0.0, 0.0)),
    (lambda: 0.0 ** Dual(2.0, 1.0), (0.0, 0.0)),
])
def test_ends_of_domains(found, expected):
    np.testing.assert_array_equal(parts(found()), expected)


def test_floor_division_by_zero_follows_numpy_too():
    assert D // 0 == INF
    quotient, rest = divmod(D, 0)
    assert quotient == INF
    assert math.isnan(rest.primal)


# ---- comparisons and conversions -----------------------------------------------------------------------------------------

def test_comparisons_look_at_primals():
    assert D == 3.0
    assert D == Dual(3.0, 9.0)
    assert D != 4
    assert D < 4 <= Dual(4.0, 1.0)
    assert 2 < D
    assert D > fractions.Fraction(5, 2)
    assert D >= mpmath.mpf(3)
    assert (D > np.array([2.0, 3.0])).tolist() == [True, False]
    assert (Dual([1.0, 2.0]) == [1.0, 3.0]).tolist() == [True, False]
    assert type(D < 4) is bool
    assert Dual(NAN, 1.0) != Dual(NAN, 1.0)
    assert D in [D]
    assert 2.0 in Dual([1.0, 2.0])


def test_locally_constant_conversions():
    assert bool(D)
    assert not Dual(0.0, 1.0)
    assert int(Dual(-2.7, 1.0)) == -2
    assert (round(Dual(2.567, 1.0)), round(Dual(2.567, 1.0), 2)) == (3, 2.57)
    assert type(round(D)) is int
    assert (math.floor(Dual(2.7)), math.ceil(Dual(2.2)), math.trunc(Dual(-2.7))) == (2, 3, -2)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Dual([1.0, 2.0]))
    for refused in (lambda: range(D), lambda: [1, 2][D], lambda: operator.index(D), lambda: len(D), lambda: iter(D)):
        with pytest.raises(TypeError):
            refused()


def test_duals_are_unhashable():
    for refused in (lambda: hash(D), lambda: {D: 1}, lambda: {D}):
        with pytest.raises(TypeError, match="unhashable"):
            refused()


def assign(array, index, value):
    array[index] = value


@pytest.mark.parametrize(("lossy", "fix"), [
    (lambda: float(D), "dualdiff.math"), (lambda: complex(D), "1j"), (lambda: math.sin(D), "dualdiff.math"),
    (lambda: math.hypot(D, 1.0), "dualdiff.math"), (lambda: math.fsum([D]), "dualdiff.math"),
    (lambda: np.array([D], dtype=float), "like=x"), (lambda: np.asarray(Dual([1.0]), float), "like=x"),
    (lambda: np.float64(D), "like=x"),
    (lambda: assign(np.zeros(3), slice(None), Dual([1.0, 2.0, 3.0])), "like=x"),
    (lambda: operator.iadd(np.zeros(3), D), "zeros_like"), (lambda: np.add(D, 1.0, out=np.zeros(())), "zeros_like"),
    (lambda: np.sin(Dual([1.0]), np.zeros(1)), "zeros_like"), (lambda: np.sum(Dual([1.0]), out=np.zeros(())), "zeros_like"),
    (lambda: np.dot(Dual([1.0]), np.ones(1), np.zeros(())), "zeros_like"),
    (lambda: np.random.default_rng().normal(Dual([1.0])), "like=x"),
])
def test_lossy_paths_are_refused_with_their_fix(lossy, fix):
    with pytest.raises(TangentLostError, match=f"(?s)tangent.*{fix}"):
        lossy()
    assert issubclass(TangentLostError, TypeError)


def test_assignment_to_a_plain_element_names_the_fix():
    def function(x):
        y = np.zeros(3)
        y[0] = x
        return y

    with pytest.raises(ValueError, match="sequence") as caught:
        function(D)
    assert isinstance(caught.value.__cause__, TangentLostError)
    with pytest.raises(TangentLostError, match="np.zeros_like"):
        dd.derivative(function)(1.0)


# ---- strong zeros --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("found", [
    lambda: np.log(Dual(0.0, 0.0)), lambda: np.sqrt(Dual(0.0, 0.0)), lambda: Dual(0.0, 0.0) ** 0.5, lambda: 1 / Dual(0.0, 0.0),
    lambda: Dual(2.0, 0.0) * INF, lambda: INF * Dual(2.0, 0.0), lambda: Dual(0.0, 0.0) / Dual(0.0, 0.0),
    lambda: Dual(INF, 0.0) * Dual(0.0, 0.0), lambda: np.arctanh(Dual(1.0, 0.0)), lambda: np.hypot(Dual(0.0, 0.0), 0.0),
    lambda: np.log(Dual([0.0, 0.0], [0.0, 0.0])), lambda: Dual([0.0, 1.0], [0.0, 0.0]) / np.array([0.0, INF]),
])
def test_a_zero_tangent_wins_over_an_infinite_partial(found):
    assert not np.any(found().tangent)


def test_strong_zeros_hold_for_each_direction_and_entry():
    found = np.sqrt(Dual([0.0, 0.0, 4.0], [0.0, 1.0, 1.0])).tangent
    assert found.tolist() == [0.0, INF, 0.25]
    for chunk_size in (1, 2, None):
        found = dd.jacobian(lambda x: np.sqrt(x) + np.log(x[::-1]), chunk_size=chunk_size)(np.array([0.0, 1.0]))
        assert found.tolist() == [[INF, 1.0], [INF, 0.5]]
        assert dd.gradient(lambda x: np.log(0 * x[0] + x[1]), chunk_size=chunk_size)(np.array([5.0, 2.0])).tolist() == [0.0, 0.5]
        assert dd.gradient(lambda x: x[0] * np.exp(-x[1]) * 0 + x[2], chunk_size=chunk_size)(
            np.array([1.0, -1000.0, 2.0])).tolist()[2] == 1.0


def test_true_nans_stay():
    assert math.isnan((Dual(INF, 1.0) * Dual(-INF, 1.0)).tangent)
    assert math.isnan(np.sin(Dual(NAN, 1.0)).tangent)
    assert math.isnan((D * NAN).tangent)


# ---- making them ---------------------------------------------------------------------------------------------------------

def test_parts():
    assert parts(Dual(3)) == (3, 0.0)
    assert Dual([1, 2]).tangent.tolist() == [0, 0]
    assert Dual([1, 2], 1).tangent.tolist() == [1, 1]
    assert Dual([[1, 2], [3, 4]], [1, 2]).tangent.tolist() == [[1, 2], [1, 2]]
    assert type(Dual(np.float64(1), np.float64(2)).primal) is float
    assert type(Dual(1.0, np.array(2.0)).tangent) is float
    assert repr(Dual(fractions.Fraction(1, 2), 1)) == "Dual(Fraction(1, 2), 1)"
    assert np.shape(Dual(np.array(1.0), 2.0).tangent) == ()


@pytest.mark.parametrize(("primal", "tangent", "error", "text"), [
    ("a", 1, TypeError, "str"), (None, 0, TypeError, "NoneType"), ({}, 0, TypeError, "dict"), (int, 0, TypeError, "type"),
    (1.0, None, TypeError, "NoneType"), (1.0, "a", TypeError, "str"), (["a"], 0, TypeError, "dtype <U1"),
    ([1, 2], [1, 2, 3], ValueError, r"\(3,\).*\(2,\)"), (1.0, [1.0, 2.0], ValueError, r"\(2,\)"), (D, 1, TypeError, "nest"),
    (1.0, D, TypeError, "nest"), (1.0, 1j, TypeError, "complex"), ([1.0], [1j], TypeError, "complex"),
    (np.array(["2020"], "M8[D]"), 0, TypeError, "dtype"), ([1.0], ["a"], TypeError, "str|<U1"),
    ([1.0], None, TypeError, "None|object"),
])
def test_wrong_parts(primal, tangent, error, text):
    with pytest.raises(error, match=text):
        Dual(primal, tangent)


# ---- printing, copying ---------------------------------------------------------------------------------------------------

def test_printing_of_scalars():
    assert repr(D) == "Dual(3.0, 4.0)"
    assert str(D) == "3.0 + 4.0ε"
    assert str(Dual(3.0, -4.0)) == "3.0 - 4.0ε"
    assert str(Dual(3, 4)) == "3 + 4ε"
    assert str(Dual(1.0, NAN)) == "1.0 + nanε"
    assert str(Dual(1.0, -INF)) == "1.0 - infε"
    assert str(Dual(1 + 2j, 3j)) == "(1+2j) + 3jε"
    assert f"{Dual(3.14159, -2.71828):.2f}" == "3.14 - 2.72ε"
    assert f"{Dual(1e6, -1e-6):.1e}" == "1.0e+06 - 1.0e-06ε"
    assert D._repr_latex_() == r"$3.0 + 4.0\,\varepsilon$"
    assert eval(repr(D)) == D


def test_printing_of_arrays():
    x = Dual([1.0, 2.5], [3.0, -4.0])
    assert str(x) == "[1.  2.5] + [ 3. -4.]ε"
    assert format(x, ".1f") == "[1.0 2.5] + [3.0 -4.0]ε"
    assert " ".join(repr(x).split()) == "Dual([1. , 2.5], [ 3., -4.])"
    assert eval(repr(x)).tangent.tolist() == [3.0, -4.0]
    assert x._repr_latex_() is None
    assert "\n" in str(Dual(np.eye(2)))


def test_printing_inside_a_derivative():
    texts = []

    def function(x):
        texts.extend([repr(x), str(x), f"{x:.1f}"])
        return x * dd.derivative(lambda y: texts.append(str(y)) or x * y)(x)

    dd.derivative(function)(2.0)
    assert texts[:3] == ["Dual(2.0, 1.0)", "2.0 + 1.0ε", "2.0 + 1.0ε"]
    assert "2.0 + 1.0ε" in texts[3]
    dd.jacobian(lambda x: texts.append(f"{x} {x[0]} {x!r} {x[0]:.2f} {x[0]._repr_latex_()}") or x, chunk_size=2)(np.ones(2))
    dd.hessian(lambda x: texts.append(f"{x} {x[0]} {x!r} {x[0]:.2f}") or x, chunk_size=2)(np.ones(2))


@pytest.mark.parametrize("value", [D, Dual([1.0, 2.0], [3.0, 4.0]), Dual(1j, 2.0), Dual(mpmath.mpf(1), mpmath.mpf(2)),
                                   Dual(np.float32(1), np.float32(2))], ids=repr)
def test_copies(value):
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)), copy.deepcopy([value])[0]):
        assert repr(other) == repr(value)
        assert other.level == value.level


def test_attributes():
    assert (D.shape, D.ndim, D.size) == ((), 0, 1)
    assert parts(D.real) == (3.0, 4.0)
    assert parts(Dual(1 + 2j, 3 + 4j).imag) == (2.0, 4.0)
    assert parts(D.conj()) == (3.0, 4.0)
    assert Dual(np.float32(1)).dtype == np.float32
    assert not hasattr(D, "dtype")
    with pytest.raises(AttributeError, match="that of the array"):
        D.dtype  # noqa: B018
    with pytest.raises(AttributeError):
        D.nonsense  # noqa: B018
    with pytest.raises(AttributeError):
        D.other = 1
