"""Differences extrapolated to step zero, with an estimate of their error, by the values of the function alone.

Romberg's tableau (Richardson 1911; with an error estimate Ridders 1982, Adv. Eng. Softw. 4): row k has the difference at step
h/2ᵏ, each further column removes one power of h from the error. An entry differs from its two parents by more than its error; the
rounding error of the function's values, which the step divides, is measured (`noise`) and added. The rows are read from the
finest to the coarsest, and a coarser one with a smaller error is believed only while it agrees with the finer ones: large steps
that step over what the function does near x agree with one another, but not with those.

A function need not be defined on both sides: steps that leave its domain drop out, and where no central difference is left the
one-sided ones are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any, NamedTuple

import numpy as np

from dualdiff.checks.finite_differences import power_of_two
from dualdiff.checks.probes import Probe

LEVELS = {1: 14, 2: 10}  # halvings, for first and second differences
COLUMNS = 6
POWERS = {"central": 2, "forward": 1, "backward": 1}  # the truncation error is a series in this power of h
ROUNDING = 6.0  # standard deviations of the noise that an error bar includes
EPS = float(np.finfo(float).eps)


class Limit(NamedTuple):
    """The extrapolated differences of all outputs, and their errors (inf where there is no estimate)."""

    value: Any
    error: Any


class Slopes(NamedTuple):
    """A first derivative from all sides: ``best``, and what it was chosen from."""

    best: Limit
    left: Limit
    right: Limit
    is_kink: Any  # both sides have a derivative, and they differ
    jumps: Any  # a one-sided difference keeps growing as the step shrinks: a jump, or an infinite slope


def slopes(probe: Probe, i: int) -> Slopes:
    """∂f/∂xᵢ of every output."""
    central, right, left = (limit(probe, method, (i,)) for method in ("central", "forward", "backward"))
    with np.errstate(invalid="ignore"):
        apart, size = np.abs(right.value - left.value), np.abs(right.value) + np.abs(left.value)
        is_kink = (apart > 10 * (right.error + left.error)) & (apart > 1e-6 * size)
    return Slopes(missing_from(central, better(right, left)), left, right, is_kink, diverges(probe, i))


def curvatures(probe: Probe, i: int, j: int) -> Limit:
    """∂²f/∂xᵢ∂xⱼ of every output: central differences, one-sided ones where these leave the domain."""
    best = limit(probe, "central", (i, j))
    if np.all(np.isfinite(best.error)):
        return best
    return missing_from(best, better(limit(probe, "forward", (i, j)), limit(probe, "backward", (i, j))))


def limit(probe: Probe, method: str, entries: tuple[int, ...]) -> Limit:
    """The difference along ``entries`` for step → 0, by the scale of steps that settles it best."""
    found = []
    floor = np.max([noise(probe, i) for i in set(entries)], axis=0)
    for scales in zip(*(scales_of(probe.point[i]) for i in entries)):
        rows, errors = [], []
        for k in range(LEVELS[len(entries)]):
            steps = tuple(scale * 2.0**-k for scale in scales)
            if any(probe.point[i] + step / 2 == probe.point[i] for i, step in zip(entries, steps)):
                break
            difference = probe.difference(method, entries, steps)
            rows.append(np.where(np.isfinite(difference), difference, np.nan))
            rounded = np.max(np.abs(probe.corners(method, entries, steps)), axis=0) * EPS
            argument = sum(abs(probe.point[i]) / step for i, step in zip(entries, steps)) * np.abs(difference) * EPS
            errors.append(ROUNDING * (len(entries) * np.maximum(floor, rounded) / np.prod(steps) + argument))
        found.append(extrapolated(rows, POWERS[method], errors))
    return better(*found)


def missing_from(first: Limit, second: Limit) -> Limit:
    """The first, and the second where that has none."""
    is_missing = ~np.isfinite(first.error)
    return Limit(np.where(is_missing, second.value, first.value), np.where(is_missing, second.error, first.error))


def better(a: Limit, b: Limit) -> Limit:
    """For each output the one of the smaller error; where they contradict one another the one of the finer steps, ``b``."""
    with np.errstate(invalid="ignore"):
        agree = np.abs(a.value - b.value) <= a.error + b.error
    take_b = (b.error < a.error) | (~agree & np.isfinite(b.error))
    return Limit(np.where(take_b, b.value, a.value), np.where(take_b, b.error, a.error))


def scales_of(x: Any) -> tuple[float, float]:
    """First steps, the finer last: one that suits a function of moderate size, one of x's own size (at 1e-9 they differ)."""
    size = float(abs(x))
    own = size if np.isfinite(size) and size > 0 else 1.0
    return power_of_two(0.5 * max(1.0, own)), power_of_two(0.5 * min(1.0, own))


def extrapolated(rows: Sequence[Any], power: int, errors: Sequence[Any]) -> Limit:
    """The tableau of differences at steps h, h/2, h/4, … with the rounding errors of each, and what it says for step 0."""
    shape = np.shape(rows[0]) if rows else ()
    by_row: list[Any] = []
    last: list[Any] = []
    for k, row in enumerate(rows):
        line = [row]
        value, error = np.full(shape, np.nan), np.full(shape, np.inf)
        for m in range(1, min(k, COLUMNS) + 1):
            line.append(line[m - 1] + (line[m - 1] - last[m - 1]) / (2.0 ** (power * m) - 1))
            estimate = 2 * np.maximum(np.abs(line[m] - line[m - 1]), np.abs(line[m] - last[m - 1])) + errors[k]
            is_better = estimate < error  # never true of a nan
            value, error = np.where(is_better, line[m], value), np.where(is_better, estimate, error)
        by_row.append((value, error))
        last = line
    value, error, is_open = np.full(shape, np.nan), np.full(shape, np.inf), np.full(shape, True)
    for coarser, estimate in reversed(by_row):
        with np.errstate(invalid="ignore"):
            is_new = ~np.isfinite(error)
            agrees = is_new | ~np.isfinite(estimate) | (np.abs(coarser - value) <= error + estimate)
        is_open &= agrees
        take = is_open & (estimate < error)
        value, error = np.where(take, coarser, value), np.where(take, estimate, error)
    return Limit(value, error)


def noise(probe: Probe, i: int) -> Any:
    """The rounding error of f's values near x (a standard deviation), from high differences of values close together.

    A smooth function's kth difference vanishes like the kth power of the spacing, the rounding's does not: its variance is that of
    the values times (2k)!/(k!)², for every k (Hamming 1962; Moré and Wild 2011, SIAM J. Sci. Comput. 33). Where the estimates of
    three k differ, or are comparable to the values' variation and to the values (a pole between them), they are no noise.
    """
    found = EPS / 2 * np.abs(probe.value({}))
    own = float(abs(probe.point[i])) or 1.0
    wide = 2.0**-20 * max(1.0, own)
    for spacing in (2.0**-46 * own, 0.7236 * wide, 0.5493 * wide):  # no powers of two: a rounded line must look ragged
        table, sigmas = np.array([probe.value({i: j * spacing}) for j in range(-4, 5)]), []
        size = np.maximum(1e-3 * np.max(np.abs(table - table[4]), axis=0), 0.1 * np.median(np.abs(table), axis=0))
        for k in range(1, 7):
            table = np.diff(table, axis=0)
            sigmas.append(np.sqrt(np.mean(np.abs(table) ** 2, axis=0) / comb(2 * k, k)))
        least, most = np.min(sigmas[3:], axis=0), np.max(sigmas[3:], axis=0)
        found = np.where((most < 4 * least) & (most < size), np.maximum(found, most), found)  # never true of a nan
    return found


def diverges(probe: Probe, i: int) -> Any:
    """Whether a one-sided difference keeps growing by a constant factor as the step shrinks."""
    found: Any = False
    scale = scales_of(probe.point[i])[1]
    for method in ("forward", "backward"):
        a, b, c = (np.abs(probe.difference(method, (i,), (scale * 2.0**-k,))) for k in (20, 24, 28))
        with np.errstate(all="ignore"):
            found = found | ((b > 1.8 * a) & (c > 1.8 * b) & (np.abs(np.log2(c / b) - np.log2(b / a)) < 0.2))
    return found
