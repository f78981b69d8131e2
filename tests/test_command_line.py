"""The command line: what it prints, what it refuses, and with which exit code."""

import json
import math

import mpmath
import pytest

from dualdiff.command_line import main
from dualdiff.expressions import Expression, ExpressionError


def test_value_gradient_hessian(capsys):
    assert main(["x*x*y + y + 2", "x=3", "y=4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["value"] == 42
    assert [(r["entry"], float(r["forward"]), float(r["mpmath"])) for r in found["derivatives"]] == [
        ("∂f/∂x", 24, 24), ("∂f/∂y", 10, 10), ("∂²f/∂x∂x", 8, 8), ("∂²f/∂x∂y", 6, 6), ("∂²f/∂y∂x", 6, 6), ("∂²f/∂y∂y", 0, 0)]


def test_arrays(capsys):
    assert main(["sum(x**2) * exp(-x[0]*y)", "x=[1, 2, 3]", "y=0.5", "--json"]) == 0
    for row in json.loads(capsys.readouterr().out)["derivatives"]:
        assert float(row["forward"]) == pytest.approx(float(row["mpmath"]), rel=1e-14)
        assert float(row["forward"]) == pytest.approx(float(row["finite difference"]), rel=1e-5, abs=1e-6)


def test_digits_and_taylor(capsys):
    assert main(["exp(sin(x)) * 0.1", "x=0.3", "--taylor", "2", "--digits", "50"]) == 0
    lines = capsys.readouterr().out.split()
    with mpmath.workdps(60):
        exact = mpmath.taylor(lambda x: mpmath.exp(mpmath.sin(x)) / 10, mpmath.mpf("0.3"), 2)
        for got, wanted in zip(lines[1::2], exact):
            assert abs(mpmath.mpf(got) / wanted - 1) < mpmath.mpf(10) ** -47


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_trace_and_page(capsys, tmp_path, mode):
    page = tmp_path / "trace.html"
    assert main(["x*y + exp(x*y) - sin(y)", "x=0.5", "y=2", "--trace", mode, "--html", str(page)]) == 0
    out = capsys.readouterr().out
    assert "v₇" in out and "v₈" not in out
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


REFUSED = ["x.real", "__import__('os')", "(lambda: 1)()", "9**9**9 + x", "x**99999999", "[y for y in x]", "'a'*x", "x if x else _y",
           "open(x)", "x[0].T", "f'{x}'", "(x := 1)", "x and x", "sin", "exp(*x)", "1e999*x", "x +", "sum(x, out=x)", "True",
           "(" * 300 + "x" + ")" * 300 + "+", "-" * 100 + "x"]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_a_caret(text, capsys):
    assert main([f"{text}", "x=1"] if not text.startswith("-") else ["x=1", "--", text]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    if not text.startswith("-"):
        assert captured.err.splitlines()[-1].strip() == "^"


def test_the_caret_stands_under_the_spot():
    with pytest.raises(ExpressionError) as caught:
        Expression("1 + π * x.real")
    message, text, caret = str(caught.value).splitlines()
    assert "attributes" in message
    assert text[caret.index("^")] == "x"


def test_powers_cannot_grow_without_end():
    with pytest.raises(OverflowError):
        Expression("(9**9999)**9999 + x").function()(1.0)


@pytest.mark.parametrize("arguments", [["x", "y=1"], ["x", "x"], ["x*y", "x=1"], ["x", "x=1", "x=2"], ["2", ], ["x", "x=sin(1)"],
                                       ["x*y", "x=1", "y=1", "--taylor", "2"]])
def test_wrong_values(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("dualdiff: ")


def test_outside_the_domain(capsys):
    assert main(["sqrt(x)", "x=-1"]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_values_are_those_of_python():
    assert Expression("2*sin(x)**2 + pi").function()(0.5) == 2 * math.sin(0.5) ** 2 + math.pi
