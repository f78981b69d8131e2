"""The page of a trace: graph and table linked, to be stepped through. One file, no network; all is there without scripts."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dualdiff.traces.graph import DIGITS, SYMBOL, folded, svg
from dualdiff.traces.html import symbols
from dualdiff.traces.step import Step, name
from dualdiff.traces.summary import brief, number

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

TEMPLATE = Path(__file__).with_name("page.html")
LONGEST = 1000  # steps; of a longer trace the page has the first and the last
LETTERS = {"v": "value", "v̇": "tangent", "v̄": "adjoint"}


def page(trace: Trace) -> str:
    """The whole page. Everything is in it from the start; the script shows it step by step."""
    forward, reverse = trace.in_mode("forward"), trace.in_mode("reverse")
    both = {kind: other.steps for kind, other in (("tangent", forward), ("adjoint", reverse)) if other is not None}
    half = LONGEST // 2
    shown = trace.steps if len(trace) <= LONGEST else [*trace.steps[:half], *trace.steps[-half:]]
    rows = [_row(step, both, before) for step, before in zip(shown, [None, *shown])]
    if len(trace) > LONGEST:
        rows.insert(half, f'<tr class="folded"><td colspan="8">⋯ {len(trace) - 2 * half} steps left out ⋯</td></tr>')
    head = "".join(f'<th scope="col" class="{kind}">{title}</th>' for title, kind in (
        ("", "name"), ("operation", "primal"), ("value", "primal number"), ("tangent", "tangent"), ("value", "tangent number"),
        ("adjoint", "adjoint"), ("value", "adjoint number"), ("source", "source")) if kind.split()[0] in (
        "name", "primal", "source", *both))
    settings = {"modes": list(both), "steps": {step.index: _card(step, trace.steps, both) for step in shown},
                "drawn": [step.index for step in folded(trace.steps)]}
    parts = {
        "TITLE": markup.escape(f"Evaluation trace of {trace.label}"),
        "LABEL": f"<i>{markup.escape(trace.label)}</i>({_arguments(trace.steps)})",
        "MODES": {1: "".join(both) + "s", 2: "tangents forwards, then adjoints backwards"}.get(len(both), ""),
        "GRAPH": svg(trace.steps, {kind: [brief(getattr(step, kind), 3, 8) for step in steps] for kind, steps in both.items()}),
        "TABLE": f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>",
        "SETTINGS": json.dumps(settings, ensure_ascii=False).replace("<", "\\u003c"),
    }
    before, *pieces = TEMPLATE.read_text(encoding="utf-8").split("{{")
    return before + "".join(parts[key] + rest for key, _, rest in (piece.partition("}}") for piece in pieces))


def _arguments(steps: Sequence[Step]) -> str:
    names = [step.operation for step in steps if step.is_input]
    return markup.escape(", ".join(names if len(names) <= 6 else [*names[:3], "…", names[-1]]))


def _row(step: Step, both: dict[str, list[Step]], before: Step | None) -> str:
    cells = [("name", symbols(step.name)), ("primal", symbols(step.operation)), ("primal number", _number(step.value))]
    for kind, steps in both.items():
        same = steps[step.index - 1]
        cells += [(kind, symbols(_equation(kind, same))), (f"{kind} number", _number(getattr(same, kind)))]
    again = before is not None and (before.file, before.line) == (step.file, step.line)
    cells.append(("source", f"<span>{step.line}</span>{'' if again else markup.escape(step.source)}" if step.source else ""))
    inner = "".join(f'<td class="{kind}">{cell}</td>' for kind, cell in cells)
    return f'<tr data-step="{step.index}" title="{markup.escape(step.rule)}">{inner}</tr>'


def _number(value: Any) -> str:
    return markup.escape(number(value).replace("-", "−"))


def _equation(kind: str, step: Step) -> str:
    return f"{name('v̇' if kind == 'tangent' else 'v̄', step.index)} = {step.formula}"


def _card(step: Step, steps: Sequence[Step], both: dict[str, list[Step]]) -> dict[str, Any]:
    """What is said of a step: its equations, with numbers put in, its rule, its source."""
    given = step.is_input or step.function == "constant"
    said = {"primal": _said(f"{step.name} = {step.operation}", "" if given else step.operation, step.value, steps, both),
            "rule": symbols(step.rule), "line": step.line, "source": markup.escape(step.source), "inputs": step.inputs}
    for kind, others in both.items():
        same = others[step.index - 1]
        said[kind] = _said(_equation(kind, same), same.formula, getattr(same, kind), steps, both)
    return said


def _said(equation: str, formula: str, value: Any, steps: Sequence[Step], both: dict[str, list[Step]]) -> str:
    result, worked = number(value).replace("-", "−"), with_numbers(formula, steps, both)
    return symbols(" = ".join([equation, *([worked] if worked and worked != result else []), result]))


def with_numbers(formula: str, steps: Sequence[Step], both: dict[str, list[Step]]) -> str:
    """A formula of scalars with their numbers in place of the names: 1·2 + 0.5·0."""
    def value(found: re.Match[str]) -> str:
        kind, index = LETTERS[found[1]], int(found[2].translate(DIGITS)) - 1
        number_ = getattr(both[kind][index] if kind in both else steps[index], kind)
        if np.ndim(number_) or number_ is None:
            raise LookupError
        text = brief(number_)
        return f"({text})" if set(text) & set("−+e ") else text

    try:
        text = SYMBOL.sub(value, formula)
    except LookupError:
        return ""
    text = re.sub(r"\((\([^()]*\))\)", r"\1", text)  # sin((−1))
    return re.sub(r"^\(([^()]*)\)", r"\1", text) if text != formula else ""
