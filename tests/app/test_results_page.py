"""Results: counts only while blinded, words and figures afterwards, never a NaN."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from reviewapp.context import AppContext
from reviewapp.results.page import ResultsPage
from reviewapp.results.result_words import interval_text, time_text, value_text
from reviewapp.study.model import Reader, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.timestamps import utc_now


def finish_session(context: AppContext, study: Study, confidence: int) -> None:
    reader = context.store.add_reader(Reader(name="Dr Test", specialty="Cardiology"))
    session = RatingSession(
        context.store, context.store.open_session(study.study_id, reader.reader_id)
    )
    while not session.finished:
        now = utc_now()
        session.answer(confidence, 1500.0, now, now)
        session.advance()
        session.end_break()


@pytest.fixture
def page(qtbot: QtBot, context: AppContext) -> ResultsPage:
    page = ResultsPage(context)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


def texts(page: ResultsPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel))


def test_without_a_study_the_page_says_what_to_do(page: ResultsPage) -> None:
    page.activate()
    assert "Set up a study" in texts(page)


def test_a_blinded_study_shows_counts_and_times_only(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    finish_session(context, study, 5)
    page.activate()
    qtbot.waitUntil(lambda: "unblinded" in page.sentence.text(), timeout=20_000)
    assert page.readers.item(0, 3).text() == "sealed"  # type: ignore[union-attr]
    assert page.readers.item(0, 5).text() == "1.5 s"  # type: ignore[union-attr]
    assert "Fool rate" not in texts(page)
    assert page.fool_rates.rowCount() == 0


def test_an_unblinded_study_is_told_in_words_and_figures(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    finish_session(context, study, 5)
    context.store.unblind(study.study_id, "open sesame")
    page.activate()
    qtbot.waitUntil(lambda: "4 of 8" in page.sentence.text(), timeout=20_000)
    assert "Fool rate" in texts(page)
    assert page.fool_rates.item(0, 2).text() == "100 %"  # type: ignore[union-attr]
    assert page.readers.item(0, 3).text() == "50 %"  # type: ignore[union-attr]
    assert "nan" not in texts(page).lower()


def test_an_unblinded_study_without_ratings_says_why_there_are_no_figures(
    qtbot: QtBot, context: AppContext, page: ResultsPage, study: Study
) -> None:
    context.store.unblind(study.study_id, "open sesame")
    page.activate()
    qtbot.waitUntil(lambda: "no results" in page.sentence.text(), timeout=20_000)
    assert "not estimable" in texts(page)
    assert "nan" not in texts(page).lower()


def test_figures_in_words() -> None:
    estimate = Estimate(0.583, (0.52, 0.64), 100, "Wilson")
    assert value_text(estimate, percent=True) == "58 %"
    assert interval_text(estimate, percent=True) == "52 % to 64 %"
    nothing = NotEstimable("No real image was rated.")
    assert value_text(nothing, percent=True) == "not estimable"
    assert interval_text(nothing, percent=False) == "No real image was rated."
    assert time_text(None) == "–"
    assert time_text(2340) == "2.3 s"
