"""Picture files (JPEG, PNG, TIFF): opened within stated bounds, faults as `DataError`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.data.large_file import await_turn
from engine.errors import DataError

#: a file larger than this is not read
MAX_FILE_BYTES = 256 * 2**20
#: checked in the header, before anything is decoded; six times a fundus photograph of IDRiD
MAX_PIXELS = 80_000_000
#: pixels of the shorter side
MIN_SIDE = 8
#: bytes of a pixel once it is decoded, whatever the file says
_DECODED_BYTES = 4
#: what a file of each ending must contain
FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


def check_file_size(path: Path, limit_bytes: int = MAX_FILE_BYTES) -> None:
    """Raise `DataError` for a file that is empty, larger than the limit, or out of reach."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DataError(f"the file cannot be read ({error.strerror or error})") from error
    if size == 0:
        raise DataError("the file is empty (zero bytes)")
    if size > limit_bytes:
        raise DataError(f"the file is larger than {limit_bytes // 2**20} MiB")


@contextlib.contextmanager
def open_picture(path: Path) -> Iterator[Image.Image]:
    """Open a picture whose header was checked; faults while it is decoded are `DataError` too.

    Raises `DataError` for empty, truncated or damaged files, content that the ending does not
    announce, several pages, and sizes beyond the bounds above.
    """
    check_file_size(path)
    expected = FORMATS.get(path.suffix.lower())
    try:
        with Image.open(path, formats=sorted(set(FORMATS.values()))) as image:
            _check_header(image, expected)
            await_turn(image.width * image.height * _DECODED_BYTES)
            yield image
    except DataError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(f"not a {expected or 'JPEG, PNG or TIFF'} picture") from error
    except PermissionError as error:
        raise DataError(f"the file cannot be read ({error.strerror})") from error
    # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error, … for damaged files.
    except Exception as error:
        raise DataError(f"the picture is cut short or damaged ({error})") from error


def read_picture(path: Path) -> NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]:
    """Pixels of a picture in its own depth, upright as its EXIF orientation says.

    uint8 (H, W) or (H, W, 3) for 8-bit pictures (transparent parts black), uint16 (H, W) for
    16-bit grey, float32 (H, W) for 32-bit grey. Raises `DataError` as `open_picture` does.
    """
    with open_picture(path) as opened:
        ImageOps.exif_transpose(opened, in_place=True)
        image = opened
        if image.mode.startswith("I;16"):
            return np.asarray(image).astype(np.uint16)
        if image.mode in ("I", "F"):
            return np.asarray(image, dtype=np.float32)
        if image.mode in ("1", "L"):
            return np.array(image.convert("L"), dtype=np.uint8)
        if "A" in image.mode or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
        return np.array(image.convert("RGB"), dtype=np.uint8)


def _check_header(image: Image.Image, expected: str | None) -> None:
    content = "JPEG" if image.format == "MPO" else image.format
    if expected is not None and content != expected:
        raise DataError(f"wrong extension: the content is {content}, the name says {expected}")
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise DataError(
            f"the picture is too large ({width} x {height}; {MAX_PIXELS} pixels at most)"
        )
    if min(width, height) < MIN_SIDE:
        raise DataError(f"the picture is too small ({width} x {height} pixels)")
    if content != "JPEG" and _has_second_page(image):
        raise DataError("the file holds several pages; one picture a file is expected")


def _has_second_page(image: Image.Image) -> bool:
    """Whether there is another page or frame; does not go on to count a million of them."""
    if image.format != "TIFF":
        return getattr(image, "n_frames", 1) > 1
    try:
        image.seek(1)
    except EOFError:
        return False
    return True
