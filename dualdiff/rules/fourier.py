"""Discrete Fourier transforms: linear, every one of them, so that a tangent is transformed as its primal is.

The transforms from complex to real numbers (irfft, hfft) are linear over the reals only: they have directional derivatives
(`jvp`) in complex arguments, but no complex derivative.
"""

from __future__ import annotations

import numpy as np

from dualdiff.rules.table import linear

for of_real_or_complex in (np.fft.fft, np.fft.ifft, np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn):
    linear(of_real_or_complex, a=0)
for of_real in (np.fft.rfft, np.fft.rfft2, np.fft.rfftn, np.fft.ihfft):
    linear(of_real,            a=0)
for to_real in (np.fft.irfft, np.fft.irfft2, np.fft.irfftn, np.fft.hfft):
    linear(to_real,            a=0)

linear(np.fft.fftshift,        x=0)
linear(np.fft.ifftshift,       x=0)
