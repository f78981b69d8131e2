"""Real models: the 27 nonlinear regressions that NIST certifies to 11 digits (examples/nist_models.py)."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import dualdiff as dd

pytest.importorskip("scipy")
EXAMPLES = Path(__file__).parent.parent / "examples"
sys.path.insert(0, str(EXAMPLES))

import nist_models  # noqa: E402
import nist_regression  # noqa: E402
import shared  # noqa: E402
from nist_models import DATA, MODELS, digits, load, standard_deviations  # noqa: E402


def test_all_data_files_have_a_model():
    assert {path.stem for path in DATA.glob("*.dat")} == set(MODELS)
    assert len(MODELS) == 27


@pytest.mark.parametrize("name", MODELS)
def test_model_and_data_are_read_right(name):
    """At the certified parameters the residuals are the certified ones."""
    problem, text = load(name), (DATA / f"{name}.dat").read_text()
    n, p = problem.y.size, problem.parameters.size
    assert n == int(re.search(r"Number of Observations: +(\d+)", text)[1])
    freedom = int(re.search(r"Degrees of Freedom: +(\d+)", text)[1])
    assert freedom == (9 if name == "Rat43" else n - p)  # Rat43's file misprints 15 − 4
    if name != "Lanczos1":  # whose residuals of 1e-13 are below the rounding of the certified parameters
        squares = np.sum(problem.residuals(problem.parameters) ** 2)
        assert squares == pytest.approx(problem.residual_deviation**2 * (n - p), rel=2e-6 if name == "Lanczos2" else 1e-8)


@pytest.mark.parametrize("chunk_size", [1, None])
@pytest.mark.parametrize("name", MODELS)
def test_certified_standard_deviations(name, chunk_size):
    """They follow from the exact Jacobian at the certified parameters, to 1e-9."""
    problem = load(name)
    jacobian = dd.jacobian(problem.residuals, chunk_size=chunk_size)(problem.parameters)
    assert jacobian.shape == (problem.y.size, problem.parameters.size)
    np.testing.assert_allclose(standard_deviations(jacobian, problem.residual_deviation), problem.deviations, rtol=1e-9)


def test_standard_deviations_tell_an_inexact_jacobian():
    """The test above bites: finite differences pass it for none of the 27, nor does a Jacobian with one column off by 1e-8."""
    for name in MODELS:
        problem = load(name)
        differences = nist_regression.fit(problem, problem.parameters, "2-point", max_nfev=1).jac
        spoiled = dd.jacobian(problem.residuals)(problem.parameters)
        spoiled[:, 0] *= 1 + 1e-8
        for jacobian in (differences, spoiled):
            error = standard_deviations(jacobian, problem.residual_deviation) / problem.deviations - 1
            assert np.max(np.abs(error)) > 1e-9, name


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", MODELS)
def test_fit_with_exact_jacobian(name, start):
    """From both starting points all 27 arrive. How many digits is up to least_squares: it stops when the sum of squares, flat at
    its minimum, no longer falls."""
    problem = load(name)
    calls = []
    jacobian = dd.jacobian(problem.residuals)
    result = nist_regression.fit(problem, problem.starts[start], lambda b: calls.append(1) or jacobian(b))
    assert result.success
    assert digits(result.x, problem.parameters) > 5
    assert len(calls) == result.njev


def test_hahn1_needs_its_exact_jacobian():
    """What the example shows: with finite differences Hahn1 stops at 2 digits."""
    problem = load("Hahn1")
    jacobians = dd.jacobian(problem.residuals), "2-point"
    exact, differences = (nist_regression.fit(problem, problem.starts[0], jac) for jac in jacobians)
    assert digits(exact.x, problem.parameters) > 6 > 4 > digits(differences.x, problem.parameters)


def test_the_example_runs(monkeypatch, capsys, tmp_path):
    few = ["Misra1a", "Nelson", "Thurber", "Gauss3", "ENSO", "Rat43", "Chwirut1", "Eckerle4"]
    monkeypatch.setattr(nist_regression, "MODELS", {name: MODELS[name] for name in few})
    monkeypatch.setattr(shared, "FIGURES", tmp_path / "figures")
    nist_regression.main()
    printed = capsys.readouterr().out
    assert all(name in printed for name in few)
    assert "32 fits" in printed
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        assert "no picture" in printed
    else:
        assert 10_000 < (tmp_path / "figures" / "nist_regression.png").stat().st_size < 100_000


def test_digits():
    assert digits(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 11
    assert digits(np.array([1.0, 2.002]), np.array([1.0, 2.0])) == pytest.approx(3)
    assert digits(np.array([np.nan]), np.array([1.0])) == 0
    assert nist_models.standard_deviations(np.array([[2.0, 0.0], [0.0, 1e-9]]), 3.0) == pytest.approx([1.5, 3e9])
