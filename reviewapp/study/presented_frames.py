"""The frames of the sequences that a cine study shows, by presented image."""

from __future__ import annotations

from sqlalchemy import Connection, select

from reviewapp.study import schema


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
