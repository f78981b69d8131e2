"""check_derivatives: it confirms what is right, catches what is wrong, and says which of the parties is mistaken and why."""

import math
from typing import NamedTuple

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.checks.report import AGREES, CANCELLATION, DISAGREES, KINK, SINGULAR, UNVERIFIED, DerivativeCheckError


def only(report):
    (row,) = report.rows
    return row


def decay(b):
    return b[0] * np.exp(-b[1] * np.array([0.5, 1.0]))


# ---- what is right -------------------------------------------------------------------------------------------------------

class Pair(NamedTuple):
    mass: float
    place: np.ndarray


SMOOTH = {
    "vector": (decay, (np.array([2.0, 0.3]),)),
    "scalar": (lambda x: np.sin(x) ** 2 / x, (0.7,)),
    "matrix": (lambda a: np.linalg.inv(a) @ np.ones(2), (np.array([[2.0, 0.5], [0.25, 1.0]]),)),
    "norm": (np.linalg.norm, (np.array([3.0, 4.0]),)),
    "nested": (lambda p: {"a": p.mass * p.place, "b": (np.sum(p.place**2),)}, (Pair(2.0, np.array([1.0, -3.0])),)),
    "complex": (lambda z: z**3 + 1j * z, (1 + 2j,)),
    "branch": (lambda x: x**2 if x > 0 else -x, (-2.0,)),
    "assignments": (lambda x: fill(x), (np.array([1.0, 2.0, 3.0]),)),
    "polynomial": (lambda x: np.polyval(x, 0.5) + np.max(x) * np.interp(0.3, [0.0, 1.0], x[:2]), (np.array([1.0, -2.0, 0.5]),)),
    "cancelling terms": (lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, (1.0,)),
    "zero at the point": (np.cos, (math.pi / 2,)),
    "constant": (lambda x: 3.0 + 0 * x, (1.0,)),
    "tiny": (lambda x: np.exp(-x), (100.0,)),
    "float32": (np.sin, (np.float32(1.0),)),
    "small x": (lambda x: 1 - np.cos(x), (1e-8,)),
    "1e300": (np.log, (1e300,)),
    "edge of the domain": (lambda x: x**2.5, (0.0,)),
}


def fill(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = x[i] * x[i - 1]
    return y


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_agree_with_every_party(name, n):
    f, args = SMOOTH[name]
    report = dd.check_derivatives(f, *args, n=n)
    if (name, n) == ("edge of the domain", 2):  # (x**2.5)″ is 0 from the right: a party of one side
        assert report.ok
        return
    assert report.ok, report
    assert {row.verdict for row in report.rows} == {AGREES}, report
    assert all(row.mpmath is not None for row in report.rows)
    assert report.worst.ulp < 10 or name in ("cancelling terms", "float32"), report


def test_rows_are_the_entries_of_the_derivative():
    report = dd.check_derivatives(decay, np.array([2.0, 0.3]))
    assert [row.entry for row in report.rows] == ["∂decay[0]/∂b[0]", "∂decay[0]/∂b[1]", "∂decay[1]/∂b[0]", "∂decay[1]/∂b[1]"]
    np.testing.assert_array_equal([row.forward for row in report.rows], dd.jacobian(decay)(np.array([2.0, 0.3])).ravel())
    for row in report.rows:
        assert abs(row.finite_difference - row.forward) <= 3 * row.estimate
        assert row.complex_step == pytest.approx(row.forward, rel=1e-13)
        assert float(row.mpmath) == pytest.approx(row.forward, rel=1e-15)
    assert dd.check_derivatives(lambda x, p: p["a"] * x, 1.0, {"a": 2.0}, argnums=(0, 1)).rows[1].entry == "∂f/∂p['a']"
    second = dd.check_derivatives(lambda x, *, y: x * y, 1.0, y=2.0, argnums=(0,), argnames=("y",), n=2)
    assert [row.entry for row in second.rows] == ["∂²f/∂x∂x", "∂²f/∂y∂x", "∂²f/∂y∂y"]


# ---- what is wrong -------------------------------------------------------------------------------------------------------

PLANTED = {
    "factor": lambda x: 1.001 * np.cos(x),
    "sign": lambda x: -np.cos(x),
    "small factor": lambda x: (1 + 1e-7) * np.cos(x),
    "nan": lambda x: np.nan * x,
    "infinite": lambda x: np.inf * x,
    "zero": lambda x: 0.0 * x,
    "wrong function": np.sin,
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_wrong_rule_is_caught_with_mpmath_and_without(name):
    @dd.custom_rule(PLANTED[name])
    def visible(x):
        return np.sin(x)

    @dd.custom_rule(PLANTED[name])
    def opaque(x):
        return math.sin(x)

    for f in (visible, opaque):
        report = dd.check_derivatives(f, 0.6)
        assert only(report).verdict == DISAGREES, report
        assert not report.ok
        with pytest.raises(DerivativeCheckError, match="DISAGREES"):
            dd.check_derivatives(f, 0.6, raise_on_error=True)
    assert "not available" in report.notes[0]


def test_a_wrong_second_derivative_is_caught():
    @dd.custom_rule(lambda x: slope(x))
    def f(x):
        return np.sin(x)

    @dd.custom_rule(lambda x: np.sin(x))  # the sign is missing
    def slope(x):
        return np.cos(x)

    assert dd.check_derivatives(f, 0.6).ok
    assert only(dd.check_derivatives(f, 0.6, n=2)).verdict == DISAGREES


def test_only_the_wrong_entry_is_blamed():
    @dd.custom_rule(lambda x, y: y, lambda x, y: 1.01 * x)
    def f(x, y):
        return x * y

    report = dd.check_derivatives(f, 2.0, 3.0, argnums=(0, 1))
    assert [row.verdict for row in report.rows] == [AGREES, DISAGREES]
    assert report.worst is report.rows[1]
    assert "mpmath" in report.worst.why
    assert "finite differences" in report.worst.why


# ---- kinks and singular points -------------------------------------------------------------------------------------------

KINKS = {
    "abs": (abs, 0.0), "maximum": (lambda x: np.maximum(x, 2.0), 2.0), "clip": (lambda x: np.clip(x, -1.0, 1.0), 1.0),
    "floor": (np.floor, 2.0), "max of a list": (lambda x: max(x, 1 - x), 0.5),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_is_a_kink_and_no_error(name):
    f, x = KINKS[name]
    row = only(dd.check_derivatives(f, x))
    assert row.verdict == KINK, row
    assert "from the left" in row.why
    assert row.ok


def test_a_kink_without_mpmath():
    @dd.custom_rule(lambda x: np.where(x > 0, 1.0, -1.0))
    def opaque(x):
        return math.fabs(x)

    row = only(dd.check_derivatives(opaque, 0.0))
    assert (row.verdict, row.forward, row.mpmath) == (KINK, -1.0, None)


@pytest.mark.parametrize("mixture", [0.0, 0.5, 3.0])
def test_a_derivative_that_is_of_neither_side_is_an_error_at_a_kink(mixture):
    @dd.custom_rule(lambda x: mixture + 0 * x)
    def neither(x):
        return abs(x)

    @dd.custom_rule(lambda x: mixture + 0 * x)
    def opaque(x):
        return math.fabs(x)

    for f in (neither, opaque):
        row = only(dd.check_derivatives(f, 0.0))
        assert row.verdict == DISAGREES
        assert "neither" in row.why


def test_a_kink_nearby_does_not_mislead():
    row = only(dd.check_derivatives(lambda x: abs(x - 1e-9), 0.0))
    assert (row.verdict, row.forward) == (AGREES, -1.0)
    assert "kink" in row.why


def test_second_derivative_at_kinks():
    assert only(dd.check_derivatives(lambda x: abs(x) * x, 0.0, n=2)).verdict == KINK
    assert only(dd.check_derivatives(abs, 0.0, n=2)).verdict == KINK


def test_an_infinite_slope_of_the_wrong_sign_is_an_error_and_an_overflow_is_none():
    @dd.custom_rule(lambda x: -np.inf * np.ones_like(x))
    def root(x):
        return np.sqrt(x)

    assert only(dd.check_derivatives(root, 0.0)).verdict == DISAGREES
    assert only(dd.check_derivatives(np.log, 1e-308)).verdict == AGREES
    assert only(dd.check_derivatives(np.log, 1e-300, n=2)).verdict == SINGULAR  # −1e600


@pytest.mark.parametrize(("f", "x"), [(np.sqrt, 0.0), (np.cbrt, 0.0), (np.log, 0.0), (np.log, -1.0), (np.arcsin, 1.0)])
def test_infinite_slopes_and_points_outside_are_singular(f, x):
    assert only(dd.check_derivatives(f, x)).verdict == SINGULAR


# ---- parties that cannot tell --------------------------------------------------------------------------------------------

def test_cancellation_is_told_from_a_wrong_rule():
    def f(x):
        return (1 - np.cos(x)) / x**2

    row = only(dd.check_derivatives(f, 1e-5))
    assert row.verdict == CANCELLATION
    assert "digits" in row.why
    assert dd.check_derivatives(f, 1.0).rows[0].verdict == AGREES


def test_complex_step_is_named_where_it_alone_differs():
    row = only(dd.check_derivatives(lambda x: abs(x) * x, -1.0))
    assert row.verdict == AGREES
    assert "complex step" in row.why


def test_a_noisy_function_without_mpmath_is_unverified():
    @dd.custom_rule(np.exp)
    def noisy(x):
        return math.exp(x) + 1e-3 * math.sin(1e9 * x)

    row = only(dd.check_derivatives(noisy, 1.0))
    assert row.verdict == UNVERIFIED
    assert "noisy" in row.why
    assert not row.ok


def test_a_random_function_is_unverified():
    rng = np.random.default_rng(0)
    report = dd.check_derivatives(lambda x: np.sin(x) + rng.random() * x, 1.0)
    assert only(report).verdict == UNVERIFIED
    assert any("not deterministic" in note for note in report.notes)


def test_a_function_that_writes_to_its_input_is_told():
    def doubles(x):
        x *= 2
        return x.sum()

    x = np.array([1.0, 2.0])
    report = dd.check_derivatives(doubles, x)
    assert report.ok
    assert report.notes == ("the function writes to its input",)
    np.testing.assert_array_equal(x, [1.0, 2.0])
    table = np.zeros(2)

    def writes_elsewhere(x, table):
        table[:] = 7
        return x * 2

    assert "the function writes to its input" in dd.check_derivatives(writes_elsewhere, 1.0, table).notes
    np.testing.assert_array_equal(table, [0.0, 0.0])


def test_without_mpmath_differences_decide_and_the_report_says_so():
    @dd.custom_rule(lambda x: 2 / np.sqrt(np.pi) * np.exp(-x**2))
    def erf(x):
        return math.erf(x)

    for n in (1, 2):
        report = dd.check_derivatives(erf, 0.5, n=n)
        assert report.ok
        assert only(report).mpmath is None
        assert any("mpmath is not available" in note for note in report.notes)


def test_errors_of_forward_mode_come_through():
    with pytest.raises(dd.TangentLostError):
        dd.check_derivatives(lambda x: math.sin(x), 1.0)
    with pytest.raises(ValueError, match="n=3"):
        dd.check_derivatives(np.sin, 1.0, n=3)


# ---- how it looks --------------------------------------------------------------------------------------------------------

def test_it_prints_as_a_table():
    lines = str(dd.check_derivatives(decay, np.array([2.0, 0.3]))).splitlines()
    assert lines[0] == "first derivatives of decay: ok (4 agrees)"
    assert lines[1].split("  ")[0] == "entry"
    assert all(word in lines[1] for word in ("forward", "finite difference ± estimate", "mpmath", "ulp", "verdict"))
    assert lines[3].startswith("∂decay[0]/∂b[0]  0.860707976425057")
    columns = {line.index("agrees") for line in lines[3:]}
    assert columns == {lines[1].index("verdict")}


def test_a_long_report_shows_what_matters():
    @dd.custom_rule(jvp=lambda out, primals, tangents: 2 * primals[0] * tangents[0] * np.where(np.arange(60) == 50, 1.1, 1.0))
    def squares(x):
        return x**2

    report = dd.check_derivatives(squares, np.linspace(1.0, 2.0, 60))
    text = str(report)
    assert "∂squares[50]/∂x[50]" in text
    assert "more that agree" in text
    assert len(text.splitlines()) < 60
    assert "<table>" in report._repr_html_()
    assert "&lt;" in dd.checks.report.Report("f<x>", [])._repr_html_()


def test_an_empty_input_has_an_empty_report():
    report = dd.check_derivatives(np.sum, np.zeros(0))
    assert report.ok
    assert report.rows == ()
    assert report.worst is None
    assert "no entries" in str(report)


def test_float_constants_and_integers_are_arguments_too():
    assert dd.check_derivatives(lambda x, k: x**k, 2, 3).ok
    assert dd.check_derivatives(lambda x: x ** np.array([0.5, 2.0]), 2.0).ok
