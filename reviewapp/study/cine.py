"""Sequences of images that a cine study plays: which frames belong together, and in what order.

Frames are of one sequence when their records say so (attribute ``sequence``, as the importers of
ACDC's cine and of folders set it) or when they are the same slice of one patient at different
phases (attributes ``slice`` and ``frame``, as in ACDC without its cine).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reviewapp.study.errors import ProtocolError
from reviewapp.study.model import ImageRow

_PHASES = {"ED": 0, "ES": 1}


def sequences(library: Iterable[ImageRow]) -> dict[str, tuple[ImageRow, ...]]:
    """The frames of every sequence of two or more, in their order, by the first one's record id."""
    groups: dict[tuple[str, ...], list[ImageRow]] = defaultdict(list)
    for image in library:
        name = _sequence(image)
        if name is not None:
            groups[image.dataset, image.source, image.maker, name].append(image)
    ordered = (tuple(sorted(group, key=_frame_order)) for group in groups.values())
    return {frames[0].record_id: frames for frames in ordered if len(frames) > 1}


def comparable_sequences(
    library: Sequence[ImageRow], datasets: Iterable[str]
) -> dict[str, tuple[ImageRow, ...]]:
    """The sequences whose length real and generated ones of their data set share.

    The longest such length is taken. Raises `ProtocolError` for a data set that has none: frames
    that only the real images have would tell them apart at once.
    """
    found = sequences(library)
    chosen: dict[str, tuple[ImageRow, ...]] = {}
    for dataset in datasets:
        own = {key: frames for key, frames in found.items() if frames[0].dataset == dataset}
        lengths = {
            source: {len(frames) for frames in own.values() if frames[0].source == source}
            for source in ("real", "generated")
        }
        common = lengths["real"] & lengths["generated"]
        if not common:
            without = [source for source, known in lengths.items() if not known]
            raise ProtocolError(
                f"tools.cine: of '{dataset}' "
                + (
                    f"the {' and '.join(without)} images are single pictures"
                    if without
                    else "real and generated sequences have different numbers of frames"
                )
                + ", which would tell them apart at once. Import sequences of as many frames on "
                "both sides (ACDC with its cine; a folder with 4-D NIfTI files, or with pictures "
                f"NAME_t000, NAME_t001 …, compared with '{dataset}'), or turn cine off."
            )
        longest = max(common)
        chosen |= {key: frames for key, frames in own.items() if len(frames) == longest}
    return chosen


def _sequence(image: ImageRow) -> str | None:
    known = image.attributes
    if "frame" not in known:
        return None
    if "sequence" in known:
        return known["sequence"]
    return f"{image.patient}/{known['slice']}" if image.patient and "slice" in known else None


def _frame_order(image: ImageRow) -> tuple[int, str, str]:
    frame = image.attributes["frame"]
    number = (
        int(frame) if frame.isdecimal() and len(frame) < 10 else _PHASES.get(frame, len(_PHASES))
    )
    return number, frame, image.record_id
