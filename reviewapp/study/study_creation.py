"""Makes a blinded study: chooses images, renders them alike, seals the truth."""

from __future__ import annotations

import random
import secrets
from pathlib import Path

from sqlalchemy import select

from engine.atomic_file import write_bytes
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.blinding import (
    StudySecrets,
    check_passphrase,
    new_study_key,
    presented_key,
    seal,
)
from reviewapp.study.database import Database
from reviewapp.study.errors import ProtocolError, StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.library import find_images
from reviewapp.study.model import ImageFilter, ImageRow, Truth
from reviewapp.study.presentation import common_presentation, present
from reviewapp.study.protocol import (
    RUNNABLE_DESIGNS,
    Protocol,
    canonical_json,
    protocol_sha256,
)
from reviewapp.study.selection import Selection, select_images
from reviewapp.study.timestamps import to_iso, utc_now
from reviewapp.study.trials import Deal, deal_images

_MAX_NAME = 120
# A source of randomness that nothing in the database can reproduce.
_unpredictable = random.SystemRandom()


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

    Raises `ProtocolError` (design, too few images), `StoreError` (name), `BlindingError`
    (passphrase), `engine.errors.DataError` (damaged image) and `engine.errors.Cancelled`.
    """
    name = name.strip()
    _check_request(database, name, protocol, passphrase)
    if seed is None:
        seed = protocol.seed if protocol.seed is not None else secrets.randbelow(2**32)
    with database.read() as connection:
        library = find_images(connection, ImageFilter())
    selection = select_images(library, protocol, seed)
    datasets = tuple(sorted({image.dataset for image in selection.everything}))
    # What was left open ("any data set", "any seed") is settled now and becomes part of the hash.
    settled = protocol.model_copy(update={"seed": seed, "datasets": datasets})
    study_id = f"study-{secrets.token_hex(5)}"
    study_key = new_study_key()
    written: list[Path] = []
    try:
        keys = _render(workspace, selection, settled, study_key, written, progress, cancelled)
        image_ids = {image.record_id: f"i{secrets.token_hex(8)}" for image in selection.everything}
        truths = tuple(_truth(image_ids[image.record_id], image) for image in selection.everything)
        sealed = seal(StudySecrets(study_key, truths).to_bytes(), passphrase, study_id)
        rows = _presented_rows(study_id, selection, settled, image_ids, keys)
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
            append_event(connection, "study_created", study_id=study_id, detail=name)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return study_id


def _check_request(database: Database, name: str, protocol: Protocol, passphrase: str) -> None:
    if not name or len(name) > _MAX_NAME:
        raise StoreError(f"Give the study a name of 1 to {_MAX_NAME} characters.")
    if protocol.design not in RUNNABLE_DESIGNS:
        raise ProtocolError(
            f"design: '{protocol.design}' cannot be run by this version; "
            f"use {' or '.join(repr(design) for design in RUNNABLE_DESIGNS)}."
        )
    check_passphrase(passphrase)
    with database.read() as connection:
        taken = connection.execute(
            select(schema.studies.c.study_id).where(schema.studies.c.name == name)
        ).first()
    if taken is not None:
        raise StoreError(f"A study named '{name}' exists already; choose another name.")


def _render(
    workspace: Workspace,
    selection: Selection,
    protocol: Protocol,
    study_key: bytes,
    written: list[Path],
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> dict[str, str]:
    """Write every presented image, noting new files in ``written``; returns keys by record id."""
    from engine.data.content_store import read_image

    presentations = {
        dataset: common_presentation(
            [image for image in selection.everything if image.dataset == dataset], protocol.size_px
        )
        for dataset in protocol.datasets
    }
    # In an order of its own, so that the files' times say nothing either.
    order = list(selection.everything)
    _unpredictable.shuffle(order)
    keys = {}
    for done, image in enumerate(order):
        raise_if_cancelled(cancelled)
        progress(done, len(order), f"Image {done + 1} of {len(order)}")
        png = present(read_image(workspace, image.key), presentations[image.dataset])
        key = presented_key(study_key, png)
        path = workspace.image_path(key)
        if not path.exists():
            written.append(path)
            write_bytes(path, png)
        keys[image.record_id] = key
    progress(len(order), len(order), "Sealing the truth")
    return keys


def _presented_rows(
    study_id: str,
    selection: Selection,
    protocol: Protocol,
    image_ids: dict[str, str],
    keys: dict[str, str],
) -> list[dict[str, object]]:
    deals = deal_images(
        [(image.source, image.dataset, image.class_label) for image in selection.scored],
        protocol.n_repeats,
        protocol.block_size,
        _unpredictable,
    )
    tellable = selection.tellable_classes()
    dealt = list(zip(selection.scored, deals, strict=True))
    dealt += [(image, Deal(0, None)) for image in selection.training]
    training = {image.record_id for image in selection.training}
    rows: list[dict[str, object]] = [
        {
            "study_id": study_id,
            "image_id": image_ids[image.record_id],
            "presented_key": keys[image.record_id],
            "dataset": image.dataset,
            "class_label": image.class_label if image.dataset in tellable else "",
            "training_truth": image.source if image.record_id in training else None,
            "block_group": deal.group,
            "repeat_group": deal.repeat_group,
        }
        for image, deal in dealt
    ]
    # The ids are random: sorted by them, the rows' order on disk tells nothing.
    return sorted(rows, key=lambda row: str(row["image_id"]))


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
