"""Demo data in the real data sets' own formats and layouts, so that real importers read them.

The numbers of phantom patients and pictures lie beyond those of the published sets, and each file
says that it is drawn: no phantom can be taken for a patient.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.atomic_file import write_bytes
from engine.data.idrid import PHANTOM_COMMENT
from engine.data.phantom_anatomy import Anatomy, Group, Phase, draw_anatomy
from engine.data.phantom_fundus import draw_fundus
from engine.data.phantom_heart import draw_heart_slice
from engine.errors import ConfigError
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)

#: the published sets end at patient150 and IDRiD_413
FIRST_PATIENT = 201
FIRST_IMAGE = 501
MAX_COUNT = 400
_GROUPS: tuple[Group, ...] = ("NOR", "DCM", "HCM", "MINF", "RV")
_ED_FRAME = 1
_SLICE_DISTANCE_MM = 10.0


def write_acdc_phantom(
    folder: Path,
    patients: int = 10,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> None:
    """Write ``training/patientNNN`` folders as ACDC has them: ``Info.cfg``, frames and masks.

    The five groups take turns. The same ``seed`` gives the same files. Raises `ConfigError` for a
    number of patients out of range, `DataError` when the disk refuses, and `Cancelled`.
    """
    _check_count(patients, "patients")
    for index in range(patients):
        raise_if_cancelled(cancelled)
        name = f"patient{FIRST_PATIENT + index}"
        progress(index, patients, name)
        rng = np.random.default_rng([seed, index])
        _write_patient(folder / "training" / name, name, _GROUPS[index % len(_GROUPS)], rng)
    progress(patients, patients, "")


def write_idrid_phantom(
    folder: Path,
    images: int = 24,
    seed: int = 0,
    size_px: tuple[int, int] = (858, 570),
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> None:
    """Write ``B. Disease Grading`` as IDRiD has it: JPEGs of the training set and their table.

    ``size_px`` is (width, height), a fifth of the real pictures' by default. Grades 0 to 4 take
    turns. The same ``seed`` gives the same files. Raises as `write_acdc_phantom` does.
    """
    _check_count(images, "images")
    root = folder / "B. Disease Grading"
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\r\n")
    # The published table's own header: a stray blank and nine empty columns at its end.
    rows.writerow(["Image name", "Retinopathy grade", "Risk of macular edema ", *[""] * 9])
    for index in range(images):
        raise_if_cancelled(cancelled)
        name = f"IDRiD_{FIRST_IMAGE + index}"
        progress(index, images, name)
        rng = np.random.default_rng([seed, index])
        grade = index % 5
        risk = 0 if grade < 2 else min(2, grade - 1)
        buffer = io.BytesIO()
        Image.fromarray(draw_fundus(rng, size_px, grade)).save(
            buffer, format="JPEG", quality=92, comment=PHANTOM_COMMENT
        )
        picture = root / "1. Original Images" / "a. Training Set" / f"{name}.jpg"
        write_bytes(picture, buffer.getvalue(), durable=False)
        rows.writerow([name, grade, risk, *[""] * 9])
    labels = root / "2. Groundtruths" / "a. IDRiD_Disease Grading_Training Labels.csv"
    write_bytes(labels, table.getvalue().encode("utf-8"), durable=False)
    progress(images, images, "")


def _check_count(count: int, what: str) -> None:
    if not 1 <= count <= MAX_COUNT:
        raise ConfigError(f"{count} {what} cannot be drawn: choose 1 to {MAX_COUNT}.")


def _write_patient(folder: Path, name: str, group: Group, rng: np.random.Generator) -> None:
    anatomy = draw_anatomy(rng, group)
    spacing_mm = float(rng.uniform(1.4, 1.65))
    shape = (int(rng.integers(76, 88)) * 2, int(rng.integers(80, 96)) * 2)
    n_slices = int(rng.integers(6, 9))
    es_frame = int(rng.integers(9, 13))
    gain = float(rng.uniform(250, 600))
    frames: tuple[tuple[Phase, int], ...] = (("ED", _ED_FRAME), ("ES", es_frame))
    for phase, frame in frames:
        voxels, labels = _draw_frame(rng, anatomy, shape, n_slices, phase, spacing_mm)
        stem = f"{name}_frame{frame:02d}"
        _write_nifti(folder / f"{stem}.nii.gz", (voxels * gain).astype(np.int16), spacing_mm)
        _write_nifti(folder / f"{stem}_gt.nii.gz", labels, spacing_mm)
    info = {
        "ED": _ED_FRAME,
        "ES": es_frame,
        "Group": group,
        "Height": round(float(rng.uniform(155, 192)), 1),
        "NbFrame": 30,
        "Weight": round(float(rng.uniform(52, 105)), 1),
        "Phantom": "drawn, not a patient",
    }
    text = "".join(f"{key}: {value}\n" for key, value in info.items())
    write_bytes(folder / "Info.cfg", text.encode("utf-8"), durable=False)


def _draw_frame(
    rng: np.random.Generator,
    anatomy: Anatomy,
    shape: tuple[int, int],
    n_slices: int,
    phase: Phase,
    spacing_mm: float,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Voxels and labels (columns, rows, slices) from base to apex."""
    drawn = [
        draw_heart_slice(
            rng, shape, anatomy=anatomy, level=float(level), phase=phase, spacing_mm=spacing_mm
        )
        for level in np.linspace(0.03, 0.97, n_slices)
    ]
    voxels = np.stack([picture.T for picture, _ in drawn], axis=2)
    labels = np.stack([mask.T for _, mask in drawn], axis=2)
    return voxels, labels


def _write_nifti(
    path: Path, voxels: NDArray[np.int16] | NDArray[np.uint8], spacing_mm: float
) -> None:
    # nibabel takes a while to load, and who draws pictures in memory does without it.
    import nibabel as nib

    affine = np.diag([-spacing_mm, -spacing_mm, _SLICE_DISTANCE_MM, 1.0])
    volume: Any = nib.Nifti1Image  # nibabel leaves its constructor untyped
    content: bytes = volume(voxels, affine).to_bytes()
    # No time in the gzip header: the same seed gives the same bytes.
    write_bytes(path, gzip.compress(content, compresslevel=1, mtime=0), durable=False)
