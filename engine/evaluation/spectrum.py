"""Distance of power spectra: up-sampling layers leave traces in high frequencies.

Durall, Keuper, Keuper 2020, "Watch your up-convolution: CNN based generative deep neural networks
are failing to reproduce spectral distributions", equation 5 (azimuthal integration).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import EvaluationError
from engine.evaluation.metric import Metric

#: keeps the logarithm finite for images without any structure at a frequency
_FLOOR = 1e-12


def radial_spectrum(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean log₁₀ power by spatial frequency of images (N, C, S, S), float64 (S // 2 + 1,).

    Frequencies run from 0 to S / 2 cycles an image; colours are averaged to grey.
    """
    grey = np.asarray(images, dtype=np.float64).mean(axis=1)
    size = grey.shape[-1]
    power = np.abs(np.fft.fft2(grey) / size) ** 2
    frequency = np.fft.fftfreq(size) * size
    radius = np.rint(np.hypot(frequency[:, None], frequency[None, :])).astype(np.int64)
    rings = size // 2 + 1
    kept = radius < rings
    counts = np.bincount(radius[kept], minlength=rings)
    spectra = [np.bincount(radius[kept], each[kept], minlength=rings) / counts for each in power]
    logs: NDArray[np.float64] = np.log10(np.maximum(spectra, _FLOOR)).mean(axis=0)
    return logs


def spectrum_distance(real: NDArray[np.float64], generated: NDArray[np.float64]) -> Metric:
    """Root mean square difference of two `radial_spectrum` results, in decades of power.

    Frequency 0, the mean grey, is left out. Raises `EvaluationError` for spectra of other images
    or with values that are no numbers.
    """
    if real.shape != generated.shape:
        raise EvaluationError(
            f"Spectra of {len(real)} and {len(generated)} frequencies cannot be compared: bring "
            "the images to one size first."
        )
    if not (np.isfinite(real).all() and np.isfinite(generated).all()):
        raise EvaluationError("A spectrum holds values that are no numbers. Check the images.")
    value = float(np.sqrt(((real - generated)[1:] ** 2).mean()))
    return Metric(
        "spectrum_distance",
        "Spectrum distance",
        value,
        better="lower",
        note="root mean square of the difference in log10 power over spatial frequencies",
    )
