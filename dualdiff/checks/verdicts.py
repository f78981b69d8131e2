"""The verdict on one entry of a derivative: who of the parties agrees with forward mode, and why another does not.

mpmath, with 50 digits and a step of 1e-57, sees what f is at the very point, so where it is available it decides; differences in
float64 see f's neighbourhood, and the complex step sees only what f does analytically. Each may be mistaken in its own way, and
the verdict names the way where it can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dualdiff.checks.report import AGREES, CANCELLATION, DISAGREES, KINK, SINGULAR, UNVERIFIED

SAFETY = 3.0  # times the estimated error of a finite difference
LARGEST, SMALLEST = float(np.finfo(float).max), float(np.finfo(float).smallest_subnormal)
INFORMATIVE = 1e-3  # a difference of a larger relative error says nothing


class Sided(NamedTuple):
    """A party that looks at both sides; ``None``: it has no answer. ``error`` belongs to all three."""

    value: Any
    left: Any
    right: Any
    error: float = 0.0


class Case(NamedTuple):
    """What the parties say of one entry.

    ``value`` is f here; ``scale`` the size of the derivatives of the same output, below whose rounding nothing can be said;
    ``grows``: a one-sided difference grows without bound; ``precise`` asks forward mode itself at high precision (None: it
    cannot), which tells digits lost in float64 from a wrong rule.
    """

    forward: Any
    difference: Sided
    is_kink: bool
    grows: bool
    complex_step: Any
    oracle: Sided | None
    value: Any
    scale: float
    rtol: float
    precise: Callable[[], Any]


def judge(case: Case) -> tuple[str, str]:
    """The verdict, and the reason where there is something to explain."""
    if not is_finite(case.value):
        if is_finite(case.forward) and case.forward != 0:
            return UNVERIFIED, f"f is {case.value} here, so there is no derivative to compare with"
        return SINGULAR, f"f is {case.value} here"
    if not is_finite(case.forward):
        return _judge_infinite(case)
    return _judge_by_differences(case) if case.oracle is None else _judge_by_oracle(case, case.oracle)


def _judge_infinite(case: Case) -> tuple[str, str]:
    known = [_in_range(side) for side in _sides(case) if side is not None]
    infinite = [side for side in known if not is_finite(side)]
    if not np.isnan(case.forward):
        if case.forward in infinite or (case.oracle is None and case.grows):
            return SINGULAR, "the slope is infinite here, or beyond the largest float64"
        if infinite:
            return DISAGREES, f"forward mode says {case.forward} where the slope is {float(infinite[0])}"
    if case.oracle is None and not case.grows and case.difference.error > INFORMATIVE * abs(_number(case.difference.value)):
        return UNVERIFIED, f"forward mode says {case.forward}, and no party knows better"
    if known and not infinite:
        return DISAGREES, f"forward mode says {case.forward} where the derivative exists"
    return SINGULAR, "there is no derivative here"


def _judge_by_oracle(case: Case, oracle: Sided) -> tuple[str, str]:
    if oracle.left is not None and oracle.right is not None and not _same_sides(oracle):
        return _judge_kink(case, oracle, case.rtol)
    exact = oracle.value
    if exact is None:
        return _judge_by_differences(case)
    if not is_finite(exact):
        if oracle.left is not None and is_finite(oracle.left) and _close(case.forward, oracle.left, case.rtol * abs(oracle.left)):
            return KINK, "the first derivative jumps here; forward mode differentiates one side of it"
        return DISAGREES, f"forward mode is finite where the slope is {exact}"
    error = abs(case.forward - exact)
    if error <= case.rtol * abs(exact) + SMALLEST:
        return AGREES, _who_else(case)
    precise = case.precise()
    if precise is not None and precise < error / 64:
        if error <= 1e-3 * case.rtol * case.scale:
            return AGREES, ""  # a zero of the derivative, missed by the rounding of its terms
        return CANCELLATION, ("float64 loses digits in this function: forward mode with more of them converges to mpmath's value"
                              + ("" if exact == 0 else f" (here {_digits(error, exact)} of 16 are left)"))
    if precise is None and error <= 1e-3 * case.rtol * case.scale:
        return AGREES, "up to the rounding of the other entries"
    if _differences_support(case) and not _close(case.difference.value, exact, SAFETY * case.difference.error):
        return UNVERIFIED, "finite differences support forward mode, but mpmath does not: f does something else on mpmath's numbers"
    others = ["mpmath"]
    if not _differences_support(case) and _is_informative(case):
        others.insert(0, "finite differences")
    if case.complex_step is not None and not _close(case.complex_step, case.forward, case.rtol * abs(case.forward)):
        others.insert(-1, "the complex step")
    return DISAGREES, "forward mode is contradicted by " + " and ".join(others)


def _judge_by_differences(case: Case) -> tuple[str, str]:
    difference = case.difference
    analytic = case.complex_step is not None and _close(case.complex_step, case.forward, case.rtol * abs(case.forward))
    if case.is_kink:
        return _judge_kink(case, difference, 1e-6)
    if case.grows:
        return UNVERIFIED, "f jumps here, or its slope is infinite: differences grow without bound"
    if _differences_support(case) and (_is_informative(case) or analytic):
        return AGREES, "" if analytic or case.complex_step is None else NOT_ANALYTIC
    if not _is_informative(case):
        return UNVERIFIED, "finite differences do not converge: f is noisy, or not smooth at the scale of their steps"
    if analytic:
        return UNVERIFIED, "the complex step supports forward mode, but finite differences do not"
    return DISAGREES, "forward mode is contradicted by finite differences" + (
        "" if case.complex_step is None else " and by the complex step")


NOT_ANALYTIC = "the complex step differs: f is not analytic as it is written (abs, max, conj, a comparison, …)"


def _judge_kink(case: Case, sides: Sided, rtol: float) -> tuple[str, str]:
    what = "f jumps here" if not (is_finite(sides.left) and is_finite(sides.right)) else "f has a kink here"
    told = f"{what}: the derivative from the left is {_shown(sides.left)}, from the right {_shown(sides.right)}"
    for name, side in (("left", sides.left), ("right", sides.right)):
        if is_finite(side) and _close(case.forward, side, rtol * abs(side) + SAFETY * sides.error):
            return KINK, f"{told}; forward mode takes the {name}"
    return DISAGREES, f"{told}; forward mode gives neither"


def _who_else(case: Case) -> str:
    """Forward mode and mpmath agree: what is the matter with a party that does not?"""
    if not _differences_support(case):
        if case.is_kink or case.grows:
            return "finite differences differ: there is a kink or a jump of f within their steps"
        if _is_informative(case):
            return "finite differences differ: f is noisy, or not smooth at the scale of their steps"
    if case.complex_step is not None and not _close(case.complex_step, case.forward,
                                                    1e3 * case.rtol * abs(case.forward) + 1e-12 * case.scale):
        return NOT_ANALYTIC
    return ""


# ---- small judgements ----------------------------------------------------------------------------------------------------

def _in_range(x: Any) -> Any:
    """x as a float64 holds it: infinite if it is too large."""
    return x if x.imag or abs(x) <= LARGEST else np.inf if x > 0 else -np.inf


def is_finite(x: Any) -> bool:
    """Of any number type."""
    return bool(x - x == 0)


def _sides(case: Case) -> tuple[Any, ...]:
    party = case.oracle if case.oracle is not None else case.difference
    return (party.value, party.left, party.right)


def _same_sides(oracle: Sided) -> bool:
    if not (is_finite(oracle.left) and is_finite(oracle.right)):
        return bool(oracle.left == oracle.right)
    return bool(abs(oracle.left - oracle.right) <= 1e-13 * (abs(oracle.left) + abs(oracle.right)))


def _differences_support(case: Case) -> bool:
    d = case.difference
    return d.value is not None and _close(d.value, case.forward, SAFETY * d.error + case.rtol * abs(case.forward))


def _is_informative(case: Case) -> bool:
    d = case.difference
    return d.value is not None and bool(d.error <= INFORMATIVE * abs(d.value) or d.error <= 1e-3 * INFORMATIVE * case.scale)


def _close(a: Any, b: Any, tolerance: float) -> bool:
    return bool(abs(_number(a) - b) <= tolerance)


def _number(value: Any) -> Any:
    return np.nan if value is None else value


def _digits(error: Any, exact: Any) -> int:
    return max(0, int(-np.log10(float(error / abs(exact)))))


def _shown(value: Any) -> str:
    return f"{complex(value):.6g}" if value.imag else f"{float(value.real):.6g}"
