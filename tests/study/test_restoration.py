"""A damaged database comes back from its backup and is kept; nothing is lost without a word."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study.backups import backup_folder, list_backups
from reviewapp.study.errors import DamagedDatabaseError, DatabaseInUseError, StoreError
from reviewapp.study.model import AnswerDraft, Reader, Study
from reviewapp.study.store import StudyStore

ROOT = Path(__file__).parents[2]
PAGE = 4096
#: opens a workspace and ends like a killed process at the n-th file that gets another name
OPEN_AND_DIE = """
import os, sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.store import StudyStore
left = int(sys.argv[2])
replace = Path.replace
def replace_or_die(self, target):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    return replace(self, target)
Path.replace = replace_or_die
StudyStore.open(Workspace(Path(sys.argv[1])), check=True)
os._exit(0)
"""
#: answers trials of the session, each with its number, and ends without closing anything
RATE_AND_DIE = """
import os, sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
store = StudyStore.open(Workspace(Path(sys.argv[1])))
(study,) = store.studies()
session = RatingSession(store, store.open_session(study.study_id, "R01"))
for index in range(int(sys.argv[2]), int(sys.argv[3])):
    session.end_break()
    assert session.current.trial_index == index
    session.answer(index + 1, 900.0, utc_now(), utc_now())
    session.advance()
os._exit(0)
"""
#: adds a reader and ends without closing anything
ADD_AND_DIE = """
import os, sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.model import Reader
from reviewapp.study.store import StudyStore
StudyStore.open(Workspace(Path(sys.argv[1]))).add_reader(Reader("R08", "Log"))
os._exit(0)
"""


@pytest.fixture
def answered(
    store: StudyStore, study: Study, reader: Reader, make_draft: Callable[..., AnswerDraft]
) -> Workspace:
    """A closed workspace with three answers, all of them in the one backup."""
    info = store.open_session(study.study_id, reader.reader_id)
    for index in range(3):
        store.record_answer(info.session_id, index, make_draft(index + 1))
    store.back_up()
    store.close()
    return store.workspace


def answers_of(store: StudyStore) -> dict[int, int | None]:
    (study,) = store.studies()
    (info,) = store.sessions(study.study_id)
    return {index: a.confidence for index, a in store.latest_answers(info.session_id).items()}


def overwrite_header(database: Path) -> None:
    with database.open("r+b") as file:
        file.write(random.Random(1).randbytes(100))


def overwrite_pages(database: Path) -> None:
    draw = random.Random(2)
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)
    # The file's other pages may be free ones, which nobody misses.
    roots = [row[0] for row in connection.execute("SELECT rootpage FROM sqlite_master")]
    connection.close()
    with database.open("r+b") as file:
        for page in draw.sample([root for root in roots if root > 1], 5):
            file.seek((page - 1) * PAGE)
            file.write(draw.randbytes(PAGE))


def write_other_content(database: Path) -> None:
    database.write_bytes(b"not a database at all" * 500)


def cut_in_the_middle(database: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)


def empty(database: Path) -> None:
    database.write_bytes(b"")


@pytest.mark.parametrize(
    "damage",
    [overwrite_header, overwrite_pages, write_other_content, cut_in_the_middle, empty],
)
def test_a_damaged_database_comes_back(answered: Workspace, damage: Callable[[Path], None]) -> None:
    damage(answered.database)
    damaged = answered.database.read_bytes()
    store = StudyStore.open(answered, check=True)
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    told = store.restoration
    assert told is not None
    assert (told.n_answers, told.n_from_journal, told.n_unrestored) == (3, 0, 0)
    assert told.damaged is not None
    assert told.damaged.read_bytes() == damaged
    assert str(told.damaged) in told.message
    assert "3 answers" in told.message
    store.close()
    # The next time there is nothing to tell.
    again = StudyStore.open(answered, check=True)
    assert again.restoration is None
    again.close()


def test_a_lost_database_comes_back(answered: Workspace) -> None:
    answered.database.unlink()
    store = StudyStore.open(answered)
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    assert store.restoration is not None
    assert store.restoration.damaged is None
    assert "missing" in store.restoration.message
    store.close()


def test_without_a_backup_all_comes_from_the_journal(answered: Workspace) -> None:
    shutil.rmtree(backup_folder(answered.database))
    overwrite_header(answered.database)
    store = StudyStore.open(answered)
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    told = store.restoration
    assert told is not None
    assert (told.backup, told.n_answers, told.n_from_journal) == (None, 0, 3)
    assert "3 answers came from the journal" in told.message
    assert store.verify_record().findings == []
    store.close()
    answered.database.unlink()
    store = StudyStore.open(answered)
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    # The library is read anew from the workspace's files.
    store.sync_library()
    assert store.count_images() == 96
    store.close()


def test_without_backup_and_journal_the_file_is_left_as_it_is(answered: Workspace) -> None:
    shutil.rmtree(backup_folder(answered.database))
    shutil.rmtree(answered.journal.parent)
    overwrite_header(answered.database)
    damaged = answered.database.read_bytes()
    with pytest.raises(DamagedDatabaseError, match="was left as it is"):
        StudyStore.open(answered)
    assert answered.database.read_bytes() == damaged
    assert not list(answered.root.glob("study.db.damaged-*"))


def test_a_backup_that_is_damaged_itself_is_passed_over(answered: Workspace) -> None:
    store = StudyStore.open(answered)
    store.add_reader(Reader("R09", "Later"))
    store.back_up()
    store.close()
    newest, older = list_backups(answered.database)
    overwrite_pages(newest.path)
    overwrite_header(answered.database)
    store = StudyStore.open(answered)
    assert store.restoration is not None
    assert store.restoration.backup == older
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    store.close()


def test_nothing_is_restored_under_another_window(answered: Workspace) -> None:
    other = StudyStore.open(answered)
    other.studies()
    overwrite_header(answered.database)
    damaged = answered.database.read_bytes()
    with pytest.raises(DatabaseInUseError, match="another window"):
        StudyStore.open(answered, check=True)
    assert answered.database.read_bytes() == damaged
    other.close()


@pytest.mark.parametrize("renames", range(4))
def test_a_restoration_that_is_killed_is_finished_the_next_time(
    answered: Workspace, renames: int
) -> None:
    # A log beside the damaged file must not get beside the restored one.
    adding = [sys.executable, "-c", ADD_AND_DIE, str(answered.root)]
    subprocess.run(adding, cwd=ROOT, check=True)
    log = Path(f"{answered.database}-wal").read_bytes()
    overwrite_pages(answered.database)
    run = subprocess.run(
        [sys.executable, "-c", OPEN_AND_DIE, str(answered.root), str(renames)], cwd=ROOT
    )
    assert run.returncode == 9
    store = StudyStore.open(answered, check=True)
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    assert store.restoration is not None
    store.close()
    assert not list(answered.root.glob("study.db.restored-*"))
    (damaged,) = answered.root.glob("study.db.damaged-*Z")
    assert Path(f"{damaged}-wal").read_bytes() == log


def test_a_folder_that_takes_nothing_leaves_all_as_it_is(
    answered: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    overwrite_pages(answered.database)
    damaged = answered.database.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(StoreError, match="No space left"):
            StudyStore.open(answered, check=True)
    assert answered.database.read_bytes() == damaged
    store = StudyStore.open(answered, check=True)
    assert answers_of(store) == {0: 1, 1: 2, 2: 3}
    store.close()


def rate_and_die(workspace: Workspace, begin: int, end: int) -> None:
    """Answer trials in a process that ends without closing anything."""
    run = [sys.executable, "-c", RATE_AND_DIE, str(workspace.root), str(begin), str(end)]
    subprocess.run(run, cwd=ROOT, check=True)


def test_what_is_later_than_the_backup_comes_from_the_journal(answered: Workspace) -> None:
    rate_and_die(answered, 3, 6)
    overwrite_pages(answered.database)
    store = StudyStore.open(answered, check=True)
    assert answers_of(store) == {index: index + 1 for index in range(6)}
    told = store.restoration
    assert told is not None
    assert (told.n_answers, told.n_from_journal, told.n_lost, told.stopped) == (3, 3, 0, "")
    assert "3 answers came from the backup" in told.message
    assert "3 later from the journal" in told.message
    assert store.verify_record().findings == []
    store.close()
    again = StudyStore.open(answered, check=True)
    assert again.restoration is None
    again.close()


@pytest.mark.parametrize("at", [0, 60, 3 * PAGE], ids=["header", "first page", "later"])
def test_committed_answers_in_a_damaged_log_come_back(answered: Workspace, at: int) -> None:
    rate_and_die(answered, 3, 6)
    log = Path(f"{answered.database}-wal")
    with log.open("r+b") as file:
        file.seek(at)
        file.write(random.Random(4).randbytes(200))
    store = StudyStore.open(answered)
    assert answers_of(store) == {index: index + 1 for index in range(6)}
    assert store.restoration is not None
    assert store.verify_record().findings == []
    store.close()


def test_a_journal_that_ends_too_early_is_told_and_does_not_keep_anybody_out(
    answered: Workspace,
) -> None:
    rate_and_die(answered, 3, 6)
    overwrite_pages(answered.database)
    lines = answered.journal.read_bytes().splitlines(keepends=True)
    answered.journal.write_bytes(b"".join(lines[:-2]))
    store = StudyStore.open(answered, check=True)
    assert set(answers_of(store)) >= {0, 1, 2}
    assert store.restoration is not None
    assert store.restoration.n_lost > 0
    assert "neither in a backup nor in the journal" in store.restoration.message
    store.close()
    again = StudyStore.open(answered)
    assert again.restoration is None
    again.close()


@pytest.mark.parametrize("old_version", [4], indirect=True)
def test_the_backup_before_a_migration_and_the_journal_make_a_whole(
    old: Workspace, old_version: int, make_draft: Callable[..., AnswerDraft]
) -> None:
    store = StudyStore.open(old)
    info = store.open_session(store.studies()[0].study_id, "R02")
    store.record_answer(info.session_id, 5, make_draft(2))
    before = store.latest_answers(info.session_id)
    store.close()
    (backup,) = list_backups(old.database)
    assert backup.schema_version == old_version
    overwrite_pages(old.database)
    store = StudyStore.open(old, check=True)
    assert store.restoration is not None
    assert store.restoration.n_from_journal == 1
    assert store.latest_answers(info.session_id) == before
    assert store.verify_record().findings == []
    store.close()
    again = StudyStore.open(old, check=True)
    assert again.restoration is None
    again.close()


def test_a_window_that_opens_while_others_rate_finds_no_damage(answered: Workspace) -> None:
    busy = StudyStore.open(answered)
    (study,) = busy.studies()
    stop = threading.Event()

    def record() -> None:
        while not stop.is_set():
            busy.log_export(study.study_id, "ratings.csv")

    recording = threading.Thread(target=record)
    recording.start()
    try:
        for _ in range(15):
            other = StudyStore.open(answered, check=True)
            assert other.restoration is None
            other.close()
    finally:
        stop.set()
        recording.join()
        busy.close()
