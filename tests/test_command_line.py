"""The command line: what it prints, what it refuses, and with which exit code."""

import json
import math
import os
import subprocess
import sys

import mpmath
import pytest

import dualdiff
from dualdiff.command_line import main
from dualdiff.command_line.expressions import Expression, ExpressionError


def test_value_gradient_hessian(capsys):
    assert main(["x*x*y + y + 2", "x=3", "y=4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["value"] == 42
    assert [(r["entry"], float(r["forward"]), float(r["mpmath"])) for r in found["derivatives"]] == [
        ("∂f/∂x", 24, 24), ("∂f/∂y", 10, 10), ("∂²f/∂x∂x", 8, 8), ("∂²f/∂y∂x", 6, 6), ("∂²f/∂y∂y", 0, 0)]


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
           "open(x)", "x & 1", "x << 9", "~x", "x in [1]", "x is x", "not x", "load(x)", "ones(x)", "zeros(x)", "tile(x, 9)",
           "factorial(x)", "comb(9, x)", "range(x)", "eval(x)", "x^2", "{x: 1}", "{x}", "x; x", "x = 2", "yield x", "await x",
           "abs.x", "__builtins__", "x.__class__", "'x'", "b'x'", "None", "...", "(x for x in x)", "sin(x, where=x)",
           "open(x)", "x[0].T", "f'{x}'", "(x := 1)", "x and x", "sin", "exp(*x)", "1e999*x", "x +", "sum(x, out=x)", "True",
           "(" * 300 + "x" + ")" * 300 + "+", "-" * 100 + "x"]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_a_caret(text, capsys):
    assert main([text, "x=1"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
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


@pytest.mark.parametrize("arguments", [["x", "y=1"], ["x", "x"], ["x*y", "x=1"], ["x", "x=1", "x=2"], ["2", ], ["x", "x=sin(y)"],
                                       ["x*y", "x=1", "y=1", "--taylor", "2"], ["x", "x=[1,[2,3]]"], ["x", "x=1/0"], ["", "x=1"]])
def test_wrong_values(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("dualdiff: ")


@pytest.mark.parametrize(("arguments", "message", "column"), [
    (["2 + sqrt(x)", "x=-1"], "sqrt(…) is not defined here", 4), (["1 + 2*exp(x)", "x=1000"], "exp(…) is too large", 6),
    (["3*(1/x)", "x=0"], "this divides by zero", 3), (["1 + x[5]", "x=[1,2]"], "index 5 is out of bounds", 4),
    (["log(x) if x > 0 else sqrt(x)", "x=-1"], "sqrt(…) is not defined here", 21),
    (["sum(outer(x, x), axis=7)", "x=[1,2]"], "axis 7 is out of bounds", 0)])
def test_outside_the_domain(arguments, message, column, capsys):
    assert main(arguments) == 1
    said, text, caret = capsys.readouterr().err.splitlines()
    assert message in said
    assert text == "  " + arguments[0]
    assert caret.index("^") == column + 2


@pytest.mark.parametrize(("text", "expected"), [("x=1/3", 1 / 3), ("x=-2", -2.0), ("x=1e5", 1e5), ("x=pi/4", math.pi / 4),
                                                ("x=sqrt(2)", math.sqrt(2)), ("x=2**0.5", 2**0.5), ("x = .5", 0.5)])
def test_values_may_be_computed(text, expected, capsys):
    assert main(["-x", text, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == -expected


def test_complex_values(capsys):
    assert main(["x**3", "x=1+2j", "--json"]) == 0
    assert complex(json.loads(capsys.readouterr().out)["derivatives"][0]["forward"]) == 3 * (1 + 2j) ** 2


def test_thirds_have_all_their_digits(capsys):
    assert main(["x*x", "x=1/3", "--digits", "60"]) == 0
    assert "0.1" + "1" * 58 in capsys.readouterr().out


def test_digits_beside_mpmath(capsys):
    assert main(["sin(x)*y", "x=0.5", "y=2", "--digits", "40", "--json"]) == 0
    for row in json.loads(capsys.readouterr().out)["derivatives"]:
        assert float(row["mpmath error"]) < 1e-38
        assert row["verdict"] == "agrees"


def test_thousands_of_digits(capsys):
    assert main(["exp(x)", "x=1", "--digits", "2000", "--json"]) == 0
    with mpmath.workdps(2010):
        found = mpmath.mpf(json.loads(capsys.readouterr().out)["derivatives"][0]["forward"])
        assert abs(found - mpmath.e) < mpmath.mpf(10) ** -1990


def test_kinks_are_explained(capsys):
    assert main(["abs(x)", "x=0"]) == 0
    assert "∂f/∂x: f has a kink here: the derivative from the left is -1, from the right 1" in capsys.readouterr().out
    assert main(["max(x, y)", "x=1", "y=1", "--digits", "20"]) == 0
    assert "not confirmed" in capsys.readouterr().out


def test_a_function_without_oracle_of_its_own_still_has_mpmath(capsys):
    assert main(["erf(x)", "x=0.5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["derivatives"][0]["mpmath error"] < 1e-15


def test_lists_in_an_expression_are_arrays(capsys):
    assert main(["[1, 2] @ (x * [3, y])", "x=2", "y=5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], [row["forward"] for row in found["derivatives"]]) == (26.0, [13.0, 4.0, 0.0, 2.0, 0.0])


@pytest.mark.parametrize("text", ["exp(exp(exp(exp(x))))", "x**(x**(x**(x**x)))", "gamma(gamma(gamma(9*x)))"])
def test_towers_in_mpmath_end(text, capsys):
    assert main([text, "x=4", "--digits", "30"]) == 1
    assert "too large" in capsys.readouterr().err


def test_products_that_grow_end(capsys):
    assert main(["sum(" + "outer(" * 9 + "x" + ", x)" * 9 + ")", "x=[" + "1," * 40 + "1]"]) == 1
    assert "too large for an expression" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "said"), [
    (["x*y*z", "y=1"], "x and z have no value: add x=… z=…"), (["sinn(x)", "x=1"], "is it sin?"),
    (["x^2", "x=1"], "a power is written **"), (["x", "x=inf"], "not finite"), (["x=3", "x**2"], "the expression comes first"),
    (["x", "x=y"], "y is neither"), (["e**x", "x=1", "e=2"], "e is a constant"), (["sum(x)", "x=1", "sum=2"], "sum is a function")])
def test_messages_help(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [
    [], ["x", "x=1", "--digits", "0"], ["x", "x=1", "--taylor", "-1"], ["x", "x=1", "--trace", "up"],
    ["x", "x=1", "--taylor", "1", "--trace", "forward"], ["x", "x=1", "--tra", "forward"]])
def test_wrong_options(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: dualdiff" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version(option, capsys):
    with pytest.raises(SystemExit) as caught:
        main([option])
    assert caught.value.code == 0
    assert ("logaddexp" if option == "--help" else dualdiff.__version__) in capsys.readouterr().out


def test_a_page_that_cannot_be_written(capsys, tmp_path):
    assert main(["x*x", "x=1", "--html", str(tmp_path / "nowhere" / "trace.html")]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_the_page_of_an_expression_has_both_modes(tmp_path):
    page = tmp_path / "trace.html"
    assert main(["x*y", "x=1", "y=2", "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<i>f</i>(x, y)" in text
    assert "<i>v̄</i><sub>1</sub> = <i>v</i><sub>2</sub>·<i>v̄</i><sub>3</sub>" in text


def shell(command, **environment):
    return subprocess.run(["sh", "-c", command.replace("dualdiff", f"{sys.executable} -m dualdiff", 1)], capture_output=True,
                          env={**os.environ, **environment}, timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("command", ["dualdiff 'x*x' x=1 >&-", "dualdiff 'x*x' x=1 <&-", "dualdiff 'x*x' x=1 | true"])
def test_in_a_shell_with_closed_ends(command):
    done = shell(command)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_a_terminal_without_these_letters():
    done = shell("dualdiff 'x*x' x=1 --trace forward", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")


def test_values_are_those_of_python():
    assert Expression("2*sin(x)**2 + pi").function()(0.5) == 2 * math.sin(0.5) ** 2 + math.pi
