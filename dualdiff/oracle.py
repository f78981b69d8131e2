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

from dualdiff.carrier import Carrier, carried
from dualdiff.operand import Operand
from dualdiff.probes import Probe
from dualdiff.seeding import checked_leaves

DIGITS = 50


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

    def flat(self, output: Any) -> Any:
        found = []
        for _, leaf in checked_leaves(output, self.label):
            primal = leaf.primal if isinstance(leaf, Operand) else leaf
            found.extend(np.ravel(np.asarray(carried(primal).primal, object)))
        vector = np.empty(len(found), object)
        vector[:] = found
        return vector


def derivatives(f: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], argnums: Any, argnames: Any,
                n: int, digits: int = DIGITS) -> Oracle:
    """An oracle for the nth derivatives of ``f`` at a point; it may raise whatever ``f`` raises on carriers."""
    with mp.workdps(digits):
        return Oracle(MultiprecisionProbe(f, args, kwargs, argnums, argnames), digits)


class Oracle:
    def __init__(self, probe: MultiprecisionProbe, digits: int) -> None:
        self.probe, self.digits = probe, digits

    def along(self, entries: tuple[int, ...], direction: int = 0) -> Any:
        """∂f/∂xᵢ or ∂²f/∂xᵢ∂xⱼ of every output; ``direction`` ±1 looks at one side only. Object array of mpf."""
        self.probe.known.clear()
        with mp.workdps(self.digits):
            scales = [scale(self.probe.point[i]) for i in entries]

            def along_one(t: Any) -> Any:
                return self.probe.value({entries[0]: t * scales[0]})

            def along_two(t: Any, u: Any) -> Any:
                return self.probe.value({entries[0]: t * scales[0], entries[1]: u * scales[1]})

            if len(set(entries)) == 1:
                n = len(entries)
                found = mpmath.diff(along_one, mp.mpf(0), n, direction=direction, addprec=20)
                return found / scales[0] ** n
            found = mpmath.diff(along_two, (mp.mpf(0), mp.mpf(0)), (1, 1), direction=direction, addprec=20)
            return found / (scales[0] * scales[1])


def scale(x: Any) -> Any:
    """A power of two of x's own size: a step relative to it neither drowns nor dwarfs x."""
    size = mp.mpf(float(abs(x)))
    return mp.ldexp(1, int(mp.mag(size))) if size and mp.isfinite(size) else mp.mpf(1)
