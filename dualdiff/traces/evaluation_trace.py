"""Trace: the evaluation trace of one call, and the forms in which it can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dualdiff.traces import graph, html, latex, page, table
from dualdiff.traces.step import Step


class Trace:
    """The evaluation trace of one call: a sequence of ``Step``.

    Attributes
    ----------
    steps : list of Step
        v₁, v₂, …: the inputs first.
    mode : {"forward", "reverse"}
    label : str
        The function's name.
    value
        What the function returned.
    derivative
        Forward: the directional derivative, of the structure of the value. Reverse: the adjoints of the inputs, one for each.
    """

    def __init__(self, label: str, mode: str, steps: list[Step], value: Any, derivative: Any,
                 again: Callable[[str], Trace] | None = None) -> None:
        self.label, self.mode, self.steps, self.value, self.derivative = label, mode, steps, value, derivative
        self._again = again

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, index: int) -> Step:
        return self.steps[index]

    def in_mode(self, mode: str) -> Trace | None:
        """The trace of the same call in a mode: this one, or that of one more evaluation.

        None if that fails (there are functions that reverse mode refuses), or if its steps are others (of a function that draws
        random numbers, or of arguments that have changed since).
        """
        if mode == self.mode or self._again is None:
            return self if mode == self.mode else None
        try:
            other = self._again(mode)
        except Exception:  # the user's function may raise anything
            return None
        return other if [*map(_what, other)] == [*map(_what, self)] else None

    def __str__(self) -> str:
        return table.text(self)

    def __repr__(self) -> str:
        return f"<{self.mode} trace of {self.label}: {len(self)} steps>"

    def _repr_html_(self) -> str:
        return html.html(self)

    def to_markdown(self) -> str:
        """A table in Markdown."""
        return table.markdown(self)

    def to_latex(self) -> str:
        """A ``tabular`` in LaTeX."""
        return latex.latex(self)

    def to_html(self) -> str:
        """A table with the computational graph beside it (inline SVG)."""
        return html.html(self)

    def to_dot(self) -> str:
        """The computational graph for Graphviz."""
        return graph.dot(self.steps)

    def save(self, path: Any) -> None:
        """Write a page to step through the evaluation, forwards and backwards: one file, which needs no network.

        The page shows tangents and adjoints both, so the function is evaluated once more, in the other mode.
        """
        Path(path).write_text(page.page(self), encoding="utf-8")


def _what(step: Step) -> tuple[str, str]:
    return step.operation, repr(step.value)
