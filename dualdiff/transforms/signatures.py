"""What a type checker knows of the transforms: the result takes the arguments of the user's function.

A transform is called with a function, ``gradient(f, argnums=1)``, or stands above one as a decorator, bare or with options. The
two forms are written here once for each set of options, and a type checker holds every public transform against its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

Argnums = int | tuple[int, ...]
Argnames = str | tuple[str, ...] | None

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from typing import ParamSpec, Protocol, overload

    P = ParamSpec("P")

    class Decorator(Protocol):
        """A transform that waits for its function: ``@gradient(argnums=1)``."""

        def __call__(self, function: Callable[P, Any], /) -> Callable[P, Any]: ...

    class Simple(Protocol):
        @overload
        def __call__(self, function: Callable[P, Any], *, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False) -> Callable[P, Any]: ...
        @overload
        def __call__(self, function: None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False) -> Decorator: ...

    class WithN(Protocol):
        @overload
        def __call__(self, function: Callable[P, Any], *, n: int = 1, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False) -> Callable[P, Any]: ...
        @overload
        def __call__(self, function: None = None, *, n: int = 1, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False) -> Decorator: ...

    class WithExecutor(Protocol):
        @overload
        def __call__(self, function: Callable[P, Any], *, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False, executor: Executor | None = None) -> Callable[P, Any]: ...
        @overload
        def __call__(self, function: None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False, executor: Executor | None = None) -> Decorator: ...

    class WithChunks(Protocol):
        @overload
        def __call__(self, function: Callable[P, Any], *, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Callable[P, Any]: ...
        @overload
        def __call__(self, function: None = None, *, argnums: Argnums = 0, argnames: Argnames = None,
                     has_aux: bool = False, chunk_size: int | None = 1, executor: Executor | None = None) -> Decorator: ...


def simple_transform(function: Simple) -> Simple:
    """Declares a transform with ``argnums``, ``argnames`` and ``has_aux``."""
    return function


def transform_with_n(function: WithN) -> WithN:
    """The same with ``n``, a derivative's order."""
    return function


def transform_with_chunks(function: WithChunks) -> WithChunks:
    """The same with ``chunk_size`` and ``executor``."""
    return function


def transform_with_executor(function: WithExecutor) -> WithExecutor:
    """The same with ``executor`` alone."""
    return function
