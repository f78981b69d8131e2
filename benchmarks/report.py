"""What the benchmarks have in common in their Markdown reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from timing import machine

NOISE = ("The machine was shared with other work while this ran. The contestants of one row took turns, so what counts are the "
         "ratios within a row; the times beside them are for scale only, and a ratio may be off by some tens of per cent.")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A Markdown table; the first ``left`` columns are text, the others numbers."""
    lines = [header, ["---"] * left + ["---:"] * (len(header) - left), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def ratio(value: float | None) -> str:
    if value is None or value != value:
        return "–"
    return f"{value:.2f}" if value < 9.995 else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def heading(title: str, command: str) -> str:
    return f"# {title}\n\nWritten by `{command}` on {machine()}; BLAS in one thread. {NOISE}\n"
