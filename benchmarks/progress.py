"""A progress bar on stderr, with the time left; only its last line where stderr is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def progress(items: Sequence[T], title: str) -> Iterator[T]:
    """Yield the items; after each, show how many are done and what time the rest takes at this pace."""
    start = time.perf_counter()
    for done, item in enumerate(items):
        elapsed = time.perf_counter() - start
        left = f"{elapsed / done * (len(items) - done):4.0f} s left" if done else ""
        bar = "█" * (24 * done // len(items))
        if sys.stderr.isatty():
            print(f"\r{title} {bar:░<24} {done}/{len(items)} {left}   ", end="", file=sys.stderr, flush=True)
        yield item
    print(f"\r{title} {'█' * 24} {len(items)}/{len(items)} in {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
