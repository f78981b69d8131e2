"""Every Python block of the README runs as printed, and prints what its comments say."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import coverage

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


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
    assert coverage.written(README) == README
