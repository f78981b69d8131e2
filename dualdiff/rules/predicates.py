"""Functions that look at values, shapes or memory only: locally constant, they return plain arrays and numbers.

Beside them stands what has no derivative to speak of: files, dates, bits, and text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import locally_constant, refused, rewritten

locally_constant(
    np.shape, np.size, np.ndim, np.result_type, np.can_cast, np.min_scalar_type, np.common_type,
    np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.isneginf, np.isposinf, np.isclose, np.allclose, np.array_equal,
    np.array_equiv, np.all, np.any, np.count_nonzero, np.nonzero, np.flatnonzero, np.argwhere,
    np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize,
    np.round, np.around, np.fix, np.may_share_memory, np.shares_memory,
    np.diag_indices_from, np.tril_indices_from, np.triu_indices_from,
)

refused("it takes integers, in which there is nothing to differentiate",
        np.packbits, np.unpackbits, np.ravel_multi_index, np.unravel_index)
refused("it is defined on dates only",
        np.busday_count, np.busday_offset, np.is_busday, np.datetime_as_string)
refused("a file holds plain numbers; save x.primal, and x.tangent if it is wanted, or pickle x",
        np.save, np.savetxt, np.savez, np.savez_compressed)


def text(a: Any, *_: Any, **options: Any) -> str:
    """Primal and tangent, in the format of ``str``: NumPy's options are about plain numbers."""
    return str(a)


rewritten(np.array2string, text)
rewritten(np.array_str,    text)
rewritten(np.array_repr,   lambda arr, *_, **options: repr(arr))
