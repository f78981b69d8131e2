"""The transforms: from a function to its derivatives, in forward mode.

Every transform seeds the inputs, calls the user's function, and extracts the tangents. One evaluation of the function is a
pass; a pass carries one direction (a Hessian's one pair of directions) unless ``chunk_size`` says otherwise.

- `basic` has `derivative`, `gradient`, `jacobian`, `hessian`; `with_values` the same together with the function's value;
  `directional` `jvp` and `hvp`; `any_order` `taylor` and `derivatives`; `vector_calculus` is loaded when it is first asked for.
- What a call does: `first_order`, `second_order`, `any_order`, each a `sweep` of passes; complex ones must be `holomorphic`.
  Common calls go by `short_ways`, which are speed and nothing else.
- With what: `seeding` (arguments → directions; `selection`: which arguments), `passes` (calls of the function; when one fails,
  `hints` says what to write instead), `results` (what comes out), `wrapper` (a transform looks like the function), `signatures`
  (to a type checker too).
"""

from dualdiff.transforms.any_order import derivatives, taylor
from dualdiff.transforms.basic import derivative, gradient, hessian, jacobian
from dualdiff.transforms.directional import hvp, jvp
from dualdiff.transforms.with_values import value_and_derivative, value_and_gradient, value_and_jacobian, value_gradient_hessian

__all__ = [
    "derivative", "derivatives", "gradient", "hessian", "hvp", "jacobian", "jvp", "taylor",
    "value_and_derivative", "value_and_gradient", "value_and_jacobian", "value_gradient_hessian",
]
