"""Orthogonal polynomials in their argument (DLMF 18.9.15 to 18.9.26): the derivative is a polynomial of the degree below.

The degree need not be whole (the functions are then hypergeometric); in it and in the other parameters there is no closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.rules.domain import POSITIVE, REAL, SYMMETRIC_UNIT, UNIT, Domain
from dualdiff.rules.special.common import no_partial, of_input, sp

DEGREE = Domain(0, 20, True)
PARAMETER = Domain(0.1, 5.0)


def whole(n: Any) -> Any:
    """Whole degrees as integers, for which SciPy has recurrences."""
    n = np.asarray(n)
    return n.astype(np.int64) if n.dtype.kind != "f" or np.all(np.isfinite(n) & (n == np.rint(n))) else n


def in_x(function: np.ufunc, parameters: str, slope: Callable[..., Any], on: Domain) -> None:
    """Declare ``slope(n − 1, *parameters, x, n)`` as the partial in x; it is 0 at n = 0."""
    def partial(xp: Any, n: Any, *others: Any) -> Any:
        n = whole(base(n))
        constant = n == 0
        return xp.where(constant, 0, slope(np.where(constant, 1, n)[()] - 1, *others, n))

    names = parameters.split()
    domains = (DEGREE, *(PARAMETER for _ in names[1:]), on)
    of_input(function, *(no_partial(function.__name__, name) for name in names), partial, on=domains)


in_x(sp.eval_legendre,     "n",            lambda k, x, n: sp.eval_gegenbauer(k, 1.5, x),                    SYMMETRIC_UNIT)
in_x(sp.eval_chebyt,       "n",            lambda k, x, n: n * sp.eval_chebyu(k, x),                         SYMMETRIC_UNIT)
in_x(sp.eval_chebyu,       "n",            lambda k, x, n: 2 * sp.eval_gegenbauer(k, 2.0, x),                SYMMETRIC_UNIT)
in_x(sp.eval_chebyc,       "n",            lambda k, x, n: n * sp.eval_chebys(k, x),                         Domain(-2.0, 2.0))
in_x(sp.eval_chebys,       "n",            lambda k, x, n: sp.eval_gegenbauer(k, 2.0, x / 2),                Domain(-2.0, 2.0))
in_x(sp.eval_sh_legendre,  "n",            lambda k, x, n: 2 * sp.eval_gegenbauer(k, 1.5, 2 * x - 1),        UNIT)
in_x(sp.eval_sh_chebyt,    "n",            lambda k, x, n: 2 * n * sp.eval_sh_chebyu(k, x),                  UNIT)
in_x(sp.eval_sh_chebyu,    "n",            lambda k, x, n: 4 * sp.eval_gegenbauer(k, 2.0, 2 * x - 1),        UNIT)
in_x(sp.eval_gegenbauer,   "n alpha",      lambda k, a, x, n: 2 * a * sp.eval_gegenbauer(k, a + 1, x),       SYMMETRIC_UNIT)
in_x(sp.eval_jacobi,       "n alpha beta", lambda k, a, b, x, n: (n + a + b + 1) / 2 * sp.eval_jacobi(k, a + 1, b + 1, x),
     SYMMETRIC_UNIT)
in_x(sp.eval_sh_jacobi,    "n p q",        lambda k, p, q, x, n: n * sp.eval_sh_jacobi(k, p + 2, q + 1, x),  UNIT)
in_x(sp.eval_laguerre,     "n",            lambda k, x, n: -sp.eval_genlaguerre(k, 1.0, x),                  POSITIVE)
in_x(sp.eval_genlaguerre,  "n alpha",      lambda k, a, x, n: -sp.eval_genlaguerre(k, a + 1, x),             POSITIVE)
in_x(sp.eval_hermite,      "n",            lambda k, x, n: 2 * n * sp.eval_hermite(k, x),                    REAL)
in_x(sp.eval_hermitenorm,  "n",            lambda k, x, n: n * sp.eval_hermitenorm(k, x),                    REAL)
