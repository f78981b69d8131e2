"""Functions that look at values or shapes only: locally constant, they return plain arrays and numbers."""

from __future__ import annotations

import numpy as np

from dualdiff.rules.table import locally_constant

locally_constant(
    np.shape, np.size, np.ndim, np.result_type, np.can_cast, np.min_scalar_type, np.common_type,
    np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.isneginf, np.isposinf, np.isclose, np.allclose, np.array_equal,
    np.array_equiv, np.all, np.any, np.count_nonzero, np.nonzero, np.flatnonzero, np.argwhere,
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize,
    np.round, np.around, np.fix,
)
