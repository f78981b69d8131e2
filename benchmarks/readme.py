"""The tables of README.md that scripts write: each stands between two comments, of which the first names its command."""

from __future__ import annotations

from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def renewed(text: str, name: str, content: str) -> str:
    """The README's text with ``content`` in its place for ``name``: ``<!-- name: command -->`` … ``<!-- end of name -->``."""
    before, mark, rest = text.partition(f"<!-- {name}: ")
    command, _, rest = rest.partition("\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not mark or not end:
        raise ValueError(f"README.md has no place for {name}")
    return f"{before}{mark}{command}\n{content.strip()}\n{end}{after}"


def write(name: str, content: str) -> None:
    README.write_text(renewed(README.read_text(encoding="utf-8"), name, content), encoding="utf-8")
