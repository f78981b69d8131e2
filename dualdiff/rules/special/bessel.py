"""Bessel functions (DLMF 10.6, 10.29), Airy functions (9.2) and Struve functions (11.4).

The order's derivative has no closed form. The forms with Cᵥ₋₁ and Cᵥ₊₁ are used rather than those with (v/x)·Cᵥ: they hold at
x = 0 too, at every derivative.
"""

from __future__ import annotations

import math
from typing import Any

from dualdiff.rules.domain import POSITIVE, Domain
from dualdiff.rules.special.common import Function, no_partial, of_input, of_output, polynomial, sp

ORDER = Domain(-10.0, 10.0)
WHOLE = Domain(0, 20, True)


def by_neighbours(function: Function, lower: float, upper: float) -> Function:
    """(±fᵥ₋₁ ± fᵥ₊₁)/2, the partial in x of an ``f(v, x)``."""
    return lambda xp, v, x: lower / 2 * function(v - 1, x) + upper / 2 * function(v + 1, x)


NEAR = [(2 * k + 1) / (2 * 4**k * math.factorial(k) * math.factorial(k + 1)) for k in range(11)]


def first_kind_slope(xp: Any, zeroth: Any, y: Any, x: Any, sign: int) -> Any:
    """J₀ − J₁/x (sign −1) or I₀ − I₁/x (1); near 0 the series (DLMF 10.2.2), which holds at 0 at every derivative."""
    near = abs(x) < 1
    u = xp.where(near, x, 0)
    return xp.where(near, polynomial(NEAR, sign * u * u), zeroth - y / xp.where(near, 1, x))


of_input (sp.j0,         lambda xp, x: -sp.j1(x))
of_output(sp.j1,         lambda xp, y, x: first_kind_slope(xp, sp.j0(x), y, x, -1))
of_input (sp.y0,         lambda xp, x: -sp.y1(x), on=POSITIVE)
of_output(sp.y1,         lambda xp, y, x: sp.y0(x) - y / x, on=POSITIVE)
of_input (sp.i0,         lambda xp, x: sp.i1(x))
of_output(sp.i1,         lambda xp, y, x: first_kind_slope(xp, sp.i0(x), y, x, 1))
of_input (sp.k0,         lambda xp, x: -sp.k1(x), on=POSITIVE)
of_output(sp.k1,         lambda xp, y, x: -sp.k0(x) - y / x, on=POSITIVE)

of_input (sp.jv,         no_partial("jv", "v"),      by_neighbours(sp.jv, 1, -1),      on=(ORDER, POSITIVE))
of_input (sp.yv,         no_partial("yv", "v"),      by_neighbours(sp.yv, 1, -1),      on=(ORDER, POSITIVE))
of_input (sp.iv,         no_partial("iv", "v"),      by_neighbours(sp.iv, 1, 1),       on=(ORDER, POSITIVE))
of_input (sp.kv,         no_partial("kv", "v"),      by_neighbours(sp.kv, -1, -1),     on=(ORDER, POSITIVE))
of_input (sp.yn,         no_partial("yn", "n"),      by_neighbours(sp.yv, 1, -1),      on=(WHOLE, POSITIVE))
of_input (sp.kn,         no_partial("kn", "n"),      by_neighbours(sp.kv, -1, -1),     on=(WHOLE, POSITIVE))
of_input (sp.hankel1,    no_partial("hankel1", "v"), by_neighbours(sp.hankel1, 1, -1), on=(ORDER, POSITIVE))
of_input (sp.hankel2,    no_partial("hankel2", "v"), by_neighbours(sp.hankel2, 1, -1), on=(ORDER, POSITIVE))

# ---- Airy functions: f″ = x·f --------------------------------------------------------------------------------------------

of_output(sp.airy,       lambda xp, out, x: (out[1], x * out[0], out[3], x * out[2]))

# ---- Struve functions (DLMF 11.4.23 to 11.4.28) --------------------------------------------------------------------------


def struve_term(xp: Any, v: Any, x: Any) -> Any:
    """(x/2)ᵛ/(√π·Γ(v + 3/2)) = fᵥ₋₁ ± fᵥ₊₁ − 2f′ᵥ up to signs."""
    return xp.power(x / 2, v) * sp.rgamma(v + 1.5) * (1 / math.sqrt(math.pi))


def struve_slope(xp: Any, out: Any, v: Any, x: Any) -> Any:
    """(Hᵥ₋₁ − Hᵥ₊₁ + term)/2 near 0; Hᵥ₋₁ − (v/x)·Hᵥ beyond, where term and Hᵥ₊₁ would cancel."""
    near = abs(x) < 1
    u = xp.where(near, x, 0.5)
    smooth = (sp.struve(v - 1, u) - sp.struve(v + 1, u) + struve_term(xp, v, u)) / 2
    return xp.where(near, smooth, sp.struve(v - 1, x) - v / xp.where(near, 1, x) * out)


of_output(sp.struve,     no_partial("struve", "v"), struve_slope, on=(ORDER, POSITIVE))
of_input (sp.modstruve,  no_partial("modstruve", "v"),
          lambda xp, v, x: (sp.modstruve(v - 1, x) + sp.modstruve(v + 1, x) + struve_term(xp, v, x)) / 2, on=(ORDER, POSITIVE))
