"""Divergence, curl and Laplacian of fields, with one pass for each coordinate of space.

Where the coordinates are: in the last axis of one array of shape ``(..., n)``, or in n arguments of their own (``argnums`` a
tuple, or a list of n numbers as the argument). The other axes are a batch of points; a field takes each by itself, and its
value at one point does not depend on another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualdiff.levels import new_level
from dualdiff.numbers import base, plain
from dualdiff.structures import rebuilt
from dualdiff.transforms.any_order import coefficients, run
from dualdiff.transforms.passes import Pass
from dualdiff.transforms.results import handed_out, leaves_of_pass, split_aux, tangent_at, without_level
from dualdiff.transforms.seeding import Inputs, one
from dualdiff.transforms.signatures import Argnames, Argnums, simple_transform
from dualdiff.transforms.wrapper import Transform, made


@simple_transform
def divergence(function: Callable[..., Any] | None = None, *,
               argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False) -> Any:
    """The divergence ∇·F = Σ ∂Fᵢ/∂xᵢ of a vector field.

    Parameters
    ----------
    function : callable
        The field: takes points of shape ``(..., n)`` to vectors of shape ``(..., n)``; or takes n coordinates as arguments of
        their own, and returns n components (in a tuple, a list, or along the last axis of an array).
    argnums, argnames, has_aux : optional
        As of `dualdiff.derivative`; a tuple of ``argnums`` names the coordinates.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns an array of the batch's shape, ``(...)``; a number for one point. Without a
        function: a decorator.

    Raises
    ------
    ValueError
        If the field does not have as many components as coordinates, or its batch is not that of the points.
    TypeError
        If the coordinates are complex.

    Notes
    -----
    n passes for n coordinates; a batch of points costs no more passes than one.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> field = lambda x: x * np.sum(x**2, axis=-1, keepdims=True)     # r²·x, of divergence 5 r²
    >>> dd.divergence(field)(np.array([[1.0, 0.0, 0.0], [1.0, 2.0, 2.0]]))
    array([ 5., 45.])
    >>> dd.divergence(lambda x, y: (x * y, y * y), argnums=(0, 1))(2.0, 3.0)
    9.0
    """
    return made(Divergence, function, argnums, argnames, has_aux, False)


@simple_transform
def curl(function: Callable[..., Any] | None = None, *,
         argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False) -> Any:
    """The curl ∇×F of a vector field in the plane or in space.

    Parameters
    ----------
    function, argnums, argnames, has_aux
        As of `divergence`, with n = 2 or 3.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns ∂F₂/∂x₁ − ∂F₁/∂x₂ in the plane, of shape ``(...)``, and vectors of shape
        ``(..., 3)`` in space. Without a function: a decorator.

    Raises
    ------
    ValueError
        If there are not 2 or 3 coordinates, and as many components.
    TypeError
        If the coordinates are complex.

    Notes
    -----
    n passes for n coordinates, as for `divergence`.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> rotation = lambda x: np.cross(np.array([0.0, 0.0, 2.0]), x)    # ω × x, of curl 2ω
    >>> dd.curl(rotation)(np.array([1.0, 2.0, 3.0]))
    array([0., 0., 4.])
    """
    return made(Curl, function, argnums, argnames, has_aux, False)


@simple_transform
def laplacian(function: Callable[..., Any] | None = None, *,
              argnums: Argnums = 0, argnames: Argnames = None, has_aux: bool = False) -> Any:
    """The Laplacian Δf = Σ ∂²f/∂xᵢ² of a field.

    Parameters
    ----------
    function : callable
        Takes points of shape ``(..., n)`` to values of shape ``(...)``, or to ``(..., m)``: then each component has its Laplacian.
        Or takes n coordinates as arguments of their own.
    argnums, argnames, has_aux : optional
        As of `divergence`.

    Returns
    -------
    callable
        Takes the arguments of ``function``, returns the Laplacian, of the shape and structure of the value. Without a function: a
        decorator.

    Raises
    ------
    ValueError
        If the values' shape does not begin with the batch of the points.
    TypeError
        If the coordinates are complex.

    Notes
    -----
    n passes, by Taylor series of order 2, where a Hessian takes n(n+1)/2; a batch of points costs no more passes than one.

    Examples
    --------
    >>> import numpy as np
    >>> import dualdiff as dd
    >>> dd.laplacian(lambda x: np.sum(x**3, axis=-1))(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([18., 42.])
    """
    return made(Laplacian, function, argnums, argnames, has_aux, False)


class Field(Transform):
    """What they share: one pass for each coordinate. Options: argnums, argnames, has_aux."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        inputs = self.inputs(args, kwargs)
        if not inputs.leaves or any(np.iscomplexobj(base(leaf)) for leaf in inputs.leaves):
            raise TypeError(f"{self.name} of {self.label} takes real coordinates")
        result, aux = self.of_passes(inputs, _units(inputs))
        return (result, aux) if self.options["has_aux"] else result

    def of_passes(self, inputs: Inputs, units: list[list[Any]]) -> tuple[Any, Any]:
        raise NotImplementedError

    def split(self, output: Any, level: int) -> tuple[Any, Any]:
        if not self.options["has_aux"]:
            return output, None
        output, aux = split_aux(output, self.label)
        return output, without_level(aux, level)

    def jacobian(self, inputs: Inputs, units: list[list[Any]]) -> tuple[list[list[Any]], Any]:
        """∂Fⱼ/∂xᵢ at [i][j], each of the batch's shape; and the first pass's aux."""
        rows, auxes, lowest = [], [], 0
        for directions in units:
            level = new_level()
            lowest = lowest or level
            output = Pass(self.__wrapped__, *inputs.arguments(inputs.along(directions, level))).run()
            output, aux = self.split(output, level)
            leaves = leaves_of_pass(output, self.label, (level,), lowest)
            tangents = [handed_out(tangent_at(leaf, level, None)) for _, leaf in leaves]
            rows.append(self._components(tangents, inputs, len(units)))
            auxes.append(aux)
        return rows, auxes[0]

    def _components(self, tangents: list[Any], inputs: Inputs, n: int) -> list[Any]:
        if len(tangents) == 1 and np.ndim(tangents[0]):
            (tangent,) = tangents
            tangents = [plain(tangent[..., j]) for j in range(np.shape(tangent)[-1])]
        if len(tangents) != n:
            raise ValueError(f"{self.name} of {self.label}: the field has {len(tangents)} components at points of {n} coordinates")
        for tangent in tangents:
            if np.shape(tangent) != (batch := _batch(inputs)):
                raise ValueError(f"{self.name} of {self.label}: a component has shape {np.shape(tangent)} where the batch of "
                                 f"points has {batch}")
        return tangents


class Divergence(Field):
    name = "divergence"

    def of_passes(self, inputs: Inputs, units: list[list[Any]]) -> tuple[Any, Any]:
        rows, aux = self.jacobian(inputs, units)
        diagonal = [row[i] for i, row in enumerate(rows)]
        return sum(diagonal[1:], diagonal[0]), aux


class Curl(Field):
    name = "curl"

    def of_passes(self, inputs: Inputs, units: list[list[Any]]) -> tuple[Any, Any]:
        if len(units) not in (2, 3):
            raise ValueError(f"curl of {self.label}: there are {len(units)} coordinates; a curl is in the plane or in space")
        d, aux = self.jacobian(inputs, units)
        if len(units) == 2:
            return d[0][1] - d[1][0], aux
        return np.stack([d[1][2] - d[2][1], d[2][0] - d[0][2], d[0][1] - d[1][0]], axis=-1), aux


class Laplacian(Field):
    name = "laplacian"

    def of_passes(self, inputs: Inputs, units: list[list[Any]]) -> tuple[Any, Any]:
        batch, sums, auxes, lowest = _batch(inputs), None, [], 0
        for directions in units:
            output, level = run(self.__wrapped__, inputs, directions, 2)
            lowest = lowest or level
            output, aux = self.split(output, level)
            auxes.append(aux)
            found = [coefficients(leaf, 2, level)[2] for _, leaf in leaves_of_pass(output, self.label, (level,), lowest)]
            for c in found:
                if np.shape(c)[:len(batch)] != batch:
                    raise ValueError(f"laplacian of {self.label}: a value has shape {np.shape(c)} where the batch of points has "
                                     f"{batch}")
            sums = found if sums is None else [total + c for total, c in zip(sums, found)]
        return rebuilt(output, iter([plain(2 * total) for total in sums or []])), auxes[0]


def _units(inputs: Inputs) -> list[list[Any]]:
    """The unit vectors, each as directions of the leaves: along the last axis of a single array, or leaf by leaf."""
    if len(inputs.leaves) == 1 and np.ndim(leaf := inputs.leaves[0]):
        columns = np.eye(np.shape(leaf)[-1], dtype=base(leaf).dtype)
        if not len(columns):
            raise ValueError("the points have no coordinates: the last axis of the input is that of space")
        return [[np.broadcast_to(column, np.shape(leaf)).copy()] for column in columns]
    return [[np.full(np.shape(leaf), int(j == i), base(leaf).dtype) if np.ndim(leaf) else int(j == i) * one(leaf)
             for j, leaf in enumerate(inputs.leaves)] for i in range(len(inputs.leaves))]


def _batch(inputs: Inputs) -> tuple[int, ...]:
    if len(inputs.leaves) == 1 and np.ndim(inputs.leaves[0]):
        return tuple(np.shape(inputs.leaves[0])[:-1])
    return tuple(np.broadcast_shapes(*map(np.shape, inputs.leaves)))
