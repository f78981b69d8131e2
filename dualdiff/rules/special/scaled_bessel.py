"""Exponentially scaled Bessel and Airy functions.

Their derivative is that of the function times the scale, plus that of the scale times the function: two terms that cancel for
large arguments (to 1 part in 2x for e⁻ˣI₀, whose slope is −e⁻ˣI₀/(2x)). There other forms take over.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, Domain
from dualdiff.rules.elementwise import sign_of_branch
from dualdiff.rules.special.common import Function, is_complex, no_partial, of_input, of_output, real_only, sp

ORDER = Domain(-10.0, 10.0)

# ---- e^(−|x|)·I and eˣ·K -------------------------------------------------------------------------------------------------
#
# e⁻ˣI₀(x) = ₁F₁(1/2; 1; −2x) and e⁻ˣI₁(x) = (x/2)·₁F₁(3/2; 3; −2x) (DLMF 10.39.5, 13.2.39), whose derivatives do not cancel.


def i1e_slope(xp: Any, x: Any) -> Any:
    """½·₁F₁(3/2; 3; −2|x|) − (|x|/2)·₁F₁(5/2; 4; −2|x|)."""
    u = abs(x)
    return 0.5 * sp.hyp1f1(1.5, 3.0, -2 * u) - 0.5 * u * sp.hyp1f1(2.5, 4.0, -2 * u)


def far_slope(xp: Any, out: Any, v: Any, x: Any, sign: int) -> Any:
    """The slope of √x·e⁻ˣI (sign −1) or eˣK (1) for x > max(30, v²), from Σ aₖ(v)(±x)⁻ᵏ (DLMF 10.40.1, 10.40.2)."""
    total, weighted, coefficient = 1 + 0 * x, 0 * x, 1 + 0 * x
    for k in range(1, 25):
        coefficient = coefficient * sign * ((4 * v * v - (2 * k - 1) ** 2) / (8 * k)) / x
        total, weighted = total + coefficient, weighted + k * coefficient
    return -out / x * (0.5 + weighted / total)


def scaled_slope(near: Function, sign: int) -> Function:
    """``near(v, |x|)`` up to |x| = max(30, v²), the asymptotic form beyond; f(−x) is f(x) up to a constant factor."""
    def slope(xp: Any, out: Any, v: Any, x: Any) -> Any:
        if is_complex(x):
            return near(xp, out, v, x)
        far = np.abs(base(x)) > np.maximum(30, np.asarray(base(v)) ** 2)
        if not np.any(far):
            return near(xp, out, v, x)
        return xp.where(far, far_slope(xp, out, v, xp.where(far, abs(x), 100), sign) * sign_of_branch(xp, x),
                        near(xp, out, v, x))

    return slope


ive_slope = scaled_slope(lambda xp, out, v, x: (sp.ive(v - 1, x) + sp.ive(v + 1, x)) / 2 - sign_of_branch(xp, x) * out, -1)
kve_slope = scaled_slope(lambda xp, out, v, x: out - (sp.kve(v - 1, x) + sp.kve(v + 1, x)) / 2, 1)

of_input (sp.i0e,        lambda xp, x: -sign_of_branch(xp, x) * sp.hyp1f1(1.5, 2.0, -2 * abs(x)))
of_input (sp.i1e,        i1e_slope)
of_output(sp.k0e,        lambda xp, y, x: kve_slope(xp, y, 0, x), on=POSITIVE)
of_output(sp.k1e,        lambda xp, y, x: kve_slope(xp, y, 1, x), on=POSITIVE)
of_output(sp.kve,        no_partial("kve", "v"), kve_slope, on=(ORDER, POSITIVE))

# ---- scaled by a modulus: real arguments only ----------------------------------------------------------------------------

real = "its scale exp(-|Re z|) or exp(-|Im z|) is not holomorphic; use the function without scaling"

of_input (sp.ive,        no_partial("ive", "v"), lambda xp, v, x: ive_slope(xp, sp.ive(v, x), v, x), on=(ORDER, POSITIVE),
          if_complex=real_only("ive", real))
of_input (sp.jve,        no_partial("jve", "v"), lambda xp, v, x: (sp.jve(v - 1, x) - sp.jve(v + 1, x)) / 2, on=(ORDER, POSITIVE),
          if_complex=real_only("jve", real))
of_input (sp.yve,        no_partial("yve", "v"), lambda xp, v, x: (sp.yve(v - 1, x) - sp.yve(v + 1, x)) / 2, on=(ORDER, POSITIVE),
          if_complex=real_only("yve", real))

# ---- e^(∓ix)·H: the terms cancel for large x -----------------------------------------------------------------------------

of_output(sp.hankel1e,   no_partial("hankel1e", "v"),
          lambda xp, out, v, x: (sp.hankel1e(v - 1, x) - sp.hankel1e(v + 1, x)) / 2 - 1j * out, on=(ORDER, POSITIVE))
of_output(sp.hankel2e,   no_partial("hankel2e", "v"),
          lambda xp, out, v, x: (sp.hankel2e(v - 1, x) - sp.hankel2e(v + 1, x)) / 2 + 1j * out, on=(ORDER, POSITIVE))

# ---- Airy functions times exp(±(2/3)x√x): likewise -----------------------------------------------------------------------


def airye_slope(xp: Any, out: Any, x: Any) -> Any:
    """eAi′ = eAip + √x·eAi and so on; Bi is not scaled for x < 0, where SciPy has no scaled Ai."""
    if is_complex(x):
        real_only("airye", "Bi is scaled by a modulus, which has no complex derivative; use scipy.special.airy")()
    ai, aip, bi, bip = out
    root = xp.sqrt(x)
    right = xp.sqrt(xp.where(x > 0, x, 0))
    return aip + root * ai, x * ai + root * aip, bip - right * bi, x * bi - right * bip


of_output(sp.airye,      airye_slope, on=POSITIVE)
