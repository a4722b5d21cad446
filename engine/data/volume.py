"""NIfTI volumes: read within stated bounds, oriented by the affine, cut into pictures.

Format: NIfTI-1 and NIfTI-2 single files, gzip-compressed or not (Cox et al. 2004,
https://nifti.nimh.nih.gov/nifti-1).
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.large_file import await_turn
from engine.errors import DataError

#: a file larger than this is not read, nor one that unpacks to more
MAX_FILE_BYTES = 512 * 2**20
#: voxels of a volume; a 512 x 512 x 256 volume fits
MAX_VOXELS = 2**26
#: voxels of all frames of a cine together; 30 frames of a 512 x 512 x 16 volume fit
MAX_CINE_VOXELS = 2**27
#: planes of all frames of a cine together, each of which becomes a picture
MAX_CINE_PLANES = 2**14
MAX_SIDE = 4096
#: pixels of the shorter side of a plane
MIN_SIDE = 8
#: in-plane spacings outside this range are a damaged header, in millimetres
SPACING_RANGE_MM = (0.05, 20.0)
#: header extensions lie between the header and the voxels; longer ones are a damaged header
_MAX_OFFSET_BYTES = 2**20
_NIFTI1_HEADER_BYTES, _NIFTI2_HEADER_BYTES = 348, 540
#: directions with a smaller cosine than this are left out of the letters of an edge
_LEAST_COSINE = 0.3

Edges = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Volume:
    """Voxels float32 (columns, rows, planes) in display orientation, and their size in millimetres.

    Columns run towards the patient's left and rows towards the back (or towards the feet where a
    plane stands upright), as radiologists look at a picture.

    ``edges`` names the patient's sides at a plane's left, right, top and bottom edge (DICOM PS3.3
    C.7.6.1.1.1: R L A P H F, the main direction first); None where the header knows no orientation.
    """

    voxels: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    edges: Edges | None = None


@dataclass(frozen=True, slots=True)
class Cine:
    """As `Volume`, with the frames in time as a fourth axis: (columns, rows, planes, frames)."""

    voxels: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    edges: Edges | None = None


def read_volume(path: Path) -> Volume:
    """Read a 2-D or 3-D ``.nii`` or ``.nii.gz`` and orient it by its affine.

    Values are those after the header's slope and intercept. Raises `DataError` for files that
    are damaged, lie about their size, exceed the bounds above, have more than three dimensions,
    are not real-valued, or hold values that are not finite.
    """
    voxels, spacing_mm, edges = _read_oriented(path, max_dimensions=3)
    return Volume(voxels[..., 0], spacing_mm, edges)


def read_cine(path: Path) -> Cine:
    """As `read_volume`, for files of up to four dimensions; fewer than four make one frame."""
    return Cine(*_read_oriented(path, max_dimensions=4))


def _read_oriented(
    path: Path, max_dimensions: int
) -> tuple[NDArray[np.float32], tuple[float, float, float], Edges | None]:
    """Voxels (columns, rows, planes, frames) in display orientation, their size, and the edges."""
    content = _read_bounded(path, max_dimensions)
    image_class = nib.Nifti1Image if _header_size(content) == _NIFTI1_HEADER_BYTES else None
    try:
        image = (image_class or nib.Nifti2Image).from_bytes(content)
        voxels = np.asarray(image.get_fdata(dtype=np.float32, caching="unchanged"))
        affine = np.asarray(image.affine, dtype=np.float64)
        # Without either code the affine is nibabel's guess from the voxels' size.
        oriented = any(int(image.header[code]) > 0 for code in ("qform_code", "sform_code"))
    # nibabel raises many kinds for damaged headers; whatever it was, the file cannot be used.
    except Exception as error:
        raise DataError(f"not a readable NIfTI volume ({error})") from error
    if not np.isfinite(voxels).all():
        raise DataError("the volume holds values that are not finite (NaN or infinity)")
    planes, frames = (*voxels.shape[2:4], 1, 1)[:2]
    voxels = voxels.reshape((*voxels.shape[:2], planes, frames))
    shown, spacing_mm, edges = _display_orientation(voxels, affine)
    return shown, spacing_mm, edges if oriented else None


def resample_plane(
    plane: NDArray[np.float32],
    spacing_mm: tuple[float, float],
    size: int,
    target_spacing_mm: float,
) -> NDArray[np.float32]:
    """Cut the middle ``size`` x ``size`` pixels of ``target_spacing_mm`` out of a plane.

    ``plane`` is float32 (columns, rows) in [-1, 1] with ``spacing_mm`` along each; the result is
    float32 (rows, columns) in [-1, 1]. Bicubic with an anti-aliasing support where it shrinks;
    what lies outside the plane is -1. A plane that has the target spacing is copied unchanged.
    """
    result = _resampled(
        plane, spacing_mm, size, target_spacing_mm, Image.Resampling.BICUBIC, outside=-1
    )
    return np.clip(result, -1, 1, out=result)


def resample_labels(
    plane: NDArray[np.float32],
    spacing_mm: tuple[float, float],
    size: int,
    target_spacing_mm: float,
) -> NDArray[np.uint8]:
    """As `resample_plane` for a mask of labels 0–255: the nearest label, outside the plane 0."""
    result = _resampled(
        plane, spacing_mm, size, target_spacing_mm, Image.Resampling.NEAREST, outside=0
    )
    return result.astype(np.uint8)


def _resampled(
    plane: NDArray[np.float32],
    spacing_mm: tuple[float, float],
    size: int,
    target_spacing_mm: float,
    method: Image.Resampling,
    outside: float,
) -> NDArray[np.float32]:
    picture = plane.T
    lengths: list[int] = []
    spans: list[float] = []
    pads: list[int] = []
    for have, spacing in zip(picture.shape, (spacing_mm[1], spacing_mm[0]), strict=True):
        # Only as much of the result as the plane covers is resampled, so that no spacing,
        # however odd, makes the padded plane large.
        length = min(size, math.ceil(have * spacing / target_spacing_mm))
        span = length * target_spacing_mm / spacing
        lengths.append(length)
        spans.append(span)
        pads.append(max(0, math.ceil((span - have) / 2) + 1))
    padded = np.pad(picture, [(pad, pad) for pad in pads], constant_values=outside)
    # Whole pixels: half a pixel off centre does no harm, half a pixel of blur would.
    top, left = (
        math.floor((have - span) / 2) for have, span in zip(padded.shape, spans, strict=True)
    )
    covered = Image.fromarray(np.ascontiguousarray(padded)).resize(
        (lengths[1], lengths[0]),
        method,
        box=(left, top, left + spans[1], top + spans[0]),
    )
    result = np.full((size, size), outside, dtype=np.float32)
    y, x = ((size - length) // 2 for length in lengths)
    result[y : y + lengths[0], x : x + lengths[1]] = np.asarray(covered, dtype=np.float32)
    return result


def _read_bounded(path: Path, max_dimensions: int) -> bytes:
    """The whole uncompressed file, no byte more than its own header promises."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise DataError("the file is empty (zero bytes)")
        if size > MAX_FILE_BYTES:
            raise DataError(f"the file is larger than {MAX_FILE_BYTES // 2**20} MiB")
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if path.name.lower().endswith(".gz") != compressed:
                kind = "gzip-compressed" if compressed else "not gzip-compressed"
                raise DataError(f"the file is {kind}, which its name does not say")
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if compressed else raw)
            head = file.read(_NIFTI2_HEADER_BYTES)
            expected = _expected_bytes(head, max_dimensions)
            await_turn(2 * expected)
            content = head + file.read(max(0, expected - len(head)))
            # Reading on to the end lets gzip verify its checksum.
            if len(content) < expected:
                raise DataError(
                    f"the file is cut short: its header promises {expected} bytes, "
                    f"it holds {len(content)}"
                )
            if len(content) > expected or file.read(1):
                raise DataError(
                    f"the header does not fit: it describes {expected} bytes, the file holds more"
                )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"the compressed file is cut short or damaged ({error})") from error
    except OSError as error:
        raise DataError(f"the file cannot be read ({error.strerror or error})") from error
    return content


def _header_size(head: bytes) -> int:
    """348 or 540, in either byte order; 0 for anything else."""
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    sizes = {int.from_bytes(head[:4], order) for order in orders}
    return next((n for n in (_NIFTI1_HEADER_BYTES, _NIFTI2_HEADER_BYTES) if n in sizes), 0)


def _expected_bytes(head: bytes, max_dimensions: int) -> int:
    """Length of the file that this header describes; refuses what exceeds the bounds."""
    size = _header_size(head)
    if size == 0 or len(head) < size:
        raise DataError("not a NIfTI volume")
    header_class: Any = nib.Nifti1Header if size == _NIFTI1_HEADER_BYTES else nib.Nifti2Header
    try:
        header = header_class.from_fileobj(io.BytesIO(head[:size]), check=False)
        dims = [int(n) for n in header["dim"]]
        dtype = header.get_data_dtype()
        offset = float(header["vox_offset"])
        single_file = bytes(header["magic"]).rstrip(b"\0")[:2] == b"n+"
    except Exception as error:
        raise DataError(f"the NIfTI header is damaged ({error})") from error
    if not single_file:
        raise DataError("the NIfTI header is damaged, or belongs to a header and image pair")
    return _described_bytes(dims, dtype, offset, size, max_dimensions)


def _described_bytes(
    dims: list[int], dtype: np.dtype[Any], offset: float, header_bytes: int, max_dimensions: int
) -> int:
    n_dims, sides = dims[0], dims[1:]
    if not 1 <= n_dims <= 7 or any(side < 1 for side in sides[:n_dims]):
        raise DataError(f"the NIfTI header is damaged (dimensions {dims})")
    shape = sides[:n_dims]
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    if not 2 <= len(shape) <= max_dimensions:
        expected = "2 or 3" if max_dimensions == 3 else f"2 to {max_dimensions}"
        raise DataError(f"the volume has {n_dims} dimensions; {expected} are expected")
    is_cine = len(shape) == 4
    max_voxels = MAX_CINE_VOXELS if is_cine else MAX_VOXELS
    sizes = " x ".join(map(str, shape))
    if max(shape) > MAX_SIDE or math.prod(shape) > max_voxels:
        raise DataError(f"the volume is too large ({sizes}; {max_voxels} voxels at most)")
    if is_cine and math.prod(shape[2:]) > MAX_CINE_PLANES:
        raise DataError(f"the cine has too many planes ({sizes}; {MAX_CINE_PLANES} at most)")
    if min(shape[:2]) < MIN_SIDE:
        raise DataError(f"the planes are too small ({shape[0]} x {shape[1]} pixels)")
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise DataError(f"voxels of type {dtype} cannot be shown")
    if not (math.isfinite(offset) and header_bytes <= offset <= _MAX_OFFSET_BYTES):
        raise DataError(f"the NIfTI header is damaged (data offset {offset})")
    n_bytes = int(offset) + math.prod(shape) * dtype.itemsize
    if n_bytes > MAX_FILE_BYTES:
        raise DataError(f"the volume is too large ({sizes} voxels of {dtype.itemsize} bytes)")
    return n_bytes


def _display_orientation(
    voxels: NDArray[np.float32], affine: NDArray[np.float64]
) -> tuple[NDArray[np.float32], tuple[float, float, float], Edges]:
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise DataError("the NIfTI header is damaged (the affine is not invertible)")
    orientations: Any = nib.orientations  # nibabel leaves these functions untyped
    axes = orientations.io_orientation(affine)
    if np.isnan(axes).any():
        raise DataError("the NIfTI header is damaged (the affine has no direction for an axis)")
    spacing = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    # Planes are stacked along the file's third axis. Only their own two axes may change places,
    # however oblique the short axis lies in the body.
    world = [int(axis) for axis in axes[:, 0]]
    plane_axes = sorted(world[:2])
    upright = plane_axes != [0, 1]
    codes = {0: "L", 1: "P", 2: "I" if upright else "S"}
    order = [*plane_axes, world[2]]
    target = orientations.axcodes2ornt(tuple(codes[axis] for axis in order))
    transform = orientations.ornt_transform(axes, target)
    oriented = orientations.apply_orientation(voxels, transform)
    moved = [0.0, 0.0, 0.0]
    directions = np.zeros((3, 3))
    for source, (destination, flip) in enumerate(transform):
        moved[int(destination)] = float(spacing[source])
        directions[int(destination)] = flip * affine[:3, source] / spacing[source]
    low, high = SPACING_RANGE_MM
    if not all(low <= value <= high for value in moved[:2]):
        raise DataError(
            f"pixels of {moved[0]:g} x {moved[1]:g} mm are not plausible "
            f"({low:g} to {high:g} mm expected)"
        )
    edges = (
        _letters(-directions[0]),
        _letters(directions[0]),
        _letters(-directions[1]),
        _letters(directions[1]),
    )
    return np.asarray(oriented, dtype=np.float32), (moved[0], moved[1], moved[2]), edges


def _letters(direction: NDArray[np.float64]) -> str:
    """Where a unit vector of NIfTI's world (right, front, head) points, main direction first."""
    order = [int(axis) for axis in np.argsort(-np.abs(direction), kind="stable")]
    return "".join(
        ("RL", "AP", "HF")[axis][int(direction[axis] < 0)]
        for axis in order
        if abs(direction[axis]) > _LEAST_COSINE
    )
