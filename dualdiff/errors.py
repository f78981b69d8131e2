"""The errors of dualdiff. Each says what happened, with which function or shape, and what to write instead."""

from __future__ import annotations


class TangentLostError(TypeError):
    """A conversion to a plain number or array would have dropped a derivative without a word."""


class NotDifferentiableError(TypeError):
    """A function, or one of its arguments, has no rule; the derivative is unknown and therefore refused."""


class NotHolomorphicError(ValueError):
    """A complex derivative was asked for where the function has none (Cauchy–Riemann fails)."""


class LevelError(RuntimeError):
    """A number of one derivative call was met where only those of another can be (a chunk of another width, say)."""


class CarrierError(TypeError):
    """A function that cannot be evaluated on mpmath numbers, to their full precision."""


def tangent_lost(what: str, instead: str) -> TangentLostError:
    return TangentLostError(f"{what} would drop the tangent of a dual number; {instead}")
