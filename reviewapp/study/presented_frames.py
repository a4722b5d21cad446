"""The frames of the sequences that a cine study shows, by presented image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.model import ImageRow


def read_frames(connection: Connection, study_id: str) -> dict[str, list[str]]:
    """Keys of each image's frames in their order; empty where the study shows no sequences."""
    table = schema.presented_frames
    rows = connection.execute(
        select(table)
        .where(table.c.study_id == study_id)
        .order_by(table.c.image_id, table.c.frame_index)
    )
    frames: dict[str, list[str]] = {}
    for row in rows:
        frames.setdefault(row.image_id, []).append(row.presented_key)
    return frames


def frame_keys(
    image_ids: Mapping[str, str],
    frames: Mapping[str, Sequence[ImageRow]],
    keys: Mapping[str, str],
) -> dict[str, list[str]]:
    """Keys of the frames by image id; ``frames`` and ``keys`` are given by record id."""
    return {
        image_ids[record_id]: [keys[frame.record_id] for frame in own]
        for record_id, own in frames.items()
    }


def write_frames(
    connection: Connection, study_id: str, frames: Mapping[str, Sequence[str]]
) -> None:
    """Replace the study's frames, in the order of the (random) image ids."""
    table = schema.presented_frames
    connection.execute(table.delete().where(table.c.study_id == study_id))
    rows = [
        {"study_id": study_id, "image_id": image_id, "frame_index": index, "presented_key": key}
        for image_id in sorted(frames)
        for index, key in enumerate(frames[image_id])
    ]
    if rows:
        connection.execute(table.insert(), rows)
