"""A backup and the journal together give back every answer that was acknowledged, each once."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study.audit_journal import committed_path, last_seq
from reviewapp.study.audited_rows import AUDITED
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.journal_replay import ReplayReport, replay
from reviewapp.study.model import AnswerDraft, ImageFilter, Mark, Reader, SessionInfo, Study
from reviewapp.study.protocol import Protocol, Remedies
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

ROOT = Path(__file__).parents[2]


def copied(database: Path, target: Path) -> Path:
    """A copy of the database as it stands, as a backup is one."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as backup:
        source.backup(backup)
    return target


def replayed(copy: Path, journal: Path) -> ReplayReport:
    database = Database(sqlite_url(copy))
    try:
        with database.write() as connection:
            return replay(connection, journal)
    finally:
        database.close()


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in (*AUDITED, "audit_trail")
        }


def test_a_backup_from_before_everything_is_made_whole(
    store: StudyStore,
    library: Workspace,
    protocol: Protocol,
    passphrase: str,
    rate_all: Callable[..., SessionInfo],
    make_draft: Callable[..., AnswerDraft],
    tmp_path: Path,
) -> None:
    backup = copied(library.database, tmp_path / "backup.db")
    study = store.create_study("Later", protocol, passphrase)
    store.apply_remedies(study.study_id, passphrase, Remedies(match_histogram=True))
    for number in (1, 2, 3):
        store.add_reader(Reader(f"R{number}"))
    finished = rate_all(study, "R1")
    store.record_consent(finished.session_id, True)
    pack = store.make_pack(study.study_id, "R2", tmp_path / "r2.pack")
    store.cancel_pack(pack.pack_id)
    info = store.open_session(study.study_id, "R3")
    store.record_answer(info.session_id, 0, make_draft(2))
    store.record_answer(info.session_id, 0, make_draft(5))
    store.record_mark(Mark("m", info.session_id, 0, "ellipse", 1, 2, 3, 4, "noise"))
    store.withdraw_mark("m")
    (image,) = store.images(ImageFilter(), limit=1)
    store.give_class(image, "DCM", "Ada")
    store.unblind(study.study_id, passphrase)
    report = replayed(backup, library.journal)
    assert (report.stopped, report.contradictions, report.chain_kept) == ("", (), True)
    assert report.n_answers == 14 + 2
    assert contents(backup) == contents(library.database)
    # Once more adds nothing.
    again = replayed(backup, library.journal)
    assert (again.n_entries, again.n_answers, again.n_rows) == (0, 0, 0)
    # With the copy in the database's place the record is whole, and goes on.
    store.close()
    for path in library.root.glob("study.db*"):
        path.unlink()
    shutil.copy(backup, library.database)
    reopened = StudyStore.open(library)
    reopened.log_export(study.study_id, "after the loss")
    result = reopened.verify_record()
    assert (result.findings, result.notes) == ([], [])
    reopened.close()


def test_a_backup_from_within_a_session_gets_the_rest(
    store: StudyStore,
    library: Workspace,
    study: Study,
    reader: Reader,
    make_draft: Callable[..., AnswerDraft],
    tmp_path: Path,
) -> None:
    info = store.open_session(study.study_id, reader.reader_id)
    for index in range(5):
        store.record_answer(info.session_id, index, make_draft(3))
    backup = copied(library.database, tmp_path / "backup.db")
    for index in range(5, 9):
        store.record_answer(info.session_id, index, make_draft(4))
    assert replayed(backup, library.journal).n_answers == 4
    assert contents(backup) == contents(library.database)


def test_what_was_altered_in_the_journal_is_not_put_back(
    store: StudyStore,
    library: Workspace,
    study: Study,
    reader: Reader,
    make_draft: Callable[..., AnswerDraft],
    tmp_path: Path,
) -> None:
    backup = copied(library.database, tmp_path / "backup.db")
    info = store.open_session(study.study_id, reader.reader_id)
    for index in range(4):
        store.record_answer(info.session_id, index, make_draft(2))
    store.close()
    lines = library.journal.read_bytes().splitlines(keepends=True)
    lines[-2] = lines[-2].replace(b'"confidence":2', b'"confidence":6')
    library.journal.write_bytes(b"".join(lines))
    report = replayed(backup, library.journal)
    assert report.n_answers == 2
    assert "holds another row than recorded" in report.stopped
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT DISTINCT confidence FROM answers").fetchall() == [(2,)]


def test_a_half_written_last_transaction_is_left_out(
    store: StudyStore, library: Workspace, study: Study, reader: Reader, tmp_path: Path
) -> None:
    before = copied(library.database, tmp_path / "before.db")
    backup = copied(library.database, tmp_path / "backup.db")
    store.open_session(study.study_id, reader.reader_id)
    store.close()
    lines = library.journal.read_bytes().splitlines(keepends=True)
    # The session was opened, but the last of its lines was never finished.
    library.journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:30])
    report = replayed(backup, library.journal)
    assert (report.n_entries, report.stopped) == (0, "")
    assert contents(backup) == contents(before)


def test_a_database_of_another_trail_gets_the_rows_under_new_entries(
    old: Workspace, tmp_path: Path
) -> None:
    """Upgraded twice, a workspace of an earlier version has two trails, of the same rows."""
    backup = copied(old.database, tmp_path / "backup.db")
    store = StudyStore.open(old)
    study = next(study for study in store.studies() if study.unblinded_at is None)
    store.add_reader(Reader("new"))
    info = store.open_session(study.study_id, "new")
    store.record_answer(info.session_id, 0, AnswerDraft(
        None if study.protocol.answer_scale != "confidence6" else 3, 9.0, utc_now(), utc_now(),
        exposure_ms=500,
        response=None if study.protocol.answer_scale == "confidence6" else (
            "left" if study.protocol.is_paired else "real")))  # fmt: skip
    store.close()
    time.sleep(0.002)
    report = replayed(backup, old.journal)
    assert not report.chain_kept
    assert (report.n_answers, report.contradictions, report.stopped) == (1, (), "")
    found, wanted = contents(backup), contents(old.database)
    del found["audit_trail"], wanted["audit_trail"]
    assert found == wanted


RATE = """
import os, sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
import sqlalchemy.dialects.sqlite, psutil
for line in sys.stdin:
    if os.fork():
        os.wait()
        os.write(1, b"ended\\n")
        continue
    store = StudyStore.open(Workspace(Path(sys.argv[1])))
    session = RatingSession(store, store.open_session(sys.argv[2], line.strip()))
    os.write(1, f"ready {os.getpid()}\\n".encode())
    while not session.finished:
        session.end_break()
        session.answer(3, 1.0, utc_now(), utc_now())
        os.write(1, f"{session.previous_answer.answer_id}\\n".encode())
        session.advance()
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_kill_9_leaves_the_record_whole_and_every_answer_recoverable(
    store: StudyStore, library: Workspace, study: Study, tmp_path: Path
) -> None:
    backup = copied(library.database, tmp_path / "backup.db")
    rng = random.Random(30)
    acknowledged: set[str] = set()
    server = subprocess.Popen(
        [sys.executable, "-c", RATE, str(library.root), study.study_id],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    for number in range(25):
        reader = store.add_reader(Reader(f"K{number:03d}"))
        server.stdin.write(f"{reader.reader_id}\n")
        server.stdin.flush()
        lines = [server.stdout.readline()]
        while len(lines) <= rng.randint(0, 9) and lines[-1] != "ended\n":
            lines.append(server.stdout.readline())
        if lines[-1] != "ended\n":
            time.sleep(rng.uniform(0, 0.004))
            os.kill(int(lines[0].split()[1]), 9)
        while lines[-1] != "ended\n":
            lines.append(server.stdout.readline())
        acknowledged |= {line.strip() for line in lines[1:-1]}
        result = store.verify_record()
        assert result.findings == []
    server.stdin.close()
    assert server.wait(60) == 0
    assert len(acknowledged) > 50
    assert replayed(backup, library.journal).stopped == ""
    with closing(sqlite3.connect(backup)) as connection:
        back = {row[0] for row in connection.execute("SELECT answer_id FROM answers")}
    assert acknowledged <= back
    # A last transaction that was written down but not committed may be put back as well.
    assert len(back) - store_answers(library) in (0, 1)


def store_answers(library: Workspace) -> int:
    with closing(sqlite3.connect(library.database)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    return int(count)


def test_a_transaction_that_was_written_down_but_not_committed_is_no_finding(
    store: StudyStore,
    library: Workspace,
    study: Study,
    reader: Reader,
    make_draft: Callable[..., AnswerDraft],
) -> None:
    """As a kill between the journal's lines and the commit leaves it."""
    info = store.open_session(study.study_id, reader.reader_id)
    store.record_answer(info.session_id, 0, make_draft(2))
    store.release_session(info.session_id)
    noted = committed_path(library.journal).read_bytes()
    backup = copied(library.database, library.root / "backup.db")
    store.log_display(info.session_id, "never committed")
    seq = last_seq(library.journal)
    assert seq is not None
    store.close()
    for path in library.root.glob("study.db*"):
        path.unlink()
    backup.replace(library.database)
    committed_path(library.journal).write_bytes(noted)
    reopened = StudyStore.open(library)
    assert reopened.verify_record().findings == []
    reopened.open_session(study.study_id, reader.reader_id)
    reopened.record_answer(info.session_id, 1, make_draft(5))
    result = reopened.verify_record()
    assert (result.findings, result.notes) == ([], [])
    assert last_seq(library.journal) == result.n_entries >= seq
    reopened.close()


def test_a_torn_line_at_the_end_is_mended(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    with library.journal.open("ab") as file:
        file.write(b'{"actor":"R01","at":"2026-')
    assert store.verify_record().findings == []
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    session.answer(3, 5.0, utc_now(), utc_now())
    result = store.verify_record()
    assert (result.findings, result.notes) == ([], [])
