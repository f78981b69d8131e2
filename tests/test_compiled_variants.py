"""The sketches of a compiled scalar path: recording keeps its word, and where there is a compiler the C type is held to the
arithmetic in Python, and the benchmark runs."""

import ast
import math
import operator
import os
import pickle
import subprocess
import sys
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(BENCHMARKS))

import dualdiff  # noqa: E402
from compiled import recording, variants  # noqa: E402

NEEDS_COMPILER = pytest.mark.skipif(bool(variants.missing(False)), reason=f"needs {variants.missing(False)}")
SPECIAL = (0.0, -0.0, 1.0, -2.5, 3.0, 1e-300, 1e-310, 1e300, math.inf, -math.inf, math.nan)
NUMBERS = (*SPECIAL, 0, 1, -1, 2, 3, 2**53 + 1, 10**400, True, 1j)
BINARY = (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.lt, operator.le, operator.eq,
          operator.ne, operator.gt, operator.ge)
UNARY = (operator.neg, abs, np.sin, np.log, np.sqrt, np.exp, np.reciprocal, np.fabs, lambda x: x**0.5, lambda x: x**3,
         lambda x: x**1.05)


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


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    """The package with the C type."""
    return variants.built("C type", tmp_path_factory.mktemp("native"), "dualdiff_native")


def made(package, x):
    """A pair of numbers as a dual one, a pair of pairs as a nested one."""
    if not isinstance(x, tuple):
        return x
    primal, tangent = (made(package, part) for part in x)
    return package.Dual.make(primal, tangent, getattr(primal, "level", -1) + 1)


def parts(package, x):
    if type(x) is not package.Dual:
        return type(x), repr(x)
    return parts(package, x.primal), parts(package, x.tangent), x.level


def outcome(package, compute, *args):
    """Every bit of what a computation gives: parts, classes, errors and warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = compute(*(made(package, x) for x in args))
        except Exception as error:
            return type(error), str(error)
    return parts(package, result), [str(warning.message) for warning in caught]


@NEEDS_COMPILER
@pytest.mark.parametrize("compute", BINARY)
def test_operators_of_the_c_type_are_those_in_python(native, compute):
    duals = tuple(product(SPECIAL, (1.0, -0.0, 4e200)))
    pairs = [*product(duals, duals), *product(duals, NUMBERS), *product(NUMBERS, duals)]
    assert type(vars(native.Dual.__mro__[1])["__mul__"]) is type(float.__mul__)
    assert [outcome(native, compute, *pair) for pair in pairs] == [outcome(dualdiff, compute, *pair) for pair in pairs]


@NEEDS_COMPILER
@pytest.mark.parametrize("compute", BINARY)
def test_operators_of_nested_numbers(native, compute):
    duals = [((x, 1.0), (y, 0.3)) for x, y in product((0.7, -1.5, 0.0, math.inf), (1.1, 0.0, math.nan))]
    pairs = [*product(duals, duals), *product(duals, NUMBERS), *product(NUMBERS, duals), *product(duals, [(0.5, 1.0)])]
    assert [outcome(native, compute, *pair) for pair in pairs] == [outcome(dualdiff, compute, *pair) for pair in pairs]


@NEEDS_COMPILER
@pytest.mark.parametrize("compute", UNARY)
def test_functions_of_the_c_type_are_those_in_python(native, compute):
    for x in (*product(SPECIAL, (*SPECIAL, 2)), *(((x, 1.0), (y, 0.3)) for x, y in product(SPECIAL, (0.7, 0.0, math.inf)))):
        assert outcome(native, compute, x) == outcome(dualdiff, compute, x)


@NEEDS_COMPILER
def test_functions_of_math_with_the_c_type(native):
    names = [name for name in dualdiff.math.__all__ if type(getattr(native.math, name)) is type(native.math.sin)]
    assert len(names) > 15
    for name, x in product(names, product(SPECIAL, (1.0, -0.0, math.inf))):
        assert outcome(native, getattr(native.math, name), x) == outcome(dualdiff, getattr(dualdiff.math, name), x), name
    assert pickle.loads(pickle.dumps(native.math.sin)) is native.math.sin


@NEEDS_COMPILER
@pytest.mark.parametrize("f", [
    lambda x: x * x / (x + 2) - 3 / x, lambda x: x**5 - 2 / x**3, lambda x: (1 - x) * (x - 4) / 7 * -x, lambda x: 0 * x / x,
    lambda x: np.sin(x * x) / x, lambda x: x * math.inf, lambda x: abs(-x) ** 1.5])
def test_nested_derivatives_of_the_c_type(native, f):
    """But for the sign of a zero: in Python a tangent that is a float counts as one with the tangent 0."""
    def nested(package, n):
        return f if n == 0 else package.derivative(nested(package, n - 1))

    for n, x in product((1, 2, 3), (0.7, -1.5, 0.0, 1.1, -0.3, 2.3, 1e200)):
        found, expected = (outcome(package, lambda x, d=nested(package, n): d(x) + 0.0, x) for package in (native, dualdiff))
        assert found == expected


def test_the_sketch_of_an_extension_type_fits_the_source(tmp_path):
    package = variants.copied(tmp_path, "dualdiff_typed")
    variants.give_types(package)
    classes = {node.name: node for node in ast.parse((package / variants.PLACES["dual"]).read_text(encoding="utf8")).body
               if isinstance(node, ast.ClassDef)}
    methods = {name: {node.name for node in found.body if isinstance(node, ast.FunctionDef)} for name, found in classes.items()}
    assert methods["Scalar"] == {f"__{name}__" for name in (*variants.OPERATORS, "rpow")}
    assert not methods["Scalar"] & methods["Dual"]
    assert all((package / place).exists() for place in variants.PLACES.values())


@NEEDS_COMPILER
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
