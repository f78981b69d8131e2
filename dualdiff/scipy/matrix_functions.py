"""Functions of a matrix: the exponential, the logarithm, the square root, and those made of exponentials.

Sources: R. Mathias, "A chain rule for matrix functions and applications" (1996), f([[A, T], [0, A]]) = [[f(A), L], [0, f(A)]] with
L the derivative of f at A along T; A. H. Al-Mohy and N. J. Higham, "Computing the Fréchet derivative of the matrix
exponential" (2009), which is SciPy's `expm_frechet`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from dualdiff.arguments import highest
from dualdiff.numbers import base
from dualdiff.rules.matrices import array, each
from dualdiff.rules.table import matrix
from dualdiff.rules.transposes import TRANSPOSES
from dualdiff.scipy.namespace import Function, following

sl: Any = scipy.linalg
FUNCTIONS = {function: following(function) for function in (
    sl.expm, sl.logm, sl.sqrtm, sl.cosm, sl.sinm, sl.tanm, sl.coshm, sl.sinhm, sl.tanhm)}
expm, logm, sqrtm, cosm, sinm, tanm, coshm, sinhm, tanhm = FUNCTIONS.values()


def size(a: Any) -> Any:
    """The largest entry of each matrix."""
    return np.max(abs(base(a)), axis=(-2, -1), initial=0)


def by_blocks(function: Function) -> Function:
    """The derivative along t as a block of the function of a matrix of twice the size: it can be differentiated in turn."""
    def along(out: Any, t: Any, A: Any, *_: Any, **__: Any) -> Any:
        A, n = array(A), np.shape(A)[-1]
        scale = size(t)  # the function's accuracy would suffer from a t much larger than A
        scale = np.where(scale > 0, scale / np.maximum(size(A), 1e-3), 1)
        t = t / each(scale)
        blocks = np.concatenate([np.concatenate([A, t], -1), np.concatenate([0 * A, A], -1)], -2)
        slope = function(blocks)[..., :n, n:] * each(scale)
        return np.real(slope) if not np.iscomplexobj(out) and np.iscomplexobj(slope) else slope

    return along


def expm_along(out: Any, t: Any, A: Any) -> Any:
    if highest(t, A) is not None:
        return by_blocks(expm)(out, t, A)
    a = np.asarray(A, np.result_type(A, t, np.float32))
    slope = np.empty(t.shape, np.result_type(a, np.float64))
    for i in np.ndindex(*t.shape[:-2]):
        slope[i] = sl.expm_frechet(a[i], t[i], compute_expm=False)
    return slope.astype(out.dtype)


def transposed(along: Function) -> Function:
    """With the matrix transposed: of the terms Aᵏ t Aˡ of which the derivative is made, the transposes are (Aᵀ)ᵏ c (Aᵀ)ˡ."""
    return lambda c, A, *args, **kwargs: along(c, c, array(A).mT)


for scipys, ours in FUNCTIONS.items():
    derivative = expm_along if scipys is sl.expm else by_blocks(ours)
    matrix(scipys, A=derivative)
    TRANSPOSES[scipys] = {"A": transposed(derivative)}
