"""The page of a trace: graph and table linked, to be stepped through. One file, no network; a full table without scripts."""

from __future__ import annotations

import html as markup
import json
from pathlib import Path
from typing import TYPE_CHECKING

from dualdiff.traces.trace_formats import number
from dualdiff.traces.trace_graph import svg
from dualdiff.traces.traced import Step, name

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

TEMPLATE = Path(__file__).with_name("trace_page.html")
COLUMNS = ("", "operation", "value", "tangent", "value", "adjoint", "value", "source")


def page(trace: Trace) -> str:
    """The whole page. Everything is in the table from the start; the script shows it step by step."""
    forward, reverse = trace.in_mode("forward"), trace.in_mode("reverse")
    rows = [_row(step, forward.steps[i] if forward else None, reverse.steps[i] if reverse else None)
            for i, step in enumerate(trace.steps)]
    head = "".join(f'<th scope="col">{title}</th>' for title in COLUMNS)
    parts = {
        "TITLE": markup.escape(f"trace of {trace.label}"),
        "MODES": "the tangents, then the adjoints backwards" if forward and reverse else f"{trace.mode} mode",
        "GRAPH": svg(trace.steps, standalone=False),
        "TABLE": f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>",
        "SETTINGS": json.dumps({"n": len(trace), "forward": forward is not None, "reverse": reverse is not None}),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    before, *pieces = text.split("{{")
    return before + "".join(parts[key] + rest for key, _, rest in (piece.partition("}}") for piece in pieces))


def _row(step: Step, forward: Step | None, reverse: Step | None) -> str:
    cells = [step.name, step.operation, number(step.value),
             f"{name('v̇', step.index)} = {forward.formula}" if forward else "", number(forward.tangent) if forward else "",
             f"{name('v̄', step.index)} = {reverse.formula}" if reverse else "", number(reverse.adjoint) if reverse else "",
             f"{step.line}: {step.source}" if step.source else ""]
    kinds = ("name", "primal", "primal number", "tangent", "tangent number", "adjoint", "adjoint number", "source")
    inner = "".join(f'<td class="{kind}">{markup.escape(cell)}</td>' for kind, cell in zip(kinds, cells))
    return f'<tr data-step="{step.index}" title="{markup.escape(step.rule)}">{inner}</tr>'
