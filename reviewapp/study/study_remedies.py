"""Renders a made study's images anew, with remedies against what an audit has found."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from engine.progress import CancelCheck, ProgressReport
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.cine import sequences
from reviewapp.study.database import Database
from reviewapp.study.errors import ProtocolError
from reviewapp.study.event_log import append_event
from reviewapp.study.image_query import find_images
from reviewapp.study.model import ImageFilter, Study
from reviewapp.study.presented_files import render_images
from reviewapp.study.presented_frames import frame_keys, read_frames, write_frames
from reviewapp.study.protocol import Protocol, Remedies, canonical_json, protocol_sha256
from reviewapp.study.study_audit import library_images, presented_keys
from reviewapp.study.study_rows import read_study, unseal_study
from reviewapp.study.timestamps import to_iso


def apply_remedies(
    database: Database,
    workspace: Workspace,
    study_id: str,
    passphrase: str,
    remedies: Remedies,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> None:
    """Replace the study's remedies and all presented files; nothing changes when it fails.

    The protocol, and with it its hash, becomes another one, so this is possible only before the
    first trial. Raises `ProtocolError` then, `BlindingError` (passphrase), `StoreError` (an image
    is no longer in the library), `engine.errors.DataError` and `engine.errors.Cancelled`.
    """
    secrets = unseal_study(database, study_id, passphrase)
    with database.read() as connection:
        study = read_study(connection, study_id)
        images = library_images(connection, secrets)
        old_keys = presented_keys(connection, study_id)
        old_frames = read_frames(connection, study_id)
        everything = ImageFilter(cine_frames=True)
        known = sequences(find_images(connection, everything)) if old_frames else {}
    _require_unfrozen(study)
    protocol = Protocol.model_validate(study.protocol.model_dump() | {"remedies": remedies})
    frames = {image.record_id: known[image.record_id] for image in images.values() if known}
    shown = {image.record_id: image for image in images.values()}
    shown |= {image.record_id: image for own in frames.values() for image in own}
    written: list[Path] = []
    try:
        by_record = render_images(
            workspace,
            list(shown.values()),
            protocol,
            secrets.study_key,
            written,
            progress,
            cancelled,
        )
        keys = {image_id: by_record[image.record_id] for image_id, image in images.items()}
        with database.write() as connection:
            _require_unfrozen(read_study(connection, study_id))
            _replace(connection, study_id, protocol, keys)
            image_ids = {image.record_id: image_id for image_id, image in images.items()}
            write_frames(connection, study_id, frame_keys(image_ids, frames, by_record))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    replaced = {*old_keys.values(), *(key for own in old_frames.values() for key in own)}
    for key in replaced - set(by_record.values()):
        workspace.image_path(key).unlink(missing_ok=True)


def _require_unfrozen(study: Study) -> None:
    if study.frozen_at is not None:
        raise ProtocolError(
            f"The first image of '{study.name}' was shown on {to_iso(study.frozen_at)}; since then "
            "its images stay as they are. Make a new study with these remedies."
        )


def _replace(
    connection: Connection, study_id: str, protocol: Protocol, keys: dict[str, str]
) -> None:
    table = schema.presented_images
    for image_id in connection.execute(
        select(table.c.image_id).where(table.c.study_id == study_id).order_by(table.c.image_id)
    ).scalars():
        connection.execute(
            table.update()
            .where(table.c.study_id == study_id, table.c.image_id == image_id)
            .values(presented_key=keys[image_id])
        )
    sha256 = protocol_sha256(protocol)
    connection.execute(
        schema.studies.update()
        .where(schema.studies.c.study_id == study_id)
        .values(protocol=canonical_json(protocol), protocol_sha256=sha256)
    )
    chosen = [name for name, value in protocol.remedies.model_dump().items() if value]
    append_event(
        connection,
        "remedies_applied",
        study_id=study_id,
        detail=f"{', '.join(chosen) or 'none'}; protocol {sha256}",
    )
