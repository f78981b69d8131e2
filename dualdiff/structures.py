"""Nested structures: lists, tuples, dicts, named tuples and dataclasses of numbers and arrays, taken apart and put together.

A structure is described by itself: `leaves` lists its numbers and arrays in order, `rebuilt` puts new leaves in their places.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np


def _is_leaf(kind: type) -> bool:
    """Whether objects of a type are no containers."""
    return not issubclass(kind, (dict, list, tuple)) and not hasattr(kind, "__dataclass_fields__")


is_leaf: Callable[[type], bool] = lru_cache(_is_leaf)


def children(value: Any) -> list[tuple[str, Any]]:
    """The labelled parts of a container."""
    if isinstance(value, dict):
        return [(f"[{key!r}]", item) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", None)
        return [(f".{names[i]}" if names else f"[{i}]", item) for i, item in enumerate(value)]
    return [(f".{field.name}", getattr(value, field.name)) for field in dataclasses.fields(value)]


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every leaf with its path, as ``["a"][0].mass``."""
    if is_leaf(type(value)):
        return [(path, value)]
    found = []
    for label, item in children(value):
        if is_leaf(type(item)):
            found.append((path + label, item))
        else:
            found += leaves(item, path + label)
    return found


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same structure with every leaf changed."""
    if is_leaf(type(value)):
        return change(value)
    if isinstance(value, dict):
        items = {key: mapped(item, change) for key, item in value.items()}
        return items if type(value) is dict else type(value)(items)
    if isinstance(value, (list, tuple)):
        return sequence_like(value, [mapped(item, change) for item in value])
    # not through __init__: it may check or compute, and a derivative is no ordinary instance
    copy = object.__new__(type(value))
    for field in dataclasses.fields(value):
        object.__setattr__(copy, field.name, mapped(getattr(value, field.name), change))
    return copy


def sequence_like(value: Any, parts: list[Any]) -> Any:
    """``parts`` as a list, tuple or named tuple: whichever ``value`` is."""
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def rebuilt(value: Any, new_leaves: Iterator[Any]) -> Any:
    """The structure of ``value`` with its leaves taken from ``new_leaves`` in order."""
    return next(new_leaves) if is_leaf(type(value)) else mapped(value, lambda _: next(new_leaves))


def shape_of(leaf: Any) -> tuple[int, ...]:
    """The shape of a number or an array."""
    if type(leaf) is float:
        return ()
    shape: tuple[int, ...] | None = getattr(leaf, "shape", None)
    return np.shape(leaf) if shape is None else shape
