"""What the library knows of one image, as one JSON line of a manifest."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Source = Literal["real", "generated"]
Split = Literal["train", "validation", "test", ""]

#: the attribute, and its value, of frames whose pictures the data set has as images too
USE, CINE_USE = "use", "cine"


class ImageRecord(BaseModel):
    """One image of the library, real or generated.

    ``record_id`` is unique in a workspace and says where the image came from
    (``acdc/patient001/ed/03``, ``RUN/s000010/000123``); ``key`` is the sha256 of its PNG.
    Two records may share a key. ``origin`` is relative to the imported folder, never absolute.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str = Field(min_length=1, max_length=300)
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    dataset: str
    source: Source
    class_label: str = ""
    patient: str = ""
    split: Split = ""
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    channels: Literal[1, 3]
    bit_depth: Literal[8, 16]
    spacing_mm: float | None = Field(default=None, gt=0)
    origin: str = ""
    variant: str = ""
    run_id: str = ""
    checkpoint_step: int | None = None
    seed: int | None = None
    sample_index: int | None = None
    #: dataset-specific facts worth filtering or showing (frame, slice, macular edema risk …)
    attributes: dict[str, str] = Field(default_factory=dict)

    @property
    def is_cine_frame(self) -> bool:
        """Whether it is shown in its sequence only: no training image, not counted as one."""
        return self.attributes.get(USE) == CINE_USE
