"""What the library knows of one image, as one JSON line of a manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: letters of a class, as the study database keeps it
MAX_CLASS_LENGTH = 80

Source = Literal["real", "generated"]
Split = Literal["train", "validation", "test", ""]

#: the attribute, and its value, of frames whose pictures the data set has as images too
USE, CINE_USE = "use", "cine"
#: the attribute that names the patient's sides at the left, right, top and bottom edge, in DICOM's
#: letters (PS3.3 C.7.6.1.1.1), as in "R L A P"; without it they are not known
ORIENTATION = "orientation"
#: the attribute with the file's own grey values that the lowest and highest stored level stand for
INTENSITY = "intensity"
#: the attribute with the key of the picture's mask: uint8 (H, W) in the labels of its data set
SEGMENTATION = "segmentation"
#: attributes that say how to draw and read a picture, not what it is of
BOOKKEEPING = frozenset({USE, ORIENTATION, INTENSITY, SEGMENTATION})


class ImageRecord(BaseModel):
    """One image of the library, real or generated.

    ``record_id`` is unique in a workspace and says where the image came from
    (``acdc/patient001/ed/03``, ``RUN/s000010/000123``); ``key`` is the sha256 of its PNG.
    Two records may share a key. ``origin`` is relative to the imported folder, never absolute.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str = Field(min_length=1, max_length=300)
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    dataset: str = Field(max_length=80)
    source: Source
    class_label: str = Field(default="", max_length=MAX_CLASS_LENGTH)
    patient: str = Field(default="", max_length=120)
    split: Split = ""
    width: int = Field(ge=1, le=4096)
    height: int = Field(ge=1, le=4096)
    channels: Literal[1, 3]
    bit_depth: Literal[8, 16]
    spacing_mm: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    origin: str = Field(default="", max_length=4096)
    variant: str = Field(default="", max_length=100)
    run_id: str = Field(default="", max_length=80)
    checkpoint_step: int | None = Field(default=None, ge=0, lt=2**63)
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    sample_index: int | None = Field(default=None, ge=0, lt=2**63)
    #: dataset-specific facts worth filtering or showing (frame, slice, macular edema risk …)
    attributes: dict[str, str] = Field(default_factory=dict)

    @property
    def is_cine_frame(self) -> bool:
        """Whether it is shown in its sequence only: no training image, not counted as one."""
        return self.attributes.get(USE) == CINE_USE


def edge_letters(attributes: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    """The patient's sides at the left, right, top and bottom edge; None where they are unknown."""
    letters = attributes.get(ORIENTATION, "").split()
    if len(letters) != 4 or not all(set(word) <= set("RLAPHF") for word in letters):
        return None
    left, right, top, bottom = letters
    return left, right, top, bottom


def intensity_span(attributes: Mapping[str, str]) -> tuple[float, float] | None:
    """The file's grey values of the lowest and highest stored level; None where unknown."""
    try:
        low, high = map(float, attributes.get(INTENSITY, "").split())
    except ValueError:
        return None
    return (low, high) if math.isfinite(low) and low < high < math.inf else None
