"""Elliptic integrals and functions, by Carlson's symmetric integrals, whose combinations do not cancel (DLMF 19.25).

The parameter is m = k².
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, REAL, UNIT, Domain
from dualdiff.rules.special.common import of_input, of_output, sp
from dualdiff.rules.table import composite

BELOW_ONE = Domain(-math.inf, 1.0)

# ---- complete integrals --------------------------------------------------------------------------------------------------


def ellipk_slope(xp: Any, m: Any) -> Any:
    """(E/(1 − m) − K)/(2m) = R_D(0, 1, 1 − m)/6."""
    return sp.elliprd(0.0, 1.0, 1 - m) * (1 / 6)


def ellipe_slope(xp: Any, m: Any) -> Any:
    """(E − K)/(2m) = −R_D(0, 1 − m, 1)/6."""
    return sp.elliprd(0.0, 1 - m, 1.0) * (-1 / 6)


of_input (sp.ellipk,      ellipk_slope, on=BELOW_ONE)
of_input (sp.ellipe,      ellipe_slope, on=BELOW_ONE)
of_input (sp.ellipkm1,    lambda xp, p: sp.elliprd(0.0, 1.0, p) * (-1 / 6), on=POSITIVE)

# ---- incomplete integrals ------------------------------------------------------------------------------------------------
#
# φ = nπ + r with |r| ≤ π/2: F(φ) = 2nK + F(r), and with s = sin r the derivatives in m are those of s·R_F(c², 1 − ms², 1).


def reduced(xp: Any, phi: Any, m: Any) -> tuple[Any, Any, Any, Any]:
    """n, sin r, cos² r and 1 − m·sin² r."""
    n = np.rint(base(phi) / math.pi)
    s, c = xp.sin(phi), xp.cos(phi)
    s = s * np.where(np.fmod(n, 2) == 0, 1.0, -1.0).astype(np.result_type(base(s)))[()]
    return n, s, c * c, 1 - m * (s * s)


def with_turns(xp: Any, n: Any, once: Any, slope: Any) -> Any:
    """``once`` plus 2n times the slope of the complete integral."""
    return once if not np.any(n) else once + xp.where(n == 0, 0, 2 * n * slope)


def ellipkinc_by_m(xp: Any, phi: Any, m: Any) -> Any:
    n, s, c2, delta2 = reduced(xp, phi, m)
    return with_turns(xp, n, s * s * s * sp.elliprd(c2, 1.0, delta2) * (1 / 6), ellipk_slope(xp, m))


def ellipeinc_by_m(xp: Any, phi: Any, m: Any) -> Any:
    n, s, c2, delta2 = reduced(xp, phi, m)
    return with_turns(xp, n, s * s * s * sp.elliprd(c2, delta2, 1.0) * (-1 / 6), ellipe_slope(xp, m))


def delta(xp: Any, phi: Any, m: Any) -> Any:
    """√(1 − m·sin² φ) = √(cos² φ + (1 − m)·sin² φ), which keeps its digits where m·sin² φ is nearly 1."""
    s, c = xp.sin(phi), xp.cos(phi)
    return xp.sqrt(c * c + (1 - m) * (s * s))


of_input (sp.ellipkinc,   lambda xp, phi, m: 1 / delta(xp, phi, m), ellipkinc_by_m, on=(REAL, BELOW_ONE))
of_input (sp.ellipeinc,   lambda xp, phi, m: delta(xp, phi, m),     ellipeinc_by_m, on=(REAL, BELOW_ONE))

# ---- Jacobi's elliptic functions (DLMF 22.13): the amplitude φ solves F(φ|m) = u -----------------------------------------


def ellipj_by_u(xp: Any, out: Any, u: Any, m: Any) -> Any:
    sn, cn, dn, _ = out
    return cn * dn, -sn * dn, -m * sn * cn, dn


def ellipj_by_m(xp: Any, out: Any, u: Any, m: Any) -> Any:
    sn, cn, dn, phi = out
    slope = -dn * ellipkinc_by_m(xp, phi, m)
    return cn * slope, -sn * slope, -sn * (sn + 2 * m * cn * slope) / (2 * dn), slope


of_output(sp.ellipj,      ellipj_by_u, ellipj_by_m, on=(REAL, UNIT))

# ---- Carlson's integrals (DLMF 19.18) and the arithmetic–geometric mean --------------------------------------------------


def carlson_rd(x: Any, y: Any, z: Any) -> Any:
    """R_D by duplication (DLMF 19.36.2; B. C. Carlson, Numer. Algorithms 10 (1995) 13), for its derivatives.

    Each step brings the arguments four times closer to one another (and first takes the root of their ratios), so that in the
    end the series is exact and so are its derivatives. The closed form of ∂R_D/∂x, a difference of two R_D, would cancel where
    two arguments are near each other.
    """
    total, factor = 0.0, 1.0
    for _ in range(22):
        root_x, root_y, root_z = np.sqrt(x), np.sqrt(y), np.sqrt(z)
        turn = root_x * root_y + root_y * root_z + root_z * root_x
        total = total + factor / (root_z * (z + turn))
        factor = factor / 4
        x, y, z = (x + turn) / 4, (y + turn) / 4, (z + turn) / 4
    mean = (x + y + 3 * z) / 5
    a, b = (mean - x) / mean, (mean - y) / mean
    c = -(a + b) / 3
    e2, e3 = a * b - 6 * c * c, (3 * a * b - 8 * c * c) * c
    return 3 * total + factor * (1 - 3 * e2 / 14 + e3 / 6) / (mean * np.sqrt(mean))


of_input (sp.elliprf,     lambda xp, x, y, z: sp.elliprd(y, z, x) * (-1 / 6),
                          lambda xp, x, y, z: sp.elliprd(z, x, y) * (-1 / 6),
                          lambda xp, x, y, z: sp.elliprd(x, y, z) * (-1 / 6), on=POSITIVE)
of_input (sp.elliprc,     lambda xp, x, y: sp.elliprd(y, y, x) * (-1 / 6),
                          lambda xp, x, y: sp.elliprd(x, y, y) * (-1 / 3), on=POSITIVE)
of_input (sp.elliprg,     lambda xp, x, y, z: (3 * sp.elliprf(x, y, z) - x * sp.elliprd(y, z, x)) / 12,
                          lambda xp, x, y, z: (3 * sp.elliprf(x, y, z) - y * sp.elliprd(z, x, y)) / 12,
                          lambda xp, x, y, z: (3 * sp.elliprf(x, y, z) - z * sp.elliprd(x, y, z)) / 12, on=POSITIVE)
composite(sp.elliprd,     carlson_rd)


def agm_slope(xp: Any, out: Any, a: Any, b: Any) -> Any:
    """M = (π/2)/R_F(0, a², b²), so ∂M/∂a = (2/(3π))·(M/a)²·R_D(0, (b/a)², 1)."""
    mean, ratio = out / a, b / a
    return sp.elliprd(0.0, ratio * ratio, 1.0) * (mean * mean) * (2 / (3 * math.pi))


of_output(sp.agm,         agm_slope, lambda xp, out, a, b: agm_slope(xp, out, b, a), on=POSITIVE)
