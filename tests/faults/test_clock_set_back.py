"""A clock that is set back while the app runs: order and durations do not depend on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from reviewapp.rating import session_presenter
from reviewapp.study import timestamps
from reviewapp.study.consents import Consent, merge_consents, read_consents
from reviewapp.study.export import export_ratings
from reviewapp.study.model import Reader
from reviewapp.study.session_lease import FOREIGN_LEASE_LIFETIME
from reviewapp.study.store import StudyStore
from tests.faults import scenes
from tests.faults.conftest import Begin


class Clock:
    """The wall clock as the app reads it, off by ``offset``; a monotonic clock it leaves alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offset = timedelta()
        clock = self

        class Shifted(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:
                return datetime.now(UTC) + clock.offset

        for module in (timestamps, session_presenter):
            monkeypatch.setattr(module, "datetime", Shifted)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_session_goes_on_and_keeps_its_order(clock: Clock, begin: Begin, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    page, walk = begin(workspace, study)
    walk.rate_until(6, Qt.Key.Key_5)
    clock.offset = -timedelta(days=400)
    # An answer that is changed after the clock was set counts, though its time is the earlier one.
    walk.to_image()
    walk.press(Qt.Key.Key_5)
    walk.to_image()
    walk.press(Qt.Key.Key_Z)
    walk.press(Qt.Key.Key_2)
    walk.rate_until(14, Qt.Key.Key_5)
    walk.press(Qt.Key.Key_Space)
    store = page.context.store
    answers = walk.answers(store)
    assert [answer.confidence for answer in answers] == [5] * 6 + [2] + [5] * 7
    assert answers[6].answered_at < answers[0].answered_at
    assert all(0 < answer.response_time_ms < 60_000 for answer in answers)
    assert all(answer.shown_at <= answer.answered_at for answer in answers)
    kinds = [event.kind for event in store.events(study.study_id)]
    assert kinds.index("session_opened") < kinds.index("session_finished")
    export_ratings(store, study.study_id, tmp_path / "export")
    rows = (tmp_path / "export" / "ratings.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 15


def test_the_last_consent_counts_whatever_the_clocks_say(clock: Clock, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01"))
    session_id = store.open_session(study.study_id, "R01").session_id
    for given, days in ((True, 0), (False, -400), (True, 9), (False, -1)):
        clock.offset = timedelta(days=days)
        store.record_consent(session_id, given)
        assert store.session(session_id).consented is given
    with store._database.read() as connection:
        assert [c.given for c in read_consents(connection, session_id)] == [
            True,
            False,
            True,
            False,
        ]
    store.close()


def test_several_consents_of_a_fast_clock_keep_their_order(tmp_path: Path) -> None:
    """They all lie in the future when they are merged, and none may count as later than now."""
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01"))
    session_id = store.open_session(study.study_id, "R01").session_id
    now = timestamps.utc_now()
    # Ids whose order is the reverse of that in which they were given.
    given = [
        Consent(f"{9 - number}", number % 2 == 0, now + timedelta(days=1, seconds=number))
        for number in range(6)
    ]
    with store._database.write() as connection:
        assert merge_consents(connection, session_id, given, now) == 6
    with store._database.read() as connection:
        merged = read_consents(connection, session_id)
    assert [consent.consent_id for consent in merged] == [consent.consent_id for consent in given]
    assert max(consent.at for consent in merged) <= now
    store.record_consent(session_id, True)
    assert store.session(session_id).consented is True
    store.close()


@pytest.mark.parametrize("days", [-400, 400])
def test_another_computers_clock_holds_no_session_for_days(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: int
) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    elsewhere = StudyStore.open(workspace)
    elsewhere.add_reader(Reader("R01"))
    with monkeypatch.context() as other:
        other.setattr("platform.node", lambda: "reading-room")
        clock.offset = timedelta(days=days)
        elsewhere.open_session(study.study_id, "R01")
    clock.offset = timedelta()
    here = StudyStore.open(workspace)
    assert abs(timedelta(days=days)) > FOREIGN_LEASE_LIFETIME
    assert here.open_session(study.study_id, "R01").resumed
    here.close()
    elsewhere.close()
