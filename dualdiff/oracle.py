"""mpmath as an oracle: the unmodified function on carriers, differentiated by mpmath's own numerical differentiation.

At 50 digits a difference with a step of 1e-53 is exact to all the digits of a float64, whatever the function loses on the way;
nothing of dualdiff's rules takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath import mp

from dualdiff.carrier import Carrier, carried
from dualdiff.operand import Operand
from dualdiff.probes import Probe
from dualdiff.seeding import checked_leaves
from dualdiff.verdicts import Sided

DIGITS = 50
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


class Sides(NamedTuple):
    """A derivative of every output (object arrays of mpf) from both sides, from the left and from the right."""

    central: Any
    left: Any
    right: Any


class Oracle:
    """The derivatives of ``f`` at a point; whatever ``f`` raises on carriers comes out of the constructor."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], argnums: Any = 0,
                 argnames: Any = None, digits: int = DIGITS) -> None:
        self.digits = digits
        with mp.workdps(digits):
            self.probe = MultiprecisionProbe(f, args, kwargs, argnums, argnames)

    def sides(self, entries: tuple[int, ...]) -> Sides:
        """∂f/∂xᵢ, or ∂²f/∂xᵢ∂xⱼ, with the steps inwards, to the left and to the right."""
        return Sides(*(self.along(entries, direction) for direction in (0, -1, 1)))

    def limits(self, sides: Sides, k: int, entries: tuple[int, ...]) -> Sided:
        """What they say of output k."""
        central, left, right = (self.limit(side[k], k, entries, direction) for side, direction in zip(sides, (0, -1, 1)))
        if central is None:
            central = left if right is None else right
        return Sided(central, left, right)

    def limit(self, value: Any, k: int, entries: tuple[int, ...], direction: int) -> Any:
        """The limit of a difference for step → 0, of which ``value`` was taken at 1e-57: ±inf or 0 where nearer says so."""
        if not mp.isfinite(value):
            return None
        if abs(value) > HUGE or 0 < abs(value) < TINY:
            closer = self.along(entries, direction, closer=40)[k]
            if abs(closer) > 2 * abs(value) > HUGE:
                return mp.inf if value.real > 0 else -mp.inf
            if abs(closer) < abs(value) / 2 < TINY:
                return mp.mpf(0)
        return value

    def along(self, entries: tuple[int, ...], direction: int = 0, closer: int = 0) -> Any:
        """One of them; ``closer`` takes a step that is smaller by as many bits."""
        with mp.workdps(self.digits):
            scales = [scale(self.probe.point[i]) for i in entries]
            options = {"direction": direction, "addprec": 20 + closer}

            def f(*steps: Any) -> Any:
                return self.probe.value({i: step * size for i, step, size in zip(entries, steps, scales)})

            if len(set(entries)) == 1:
                return mpmath.diff(f, mp.mpf(0), len(entries), **options) / scales[0] ** len(entries)
            return mpmath.diff(f, (mp.mpf(0), mp.mpf(0)), (1, 1), **options) / (scales[0] * scales[1])


def scale(x: Any) -> Any:
    """A power of two of x's own size: a step relative to it neither drowns nor dwarfs x."""
    size = mp.mpf(float(abs(x)))
    return mp.ldexp(1, int(mp.mag(size))) if size and mp.isfinite(size) else mp.mpf(1)
