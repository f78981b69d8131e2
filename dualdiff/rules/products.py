"""Products of arrays: linear in each factor."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import bilinear, locally_constant

bilinear(np.dot,          a=0, b=1)
bilinear(np.vdot,         a=0, b=1)
bilinear(np.inner,        a=0, b=1)
bilinear(np.outer,        a=0, b=1)
bilinear(np.tensordot,    a=0, b=1)
bilinear(np.kron,         a=0, b=1)
bilinear(np.cross,        a=0, b=1)

bilinear(np.linalg.matmul,    x1=0, x2=1)
bilinear(np.linalg.outer,     x1=0, x2=1)
bilinear(np.linalg.vecdot,    x1=0, x2=1)
bilinear(np.linalg.tensordot, x1=0, x2=1)
bilinear(np.linalg.cross,     x1=0, x2=1)

# The operands of einsum stand after the subscripts, or between lists of subscripts; wherever there is an operand of ours, it is
# one of the factors. NumPy takes up to 64.
FACTORS: Any = {f"argument {n}": n for n in range(128)}

bilinear(np.einsum,       **FACTORS)
locally_constant(np.einsum_path)
