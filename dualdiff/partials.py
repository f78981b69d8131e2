"""The tangent of an elementwise function: the sum of partial × tangent over its inputs.

Large arrays are bound by memory, not by arithmetic. Their partials are therefore never built whole: the sum is formed block by
block, each small enough for its partials and products to stay in the cache. The values themselves are always computed by one
call of the user's function, so that they are bitwise what it computes.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np

from dualdiff.memory import LARGE, POOL
from dualdiff.numbers import floats, on_floats
from dualdiff.quiet import quietly
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan, term
from dualdiff.tangents import Tangents

BLOCK = 2**15  # entries: 256 kB for each array of doubles, of which an operation touches about six
WIDE = 2**15  # entries of a block of a chunk, in all its directions

Active = list[tuple[int, Any]]
"""The inputs that have tangents: position, tangent."""


def summed(rule: Elementwise, xp: Any, out: Any, primals: tuple[Any, ...], active: Active) -> Any:
    """Σ partialᵢ × tangentᵢ of a function with one output; None where every partial is locally constant."""
    if rule.over is not None and getattr(out, "dtype", None) != object:
        found = None
        with suppress(ArithmeticError):  # a number divided by zero
            found = _above_one_denominator(rule, xp, out, primals, active)
        if found is not None:
            return found
    total: Any = None
    for i, tangent in active:
        slope = on_floats(rule, i, out, primals) if xp is floats else rule.partial(i, xp, out, primals)
        if slope is not None:
            total = accumulated(total, tangent, slope, (*primals, out))
    return total


def _above_one_denominator(rule: Elementwise, xp: Any, out: Any, primals: tuple[Any, ...], active: Active) -> Any:
    above: Any = None
    for i, tangent in active:
        part = term(tangent, rule.numerators[i](xp, out, *primals))
        above = part if above is None else above + part
    return over(above, rule.over(xp, out, *primals))  # type: ignore[misc]


def over(above: Any, below: Any) -> Any:
    """A tangent, or a chunk of them, over a denominator; where it is zero, it wins over all of them.

    None for other tangents with a nan, in whose parts the zeros may be: their sum of partials finds them.
    """
    found = above / below
    if not has_nan(found):
        return found
    if type(found) is np.ndarray:
        return np.where(above == 0, 0, found)
    if type(found) is Tangents:
        return Tangents(np.where(above.aligned(np.ndim(below)) == 0, 0, found.block))
    if type(found) is float:
        return 0.0 if above == 0 else found
    return None


def quotient(out: Any, t: Any, s: Any, y: Any) -> Any:
    """The tangent of out = x/y by hand, where x and y have the tangents t and s, None for a constant."""
    if s is None:
        return t / y
    return (s * -out if t is None else t + s * -out) / y


def accumulated(total: Any, tangent: Any, slope: Any, kept: tuple[Any, ...]) -> Any:
    """``total`` + tangent × slope, in memory that nobody else has seen where there is some; ``kept`` are the primals."""
    own = type(slope) is np.ndarray and slope.base is None
    if own:
        for x in kept:
            if slope is x:
                own = False
    part = term(tangent, slope, own)
    if total is None:
        return part
    if (part is not tangent and type(part) is np.ndarray is type(total) and part.shape == total.shape
            and part.dtype == total.dtype):
        return np.add(total, part, out=part)
    return total + part


# ---- arrays of floats ----------------------------------------------------------------------------------------------------

Term = tuple[int, Any, slice | None, bool]
"""What an input contributes, and where to.

The position of the input; its tangent, an array or a number, in a chunk the directions that are not zero; the rows of the result
where these directions are, None without a chunk; whether nothing has been written there yet.
"""


def summed_on_arrays(rule: Elementwise, out: np.ndarray[Any, Any], primals: tuple[Any, ...], active: Active) -> Any:
    """`summed` where the primals are numbers and arrays of the dtype of ``out``: new memory of the shape of ``out``.

    None where a tangent is neither a number nor such an array, or a chunk of them.
    """
    dtype = out.dtype
    if type(active[0][1]) is Tangents:
        return _summed_in_chunks(rule, out, primals, active)
    for _, tangent in active:
        kind = type(tangent)
        if kind is not float and (kind is not np.ndarray or tangent.dtype is not dtype):
            return None
    result = POOL.empty_like(out)
    _sum(result, rule, out, primals, [(i, tangent, None, k == 0) for k, (i, tangent) in enumerate(active)])
    return result


def _summed_in_chunks(rule: Elementwise, out: np.ndarray[Any, Any], primals: tuple[Any, ...], active: Active) -> Any:
    """The same for chunks: only the directions in which some input moves."""
    count = len(active[0][1])
    for _, chunk in active:
        if type(chunk) is not Tangents or len(chunk) != count or type(chunk.held) is not np.ndarray or chunk.dtype is not out.dtype:
            return None
    active = [(i, chunk.snapshot()) for i, chunk in active]
    moving = tuple(sorted({row for _, chunk in active for row in chunk.rows or ()}))
    if any(chunk.rows is None for _, chunk in active) or len(moving) == count:
        moving = tuple(range(count))
    if not moving:
        return Tangents(np.empty((0, *out.shape), out.dtype), (), count)
    result = POOL.empty_like(out, len(moving))
    terms: list[Term] = []
    written: set[int] = set()
    for i, chunk in active:
        rows = moving if chunk.rows is None else chunk.rows
        if not rows:
            continue
        first, last = moving.index(rows[0]), moving.index(rows[-1])
        fresh = written.isdisjoint(rows)
        if last - first >= len(rows) or not (fresh or written.issuperset(rows)):  # in gaps, or partly written
            rows, first, last, fresh = moving, 0, len(moving) - 1, not written
            chunk = Tangents(chunk.block[list(moving)])
            if written and len(written) < len(moving):
                result.fill(0)
                terms = [(*rest, False) for *rest, _ in terms]  # type: ignore[misc]
        written.update(rows)
        terms.append((i, Tangents(chunk.held).aligned(out.ndim), slice(first, last + 1), fresh))
    _sum(result, rule, out, primals, terms)
    return Tangents(result, None if len(moving) == count else moving, count)


def _sum(result: Any, rule: Elementwise, out: Any, primals: tuple[Any, ...], terms: list[Term]) -> None:
    """Fill ``result``: as a whole, or large arrays block by block."""
    if out.size <= BLOCK or not _alike(result, out, primals, terms):
        scratch = POOL.empty_like(result) if len(terms) > 1 and result.nbytes >= LARGE else None
        quietly(_sum_into, result, scratch, rule, out, primals, terms)
    else:
        quietly(_sum_in_blocks, result, rule, out, primals, terms)


def _sum_into(result: Any, scratch: Any, rule: Elementwise, out: Any, primals: tuple[Any, ...], terms: list[Term]) -> None:
    suspect = rule.over is not None
    for i, tangent, rows, fresh in terms:
        slope = rule.partial(i, np, out, primals) if rule.over is None else rule.numerators[i](np, out, *primals)
        kind = type(slope)
        target = result if rows is None else result[rows]
        if slope is False:
            if fresh:
                target.fill(0)
        elif kind is int and slope * slope == 1:
            if not fresh:
                (np.add if slope == 1 else np.subtract)(target, tangent, target)
            elif slope == 1:
                np.copyto(target, tangent)
            else:
                np.negative(tangent, target)
        elif kind is np.ndarray and slope.dtype.kind == "b":  # a branch is picked
            if fresh:
                target.fill(0)
            np.add(target, tangent, target, where=slope)
        else:
            suspect = True
            if fresh:
                np.multiply(tangent, slope, target)
            else:
                np.add(target, np.multiply(tangent, slope, scratch if rows is None or scratch is None else scratch[rows]), target)
    if rule.over is not None:
        np.divide(result, rule.over(np, out, *primals), result)
    if suspect and has_nan(result):  # perhaps from 0 × inf, where the zero wins
        _sum_with_care(result, rule, out, primals, terms)


def _sum_with_care(result: Any, rule: Elementwise, out: Any, primals: tuple[Any, ...], terms: list[Term]) -> None:
    if terms[0][2] is None:
        result[...] = summed(rule, np, out, primals, [(i, tangent) for i, tangent, _, _ in terms])
        return
    result.fill(0)
    for i, tangent, rows, _ in terms:
        if rule.over is None:
            result[rows] += summed(rule, np, out, primals, [(i, Tangents(tangent))]).block
        else:
            result[rows] += term(Tangents(tangent), rule.numerators[i](np, out, *primals)).block
    if rule.over is not None:
        result[...] = over(Tangents(result), rule.over(np, out, *primals)).block


def _alike(result: Any, out: Any, primals: tuple[Any, ...], terms: list[Term]) -> bool:
    """Whether all arrays lie in memory entry by entry like the output, so that a block of each is a slice."""
    shape, strides = out.shape, out.strides
    chunked = terms[0][2] is not None
    if not (out.flags.c_contiguous or (out.flags.f_contiguous and not chunked)):
        return False
    for x in primals:
        if type(x) is np.ndarray and (x.strides != strides or x.shape != shape):
            return False
    for _, tangent, _, _ in terms:
        if chunked and tangent.size != len(tangent) and (tangent.shape[1:] != shape or tangent.strides[1:] != strides):
            return False
        if type(tangent) is np.ndarray and not chunked and (tangent.shape != shape or tangent.strides != strides):
            return False
    return True


def _sum_in_blocks(result: Any, rule: Elementwise, out: Any, primals: tuple[Any, ...], terms: list[Term]) -> None:
    k = len(result) if terms[0][2] is not None else 0
    size = min(BLOCK, max(WIDE // k, 2048)) if k else BLOCK
    flat_result, flat_out = _flat(result, k), _flat(out, 0)
    flat_primals = [_flat(x, 0) for x in primals]
    flat_terms = [(i, _flat(tangent, len(tangent) if k else 0), rows, fresh) for i, tangent, rows, fresh in terms]
    pieces = -(-out.size // size)  # of equal size: in a short one `Elementwise.on_arrays` might not hold
    edges = [out.size * i // pieces for i in range(pieces + 1)]
    scratch = POOL.empty_like(flat_out[:size], k) if len(terms) > 1 else None
    for start, stop in pairwise(edges):
        here = slice(start, stop)
        target = flat_result[..., here]
        _sum_into(target, None if scratch is None else scratch[..., :target.shape[-1]], rule, flat_out[here],
                  tuple([x[here] if type(x) is np.ndarray else x for x in flat_primals]),
                  [(i, tangent[..., here] if type(tangent) is np.ndarray and tangent.shape[-1] > 1 else tangent, rows, fresh)
                   for i, tangent, rows, fresh in flat_terms])


def _flat(x: Any, k: int) -> Any:
    """A view with one axis, after that of the directions; numbers as they are."""
    if type(x) is not np.ndarray:
        return x
    return x.reshape(k, -1) if k else x.ravel(order="K")
