"""dualdiff: forward-mode automatic differentiation of plain Python and NumPy functions, by dual numbers."""

from dualdiff import rules  # noqa: F401  (fills the table)
from dualdiff.directional import hvp, jvp
from dualdiff.dual import Dual
from dualdiff.errors import LevelError, NotDifferentiableError, NotHolomorphicError, TangentLostError
from dualdiff.transforms import derivative, gradient, hessian, jacobian
from dualdiff.with_values import value_and_derivative, value_and_gradient, value_and_jacobian, value_gradient_hessian

__version__ = "0.1.0"

__all__ = [
    "Dual", "LevelError", "NotDifferentiableError", "NotHolomorphicError", "TangentLostError",
    "derivative", "gradient", "hessian", "hvp", "jacobian", "jvp",
    "value_and_derivative", "value_and_gradient", "value_and_jacobian", "value_gradient_hessian",
]
