"""``medgan-review analyse``: everything on disk without a window, nothing told while blinded."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from engine.spreadsheet_cell import escape_cell
from reviewapp.app import main
from reviewapp.context import AppContext
from reviewapp.study.model import Mark, Reader, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.timestamps import utc_now


def read_study(context: AppContext, study: Study, specialty: str, shift: int) -> None:
    reader = context.store.add_reader(Reader(specialty=specialty, experience_years=4))
    session = RatingSession(
        context.store, context.store.open_session(study.study_id, reader.reader_id)
    )
    while not session.finished:
        index = session.current.trial_index
        now = utc_now()
        session.mark(
            Mark(f"{reader.reader_id}-{index}", session.session_id, index, "ellipse", 5, 5, 20, 20,
                 "texture")
        )  # fmt: skip
        session.answer(1 + (index + shift) % 6, 1000.0 + index, now, now)
        session.advance()
        session.end_break()


@pytest.fixture
def rated(context: AppContext, study: Study) -> Study:
    read_study(context, study, "=Cardiology", 0)
    read_study(context, study, "Radiology", 2)
    return study


def test_a_blinded_study_gives_counts_and_times_only(
    context: AppContext, rated: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["analyse", str(context.workspace.root), "--out", str(out)]) == 0
    assert "once the study is unblinded" in capsys.readouterr().out
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    assert written == [
        "report.html", "report.pdf", "tables/data_dictionary.csv", "tables/progress.csv",
    ]  # fmt: skip
    text = (out / "report.html").read_text(encoding="utf-8")
    for word in ("Fool rate", "Sensitivity", "dcgan", "Methods", "<img"):
        assert word not in text


def test_an_unblinded_study_gives_tables_figures_and_report(
    context: AppContext, rated: Study, tmp_path: Path
) -> None:
    context.store.unblind(rated.study_id, "open sesame")
    out = tmp_path / "out"
    # A process of its own, without a display: neither Qt's nor matplotlib's screen is needed.
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "reviewapp", "analyse", str(context.workspace.root), "--study",
         rated.name, "--out", str(out), "--margin", "0.1"],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 readers told generated from real" in done.stdout
    assert "within ±10 points" in done.stdout
    written = {path.relative_to(out).as_posix() for path in out.rglob("*.*")}
    for name in ("summary", "groups", "readers", "confusion", "misleading_images"):
        assert f"tables/{name}.csv" in written
    for name in ("roc_readers", "fool_rates", "confusion", "confidence", "agreement"):
        assert {f"figures/{name}.svg", f"figures/{name}.png"} <= written
    assert any(name.startswith("figures/marks_") for name in written)
    for path in (out / "figures").glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    for path in (out / "figures").glob("*.png"):
        with Image.open(path) as image:
            assert image.width > 400
    for path in (out / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        assert "nan" not in {cell.lower() for row in rows for cell in row}
    dictionary = (out / "tables" / "data_dictionary.csv").read_text(encoding="utf-8")
    for path in (out / "tables").glob("*.csv"):
        assert path.name == "data_dictionary.csv" or f"\n{path.stem}," in dictionary
    progress = (out / "tables" / "progress.csv").read_text(encoding="utf-8")
    assert escape_cell("=Cardiology") in progress
    html = (out / "report.html").read_text(encoding="utf-8")
    assert rated.protocol_sha256 in html
    assert "Obuchowski" in html
    assert "Wilson" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert ">nan<" not in html.lower()
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_mistakes_on_the_command_line_are_told_in_words(
    context: AppContext, study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyse", str(tmp_path / "none")]) == 1
    assert "is not a workspace" in capsys.readouterr().err
    assert main(["analyse", str(context.workspace.root), "--study", "other"]) == 1
    assert study.name in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["analyse", str(context.workspace.root), "--margin", "5"])
    assert "between 0 and 0.5" in capsys.readouterr().err
