"""Transforms that return the function's value together with its derivatives, from the same passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dualdiff.transforms.any_order import NthDerivative, checked_order
from dualdiff.transforms.first_order import Derivative, Gradient, Jacobian
from dualdiff.transforms.second_order import Hessian
from dualdiff.transforms.signatures import Argnames, Argnums, transform_with_chunks, transform_with_n
from dualdiff.transforms.wrapper import made

if TYPE_CHECKING:
    from concurrent.futures import Executor


@transform_with_n
def value_and_derivative(function: Callable[..., Any] | None = None, *,
                         n: int = 1, argnums: Argnums = 0, argnames: Argnames = None,
                         has_aux: bool = False) -> Any:
    """The value and the derivative (the n-th) of a function of a scalar.

    Parameters
    ----------
    function, n, argnums, argnames, has_aux
        As of `dualdiff.derivative`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, derivative)``; with ``has_aux`` ``((value, derivative), aux)``.

    Raises
    ------
    TypeError, NotHolomorphicError, ValueError
        As `dualdiff.derivative`.

    Notes
    -----
    The passes are those of the derivative; none is spent on the value.

    Examples
    --------
    >>> import dualdiff as dd
    >>> dd.value_and_derivative(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    if n != 1:
        return made(NthDerivative, function, argnums, argnames, has_aux, True, n=checked_order(n))
    return made(Derivative, function, argnums, argnames, has_aux, True)


@transform_with_chunks
def value_and_gradient(function: Callable[..., Any] | None = None, *,
                       argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
                       chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The value and the gradient of a function with a real scalar result.

    Parameters
    ----------
    function, argnums, argnames, has_aux, chunk_size, executor
        As of `dualdiff.gradient`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, gradient)``; with ``has_aux`` ``((value, gradient), aux)``.

    Raises
    ------
    TypeError, ValueError
        As `dualdiff.gradient`.

    Notes
    -----
    The passes are those of the gradient; none is spent on the value.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.value_and_gradient(lambda x: x @ x)(np.array([3.0, 4.0]))
    (25.0, array([6., 8.]))
    """
    return made(Gradient, function, argnums, argnames, has_aux, True, chunk_size, executor)


@transform_with_chunks
def value_and_jacobian(function: Callable[..., Any] | None = None, *,
                       argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
                       chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The value and the Jacobian of a function.

    Parameters
    ----------
    function, argnums, argnames, has_aux, chunk_size, executor
        As of `dualdiff.jacobian`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, jacobian)``; with ``has_aux`` ``((value, jacobian), aux)``.

    Raises
    ------
    TypeError, NotHolomorphicError, ValueError
        As `dualdiff.jacobian`.

    Notes
    -----
    The passes are those of the Jacobian; none is spent on the value.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.value_and_jacobian(lambda x: 2 * x)(np.array([3.0, 4.0]))
    (array([6., 8.]), array([[2., 0.],
           [0., 2.]]))
    """
    return made(Jacobian, function, argnums, argnames, has_aux, True, chunk_size, executor)


@transform_with_chunks
def value_gradient_hessian(function: Callable[..., Any] | None = None, *,
                           argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
                           chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The value, the gradient and the Hessian of a function with a real scalar result.

    Parameters
    ----------
    function, argnums, argnames, has_aux, chunk_size, executor
        As of `dualdiff.hessian`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ``(value, gradient, hessian)``, of shapes ``()``, ``in.shape`` and
        ``in.shape + in.shape``; with ``has_aux`` ``((value, gradient, hessian), aux)``.

    Raises
    ------
    TypeError
        If the result is not a real scalar.
    NotHolomorphicError, ValueError
        As `dualdiff.hessian`.

    Notes
    -----
    The passes are those of the Hessian; none is spent on the value and the gradient.

    Examples
    --------
    >>> import dualdiff as dd
    >>> dd.value_gradient_hessian(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3.0, 4.0)
    (42.0, (24.0, 10.0), ((8.0, 6.0), (6.0, 0.0)))
    """
    return made(Hessian, function, argnums, argnames, has_aux, True, chunk_size, executor)
