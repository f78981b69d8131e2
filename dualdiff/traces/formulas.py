"""Formulas: what an operation computed, and its partials: the rules of the table, run on text.

So no derivative is written a second time for being shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dualdiff.rules.table import Elementwise, Rule
from dualdiff.traces.text import Text, TextFunctions, applied, called, infix, is_just, short_name, written

LONGEST = 110  # characters; a longer formula says less than its name


def operation(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """What was computed: ``v₁·v₂``, ``exp(v₃)``, ``sum(v₁, axis=0)``."""
    try:
        return str(applied(function, *args, **kwargs))
    except Exception:
        return called(function, args, kwargs)


def partial(rule: Rule, i: int, out: Any, inputs: Sequence[Any], which: int = 0) -> Any:
    """∂out/∂inᵢ of an elementwise rule, written down; with its name only, where the formula would be too long."""
    assert isinstance(rule, Elementwise)
    slope: Any
    try:
        slope = rule.partial(i, TextFunctions(), out, inputs)
        if isinstance(slope, tuple):
            slope = 0 if slope[which] is None else slope[which]
    except Exception:  # a rule with loops or special numbers in it
        slope = None
    if slope is None or (isinstance(slope, Text) and len(slope.text) > LONGEST):
        slope = Text(f"∂{short_name(rule.function)}/∂{written(inputs[i])}", getattr(inputs[i], "primal", 0.0))
    if isinstance(slope, Text) and getattr(slope.primal, "dtype", None) == bool and np.all(slope.primal == slope.primal.flat[0]):
        return int(slope.primal.flat[0])  # a branch that was taken, or was not
    return int(slope) if isinstance(slope, (bool, np.bool_)) else slope


def product(slope: Any, tangent: Text, names: Sequence[str], i: int) -> Text | None:
    """slope × tangent; a factor that is another input stands in the order of the inputs, as in the product rule."""
    if is_just(slope, 0):
        return None
    later = isinstance(slope, Text) and slope.text in names and names.index(slope.text) > i
    result = infix(np.multiply, (tangent, slope) if later else (slope, tangent), tangent.primal)
    return result


def total(terms: Sequence[Text | None]) -> str:
    """The sum of what there is; 0 for nothing."""
    result: Any = None
    for term in terms:
        if term is not None:
            result = term if result is None else infix(np.add, (result, term), term.primal)
    return "0" if result is None else str(result)
