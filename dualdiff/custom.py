"""Rules for functions that dualdiff cannot see through: compiled code, look-ups, iterations, ``math`` on a float.

A function that calls ``math.erf`` cannot run on a dual number. Its derivative is known, so say it:

>>> import math
>>> import numpy as np
>>> import dualdiff as dd
>>> from dualdiff import check_rule, custom_rule
>>> @custom_rule(lambda x: 2 / np.sqrt(np.pi) * np.exp(-x**2))
... def erf(x):
...     return math.erf(x)
>>> dd.derivative(lambda x: x * erf(x))(0.5)
0.95989116...
>>> dd.derivative(dd.derivative(erf))(0.5)  # the partial is differentiated in turn
-0.878782578...
>>> check_rule(erf, at=0.5).ok
True

Often the derivative is simplest in terms of the result. Kepler's equation E − e·sin E = M is solved by iteration, and its solution
differentiated by the equation:

>>> @custom_rule(lambda E, M, e: 1 / (1 - e * np.cos(E)), lambda E, M, e: np.sin(E) / (1 - e * np.cos(E)), of_output=True)
... def kepler(M, e):
...     E = M
...     for _ in range(50):
...         E = M + e * math.sin(E)
...     return E
>>> dd.derivative(kepler, argnums=1)(1.0, 0.2)
1.00196837...

A function that mixes the entries of its arrays has no partials; it has a map from tangents to the tangent of the result, which is
linear in them:

>>> def solve_jvp(x, primals, tangents):
...     (a, b), (ȧ, ḃ) = primals, tangents
...     return np.linalg.solve(a, ḃ - ȧ @ x)
>>> @custom_rule(jvp=solve_jvp)
... def solve(a, b):
...     return np.array([float(v) for v in np.linalg.solve(a, b)])
>>> dd.jacobian(solve, argnums=1)(np.diag([2.0, 4.0]), np.ones(2))
array([[0.5 , 0.  ],
       [0.  , 0.25]])
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from dualdiff.arguments import highest
from dualdiff.calls import call
from dualdiff.checks.check_rules import check_rule
from dualdiff.errors import NotDifferentiableError
from dualdiff.operand import is_array
from dualdiff.rules.domain import REAL
from dualdiff.rules.table import TABLE, ArrayRule, Elementwise, Partial, find, name_of, of_input, of_output, zeros_for
from dualdiff.structures import sequence_like

__all__ = ["check_rule", "custom_rule"]

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
MOST = 16  # positional arguments of a function whose signature is not known


def custom_rule(*partials: Partial, of_output: bool = False, jvp: Function | None = None) -> Callable[[F], F]:
    """Give a function a derivative: by its partials if it works entry by entry, else by a Jacobian-vector product.

    Parameters
    ----------
    *partials : callable, number or None
        One for each argument: ∂out/∂argument as a function of all the arguments, written with NumPy's functions (or those of
        `dualdiff.math`), so that it can be differentiated in turn. A number is a constant partial; None (or 0) says that the
        function is locally constant in that argument. A function that returns a tuple has partials that return one.
    of_output : bool
        The partials take the function's result first, then the arguments.
    jvp : callable, optional
        ``jvp(out, primals, tangents, **options)``: the tangent of the result, of its shape, for a function of arrays that is not
        elementwise. ``primals`` and ``tangents`` are tuples, one item for each positional argument; the tangent of an argument
        that is constant is zero. ``options`` are the keyword-only arguments of the call. It must be linear in the tangents and
        written with NumPy's functions.

    Returns
    -------
    callable
        A decorator. The function that it makes is called like the original; where no derivative is being computed it *is* the
        original, but for a result that is an argument, or a view of one: that it copies, because what is written to the one
        would change the other without its derivative. A ufunc (of a compiled package, say) is given the rule itself, so that code
        which calls it needs no change.

    Raises
    ------
    TypeError
        If neither partials nor a jvp are given, or both.
    ValueError
        If the ufunc has a rule already; when called, if a result or a tangent has not the shape that the rule promises.
    NotDifferentiableError
        When called, for a derivative in an argument that has no partial.

    See Also
    --------
    check_rule : tests the rule.

    Examples
    --------
    >>> import math
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> @dd.custom_rule(lambda x, y: y * np.cos(x * y), lambda x, y: x * np.cos(x * y))
    ... def f(x, y):
    ...     return math.sin(x * y)
    >>> dd.gradient(f, argnums=(0, 1))(0.0, 3.0)
    (3.0, 0.0)
    """
    if bool(partials) == (jvp is not None):
        raise TypeError("custom_rule takes the partials of the function, one for each argument, or jvp=, and not both")

    def decorate(function: Any) -> Any:
        if isinstance(function, np.ufunc):
            return _rule_of_ufunc(function, partials, of_output, jvp)
        return CustomFunction(function, partials, of_output, jvp)

    return decorate


class CustomFunction:
    """A function with a rule of its own, which `dualdiff.rules.table.find` asks for."""

    def __init__(self, function: Function, partials: tuple[Partial, ...], of_output: bool, jvp: Function | None) -> None:
        functools.update_wrapper(self, function)
        try:
            self.signature: inspect.Signature | None = inspect.signature(function)
        except (TypeError, ValueError):
            self.signature = None
        self.rule = CustomElementwise(self, partials, of_output) if jvp is None else CustomMap(self, jvp, self._positional())

    def _positional(self) -> int:
        kinds = [p.kind for p in self.signature.parameters.values()] if self.signature else [inspect.Parameter.VAR_POSITIONAL]
        if inspect.Parameter.VAR_POSITIONAL in kinds:
            return MOST
        return sum(kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for kind in kinds)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if highest(args, kwargs) is None:
            return _own(self.__wrapped__(*args, **kwargs), args)  # type: ignore[attr-defined]
        if kwargs and self.signature is not None:
            bound = self.signature.bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        if highest(kwargs) is not None:
            raise NotDifferentiableError(f"{name_of(self)} has a rule for its positional arguments only")
        result = call(self, args, kwargs)
        if isinstance(self.rule, Elementwise):
            self._check_shape(result, args)
        return result

    def _check_shape(self, result: Any, args: tuple[Any, ...]) -> None:
        shape = np.broadcast_shapes(*map(np.shape, args))
        for part in result if isinstance(result, tuple) else (result,):
            if np.shape(part) != shape:
                raise ValueError(f"{name_of(self)} returned shape {np.shape(part)} for arguments of shape {shape}, so it does "
                                 f"not work entry by entry, as partials do; give it a rule with jvp=")

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"<{self.__wrapped__!r} with a rule of its own>"  # type: ignore[attr-defined]


class CustomElementwise(Elementwise):
    """Partials that a user wrote: without ``xp``, because NumPy's functions serve every number type."""

    __slots__ = ()

    def __init__(self, function: Function, partials: tuple[Partial, ...], from_output: bool) -> None:
        super().__init__(function, tuple(_with_namespace(p) for p in partials), from_output, (REAL,) * len(partials), None)

    def partial(self, i: int, xp: Any, out: Any, inputs: Sequence[Any]) -> Any:
        if i >= len(self.partials):
            raise NotDifferentiableError(f"{self.name} has a rule with {len(self.partials)} partials, and its derivative in "
                                         f"argument {i} is unknown")
        return super().partial(i, xp, out, inputs)


class CustomMap(ArrayRule):
    """A Jacobian-vector product that a user wrote."""

    __slots__ = ("jvp",)
    kind = "custom"

    def __init__(self, function: Function, jvp: Function, positional: int) -> None:
        super().__init__(function, {f"argument {i}": i for i in range(positional)}, {})
        self.jvp = jvp

    def push(self, out: Any, args: tuple[Any, ...], kwargs: dict[str, Any], tangents: Mapping[str, Any]) -> Any:
        names = [f"argument {i}" for i in range(len(args))]
        every = tuple([tangents[name] if name in tangents else zeros_for(arg) for name, arg in zip(names, args)])
        tangent = self.jvp(out, args, every, **kwargs)
        self._check_shape(tangent, out)
        return _copied(tangent)

    def _check_shape(self, tangent: Any, out: Any) -> None:
        if isinstance(out, (list, tuple)) and isinstance(tangent, (list, tuple)) and len(out) == len(tangent):
            for part, whole in zip(tangent, out):
                self._check_shape(part, whole)
        elif tangent is not None and np.shape(tangent) != np.shape(out):
            raise ValueError(f"the jvp of {self.name} returned a tangent of shape {np.shape(tangent)} for a result of shape "
                             f"{np.shape(out)}")


def _own(result: Any, args: tuple[Any, ...]) -> Any:
    """The result in memory that no argument has."""
    if isinstance(result, (list, tuple)):
        return sequence_like(result, [_own(part, args) for part in result])
    if isinstance(result, np.ndarray) and any(isinstance(x, np.ndarray) and np.may_share_memory(result, x) for x in args):
        return result.copy(order="K")
    return result


def _copied(tangent: Any) -> Any:
    """What a user's jvp returned, in memory that neither it nor an argument's tangent has: the result may be written to."""
    if isinstance(tangent, (list, tuple)):
        return [_copied(part) for part in tangent]
    return tangent.copy() if is_array(tangent) else tangent


def _shown(slope: Any) -> Any:
    """What a user's partial returned, as a view: an array that is not a view is taken for ours, and written to."""
    if isinstance(slope, tuple):
        return tuple(map(_shown, slope))
    return slope.view() if type(slope) is np.ndarray else slope


def _with_namespace(partial: Partial) -> Partial:
    """A user's partial as one of the table's, which is handed a namespace first; exact small numbers stay numbers."""
    if partial is None or (isinstance(partial, int) and partial in (-1, 0, 1)):
        return partial
    if callable(partial):
        return lambda xp, *inputs: _shown(partial(*inputs))
    return lambda xp, *inputs: _shown(partial)


def _rule_of_ufunc(ufunc: np.ufunc, partials: tuple[Partial, ...], from_output: bool, jvp: Function | None) -> np.ufunc:
    if jvp is not None or len(partials) != ufunc.nin:
        raise TypeError(f"{name_of(ufunc)} works entry by entry: it takes {ufunc.nin} partials")
    with contextlib.suppress(NotDifferentiableError):
        find(ufunc)  # which loads SciPy's rules
    if ufunc in TABLE:
        raise ValueError(f"{name_of(ufunc)} has a rule already")
    (of_output if from_output else of_input)(ufunc, *map(_with_namespace, partials))
    return ufunc
