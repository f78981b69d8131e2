"""Reverse mode: the twin of the forward transforms, on the same rules.

One pass forward records the function, one sweep back gives the derivatives of one output with respect to every input: the cost
of a gradient does not grow with the number of inputs. `dualdiff.cost` tells which mode a Jacobian at hand calls for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualdiff.directional import jvp
from dualdiff.first_order import Jacobian as ForwardJacobian
from dualdiff.first_order import refuse_unless_holomorphic, refuse_unless_scalar, split_aux
from dualdiff.numbers import base, plain
from dualdiff.operand import Operand
from dualdiff.passes import Pass
from dualdiff.seeding import Inputs, checked_leaves, primal_at, tangent_at, without_level
from dualdiff.signatures import Argnames, Argnums, simple_transform
from dualdiff.structures import leaves, rebuilt
from dualdiff.tape import Tape, Variable
from dualdiff.wrapper import Transform, made

__all__ = ["gradient", "hessian", "hvp", "jacobian", "value_and_gradient", "value_and_jacobian", "vjp"]


class Recording:
    """One evaluation of a function on variables: what it returned, and the sweeps back from there."""

    def __init__(self, transform: Transform, inputs: Inputs) -> None:
        self.inputs = inputs
        self.tape = tape = Tape()
        self.starts = [Variable.input(leaf, tape) for leaf in inputs.leaves]
        self.aux: Any = None
        try:
            output = Pass(transform.__wrapped__, *inputs.arguments(self.starts)).run()
            if transform.options.get("has_aux"):
                output, aux = split_aux(output, transform)
                self.aux = without_level(aux, tape.level)
            self.output = output
            found = [(path, _settled(leaf, tape)) for path, leaf in checked_leaves(output, transform.label)]
        finally:
            tape.over = True
        self.ends = [leaf.index if _is_on(leaf, tape) else None for _, leaf in found]
        self.primals = [(path, primal_at(leaf, tape.level)) for path, leaf in found]

    @property
    def value(self) -> Any:
        """What the function returned: arrays of the tape as copies, for the pulls may refer to their memory."""
        return rebuilt(self.output, iter([leaf if end is None or not _is_array(leaf) else np.copy(leaf, order="K")
                                          for end, (_, leaf) in zip(self.ends, self.primals)]))

    def pull(self, cotangents: Sequence[Any], last: bool = False) -> list[Any]:
        """The cotangents of the input leaves, given one for each output leaf; zeros where nothing depends on an input.

        After the ``last`` pull there is no other: the tape is let go on the way.
        """
        pairs = [(end, cotangent) for end, cotangent in zip(self.ends, cotangents) if end is not None]
        found = self.tape.sweep(pairs, [start.index for start in self.starts], last)
        return [_zero(leaf) if adjoint is None else _own(adjoint, leaf) for leaf, adjoint in zip(self.inputs.leaves, found)]


def _is_on(leaf: Any, tape: Tape) -> bool:
    return isinstance(leaf, Variable) and leaf.level == tape.level


def _settled(leaf: Any, tape: Tape) -> Any:
    """An output, a view brought up to date; refused if it was kept from a pass that is over, or comes from one inside this."""
    if isinstance(leaf, Variable):
        if leaf.level == tape.level:
            return leaf.result(leaf.primal, leaf.index)
        if leaf.tape.over:
            leaf.tape.refuse()
    if isinstance(leaf, Operand) and leaf.level > tape.level:
        tangent_at(leaf, tape.level, None)  # which says what is wrong
    return leaf


def _zero(leaf: Any) -> Any:
    return np.zeros(np.shape(leaf), getattr(leaf, "dtype", float)) if _is_array(leaf) else 0.0


def _own(adjoint: Any, leaf: Any) -> Any:
    """An adjoint as the user gets it: an array of its own, of the input's precision."""
    if not _is_array(leaf):
        return plain(adjoint)
    adjoint = np.reshape(adjoint, leaf.shape)
    return adjoint.astype(leaf.dtype, copy=False) if leaf.dtype.kind in "fc" else adjoint


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) or (isinstance(leaf, Operand) and leaf.is_array)


class ReverseGradient(Transform):
    name = "reverse.gradient"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        inputs = Inputs(self.label, args, kwargs, options["argnums"], options["argnames"])
        recording = Recording(self, inputs)
        refuse_unless_scalar(self, recording.primals, "reverse.jacobian")
        result = inputs.mirrored(_row(recording, [1.0], self, last=True))
        if options["value"]:
            result = (recording.value, result)
        return (result, recording.aux) if options["has_aux"] else result


class ReverseJacobian(Transform):
    name = "reverse.jacobian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        inputs = Inputs(self.label, args, kwargs, options["argnums"], options["argnames"])
        recording = Recording(self, inputs)
        parts = [inputs.mirrored(_rows(recording, k, leaf, self)) for k, (_, leaf) in enumerate(recording.primals)]
        result = rebuilt(recording.output, iter(parts))
        if options["value"]:
            result = (recording.value, result)
        return (result, recording.aux) if options["has_aux"] else result


def _rows(recording: Recording, k: int, leaf: Any, transform: Transform) -> list[Any]:
    """One sweep for each entry of output k, side by side: arrays of shape out.shape + in.shape."""
    shape = np.shape(leaf)
    rows = []
    for index in np.ndindex(shape):
        seed: Any = 1.0
        if shape:
            dtype = getattr(base(leaf), "dtype", np.dtype(float))
            seed = np.zeros(shape, dtype if dtype.kind in "fc" else float)
            seed[index] = 1.0
        rows.append(_row(recording, [seed if i == k else None for i in range(len(recording.primals))], transform))
    if not shape and not isinstance(leaf, np.ndarray):
        return rows[0]
    return [np.reshape(np.stack([row[i] for row in rows]), (*shape, *np.shape(leaf_in))) if rows
            else np.zeros((*shape, *np.shape(leaf_in)), getattr(base(leaf_in), "dtype", float))
            for i, leaf_in in enumerate(recording.inputs.leaves)]


def _row(recording: Recording, seeds: list[Any], transform: Transform, last: bool = False) -> list[Any]:
    """One row of a Jacobian, by a sweep; by a second one, of i times the seeds, where complex numbers are involved.

    With cotangent c the sweep finds Re(c·J·t) for all t: of a real input J has a real part and an imaginary one, of a complex
    input it is found whole, and i·c must lead to i times the same (Cauchy–Riemann).
    """
    is_complex = any(np.iscomplexobj(base(leaf)) for seed, (_, leaf) in zip(seeds, recording.primals) if seed is not None)
    found = recording.pull(seeds, last and not is_complex)
    if not is_complex and not any(np.iscomplexobj(base(leaf)) for leaf in recording.inputs.leaves):
        return found
    turned = recording.pull([None if seed is None else 1j * seed for seed in seeds]) if is_complex else [0.0] * len(found)
    rows = []
    for leaf, one, i in zip(recording.inputs.leaves, found, turned):
        if np.iscomplexobj(base(leaf)):
            refuse_unless_holomorphic(base(one), base(i), transform)
            rows.append(one)
        else:
            rows.append(one - 1j * i if is_complex else one)
    return rows


class ReverseHessian(Transform):
    """Forward over reverse: the Jacobian, in forward mode, of the gradient, in reverse mode."""

    name = "reverse.hessian"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        options = self.options
        slopes = ReverseGradient(self.__wrapped__, **options)
        forward = ForwardJacobian(slopes, argnums=options["argnums"], argnames=options["argnames"], has_aux=options["has_aux"],
                                  value=False, chunk_size=1, executor=None)
        return forward(*args, **kwargs)


# ---- the public face -----------------------------------------------------------------------------------------------------

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
    inputs = Inputs(transform.label, primals, {}, tuple(range(len(primals))), None)
    recording = Recording(transform, inputs)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        given = list(leaves(cotangent))
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


@simple_transform
def jacobian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
             has_aux: bool = False) -> Any:
    """The Jacobian of a function, in one pass forward and one sweep back for each entry of the result.

    Parameters
    ----------
    function, argnums, argnames, has_aux
        As of `dualdiff.jacobian`.

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
    return made(ReverseJacobian, function, argnums, argnames, has_aux, False)


@simple_transform
def value_and_jacobian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                       has_aux: bool = False) -> Any:
    """The value and the Jacobian of a function, from the same pass.

    Parameters
    ----------
    function, argnums, argnames, has_aux
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
    return made(ReverseJacobian, function, argnums, argnames, has_aux, True)


@simple_transform
def hessian(function: Callable[..., Any] | None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
            has_aux: bool = False) -> Any:
    """The Hessian of a function with a real scalar result, forward over reverse.

    Parameters
    ----------
    function, argnums, argnames, has_aux
        As of `dualdiff.hessian`.

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
    return made(ReverseHessian, function, argnums, argnames, has_aux, False)


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
