"""Which arguments of a call are differentiated in: those that ``argnums`` counts and ``argnames`` names."""

from __future__ import annotations

import operator
from typing import Any


def selected(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any, argnames: Any) -> tuple[list[Any], bool]:
    """Their positions and names, and whether a bare result is wanted."""
    first = 1 if args and isinstance(args[0], type) else 0  # the class of a classmethod is not counted, as self is not
    count = len(args) - first
    if argnames is None and type(argnums) is int and 0 <= argnums < count:  # the common case
        return [argnums + first], True
    if type(argnums) is range and argnums:  # all of them, as where primals are given by themselves
        return list(argnums), False
    positions = () if argnums is None or (argnames is not None and argnums == 0) else argnums
    names = () if argnames is None else argnames
    several = (tuple, list)
    single = (not isinstance(positions, several) and not names) or (not isinstance(names, several) and not positions)
    positions = positions if isinstance(positions, several) else (positions,)
    names = names if isinstance(names, several) else (names,)
    if not all(hasattr(number, "__index__") for number in positions) or not all(isinstance(key, str) for key in names):
        raise TypeError(f"argnums is the position of an argument and argnames its name, or a tuple of them; not {argnums!r} and "
                        f"{argnames!r}")
    if not positions and not names:
        raise ValueError("argnums and argnames choose no argument to differentiate in")
    keys: list[Any] = []
    for number in positions:
        position = operator.index(number)
        if not -count <= position < count:
            hint = "; pass it by position, or name it with argnames=" if kwargs else " (they count from 0, a method's without self)"
            raise TypeError(f"{name} was called with {len(args)} positional argument{'s' * (len(args) != 1)}, so there is no "
                            f"argument {number} to differentiate in{hint}")
        keys.append(position % count + first)
    for key in names:
        if key not in kwargs:
            raise TypeError(f"{name} was called without the keyword argument {key!r} to differentiate in")
        keys.append(key)
    if len(set(keys)) < len(keys):
        raise ValueError(f"argnums={argnums!r}, argnames={argnames!r} name an argument twice")
    return keys, single
