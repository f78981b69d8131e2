"""Traced: an operand that writes down what is done to it, and leaves the derivatives to the operand that it wraps.

That is a `Dual` in forward mode and a tape's `Variable` in reverse mode; so a trace shows what these compute, not a computation
of its own.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dualdiff.arguments import mapped, operands
from dualdiff.dual import Dual
from dualdiff.numbers import base
from dualdiff.operand import Operand
from dualdiff.rules.table import Elementwise
from dualdiff.structures import sequence_like
from dualdiff.tape import Variable
from dualdiff.traces import formulas
from dualdiff.traces.step import Step, caller, name
from dualdiff.traces.text import Text, index_text, short_name, written

KINDS = {"matrix": "differentiable by a linear map"}

class Recorder:
    """The steps of one evaluation, in order. With ``share`` an operation done twice on the same scalars is one step."""

    def __init__(self, level: int, share: bool) -> None:
        self.level, self.share = level, share
        self.steps: list[Step] = []
        self.known: dict[Any, Any] = {}

    def enter(self, inner: Any, operation: str, function: str, inputs: Sequence[int], **more: Any) -> Traced:
        file, line, source = caller()
        step = Step(len(self.steps) + 1, operation, function, tuple(dict.fromkeys(inputs)), None, file=file, line=line,
                    source=source, **more)
        self.steps.append(step)
        traced = Traced(inner, self, step.index)
        traced.note()
        return traced

    def current(self, x: Traced) -> Traced:
        """``x``, with a step of its own if it is a view and its array has been written to since."""
        if x.alias is not None:
            whole, shown, old, index = x.alias
            step = self.current(whole).step
            if step != old:
                fresh = self.enter(x.inner, shown(name("v", step)), "view", (step,), formula=shown(name("v̇", step)),
                                   rule=f"the same part of {name('v', step)} as {name('v', x.step)} was of {name('v', old)}")
                self.steps[-1].terms.append((step, f"({name('v̄', fresh.step)} at {shown('·').removeprefix('·')})"))
                x.step, x.alias = fresh.step, Alias(whole, shown, step, index)
        return x

    def text(self, x: Any, kind: str = "v") -> Any:
        return Text(name(kind, x.step), x.primal) if self.is_ours(x) else x

    def is_ours(self, x: Any) -> bool:
        return isinstance(x, Traced) and x.level == self.level

    def record(self, rule: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> Any:
        """The result of a function, its parts as steps."""
        inputs = [x for x in (*operands(args), *operands(kwargs)) if self.is_ours(x)]
        shown, keywords = (mapped(x, self.text) for x in (args, kwargs))
        operation = formulas.operation(rule.function, shown, keywords)
        function = short_name(rule.function)
        if isinstance(result, (list, tuple)):
            fields = getattr(result, "_fields", range(len(result)))
            parts = [self.part(rule, args, kwargs, shown, part, result, f"{operation}.{field}" if isinstance(field, str)
                               else f"{operation}[{field}]", function, inputs, k)
                     for k, (field, part) in enumerate(zip(fields, result))]
            return sequence_like(result, parts)
        return self.part(rule, args, kwargs, shown, result, result, operation, function, inputs, 0)

    def part(self, rule: Any, args: Any, kwargs: Any, shown: Any, part: Any, result: Any, operation: str, function: str,
             inputs: list[Any], k: int) -> Any:
        if not isinstance(part, Operand) or part.level != self.level:
            return part
        if result is not part and isinstance(rule, Elementwise) and not any(
                formulas.partial(rule, i, result, shown, k) for i, x in enumerate(args) if self.is_ours(x)):
            return part.primal  # a locally constant part: the whole part of a number
        traced = self.enter(part, operation, function, [x.step for x in inputs])
        step = self.steps[-1]
        if isinstance(rule, Elementwise):
            whole = operation.removesuffix(f"[{k}]")
            outs = tuple(Text(step.name if j == k else f"{whole}[{j}]", base(o)) for j, o in enumerate(result)) if (
                isinstance(result, (list, tuple))) else Text(step.name, part.primal)
            self.of_partials(step, rule, args, shown, outs, k)
        else:
            self.of_map(step, rule, args, kwargs, inputs, operation)
        if len(inputs) == 1:
            old = re.compile(name("v", inputs[0].step) + "(?![₀-₉])")
            traced.note_alias(inputs[0], lambda symbol: old.sub(symbol, operation))
        return traced

    def of_partials(self, step: Step, rule: Elementwise, args: Any, shown: Any, out: Any, k: int) -> None:
        names = [written(x) for x in shown]
        adjoint, terms, rules = Text(name("v̄", step.index), step.value), [], []
        for i, x in enumerate(args):
            if self.is_ours(x):
                slope = formulas.partial(rule, i, out, shown, k)
                terms.append(formulas.product(slope, self.text(x, "v̇"), names, i))
                rules.append(f"∂{step.name}/∂{names[i]} = {written(slope)}")
                pulled = formulas.product(slope, adjoint, (), i)
                if pulled is not None:
                    taken = str(pulled)
                    if np.iscomplexobj(base(step.value)) and not np.iscomplexobj(base(x)):
                        taken = f"Re({taken})"
                    if np.shape(base(x)) != np.shape(base(step.value)):
                        taken = f"sum({taken})"
                    step.terms.append((x.step, taken))
        step.formula, step.rule = formulas.total(terms), ",  ".join(dict.fromkeys(rules))

    def of_map(self, step: Step, rule: Any, args: Any, kwargs: Any, inputs: list[Any], operation: str) -> None:
        shown, keywords = (mapped(x, self.text) for x in (args, kwargs))
        tangents = {key: mapped(x, lambda y: self.text(y, "v̇")) for key, position in rule.positions.items()
                    for x in [args[position] if 0 <= position < len(args) else kwargs.get(key)]
                    if any(self.is_ours(y) for y in operands(x))}
        step.formula = " + ".join(f"∂{operation}/∂{name('v', x.step)}·{name('v̇', x.step)}" for x in inputs)
        with contextlib.suppress(Exception):  # a rule that does not take text: the name says it
            pushed = rule.push(Text(step.name, step.value), shown, keywords, tangents)
            if isinstance(pushed, Text) and len(pushed.text) <= formulas.LONGEST:
                step.formula = pushed.text
        step.rule = f"{step.name} is {KINDS.get(rule.kind, rule.kind)} in {', '.join(name('v', x.step) for x in inputs)}"
        pulled = name("v̄", step.index)
        step.terms.extend((x.step, f"(∂{step.name}/∂{name('v', x.step)})ᵀ·{pulled}") for x in inputs)


class Alias(NamedTuple):
    """Of which array something is a view, how that is written, of which of its steps, and at which index if any."""

    whole: Traced
    shown: Callable[[str], str]
    step: int
    index: Any


class Traced(Operand):
    """A number or an array whose history is written down."""

    __slots__ = ("alias", "inner", "recorder", "step")

    def __init__(self, inner: Any, recorder: Recorder, step: int) -> None:
        self.inner, self.recorder, self.step = inner, recorder, step
        self.alias: Alias | None = None

    @property
    def primal(self) -> Any:
        return self.inner.primal

    @property
    def level(self) -> int:  # type: ignore[override]
        return self.inner.level  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Traced({name('v', self.step)} = {self.primal!r})"

    def note(self) -> None:
        """Keep what this step's value and derivative are now: an array may be written to later."""
        step = self.recorder.steps[self.step - 1]
        step.value = kept(self.inner.primal)
        if isinstance(self.inner, Dual):
            step.tangent = kept(self.inner.tangent)
        elif isinstance(self.inner, Variable):
            step.entry = self.inner.index

    def note_alias(self, whole: Traced, shown: Callable[[str], str], index: Any = None) -> None:
        """Remember of what this is a view, if it is one."""
        if self.is_array and whole.is_array and np.may_share_memory(base(self), base(whole)):
            self.alias = Alias(whole, shown, whole.step, index)

    @classmethod
    def lift(cls, level: int, rule: Any, compute: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        found = [x for x in (*operands(args), *operands(kwargs)) if isinstance(x, Traced) and x.level == level]
        recorder = found[0].recorder
        for x in found:
            recorder.current(x)
        key = _key(rule, compute, args, kwargs) if recorder.share else None
        if key is not None and key in recorder.known:
            return recorder.known[key]
        inner_args, inner_kwargs = _opened(args, level), _opened(kwargs, level)
        result = recorder.record(rule, args, kwargs, found[0].inner.lift(level, rule, compute, inner_args, inner_kwargs))
        if key is not None:
            recorder.known[key] = result
        return result

    def constant_like(self, value: Any) -> Traced:
        return self.recorder.enter(self.inner.constant_like(value), f"constant {written(value)}", "constant", (),
                                   formula="0")

    def replace_primal(self, value: Any) -> Traced:
        self.inner = self.inner.replace_primal(value)
        self.note()
        return self

    def has_nan(self) -> bool:
        return bool(self.inner.has_nan())

    def __copy__(self) -> Any:
        return np.copy(self) if self.is_array else self

    def __deepcopy__(self, memo: Any) -> Any:
        return self.__copy__()

    # ---- elements ----

    def __getitem__(self, index: Any) -> Any:
        self.recorder.current(self)
        inner = self.inner[index]
        if inner is self.inner:
            return self
        at, old = index_text(index), name("v", self.step)
        traced = self.recorder.enter(inner, f"{old}[{at}]", "index", (self.step,), formula=f"{name('v̇', self.step)}[{at}]",
                                     rule=f"the entries [{at}] of {old}")
        self.recorder.steps[-1].terms.append((self.step, f"({name('v̄', traced.step)} at [{at}])"))
        traced.note_alias(self, lambda symbol: f"{symbol}[{at}]", index)
        return traced

    def __setitem__(self, index: Any, value: Any) -> None:
        recorder = self.recorder
        recorder.current(self)
        ours = recorder.is_ours(value)
        if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype == object):
            value = np.array(value, like=self)
            ours = recorder.is_ours(value)
        # ``x[1:] += y`` ends with assigning the view, already written through, to where it came from
        is_written = ours and value.alias is not None and value.alias.whole is self and value.alias.index is index
        if ours and not is_written:
            recorder.current(value)
        self.inner[index] = value.inner if ours else value
        if not is_written:
            self.assigned(index, value, ours)

    def assigned(self, index: Any, value: Any, ours: bool) -> None:
        """A step for what has been written: to this array, or to the one of which it is a view."""
        recorder, whole, at = self.recorder, self, index_text(index)
        place = "·" if self.alias is not None and at in ("...", ":") else f"·[{at}]"
        while whole.alias is not None:
            place, whole = place.replace("·", whole.alias.shown("·")), whole.alias.whole
        place, old = place.removeprefix("·"), whole.step
        fresh = recorder.enter(whole.inner, f"{name('v', old)} with {place} ← {written(recorder.text(value))}", "assign",
                               (old, value.step) if ours else (old,), rule=f"the entries {place} are replaced, the others stay",
                               formula=f"{name('v̇', old)} with {place} ← {name('v̇', value.step) if ours else '0'}")
        bar, terms = name("v̄", fresh.step), recorder.steps[-1].terms
        terms.append((old, f"({bar} with {place} ← 0)"))
        if ours:
            shown = place.replace("·", bar) if "·" in place else bar + place
            terms.append((value.step, shown if np.shape(base(value)) == np.shape(base(self)[index]) else f"sum({shown})"))
        whole.step = fresh.step


def _opened(value: Any, level: int) -> Any:
    return mapped(value, lambda x: x.inner if isinstance(x, Traced) and x.level == level else x)


def _key(rule: Any, compute: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What makes two operations the same; None for one that is not between scalars."""
    if kwargs or not isinstance(rule, Elementwise):
        return None
    parts: list[tuple[str, Any]] = []
    for x in args:
        if isinstance(x, Traced) and not x.is_array:
            parts.append(("v", x.step))
        elif type(x) in (int, float):
            parts.append((type(x).__name__, repr(x)))
        else:
            return None
    return rule.function, compute, tuple(parts)


def kept(value: Any) -> Any:
    """A value as it is now: the user may write to an array."""
    return np.array(value) if isinstance(value, np.ndarray) else value
