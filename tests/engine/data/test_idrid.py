from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.content_store import read_image
from engine.data.idrid import import_idrid
from engine.data.importing import ImportReport
from engine.data.manifest import read_manifest
from engine.errors import DataError
from engine.workspace import Workspace

GRADING = "B. Disease Grading/1. Original Images"
SEGMENTATION = "A. Segmentation/1. Original Images"
#: the published table's own quirks: byte-order mark, stray blank, empty columns
HEADER = "\ufeffImage name,Retinopathy grade,Risk of macular edema ,,,,,,,,,\r\n"


def reasons(report: ImportReport) -> dict[str, str]:
    return {item.path: item.reason for item in report.skipped}


def records(workspace: Workspace):
    return {record.record_id: record for record in read_manifest(workspace.manifest_path("idrid"))}


@pytest.fixture
def grading(tmp_path: Path, write_photograph) -> Path:
    """Three training and two testing photographs, numbered as published, with their tables."""
    root = tmp_path / "data"
    for number in (1, 2, 3):
        write_photograph(
            root / GRADING / "a. Training Set" / f"IDRiD_{number:03d}.jpg", 150 + 10 * number
        )
    for number in (1, 2):
        write_photograph(
            root / GRADING / "b. Testing Set" / f"IDRiD_{number:03d}.jpg", 200 + 10 * number
        )
    tables = root / "B. Disease Grading" / "2. Groundtruths"
    tables.mkdir()
    (tables / "a. IDRiD_Disease Grading_Training Labels.csv").write_bytes(
        (HEADER + "IDRiD_001,3,2,,,,,,,,,\r\nIDRiD_002,0,0,,,,,,,,,\r\n,,,,,\r\n").encode()
    )
    (tables / "b. IDRiD_Disease Grading_Testing Labels.csv").write_bytes(
        (HEADER + "IDRiD_001,4,1,,,,,,,,,\r\nIDRiD_002,1,0,,,,,,,,,\r\n").encode()
    )
    return root


def test_real_photographs_are_read(real_data: Path, tmp_path: Path, workspace: Workspace) -> None:
    source = tmp_path / "few"
    source.mkdir()
    for number in (1, 2, 3):
        shutil.copy(real_data / "idrid" / f"IDRiD_{number:02d}.jpg", source)
    report = import_idrid(source, workspace, size=128)
    assert (report.imported, report.skipped) == (3, [])
    record = records(workspace)["idrid/IDRiD_02"]
    assert (record.class_label, record.split, record.origin) == ("", "", "IDRiD_02.jpg")
    assert (record.width, record.channels, record.bit_depth) == (128, 3, 8)
    assert read_image(workspace, record.key).shape == (128, 128, 3)


def test_grades_and_risks_come_from_the_tables(grading: Path, workspace: Workspace) -> None:
    report = import_idrid(grading, workspace, size=64)
    assert (report.imported, report.skipped, report.notes) == (5, [], [])
    found = records(workspace)
    facts = {
        name: (record.split, record.class_label, record.attributes)
        for name, record in found.items()
    }
    assert facts == {
        "idrid/IDRiD_001": ("train", "3", {"macular edema risk": "2"}),
        "idrid/IDRiD_002": ("train", "0", {"macular edema risk": "0"}),
        "idrid/IDRiD_003": ("train", "", {}),
        # The testing set begins again at 001: other photographs, other grades.
        "idrid/test/IDRiD_001": ("test", "4", {"macular edema risk": "1"}),
        "idrid/test/IDRiD_002": ("test", "1", {"macular edema risk": "0"}),
    }


@pytest.mark.parametrize("start", [".", "B. Disease Grading", GRADING, f"{GRADING}/b. Testing Set"])
def test_the_import_may_begin_anywhere(grading: Path, workspace: Workspace, start: str) -> None:
    import_idrid(grading, workspace, size=64)
    before = records(workspace)
    report = import_idrid(grading / start, workspace, size=64)
    assert report.imported == 0
    assert report.unchanged in (2, 5)
    assert records(workspace) == before


def test_tables_are_found_beside_the_pictures(grading: Path, workspace: Workspace) -> None:
    import_idrid(grading / GRADING / "b. Testing Set", workspace, size=64)
    assert records(workspace)["idrid/test/IDRiD_001"].class_label == "4"


def test_two_and_three_digits_are_different_photographs(
    grading: Path, write_photograph, workspace: Workspace
) -> None:
    write_photograph(grading / SEGMENTATION / "a. Training Set" / "IDRiD_01.jpg", 111)
    mask = grading / "A. Segmentation/2. All Segmentation Groundtruths/IDRiD_01_MA.tif"
    write_photograph(mask)
    report = import_idrid(grading, workspace, size=64)
    assert (report.imported, report.skipped) == (6, [])
    found = records(workspace)
    assert found["idrid/IDRiD_01"].class_label == ""
    assert found["idrid/IDRiD_01"].key != found["idrid/IDRiD_001"].key


def test_a_number_found_twice_is_imported_once(
    grading: Path, write_photograph, workspace: Workspace
) -> None:
    copy = "C. Localization/1. Original Images/a. Training Set/IDRiD_001.jpg"
    write_photograph(grading / copy, 99)
    report = import_idrid(grading, workspace, size=64)
    assert report.imported == 5
    assert "another folder" in reasons(report)[copy]
    assert records(workspace)["idrid/IDRiD_001"].origin.startswith("B. Disease Grading")


def test_the_same_picture_under_two_numbers_is_noted(grading: Path, workspace: Workspace) -> None:
    training = grading / GRADING / "a. Training Set"
    shutil.copy(training / "IDRiD_001.jpg", training / "IDRiD_007.jpg")
    report = import_idrid(grading, workspace, size=64)
    assert any(note.startswith("1 photographs are the same picture") for note in report.notes)


def test_broken_neighbours_are_named_and_the_rest_is_kept(
    grading: Path, write_photograph, workspace: Workspace
) -> None:
    folder = grading / GRADING / "a. Training Set"
    whole = (folder / "IDRiD_001.jpg").read_bytes()
    (folder / "IDRiD_010.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "IDRiD_011.jpg").write_bytes(b"")
    (folder / "IDRiD_012.jpg").write_text("not a photograph")
    Image.new("RGB", (1, 1)).save(folder / "IDRiD_013.jpg")
    Image.new("RGB", (90, 60)).save(folder / "IDRiD_014.jpg")
    write_photograph(folder / "IDRiD_015.png").rename(folder / "IDRiD_015.jpg")
    write_photograph(folder / "holiday.jpg")
    (folder / "notes.txt").write_text("no picture, and no business of ours")
    report = import_idrid(grading, workspace, size=64)
    prefix = f"{GRADING}/a. Training Set/"
    expected = {
        f"{prefix}IDRiD_010.jpg": "cut short",
        f"{prefix}IDRiD_011.jpg": "empty",
        f"{prefix}IDRiD_012.jpg": "not a JPEG",
        f"{prefix}IDRiD_013.jpg": "too small",
        f"{prefix}IDRiD_014.jpg": "no field of view",
        f"{prefix}IDRiD_015.jpg": "wrong extension",
        f"{prefix}holiday.jpg": "its name",
    }
    found = reasons(report)
    assert found.keys() == expected.keys()
    for path, reason in expected.items():
        assert reason in found[path]
    assert report.imported == 5


def test_faults_in_a_table_are_noted_by_row(grading: Path, workspace: Workspace) -> None:
    table = (
        grading / "B. Disease Grading/2. Groundtruths/a. IDRiD_Disease Grading_Training Labels.csv"
    )
    table.write_text(HEADER + "IDRiD_001,7,0\nIDRiD_002,2,1\nIDRiD_099,2,1\n", encoding="utf-8")
    report = import_idrid(grading, workspace, size=64)
    assert any("row 2" in note and "'7'" in note for note in report.notes)
    assert any("IDRiD_099" in note for note in report.notes)
    assert records(workspace)["idrid/IDRiD_001"].class_label == ""
    assert records(workspace)["idrid/IDRiD_002"].class_label == "2"


def test_an_import_can_be_cancelled_and_completed(grading: Path, workspace: Workspace) -> None:
    seen: list[int] = []
    first = import_idrid(
        grading,
        workspace,
        size=64,
        progress=lambda done, total, item: seen.append(done),
        cancelled=lambda: len(seen) > 2,
    )
    assert first.cancelled
    assert first.imported == len(records(workspace)) == 2
    second = import_idrid(grading, workspace, size=64)
    assert (second.imported, second.unchanged) == (3, 2)


def test_another_picture_of_the_same_number_is_refused(
    grading: Path, write_photograph, workspace: Workspace, tmp_path: Path
) -> None:
    import_idrid(grading, workspace, size=64)
    write_photograph(tmp_path / "bare" / "IDRiD_001.jpg", 77)
    report = import_idrid(tmp_path / "bare", workspace, size=64)
    assert (report.imported, report.images_total) == (0, 5)
    assert "already there" in reasons(report)["IDRiD_001.jpg"]


def test_a_folder_without_photographs_is_refused(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "IDRiD_1.txt").write_text("")
    with pytest.raises(DataError, match="No IDRiD photograph"):
        import_idrid(tmp_path, workspace)


def test_stored_pictures_are_square_rgb(grading: Path, workspace: Workspace) -> None:
    import_idrid(grading, workspace, size=48)
    for record in records(workspace).values():
        pixels = read_image(workspace, record.key)
        assert (pixels.shape, pixels.dtype) == ((48, 48, 3), np.uint8)
