"""Limits and refusals that `docs/security.md` states and no other test reaches."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from engine.bounded_file import read_bounded
from engine.data import folder_table, idrid
from engine.data.acdc import read_info
from engine.data.content_store import MAX_IMAGE_BYTES, MAX_SIDE, decode_png, read_image
from engine.data.file_search import MAX_DEPTH, find_files
from engine.data.folder import import_folder
from engine.data.folder_table import read_table
from engine.data.manifest import read_manifest
from engine.data.volume import read_volume
from engine.errors import DataError
from engine.workspace import Workspace
from reviewapp.study import journal_reader, pack_container
from reviewapp.study.csv_table import csv_bytes
from reviewapp.study.errors import PackError, StoreError
from reviewapp.study.store import StudyStore
from tests.hostile.test_packs import IMAGE, archive_of

links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


def table(folder: Path, content: str) -> Path:
    path = folder / "classes.csv"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("offset", [-1, 4096])
def test_sides_and_offsets_of_volumes(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "a.nii"
    if offset == -1:
        nib.save(nib.Nifti1Image(np.zeros((4097, 8, 2), np.uint8), np.eye(4)), path)
        reason = "too large"
    else:
        nib.save(nib.Nifti1Image(np.zeros((16, 16, 2), np.uint8), np.eye(4)), path)
        content = bytearray(path.read_bytes())
        struct.pack_into("<f", content, 108, 2.0**20 + offset)
        path.write_bytes(content)
        reason = "data offset"
    with pytest.raises(DataError, match=reason):
        read_volume(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("file,class\n" + "x\n" * 500_000, "500000 rows"),
        ("file,class\n" + "," * 1000 + "\n", "1000 columns"),
        ("file,class\na.png," + "x" * 81, "longer than 80"),
        ("file,class\na.png,a\u202eb", "cannot be shown"),
        ("file,sequence,frame\na.png," + "x" * 201 + ",1", "1 to 200 signs"),
        ("file,sequence,frame\na.png,x,1000000", "from 0 to 999999"),
    ],
    ids=("rows", "columns", "class", "direction", "sequence", "frame"),
)
def test_a_table_of_classes(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        read_table(table(tmp_path, content), ["a.png"], [])
    assert folder_table.MAX_ROWS == 500_000


def test_no_path_in_a_table_leads_out_of_the_folder(tmp_path: Path) -> None:
    pixels = np.arange(400, dtype=np.uint8).reshape(20, 20)
    for name in ("secret.png", "source/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(pixels if "a.png" in name else pixels.T).save(tmp_path / name)
    named = ("../secret.png", str(tmp_path / "secret.png"), "..\\secret.png", "a/../../secret.png")
    rows = "".join(f"{name},DCM,../../x,{number}\n" for number, name in enumerate(named))
    content = "file,class,sequence,frame\n" + rows + "a.png,NOR,../../x,9\n"
    workspace = Workspace.create(tmp_path / "workspace")
    before = set(tmp_path.iterdir())
    report = import_folder(
        tmp_path / "source", workspace, name="mine", size=20,
        classes_csv=table(tmp_path, content),
    )  # fmt: skip
    (record,) = read_manifest(workspace.manifest_path("mine"))
    np.testing.assert_array_equal(read_image(workspace, record.key), pixels)
    assert any("4 rows fit no file" in note for note in report.notes)
    assert set(tmp_path.iterdir()) - before == {tmp_path / "classes.csv"}


def test_long_tables_of_idrid_and_long_information_of_acdc_are_left_out(tmp_path: Path) -> None:
    grades = tmp_path / "grades.csv"
    grades.write_text("Image name,Retinopathy grade\n" + "x,1\n" * 20_000)
    notes: list[str] = []
    assert idrid._read_table(grades, notes) == {}
    assert "more than 20000 rows" in notes[0]
    with grades.open("wb") as file:
        file.truncate(4 * 2**20 + 1)
    assert idrid._read_table(grades, notes) == {}
    assert "larger than 4 MiB" in notes[1]
    info = tmp_path / "Info.cfg"
    info.write_text("Group: DCM\n")
    assert read_info(info) == {"group": "DCM"}
    info.write_text("Group: DCM\n" * 6000)
    assert read_info(info) == {}


def test_folders_are_searched_32_deep(tmp_path: Path) -> None:
    folder = tmp_path
    for number in range(MAX_DEPTH + 1):
        folder = folder / str(number)
        folder.mkdir()
        (folder / "a.png").write_bytes(b"x")
    found = find_files(tmp_path)
    assert len(found.files) == 32
    assert "more than 32 folders deep" in found.skipped[0].reason


def test_stored_pictures(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("L", (MAX_SIDE + 1, 8)).save(buffer, "PNG")
    with pytest.raises(DataError, match="too many"):
        decode_png(buffer.getvalue())
    workspace = Workspace.create(tmp_path)
    path = workspace.image_path("a" * 64)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(MAX_IMAGE_BYTES + 1)
    with pytest.raises(DataError, match="larger than 64 MiB"):
        read_image(workspace, "a" * 64)


def test_settings(tmp_path: Path) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(16 * 2**20 + 1)
    with pytest.raises(OSError, match="larger than 16 MiB"):
        read_bounded(tmp_path / "large.json")


def test_all_that_a_pack_unpacks_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive_of([("study.json", bytes(600)), (IMAGE, bytes(600))])
    assert len(pack_container._read_inner(tmp_path / "p", content)) == 2
    monkeypatch.setattr(pack_container, "MAX_CONTENT_BYTES", 1000)
    with pytest.raises(PackError, match="unpack to more"):
        pack_container._read_inner(tmp_path / "p", content)


def test_the_lines_of_a_journal(library: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store = StudyStore.open(library)
    store.sync_library()
    store.close()
    library.journal.parent.mkdir(exist_ok=True)
    with library.journal.open("ab") as file:
        file.write(b"{" * 3000 + b"\n")
    monkeypatch.setattr(journal_reader, "MAX_LINE_BYTES", 1000)
    reading = journal_reader.read_journal(library.journal)
    assert any("cannot be read" in problem for problem in reading.problems)


@links
@pytest.mark.parametrize("name", ["images", "datasets/mine.jsonl", "runs/run-1", "runs/run-1/x"])
def test_a_workspace_with_a_link_out_of_it_is_not_opened(tmp_path: Path, name: str) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    (tmp_path / "elsewhere").mkdir()
    path = workspace.root / name
    path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        path.rmdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="leads out of the workspace"):
        Workspace.create(tmp_path / "workspace")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER lose AFTER INSERT ON answers BEGIN DELETE FROM readers; END",
        "CREATE TRIGGER answers_no_update BEFORE UPDATE ON readers BEGIN SELECT 1; END",
        "CREATE VIEW shown AS SELECT 1",
    ],
)
def test_a_database_whose_schema_runs_something_is_not_opened(library: Workspace, sql: str) -> None:
    StudyStore.open(library).close()
    connection = sqlite3.connect(library.database)
    connection.execute("DROP TRIGGER answers_no_update")
    connection.execute(sql)
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="has not made"):
        StudyStore.open(library)


def test_no_cell_of_an_export_begins_a_formula() -> None:
    signs = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "'=1")
    content = csv_bytes(["text"], [[sign] for sign in signs]).decode()
    cells = [row[0] for row in csv.reader(io.StringIO(content, newline=""))][1:]
    assert cells == [f"'{sign}" for sign in signs]
