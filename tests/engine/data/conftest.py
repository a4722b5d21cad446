"""Files that the importers' tests read: volumes, patients and photographs, good and broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

WriteVolume = Callable[..., Path]
WritePatient = Callable[..., Path]
WritePhotograph = Callable[..., Path]


@pytest.fixture
def write_volume() -> WriteVolume:
    """Write voxels as NIfTI-1 at a path; ``spacing`` in mm, or a whole ``affine``."""

    def write(
        path: Path,
        voxels: NDArray[np.generic],
        spacing: tuple[float, float, float] = (1.5, 1.5, 10.0),
        affine: NDArray[np.float64] | None = None,
    ) -> Path:
        if affine is None:
            affine = np.diag([-spacing[0], -spacing[1], spacing[2], 1.0])
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(voxels, affine), path)
        return path

    return write


@pytest.fixture
def write_patient(write_volume: WriteVolume) -> WritePatient:
    """Write a patient of three planes a frame in ACDC's official layout; returns the folder."""

    def write(root: Path, name: str, group: str = "NOR", split: str = "training") -> Path:
        folder = root / split / name
        rng = np.random.default_rng(int(name[-3:]))
        for frame in (1, 9):
            voxels = rng.integers(0, 900, (40, 36, 3)).astype(np.int16)
            write_volume(folder / f"{name}_frame{frame:02d}.nii.gz", voxels)
            write_volume(folder / f"{name}_frame{frame:02d}_gt.nii.gz", voxels % 4)
        (folder / "Info.cfg").write_text(f"ED: 1\nES: 9\nGroup: {group}\nNbFrame: 30\n")
        return folder

    return write


@pytest.fixture
def write_photograph() -> WritePhotograph:
    """Write a round field of view as JPEG or PNG; ``brightness`` makes pictures differ."""

    def write(path: Path, brightness: int = 200, size: tuple[int, int] = (120, 90)) -> Path:
        width, height = size
        y, x = np.mgrid[0:height, 0:width]
        inside = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2) < 0.45 * height
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[inside] = (brightness, brightness // 2, brightness // 4)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    return write
