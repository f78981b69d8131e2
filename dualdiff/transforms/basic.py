"""From a function to its derivative, gradient, Jacobian or Hessian, in forward mode."""

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
def derivative(function: Callable[..., Any] | None = None, *,
               n: int = 1, argnums: Argnums = 0, argnames: Argnames = None,
               has_aux: bool = False) -> Any:
    """The derivative of a function of a scalar.

    Parameters
    ----------
    function : callable
        A function of a number; its result may be a number, an array, or a nested structure of them.
    n : int, optional
        Which derivative: the first by default, 0 for the value. From the second on by a Taylor series, in one pass for each
        input whatever ``n`` is.
    argnums : int or tuple of int, optional
        The positional arguments to differentiate in. An int gives a bare result, a tuple gives a tuple (with ``n`` the n-th
        derivative in each of them).
    argnames : str or tuple of str, optional
        Keyword arguments to differentiate in; alone, or besides ``argnums``.
    has_aux : bool, optional
        The function returns ``(result, aux)``; the transform then returns its result and ``aux``, in which no tangents are left.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns the derivative, of the shape and structure of the result. Without a
        function: a decorator.

    Raises
    ------
    TypeError
        If the input is not a scalar, or the result is not made of numbers and arrays.
    NotHolomorphicError
        If the input is complex and the function has no complex derivative there.
    ValueError
        If ``n`` is not a whole number ≥ 0.

    Notes
    -----
    One pass for each input; two for a complex one, along 1 and i, which must agree (Cauchy–Riemann). With ``n`` ≥ 2 a pass costs
    O(n²) times the function (of functions of matrices O(n³)), where n nested derivatives cost O(2ⁿ).

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> @dd.derivative
    ... def speed(t):
    ...     return np.exp(-t) * np.sin(3 * t)
    >>> speed(0.0)
    3.0
    >>> dd.derivative(lambda x, y: (x**2 + 2 * x) * np.log(y), argnums=(0, 1))(1.0, 2.0)
    (2.772588722239781, 1.5)
    >>> dd.derivative(lambda x: x**5, n=3)(2.0)
    240.0
    """
    if n != 1:
        return made(NthDerivative, function, argnums, argnames, has_aux, False, n=checked_order(n))
    return made(Derivative, function, argnums, argnames, has_aux, False)


@transform_with_chunks
def gradient(function: Callable[..., Any] | None = None, *,
             argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
             chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The gradient of a function with a real scalar result.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them, with one real number as result.
    argnums : int or tuple of int, optional
        The positional arguments to differentiate in. An int gives a bare result, a tuple gives a tuple.
    argnames : str or tuple of str, optional
        Keyword arguments to differentiate in; alone, or besides ``argnums``.
    has_aux : bool, optional
        The function returns ``(result, aux)``; the transform then returns its result and ``aux``, in which no tangents are left.
    chunk_size : int or None, optional
        How many directions one pass carries: one by default; None chooses by cache and memory.
    executor : concurrent.futures.Executor, optional
        Where the passes run: threads, processes, a cluster. With processes the function has to pickle.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of the input's shape (a structure of them for a structured input).
        Without a function: a decorator.

    Raises
    ------
    TypeError
        If the result is not a real scalar; `jacobian` takes any.
    ValueError
        If ``chunk_size`` is not a number of directions.

    See Also
    --------
    dualdiff.reverse.gradient : one pass and one sweep back, whatever n is: for more than a handful of inputs.

    Notes
    -----
    The function is called n times for n input entries, ⌈n/k⌉ times with chunks of k.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.gradient(lambda x: np.sum(x**2))(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    >>> dd.gradient(lambda p: p["mass"] * p["height"] * 9.81)({"mass": 2.0, "height": 3.0})
    {'mass': 29.43, 'height': 19.62}
    """
    return made(Gradient, function, argnums, argnames, has_aux, False, chunk_size, executor)


@transform_with_chunks
def jacobian(function: Callable[..., Any] | None = None, *,
             argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
             chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The Jacobian of a function: all partial derivatives of all results.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them, whose results are the same.
    argnums : int or tuple of int, optional
        The positional arguments to differentiate in. An int gives a bare result, a tuple gives a tuple.
    argnames : str or tuple of str, optional
        Keyword arguments to differentiate in; alone, or besides ``argnums``.
    has_aux : bool, optional
        The function returns ``(result, aux)``; the transform then returns its result and ``aux``, in which no tangents are left.
    chunk_size : int or None, optional
        How many directions one pass carries: one by default; None chooses by cache and memory.
    executor : concurrent.futures.Executor, optional
        Where the passes run: threads, processes, a cluster. With processes the function has to pickle.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of shape ``out.shape + in.shape``. With structures: the result's
        structure outside, the input's inside. Without a function: a decorator.

    Raises
    ------
    TypeError
        If an input or a result is not made of numbers and arrays.
    NotHolomorphicError
        If an input is complex and the function has no complex derivative there.
    ValueError
        If ``chunk_size`` is not a number of directions, or the function returns another shape in a second pass.

    See Also
    --------
    dualdiff.reverse.jacobian : one sweep for each entry of the result: for many inputs and few outputs.
    dualdiff.cost : counts which of the two takes fewer operations.

    Notes
    -----
    The function is called n times for n input entries, ⌈n/k⌉ times with chunks of k; twice as often for complex entries.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> def polar(p):
    ...     r, phi = p
    ...     return np.array([r * np.cos(phi), r * np.sin(phi)], like=p)
    >>> dd.jacobian(polar)(np.array([2.0, 0.0]))
    array([[1., 0.],
           [0., 2.]])
    """
    return made(Jacobian, function, argnums, argnames, has_aux, False, chunk_size, executor)


@transform_with_chunks
def hessian(function: Callable[..., Any] | None = None, *,
            argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False,
            chunk_size: int | None = 1, executor: Executor | None = None) -> Any:
    """The Hessian of a function: all second partial derivatives.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them; its results may be the same.
    argnums : int or tuple of int, optional
        The positional arguments to differentiate in. An int gives a bare result, a tuple gives a tuple.
    argnames : str or tuple of str, optional
        Keyword arguments to differentiate in; alone, or besides ``argnums``.
    has_aux : bool, optional
        The function returns ``(result, aux)``; the transform then returns its result and ``aux``, in which no tangents are left.
    chunk_size : int or None, optional
        How many directions at each of the two levels one pass carries: one by default; None chooses by cache and memory.
    executor : concurrent.futures.Executor, optional
        Where the passes run: threads, processes, a cluster. With processes the function has to pickle.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of shape ``out.shape + in.shape + in.shape``, exactly symmetric.
        Without a function: a decorator.

    Raises
    ------
    TypeError
        If an input or a result is not made of numbers and arrays.
    NotHolomorphicError
        If an input is complex and the function has no complex derivatives there.
    ValueError
        If ``chunk_size`` is not a number of directions, or the function returns another shape in a second pass.

    See Also
    --------
    hvp : the Hessian's product with a vector.
    dualdiff.reverse.hessian : n passes, for a scalar result.

    Notes
    -----
    The function is called n(n+1)/2 times for n input entries: once for each pair of directions; up to four times for each pair of
    complex entries.

    Examples
    --------
    >>> import dualdiff as dd
    >>> dd.hessian(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3.0, 4.0)
    ((8.0, 6.0), (6.0, 0.0))
    """
    return made(Hessian, function, argnums, argnames, has_aux, False, chunk_size, executor)
