"""NIST's 27 certified nonlinear regressions: the models as plain NumPy functions, and their data files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy import arctan, cos, exp, pi, sin

DATA = Path(__file__).parent / "data" / "nist_strd"

# ---- models, as the files write them: f(x, b1, b2, …) -------------------------------------------------------------------

saturation     = lambda x, b1, b2: b1 * (1 - exp(-b2 * x))
decay_by_line  = lambda x, b1, b2, b3: exp(-b1 * x) / (b2 + b3 * x)
three_decays   = lambda x, b1, b2, b3, b4, b5, b6: b1 * exp(-b2 * x) + b3 * exp(-b4 * x) + b5 * exp(-b6 * x)
decay_and_two_peaks = lambda x, b1, b2, b3, b4, b5, b6, b7, b8: (
    b1 * exp(-b2 * x) + b3 * exp(-(x - b4)**2 / b5**2) + b6 * exp(-(x - b7)**2 / b8**2))
cubic_by_cubic = lambda x, b1, b2, b3, b4, b5, b6, b7: (
    (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3))
three_cycles   = lambda x, b1, b2, b3, b4, b5, b6, b7, b8, b9: (
    b1 + b2 * cos(2 * pi * x / 12) + b3 * sin(2 * pi * x / 12)
       + b5 * cos(2 * pi * x / b4) + b6 * sin(2 * pi * x / b4)
       + b8 * cos(2 * pi * x / b7) + b9 * sin(2 * pi * x / b7))

MODELS: dict[str, Callable[..., np.ndarray]] = {
    # lower level of difficulty
    "Misra1a":  saturation,
    "Chwirut2": decay_by_line,
    "Chwirut1": decay_by_line,
    "Lanczos3": three_decays,
    "Gauss1":   decay_and_two_peaks,
    "Gauss2":   decay_and_two_peaks,
    "DanWood":  lambda x, b1, b2: b1 * x**b2,
    "Misra1b":  lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2)**-2),
    # average
    "Kirby2":   lambda x, b1, b2, b3, b4, b5: (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2),
    "Hahn1":    cubic_by_cubic,
    "Nelson":   lambda x, b1, b2, b3: b1 - b2 * x[0] * exp(-b3 * x[1]),  # of log(y)
    "MGH17":    lambda x, b1, b2, b3, b4, b5: b1 + b2 * exp(-x * b4) + b3 * exp(-x * b5),
    "Lanczos1": three_decays,
    "Lanczos2": three_decays,
    "Gauss3":   decay_and_two_peaks,
    "Misra1c":  lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x)**-0.5),
    "Misra1d":  lambda x, b1, b2: b1 * b2 * x * (1 + b2 * x)**-1,
    "Roszman1": lambda x, b1, b2, b3, b4: b1 - b2 * x - arctan(b3 / (x - b4)) / pi,
    "ENSO":     three_cycles,
    # higher
    "MGH09":    lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "Thurber":  cubic_by_cubic,
    "BoxBOD":   saturation,
    "Rat42":    lambda x, b1, b2, b3: b1 / (1 + exp(b2 - b3 * x)),
    "MGH10":    lambda x, b1, b2, b3: b1 * exp(b2 / (x + b3)),
    "Eckerle4": lambda x, b1, b2, b3: b1 / b2 * exp(-0.5 * ((x - b3) / b2)**2),
    "Rat43":    lambda x, b1, b2, b3, b4: b1 / (1 + exp(b2 - b3 * x))**(1 / b4),
    "Bennett5": lambda x, b1, b2, b3: b1 * (b2 + x)**(-1 / b3),
}


class Problem(NamedTuple):
    """One data file: ``x`` has shape (n,), Nelson's (2, n); ``starts`` shape (2, p); the rest are the certified values."""

    name: str
    x: np.ndarray
    y: np.ndarray
    starts: np.ndarray
    parameters: np.ndarray
    deviations: np.ndarray
    residual_deviation: float

    def residuals(self, b: np.ndarray) -> np.ndarray:
        return MODELS[self.name](self.x, *b) - self.y


def load(name: str) -> Problem:
    text = (DATA / f"{name}.dat").read_text()
    lines = text.splitlines()

    def block(label: str) -> list[list[str]]:
        """The words of the lines that the header announces."""
        first, last = re.search(rf"{label} +\(lines +(\d+) to +(\d+)\)", text).groups()
        return [line.split() for line in lines[int(first) - 1:int(last)]]

    start_1, start_2, parameters, deviations = np.array([row[2:] for row in block("Starting Values")], float).T
    y, *x = np.array(block("Data"), float).T
    sigma = float(re.search(r"Residual Standard Deviation: +(\S+)", text)[1])
    if name == "Nelson":
        return Problem(name, np.array(x), np.log(y), np.array([start_1, start_2]), parameters, deviations, sigma)
    return Problem(name, x[0], y, np.array([start_1, start_2]), parameters, deviations, sigma)


def standard_deviations(jacobian: np.ndarray, residual_deviation: float) -> np.ndarray:
    """σ·√diag((JᵀJ)⁻¹) through J = Q·R, with the columns of J scaled to length 1 (they differ by up to 1e8)."""
    lengths = np.linalg.norm(jacobian, axis=0)
    r = np.linalg.qr(jacobian / lengths, mode="r")
    return residual_deviation * np.linalg.norm(np.linalg.inv(r), axis=1) / lengths


def digits(found: np.ndarray, certified: np.ndarray) -> float:
    """How many decimal digits agree at worst (NIST's log relative error); the certified values have 11."""
    error = np.max(np.abs(found - certified) / np.abs(certified))
    return float(np.clip(-np.log10(max(error, 1e-11)), 0, 11)) if np.isfinite(error) else 0.0
