"""The computational graph as SVG: nodes in layers by their distance from the inputs, ordered so that few edges cross."""

from __future__ import annotations

import html as markup
from collections.abc import Sequence

from dualdiff.traces.traced import Step

COLUMN, ROW, BOX, HEIGHT, MARGIN = 118, 62, 88, 40, 12  # pixels
Place = tuple[float, float]


def layers(steps: Sequence[Step]) -> list[list[int]]:
    """The steps by layer: each one to the right of all that it was computed from."""
    depth: dict[int, int] = {}
    for step in steps:
        depth[step.index] = 1 + max((depth[i] for i in step.inputs), default=-1)
    result: list[list[int]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for index, layer in depth.items():
        result[layer].append(index)
    return result


def layout(steps: Sequence[Step]) -> dict[int, Place]:
    """The centre of each node. Four sweeps of the barycentre heuristic order the layers."""
    columns = layers(steps)
    neighbours: dict[int, list[int]] = {step.index: list(step.inputs) for step in steps}
    for step in steps:
        for i in step.inputs:
            neighbours[i].append(step.index)
    height = max(map(len, columns), default=0)
    place = {index: (row + 0.5) * height / len(column) for column in columns for row, index in enumerate(column)}
    for _ in range(4):
        for column in columns:
            wish = {i: sum(place[k] for k in neighbours[i]) / len(neighbours[i]) if neighbours[i] else place[i] for i in column}
            column.sort(key=lambda i: wish[i])
            for row, index in enumerate(column):
                place[index] = (row + 0.5) * height / len(column)
    return {index: (MARGIN + BOX / 2 + COLUMN * k, MARGIN / 2 + ROW * place[index])
            for k, column in enumerate(columns) for index in column}


def svg(steps: Sequence[Step], standalone: bool = True) -> str:
    """The graph. Nodes are ``#node-3``, edges have ``data-from`` and ``data-to``; without ``standalone`` the page gives colours."""
    places = layout(steps)
    wide = max((x for x, _ in places.values()), default=0) + BOX / 2 + MARGIN
    high = max((y for _, y in places.values()), default=0) + HEIGHT / 2 + MARGIN
    line, text, fill = ("#8a8f98", "currentColor", "none") if standalone else ("", "", "")
    looks = f' stroke="{line}" fill="none"' if standalone else ""
    parts = [f'<svg class="graph" role="img" aria-label="computational graph" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" '
             f'height="{high:g}" font-family="sans-serif" font-size="13">']
    for step in steps:
        x1, y1 = places[step.index]
        for i in step.inputs:
            x0, y0 = places[i]
            middle = (x0 + x1) / 2
            parts.append(f'<path class="edge" data-from="{i}" data-to="{step.index}" d="M{x0 + BOX / 2:g} {y0:g} '
                         f'C{middle:g} {y0:g} {middle:g} {y1:g} {x1 - BOX / 2:g} {y1:g}"{looks}/>')
    for step in steps:
        x, y = places[step.index]
        kind = "input" if step.is_input else "output" if step.is_output else "inner"
        box = f' stroke="{line}" fill="{fill}"' if standalone else ""
        ink = f' fill="{text}"' if standalone else ""
        parts.append(
            f'<g class="node {kind}" data-step="{step.index}"><title>{markup.escape(f"{step.name} = {step.operation}")}; '
            f'{markup.escape(step.rule)}</title>'
            f'<rect x="{x - BOX / 2:g}" y="{y - HEIGHT / 2:g}" width="{BOX}" height="{HEIGHT}" '
            f'rx="{HEIGHT / 2 if step.is_input else 6:g}"{box}/>'
            f'<text x="{x:g}" y="{y - 3:g}" text-anchor="middle"{ink}>{step.name}</text>'
            f'<text x="{x:g}" y="{y + 13:g}" text-anchor="middle" font-size="11"{ink}>{markup.escape(_short(step))}</text></g>')
    return "".join([*parts, "</svg>"])


def _short(step: Step) -> str:
    label = step.operation if len(step.operation) <= 12 else step.function
    return label if len(label) <= 12 else label[:11] + "…"
