"""check_rule: a user's rule put to the tests that the built-in ones pass."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualdiff.checks.behaviour import same
from dualdiff.checks.check import check_derivatives
from dualdiff.checks.report import AGREES, DISAGREES, Report, Row
from dualdiff.structures import leaves
from dualdiff.transforms import jacobian, jvp

CHUNKS = (2, None)
ROUNDING = 1e-12  # how far results may lie apart that are the same but for the order of operations


def check_rule(f: Callable[..., Any], at: Any, *, rtol: float = 1e-9, raise_on_error: bool = False) -> Report:
    """Test the rule of ``f``, made by `custom_rule`, as the rules of the table are tested.

    At every point: first and second derivatives in all floating-point arguments against finite differences, the complex step and
    (if the function can run on its numbers) mpmath; the value is what the plain function returns, bit by bit; the inputs are left
    alone; the tangent is linear in the tangents given; and chunks of directions give what single ones give.

    Parameters
    ----------
    f : callable
        The function with the rule. A NumPy or SciPy function will do as well.
    at : number, array, tuple or list
        A point: the argument, or the tuple of arguments. A list is a list of points.
    rtol, raise_on_error : optional
        As for `check_derivatives`.

    Returns
    -------
    Report
        One row for each entry of the derivatives and each of the other tests.

    Raises
    ------
    TypeError
        If a point has no floating-point argument.
    DerivativeCheckError
        With ``raise_on_error=True``, if a test fails.

    Examples
    --------
    A swapped sign does not pass:

    >>> import math
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> @dd.custom_rule(lambda x: np.sin(x))
    ... def cosine(x):
    ...     return math.cos(x)
    >>> report = dd.check_rule(cosine, at=[0.5, 1.5])
    >>> report.ok
    False
    >>> report.worst.why
    'forward mode is contradicted by finite differences'
    """
    points = [point if isinstance(point, tuple) else (point,) for point in (at if isinstance(at, list) else [at])]
    rows: list[Row] = []
    notes: list[str] = []
    for point in points:
        argnums = tuple(i for i, arg in enumerate(point) if is_floating(arg))
        if not argnums:
            raise TypeError(f"at={point!r}: there is no floating-point argument to differentiate in")
        where = "" if len(points) == 1 else f" at {', '.join(map(_short, point))}"
        for n in (1, 2):
            found = check_derivatives(f, *copy.deepcopy(point), argnums=argnums, n=n, rtol=rtol)
            rows.extend(row._replace(entry=row.entry + where) for row in found.rows)
            notes.extend(found.notes)
        rows.extend(Row(name + where, None, None, None, None, None, None, DISAGREES if why else AGREES, why)
                    for name, why in _other_tests(f, point, argnums))
    report = Report(f"rule of {getattr(f, '__name__', 'f')}", rows, tuple(dict.fromkeys(notes)))
    if raise_on_error:
        report.raise_if_bad()
    return report


def _other_tests(f: Callable[..., Any], point: tuple[Any, ...], argnums: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Name and failure (empty if there is none) of each test."""
    def of_active(*active: Any) -> Any:
        args = list(point)
        for i, arg in zip(argnums, active):
            args[i] = arg
        return f(*args)

    active = tuple(point[i] for i in argnums)
    before = copy.deepcopy(point)
    rng = np.random.default_rng(0)
    one, other = ([rng.standard_normal(np.shape(arg))[()] for arg in active] for _ in range(2))
    both = [2 * a - 3 * b for a, b in zip(one, other)]
    with np.errstate(all="ignore"):
        plain = f(*point)
        (value, along_one), (_, along_other), (_, along_both) = (jvp(of_active, active, tuple(t)) for t in (one, other, both))
        yield "value", "" if same(value, plain) else f"with a tangent the value is {value!r}, without it {plain!r}"
        yield "inputs", "" if same(point, before) else "the rule writes to its inputs"
        linear = all(_close(2 * np.asarray(a) - 3 * np.asarray(b), c, np.abs(a) + np.abs(b)) for (_, a), (_, b), (_, c) in
                     zip(leaves(along_one), leaves(along_other), leaves(along_both)))
        yield "linearity", "" if linear else "the tangent is not linear in the tangents given"
        single = jacobian(of_active, argnums=tuple(range(len(active))))(*active)
        for size in CHUNKS:
            chunked = jacobian(of_active, argnums=tuple(range(len(active))), chunk_size=size)(*active)
            agree = all(_close(a, b, np.abs(a)) for (_, a), (_, b) in zip(leaves(single), leaves(chunked)))
            yield f"chunk_size={size}", "" if agree else "a chunk of directions gives another result than one at a time"


def is_floating(arg: Any) -> bool:
    return isinstance(arg, (float, complex, np.inexact)) or (isinstance(arg, np.ndarray) and arg.dtype.kind in "fc")


def _close(a: Any, b: Any, size: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    is_same = (a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= ROUNDING * np.max(size, initial=1e-300))
    return a.shape == b.shape and bool(np.all(is_same))


def _short(arg: Any) -> str:
    return f"{arg:.6g}" if isinstance(arg, (float, np.floating)) else f"array{np.shape(arg)}" if np.ndim(arg) else repr(arg)
