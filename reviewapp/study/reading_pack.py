"""Makes a reading pack: one reader's session in one sealed file, to be rated elsewhere."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.consents import Consent, read_consents
from reviewapp.study.database import Database
from reviewapp.study.errors import PackError, StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.model import Reader, SessionInfo, Study, Trial
from reviewapp.study.pack_container import PackLabel, new_code, write_pack
from reviewapp.study.pack_content import (
    PackedImage,
    PackedStudy,
    PackedTrial,
    packed_consents,
)
from reviewapp.study.pack_rows import PackRecord, add_pack, new_pack_id
from reviewapp.study.presented_frames import read_frames
from reviewapp.study.protocol import canonical_json
from reviewapp.study.readers import list_readers
from reviewapp.study.session_lease import acquire_lease, release_lease
from reviewapp.study.session_rows import open_session, read_session, refuse_handed_out
from reviewapp.study.study_audit import last_audit
from reviewapp.study.study_rows import read_study
from reviewapp.study.timestamps import utc_now
from reviewapp.study.trial_rows import read_trials


@dataclass(frozen=True, slots=True)
class IssuedPack:
    """A pack that was just written; tell the reader ``code`` by another way than the file."""

    pack_id: str
    study_id: str
    reader_id: str
    code: str
    path: Path


def make_pack(
    database: Database, workspace: Workspace, study_id: str, reader_id: str, path: Path, holder: str
) -> IssuedPack:
    """Draw the reader's session, freeze the protocol, and write both with the images to ``path``.

    Until the pack is cancelled the session cannot be opened here. Raises `SessionError` when the
    session is open or finished, `PackError` when it has answers or a pack already, and the store's
    and the disk's errors; then no pack is left behind.
    """
    code, pack_id = new_code(), new_pack_id()
    with database.write() as connection:
        session = open_session(connection, study_id, reader_id, holder)
        release_lease(connection, session.session_id, holder)
        _refuse_answered(session)
        study = read_study(connection, study_id)
        content = _content(connection, study, session)
    label = PackLabel("reading", study_id, pack_id, reader_id, study.protocol_sha256)
    write_pack(path, label, _members(workspace, content), code)
    # The file comes first: were the program killed before it, the session would count as handed
    # out in a pack that nobody has. A file that is not noted here is of no use without its code.
    try:
        _note_pack(database, content, code, label, holder)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return IssuedPack(pack_id, study_id, reader_id, code, path)


def _refuse_answered(session: SessionInfo) -> None:
    if session.n_answered:
        raise PackError(
            f"{session.reader_id} has answered {session.n_answered} images here already. "
            "Let the session be finished where it was begun."
        )


def _note_pack(
    database: Database, content: PackedStudy, code: str, label: PackLabel, holder: str
) -> None:
    with database.write() as connection:
        # It may have been opened or handed out while the file was written.
        session = read_session(connection, content.session_id)
        refuse_handed_out(connection, session.session_id, session.reader_id)
        acquire_lease(connection, session.session_id, holder)
        release_lease(connection, session.session_id, holder)
        _refuse_answered(session)
        add_pack(
            connection,
            PackRecord(
                pack_id=label.pack_id,
                study_id=label.study_id,
                reader_id=label.reader_id,
                session_id=session.session_id,
                opened_here=False,
                code=code,
                created_at=content.issued_at,
                cancelled_at=None,
                merged_at=None,
                leak_warns=content.leak_warns,
            ),
        )
        append_event(
            connection,
            "pack_made",
            study_id=label.study_id,
            session_id=session.session_id,
            detail=f"{label.pack_id} for {label.reader_id}",
        )


def _content(connection: Connection, study: Study, session: SessionInfo) -> PackedStudy:
    trials = read_trials(connection, session.session_id, study.study_id)
    reader = next(r for r in list_readers(connection) if r.reader_id == session.reader_id)
    if study.frozen_at is None:
        raise StoreError(f"The study '{study.name}' is not frozen; open it once more.")
    audit = last_audit(connection, study.study_id)
    warns = audit is not None and audit.warns
    images = _images(connection, study.study_id, trials)
    asked = read_consents(connection, session.session_id)
    return _packed(study, session, reader, trials, images, asked, warns)


def _packed(
    study: Study,
    session: SessionInfo,
    reader: Reader,
    trials: list[Trial],
    images: tuple[PackedImage, ...],
    asked: list[Consent],
    leak_warns: bool,
) -> PackedStudy:
    assert study.frozen_at is not None
    return PackedStudy(
        study_name=study.name,
        protocol=canonical_json(study.protocol),
        created_at=study.created_at,
        frozen_at=study.frozen_at,
        specialty=reader.specialty,
        experience_years=reader.experience_years,
        role=reader.role,
        leak_warns=leak_warns,
        session_id=session.session_id,
        started_at=session.started_at,
        issued_at=utc_now(),
        images=images,
        trials=tuple(
            PackedTrial(
                trial_index=trial.trial_index,
                block=trial.block,
                is_training=trial.is_training,
                is_repeat=trial.is_repeat,
                image_id=trial.image_id,
                right_image_id=trial.right_image_id,
            )
            for trial in trials
        ),
        consents=packed_consents(asked),
    )


def _images(connection: Connection, study_id: str, trials: list[Trial]) -> tuple[PackedImage, ...]:
    shown = {trial.image_id for trial in trials} | {trial.right_image_id for trial in trials}
    frames = read_frames(connection, study_id)
    table = schema.presented_images
    rows = connection.execute(
        select(table).where(table.c.study_id == study_id).order_by(table.c.image_id)
    )
    return tuple(
        PackedImage(
            image_id=row.image_id,
            presented_key=row.presented_key,
            dataset=row.dataset,
            class_label=row.class_label,
            training_truth=row.training_truth,
            frames=tuple(frames.get(row.image_id, ())),
        )
        for row in rows
        if row.image_id in shown
    )


def _members(workspace: Workspace, content: PackedStudy) -> dict[str, bytes]:
    members = {"study.json": content.model_dump_json().encode("utf-8")}
    keys = {key for image in content.images for key in (image.presented_key, *image.frames)}
    for key in sorted(keys):
        try:
            members[f"images/{key}.png"] = workspace.image_path(key).read_bytes()
        except OSError as error:
            raise PackError(
                f"A presented image cannot be read ({error.strerror or error}). Restore the "
                "workspace from a copy."
            ) from error
    return members
