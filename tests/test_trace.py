"""Evaluation traces: the lines that textbooks print, and values that agree with the derivatives."""

import math
import re
import shutil
import subprocess
import xml.etree.ElementTree

import numpy as np
import pytest

import dualdiff as dd
from dualdiff.traces.layout import Layout


def textbook(x1, x2):
    return x1 * x2 + np.exp(x1 * x2) - np.sin(x2)


def test_forward_shows_the_seven_lines():
    found = dd.trace(textbook)(0.5, 2.0)
    assert [(s.name, s.operation, s.formula) for s in found] == [
        ("v₁", "x1", "given"), ("v₂", "x2", "given"),
        ("v₃", "v₁·v₂", "v̇₁·v₂ + v₁·v̇₂"), ("v₄", "exp(v₃)", "v₄·v̇₃"), ("v₅", "v₃ + v₄", "v̇₃ + v̇₄"),
        ("v₆", "sin(v₂)", "cos(v₂)·v̇₂"), ("v₇", "v₅ − v₆", "v̇₅ − v̇₆")]
    e = math.exp(1.0)
    np.testing.assert_allclose([s.value for s in found], [0.5, 2, 1, e, 1 + e, math.sin(2), 1 + e - math.sin(2)], rtol=1e-15)
    np.testing.assert_allclose([s.tangent for s in found], [1, 0, 2, 2 * e, 2 + 2 * e, 0, 2 + 2 * e], rtol=1e-15)


def test_reverse_shows_the_same_seven_with_adjoints():
    found = dd.trace(textbook)(0.5, 2.0, mode="reverse")
    e = math.exp(1.0)
    assert [s.formula for s in found] == ["v₂·v̄₃", "v₁·v̄₃ + cos(v₂)·v̄₆", "v₄·v̄₄ + v̄₅", "v̄₅", "v̄₇", "−v̄₇", "given"]
    np.testing.assert_allclose([s.adjoint for s in found],
                               [2 * (1 + e), 0.5 * (1 + e) - math.cos(2), 1 + e, 1, 1, -1, 1], rtol=1e-15)
    np.testing.assert_allclose(found.derivative, (2 * (1 + e), 0.5 * (1 + e) - math.cos(2)), rtol=1e-15)


def test_what_is_done_twice_is_one_line_unless_asked_otherwise():
    assert len(dd.trace(textbook)(0.5, 2.0)) == 7
    found = dd.trace(textbook, share=False)(0.5, 2.0, mode="reverse")
    assert len(found) == 8
    np.testing.assert_allclose(found.derivative, dd.trace(textbook)(0.5, 2.0, mode="reverse").derivative, rtol=1e-15)


def test_a_direction():
    found = dd.trace(textbook)(0.5, 2.0, direction=(0.0, 1.0))
    assert found.derivative == pytest.approx(0.5 * (1 + math.e) - math.cos(2), rel=1e-15)
    assert dd.trace(textbook)(0.5, 2.0, mode="reverse", direction=2.0).derivative[0] == pytest.approx(4 * (1 + math.e), rel=1e-15)


FORMULAS = [
    (lambda x: x**3, 2.0, "3·v₁²·v̇₁"),
    (lambda x: x**2, 2.0, "2·v₁·v̇₁"),
    (np.tanh, 0.3, "sech(v₁)²·v̇₁"),
    (np.log, 2.0, "v̇₁/v₁"),
    (lambda x: -x, 2.0, "−v̇₁"),
    (lambda x: np.maximum(x, 3.0), 2.0, "0"),
    (lambda x: np.maximum(x, 1.0), 2.0, "v̇₁"),
    (np.cos, 2.0, "−sin(v₁)·v̇₁"),
    (np.arctan2, (1.0, 2.0), "v₂/(v₂² + v₁²)·v̇₁ − v₁/(v₁² + v₂²)·v̇₂"),
    (np.sum, np.ones(3), "sum(v̇₁)"),
    (lambda a, b: a @ b, (np.eye(2), np.ones(2)), "v̇₁ @ v₂ + v₁ @ v̇₂"),
    (np.linalg.inv, np.eye(2), "−v₂ @ v̇₁ @ v₂"),
]


@pytest.mark.parametrize(("f", "x", "formula"), FORMULAS)
def test_formulas(f, x, formula):
    assert dd.trace(f)(*(x if isinstance(x, tuple) else (x,))).steps[-1].formula == formula


def mutating(x, a):
    y = np.zeros_like(x)
    y[0] = np.sum(a @ x)
    z = y[1:]
    z += 3 * x[0]
    return np.sort(y)[::-1].dot(np.exp(-x)) + np.var(x)


def test_arrays_views_and_assignments():
    x, a = np.array([1.0, 2.0, 3.0]), np.arange(9.0).reshape(3, 3)
    exact = dd.gradient(mutating, argnums=(0, 1))(x.copy(), a)
    found = dd.trace(mutating)(x, a, direction=(np.array([0.0, 1.0, 0.0]), 0 * a))
    assert found.value == mutating(x, a)
    np.testing.assert_allclose(found.derivative, exact[0][1], rtol=1e-13)
    for mine, theirs in zip(dd.trace(mutating)(x, a, mode="reverse").derivative, exact):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    assert x.tolist() == [1, 2, 3]
    assert any(re.fullmatch(r"v.+ with \[1:\] ← v.+", step.operation) for step in found)
    assert "test_trace.py" in str(found)
    assert "y[0] = np.sum(a @ x)" in str(found)


def test_every_adjoint_is_the_derivative_with_respect_to_that_step():
    """Σ v̄ᵢ·v̇ᵢ over the inputs is the output's tangent (exact in any program)."""
    def f(x):
        y = np.exp(x) * x[0]
        return np.sum(y / (1 + y * y))

    x, v = np.array([0.2, 0.5]), np.array([1.0, -2.0])
    forward, reverse = dd.trace(f)(x, direction=v), dd.trace(f)(x, mode="reverse")
    assert np.dot(reverse.steps[0].adjoint, v) == pytest.approx(forward.derivative, rel=1e-14)
    assert [s.operation for s in forward] == [s.operation for s in reverse]


def test_long_traces_are_folded_and_arrays_summarised():
    def loop(x):
        for _ in range(500):
            x = np.sin(x) + 0.1
        return x

    found = dd.trace(loop)(1.0)
    assert len(found) == 1001
    assert "steps left out" in str(found)
    assert len(str(found).splitlines()) < 80
    assert "100×100 in [1, 1]" in str(dd.trace(np.sum)(np.ones((100, 100))))


def test_formats():
    found = dd.trace(textbook)(0.5, 2.0)
    assert found.to_markdown().splitlines()[4].startswith("| v₃ | v₁·v₂ | 1 | v̇₃ = v̇₁·v₂ + v₁·v̇₂ | 2 |")
    assert r"\dot{v}_{3} = \dot{v}_{1}\cdot v_{2} + v_{1}\cdot \dot{v}_{2}" in found.to_latex()
    assert "v3 -> v4;" in found.to_dot()
    html = found._repr_html_()
    assert html.count("<tr>") == 8
    assert html.count('class="node') == 7
    assert html.count('class="edge"') == 8
    escaped = dd.trace(lambda x: np.where(x < 2, x, 0) * 2)(np.arange(4.0)).to_html()
    assert "x < 2" not in escaped
    assert "x &lt; 2" in escaped


AWKWARD = {"a_b": 1.5, "x&|<y>#%$~^\\{}": -2.0}


def awkward(p):
    return p["a_b"] ** 2.5 / np.sqrt(abs(p["x&|<y>#%$~^\\{}"])) + 1e-8 * p["a_b"] % 3


def ramp(w, x):
    y = np.zeros_like(x)
    y[0] = np.sum(w @ x)
    y[1:] += np.where(x[1:] > 0, x[1:], 2)
    return y @ np.linalg.inv(w) @ x


CALLS = [(textbook, (0.5, 2.0)), (awkward, (AWKWARD,)), (ramp, (np.eye(2), np.array([1.0, 2.0])))]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("f", "args"), CALLS)
def test_latex_can_be_read(f, args, mode):
    """Every formula is read by Matplotlib's parser of TeX; braces and columns are as many as they must be."""
    parse = pytest.importorskip("matplotlib.mathtext").MathTextParser("path").parse
    lines = dd.trace(f)(*args, mode=mode).to_latex().splitlines()
    for line in lines[2:-1]:
        assert line.count(" & ") == 4
        for text in re.findall(r"(?<!\\)\$((?:[^$\\]|\\.)*)\$", line):
            parse(f"${text}$")
            assert not set(text) & set("₀₁₂₃₄₅₆₇₈₉⁰¹²³·−√")
        bare = re.sub(r"\\\\$|\\[{}]", "", line)
        assert bare.count("{") == bare.count("}")


def test_latex_of_numbers_roots_powers_and_names():
    text = dd.trace(awkward)(AWKWARD).to_latex()
    for piece in (r"\texttt{p['a\_b']}", r"\&|<y>\#\%\$\~{}\^{}\textbackslash{}", r"v_{1}^{2.5}", r"\sqrt{v_{4}}",
                  r"10^{-8}\cdot v_{1}", r"\ \mathrm{mod}\ 3"):
        assert piece in text


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("f", "args"), CALLS)
def test_markdown_and_html_are_tables(f, args, mode):
    found = dd.trace(f)(*args, mode=mode)
    for line in found.to_markdown().splitlines():
        assert len(re.findall(r"(?<!\\)\|", line)) == 7
    root = xml.etree.ElementTree.fromstring(found.to_html())
    assert len(root.findall(".//tbody/tr")) == len(found)
    assert {len(row) for row in root.findall(".//tr")} == {6}


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize(("f", "args"), CALLS)
def test_graphviz_reads_the_graph(f, args):
    subprocess.run(["dot", "-Tsvg"], input=dd.trace(f)(*args).to_dot(), text=True, capture_output=True, check=True, timeout=60)


def test_edges_do_not_run_behind_nodes():
    """Between its ends an edge runs in lanes, and no lane lies where a node stands."""
    found = dd.trace(ramp)(np.eye(2), np.array([1.0, 2.0]))
    layout = Layout({step.index: step.inputs for step in found})
    for column in layout.columns:
        places = sorted((layout.across[spot], 0.5 if layout.is_node(spot) else 0.2) for spot in column)
        assert all(right - left >= a + b - 1e-9 for (left, a), (right, b) in zip(places, places[1:]))
    for step in found:
        for i in step.inputs:
            assert [k for _, k in layout.path(i, step.index)] == list(range(layout.layer[i], layout.layer[step.index] + 1))


def views(x):
    y = np.zeros_like(x) + x[0]
    z = y[1:]
    z += x[1:] ** 2
    turned = y.reshape(3, 1).T
    turned[0, 2] = y[0] * 3
    y[:2] = y[1:] * x[:2]
    return np.sum(y**2) + z[0]


def test_views_and_what_is_written_to_them():
    """Every adjoint of every step is that of the value: with one step's value nudged, the result changes by it."""
    x = np.array([0.5, 1.0, 2.0])
    forward, reverse = dd.trace(views)(x, direction=np.array([1.0, -2.0, 0.5])), dd.trace(views)(x, mode="reverse")
    exact = dd.gradient(views)(x)
    np.testing.assert_allclose(reverse.steps[0].adjoint, exact, rtol=1e-14)
    assert forward.derivative == pytest.approx(exact @ [1.0, -2.0, 0.5], rel=1e-14)
    assert [s.operation for s in forward] == [s.operation for s in reverse]
    operations = [s.operation for s in forward]
    assert any(re.fullmatch(r"v.+ with \[1:\] ← v.+", o) for o in operations)
    assert any("with transpose(reshape(·, [3, 1]))[0, 2] ← v" in o for o in operations)
    last = forward.steps[max(i for i, o in enumerate(operations) if "← v" in o)]
    np.testing.assert_array_equal(last.value, plain_after(x))
    assert [s for s in reverse if s.function == "index" and "[0]" in s.operation][-1].value == views_last(x)


def plain_after(x):
    y = np.zeros_like(x) + x[0]
    y[1:] += x[1:] ** 2
    y[2] = y[0] * 3
    y[:2] = y[1:] * x[:2]
    return y


def views_last(x):
    return plain_after(x)[1]


def test_a_page_is_saved_even_if_the_other_mode_fails(tmp_path):
    def f(x):
        return x * len(calls) if calls else 1 / 0

    calls = [1]
    found = dd.trace(f)(2.0)
    calls.clear()
    found.save(tmp_path / "trace.html")
    assert found.in_mode("reverse") is None


def test_mistakes():
    with pytest.raises(ValueError, match="neither 'forward' nor 'reverse'"):
        dd.trace(textbook)(1.0, 2.0, mode="backward")
    with pytest.raises(TypeError, match="nothing to trace"):
        dd.trace(len)("abc")
    with pytest.raises(TypeError, match="takes a function"):
        dd.trace(3.0)


def test_nested():
    assert dd.derivative(lambda x: dd.trace(lambda y: y**3)(x).derivative)(2.0) == pytest.approx(12.0)
    assert dd.trace(dd.derivative(np.sin))(0.5).derivative == pytest.approx(-math.sin(0.5))
