"""The error function and its kin: erf, Dawson's integral, Voigt's profile, and the normal distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, REAL, SYMMETRIC_UNIT, UNIT, Domain
from dualdiff.rules.special.common import gauss, is_complex, of_input, of_output, sp

TWO_BY_ROOT_PI = 2 / math.sqrt(math.pi)
ROOT_HALF = math.sqrt(0.5)
ROOT_HALF_PI = math.sqrt(math.pi / 2)
NORMAL = 1 / math.sqrt(2 * math.pi)

# ---- error functions -----------------------------------------------------------------------------------------------------


def erfcx_slope(xp: Any, out: Any, x: Any) -> Any:
    """2x·erfcx x − 2/√π (DLMF 7.10.2), where the difference does not cancel.

    For x > 1.5 by the continued fraction of erfcx (DLMF 7.9.1), from which it follows that erfcx′ = −erfcx/D with
    D = x + 1/(x + (3/2)/(x + 2/(x + …))). It needs about 300/x² terms.
    """
    direct = 2 * x * out - TWO_BY_ROOT_PI
    if is_complex(x):
        return direct
    plain = base(x)
    far = plain > 1.5
    if not np.any(far):
        return direct
    least = float(np.min(np.where(far, plain, np.inf)))
    u = xp.where(far, x, 2)
    fraction = u
    for n in range(6 + int(300 / least / least), 1, -1):
        fraction = u + n / 2 / fraction
    return xp.where(far, -out / fraction, direct)


def dawsn_slope(xp: Any, out: Any, x: Any) -> Any:
    """1 − 2x·dawsn x, which is ₁F₁(1; 1/2; −x²) and does not cancel in that form (DLMF 7.11.4, 13.3.15)."""
    if is_complex(x):
        return 1 - 2 * x * out
    return sp.hyp1f1(1.0, 0.5, -x * x)


def over_tail(xp: Any, ratio: Any, tail: Any) -> Any:
    """ratio/tail, infinite where the tail is empty."""
    empty = tail == 0
    return xp.where(empty, math.inf, ratio / xp.where(empty, 1, tail))


of_input (sp.erf,       lambda xp, x: TWO_BY_ROOT_PI * gauss(xp, x, -1))
of_input (sp.erfc,      lambda xp, x: -TWO_BY_ROOT_PI * gauss(xp, x, -1))
of_input (sp.erfi,      lambda xp, x: TWO_BY_ROOT_PI * gauss(xp, x, 1))
of_output(sp.erfcx,     erfcx_slope)
of_output(sp.dawsn,     dawsn_slope)
of_output(sp.wofz,      lambda xp, w, z: 1j * TWO_BY_ROOT_PI - 2 * z * w)

# The inverses in the tails: exp(y²) is erfcx(y)/erfc(y), and erfc(y) is known from the argument.
# At the ends of the domain both vanish and the slope is infinite.
of_output(sp.erfinv,    lambda xp, y, x: over_tail(xp, sp.erfcx(abs(y)) / TWO_BY_ROOT_PI, 1 - abs(x)), on=SYMMETRIC_UNIT)
of_output(sp.erfcinv,   lambda xp, y, x: -over_tail(xp, sp.erfcx(abs(y)) / TWO_BY_ROOT_PI, xp.where(x < 1, x, 2 - x)),
          on=Domain(0.0, 2.0))

# ---- the normal distribution ---------------------------------------------------------------------------------------------


def density(xp: Any, x: Any) -> Any:
    """The density of the normal distribution."""
    return NORMAL * gauss(xp, x, -0.5)


def log_ndtr_slope(xp: Any, out: Any, x: Any) -> Any:
    """Density over distribution (the inverse of Mills' ratio): by erfcx in the left tail, where both vanish."""
    if is_complex(x):
        return 1 / (ROOT_HALF_PI * sp.erfcx(-ROOT_HALF * x))
    left = x < 0
    tail = 1 / (ROOT_HALF_PI * sp.erfcx(-ROOT_HALF * xp.where(left, x, 0)))
    return xp.where(left, tail, density(xp, x) / sp.ndtr(xp.where(left, 0, x)))


def ndtri_slope(xp: Any, y: Any, x: Any) -> Any:
    """1/density(y), where the density is that of the nearer tail: x or 1 − x over Mills' ratio."""
    return over_tail(xp, ROOT_HALF_PI * sp.erfcx(ROOT_HALF * abs(y)), xp.where(y < 0, x, 1 - x))


def ndtri_exp_slope(xp: Any, y: Any, x: Any) -> Any:
    """eˣ/density(y), in the same way."""
    left = y < 0
    mills = ROOT_HALF_PI * sp.erfcx(ROOT_HALF * abs(y))
    return xp.where(left, mills, mills * xp.exp(x) / xp.where(left, 1, -xp.expm1(x)))


def by_ndtri(xp: Any, p: Any) -> tuple[Any, Any]:
    """The quantile of ``p`` and its slope."""
    y = sp.ndtri(p)
    return y, ndtri_slope(xp, y, p)


def nrdtrisd_by_p(xp: Any, mean: Any, p: Any, x: Any) -> Any:
    y, slope = by_ndtri(xp, p)
    return -(x - mean) / y * (slope / y)


of_input (sp.ndtr,      density)
of_output(sp.log_ndtr,  log_ndtr_slope)
of_output(sp.ndtri,     ndtri_slope, on=UNIT)
of_output(sp.ndtri_exp, ndtri_exp_slope, on=Domain(-np.inf, 0.0))

# mean = x − sd·ndtri(p) and sd = (x − mean)/ndtri(p)
of_input (sp.nrdtrimn,  lambda xp, p, sd, x: -sd * by_ndtri(xp, p)[1],
                        lambda xp, p, sd, x: -sp.ndtri(p),
                        1, on=(UNIT, POSITIVE, REAL))
of_input (sp.nrdtrisd,  lambda xp, mean, p, x: -1 / sp.ndtri(p),
                        nrdtrisd_by_p,
                        lambda xp, mean, p, x: 1 / sp.ndtri(p), on=(REAL, UNIT, REAL))


# Owen's T: DLMF has it not; D. B. Owen, Ann. Math. Statist. 27 (1956) 1075.
of_input (sp.owens_t,   lambda xp, h, a: -0.5 * density(xp, h) * sp.erf(ROOT_HALF * a * h),
                        lambda xp, h, a: gauss(xp, h, -0.5) * gauss(xp, a * h, -0.5) / (2 * math.pi * (1 + a * a)))

# ---- Voigt's profile -----------------------------------------------------------------------------------------------------
#
# V(x, σ, γ) = Re w(z)/(σ√(2π)) with z = (x + iγ)/(σ√2), and w′ = 2i/√π − 2zw (DLMF 7.10.2). Where σ = 0 the derivatives are nan.


def voigt_parts(xp: Any, x: Any, sigma: Any, gamma: Any) -> tuple[Any, Any]:
    """z and w′(z)/(2√π·σ²), whose parts are the partials in x and γ."""
    z = (x + 1j * gamma) * (ROOT_HALF / sigma)
    return z, (1j * TWO_BY_ROOT_PI - 2 * z * sp.wofz(z)) / (2 * math.sqrt(math.pi) * sigma * sigma)


def voigt_by_sigma(xp: Any, out: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    z, slope = voigt_parts(xp, x, sigma, gamma)
    return -out / sigma - math.sqrt(2) * np.real(z * slope)


of_output(sp.voigt_profile,
          lambda xp, out, x, sigma, gamma: np.real(voigt_parts(xp, x, sigma, gamma)[1]),
          voigt_by_sigma,
          lambda xp, out, x, sigma, gamma: -np.imag(voigt_parts(xp, x, sigma, gamma)[1]), on=(REAL, POSITIVE, POSITIVE))
