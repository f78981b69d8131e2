"""Products of arrays: linear in each factor."""

from __future__ import annotations

import numpy as np

from dualdiff.rules.table import bilinear

bilinear(np.dot,          a=0, b=1)
