"""The one rendering path by which real and generated images become what a reader sees.

Every image of a data set, whatever its source, is cropped to its central square, reduced to one
native resolution (the smallest that any chosen image of the data set has), enlarged to the
presented size, rounded to 8 bits and written as PNG without metadata. Neither size, depth, mode,
resolution nor encoding can then tell real from generated.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reviewapp.study.model import ImageRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8] | NDArray[np.uint16]

# Not the library's own level: a presented file must never be byte for byte a library file.
_PNG_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Presentation:
    """How all images of one data set are shown; sides of squares in pixels."""

    native_px: int
    size_px: int
    mode: Literal["L", "RGB"]


def common_presentation(images: Sequence[ImageRow], size_px: int) -> Presentation:
    """The presentation that all ``images`` (of one data set, not empty) can share."""
    native_px = min(min(image.width, image.height) for image in images)
    colour = any(image.channels == 3 for image in images)
    return Presentation(min(native_px, size_px), size_px, "RGB" if colour else "L")


def present(pixels: Pixels, presentation: Presentation) -> bytes:
    """The PNG file (8 bit, square) of uint8 or uint16 (H, W), or uint8 (H, W, 3) library pixels."""
    import numpy as np
    from PIL import Image

    from engine.data.content_store import to_float

    planes = to_float(_central_square(pixels))
    if presentation.mode == "RGB" and planes.shape[0] == 1:
        planes = np.repeat(planes, 3, axis=0)
    shown = [
        np.asarray(
            Image.fromarray(plane)
            .resize((presentation.native_px,) * 2, Image.Resampling.LANCZOS)
            .resize((presentation.size_px,) * 2, Image.Resampling.BICUBIC)
        )
        for plane in planes
    ]
    levels = np.rint((np.clip(np.stack(shown, axis=-1), -1, 1) + 1) * 127.5).astype(np.uint8)
    image = Image.fromarray(levels[..., 0] if presentation.mode == "L" else levels)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=_PNG_LEVEL)
    return buffer.getvalue()


def _central_square(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]
