"""The table: how a rule is declared, and how the rule of a function is found.

Every function that dualdiff can meet stands in ``TABLE`` once, in exactly one kind:

============  ==========================================================  =======================================
kind          what it says                                                declared with
============  ==========================================================  =======================================
elementwise   the partials ∂out/∂inᵢ, of the inputs or of the output      `of_input`, `of_output`
linear        maps tangents as it maps primals, jointly in its arrays     `linear`
bilinear      linear in each array alone (the product rule)               `bilinear`
selection     picks entries by their primals and gathers the tangents     `selection`
matrix        one linear map of the tangent for each array                `matrix`
composite     written with other functions of the table                   `composite`, `in_place`
creation      makes an array; ``like=`` says of which kind                `creation`
constant      locally constant: its derivative is zero, it returns plain  `locally_constant`
refused       has no derivative that can be known, with the reason        `refused`
============  ==========================================================  =======================================

The table knows nothing of those who read it. A reader (forward mode's `Dual`, a truncated series, a reverse tape) asks an
elementwise rule for its partials, and any other differentiable rule to ``push`` tangents through: one interface, whatever
the function.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualdiff.errors import NotDifferentiableError
from dualdiff.rules.domain import REAL, Domain
from dualdiff.rules.kinds import (
    ArrayRule,
    Bilinear,
    Composite,
    Creation,
    Elementwise,
    Function,
    Linear,
    LocallyConstant,
    Maps,
    Partial,
    Refused,
    Rule,
    Selection,
    add_tangents,
    argument,
    has_argument,
    name_of,
    with_argument,
    zeros_for,
)

__all__ = [
    "TABLE", "find",
    "bilinear", "composite", "creation", "in_place", "linear", "locally_constant", "matrix", "of_input", "of_output", "on_arrays",
    "refused", "rewritten", "selection", "unknown_partial",
    "ArrayRule", "Bilinear", "Composite", "Creation", "Elementwise", "Function", "Linear", "LocallyConstant", "Maps", "Partial",
    "Refused", "Rule",
    "add_tangents", "argument", "has_argument", "name_of", "with_argument", "zeros_for",
]

TABLE: dict[Function, Rule] = {}


# ---- declarations --------------------------------------------------------------------------------------------------------

def of_input(function: Function, *partials: Partial, on: Domain | tuple[Domain, ...] = REAL,
             if_complex: Function | None = None) -> None:
    """Declare partials as functions of the inputs: ``of_input(np.sin, lambda xp, x: xp.cos(x))``.

    ``on`` is where tests sample (an interval, or one for each input); ``if_complex`` a recipe for complex input when the
    partial would not be complex-linear.
    """
    _enter(Elementwise(function, partials, False, _domains(on, len(partials)), if_complex))


def of_output(function: Function, *partials: Partial, on: Domain | tuple[Domain, ...] = REAL, over: Function | None = None) -> None:
    """Declare partials as functions of the output and the inputs: ``of_output(np.exp, lambda xp, y, x: y)``.

    With ``over``, a function of the same, they are numerators above one denominator.
    """
    _enter(Elementwise(function, partials, True, _domains(on, len(partials)), None, over))


def on_arrays(function: Function, partial: Function, *, when: Callable[[], bool] = lambda: True) -> None:
    """Declare the partial of a row once more, ``(out, x)``: a quicker formula for arrays of many doubles, ``when`` it is one."""
    rule = TABLE[function]
    assert isinstance(rule, Elementwise)
    rule.on_arrays = partial, when


def linear(function: Function, *, constant: Mapping[str, int] | None = None, **positions: int) -> None:
    """Declare a function that is jointly linear in the named arrays: ``linear(np.diff, a=0, prepend=3, append=4)``."""
    _enter(Linear(function, positions, constant or {}))


def bilinear(function: Function, *, constant: Mapping[str, int] | None = None, **positions: int) -> None:
    """Declare a function that is linear in each of the named arrays alone: ``bilinear(np.dot, a=0, b=1)``."""
    _enter(Bilinear(function, positions, constant or {}))


def matrix(function: Function, *, constant: Mapping[str, int] | None = None, at: Mapping[str, int] | None = None,
           stacked: bool = False, last: Function | None = None, **maps: Function) -> None:
    """Declare a linear map for each array: ``matrix(np.linalg.inv, a=lambda out, t, a: -out @ t @ out)``.

    The names stand in the order of the function's arguments; ``at`` gives their positions where that is not so. With ``stacked``
    the maps take a chunk of tangents in one call, as a stack: t may have more leading axes than the argument. What all maps end
    with, if it is costly, is ``last``.
    """
    _enter(Maps(function, maps, at or {name: i for i, name in enumerate(maps)}, constant or {}, stacked, last))


def composite(function: Function, recipe: Function) -> None:
    """Declare a function by how it is written with others; its primal is still computed by the function itself."""
    _enter(Composite(function, recipe, mutates=False))


def selection(function: Function, recipe: Function) -> None:
    """Declare how a selection gathers: indices from the primals (``np.argsort`` is locally constant), entries by them."""
    _enter(Selection(function, recipe, mutates=False))


def in_place(function: Function, recipe: Function) -> None:
    """Declare a function that writes into its first argument by how it is written with assignments."""
    _enter(Composite(function, recipe, mutates=True))


def rewritten(function: Function, recipe: Function) -> None:
    """Declare a function whose result is the recipe's, primal included: it calls the user's code back, which may hold operands
    of its own, or it returns no numbers."""
    _enter(Composite(function, recipe, mutates=True))


def creation(*functions: Function, recipe: Function | None = None, prototype: bool = False) -> None:
    """Declare functions that make arrays. With ``prototype`` the first argument only says how (``np.zeros_like``)."""
    for function in functions:
        _enter(Creation(function, recipe, prototype))


def locally_constant(*functions: Function) -> None:
    for function in functions:
        _enter(LocallyConstant(function))


def refused(reason: str, *functions: Function) -> None:
    for function in functions:
        _enter(Refused(function, reason))


def unknown_partial(reason: str) -> Function:
    """A partial that has no closed form: asking for it is an error; the other inputs stay differentiable."""

    def refuse(*_: Any) -> Any:
        raise NotDifferentiableError(reason)

    refuse.unknown = reason  # type: ignore[attr-defined]
    return refuse


def _domains(on: Domain | tuple[Domain, ...], n: int) -> tuple[Domain, ...]:
    return (on,) * n if isinstance(on, Domain) else on


def _enter(rule: Rule) -> None:
    if rule.function in TABLE:
        raise ValueError(f"{rule.name} has a rule already: {TABLE[rule.function]}")
    TABLE[rule.function] = rule


# ---- look-up -------------------------------------------------------------------------------------------------------------

def find(function: Function) -> Rule:
    """The rule of ``function``: the table's, or one of its own (`custom_rule`). SciPy's are loaded when first met."""
    rule = TABLE.get(function)
    if rule is None:
        rule = getattr(function, "rule", None)
    if rule is None and isinstance(function, np.ufunc) and function.ntypes == 1 and set(function.types[0]) <= set("O->"):
        return Composite(function, lambda *args: function(*map(np.asarray, args)), mutates=True)  # np.frompyfunc: elements
    if rule is None and isinstance(function, np.ufunc) and "scipy.special" in sys.modules:
        importlib.import_module("dualdiff.rules.special")
        rule = TABLE.get(function)
    if rule is None:
        raise NotDifferentiableError(
            f"{name_of(function)} has no rule in dualdiff, so its derivative is unknown; write it with functions that have "
            f"one, or give it a rule of its own with dualdiff.custom_rule")
    return rule
