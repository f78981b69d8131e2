"""The benchmarks: the modes agree on every family, and the scripts run on a tiny configuration."""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dualdiff as dd

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))

import families  # noqa: E402
import sweep  # noqa: E402


def cells():
    for name in families.FAMILIES:
        for n, m in ((1, 1), (7, 1), (64, 1), (1, 8), (4, 16), (16, 4)):
            if m == 1 or name not in families.ONE_OUTPUT:
                yield name, n, m


@pytest.mark.parametrize(("name", "n", "m"), list(cells()))
def test_reverse_equals_forward(name, n, m):
    function, x = families.FAMILIES[name](n, m)
    assert np.shape(function(x)) == (() if m == 1 else (m,))
    assert x.shape == (n,)
    forward = dd.jacobian(function)(x)
    scale = np.max(np.abs(forward))
    assert scale > 0
    np.testing.assert_allclose(dd.reverse.jacobian(function)(x), forward, rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(dd.jacobian(function, chunk_size=None)(x), forward, rtol=0, atol=1e-12 * scale)
    if m == 1:
        np.testing.assert_allclose(dd.reverse.gradient(function)(x), forward, rtol=0, atol=1e-12 * scale)
    step = 1e-6 * np.cos(np.arange(n))  # and forward mode is right: a difference along one direction
    difference = (function(x + step) - function(x - step)) / 2
    np.testing.assert_allclose(forward @ step, difference, rtol=0, atol=1e-8 * scale * np.sum(np.abs(step)) + 1e-14)


def constants_of(function):
    return [cell.cell_contents for cell in function.__closure__ or () if isinstance(cell.cell_contents, np.ndarray)]


@pytest.mark.parametrize("name", families.FAMILIES)
def test_read_only_constants(name):
    """The same function; what its user has are ordinary arrays, though."""
    function, x = families.FAMILIES[name](64, 1)
    assert all(array.flags.writeable for array in constants_of(function))
    frozen = families.with_read_only_constants(name, 64, 1)
    assert (frozen is None) == (name in {"elementwise chain", "Speelpenning's product", "ODE by RK4"})
    if frozen:
        assert frozen(x) == function(x)
        assert not all(array.flags.writeable for array in constants_of(frozen))
        np.testing.assert_array_equal(dd.reverse.gradient(frozen)(x), dd.reverse.gradient(function)(x))


def test_speelpenning_has_one_output():
    with pytest.raises(ValueError, match="one output"):
        families.speelpenning(4, 2)


def test_crossover_is_where_the_ratios_cross():
    def cell(n, forward):
        return sweep.Cell("", n, 1, 1.0, {"forward": forward, "reverse": 4.0})

    assert sweep.crossover([cell(1, 1.0), cell(4, 4.0), cell(16, 16.0)], "forward") == pytest.approx(4)
    assert sweep.crossover([cell(1, 1.0), cell(2, 2.0), cell(8, 8.0)], "forward") == pytest.approx(4)
    assert sweep.crossover([cell(1, 5.0), cell(4, 9.0)], "forward") == 0
    assert sweep.crossover([cell(1, 1.0), cell(4, 2.0)], "forward") is None


def test_forward_vs_reverse_runs(tmp_path, monkeypatch):
    script = importlib.import_module("forward_vs_reverse")
    monkeypatch.setattr(script, "versions", lambda: {"autograd": None})
    config = {"line": [1, 4], "map": [1, 4], "rivals": [4], "budget": 0.001, "longest": 1.0}
    text = script.run(config, tmp_path, "a test")
    assert (tmp_path / "forward_vs_reverse.md").read_text(encoding="utf8") == text
    assert "autograd (absent)" in text
    assert all(name[0].upper() + name[1:] in text for name in families.FAMILIES)
    assert str(ROOT) not in text


def test_the_table_of_the_readme_is_that_of_the_report():
    script = importlib.import_module("forward_vs_reverse")
    report = (script.RESULTS / "quick" / "forward_vs_reverse.md").read_text(encoding="utf8")
    text = script.readme.README.read_text(encoding="utf8")
    assert script.readme.renewed(text, "modes", script.short(report)) == text
    assert len(script.short(report).splitlines()) == 2 + len(families.FAMILIES)


def test_peers_checks_the_answers(tmp_path, monkeypatch):
    peers = importlib.import_module("peers")
    ours = [c for c in peers.CONTESTANTS if c.package is None]
    assert {c.name for c in ours} >= {"dualdiff", "dualdiff, reverse mode", "central differences"}

    def off(w):
        right = ours[0].make(w)
        return lambda: 1.001 * peers.flat(right())

    wrong = importlib.import_module("contestants").Contestant("wrong", off, None, True, "")
    monkeypatch.setattr(peers, "CONTESTANTS", [*ours, wrong])
    chosen = [w for w in peers.workloads(quick=True) if w.kind in ("derivative", "jacobian", "hessian")  # two are right
              and "RK4" not in w.name]
    text = peers.run(chosen, tmp_path, 0.001, 5.0, 0, "a test")
    assert (tmp_path / "peers.md").read_text(encoding="utf8") == text
    assert text.count("wrong: by 1e-03") == len(chosen)
    assert "fails" not in text
    assert not [line for line in text.splitlines() if line.startswith(("| dualdiff", "| central")) and "wrong" in line]
    assert str(ROOT) not in text


@pytest.mark.parametrize("name", ["logistic_regression", "backprop_by_hand"])
def test_example(name, tmp_path):
    program = (f"import sys, runpy; sys.path.insert(0, {str(ROOT / 'examples')!r}); "
               "sys.modules['matplotlib'] = None; "  # as if not installed
               f"runpy.run_path({str(ROOT / 'examples' / (name + '.py'))!r}, run_name='__main__')")
    run = subprocess.run([sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, encoding="utf8", check=True)
    if name == "logistic_regression":
        forward, reverse = (line.split()[1:] for line in run.stdout.splitlines()[1:3])
        np.testing.assert_allclose(np.array(forward, float), np.array(reverse, float), rtol=1e-12)
    else:
        errors = {line[:20].strip(): float(line.split()[-1]) for line in run.stdout.splitlines()[-5:] if "installed" not in line}
        assert errors.pop("finite differences") < 1e-9
        assert len(errors) >= 3
        assert max(errors.values()) < 1e-15
