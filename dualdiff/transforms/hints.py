"""What to write instead, where code that is not ours met a dual number that it cannot take: read off the error's traceback."""

from __future__ import annotations

import importlib
import sys
from itertools import takewhile
from types import FrameType
from typing import Any

import numpy as np

from dualdiff.arguments import highest
from dualdiff.errors import TangentLostError

OBJECT_ARRAY = ("an array of objects was made of dual numbers, by np.array or np.asarray; write np.array(..., like=x), where x is "
                "one of them, and NumPy's compiled functions see a dual array")

NO_KEY = ("dual numbers of equal value may differ in their tangents, so they are no keys of a dict or of lru_cache; key on "
          "something else, or make the cache anew inside the function")
NO_INTEGER = "write int(x) where a whole number is meant, as in range(int(x))"

BY_MESSAGE = {
    **{f"unhashable type: '{kind}'": NO_KEY for kind in ("Dual", "Series", "Variable")},
    **{f"'{kind}' object cannot be interpreted as an integer": NO_INTEGER for kind in ("Dual", "Series", "Variable")},
    "which has no callable": OBJECT_ARRAY,
    "dtype('O')": OBJECT_ARRAY,
}
REFUSALS = (TypeError, ValueError, SystemError, NotImplementedError)
OF_COMPILED_CODE = ("not supported for the input types", "REFS_OK")  # object arrays, where a dual number is at hand
OF_MINPACK = "not a proper array of floats"

BY_PACKAGE = {
    "pandas": "pandas does not hold dual numbers; make arrays of Series and DataFrames first, with .to_numpy()",
    "matplotlib": "Matplotlib draws plain numbers; give it dualdiff.primal(x), or return them with has_aux=True and plot outside",
    "statistics": "the module statistics does not take dual numbers; np.mean, np.median, np.std and scipy.special.ndtr do",
}
SHUFFLE = "np.random shuffles plain arrays; put the entries in the order of shuffled indices, as in x[rng.permutation(len(x))]"
VECTORIZE = ("np.vectorize makes plain numbers of the results; give it otypes=[object], or write "
             "np.array([f(v) for v in x], like=x)")

# Of SciPy, where dualdiff.scipy has no function of the same name.
INSTEAD = {
    "scipy.stats": "scipy.special has the functions behind it (ndtr is norm.cdf, log_ndtr its logarithm), and they do",
    "scipy.sparse": "give the product a rule, as in dualdiff.custom_rule(jvp=lambda out, x, dx: A @ dx[0])(lambda x: A @ x), or "
                    "take A.toarray()",
    "scipy.fft": "np.fft has the same functions, and they do",
    "scipy.signal": "np.convolve and np.fft do, and loops of your own",
    "scipy.optimize": "by the implicit function theorem, dualdiff.custom_rule gives any solver its derivative "
                      "(examples/implicit_function.py)",
    "scipy.integrate": "np.trapezoid and a loop of your own do, the variational equations give sensitivities of an ODE "
                       "(examples/ode_sensitivity.py), and dualdiff.custom_rule gives any function a derivative",
}
ELSEWHERE = "dualdiff.scipy and np.linalg hold functions that do, and dualdiff.custom_rule gives any function a derivative"


def hint_for(error: Exception, is_lost: bool = False) -> str | None:
    """What to write instead, or None if nothing is known (``is_lost``: a conversion that loses the tangent is behind the error)."""
    message = str(error)
    lost = is_lost or isinstance(error, TangentLostError) or OF_MINPACK in message
    traceback: Any = error.__traceback__
    while traceback is not None:
        frame, traceback = traceback.tb_frame, traceback.tb_next
        hint = _hint_for_frame(frame) if lost or isinstance(error, REFUSALS) else None
        if hint is not None and (lost or highest(*frame.f_locals.values()) is not None):
            return hint
    for words, hint in BY_MESSAGE.items():
        if words in message:
            return hint
    if message == "array is read-only" and frame.f_globals.get("__name__", "").startswith("numpy.random."):
        return SHUFFLE
    if any(words in message for words in OF_COMPILED_CODE) and highest(*frame.f_locals.values()) is not None:
        return OBJECT_ARRAY
    return None


def _hint_for_frame(frame: FrameType) -> str | None:
    """By whose code runs there."""
    public = takewhile(lambda part: not part.startswith("_"), frame.f_globals.get("__name__", "").split("."))
    package, owner = ".".join(public), frame.f_locals.get("self")
    if package.startswith("numpy.") and type(owner) is np.vectorize:
        return VECTORIZE
    if not package.startswith("scipy."):
        return BY_PACKAGE.get(package.partition(".")[0])
    module, name = sys.modules.get(package), frame.f_code.co_name
    if owner is not None and name.startswith("__"):
        name = type(owner).__name__
    elif owner is not None and hasattr(module, str(getattr(owner, "name", ""))):  # a distribution
        return _hint_for_scipy(package, f"{owner.name}.{name}")
    return _hint_for_scipy(package, name) if hasattr(module, name) else None


def _hint_for_scipy(package: str, name: str) -> str:
    """By whether ``dualdiff.scipy`` has a function of this name. It is loaded late: it is built on this package."""
    try:
        ours = vars(importlib.import_module(f"dualdiff.{package}")).get(name)
    except ImportError:
        ours = None
    if callable(ours):
        return f"{package}.{name} does not take dual numbers; dualdiff.{package}.{name} is the same function, and takes them"
    return f"{package}.{name} does not take dual numbers; {INSTEAD.get(package, ELSEWHERE)}"
