"""Adjoints: what has arrived so far at each record of the tape, on the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.memory import POOL
from dualdiff.operand import Operand
from dualdiff.rules.moves import add_at, scattered


class Part:
    """The contribution to the adjoint of an array from some of its entries; ``basic``: those that slices and numbers name."""

    __slots__ = ("basic", "cotangent", "index", "shape")

    def __init__(self, cotangent: Any, index: Any, shape: tuple[int, ...], basic: bool) -> None:
        self.cotangent, self.index, self.shape, self.basic = cotangent, index, shape, basic


class Adjoints:
    """Sums of cotangents, by the index of the record. Those in ``own`` are in memory that nobody else has seen.

    The adjoint of an operation with several results is a dict: position of the result → cotangent.
    """

    __slots__ = ("own", "sums")

    def __init__(self) -> None:
        self.sums: dict[int, Any] = {}
        self.own: set[int] = set()

    def add(self, index: int, contribution: Any, own: bool = False) -> None:
        """Accumulate; ``own``: nobody else has seen the contribution, or will."""
        known, kind = self.sums.get(index), type(contribution)
        if kind is Part:
            self._add_part(index, known, contribution)
        elif kind is dict:
            if known is None:
                known = self.sums[index] = {}
            for position, cotangent in contribution.items():
                known[position] = known[position] + cotangent if position in known else cotangent
        elif known is None:
            self.sums[index] = contribution
            if own:
                self.own.add(index)
        elif kind is np.ndarray and index in self.own and np.can_cast(contribution.dtype, known.dtype):
            np.add(known, contribution, out=known)
        else:
            if kind is np.ndarray and type(known) is kind and known.shape == contribution.shape and (
                    known.dtype is contribution.dtype):
                total = np.add(known, contribution, contribution if own else POOL.empty_like(known))
            else:
                total = known + contribution
            self.sums[index] = total
            if type(total) is np.ndarray:
                self.own.add(index)

    def _add_part(self, index: int, known: Any, part: Part) -> None:
        cotangent = part.cotangent
        if isinstance(cotangent, Operand) or isinstance(known, Operand):
            whole = scattered(cotangent, part.index, part.shape)
            self.sums[index] = whole if known is None else known + whole
            return
        dtype = np.result_type(float, cotangent) if type(cotangent) is not float else np.dtype(float)
        if known is None:
            self.own.add(index)
            self.sums[index] = known = np.zeros(part.shape, dtype)
            if part.basic:
                known[part.index] = cotangent
                return
        elif index not in self.own or (known.dtype is not dtype and not np.can_cast(dtype, known.dtype)):
            self.own.add(index)
            self.sums[index] = known = np.array(known, np.result_type(known, dtype))
        if part.basic:
            window = known[part.index]
            if type(window) is np.ndarray:
                np.add(window, cotangent, out=window)
            else:
                known[part.index] = window + cotangent
        else:
            add_at(known, part.index, cotangent)

    def taken(self, index: int) -> Any:
        """A sum in memory of its own."""
        value = self.sums.get(index)
        return value.copy() if type(value) is np.ndarray and index not in self.own else value
