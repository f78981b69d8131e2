"""What the rules of special functions share: how they are declared, and a few functions that keep their digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
import scipy.special

from dualdiff.errors import NotDifferentiableError
from dualdiff.numbers import base, floats, in_doubles, in_floats
from dualdiff.rules import table
from dualdiff.rules.domain import REAL, Domain

sp: Any = scipy.special
hidden: Any = scipy.special._ufuncs  # the ufuncs behind functions such as scipy.special.zeta and spherical_jn

Function = Callable[..., Any]
Domains = Domain | tuple[Domain, ...]


# ---- declarations --------------------------------------------------------------------------------------------------------

def of_input(function: Function, *partials: Any, on: Domains = REAL, if_complex: Function | None = None) -> None:
    """`table.of_input` for a function of SciPy's."""
    table.of_input(function, *map(by_numpy, partials), on=on, if_complex=if_complex)


def of_output(function: Function, *partials: Any, on: Domains = REAL) -> None:
    """`table.of_output` for a function of SciPy's."""
    table.of_output(function, *map(by_numpy, partials), on=on)


def by_numpy(partial: Any) -> Any:
    """``partial`` with floats served by numpy: SciPy's functions return NumPy numbers for them anyway."""
    if not callable(partial) or hasattr(partial, "unknown"):
        return partial

    @wraps(partial)
    def quiet(xp: Any, *values: Any) -> Any:
        if xp is not floats:
            return partial(xp, *values)
        with np.errstate(all="ignore"):
            return in_floats(partial(np, *map(in_doubles, values)))

    return quiet


def no_partial(function: str, argument: str) -> Function:
    """The refusal of a partial that has no closed form, by the function's and the argument's names."""
    return table.unknown_partial(
        f"scipy.special.{function} has no derivative in closed form in its argument {argument!r}; it can be differentiated in "
        f"its other arguments, with a plain number for {argument!r} (x.primal if it is meant to be constant)")


def real_only(name: str, reason: str) -> Function:
    """What stands in for a function of a complex variable that has no complex derivative."""

    def refuse(*_: Any) -> Any:
        raise NotDifferentiableError(f"scipy.special.{name} cannot be differentiated for complex input: {reason}")

    return refuse


# ---- functions -----------------------------------------------------------------------------------------------------------

def is_complex(x: Any) -> bool:
    return bool(np.iscomplexobj(base(x)))


def gauss(xp: Any, x: Any, scale: float) -> Any:
    """exp(scale·x²) for scale ±1 or ±1/2, to the last digits also where x² is large.

    The rounding of x² costs exp(x²) x² ulp. Here x = near + rest with near² exact, as in the error function of FreeBSD's msun.
    """
    if is_complex(x):
        return xp.exp(scale * (x * x))
    plain = base(x)
    if isinstance(plain, float):
        near: Any = round(float(plain) * 128) / 128 if abs(plain) < 64 else 0.0
    else:
        near = np.where(np.abs(plain) < 64, np.rint(plain * 128) / 128, 0)[()]
    return xp.exp(scale * (near * near)) * xp.exp(scale * ((x - near) * (x + near)))


def sin_pi(xp: Any, x: Any) -> Any:
    """sin(πx), exactly zero at whole x and accurate beside it."""
    n = np.rint(np.real(base(x)))
    return xp.sin(math.pi * (x - n)) * _parity(n, x)


def cos_pi(xp: Any, x: Any) -> Any:
    """cos(πx), exactly zero halfway between whole x."""
    n = np.rint(np.real(base(x)))
    r = x - n
    if is_complex(x):
        return xp.cos(math.pi * r) * _parity(n, x)
    near = abs(r) < 0.25
    return xp.where(near, xp.cos(math.pi * r), xp.sin(math.pi * (0.5 - abs(r)))) * _parity(n, x)


def _parity(n: Any, x: Any) -> Any:
    return (1 - 2 * np.abs(np.fmod(n, 2))).astype(np.result_type(base(x)))


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """c₀ + c₁x + c₂x² + …, by Horner's scheme."""
    total = coefficients[-1] + 0 * x
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def log_ratio(xp: Any, x: Any, y: Any) -> Any:
    """log(x/y), also where x/y is nearly 1."""
    near = abs(x - y) < 0.5 * abs(y)
    return xp.where(near, xp.log1p(xp.where(near, (x - y) / y, 0)), xp.log(x / y))
