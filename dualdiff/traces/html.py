"""A trace for notebooks: a table with the computational graph beside it, in one piece of HTML without a style sheet."""

from __future__ import annotations

import html as markup
from typing import TYPE_CHECKING

from dualdiff.traces.graph import DIGITS, SYMBOL, svg
from dualdiff.traces.summary import brief
from dualdiff.traces.table import derivative, headings, rows, title

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

ROOM = "padding:.15em .6em"
SERIF = "font-family:STIX Two Text,Cambria,Times New Roman,serif"
RULE = "border:0;border-{}:{}px solid currentColor"


def symbols(text: str) -> str:
    """A formula in HTML: v in italics, its index below."""
    return SYMBOL.sub(lambda found: f"<i>{found[1]}</i><sub>{found[2].translate(DIGITS)}</sub>", markup.escape(text))


def table(trace: Trace) -> str:
    """The table as textbooks set it: rules above, below the head, and below."""
    def side(i: int) -> str:
        return "right" if i in (2, 4) else "left"

    def cell(i: int, text: str) -> str:
        if i == 5:
            return f"<td style='text-align:left;{ROOM};opacity:.75'><code>{markup.escape(text)}</code></td>"
        return f"<td style='text-align:{side(i)};{ROOM};{SERIF}'>{symbols(text)}</td>"

    columns = headings(trace)
    body = [f"<tr><td colspan='{len(columns)}' style='text-align:center'>… {row} steps left out …</td></tr>"
            if isinstance(row, int) else "<tr>" + "".join(cell(i, text) for i, text in enumerate(row)) + "</tr>"
            for row in rows(trace)]
    head = "".join(f"<th scope='col' style='text-align:{side(i)};{ROOM};{RULE.format('bottom', 1)}'>{c}</th>"
                   for i, c in enumerate(columns))
    return (f"<table style='border-collapse:collapse;white-space:nowrap;{RULE.format('top', 2)};"
            f"border-bottom:2px solid currentColor'><caption style='text-align:left'>{markup.escape(title(trace))}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>")


def html(trace: Trace) -> str:
    kind = "tangent" if trace.mode == "forward" else "adjoint"
    graph = svg(trace.steps, {kind: [brief(derivative(step), 4, 14) for step in trace.steps]}, down=True)
    return (f"<div style='display:flex;gap:2em;align-items:flex-start;overflow-x:auto'><div>{table(trace)}</div>"
            f"<div>{graph}</div></div>")
