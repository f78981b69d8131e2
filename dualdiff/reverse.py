"""Reverse mode: the twin of the forward transforms, on the same rules.

One pass forward records the function, one sweep back gives the derivatives of one output with respect to every input: the cost
of a gradient does not grow with the number of inputs. `dualdiff.cost` tells which mode a Jacobian at hand calls for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dualdiff.backward import Recording, ReverseGradient, ReverseHessian, ReverseJacobian
from dualdiff.operand import Operand
from dualdiff.structures import leaves
from dualdiff.transforms import jvp
from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.signatures import Argnames, Argnums, simple_transform, transform_with_chunks, transform_with_executor
from dualdiff.transforms.wrapper import Transform, made

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["gradient", "hessian", "hvp", "jacobian", "value_and_gradient", "value_and_jacobian", "vjp"]


def vjp(function: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of a function, and how it pulls cotangents back: one pass forward, one sweep for each call of the pullback.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them.
    *primals
        Its arguments.
    has_aux : bool, optional
        The function returns ``(result, aux)``.

    Returns
    -------
    value
        The function's result.
    pullback : callable
        Takes a cotangent of the result's structure and shapes, returns a tuple with the cotangent of each argument. It may be
        called several times.

    Raises
    ------
    TypeError, ValueError
        If a cotangent does not have the structure and the shapes of the result.
    NotDifferentiableError
        If a function on the way has no transpose; forward mode may know it.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> value, pullback = dd.reverse.vjp(lambda x, y: (x**2 + 2 * x) * np.log(y), 1.0, 2.0)
    >>> pullback(2.0)
    (5.545177444479562, 3.0)
    """
    transform = Transform(function, has_aux=has_aux)
    inputs = Inputs(transform.label, primals, {}, range(len(primals)), None)
    recording = Recording(transform, inputs)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        given = leaves(cotangent)
        if [path for path, _ in given] != [path for path, _ in recording.primals]:
            raise TypeError(f"the cotangent of {transform.label} must have the structure of its result, "
                            f"{len(recording.primals)} leaves and not {len(given)}")
        for (path, leaf), (_, primal) in zip(given, recording.primals):
            if np.shape(leaf) != np.shape(primal):
                raise ValueError(f"the cotangent{path} has shape {np.shape(leaf)} but the result{path} has {np.shape(primal)}")
        seeds = [leaf if isinstance(leaf, (Operand, np.ndarray)) else np.asarray(leaf) if np.shape(leaf) else leaf
                 for _, leaf in given]
        result: tuple[Any, ...] = inputs.mirrored(recording.pull(seeds))
        return result

    return (recording.value, pullback, recording.aux) if has_aux else (recording.value, pullback)


@simple_transform
def gradient(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
             has_aux: bool = False) -> Any:
    """The gradient of a function with a real scalar result, in one pass forward and one sweep back.

    Parameters
    ----------
    function, argnums, argnames, has_aux
        As of `dualdiff.gradient`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of the input's shape (a structure of them for a structured input).

    Raises
    ------
    TypeError
        If the result is not a real scalar.
    NotDifferentiableError
        If a function on the way has no transpose; forward mode may know it.

    Notes
    -----
    A few times the cost of the function, whatever the number of inputs; the tape holds what every operation computed.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.reverse.gradient(lambda x: np.sum(x**2))(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """
    return made(ReverseGradient, function, argnums, argnames, has_aux, False)


@simple_transform
def value_and_gradient(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                       has_aux: bool = False) -> Any:
    """The value and the gradient of a function with a real scalar result, from the same pass.

    Parameters
    ----------
    function, argnums, argnames, has_aux
        As of `dualdiff.gradient`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, gradient)``.

    Raises
    ------
    TypeError, NotDifferentiableError
        As `gradient`.

    Notes
    -----
    The cost is that of `gradient`.

    Examples
    --------
    >>> import dualdiff as dd
    >>> dd.reverse.value_and_gradient(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    return made(ReverseGradient, function, argnums, argnames, has_aux, True)


@transform_with_executor
def jacobian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
             has_aux: bool = False, executor: Executor | None = None) -> Any:
    """The Jacobian of a function, in one pass forward and one sweep back for each entry of the result.

    Parameters
    ----------
    function, argnums, argnames, has_aux
        As of `dualdiff.jacobian`.
    executor : concurrent.futures.Executor, optional
        Where blocks of the sweeps run, each after a recording of its own. With processes the function has to pickle.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of shape ``out.shape + in.shape``; of structures what
        `dualdiff.jacobian` returns.

    Raises
    ------
    TypeError
        If an input or a result is not made of numbers and arrays.
    NotHolomorphicError
        If an input is complex and the function has no complex derivative there.
    NotDifferentiableError
        If a function on the way has no transpose; forward mode may know it.

    Notes
    -----
    One evaluation, m sweeps for m entries of the result. `dualdiff.cost` counts whether that is less than n passes forward.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.reverse.jacobian(lambda x: x[:2] * x[2])(np.array([1.0, 2.0, 3.0]))
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """
    return made(ReverseJacobian, function, argnums, argnames, has_aux, False, 1, executor)


@transform_with_executor
def value_and_jacobian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                       has_aux: bool = False, executor: Executor | None = None) -> Any:
    """The value and the Jacobian of a function, from the same pass.

    Parameters
    ----------
    function, argnums, argnames, has_aux, executor
        As of `dualdiff.jacobian`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, jacobian)``.

    Raises
    ------
    TypeError, NotHolomorphicError, NotDifferentiableError
        As `jacobian`.

    Notes
    -----
    The cost is that of `jacobian`.

    Examples
    --------
    >>> import dualdiff as dd
    >>> dd.reverse.value_and_jacobian(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    return made(ReverseJacobian, function, argnums, argnames, has_aux, True, 1, executor)


@transform_with_chunks
def hessian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
            has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The Hessian of a function with a real scalar result, forward over reverse.

    Parameters
    ----------
    function, argnums, argnames, has_aux, chunk_size, executor
        As of `dualdiff.hessian`; ``chunk_size`` counts the directions of the forward passes.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of shape ``in.shape + in.shape``; of structures what
        `dualdiff.hessian` returns.

    Raises
    ------
    TypeError, NotDifferentiableError
        As `gradient`.

    Notes
    -----
    n passes for n input entries, each with a sweep back, where `dualdiff.hessian` takes n(n+1)/2 passes.

    Examples
    --------
    >>> import dualdiff as dd
    >>> dd.reverse.hessian(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3.0, 4.0)
    ((8.0, 6.0), (6.0, 0.0))
    """
    return made(ReverseHessian, function, argnums, argnames, has_aux, False, chunk_size, executor)


def hvp(function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """The Hessian-vector product, forward over reverse: one pass forward and one sweep back, whatever the number of inputs.

    Parameters
    ----------
    function, primals, tangents, has_aux
        As of `dualdiff.hvp`.

    Returns
    -------
    product
        H·v, of the structure and shapes of ``primals``; with ``has_aux`` followed by ``aux``.

    Raises
    ------
    TypeError, ValueError
        As `dualdiff.hvp`.
    NotDifferentiableError
        If a function on the way has no transpose.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.reverse.hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    args = primals if isinstance(primals, tuple) else (primals,)
    slopes = ReverseGradient(function, argnums=tuple(range(len(args))), argnames=None, has_aux=has_aux, value=False)
    result = jvp(slopes, args, tangents if isinstance(primals, tuple) else (tangents,), has_aux=has_aux)
    product = result[1] if isinstance(primals, tuple) else result[1][0]
    return (product, result[2]) if has_aux else product
