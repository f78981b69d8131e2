"""The computational graph of a trace: as SVG, and in the language of Graphviz."""

from __future__ import annotations

import html as markup
import itertools
import re
from collections.abc import Mapping, Sequence

from dualdiff.traces.layout import Layout, Spot
from dualdiff.traces.step import Step
from dualdiff.traces.summary import brief, number

BOX, HEIGHT = 112, 60  # pixels
COLUMN, ROW = 150, 74  # from a node to the next: along the layers, across them; and the other way round where they go down
MARGIN = 8
LONGEST = 60  # nodes; the middle of a larger graph is one node
FOLDED = -1  # the index of that
SYMBOL = re.compile("(v[\u0307\u0304]?)([₀-₉]+)")
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
Point = tuple[float, float]


def folded(steps: Sequence[Step]) -> list[Step]:
    """The steps that a graph shows: all, or the first and the last with one node for those between."""
    if len(steps) <= LONGEST:
        return list(steps)
    head, middle, tail = steps[:LONGEST // 2], steps[LONGEST // 2:-LONGEST // 2], steps[-LONGEST // 2:]
    known = {step.index for step in head}
    used = tuple(dict.fromkeys(i for step in middle for i in step.inputs if i in known))
    shown = {*known, *(step.index for step in tail)}
    between = Step(FOLDED, f"{len(middle)} steps", "", used, None)
    return [*head, between, *(step.with_inputs(i if i in shown else FOLDED for i in step.inputs) for step in tail)]


def svg(steps: Sequence[Step], derivatives: Mapping[str, Sequence[str]], down: bool = False) -> str:
    """The graph. ``derivatives``: "tangent" and "adjoint", those of each step as short texts.

    Nodes have ``data-step``, edges ``data-from`` and ``data-to``. Colours are inherited, and so fit a light and a dark page; a
    style sheet may set those of the classes.
    """
    shown = folded(steps)
    layout = Layout({step.index: step.inputs for step in shown})
    centre = {spot: _centre(spot[1], layout.across[spot], down) for spot in layout.across}
    wide = max((x for x, _ in centre.values()), default=0) + BOX / 2 + MARGIN
    high = max((y for _, y in centre.values()), default=0) + HEIGHT / 2 + MARGIN
    parts = [f'<svg class="graph" role="img" aria-label="computational graph" viewBox="0 0 {wide:g} {high:g}" width="{wide:g}" '
             f'height="{high:g}" font-size="13" font-family="STIX Two Text, Cambria, Times New Roman, serif" fill="currentColor" '
             f'text-anchor="middle">']
    parts += [f'<path class="edge" data-from="{i}" data-to="{step.index}" fill="none" stroke="currentColor" stroke-opacity="0.45" '
              f'd="{_curve(layout, layout.path(i, step.index), centre, down)}"/>' for step in shown for i in step.inputs]
    parts += [_node(step, *centre[step.index, layout.layer[step.index]],
                    {kind: texts[step.index - 1] for kind, texts in derivatives.items()} if step.index != FOLDED else {})
              for step in shown]
    return "".join([*parts, "</svg>"])


def _centre(layer: int, across: float, down: bool) -> Point:
    if down:
        return MARGIN + (BOX + 18) * across, MARGIN + HEIGHT / 2 + (HEIGHT + 30) * layer
    return MARGIN + BOX / 2 + COLUMN * layer, MARGIN + ROW * across


def _curve(layout: Layout, path: Sequence[Spot], centre: Mapping[Spot, Point], down: bool) -> str:
    """From the first node to the last, past the nodes between in a straight lane, with an arrow's head."""
    half = HEIGHT / 2 if down else BOX / 2

    def turned(along: float, across: float) -> str:
        return f"{across:g} {along:g}" if down else f"{along:g} {across:g}"

    ways = [(y, x) if down else (x, y) for x, y in map(centre.__getitem__, path)]
    parts = [f"M{turned(ways[0][0] + half, ways[0][1])}"]
    for (a, b), (c, d) in itertools.pairwise(ways):
        start, end = a + half, c - half
        parts.append(f"C{turned((start + end) / 2, b)} {turned((start + end) / 2, d)} {turned(end, d)}")
        if (c, d) != ways[-1]:
            parts.append(f"L{turned(c + half, d)}")
    tip, d = ways[-1][0] - half, ways[-1][1]
    return "".join([*parts, f"M{turned(tip - 6, d - 3.5)}L{turned(tip, d)}L{turned(tip - 6, d + 3.5)}"])


def _node(step: Step, x: float, y: float, derivatives: Mapping[str, str]) -> str:
    if step.index == FOLDED:
        return (f'<g class="node folded" data-step="{FOLDED}"><rect x="{x - BOX / 2:g}" y="{y - HEIGHT / 2:g}" width="{BOX}" '
                f'height="{HEIGHT}" rx="6" fill="none" stroke="currentColor" stroke-dasharray="3 4" stroke-opacity="0.6"/>'
                f'<text x="{x:g}" y="{y + 4:g}">⋯ {step.operation} ⋯</text></g>')
    kind = "input" if step.is_input else "output" if step.is_output else "inner"
    rule = markup.escape(f"{step.name} = {step.operation}" + (f"\n{step.rule}" if step.rule else ""))
    parts = [f'<g class="node {kind}" data-step="{step.index}"><title>{rule}</title>'
             f'<rect x="{x - BOX / 2:g}" y="{y - HEIGHT / 2:g}" width="{BOX}" height="{HEIGHT}" '
             f'rx="{HEIGHT / 2 if step.is_input else 6:g}" fill="none" stroke="currentColor" '
             f'stroke-width="{2.2 if step.is_output else 1.2}"/>'
             f'<text class="name" x="{x:g}" y="{y - 11:g}">{symbols(_short(step))}</text>'
             f'<text class="primal" x="{x:g}" y="{y + 5:g}" font-size="12">{markup.escape(brief(step.value))}</text>']
    for k, (kind, text) in enumerate(derivatives.items()):
        shift = (k - (len(derivatives) - 1) / 2) * BOX * 0.44
        letter = "v̇" if kind == "tangent" else "v̄"
        parts.append(f'<text class="{kind}" x="{x + shift:g}" y="{y + 21:g}" font-size="11">'
                     f'<tspan font-style="italic">{letter}</tspan> {markup.escape(text)}</text>')
    return "".join([*parts, "</g>"])


def _short(step: Step) -> str:
    label = f"{step.name} = {step.operation}"
    if len(label) > 16:
        label = f"{step.name} = {step.function}"
    return label if len(label) <= 16 else label[:15] + "…"


def symbols(text: str) -> str:
    """A formula for SVG: v in italics, its index below."""
    return SYMBOL.sub(lambda found: f'<tspan font-style="italic">{found[1]}</tspan><tspan dy="3" font-size="0.75em">'
                                    f'{found[2].translate(DIGITS)}</tspan><tspan dy="-3">\u200b</tspan>', markup.escape(text))


def dot(steps: Sequence[Step]) -> str:
    """The graph in the language of Graphviz; nothing is left out."""
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    lines = ["digraph trace {", "  rankdir=LR;", '  node [shape=box, style=rounded, fontname="serif"];']
    for step in steps:
        shape = ", shape=ellipse" if step.is_input else ", peripheries=2" if step.is_output else ""
        label = quoted(f"{step.name} = {step.operation}\n{number(step.value)}")
        lines.append(f"  v{step.index} [label={label}{shape}];")
    lines += [f"  v{i} -> v{step.index};" for step in steps for i in step.inputs]
    return "\n".join([*lines, "}"])
