"""The formulas of a trace are what the pass computes: read back as expressions, they give the very numbers beside them."""

import re

import numpy as np
import pytest
import scipy.special

import dualdiff as dd
from dualdiff.rules.table import TABLE, Elementwise, find
from dualdiff.traces import formulas, text

find(scipy.special.erf)  # loads the rules of scipy.special
FUNCTIONS = [rule for rule in list(TABLE.values()) if isinstance(rule, Elementwise) and isinstance(rule.function, np.ufunc)
             and rule.function is not scipy.special._ufuncs._lambertw]  # its point would need branch and tolerance
UNWRITTEN = {"j1", "i1", "i1e", "beta", "betaln", "binom", "poch", "wrightomega"}  # rules with loops or special numbers: ∂j1/∂v₁

SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·", "0123456789-.")
WORDS = {"ln": np.log, "√": np.sqrt, "root": np.sqrt, "abs": np.abs, "sech": lambda x: 1 / np.cosh(x), "where": np.where,
         "Re": np.real, "zeta": scipy.special.zeta, "pi": np.pi, "ln2": np.log(2), "ln10": np.log(10)}


def scope():
    names = {**vars(scipy.special), **vars(np), **WORDS}
    return {name: value for name, value in names.items() if not name.startswith("_")}


def evaluated(formula, steps):
    """A formula as Python reads it, with the numbers of the trace for the names of its steps."""
    names = scope()
    for step in steps:
        for mark, value in (("v", step.value), ("d", step.tangent), ("a", step.adjoint)):
            names[f"{mark}{step.index}"] = value
    marks = {"": "v", "\u0307": "d", "\u0304": "a"}
    text = re.sub("v([\u0307\u0304]?)([₀-₉]+)", lambda m: marks[m[1]] + m[2].translate(SUBSCRIPTS), formula)
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: f"**({m[0].translate(SUPERSCRIPTS)})", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"\[([^][]* [<>≤≥=≠] [^][]*)\]", r"(\1)", text)
    for shown, python in {"−": "-", "·": "*", "√": "root", "π": "pi", "ln 2": "ln2", "ln 10": "ln10", " mod ": " % ", "^": "**",
                          "≤": "<=", "≥": ">=", " = ": " == ", "≠": "!="}.items():
        text = text.replace(shown, python)
    return eval(text, {"__builtins__": {}}, names)


@pytest.fixture(autouse=True)
def _numbers_in_full(monkeypatch):
    monkeypatch.setattr(text, "DIGITS", 17)
    monkeypatch.setattr(formulas, "LONGEST", 10_000)


def point(rule):
    """A number inside the domain of each argument."""
    values = []
    for k, on in enumerate(rule.on):
        low, high = max(on.low, -3), min(on.high, max(on.low, -3) + 4)
        values.append(float(round(low + 1 + k)) if on.integers else low + (high - low) * (0.31 + 0.17 * k))
    return values


@pytest.mark.parametrize("rule", FUNCTIONS, ids=lambda rule: rule.name)
def test_a_formula_gives_the_number_beside_it(rule):
    arguments = point(rule)
    fixed = {i for i, partial in enumerate(rule.partials)
             if hasattr(partial, "unknown") or (not partial and len(arguments) > 1)}
    free = [i for i in range(len(arguments)) if i not in fixed]
    if not free:
        pytest.skip("no argument has a derivative in closed form")
    counts = {i for i in fixed if not rule.partials[i] or rule.on[i].integers}  # orders, branches
    values = [int(x) if i in counts else x for i, x in enumerate(arguments)]

    def f(*given):
        full = list(values)
        for i, x in zip(free, given):
            full[i] = x
        return rule.function(*full)

    given = [values[i] for i in free]
    forward = dd.trace(f)(*given, direction=tuple(0.7 + k for k in range(len(given))))
    written = 0
    for step in forward.steps[len(given):]:
        if "∂" in step.formula:
            continue
        written += 1
        assert evaluated(step.formula, forward.steps) == pytest.approx(step.tangent, rel=1e-11), step
    assert written or len(forward) == len(given) or rule.function.__name__ in UNWRITTEN

    if rule.function.nout == 1 and written:
        reverse = dd.trace(f)(*given, mode="reverse")
        for step in reverse.steps[:len(given)]:
            if "∂" not in step.formula:
                assert evaluated(step.formula, reverse.steps) == pytest.approx(
                    step.adjoint, rel=1e-11, abs=1e-300), step


def polynomial(x, y):
    return (x - 2 * y) ** 3 / (1 - x) - (x + y) * -y + 2**x - 3 % y


def branching(x, y):
    z = abs(x - y)
    return -(-z) / -y - (x - (y - 1)) + np.where(z > 1, z**2, -z) * (x // y + x % y)


def several(x, y):
    a, b = np.modf(x * y)
    return np.hypot(a, y) * np.arctan2(x, -y) - -a + x**y - (-x) ** 2 / -(y**-2)


@pytest.mark.parametrize("f", [polynomial, branching, several], ids=lambda f: f.__name__)
@pytest.mark.parametrize("at", [(0.3, 0.8), (2.5, 1.5), (1.5, 4.25)])
def test_whole_functions(f, at):
    """Parentheses stand where they must: every operation, every tangent and every adjoint, read back."""
    forward, reverse = dd.trace(f)(*at, direction=(0.75, -1.5)), dd.trace(f)(*at, mode="reverse")
    for step in forward.steps[2:]:
        assert evaluated(step.operation, forward.steps) == pytest.approx(step.value, rel=1e-13), step
        assert evaluated(step.formula, forward.steps) == pytest.approx(step.tangent, rel=1e-12, abs=1e-15), step
    for step in reverse.steps:
        if step.formula != "given" and "∂" not in step.formula:
            assert evaluated(step.formula, reverse.steps) == pytest.approx(step.adjoint, rel=1e-12, abs=1e-15), step
    exact = dd.gradient(f, argnums=(0, 1))(*at)
    assert reverse.derivative == pytest.approx(exact, rel=1e-12)
    assert forward.derivative == pytest.approx(0.75 * exact[0] - 1.5 * exact[1], rel=1e-12)


def test_the_test_can_fail():
    found = dd.trace(np.sin)(0.5)
    found.steps[1].formula = "sin(v₁)·v̇₁"
    assert evaluated(found.steps[1].formula, found.steps) != pytest.approx(found.steps[1].tangent, rel=1e-3)
