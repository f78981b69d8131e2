"""Where the nodes of a computational graph stand: in layers by their distance from the inputs, ordered so that few edges cross.

What a step gives to distant layers runs through them in a lane of its own, one for all that use it, so that no edge hides behind
a node. The method is that of Sugiyama, Tagawa and Toda (IEEE Trans. SMC 11, 1981): order each layer by the barycentres of its
neighbours, sweeping to and fro; then place each as near to its neighbours as the order allows.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

Spot = tuple[int, int]  # (step, layer): the node itself in its own layer, its lane in a later one
Graph = Mapping[int, Sequence[int]]  # step → the steps it was computed from, in the order of computation
SWEEPS = 8
LANE = 0.4  # of the room that a node takes


class Layout:
    """``layer`` and ``across`` of each spot, in units of a node's room; ``path`` of an edge is the spots it runs through."""

    def __init__(self, graph: Graph) -> None:
        self.layer = depths(graph)
        last_use = dict(self.layer)
        for step, inputs in graph.items():
            for i in inputs:
                last_use[i] = max(last_use[i], self.layer[step] - 1)
        self.columns: list[list[Spot]] = [[] for _ in range(max(self.layer.values(), default=-1) + 1)]
        for i in graph:
            for k in range(self.layer[i], last_use[i] + 1):
                self.columns[k].append((i, k))
        self.before: dict[Spot, list[Spot]] = {spot: [] for column in self.columns for spot in column}
        self.after: dict[Spot, list[Spot]] = {spot: [] for spot in self.before}
        for step, inputs in graph.items():
            for left, right in dict.fromkeys(pair for i in inputs for pair in itertools.pairwise(self.path(i, step))):
                if left not in self.before[right]:
                    self.before[right].append(left)
                    self.after[left].append(right)
        self._order()
        self.across = self._placed()

    def path(self, i: int, step: int) -> list[Spot]:
        return [*((i, k) for k in range(self.layer[i], self.layer[step])), (step, self.layer[step])]

    def place(self, step: int) -> tuple[int, float]:
        return self.layer[step], self.across[step, self.layer[step]]

    def is_node(self, spot: Spot) -> bool:
        return self.layer[spot[0]] == spot[1]

    def _order(self) -> None:
        best, fewest = [list(column) for column in self.columns], self._crossings()
        for sweep in range(SWEEPS):
            forwards = sweep % 2 == 0
            neighbours = self.before if forwards else self.after
            row = {spot: r for column in self.columns for r, spot in enumerate(column)}
            for column in self.columns if forwards else reversed(self.columns):
                wish = {spot: sum(row[n] for n in neighbours[spot]) / len(neighbours[spot]) if neighbours[spot] else row[spot]
                        for spot in column}
                column.sort(key=wish.__getitem__)
                row |= {spot: r for r, spot in enumerate(column)}
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self.columns], crossings
        self.columns = best

    def _crossings(self) -> int:
        count = 0
        for left, right in itertools.pairwise(self.columns):
            row = {spot: r for r, spot in enumerate(right)}
            ends = [row[n] for spot in left for n in sorted(self.after[spot], key=row.__getitem__)]
            count += sum(a > b for k, a in enumerate(ends) for b in ends[k + 1:])
        return count

    def _placed(self) -> dict[Spot, float]:
        across = {spot: float(r) for column in self.columns for r, spot in enumerate(column)}
        for sweep in range(2 * SWEEPS):
            for column in self.columns if sweep % 2 == 0 else reversed(self.columns):
                near = [[*self.before[spot], *self.after[spot]] for spot in column]
                wishes = [sum(across[n] for n in ns) / len(ns) if ns else across[spot] for spot, ns in zip(column, near)]
                across |= zip(column, separated(wishes, [1.0 if self.is_node(spot) else LANE for spot in column]))
        least = min((place - (0.5 if self.is_node(spot) else LANE / 2) for spot, place in across.items()), default=0.0)
        return {spot: place - least for spot, place in across.items()}


def depths(graph: Graph) -> dict[int, int]:
    """Each step's layer, after those of all that it was computed from; what has no inputs, but for the first, before its use."""
    depth: dict[int, int] = {}
    for step, inputs in graph.items():
        depth[step] = 1 + max((depth[i] for i in inputs), default=-1)
    first_use: dict[int, int] = {}
    for step, inputs in graph.items():
        for i in inputs:
            first_use[i] = min(first_use.get(i, depth[step]), depth[step])
    return {step: max(0, first_use.get(step, 1) - 1) if not inputs else depth[step] for step, inputs in graph.items()}


def separated(wishes: Sequence[float], room: Sequence[float]) -> list[float]:
    """Places in this order, each with its room, as near to the wishes as least squares can: pool adjacent violators."""
    offsets = [0.0]
    for a, b in itertools.pairwise(room):
        offsets.append(offsets[-1] + (a + b) / 2)
    pools: list[tuple[float, int]] = []  # (mean, how many)
    for wish, offset in zip(wishes, offsets):
        mean, n = wish - offset, 1
        while pools and pools[-1][0] > mean:
            other, m = pools.pop()
            mean, n = (mean * n + other * m) / (n + m), n + m
        pools.append((mean, n))
    return [mean + offset for mean, offset in zip([mean for mean, n in pools for _ in range(n)], offsets)]
