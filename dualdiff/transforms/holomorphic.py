"""Whether a complex derivative exists: along i a function must change by i times what it changes by along 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.arguments import highest
from dualdiff.errors import NotHolomorphicError
from dualdiff.numbers import base
from dualdiff.operand import Operand
from dualdiff.tangents import Tangents
from dualdiff.transforms.wrapper import Transform


def refuse_unless_holomorphic(along_one: Any, along_i: Any, transform: Transform, size: Any = 0.0) -> None:
    """∂f along i must be i times ∂f along 1 (Cauchy–Riemann), and so must the tangents of both, in a derivative of derivatives.

    Up to rounding, which is relative to these numbers, or to what they were computed from: of size ``size``.
    """
    top = highest(along_one, along_i)
    if top is not None:
        (one, tangent), (i, tangent_of_i) = _parts(along_one, top.level), _parts(along_i, top.level)
        refuse_unless_holomorphic(one, i, transform, size)
        refuse_unless_holomorphic(tangent, tangent_of_i, transform, max(size, magnitude(one)))
        return
    expected = np.asarray(1j * np.asarray(along_one))
    if expected.dtype == object:  # mpmath's complex numbers
        expected, along_i = expected.astype(complex), np.asarray(along_i).astype(complex)
    tolerance = 1e-6 if expected.dtype == np.complex64 else 1e-10
    if not np.allclose(along_i, expected, rtol=tolerance, atol=tolerance * max(magnitude(expected), size), equal_nan=True):
        raise NotHolomorphicError(
            f"{transform.label} is not holomorphic here: its derivative along i is not i times that along 1, so it has no complex "
            f"derivative; use dualdiff.jvp for a direction, or split the input into real and imaginary parts")


def _parts(value: Any, level: int) -> tuple[Any, Any]:
    """A value's primal and its tangents, or coefficients, at a level."""
    if not isinstance(value, Operand) or value.level != level:
        return value, 0.0
    tangent = getattr(value, "tangent", 0.0)
    return value.primal, tangent.block if isinstance(tangent, Tangents) else tangent


def magnitude(value: Any) -> float:
    """The largest modulus among the numbers of a value, without its tangents."""
    return float(np.max(np.abs(base(value)), initial=0.0))
