"""Timing side by side: contestants take turns, so that a noisy machine disturbs all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(calls: dict[str, Callable[[], object]], budget: float = 0.5) -> dict[str, float]:
    """The best time of one call for each contestant, in interleaved repetitions within about ``budget`` seconds each."""
    loops = {}
    for name, call in calls.items():
        n, elapsed = 1, 0.0
        while True:
            start = time.perf_counter()
            for _ in range(n):
                call()
            elapsed = time.perf_counter() - start
            if elapsed >= budget / 50:
                break
            n *= 2
        loops[name] = (n, elapsed / n)
    best = {name: per_call for name, (_, per_call) in loops.items()}
    rounds = max(3, int(budget / max(n * per_call for n, per_call in loops.values())))
    for _ in range(min(rounds, 50)):
        for name, call in calls.items():
            n, _ = loops[name]
            start = time.perf_counter()
            for _ in range(n):
                call()
            best[name] = min(best[name], (time.perf_counter() - start) / n)
    return best


def text(value: float) -> str:
    """A time with three digits and a unit."""
    for unit, scale in (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3)):
        if value < 1000 * scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.3g} s"


def machine() -> str:
    """What this was measured on."""
    import os
    import platform

    import numpy as np

    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as lines:
            model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    return (f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, NumPy {np.__version__}, "
            f"{platform.system()}")
