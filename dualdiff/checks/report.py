"""The report of a check: one row for each entry of a derivative, what every party says of it, and the verdict."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, NamedTuple

AGREES = "agrees"
KINK = "kink"  # the sides differ, and forward mode gives one of them
SINGULAR = "singular"  # the derivative is infinite, or f is not finite here, and forward mode says so
CANCELLATION = "cancellation"  # the rules are right, but float64 loses digits in this function
UNVERIFIED = "unverified"  # no party can tell
DISAGREES = "DISAGREES"
GOOD = (AGREES, KINK, SINGULAR, CANCELLATION)
SHOWN = 40  # rows of good verdict that a printed table shows


class DerivativeCheckError(AssertionError):
    """A derivative was contradicted, or could not be verified; the text is the report."""


class Row(NamedTuple):
    """One entry of a derivative. None stands for a party that could not answer.

    ``ulp`` is the error of forward mode in units of the last place of the exact value; ``why`` says what is behind the verdict,
    or behind a party that disagrees with the others.
    """

    entry: str
    forward: Any
    finite_difference: Any
    estimate: float | None
    complex_step: Any
    mpmath: Any
    ulp: float | None
    verdict: str
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.verdict in GOOD

    @property
    def cells(self) -> tuple[str, ...]:
        difference = "–" if self.finite_difference is None else f"{short(self.finite_difference)} ± {self.estimate:.0e}"
        return (self.entry, text(self.forward), difference, text(self.mpmath),
                "–" if self.ulp is None else f"{self.ulp:.1f}" if self.ulp < 1e4 else f"{self.ulp:.0e}", self.verdict)


HEAD = ("entry", "forward", "finite difference ± estimate", "mpmath", "ulp", "verdict")


class Report:
    """What `dualdiff.check_derivatives` found. It prints as a table and shows as one in a notebook.

    Attributes
    ----------
    ok : bool
        Whether every entry is confirmed: no party contradicts forward mode without being explained, and none is unverified.
    rows : tuple of Row
        One for each entry, in the order of the derivative's elements.
    notes : tuple of str
        What holds for the function as a whole: not deterministic, writes to its input, a party that is not available and why.
    """

    def __init__(self, title: str, rows: Sequence[Row], notes: Sequence[str] = ()) -> None:
        self.title, self.rows, self.notes = title, tuple(rows), tuple(notes)

    @property
    def ok(self) -> bool:
        return all(row.ok for row in self.rows)

    @property
    def worst(self) -> Row | None:
        """The row that deserves a look first: of the worst verdict, and of the largest error among those. None without rows."""
        order = (AGREES, SINGULAR, KINK, CANCELLATION, UNVERIFIED, DISAGREES)
        return max(self.rows, key=lambda row: (order.index(row.verdict), row.ulp or 0.0), default=None)

    @property
    def summary(self) -> str:
        """One line: whether all is well, and how many rows have which verdict."""
        counts = {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in (*GOOD, UNVERIFIED, DISAGREES)}
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "no entries"
        return f"{self.title}: {'ok' if self.ok else 'NOT OK'} ({said})"

    def raise_if_bad(self) -> None:
        """Raise ``DerivativeCheckError`` with the whole report unless it is ok."""
        if not self.ok:
            raise DerivativeCheckError(f"\n{self}")

    def shown(self) -> list[Row]:
        """All the rows that are not simply fine, and the first of those that are."""
        room = SHOWN
        chosen = []
        for row in self.rows:
            room -= row.verdict == AGREES
            if row.verdict != AGREES or room >= 0:
                chosen.append(row)
        return chosen

    def __str__(self) -> str:
        rows = self.shown()
        table = [HEAD, *(row.cells for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]
        lines.insert(1, "  ".join("─" * width for width in widths))
        if len(rows) < len(self.rows):
            lines.append(f"… and {len(self.rows) - len(rows)} more that agree")
        return "\n".join([self.summary, *lines, *self.remarks()])

    __repr__ = __str__

    def remarks(self) -> list[str]:
        """The reasons, each once, with the entries that they are about; then the notes."""
        about: dict[str, list[str]] = {}
        for row in self.rows:
            if row.why:
                about.setdefault(row.why, []).append(row.entry)
        return [f"{', '.join(entries[:4])}{', …' if len(entries) > 4 else ''}: {why}" for why, entries in about.items()] + \
               [f"note: {note}" for note in self.notes]

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str, style: str = "") -> str:
            return f"<tr{style}>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        rows = self.shown()
        body = "".join(line(row.cells, "td", "" if row.ok else ' style="background: #fdd"') for row in rows)
        remarks = "".join(f"<li>{html.escape(remark)}</li>" for remark in self.remarks())
        more = f"<p>… and {len(self.rows) - len(rows)} more that agree</p>" if len(rows) < len(self.rows) else ""
        return (f"<div><p><b>{html.escape(self.summary)}</b></p><table><thead>{line(HEAD, 'th')}</thead><tbody>{body}</tbody>"
                f"</table>{more}<ul>{remarks}</ul></div>")


def text(value: Any) -> str:
    if value is None:
        return "–"
    return repr(complex(value)) if hasattr(value, "imag") and value.imag else repr(float(value.real))


def short(value: Any) -> str:
    return f"{complex(value):.10g}" if value.imag else f"{float(value.real):.10g}"
