from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.manifest import read_manifest, write_manifest
from engine.workspace import Workspace
from reviewapp.study.cine import sequences
from reviewapp.study.errors import ProtocolError
from reviewapp.study.model import Reader
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.protocol import Protocol, Remedies
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


def give_frames(workspace: Workspace, path: Path, per_sequence: int) -> None:
    """Make sequences of neighbouring records; the last frame is listed first."""
    records = [
        record.model_copy(
            update={
                "attributes": {
                    "sequence": f"s{number // per_sequence}",
                    "frame": str(per_sequence - number % per_sequence + 8),
                }
            }
        )
        if record.dataset == "acdc"
        else record
        for number, record in enumerate(read_manifest(path))
    ]
    write_manifest(path, records)


@pytest.fixture
def cine(protocol: Protocol) -> Protocol:
    return Protocol.model_validate(
        protocol.model_dump()
        | {"tools": {"cine": True}, "n_real": 3, "n_generated": 3, "training_trials": 2}
    )


@pytest.fixture
def moving(store: StudyStore, library: Workspace) -> StudyStore:
    give_frames(library, library.manifest_path("acdc"), 3)
    for run in library.runs.iterdir():
        give_frames(library, run / "generated.jsonl", 3)
    store.sync_library()
    return store


def test_every_image_has_as_many_frames_in_their_order(
    moving: StudyStore, cine: Protocol, reader: Reader, passphrase: str, tmp_path: Path
) -> None:
    study = moving.create_study("Moving", cine, passphrase)
    pack = moving.make_pack(study.study_id, reader.reader_id, tmp_path / "pack")
    moving.cancel_pack(pack.pack_id)
    away = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "away"))
    for store in (moving, away):
        session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
        seen: set[Path] = set()
        while not session.finished:
            session.end_break()
            view = session.current
            assert view is not None
            assert len(set(view.cine_paths)) == 3
            assert view.cine_paths[0] == view.path
            assert all(path.is_file() for path in view.cine_paths)
            if not store.trials(session.session_id)[view.trial_index].is_repeat:
                assert seen.isdisjoint(view.cine_paths)
                seen |= set(view.cine_paths)
            session.answer(4, 1.0, utc_now(), utc_now())
            session.advance()
        assert len({path.stat().st_size for path in seen}) == 1
    away.close()


def test_remedies_are_applied_to_frames_too(
    moving: StudyStore, cine: Protocol, passphrase: str
) -> None:
    study = moving.create_study("Moving", cine, passphrase)
    before = moving.cine_frames(study.study_id)
    moving.apply_remedies(study.study_id, passphrase, Remedies(grey_levels=16))
    after = moving.cine_frames(study.study_id)
    assert before.keys() == after.keys()
    old = {path for paths in before.values() for path in paths}
    new = {path for paths in after.values() for path in paths}
    assert old.isdisjoint(new)
    assert not any(path.exists() for path in old)
    assert all(path.is_file() for path in new)


def test_frames_that_only_real_images_have_are_refused(
    store: StudyStore, library: Workspace, cine: Protocol, passphrase: str
) -> None:
    with pytest.raises(ProtocolError, match="real and generated images are single pictures"):
        store.create_study("Still", cine, passphrase)
    give_frames(library, library.manifest_path("acdc"), 3)
    store.sync_library()
    with pytest.raises(ProtocolError, match="the generated images are single pictures"):
        store.create_study("Still", cine, passphrase)
    for run in library.runs.iterdir():
        give_frames(library, run / "generated.jsonl", 2)
    store.sync_library()
    with pytest.raises(ProtocolError, match="different numbers of frames"):
        store.create_study("Still", cine, passphrase)
    assert store.studies() == []


def test_acdc_slices_at_both_phases_are_a_sequence(store: StudyStore, library: Workspace) -> None:
    path = library.manifest_path("acdc")
    records = read_manifest(path)
    named = [
        record.model_copy(
            update={
                "patient": "patient001",
                "attributes": {"frame": ("ES", "ED")[n % 2], "slice": str(n // 2)},
            }
        )
        for n, record in enumerate(records[:5])
    ]
    write_manifest(path, named + list(records[5:]))
    store.sync_library()
    found = sequences(store.images())
    assert [[frame.attributes["frame"] for frame in frames] for frames in found.values()] == [
        ["ED", "ES"],
        ["ED", "ES"],
    ]
    assert set(found) == {records[1].record_id, records[3].record_id}
