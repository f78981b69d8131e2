"""A trace as a ``tabular`` in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dualdiff.traces.table import headings, rows

if TYPE_CHECKING:
    from dualdiff.traces.evaluation_trace import Trace

SIGNS = {"\\": r"\backslash ", "·": r"\cdot ", "−": "-", "∂": r"\partial ", "≥": r"\ge ", "≤": r"\le ", "≠": r"\ne ",
         "π": r"\pi ", "×": r"\times ", "←": r"\leftarrow ", "…": r"\dots ", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#",
         "{": r"\{", "}": r"\}", "$": r"\$", "^": r"\wedge ", "ᵀ": r"^{\mathsf{T}}", "~": r"\sim ", "″": "''"}
TEXT = SIGNS | {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·", "0123456789-.")
OPERATORS = {"sin", "cos", "tan", "exp", "ln", "cosh", "sinh", "tanh", "max", "min", "det", "arctan", "arcsin", "arccos"}
TOKENS = re.compile("(?P<symbol>v[\u0307\u0304]?[₀-₉]+)|(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻][⁰¹²³⁴⁵⁶⁷⁸⁹⁻·]*)|(?P<root>√(?=\\())|(?P<raised>\\^)"
                    r"|(?P<number>\d+(\.\d*)?(?P<exponent>e[-+−]?\d+)?)|(?P<word> ?[A-Za-z][A-Za-z0-9]+ ?)|(?P<sign>.)")
LETTERS = {"v": "v", "v\u0307": r"\dot{v}", "v\u0304": r"\bar{v}"}


def formula(text: str) -> str:
    """A formula of ours in LaTeX's mathematics; words upright."""
    text, result, at = unicodedata.normalize("NFD", text), "", 0
    while at < len(text):
        found = TOKENS.match(text, at)
        assert found is not None
        token, at = found[0], found.end()
        if found["symbol"]:
            letters = token.rstrip("₀₁₂₃₄₅₆₇₈₉")
            result += f"{LETTERS[letters]}_{{{token[len(letters):].translate(SUBSCRIPTS)}}}"
        elif found["power"]:
            result += f"^{{{token.translate(SUPERSCRIPTS)}}}"
        elif found["root"] or found["raised"]:
            argument, at = atom(text, at)
            result += f"\\sqrt{{{formula(argument)}}}" if found["root"] else f"^{{{formula(argument)}}}"
        elif found["number"]:
            mantissa, _, exponent = token.partition("e")
            power = f"10^{{{int(exponent.replace('−', '-'))}}}" if exponent else ""
            result += power if power and mantissa == "1" else f"{mantissa} \\times {power}" if power else mantissa
        elif found["word"]:
            word = token.strip()
            before, after = ("\\ " if blank else "" for blank in (token[0] == " ", token[-1] == " "))
            result += f"\\{word} " if word in OPERATORS else f"{before}\\mathrm{{{word}}}{after}"
        else:
            result += SIGNS.get(token, token)
    return result


def atom(text: str, at: int) -> tuple[str, int]:
    """What a root or an exponent is taken of: a parenthesis, without its signs, or one symbol; and where it ends."""
    if text[at:at + 1] != "(":
        found = TOKENS.match(text, at)
        return (found[0], found.end()) if found else ("", at)
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "(") - (text[end] == ")")
        if not depth:
            return text[at + 1:end], end + 1
    return text[at + 1:], len(text)


def upright(text: str) -> str:
    """A name of the user's."""
    return "\\texttt{" + "".join(TEXT.get(c, c) for c in text) + "}"


def latex(trace: Trace) -> str:
    """A ``tabular``: one line for each step."""
    inputs = {step.name for step in trace.steps if step.is_input}
    lines = [r"\begin{tabular}{llrlr}", " & operation & value & " + headings(trace)[3].removesuffix(" =") + r" & value \\ \hline"]
    for row in rows(trace):
        if isinstance(row, int):
            lines.append(rf"\multicolumn{{5}}{{c}}{{\dots\ {row} steps\ \dots}} \\")
            continue
        cells = [f"${formula(cell)}$" for cell in row[:5]]
        if row[0] in inputs:
            cells[1] = upright(row[1])
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\end{tabular}"])
