"""Backups hold one whole state, count only once they are checked, and make room for each other."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import Cancelled
from engine.workspace import Workspace
from reviewapp.study import backups
from reviewapp.study.backups import back_up, backup_folder, backup_is_due, list_backups
from reviewapp.study.errors import BackupError, DamagedDatabaseError
from reviewapp.study.model import AnswerDraft, Reader, Study
from reviewapp.study.store import StudyStore

ROOT = Path(__file__).parents[2]
#: two tables, always changed together, over and over
WRITER = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
for turn in range(10**9):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE left_side SET turn = ?, filler = randomblob(20000)", (turn,))
    connection.execute("UPDATE right_side SET turn = ?, filler = randomblob(20000)", (turn,))
    connection.execute("COMMIT")
    if turn == 3:
        os.write(1, b"ready\\n")
"""
KEEPER = """
import os, sys
from pathlib import Path
from reviewapp.study.backups import back_up
os.write(1, b"ready\\n")
while True:
    print(back_up(Path(sys.argv[1])).path.name, flush=True)
"""


@pytest.fixture
def database(workspace: Workspace) -> Path:
    StudyStore.open(workspace).close()
    return workspace.database


def fill(database: Path, megabytes: int) -> None:
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE filler (x BLOB)")
    connection.executemany("INSERT INTO filler VALUES (randomblob(1000000))", [()] * megabytes)
    connection.commit()
    connection.close()


def is_sound(file: Path) -> bool:
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return found == [("ok",)]


def test_a_backup_is_the_database_in_one_file(
    store: StudyStore, study: Study, reader: Reader, make_draft: Callable[..., AnswerDraft]
) -> None:
    info = store.open_session(study.study_id, reader.reader_id)
    store.record_answer(info.session_id, 0, make_draft(5))
    made = store.back_up()
    assert made is not None
    assert made.path.parent == store.workspace.root / "backups"
    assert made.path.name == f"study-{made.made_at:%Y%m%dT%H%M%SZ}-schema{made.schema_version}.db"
    # Recorded later, so it is not in it.
    store.record_answer(info.session_id, 1, make_draft(6))
    elsewhere = Workspace.create(store.workspace.root.parent / "elsewhere")
    made.path.replace(elsewhere.database)
    restored = StudyStore.open(elsewhere)
    assert {i: a.confidence for i, a in restored.latest_answers(info.session_id).items()} == {0: 5}
    restored.close()


def test_the_newest_five_stay_and_the_last_of_each_earlier_schema(database: Path) -> None:
    folder = backup_folder(database)
    folder.mkdir()
    for name in (
        "study-20250101T000000Z-schema1.db",
        "study-20250102T000000Z-schema2.db",
        "study-20250103T000000Z-schema2.db",
    ):
        (folder / name).write_bytes(b"")
    (folder / "notes.txt").write_bytes(b"somebody's own")
    made = [back_up(database) for _ in range(7)]
    kept = [backup.path.name for backup in list_backups(database)]
    assert kept == [
        *(backup.path.name for backup in reversed(made[-5:])),
        "study-20250103T000000Z-schema2.db",
        "study-20250101T000000Z-schema1.db",
    ]
    assert (folder / "notes.txt").exists()


def test_a_clock_that_was_set_back_does_not_age_a_new_backup(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = back_up(database)
    now = backups.utc_now
    monkeypatch.setattr(backups, "utc_now", lambda: now() - timedelta(days=400))
    made = [back_up(database) for _ in range(6)]
    assert list_backups(database)[0] == made[-1]
    assert made[-1].made_at > first.made_at


def test_a_backup_is_due_once_something_has_changed(
    store: StudyStore, make_draft: Callable[..., AnswerDraft]
) -> None:
    database = store.workspace.database
    assert backup_is_due(database)
    store.back_up()
    assert not backup_is_due(database)
    store.check()
    assert len(list_backups(database)) == 1
    store.add_reader(Reader("R07", "Grace"))
    assert backup_is_due(database)
    store.check()
    assert len(list_backups(database)) == 2
    assert not backup_is_due(database)


def test_a_backup_while_another_process_writes_is_one_state(database: Path) -> None:
    fill(database, 10)
    connection = sqlite3.connect(database)
    for side in ("left_side", "right_side"):
        connection.execute(f"CREATE TABLE {side} (turn INTEGER, filler BLOB)")
        connection.execute(f"INSERT INTO {side} VALUES (0, NULL)")
    connection.commit()
    connection.close()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(database)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == b"ready\n"
        turns = []
        for _ in range(4):
            made = back_up(database)
            copy = sqlite3.connect(made.path)
            (left,) = copy.execute("SELECT turn FROM left_side").fetchone()
            (right,) = copy.execute("SELECT turn FROM right_side").fetchone()
            copy.close()
            assert left == right
            turns.append(left)
        # The writer was never held up.
        assert turns == sorted(set(turns))
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


def test_a_backup_that_is_killed_does_not_count(database: Path) -> None:
    fill(database, 20)
    draw = random.Random(5)
    for _ in range(4):
        keeper = subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(database)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == b"ready\n"
        time.sleep(draw.uniform(0.0, 0.4))
        keeper.send_signal(signal.SIGKILL)
        told = keeper.stdout.read().split()
        keeper.wait()
        keeper.stdout.close()
        names = {backup.path.name for backup in list_backups(database)}
        assert {name.decode() for name in told[-1:]} <= names
        assert all(is_sound(backup.path) for backup in list_backups(database))
    # What was left of them goes once nobody can be at work on it any more.
    partial = backup_folder(database) / "study-0123.partial"
    partial.write_bytes(b"half")
    os.utime(partial, (0, 0))
    back_up(database)
    assert not partial.exists()


def test_a_cancelled_backup_leaves_nothing(database: Path) -> None:
    fill(database, 5)
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        back_up(database, cancelled=cancelled)
    assert list(backup_folder(database).iterdir()) == []


def test_a_damaged_database_is_not_backed_up(database: Path) -> None:
    fill(database, 2)
    good = back_up(database)
    with database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(random.Random(1).randbytes(4096 * 30))
    with pytest.raises(DamagedDatabaseError, match="is damaged") as raised:
        back_up(database)
    assert raised.value.database == database
    assert list(backup_folder(database).iterdir()) == [good.path]


def test_a_disk_that_takes_no_backup_is_told(database: Path) -> None:
    backup_folder(database).write_bytes(b"a file where the folder should be")
    with pytest.raises(BackupError, match="not backed up"):
        back_up(database)
