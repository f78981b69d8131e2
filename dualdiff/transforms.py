"""The transforms: from a function to its derivative, gradient, Jacobian or Hessian, in forward mode.

Every transform seeds the inputs, calls the user's function, and extracts the tangents. One evaluation of the function is a
pass; a pass carries one direction (a Hessian's one pair of directions) unless ``chunk_size`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from dualdiff.first_order import Derivative, Gradient, Jacobian, split_aux
from dualdiff.levels import new_level
from dualdiff.passes import Pass
from dualdiff.second_order import Hessian
from dualdiff.seeding import Inputs, checked_leaves, matching, primal_at, tangent_at, without_level
from dualdiff.structures import rebuilt
from dualdiff.wrapper import Transform

Argnums = int | tuple[int, ...]
Argnames = str | tuple[str, ...] | None


def derivative(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
               has_aux: bool = False) -> Any:
    return _made(Derivative, function, argnums, argnames, has_aux, False,
                 plain=argnums == 0 and argnames is None and not has_aux)


def gradient(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
             has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    return _made(Gradient, function, argnums, argnames, has_aux, False, chunk_size, executor)


def jacobian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
             has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    return _made(Jacobian, function, argnums, argnames, has_aux, False, chunk_size, executor)


def hessian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
            has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    return _made(Hessian, function, argnums, argnames, has_aux, False, chunk_size, executor)


def value_and_derivative(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                         has_aux: bool = False) -> Any:
    return _made(Derivative, function, argnums, argnames, has_aux, True, plain=False)


def value_and_gradient(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                       has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    return _made(Gradient, function, argnums, argnames, has_aux, True, chunk_size, executor)


def value_and_jacobian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                       has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    return _made(Jacobian, function, argnums, argnames, has_aux, True, chunk_size, executor)


def value_gradient_hessian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                           has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    return _made(Hessian, function, argnums, argnames, has_aux, True, chunk_size, executor)


def jvp(function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    args = primals if isinstance(primals, tuple) else (primals,)
    directions = tangents if isinstance(primals, tuple) else (tangents,)
    transform = Transform(function, has_aux=has_aux)
    inputs = Inputs(transform.label, args, {}, tuple(range(len(args))), None)
    level = new_level()
    seeded = inputs.along(matching("jvp", args, directions), level)
    output = Pass(function, *inputs.arguments(seeded)).run()
    if has_aux:
        output, aux = split_aux(output, transform)
    found = [leaf for _, leaf in checked_leaves(output, transform.label)]
    result = (rebuilt(output, iter([primal_at(leaf, level) for leaf in found])),
              rebuilt(output, iter([tangent_at(leaf, level, None) for leaf in found])))
    return (*result, without_level(aux, level)) if has_aux else result


def hvp(function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    args = primals if isinstance(primals, tuple) else (primals,)
    slopes = Gradient(function, argnums=tuple(range(len(args))), argnames=None, has_aux=has_aux, value=False, chunk_size=1,
                      executor=None)
    result = jvp(slopes, args, tangents if isinstance(primals, tuple) else (tangents,), has_aux=has_aux)
    product = result[1] if isinstance(primals, tuple) else result[1][0]
    return (product, result[2]) if has_aux else product


def _made(kind: type[Transform], function: Callable[..., Any] | None, argnums: Argnums, argnames: Argnames, has_aux: bool,
          value: bool, chunk_size: int | None = 1, executor: Executor | None = None, **more: Any) -> Any:
    """The transform of ``function``, or the decorator that makes it."""
    if chunk_size is not None and (not isinstance(chunk_size, int) or chunk_size < 1):
        raise ValueError(f"chunk_size is a number of directions (1, 2, …) or None to choose one, not {chunk_size!r}")
    options = dict(argnums=argnums, argnames=argnames, has_aux=has_aux, value=value, chunk_size=chunk_size, executor=executor,
                   **more)
    return (lambda f: kind(f, **options)) if function is None else kind(function, **options)
