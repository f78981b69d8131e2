"""The ufuncs of scipy.special that cannot be differentiated, with the reason: a compact list, by name, since releases differ."""

from __future__ import annotations

from dualdiff.rules.special.common import hidden, sp
from dualdiff.rules.table import refused

PARAMETER = ("its result or its arguments are parameters (a shape, a count, degrees of freedom) in which the distribution has no "
             "derivative in closed form")
SERIES = "its derivative is an infinite series and no function of scipy.special; use mpmath"
ZETA = "the zeta function has no derivative in closed form in its argument; use mpmath.zeta(x, derivative=1)"
SPHEROIDAL = "spheroidal wave functions have no derivative in closed form in their parameters"

REASONS = {
    "bdtrik bdtrin btdtria btdtrib chdtriv chndtridf chndtrinc fdtridfd gdtrib nbdtrik nbdtrin pdtrik stdtridf": PARAMETER,
    "ncfdtr ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc nctdtr nctdtridf nctdtrinc nctdtrit": SERIES,
    "kolmogorov kolmogi smirnov smirnovi": SERIES,
    "zetac": ZETA,
    "tklmbda": "SciPy inverts the quantile function by bisection; differentiate that, (p**lam - (1 - p)**lam)/lam, instead",
    "elliprj": "its partials are combinations of Carlson's integrals that lose their digits where two arguments are near each "
               "other; elliprf, elliprc, elliprd and elliprg can be differentiated",
    "mathieu_a mathieu_b": "the characteristic values of Mathieu's equation have no derivative in closed form",
    "obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv": SPHEROIDAL,
    "pro_ang1 pro_ang1_cv pro_cv pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv": SPHEROIDAL,
    "sph_harm": "SciPy has withdrawn it; write it with lpmv and exp",
}

for names, reason in REASONS.items():
    refused(reason, *(getattr(sp, name) for name in names.split() if hasattr(sp, name)))
refused(ZETA, hidden._riemann_zeta)
