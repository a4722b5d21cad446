"""What could tell real from generated without any medical sense: brightness, borders, coding.

Each feature is one number of a *presented* image. They are measured at the resolution that the
images of a data set share before they are enlarged, so that enlargement hides nothing.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewapp.study.appearance import sharpness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.float32]

_BORDER_SHARE = 0.04
_JPEG_BLOCK = 8
#: the spectrum's slope is fitted over these shares of the highest frequency
_SLOPE_BAND = (0.35, 0.95)


@dataclass(frozen=True, slots=True)
class NuisanceFeature:
    """A feature's id, its name for people, what "higher" looks like, and the fitting remedy.

    ``remedy`` is a field of `protocol.Remedies`.
    """

    name: str
    title: str
    higher: str
    lower: str
    remedy: str


FEATURES: tuple[NuisanceFeature, ...] = (
    NuisanceFeature("mean", "Brightness", "brighter", "darker", "match_histogram"),
    NuisanceFeature("deviation", "Contrast", "richer in contrast", "flatter", "match_histogram"),
    NuisanceFeature("dark_tail", "Darkest levels", "greyer in the dark", "blacker in the dark",
                    "match_histogram"),
    NuisanceFeature("bright_tail", "Brightest levels", "whiter in the light",
                    "greyer in the light", "match_histogram"),
    NuisanceFeature("colour_red", "Red against green", "redder", "greener", "match_histogram"),
    NuisanceFeature("colour_blue", "Blue against green", "bluer", "yellower", "match_histogram"),
    NuisanceFeature("n_levels", "Number of grey levels", "finer graded", "coarser graded",
                    "grey_levels"),
    NuisanceFeature("border_level", "Brightness of the border", "brighter at the border",
                    "darker at the border", "crop_border"),
    NuisanceFeature("border_contrast", "Contrast of the border", "livelier at the border",
                    "flatter at the border", "crop_border"),
    NuisanceFeature("sharpness", "Sharpness", "sharper", "blurrier", "match_sharpness"),
    NuisanceFeature("spectrum_slope", "Fine detail against coarse", "richer in fine detail",
                    "poorer in fine detail", "match_sharpness"),
    NuisanceFeature("blockiness", "JPEG blocks", "blockier", "smoother between blocks",
                    "jpeg_quality"),
    NuisanceFeature("file_size", "Length of a compressed file", "longer as a file",
                    "shorter as a file", "match_sharpness"),
)  # fmt: skip


def measure(levels: NDArray[np.uint8], native_px: int) -> dict[str, float]:
    """Every feature of a presented image, uint8 (H, H) or (H, H, 3); all finite."""
    import numpy as np

    planes = _at_native(levels, native_px)
    grey = planes.mean(axis=0)
    red, green, blue = planes if len(planes) == 3 else (grey, grey, grey)
    border = _border(grey)
    dark, bright = np.quantile(grey, (0.02, 0.98))
    return {
        "mean": float(grey.mean()),
        "deviation": float(grey.std()),
        "dark_tail": float(dark),
        "bright_tail": float(bright),
        "colour_red": float((red - green).mean()),
        "colour_blue": float((blue - green).mean()),
        "n_levels": float(len(np.unique(levels))),
        "border_level": float(border.mean()),
        "border_contrast": float(border.std()),
        "sharpness": float(np.log(sharpness(planes) + 1e-6)),
        "spectrum_slope": _spectrum_slope(grey),
        "blockiness": _blockiness(grey),
        "file_size": float(_file_size(planes)),
    }


def _at_native(levels: NDArray[np.uint8], native_px: int) -> NDArray[np.float32]:
    import numpy as np
    from PIL import Image

    planes = levels[None] if levels.ndim == 2 else np.moveaxis(levels, 2, 0)
    side = (native_px, native_px)
    reduced = [
        np.asarray(Image.fromarray(plane.astype(np.float32)).resize(side, Image.Resampling.LANCZOS))
        for plane in planes
    ]
    return np.asarray(np.stack(reduced) / 255, dtype=np.float32)


def _border(grey: Grey) -> Grey:
    """The levels of the outermost ring."""
    import numpy as np

    width = max(1, round(len(grey) * _BORDER_SHARE))
    ring = np.ones(grey.shape, dtype=bool)
    ring[width:-width, width:-width] = False
    return grey[ring]


def _spectrum_slope(grey: Grey) -> float:
    """Slope of log power over log frequency, radially averaged, in the upper band."""
    import numpy as np

    side = len(grey)
    window = np.hanning(side)
    power = np.abs(np.fft.fft2((grey - grey.mean()) * window[:, None] * window[None, :])) ** 2
    frequencies = np.fft.fftfreq(side)
    radius = np.hypot(frequencies[:, None], frequencies[None, :]) / 0.5
    bins = np.linspace(*_SLOPE_BAND, 9)
    which = np.digitize(radius.ravel(), bins)
    sums = np.bincount(which, power.ravel(), len(bins) + 1)[1:-1]
    counts = np.bincount(which, minlength=len(bins) + 1)[1:-1]
    means = np.log(sums / np.maximum(counts, 1) + 1e-9)
    return float(np.polyfit(np.log((bins[1:] + bins[:-1]) / 2), means, 1)[0])


def _blockiness(grey: Grey) -> float:
    """Steps across the lines of an 8x8 grid against steps elsewhere (0: none), both directions.

    After Wang, Sheikh & Bovik 2002; the grid may begin anywhere, as images are cropped.
    """
    import numpy as np

    found = 0.0
    for picture in (grey, grey.T):
        steps = np.abs(np.diff(picture, axis=1))
        # Against the steps beside it, so that steep regions are not taken for block borders.
        excess = steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2
        along = excess.mean(axis=0)
        # The median, so that one line across the picture, as a frame has, is no grid.
        phases = [np.median(along[start::_JPEG_BLOCK]) for start in range(_JPEG_BLOCK)]
        found += float(max(phases) - np.median(phases))
    return float(np.log(found + 1e-5))


def _file_size(planes: NDArray[np.float32]) -> int:
    import numpy as np
    from PIL import Image

    levels = np.rint(np.clip(planes, 0, 1) * 255).astype(np.uint8)
    image = Image.fromarray(levels[0] if len(levels) == 1 else np.moveaxis(levels, 0, 2))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=6)
    return len(buffer.getvalue())
