"""Derivatives along a given direction: one pass, whatever the number of inputs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dualdiff.dual import Dual
from dualdiff.levels import new_level
from dualdiff.transforms.first_order import Gradient
from dualdiff.transforms.passes import Pass, explain
from dualdiff.transforms.results import split_aux, value_and_tangent, without_level
from dualdiff.transforms.seeding import Inputs, matching
from dualdiff.transforms.short_ways.along import along_at_once
from dualdiff.transforms.short_ways.begun import NOTHING, Begun
from dualdiff.transforms.short_ways.second import products_at_once
from dualdiff.transforms.wrapper import label_of


def jvp(function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """The Jacobian-vector product: the value of a function and its derivative along a direction, in one pass.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them.
    primals : tuple
        Its arguments. Anything but a tuple is the single argument.
    tangents : tuple
        The direction: of the structure and shapes of ``primals``.
    has_aux : bool, optional
        The function returns ``(result, aux)``.

    Returns
    -------
    value, tangent
        Both of the structure of the function's result; with ``has_aux`` followed by ``aux``.

    Raises
    ------
    TypeError, ValueError
        If the tangents do not have the structure and the shapes of the primals.

    Notes
    -----
    One pass, whatever the numbers of inputs and outputs.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.jvp(np.sin, (np.array([0.0, np.pi]),), (np.array([1.0, 2.0]),))
    (array([0.0000000e+00, 1.2246468e-16]), array([ 1., -2.]))
    """
    args = primals if isinstance(primals, tuple) else (primals,)
    directions = tangents if isinstance(primals, tuple) else (tangents,)
    level = new_level()
    seeds = along_at_once(args, directions, level) if callable(function) and not has_aux else None
    if seeds is None:
        return along(function, args, directions, level, has_aux)
    try:
        output = function(*seeds)
    except Exception as error:
        explain(error)
        raise
    if type(output) is Dual and output.level == level and type(output.tangent) is float:  # as `value_and_tangent`
        return output.primal, output.tangent
    return value_and_tangent(output, level, label_of(function, "jvp"))


def along(function: Callable[..., Any], args: tuple[Any, ...], directions: Any, level: int, has_aux: bool) -> Any:
    """A Jacobian-vector product at ``level``, in any arguments."""
    name = label_of(function, "jvp")
    inputs = Inputs(name, args, {}, range(len(args)), None)
    seeded = inputs.along(matching("jvp", args, directions), level)
    output = Pass(function, *inputs.arguments(seeded)).run()
    if not has_aux:
        return value_and_tangent(output, level, name)
    output, aux = split_aux(output, name)
    return (*value_and_tangent(output, level, name), without_level(aux, level))


def hvp(function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """The Hessian-vector product of a function with a real scalar result: the gradient's derivative along a direction.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays, or nested structures of them, with one real number as result.
    primals, tangents : tuple
        The point and the direction, as for `jvp`.
    has_aux : bool, optional
        The function returns ``(result, aux)``.

    Returns
    -------
    product
        H·v, of the structure and shapes of ``primals``; with ``has_aux`` followed by ``aux``.

    Raises
    ------
    TypeError, ValueError
        If the result is not a real scalar, or the tangents do not have the structure and the shapes of the primals.

    See Also
    --------
    dualdiff.reverse.hvp : one pass forward and one sweep back, whatever n is.

    Notes
    -----
    The function is called n times for n input entries.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    args = primals if isinstance(primals, tuple) else (primals,)
    directions = tangents if isinstance(primals, tuple) else (tangents,)
    level = new_level()
    product = NOTHING if has_aux else products_at_once(function, args, directions, level)
    if type(product) is Begun:
        slopes = Gradient(function, argnums=tuple(range(len(args))), argnames=None, has_aux=has_aux, value=False, chunk_size=1,
                          executor=None)
        _, product, *aux = along(partial(slopes.continued, product), args, directions, level, has_aux)
    result = product if isinstance(primals, tuple) else product[0]
    return (result, *aux) if has_aux else result
