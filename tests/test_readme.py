"""Every Python block of the README runs as printed, and prints what its comments say."""

import contextlib
import io
import re
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from benchmarks import coverage, readme

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))

import accuracy  # noqa: E402
import oracles  # noqa: E402
import peers  # noqa: E402
import support  # noqa: E402

README = readme.README.read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)]


def promised(block):
    """What the comments after the prints say."""
    return [comment.strip() for comment in re.findall(r"print\(.*\)  +# (.*)", block)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().splitlines()[-1][:40])
def test_block_runs_as_printed(block):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
    assert printed.getvalue().rstrip().splitlines() == promised(block)


def test_coverage_table_is_the_generated_one():
    if f"NumPy {np.__version__} " not in README:
        pytest.skip(f"the table is of another NumPy than {np.__version__}")
    assert readme.renewed(README, "coverage", coverage.table()) == README


def test_speed_table_is_that_of_the_report():
    report = (ROOT / "benchmarks" / "results" / "peers.md").read_text(encoding="utf-8")
    assert readme.renewed(README, "speed", peers.short(report)) == README


def test_the_table_of_support_says_what_dualdiff_does():
    start = README.index("<!-- support: ")
    rows = re.findall(r"^\| (.*?) \| (.*?) \|", README[start:README.index("<!-- end of support")], re.MULTILINE)
    assert rows[2:2 + len(support.TASKS)] == list(zip([task.what for task in support.TASKS],
                                                      support.outcomes(support.PACKAGES["dualdiff"][1])))
    assert "**wrong**" in support.outcomes(support.PACKAGES["central differences"][1])


def test_accuracy_table_is_of_all_rows():
    assert f"| {len(oracles.rows())} functions by their largest error" in README
    assert accuracy.summary({"a": (0.0, 9.0), "b": (0.5, 8.0)}).splitlines()[2:] == [
        "| first derivatives | 1 | 1 | 0 | 0 | 0 |", "| second derivatives | 0 | 0 | 0 | 1 | 1: `a` |"]


def test_a_table_without_a_place_is_an_error():
    with pytest.raises(ValueError, match="no place for poems"):
        readme.renewed(README, "poems", "")
