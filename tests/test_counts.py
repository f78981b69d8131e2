"""The table of counts, against numbers that count their own operations inside NumPy's loops or textbook ones, and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from counting import Number
from dualdiff.rules.counts import COUNTS, FREE, operations
from dualdiff.rules.table import TABLE

rng = np.random.default_rng(5)


def numbers(shape):
    out = np.empty(shape, object)
    for i in np.ndindex(out.shape):
        out[i] = Number(1.0 + rng.random())
    return out


def counted(function, *args):
    Number.done = 0
    function(*args)
    return Number.done


def found(function, *shapes, **kwargs):
    args = [rng.random(shape) for shape in shapes]
    return operations(TABLE[function], function(*args, **kwargs), tuple(args), kwargs)


BY_NUMPY = [  # NumPy's own loops over objects
    (np.matmul, ((3, 4), (4, 5)), {}), (np.matmul, ((2, 3, 4), (4, 5)), {}), (np.matmul, ((4,), (4, 5)), {}),
    (np.dot, ((7,), (7,)), {}), (np.dot, ((3, 4), (4, 2)), {}), (np.inner, ((3, 4), (5, 4)), {}), (np.outer, ((3,), (4,)), {}),
    (np.dot, ((2, 3, 4), (5, 4, 2)), {}), (np.tensordot, ((2, 3, 4), (4, 3, 5)), {"axes": ([1, 2], [1, 0])}),
    (np.kron, ((2, 3), (3, 2)), {}), (np.vdot, ((6,), (6,)), {}), (np.cross, ((5, 3), (5, 3)), {}),
    *[(np.convolve, (shapes), {"mode": mode}) for mode in ("full", "same", "valid") for shapes in (((7,), (3,)), ((4,), (4,)))],
    *[(np.correlate, (shapes), {"mode": mode}) for mode in ("full", "same", "valid") for shapes in (((7,), (4,)), ((3,), (6,)))],
    (np.sum, ((3, 4),), {"axis": 0}), (np.sum, ((3, 4),), {}), (np.cumsum, ((3, 4),), {"axis": 1}), (np.cumsum, ((3, 4),), {}),
    (np.diff, ((3, 6),), {}), (np.diff, ((6, 3),), {"n": 3, "axis": 0}), (np.ediff1d, ((6,),), {}), (np.trace, ((4, 5),), {}),
    (np.mean, ((3, 4),), {"axis": 1}), (np.add.reduce, ((3, 4),), {}), (np.add.accumulate, ((3, 4),), {}),
]


@pytest.mark.parametrize(("function", "shapes", "kwargs"), BY_NUMPY, ids=lambda value: getattr(value, "__name__", ""))
def test_sums_and_products_count_what_numpy_does(function, shapes, kwargs):
    assert found(function, *shapes, **kwargs) == counted(lambda *args: function(*args, **kwargs), *map(numbers, shapes))


@pytest.mark.parametrize(("subscripts", "shapes"), [
    ("ij,jk->ik", ((3, 4), (4, 5))), ("ii->i", ((4, 4),)), ("ij->", ((3, 4),)), ("i,j,k->ijk", ((2,), (3,), (4,))),
    ("bij,bj->bi", ((2, 3, 4), (2, 4))), ("ij,ij->", ((3, 4), (3, 4))), ("ij,jk,kl->il", ((2, 3), (3, 4), (4, 2)))])
def test_einsum_is_one_loop(subscripts, shapes):
    """One loop over all the indices, the first term of each entry being put there."""
    left, right = subscripts.split("->")
    labels = left.split(",")
    sizes = {label: n for part, shape in zip(labels, shapes) for label, n in zip(part, shape)}

    def loops(*factors):
        out = {}
        for point in np.ndindex(*sizes.values()):
            at = dict(zip(sizes, point))
            term = None
            for part, x in zip(labels, factors):
                entry = x[tuple(at[label] for label in part)]
                term = entry if term is None else term * entry
            place = tuple(at[label] for label in right)
            out[place] = out[place] + term if place in out else term

    args = [rng.random(shape) for shape in shapes]
    rule = TABLE[np.einsum]
    wanted = counted(loops, *map(numbers, shapes))
    assert operations(rule, np.einsum(subscripts, *args), (subscripts, *args), {}) == wanted
    lists = [part for x, labels_ in zip(args, labels) for part in (x, [ord(c) - 97 for c in labels_])]
    lists.append([ord(c) - 97 for c in right])
    assert operations(rule, np.einsum(*lists), tuple(lists), {}) == wanted


@pytest.mark.parametrize(("function", "args", "kwargs", "wanted"), [
    (np.sum, (np.ones((3, 4)),), {"axis": 1, "initial": 2.0}, 12),
    (np.sum, (np.ones((2, 4)),), {"axis": 1, "where": np.array([[True, True, True, False], [False] * 4])}, 2),
    (np.sum, (np.ones((0, 4)),), {"axis": 0}, 0),
    (np.mean, (np.ones((2, 3)),), {"where": np.array([True, False, True])}, 4),
    (np.add.reduceat, (np.ones(8), [0, 3, 1, 5]), {}, 2 + 0 + 3 + 2),
    (np.bincount, (np.array([0, 1, 1, 3, 1]), np.ones(5)), {}, 2),
    (np.add, (np.ones(4), 2.0), {"where": np.array([True, False, True, True])}, 3),
    (np.sin, (np.ones((3, 4)),), {}, 12),
    (np.divmod, (np.ones(3), 2.0), {}, 6),
    (np.maximum, (np.ones(3), 2.0), {}, 0),
    (np.reshape, (np.ones(4), (2, 2)), {}, 0),
    (np.polyder, (np.ones(6),), {"m": 2}, 5 + 4),
    *([(np.cross, (np.ones(2), np.ones(2)), {}, 3)] if np.lib.NumpyVersion(np.__version__) < "2.5.0" else []),
    (np.linalg.multi_dot, ([np.ones((10, 100)), np.ones((100, 5)), np.ones((5, 50))],), {}, 10 * 5 * 199 + 10 * 50 * 9),
    (np.linalg.multi_dot, ([np.ones(3), np.ones((3, 4)), np.ones((4, 2)), np.ones(2)],), {}, 4 * 5 + 2 * 7 + 3),
    (np.fft.fft, (np.ones(8),), {}, 5 * 8 * 3),
    (np.fft.fft, (np.ones((3, 8)),), {"n": 4}, 3 * 5 * 4 * 2),
    (np.fft.rfft, (np.ones((16, 2)),), {"axis": 0}, 2 * 2.5 * 16 * 4),
    (np.fft.irfft, (np.ones(9),), {}, 2.5 * 16 * 4),
    (np.fft.fft2, (np.ones((3, 4, 8)),), {}, 3 * 5 * 32 * 5),
    (np.fft.rfftn, (np.ones((4, 8)),), {}, 2.5 * 32 * 5),
    (np.fft.fft, (np.ones(1),), {}, 0),
    (np.linalg.inv, (np.eye(6),), {}, 2 * 6**3),
    (np.linalg.det, (np.stack([np.eye(6)] * 4),), {}, 4 * 144),
    (np.linalg.solve, (np.eye(3), np.ones((3, 5))), {}, 18 + 5 * 18),
    (np.linalg.solve, (np.eye(3), np.ones(3)), {}, 18 + 18),
    (np.linalg.svdvals, (np.ones((5, 3)),), {}, 2 * 5 * 9 + 2 * 27),
    (np.linalg.svd, (np.ones((3, 5)),), {"full_matrices": False}, 6 * 5 * 9 + 20 * 27),
    (np.linalg.qr, (np.ones((6, 3)),), {"mode": "r"}, 2 * 9 * 5),
], ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.filterwarnings("ignore:.*where.*:UserWarning", "ignore:Arrays of 2-dim:DeprecationWarning")
def test_closed_forms(function, args, kwargs, wanted):
    assert operations(TABLE[function], function(*args, **kwargs), args, kwargs) == wanted


def textbook_cholesky(a):
    """The lower factor, entry by entry; roots are not counted in the leading term."""
    n = len(a)
    factor = np.zeros_like(a)
    for j in range(n):
        for i in range(j, n):
            entry = a[i, j]
            for k in range(j):
                entry = entry - factor[i, k] * factor[j, k]
            factor[i, j] = Number(math.sqrt(abs(entry.value) + 1)) if i == j else entry / factor[j, j]


def textbook_elimination(a):
    n = len(a)
    a = a.copy()
    for k in range(n):
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            for j in range(k + 1, n):
                a[i, j] = a[i, j] - factor * a[k, j]


@pytest.mark.parametrize(("function", "algorithm"), [(np.linalg.cholesky, textbook_cholesky),
                                                     (np.linalg.det, textbook_elimination)])
def test_leading_terms_are_those_of_the_textbook(function, algorithm):
    """The rest is of second degree: with n = 10 and n = 20 it falls below 2 n²."""
    for n in (10, 20):
        whole = counted(algorithm, numbers((n, n)))
        assert abs(whole - operations(TABLE[function], function(np.eye(n)), (np.eye(n),), {})) < 2 * n**2


def test_every_array_rule_of_numpy_is_counted():
    """Elementwise ones count one for each number; composites and selections what they are written with."""
    rules = [rule for rule in TABLE.values() if rule.kind in ("linear", "bilinear", "matrix")]
    missing = [rule.name for rule in rules if rule.name.startswith(("np.", "math.", "dualdiff.rules"))
               and rule.function not in COUNTS and rule.function not in FREE]
    assert not missing
