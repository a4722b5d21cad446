"""Which images belong with one: the slices of its volume, and the frames of its slice in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.records import USE
from reviewapp.study.cine import sequences
from reviewapp.study.model import ImageFilter, ImageRow


@dataclass(frozen=True, slots=True)
class ImageStack:
    """``slices`` from the first to the last of the volume, ``frames`` in time; the image alone,
    or nothing, where there are no others.
    """

    slices: tuple[ImageRow, ...] = ()
    frames: tuple[ImageRow, ...] = ()

    def slice_of(self, image: ImageRow) -> int | None:
        """Where an image lies in the volume: by its slice, so that a frame of it is found too."""
        number = image.attributes.get("slice")
        numbers = [other.attributes.get("slice") for other in self.slices]
        return numbers.index(number) if number in numbers else None

    def frame_of(self, image: ImageRow) -> int | None:
        """Where an image lies in time; None where it is not among the frames."""
        ids = [frame.record_id for frame in self.frames]
        return ids.index(image.record_id) if image.record_id in ids else None


def relatives(image: ImageRow) -> ImageFilter | None:
    """Which images may belong with one; None where it stands alone."""
    if image.patient:
        return ImageFilter(
            dataset=image.dataset, source=image.source, patient=image.patient, cine_frames=True
        )
    if "sequence" in image.attributes:
        name = image.record_id.rpartition("/t")[0]
        return ImageFilter(
            dataset=image.dataset, source=image.source, id_contains=name, cine_frames=True
        )
    return None


def stack_of(image: ImageRow, others: Sequence[ImageRow]) -> ImageStack:
    """The stack of an image out of its `relatives`.

    Slices share patient, maker, step and frame with it. The frames are those of the cine of its
    slice where that was imported, otherwise its end-diastole and end-systole.
    """
    same = [other for other in others if _volume(other) == _volume(image)]
    slices = sorted(
        (other for other in same if "slice" in other.attributes and _phase(other) == _phase(image)),
        key=_slice_order,
    )
    number = image.attributes.get("slice")
    candidates = [
        frames
        for frames in sequences(same).values()
        if image in frames or (number is not None and frames[0].attributes.get("slice") == number)
    ]
    frames = max(candidates, key=lambda found: (len(found), image in found), default=())
    return ImageStack(tuple(slices), frames)


def _volume(image: ImageRow) -> tuple[object, ...]:
    return image.dataset, image.source, image.patient, image.maker, image.checkpoint_step


def _phase(image: ImageRow) -> tuple[object, ...]:
    return image.attributes.get("frame"), image.attributes.get(USE)


def _slice_order(image: ImageRow) -> tuple[int, str]:
    number = image.attributes["slice"]
    return (int(number) if number.isdecimal() and len(number) < 10 else 0), image.record_id
