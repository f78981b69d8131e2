"""What a short way hands over to the general one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Begun(NamedTuple):
    """What has been done of a call: the levels of its passes, all of them, and what the first of these returned."""

    levels: Sequence[int]
    outputs: Sequence[Any]


NOTHING = Begun((), ())
PENDING = object()  # the output of a pass that is still to run
