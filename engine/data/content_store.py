"""The library of images: PNG files named by the sha256 of their bytes, and maps beside them.

MR pictures are 16-bit grey, fundus pictures 8-bit RGB. Both mean [-1, 1] to a network: the lowest
stored value is -1 and the highest is 1.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.atomic_file import write_bytes
from engine.bounded_file import parse_json, read_bounded
from engine.data.npy_file import map_array
from engine.errors import DataError
from engine.workspace import Workspace

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

#: zlib level of stored PNG files: three times as fast to write as the default, 5 % larger
_PNG_LEVEL = 3
#: pixels of a side of a stored picture or map, and bytes of its file
MAX_SIDE = 4096
MAX_IMAGE_BYTES = 64 * 2**20
_MAX_MAP_TEXT = 80
_LEVELS = {8: 255, 16: 65535}


@dataclass(frozen=True, slots=True)
class UncertaintyMap:
    """One value a pixel, float32 (H, W), in ``unit``; ``origin`` is the run that made it."""

    values: NDArray[np.float32]
    kind: str
    unit: str
    origin: str


@dataclass(frozen=True, slots=True)
class MapInfo:
    """What is known of a stored map without reading its values."""

    kind: str
    unit: str
    origin: str


def encode_png(pixels: Pixels) -> bytes:
    """The PNG file of uint16 (H, W), uint8 (H, W) or uint8 (H, W, 3), without metadata.

    The same pixels give the same bytes. Raises `DataError` for any other dtype or shape.
    """
    grey = pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)
    colour = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
    if not (grey or colour) or pixels.size == 0:
        raise DataError(
            f"An image of shape {pixels.shape} and type {pixels.dtype} cannot be stored: "
            "grey images are uint8 or uint16 (H, W), colour images uint8 (H, W, 3)."
        )
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        buffer, format="PNG", compress_level=_PNG_LEVEL
    )
    return buffer.getvalue()


def write_image(workspace: Workspace, pixels: Pixels) -> str:
    """Store an image and return its key, the sha256 of its PNG; the same image is stored once.

    ``pixels`` is uint16 (H, W), uint8 (H, W) or uint8 (H, W, 3). A damaged earlier copy is
    replaced. Raises `DataError` for other arrays or when the disk refuses.
    """
    content = encode_png(pixels)
    key = hashlib.sha256(content).hexdigest()
    path = workspace.image_path(key)
    try:
        if path.read_bytes() == content:
            return key
    except OSError:
        pass
    # Else missing folders would be made, and a workspace begun anew where it was.
    workspace.check_present()
    # Not forced to the disk: thousands come at once, and `read_image` checks each against its key.
    write_bytes(path, content, durable=False)
    return key


def read_image(workspace: Workspace, key: str) -> Pixels:
    """The stored pixels: uint8 or uint16 (H, W), or uint8 (H, W, 3).

    Raises `DataError` when the file is missing or no longer what was stored.
    """
    path = workspace.image_path(key)
    try:
        content = read_bounded(path, MAX_IMAGE_BYTES)
    except OSError as error:
        raise DataError(
            f"The image {path} cannot be read: {error.strerror or error}. "
            "Import the data set again, or restore the workspace from a copy."
        ) from error
    if hashlib.sha256(content).hexdigest() != key:
        raise DataError(
            f"The image {path} is damaged: its content no longer has the key in its name. "
            "Import the data set again, or restore the workspace from a copy."
        )
    try:
        return decode_png(content)
    except DataError as error:
        raise DataError(f"The image {path} cannot be used: {error}.") from error


def decode_png(content: bytes) -> Pixels:
    """Inverse of `encode_png`; raises `DataError` for what it cannot have written."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if max(image.size) > MAX_SIDE:
                raise DataError(f"it has {image.width} x {image.height} pixels, too many")
            if image.mode in ("I;16", "I;16B", "I"):
                return np.asarray(image).astype(np.uint16)
            if image.mode not in ("L", "RGB"):
                raise DataError(f"it is a picture of kind {image.mode}, not grey or RGB")
            return np.array(image, dtype=np.uint8)
    except DataError:
        raise
    # Pillow raises OSError, SyntaxError, ValueError, zlib.error, … for damaged files.
    except Exception as error:
        raise DataError(f"it is no PNG picture, or a damaged one ({error})") from error


def to_float(pixels: Pixels) -> NDArray[np.float32]:
    """Stored pixels as a network sees them: float32 (C, H, W) in [-1, 1]."""
    highest = np.float32(np.iinfo(pixels.dtype).max)
    planes = pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)
    scaled: NDArray[np.float32] = planes.astype(np.float32) * (np.float32(2) / highest) - 1
    return np.ascontiguousarray(scaled)


def from_float(image: NDArray[np.floating], bit_depth: Literal[8, 16]) -> Pixels:
    """The inverse of `to_float`: (C, H, W) in [-1, 1], clipped, to pixels that can be stored.

    Returns uint8 or uint16 (H, W) for one channel, uint8 (H, W, 3) for three. Raises `DataError`
    for other shapes, 16-bit colour, or values that are not finite.
    """
    if image.ndim != 3 or image.shape[0] not in (1, 3) or (image.shape[0] == 3 and bit_depth == 16):
        raise DataError(
            f"An image of shape {image.shape} cannot be stored with {bit_depth} bits: "
            "expected (1, H, W), or (3, H, W) with 8 bits."
        )
    if not np.isfinite(image).all():
        raise DataError("The image holds values that are not finite (NaN or infinity).")
    # In place: an image of many megapixels would else be there five times.
    levels = np.clip(image, -1, 1).astype(np.float64)
    levels += 1
    levels *= _LEVELS[bit_depth] / 2
    np.rint(levels, out=levels)
    pixels = levels.astype(np.uint8) if bit_depth == 8 else levels.astype(np.uint16)
    return pixels[0] if image.shape[0] == 1 else np.ascontiguousarray(np.moveaxis(pixels, 0, 2))


def write_map(workspace: Workspace, key: str, uncertainty: UncertaintyMap) -> None:
    """Store a map of the image ``key`` as float16; an earlier one of the same kind is replaced.

    Raises `DataError` for a map that is not 2-D, is not finite, or exceeds float16 (65504).
    """
    path = workspace.map_path(key, uncertainty.kind)
    workspace.check_present()
    with np.errstate(over="ignore"):
        values = np.asarray(uncertainty.values).astype(np.float16)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise DataError(
            f"The {uncertainty.kind} map of {uncertainty.origin} cannot be stored: expected (H, W) "
            f"finite values below 65504, got shape {values.shape}."
        )
    buffer = io.BytesIO()
    np.save(buffer, values)
    write_bytes(path, buffer.getvalue(), durable=False)
    described = {"kind": uncertainty.kind, "unit": uncertainty.unit, "origin": uncertainty.origin}
    # The description comes last: `available_maps` lists a map only once its values are there.
    write_bytes(path.with_suffix(".json"), json.dumps(described).encode("utf-8"), durable=False)


def read_map(workspace: Workspace, key: str, kind: str) -> UncertaintyMap:
    """The stored map of this kind; raises `DataError` when it is missing or damaged."""
    path = workspace.map_path(key, kind)
    try:
        described = _described(path.with_suffix(".json"))
        stored = map_array(path)
        if stored.ndim != 2 or max(stored.shape) > MAX_SIDE:
            raise DataError(f"its shape is {stored.shape}")
        values = np.array(stored, dtype=np.float32)
        return UncertaintyMap(values, described.kind, described.unit, described.origin)
    except (OSError, ValueError, KeyError, TypeError, DataError) as error:
        raise DataError(
            f"The {kind} map {path} is missing or damaged ({error}). Compute the maps again."
        ) from error


def available_maps(workspace: Workspace, key: str) -> list[MapInfo]:
    """The maps of the image ``key``, by kind; damaged descriptions are left out."""
    found = []
    for path in sorted(workspace.map_path(key, "any").parent.glob(f"{key}.*.json")):
        try:
            found.append(_described(path))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _described(path: Path) -> MapInfo:
    """A map's side file; raises `OSError`, `ValueError`, `KeyError` or `TypeError`."""
    described = parse_json(read_bounded(path))
    values = [described[name] for name in ("kind", "unit", "origin")]
    if not all(isinstance(value, str) and len(value) <= _MAX_MAP_TEXT for value in values):
        raise ValueError("it does not describe a map")
    return MapInfo(*values)
