"""check_derivatives on NIST's 27 regressions: every verdict right, of correct derivatives and of planted errors."""

import sys
from pathlib import Path

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.checks.report import AGREES, DISAGREES

EXAMPLES = Path(__file__).parent.parent / "examples"
sys.path.insert(0, str(EXAMPLES))
nist = pytest.importorskip("nist_models")
sys.path.remove(str(EXAMPLES))
pytestmark = pytest.mark.skipif(not nist.DATA.exists(), reason="the data files are not here")


def some_points(problem, count):
    """Points spread over the whole range of the data."""
    chosen = np.unique(np.linspace(0, problem.x.shape[-1] - 1, count).astype(int))
    return problem.x[..., chosen]


def model_of(name, x):
    def model(b):
        return nist.MODELS[name](x, *b)

    return model


@pytest.mark.parametrize("name", nist.MODELS)
def test_every_entry_of_the_jacobian_agrees(name):
    """With mpmath within 1e-9; in ulp the error is that of the model in float64, whatever the derivative is taken by."""
    problem = nist.load(name)
    for b in (problem.parameters, problem.starts[0]):
        report = dd.check_derivatives(model_of(name, some_points(problem, 6)), b)
        assert {row.verdict for row in report.rows} == {AGREES}, report
        assert len(report.rows) == 6 * len(b)
        assert all(row.mpmath is not None and row.complex_step is not None for row in report.rows)
        known = [row for row in report.rows if row.finite_difference is not None]
        assert len(known) == len(report.rows)
        assert sum(abs(row.finite_difference - float(row.mpmath)) <= 3 * row.estimate for row in known) >= 0.98 * len(known)


@pytest.mark.parametrize("name", nist.MODELS)
def test_every_entry_of_the_hessian_agrees(name):
    problem = nist.load(name)
    report = dd.check_derivatives(model_of(name, some_points(problem, 2)), problem.parameters, n=2)
    assert {row.verdict for row in report.rows} == {AGREES}, report


@pytest.mark.parametrize("name", nist.MODELS)
def test_a_planted_error_is_found_where_it_is_and_nowhere_else(name):
    """One column of the Jacobian is off by a thousandth."""
    problem = nist.load(name)
    model, b = model_of(name, some_points(problem, 3)), problem.parameters
    jacobian, last = dd.jacobian(model)(b), len(b) - 1

    def wrong(out, primals, tangents):
        scale = np.ones(len(b))
        scale[last] = 1.001
        return jacobian @ (scale * tangents[0])

    report = dd.check_derivatives(dd.custom_rule(jvp=wrong)(model), b)
    for row in report.rows:
        is_planted = row.entry.endswith(f"b[{last}]") and row.forward != 0
        assert row.verdict == (DISAGREES if is_planted else AGREES), report
