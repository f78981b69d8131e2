"""Tests that bite, for functions of arrays: an error planted into the map of each argument of each rule must be found.

A rule's map is linear in the tangent, so that a tangent times 1.001 (or −1) on its way into the rule is an error in its map. The
calls come from the tables of the other test files, and are checked as there: against differences with an error bar, along one
direction.
"""

from __future__ import annotations

import functools
import operator
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import dualdiff as dd
from batteries import calls
from dualdiff.lanes import short_ways
from dualdiff.rules.table import TABLE, ArrayRule, name_of
from reference import SAFETY, differences, entries

CALLS = {name: (function, arguments) for name, function, arguments in calls()}
TRIES = 3  # calls that a planted error may need


@contextmanager
def pushes(change: Callable[[Any, dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """Every ``push`` of an array rule with its tangents changed first, and no ways around it (which have tests of their own)."""
    classes = [kind for kind in ArrayRule.__subclasses__() if "push" in vars(kind)]
    original = {kind: kind.push for kind in classes}

    def changed(kind: Any) -> Any:
        def push(self: Any, out: Any, args: Any, kwargs: Any, tangents: Any, *more: Any) -> Any:
            return original[kind](self, out, args, kwargs, change(self, dict(tangents)), *more)

        return push

    way, ways = short_ways.linear_at_once, short_ways.WAYS
    short_ways.linear_at_once, short_ways.WAYS = (lambda *_: None), {}
    for kind in classes:
        kind.push = changed(kind)  # type: ignore[method-assign]
    try:
        yield
    finally:
        short_ways.linear_at_once, short_ways.WAYS = way, ways
        for kind in classes:
            kind.push = original[kind]  # type: ignore[method-assign]


def directions(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    rng = np.random.default_rng(11)
    return tuple(rng.uniform(0.5, 1.5, np.shape(a)) * rng.choice([-1, 1], np.shape(a)) if np.ndim(a) else 1.0 for a in arguments)


def along(name: str) -> list[Any]:
    """What dualdiff finds along one direction."""
    function, arguments = CALLS[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        tangent = dd.jvp(function, tuple(np.array(a) if np.ndim(a) else a for a in arguments), directions(arguments))[1]
    return [np.asarray(part) for part in entries(tangent)]


@functools.cache
def wanted(name: str) -> list[tuple[Any, Any]]:
    """The same by differences, and their error bars."""
    function, arguments = CALLS[name]
    total: list[tuple[Any, Any]] = []
    for i, direction in enumerate(directions(arguments)):
        values, errors = differences(function, list(arguments), i)
        axes = np.ndim(direction)
        size = abs(np.asarray(direction))
        terms = [(np.tensordot(v, direction, axes), np.tensordot(e, size, axes)) for v, e in zip(values, errors)]
        total = [(a + c, b + d) for (a, b), (c, d) in zip(total, terms)] if total else terms
    return total


def wrong(name: str) -> bool:
    try:
        found = along(name)
    except Exception:  # a planted error may as well break the call
        return True
    return any(a.shape != v.shape or not np.all(abs(a - v) <= SAFETY * bar + 1e-12 * np.max(abs(v), initial=0.0))
               for a, (v, bar) in zip(found, wanted(name)))


@functools.cache
def users() -> dict[tuple[Any, str], list[str]]:
    """(function of a rule, name of an argument) → the calls in which a tangent goes through it, the shortest first."""
    touched: dict[tuple[Any, str], list[str]] = defaultdict(list)
    for name in CALLS:
        keys: set[tuple[Any, str]] = set()

        def note(rule: Any, tangents: dict[str, Any], keys: Any = keys) -> dict[str, Any]:
            keys.update((rule.function, argument) for argument in tangents)
            return tangents

        with pushes(note):
            along(name)
        for key in keys:
            touched[key].append(name)
    return touched


def scaled(tangent: Any, factor: float) -> Any:
    return [scaled(part, factor) for part in tangent] if isinstance(tangent, (list, tuple)) else tangent * factor


# Indexing is left out: forward mode indexes both parts of a dual number itself, so that they are views.
RULES = [rule for rule in TABLE.values() if isinstance(rule, ArrayRule) and rule.function is not operator.getitem
         and not name_of(rule.function).startswith(("dualdiff", "scipy", "math."))]  # which have calls of their own
MAPS = [(rule, argument) for rule in RULES for argument, position in rule.positions.items()
        if rule.function is not np.einsum or position <= 4]  # which takes any number of arrays


@pytest.mark.parametrize(("rule", "argument"), MAPS, ids=[f"{name_of(r.function)} {a}" for r, a in MAPS])
def test_a_planted_error_is_found(rule: Any, argument: str) -> None:
    names = users().get((rule.function, argument), [])
    assert names, "no call of the tables goes through this map"
    for factor in (1.001, -1.0):
        def plant(of: Any, tangents: dict[str, Any], factor: float = factor) -> dict[str, Any]:
            return {a: scaled(t, factor) if of is rule and a == argument else t for a, t in tangents.items()}

        found = False
        for name in names[:TRIES]:
            assert not wrong(name), f"{name} is wrong without a planted error"
            with pushes(plant):
                found = found or wrong(name)
        assert found, f"times {factor} is not found by {names[:TRIES]}"
