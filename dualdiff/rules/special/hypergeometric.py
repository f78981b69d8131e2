"""Hypergeometric functions in their argument (DLMF 13.3, 15.5, 16.3), and functions that solve a linear equation of n = 2.

None has a derivative in closed form in its parameters.
"""

from __future__ import annotations

import math

from dualdiff.rules.domain import POSITIVE, REAL, SYMMETRIC_UNIT, Domain
from dualdiff.rules.special.common import no_partial, of_input, of_output, sp

PARAMETER = Domain(0.1, 20.0)
WHOLE = Domain(1, 10, True)
DEGREE = math.pi / 180

of_input (sp.hyp0f1,  no_partial("hyp0f1", "v"),
                      lambda xp, v, z: sp.hyp0f1(v + 1, z) / v, on=(PARAMETER, REAL))
of_input (sp.hyp1f1,  no_partial("hyp1f1", "a"), no_partial("hyp1f1", "b"),
                      lambda xp, a, b, z: a / b * sp.hyp1f1(a + 1, b + 1, z), on=(PARAMETER, PARAMETER, REAL))
of_input (sp.hyp2f1,  no_partial("hyp2f1", "a"), no_partial("hyp2f1", "b"), no_partial("hyp2f1", "c"),
                      lambda xp, a, b, c, z: a * b / c * sp.hyp2f1(a + 1, b + 1, c + 1, z),
          on=(PARAMETER, PARAMETER, PARAMETER, SYMMETRIC_UNIT))
of_input (sp.hyperu,  no_partial("hyperu", "a"), no_partial("hyperu", "b"),
                      lambda xp, a, b, x: -a * sp.hyperu(a + 1, b + 1, x), on=(PARAMETER, PARAMETER, POSITIVE))

# Wright's generalized Bessel function Σ xᵏ/(k!·Γ(ak + b)), and its logarithm
of_input (sp.wright_bessel, no_partial("wright_bessel", "a"), no_partial("wright_bessel", "b"),
                            lambda xp, a, b, x: sp.wright_bessel(a, a + b, x), on=(PARAMETER, PARAMETER, POSITIVE))
if hasattr(sp, "log_wright_bessel"):  # SciPy 1.14
    of_output(sp.log_wright_bessel, no_partial("log_wright_bessel", "a"), no_partial("log_wright_bessel", "b"),
              lambda xp, out, a, b, x: xp.exp(sp.log_wright_bessel(a, a + b, x) - out), on=(PARAMETER, PARAMETER, POSITIVE))

# Parabolic cylinder functions with their own slopes (DLMF 12.2): y″ = (x²/4 − v − 1/2)·y, and W″ = (a − x²/4)·W
for cylinder in (sp.pbdv, sp.pbvv):
    of_output(cylinder, no_partial(cylinder.__name__, "v"),
              lambda xp, out, v, x: (out[1], (x * x / 4 - v - 0.5) * out[0]), on=(PARAMETER, REAL))
of_output(sp.pbwa,    no_partial("pbwa", "a"), lambda xp, out, a, x: (out[1], (a - x * x / 4) * out[0]), on=(PARAMETER, REAL))

# Mathieu functions with their own slopes (DLMF 28.2, 28.20): x in degrees and y″ = (2q·cos 2x − a)·y;
# the modified ones in x itself and y″ = (a − 2q·cosh 2x)·y with the sign turned
for name, value in (("cem", sp.mathieu_a), ("sem", sp.mathieu_b)):
    function = getattr(sp, f"mathieu_{name}")
    of_output(function, no_partial(f"mathieu_{name}", "m"), no_partial(f"mathieu_{name}", "q"),
              lambda xp, out, m, q, x, value=value: (
                  DEGREE * out[1], DEGREE * (2 * q * xp.cos(2 * DEGREE * x) - value(m, q)) * out[0]),
              on=(WHOLE, POSITIVE, REAL))
for kind in ("modcem1", "modcem2", "modsem1", "modsem2"):
    function, value = getattr(sp, f"mathieu_{kind}"), sp.mathieu_a if "cem" in kind else sp.mathieu_b
    of_output(function, no_partial(f"mathieu_{kind}", "m"), no_partial(f"mathieu_{kind}", "q"),
              lambda xp, out, m, q, x, value=value: (out[1], (value(m, q) - 2 * q * xp.cosh(2 * x)) * out[0]),
              on=(WHOLE, POSITIVE, POSITIVE))

# Legendre functions of any degree (DLMF 14.10.5); ill-conditioned beside x = ±1
of_output(sp.lpmv,    no_partial("lpmv", "m"), no_partial("lpmv", "v"),
                      lambda xp, out, m, v, x: (v * x * out - (v + m) * sp.lpmv(m, v - 1, x)) / ((x - 1) * (x + 1)),
          on=(WHOLE, PARAMETER, SYMMETRIC_UNIT))
