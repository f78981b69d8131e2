"""Distribution functions and their inverses: the slope of a distribution is its density, that of an inverse one over it.

Counts (k) are rounded down by SciPy, so the functions are locally constant in them; in shapes and degrees of freedom they have
no derivative in closed form.
"""

from __future__ import annotations

from typing import Any

from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, REAL, UNIT, Domain
from dualdiff.rules.special.common import no_partial, of_input, of_output, sp
from dualdiff.rules.special.gamma_functions import beta_density, gamma_density

COUNT = Domain(0, 20, True)
TRIALS = Domain(21, 60, True)

# ---- binomial, negative binomial, Poisson --------------------------------------------------------------------------------


def binomial(xp: Any, k: Any, n: Any, p: Any) -> Any:
    return beta_density(xp, xp.floor(k) + 1.0, n - xp.floor(k), p, 1 - p)


def negative_binomial(xp: Any, k: Any, n: Any, p: Any) -> Any:
    return beta_density(xp, n + 0.0, k + 1.0, p, 1 - p)


def poisson(xp: Any, k: Any, m: Any) -> Any:
    return gamma_density(xp, xp.floor(k) + 1.0, m)


of_input (sp.bdtr,    0, no_partial("bdtr", "n"),   lambda xp, k, n, p: -binomial(xp, k, n, p), on=(COUNT, TRIALS, UNIT))
of_input (sp.bdtrc,   0, no_partial("bdtrc", "n"),  lambda xp, k, n, p: binomial(xp, k, n, p), on=(COUNT, TRIALS, UNIT))
of_output(sp.bdtri,   0, no_partial("bdtri", "n"),  lambda xp, p, k, n, y: -1 / binomial(xp, k, n, p), on=(COUNT, TRIALS, UNIT))
of_input (sp.nbdtr,   0, no_partial("nbdtr", "n"),  lambda xp, k, n, p: negative_binomial(xp, k, n, p), on=(COUNT, TRIALS, UNIT))
of_input (sp.nbdtrc,  0, no_partial("nbdtrc", "n"), lambda xp, k, n, p: -negative_binomial(xp, k, n, p), on=(COUNT, TRIALS, UNIT))
of_output(sp.nbdtri,  0, no_partial("nbdtri", "n"), lambda xp, p, k, n, y: 1 / negative_binomial(xp, k, n, p),
          on=(COUNT, TRIALS, UNIT))
of_input (sp.pdtr,    0, lambda xp, k, m: -poisson(xp, k, m), on=(COUNT, POSITIVE))
of_input (sp.pdtrc,   0, lambda xp, k, m: poisson(xp, k, m), on=(COUNT, POSITIVE))
of_output(sp.pdtri,   0, lambda xp, m, k, y: -1 / poisson(xp, k, m), on=(COUNT, UNIT))

# ---- gamma and chi-square ------------------------------------------------------------------------------------------------
#
# gdtr(a, b, x) = gammainc(b, ax): a function of ax.

of_input (sp.gdtr,    lambda xp, a, b, x: x * gamma_density(xp, b, a * x),  no_partial("gdtr", "b"),
                      lambda xp, a, b, x: a * gamma_density(xp, b, a * x), on=POSITIVE)
of_input (sp.gdtrc,   lambda xp, a, b, x: -x * gamma_density(xp, b, a * x), no_partial("gdtrc", "b"),
                      lambda xp, a, b, x: -a * gamma_density(xp, b, a * x), on=POSITIVE)
of_output(sp.gdtria,  lambda xp, a, p, b, x: 1 / (x * gamma_density(xp, b, a * x)), no_partial("gdtria", "b"),
                      lambda xp, a, p, b, x: -a / x, on=(UNIT, POSITIVE, POSITIVE))
of_output(sp.gdtrix,  lambda xp, x, a, b, p: -x / a, no_partial("gdtrix", "b"),
                      lambda xp, x, a, b, p: 1 / (a * gamma_density(xp, b, a * x)), on=(POSITIVE, POSITIVE, UNIT))

of_input (sp.chdtr,   no_partial("chdtr", "v"),  lambda xp, v, x: gamma_density(xp, v / 2, x / 2) / 2, on=POSITIVE)
of_input (sp.chdtrc,  no_partial("chdtrc", "v"), lambda xp, v, x: -gamma_density(xp, v / 2, x / 2) / 2, on=POSITIVE)
of_output(sp.chdtri,  no_partial("chdtri", "v"), lambda xp, x, v, p: -2 / gamma_density(xp, v / 2, x / 2), on=(POSITIVE, UNIT))


def noncentral(xp: Any, x: Any, df: Any, nc: Any) -> Any:
    """The density of the noncentral chi-square distribution: e^(−nc/2) times the central one times ₀F₁(; df/2; nc·x/4), or by
    e⁻ᶻI(z) where that would overflow."""
    small = base(nc) * base(x) < 100
    z = xp.sqrt(xp.where(small, 100, nc * x))
    ratio = xp.where(small, 1, x) / xp.where(small, 1, nc)
    root = (xp.sqrt(xp.where(small, 1, x)) - xp.sqrt(xp.where(small, 1, nc)))
    far = xp.exp(-root * root / 2) * xp.power(ratio, df / 4 - 0.5) * sp.ive(df / 2 - 1, z) / 2
    near = xp.exp(-nc / 2) * gamma_density(xp, df / 2, x / 2) / 2 * sp.hyp0f1(df / 2, xp.where(small, nc * x / 4, 0))
    return xp.where(small, near, far)


# ∂/∂nc of the distribution is −1 times the density with df + 2 (DasGupta and Perlman, JASA 69 (1974) 180).
of_input (sp.chndtr,  noncentral, no_partial("chndtr", "df"), lambda xp, x, df, nc: -noncentral(xp, x, df + 2, nc), on=POSITIVE)
of_output(sp.chndtrix, lambda xp, x, p, df, nc: 1 / noncentral(xp, x, df, nc), no_partial("chndtrix", "df"),
                       lambda xp, x, p, df, nc: noncentral(xp, x, df + 2, nc) / noncentral(xp, x, df, nc),
          on=(UNIT, POSITIVE, POSITIVE))

# ---- F and Student's t ---------------------------------------------------------------------------------------------------


def f_density(xp: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    total = dfd + dfn * x
    return beta_density(xp, dfn / 2, dfd / 2, dfn * x / total, dfd / total) * (dfn / total) * (dfd / total)


def t_density(xp: Any, df: Any, t: Any) -> Any:
    u = t * t / df
    return xp.exp(-(df + 1) / 2 * xp.log1p(u)) / (xp.sqrt(df + 0.0) * sp.beta(0.5, df / 2))


of_input (sp.fdtr,    no_partial("fdtr", "dfn"),  no_partial("fdtr", "dfd"),
                      lambda xp, m, n, x: f_density(xp, m, n, x), on=POSITIVE)
of_input (sp.fdtrc,   no_partial("fdtrc", "dfn"), no_partial("fdtrc", "dfd"),
                      lambda xp, m, n, x: -f_density(xp, m, n, x), on=POSITIVE)
of_output(sp.fdtri,   no_partial("fdtri", "dfn"), no_partial("fdtri", "dfd"),
                      lambda xp, x, m, n, p: 1 / f_density(xp, m, n, x), on=(POSITIVE, POSITIVE, UNIT))
of_input (sp.stdtr,   no_partial("stdtr", "df"),  lambda xp, df, t: t_density(xp, df, t), on=(POSITIVE, REAL))
of_output(sp.stdtrit, no_partial("stdtrit", "df"), lambda xp, t, df, p: 1 / t_density(xp, df, t), on=(POSITIVE, UNIT))
