"""Names from elsewhere are shown as they are: not as markup, formulas, pictures or mathematics."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.data.content_store import write_image
from engine.data.importing import Skipped
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord
from engine.spreadsheet_cell import escape_cell, escaped_row, unescape_cell
from engine.workspace import Workspace
from reviewapp.data_import.presenter import skipped_as_text, write_skipped_csv
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.csv_table import csv_bytes
from reviewapp.study.figures.theme import PAPER, add_axes, label_axes, new_figure
from reviewapp.study.model import Reader
from reviewapp.study.protocol import Protocol
from reviewapp.study.report.html_report import escape
from reviewapp.study.store import StudyStore
from reviewapp.theme.stylesheet import apply_theme

REPOSITORY = Path(__file__).resolve().parents[2]
MARKUP = "<b>x</b><img src='file:///etc/hostname'><script>alert(1)</script>"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "'=1", "\uff1d1"]


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.styleSheet()
    apply_theme(qapp)
    yield qapp
    qapp.setStyleSheet(before)


def test_labels_messages_and_tooltips_obey_no_tag(qtbot: QtBot, themed: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    label, marked = QLabel(MARKUP), QLabel("<b>own words</b>")
    marked.setProperty("role", "marked-up")
    layout.addWidget(label)
    layout.addWidget(marked)
    message = QMessageBox(QMessageBox.Icon.Warning, "t", MARKUP, parent=window)
    message.setInformativeText(MARKUP)
    window.show()
    message.show()
    qtbot.waitExposed(message)
    QToolTip.showText(window.mapToGlobal(QPoint(5, 5)), MARKUP, window)
    shown = [w for w in themed.allWidgets() if isinstance(w, QLabel) and w.text() == MARKUP]
    assert {"qt_msgbox_label", "qt_msgbox_informativelabel"} <= {w.objectName() for w in shown}
    assert any(w.objectName() == "qtooltip_label" for w in shown)
    assert all(w.textFormat() == Qt.TextFormat.PlainText for w in shown)
    assert marked.textFormat() == Qt.TextFormat.RichText
    QToolTip.hideText()
    message.close()


@pytest.fixture
def hostile_workspace(tmp_path: Path) -> Path:
    """A workspace in which everything that has a name has a hostile one."""
    workspace = Workspace.create(tmp_path / "workspace")
    records = []
    for number in range(16):
        source = ("real", "generated")[number % 2]
        pixels = np.random.default_rng(number).integers(0, 65536, (32, 32)).astype(np.uint16)
        records.append(
            ImageRecord(
                record_id=f"{MARKUP}{number}", key=write_image(workspace, pixels),
                dataset="<i>data</i>", source=source, class_label=MARKUP[:80],
                patient=f"<u>{number}</u>", width=32, height=32, channels=1, bit_depth=16,
                variant="<b>gan</b>" if source == "generated" else "",
                attributes={"<b>frame</b>": MARKUP},
            )
        )  # fmt: skip
    write_manifest(workspace.manifest_path("names"), records)
    store = StudyStore.open(workspace)
    store.sync_library()
    protocol = Protocol(
        protocol_id="p", title=MARKUP, description=MARKUP, n_real=4, n_generated=4, size_px=64,
        repeats_fraction=0, seed=1,
    )  # fmt: skip
    store.create_study(MARKUP, protocol, "open sesame")
    store.add_reader(Reader(name=MARKUP, specialty=MARKUP))
    store.close()
    return workspace.root


def test_no_page_obeys_a_name(
    qtbot: QtBot, themed: QApplication, hostile_workspace: Path, tmp_path: Path
) -> None:
    window = MainWindow(RecentWorkspaces(tmp_path / "recent.json"))
    qtbot.addWidget(window)
    window.show()
    window.open_workspace(hostile_workspace)
    assert window.context is not None
    for page in ("browse", "rating", "training", "evaluation", "rounds", "results"):
        window.context.show_page.emit(page)
        qtbot.wait(60)
    labels = window.findChildren(QLabel)
    held = [label for label in labels if "<" in label.text()]
    assert held
    for label in labels:
        label.ensurePolished()
        rich = label.textFormat() == Qt.TextFormat.RichText
        assert rich == (label.property("role") == "marked-up"), label.text()
        assert label.textFormat() != Qt.TextFormat.AutoText, label.text()
    window.close()


def test_markup_stands_in_one_place_of_the_source() -> None:
    found = []
    for path in sorted((REPOSITORY / "reviewapp").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in ("RichText", "setHtml", "setMarkdown", "QTextBrowser")):
            found.append(path.name)
        if '"marked-up"' in text:
            found.append(path.name)
    assert set(found) == {"stylesheet.py", "guard_view.py"}


NETWORK = {"urllib", "http", "socket", "requests", "ssl", "ftplib", "smtplib", "QtNetwork"}
RUNNERS = {"pickle", "marshal", "shelve", "subprocess", "ctypes", "runpy"}


def test_what_speaks_to_networks_or_runs_programs_is_named_here() -> None:
    users: dict[str, set[str]] = {}
    for package in ("engine", "reviewapp"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, (ast.Import, ast.ImportFrom)):
                    continue
                names = [alias.name for alias in node.names]
                module = getattr(node, "module", None) or ""
                parts = {part for name in (*names, module) for part in name.split(".")}
                for word in parts & (NETWORK | RUNNERS):
                    users.setdefault(path.name, set()).add(word)
    assert users.keys() <= ALLOWED.keys(), users
    for name, words in users.items():
        assert words <= ALLOWED[name], (name, words)


ALLOWED = {
    "inception_weights.py": {"urllib", "http"},
    "qt_platform.py": {"subprocess", "ctypes"},
    "singleton_references.py": {"ctypes"},
    "compute_device.py": {"ctypes"},
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text: str) -> None:
    assert escape_cell(text).startswith("'")
    assert unescape_cell(escape_cell(text)) == text


@given(st.text(st.sampled_from("'=+-@\t\r\n \u00a0\uff1da1")))
def test_escaping_can_be_undone(text: str) -> None:
    escaped = escape_cell(text)
    assert unescape_cell(escaped) == text
    assert escaped.startswith("'") or escaped.lstrip(" \u00a0\ufeff")[:1] not in set("=+-@\t\r\n＝")


def test_numbers_stay_numbers() -> None:
    assert escaped_row([-1.5, 3, None, "-1.5"]) == [-1.5, 3, None, "'-1.5"]


def test_tables_of_both_layers_hold_no_formula(tmp_path: Path) -> None:
    skipped = [Skipped(text, text) for text in FORMULAS]
    write_skipped_csv(tmp_path / "skipped.csv", skipped)
    written = [
        (tmp_path / "skipped.csv").read_bytes().decode("utf-8"),
        csv_bytes(["name"], [[text] for text in FORMULAS]).decode("utf-8"),
    ]
    for text in written:
        for row in list(csv.reader(io.StringIO(text, newline="")))[1:]:
            assert all(cell.startswith("'") for cell in row), row
    pasted = [cell for line in skipped_as_text(skipped).split("\n") for cell in line.split("\t")]
    assert len(pasted) == 2 * len(FORMULAS)
    assert all(cell.startswith("'") or cell[0] not in "=+-@" for cell in pasted)


def test_a_dollar_sign_is_no_formula_of_a_figure(tmp_path: Path) -> None:
    figure = new_figure(PAPER, 2, 2)
    axes = add_axes(figure, PAPER)
    label_axes(axes, PAPER, x=r"$\frac$ $x^{$", title=r"$$\undefined{$$")
    figure.savefig(tmp_path / "a.svg")


def test_the_report_s_text_is_escaped() -> None:
    assert "<" not in escape(MARKUP) and "'" not in escape(MARKUP)
