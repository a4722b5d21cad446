"""Planes of an ACDC volume or cine, cut to pictures of one size and spacing, and their records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.content_store import from_float, write_image
from engine.data.intensity import intensity_range, rescale_intensity
from engine.data.records import CINE_USE, INTENSITY, ORIENTATION, SEGMENTATION, USE, ImageRecord
from engine.data.volume import Cine, Volume, read_cine, read_volume, resample_labels, resample_plane
from engine.errors import DataError
from engine.workspace import Workspace

Frame = Literal["ED", "ES"]
#: of ACDC's ground truth: background, right ventricle, myocardium, left ventricle
LABELS = (0, 1, 2, 3)


def ignore_note(text: str) -> None:
    """For imports that nobody reads a report of."""


def _shown_by(volume: Volume | Cine, span: tuple[float, float]) -> dict[str, str]:
    """What a viewer needs of a volume, as attributes of its planes."""
    shown = {INTENSITY: f"{span[0]:g} {span[1]:g}"}
    if volume.edges is not None:
        shown[ORIENTATION] = " ".join(volume.edges)
    return shown


@dataclass(frozen=True, slots=True)
class AcdcPlanes:
    """The planes of one file as records; ``template`` holds what its records share."""

    path: Path
    template: dict[str, str]
    attributes: dict[str, str]
    workspace: Workspace
    size: int
    spacing_mm: float
    #: ground truth of the frame: 0 background, 1 right ventricle, 2 myocardium, 3 left ventricle
    mask: Path | None = None
    #: told of a mask that cannot be used
    note: Callable[[str], None] = ignore_note

    def of_frame(self, phase: Frame) -> list[ImageRecord]:
        """One record a plane of an ED or ES frame."""
        volume = read_volume(self.path)
        span = intensity_range(volume.voxels)
        voxels = rescale_intensity(volume.voxels, span)
        shared = _shown_by(volume, span)
        labels = self._labels(volume)
        return [
            self._record(
                voxels[:, :, index],
                volume.spacing_mm,
                f"{phase.lower()}/{index + 1:02d}",
                {"frame": phase, "slice": str(index + 1), **shared}
                | ({} if labels is None else self._mask_of(labels[:, :, index], volume)),
            )
            for index in range(voxels.shape[2])
        ]

    def of_all_frames(self) -> list[ImageRecord]:
        """One sequence a plane, one record a frame of it, all for cine only."""
        cine = read_cine(self.path)
        *_, n_planes, n_frames = cine.voxels.shape
        if n_frames < 2:
            raise DataError("it holds a single frame, not a cine")
        span = intensity_range(cine.voxels)
        voxels = rescale_intensity(cine.voxels, span)
        shared = _shown_by(cine, span)
        return [
            self._record(
                voxels[:, :, plane, frame],
                cine.spacing_mm,
                f"cine/{plane + 1:02d}/t{frame + 1:03d}",
                {
                    "sequence": f"{self.template['patient']}/cine/{plane + 1:02d}",
                    "frame": str(frame + 1),
                    "slice": str(plane + 1),
                    USE: CINE_USE,
                    **shared,
                },
            )
            for plane in range(n_planes)
            for frame in range(n_frames)
        ]

    def _labels(self, volume: Volume) -> NDArray[np.float32] | None:
        """The mask's voxels as they lie in ``volume``; None, and a note, where it does not fit."""
        if self.mask is None:
            return None
        try:
            labels = read_volume(self.mask).voxels
            if labels.shape != volume.voxels.shape:
                raise DataError("its size is not that of its frame")
            if not np.isin(labels, LABELS).all():
                raise DataError("it holds other labels than 0 to 3")
        except DataError as error:
            folder = self.template["origin"].rpartition("/")[0]
            self.note(f"{folder}/{self.mask.name}: no contours were imported, {error}.")
            return None
        return labels

    def _mask_of(self, plane: NDArray[np.float32], volume: Volume) -> dict[str, str]:
        """The stored mask of a plane as an attribute; none where the heart is not in the plane."""
        labels = resample_labels(plane, volume.spacing_mm[:2], self.size, self.spacing_mm)
        return {SEGMENTATION: write_image(self.workspace, labels)} if labels.any() else {}

    def _record(
        self,
        plane: NDArray[np.float32],
        spacing_mm: tuple[float, float, float],
        suffix: str,
        attributes: dict[str, str],
    ) -> ImageRecord:
        pixels = resample_plane(plane, spacing_mm[:2], self.size, self.spacing_mm)
        return ImageRecord.model_validate(
            {
                **self.template,
                "record_id": f"{self.template['dataset']}/{self.template['patient']}/{suffix}",
                "key": write_image(self.workspace, from_float(pixels[None], 16)),
                "source": "real",
                "width": self.size,
                "height": self.size,
                "channels": 1,
                "bit_depth": 16,
                "spacing_mm": self.spacing_mm,
                "attributes": {**attributes, **self.attributes},
            }
        )
