"""The gamma function and its kin: beta, binomial and Pochhammer's symbols, digamma, zeta, and the incomplete functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, UNIT, Domain
from dualdiff.rules.special.common import cos_pi, hidden, is_complex, no_partial, of_input, of_output, sin_pi, sp

# ---- gamma, digamma, zeta ------------------------------------------------------------------------------------------------


def rgamma_slope(xp: Any, x: Any) -> Any:
    """−ψ(x)/Γ(x); left of 1/2 by reflection, 1/Γ(x) = Γ(1 − x)·sin(πx)/π (DLMF 5.5.3), which is smooth at the poles of Γ."""
    left = base(x).real < 0.5
    mirror = xp.where(left, 1 - x, 1)
    reflected = sp.gamma(mirror) * (cos_pi(xp, x) - sp.digamma(mirror) * sin_pi(xp, x) / math.pi)
    right = xp.where(left, 1, x)
    return xp.where(left, reflected, -sp.digamma(right) * sp.rgamma(right))


def trigamma(xp: Any, x: Any) -> Any:
    """ψ′(x) = ζ(2, x); for x < 0 by reflection, ψ′(x) = π²/sin²(πx) − ψ′(1 − x) (DLMF 5.15.6)."""
    if is_complex(x):
        raise NotDifferentiableError("scipy.special.digamma cannot be differentiated for complex input: SciPy has no complex "
                                     "trigamma function; split the real and the imaginary part, or use mpmath")
    left = x < 0
    right = sp.zeta(2, xp.where(left, 1, x))
    if not np.any(left):
        return right
    sine = sin_pi(xp, xp.where(left, x, 0.5))
    return xp.where(left, (math.pi / sine) ** 2 - sp.zeta(2, xp.where(left, 1 - x, 1)), right)


of_output(sp.gamma,        lambda xp, y, x: y * sp.digamma(x))
of_input (sp.gammaln,      lambda xp, x: sp.digamma(x))
of_output(sp.loggamma,     lambda xp, y, x: xp.where(y == y, sp.digamma(x), y), on=POSITIVE)  # nan where SciPy has nan
of_input (sp.rgamma,       rgamma_slope)
of_input (sp.digamma,      trigamma)
of_input (hidden._zeta,    no_partial("zeta", "x"), lambda xp, x, q: -x * sp.zeta(x + 1, q), on=(Domain(1.0, 50.0), POSITIVE))

# ---- beta, binomial coefficients, Pochhammer's symbol --------------------------------------------------------------------

# B₂ₖ/(2k), the coefficients of digamma's asymptotic series (DLMF 5.11.2).
DIGAMMA = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160]
STEPS = 10


def digamma_rise(xp: Any, a: Any, b: Any) -> Any:
    """ψ(a + b) − ψ(a), also where b is small beside a and the difference would cancel.

    For positive arguments: ψ(x + 1) = ψ(x) + 1/x (DLMF 5.5.2) lifts both to at least 10, where the difference of their
    asymptotic series is formed term by term.
    """
    c = a + b
    usual = (a > 0) & (c > 0)
    a, b, c = xp.where(usual, a, 1), xp.where(usual, b, 1), xp.where(usual, c, 2)
    near = abs(b) < 0.5 * a
    total = 0 * b
    for k in range(STEPS - 1, -1, -1):
        total = total + b / (a + k) / (c + k)
    low, high = a + STEPS, c + STEPS
    total = total + xp.where(near, xp.log1p(xp.where(near, b / low, 0)), xp.log(high / low)) + b / low / high / 2
    u, v = 1 / low / low, 1 / high / high
    series, rise = 0 * u + DIGAMMA[-1], 0 * u  # Σ cₖuᵏ by Horner's scheme, and its divided difference between u and v
    for coefficient in reversed(DIGAMMA[:-1]):
        rise = rise * v + series
        series = series * u + coefficient
    rise = rise * v + series
    return total + b / low / high * (1 / low + 1 / high) * rise


def digamma_difference(xp: Any, a: Any, b: Any) -> Any:
    """ψ(a + b) − ψ(a)."""
    usual = (base(a) > 0) & (base(a) + base(b) > 0)
    if np.all(usual):
        return digamma_rise(xp, a, b)
    return xp.where(usual, digamma_rise(xp, a, b), sp.digamma(a + b) - sp.digamma(a))


of_output(sp.beta,         lambda xp, out, a, b: -out * digamma_difference(xp, a, b),
                           lambda xp, out, a, b: -out * digamma_difference(xp, b, a), on=POSITIVE)
of_input (sp.betaln,       lambda xp, a, b: -digamma_difference(xp, a, b),
                           lambda xp, a, b: -digamma_difference(xp, b, a), on=POSITIVE)
of_output(sp.binom,        lambda xp, out, n, k: out * digamma_difference(xp, n - k + 1, k),
                           lambda xp, out, n, k: out * digamma_difference(xp, k + 1, n - 2 * k), on=POSITIVE)
of_output(sp.poch,         lambda xp, out, z, m: out * digamma_difference(xp, z, m),
                           lambda xp, out, z, m: out * sp.digamma(z + m), on=POSITIVE)

# ---- incomplete gamma and beta functions ---------------------------------------------------------------------------------

# Stirling's series, B₂ₖ/(2k(2k − 1)) (DLMF 5.11.1).
STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]


def stirling_error(x: Any) -> Any:
    """log Γ(x + 1) − (x + 1/2)·log x + x − log(2π)/2 for x ≥ 15."""
    total = 0 * x
    for coefficient in reversed(STIRLING):
        total = total / x / x + coefficient
    return total / x


def deviance(xp: Any, x: Any, m: Any) -> Any:
    """x·log(x/m) + m − x, near x = m by the series in v = (x − m)/(x + m) of Loader (below)."""
    near = abs(x - m) < 0.1 * (x + m)
    d = x - m
    v = xp.where(near, d / (x + m), 0)
    series = 0 * v
    for k in range(9, 0, -1):
        series = series * v * v + 1 / (2 * k + 1)
    return xp.where(near, d * v + 2 * x * v * v * v * series, x * xp.log(x / m) + m - x)


def gamma_density(xp: Any, a: Any, x: Any) -> Any:
    """x^(a−1)·e^(−x)/Γ(a); for a > 15 in the saddle-point form of C. Loader, "Fast and accurate computation of binomial
    probabilities" (2000), in which the large exponents have cancelled already."""
    big = base(a) > 15
    c = xp.where(big, a, 16) - 1 + 0 * x
    saddle = xp.exp(-stirling_error(c) - deviance(xp, c, x)) / xp.sqrt(2 * math.pi * c)
    small = xp.where(big, 1, a)
    finite = xp.where(base(x) < 1e4, x, math.inf)
    direct = xp.where(base(finite) == math.inf, 0, xp.exp(-x) * xp.power(xp.where(base(x) < 1e4, x, 1), small - 1)
                      * sp.rgamma(small))
    return xp.where(big, saddle, direct)


def beta_density(xp: Any, a: Any, b: Any, x: Any, rest: Any) -> Any:
    """x^(a−1)·(1−x)^(b−1)/B(a, b), given 1 − x too; for a, b > 15 in Loader's form."""
    big = (base(a) > 15) & (base(b) > 15)
    c, d = xp.where(big, a, 16) - 1 + 0 * x, xp.where(big, b, 16) - 1 + 0 * x
    n = c + d
    weight = stirling_error(n) - stirling_error(c) - stirling_error(d)
    exponent = weight - deviance(xp, c, n * x) - deviance(xp, d, n * rest)
    saddle = (n + 1) * xp.exp(exponent) * xp.sqrt(n / (2 * math.pi) / c / d)
    a, b = xp.where(big, 1, a), xp.where(big, 1, b)
    direct = xp.power(x, a - 1) * xp.power(rest, b - 1) / sp.beta(a, b)
    tame = (base(direct) != 0) & np.isfinite(base(direct))
    logs = xp.exp((a - 1) * xp.log(x) + (b - 1) * xp.log(rest) - sp.betaln(a, b))
    inside = (base(x) > 0) & (base(rest) > 0)
    return xp.where(big, saddle, xp.where(tame | ~inside, direct, logs))


of_input (sp.gammainc,     no_partial("gammainc", "a"),      lambda xp, a, x: gamma_density(xp, a, x), on=POSITIVE)
of_input (sp.gammaincc,    no_partial("gammaincc", "a"),     lambda xp, a, x: -gamma_density(xp, a, x), on=POSITIVE)
of_output(sp.gammaincinv,  no_partial("gammaincinv", "a"),   lambda xp, x, a, y: 1 / gamma_density(xp, a, x), on=(POSITIVE, UNIT))
of_output(sp.gammainccinv, no_partial("gammainccinv", "a"),  lambda xp, x, a, y: -1 / gamma_density(xp, a, x),
          on=(POSITIVE, UNIT))

for beta_function, sign in ((sp.betainc, 1), (sp.betaincc, -1)):
    beta_name = beta_function.__name__
    of_input (beta_function, no_partial(beta_name, "a"), no_partial(beta_name, "b"),
              lambda xp, a, b, x, sign=sign: sign * beta_density(xp, a, b, x, 1 - x), on=(POSITIVE, POSITIVE, UNIT))
for beta_function, sign in ((sp.betaincinv, 1), (sp.betainccinv, -1)):
    beta_name = beta_function.__name__
    of_output(beta_function, no_partial(beta_name, "a"), no_partial(beta_name, "b"),
              lambda xp, x, a, b, y, sign=sign: sign / beta_density(xp, a, b, x, 1 - x), on=(POSITIVE, POSITIVE, UNIT))
