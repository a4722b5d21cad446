from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.data.acdc import import_acdc
from engine.data.cache import training_arrays
from engine.data.content_store import read_image, to_float
from engine.data.importing import ImportReport
from engine.data.manifest import read_manifest
from engine.data.records import intensity_span
from engine.errors import Cancelled, ConfigError, DataError
from engine.workspace import Workspace


def reasons(report: ImportReport) -> dict[str, str]:
    return {item.path: item.reason for item in report.skipped}


def records(workspace: Workspace):
    return {record.record_id: record for record in read_manifest(workspace.manifest_path("acdc"))}


def test_all_real_patients_are_read_once(real_data: Path, workspace: Workspace) -> None:
    report = import_acdc(real_data / "acdc", workspace)
    assert (report.imported, report.images_total, report.cancelled) == (588, 588, False)
    assert reasons(report) == {
        "mirror_layout/patient001": "patient001 found twice; kept training/patient001"
    }
    found = records(workspace).values()
    by_group: dict[str, set[str]] = {}
    for record in found:
        by_group.setdefault(record.class_label, set()).add(record.patient)
    assert {group: len(patients) for group, patients in by_group.items()} == dict.fromkeys(
        ("DCM", "HCM", "MINF", "NOR", "RV"), 6
    )
    assert {record.split for record in found} == {"train"}
    assert "588 slices of 30 patients" in report.summary()
    assert "1902" in report.summary() and "1078" in report.summary()
    # The left ventricle, full of blood, lies in the middle of a picture that is mostly dark.
    image = to_float(read_image(workspace, records(workspace)["acdc/patient001/ed/05"].key))
    assert image.shape == (1, 128, 128)
    assert image[0, 54:74, 54:74].mean() > image.mean() + 0.3


def test_the_mirror_layout_gives_the_same_patient(real_data: Path, workspace: Workspace) -> None:
    report = import_acdc(real_data / "acdc" / "mirror_layout", workspace)
    assert (report.imported, report.skipped) == (20, [])
    record = records(workspace)["acdc/patient001/es/10"]
    assert (record.class_label, record.patient, record.split) == ("", "patient001", "train")
    # Its header says L P S: the columns run to the left and the rows to the back.
    assert record.attributes == {
        "frame": "ES",
        "slice": "10",
        "intensity": record.attributes["intensity"],
        "orientation": "R L A P",
    }
    assert record.spacing_mm == 1.5


def test_a_patient_from_another_copy_is_refused_later(
    real_data: Path, workspace: Workspace
) -> None:
    import_acdc(real_data / "acdc" / "training" / "patient001", workspace)
    before = records(workspace)
    report = import_acdc(real_data / "acdc" / "mirror_layout", workspace)
    assert (report.imported, report.unchanged, report.images_total) == (0, 0, 20)
    assert "training/patient001" in reasons(report)["patient001"]
    assert records(workspace) == before


def test_records_say_what_a_slice_is(tmp_path, write_patient, workspace) -> None:
    write_patient(tmp_path / "data", "patient007", "HCM", split="testing")
    report = import_acdc(tmp_path / "data", workspace, size=64, spacing_mm=1.25)
    assert (report.imported, report.skipped) == (6, [])
    found = records(workspace)
    assert list(found) == [
        f"acdc/patient007/{frame}/{number:02d}" for frame in ("ed", "es") for number in (1, 2, 3)
    ]
    record = found["acdc/patient007/es/02"]
    assert (record.class_label, record.split, record.source) == ("HCM", "test", "real")
    assert (record.width, record.height, record.channels, record.bit_depth) == (64, 64, 1, 16)
    assert record.spacing_mm == 1.25
    assert record.origin == "testing/patient007/patient007_frame09.nii.gz"
    assert record.attributes == {
        "frame": "ES",
        "slice": "2",
        "intensity": record.attributes["intensity"],
        "orientation": "R L A P",
        "segmentation": record.attributes["segmentation"],
    }
    low, high = intensity_span(record.attributes)
    assert 0 <= low < 20 and 880 < high < 900
    assert read_image(workspace, record.key).dtype == np.uint16


def test_the_ground_truth_lies_on_its_picture(
    tmp_path, write_patient, write_volume, workspace
) -> None:
    folder = write_patient(tmp_path / "data", "patient007")
    labels = np.zeros((40, 36, 3), np.int16)
    labels[10:20, 5:30, 1] = 3
    labels[12, 6, 1] = 1
    write_volume(folder / "patient007_frame01.nii.gz", labels * 200)
    write_volume(folder / "patient007_frame01_gt.nii.gz", labels)
    import_acdc(tmp_path / "data", workspace, size=64)
    found = records(workspace)
    record = found["acdc/patient007/ed/02"]
    mask = read_image(workspace, record.attributes["segmentation"])
    assert (mask.dtype, mask.shape) == (np.uint8, (64, 64))
    assert set(np.unique(mask)) == {0, 1, 3}
    assert (mask == 3).sum() == 10 * 25 - 1
    # The picture was drawn from the labels, at the spacing it is stored at.
    np.testing.assert_array_equal(mask > 1, read_image(workspace, record.key) > 60_000)
    # A plane without the heart has no mask.
    assert "segmentation" not in found["acdc/patient007/ed/01"].attributes


def test_a_ground_truth_that_does_not_fit_is_told_and_left_out(
    tmp_path, write_patient, write_volume, workspace
) -> None:
    folder = write_patient(tmp_path / "data", "patient007")
    write_volume(folder / "patient007_frame01_gt.nii.gz", np.ones((40, 36, 2), np.int16))
    write_volume(folder / "patient007_frame09_gt.nii.gz", np.full((40, 36, 3), 7, np.int16))
    report = import_acdc(tmp_path / "data", workspace)
    assert report.imported == 6
    assert "patient007_frame01_gt.nii.gz: no contours were imported" in report.summary()
    assert "patient007_frame09_gt.nii.gz: no contours were imported" in report.summary()
    assert not any("segmentation" in record.attributes for record in records(workspace).values())


@pytest.mark.parametrize("start", [".", "data", "data/training", "data/training/patient001"])
def test_the_import_may_begin_anywhere(tmp_path, write_patient, workspace, start) -> None:
    write_patient(tmp_path / "data", "patient001")
    assert import_acdc(tmp_path / "data", workspace).imported == 6
    again = import_acdc(tmp_path / start, workspace)
    assert (again.imported, again.unchanged, again.images_total) == (0, 6, 6)


def test_broken_neighbours_are_named_and_the_rest_is_kept(
    tmp_path, write_patient, write_volume, workspace
) -> None:
    root = tmp_path / "data"
    for number in range(1, 10):
        write_patient(root, f"patient00{number}")
    frame = {n: root / f"training/patient00{n}/patient00{n}_frame01.nii.gz" for n in range(1, 10)}
    frame[2].write_bytes(frame[2].read_bytes()[:200])
    frame[3].write_bytes(b"")
    frame[4].write_bytes(b"this is a text file\n" * 50)
    broken = np.zeros((16, 16, 2), np.float32)
    broken[0, 0, 0] = np.nan
    write_volume(frame[5], broken)
    write_volume(frame[6], np.zeros((16, 16, 2, 2, 2), np.int16))
    write_volume(frame[7], np.ones((1, 1, 4), np.int16))
    frame[8].unlink()
    (frame[9].parent / "Info.cfg").write_text("Group: NOR\n")
    write_volume(root / "training" / "scan.nii.gz", np.zeros((16, 16, 2), np.int16))
    report = import_acdc(root, workspace)
    found = reasons(report)
    expected = {
        "training/patient002/patient002_frame01.nii.gz": "cut short",
        "training/patient003/patient003_frame01.nii.gz": "empty",
        "training/patient004/patient004_frame01.nii.gz": "not gzip-compressed",
        "training/patient005/patient005_frame01.nii.gz": "not finite",
        "training/patient006/patient006_frame01.nii.gz": "5 dimensions",
        "training/patient007/patient007_frame01.nii.gz": "too small",
        "training/patient008": "the ED frame is missing",
        "training/patient009": "Info.cfg",
        "training/scan.nii.gz": "its name",
    }
    assert found.keys() == expected.keys()
    for path, reason in expected.items():
        assert reason in found[path]
        assert path in report.summary()
    # One whole patient, and the other frame of seven.
    assert report.imported == 6 + 7 * 3


def test_frames_that_are_neither_ed_nor_es_are_left_out(
    tmp_path, write_patient, write_volume, workspace
) -> None:
    folder = write_patient(tmp_path, "patient001")
    write_volume(folder / "patient001_frame05.nii.gz", np.zeros((16, 16, 2), np.int16))
    write_volume(folder / "patient001_4d.nii.gz", np.zeros((16, 16, 2, 4), np.int16))
    report = import_acdc(tmp_path, workspace)
    assert report.imported == 6
    assert list(reasons(report)) == ["training/patient001/patient001_frame05.nii.gz"]


def test_an_unknown_group_is_noted_and_sets_no_class(tmp_path, write_patient, workspace) -> None:
    write_patient(tmp_path, "patient001", group="XYZ")
    report = import_acdc(tmp_path, workspace)
    assert any("XYZ" in note for note in report.notes)
    assert {record.class_label for record in records(workspace).values()} == {""}


def test_an_import_can_be_cancelled_and_completed(tmp_path, write_patient, workspace) -> None:
    for number in range(1, 6):
        write_patient(tmp_path, f"patient00{number}")
    seen: list[int] = []
    first = import_acdc(
        tmp_path,
        workspace,
        progress=lambda done, total, item: seen.append(done),
        cancelled=lambda: len(seen) > 4,
    )
    assert first.cancelled
    assert first.imported == 4 * 3 == len(records(workspace))
    second = import_acdc(tmp_path, workspace)
    assert (second.imported, second.unchanged, second.cancelled) == (18, 12, False)
    once = Workspace.create(tmp_path / "other")
    import_acdc(tmp_path / "training", once)
    assert records(once) == records(workspace)


def test_a_cancel_before_the_first_file_changes_nothing(tmp_path, write_patient, workspace) -> None:
    write_patient(tmp_path, "patient001")
    with pytest.raises(Cancelled):
        import_acdc(tmp_path, workspace, cancelled=lambda: True)
    assert not workspace.manifest_path("acdc").exists()


def test_progress_counts_every_file(tmp_path, write_patient, workspace) -> None:
    write_patient(tmp_path, "patient001")
    calls: list[tuple[int, int, str]] = []
    import_acdc(tmp_path, workspace, progress=lambda *call: calls.append(call))
    assert [call[:2] for call in calls] == [(0, 2), (1, 2), (2, 2)]
    assert calls[0][2].endswith("patient001_frame01.nii.gz")


def test_another_size_takes_the_old_records_places(tmp_path, write_patient, workspace) -> None:
    write_patient(tmp_path, "patient001")
    import_acdc(tmp_path, workspace, size=64)
    report = import_acdc(tmp_path, workspace, size=32)
    assert (report.imported, report.images_total) == (6, 6)
    assert {record.width for record in records(workspace).values()} == {32}


def test_planes_that_are_gone_leave_the_manifest(
    tmp_path, write_patient, write_volume, workspace
) -> None:
    folder = write_patient(tmp_path, "patient001")
    import_acdc(tmp_path, workspace)
    voxels = np.random.default_rng(5).integers(0, 99, (24, 24, 2)).astype(np.int16)
    write_volume(folder / "patient001_frame01.nii.gz", voxels)
    report = import_acdc(tmp_path, workspace)
    assert (report.imported, report.unchanged, report.images_total) == (2, 3, 5)


def test_a_folder_without_patients_is_refused(tmp_path, workspace) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="No ACDC patient"):
        import_acdc(tmp_path / "empty", workspace)
    with pytest.raises(DataError, match="cannot be read"):
        import_acdc(tmp_path / "missing", workspace)


@pytest.mark.parametrize("options", [{"size": 0}, {"size": 100_000}, {"spacing_mm": 0.0}])
def test_impossible_options_are_refused(tmp_path, write_patient, workspace, options) -> None:
    write_patient(tmp_path, "patient001")
    with pytest.raises(ConfigError):
        import_acdc(tmp_path, workspace, **options)


def test_a_second_copy_in_the_official_layout_is_reported(
    tmp_path, write_patient, workspace
) -> None:
    folder = write_patient(tmp_path / "a", "patient001")
    shutil.copytree(folder, tmp_path / "b" / "training" / "patient001")
    report = import_acdc(tmp_path, workspace)
    assert report.imported == 6
    assert reasons(report) == {
        "b/training/patient001": "patient001 found twice; kept a/training/patient001"
    }


@pytest.fixture
def beating(tmp_path, write_patient, write_volume) -> Path:
    """A patient whose cine of five frames holds its ED volume as the first; returns the folder."""
    folder = write_patient(tmp_path / "data", "patient004", "DCM", split="testing")
    ed = np.random.default_rng(4).integers(0, 900, (40, 36, 3)).astype(np.int16)
    frames = np.stack([ed // (1 + frame) for frame in range(5)], axis=3)
    affine = np.diag([1.5, -1.5, 10.0, 1.0])
    write_volume(folder / "patient004_frame01.nii.gz", ed, affine=affine)
    write_volume(folder / "patient004_4d.nii.gz", frames, affine=affine)
    return folder


def test_the_cine_comes_on_request_and_is_no_training_image(beating: Path, workspace) -> None:
    import_acdc(beating, workspace)
    without = training_arrays(workspace, "acdc", 64, splits=("test",))
    report = import_acdc(beating, workspace, cine=True)
    assert (report.imported, report.unchanged, report.skipped) == (15, 6, [])
    assert "holds 6 slices of 1 patient" in report.summary()
    assert "3 sequences of 15 frames" in report.summary()
    assert training_arrays(workspace, "acdc", 64, splits=("test",)).keys == without.keys
    record = records(workspace)["acdc/patient004/cine/02/t003"]
    assert (record.patient, record.class_label, record.split) == ("patient004", "DCM", "test")
    assert record.attributes == {
        "sequence": "patient004/cine/02",
        "frame": "3",
        "slice": "2",
        "use": "cine",
        "intensity": "1 875",
        "orientation": "R L A P",
    }
    assert import_acdc(beating, workspace, cine=True).unchanged == 21
    # A later import without the cine neither loses it nor counts it as another copy.
    again = import_acdc(beating, workspace)
    assert (again.unchanged, again.images_total, again.skipped) == (6, 21, [])


def test_frames_of_a_cine_lie_as_ed_does_on_one_scale(beating: Path, workspace) -> None:
    import_acdc(beating, workspace, size=64, cine=True)
    found = records(workspace)

    def plane(name: str):
        return to_float(read_image(workspace, found[f"acdc/patient004/{name}"].key))[0]

    ed, first, last = plane("ed/02"), plane("cine/02/t001"), plane("cine/02/t005")
    assert np.corrcoef(ed.ravel(), first.ravel())[0, 1] > 0.99
    # A fifth of the brightness stays a fifth: the frames are not scaled one by one.
    inside = first > -0.5
    ratio = (last[inside] + 1) / (first[inside] + 1)
    assert np.median(ratio) == pytest.approx(0.2, abs=0.02)


def test_the_mirrors_cine_is_read_too(beating: Path, tmp_path, workspace) -> None:
    folder = tmp_path / "mirror" / "patient004"
    folder.mkdir(parents=True)
    for theirs, official in (("ed", "frame01"), ("es", "frame09"), ("t", "4d")):
        shutil.copy(
            beating / f"patient004_{official}.nii.gz", folder / f"patient004_sax_{theirs}.nii.gz"
        )
    for _ in range(2):
        report = import_acdc(folder.parent, workspace, cine=True)
        assert (report.images_total, report.skipped) == (21, [])


def test_a_cine_that_cannot_be_used_is_named_and_the_rest_kept(
    tmp_path, write_patient, write_volume, workspace
) -> None:
    cines = {}
    for number in range(1, 6):
        folder = write_patient(tmp_path, f"patient00{number}")
        cines[number] = folder / f"patient00{number}_4d.nii.gz"
        frames = np.random.default_rng(number).integers(0, 900, (24, 20, 2, 3)).astype(np.int16)
        if number < 5:
            write_volume(cines[number], frames)
    cines[1].write_bytes(cines[1].read_bytes()[:-900])
    write_volume(cines[2], np.arange(24 * 20 * 2, dtype=np.int16).reshape(24, 20, 2))
    cines[3].write_bytes(b"not a volume at all")
    report = import_acdc(tmp_path, workspace, cine=True)
    found = reasons(report)
    assert "cut short" in found["training/patient001/patient001_4d.nii.gz"]
    assert "single frame" in found["training/patient002/patient002_4d.nii.gz"]
    assert "not gzip" in found["training/patient003/patient003_4d.nii.gz"]
    assert "4d.nii.gz) is missing" in found["training/patient005"]
    assert len(found) == 4
    assert report.imported == 5 * 6 + 2 * 3
