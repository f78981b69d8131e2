"""The short ways of transforms: common calls with common results, in as few steps as there can be.

All of this is speed. It declines (`NOTHING`) what is not common among the arguments; where a result is not, the general way goes on
from what has been `begun`, so that the function is not called again. That gives the same results, and does without all this.

- `points`: arguments that are common.
- `first`, `chunked`, `second`: derivatives of first order, in chunks, and of second order; `along`: one pass along a direction.
"""
