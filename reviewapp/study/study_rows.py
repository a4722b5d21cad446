"""Reading studies, and ending their blinding."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from reviewapp.study import schema
from reviewapp.study.blinding import StudySecrets, unseal
from reviewapp.study.database import Database
from reviewapp.study.errors import BlindingError, ProtocolError, StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.model import Study, Truth
from reviewapp.study.protocol import (
    Protocol,
    canonical_json,
    parse_protocol_json,
    protocol_sha256,
)
from reviewapp.study.timestamps import from_iso, to_iso, utc_now

#: fields of a protocol that images and trial order do not depend on
_CHANGEABLE = (
    *("protocol_id", "title", "description", "tools", "break_seconds", "after_exposure"),
    "permits_feedback",
)


def list_studies(connection: Connection) -> list[Study]:
    """All studies, oldest first."""
    table = schema.studies
    rows = connection.execute(select(table).order_by(table.c.created_at, table.c.study_id))
    return [_study(connection, row) for row in rows]


def read_study(connection: Connection, study_id: str) -> Study:
    """One study; raises `StoreError` if there is none, `ProtocolError` if it was tampered with."""
    table = schema.studies
    row = connection.execute(select(table).where(table.c.study_id == study_id)).one_or_none()
    if row is None:
        raise StoreError(f"This workspace has no study '{study_id}'.")
    return _study(connection, row)


def freeze_protocol(connection: Connection, study: Study, actor: str) -> None:
    """Note that the first trial is about to be shown; later calls do nothing."""
    if study.frozen_at is not None:
        return
    table = schema.studies
    connection.execute(
        table.update()
        .where(table.c.study_id == study.study_id, table.c.frozen_at.is_(None))
        .values(frozen_at=to_iso(utc_now()))
    )
    append_event(
        connection,
        "protocol_frozen",
        study_id=study.study_id,
        actor=actor,
        detail=study.protocol_sha256,
    )


def change_protocol(connection: Connection, study_id: str, protocol: Protocol) -> Study:
    """Replace what can change without choosing other images: texts, tools, breaks.

    Raises `ProtocolError` once a session has been opened, or for a change of any other field.
    """
    study = read_study(connection, study_id)
    if study.frozen_at is not None:
        raise ProtocolError(
            f"The protocol of '{study.name}' is frozen since its first trial on "
            f"{to_iso(study.frozen_at)}. Make a new study for another protocol."
        )
    changed = [
        name
        for name in Protocol.model_fields
        if name not in _CHANGEABLE and getattr(protocol, name) != getattr(study.protocol, name)
    ]
    if protocol.tools.cine and not study.protocol.tools.cine:
        changed.append("tools.cine")
    if changed:
        raise ProtocolError(
            f"{', '.join(changed)}: the study's images were chosen by these fields. "
            "Make a new study instead."
        )
    table = schema.studies
    connection.execute(
        table.update()
        .where(table.c.study_id == study_id)
        .values(protocol=canonical_json(protocol), protocol_sha256=protocol_sha256(protocol))
    )
    append_event(
        connection, "protocol_changed", study_id=study_id, detail=protocol_sha256(protocol)
    )
    return read_study(connection, study_id)


def unseal_study(database: Database, study_id: str, passphrase: str) -> StudySecrets:
    """What is sealed, for the coordinator's own work; nothing is stored openly.

    Raises `BlindingError` when the passphrase is wrong or this workspace holds no truth.
    """
    table = schema.studies
    with database.read() as connection:
        study = read_study(connection, study_id)
        sealed = connection.execute(
            select(table.c.sealed_truth).where(table.c.study_id == study_id)
        ).scalar_one()
    if not sealed:
        raise BlindingError(
            f"This workspace was made from a reading pack: the truth of '{study.name}' is not in "
            "it, only in the coordinator's workspace."
        )
    return StudySecrets.from_bytes(unseal(sealed, passphrase, study_id))


def unseal_for_training(database: Database, study_id: str, passphrase: str) -> StudySecrets:
    """What is sealed, for training only: nothing is stored openly, the study stays blinded; logged.

    Raises `BlindingError` when the protocol does not permit it or the passphrase is wrong.
    """
    with database.read() as connection:
        study = read_study(connection, study_id)
    if not study.protocol.permits_feedback:
        raise BlindingError(
            f"The study '{study.name}' is still blinded, and its protocol does not permit training "
            "with its ratings until it is unblinded. Finish the reading sessions and unblind the "
            "study first."
        )
    secrets = unseal_study(database, study_id, passphrase)
    with database.write() as connection:
        append_event(
            connection,
            "truth_read_for_training",
            study_id=study_id,
            detail="the study stays blinded",
        )
    return secrets


def unblind_study(database: Database, study_id: str, passphrase: str) -> None:
    """Unseal the truth and store it openly, once and for all; logged.

    Raises `BlindingError` when the passphrase is wrong or the study is unblinded already.
    """
    table = schema.studies
    with database.read() as connection:
        _require_blinded(read_study(connection, study_id))
    secrets = unseal_study(database, study_id, passphrase)
    with database.write() as connection:
        _require_blinded(read_study(connection, study_id))
        unfinished = connection.execute(
            select(func.count())
            .select_from(schema.sessions)
            .where(schema.sessions.c.study_id == study_id, schema.sessions.c.finished_at.is_(None))
        ).scalar_one()
        connection.execute(
            schema.truths.insert(),
            [
                {"study_id": study_id}
                | {name: getattr(truth, name) for name in Truth.__dataclass_fields__}
                for truth in secrets.truths
            ],
        )
        connection.execute(
            table.update()
            .where(table.c.study_id == study_id)
            .values(unblinded_at=to_iso(utc_now()))
        )
        append_event(
            connection,
            "unblinded",
            study_id=study_id,
            detail=f"{unfinished} sessions were unfinished",
        )


def read_truth(connection: Connection, study_id: str) -> dict[str, Truth]:
    """Truth by image id; raises `BlindingError` while the study is blinded."""
    if read_study(connection, study_id).blinded:
        raise BlindingError(
            "The study is still blinded. Unblind it with the coordinator's passphrase first."
        )
    table = schema.truths
    columns = [table.c[name] for name in Truth.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(table.c.study_id == study_id))
    return {row.image_id: Truth(**row._asdict()) for row in rows}


def _require_blinded(study: Study) -> None:
    if study.unblinded_at is not None:
        raise BlindingError(
            f"The study '{study.name}' was unblinded on {to_iso(study.unblinded_at)}."
        )


def _study(connection: Connection, row: Any) -> Study:
    protocol = parse_protocol_json(row.protocol, f"protocol of the study '{row.name}'")
    if protocol_sha256(protocol) != row.protocol_sha256:
        raise ProtocolError(
            f"The protocol of the study '{row.name}' was changed after it had been stored; its "
            "hash no longer fits. Restore the workspace from a copy."
        )
    images = schema.presented_images
    counts = connection.execute(
        select(func.count(), func.count(images.c.training_truth)).where(
            images.c.study_id == row.study_id
        )
    ).one()
    return Study(
        study_id=row.study_id,
        name=row.name,
        protocol=protocol,
        protocol_sha256=row.protocol_sha256,
        created_at=from_iso(row.created_at),
        frozen_at=from_iso(row.frozen_at) if row.frozen_at else None,
        unblinded_at=from_iso(row.unblinded_at) if row.unblinded_at else None,
        n_images=counts[0] - counts[1],
        n_training_images=counts[1],
    )
