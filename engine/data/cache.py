"""Training arrays: a data set at one size, memory-mapped, made again whenever it does not fit."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from engine.atomic_file import replacing, write_bytes
from engine.bounded_file import parse_json, read_bounded
from engine.data.content_store import Pixels, read_image
from engine.data.manifest import read_manifest
from engine.data.records import ImageRecord, Split
from engine.errors import DataError
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.workspace import Workspace

#: parts of a data set that no run is trained on
UNSEEN_SPLITS: tuple[Split, ...] = ("validation", "test")
#: part of the hash in a cache file's name; a change of the layout or the scaling raises it
_LAYOUT = 1


@dataclass(frozen=True, slots=True)
class TrainingArrays:
    """A data set as arrays: images uint8 or uint16 (N, C, S, S), read from disk as needed.

    ``labels`` is int64 (N,), an index into ``class_names`` or -1 where no class is known.
    ``record_ids`` and ``keys`` name the image of each row, ``groups`` the patient it is of, or
    where none is known the image itself.
    """

    images: NDArray[np.uint8] | NDArray[np.uint16]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    record_ids: tuple[str, ...]
    keys: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)

    def batch(self, indices: ArrayLike) -> NDArray[np.float32]:
        """Rows ``indices`` as float32 (B, C, S, S) in [-1, 1]."""
        rows = self.images[np.asarray(indices, dtype=np.int64)]
        highest = np.float32(np.iinfo(rows.dtype).max)
        scaled: NDArray[np.float32] = rows.astype(np.float32) * (np.float32(2) / highest) - 1
        return scaled


def training_arrays(
    workspace: Workspace,
    dataset: str,
    size: int,
    *,
    splits: tuple[Split, ...] = ("train", ""),
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> TrainingArrays:
    """The images of these splits at ``size`` x ``size`` pixels, averaged down by area.

    Frames that are there for a cine only are left out: they would count hearts many times over.
    The array lies under ``cache/`` and is used again while images and size stay the same and its
    checksum holds. Mixed data become the richer kind (colour, 16 bits). Raises `DataError` when
    there is no image, one is not square or is smaller than ``size``, and `Cancelled`.
    """
    manifest = workspace.manifest_path(dataset)
    records = [
        record
        for record in read_manifest(manifest)
        if record.split in splits and not record.is_cine_frame
    ]
    if not records:
        raise DataError(
            f"The data set '{dataset}' has no image for training ({manifest}). Import it first."
        )
    for record in records:
        if record.width != record.height or record.width < size:
            raise DataError(
                f"{record.record_id} is {record.width} x {record.height} pixels: training at "
                f"{size} pixels needs square images of that size or more. "
                f"Import the data set again with size {size} or choose a smaller one."
            )
    channels = max(record.channels for record in records)
    dtype = np.dtype(np.uint16 if max(record.bit_depth for record in records) == 16 else np.uint8)
    shape = (len(records), channels, size, size)
    # One file for each choice of splits; the digest tells it from its own older versions.
    prefix = f"{size}-{'-'.join(split or 'none' for split in splits)}-"
    path = workspace.cache / dataset / f"{prefix}{_digest(records, shape, dtype)}.npy"
    images = _open_checked(path, shape, dtype)
    if images is None:
        _build(workspace, path, records, shape, dtype, progress, cancelled)
        images = _open_checked(path, shape, dtype)
        if images is None:
            raise DataError(f"The training cache {path} cannot be read back. Check the disk.")
        _remove_older(path, prefix)
    class_names = tuple(sorted({record.class_label for record in records} - {""}))
    index = {name: number for number, name in enumerate(class_names)}
    return TrainingArrays(
        images=images,
        labels=np.array([index.get(record.class_label, -1) for record in records], dtype=np.int64),
        class_names=class_names,
        record_ids=tuple(record.record_id for record in records),
        keys=tuple(record.key for record in records),
        groups=tuple(record.patient or record.record_id for record in records),
    )


def unseen_arrays(
    workspace: Workspace,
    dataset: str,
    size: int,
    *,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> TrainingArrays | None:
    """The images that no run is trained on, as `training_arrays`; None where there are none."""
    records = read_manifest(workspace.manifest_path(dataset))
    if not any(r.split in UNSEEN_SPLITS and not r.is_cine_frame for r in records):
        return None
    return training_arrays(
        workspace, dataset, size, splits=UNSEEN_SPLITS, progress=progress, cancelled=cancelled
    )


def area_average(pixels: Pixels, size: int) -> Pixels:
    """A square image (S, S[, 3]) averaged down to ``size`` by area, values rounded.

    uint16 (S, S), uint8 (S, S) or uint8 (S, S, 3), as the library stores them; dtype is kept.
    """
    if pixels.shape[0] == size:
        return pixels
    if pixels.ndim == 3:
        planes = [area_average(plane, size) for plane in np.moveaxis(pixels, 2, 0)]
        return np.stack(planes, axis=2).astype(np.uint8)
    # As float: Pillow rounds 8-bit pictures after each of two passes, which makes them brighter.
    plane = Image.fromarray(pixels.astype(np.float32)).resize((size, size), Image.Resampling.BOX)
    values = np.rint(np.asarray(plane, dtype=np.float32))
    return values.astype(np.uint8) if pixels.dtype == np.uint8 else values.astype(np.uint16)


def _digest(records: list[ImageRecord], shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> str:
    digest = hashlib.sha256(f"{_LAYOUT} {shape} {dtype.str}\n".encode())
    for record in records:
        digest.update(record.key.encode())
    return digest.hexdigest()[:16]


def _open_checked(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[np.generic]
) -> NDArray[np.uint8] | NDArray[np.uint16] | None:
    """The array at ``path``, or None where it is missing, of another kind, or damaged."""
    try:
        expected = parse_json(read_bounded(path.with_suffix(".json")))["sha256"]
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                return None
        images: NDArray[np.uint8] | NDArray[np.uint16] = np.load(
            path, mmap_mode="r", allow_pickle=False
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return images if images.shape == shape and images.dtype == dtype else None


def _build(
    workspace: Workspace,
    path: Path,
    records: list[ImageRecord],
    shape: tuple[int, ...],
    dtype: np.dtype[np.generic],
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> None:
    _, channels, size, _ = shape
    with replacing(path, durable=False) as file:
        header = np.lib.format.header_data_from_array_1_0(np.empty((0, *shape[1:]), dtype))
        np.lib.format.write_array_header_1_0(file, {**header, "shape": shape})
        for done, record in enumerate(records):
            raise_if_cancelled(cancelled)
            progress(done, len(records), record.record_id)
            pixels = area_average(read_image(workspace, record.key), size)
            file.write(_as_planes(pixels, channels, dtype).tobytes())
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256")
    described = json.dumps({"sha256": digest.hexdigest()})
    write_bytes(path.with_suffix(".json"), described.encode("utf-8"), durable=False)
    progress(len(records), len(records), "")


def _as_planes(pixels: Pixels, channels: int, dtype: np.dtype[np.generic]) -> Pixels:
    """Stored pixels as (C, S, S) of ``dtype``; grey is repeated and 8 bits widened to 16."""
    planes = pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)
    # 255 must become 65535: 65535 = 255 * 257.
    scale = 257 if pixels.dtype == np.uint8 and dtype == np.uint16 else 1
    widened = planes.astype(np.uint16) * np.uint16(scale) if dtype == np.uint16 else planes
    if widened.shape[0] == channels:
        return widened
    return np.repeat(widened, channels, axis=0)


def _remove_older(current: Path, prefix: str) -> None:
    for path in current.parent.glob(f"{prefix}*"):
        if path.stem != current.stem:
            # Another run may still read the old array; where the system minds, it stays.
            with contextlib.suppress(OSError):
                path.unlink()
