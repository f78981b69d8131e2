"""Passes: evaluations of the user's function on seeded arguments, here or wherever an executor runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from dualdiff.errors import TangentLostError
from dualdiff.transforms.hints import hint_for

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Pass(NamedTuple):
    """One evaluation: what to call with what. It pickles when the function does.

    Numbers in whose direction a pass does not go are plain floats in it, which are much quicker. But dual numbers can do what
    floats cannot: be divided by when they are zero, make dual arrays by ``np.zeros_like``. So a pass in which something is raised
    is run once more, ``otherwise``: with dual numbers throughout.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    otherwise: Pass | None = None

    def run(self) -> Any:
        try:
            return self.function(*self.args, **self.kwargs)
        except Exception as error:
            if self.otherwise is None:
                explain(error)
                raise
        return self.otherwise.run()


def explain(error: Exception) -> None:
    """Add to an error of the user's function, called with seeded arguments, what to write instead; or raise one that says it."""
    lost = error.__cause__ if isinstance(error.__cause__, TangentLostError) else None
    hint = hint_for(error, lost is not None)
    if hint is not None and hint in _words(error):
        hint = None  # a nested pass has given it
    if lost is not None and isinstance(error, (ValueError, SystemError)):  # compiled code could not make a number of it
        raise TangentLostError(str(lost) if hint is None else f"{hint} ({str(lost).partition(';')[0]})") from error
    if hint is None:
        return
    if sys.version_info >= (3, 11):
        error.add_note(hint)
    else:
        kind = TangentLostError if isinstance(error, TangentLostError) else TypeError
        raise kind(f"{error}: {hint}") from error


def _words(error: Exception) -> str:
    return " ".join([str(error), *getattr(error, "__notes__", [])])


def outputs(passes: Iterable[Pass], executor: Executor | None) -> Iterator[Any]:
    """What each pass returns, in order."""
    return map(Pass.run, passes) if executor is None else _mapped(executor, list(passes))


def _mapped(executor: Executor, passes: list[Pass]) -> Iterator[Any]:
    try:
        yield from executor.map(Pass.run, passes)
    except Exception as error:
        if "pickle" not in str(error).lower():
            raise
        raise TypeError(f"{error}: an executor whose workers are processes needs a function that pickles, one defined at the top "
                        f"level of a module; threads take any function") from error
