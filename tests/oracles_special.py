"""The oracle for scipy.special: how a counterpart in mpmath is sampled and differentiated, and the counterparts mpmath has not.

The oracle knows no derivative: it differentiates the counterpart by central differences with a step of 1e-18 in 60 digits.
The bound of a row is ``ulp`` units in the last place; rows with ``kappa`` get that much per unit of 1 + κ, where κ = |x·s′/s| is
the condition number of the slope s(x): a slope that is sensitive to the last bit of x cannot be better than that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf

DIGITS = 60
STEP = mpf(10) ** -18


class Oracle(NamedTuple):
    function: Callable[..., Any]  # in mpmath, all arguments
    samples: tuple[Any, ...]  # for each argument: a function of n, or a tuple of plain values
    ulp: float = 8.0
    kappa: bool = False
    points: int = 200
    why: str = ""
    digits: int = DIGITS


def slope_and_condition(oracle: Oracle, point: tuple[Any, ...], i: int) -> list[tuple[Any, Any]]:
    """(slope, condition number) of every output in argument ``i``; with more digits where the difference has not enough."""
    digits = oracle.digits
    while True:
        result, kept = _difference(oracle.function, point, i, digits)
        if kept > -digits + 18 or digits > 1500:
            return result
        digits *= 2


def _difference(function: Callable[..., Any], point: tuple[Any, ...], i: int, digits: int) -> tuple[list[tuple[Any, Any]], float]:
    """The slopes, and the decimal exponent of the least difference beside its terms."""
    with mp.workdps(digits):
        exact = [mpf(float(x)) if not isinstance(x, (int, np.integer)) else int(x) for x in point]
        x = exact[i]
        h = abs(x) * STEP
        values = []
        for z in (x - h, x, x + h):
            out = function(*exact[:i], z, *exact[i + 1:])
            values.append(out if isinstance(out, tuple) else (out,))
        result, kept = [], 0.0
        for low, mid, high in zip(*values):
            slope, turn = (high - low) / (2 * h), (high - 2 * mid + low) / h**2
            result.append((slope, abs(x * turn / slope) if slope else mp.inf))
            if mid and high != low:
                kept = min(kept, float(mp.log10(abs((high - low) / mid))))
            elif mid:
                kept = -math.inf
        return result, kept


# ---- samples: n points, log-spaced ---------------------------------------------------------------------------------------

def pos(low: float, high: float) -> Callable[[int], Any]:
    return lambda n: np.geomspace(low, high, n)


def real(low: float, high: float, left: float | None = None) -> Callable[[int], Any]:
    """Magnitudes from ``low`` to ``high`` (to ``left`` for negative ones)."""
    return lambda n: np.concatenate([-np.geomspace(low, left or high, n // 2), np.geomspace(low, high, n - n // 2)])


def unit(low: float, near_one: float = 1e-9) -> Callable[[int], Any]:
    """(0, 1), crowded at both ends."""
    return lambda n: np.concatenate([np.geomspace(low, 0.49, n // 2), 1 - np.geomspace(near_one, 0.49, n - n // 2)])


def inner(near_one: float = 1e-9, low: float = 1e-6) -> Callable[[int], Any]:
    """(−1, 1), crowded at 0 and at both ends."""
    def points(n: int) -> Any:
        half = unit(low, near_one)(n // 2)
        return np.concatenate([-half, half])
    return points


def below_one(low: float, far: float) -> Callable[[int], Any]:
    return lambda n: np.concatenate([-np.geomspace(low, far, n // 2), unit(low)(n - n // 2)])


# ---- counterparts --------------------------------------------------------------------------------------------------------

def erfcx(x: Any) -> Any:
    return mp.exp(x * x) * mp.erfc(x)


def ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def rel_entr(x: Any, y: Any) -> Any:
    return x * mp.log(x / y)


def huber(delta: Any, r: Any) -> Any:
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


def box_cox(x: Any, lmbda: Any) -> Any:
    return mp.expm1(lmbda * mp.log(x)) / lmbda


def inverse_box_cox(y: Any, lmbda: Any) -> Any:
    return mp.exp(mp.log1p(lmbda * y) / lmbda)


def airy(x: Any) -> Any:
    return mp.airyai(x), mp.airyai(x, derivative=1), mp.airybi(x), mp.airybi(x, derivative=1)


def airye(x: Any) -> Any:
    zeta = mp.mpf(2) / 3 * x * mp.sqrt(x)
    ai, aip, bi, bip = airy(x)
    return ai * mp.exp(zeta), aip * mp.exp(zeta), bi * mp.exp(-zeta), bip * mp.exp(-zeta)


def lower_gamma(a: Any, x: Any) -> Any:
    return mp.gammainc(a, 0, x, regularized=True)


def upper_gamma(a: Any, x: Any) -> Any:
    return mp.gammainc(a, x, mp.inf, regularized=True)


def lower_beta(a: Any, b: Any, x: Any) -> Any:
    return mp.betainc(a, b, 0, x, regularized=True)


def ellipj(u: Any, m: Any) -> Any:
    sn, cn, dn = (mp.ellipfun(name, u, m) for name in ("sn", "cn", "dn"))
    return sn, cn, dn, mp.atan2(sn, cn) + 2 * mp.pi * mp.nint(mpf(u) / (4 * mp.ellipk(m)))


def voigt(x: Any, sigma: Any, gamma: Any) -> Any:
    z = mp.mpc(x, gamma) / (sigma * mp.sqrt(2))
    return (mp.exp(-z * z) * mp.erfc(-1j * z)).real / (sigma * mp.sqrt(2 * mp.pi))


def kelvin(x: Any) -> Any:
    return mp.mpc(mp.ber(0, x), mp.bei(0, x)), mp.mpc(mp.ker(0, x), mp.kei(0, x)), kelvin_slope("be", x), kelvin_slope("ke", x)


def kelvin_slope(kind: str, x: Any) -> Any:
    return mp.mpc(*(mp.diff(lambda t: getattr(mp, kind + part)(0, t), x) for part in "ri"))


def modified_fresnel(sign: int, x: Any) -> Any:
    turn = mp.exp(sign * 1j * mp.pi / 4)
    integral = mp.sqrt(mp.pi) / 2 * turn * mp.erfc(x / turn)
    return integral, mp.exp(-sign * 1j * x * x) / turn * integral / mp.sqrt(mp.pi)


def wright_bessel(a: Any, b: Any, x: Any) -> Any:
    return sum(x**k / mp.factorial(k) * mp.rgamma(a * k + b) for k in range(80))


def noncentral_chi_square(x: Any, df: Any, nc: Any) -> Any:
    """Poisson's weights times central distributions (Johnson, Kotz and Balakrishnan, chapter 29)."""
    return sum(mp.exp(-nc / 2) * (nc / 2) ** k / mp.factorial(k) * lower_gamma(df / 2 + k, x / 2) for k in range(60))


def t_distribution(df: Any, t: Any) -> Any:
    tail = mp.betainc(df / mpf(2), mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return tail if t < 0 else -tail  # up to a constant: only the slope is looked at
