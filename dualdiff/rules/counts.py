"""How many elementary operations a call takes: the table of counts that `dualdiff.cost` adds up.

One operation is one number computed by a multiplication, a division, an addition, or one elementary function. The counts are
exact, from the shapes, but for two groups that are conventions of their fields: a Fourier transform of N numbers counts
5 N log₂ N (half of it where one side is real; Frigo and Johnson, "The design and implementation of FFTW3", 2005), and a
factorisation the leading terms of its textbook algorithm (Golub and Van Loan, "Matrix Computations", 4th ed. 2013), LAPACK's own
counts differing from machine to machine. ``COUNTS[function](out, *args, **kwargs)`` counts one call, on plain values.

What moves or compares numbers counts nothing. An elementwise function of the table counts one for each number that it computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from math import log2, prod
from typing import Any

import numpy as np

from dualdiff.rules.kinds import Elementwise, Rule, argument, has_argument, with_argument
from dualdiff.rules.matrices import nan_where
from dualdiff.rules.moves import MOVES
from dualdiff.rules.norms import length, nuclear, polar
from dualdiff.rules.table import TABLE

Count = Callable[..., int]

FREE = MOVES | {np.roll, np.conjugate, np.real, np.imag, np.positive, np.maximum, np.minimum, np.fmax, np.fmin, nan_where}
"""Functions that move numbers, pick them, or turn a sign of theirs."""


def operations(rule: Rule, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | None:
    """The elementary operations of one call; None where they are not known."""
    if rule.function in FREE:
        return 0
    if rule.function in COUNTS:
        return COUNTS[rule.function](out, *args, **kwargs)
    return elementwise(out, **kwargs) if isinstance(rule, Elementwise) and is_elementary(rule.function) else None


def is_elementary(function: Any) -> bool:
    """Whether a function is one of the table, and not of a user's who gave it a rule (a ufunc made of a Python function)."""
    return function in TABLE and any(set(types) - set("O->") for types in getattr(function, "types", ["d"]))


def elementwise(out: Any, *_: Any, where: Any = True, **__: Any) -> int:
    """One for each number computed."""
    parts = out if isinstance(out, (list, tuple)) else (out,)
    return sum(int(np.count_nonzero(np.broadcast_to(where, np.shape(part)))) for part in parts)


# ---- sums and products: as many terms in each entry of the result as there are when all numbers are 1 --------------------


def total(terms: Any, factors: int) -> int:
    """k terms of so many factors take factors − 1 multiplications each, and k − 1 additions."""
    return int(np.sum(np.maximum(factors * np.asarray(terms) - 1, 0)))


def summed(function: Callable[..., Any], factors: int = 1) -> Count:
    """A function each entry of whose result is a sum of entries, or of products of entries."""
    def count(out: Any, *args: Any, **kwargs: Any) -> int:
        for name, position in TABLE[function].positions.items():  # type: ignore[attr-defined]
            if has_argument(args, kwargs, name, position):
                ones = np.ones(np.shape(argument(args, kwargs, name, position)))
                args, kwargs = with_argument(args, kwargs, name, position, ones)
        return total(function(*args, **{key: value for key, value in kwargs.items() if key != "dtype"}), factors)

    return count


def mean(out: Any, a: Any, axis: Any = None, dtype: Any = None, _: Any = None, keepdims: Any = False, *, where: Any = True) -> int:
    return total(np.sum(np.ones(np.shape(a)), axis=axis, where=where), 1) + np.size(out)


def einsum(out: Any, *args: Any, **_: Any) -> int:
    """As NumPy does it without ``optimize=``: one loop over all the indices."""
    places = range(1, len(args)) if isinstance(args[0], str) else range(0, len(args) - 1, 2)
    ones = [np.ones(np.shape(x)) if i in places else x for i, x in enumerate(args)]
    return total(np.einsum(*ones), len(places))


def cross(out: Any, a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> int:
    """Six products and three differences; the third entry of a vector of two is not there to be multiplied."""
    lengths = np.shape(a)[axisa if axis is None else axis], np.shape(b)[axisb if axis is None else axis]
    each = {(3, 3): 9, (2, 2): 3}.get(lengths, 6)
    return each * (np.size(out) if lengths == (2, 2) else np.size(out) // 3)


def multi_dot(out: Any, arrays: Sequence[Any], **_: Any) -> int:
    """In the order that takes the fewest multiplications."""
    shapes = [np.shape(x) for x in arrays]
    ends = [1 if len(shapes[0]) == 1 else shapes[0][0], *(shape[0] for shape in shapes[1:]),
            1 if len(shapes[-1]) == 1 else shapes[-1][1]]
    if len(shapes[0]) == 1:
        ends[1] = shapes[0][0]
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, 0) for i in range(len(shapes))}  # multiplications, operations
    for width in range(1, len(shapes)):
        for i in range(len(shapes) - width):
            j = i + width
            best[i, j] = min((left[0] + right[0] + ends[i] * ends[k] * ends[j + 1],
                              left[1] + right[1] + ends[i] * (2 * ends[k] - 1) * ends[j + 1])
                             for k in range(i + 1, j + 1) for left, right in [(best[i, k - 1], best[k, j])])
    return best[0, len(shapes) - 1][1]


# ---- running sums, differences, polynomials ------------------------------------------------------------------------------


def running(axis_unless_given: int | None) -> Count:
    def count(out: Any, a: Any, axis: Any = axis_unless_given, *_: Any, **__: Any) -> int:
        length = np.size(a) if axis is None else np.shape(a)[axis] if np.ndim(a) else 1
        return int(np.size(a) - np.size(a) // max(length, 1))

    return count


def diff(out: Any, a: Any, n: int = 1, axis: int = -1, *_: Any, **__: Any) -> int:
    """Each of the n rounds leaves one entry less along the axis, down to those of the result."""
    length = np.shape(out)[axis]
    lines = np.size(out) // max(length, 1)
    return int(sum((length + left) * lines for left in range(n)))


def polyder(out: Any, p: Any, m: int = 1) -> int:
    return sum(max(np.size(p) - k, 0) for k in range(1, m + 1))


# ---- Fourier transforms --------------------------------------------------------------------------------------------------


def transform(share: float, by_input: bool, default: tuple[int, ...] | None) -> Count:
    """``share``·N·log₂ N for each transform of N numbers: as many as go in (or are asked for), or as come out."""
    def count(out: Any, a: Any, s: Any = None, axes: Any = default, *_: Any, **__: Any) -> int:
        if axes is None:
            axes = range(np.ndim(a)) if s is None else range(-len(s), 0)
        asked = [None] * len(axes) if s is None else s
        lengths = [(np.shape(a)[i] if n in (None, -1) else n) if by_input else np.shape(out)[i] for n, i in zip(asked, axes)]
        together = prod(np.shape(out)[i] for i in axes)
        n = prod(lengths)
        return int(round(share * n * log2(n) * (np.size(out) // together))) if n > 1 and together else 0

    return count


def along_one_axis(share: float, by_input: bool) -> Count:
    whole = transform(share, by_input, None)
    return lambda out, a, n=None, axis=-1, *_, **__: whole(out, a, None if n is None else (n,), (axis,))


# ---- linear algebra: leading terms ---------------------------------------------------------------------------------------


def factorised(terms: Callable[[int, int], float]) -> Count:
    """``terms(m, n)`` of the longer and the shorter side, for each matrix of a stack."""
    def count(out: Any, a: Any, *_: Any, **__: Any) -> int:
        *stack, rows, columns = np.shape(a)
        return int(round(prod(stack) * terms(max(rows, columns), min(rows, columns))))

    return count


inverse, determinant = factorised(lambda m, n: 2 * n**3), factorised(lambda m, n: 2 / 3 * n**3)
values, thin, full = (factorised(terms) for terms in (
    lambda m, n: 2 * m * n**2 + 2 * n**3, lambda m, n: 6 * m * n**2 + 20 * n**3, lambda m, n: 4 * m**2 * n + 22 * n**3))


def solve(out: Any, a: Any, b: Any) -> int:
    """A factorisation for each matrix, and two triangular systems for each right-hand side."""
    n: int = np.shape(a)[-1]
    return determinant(out, a) + 2 * n * int(np.size(out))


def qr(out: Any, a: Any, mode: str = "reduced") -> int:
    triangle = factorised(lambda m, n: 2 * n**2 * (m - n / 3))
    basis = factorised(lambda m, n: 4 * (m**2 * n - m * n**2 + n**3 / 3)) if mode == "complete" else triangle
    return triangle(out, a) + (basis(out, a) if mode in ("reduced", "complete") else 0)


def svd(out: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> int:
    return (full if full_matrices else thin)(out, a) if compute_uv else values(out, a)


def pinv(out: Any, a: Any, *_: Any, **__: Any) -> int:
    """V S⁻¹ Uᴴ."""
    rows, columns = np.shape(a)[-2:]
    k = min(rows, columns)
    return thin(out, a) + int((k + (2 * k - 1) * rows) * columns * prod(np.shape(a)[:-2])) if k else 0


def roots(out: Any, p: Any) -> int:
    """The eigenvalues of the companion matrix."""
    return 10 * int(np.size(out)) ** 3


def by_length(out: Any, x: Any, axes: Any, p: Any) -> int:
    return int((2 if p == 2 else 3) * np.size(x))


def by_polar(out: Any, x: Any) -> int:
    k: int = min(np.shape(x)[-2:])
    return thin(out, x) + (2 * k - 1) * int(np.size(out))


COUNTS: dict[Callable[..., Any], Count] = {
    **{function: summed(function) for function in (
        np.sum, np.add.reduce, np.add.reduceat, np.trace, np.linalg.trace, np.bincount)},
    **{rule.function: summed(rule.function, 2) for rule in TABLE.values() if rule.kind == "bilinear"},
    np.mean: mean, np.einsum: einsum, np.cross: cross, np.linalg.multi_dot: multi_dot,
    np.linalg.cross: lambda out, a, b, *, axis=-1: cross(out, a, b, axis=axis),
    np.cumsum: running(None), np.add.accumulate: running(0),
    np.diff: diff, np.ediff1d: lambda out, ary, *_, **__: max(int(np.size(ary)) - 1, 0), np.polyder: polyder,

    np.fft.fft:    along_one_axis(5, False),   np.fft.ifft:   along_one_axis(5, False),
    np.fft.rfft:   along_one_axis(2.5, True),  np.fft.ihfft:  along_one_axis(2.5, True),
    np.fft.irfft:  along_one_axis(2.5, False), np.fft.hfft:   along_one_axis(2.5, False),
    np.fft.fft2:   transform(5, False, (-2, -1)),   np.fft.ifft2:  transform(5, False, (-2, -1)),
    np.fft.fftn:   transform(5, False, None),       np.fft.ifftn:  transform(5, False, None),
    np.fft.rfft2:  transform(2.5, True, (-2, -1)),  np.fft.rfftn:  transform(2.5, True, None),
    np.fft.irfft2: transform(2.5, False, (-2, -1)), np.fft.irfftn: transform(2.5, False, None),

    np.linalg.inv: inverse, np.linalg.det: determinant, np.linalg.slogdet: determinant, np.linalg.solve: solve,
    np.linalg.cholesky: factorised(lambda m, n: n**3 / 3), np.linalg.qr: qr,
    np.linalg.eigh: factorised(lambda m, n: 9 * n**3), np.linalg.eigvalsh: factorised(lambda m, n: 4 / 3 * n**3),
    np.linalg.eig: factorised(lambda m, n: 25 * n**3), np.linalg.eigvals: factorised(lambda m, n: 10 * n**3),
    np.linalg.svd: svd, np.linalg.svdvals: values, np.linalg.pinv: pinv, np.roots: roots,

    length: by_length, polar: by_polar, nuclear: lambda out, x: values(out, x) + (min(np.shape(x)[-2:]) - 1) * int(np.size(out)),
    math.fsum: lambda out, seq: max(len(seq) - 1, 0),
}
if hasattr(np, "cumulative_sum"):  # NumPy 2.1
    COUNTS[np.cumulative_sum] = lambda out, x, /, *, axis=None, **_: running(0 if axis is None else axis)(out, x)
if hasattr(math, "sumprod"):  # Python 3.12
    COUNTS[math.sumprod] = lambda out, p, q: max(2 * len(p) - 1, 0)
