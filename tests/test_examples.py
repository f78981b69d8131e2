"""Every example runs, prints what the gallery in examples/README.md shows, and has a check that wrong derivatives do not pass."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dualdiff as dd

EXAMPLES = Path(__file__).parent.parent / "examples"
HELPERS = {"nist_models", "shared"}
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py") if path.stem not in HELPERS)
NEEDS = {"symbolic": "sympy", "nist_regression": "scipy", "ode_sensitivity": "scipy", "optimize_scipy": "scipy"}
GALLERY = (EXAMPLES / "README.md").read_text(encoding="utf8")
BLOCKS = dict(re.findall(r"python examples/(\w+)\.py\n```\n\n```text\n(.*?)\n```", GALLERY, re.DOTALL))
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d*)?(?:e[+-]\d+)?(?![\w])")

# How far a solver's own numbers may be from those in the gallery: they depend on SciPy's release and the processor's rounding.
COUNTS = {"nist_regression": 0.3, "optimize_scipy": 0.3}  # relative
DIGITS = {"nist_regression": 2.0}  # absolute

sys.path.insert(0, str(EXAMPLES))


@pytest.fixture
def example(monkeypatch, tmp_path):
    """Import an example, whose figure goes elsewhere."""
    from mpmath import iv

    def load(name):
        if name in NEEDS:
            pytest.importorskip(NEEDS[name])
        monkeypatch.setattr(importlib.import_module("shared"), "FIGURES", tmp_path / "figures")
        return importlib.import_module(name)

    precision = iv.prec
    yield load
    iv.prec = precision


def run_without(name, *packages):
    """As a user does, where these packages are not installed."""
    program = (f"import sys, runpy; sys.path.insert(0, {str(EXAMPLES)!r}); sys.modules.update(dict.fromkeys({packages!r})); "
               f"runpy.run_path({str(EXAMPLES / name)!r} + '.py', run_name='__main__')")
    command = [sys.executable, "-X", "utf8", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf8", check=False)


def alike(printed, shown, name):
    """A number as printed and as shown: the same, but for rounding, of which only the power of ten (±2) is compared."""
    if printed == shown:
        return True
    a, b = float(printed), float(shown)
    if "e" in shown:
        small, large = sorted([abs(a), abs(b)])
        return large < 1e-12 or large <= 100 * small
    if "." in shown:
        unit = 10.0 ** -(len(shown.partition(".")[2]) or 99)
        return abs(a - b) <= max(DIGITS.get(name, 0), 1.01 * unit, 4e-15 * abs(b))
    return abs(a - b) <= COUNTS.get(name, 0) * max(a, b)


def differences(printed, shown, name):
    """The lines of the gallery, in order, that were not printed; a line … stands for any number of lines."""
    rest, unlike, skipping = iter(printed.splitlines()), [], False
    for line in shown.splitlines():
        if line == "…":
            skipping = True
            continue
        words, numbers = NUMBER.sub("#", line).split(), NUMBER.findall(line)
        for found in rest:
            same = NUMBER.sub("#", found).split() == words and all(map(alike, NUMBER.findall(found), numbers, [name] * 99))
            if same or not skipping:
                break
        else:
            same = False
        if not same:
            unlike.append(f"{line!r} is shown")
        skipping = False
    return unlike


def without_machine(text):
    """Without the words about times, cores, pictures and what is not installed."""
    text = re.sub(r"\d+\.\d+ s\b", "some s", text)
    text = re.sub(r"\d+ cores", "some cores", text)
    return re.sub(r"\n*((no )?picture: .*|Dask is not installed.*|a Dask cluster of .*)(?=\n|$)", "", text).strip("\n")


OF_SCIPY = {"nist_regression", "optimize_scipy"}


def scipy_of_the_gallery():
    scipy = pytest.importorskip("scipy")
    return scipy.__version__.startswith("1.17.")


@pytest.mark.parametrize("name", NAMES)
def test_prints_what_the_gallery_shows(name, example, capsys, tmp_path):
    if name == "quickstart":  # has no main: it is read from top to bottom
        printed = run_without(name).stdout
    else:
        module = example(name)
        capsys.readouterr()
        module.main()
        printed = capsys.readouterr().out
    if name in OF_SCIPY and not scipy_of_the_gallery():  # another one takes other steps
        assert printed.strip()
    else:
        assert differences(without_machine(printed), without_machine(BLOCKS[name]), name) == []
    for figure in tmp_path.glob("figures/*.png"):
        assert figure.stem == name
        assert 5_000 < figure.stat().st_size < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_form(name):
    text = (EXAMPLES / f"{name}.py").read_text(encoding="utf8")
    assert len(text.splitlines()) <= 60
    assert len(ast.get_docstring(ast.parse(text)).splitlines()[0]) > 30
    assert re.search(r"^ *assert ", text, re.MULTILINE)
    assert f"\n### {name}\n" in GALLERY
    assert name in BLOCKS
    figure = EXAMPLES / "figures" / f"{name}.png"
    assert (f'picture("{name}"' in text) == figure.exists() == (f"](figures/{name}.png)" in GALLERY)
    if figure.exists():
        assert figure.stat().st_size < 100_000


@pytest.mark.parametrize("name", NEEDS)
def test_a_missing_package_is_named(name):
    run = run_without(name, NEEDS[name])
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert f"needs {NEEDS[name]}, which is not installed" in run.stderr
    assert f"pip install '.[{NEEDS[name]}]'" in run.stderr


def test_without_matplotlib_there_is_no_picture():
    run = run_without("implicit_function", "matplotlib")
    assert run.returncode == 0, run.stderr
    assert run.stdout.rstrip().endswith("no picture: Matplotlib is not installed. In the clone: pip install '.[plot]'")


def test_a_cluster(example, capsys):
    """Where Dask is installed, the example uses it."""
    pytest.importorskip("distributed")
    example("parallel_jacobian").main()
    assert "a Dask cluster of 2 workers" in capsys.readouterr().out


class Wrong:
    """dualdiff whose derivatives are wrong in their first entry."""

    def __getattr__(self, name):
        right = getattr(dd, name)
        if name not in ("derivative", "gradient", "jacobian", "value_and_derivative", "value_and_jacobian"):
            return right

        def transform(*args, **kwargs):
            function = right(*args, **kwargs)
            if kwargs.get("n") == 0:  # the value
                return function

            def spoilt(*args, **kwargs):
                result = function(*args, **kwargs)
                return (result[0], spoil(result[1])) if name.startswith("value") else spoil(result)

            return spoilt

        return transform


def spoil(derivative):
    if isinstance(derivative, tuple):
        return tuple(map(spoil, derivative))
    if np.ndim(derivative) == 0:
        return derivative * -1.5
    factor = np.ones(np.shape(derivative))
    factor.flat[0] = -1.5
    return derivative * factor


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("quickstart", "nist_regression")])
def test_checks_bite(name, example, monkeypatch, capsys):
    module = example(name)
    monkeypatch.setattr(module, "dd", Wrong())
    monkeypatch.setattr(module, "MASSES", 2, raising=False)  # of parallel_jacobian, to be quick
    with pytest.raises((AssertionError, ZeroDivisionError)):
        module.main()
