"""Records of elementwise functions: cotangent × partial for each input, summed over the axes along which it was broadcast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.calls import as_precise, primal_of_call
from dualdiff.memory import LARGE, POOL, computed
from dualdiff.numbers import base, floats, namespace, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.quiet import quietly
from dualdiff.rules.moves import unbroadcast
from dualdiff.rules.table import Elementwise
from dualdiff.strong import has_nan, term
from dualdiff.structures import sequence_like
from dualdiff.tape.memory import Loan
from dualdiff.tape.tape import Pull


def recorded(rule: Elementwise, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], level: int) -> Any:
    """The result of an elementwise function, on record."""
    active: list[tuple[int, Any]] = []
    numbers, dtype, is_alike = [], None, not kwargs
    for i, x in enumerate(args):
        if isinstance(x, Operand) and x.level == level:
            active.append((i, x))
            x = x.primal
        kind = type(x)
        if kind is np.ndarray:
            is_alike = is_alike and (dtype is None or x.dtype is dtype)
            dtype = x.dtype
        elif kind is not float and kind is not int:
            is_alike = False
        numbers.append(x)
    primals = tuple(numbers)
    is_alike = is_alike and dtype is not None and dtype.kind == "f" and type(rule) is Elementwise
    out = computed(compute, primals) if is_alike else None
    if type(out) is np.ndarray and out.dtype is dtype:  # arrays of one type: the common case
        xp, at = np, primals
    else:
        is_alike = False
        xp, out, at = _computed(rule, compute, primals, kwargs)
        if type(rule) is not Elementwise:
            out = _fresh(out, primals)
    if is_alike:
        slopes = quietly(_partials, rule, xp, out, at, active)
    else:
        with np.errstate(all="ignore"):
            slopes = _partials(rule, xp, out, at, active)
    pairs = [(x, slope) for (_, x), slope in zip(active, slopes) if not _is_zero(slope)]
    if not pairs:
        return out
    first, where = pairs[0][0], kwargs.get("where", True)
    tape, parents = first.tape, tuple([x.index for x, _ in pairs])
    if type(out) is float and where is True and all([type(slope) is float for _, slope in pairs]):  # noqa: C419  # it is faster
        return first.result(out, tape.enter(parents, tuple([slope for _, slope in pairs])))
    kept: list[Any] = []
    pull = _pull_of_several(kept) if isinstance(out, tuple) else _pull(kept)
    entry = tape.enter(parents, pull if where is True else _masked(pull, tape.copies.kept(where)))
    result = several(first, out, entry) if isinstance(out, tuple) else first.result(out, entry)
    for x, slope in pairs:
        primal = x.primal
        kept.append((result.lend() if slope is out else _settled(slope, args, primals, out, tape, level),
                     getattr(primal, "shape", ()), not is_alike and np.iscomplexobj(primal)))
    return result


def _partials(rule: Elementwise, xp: Any, out: Any, at: tuple[Any, ...], active: list[tuple[int, Any]]) -> list[Any]:
    """The partials; they may be infinite, which speaks for itself."""
    return [on_floats(rule, i, out, at) if xp is floats else rule.partial(i, xp, out, at) for i, _ in active]


def _computed(rule: Elementwise, compute: Callable[..., Any], primals: tuple[Any, ...],
              kwargs: dict[str, Any]) -> tuple[Any, Any, tuple[Any, ...]]:
    """The namespace, the result, and the inputs in the precision of the result."""
    xp = namespace(*primals)
    if xp is np and (compute is rule.function or not kwargs):
        out = compute(*primals, **kwargs)
    else:
        out = primal_of_call(compute, primals, kwargs, rule)
    out = tuple(map(plain, out)) if isinstance(out, tuple) else plain(out)
    first = out[0] if isinstance(out, tuple) else out
    at = primals
    if type(first) is float and xp is np:
        xp, at = floats, tuple(map(plain, primals))
    return xp, out, as_precise(at, first, rule) if len(primals) > 1 or kwargs else at


def _fresh(out: Any, primals: tuple[Any, ...]) -> Any:
    """A result in memory of its own: a user's rule may hand back what it was given."""
    if isinstance(out, tuple):
        return tuple([_fresh(part, primals) for part in out])
    if type(out) is np.ndarray and any(np.may_share_memory(out, base(x)) for x in primals if isinstance(x, (np.ndarray, Operand))):
        return out.copy(order="K")
    return out


def _is_zero(slope: Any) -> bool:
    """Whether a partial is that of a function that is locally constant in this input."""
    if type(slope) is tuple:
        return all(map(_is_zero, slope))
    return slope is None or slope is False or (type(slope) is int and slope == 0)


def _settled(slope: Any, args: tuple[Any, ...], primals: tuple[Any, ...], out: Any, tape: Any, level: int) -> Any:
    """A partial that stays what it is, whatever the user writes to."""
    if type(slope) is tuple:
        return tuple([_settled(part, args, primals, out, tape, level) for part in slope])
    is_array = type(slope) is np.ndarray
    if not is_array and not isinstance(slope, Operand):
        return slope
    for x, primal in zip(args, primals):
        if slope is primal:
            return x.lend() if is_ours(x, level) else tape.copies.kept(x)
    outs = out if isinstance(out, tuple) else (out,)
    if is_array and slope.base is None and not any(slope is part for part in outs):
        return slope
    memory = base(slope)
    arrays = [array for array in map(base, (*primals, *outs)) if isinstance(array, np.ndarray)]
    return np.copy(slope) if any(np.may_share_memory(memory, array) for array in arrays) else slope


def _pull(kept: list[Any]) -> Pull:
    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        last = len(kept) - 1
        own = own and type(cotangent) is np.ndarray and cotangent.nbytes > LARGE
        contributions = []
        for k, (slope, shape, is_complex) in enumerate(kept):
            product = _product(cotangent, slope.value if type(slope) is Loan else slope, own and k == last)
            contributions.append(fitted(product, shape, is_complex))
            own = own and k < last and not np.may_share_memory(contributions[-1], cotangent)  # passed on where the partial is 1
        return contributions

    return pull


def _product(cotangent: Any, slope: Any, own: bool) -> Any:
    """Cotangent × partial; large arrays in the cotangent's memory if it is our ``own``, or in memory that is used again.

    A zero in the cotangent wins over a partial that is not finite. To see that afterwards, one has to have both.
    """
    array, other = (cotangent, slope) if type(cotangent) is np.ndarray else (slope, cotangent)
    if type(array) is np.ndarray and array.nbytes > LARGE and array.dtype.kind == "f" and (
            type(other) is float or (type(other) is np.ndarray and other.dtype is array.dtype and other.shape == array.shape)):
        if own and array is cotangent and np.isfinite(slope).all():
            return np.multiply(cotangent, slope, cotangent)
        is_one_number = array is cotangent and not any(cotangent.strides)  # broadcast, by a sum
        product = np.multiply(cotangent, slope, POOL.empty_like(array))
        if (is_one_number and cotangent.item(0)) or not has_nan(product):
            return product
    return term(cotangent, slope)


def _pull_of_several(kept: list[Any]) -> Pull:
    def pull(cotangents: Any, own: bool) -> Sequence[Any]:
        contributions = []
        for slopes, shape, is_complex in kept:
            parts = [term(c, slopes[k]) for k, c in cotangents.items() if slopes[k] is not None]
            contributions.append(fitted(sum(parts[1:], parts[0]), shape, is_complex) if parts else None)
        return contributions

    return pull


def _masked(pull: Pull, where: Any) -> Pull:
    """For a call with ``where=``: entries that were not computed pull nothing."""
    def masked(cotangent: Any, own: bool) -> Sequence[Any]:
        if isinstance(cotangent, dict):
            return pull({k: np.where(where, c, 0) for k, c in cotangent.items()}, False)
        return pull(np.where(where, cotangent, 0), False)

    return masked


# ---- what records have in common -----------------------------------------------------------------------------------------

def is_ours(x: Any, level: int) -> bool:
    """Whether an argument is a variable of the tape: a level belongs to one tape."""
    return isinstance(x, Operand) and x.level == level


def several(first: Any, out: Any, entry: int) -> Any:
    """A result with several parts as variables, each with a record that leads to the common one."""
    parts = [first.result(plain(part), first.tape.enter((entry,), _into(k))) if np.result_type(base(part)).kind in "fcO" else part
             for k, part in enumerate(out)]
    return sequence_like(out, parts)


def _into(k: int) -> Pull:
    return lambda cotangent, own: ({k: cotangent},)


def fitting(cotangent: Any, primal: Any) -> Any:
    """A cotangent with the shape of the primal it belongs to, real if that is real."""
    return fitted(cotangent, np.shape(primal), np.iscomplexobj(primal))


def fitted(cotangent: Any, shape: tuple[int, ...], is_complex: bool) -> Any:
    kind = type(cotangent)
    if kind is float:
        return cotangent if not shape else np.broadcast_to(cotangent, shape)
    if kind is np.ndarray and cotangent.shape == shape and (is_complex or cotangent.dtype.kind == "f"):
        return cotangent
    if kind is np.ndarray and not shape and cotangent.dtype.kind == "f":
        return plain(np.add.reduce(cotangent, None))
    cotangent = unbroadcast(cotangent, shape)
    return plain(np.real(cotangent) if not is_complex and np.iscomplexobj(cotangent) else cotangent)
