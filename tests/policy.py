"""The policy at kinks and singular points, as data: what dualdiff answers where calculus gives no single answer.

One principle: the derivative of one active smooth piece, the one from which NumPy's value comes, never a mixture. Infinite where
the true derivative is infinite. Where there is no smooth piece, a zero tangent (or the rule, for a length) decides for 0, or the
answer is nan. ``python tests/policy.py`` writes the table as Markdown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

nan, inf = float("nan"), float("inf")


class Point(NamedTuple):
    """``function(*at)`` (or ``function(array(at))`` for those of a vector), its gradient and Hessian there, and the reason."""

    name: str
    function: Callable[..., Any]
    at: tuple[float, ...]
    first: tuple[float, ...]
    second: tuple[tuple[float, ...], ...]
    why: str


def x_to(y: float) -> Callable[[Any], Any]:
    return lambda x: x**y


def to_the(x: float) -> Callable[[Any], Any]:
    return lambda y: x**y


def where_outside(x: Any) -> Any:
    """The idiom that evaluates the root everywhere and picks afterwards."""
    return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)


def where_naive(x: Any) -> Any:
    return np.where(x > 0, np.sqrt(x), 0.0)


# ---- functions of one number: f(x), x, f′, f″ ----------------------------------------------------------------------------

def one(name: str, function: Callable[[Any], Any], at: float, first: float, second: float, why: str) -> Point:
    return Point(name, function, (at,), (first,), ((second,),), why)


SCALAR = [
    one("abs(x)",             abs,                0.0,   1,    0,    "the branch x ≥ 0, from which the value +0 comes"),
    one("abs(x)",             abs,               -0.0,  -1,    0,    "the branch x < 0, by the sign of zero"),
    one("abs(x)**2",          lambda x: abs(x)**2, 0.0,  0,    2,    "consistent at every order: |x|² is x²"),
    one("abs(x)",             abs,                nan,   nan,  nan,  "nan in, nan out"),
    one("sqrt(x)",            np.sqrt,            0.0,   inf, -inf,  "the true limits"),
    one("sqrt(x)",            np.sqrt,           -0.0,   inf, -inf,  "the limits from the right"),
    one("sqrt(x)",            np.sqrt,           -1.0,   nan,  nan,  "no value, no derivative"),
    one("sqrt(x*x)",          lambda x: np.sqrt(x * x), 0.0, 0, inf, "0·∞: the zero tangent of x*x decides; write abs(x)"),
    one("sqrt(0*x)",          lambda x: np.sqrt(0.0 * x), 1.0, 0, 0, "a zero tangent wins over an infinite partial"),
    one("cbrt(x)",            np.cbrt,            0.0,   inf,  nan,  "f″ is −∞ from the right and +∞ from the left"),
    one("x**0",               x_to(0),            0.0,   0,    0,    "the constant 1, also at 0"),
    one("x**0.0",             x_to(0.0),          0.0,   0,    0,    "the constant 1, also at 0"),
    one("x**1",               x_to(1),            0.0,   1,    0,    "the identity, also at 0"),
    one("x**2",               x_to(2),            0.0,   0,    2,    "a polynomial"),
    one("x**3",               x_to(3),            0.0,   0,    0,    "a polynomial"),
    one("x**2.5",             x_to(2.5),          0.0,   0,    0,    "the limits from the right"),
    one("x**1.5",             x_to(1.5),          0.0,   0,    inf,  "the limits from the right"),
    one("x**0.5",             x_to(0.5),          0.0,   inf, -inf,  "as sqrt"),
    one("x**-1",              x_to(-1),           0.0,  -inf,  inf,  "the limits from the side of +0"),
    one("x**3",               x_to(3),           -2.0,   12,  -12,   "a whole power of a negative number"),
    one("x**-1",              x_to(-1),          -2.0,  -0.25, -0.25, "a whole power of a negative number"),
    one("x**2.5",             x_to(2.5),         -2.0,   nan,  nan,  "no value, no derivative"),
    one("0**y",               to_the(0.0),        2.0,   0,    0,    "constant 0 for y > 0"),
    one("0**y",               to_the(0.0),        0.0,   nan,  nan,  "a jump from ∞ over 1 to 0"),
    one("0**y",               to_the(0.0),       -1.0,  -inf,  inf,  "0**y·log 0, the limits from the right in the base"),
    one("(-2)**y",            to_the(-2.0),       2.0,   nan,  nan,  "defined at whole y only"),
    one("log(x)",             np.log,             0.0,   inf, -inf,  "the limits from the right"),
    one("log(x)",             np.log,            -1.0,   nan,  nan,  "no value, no derivative, though 1/x is a number"),
    one("1/x",                lambda x: 1 / x,    0.0,  -inf,  inf,  "the limits from the side of the zero's sign"),
    one("1/x",                lambda x: 1 / x,   -0.0,  -inf, -inf,  "the limits from the side of the zero's sign"),
    one("arcsin(x)",          np.arcsin,          1.0,   inf,  inf,  "the limits from the left"),
    one("arccosh(x)",         np.arccosh,         1.0,   inf, -inf,  "the limits from the right"),
    one("sinc(x)",            np.sinc,            0.0,   0,   -np.pi**2 / 3, "removed singularity"),
    one("sinc(x)",            np.sinc,            1e-9, -np.pi**2 / 3 * 1e-9, -np.pi**2 / 3, "no cancellation beside it"),
    one("sign(x)",            np.sign,            0.0,   0,    0,    "locally constant, and at its jump called so"),
    one("floor(x)",           lambda x: np.floor(x) + 0 * x, 2.0, 0, 0, "locally constant, and at its jump called so"),
    one("x - floor(x)",       lambda x: x - np.floor(x), 2.0, 1, 0,  "the branch from which the value comes"),
    one("heaviside(x, 0.5)",  lambda x: np.heaviside(x, 0.5) + 0 * x, 0.0, 0, 0,
          "locally constant, and at its jump called so"),
    one("modf(x)[0]",         lambda x: np.modf(x)[0], 2.0, 1, 0,    "the branch from which the value comes"),
    one("frexp(x)[0]",        lambda x: np.frexp(x)[0], 0.0, nan, nan, "no smooth piece: slopes without bound nearby"),
    one("tanh(x)",            np.tanh,            800.0, 0,    0,    "no 0·∞ in the tail"),
    one("tanh(x)",            np.tanh,            20.0,  1.6993417021166355e-17, -3.398683404233271e-17,
          "sech², not 1 − tanh²"),
    one("expm1(x)",           np.expm1,          -50.0,  1.9287498479639178e-22, 1.9287498479639178e-22,
          "exp x, not expm1 x + 1"),
    one("where(x>0, sqrt(x), 0)", where_naive,    0.0,   0,    0,
          "np.where picks a branch; the other one does not reach it"),
    one("where(x>0, sqrt(x), 0)", where_naive,   -1.0,   0,    0,
          "np.where picks a branch; the other one does not reach it"),
    one("where(x>0, sqrt(where(x>0, x, 1)), 0)", where_outside, -1.0, 0, 0, "the idiom of other packages gives the same"),
    one("exp(x)",             np.exp,             1e3,   inf,  inf,  "overflow, as the value"),
    one("exp(x)",             np.exp,            -1e3,   0,    0,    "underflow, as the value"),
    one("sqrt(x)",            np.sqrt,            5e-324, 2.2494568972715982e161, -inf,
          "subnormal numbers are numbers; f″ overflows"),
    one("sin(x)",             np.sin,             inf,   nan,  nan,  "no value, no derivative"),
    one("arctan(x)",          np.arctan,          inf,   0,    0,    "the limits"),
    one("arctan(x)",          np.arctan,          1e200, 0,    0,    "1/(1 + x²) with nothing that overflows"),
]

# ---- functions of two numbers --------------------------------------------------------------------------------------------

NAN4, ZERO4 = ((nan, nan), (nan, nan)), ((0, 0), (0, 0))


def mod_slope(n: int) -> tuple[tuple[float, float], Any]:
    return (1, -n), ZERO4


PAIRS = [
    Point("hypot(x, y)",      np.hypot, (0.0, 0.0),       (0, 0),      NAN4,
          "the tip of a cone: 0, the middle of all slopes; no curvature"),
    Point("hypot(x, y)",      np.hypot, (3.0, 0.0),       (1, 0),      ((0, 0), (0, 1 / 3)), "smooth there"),
    Point("hypot(x, y)",      np.hypot, (inf, 1.0),       (1, 0),      ZERO4, "the limits"),
    Point("arctan2(y, x)",    np.arctan2, (0.0, 0.0),     (nan, nan),  NAN4,  "an angle without direction"),
    Point("arctan2(y, x)",    np.arctan2, (1e200, 1e200), (5e-201, -5e-201), ZERO4, "no square that overflows"),
    Point("arctan2(y, x)",    np.arctan2, (1e-200, 1e-200), (5e199, -5e199), ((-inf, 0), (0, inf)),
          "no square that underflows"),
    Point("arctan2(y, x)",    np.arctan2, (0.0, -1.0),    (-1, 0),     ((0, -1), (-1, 0)),
          "on the cut: the branch is smooth"),
    Point("maximum(x, y)",    np.maximum, (2.0, 2.0),     (1, 0),      ZERO4, "at a tie the first argument"),
    Point("minimum(x, y)",    np.minimum, (2.0, 2.0),     (1, 0),      ZERO4, "at a tie the first argument"),
    Point("fmax(x, y)",       np.fmax,  (2.0, 2.0),       (1, 0),      ZERO4, "at a tie the first argument"),
    Point("fmin(x, y)",       np.fmin,  (2.0, 2.0),       (1, 0),      ZERO4, "at a tie the first argument"),
    Point("maximum(x, y)",    np.maximum, (1.0, nan),     (0, 1),      ZERO4, "the nan is the value"),
    Point("fmax(x, y)",       np.fmax,  (1.0, nan),       (1, 0),      ZERO4, "the nan is passed over"),
    Point("x % y",            lambda x, y: x % y, (6.0, 3.0),   *mod_slope(2),  "the branch from which the value 0 comes"),
    Point("x % y",            lambda x, y: x % y, (1.0, 0.1),   *mod_slope(9),
          "the quotient the remainder used, not floor(x/y) = 10"),
    Point("x % y",            lambda x, y: x % y, (-6.0, 4.0),  *mod_slope(-2), "the quotient the remainder used"),
    Point("fmod(x, y)",       np.fmod,  (6.0, 3.0),             *mod_slope(2),  "the branch from which the value 0 comes"),
    Point("fmod(x, y)",       np.fmod,  (-6.0, 4.0),            *mod_slope(-1), "rounded towards zero"),
    Point("divmod(x, y)[1]",  lambda x, y: divmod(x, y)[1], (6.0, 3.0), *mod_slope(2),
          "the branch from which the value 0 comes"),
    Point("x // y",           lambda x, y: x // y + 0 * x * y, (6.0, 3.0), (0, 0), ZERO4,
          "locally constant, and at its jump called so"),
    Point("x % y",            lambda x, y: x % y, (1.0, 0.0),   (nan, nan), NAN4, "no value, no derivative"),
    Point("logaddexp(x, y)",  np.logaddexp, (-inf, 1.0),  (0, 1),      ZERO4, "the limits"),
    Point("logaddexp(x, y)",  np.logaddexp, (-inf, -inf), (nan, nan),  NAN4,  "no share of nothing"),
    Point("logaddexp(x, y)",  np.logaddexp, (0.0, 0.0),   (0.5, 0.5),  ((0.25, -0.25), (-0.25, 0.25)), "smooth there"),
    Point("copysign(x, y)",   np.copysign, (2.0, 0.0),    (1, 0),      ZERO4, "by the signs, of zeros too"),
    Point("x**y",             lambda x, y: x**y, (0.0, 2.0), (0, 0),   ((2, 0), (0, 0)), "x² in x, constant 0 in y"),
    Point("x**y",             lambda x, y: x**y, (0.0, 0.0), (0, nan), ((0, nan), (nan, nan)), "1 in x, a jump in y"),
    Point("x/y",              lambda x, y: x / y, (1.0, 0.0), (inf, -inf), ((0, -inf), (-inf, inf)),
          "the limits from the side of +0"),
    Point("log(0*x + y)",     lambda x, y: np.log(0 * x + y), (1.0, 0.0), (0, inf), ((0, 0), (0, -inf)),
          "an input that does not count"),
    Point("x*exp(-y)",        lambda x, y: x * np.exp(-y), (1.0, -1000.0), (inf, -inf), ((0, -inf), (-inf, inf)),
          "overflow, as the value"),
    Point("x*exp(-y)",        lambda x, y: x * np.exp(-y), (1.0, 1000.0), (0, 0), ZERO4, "underflow, as the value"),
    Point("maximum(x, 0) * y", lambda x, y: np.maximum(x, 0.0) * y, (0.0, 3.0), (3, 0), ((0, 1), (1, 0)),
          "the branch x, in every order"),
]


# ---- functions of a vector -----------------------------------------------------------------------------------------------

def norm(x: Any) -> Any:
    return np.linalg.norm(x)


def hand_norm(x: Any) -> Any:
    return np.sqrt(np.sum(x * x))


def pick(n: int, i: int) -> tuple[float, ...]:
    return tuple(float(k == i) for k in range(n))


def flat(n: int, value: float = 0.0) -> tuple[tuple[float, ...], ...]:
    return ((value,) * n,) * n


def determinant(x: Any) -> Any:
    """det [[a, 0], [b, c]] of a matrix with a structural zero."""
    matrix = np.zeros((2, 2), like=x)
    matrix[0, 0], matrix[1, 0], matrix[1, 1] = x[0], x[1], x[2]
    return np.linalg.det(matrix)


VECTOR = [
    Point("linalg.norm(x)",   norm,      (0.0, 0.0),      (0, 0),      NAN4,  "as hypot"),
    Point("linalg.norm(x)",   norm,      (3.0, 4.0),      (0.6, 0.8),  ((0.128, -0.096), (-0.096, 0.072)), "smooth there"),
    Point("sqrt(sum(x*x))",   hand_norm, (0.0, 0.0),      (0, 0),      ((inf, 0), (0, inf)),
          "the zero tangents of the sum decide"),
    Point("max(x)",           np.max,    (1.0, 5.0, 5.0), pick(3, 1),  flat(3), "the first of the largest"),
    Point("min(x)",           np.min,    (5.0, 1.0, 1.0), pick(3, 1),  flat(3), "the first of the smallest"),
    Point("max(x)",           np.max,    (1.0, nan, 5.0), pick(3, 1),  flat(3), "the nan is the value"),
    Point("sort(x)[0]",       lambda x: np.sort(x)[0], (2.0, 1.0, 1.0), pick(3, 1), flat(3), "the stable permutation"),
    Point("sort(x)[1]",       lambda x: np.sort(x)[1], (2.0, 1.0, 1.0), pick(3, 2), flat(3), "the stable permutation"),
    Point("median(x)",        np.median, (2.0, 2.0, 2.0), pick(3, 1),  flat(3), "the stable permutation"),
    Point("clip(x, 0, 1)[0]", lambda x: np.clip(x, 0, 1)[0], (1.0, 0.5), pick(2, 0), flat(2), "at its bound the input"),
    Point("clip(x, 0, 1)[0]", lambda x: np.clip(x, 0, 1)[0], (0.0, 0.5), pick(2, 0), flat(2), "at its bound the input"),
    Point("prod(x)",          np.prod,   (0.0, 2.0, 3.0), (6, 0, 0),   ((0, 3, 2), (3, 0, 0), (2, 0, 0)),
          "no division by the factors"),
    Point("prod(x)",          np.prod,   (0.0, 0.0, 3.0), (0, 0, 0),   ((0, 3, 0), (3, 0, 0), (0, 0, 0)),
          "no division by the factors"),
    Point("std(x)",           np.std,    (2.0, 2.0),      (0, 0),      ((inf, -inf), (-inf, inf)),
          "the zero tangents of the variance decide"),
    Point("linalg.det([[a, 0], [b, c]])", determinant, (2.0, 1.0, 0.0), (0, 0, 2), ((0, 0, 1), (0, 0, 0), (1, 0, 0)),
          "a polynomial, also where the matrix is singular"),
]


# ---- the table in print --------------------------------------------------------------------------------------------------

def number(value: float) -> str:
    return "∞" if value == inf else "−∞" if value == -inf else f"{value:.4g}".replace("-", "−")


def row(values: Any) -> str:
    return number(values[0]) if len(values) == 1 else f"({', '.join(map(number, values))})"


def markdown() -> str:
    """The table, as it stands in the documentation."""
    lines = ["# Kinks and singular points", "",
             "At a tie or a kink dualdiff differentiates the branch from which NumPy's value comes: one smooth piece, never a",
             "mixture. Where the true derivative is infinite it is infinite; where no smooth piece exists the answer is 0 by a",
             "zero tangent, or nan, never a plausible number. Each row is a test (`tests/test_kinks.py`), as a Python scalar, in",
             "an array, and in chunks.", ""]
    for title, points in (("Functions of one number", SCALAR), ("Of two", PAIRS), ("Of a vector", VECTOR)):
        lines += [f"## {title}", "", "| function | at | first | second | why |", "|---|---|---|---|---|"]
        for p in points:
            second = row(p.second[0]) if len(p.at) == 1 else "; ".join(row(r) for r in p.second)
            if len(p.at) > 1 and len({str(v) for r in p.second for v in r}) == 1:
                second = f"all {number(p.second[0][0])}"
            why = p.why.replace("|", "\\|").replace("*", "\\*")
            lines.append(f"| `{p.name}` | {row(p.at)} | {row(p.first)} | {second} | {why} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(), end="")
