"""Transforms that return the function's value together with its derivatives, from the same passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dualdiff.first_order import Derivative, Gradient, Jacobian
from dualdiff.second_order import Hessian
from dualdiff.signatures import Argnames, Argnums, transform_with_chunks, transform_with_n
from dualdiff.taylor import NthDerivative, checked_order
from dualdiff.wrapper import made

if TYPE_CHECKING:
    from concurrent.futures import Executor


@transform_with_n
def value_and_derivative(function: Callable[..., Any] | None = None, *,
                         n: int = 1, argnums: Argnums = 0, argnames: Argnames = None,
                         has_aux: bool = False) -> Any:
    """The value and the derivative (the n-th) of a function of a scalar.

    The parameters are those of `dualdiff.derivative`; no pass is spent on the value.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, derivative)``.

    Examples
    --------
    >>> value_and_derivative(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    if n != 1:
        return made(NthDerivative, function, argnums, argnames, has_aux, True, plain=False, n=checked_order(n))
    return made(Derivative, function, argnums, argnames, has_aux, True, plain=False)


@transform_with_chunks
def value_and_gradient(function: Callable[..., Any] | None = None, *,
                       argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
                       chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The value and the gradient of a function with a real scalar result.

    The parameters are those of `dualdiff.gradient`; no pass is spent on the value.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, gradient)``.

    Examples
    --------
    >>> import numpy as np
    >>> value_and_gradient(lambda x: x @ x)(np.array([3.0, 4.0]))
    (25.0, array([6., 8.]))
    """
    return made(Gradient, function, argnums, argnames, has_aux, True, chunk_size, executor)


@transform_with_chunks
def value_and_jacobian(function: Callable[..., Any] | None = None, *,
                       argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
                       chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The value and the Jacobian of a function.

    The parameters are those of `dualdiff.jacobian`; no pass is spent on the value.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, jacobian)``.

    Examples
    --------
    >>> import numpy as np
    >>> value_and_jacobian(lambda x: 2 * x)(np.array([3.0, 4.0]))
    (array([6., 8.]), array([[2., 0.],
           [0., 2.]]))
    """
    return made(Jacobian, function, argnums, argnames, has_aux, True, chunk_size, executor)


@transform_with_chunks
def value_gradient_hessian(function: Callable[..., Any] | None = None, *,
                           argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
                           chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The value, the gradient and the Hessian of a function with a real scalar result.

    The parameters are those of `dualdiff.hessian`; no pass is spent on the value.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, gradient, hessian)``.

    Examples
    --------
    >>> value_gradient_hessian(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3.0, 4.0)
    (42.0, (24.0, 10.0), ((8.0, 6.0), (6.0, 0.0)))
    """
    return made(Hessian, function, argnums, argnames, has_aux, True, chunk_size, executor)
