"""Nested structures: lists, tuples, dicts, named tuples and dataclasses of numbers and arrays, taken apart and put together.

A structure is described by itself: `leaves` lists its numbers and arrays in order, `rebuilt` puts new leaves in their places.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def children(value: Any) -> list[tuple[str, Any]] | None:
    """The labelled parts of a container; None for a leaf."""
    if type(value) is float:
        return None
    if isinstance(value, dict):
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", None)
        return [(f".{names[i]}" if names else f"[{i}]", item) for i, item in enumerate(value)]
    if hasattr(type(value), "__dataclass_fields__"):
        return [(f".{field.name}", getattr(value, field.name)) for field in dataclasses.fields(value)]
    return None


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path, as ``["a"][0].mass``."""
    parts = children(value)
    if parts is None:
        yield path, value
    else:
        for label, item in parts:
            yield from leaves(item, path + label)


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same structure with every leaf changed."""
    if type(value) is float:
        return change(value)
    if isinstance(value, dict):
        items = {key: mapped(item, change) for key, item in value.items()}
        return items if type(value) is dict else type(value)(items)
    if isinstance(value, (list, tuple)):
        return sequence_like(value, [mapped(item, change) for item in value])
    if hasattr(type(value), "__dataclass_fields__"):
        # not through __init__: it may check or compute, and a derivative is no ordinary instance
        copy = object.__new__(type(value))
        for field in dataclasses.fields(value):
            object.__setattr__(copy, field.name, mapped(getattr(value, field.name), change))
        return copy
    return change(value)


def sequence_like(value: Any, parts: list[Any]) -> Any:
    """``parts`` as a list, tuple or named tuple: whichever ``value`` is."""
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def rebuilt(value: Any, new_leaves: Iterator[Any]) -> Any:
    """The structure of ``value`` with its leaves taken from ``new_leaves`` in order."""
    return mapped(value, lambda _: next(new_leaves))


def shape_of(leaf: Any) -> tuple[int, ...]:
    """The shape of a number or an array."""
    shape: tuple[int, ...] = () if type(leaf) is float else leaf.shape if hasattr(leaf, "shape") else np.shape(leaf)
    return shape
