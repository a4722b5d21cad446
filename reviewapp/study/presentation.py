"""The one rendering path by which real and generated images become what a reader sees.

Every image of a data set, whatever its source, is cropped to its central square, reduced to one
native resolution (the smallest that any chosen image of the data set has), treated by the
protocol's remedies, enlarged to the presented size, rounded to 8 bits and written as PNG without
metadata and without compression. Neither size, depth, mode, resolution, encoding, length of the
file nor the time to read it can then tell real from generated.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from reviewapp.study.appearance import (
    CommonLook,
    coded_as_jpeg,
    match_levels,
    match_sharpness,
    reduce_levels,
)
from reviewapp.study.model import ImageRow
from reviewapp.study.protocol import Remedies

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8] | NDArray[np.uint16]

# A compressed file is the longer the more detail its picture has; an uncompressed one never is.
_PNG_LEVEL = 0


@dataclass(frozen=True, slots=True)
class Presentation:
    """How all images of one data set are shown; sides of squares in pixels.

    ``look`` is what the remedies match images to, where they do.
    """

    native_px: int
    size_px: int
    mode: Literal["L", "RGB"]
    remedies: Remedies = field(default_factory=Remedies)
    look: CommonLook | None = None


def common_presentation(
    images: Sequence[ImageRow], size_px: int, remedies: Remedies | None = None
) -> Presentation:
    """The presentation that all ``images`` (of one data set, not empty) can share."""
    remedies = remedies or Remedies()
    smallest = min(min(image.width, image.height) for image in images)
    native_px = max(8, round(smallest * (1 - 2 * remedies.crop_border)))
    colour = any(image.channels == 3 for image in images)
    return Presentation(min(native_px, size_px), size_px, "RGB" if colour else "L", remedies)


def present(pixels: Pixels, presentation: Presentation) -> bytes:
    """The PNG file (8 bit, square) of uint8 or uint16 (H, W), or uint8 (H, W, 3) library pixels."""
    import numpy as np
    from PIL import Image

    planes = treated_view(pixels, presentation)
    if presentation.remedies.jpeg_quality is not None:
        planes = coded_as_jpeg(planes, presentation.remedies.jpeg_quality)
    shown = [
        np.asarray(
            Image.fromarray(plane).resize((presentation.size_px,) * 2, Image.Resampling.BICUBIC)
        )
        for plane in planes
    ]
    levels = np.rint((np.clip(np.stack(shown, axis=-1), -1, 1) + 1) * 127.5).astype(np.uint8)
    if presentation.remedies.grey_levels is not None:
        levels = reduce_levels(levels, presentation.remedies.grey_levels)
    image = Image.fromarray(levels[..., 0] if presentation.mode == "L" else levels)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=_PNG_LEVEL)
    return buffer.getvalue()


def treated_view(pixels: Pixels, presentation: Presentation) -> NDArray[np.float32]:
    """`native_view` with its levels and sharpness matched to the common look, where asked."""
    planes = native_view(pixels, presentation)
    look, remedies = presentation.look, presentation.remedies
    if look is None:
        return planes
    if remedies.match_histogram:
        planes = match_levels(planes, look.levels)
    if remedies.match_sharpness and look.sharpness is not None:
        planes = match_sharpness(planes, look.sharpness)
        if remedies.match_histogram:
            # Blurring pulls the levels together again.
            planes = match_levels(planes, look.levels)
    return planes


def native_view(pixels: Pixels, presentation: Presentation) -> NDArray[np.float32]:
    """The image at the native resolution, untreated: float32 (C, n, n) in about [-1, 1]."""
    import numpy as np
    from PIL import Image

    from engine.data.content_store import to_float

    planes = to_float(_inner_square(pixels, presentation.remedies.crop_border))
    if presentation.mode == "RGB" and planes.shape[0] == 1:
        planes = np.repeat(planes, 3, axis=0)
    side = (presentation.native_px,) * 2
    reduced = [
        np.asarray(Image.fromarray(plane).resize(side, Image.Resampling.LANCZOS))
        for plane in planes
    ]
    return np.stack(reduced)


def _inner_square(pixels: Pixels, crop: float) -> Pixels:
    height, width = pixels.shape[:2]
    side = min(height, width)
    margin = round(side * crop)
    top, left = (height - side) // 2 + margin, (width - side) // 2 + margin
    inner = side - 2 * margin
    return pixels[top : top + inner, left : left + inner]
