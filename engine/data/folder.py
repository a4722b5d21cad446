"""Any folder of images, real or from somebody else's generator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.content_store import Pixels, from_float, write_image
from engine.data.file_search import find_files
from engine.data.folder_table import FileFacts, place_by_name, read_table
from engine.data.importing import ImportReport, ImportUnit, Skipped, checked_size, run_import
from engine.data.intensity import HIGH_PERCENTILE, LOW_PERCENTILE, rescale_intensity
from engine.data.large_file import await_turn
from engine.data.npy_file import map_array
from engine.data.picture import FORMATS, check_file_size, read_picture
from engine.data.records import ORIENTATION, ImageRecord, Source
from engine.data.volume import MAX_SIDE, MIN_SIDE, read_cine
from engine.errors import ConfigError, DataError
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from engine.workspace import Workspace

DEFAULT_SIZE = 256
#: data sets with importers of their own; a folder cannot take their names
_RESERVED = ("acdc", "idrid")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_VOLUMES = (".nii", ".nii.gz")
_MAX_ID_LENGTH = 300

FloatPicture = NDArray[np.float32]


def name_from(source: Path) -> str:
    """A data-set name made of the folder's own name."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", source.expanduser().resolve().name).strip("-._")[:80]
    return f"{name}-folder" if name.lower() in _RESERVED else name or "folder"


def import_folder(
    source: Path,
    workspace: Workspace,
    *,
    name: str,
    source_kind: Source = "real",
    compared_with: str | None = None,
    size: int = DEFAULT_SIZE,
    classes_csv: Path | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> ImportReport:
    """Import every PNG, JPEG, TIFF, NIfTI and ``.npy`` under ``source`` as the data set ``name``.

    Each picture (each plane of a volume) is scaled to fit ``size`` x ``size``; the rest is black.
    Integer pictures of 8 and 16 bits keep their grey values; float pictures within [-1, 1] or
    [0, 1] are taken at their word, all others are scaled by their percentiles. Generated images
    get the variant ``external:NAME``; ``compared_with`` counts them among the images of another
    data set, against whose real images they can then be rated.

    Each plane of a 4-D volume becomes a sequence of frames, scaled by the percentiles of the
    whole; so do pictures whose names differ in ``_t000``, ``_t001`` … only. ``classes_csv`` has
    the columns ``file`` (path in the folder, or a name that occurs once) and ``class``; with
    ``sequence`` and ``frame`` it tells sequences whatever the names are. Raises `DataError` when
    there is no image or the table cannot be used, `ConfigError` for a name, size or data set that
    cannot be, and `Cancelled` when stopped before the first file.
    """
    checked_size(size)
    if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
        raise ConfigError(
            f"'{name[:80]}' cannot name a folder's data set: use letters, digits, '.', '_' and "
            f"'-', and none of {', '.join(_RESERVED)}."
        )
    if compared_with is not None:
        _check_compared(compared_with, source_kind, workspace)
    found = find_files(source, cancelled=cancelled)
    skipped = list(found.skipped)
    notes: list[str] = []
    paths = [path for path in found.files if _is_image(path)]
    if not paths:
        raise DataError(f"No PNG, JPEG, TIFF, NIfTI or .npy file was found in {source}.")
    facts: dict[str, FileFacts] = {}
    if classes_csv is not None:
        facts = read_table(classes_csv, [found.relative(path) for path in paths], notes)
    units = []
    for path in paths:
        relative = found.relative(path)
        if len(name) + len(relative) + len("//9999/t9999") > _MAX_ID_LENGTH:
            skipped.append(Skipped(relative, "its path is too long; move the file further up"))
            continue

        def load(path: Path = path, relative: str = relative) -> list[ImageRecord]:
            return [_record(picture, relative) for picture in _read_pictures(path, size, relative)]

        units.append(ImportUnit(relative, relative, load))

    def _record(picture: _Picture, relative: str) -> ImageRecord:
        own = facts.get(relative, FileFacts("", None))
        attributes = picture.attributes
        place = own.place or place_by_name(relative)
        if place is not None and not picture.suffix:
            attributes = {"sequence": place.sequence, "frame": str(place.frame)}
        return ImageRecord(
            record_id=f"{name}/{relative}{picture.suffix}",
            key=write_image(workspace, picture.pixels),
            dataset=compared_with or name,
            source=source_kind,
            class_label=own.class_label,
            width=size,
            height=size,
            channels=1 if picture.pixels.ndim == 2 else 3,
            bit_depth=8 if picture.pixels.dtype == np.uint8 else 16,
            spacing_mm=picture.spacing_mm,
            origin=relative,
            variant=f"external:{name}" if source_kind == "generated" else "",
            attributes=attributes,
        )

    return run_import(
        name,
        units,
        workspace,
        skipped=skipped,
        notes=notes,
        progress=progress,
        cancelled=cancelled,
    )


@dataclass(frozen=True, slots=True)
class _Picture:
    """Square pixels of one picture of a file; ``suffix`` tells it from the file's others."""

    suffix: str
    pixels: Pixels
    spacing_mm: float | None = None
    attributes: dict[str, str] = field(default_factory=dict)


def _check_compared(compared_with: str, source_kind: Source, workspace: Workspace) -> None:
    if source_kind != "generated":
        raise ConfigError("Only generated images are compared with another data set's real ones.")
    if not (_NAME.fullmatch(compared_with) and workspace.manifest_path(compared_with).is_file()):
        raise ConfigError(
            f"There is no data set '{compared_with[:80]}' in the workspace to compare with. "
            "Import its real images first."
        )


def _is_image(path: Path) -> bool:
    lowered = path.name.lower()
    return path.suffix.lower() in (*FORMATS, ".npy") or lowered.endswith(_VOLUMES)


def _read_pictures(path: Path, size: int, relative: str) -> Iterator[_Picture]:
    """Every picture in a file; planes of several frames carry their sequence and frame."""
    if not path.name.lower().endswith(_VOLUMES):
        is_array = path.suffix.lower() == ".npy"
        pixels = _as_pixels(_read_array(path) if is_array else read_picture(path))
        yield _Picture("", _fit(pixels, size))
        return
    cine = read_cine(path)
    voxels = rescale_intensity(cine.voxels)
    columns_mm, rows_mm, _ = cine.spacing_mm
    # Pixels of unequal sides are made square before the plane is fitted.
    finest = min(columns_mm, rows_mm)
    shape = (
        round(voxels.shape[0] * columns_mm / finest),
        round(voxels.shape[1] * rows_mm / finest),
    )
    if max(shape) > MAX_SIDE:
        raise DataError(f"pixels of {columns_mm:g} x {rows_mm:g} mm are too elongated")
    n_planes, n_frames = voxels.shape[2:]
    for index, frame in np.ndindex(n_planes, n_frames):
        plane = np.ascontiguousarray(voxels[:, :, index, frame].T)
        squared = np.asarray(Image.fromarray(plane).resize(shape, Image.Resampling.BICUBIC))
        pixels = _fit(from_float(np.clip(squared, -1, 1)[None], 16), size)
        suffix = f"/{index + 1:02d}"
        attributes = {} if cine.edges is None else {ORIENTATION: " ".join(cine.edges)}
        if n_frames > 1:
            attributes |= {"sequence": f"{relative}{suffix}", "frame": str(frame + 1)}
            suffix += f"/t{frame + 1:03d}"
        yield _Picture(suffix, pixels, finest * max(shape) / size, attributes)


def _read_array(path: Path) -> NDArray[np.uint8] | NDArray[np.uint16] | FloatPicture:
    """A ``.npy`` picture: (H, W), (H, W, 1 or 3) or (1 or 3, H, W), never with pickled objects."""
    check_file_size(path)
    array = map_array(path)
    if array.ndim == 3 and array.shape[0] in (1, 3) and array.shape[2] not in (1, 3):
        array = np.moveaxis(array, 0, 2)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise DataError(f"an array of shape {array.shape} is not one grey or RGB picture")
    if min(array.shape[:2]) < MIN_SIDE or max(array.shape[:2]) > MAX_SIDE:
        raise DataError(
            f"the picture is too small or too large ({array.shape[1]} x {array.shape[0]})"
        )
    await_turn(array.size * max(4, array.itemsize))
    if array.dtype == np.bool_:
        return np.where(array, np.uint8(255), np.uint8(0))
    if array.dtype == np.uint8:
        return np.array(array, dtype=np.uint8)
    if array.dtype == np.uint16:
        return np.array(array, dtype=np.uint16)
    return np.array(array, dtype=np.float32)


def _as_pixels(picture: NDArray[np.uint8] | NDArray[np.uint16] | FloatPicture) -> Pixels:
    """A picture of any depth as what can be stored; colour always with 8 bits."""
    if picture.dtype == np.uint8:
        return picture.astype(np.uint8)
    if picture.dtype == np.uint16 and picture.ndim == 2:
        return picture.astype(np.uint16)
    values = picture.astype(np.float32)
    if not np.isfinite(values).all():
        raise DataError("the picture holds values that are not finite (NaN or infinity)")
    low, high = float(values.min()), float(values.max())
    if picture.dtype == np.uint16:
        low, high = 0, 65535
    elif low >= 0 and high <= 1:
        low, high = 0, 1
    elif low >= -1 and high <= 1:
        low, high = -1, 1
    else:
        low, high = (float(x) for x in np.percentile(values, [LOW_PERCENTILE, HIGH_PERCENTILE]))
    if not high > low:
        raise DataError("the picture shows nothing: (almost) all values are the same")
    scaled = values - np.float32(low)
    scaled *= np.float32(2 / (high - low))
    scaled -= 1
    np.clip(scaled, -1, 1, out=scaled)
    del values
    planes = scaled[None] if scaled.ndim == 2 else np.moveaxis(scaled, 2, 0)
    return from_float(planes, 16 if len(planes) == 1 else 8)


def _fit(pixels: Pixels, size: int) -> Pixels:
    """Scale the whole picture into a ``size`` square, its surroundings black."""
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    if (width, height) != shape:
        if pixels.dtype == np.uint16:
            plane = Image.fromarray(pixels.astype(np.float32))
            resized = np.asarray(plane.resize(shape, Image.Resampling.BICUBIC), dtype=np.float32)
            pixels = np.rint(np.clip(resized, 0, 65535)).astype(np.uint16)
        else:
            picture = Image.fromarray(pixels).resize(shape, Image.Resampling.BICUBIC)
            pixels = np.array(picture, dtype=np.uint8)
    square = np.zeros((size, size, *pixels.shape[2:]), dtype=pixels.dtype)
    top, left = (size - shape[1]) // 2, (size - shape[0]) // 2
    square[top : top + shape[1], left : left + shape[0]] = pixels
    return square
