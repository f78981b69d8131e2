"""The reference for derivatives of array functions: central differences, Richardson-extrapolated, with an error bar.

`check` holds everything that must be true of a function of arrays against it. The reference calls the plain function only.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import dualdiff as dd

STEPS = 9  # first steps 2⁻⁴ … 2⁻¹², each the half of the one before: exact in binary, so x ± h has no rounding to speak of
ENOUGH = 1e-11  # an error bar so small (relative to the largest entry) needs no smaller steps
SAFETY = 10.0  # times the estimated error
INFORMATIVE = 1e-5  # a reference that knows less than this (relative to the largest entry) proves nothing


def entries(tree: Any) -> Iterator[Any]:
    """The numbers and arrays of a result: of nested tuples, lists and dicts in their order."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (tuple, list)):
        for part in tree:
            yield from entries(part)
    else:
        yield tree


def as_numbers(function: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = [np.asarray(part) for part in entries(function(*[copied(a) for a in arrays]))]
    return [a if a.dtype.kind in "fc" else a.astype(float) for a in found]


def copied(value: Any) -> Any:
    """A copy, in the same memory layout."""
    return value.copy(order="K") if isinstance(value, np.ndarray) else value


def differences(function: Callable[..., Any], arrays: list[Any], argnum: int) -> tuple[list[Any], list[Any]]:
    """∂(each output)/∂(argument), of shape output + input, and the error bar of every entry (Ridders' method)."""
    x = np.asarray(arrays[argnum])
    shapes = [part.shape for part in as_numbers(function, arrays)]
    columns: list[list[Any]] = [[] for _ in shapes]
    bars: list[list[Any]] = [[] for _ in shapes]
    for index in np.ndindex(x.shape):
        rows: list[list[Any]] = []  # rows[i][k]: the differences at step i, extrapolated k times
        best: list[Any] = []
        for i in range(STEPS):
            h = 2.0 ** (-4 - i) * 2.0 ** np.ceil(np.log2(max(1.0, abs(x[index]))))
            sides = []
            for step in (h, -h):
                moved = x.astype(complex if x.dtype.kind == "c" else float)
                moved[index] += step
                moved = moved if isinstance(arrays[argnum], np.ndarray) else moved[()].item()
                sides.append(as_numbers(function, [*arrays[:argnum], moved, *arrays[argnum + 1:]]))
            noise = [8 * np.finfo(float).eps * (np.abs(a) + np.abs(b)) / h for a, b in zip(*sides)]
            row = [[(a - b) / (2 * h) for a, b in zip(*sides)]]
            for k in range(1, i + 1):
                row.append([new + (new - old) / (4.0**k - 1) for new, old in zip(row[k - 1], rows[i - 1][k - 1])])
            rows.append(row)
            for k in range(1, i + 1):
                for m, value in enumerate(row[k]):
                    error = np.maximum(np.abs(value - row[k - 1][m]), np.abs(value - rows[i - 1][k - 1][m])) + noise[m]
                    error = np.where(np.isnan(error), np.inf, error)
                    if len(best) <= m:
                        best.append((value, error))
                    else:
                        better = error < best[m][1]
                        best[m] = (np.where(better, value, best[m][0]), np.where(better, error, best[m][1]))
            if i > 1 and all(np.all(error <= ENOUGH * np.max(np.abs(value), initial=1.0)) for value, error in best):
                break
        for m, (value, error) in enumerate(best):
            columns[m].append(value)
            bars[m].append(error)

    def joined(parts: list[Any], shape: tuple[int, ...]) -> Any:
        return np.stack(parts, axis=-1).reshape((*shape, *x.shape)) if parts else np.zeros((*shape, *x.shape))

    return [joined(c, s) for c, s in zip(columns, shapes)], [joined(b, s) for b, s in zip(bars, shapes)]


def compare(found: list[Any], function: Callable[..., Any], arrays: list[Any], argnums: tuple[int, ...], what: str) -> None:
    """``found`` in the order [output][argument] against differences of ``function``."""
    for j, argnum in enumerate(argnums):
        values, errors = differences(function, arrays, argnum)
        for m, (value, error) in enumerate(zip(values, errors)):
            ours = np.asarray(found[m * len(argnums) + j])
            assert ours.shape == value.shape, f"{what}: output {m}, argument {argnum} has shape {ours.shape}, not {value.shape}"
            bar = SAFETY * error + 1e-13 * np.max(np.abs(value), initial=0.0)
            scale = np.max(np.abs(value), initial=1.0)
            assert np.all(bar <= INFORMATIVE * scale), f"{what}: the reference is uncertain by {np.max(bar)}; take other inputs"
            wrong = ~(np.abs(ours - value) <= bar)
            assert not np.any(wrong), (f"{what}: output {m}, argument {argnum} at {np.argwhere(wrong).tolist()[:4]}\n"
                                       f"found {ours[wrong][:4]}\nwanted {value[wrong][:4]}\n± {bar[wrong][:4]}")


def same_bits(ours: Any, plain: Any) -> bool:
    ours, plain = np.asarray(ours), np.asarray(plain)
    return ours.shape == plain.shape and ours.dtype == plain.dtype and ours.tobytes() == plain.tobytes()


def check(function: Callable[..., Any], *arrays: Any, argnums: Any = None, nested: bool | None = None, float32: bool = True,
          chunks: tuple[int | None, ...] = (1, 2, None), rounding: float = 0.0) -> None:
    """Everything that must be true of ``function`` at ``arrays``.

    Its jacobian agrees with the reference, and with itself for each chunk size; the value is the plain function's, bit by bit;
    the inputs are unmodified; the second derivatives (``nested``; by default for at most 8 input and 100 output entries) are
    the differences of the jacobian; and in float32 it runs, keeps the plain function's dtype and agrees with float64.

    Parameters
    ----------
    function
        It takes ``arrays`` and returns an array, a number, or tuples, lists and dicts of them.
    rounding
        How far off (of its largest entry) the value may be, where ``function`` is a derivative itself: a short way sums the terms
        of a tangent in another order than the general path, which an outer derivative takes.
    argnums : int or tuple of int, optional
        The arguments to differentiate in; by default all that are floating-point or complex.
    """
    given = list(arrays)
    if argnums is None:
        argnums = tuple(i for i, a in enumerate(given)
                        if isinstance(a, (float, complex, np.ndarray)) and np.asarray(a).dtype.kind in "fc")
    argnums = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    before = [copied(a) for a in given]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = list(entries(function(*[copied(a) for a in given])))
        jacobian = None
        for chunk_size in chunks:
            value, result = dd.value_and_jacobian(function, argnums=argnums, chunk_size=chunk_size)(*given)
            value = list(entries(value))
            assert len(value) == len(plain)
            for ours, wanted in zip(value, plain):
                assert same_bits(ours, wanted) or (rounding and np.allclose(
                    ours, wanted, rtol=0.0, atol=rounding * np.max(np.abs(wanted), initial=0.0), equal_nan=True)), (
                    f"chunk_size={chunk_size}: the value is {ours!r} and should be {wanted!r}")
            for a, b in zip(given, before):
                assert same_bits(a, b), f"chunk_size={chunk_size}: an input was modified"
            result = [np.asarray(part) for part in entries(result)]
            if jacobian is None:
                jacobian = result
            for one, other in zip(jacobian, result):
                assert one.shape == other.shape
                assert np.allclose(one, other, rtol=1e-13, atol=1e-13 * np.max(np.abs(one), initial=0.0), equal_nan=True), (
                    f"chunk_size={chunk_size} disagrees:\n{one}\n{other}")
        assert jacobian is not None
        compare(jacobian, function, given, argnums, "jacobian")

        if nested is None:
            nested = sum(np.size(given[i]) for i in argnums) <= 8 and sum(map(np.size, plain)) <= 100
        if nested:
            one, all_at_once = (list(entries(dd.hessian(function, argnums=argnums, chunk_size=chunk_size)(*given)))
                                for chunk_size in (1, None))
            for a, b in zip(one, all_at_once):
                assert np.allclose(a, b, rtol=1e-12, atol=1e-12 * np.max(np.abs(a), initial=0.0), equal_nan=True), (
                    f"second derivatives, chunk_size=None disagrees:\n{a}\n{b}")
            compare(one, dd.jacobian(function, argnums=argnums, chunk_size=None), given, argnums, "second derivatives")

        if float32 and all(isinstance(given[i], np.ndarray) for i in argnums):
            single = [a.astype(np.complex64 if a.dtype.kind == "c" else np.float32) if isinstance(a, np.ndarray)
                      and a.dtype.kind in "fc" else a for a in given]
            wanted = list(entries(function(*[copied(a) for a in single])))
            value, result = dd.value_and_jacobian(function, argnums=argnums)(*single)
            for ours, w in zip(entries(value), wanted):
                assert np.asarray(ours).dtype == np.asarray(w).dtype, f"float32: dtype {np.asarray(ours).dtype}"
                assert same_bits(ours, w), f"float32: the value is {ours!r} and should be {w!r}"
            for ours, w in zip(entries(result), jacobian):
                atol = 1e-3 * np.max(np.abs(w), initial=1e-30)
                assert np.allclose(ours, w, rtol=1e-3, atol=atol), f"float32: {ours!r}\nfloat64: {w!r}"
