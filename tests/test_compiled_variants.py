"""The sketches of a compiled scalar path: what recording says of itself is so, and the benchmark runs where there is a compiler."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(BENCHMARKS))

from compiled import recording, variants  # noqa: E402


def test_recorded_derivatives_are_right_at_other_points():
    first, _ = recording.derivative(lambda xp: lambda x: xp.exp(xp.sin(x)) / x, 0.7)
    third, _ = recording.derivative(lambda xp: lambda x: xp.sin(2 * x), 0.7, 3)
    for x in (0.7, 0.3, 2.9):
        assert first(x) == pytest.approx(math.exp(math.sin(x)) * (math.cos(x) * x - 1) / x**2, rel=1e-15)
        assert third(x) == pytest.approx(-8 * math.cos(2 * x), rel=1e-15)


def test_recorded_jacobian_and_hessian():
    jacobian, _ = recording.jacobian(lambda xp: lambda p: [p[0] * p[1], 3.0 * p[1], xp.log(p[0])], [2.0, 5.0])
    assert jacobian(4.0, 7.0) == [[7.0, 4.0], [0.0, 3.0], [0.25, 0.0]]
    hessian, source = recording.hessian(lambda xp: lambda p: p[0] ** 3 * p[1], [2.0, 5.0])
    assert hessian(4.0, 7.0) == ([336.0, 64.0], [[168.0, 48.0], [48.0, 0.0]])
    assert "0.0 *" not in source


def test_a_recorded_function_notices_another_branch():
    slope, _ = recording.derivative(lambda xp: lambda x: x * x if x > 1 else 3 * x, 2.0)
    assert slope(5.0) == 10.0
    with pytest.raises(recording.Stale, match="no longer True"):
        slope(0.5)


@pytest.mark.skipif(bool(variants.missing(False)), reason=f"needs {variants.missing(False)}")
def test_the_benchmark_runs(tmp_path):
    path = os.pathsep.join([str(BENCHMARKS.parent), os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, str(BENCHMARKS / "compiled_variants.py"), "--quick", str(tmp_path)], check=True,
                   capture_output=True, env={**os.environ, "PYTHONPATH": path})
    report = (tmp_path / "compiled_variants.md").read_text(encoding="utf8")
    assert "no longer fits" not in report  # a sketch that rewrites the source is to be rewritten with it
    for name in ("dualdiff as it is", "C type", "recorded"):
        (row, *_) = (line for line in report.splitlines() if line.startswith(f"| {name} |"))
        assert row.count("|") == 7
        assert "wrong" not in row
        assert "fails" not in row
    assert str(BENCHMARKS) not in report
