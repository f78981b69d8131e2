"""The rules: what dualdiff knows of each function. Importing this package fills the table (SciPy's part waits for SciPy)."""

from dualdiff.rules import (  # noqa: F401
    creation,
    elementwise,
    predicates,
    products,
    reductions,
    selections,
    shapes,
)
