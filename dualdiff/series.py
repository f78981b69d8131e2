"""Series: truncated Taylor series c₀ + c₁t + … + cₙtⁿ, for derivatives of any order in one pass.

A series reads the same table as a dual number. Its higher coefficients lie in the same kind of block as the directions of a
chunk, so whatever is linear (sums, reshaping, indexing, assignment, views) goes through coefficient by coefficient without a
word here. What is not linear is raised from its first partials: y′ = Σ ∂y/∂xᵢ · xᵢ′ holds for whole series, and comparing
coefficients of tᵏ⁻¹ gives k·yₖ from coefficients below k (Griewank & Walther, *Evaluating Derivatives*, 2nd ed., ch. 13).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from dualdiff.arguments import lowered, mapped, operands
from dualdiff.calls import primal_of_call
from dualdiff.construction import empty
from dualdiff.forward import Forward, is_alike
from dualdiff.lanes.float_series import ENDS, FloatSeries
from dualdiff.lanes.raising import RAISING, partial_of, place_of, resumed
from dualdiff.numbers import DOUBLES, in_doubles, plain
from dualdiff.recurrences import RECURRENCES
from dualdiff.rules.table import Bilinear, Elementwise, argument, has_argument, with_argument
from dualdiff.strong import has_nan, term
from dualdiff.structures import sequence_like
from dualdiff.tangents import Tangents


class Series(FloatSeries):
    """A truncated Taylor series; ``primal`` is c₀, and ``tangent`` the block of c₁ … cₙ.

    Examples
    --------
    >>> t = Series.variable(0.0, 4)
    >>> np.exp(t).coefficients
    [1.0, 1.0, 0.5, 0.16666666666666666, 0.041666666666666664]
    """

    __slots__ = ()

    @classmethod
    def make(cls, primal: Any, tangent: Any, level: int) -> Series:
        series = new()
        series.primal, series.tangent, series.level = primal, tangent, level
        return series

    @classmethod
    def of(cls, coefficients: Sequence[Any], level: int) -> Any:
        """The series with these coefficients; a plain value if there is only the first."""
        if len(coefficients) == 1:
            return coefficients[0]
        if type(coefficients[0]) is float and DOUBLES.issuperset(map(type, coefficients)):
            return cls.of_floats(list(map(float, coefficients)), level)
        first, *higher = coefficients
        return cls.make(plain(first), Tangents(_block(first, higher)), level)

    @classmethod
    def variable(cls, value: Any, n: int, direction: Any = 1, level: int = 0) -> Any:
        """``value + direction·t``, to be carried to order n."""
        zero = 0 * direction + 0  # not −0
        return cls.of([value, direction, *[zero] * (n - 1)][:n + 1], level)

    @property
    def n(self) -> int:
        """The order at which the series is cut off."""
        return len(self.tangent) if self.floats is None else len(self.floats) - 1

    @property
    def coefficients(self) -> list[Any]:
        """c₀ … cₙ."""
        if self.floats is not None:
            return self.floats[:]
        block = self.tangent.block
        as_numbers = isinstance(block, np.ndarray) and block.ndim == 1 and block.dtype in (float, complex, object)
        return [self.primal, *(block.tolist() if as_numbers else block)]

    def truncated(self, n: int) -> Any:
        """The series to order n; order 0 is a plain value."""
        if n and self.floats is not None:
            return self.of_floats(self.floats[:n + 1], self.level)
        return self.make(self.primal, Tangents(self.tangent.block[:n]), self.level) if n else self.primal

    def slope(self, n: int) -> Any:
        """The derivative with respect to t, to order n."""
        return self.of([k * c for k, c in enumerate(self.coefficients[:n + 2])][1:], self.level)

    def __repr__(self) -> str:
        return f"Series({', '.join(map(repr, self.coefficients))})"

    # ---- how a series goes through a rule ----

    @classmethod
    def _lift_elementwise(cls, level: int, rule: Elementwise, compute: Callable[..., Any], inputs: tuple[Any, ...],
                          kwargs: dict[str, Any]) -> Any:
        n = next(x.n for x in inputs if _is_ours(x, level))
        out = primal_of_call(compute, lowered(inputs, level), kwargs, rule)
        several = isinstance(out, tuple)
        outs = list(map(plain, out)) if several else [plain(out)]
        with np.errstate(all="ignore"):
            higher = _recurred(rule, n, outs[0], [x.coefficients if _is_ours(x, level) else [x] for x in inputs])
            if higher is None:
                results = cls._raised(level, n, rule, outs, several, inputs)
            elif any(map(has_nan, higher)):  # perhaps from 0 × inf, of which partials know that the zero wins
                ((_, *careful),) = cls._raised(level, n, rule, outs, several, inputs)
                results = [[outs[0], *map(_unless_nan, higher, careful)]]
            else:
                results = [[outs[0], *higher]]
        finished = [cls._finished(c[0], Tangents(_block(c[0], c[1:])) if c[1:] else None, [], kwargs.get("where", True), level)
                    for c in results]
        return tuple(finished) if several else finished[0]

    @classmethod
    def _raised(cls, level: int, n: int, rule: Elementwise, outs: list[Any], several: bool, inputs: tuple[Any, ...]) -> Any:
        """The coefficients of each output, from partials; those of the output are wanted order by order."""
        active = [i for i, x in enumerate(inputs) if _is_ours(x, level)]
        with RAISING as found:
            key, rows = place = place_of(rule, inputs, lambda x: _is_ours(x, level))
            results, touched = resumed(found, place, ([[out] for out in outs], [False for _ in outs]))
            results, touched = [[out, *c[1:]] for out, c in zip(outs, results)], touched[:]
            for reach in range(len(results[0]), n + 1) if rule.from_output else [n]:
                below = tuple([x.truncated(reach - 1) if i in active else x for i, x in enumerate(inputs)])
                so_far = [cls.of(c[:reach], level) for c in results]
                slopes = {i: partial_of(rule, i, tuple(so_far) if several else so_far[0], below) for i in active}
                for k in [reach] if rule.from_output else range(len(results[0]), n + 1):
                    for position, coefficients in enumerate(results):
                        total: Any = None
                        for i in active:
                            part = _integrand(inputs[i], slopes[i][position] if several else slopes[i], k, level)
                            total = part if total is None else total if part is None else total + part
                        touched[position] |= total is not None
                        coefficients.append(0 if total is None else total / k)
            if key is not None:
                found[key] = rows, (results, touched)
        return [c[:n + 1] if is_touched else c[:1] for c, is_touched in zip(results, touched)]

    @classmethod
    def _lift_arrays(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...],
                     kwargs: dict[str, Any]) -> Any:
        active = [name for name, position in rule.positions.items() if has_argument(args, kwargs, name, position)
                  and any(_is_ours(x, level) for x in operands(argument(args, kwargs, name, position)))]
        if rule.kind == "linear" or (isinstance(rule, Bilinear) and len(active) < 2):
            return super()._lift_arrays(level, rule, compute, args, kwargs)
        out = primal_of_call(compute, lowered(args, level), lowered(kwargs, level), rule)
        if not active:
            return out
        n = next(x.n for name in active for x in operands(argument(args, kwargs, name, rule.positions[name]))
                 if isinstance(x, Series) and x.level == level)
        if isinstance(rule, Bilinear):
            return cls._product(level, n, rule, out, active[0], args, kwargs)
        return cls._integrated(level, n, rule, out, active, args, kwargs)

    @classmethod
    def _product(cls, level: int, n: int, rule: Any, out: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Cauchy's product: one factor coefficient by coefficient, the others as series."""
        position = rule.positions[name]
        factor = argument(args, kwargs, name, position)
        rows: list[list[Any]] = [[] for _ in range(n + 1)]
        for j in range(n + 1):
            args_, kwargs_ = with_argument(_truncated(args, level, n - j), _truncated(kwargs, level, n - j), name, position,
                                           _coefficient(factor, level, j))
            product = rule.function(*args_, **kwargs_)
            for k, c in enumerate(product.coefficients if _is_ours(product, level) else [product], start=j):
                rows[k].append(c)
        return cls.of([out, *(sum(terms[1:], terms[0]) for terms in rows[1:])], level)

    @classmethod
    def _integrated(cls, level: int, n: int, rule: Any, out: Any, active: list[str], args: tuple[Any, ...],
                    kwargs: dict[str, Any]) -> Any:
        """A matrix rule: y′ is its linear map applied to x′, integrated term by term."""
        parts = list(out) if isinstance(out, (list, tuple)) else [out]
        with RAISING as found:
            key, rows = place = place_of(rule, (args, *kwargs.items()), lambda x: _is_ours(x, level))
            known, reach = resumed(found, place, ([[part] for part in parts], 0))
            known = [[part, *c[1:]] for part, c in zip(parts, known)]
            for k in range(reach + 1, n + 1):
                below, below_kwargs = _truncated(args, level, k - 1), _truncated(kwargs, level, k - 1)
                slopes = {name: _slope(argument(args, kwargs, name, rule.positions[name]), level, k - 1) for name in active}
                so_far = [cls.of(c, level) for c in known]
                given = sequence_like(out, so_far) if isinstance(out, (list, tuple)) else so_far[0]
                pushed = rule.push(given, below, below_kwargs, slopes)
                for coefficients, slope in zip(known, pushed if isinstance(out, (list, tuple)) else [pushed]):
                    if slope is not None:
                        last = slope.coefficients if _is_ours(slope, level) else [slope]
                        coefficients.append((last[k - 1] if k <= len(last) else 0 * np.asarray(last[0])) / k)
            if key is not None:
                found[key] = rows, (known, max(reach, n))
        results = [cls.of(c[:n + 1], level) for c in known]
        return sequence_like(out, results) if isinstance(out, (list, tuple)) else results[0]


new: Callable[[], Series] = empty(Series)


def _integrand(x: Series, slope: Any, k: int, level: int) -> Any:
    """The coefficient of tᵏ⁻¹ in slope·x′; None where the slope is zero, or is not wanted."""
    if slope is None:
        return None
    p, c = slope.coefficients if _is_ours(slope, level) else [slope], x.coefficients
    total: Any = None
    for j in range(max(1, k - len(p) + 1), k + 1):
        part = term(j * c[j], p[k - j])
        total = part if total is None else total if part is None else total + part
    return total


def _is_ours(x: Any, level: int) -> bool:
    return isinstance(x, Series) and x.level == level


def _truncated(value: Any, level: int, n: int) -> Any:
    return mapped(value, lambda x: x.truncated(n) if _is_ours(x, level) else x)


def _coefficient(value: Any, level: int, j: int) -> Any:
    return mapped(value, lambda x: x.coefficients[j] if _is_ours(x, level) else x)


def _slope(value: Any, level: int, n: int) -> Any:
    return mapped(value, lambda x: x.slope(n) if _is_ours(x, level) else 0 * x)


def _recurred(rule: Elementwise, n: int, out: Any, coefficients: list[list[Any]]) -> Any:
    """The higher coefficients by a recurrence; where Python's floats raise, of doubles. None without one."""
    recurrence = RECURRENCES.get(rule.function)
    if recurrence is None:
        return None
    try:
        return recurrence(n, out, *coefficients)
    except ENDS:
        with suppress(*ENDS):  # of complex numbers
            higher = recurrence(n, in_doubles(out), *[list(map(in_doubles, c)) for c in coefficients])
            return None if higher is None else list(map(plain, higher))
    return None


def _unless_nan(value: Any, careful: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
        return np.where(np.isnan(value), careful, value)
    return careful if has_nan(value) else value


def _block(first: Any, higher: Sequence[Any]) -> Any:
    """The higher coefficients as one block with the shape and dtype of the first."""
    shape = np.shape(first)
    if any(isinstance(c, Forward) for c in higher) or shape:
        block = np.stack([c if np.shape(c) == shape else np.broadcast_to(c, shape) for c in higher])
        return block if is_alike(block, first) else block.astype(first.dtype)
    numbers = all(isinstance(c, (float, int, complex, np.number)) for c in higher)
    if not numbers:
        return np.array(higher, dtype=object)
    return np.array(higher, dtype=first.dtype if isinstance(first, np.inexact) else np.result_type(float, first, *higher))
