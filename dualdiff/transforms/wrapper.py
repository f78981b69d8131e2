"""What a transform returns: a callable that looks like the user's function, binds like a method, and pickles when it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dualdiff.transforms.seeding import Inputs
from dualdiff.transforms.signatures import Argnames, Argnums

if TYPE_CHECKING:
    from concurrent.futures import Executor

IDENTITY = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__", "__type_params__")


class Transform:
    """A function's derivative as a function. Subclasses say what a call does; their fields are the transform's options.

    Only the identity of the function is taken over, never its ``__dict__``: a transform of a transform would get the inner
    one's fields.
    """

    name = "transform"

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        self.label = label_of(function, self.name, f"; its arguments go to the function that it returns: {self.name}(f)(x)")
        self.__wrapped__ = function
        self.options = options
        self.with_value = bool(options.get("value"))
        common, is_chunked = common_argnums(**options), options.get("chunk_size", 1) != 1
        self.common = None if is_chunked else common
        self.common_in_chunks = common if is_chunked and type(common) is int else None
        for attribute in IDENTITY:
            if hasattr(function, attribute):
                setattr(self, attribute, getattr(function, attribute))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method: the transform of the bound function, so that argument 0 is the first one after ``self``."""
        bind = getattr(self.__wrapped__, "__get__", None)
        if bind is None:
            return self
        bound = bind(instance, owner)
        return self if bound is self.__wrapped__ else type(self)(bound, **self.options)

    def __repr__(self) -> str:
        return f"<{self.name} of {self.label}>"

    def __reduce__(self) -> Any:
        qualname = getattr(self, "__qualname__", "")
        found: Any = sys.modules.get(getattr(self, "__module__", None) or "")
        for part in qualname.split("."):
            found = getattr(found, part, None)
        if found is self:  # a decorated function: by its name, as functions pickle
            return qualname
        return _rebuilt, (type(self), self.__wrapped__, self.options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Inputs:
        """The arguments of a call, of which ``argnums`` and ``argnames`` choose those to differentiate in."""
        return Inputs(self.label, args, kwargs, self.options["argnums"], self.options["argnames"])

    def answer(self, found: Any, *derivatives: Any) -> Any:
        """What a call returns: the derivatives, where the options ask for them behind ``found.value`` and before ``found.aux``."""
        result = (found.value, *derivatives) if self.with_value else derivatives[0]
        return (result, found.aux) if self.options["has_aux"] else result


def common_argnums(argnums: Any = None, argnames: Any = None, has_aux: bool = False, executor: Any = None, **others: Any) -> Any:
    """``argnums``, if it counts arguments from the first, and the other options are as by default: what short ways are for."""
    positions = argnums if type(argnums) is tuple else (argnums,)
    if argnames is not None or has_aux or executor is not None or not positions:
        return None
    is_common = all(type(i) is int and i >= 0 for i in positions) and len(set(positions)) == len(positions)
    return argnums if is_common else None


def label_of(function: Callable[..., Any], name: str, hint: str = "") -> str:
    """What errors call a function; refused if ``name`` was given none."""
    if not callable(function):
        raise TypeError(f"{name} takes a function, not {type(function).__name__}{hint}")
    label: str = getattr(function, "__name__", type(function).__name__)
    return label


def _rebuilt(kind: type[Transform], function: Callable[..., Any], options: dict[str, Any]) -> Transform:
    return kind(function, **options)


def made(kind: type[Transform], function: Callable[..., Any] | None, argnums: Argnums, argnames: Argnames, has_aux: bool,
         value: bool, chunk_size: int | None = 1, executor: Executor | None = None, **more: Any) -> Any:
    """The transform of ``function``, or the decorator that makes it."""
    if chunk_size is not None and (not hasattr(chunk_size, "__index__") or chunk_size < 1):
        raise ValueError(f"chunk_size is a number of directions (1, 2, …) or None to choose one, not {chunk_size!r}")
    if executor is not None and not hasattr(executor, "map"):
        raise TypeError(f"executor is a concurrent.futures.Executor (it has a method map) or None, not {executor!r}")
    options = {"argnums": argnums, "argnames": argnames, "has_aux": has_aux, "value": value, "chunk_size": chunk_size,
               "executor": executor, **more}
    return (lambda f: kind(f, **options)) if function is None else kind(function, **options)
