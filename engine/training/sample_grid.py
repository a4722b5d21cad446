"""Grids of samples under fixed latents, drawn while a run trains."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from engine.atomic_file import write_bytes
from engine.data.cache import TrainingArrays
from engine.gans.variant import Variant

_IMAGES = 16
_SEED = 20_26
#: sixteen images of 128 x 128
_PIXELS_AT_ONCE = 16 * 128**2


def draw_grid(variant: Variant, data: TrainingArrays) -> NDArray[np.uint8]:
    """Sixteen samples under the same latents every time, uint8 (16, S, S) or (16, S, S, 3).

    A variant that works on images gets the first ones of ``data``. Large images are drawn a few at
    a time, so that a grid takes no more memory than at `_PIXELS_AT_ONCE`.
    """
    at_once = max(1, _PIXELS_AT_ONCE // variant.spec.size**2)
    return np.concatenate(
        [_levels(variant, data, i, min(at_once, _IMAGES - i)) for i in range(0, _IMAGES, at_once)]
    )


def _levels(variant: Variant, data: TrainingArrays, first: int, n: int) -> NDArray[np.uint8]:
    inputs = None
    if variant.needs_inputs:
        rows = np.arange(first, first + n) % len(data)
        inputs = torch.from_numpy(data.batch(rows)).to(variant.device)
    drawn = variant.sample(n, _SEED, first=first, inputs=inputs, maps=False).images
    levels = ((drawn.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu()
    images: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).squeeze(-1).numpy()
    return images


def write_grid(images: NDArray[np.uint8], path: Path) -> None:
    """Write images (N, S, S) or (N, S, S, 3) as one square PNG."""
    columns = math.isqrt(len(images))
    rows = [
        np.concatenate(list(images[i : i + columns]), axis=1)
        for i in range(0, len(images), columns)
    ]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows, axis=0)).save(buffer, format="PNG", compress_level=1)
    write_bytes(path, buffer.getvalue(), durable=False)
