"""Fundus photographs: the round field of view found, cut square, decoded no finer than needed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.picture import open_picture
from engine.errors import DataError

#: the field is sought on a copy with no side longer than this, in pixels
_SEARCH_SIDE = 384
#: the field begins this far up from the dark (1st) to the bright (98th) percentile
_THRESHOLD = 0.12
#: a picture whose percentiles lie closer than this, of 255, shows no field
_MIN_CONTRAST = 16
#: a row or column belongs to the field once this part of it is bright: specks and captions do not
_MIN_LIT = 0.04
#: a field whose shorter side covers less of the picture's is a fault, not a field
_MIN_FIELD = 0.2
#: longer side of a field over its shorter one: cameras cut a circle at top and bottom, no further
MAX_ASPECT = 2.0
#: part of the pixels between the square's edge and the circle that must be dark to blacken the rest
_ROUND = 0.9


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """Where the retina is, in pixels of the picture it was found in.

    ``is_round`` where everything beyond the circle around the box's centre is dark.
    """

    left: float
    top: float
    right: float
    bottom: float
    is_round: bool

    @property
    def side(self) -> float:
        """The square that holds the field."""
        return max(self.right - self.left, self.bottom - self.top)

    def scaled(self, x: float, y: float) -> FieldOfView:
        """The same field in a picture that is ``x`` times as wide and ``y`` times as high."""
        return FieldOfView(
            self.left * x, self.top * y, self.right * x, self.bottom * y, self.is_round
        )


def decode_fundus(path: Path, size: int) -> NDArray[np.uint8]:
    """The field of view of a photograph as uint8 (size, size, 3), black outside it.

    A JPEG is decoded at an eighth, a quarter or half of its size where the field then still has
    ``size`` pixels. Raises `DataError` for unusable files and for pictures without a field.
    """
    request = (size, size)
    while True:
        image, full_size = _decode(path, request)
        field = find_field_of_view(image)
        if field.side >= size or image.size == full_size:
            return _cut(image, field, size)
        # The field is smaller than the picture: ask for as many more pixels as it lacks.
        factor = 1.01 * size / field.side
        request = (math.ceil(image.width * factor), math.ceil(image.height * factor))


def find_field_of_view(image: Image.Image) -> FieldOfView:
    """The box of the lit part of an RGB picture; raises `DataError` where there is none."""
    factor = max(1, math.ceil(max(image.size) / _SEARCH_SIDE))
    small = image.reduce(factor) if factor > 1 else image
    red, green, blue = np.moveaxis(np.asarray(small), 2, 0)
    brightness = np.maximum(np.maximum(red, green), blue)
    dark, bright = np.percentile(brightness, [1, 98])
    if bright - dark < _MIN_CONTRAST:
        raise DataError("no field of view was found: the picture is (almost) uniform")
    lit: NDArray[np.bool_] = brightness > dark + _THRESHOLD * (bright - dark)
    top, bottom = _longest_run(lit.mean(axis=1) > _MIN_LIT)
    left, right = _longest_run(lit[top:bottom].mean(axis=0) > _MIN_LIT)
    if min(right - left, bottom - top) < _MIN_FIELD * min(small.size):
        raise DataError("no field of view was found: only a small part of the picture is lit")
    if max(right - left, bottom - top) > MAX_ASPECT * min(right - left, bottom - top):
        raise DataError("no field of view was found: the lit part is too elongated")
    x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
    radius = 1.02 * max(right - left, bottom - top) / 2
    beyond = np.hypot(x - (left + right) / 2, y - (top + bottom) / 2) > radius
    is_round = bool(beyond.any() and not lit[top:bottom, left:right][beyond].mean() > 1 - _ROUND)
    found = FieldOfView(left, top, right, bottom, is_round)
    return found.scaled(image.width / small.width, image.height / small.height)


def _decode(path: Path, request: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """The picture in RGB, no smaller than ``request`` unless it is, and its full size."""
    with open_picture(path) as image:
        full_size = image.size
        image.draft("RGB", request)
        return image.convert("RGB"), full_size


def _longest_run(lit: NDArray[np.bool_]) -> tuple[int, int]:
    """First and one past the last index of the longest run of True; (0, 0) where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lit, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if not starts.size:
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])


def _cut(image: Image.Image, field: FieldOfView, size: int) -> NDArray[np.uint8]:
    centre_x, centre_y = (field.left + field.right) / 2, (field.top + field.bottom) / 2
    side = max(1, round(field.side))
    left, top = round(centre_x - side / 2), round(centre_y - side / 2)
    square = image.crop((left, top, left + side, top + side))  # black beyond the picture
    pixels = np.array(square.resize((size, size), Image.Resampling.BICUBIC), dtype=np.uint8)
    if field.is_round:
        # What a camera records around the field is noise that differs between cameras.
        offset = np.arange(size, dtype=np.float32) - (size - 1) / 2
        distance = np.hypot(offset[:, None], offset[None, :])
        pixels[distance > 0.505 * size] = 0
    return pixels
