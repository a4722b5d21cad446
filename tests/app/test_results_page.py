"""Results: counts only while blinded, words and figures afterwards, never a NaN."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QLabel,
    QListWidget,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from reviewapp.context import AppContext
from reviewapp.results.figure_renderer import MAX_DPI, draw_figure
from reviewapp.results.large_image import LargeImage
from reviewapp.results.page import ResultsPage
from reviewapp.results.result_files import SVG_FILTER
from reviewapp.results.section_view import SectionView
from reviewapp.study.model import Mark, Reader, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.study_rows import unseal_study
from reviewapp.study.timestamps import utc_now
from reviewapp.tasks import Task
from tests.app.conftest import PASSPHRASE

SECTIONS = (
    "Overview", "By generator", "Curves", "Confidence", "Readers", "Time and learning", "Marks",
    "Images",
)  # fmt: skip
WAIT_MS = 60_000


def finish_session(
    context: AppContext, study: Study, confidence: Callable[[str, int], int], *, mark: bool = False
) -> None:
    """Rate to the end; ``confidence`` is given the image and the number of the trial."""
    reader = context.store.add_reader(Reader(name="Dr Test", specialty="Cardiology"))
    session = RatingSession(
        context.store, context.store.open_session(study.study_id, reader.reader_id)
    )
    while not session.finished:
        now, index = utc_now(), session.current.trial_index  # type: ignore[union-attr]
        if mark and not session.current.is_training:  # type: ignore[union-attr]
            session.mark(
                Mark(f"m{index}", session.session_id, index, "ellipse", 10, 12, 20, 20, "texture")
            )
        session.answer(
            confidence(session.current.image_id, index),  # type: ignore[union-attr]
            1500.0,
            now,
            now,
        )
        session.advance()
        session.end_break()


@pytest.fixture
def page(qtbot: QtBot, context: AppContext) -> Iterator[ResultsPage]:
    page = ResultsPage(context)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    yield page
    page.close_page()


@pytest.fixture
def results(qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study) -> ResultsPage:
    """The page with an unblinded study of two readers: one marks, one takes all images for real.

    The order of the images differs from study to study; the first reader knows them, so that the
    results do not: all are right but the first generated and the first real one.
    """
    truths = unseal_study(context.store._database, study.study_id, PASSPHRASE).truths
    kinds = {truth.image_id: truth.source for truth in truths}
    confused = {
        next(image for image, kind in sorted(kinds.items()) if kind == wanted)
        for wanted in ("generated", "real")
    }

    def known(image_id: str, index: int) -> int:
        real = (kinds[image_id] == "real") != (image_id in confused)
        return 4 + index % 3 if real else 1 + index % 3

    finish_session(context, study, known, mark=True)
    finish_session(context, study, lambda _, index: 4 + index % 3)
    context.store.unblind(study.study_id, PASSPHRASE)
    page.activate()
    wait_for_view(qtbot, page)
    return page


def wait_for_view(qtbot: QtBot, page: ResultsPage) -> None:
    qtbot.waitUntil(lambda: page.presenter.view is not None, timeout=WAIT_MS)


def section(page: ResultsPage, title: str) -> SectionView:
    found = page.section(title)
    assert found is not None, title
    found.build()
    return found


def texts(widget: QWidget) -> str:
    """Everything that stands on a widget, hidden tabs included."""
    parts = [label.text() for label in widget.findChildren(QLabel)]
    for table in widget.findChildren(QTableWidget):
        cells = [
            table.item(r, c) for r in range(table.rowCount()) for c in range(table.columnCount())
        ]
        heads = [table.horizontalHeaderItem(c) for c in range(table.columnCount())]
        parts += [item.text() for item in (*heads, *cells) if item is not None]
    for images in widget.findChildren(QListWidget):
        parts += [images.item(row).text() for row in range(images.count())]
    return "\n".join(parts)


def cells(page: ResultsPage, title: str, table: str) -> list[tuple[str, ...]]:
    return list(section(page, title).tables[table].words.rows)


def test_without_a_study_the_page_says_what_to_do(
    qtbot: QtBot, context: AppContext, page: ResultsPage
) -> None:
    page.activate()
    assert "Set up a study" in texts(page)
    assert not page.report_button.isEnabled()
    (button,) = [
        b for b in page.findChildren(QAbstractButton)
        if b.text() == "Go to the Rate page" and b.isVisible()
    ]  # fmt: skip
    with qtbot.waitSignal(context.show_page) as asked:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == ["rating"]


def test_a_blinded_study_shows_counts_and_times_only(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    finish_session(context, study, lambda *_: 5)
    page.activate()
    wait_for_view(qtbot, page)
    assert "once the study is unblinded" in page.sentence.text()
    (reader,) = cells(page, "Progress", "Readers")
    assert (reader[1], reader[5], reader[8]) == ("Dr Test", "10 of 10", "1.5 s")
    assert page.tabs.count() == 1
    shown = section(page, "Progress")
    assert not shown.figures
    said = texts(shown).split("After unblinding")[0]
    for word in ("dcgan", "generated", "real", "Fool rate", "Right answers", "%"):
        assert word not in said
    view = page.presenter.view
    assert view is not None
    assert set(view.outputs.tables) == {"progress"}
    assert not page.report_button.isEnabled()
    assert page.rate_button.isVisible()
    assert not page.margin_box.isVisible()


def test_an_unblinded_study_is_told_in_words_figures_and_tables(results: ResultsPage) -> None:
    assert results.sentence.text().startswith("2 readers told generated from real")
    assert "2 readers the spread" in results.caveats.text()
    assert tuple(results.tabs.tabText(i) for i in range(results.tabs.count())) == SECTIONS
    overview = texts(section(results, "Overview"))
    for word in ("Right answers", "Fool rate", "Sensitivity", "Specificity", "d′", "Bias c"):
        assert word in overview
    assert cells(results, "By generator", "By variant")[0][:4] == ("dcgan", "2", "4", "8")
    assert {"roc_readers"} <= set(section(results, "Curves").figures)
    assert set(section(results, "Confidence").figures) == {"confusion", "confidence"}
    assert [row[1] for row in cells(results, "Readers", "Readers with finished sessions")] == [
        "Dr Test", "Dr Test",
    ]  # fmt: skip
    assert "Learning" in texts(section(results, "Time and learning"))
    ((reason, on_generated, on_real),) = cells(results, "Marks", "Marked regions by reason")
    assert (reason, on_generated, on_real) == ("texture", "4", "4")
    assert section(results, "Images").strips["Most convincing fakes"].list.count() == 4
    assert "nan" not in texts(results).lower().split()
    assert not results.rate_button.isVisible()


def test_an_unblinded_study_without_ratings_says_why_there_are_no_figures(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    context.store.unblind(study.study_id, PASSPHRASE)
    page.activate()
    wait_for_view(qtbot, page)
    assert "no results" in page.sentence.text()
    assert [page.tabs.tabText(i) for i in range(page.tabs.count())] == ["Progress"]


def test_one_sided_answers_give_reasons_in_place_of_numbers(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    finish_session(context, study, lambda *_: 5)
    context.store.unblind(study.study_id, PASSPHRASE)
    page.activate()
    wait_for_view(qtbot, page)
    assert texts(section(page, "Images")).count("1 of 1 wrong") == 4
    assert "No reader called a real image generated." in texts(section(page, "Images"))
    agreement = section(page, "Readers").tables["Do the readers agree?"].words
    assert {row[1] for row in agreement.rows} == {"not estimable ¹"}
    assert "At least two readers" in agreement.notes[0]
    assert "nan" not in texts(page).lower().split()


def test_pairs_have_no_curve_and_say_so(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study,
    make_study: Callable[..., Study],
) -> None:  # fmt: skip
    pairs = make_study("Pairs", protocol_id="pairs", design="two_alternative")
    reader = context.store.add_reader(Reader(name="Dr Pair"))
    session = RatingSession(
        context.store, context.store.open_session(pairs.study_id, reader.reader_id)
    )
    while not session.finished:
        session.answer(None, 900.0, utc_now(), utc_now(), response="left")
        session.advance()
        session.end_break()
    context.store.unblind(pairs.study_id, PASSPHRASE)
    page.activate()
    page.presenter.choose(pairs.study_id)
    wait_for_view(qtbot, page)
    assert "side by side" in texts(section(page, "Curves"))
    assert "Sensitivity" not in texts(section(page, "Overview"))
    table = section(page, "By generator").tables["By variant"].words
    assert table.columns == ("Variant", "Readers", "Pairs", "Ratings", "Right answers",
                             "Taken for real", "d′")  # fmt: skip


def test_the_margin_is_adjusted_live(qtbot: QtBot, results: ResultsPage) -> None:
    results.tabs.setCurrentIndex(SECTIONS.index("Confidence"))
    picture = section(results, "Confidence").figures["confusion"].picture
    qtbot.waitUntil(lambda: picture.image is not None, timeout=WAIT_MS)
    section(results, "Confidence").verticalScrollBar().setValue(120)
    assert "±5 points" in results.sentence.text()
    results.margin_box.setValue(20.0)
    qtbot.waitUntil(lambda: "±20 points" in results.sentence.text(), timeout=WAIT_MS)
    # The reader of the page is left where they were, and no figure vanishes meanwhile.
    after = section(results, "Confidence")
    assert results.tabs.currentWidget() is after
    assert after.figures["confusion"].picture.image is not None
    qtbot.waitUntil(lambda: after.verticalScrollBar().value() == 120)


def test_switching_quickly_shows_the_study_chosen_last(
    qtbot: QtBot, context: AppContext, results: ResultsPage, study: Study,
    make_study: Callable[..., Study],
) -> None:  # fmt: skip
    other = make_study()
    finish_session(context, other, lambda *_: 2)
    results.activate()
    assert results.presenter.study_id == study.study_id
    for study_id in (other.study_id, study.study_id, other.study_id):
        results.study_box.setCurrentIndex(results.study_box.findData(study_id))
        # Another study's results are never on show under this one's name.
        assert results.presenter.view is None
        assert results.tabs.count() == 0
    wait_for_view(qtbot, results)
    qtbot.waitUntil(lambda: not context.tasks.running(), timeout=WAIT_MS)
    assert results.presenter.view is not None
    assert results.presenter.view.analysis.study.study_id == other.study_id
    assert "1 of 1 sessions is finished" in results.sentence.text()


def test_a_visit_analyses_again_only_what_has_changed(
    qtbot: QtBot, context: AppContext, results: ResultsPage
) -> None:
    before = results.presenter.view
    started: list[Task] = []
    results.presenter.started.connect(started.append)
    results.activate()
    assert not started
    assert results.presenter.view is before
    context.studies_changed.emit()
    assert len(started) == 1
    qtbot.waitUntil(lambda: results.presenter.view is not before, timeout=WAIT_MS)


def test_a_stopped_analysis_can_be_begun_again(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    finish_session(context, study, lambda *_: 5)
    context.store.unblind(study.study_id, PASSPHRASE)
    stop = page.presenter.started.connect(lambda task: task.cancel())
    with qtbot.waitSignal(page.presenter.stopped, timeout=WAIT_MS):
        page.activate()
    page.presenter.started.disconnect(stop)
    assert "Not analysed" in texts(page)
    (again,) = [
        b for b in page.findChildren(QAbstractButton) if b.text() == "Analyse" and b.isVisible()
    ]
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    wait_for_view(qtbot, page)


def test_figures_are_drawn_beside_the_window_and_again_for_another_width(
    qtbot: QtBot, results: ResultsPage
) -> None:
    results.tabs.setCurrentIndex(SECTIONS.index("Time and learning"))
    figure = section(results, "Time and learning").figures["response_times"]
    picture = figure.picture
    qtbot.waitUntil(lambda: picture.image is not None, timeout=WAIT_MS)
    before = picture.image
    assert before is not None
    assert picture.height() == round(before.deviceIndependentSize().height())
    # What is not in sight is not drawn.
    assert section(results, "Curves").figures["roc_readers"].picture.image is None
    results.resize(800, 700)
    qtbot.waitUntil(
        lambda: picture.image is not None and picture.image.width() < before.width(),
        timeout=WAIT_MS,
    )
    sharp = draw_figure(figure.spec, 300, 2.0)
    assert abs(sharp.width() - 600) <= 1
    assert sharp.devicePixelRatio() == 2.0
    assert draw_figure(figure.spec, 5000, 1.0).width() < 10 * MAX_DPI


def test_figures_and_tables_are_saved(
    qtbot: QtBot, context: AppContext, results: ResultsPage, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def answer(path: Path) -> None:
        # The system's dialog cannot be operated by a test.
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_: (str(path), SVG_FILTER), raising=True
        )
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))

    confidence = section(results, "Confidence")
    for name, begins in (("curve", b"<?xml"), ("curve.png", b"\x89PNG")):
        answer(tmp_path / name)
        with qtbot.waitSignal(results.files.written, timeout=WAIT_MS) as written:
            qtbot.mouseClick(
                confidence.figures["confusion"].heading.button, Qt.MouseButton.LeftButton
            )
        (path,) = written.args[0]
        assert path.suffix == (".png" if name.endswith("png") else ".svg")
        assert path.read_bytes().startswith(begins)
    answer(tmp_path / "answers")
    with qtbot.waitSignal(results.files.written, timeout=WAIT_MS):
        qtbot.mouseClick(
            confidence.tables["Answers by truth"].save_button, Qt.MouseButton.LeftButton
        )
    assert (tmp_path / "answers.csv").read_text(encoding="utf-8").startswith("truth,answer")
    answer(tmp_path / "tables")
    with qtbot.waitSignal(results.files.written, timeout=WAIT_MS) as written:
        qtbot.mouseClick(results.tables_button, Qt.MouseButton.LeftButton)
    assert {"summary.csv", "groups.csv", "readers.csv"} <= {path.name for path in written.args[0]}
    assert "files in" in results.messages.text
    assert results.messages.action_button.isVisible()


def test_the_report_is_written_to_the_exports(
    qtbot: QtBot, context: AppContext, results: ResultsPage, study: Study
) -> None:
    with qtbot.waitSignal(results.files.written, timeout=WAIT_MS):
        qtbot.mouseClick(results.report_button, Qt.MouseButton.LeftButton)
    folder = context.workspace.exports / study.study_id
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    assert study.protocol_sha256 in (folder / "report.html").read_text(encoding="utf-8")
    assert str(folder) in results.messages.text


def test_a_disk_that_refuses_is_told_in_the_page(
    qtbot: QtBot, context: AppContext, results: ResultsPage, study: Study
) -> None:
    context.workspace.exports.mkdir(exist_ok=True)
    (context.workspace.exports / study.study_id).write_text("in the way")
    with qtbot.waitSignal(results.files.failed, timeout=WAIT_MS):
        qtbot.mouseClick(results.report_button, Qt.MouseButton.LeftButton)
    assert results.messages.text
    assert not results.messages.action_button.isVisible()
    assert results.presenter.view is not None


def test_everything_can_be_reached_by_keys_and_has_a_name(
    qtbot: QtBot, results: ResultsPage
) -> None:
    bar = results.tabs.tabBar()
    bar.setFocus()
    for title in SECTIONS[1:]:
        qtbot.keyClick(bar, Qt.Key.Key_Right)
        assert results.tabs.tabText(results.tabs.currentIndex()) == title
    for kind in (QTableWidget, QListWidget):
        for widget in results.findChildren(kind):
            assert widget.accessibleName()
    for title in SECTIONS:
        for figure in section(results, title).figures.values():
            assert figure.picture.accessibleName()
            assert figure.picture.accessibleDescription()
            assert figure.heading.button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert len(results.findChildren(QTableWidget)) > len(SECTIONS)
    names = [
        button.accessibleName()
        for button in results.findChildren(QAbstractButton)
        if button.text().strip().startswith("Save") and button is not results.tables_button
    ]
    assert all(names)
    assert len(set(names)) == len(names)


def test_an_image_opens_large_and_the_arrow_keys_go_to_its_neighbours(
    qtbot: QtBot, results: ResultsPage
) -> None:
    results.tabs.setCurrentIndex(SECTIONS.index("Images"))
    strip = section(results, "Images").strips["Most convincing fakes"]
    qtbot.waitUntil(lambda: not strip.list.item(0).icon().isNull(), timeout=WAIT_MS)
    strip.list.setFocus()
    strip.list.setCurrentRow(0)
    qtbot.keyClick(strip.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(strip.findChildren(LargeImage)))
    (large,) = strip.findChildren(LargeImage)
    assert large.canvas.pixels is not None
    assert large.canvas.pixels.shape == (64, 64)
    assert "generated by dcgan" in large.facts.text()
    qtbot.keyClick(large.canvas, Qt.Key.Key_Right)
    assert large.number == 1
    qtbot.keyClick(large.canvas, Qt.Key.Key_Left)
    qtbot.keyClick(large.canvas, Qt.Key.Key_Left)
    assert large.number == 0
    with qtbot.waitSignal(large.finished):
        qtbot.keyClick(large, Qt.Key.Key_Escape)
    # It is deleted when closed, sooner or later.
    qtbot.waitUntil(lambda: not any(w.isVisible() for w in strip.findChildren(LargeImage)))
