"""Makes a blinded study: chooses images, renders them alike, seals the truth."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import select

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.blinding import (
    StudySecrets,
    check_passphrase,
    new_study_key,
    seal,
)
from reviewapp.study.case_dealing import deal_study
from reviewapp.study.database import Database
from reviewapp.study.errors import StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.image_query import find_images
from reviewapp.study.model import ImageFilter, ImageRow, Truth
from reviewapp.study.presented_files import render_images
from reviewapp.study.presented_frames import frame_keys, write_frames
from reviewapp.study.protocol import Protocol, canonical_json, protocol_sha256
from reviewapp.study.selection import select_images
from reviewapp.study.timestamps import to_iso, utc_now

_MAX_NAME = 120


def create_study(
    database: Database,
    workspace: Workspace,
    name: str,
    protocol: Protocol,
    passphrase: str,
    *,
    seed: int | None,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> str:
    """Make a study and return its id; nothing is left behind when it fails or is cancelled.

    Raises `ProtocolError` (too few images), `StoreError` (name), `BlindingError`
    (passphrase), `engine.errors.DataError` (damaged image) and `engine.errors.Cancelled`.
    """
    name = name.strip()
    _check_request(database, name, passphrase)
    if seed is None:
        seed = protocol.seed if protocol.seed is not None else secrets.randbelow(2**32)
    with database.read() as connection:
        library = find_images(connection, ImageFilter(cine_frames=protocol.tools.cine))
    selection = select_images(library, protocol, seed)
    datasets = tuple(sorted({image.dataset for image in selection.everything}))
    # What was left open ("any data set", "any seed") is settled now and becomes part of the hash.
    settled = protocol.model_copy(update={"seed": seed, "datasets": datasets})
    study_id = f"study-{secrets.token_hex(5)}"
    study_key = new_study_key()
    written: list[Path] = []
    try:
        keys = render_images(
            workspace, selection.rendered, settled, study_key, written, progress, cancelled
        )
        progress(len(keys), len(keys), "Sealing the truth")
        image_ids = {image.record_id: f"i{secrets.token_hex(8)}" for image in selection.everything}
        truths = tuple(_truth(image_ids[image.record_id], image) for image in selection.everything)
        sealed = seal(StudySecrets(study_key, truths).to_bytes(), passphrase, study_id)
        rows = deal_study(study_id, selection, settled, image_ids, keys)
        raise_if_cancelled(cancelled)
        with database.write() as connection:
            connection.execute(
                schema.studies.insert().values(
                    study_id=study_id,
                    name=name,
                    protocol=canonical_json(settled),
                    protocol_sha256=protocol_sha256(settled),
                    created_at=to_iso(utc_now()),
                    sealed_truth=sealed,
                )
            )
            connection.execute(schema.presented_images.insert(), rows)
            write_frames(connection, study_id, frame_keys(image_ids, selection.frames, keys))
            append_event(connection, "study_created", study_id=study_id, detail=name)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return study_id


def _check_request(database: Database, name: str, passphrase: str) -> None:
    if not name or len(name) > _MAX_NAME:
        raise StoreError(f"Give the study a name of 1 to {_MAX_NAME} characters.")
    check_passphrase(passphrase)
    with database.read() as connection:
        taken = connection.execute(
            select(schema.studies.c.study_id).where(schema.studies.c.name == name)
        ).first()
    if taken is not None:
        raise StoreError(f"A study named '{name}' exists already; choose another name.")


def _truth(image_id: str, image: ImageRow) -> Truth:
    return Truth(
        image_id=image_id,
        record_id=image.record_id,
        key=image.key,
        source=image.source,
        dataset=image.dataset,
        class_label=image.class_label,
        variant=image.variant,
        run_id=image.run_id,
        checkpoint_step=image.checkpoint_step,
    )
