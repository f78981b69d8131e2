"""The ufuncs of scipy.special for mpmath's numbers, under SciPy's names and argument conventions.

SciPy's elliptic integrals take the parameter m as mpmath's do; its incomplete gamma and beta functions are regularized.
"""

from __future__ import annotations

from typing import Any

from mpmath import (  # noqa: F401  (the names are the interface)
    airyai,
    airybi,
    beta,
    cbrt,
    ellipe,
    ellipf,
    ellipk,
    erf,
    erfc,
    erfi,
    erfinv,
    expint,
    expm1,
    gamma,
    hyp0f1,
    hyp1f1,
    hyp2f1,
    mp,
    rgamma,
    zeta,
)
from mpmath import besseli as iv  # noqa: F401
from mpmath import besselj as jv
from mpmath import besselk as kv
from mpmath import bessely as yv
from mpmath import ellipe as ellipeinc  # noqa: F401
from mpmath import ellipf as ellipkinc  # noqa: F401
from mpmath import struveh as struve  # noqa: F401
from mpmath import struvel as modstruve  # noqa: F401

kn, yn, jn, expn = kv, yv, jv, expint
poch, binom, log1p = mp.rf, mp.binomial, mp.log1p


# ---- gamma, beta, zeta ---------------------------------------------------------------------------------------------------

def gammaln(x: Any) -> Any:
    return mp.re(mp.loggamma(x))


def loggamma(x: Any) -> Any:
    return mp.loggamma(x)


def gammasgn(x: Any) -> Any:
    return mp.sign(mp.gamma(x))


def psi(x: Any) -> Any:
    return mp.psi(0, x)


digamma = psi


def gammaincc(a: Any, x: Any) -> Any:
    return mp.gammainc(a, x, mp.inf, regularized=True)


def gammainc(a: Any, x: Any) -> Any:
    return mp.gammainc(a, 0, x, regularized=True)


def betaln(a: Any, b: Any) -> Any:
    return mp.log(abs(mp.beta(a, b)))


def betainc(a: Any, b: Any, x: Any) -> Any:
    return mp.betainc(a, b, 0, x, regularized=True)


def betaincc(a: Any, b: Any, x: Any) -> Any:
    return mp.betainc(a, b, x, 1, regularized=True)


def zetac(x: Any) -> Any:
    return mp.zeta(x) - 1


# ---- Bessel functions of fixed or scaled kind ----------------------------------------------------------------------------

def j0(x: Any) -> Any:
    return mp.besselj(0, x)


def j1(x: Any) -> Any:
    return mp.besselj(1, x)


def y0(x: Any) -> Any:
    return mp.bessely(0, x)


def y1(x: Any) -> Any:
    return mp.bessely(1, x)


def i0(x: Any) -> Any:
    return mp.besseli(0, x)


def i1(x: Any) -> Any:
    return mp.besseli(1, x)


def k0(x: Any) -> Any:
    return mp.besselk(0, x)


def k1(x: Any) -> Any:
    return mp.besselk(1, x)


def ive(v: Any, x: Any) -> Any:
    return mp.besseli(v, x) * mp.exp(-abs(mp.re(x)))


def kve(v: Any, x: Any) -> Any:
    return mp.besselk(v, x) * mp.exp(x)


def i0e(x: Any) -> Any:
    return ive(0, x)


def i1e(x: Any) -> Any:
    return ive(1, x)


def k0e(x: Any) -> Any:
    return kve(0, x)


def k1e(x: Any) -> Any:
    return kve(1, x)


def airy(x: Any) -> Any:
    return airyai(x), airyai(x, derivative=1), airybi(x), airybi(x, derivative=1)


# ---- error functions and relatives ---------------------------------------------------------------------------------------

def erfcx(x: Any) -> Any:
    return mp.exp(x * x) * mp.erfc(x)


def erfcinv(y: Any) -> Any:
    return mp.erfinv(1 - y)


def ndtr(x: Any) -> Any:
    return mp.ncdf(x)


def log_ndtr(x: Any) -> Any:
    return mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)


def ndtri(p: Any) -> Any:
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


def dawsn(x: Any) -> Any:
    return mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)


def fresnel(x: Any) -> Any:
    return mp.fresnels(x), mp.fresnelc(x)


# ---- exponential, trigonometric and logarithmic integrals ----------------------------------------------------------------

def exp1(x: Any) -> Any:
    return mp.e1(x)


def expi(x: Any) -> Any:
    return mp.ei(x)


def sici(x: Any) -> Any:
    return mp.si(x), mp.ci(x)


def shichi(x: Any) -> Any:
    return mp.shi(x), mp.chi(x)


def spence(z: Any) -> Any:
    return mp.polylog(2, 1 - z)


# ---- elementary functions in other clothes -------------------------------------------------------------------------------

def expit(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def logit(p: Any) -> Any:
    return mp.log(p / (1 - p))


def log_expit(x: Any) -> Any:
    return -mp.log1p(mp.exp(-x))


def exp2(x: Any) -> Any:
    return mp.power(2, x)


def exp10(x: Any) -> Any:
    return mp.power(10, x)


def exprel(x: Any) -> Any:
    return mp.expm1(x) / x if x else mp.mpf(1)


def cosm1(x: Any) -> Any:
    return -2 * mp.sin(x / 2) ** 2


def xlogy(x: Any, y: Any) -> Any:
    return mp.mpf(0) if x == 0 and y == y else x * mp.log(y)


def xlog1py(x: Any, y: Any) -> Any:
    return mp.mpf(0) if x == 0 and y == y else x * mp.log1p(y)


def sindg(x: Any) -> Any:
    return mp.sin(x * mp.pi / 180)


def cosdg(x: Any) -> Any:
    return mp.cos(x * mp.pi / 180)


def tandg(x: Any) -> Any:
    return mp.tan(x * mp.pi / 180)


def entr(x: Any) -> Any:
    return -x * mp.log(x) if x > 0 else mp.mpf(0) if x == 0 else -mp.inf


def rel_entr(x: Any, y: Any) -> Any:
    return x * mp.log(x / y) if x > 0 and y > 0 else mp.mpf(0) if x == 0 and y >= 0 else mp.inf


def kl_div(x: Any, y: Any) -> Any:
    return rel_entr(x, y) - x + y


def huber(delta: Any, r: Any) -> Any:
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


def pseudo_huber(delta: Any, r: Any) -> Any:
    return delta * delta * (mp.sqrt(1 + (r / delta) ** 2) - 1)


def agm(a: Any, b: Any) -> Any:
    return mp.agm(a, b)


def ellipkm1(p: Any) -> Any:
    return mp.ellipk(1 - p)


def boxcox(x: Any, lmbda: Any) -> Any:
    return mp.expm1(lmbda * mp.log(x)) / lmbda if lmbda else mp.log(x)


def boxcox1p(x: Any, lmbda: Any) -> Any:
    return boxcox(1 + x, lmbda)
