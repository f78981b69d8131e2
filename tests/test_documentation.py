"""Every public name explains itself: help() shows a summary, each parameter, what comes back, and an example that runs."""

import doctest
import inspect
import io
import pydoc
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dualdiff as dd

ROOT = Path(dd.__file__).parent.parent
NAMESPACES = {name for name in dd.__all__ if inspect.ismodule(getattr(dd, name))}
ERRORS = {name for name in dd.__all__ if name.endswith("Error")}
FUNCTIONS = {f"dualdiff.{name}": getattr(dd, name) for name in dd.__all__ if name not in NAMESPACES | ERRORS}
FUNCTIONS |= {f"dualdiff.reverse.{name}": getattr(dd.reverse, name) for name in dd.reverse.__all__}
SECTIONS = ("Parameters", "Attributes", "Returns", "Raises", "See Also", "Notes", "References", "Examples")


def sections(documented):
    """Section → its text; the summary under ''."""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", inspect.getdoc(documented) or "", flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def described(text):
    """The names that a section of parameters describes: ``x``, ``*args, **kwargs``, ``a, b : int``."""
    heads = [line.partition(" : ")[0] for line in text.splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_is_complete(name):
    function = FUNCTIONS[name]
    found = sections(function)
    summary, _, rest = found[""].partition("\n")
    assert summary.strip().endswith((".", ":")), "the first line is a sentence"
    assert not rest.strip() or rest.startswith("\n") or not rest[0].isspace(), "then comes an empty line"
    assert sorted(described(found.get("Parameters", ""))) == sorted(inspect.signature(function).parameters)
    assert "Returns" in found or inspect.isclass(function)
    assert "Raises" in found or name == "dualdiff.primal"  # which takes everything
    assert ">>> " in found["Examples"]
    assert [heading for heading in SECTIONS if heading in found] == [heading for heading in found if heading]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples_run_when_they_are_copied(name):
    """In an empty interpreter: each imports what it needs."""
    (example,) = doctest.DocTestFinder(recurse=False).find(FUNCTIONS[name], name, globs={}, module=False)
    said = io.StringIO()
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=said.write)
    assert not said.getvalue()
    assert example.examples


@pytest.mark.parametrize("name", [*sorted(ERRORS), *sorted(NAMESPACES)])
def test_errors_and_namespaces_say_what_they_are_for(name):
    assert len(inspect.getdoc(getattr(dd, name)).splitlines()[0]) > 20


def test_functions_of_math_say_what_they_compute():
    for name in dd.math.__all__:
        function = getattr(dd.math, name)
        if callable(function):
            assert function.__doc__, name
            assert f"{name}(" in pydoc.plain(pydoc.render_doc(function)), name


@pytest.mark.parametrize("name", sorted(dd.__all__))
def test_help_finds_it(name):
    text = pydoc.plain(pydoc.render_doc(getattr(dd, name)))
    assert name in text.splitlines()[0] or name in text.splitlines()[2]


def test_help_of_the_package_names_every_function():
    overview = dd.__doc__
    assert not [name for name in dd.__all__ if f"`{name}`" not in overview and f"`dualdiff.{name}`" not in overview]


def test_help_of_a_name_that_is_loaded_later():
    code = "import sys, dualdiff; assert 'dualdiff.checks' not in sys.modules; help(dualdiff.check_derivatives)"
    text = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, encoding="utf8", check=True)
    assert "Compare forward mode, entry by entry" in text.stdout


def test_every_public_name_has_a_place_in_the_reference():
    pages = "".join(page.read_text(encoding="utf8") for page in (ROOT / ".ci" / "reference").glob("*.rst"))
    entries = re.findall(r"^\.\. auto\w+:: ([\w.]+)$", pages, re.MULTILINE)
    shown = {entry if entry.startswith("dualdiff") else f"dualdiff.{entry}" for entry in entries}
    assert {*FUNCTIONS, *(f"dualdiff.{name}" for name in NAMESPACES | ERRORS)} <= shown
    assert len(entries) == len(set(entries))
