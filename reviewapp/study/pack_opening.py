"""Opens a reading pack on the reader's computer: a small workspace for rating, without truth."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from engine.atomic_file import partial_path, write_bytes
from engine.errors import DataError
from engine.interrupted_writes import tidy_beside
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.consents import merge_consents
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.errors import PackError, ProtocolError
from reviewapp.study.event_log import append_event
from reviewapp.study.model import Reader
from reviewapp.study.pack_container import PackHeader, read_pack
from reviewapp.study.pack_content import PackedStudy, parse_content, unpacked_consents
from reviewapp.study.pack_rows import PackRecord, add_pack, list_packs
from reviewapp.study.presented_frames import write_frames
from reviewapp.study.protocol import Protocol, canonical_json, parse_protocol_json, protocol_sha256
from reviewapp.study.readers import add_reader
from reviewapp.study.timestamps import to_iso, utc_now


def open_pack(path: Path, code: str, folder: Path) -> Workspace:
    """Make a workspace in ``folder`` from the pack, or give back the one made from it before.

    Raises `PackError` when the pack is changed, incomplete or of another kind, the code is wrong,
    or ``folder`` holds something else; then ``folder`` is as it was.
    """
    header, members = read_pack(path, code, "reading")
    content = parse_content(PackedStudy, members, "study.json", path)
    protocol = _protocol(header, content)
    _check_complete(path, content, members, protocol)
    folder = folder.expanduser().resolve()
    if folder.exists() and any(folder.iterdir()):
        if _made_from(folder, header.pack_id):
            return Workspace(folder)
        raise PackError(f"The folder {folder} is not empty. Choose a new or an empty one.")
    building = _neighbour(folder)
    try:
        _build(Workspace.create(building), header, content, protocol, members, code)
        if folder.exists():
            folder.rmdir()
        building.replace(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return Workspace.create(folder)


def _neighbour(folder: Path) -> Path:
    """A new folder beside ``folder``, so that a half-made workspace never stands in its place."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        tidy_beside(folder)
        building = partial_path(folder)
        building.mkdir(mode=0o700)
        return building
    except OSError as error:
        raise PackError(
            f"Cannot write to {folder.parent}: {error.strerror or error}. Choose another folder."
        ) from error


def _protocol(header: PackHeader, content: PackedStudy) -> Protocol:
    try:
        protocol = parse_protocol_json(content.protocol, "protocol of the pack")
    except ProtocolError as error:
        raise PackError(f"This app cannot run the pack's protocol. {error}") from error
    if protocol_sha256(protocol) != header.protocol_sha256:
        raise PackError(
            "The pack's protocol does not have the hash in its header; the pack is not as it was "
            "made. Ask for the file again."
        )
    return protocol


def _check_complete(
    path: Path, content: PackedStudy, members: Mapping[str, bytes], protocol: Protocol
) -> None:
    import numpy as np

    from engine.data.content_store import decode_png

    known = {image.image_id: image for image in content.images}
    indices = [trial.trial_index for trial in content.trials]
    if indices != list(range(protocol.n_trials)) or len(known) != len(content.images):
        raise PackError(f"{path.name} does not hold the trials that its protocol asks for.")
    for trial in content.trials:
        shown = [trial.image_id] + ([trial.right_image_id] if protocol.is_paired else [])
        if any(image_id not in known for image_id in shown):
            raise PackError(f"{path.name} lacks the image of trial {trial.trial_index + 1}.")
        if not trial.is_training and any(known[i or ""].training_truth for i in shown):
            raise PackError(f"{path.name} tells the truth of a scored image; it was not opened.")
    side = (protocol.size_px, protocol.size_px)
    # Each is decoded: one that could not be shown would end the session at its trial.
    for key in {key for image in content.images for key in (image.presented_key, *image.frames)}:
        try:
            pixels = decode_png(members[f"images/{key}.png"])
        except (KeyError, DataError) as error:
            raise PackError(f"{path.name} lacks an image, or one is damaged.") from error
        if pixels.shape[:2] != side or pixels.dtype != np.uint8:
            raise PackError(f"{path.name} holds an image of another size or depth than the rest.")


def _made_from(folder: Path, pack_id: str) -> bool:
    workspace = Workspace(folder)
    if not workspace.database.is_file():
        return False
    database = Database(sqlite_url(workspace.database), workspace.journal)
    try:
        with database.read() as connection:
            return any(p.opened_here and p.pack_id == pack_id for p in list_packs(connection))
    finally:
        database.close()


def _build(
    workspace: Workspace,
    header: PackHeader,
    content: PackedStudy,
    protocol: Protocol,
    members: Mapping[str, bytes],
    code: str,
) -> None:
    for image in content.images:
        for key in (image.presented_key, *image.frames):
            # The name is made anew from a checked key, never taken from the archive.
            write_bytes(workspace.image_path(key), members[f"images/{key}.png"], durable=False)
    database = Database(sqlite_url(workspace.database), workspace.journal)
    try:
        with database.write() as connection:
            add_reader(
                connection,
                Reader(
                    reader_id=header.reader_id,
                    specialty=content.specialty,
                    experience_years=content.experience_years,
                    role=content.role,
                ),
            )
            connection.execute(
                schema.studies.insert().values(
                    study_id=header.study_id,
                    name=content.study_name,
                    protocol=canonical_json(protocol),
                    protocol_sha256=header.protocol_sha256,
                    created_at=to_iso(content.created_at),
                    frozen_at=to_iso(content.frozen_at),
                    sealed_truth=b"",
                )
            )
            connection.execute(
                schema.presented_images.insert(),
                [
                    image.model_dump(exclude={"frames"})
                    | {"study_id": header.study_id, "block_group": 0}
                    for image in content.images
                ],
            )
            write_frames(
                connection,
                header.study_id,
                {image.image_id: image.frames for image in content.images if image.frames},
            )
            connection.execute(
                schema.sessions.insert().values(
                    session_id=content.session_id,
                    study_id=header.study_id,
                    reader_id=header.reader_id,
                    started_at=to_iso(content.started_at),
                )
            )
            connection.execute(
                schema.trials.insert(),
                [t.model_dump() | {"session_id": content.session_id} for t in content.trials],
            )
            merge_consents(
                connection, content.session_id, unpacked_consents(content.consents), utc_now()
            )
            add_pack(
                connection,
                PackRecord(
                    pack_id=header.pack_id,
                    study_id=header.study_id,
                    reader_id=header.reader_id,
                    session_id=content.session_id,
                    opened_here=True,
                    code=code,
                    created_at=content.issued_at,
                    cancelled_at=None,
                    merged_at=None,
                    leak_warns=content.leak_warns,
                ),
            )
            append_event(
                connection,
                "pack_opened",
                study_id=header.study_id,
                session_id=content.session_id,
                actor=header.reader_id,
                detail=header.pack_id,
            )
    finally:
        database.close()
