"""Functions that are integrals of others: exponential, sine, cosine and Fresnel integrals, the dilogarithm."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, Domain
from dualdiff.rules.special.common import is_complex, no_partial, of_input, of_output, polynomial, sp

# ---- exponential, sine and cosine integrals (DLMF 6.2) -------------------------------------------------------------------


def sine_over(xp: Any, x: Any) -> Any:
    """sin(x)/x."""
    near = abs(x) < 1
    u = xp.where(near, x, 0)
    return xp.where(near, np.sinc(u * (1 / math.pi)), xp.sin(x) / xp.where(near, 1, x))


SINH = [1 / math.factorial(2 * k + 1) for k in range(11)]


def sinh_over(xp: Any, x: Any) -> Any:
    """sinh(x)/x."""
    near = abs(x) < 1
    u = xp.where(near, x, 0)
    return xp.where(near, polynomial(SINH, u * u), xp.sinh(x) / xp.where(near, 1, x))


def expn_slope(xp: Any, n: Any, x: Any) -> Any:
    """−Eₙ₋₁(x) (DLMF 8.19.13); E₋₁ is not among SciPy's."""
    first = n == 0
    lower = np.where(first, 1, base(n))[()] - 1
    return -xp.where(first, xp.exp(-x) * (1 + 1 / x) / x, sp.expn(lower, x))


of_input (sp.exp1,     lambda xp, x: -xp.exp(-x) / x, on=POSITIVE)
of_input (sp.expi,     lambda xp, x: xp.exp(x) / x)
of_input (sp.expn,     no_partial("expn", "n"), expn_slope, on=(Domain(0, 20, True), POSITIVE))
of_input (sp.sici,     lambda xp, x: (sine_over(xp, x), xp.cos(x) / x), on=POSITIVE)
of_input (sp.shichi,   lambda xp, x: (sinh_over(xp, x), xp.cosh(x) / x), on=POSITIVE)

# ---- Fresnel integrals (DLMF 7.2) ----------------------------------------------------------------------------------------


def fresnel_slope(xp: Any, x: Any) -> tuple[Any, Any]:
    """sin and cos of πx²/2: the angle modulo 2π, to which the rounding error of x² (by Dekker's splitting) is added last."""
    square = x * x
    if is_complex(x):
        return xp.sin(math.pi / 2 * square), xp.cos(math.pi / 2 * square)
    plain = base(x)
    split = plain * (4097.0 if getattr(plain, "dtype", None) == np.float32 else 134217729.0)
    high = split - (split - plain)
    low = plain - high
    rest = (((high * high - base(square)) + 2 * high * low) + low * low) / 2
    n = np.rint(base(square) / 2)
    turn, parity = square / 2 - n, 1 - 2 * np.fmod(n, 2)  # in units of π
    near, sign = abs(turn) < 0.25, np.sign(base(turn))
    cosine = xp.where(near, xp.cos(math.pi * (turn + rest)), xp.sin(math.pi * ((0.5 - sign * turn) - sign * rest)))
    return parity * xp.sin(math.pi * (turn + rest)), parity * cosine


of_input (sp.fresnel,  fresnel_slope)


def modified_fresnel(sign: int) -> Any:
    """F′ = −exp(±ix²) and K = exp(∓i(x² + π/4))·F/√π, so that K′ = ∓2ixK − exp(∓iπ/4)/√π."""
    turn = cmath.exp(-sign * 1j * math.pi / 4) / math.sqrt(math.pi)
    return lambda xp, out, x: (-xp.exp(sign * 1j * (x * x)), -sign * 2j * x * out[1] - turn)


of_output(sp.modfresnelp, modified_fresnel(1))
of_output(sp.modfresnelm, modified_fresnel(-1))

# ---- Spence's function, ∫₁ˣ log t/(1 − t) dt -----------------------------------------------------------------------------

LOGARITHM = [(-1) ** (k + 1) / (k + 1) for k in range(19)]


def spence_slope(xp: Any, x: Any) -> Any:
    """log x/(1 − x); near 1 its series."""
    near = abs(x - 1) < 0.125
    u = xp.where(near, x - 1, 0)
    return xp.where(near, polynomial(LOGARITHM, u), xp.log(x) / xp.where(near, 1, 1 - x))


of_input (sp.spence,   spence_slope, on=POSITIVE)

# ---- integrals of Bessel, Struve and Airy functions (SciPy's own accuracy is about 1e-8 in some of these) ----------------


def airy_integrals(xp: Any, x: Any) -> Any:
    right, left = sp.airy(x), sp.airy(-x)
    return right[0], right[2], left[0], left[2]


of_input (sp.itj0y0,       lambda xp, x: (sp.j0(x), sp.y0(x)), on=POSITIVE)
of_input (sp.iti0k0,       lambda xp, x: (sp.i0(x), sp.k0(x)), on=POSITIVE)
of_input (sp.it2j0y0,      lambda xp, x: ((1 - sp.j0(x)) / x, -sp.y0(x) / x), on=POSITIVE)
of_input (sp.it2i0k0,      lambda xp, x: ((sp.i0(x) - 1) / x, -sp.k0(x) / x), on=POSITIVE)
of_input (sp.itstruve0,    lambda xp, x: sp.struve(0, x))
of_input (sp.it2struve0,   lambda xp, x: -sp.struve(0, x) / x)
of_input (sp.itmodstruve0, lambda xp, x: sp.modstruve(0, x))
of_input (sp.itairy,       airy_integrals)
of_output(sp.besselpoly,   lambda xp, out, a, lmb, nu: (sp.jv(nu, 2 * a) - (lmb + 1) * out) / a,
                           no_partial("besselpoly", "lmb"), no_partial("besselpoly", "nu"), on=(POSITIVE, POSITIVE, POSITIVE))
