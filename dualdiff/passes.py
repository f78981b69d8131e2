"""Passes: evaluations of the user's function on seeded arguments, here or wherever an executor runs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from dualdiff.arguments import highest
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
        return evaluated(self.function, self.args, self.kwargs)


def evaluated(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``function(*args, **kwargs)`` on seeded arguments; where it fails, the error says what to write instead."""
    try:
        return function(*args, **kwargs)
    except (TypeError, ValueError, SystemError) as error:
        lost = error.__cause__ if isinstance(error.__cause__, TangentLostError) else None
        hint = hint_for(error, lost is not None)
        if hint is not None and hint in _words(error):
            hint = None  # a nested pass has given it
        if lost is not None and isinstance(error, (ValueError, SystemError)):  # compiled code could not make a number of it
            raise TangentLostError(str(lost) if hint is None else f"{lost}: {hint}") from error
        if hint is None:
            raise
        if sys.version_info >= (3, 11):
            error.add_note(hint)
            raise
        kind = TangentLostError if isinstance(error, TangentLostError) else TypeError
        raise kind(f"{error}: {hint}") from error


def hint_for(error: Exception, is_lost: bool = False) -> str | None:
    """What to write instead, where SciPy or compiled code met an operand that it cannot take (``is_lost``: as one has said)."""
    traceback: Any = error.__traceback__
    while traceback is not None:
        frame, traceback = traceback.tb_frame, traceback.tb_next
        package, name = ".".join(frame.f_globals.get("__name__", "").split(".")[:2]), frame.f_code.co_name
        if name.startswith("__") and "self" in frame.f_locals:
            name = type(frame.f_locals["self"]).__name__
        if package.startswith("scipy.") and hasattr(sys.modules.get(package), name) and (
                is_lost or isinstance(error, TangentLostError) or highest(*frame.f_locals.values()) is not None):
            return _hint_for_scipy(package, name)
    if "dtype('O')" in str(error) or "of type float which has no callable" in str(error):
        return OBJECT_ARRAY_HINT
    if ("not supported for the input types" in str(error) or "REFS_OK" in str(error)) and (
            highest(*frame.f_locals.values()) is not None):
        return OBJECT_ARRAY_HINT
    return None


def _hint_for_scipy(package: str, name: str) -> str:
    """By whether ``dualdiff.scipy`` has a function of its own under this name. It is loaded late: it is built on this package."""
    try:
        ours = vars(importlib.import_module(f"dualdiff.{package}")).get(name)
    except ImportError:
        ours = None
    if callable(ours):
        return f"{package}.{name} does not take dual numbers; dualdiff.{package}.{name} is the same function, and takes them"
    return (f"{package}.{name} does not take dual numbers; dualdiff.scipy and np.linalg hold functions that do, and "
            f"dualdiff.custom_rule gives any function a derivative")


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
