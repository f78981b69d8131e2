"""A trace as text, Markdown, LaTeX, HTML and DOT. Long traces are folded, arrays summarised."""

from __future__ import annotations

import html as markup
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dualdiff.numbers import base
from dualdiff.traces.trace_graph import svg
from dualdiff.traces.traced import Step, name

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

SHOWN = 60  # lines of a longer trace are left out in its middle
WIDE = 72  # characters of a formula in a table of text


def number(value: Any) -> str:
    """A number to six digits; an array by its entries if they are few, else by its shape and range."""
    if value is None:
        return ""
    value = base(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.ndarray):
        if value.size <= 4:
            return np.array2string(value, precision=6, separator=" ").replace("\n", "")
        shape = "×".join(map(str, value.shape))
        if value.dtype.kind == "f":
            return f"{shape} in [{value.min():.4g}, {value.max():.4g}]"
        return f"{shape} of {value.dtype}"
    if isinstance(value, (float, np.floating, int)):
        return f"{value:.6g}"
    return f"{value:.6g}" if isinstance(value, (complex, np.complexfloating)) else str(value)


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
    def cells(step: Step) -> list[str]:
        line = [step.name, step.operation, number(step.value), f"{name(mark(trace), step.index)} = {step.formula}",
                number(derivative(step))]
        return [*line, source(step)] if has_source(trace) else line

    steps = trace.steps
    if len(steps) <= SHOWN:
        return [cells(step) for step in steps]
    half = SHOWN // 2
    return [*map(cells, steps[:half]), len(steps) - 2 * half, *map(cells, steps[-half:])]


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


# ---- Markdown, LaTeX -----------------------------------------------------------------------------------------------------

def markdown(trace: Trace) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in cells) + " |"

    columns = headings(trace)
    ruled = "|" + "|".join("---:" if c == "value" else "---" for c in columns) + "|"
    body = [line([f"… {row} steps …", *[""] * (len(columns) - 1)] if isinstance(row, int) else row) for row in rows(trace)]
    return "\n".join([line(columns), ruled, *body])


LATEX = {"\\": r"\textbackslash ", "·": r"\cdot ", "−": "-", "√": r"\surd ", "∂": r"\partial ", "≥": r"\ge ", "≤": r"\le ",
         "≠": r"\ne ", "π": r"\pi ", "×": r"\times ", "←": r"\leftarrow ", "…": r"\dots ", "_": r"\_",
         "%": r"\%", "&": r"\&", "#": r"\#",
         "{": r"\{", "}": r"\}", "$": r"\$", "^": r"\hat{}", "ᵀ": r"^{\mathsf{T}}", "²": "^{2}", "⁻": "^{-}", "~": r"\sim "}
SUB = {c: str(i) for i, c in enumerate("₀₁₂₃₄₅₆₇₈₉")}
SUPER = {c: str(i) for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "-", "·": "."}


def formula(text: str) -> str:
    """A formula of ours in LaTeX's mathematics; words upright."""
    result, i = "", 0
    text = unicodedata.normalize("NFD", text)
    while i < len(text):
        c = text[i]
        j = i
        if c == "v" and i + 1 < len(text) and text[i + 1] in "\u0307\u0304":
            result, i = result + (r"\dot{v}" if text[i + 1] == "\u0307" else r"\bar{v}"), i + 2
            continue
        for table, sign in ((SUB, "_"), (SUPER, "^")):
            while j < len(text) and text[j] in table and (c != "·"):
                j += 1
            if j > i:
                result, i = result + f"{sign}{{{''.join(table[x] for x in text[i:j])}}}", j
                break
        else:
            while j < len(text) and text[j].isascii() and text[j].isalpha():
                j += 1
            word = text[i:j]
            if len(word) > 1:
                known = {"sin", "cos", "tan", "exp", "ln", "cosh", "sinh", "tanh"}
                result, i = result + (f"\\{word} " if word in known else rf"\mathrm{{{word}}}"), j
            else:
                result, i = result + LATEX.get(c, c), i + 1
    return result


def latex(trace: Trace) -> str:
    """A ``tabular``: one line for each step."""
    lines = [r"\begin{tabular}{llrlr}", " & operation & value & " + headings(trace)[3].removesuffix(" =") + r" & value \\ \hline"]
    for row in rows(trace):
        if isinstance(row, int):
            lines.append(rf"\multicolumn{{5}}{{c}}{{\dots{row} steps\dots}} \\")
        else:
            lines.append(" & ".join(f"${formula(cell.replace('e+', 'e'))}$" for cell in row[:5]) + r" \\")
    return "\n".join([*lines, r"\end{tabular}"])


# ---- HTML, DOT -----------------------------------------------------------------------------------------------------------

def table(trace: Trace) -> str:
    def cell(i: int, text: str) -> str:
        kind = " style='text-align:right'" if i in (2, 4) else " style='text-align:left'"
        return f"<td{kind}>{'<code>' if i == 5 else ''}{markup.escape(text)}{'</code>' if i == 5 else ''}</td>"

    columns = headings(trace)
    body = [f"<tr><td colspan='{len(columns)}'>… {row} steps left out …</td></tr>" if isinstance(row, int) else
            "<tr>" + "".join(cell(i, text) for i, text in enumerate(row)) + "</tr>" for row in rows(trace)]
    head = "".join(f"<th style='text-align:left' scope='col'>{markup.escape(c)}</th>" for c in columns)
    return (f"<table><caption>{markup.escape(title(trace))}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table>")


def html(trace: Trace) -> str:
    graph = svg(trace.steps) if len(trace) <= SHOWN else ""
    return (f"<div style='display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start'><div>{table(trace)}</div>"
            f"<div>{graph}</div></div>")


def dot(trace: Trace) -> str:
    """The graph in the language of Graphviz; nothing is left out."""
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = ["digraph trace {", "  rankdir=LR;", "  node [shape=box, fontname=\"sans-serif\"];"]
    for step in trace.steps:
        shape = ", shape=ellipse" if step.is_input else ", peripheries=2" if step.is_output else ""
        label = quoted(f"{step.name} = {step.operation}\n{number(step.value)}").replace("\n", "\\n")
        lines.append(f"  v{step.index} [label={label}{shape}];")
    lines += [f"  v{i} -> v{step.index};" for step in trace.steps for i in step.inputs]
    return "\n".join([*lines, "}"])
