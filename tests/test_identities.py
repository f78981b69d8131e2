"""The dot-product identity Re⟨c, J t⟩ = Re⟨Jᵀc, t⟩, forward mode on one side and reverse mode on the other, for every
differentiable row of the table: in several shapes, non-contiguous, real and complex. A row without a call fails.

Both modes read the same partials; that these are right is for the tests against mpmath.
"""

from __future__ import annotations

import contextlib
import functools
import math
import warnings

import numpy as np
import pytest

import batteries
import dualdiff as dd
import dualdiff.math as dmath
import test_transposes
from dualdiff import array_methods, calls, operand
from dualdiff.lanes import short_ways
from dualdiff.rules import matrices, norms
from dualdiff.rules.table import TABLE, Elementwise, find
from dualdiff.rules.transposes import TRANSPOSES
from dualdiff.strong import strong_product, weak_product
from reference import entries

try:
    import scipy.special as sp
except ImportError:
    sp = None
else:
    import dualdiff.rules.special  # noqa: F401  (fills the table)

TOLERANCE = 1e-12
X = np.array([0.5, -1.25, 2.0, 0.75, -0.5, 1.5])
ROWS = X.reshape(2, 3)


# ---- the identity --------------------------------------------------------------------------------------------------------

def random(shape, is_complex, rng):
    return rng.normal(size=shape) + (1j * rng.normal(size=shape) if is_complex else 0)


def paired(left, right):
    """Re Σ lᵢ·rᵢ over all entries, and the sum of the moduli."""
    total = size = 0.0
    for a, b in zip(left, right, strict=True):
        products = np.asarray(a) * np.asarray(b)
        total, size = total + np.sum(products).real, size + np.sum(np.abs(products))
    return total, size


def inexact(args):
    """The positions of the arguments that are real or complex numbers, or arrays of them."""
    return [i for i, a in enumerate(args) if isinstance(a, (float, complex, np.ndarray)) and np.asarray(a).dtype.kind in "fc"]


def disagreement(function, args, active=None):
    """|⟨c, J t⟩ − ⟨Jᵀc, t⟩| relative to the sums of moduli, in the ``active`` arguments; None where J is not finite."""
    rng = np.random.default_rng(3)
    active = [i for i in inexact(args) if active is None or i in active]
    primals = tuple(args[i] for i in active)

    def of_active(*values):
        full = list(args)
        for i, value in zip(active, values):
            full[i] = value
        return function(*full)

    tangents = tuple(random(np.shape(p), np.iscomplexobj(p), rng).astype(np.asarray(p).dtype) if np.shape(p)
                     else random((), np.iscomplexobj(p), rng) for p in primals)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value, pushed = dd.jvp(of_active, primals, tangents)
        ours, pullback = dd.reverse.vjp(of_active, *primals)
        for a, b in zip(entries(value), entries(ours), strict=True):
            assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), "the values differ"
        cotangent = like(value, rng)
        pulled = pullback(cotangent)
    if not all(np.all(np.isfinite(part)) for part in entries(pushed)):
        return None
    left, left_size = paired(entries(cotangent), entries(pushed))
    right, right_size = paired(pulled, tangents)
    return abs(left - right) / (max(left_size, right_size) or 1.0)


def like(value, rng):
    """A random cotangent of the structure of a result."""
    if isinstance(value, (list, tuple)):
        parts = [like(part, rng) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {key: like(part, rng) for key, part in value.items()}
    return random(np.shape(value), np.iscomplexobj(value), rng)


def spread(args):
    """The same numbers, arrays in memory with gaps and in reversed order."""
    def gaps(a):
        if not isinstance(a, np.ndarray) or not a.ndim or a.dtype.kind not in "fc":
            return a
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
        window = wide[..., ::-2]
        window[...] = a
        return window
    return [gaps(a) for a in args]


# ---- elementwise rows ----------------------------------------------------------------------------------------------------

def is_differentiable(partial):
    return partial is not None and not hasattr(partial, "unknown")


def points(domain, n, rng):
    low, high = domain[:2]
    if domain.integers:
        return int(low) + 1 + np.arange(n) % 3
    if math.isinf(low) and math.isinf(high):
        return rng.uniform(0.2, 2.2, n) * np.where(np.arange(n) % 2, -1, 1)
    if math.isinf(high):
        return low + rng.uniform(0.2, 2.2, n)
    if math.isinf(low):
        return high - rng.uniform(0.2, 2.2, n)
    return rng.uniform(low + 0.1 * (high - low), high - 0.1 * (high - low), n)


def columns_of(rule, n, rng):
    """Values for each argument: whole numbers where it takes nothing else."""
    name = rule.name.removeprefix("scipy.special.")
    if name in ELSEWHERE:
        return [np.resize(column, n) for column in ELSEWHERE[name]]
    columns = [points(domain, n, rng) for domain in rule.on]
    return [c.astype(int) if partial is None else c for c, partial in zip(columns, rule.partials)]


ELSEWHERE = {  # SciPy has them on part of the row's domain only, or in complex numbers
    "dualdiff.rules.mathematics.polygamma": (np.array([0, 1, 2]), np.array([0.5, 1.5, 2.5, 3.5])),
    "pbwa": (np.array([0.5, 1.5, 2.5]), np.array([0.25, -1.5, 2.0, 3.5])),
    "_lambertw": (np.array([0.5 + 0.25j, -1.5 + 1j, 2.0 - 0.5j]), np.array([0, 1, -1]), np.array([1e-8])),
}
ELEMENTWISE = [rule for rule in TABLE.values() if isinstance(rule, Elementwise)]


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_elementwise_rows(rule):
    rng = np.random.default_rng(4)
    function, scalars_only = rule.function, rule.name.startswith(("math.", "dualdiff"))
    if rule.name.startswith("math."):
        function = getattr(dmath, rule.function.__name__)
    active = [i for i, partial in enumerate(rule.partials) if is_differentiable(partial)]
    columns = columns_of(rule, 12, rng)

    def of(*values):
        out = function(*values)
        return [part for part in out if np.asarray(part).dtype.kind != "i"] if isinstance(out, tuple) else out

    found = [disagreement(of, [c[k].item() for c in columns], active) for k in range(12)]
    usable = [k for k in range(12) if found[k] is not None]
    assert len(usable) >= 3
    assert max(found[k] for k in usable) < TOLERANCE
    if scalars_only:
        return
    picked = [c[np.resize(usable, 12)] for c in columns]
    for shape in ((12,), (3, 4), (1, 12), (2, 3, 2)):
        arrays = [c.reshape(shape) for c in picked]
        for args in (arrays, spread(arrays), [a.T for a in arrays]):
            assert disagreement(of, args, active) < TOLERANCE
    if len(active) > 1:
        for args in ([picked[0][:1].reshape(1, 1), *(c[:1] for c in picked[1:])], [picked[0], *(c.reshape(3, 4)[:, :1][0]
                                                                                              for c in picked[1:])]):
            assert disagreement(of, args, active) < TOLERANCE


COMPLEX = [rule for rule in ELEMENTWISE if isinstance(rule.function, np.ufunc) and any(
    set(types.partition("->")[0]) == {"D"} for types in rule.function.types)]


NOT_COMPLEX = {"scipy.special.psi": "SciPy has no complex trigamma", "scipy.special.airye": "scaled by a modulus"}


@pytest.mark.parametrize("rule", COMPLEX, ids=lambda rule: rule.name)
def test_elementwise_rows_of_complex_numbers(rule):
    rng = np.random.default_rng(6)
    args = [rng.uniform(0.2, 0.8, (3, 4)) + 1j * rng.uniform(-0.8, 0.8, (3, 4)) if is_differentiable(partial) else
            np.ones((3, 4)) for partial in rule.partials]
    active = [i for i, partial in enumerate(rule.partials) if is_differentiable(partial)]
    for given in (args, spread(args), [a[0, 0].item() for a in args]):
        if rule.name in NOT_COMPLEX:
            for transform in (dd.jvp, lambda f, primals, _: dd.reverse.vjp(f, *primals)):
                with pytest.raises(dd.NotDifferentiableError, match="complex"):
                    transform(rule.function, tuple(given), tuple(given))
        else:
            assert disagreement(rule.function, given, active) < TOLERANCE


def test_there_are_many_complex_rows():
    assert len(COMPLEX) > 25


# ---- calls of the other rows ---------------------------------------------------------------------------------------------

SQUARE = np.array([[2.0, 0.5, -0.25], [0.75, 3.0, 0.5], [-0.5, 0.25, 2.5]])
CALLS = {
    "elliprd": (lambda x: sp.elliprd(x, 2 * x, x + 1) if sp else x, (np.array([0.5, 1.5]),)),
    "cov": (lambda x, y: np.cov(x, y), (ROWS, ROWS[::-1] ** 2)), "corrcoef": (lambda x: np.corrcoef(x), (SQUARE,)),
    "nan_where": (lambda x: matrices.nan_where(np.zeros(x.shape, bool), x), (ROWS,)),
    "polar": (norms.polar, (SQUARE,)), "nuclear": (norms.nuclear, (SQUARE,)),
    "strong_product": (strong_product, (ROWS, ROWS[::-1] + 0.25)), "weak_product": (weak_product, (ROWS, ROWS[::-1] + 0.25)),
    "math.hypot": (lambda x: dmath.hypot(x[0], x[1], x[2]), (X,)), "math.dist": (lambda x: dmath.dist(x[:3], x[3:]), (X,)),
    "intersect1d": (lambda x: np.intersect1d(x, x[1:4]), (X,)),
    "asfortranarray": (lambda x: np.asfortranarray([x[0], x[1] * 2], like=x), (X,)),
    "require": (lambda x: np.require([x[0], x[1] ** 2], like=x), (X,)),
    "ones": (lambda x: np.ones(6, like=x) * x, (X,)), "fromiter": (lambda x: np.fromiter(range(6), float, like=x) * x, (X,)),
    "empty": (lambda x: filled(np.empty(6, like=x), x), (X,)),
    "frombuffer": (lambda x: np.frombuffer(b"12345678", like=x) * x[0], (X,)),
    "heaviside.reduce": (lambda x: np.heaviside.reduce(x) + x[0], (X,)),
    "heaviside.accumulate": (lambda x: np.heaviside.accumulate(x) + x[0], (X,)),
    "heaviside.reduceat": (lambda x: np.heaviside.reduceat(x, [0, 2]) + x[0], (X,)),
    "nextafter.reduce": (lambda x: np.nextafter.reduce(x), (X,)),
    "nextafter.accumulate": (lambda x: np.nextafter.accumulate(x), (X,)),
    "nextafter.reduceat": (lambda x: np.nextafter.reduceat(x, [0, 2]), (X,)),
}


def filled(out, x):
    out[...] = x * x
    return out


def battery():
    """(name, function, arguments) of every call there is, those of the other test files included."""
    for name, (function, args) in CALLS.items():
        yield f"here: {name}", function, args
    seen = set()
    for name, function, args in (*test_transposes.SNIPPETS, *batteries.calls()):
        if (key := (id(function), name.rpartition(":")[2])) not in seen:
            seen.add(key)
            yield name, function, list(args)


BATTERY = list(battery())
PARTS = 24
UNSEEN = {  # rows that no call can differentiate through
    "_operator.getitem": "an operand has __getitem__ of its own",
    "np.array2string": "text", "np.array_str": "text", "np.array_repr": "text",
    "np.fromfile": "reads plain numbers", "np.fromstring": "reads plain numbers", "np.genfromtxt": "reads plain numbers",
    "np.loadtxt": "reads plain numbers",
    "np.trapz": "deprecated: it calls np.trapezoid",
    "np.ldexp.reduce": "needs an integer operand: NumPy has no loop for it", "np.ldexp.accumulate": "the same",
    "np.ldexp.reduceat": "the same",
    "math.sumprod": "Python 3.12; it takes lists, and test_math has its calls",
}


@contextlib.contextmanager
def noted(seen):
    """While it lasts, ``seen`` collects every function whose rule is looked up; there are no ways that look up none."""
    def spy(function):
        rule = find(function)
        seen.add(rule.function)
        return rule

    modules = [module for module in (calls, operand, array_methods, short_ways) if hasattr(module, "find")]
    for module in modules:
        module.find = spy
    ways, short_ways.WAYS = short_ways.WAYS, {}
    try:
        yield
    finally:
        short_ways.WAYS = ways
        for module in modules:
            module.find = find


@functools.cache
def reached():
    seen = set()
    with noted(seen), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for _, function, args in BATTERY:
            function(*[dd.Dual(a) if i in inexact(args) else a for i, a in enumerate(args)])
    return seen


def test_every_differentiable_row_has_a_call():
    rules = [rule for rule in TABLE.values() if rule.kind not in ("locally constant", "refused", "elementwise")
             and "scipy" not in rule.name]  # those of dualdiff.scipy, once it is loaded, have tests of their own
    assert len(rules) > 280
    missing = {rule.name for rule in rules if rule.function not in reached()}
    assert missing == {name for name in UNSEEN if name in {rule.name for rule in rules}}


@pytest.mark.parametrize("part", range(PARTS))
def test_calls_of_arrays(part):
    """Reverse mode refuses none of them."""
    failures = []
    for name, function, args in BATTERY[part::PARTS]:
        for given in (args, spread(args)):
            found = disagreement(function, list(given))
            if found is not None and not found < (1e-6 if name.endswith("sum dtype") else TOLERANCE):
                failures.append((name, found))
    assert not failures


@pytest.mark.parametrize("part", range(PARTS))
def test_calls_of_complex_arrays(part):
    """Each call that is sound with complex numbers, and has a forward derivative there."""
    failures, met = [], 0
    for name, function, args in BATTERY[part::PARTS]:
        turned = [a * (1 + 0.5j) if isinstance(a, (float, np.ndarray)) and np.asarray(a).dtype == float else a for a in args]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                function(*turned)
                dd.jvp(lambda *values, function=function: function(*values), tuple(turned), tuple(turned))
            except Exception:  # not of complex numbers
                continue
        found = disagreement(function, turned)
        met += 1
        if found is not None and not found < (1e-6 if name.endswith("sum dtype") else TOLERANCE):
            failures.append((name, found))
    assert not failures
    assert met > 10


# ---- the identity bites --------------------------------------------------------------------------------------------------

def test_a_wrong_transpose_is_found(monkeypatch):
    for function, call in ((np.sum, np.sum), (np.matmul, lambda x: x @ x.T), (np.cumsum, np.cumsum)):
        for name, transpose in TRANSPOSES[function].items():
            monkeypatch.setitem(TRANSPOSES[function], name, lambda c, *args, by=transpose, **kw: 1.001 * by(c, *args, **kw))
        assert disagreement(call, [ROWS]) > 1e-5
