"""SciPy for dual numbers: the same names, called the same way.

SciPy's ufuncs (``scipy.special.erf`` and some 200 others) dispatch on dual numbers by themselves. Its functions that are written in
Python convert their arguments to plain arrays; on a dual number they raise. Here they have rules: on plain arguments they are
SciPy's own functions, on dual numbers their values are SciPy's, to the bit, and derivatives of any order come along.

>>> import numpy as np
>>> import dualdiff as dd
>>> from dualdiff.scipy import linalg
>>> dd.derivative(lambda t: linalg.expm(t * np.array([[0.0, 1.0], [-1.0, 0.0]])))(0.0)
array([[ 0.,  1.],
       [-1.,  0.]])

What is not in these modules comes from SciPy itself: ``dualdiff.scipy.special.erf`` is ``scipy.special.erf``.

The table: "itself" says whether SciPy's own function takes dual numbers (yes; some: for some arguments or in some releases,
otherwise it raises; no: it raises), "here" whether ``dualdiff.scipy`` has it. In the arguments after it the derivative is known,
in those in brackets it is refused.

================================  ======  =====  =======================================================
function                          itself  here   in
================================  ======  =====  =======================================================
special.logsumexp                 no      yes    a, b
special.softmax                   some    yes    x
special.log_softmax               no      yes    x
special.softplus                  yes     yes    x
special.polygamma                 no      yes    x (n)
special.multigammaln              no      yes    a
special.comb                      no      yes    N, k (exact=True)
special.perm                      no      yes    N, k (exact=True)
special.factorial                 no      yes    n (exact=True)
special.lambertw                  yes     yes    z
special.zeta                      some    yes    q (x)
special.zetac                     no      no     – (x)
linalg.solve                      no      yes    a, b
linalg.solve_triangular           no      yes    a, b
linalg.cho_solve                  no      yes    c, b
linalg.lstsq                      no      yes    a, b
linalg.inv                        no      yes    a
linalg.pinv                       no      yes    a
linalg.det                        no      yes    a
linalg.norm                       some    yes    a
linalg.cholesky                   no      yes    a
linalg.cho_factor                 no      yes    a
linalg.lu                         no      yes    a
linalg.qr                         no      yes    a (pivoting=True)
linalg.eig                        no      yes    a (b, left=True)
linalg.eigvals                    no      yes    a (b)
linalg.eigh                       no      yes    a (b, complex eigenvectors)
linalg.eigvalsh                   no      yes    a (b)
linalg.svd                        no      yes    a
linalg.svdvals                    no      yes    a
linalg.expm                       no      yes    A
linalg.logm                       no      yes    A
linalg.sqrtm                      no      yes    A
linalg.cosm                       no      yes    A (sinm, tanm, coshm, sinhm and tanhm likewise)
linalg.polar                      no      no     – (a)
linalg.block_diag                 some    yes    its matrices
integrate.trapezoid               some    yes    y, x, dx
integrate.simpson                 some    yes    y, x, dx
integrate.cumulative_trapezoid    yes     yes    y, x, dx, initial
integrate.cumulative_simpson      some    yes    y, x, dx
integrate.quad                    no      no     – (what the integrand holds, the limits)
interpolate.CubicSpline           no      yes    y, and the point (x)
interpolate.PchipInterpolator     no      no     – (x, y, and the point)
================================  ======  =====  =======================================================
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dualdiff.scipy import integrate, interpolate, linalg, special

__all__ = ["integrate", "interpolate", "linalg", "special"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dualdiff.scipy' has no attribute {name!r}")
    return importlib.import_module(f"dualdiff.scipy.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
