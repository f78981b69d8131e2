"""Kelvin functions (DLMF 10.61): w = ber + i·bei and w = ker + i·kei solve w″ + w′/x = i·w.

At x = 0 the second derivatives of ber and bei are nan (0/0).
"""

from __future__ import annotations

from dualdiff.rules.domain import POSITIVE
from dualdiff.rules.special.common import of_input, of_output, sp

of_input (sp.ber,    lambda xp, x: sp.berp(x))
of_input (sp.bei,    lambda xp, x: sp.beip(x))
of_input (sp.ker,    lambda xp, x: sp.kerp(x), on=POSITIVE)
of_input (sp.kei,    lambda xp, x: sp.keip(x), on=POSITIVE)
of_output(sp.berp,   lambda xp, out, x: -sp.bei(x) - out / x)
of_output(sp.beip,   lambda xp, out, x: sp.ber(x) - out / x)
of_output(sp.kerp,   lambda xp, out, x: -sp.kei(x) - out / x, on=POSITIVE)
of_output(sp.keip,   lambda xp, out, x: sp.ker(x) - out / x, on=POSITIVE)
of_output(sp.kelvin, lambda xp, out, x: (out[2], out[3], 1j * out[0] - out[2] / x, 1j * out[1] - out[3] / x), on=POSITIVE)
