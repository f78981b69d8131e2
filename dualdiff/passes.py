"""Passes: evaluations of the user's function on seeded arguments, here or wherever an executor runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from dualdiff.errors import TangentLostError

if TYPE_CHECKING:
    from concurrent.futures import Executor

OBJECT_ARRAY_HINT = ("the array was built from dual numbers by np.array or np.asarray, which makes it an array of objects; write "
                     "np.array(..., like=x), where x is one of them, and NumPy's compiled functions see a dual array")


class Pass(NamedTuple):
    """One evaluation: what to call with what. It pickles when the function does."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def run(self) -> Any:
        try:
            return self.function(*self.args, **self.kwargs)
        except ValueError as error:  # how NumPy reports that it could not make a number of an operand
            if isinstance(error.__cause__, TangentLostError):
                raise TangentLostError(str(error.__cause__)) from error
            raise
        except TypeError as error:
            if "dtype('O')" not in str(error) and "of type float which has no callable" not in str(error):
                raise
            if sys.version_info >= (3, 11):
                error.add_note(OBJECT_ARRAY_HINT)
                raise
            raise TypeError(f"{error}: {OBJECT_ARRAY_HINT}") from error


def outputs(passes: Iterable[Pass], executor: Executor | None) -> Iterator[Any]:
    """What each pass returns, in order."""
    return map(Pass.run, passes) if executor is None else executor.map(Pass.run, passes)
