"""Where rules are sampled: log-spaced points with arbitrary digits over whole domains."""

from __future__ import annotations

from typing import Any

import numpy as np


def magnitudes(n: int, low: float, high: float, rng: Any) -> Any:
    """n log-spaced numbers with arbitrary digits."""
    return 10 ** np.linspace(np.log10(low), np.log10(high), n) * rng.uniform(1, 1.5, n)


def sample(domain: Any, n: int, rng: Any) -> Any:
    """n points over a whole domain: log-spaced to 1e±300 and, denser, in the middle; towards a finite end down to 2⁻⁵²."""
    low, high = domain[:2]
    half = n // 2
    if np.isinf(low) and np.isinf(high):
        wide, middle = magnitudes(half, 1e-300, 5e299, rng), magnitudes(n - half, 1e-6, 5e2, rng)
        x = np.concatenate([wide, middle])
        return x * np.where(np.arange(n) % 2, 1, -1)
    if np.isinf(high):
        third = n // 3
        x = np.concatenate([low + magnitudes(third, 1e-300 if low == 0 else 1e-15, 5e299, rng),
                            low + magnitudes(n - 2 * third, 1e-6, 5e2, rng), magnitudes(third, 1e-300, 1.5, rng)])
        return np.where(x > low, x, 1.5 + rng.random(n))
    quarter = n // 4
    parts = [low + magnitudes(quarter, 1e-15, 0.6 * (high - low), rng), high - magnitudes(quarter, 1e-15, 0.6 * (high - low), rng),
             magnitudes(quarter, 1e-300, min(0.6, 0.6 * high), rng), rng.uniform(low, high, n - 3 * quarter)]
    if low < 0:
        parts[2] *= np.where(np.arange(quarter) % 2, 1, -1)
    return np.clip(np.concatenate(parts), np.nextafter(low, high), np.nextafter(high, low))
