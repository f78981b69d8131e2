"""One cell of the comparison: a family at n inputs and m outputs, its Jacobian by each mode, as ratios to the primal."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

import dualdiff as dd
from families import FAMILIES, with_read_only_constants
from timing import seconds

MODES = ("forward", "chunks", "reverse")
READ_ONLY = "reverse, read-only constants"  # measured beside the modes where m = 1 and there are constants
TITLES = {"forward": "forward, one direction per pass", "chunks": "forward, in chunks", "reverse": "reverse"}


@dataclass(frozen=True)
class Cell:
    family: str
    n: int
    m: int
    primal: float                                               # seconds
    ratios: dict[str, float] = field(default_factory=dict)      # mode → time / primal; absent where it would take too long
    operations: dict[str, float] = field(default_factory=dict)  # mode → operations / those of the primal
    difference: float = math.nan                                # between the modes' Jacobians, relative to the largest entry

    @property
    def advantage(self) -> float:
        """How many times faster reverse mode is than the faster forward mode; nan where one of them was left out."""
        forward = [self.ratios[mode] for mode in ("forward", "chunks") if mode in self.ratios]
        return min(forward) / self.ratios["reverse"] if forward and "reverse" in self.ratios else math.nan


def once(call: Callable[[], object]) -> float:
    """The better of two calls: the first one warms up."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def operations(function: Callable[..., object], x: np.ndarray) -> dict[str, float]:
    """What dualdiff.cost counts for the Jacobian, in multiples of the primal."""
    count = dd.cost(function, x)
    if not count.primal:  # the product of one number
        return {}
    return {"forward": count.forward_jacobian / count.primal, "chunks": count.chunked_jacobian / count.primal,
            "reverse": count.reverse_jacobian / count.primal}


def measured(family: str, n: int, m: int, budget: float, longest: float) -> Cell:
    """The cell, leaving out the modes of which one Jacobian would take more than ``longest`` seconds."""
    function, x = FAMILIES[family](n, m)
    value = function(x)
    primal = once(lambda: function(x))
    one_pass = once(lambda: dd.jvp(function, (x,), (x,)))
    one_sweep = once(lambda: dd.reverse.vjp(function, x)[1](value))
    expected = {"forward": n * one_pass, "chunks": one_pass + n * 2 * primal, "reverse": m * one_sweep}
    transforms = {"forward": dd.jacobian(function), "chunks": dd.jacobian(function, chunk_size=None),
                  "reverse": dd.reverse.jacobian(function)}
    taken = {mode: transform for mode, transform in transforms.items() if expected[mode] <= longest and n * m <= 10**6}
    jacobians = [transform(x) for transform in taken.values()]
    scale = max((float(np.max(np.abs(j))) for j in jacobians), default=1.0) or 1.0
    difference = max((float(np.max(np.abs(j - jacobians[-1]))) for j in jacobians), default=0.0) / scale
    calls = {mode: (lambda transform=transform: transform(x)) for mode, transform in taken.items()}
    best = seconds({"primal": lambda: function(x), **calls}, budget)
    primal = best.pop("primal")
    ratios = {mode: t / primal for mode, t in best.items()}
    frozen = with_read_only_constants(family, n, m) if m == 1 and "reverse" in taken else None
    if frozen:  # in a race of its own, so that the modes have the cache to themselves
        slope = dd.reverse.jacobian(frozen)
        best = seconds({"primal": lambda: frozen(x), READ_ONLY: lambda: slope(x)}, budget)
        ratios[READ_ONLY] = best[READ_ONLY] / best["primal"]
    return Cell(family, n, m, primal, ratios, operations(function, x), difference)


def crossover(cells: Iterable[Cell], mode: str, counted: bool = False) -> float | None:
    """The n from which on reverse mode is faster (or has fewer operations) than a forward mode, by a line in the logarithms.

    None where the forward mode is ahead at the largest n; 0 where it never is. The last crossing counts: noise makes several.
    """
    costs = [(c.n, c.operations if counted else c.ratios) for c in cells]
    points = [(math.log(n), math.log(cost[mode] / cost["reverse"])) for n, cost in costs if {mode, "reverse"} <= set(cost)]
    if not points or points[-1][1] <= 0:
        return None
    last = max((k for k, (_, lead) in enumerate(points) if lead <= 0), default=None)
    if last is None:
        return 0.0
    (a, low), (b, high) = points[last], points[last + 1]
    return math.exp(a + (b - a) * -low / (high - low))
