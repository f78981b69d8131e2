"""A trace as a table: its cells, and these as text and as Markdown. Long traces are folded, arrays summarised."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualdiff.traces.step import Step, name
from dualdiff.traces.summary import number

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

SHOWN = 60  # lines of a longer trace are left out in its middle
DITTO = "″"  # the same line of source as above
WIDE = 72  # characters of a formula in a table of text


def mark(trace: Trace) -> str:
    """The letter of the derivative: v̇ or v̄."""
    return "v̇" if trace.mode == "forward" else "v̄"


def derivative(step: Step) -> Any:
    return step.tangent if step.tangent is not None else step.adjoint


def headings(trace: Trace) -> list[str]:
    word = "tangent" if trace.mode == "forward" else "adjoint"
    columns = ["", "operation", "value", f"{word} =", "value"]
    return [*columns, "source"] if has_source(trace) else columns


def has_source(trace: Trace) -> bool:
    return any(step.source for step in trace.steps)


def source(step: Step) -> str:
    return f"{Path(step.file).name}:{step.line}  {step.source}" if step.source else ""


def rows(trace: Trace) -> list[list[str] | int]:
    """The cells of each line; a number stands for as many lines that are left out."""
    def cells(steps: list[Step]) -> list[list[str] | int]:
        lines: list[list[str] | int] = []
        for step, before in zip(steps, [None, *steps]):
            line = [step.name, step.operation, number(step.value), f"{name(mark(trace), step.index)} = {step.formula}",
                    number(derivative(step))]
            again = before is not None and step.source and (before.file, before.line) == (step.file, step.line)
            lines.append([*line, DITTO if again else source(step)] if has_source(trace) else line)
        return lines

    if len(trace.steps) <= SHOWN:
        return cells(trace.steps)
    half = SHOWN // 2
    return [*cells(trace.steps[:half]), len(trace.steps) - 2 * half, *cells(trace.steps[-half:])]


def title(trace: Trace) -> str:
    return f"trace of {trace.label}, {trace.mode} mode" + ("" if trace.mode == "forward" else " (adjoints: read upwards)")


# ---- text ----------------------------------------------------------------------------------------------------------------

def width(text: str) -> int:
    """Columns on a terminal: a combining dot or bar takes none."""
    return sum(not unicodedata.combining(c) for c in text)


def padded(text: str, n: int, right: bool = False) -> str:
    space = " " * (n - width(text))
    return space + text if right else text + space


def shortened(text: str) -> str:
    return text if width(text) <= WIDE else text[:WIDE - 1] + "…"


def text(trace: Trace) -> str:
    lines = [row if isinstance(row, int) else [*map(shortened, row)] for row in rows(trace)]
    tabled = [row for row in lines if not isinstance(row, int)]
    widths = [max(width(row[i]) for row in tabled) for i in range(len(tabled[0]))] if tabled else []
    formatted = [f"… {row} steps left out …" if isinstance(row, int) else
                 "  ".join(padded(cell, widths[i], i in (2, 4)) for i, cell in enumerate(row)).rstrip() for row in lines]
    return "\n".join([title(trace), "", *formatted])


# ---- Markdown ------------------------------------------------------------------------------------------------------------

MARKUP = str.maketrans({c: "\\" + c for c in "\\|*_`<[]~$"} | {"&": "&amp;"})


def escaped(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return text.translate(MARKUP)


def markdown(trace: Trace) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(map(escaped, cells)) + " |"

    columns = headings(trace)
    ruled = "|" + "|".join("---:" if c == "value" else "---" for c in columns) + "|"
    body = [line([f"… {row} steps …", *[""] * (len(columns) - 1)] if isinstance(row, int) else row) for row in rows(trace)]
    return "\n".join([line(columns), ruled, *body])
