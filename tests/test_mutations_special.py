"""Tests that bite, for scipy.special: an error planted into each rule must be found by the check of `test_special`."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from test_mutations import changed, planted, scaled, turned

pytest.importorskip("scipy.special")
import test_special
from dualdiff.rules.table import Elementwise, find
from test_special import CASES, ORACLES, sp, worst

POINTS = (5, 20)  # the first that are enough
INTEGRALS = 1  # points of iti0k0 and the like, whose oracle integrates
KNOWN = [(name, i) for name, i in CASES if isinstance(find(getattr(sp, name)), Elementwise)]


@pytest.mark.parametrize(("name", "i"), KNOWN)
def test_a_planted_error_is_found(name: str, i: int, monkeypatch: pytest.MonkeyPatch) -> None:
    function, oracle = getattr(sp, name), ORACLES[name]
    monkeypatch.setattr(test_special, "slope_and_condition", functools.cache(test_special.slope_and_condition))
    rule: Any = find(function)
    points = (INTEGRALS,) if name.startswith("it") else POINTS

    def found_wrong(n: int) -> bool:
        return worst(function, oracle._replace(points=n), i)[0] > oracle.ulp

    assert not found_wrong(points[0])
    for change in (scaled, turned):
        partials = (*rule.partials[:i], changed(rule.partials[i], change), *rule.partials[i + 1:])
        with planted(function, partials):
            assert any(map(found_wrong, points))
