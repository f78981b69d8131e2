"""The kinds of rules, as classes: what each holds of a function, and how the array rules push tangents through.

`dualdiff.rules.table` declares rules of these kinds and finds them; whoever reads the table takes them from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dualdiff.rules.domain import Domain

Function = Callable[..., Any]
Partial = Any  # a callable (xp, *inputs) or (xp, out, *inputs); or an int, the constant partial; or None: locally constant


class Rule:
    """What is known of one function."""

    __slots__ = ("function",)
    kind = "rule"

    def __init__(self, function: Function) -> None:
        self.function = function

    @property
    def name(self) -> str:
        return name_of(self.function)

    def __repr__(self) -> str:
        return f"<{self.kind} rule of {self.name}>"


MANY = 256  # doubles in an array: of fewer, a partial costs less than the calls of another


class Elementwise(Rule):
    """Partials, one for each input. With several outputs a partial returns one value for each of them.

    ``over`` is a denominator that all partials have; ``partials`` are declared as ``numerators`` then, and tangents are summed up
    before they are divided.

    ``on_arrays`` is the partial of a function of one input once more, from the output and the input: a quicker formula for arrays
    of many doubles, and on which machines it is one.
    """

    __slots__ = ("from_output", "if_complex", "numerators", "on", "on_arrays", "over", "partials", "single")
    kind = "elementwise"

    def __init__(self, function: Function, partials: tuple[Partial, ...], from_output: bool, on: tuple[Domain, ...],
                 if_complex: Function | None, over: Function | None = None) -> None:
        super().__init__(function)
        self.numerators, self.over = partials, over
        self.partials: tuple[Partial, ...] = partials if over is None else tuple([divided(above, over) for above in partials])
        self.from_output = from_output
        self.on = on
        self.if_complex = if_complex
        self.on_arrays: tuple[Function, Callable[[], bool]] | None = None
        self.single = getattr(function, "nout", 1) == 1 and None not in partials  # one output, a partial for each input

    def partial(self, i: int, xp: Any, out: Any, inputs: Sequence[Any]) -> Any:
        """∂out/∂inᵢ at ``inputs``, in the number type that ``xp`` serves."""
        partial = self.partials[i]
        if not callable(partial):
            return False if partial == 0 else partial  # 0: a branch that is never picked, 0 × inf or not
        if self.on_arrays is not None and xp is np and are_many_doubles(out) and are_many_doubles(inputs[0]):
            quicker, when = self.on_arrays
            if when():
                return quicker(out, *inputs)
        try:
            return partial(xp, out, *inputs) if self.from_output else partial(xp, *inputs)
        except ZeroDivisionError:
            if xp is not np:
                raise
        except TypeError:
            if not any(type(x) is complex for x in inputs):
                raise
        # NumPy divides by zero, and puts complex numbers in an order; Python does neither
        inputs = [np.array(x)[()] if type(x) in (int, float, complex) else x for x in inputs]
        return partial(np, out, *inputs) if self.from_output else partial(np, *inputs)


def divided(numerator: Function, over: Function) -> Function:
    return lambda xp, out, *inputs: numerator(xp, out, *inputs) / over(xp, out, *inputs)


def are_many_doubles(x: Any) -> bool:
    return type(x) is np.ndarray and x.size >= MANY and x.dtype.char == "d"


class ArrayRule(Rule):
    """A differentiable function of arrays: which of its arguments carry tangents, and how they go through.

    Parameters
    ----------
    positions
        Name → position of every argument in which it can be differentiated. An argument may also be a (nested) list of
        arrays. Position −1 means that the argument is keyword-only.
    constant
        Names of arguments in which the function is locally constant (a condition, say): name → position.
    """

    __slots__ = ("constant", "positions")

    def __init__(self, function: Function, positions: Mapping[str, int], constant: Mapping[str, int]) -> None:
        super().__init__(function)
        self.positions = dict(positions)
        self.constant = dict(constant)

    def push(self, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any], tangents: Mapping[str, Any]) -> Any:
        """The tangent of ``out``, given those of the arguments that have one (the others are constant)."""
        raise NotImplementedError

    def sum_of_maps(self, tangents: Mapping[str, Any], term: Callable[[str, Any], Any]) -> Any:
        total = None
        for name, tangent in tangents.items():
            total = term(name, tangent) if total is None else add_tangents(total, term(name, tangent))
        return total


class Linear(ArrayRule):
    """Jointly linear in its arrays: the tangent is the function of the tangents, constants standing in with zero."""

    __slots__ = ()
    kind = "linear"

    def push(self, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any], tangents: Mapping[str, Any]) -> Any:
        for name, position in self.positions.items():
            if has_argument(args, kwargs, name, position):
                value = tangents[name] if name in tangents else zeros_for(argument(args, kwargs, name, position))
                args, kwargs = with_argument(args, kwargs, name, position, value)
        return self.function(*args, **kwargs)


class Bilinear(ArrayRule):
    """Linear in each array with the others fixed: the tangent is a sum, one array at a time giving way to its tangent."""

    __slots__ = ()
    kind = "bilinear"

    def push(self, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any], tangents: Mapping[str, Any]) -> Any:
        def term(name: str, tangent: Any) -> Any:
            args_, kwargs_ = with_argument(args, kwargs, name, self.positions[name], tangent)
            return self.function(*args_, **kwargs_)

        return self.sum_of_maps(tangents, term)


class Maps(ArrayRule):
    """One map, linear in the tangent ``t``, for each array: ``lambda out, t, *arguments_of_the_call: …``.

    Maps that are ``stacked`` work on stacks of matrices, with any number of leading axes before those of ``out``: a chunk of
    tangents is one stack to them. ``last`` is a linear map that all of them end with: it is applied once, to their sum.
    """

    __slots__ = ("last", "maps", "stacked")
    kind = "matrix"

    def __init__(self, function: Function, maps: Mapping[str, Function], positions: Mapping[str, int],
                 constant: Mapping[str, int], stacked: bool, last: Function | None) -> None:
        super().__init__(function, positions, constant)
        self.maps = dict(maps)
        self.stacked = stacked
        self.last = last

    def push(self, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any], tangents: Mapping[str, Any]) -> Any:
        total = self.sum_of_maps(tangents, lambda name, t: self.maps[name](out, t, *args, **kwargs))
        return total if self.last is None else self.last(out, total, *args, **kwargs)


class Composite(Rule):
    """Written with other functions of the table. ``mutates``: the recipe does it all, primals included."""

    __slots__ = ("mutates", "recipe")
    kind = "composite"

    def __init__(self, function: Function, recipe: Function, mutates: bool) -> None:
        super().__init__(function)
        self.recipe = recipe
        self.mutates = mutates


class Selection(Composite):
    """A composite that picks entries by their primals and gathers them, tangents along."""

    __slots__ = ()
    kind = "selection"


class Creation(Rule):
    """Makes an array from plain arguments; ``recipe`` makes it where an argument (other than a prototype) is an operand."""

    __slots__ = ("prototype", "recipe")
    kind = "creation"

    def __init__(self, function: Function, recipe: Function | None, prototype: bool) -> None:
        super().__init__(function)
        self.recipe = recipe
        self.prototype = prototype


class LocallyConstant(Rule):
    """Has derivative zero wherever it has one: it returns a plain value, computed from the primals."""

    __slots__ = ()
    kind = "locally constant"


class Refused(Rule):
    """Its derivative cannot be known (or would not be one): using it on a dual number is an error with this reason."""

    __slots__ = ("reason",)
    kind = "refused"

    def __init__(self, function: Function, reason: str) -> None:
        super().__init__(function)
        self.reason = reason


def name_of(function: Function) -> str:
    """How a user writes the function: ``np.linalg.solve``, ``np.add.reduce``, ``scipy.special.erf``."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{function.__name__}"
    name = getattr(function, "__name__", repr(function))
    module = getattr(function, "__module__", None)
    if isinstance(function, np.ufunc) and module is None:
        module = "numpy" if getattr(np, name, None) is function else "scipy.special"
    return f"{module.replace('numpy', 'np', 1)}.{name}" if module else name


# ---- arguments of a call -------------------------------------------------------------------------------------------------

def has_argument(args: tuple[Any, ...], kwargs: Mapping[str, Any], name: str, position: int) -> bool:
    return 0 <= position < len(args) or name in kwargs


def argument(args: tuple[Any, ...], kwargs: Mapping[str, Any], name: str, position: int) -> Any:
    return args[position] if 0 <= position < len(args) else kwargs[name]


def with_argument(args: tuple[Any, ...], kwargs: dict[str, Any], name: str, position: int,
                  value: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The call's arguments with one of them replaced."""
    if 0 <= position < len(args):
        return (*args[:position], value, *args[position + 1:]), kwargs
    return args, {**kwargs, name: value}


def zeros_for(value: Any) -> Any:
    """What stands in for the tangent of a constant: zeros of the same structure and shape (None stays None)."""
    if isinstance(value, (list, tuple)):
        return [zeros_for(item) for item in value]
    if isinstance(value, np.ndarray):
        return np.zeros(value.shape, value.dtype if value.dtype.kind in "fc" else float)
    shape = getattr(value, "shape", ())
    return np.zeros(shape) if shape else (value if value is None else 0.0)


def add_tangents(left: Any, right: Any) -> Any:
    """The sum of two tangents of a result; results with several parts add part by part."""
    if isinstance(left, (list, tuple)):
        return [add_tangents(a, b) for a, b in zip(left, right)]
    return None if left is None else left + right
