"""Sums, products and scans along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualdiff.rules.table import linear

linear(np.sum,            a=0, initial=5)
linear(np.add.reduce,     array=0, initial=5)
linear(np.mean,           a=0)
linear(np.cumsum,         a=0)
linear(np.diff,           a=0, prepend=3, append=4)
