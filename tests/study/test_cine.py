from __future__ import annotations

import csv
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from engine.data.acdc import import_acdc
from engine.data.folder import import_folder
from engine.data.manifest import read_manifest, write_manifest
from engine.workspace import Workspace
from reviewapp.study.cine import sequences
from reviewapp.study.errors import ProtocolError
from reviewapp.study.export import export_ratings
from reviewapp.study.model import ImageFilter, Reader
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


def write_frames(path: Path, n_frames: int, n_planes: int = 3) -> None:
    """Noise as a 4-D NIfTI; as a 3-D one where there is a single frame."""
    rng = np.random.default_rng(list(path.name.encode()))
    voxels = rng.integers(0, 900, (40, 40, n_planes, n_frames)).astype(np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([-1.5, -1.5, 10.0, 1.0])
    nib.save(nib.Nifti1Image(voxels[..., 0] if n_frames == 1 else voxels, affine), path)


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """A workspace of four ACDC patients with cines of six frames; returns its folder."""
    for number in range(1, 5):
        folder = tmp_path / "acdc" / "training" / f"patient00{number}"
        for name, n_frames in (("frame01", 1), ("frame03", 1), ("4d", 6)):
            write_frames(folder / f"{folder.name}_{name}.nii.gz", n_frames)
        (folder / "Info.cfg").write_text("ED: 1\nES: 3\nGroup: NOR\n")
    workspace = Workspace.create(tmp_path / "workspace")
    import_acdc(tmp_path / "acdc", workspace, size=64, cine=True)
    return workspace.root


def import_generated(root: Path, folder: Path, n_frames: int) -> None:
    for number in range(4):
        write_frames(folder / f"drawn{number}.nii.gz", n_frames)
    report = import_folder(
        folder,
        Workspace(root),
        name="theirs",
        source_kind="generated",
        compared_with="acdc",
        size=64,
    )
    assert report.imported == 4 * 3 * n_frames


def test_imported_cines_are_rated_against_another_generators(
    imported: Path, cine: Protocol, tmp_path: Path, passphrase: str
) -> None:
    import_generated(imported, tmp_path / "drawn", 6)
    store = StudyStore.open(Workspace(imported))
    store.sync_library()
    reader = store.add_reader(Reader("R01", "Ada", "Cardiology", 12))
    study = store.create_study("Beating", cine, passphrase)
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    while not session.finished:
        session.end_break()
        view = session.current
        assert view is not None
        assert len(set(view.cine_paths)) == 6
        session.answer(4, 1.0, utc_now(), utc_now())
        session.advance()
    store.unblind(study.study_id, passphrase)
    ratings = export_ratings(store, study.study_id, tmp_path / "csv", parquet=False)[0]
    with ratings.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(store.trials(session.session_id)) >= 8
    assert {row["dataset"] for row in rows} == {"acdc"}
    variants = {(row["truth"], row["variant"]) for row in rows}
    assert variants == {("real", ""), ("generated", "external:theirs")}
    store.close()


def test_sequences_of_other_lengths_are_refused_with_the_way_out(
    imported: Path, cine: Protocol, tmp_path: Path, passphrase: str
) -> None:
    import_generated(imported, tmp_path / "drawn", 5)
    store = StudyStore.open(Workspace(imported))
    store.sync_library()
    with pytest.raises(ProtocolError, match=r"different numbers of frames.*compared with 'acdc'"):
        store.create_study("Beating", cine, passphrase)
    store.close()


def test_a_still_study_counts_and_chooses_no_frames_of_a_cine(
    imported: Path, cine: Protocol, tmp_path: Path, passphrase: str
) -> None:
    import_generated(imported, tmp_path / "drawn", 6)
    store = StudyStore.open(Workspace(imported))
    store.sync_library()
    real = ImageFilter(dataset="acdc", source="real")
    assert store.count_images(real) == 4 * 3 * 2
    assert {image.attributes["frame"] for image in store.images(real)} == {"ED", "ES"}
    everything = ImageFilter(dataset="acdc", source="real", cine_frames=True)
    assert store.count_images(everything) == 4 * 3 * (2 + 6)
    still = Protocol.model_validate(cine.model_dump() | {"tools": {}, "n_real": 24})
    with pytest.raises(ProtocolError, match="has 24 that fit"):
        store.create_study("Still", still, passphrase)
    store.close()
