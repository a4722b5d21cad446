from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect

from engine.data.manifest import read_manifest, write_manifest
from engine.workspace import Workspace
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.model import AnswerDraft, Reader, Study
from reviewapp.study.protocol import Protocol
from reviewapp.study.store import StudyStore

pytestmark = pytest.mark.both_databases

RATE = """
import sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
store = StudyStore.open(Workspace(Path(sys.argv[1])))
session = RatingSession(store, store.open_session(sys.argv[2], sys.argv[3]))
while not session.finished:
    session.end_break()
    session.answer(int(sys.argv[3][1:]), 100.0, utc_now(), utc_now())
    session.advance()
store.close()
"""


def test_several_processes_rate_one_study_at_once(
    store: StudyStore, library: Workspace, study: Study
) -> None:
    readers = [store.add_reader(Reader(f"R{number}")) for number in range(1, 5)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RATE, str(library.root), study.study_id, reader.reader_id],
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for reader in readers
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    sessions = store.sessions(study.study_id)
    assert {s.reader_id for s in sessions} == {r.reader_id for r in readers}
    for session in sessions:
        assert session.finished_at is not None
        answers = store.latest_answers(session.session_id)
        assert len(answers) == 14
        assert {a.confidence for a in answers.values()} == {int(session.reader_id[1:])}
        assert {a.revision for a in answers.values()} == {1}


def test_threads_answer_while_others_make_studies_and_sync(
    store: StudyStore,
    library: Workspace,
    study: Study,
    protocol: Protocol,
    passphrase: str,
    make_draft: Callable[..., AnswerDraft],
) -> None:
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)

        return run

    def rate(reader_id: str) -> None:
        session = store.open_session(study.study_id, reader_id)
        for trial_index in range(14):
            store.record_answer(session.session_id, trial_index, make_draft())
        store.finish_session(session.session_id)

    def make_studies() -> None:
        for number in range(3):
            store.create_study(f"Study {number}", protocol, passphrase)

    def sync() -> None:
        path = library.manifest_path("idrid")
        records = read_manifest(path)
        for count in (23, 22, 21, 20):
            write_manifest(path, records[:count])
            store.sync_library()

    readers = [store.add_reader(Reader(f"R{number}")) for number in range(3)]
    jobs = [lambda r=r.reader_id: rate(r) for r in readers] + [make_studies, sync]
    threads = [threading.Thread(target=guarded(job)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert len(store.studies()) == 4
    assert store.count_images() == 92
    assert all(s.n_answered == 14 and s.finished_at for s in store.sessions(study.study_id))


def test_one_reader_starting_twice_at_once_gets_one_session(
    store: StudyStore, study: Study, reader: Reader
) -> None:
    barrier = threading.Barrier(4)
    opened: list[str] = []

    def open_session() -> None:
        barrier.wait(30)
        opened.append(store.open_session(study.study_id, reader.reader_id).session_id)

    threads = [threading.Thread(target=open_session) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(opened) == 4
    assert len(set(opened)) == 1
    assert len(store.sessions(study.study_id)) == 1


def test_an_answer_submitted_by_several_threads_is_recorded_once(
    store: StudyStore, study: Study, reader: Reader, make_draft: Callable[..., AnswerDraft]
) -> None:
    session = store.open_session(study.study_id, reader.reader_id)
    draft = make_draft(3)
    barrier = threading.Barrier(4)
    recorded: list[object] = []

    def submit() -> None:
        barrier.wait(30)
        recorded.append(store.record_answer(session.session_id, 0, draft))

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(recorded) == 4
    assert set(recorded) == {store.latest_answers(session.session_id)[0]}


def test_sessions_that_begin_at_once_reserve_the_log_without_disturbing_each_other(
    tmp_path: Path,
) -> None:
    failures: list[BaseException] = []

    def reserve(database: Database, barrier: threading.Barrier) -> None:
        barrier.wait(60)
        try:
            database.reserve_log()
        except BaseException as error:
            failures.append(error)

    for number in range(15):
        database = Database(sqlite_url(tmp_path / f"{number}.db"))
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=reserve, args=(database, barrier)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        with database.read() as connection:
            assert not inspect(connection).has_table("log_reserve")
        database.close()
    assert failures == []
