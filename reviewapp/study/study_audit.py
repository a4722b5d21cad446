"""Audits a made study: unseals the truth for a moment, measures, keeps the result.

The numbers are kept openly. What tells the sources apart is not: a reader who knew would do better.
That part of the report is sealed like the truth.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.blinding import StudySecrets, seal
from reviewapp.study.database import Database
from reviewapp.study.errors import StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.leak_audit import AuditedImage, LeakAudit, audit_images
from reviewapp.study.model import ImageRow, LeakAuditRecord, Study
from reviewapp.study.presentation import common_presentation
from reviewapp.study.presented_files import read_presented
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.study_rows import read_study, unseal_study
from reviewapp.study.timestamps import from_iso, to_iso, utc_now


def audit_study(
    database: Database,
    workspace: Workspace,
    study_id: str,
    passphrase: str,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> LeakAudit:
    """Audit the presented images of a study, training ones included; the result is logged.

    Raises `BlindingError` (passphrase), `StoreError` (an image is missing), `Cancelled`.
    """
    secrets = unseal_study(database, study_id, passphrase)
    with database.read() as connection:
        study = read_study(connection, study_id)
        images = library_images(connection, secrets)
        keys = presented_keys(connection, study_id)
    measured = _measure(workspace, study, images, keys, progress, cancelled)
    audit = audit_images(measured, study.protocol.remedies)
    sealed = seal(_report(audit), passphrase, study_id)
    with database.write() as connection:
        _keep(connection, study, audit, sealed)
    return audit


def last_audit(connection: Connection, study_id: str) -> LeakAuditRecord | None:
    """The numbers of the latest audit; None if there was none."""
    table = schema.leak_audits
    row = connection.execute(
        select(table).where(table.c.study_id == study_id).order_by(table.c.audit_id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    rendered = schema.studies.c.protocol_sha256
    current = connection.execute(
        select(rendered).where(schema.studies.c.study_id == study_id)
    ).scalar_one()
    return LeakAuditRecord(
        at=from_iso(row.at),
        auc=row.auc,
        lower=row.lower,
        upper=row.upper,
        n_real=row.n_real,
        n_generated=row.n_generated,
        warns=row.warns,
        current=row.protocol_sha256 == current,
    )


def library_images(connection: Connection, secrets: StudySecrets) -> dict[str, ImageRow]:
    """The library's rows by image id; raises `StoreError` where one has gone."""
    table = schema.images
    fields = [table.c[name] for name in ImageRow.__dataclass_fields__]
    found = {
        row.record_id: ImageRow(**row._asdict()) for row in connection.execute(select(*fields))
    }
    missing = [t.record_id for t in secrets.truths if t.record_id not in found]
    if missing:
        raise StoreError(
            f"{len(missing)} images of the study are no longer in the library. Import the data "
            "sets again, or restore the workspace from a copy."
        )
    return {truth.image_id: found[truth.record_id] for truth in secrets.truths}


def presented_keys(connection: Connection, study_id: str) -> dict[str, str]:
    """The presented file's key by image id."""
    table = schema.presented_images
    rows = connection.execute(
        select(table.c.image_id, table.c.presented_key).where(table.c.study_id == study_id)
    )
    return {row.image_id: row.presented_key for row in rows}


def _measure(
    workspace: Workspace,
    study: Study,
    images: dict[str, ImageRow],
    keys: dict[str, str],
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> list[AuditedImage]:
    from reviewapp.study.nuisance_features import measure

    protocol = study.protocol
    native = {
        dataset: common_presentation(
            [image for image in images.values() if image.dataset == dataset],
            protocol.size_px,
            protocol.remedies,
        ).native_px
        for dataset in {image.dataset for image in images.values()}
    }
    measured = []
    # By neutral id: neither the order nor the pace of the work follows the sources.
    for done, image_id in enumerate(sorted(images)):
        raise_if_cancelled(cancelled)
        progress(done, len(images), f"Measuring image {done + 1} of {len(images)}")
        image, path = images[image_id], workspace.image_path(keys[image_id])
        measured.append(
            AuditedImage(
                path=path,
                source=image.source,
                dataset=image.dataset,
                patient=image.patient,
                features=measure(read_presented(path), native[image.dataset]),
            )
        )
    progress(len(images), len(images), "Comparing")
    return measured


def _report(audit: LeakAudit) -> bytes:
    content = {
        "sentence": audit.sentence,
        "features": [
            {
                "name": feature.name,
                "auc": feature.auc,
                "interval": feature.interval,
                "description": feature.description,
                "highest": feature.highest.stem,
                "lowest": feature.lowest.stem,
            }
            for feature in audit.features
        ],
    }
    return json.dumps(content).encode("utf-8")


def _keep(connection: Connection, study: Study, audit: LeakAudit, sealed: bytes) -> None:
    area = None if isinstance(audit.auc, NotEstimable) else audit.auc
    lower, upper = (None, None) if area is None or area.interval is None else area.interval
    connection.execute(
        schema.leak_audits.insert().values(
            study_id=study.study_id,
            at=to_iso(utc_now()),
            auc=None if area is None else area.value,
            lower=lower,
            upper=upper,
            n_real=audit.n_real,
            n_generated=audit.n_generated,
            warns=audit.warns,
            protocol_sha256=study.protocol_sha256,
            sealed_report=sealed,
        )
    )
    told = "not estimable" if area is None else f"area {area.value:.3f}"
    if lower is not None:
        told += f" ({lower:.3f} to {upper:.3f})"
    append_event(
        connection,
        "leak_audited",
        study_id=study.study_id,
        detail=f"{told}, {'warning' if audit.warns else 'no warning'}, "
        f"protocol {study.protocol_sha256}",
    )
