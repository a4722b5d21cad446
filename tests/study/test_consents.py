"""A reader's consent to training: kept with its time, changeable, carried with reading packs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from reviewapp.study import consents
from reviewapp.study.consents import Consent
from reviewapp.study.errors import StoreError
from reviewapp.study.export import export_ratings
from reviewapp.study.model import Reader, SessionInfo, Study
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


@pytest.fixture
def session(store: StudyStore, study: Study, reader: Reader) -> SessionInfo:
    return store.open_session(study.study_id, reader.reader_id)


def recorded(store: StudyStore, session_id: str) -> list[Consent]:
    with store._database.read() as connection:
        return consents.read_consents(connection, session_id)


def test_nobody_has_consented_unless_asked(session: SessionInfo) -> None:
    assert session.consented is None


def test_the_last_answer_counts_and_the_earlier_ones_stay(
    store: StudyStore, study: Study, session: SessionInfo
) -> None:
    begun = utc_now() - timedelta(seconds=1)
    for given in (False, True, True, False):
        store.record_consent(session.session_id, given)
        assert store.session(session.session_id).consented is given
    kept = recorded(store, session.session_id)
    assert [consent.given for consent in kept] == [False, True, False]
    assert all(begun < consent.at < utc_now() + timedelta(seconds=1) for consent in kept)
    logged = [e for e in store.events(study.study_id) if e.kind.startswith("consent")]
    assert [event.kind for event in logged] == [
        *("consent_refused", "consent_given", "consent_refused"),
    ]
    assert {event.actor for event in logged} == {"R01"}


@pytest.mark.both_databases
def test_a_clock_set_back_does_not_revive_an_earlier_answer(
    store: StudyStore, session: SessionInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.record_consent(session.session_id, True)
    early = utc_now() - timedelta(days=1)
    monkeypatch.setattr(consents, "utc_now", lambda: early)
    store.record_consent(session.session_id, False)
    assert store.session(session.session_id).consented is False


@pytest.mark.both_databases
def test_the_database_refuses_to_change_an_answer(store: StudyStore, session: SessionInfo) -> None:
    store.record_consent(session.session_id, False)
    for statement in ("UPDATE consents SET given = true", "DELETE FROM consents"):
        with (
            pytest.raises(StoreError, match="consents is append-only"),
            store._database.write() as connection,
        ):
            connection.exec_driver_sql(statement)


@pytest.mark.both_databases
def test_an_open_session_keeps_and_changes_it(store: StudyStore, session: SessionInfo) -> None:
    rating = RatingSession(store, session)
    assert rating.consented is None
    rating.consent(True)
    resumed = RatingSession(store, store.open_session(session.study_id, "R01"))
    assert resumed.consented is True


@pytest.mark.parametrize(("given", "cell"), [(None, ""), (False, "false"), (True, "true")])
def test_an_export_tells_it_for_each_session(
    store: StudyStore,
    study: Study,
    session: SessionInfo,
    rate_all: Callable[..., SessionInfo],
    tmp_path: Path,
    given: bool | None,
    cell: str,
) -> None:
    if given is not None:
        store.record_consent(session.session_id, given)
    rate_all(study, "R01")
    path = export_ratings(store, study.study_id, tmp_path, parquet=False)[0]
    with path.open(encoding="utf-8", newline="") as file:
        assert {row["training_consent"] for row in csv.DictReader(file)} == {cell}


# Reading packs ---------------------------------------------------------------------------------


@pytest.fixture
def away(store: StudyStore, study: Study, reader: Reader, tmp_path: Path) -> Iterator[StudyStore]:
    """The reader's store, elsewhere."""
    pack = store.make_pack(study.study_id, reader.reader_id, tmp_path / "pack.mgrpack")
    opened = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "away"))
    yield opened
    opened.close()


def test_a_pack_and_its_results_carry_it(
    store: StudyStore, study: Study, away: StudyStore, tmp_path: Path
) -> None:
    (abroad,) = away.sessions(study.study_id)
    assert abroad.consented is None
    away.record_consent(abroad.session_id, True)
    away.write_pack_results(tmp_path / "early")
    store.merge_pack_results(tmp_path / "early")
    assert store.session(abroad.session_id).consented is True
    store.merge_pack_results(tmp_path / "early")
    assert recorded(store, abroad.session_id) == recorded(away, abroad.session_id)


def test_a_session_begun_here_takes_it_along(
    store: StudyStore, study: Study, session: SessionInfo, tmp_path: Path
) -> None:
    store.record_consent(session.session_id, True)
    store.release_session(session.session_id)
    pack = store.make_pack(study.study_id, "R01", tmp_path / "pack.mgrpack")
    away = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "away"))
    assert [s.consented for s in away.sessions(study.study_id)] == [True]
    away.close()


def test_consent_taken_back_here_outlives_results_written_before(
    store: StudyStore, study: Study, away: StudyStore, tmp_path: Path
) -> None:
    (abroad,) = away.sessions(study.study_id)
    away.record_consent(abroad.session_id, True)
    away.write_pack_results(tmp_path / "first")
    store.merge_pack_results(tmp_path / "first")
    store.record_consent(abroad.session_id, False, actor="coordinator")
    store.merge_pack_results(tmp_path / "first")
    assert store.session(abroad.session_id).consented is False


def test_consent_can_be_taken_back_after_unblinding(
    store: StudyStore, study: Study, away: StudyStore, passphrase: str, tmp_path: Path
) -> None:
    (abroad,) = away.sessions(study.study_id)
    away.record_consent(abroad.session_id, True)
    away.write_pack_results(tmp_path / "first")
    store.merge_pack_results(tmp_path / "first")
    store.unblind(study.study_id, passphrase)
    away.record_consent(abroad.session_id, False)
    away.write_pack_results(tmp_path / "second")
    store.merge_pack_results(tmp_path / "second")
    assert store.session(abroad.session_id).consented is False


def test_a_clock_that_is_fast_elsewhere_does_not_hold_the_last_word(
    store: StudyStore,
    study: Study,
    away: StudyStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (abroad,) = away.sessions(study.study_id)
    with monkeypatch.context() as fast:
        fast.setattr(consents, "utc_now", lambda: utc_now() + timedelta(days=9))
        away.record_consent(abroad.session_id, True)
    away.write_pack_results(tmp_path / "results")
    store.merge_pack_results(tmp_path / "results")
    assert recorded(store, abroad.session_id)[-1].at <= utc_now()
    store.record_consent(abroad.session_id, False)
    assert store.session(abroad.session_id).consented is False
