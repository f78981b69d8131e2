"""A trace as a ``tabular`` in LaTeX."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from dualdiff.traces.trace_formats import headings, rows

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

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
