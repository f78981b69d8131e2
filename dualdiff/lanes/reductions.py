"""The short ways of reductions: norms, variances, products, extremes of an array of doubles, in one contraction each.

Where a partial may be infinite or undefined, or a sum of products have lost its digits, the general path has the word; a value
that has been computed by then goes along.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dualdiff.lanes.parts import (
    LARGEST,
    PLAIN,
    SMALLEST,
    Way,
    array_tangent,
    between,
    contracted,
    flattened,
    from_the_end,
    handed_on,
    inner,
    is_finite,
    kept,
    made,
)
from dualdiff.memory import DOUBLE, POOL
from dualdiff.partials import BLOCK
from dualdiff.quiet import quietly

FEW = 8  # factors whose products, of all but one, round less than the quotient by that one

Push = Callable[[Any, Any, Any, tuple[int, ...], dict[str, Any]], Any]
"""The tangent of a reduction: from its value, x, t, the axes and the keywords. Of any shape that fits; None to hand it on."""


def reduction(push: Push, known: frozenset[str], accepts: Callable[[tuple[int, ...], int, dict[str, Any]], bool] | None = None,
              positional: int = 2) -> Way:
    """A function of one array and an axis, with no settings but the ``known``.

    ``accepts`` may look at the axes, at how many there are, and at the settings.
    """
    def way(cls: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not args or len(args) > positional or type(args[0]) is not cls or (kwargs and not kwargs.keys() <= known):
            return None
        x = args[0]
        at, t = x.primal, array_tangent(x)
        if t is None:
            return None
        axes = from_the_end(args[1] if len(args) == 2 else kwargs.get("axis") if kwargs else None, at.ndim)
        if axes is None or (accepts is not None and not accepts(axes, at.ndim, kwargs)):
            return None
        out = function(at, *args[1:], **kwargs)
        if type(out) is not np.float64 and (type(out) is not np.ndarray or out.dtype is not DOUBLE):
            return handed_on(function, args, kwargs, out)
        tangent = quietly(push, out, at, t, axes, kwargs)
        if tangent is None:
            return handed_on(function, args, kwargs, out)
        shape = (*t.shape[:t.ndim - at.ndim], *out.shape)
        if np.shape(tangent) != shape:
            tangent = tangent.reshape(shape)
        return made(cls, out, tangent, x.level, t.ndim > at.ndim)

    return way


# ---- norms ---------------------------------------------------------------------------------------------------------------

def norm_tangent(out: Any, x: Any, t: Any, axes: tuple[int, ...], settings: dict[str, Any]) -> Any:
    """Σ x ẋ / ‖x‖. Where these products may have left the range of doubles, Σ (x/‖x‖) ẋ."""
    if not between(1e-140, out, 1e140):
        return None
    norm = out if type(out) is not np.ndarray else out.reshape([n for i, n in enumerate(x.shape, -x.ndim) if i not in axes])
    total = contracted(x, t, axes)
    tangent = total / norm if between(SMALLEST, abs(total), LARGEST) else contracted(x / kept(norm, x, axes), t, axes)
    return tangent if is_finite(tangent) else None


def is_euclidean(axes: tuple[int, ...], ndim: int, settings: dict[str, Any]) -> bool:
    order = settings.get("ord")
    if type(order) is str:
        return len(axes) == 2 and order in ("fro", "f")
    return order is None or (len(axes) == 1 and type(order) in (int, float) and order == 2)


def is_euclidean_by_default(axes: tuple[int, ...], ndim: int, settings: dict[str, Any]) -> bool:
    order = settings.get("ord", 2)
    return type(order) in (int, float) and order == 2


# ---- variance and standard deviation -------------------------------------------------------------------------------------

def spread_tangent(out: Any, x: Any, t: Any, axes: tuple[int, ...], settings: dict[str, Any], root: bool) -> Any:
    """2 Σ (x − x̄)(ẋ − ẋ̄) / (N − ddof), of the root half of that by σ. Both are deviations: a shift then changes nothing.

    Where the spread is in the rounding of the mean, the entries may all be equal.
    """
    n = math.prod([x.shape[i] for i in axes])
    ddof = settings.get("ddof", 0)
    if type(ddof) not in (int, float) or not n - ddof > 0:
        return None
    flat = flattened(x, t) if len(axes) == x.ndim else None
    deviation = out if root else np.sqrt(out)
    if flat is None:
        mean = np.add.reduce(x, axes, keepdims=True) / n
        center = mean.reshape(np.shape(out))
        of_tangent = np.add.reduce(t, axes, keepdims=True) / n
    else:
        x, t = flat
        mean = center = np.add.reduce(x) / n
        of_tangent = np.add.reduce(t, -1, keepdims=t.ndim > 1) / n
    if not between(1e-140, deviation, 1e140) or not (deviation > 1e-9 * abs(center)).all():
        return None
    if flat is None:
        ours, theirs = POOL.empty_like(x), POOL.empty_like(x, len(t) if t.ndim > x.ndim else 0)
        total = contracted(np.subtract(x, mean, ours), np.subtract(t, of_tangent, theirs), axes)
    elif n <= BLOCK:
        total = inner(x - mean, t - of_tangent)
    else:
        total, size = 0.0, BLOCK // 2  # four arrays at a time
        ours, theirs = POOL.empty_like(x[:size]), POOL.empty_like(x[:size], len(t) if t.ndim > 1 else 0)
        for start in range(0, n, size):
            x_, t_ = x[start:start + size], t[..., start:start + size]
            total = total + inner(np.subtract(x_, mean, ours[:len(x_)]), np.subtract(t_, of_tangent, theirs[..., :len(x_)]))
    if flat is None and type(out) is np.ndarray:
        deviation = deviation.reshape(total.shape[t.ndim - x.ndim:])
    if root and not between(SMALLEST, abs(total), LARGEST):  # perhaps only the products left the range
        scale = deviation if flat is not None else kept(deviation, x, axes)
        total, deviation = contracted((x - mean) / scale, t - of_tangent, axes if flat is None else (-1,)), 1.0
    tangent = total / (n - ddof) / deviation if root else 2 * total / (n - ddof)
    return tangent if is_finite(tangent) else None


# ---- products ------------------------------------------------------------------------------------------------------------

def product_tangent(out: Any, x: Any, t: Any, axes: tuple[int, ...], settings: dict[str, Any]) -> Any:
    """out · Σ ẋ/x, if no factor is 0 and no product on the way has left the range of doubles."""
    if not between(SMALLEST, abs(out), LARGEST):
        return None
    flat = flattened(x, t) if len(axes) == x.ndim else None
    if flat is not None:
        (x, t), axes = flat, (-1,)
    if flat is not None and x.size > BLOCK:
        total = _logarithmic_tangent(out, x, t)
    else:
        ratio = t / x
        total = np.add.reduce(ratio, axes) if _is_in_range(abs(out), x, axes) else None
        few = x.size <= FEW * np.size(out)
        if few and total is not None and cancels(total, np.add.reduce(np.abs(ratio), axes)):
            return None
    if total is None or not _is_kept(total, t, axes):
        return None
    tangent = total * (out.reshape(total.shape[t.ndim - x.ndim:]) if type(out) is np.ndarray else out)
    return tangent if is_finite(tangent) else None


def cancels(total: Any, size: Any) -> bool:
    """Whether a sum is much smaller than its terms: then the rounding of each quotient shows, which a product of others has not."""
    return bool(np.any(abs(total) < 1e-3 * size))


def _is_in_range(size: Any, x: Any, axes: tuple[int, ...]) -> bool:
    """Whether no product of any of the factors leaves the range: it is less than that of all above 1, which is found, and more
    than that of all below 1, which is the rest of the ``size``.
    """
    above = np.multiply.reduce(np.maximum(np.abs(x), 1.0), axes)
    if not between(1.0, above, LARGEST):
        return False
    return between(SMALLEST, (size.reshape(above.shape) if type(size) is np.ndarray else size) / above, LARGEST)


def _logarithmic_tangent(out: Any, x: Any, t: Any) -> Any:
    """Σ t/x of many factors, block by block. None if the product comes out otherwise in another order: then some of it got lost."""
    product, ratio, total = np.ones(BLOCK), POOL.empty_like(x[:BLOCK]), 0.0
    for start in range(0, x.size, BLOCK):
        x_, t_ = x[start:start + BLOCK], t[..., start:start + BLOCK]
        total = total + np.add.reduce(np.divide(t_, x_, ratio[:len(x_)]) if t.ndim == 1 else t_ / x_, -1)
        np.multiply(product[:len(x_)], x_, product[:len(x_)])
    value = out.item()
    return total if abs(np.multiply.reduce(product) - value) <= 1e-9 * abs(value) else None


def _is_kept(totals: Any, t: Any, axes: tuple[int, ...]) -> bool:
    """Whether sums that (nearly) vanish do so because there is nothing to add, and not because it has become too small."""
    if type(totals) is not np.ndarray:
        return bool(abs(totals) >= SMALLEST) or not t.any()
    small = abs(totals) < SMALLEST
    return not np.any(small) or not np.any(small & np.any(t, axes))


def running_product_tangent(out: Any, x: Any, t: Any, axes: tuple[int, ...], settings: dict[str, Any]) -> Any:
    """The same along the way: all products of the first factors are in ``out``."""
    if len(axes) == x.ndim:
        x, t, axes = x.reshape(-1), t.reshape(*t.shape[:t.ndim - x.ndim], -1), (-1,)
    elif len(axes) > 1:
        return None
    if not between(SMALLEST, np.abs(out, POOL.empty_like(out)), LARGEST):
        return None
    k = len(t) if t.ndim > x.ndim else 0
    memory = POOL.empty_like(out, k)
    tangent = np.add.accumulate(np.divide(t, x, memory), axes[0], None, POOL.empty_like(out, k))
    if x.shape[axes[0]] <= FEW and cancels(tangent, np.add.accumulate(np.abs(t / x), axes[0])):
        return None
    if not between(SMALLEST, np.abs(tangent, memory), LARGEST):
        ratio = np.divide(t, x, memory)
        if bool(((np.abs(ratio) < SMALLEST) & (t != 0)).any()):
            return None
    np.multiply(tangent, out, tangent)
    return tangent if is_finite(tangent) else None


# ---- the largest and the smallest ----------------------------------------------------------------------------------------

def extreme_tangent(out: Any, x: Any, t: Any, axes: tuple[int, ...], settings: dict[str, Any], find: Callable[..., Any]) -> Any:
    """The tangent of the first entry that is the largest, or a nan."""
    if len(axes) == x.ndim:
        where = find(x) if x.ndim == 1 else np.unravel_index(find(x), x.shape)
        return t[where] if t.ndim == x.ndim else t[(slice(None), *(where if type(where) is tuple else (where,)))].copy()
    (axis,) = axes
    if x.ndim == 2:
        index, others = find(x, axis), np.arange(x.shape[-1 if axis == -2 else -2])
        return t[..., others, index] if axis == -1 else t[..., index, others]
    index = find(x, axis, keepdims=True)
    return np.take_along_axis(t, index if t.ndim == x.ndim else index[None], axis)


def is_one_or_all(axes: tuple[int, ...], ndim: int, settings: dict[str, Any]) -> bool:
    """Of axes in another order the first entry is another."""
    return len(axes) == 1 or axes == tuple(range(-ndim, 0))


VARIANCE = reduction(partial(spread_tangent, root=False), PLAIN | {"ddof"})
DEVIATION = reduction(partial(spread_tangent, root=True), PLAIN | {"ddof"})
LARGEST_ENTRY = reduction(partial(extreme_tangent, find=np.argmax), PLAIN, is_one_or_all)
SMALLEST_ENTRY = reduction(partial(extreme_tangent, find=np.argmin), PLAIN, is_one_or_all)

WAYS: dict[Callable[..., Any], Way] = {
    np.linalg.norm: reduction(norm_tangent, PLAIN | {"ord"}, is_euclidean, positional=1),
    np.linalg.vector_norm: reduction(norm_tangent, PLAIN | {"ord"}, is_euclidean_by_default, positional=1),
    np.var: VARIANCE, np.std: DEVIATION,
    np.prod: reduction(product_tangent, PLAIN),
    np.cumprod: reduction(running_product_tangent, frozenset(("axis",))),
    np.max: LARGEST_ENTRY, np.amax: LARGEST_ENTRY, np.min: SMALLEST_ENTRY, np.amin: SMALLEST_ENTRY,
}
