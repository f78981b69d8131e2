"""The oracle of elementwise rules: each NumPy function as a function of mpmath, differentiated by central differences.

Nothing here knows a derivative (except of functions with jumps, where the slope between two jumps is written down). The step is
2⁻¹⁰⁰ of the distance to the next singular point and the working precision grows until 64 bits of the difference are left, so the
result is right to far more digits than a long double has.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf

import dualdiff as dd
from dualdiff.rules.table import TABLE, Elementwise
from sampling import sample

POINTS = 240
SECOND_ORDER_POINTS = 60


class Oracle(NamedTuple):
    """``function`` in mpmath; ``partials`` where it jumps; ``output`` the one that is differentiated; ``ratio``: |x/y| at most."""

    function: Callable[..., Any]
    partials: tuple[Callable[..., Any] | None, ...] | None = None
    output: int | None = None
    integers: tuple[int, ...] = ()


def sinc(x: Any) -> Any:
    return mp.sinpi(x) / (mp.pi * x)


def one(*_: Any) -> Any:
    return mpf(1)


def zero(*_: Any) -> Any:
    return mpf(0)


def sign(x: Any) -> Any:
    return -1 if x < 0 else 1


def log_of_sum(x: Any, y: Any) -> Any:
    high, low = max(x, y), min(x, y)
    return high + mp.log1p(mp.exp(low - high))


def truncated_quotient(x: Any, y: Any) -> Any:
    q = x / y
    return mp.floor(q) if q >= 0 else mp.ceil(q)


class Oracles(dict[Callable[..., Any], Oracle]):
    def __missing__(self, function: Callable[..., Any]) -> Oracle:
        raise LookupError(f"np.{function.__name__} has a rule, and no oracle to test it: give it a line in tests/oracles.py")


ORACLES = Oracles({
    np.add: Oracle(lambda x, y: x + y),
    np.subtract: Oracle(lambda x, y: x - y),
    np.multiply: Oracle(lambda x, y: x * y),
    np.divide: Oracle(lambda x, y: x / y),
    np.negative: Oracle(lambda x: -x),
    np.positive: Oracle(lambda x: x),
    np.reciprocal: Oracle(lambda x: 1 / x),
    np.square: Oracle(lambda x: x * x),
    np.sqrt: Oracle(mp.sqrt),
    np.cbrt: Oracle(lambda x: sign(x) * mp.cbrt(abs(x))),
    np.power: Oracle(lambda x, y: mp.exp(y * mp.log(x))),
    np.float_power: Oracle(lambda x, y: mp.exp(y * mp.log(x))),
    np.exp: Oracle(mp.exp),
    np.exp2: Oracle(lambda x: mpf(2) ** x),
    np.expm1: Oracle(mp.expm1),
    np.log: Oracle(mp.log),
    np.log2: Oracle(lambda x: mp.log(x) / mp.log(2)),
    np.log10: Oracle(lambda x: mp.log(x) / mp.log(10)),
    np.log1p: Oracle(mp.log1p),
    np.logaddexp: Oracle(log_of_sum),
    np.logaddexp2: Oracle(lambda x, y: log_of_sum(x * mp.log(2), y * mp.log(2)) / mp.log(2)),
    np.sin: Oracle(mp.sin),
    np.cos: Oracle(mp.cos),
    np.tan: Oracle(mp.tan),
    np.arcsin: Oracle(mp.asin),
    np.arccos: Oracle(mp.acos),
    np.arctan: Oracle(mp.atan),
    np.sinh: Oracle(mp.sinh),
    np.cosh: Oracle(mp.cosh),
    np.tanh: Oracle(mp.tanh),
    np.arcsinh: Oracle(mp.asinh),
    np.arccosh: Oracle(mp.acosh),
    np.arctanh: Oracle(mp.atanh),
    np.arctan2: Oracle(mp.atan2),
    np.hypot: Oracle(lambda x, y: mp.sqrt(x * x + y * y)),
    np.deg2rad: Oracle(lambda x: x * mp.pi / 180),
    np.radians: Oracle(lambda x: x * mp.pi / 180),
    np.rad2deg: Oracle(lambda x: x * 180 / mp.pi),
    np.degrees: Oracle(lambda x: x * 180 / mp.pi),
    np.sinc: Oracle(sinc),
    np.absolute: Oracle(abs),
    np.fabs: Oracle(abs),
    np.copysign: Oracle(lambda x, y: abs(x) * sign(y), (lambda x, y: mpf(sign(x) * sign(y)), zero)),
    np.sign: Oracle(sign, (zero,)),
    np.heaviside: Oracle(lambda x, half: mpf(x > 0), (zero, lambda x, half: mpf(x == 0))),
    np.maximum: Oracle(max),
    np.minimum: Oracle(min),
    np.fmax: Oracle(max),
    np.fmin: Oracle(min),
    np.remainder: Oracle(lambda x, y: x - y * mp.floor(x / y), (one, lambda x, y: -mp.floor(x / y))),
    np.fmod: Oracle(lambda x, y: x - y * truncated_quotient(x, y), (one, lambda x, y: -truncated_quotient(x, y))),
    np.divmod: Oracle(lambda x, y: x - y * mp.floor(x / y), (one, lambda x, y: -mp.floor(x / y)), output=1),
    np.modf: Oracle(lambda x: x - truncated_quotient(x, 1), (one,), output=0),
    np.frexp: Oracle(lambda x: mp.frexp(x)[0], output=0),
    np.ldexp: Oracle(lambda x, i: x * mpf(2) ** i, integers=(1,)),
    np.nextafter: Oracle(lambda x, y: x, (one, zero)),
})


def rows() -> list[Callable[..., Any]]:
    """The functions of NumPy that have a rule in rules/elementwise.py: the ufuncs and sinc."""
    ufuncs = {f for name in dir(np) if isinstance(f := getattr(np, name), np.ufunc)}
    return [f for f, rule in TABLE.items() if isinstance(rule, Elementwise) and (f in ufuncs or f is np.sinc)]


# ---- derivatives by differences at high precision ------------------------------------------------------------------------

def step(x: Any, domain: Any) -> Any:
    distances = [abs(x), mpf(1)] + [abs(x - mpf(end)) for end in domain[:2] if abs(end) != np.inf]
    nearest = min(d for d in distances if d)
    return mp.ldexp(nearest, -100)


def exact_partial(function: Callable[..., Any], inputs: tuple[Any, ...], which: tuple[int, ...], domains: tuple[Any, ...]) -> Any:
    """∂ⁿ/∂in… for one or two inputs ``which`` (an index twice: the second derivative), as an mpf."""
    points = [to_mpf(x) for x in inputs]
    steps = {i: step(points[i], domains[i]) for i in which}
    bits = 340 + max(max(0, mp.mag(x)) for x in points)

    def shifted(*signs: int) -> Any:
        moved = list(points)
        for i, s in zip(which, signs):
            moved[i] = moved[i] + s * steps[i]
        return mpf(function(*moved))

    while True:
        with mp.workprec(bits):
            if len(which) == 1:
                values = [shifted(1), -shifted(-1)]
                unit = 2 * steps[which[0]]
            elif which[0] == which[1]:
                values = [shifted(1), shifted(-1), -2 * mpf(function(*points))]
                unit = steps[which[0]] ** 2
            else:
                values = [shifted(1, 1), -shifted(1, -1), -shifted(-1, 1), shifted(-1, -1)]
                unit = 4 * steps[which[0]] * steps[which[1]]
            difference = mp.fsum(values)
            size = max(mp.mag(v) for v in values if v) if any(values) else None
            if size is None:
                return mpf(0)
            left = bits - 12 - (size - mp.mag(difference)) if difference else 0
            if left >= 64:
                return difference / unit
            if size - bits - mp.mag(unit) < -1300:  # below all subnormal numbers of float64
                return mpf(0)
        if bits > 20000:
            if len(which) == 2 or not difference:
                return mpf(0)  # linear to 20,000 bits
            raise ArithmeticError(f"no difference at {inputs}")
        bits = max(bits + 64 - int(left), int(1.5 * bits)) if difference else 3 * bits


def to_mpf(x: Any) -> Any:
    """A float, float32, long double or integer exactly."""
    if isinstance(x, (int, np.integer)):
        return mpf(int(x))
    if isinstance(x, np.longdouble) and np.isfinite(x):
        mantissa, exponent = np.frexp(x)
        high = float(mantissa)
        return mp.ldexp(mp.fadd(high, float(mantissa - np.longdouble(high)), exact=True), int(exponent))
    return mpf(float(x))


def ulps(got: Any, exact: Any, dtype: Any = np.float64) -> float:
    """|got − exact| in units in the last place of ``exact``; an overflow must be an overflow."""
    info = np.finfo(dtype)
    if not np.isfinite(got):
        largest = mp.ldexp(1, info.maxexp)
        close = abs(exact) >= largest * (1 - mp.ldexp(1, -info.nmant + 3))
        return 0.0 if not np.isnan(got) and close and (got > 0) == (exact > 0) else np.inf
    exponent = max(mp.mag(exact) - 1 if exact else info.minexp, info.minexp)
    unit = mp.ldexp(1, min(exponent, info.maxexp - 1) - info.nmant)
    return float(min(abs(mp.fsub(to_mpf(got), exact, prec=300)) / unit, mpf(10) ** 300))


# ---- where rows are sampled ----------------------------------------------------------------------------------------------

@functools.cache
def points(function: Callable[..., Any], n: int = POINTS) -> tuple[Any, ...]:
    """The inputs on which a row is tested, one array each; of several inputs those whose value is a normal number."""
    rule: Any = TABLE[function]
    rng = np.random.default_rng(20240229)
    if len(rule.on) == 1:
        return (sample(rule.on[0], n, rng),)
    columns = []
    for i, domain in enumerate(rule.on):
        x = np.concatenate([sample(domain, 6 * n, rng)[rng.permutation(6 * n)] for _ in range(2)])
        columns.append(rng.integers(-300, 300, x.size) if i in ORACLES[function].integers else x)
    if function is np.heaviside:
        columns[0][::3] = 0.0  # the only place where the second input counts
    with np.errstate(all="ignore"):
        near = np.arange(len(columns[0])) % 4 == 0  # a quarter with inputs of one size
        if not ORACLES[function].integers:
            ratio = rng.uniform(0.1, 2, near.sum())
            columns[1][near] = (columns[0][near] if rule.on[0] == rule.on[1] else 1) * ratio * rng.choice([-1, 1], near.sum())
        out = function(*columns)
        out = out[ORACLES[function].output] if ORACLES[function].output is not None else out
    normal = np.isfinite(out) & ((abs(out) >= 2.0**-1022) | (out == 0) & (function in (np.heaviside, np.remainder, np.fmod)))
    chosen = rng.permutation(np.flatnonzero(normal))[:n]
    return tuple(column[chosen] for column in columns)


@functools.cache
def exact(function: Callable[..., Any], which: tuple[int, ...], n: int = POINTS) -> list[Any]:
    """The partial at the first ``n`` of the row's points (those of every kind, as they are shuffled)."""
    return [exact_at(function, which, inputs) for inputs in zip(*thinned(function, n))]


def thinned(function: Callable[..., Any], n: int) -> tuple[Any, ...]:
    every = max(1, POINTS // n)
    return tuple(x[every // 2::every] if every > 1 else x for x in points(function))


def exact_at(function: Callable[..., Any], which: tuple[int, ...], inputs: tuple[Any, ...]) -> Any:
    oracle = ORACLES[function]
    if oracle.partials is not None:
        if len(which) == 2:
            return mpf(0)
        with mp.workprec(2200):
            return oracle.partials[which[0]](*map(to_mpf, inputs))  # type: ignore[misc]
    return exact_partial(oracle.function, inputs, which, TABLE[function].on)  # type: ignore[attr-defined]


# ---- what dualdiff says --------------------------------------------------------------------------------------------------

def selected(function: Callable[..., Any]) -> Callable[..., Any]:
    output = ORACLES[function].output
    return function if output is None else lambda *inputs: function(*inputs)[output]


def along(function: Callable[..., Any], i: int, inputs: tuple[Any, ...]) -> Any:
    """∂/∂inᵢ elementwise at arrays ``inputs``."""
    def of_one(x: Any) -> Any:
        return function(*inputs[:i], x, *inputs[i + 1:])

    with np.errstate(all="ignore"):
        return dd.jvp(of_one, inputs[i], np.ones_like(inputs[i]))[1]


def found(function: Callable[..., Any], which: tuple[int, ...], inputs: tuple[Any, ...]) -> Any:
    """The partial by dualdiff, first or second order, at arrays ``inputs``."""
    f = selected(function)
    if len(which) == 1:
        return along(f, which[0], inputs)
    return along(lambda *inner: along(f, which[1], inner), which[0], inputs)


def bounds(function: Callable[..., Any], which: tuple[int, ...], n: int = POINTS) -> Any:
    """The error in ulp that is allowed at each point: 8, and more where the function itself is ill-conditioned."""
    inputs, allowed = thinned(function, n), np.full(min(n, POINTS), 8.0)
    if function in (np.logaddexp, np.logaddexp2):  # exp(x − y): the difference rounds to |x − y|·2⁻⁵³
        return allowed + abs(inputs[0] - inputs[1])
    if function is np.sinc:  # near a zero of its derivative: as an error of the amplitude πⁿ⁻¹/x
        amplitude = np.array([mpf(3) ** (len(which) - 1) / abs(mpf(x)) if abs(x) > 0.5 else 0 for x in inputs[0]])
        return 8 * np.array([float(max(1, min(a / abs(e), mpf(10) ** 300))) for a, e in zip(amplitude, exact(function, which, n))])
    return allowed


def errors(function: Callable[..., Any], which: tuple[int, ...], n: int = POINTS) -> Any:
    """The error of the row in ulp at each of its points.

    A second derivative may be inf or nan where it overflows, or a factor of it does: y/x² in that of x**y.
    """
    inputs = thinned(function, n)
    with np.errstate(all="ignore"):
        values = np.broadcast_to(found(function, which, inputs), inputs[0].shape)
    large = np.array([abs(wanted) >= mp.ldexp(1, 1023) for wanted in exact(function, which, n)])
    if function in (np.power, np.float_power):
        with np.errstate(all="ignore"):
            large |= np.isinf(inputs[1] / inputs[0] / inputs[0])
    excused = large & ~np.isfinite(values) & (len(which) == 2)
    return np.array([0.0 if excused[k] else ulps(values[k], wanted) for k, wanted in enumerate(exact(function, which, n))])


def failures(function: Callable[..., Any], which: tuple[int, ...], n: int = POINTS) -> list[str]:
    """The points at which the row is wrong, as text."""
    error = errors(function, which, n)
    inputs, wanted = thinned(function, n), exact(function, which, n)
    return [f"{function.__name__}{which} at {[float(x[k]) for x in inputs]}: {error[k]:.3g} ulp from {mp.nstr(wanted[k], 20)}"
            for k in np.flatnonzero(~(error <= bounds(function, which, n)))]


def differentiable(function: Callable[..., Any]) -> list[int]:
    """The inputs in which a row has a derivative."""
    return [i for i, partial in enumerate(TABLE[function].partials) if partial is not None]  # type: ignore[attr-defined]
