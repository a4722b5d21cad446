"""Planes of an ACDC volume or cine, cut to pictures of one size and spacing, and their records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.content_store import from_float, write_image
from engine.data.intensity import rescale_intensity
from engine.data.records import CINE_USE, USE, ImageRecord
from engine.data.volume import read_cine, read_volume, resample_plane
from engine.errors import DataError
from engine.workspace import Workspace

Frame = Literal["ED", "ES"]


@dataclass(frozen=True, slots=True)
class AcdcPlanes:
    """The planes of one file as records; ``template`` holds what its records share."""

    path: Path
    template: dict[str, str]
    attributes: dict[str, str]
    workspace: Workspace
    size: int
    spacing_mm: float

    def of_frame(self, phase: Frame) -> list[ImageRecord]:
        """One record a plane of an ED or ES frame."""
        volume = read_volume(self.path)
        voxels = rescale_intensity(volume.voxels)
        return [
            self._record(
                voxels[:, :, index],
                volume.spacing_mm,
                f"{phase.lower()}/{index + 1:02d}",
                {"frame": phase, "slice": str(index + 1)},
            )
            for index in range(voxels.shape[2])
        ]

    def of_all_frames(self) -> list[ImageRecord]:
        """One sequence a plane, one record a frame of it, all for cine only."""
        cine = read_cine(self.path)
        *_, n_planes, n_frames = cine.voxels.shape
        if n_frames < 2:
            raise DataError("it holds a single frame, not a cine")
        voxels = rescale_intensity(cine.voxels)
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
                },
            )
            for plane in range(n_planes)
            for frame in range(n_frames)
        ]

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
