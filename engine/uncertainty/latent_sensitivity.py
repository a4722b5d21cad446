"""Latent sensitivity: how much each pixel of a drawn image moves when its latent moves a little.

For generators without dropout or a predicted spread. It is the local volume change of G, which its
Jacobian measures (Odena et al. 2018, "Is generator conditioning causally related to GAN
performance?"), summed by pixel; not a probability of error.
"""

from __future__ import annotations

import math

from torch import Tensor

KIND = "latent-sensitivity"
#: correlation of a nearby latent with the drawn one is √(1 − ε²)
EPSILON = 0.1


def nearby(z: Tensor, noise: Tensor) -> Tensor:
    """Latents close to ``z``, of the same distribution: √(1 − ε²) z + ε noise, both (N, L)."""
    return math.sqrt(1 - EPSILON**2) * z + EPSILON * noise
