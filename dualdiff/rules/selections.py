"""Functions that pick entries by their values: the tangents of the picked entries are gathered.

At a tie the first entry is picked, as by ``argmax``, and sorting is stable: the derivative of the branch from which the value
comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import linear

linear(np.where,          x=1, y=2, constant={"condition": 0})
