"""Programs that turn on NumPy itself: building arrays, indexing, assignment, iteration."""

from __future__ import annotations

import math

import numpy as np

from programs_science import IMAGE, P, X, program

# ---- building arrays -----------------------------------------------------------------------------------------------------


@program(P)
def inverse_of_nested_lists(p):
    a, b, c = p
    return np.linalg.inv(np.array([[a, b], [-b, c]], like=p))


@program(P, float32=False)  # np.r_ takes 1.0 for weak, which an array of objects cannot tell
def r_and_c(p):
    return np.r_[p[0], p, 1.0, p[1:] ** 2], np.c_[p, p**2], np.r_[0:3, p[2]] * 2


@program(0.7, 2.5)
def linspace_of_values(a, b):
    t = np.linspace(a, b, 5)
    return np.sin(t), np.linspace(a, b, 4, endpoint=False, retstep=True)


@program(0.7, 2.5)
def logspace_and_geomspace(a, b):
    return np.logspace(a, b, 4), np.geomspace(a, b, 5)


@program(P)
def full_and_friends(p):
    return np.full(3, p[0]) * p, np.full_like(p, p[1]), np.full((2, 2), p[2] ** 2) @ p[:2]


@program(P)
def vectorized(p):
    f = np.vectorize(lambda t: t**2 if t > 1 else math.pi * t)
    return f(p) * p


@program(P)
def vectorized_with_signature(p):
    f = np.vectorize(lambda v: v.sum() * v, signature="(n)->(n)")
    return f(np.stack([p, p**2]))


@program(P, float32=False)
def frompyfunc(p):
    return np.array(np.frompyfunc(lambda a, b: a * b + 1, 2, 1)(p, p[::-1]).tolist())


@program(P, np.array([0.5, 1.5]))
def meshgrids(x, y):
    gx, gy = np.meshgrid(x, y, indexing="ij")
    a, b = np.meshgrid(x, y, sparse=True)
    return gx * gy**2, a + np.sin(b)


@program(P)
def blocks(p):
    return np.block([[np.diag(p), p[:, None]], [p[None, :], np.array([[0.0]])]])


@program(P)
def stacking(p):
    return np.vstack([p, 2 * p]), np.hstack([p, [1.0]]), np.dstack((p, p)), np.column_stack([p, p**2]), np.stack((p, p), -1)


@program(P)
def list_comprehension(p):
    return np.array([np.sum(p**k) for k in range(4)])


@program(P)
def nested_comprehension(p):
    return np.array([[a * b for a in p] for b in p[:2]])


@program(P)
def array_of_rows(p):
    rows = [p * k for k in (1, 2, 3)]
    return np.array(rows).T @ p, np.asarray(rows).sum(axis=0)


@program(P)
def vandermonde(p):
    return np.vander(p, 4), np.vander(p, 3, increasing=True) @ [1.0, 2.0, 3.0]


@program(P)
def ones_zeros_eye_like(p):
    out = np.ones_like(p) * 2
    out[1] = p[0]
    e = np.eye(3, like=p)
    e[0, 2] = p[2]
    return out + np.zeros_like(p), e


@program(P)
def from_iterators(p):
    return np.array(list(map(np.square, p))), np.array([v for v in p if v > 1]), np.stack(list(reversed(p)))


@program(P)
def diagonals(p):
    a = np.outer(p, p) + np.diag(p, k=0)
    np.fill_diagonal(a, p**2)
    return a, np.diag(a, 1), np.trace(a), np.tril(a, -1)


# ---- indexing and assignment ---------------------------------------------------------------------------------------------

@program(IMAGE)
def ix_and_masks(a):
    rows, cols = np.array([True, False, True]), [0, 2]
    return a[np.ix_(rows, cols)] ** 2, a[a > 1].sum(), a[[0, 1], [1, 2]], a[..., -1], a[:, [3, 0]]


@program(IMAGE)
def masked_assignment(a):
    b = a * 2
    b[a > 1] = 0
    b[b < 1] = a[b < 1] ** 2
    b[:, 1] *= -1
    return b


@program(X)
def add_at(x):
    out = np.zeros_like(x)
    np.add.at(out, [0, 1, 1, 3], x**2)
    np.subtract.at(out, [0], x[2])
    np.multiply.at(out, [1, 1], x[0])
    return out


@program(X)
def fancy_in_place(x):
    y = x.copy()
    y[[0, 2]] += x[[1, 3]] * 2
    y[1:3] /= y[0]
    y[-1] = y[:-1].sum()
    y[x > 2] **= 2
    return y


@program(X)
def scatter_by_bincount(x):
    return np.bincount([0, 2, 2, 1], weights=x**2, minlength=5)


@program(X)
def put_and_place(x):
    a, b, c = x.copy(), x.copy(), x.copy()
    np.put(a, [0, 2], x[1:3] * 3)
    np.place(b, x > 1, x[:2])
    np.copyto(c, x**2, where=x > 0)
    np.putmask(a, a < 0, x * 2)
    return a, b, c


@program(X)
def take_and_choose(x):
    i = np.argsort(x)
    return np.take(x, i[::-1]), np.choose([0, 1, 0, 1], [x, x**2]), np.take_along_axis(x, i, 0), x.take([[0, 1], [2, 3]])


@program(X)
def sorted_by_another(x):
    order = np.argsort(np.sin(x))
    a, b = x[order], np.cumsum(x[order] ** 2)
    return a, b, np.partition(x, 2)[:2].sum(), x[np.lexsort((x, x > 1))]


@program(X)
def unique_and_searched(x):
    u, inverse = np.unique(np.append(x, x[0]), return_inverse=True)
    edges = np.sort(x)
    return u[inverse] * 2, edges[np.searchsorted(edges, 1.0)], edges[np.digitize(1.5, edges)]


@program(IMAGE)
def flat_iteration(a):
    total = 0
    for v in a.flat:
        total = total + np.sin(v) * v
    return total, a.flat[5] * a.flat[1:4]


@program(IMAGE[:2, :2])
def ndenumerate_and_ndindex(a):
    out = np.zeros_like(a)
    for (i, j), v in np.ndenumerate(a):
        out[j, i] += v**2 * (i + 1)
    for index in np.ndindex(a.shape):
        out[index] -= a[index]
    return out


@program(IMAGE)
def along_axes(a):
    return (np.apply_along_axis(lambda r: np.sum(r**2) * r[:2], 1, a), np.apply_over_axes(np.sum, a, [0, 1]),
            np.apply_along_axis(np.median, 0, a))


@program(IMAGE)
def zip_and_enumerate(a):
    return np.array([r[i] * s.max() for i, (r, s) in enumerate(zip(a, a[::-1]))])


@program(X)
def integer_from_value(x):
    i = int(x[1])
    n = round(x[3])
    k = math.floor(x[0])
    return x[i] * x[k] ** n + np.arange(n).sum()


@program(X)
def swaps_and_reversals(x):
    y = x.copy()
    y[0], y[1] = y[1] * 2, y[0]
    y[[2, 3]] = y[[3, 2]]
    return y[::-1] - y


@program(X)
def views(x):
    y = x.reshape(2, 2)
    z = y.T.copy()
    z[0] += y.ravel()[1:3]
    w = np.squeeze(z[None]).swapaxes(0, 1)
    w *= 2
    return z, w.flatten()
