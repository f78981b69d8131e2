"""examples/quickstart.py: it runs without SciPy, and prints what is true."""

import math
import subprocess
import sys
from pathlib import Path

QUICKSTART = Path(__file__).parent.parent / "examples" / "quickstart.py"


def test_quickstart():
    program = ("import sys, runpy; sys.modules['scipy'] = sys.modules['matplotlib'] = None; "  # as if not installed
               f"runpy.run_path({str(QUICKSTART)!r}, run_name='__main__')")
    run = subprocess.run([sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, encoding="utf8", check=True)
    lines = {line[:3].strip(): line.split("  ")[-1].strip() for line in run.stdout.splitlines() if line[2:3] == "."}
    assert list(lines) == [f"{n}." for n in range(1, 11)]
    assert lines["1."] == "15.0 + 41.0ε"
    assert lines["2."] == repr(6 * math.cos(9))
    assert lines["3."] == "3.0"
    assert abs(float(lines["4."]) - 0.5 / math.sqrt(2)) < 1e-15
    assert lines["9."] == "1.0"
    assert "dualdiff.math" in run.stdout
    assert len(QUICKSTART.read_text(encoding="utf8").splitlines()) <= 60
