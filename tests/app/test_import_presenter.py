"""What the import dialog checks and reports, without a screen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

from engine.data.importing import ImportReport, Skipped
from engine.progress import ignore_progress, never_cancelled
from engine.workspace import Workspace
from reviewapp.data_import.detection import detect_kind
from reviewapp.data_import.presenter import (
    ImportForm,
    headline,
    run_import,
    skipped_as_text,
    write_skipped_csv,
)
from reviewapp.study.store import StudyStore


def test_the_data_set_is_told_from_names(
    drawn_acdc: Path, drawn_idrid: Path, tmp_path: Path
) -> None:
    (tmp_path / "holiday.png").touch()
    assert detect_kind(drawn_acdc) == "acdc"
    patient = next((drawn_acdc / "training").iterdir())
    assert detect_kind(patient) == "acdc"
    assert detect_kind(drawn_idrid) == "idrid"
    assert detect_kind(tmp_path) == "folder"
    assert detect_kind(tmp_path / "absent") is None


def test_real_data_sets_are_told_from_names(real_data: Path) -> None:
    assert detect_kind(real_data / "acdc") == "acdc"
    assert detect_kind(real_data / "acdc" / "mirror_layout") == "acdc"
    assert detect_kind(real_data / "idrid") == "idrid"


def test_a_form_says_what_is_missing(tmp_path: Path) -> None:
    assert "Choose the folder" in ImportForm().problem()
    assert "There is no folder" in ImportForm(folder=str(tmp_path / "absent")).problem()
    complete = ImportForm(folder=str(tmp_path), name="gan-x", source_kind="generated")
    assert complete.problem() == ""


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "two words", "letters, digits"),
        ("name", "ACDC", "kept for that data set"),
        ("classes_csv", "absent.csv", "There is no table"),
    ],
)
def test_a_form_refuses_what_the_importer_would(
    tmp_path: Path, field: str, value: str, said: str
) -> None:
    assert said in ImportForm(folder=str(tmp_path), **{field: value}).problem()
    assert ImportForm(kind="acdc", folder=str(tmp_path), **{field: value}).problem() == ""


def test_folder_options_do_not_reach_other_importers(tmp_path: Path) -> None:
    form = ImportForm(kind="idrid", folder=str(tmp_path), size=64, name="x", classes_csv="t.csv")
    options = form.options()
    assert (options.size, options.name, options.classes_csv) == (64, None, None)


def test_an_import_reaches_the_library(workspace: Workspace, drawn_idrid: Path) -> None:
    store = StudyStore.open(workspace)
    form = ImportForm(kind="idrid", folder=str(drawn_idrid), size=64)
    outcome = run_import(form, workspace, store, ignore_progress, never_cancelled)
    assert outcome.library_problem == ""
    assert outcome.report.imported == store.count_images() == 5
    store.close()


def test_a_library_that_cannot_be_updated_does_not_lose_the_report(
    workspace: Workspace, tmp_path: Path
) -> None:
    Image.new("L", (32, 32), 90).save(tmp_path / "one.png")
    workspace.manifest_path("broken").write_text("not json\n", encoding="utf-8")
    store = StudyStore.open(workspace)
    form = ImportForm(folder=str(tmp_path), name="mine")
    outcome = run_import(form, workspace, store, ignore_progress, never_cancelled)
    assert "broken.jsonl" in outcome.library_problem
    assert outcome.report.imported == store.count_images() == 1
    store.close()


def report(**changes: object) -> ImportReport:
    values: dict[str, object] = {
        "dataset": "acdc",
        "imported": 0,
        "unchanged": 0,
        "images_total": 0,
        "skipped": [],
        "cancelled": False,
        "notes": [],
    }
    return ImportReport(**{**values, **changes})


def test_headlines_name_the_counts() -> None:
    skipped = [Skipped("a.png", "empty")]
    assert headline(report(imported=1902, images_total=1902)) == (
        "1,902 new images, 0 files skipped. The data set acdc now has 1,902 images."
    )
    assert headline(report(imported=1, unchanged=3, images_total=4, skipped=skipped)) == (
        "1 new image, 3 already here, 1 file skipped. The data set acdc now has 4 images."
    )
    assert headline(report(skipped=skipped)).startswith("Nothing was imported: ")
    assert headline(report(imported=2, images_total=2, cancelled=True)).startswith("Stopped.")


def test_skipped_files_are_saved_so_that_no_spreadsheet_runs_them(tmp_path: Path) -> None:
    skipped = [Skipped("=cmd().png", "it is empty, export it again"), Skipped("ä.png", "cut off")]
    write_skipped_csv(tmp_path / "skipped.csv", skipped)
    with (tmp_path / "skipped.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "reason"],
            ["'=cmd().png", "it is empty, export it again"],
            ["ä.png", "cut off"],
        ]
    assert skipped_as_text(skipped).splitlines()[1] == "ä.png\tcut off"


def test_choices_reach_only_the_importer_that_has_them(tmp_path: Path) -> None:
    filled = {
        "folder": str(tmp_path),
        "cine": True,
        "source_kind": "generated",
        "compared_with": "acdc",
    }
    acdc = ImportForm(kind="acdc", **filled).options()
    assert (acdc.cine, acdc.compared_with) == (True, None)
    idrid = ImportForm(kind="idrid", **filled).options()
    assert (idrid.cine, idrid.compared_with) == (False, None)
    generated = ImportForm(kind="folder", **filled).options()
    assert (generated.cine, generated.compared_with) == (False, "acdc")
    real = ImportForm(kind="folder", **filled | {"source_kind": "real"}).options()
    assert real.compared_with is None
