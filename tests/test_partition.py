"""Every function that NumPy dispatches stands in the table, in exactly one kind: a new NumPy release cannot slip past."""

from __future__ import annotations

import numpy as np
import pytest

import dualdiff as dd
from benchmarks.coverage import counts, dispatched, table
from dualdiff.rules.table import TABLE

KINDS = {"elementwise", "linear", "bilinear", "selection", "matrix", "composite", "creation", "locally constant", "refused"}


def functions() -> list[tuple[str, object]]:
    return sorted(dispatched().items())


@pytest.mark.parametrize(("name", "function"), functions(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_function_has_a_kind(name, function):
    assert function in TABLE, f"{name} is new to dualdiff: give it a rule, or refuse it with a reason"
    assert TABLE[function].kind in KINDS


def test_the_walk_finds_what_there_is():
    """NumPy 2.0 dispatches some 350 functions; an empty walk would prove nothing."""
    found = dispatched()
    assert len(found) > 330
    for name in ("numpy.sin", "numpy.einsum", "numpy.linalg.svd", "numpy.fft.irfft", "numpy.zeros_like", "numpy.lib.scimath.sqrt",
                 "numpy.array", "numpy.lib.stride_tricks.sliding_window_view"):
        assert name in found


def test_functions_with_like_are_creations():
    for name, function in functions():
        if name in ("numpy.array", "numpy.asarray", "numpy.zeros", "numpy.arange", "numpy.eye", "numpy.full", "numpy.fromfunction"):
            assert TABLE[function].kind == "creation"


def test_refusals_have_a_reason():
    for rule in TABLE.values():
        if rule.kind == "refused":
            assert len(rule.reason) > 20


def test_counts_add_up():
    assert sum(counts().values()) == len(dispatched())
    text = table()
    assert text.count("|") > 20
    for kind, n in counts().items():
        assert f"| {kind} | {n} |" in text


def test_locally_constant_functions_return_plain_values():
    x = dd.Dual([[1.0, 2.0], [3.0, 4.5]], 1.0)
    for function in (np.shape, np.argmax, np.argsort, np.nonzero, np.isnan, np.isreal, np.iscomplexobj, np.tril_indices_from,
                     np.diag_indices_from, np.any, np.count_nonzero, np.argwhere, np.isposinf, np.isneginf, np.around, np.fix):
        def check(found, wanted):
            if isinstance(wanted, tuple):
                assert len(found) == len(wanted)
                for f, w in zip(found, wanted):
                    check(f, w)
            else:
                assert not isinstance(found, dd.Dual)
                np.testing.assert_array_equal(found, wanted)

        check(function(x), function(x.primal))
    assert np.shares_memory(x, x[0])
    assert not np.may_share_memory(x, x.copy())


def test_text():
    x = dd.Dual([1.0, 2.0], [3.0, 4.0])
    assert np.array_repr(x) == repr(x)
    assert np.array_str(x) == np.array2string(x) == str(x) == "[1. 2.] + [3. 4.]ε"


@pytest.mark.parametrize("function", [
    lambda x: np.save("x.npy", x), lambda x: np.packbits(x), lambda x: np.savetxt("x.txt", x), lambda x: np.savez("x.npz", x),
    lambda x: np.bitwise_count(x), lambda x: np.busday_count(x, x), lambda x: np.ravel_multi_index((x,), (3,))])
def test_refused(function):
    with pytest.raises(TypeError):
        function(dd.Dual([1.0, 2.0], 1.0))
