"""mpmath as an oracle: the unmodified function on carriers, differentiated by mpmath's own numerical differentiation.

At 50 digits a difference with a step of 1e-53 is exact to all the digits of a float64, whatever the function loses on the way;
nothing of dualdiff's rules takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from dualdiff.checks.carrier import Carrier, carried
from dualdiff.checks.probes import Probe
from dualdiff.checks.verdicts import Sided
from dualdiff.operand import Operand
from dualdiff.transforms.results import checked_leaves

DIGITS = 50
DROWNED = 1e-40  # a derivative smaller than this, relative to f, leaves too few digits of a difference
HUGE, TINY = 1e10, 1e-15  # what may be infinite or zero: look again from nearer


class MultiprecisionProbe(Probe):
    """A probe whose function sees mpmath numbers."""

    def moved(self, leaf: Any, displacements: Mapping[int, Any]) -> Any:
        found = carried(leaf)
        if not displacements:
            return found
        if not found.is_array:
            return Carrier(found.primal + displacements[0])
        primal = found.primal.copy()
        for i, displacement in displacements.items():
            primal[np.unravel_index(i, primal.shape)] += displacement
        return Carrier(primal)

    def key(self, moves: Mapping[int, Any]) -> Any:
        return frozenset(moves.items()), mp.prec

    def flat(self, output: Any) -> Any:
        found: list[Any] = []
        for _, leaf in checked_leaves(output, self.label):
            primal = leaf.primal if isinstance(leaf, Operand) else leaf
            found.extend(np.ravel(np.asarray(carried(primal).primal, object)))
        vector: Any = np.empty(len(found), dtype=object)
        vector[:] = found
        return vector


class Oracle:
    """The derivatives of ``f`` at a point; whatever ``f`` raises on carriers comes out of the constructor."""

    MANY_DIGITS = 700  # to see a derivative of 1e-308 in a function of 1e308

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], argnums: Any = 0,
                 argnames: Any = None) -> None:
        self.found: dict[Any, Any] = {}
        with mp.workdps(DIGITS):
            self.probe = MultiprecisionProbe(f, args, kwargs, argnums, argnames)

    def answer(self, k: int, entries: tuple[int, ...], digits: int = DIGITS) -> Sided:
        """∂f/∂xᵢ, or ∂²f/∂xᵢ∂xⱼ, of output k: by central steps, from the left, from the right. None where f is not defined."""
        central, left, right = (self.limit(k, entries, direction, digits) for direction in (0, -1, 1))
        if central is None:
            central = left if right is None else right
        return Sided(central, left, right)

    def limit(self, k: int, entries: tuple[int, ...], direction: int, digits: int) -> Any:
        """The limit of a difference for step → 0: what it is for a step of 1e-57, ±inf or 0 where a smaller step says so."""
        value = self.along(entries, direction, digits)[k]
        if not mp.isfinite(value):
            return None
        if abs(value) > HUGE or 0 < abs(value) < TINY:
            closer = self.along(entries, direction, digits, 40)[k]
            if abs(closer) > 2 * abs(value) > HUGE:
                return mp.inf if value.real > 0 else -mp.inf
            if abs(closer) < abs(value) / 2 < TINY:
                return mp.mpf(0)
        return value

    def along(self, entries: tuple[int, ...], direction: int = 0, digits: int = DIGITS, closer: int = 0) -> Any:
        """mpmath's difference, of all the outputs; ``direction`` ±1 looks at one side, ``closer`` a step as many bits smaller."""
        key = entries, direction, digits, closer
        if key not in self.found:
            with mp.workdps(digits):
                self.found[key] = self._difference(entries, direction=direction, addprec=20 + closer)
        return self.found[key]

    def _difference(self, entries: tuple[int, ...], **options: Any) -> Any:
        scales = [scale(self.probe.point[i]) for i in entries]

        def f(*steps: Any) -> Any:
            return self.probe.value({i: step * size for i, step, size in zip(entries, steps, scales)})

        if len(set(entries)) == 1:
            return mpmath.diff(f, mp.mpf(0), len(entries), **options) / scales[0] ** len(entries)
        return mpmath.diff(f, (mp.mpf(0), mp.mpf(0)), (1, 1), **options) / (scales[0] * scales[1])

    def is_drowned(self, value: Any, f: Any, entries: tuple[int, ...]) -> bool:
        """Whether a derivative this small is lost in the digits of ``f`` that the usual precision has."""
        with mp.workdps(DIGITS):
            size = abs(mp.mpf(float(abs(f))))
            for i in entries:
                size /= scale(self.probe.point[i])
            return bool(abs(value) < size * DROWNED)


def scale(x: Any) -> Any:
    """A power of two of x's own size: a step relative to it neither drowns nor dwarfs x."""
    size = mp.mpf(float(abs(x)))
    return mp.ldexp(1, int(mp.mag(size))) if size and mp.isfinite(size) else mp.mpf(1)
