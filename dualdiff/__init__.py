"""Exact derivatives of plain Python and NumPy functions, by forward-mode automatic differentiation with dual numbers.

Write the function as you would without dualdiff. A transform makes a new function of it, which takes the same arguments:

>>> import numpy as np
>>> import dualdiff as dd
>>> def decay(p, t):
...     return p[0] * np.exp(-p[1] * t)
>>> dd.jacobian(decay)(np.array([2.0, 0.5]), np.array([1.0, 2.0]))
array([[ 0.60653066, -1.21306132],
       [ 0.36787944, -1.47151776]])

Which one:

- one number in: `derivative`, of any order with ``n=``; `derivatives` and `taylor` for all orders up to n at once;
- many numbers in, one out: `gradient`; any number out: `jacobian`; second derivatives: `hessian`;
- along one direction: `jvp`, in one pass, and `hvp` for a Hessian's product with a vector;
- the value besides: `value_and_derivative`, `value_and_gradient`, `value_and_jacobian`, `value_gradient_hessian`;
- fields in space: `divergence`, `curl`, `laplacian`;
- hundreds of inputs, few outputs: `dualdiff.reverse` has the same transforms in reverse mode; `cost` counts what each mode takes.

All take ``argnums=`` and ``argnames=`` to say in which arguments to differentiate, and work as decorators.

To look closer: `check_derivatives` compares with mpmath and finite differences (`finite_difference`, `finite_difference_hessian`
for their own sake), `trace` shows every step of an evaluation, and a `Dual` is a dual number to calculate with. `primal` gives
the plain value of anything, for printing and plotting inside a function.

To go further: `dualdiff.math` stands in for the standard library's ``math``, `dualdiff.scipy` for SciPy's Python-level functions;
`custom_rule` gives a rule to a function that dualdiff cannot see through, and `check_rule` tests it.

What cannot be differentiated is refused by an error that says what to write instead: `TangentLostError`,
`NotDifferentiableError`, `NotHolomorphicError`, `LevelError`. ``help(dd.gradient)`` tells more, and so for every other name.
"""

import importlib
from typing import TYPE_CHECKING, Any

from dualdiff import rules  # noqa: F401  (fills the table)
from dualdiff.dual import Dual
from dualdiff.errors import LevelError, NotDifferentiableError, NotHolomorphicError, TangentLostError
from dualdiff.plain_value import primal
from dualdiff.transforms import (
    derivative,
    derivatives,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    taylor,
    value_and_derivative,
    value_and_gradient,
    value_and_jacobian,
    value_gradient_hessian,
)

if TYPE_CHECKING:
    from dualdiff import math, reverse, scipy
    from dualdiff.checks.check import check_derivatives
    from dualdiff.checks.finite_differences import finite_difference, finite_difference_hessian
    from dualdiff.costs.operation_count import cost
    from dualdiff.custom import check_rule, custom_rule
    from dualdiff.traces.tracer import trace
    from dualdiff.transforms.vector_calculus import curl, divergence, laplacian

__version__ = "0.1.0"

__all__ = [
    "Dual", "LevelError", "NotDifferentiableError", "NotHolomorphicError", "TangentLostError",
    "derivative", "gradient", "hessian", "hvp", "jacobian", "jvp", "primal",
    "check_derivatives", "check_rule", "cost", "custom_rule", "finite_difference", "finite_difference_hessian",
    "curl", "derivatives", "divergence", "laplacian", "taylor", "trace", "math", "reverse", "scipy",
    "value_and_derivative", "value_and_gradient", "value_and_jacobian", "value_gradient_hessian",
]

# Public names whose modules are loaded when they are first asked for, so that importing dualdiff stays quick.
_LOADED_LATER = {
    "check_derivatives": "dualdiff.checks.check",
    "cost": "dualdiff.costs.operation_count",
    "check_rule": "dualdiff.custom",
    "custom_rule": "dualdiff.custom",
    "curl": "dualdiff.transforms.vector_calculus",
    "divergence": "dualdiff.transforms.vector_calculus",
    "finite_difference": "dualdiff.checks.finite_differences",
    "finite_difference_hessian": "dualdiff.checks.finite_differences",
    "laplacian": "dualdiff.transforms.vector_calculus",
    "trace": "dualdiff.traces.tracer",
}
_NAMESPACES = {"math", "reverse", "scipy"}  # submodules that are used as ``dd.math``

if not TYPE_CHECKING:  # to a type checker a misspelt name is an error

    def __getattr__(name: str) -> Any:
        if name in _NAMESPACES:
            return importlib.import_module(f"dualdiff.{name}")
        if name not in _LOADED_LATER:
            raise AttributeError(f"module 'dualdiff' has no attribute {name!r}")
        globals()[name] = value = getattr(importlib.import_module(_LOADED_LATER[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
