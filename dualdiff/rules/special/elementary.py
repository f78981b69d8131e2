"""Elementary functions that SciPy has beside NumPy's: logistic, entropies, Box–Cox, degrees, loss functions, Lambert's W."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualdiff.numbers import base, smallest_normal
from dualdiff.rules.auxiliary import sech
from dualdiff.rules.domain import POSITIVE, REAL, UNIT, Domain
from dualdiff.rules.elementwise import power_by_base, power_by_exponent, sign_of_branch
from dualdiff.rules.special.common import hidden, log_ratio, no_partial, of_input, of_output, polynomial, sp
from dualdiff.rules.table import locally_constant

DEGREE = math.pi / 180
ABOVE_MINUS_ONE = Domain(-1.0, REAL.high)

# ---- functions that NumPy has as well ------------------------------------------------------------------------------------

of_input (sp.expm1,       lambda xp, x: xp.exp(x))
of_input (sp.log1p,       lambda xp, x: 1 / (1 + x), on=ABOVE_MINUS_ONE)
of_output(sp.exp2,        lambda xp, y, x: math.log(2) * y)
of_output(sp.exp10,       lambda xp, y, x: math.log(10) * y)
of_output(sp.cbrt,        lambda xp, y, x: 1 / (3 * y * y))
of_input (sp.cosm1,       lambda xp, x: -xp.sin(x))
of_output(sp.powm1,       lambda xp, out, x, y: power_by_base(xp, xp.power(x, y), x, y),
                          lambda xp, out, x, y: power_by_exponent(xp, xp.power(x, y), x, y), on=(POSITIVE, REAL))

of_input (sp.sindg,       lambda xp, x: DEGREE * sp.cosdg(x))
of_input (sp.cosdg,       lambda xp, x: -DEGREE * sp.sindg(x))
of_output(sp.tandg,       lambda xp, y, x: DEGREE * (1 + y * y))
of_output(sp.cotdg,       lambda xp, y, x: -DEGREE * (1 + y * y))
of_input (sp.radian,      lambda xp, d, m, s: DEGREE, lambda xp, d, m, s: DEGREE / 60, lambda xp, d, m, s: DEGREE / 3600)

locally_constant(sp.round, sp.gammasgn)

# ---- logistic functions --------------------------------------------------------------------------------------------------
#
# expit′ = expit(x)·expit(−x) as the square of one function: of the product the next derivative would cancel about 0.

of_input (sp.expit,       lambda xp, x: (sech(xp, x / 2) / 2) ** 2)
of_input (sp.logit,       lambda xp, x: 1 / (x * (1 - x)), on=UNIT)
of_input (sp.log_expit,   lambda xp, x: sp.expit(-x))

# ---- entropies -----------------------------------------------------------------------------------------------------------
#
# 0·log 0 = 0 whatever y: the derivative in y is 0 there, and the mixed second derivative as good as infinite.


def quotient(xp: Any, x: Any, y: Any) -> Any:
    """x/y with 0/0 = 0."""
    return x / xp.where((x == 0) & (y == 0), smallest_normal(y), y)


def kl_div_by_y(xp: Any, x: Any, y: Any) -> Any:
    """1 − x/y."""
    return quotient(xp, y - x, y)


of_input (sp.xlogy,       lambda xp, x, y: xp.log(y),                lambda xp, x, y: quotient(xp, x, y), on=(REAL, POSITIVE))
of_input (sp.xlog1py,     lambda xp, x, y: xp.log1p(y),              lambda xp, x, y: quotient(xp, x, 1 + y),
          on=(REAL, ABOVE_MINUS_ONE))
of_input (sp.entr,        lambda xp, x: -xp.log(x) - 1, on=POSITIVE)
of_input (sp.rel_entr,    lambda xp, x, y: log_ratio(xp, x, y) + 1,  lambda xp, x, y: -quotient(xp, x, y), on=POSITIVE)
of_input (sp.kl_div,      lambda xp, x, y: log_ratio(xp, x, y),      kl_div_by_y, on=POSITIVE)

# ---- loss functions ------------------------------------------------------------------------------------------------------
#
# huber: r²/2 up to |r| = δ (the tie included), δ(|r| − δ/2) beyond. pseudo_huber: δ²(√(1 + u²) − 1) with u = r/δ, whose
# derivative in δ is δu⁴/(s(s + 1)²) with s = √(1 + u²), a form without cancellation.


def huber_by_delta(xp: Any, delta: Any, r: Any) -> Any:
    return xp.where(delta < 0, math.nan, xp.where(abs(r) <= delta, 0, abs(r) - delta))


def huber_by_r(xp: Any, delta: Any, r: Any) -> Any:
    return xp.where(delta < 0, math.nan, xp.where(abs(r) <= delta, r, delta * sign_of_branch(xp, r)))


def pseudo_huber_by_delta(xp: Any, delta: Any, r: Any) -> Any:
    u = r / delta
    s = xp.hypot(1, u)
    return r * (u / s) * (u / (s + 1)) ** 2


of_input (sp.huber,        huber_by_delta,        huber_by_r, on=(POSITIVE, REAL))
of_input (sp.pseudo_huber, pseudo_huber_by_delta, lambda xp, delta, r: r / xp.hypot(1, r / delta), on=(POSITIVE, REAL))

# ---- (eˣ − 1)/x and the Box–Cox transforms -------------------------------------------------------------------------------

EXPREL = [(k + 1) / math.factorial(k + 2) for k in range(19)]
SHRINK = [-((-1) ** k) * (k + 1) / (k + 2) for k in range(20)]


def exprel_slope(xp: Any, x: Any, out: Any = None) -> Any:
    """(eˣ − exprel x)/x; near 0 its series Σ xᵏ(k + 1)/(k + 2)!."""
    near = abs(x) < 1
    out = sp.exprel(x) if out is None else out
    far = (xp.exp(x) - out) / xp.where(near, 1, x)
    if np.any(base(x) > 700):  # where exp overflows before its quotient does
        far = xp.where(base(x) > 700, out * (1 - 1 / xp.where(near, 1, x)), far)
    return xp.where(near, polynomial(EXPREL, xp.where(near, x, 0)), far)


def shrinkage(xp: Any, u: Any) -> Any:
    """(u/(1 + u) − log(1 + u))/u²; near 0 its series −Σ (−u)ᵏ(k + 1)/(k + 2)."""
    near = abs(u) < 0.125
    v = xp.where(near, 1, u)
    return xp.where(near, polynomial(SHRINK, xp.where(near, u, 0)), (v / (1 + v) - xp.log1p(v)) / v / v)


def box_cox_slope(xp: Any, x: Any, lmbda: Any) -> Any:
    """x**(λ − 1), without the rounding of λ − 1."""
    return xp.where(x == 0, xp.power(x, lmbda - 1), xp.power(x, lmbda) / xp.where(x == 0, 1, x))


def inverse_by_lambda(xp: Any, y: Any, lmbda: Any) -> Any:
    """∂(1 + λy)^(1/λ)/∂λ."""
    return sp.inv_boxcox(y, lmbda) * (y * y) * shrinkage(xp, lmbda * y)


of_output(sp.exprel,         lambda xp, out, x: exprel_slope(xp, x, out))
of_input (sp.boxcox,         box_cox_slope,
                             lambda xp, x, lmbda: xp.log(x) ** 2 * exprel_slope(xp, lmbda * xp.log(x)), on=(POSITIVE, REAL))
of_input (sp.boxcox1p,       lambda xp, x, lmbda: box_cox_slope(xp, 1 + x, lmbda),
                             lambda xp, x, lmbda: xp.log1p(x) ** 2 * exprel_slope(xp, lmbda * xp.log1p(x)),
          on=(ABOVE_MINUS_ONE, REAL))
of_output(sp.inv_boxcox,     lambda xp, out, y, lmbda: out / (1 + lmbda * y),
                             lambda xp, out, y, lmbda: inverse_by_lambda(xp, y, lmbda), on=POSITIVE)
of_input (sp.inv_boxcox1p,   lambda xp, y, lmbda: sp.inv_boxcox(y, lmbda) / (1 + lmbda * y), inverse_by_lambda, on=POSITIVE)

# ---- Lambert's W and Wright's ω ------------------------------------------------------------------------------------------


def lambertw_slope(xp: Any, w: Any, z: Any, *_: Any) -> Any:
    """W/(z(1 + W)), and e^(−W)/(1 + W) at 0 (DLMF 4.13.4)."""
    at_zero = z == 0
    return xp.where(at_zero, xp.exp(-w), w / xp.where(at_zero, 1, z)) / (1 + w)


of_output(hidden._lambertw,  lambertw_slope, 0, no_partial("lambertw", "tol"))
of_output(sp.wrightomega,    lambda xp, w, z: w / (1 + w))
