"""Records of elementwise functions: cotangent × partial for each input, summed over the axes along which it was broadcast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.calls import as_precise, primal_of_call
from dualdiff.numbers import base, floats, namespace, on_floats, plain
from dualdiff.operand import Operand
from dualdiff.rules.moves import unbroadcast
from dualdiff.rules.table import Elementwise
from dualdiff.strong import term
from dualdiff.tape.memory import returned
from dualdiff.tape.tape import Pull


def recorded(rule: Elementwise, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], level: int) -> Any:
    """The result of an elementwise function, on record."""
    active: list[Any] = [x for x in args if is_ours(x, level)]
    primals = tuple([x.primal if is_ours(x, level) else x for x in args])
    xp = namespace(*primals)
    if xp is np and (compute is rule.function or not kwargs):
        out = compute(*primals, **kwargs)
    else:
        out = primal_of_call(compute, primals, kwargs, rule)
    if isinstance(out, tuple):
        out = tuple([_fresh(plain(part), primals) for part in out])
        first = out[0]
    else:
        first = out = _fresh(plain(out), primals)
    at = primals
    if type(first) is float and xp is np:
        xp, at = floats, tuple(map(plain, primals))
    if len(primals) > 1 or kwargs:
        at = as_precise(at, first, rule)
    slopes: list[Any] = []
    with np.errstate(all="ignore"):
        for i, x in enumerate(args):
            if is_ours(x, level):
                slopes.append(on_floats(rule, i, out, at) if xp is floats else rule.partial(i, xp, out, at))
    pairs = [(x, slope) for x, slope in zip(active, slopes) if not _is_zero(slope)]
    if not pairs:
        return out
    active, slopes = [x for x, _ in pairs], [slope for _, slope in pairs]
    tape, parents = active[0].tape, tuple([x.index for x in active])
    where = kwargs.get("where", True)
    if isinstance(out, tuple):
        slopes = [tuple([_settled(part, args, primals, tape, level) for part in slope]) for slope in slopes]
        return several(active[0], out, tape.enter(parents, _pull_of_several(active, slopes, tape.copies.kept(where))))
    if type(out) is float and where is True and all(type(slope) is float for slope in slopes):
        return active[0].result(out, tape.enter(parents, tuple(slopes)))
    kept: list[Any] = []
    if where is True:
        pull = _pull(active, kept)
    else:
        pull = _pull_where(active, kept, tape.copies.kept(where))
    result = active[0].result(out, tape.enter(parents, pull))
    kept.extend([result.lend() if slope is out else _settled(slope, args, primals, tape, level) for slope in slopes])
    return result


def _fresh(out: Any, primals: tuple[Any, ...]) -> Any:
    """A result in memory of its own: a user's rule may hand back what it was given."""
    if type(out) is np.ndarray and any(out is x or (out.base is not None and np.may_share_memory(out, base(x)))
                                       for x in primals if isinstance(x, (np.ndarray, Operand))):
        return out.copy()
    return out


def _is_zero(slope: Any) -> bool:
    """Whether a partial is that of a function that is locally constant in this input."""
    if type(slope) is tuple:
        return all(map(_is_zero, slope))
    return slope is None or (type(slope) is int and slope == 0)


def _settled(slope: Any, args: tuple[Any, ...], primals: tuple[Any, ...], tape: Any, level: int) -> Any:
    """A partial that stays what it is, whatever the user writes to."""
    is_array = type(slope) is np.ndarray
    if not is_array and not isinstance(slope, Operand):
        return slope
    for x, primal in zip(args, primals):
        if slope is primal:
            return x.lend() if is_ours(x, level) else tape.copies.kept(x)
    if is_array and slope.base is None:
        return slope
    memory = base(slope)
    shared = [primal for primal in primals if isinstance(plainest := base(primal), np.ndarray)
              and np.may_share_memory(memory, plainest)] if isinstance(memory, np.ndarray) else []
    return np.copy(slope) if shared else slope


def _pull(active: list[Any], slopes: list[Any]) -> Pull:
    shapes = [(np.shape(x.primal), np.iscomplexobj(x.primal)) for x in active]

    def pull(cotangent: Any, own: bool) -> Sequence[Any]:
        return [fitted(term(cotangent, returned(slope)), shape, is_complex)
                for (shape, is_complex), slope in zip(shapes, slopes)]

    return pull


def _pull_where(active: list[Any], slopes: list[Any], where: Any) -> Pull:
    unmasked = _pull(active, slopes)
    return lambda cotangent, own: unmasked(np.where(where, cotangent, 0), False)


def _pull_of_several(active: list[Any], slopes: list[Any], where: Any) -> Pull:
    shapes = [(np.shape(x.primal), np.iscomplexobj(x.primal)) for x in active]

    def pull(cotangents: Any, own: bool) -> Sequence[Any]:
        contributions = []
        for (shape, is_complex), slope in zip(shapes, slopes):
            total = None
            for k, c in cotangents.items():
                if slope[k] is not None:
                    part = term(c if where is True else np.where(where, c, 0), returned(slope[k]))
                    total = part if total is None else total + part
            contributions.append(None if total is None else fitted(total, shape, is_complex))
        return contributions

    return pull


# ---- what records have in common -----------------------------------------------------------------------------------------

def is_ours(x: Any, level: int) -> bool:
    """Whether an argument is a variable of the tape: a level belongs to one tape."""
    return isinstance(x, Operand) and x.level == level


def several(first: Any, out: Any, entry: int) -> Any:
    """A result with several parts as variables, each with a record that leads to the common one."""
    parts = [first.result(plain(part), first.tape.enter((entry,), _into(k))) if np.result_type(base(part)).kind in "fcO" else part
             for k, part in enumerate(out)]
    return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)


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
    cotangent = unbroadcast(cotangent, shape)
    return plain(np.real(cotangent) if not is_complex and np.iscomplexobj(cotangent) else cotangent)
