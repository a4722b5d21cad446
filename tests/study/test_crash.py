"""Readers' answers against ``kill -9``, at whatever moment it comes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study.errors import SessionError
from reviewapp.study.model import Reader, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

# Rates in a tight loop and tells each answer once it has been acknowledged, in one write each, so
# that no half line is read; every third scored trial is answered twice, so that revisions are
# caught in the middle too.
RATE = """
import os, sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

def tell(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def rate(root, study_id, reader_id):
    store = StudyStore.open(Workspace(Path(root)))
    session = RatingSession(store, store.open_session(study_id, reader_id))
    tell("ready", os.getpid(), session.session_id, session.current.trial_index)
    while not session.finished:
        session.end_break()
        index = session.current.trial_index
        for _ in range(1 + (index % 3 == 0 and not session.current.is_training)):
            if session.answered:
                session.undo()
            session.answer(1 + index % 6, 100.0 + index, utc_now(), utc_now())
            tell("acknowledged", index, session.previous_answer.answer_id)
        session.advance()
"""

# Starting Python and its libraries takes a second, a fork of a process that has them a moment.
FORK_SERVER = (
    RATE
    + """
import sqlalchemy.dialects.sqlite, psutil
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        rate(*sys.argv[1:3], line.strip())
        os._exit(0)
    os.waitpid(child, 0)
    tell("ended")
"""
)
SPAWNED = RATE + "rate(*sys.argv[1:4])\n"


@dataclass(frozen=True)
class Killed:
    """What a killed reader had told: where it began, and the answers acknowledged to it."""

    session_id: str
    began_at: int
    acknowledged: dict[str, int]


class Spawner:
    """Starts a Python process for each reader; works everywhere."""

    def __init__(self, root: Path, study_id: str) -> None:
        self._arguments = [str(root), study_id]

    def rate_and_kill(self, reader_id: str, after: int, delay_s: float) -> Killed:
        process = _python(SPAWNED, *self._arguments, reader_id)
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        lines += [process.stdout.readline() for _ in range(after)]
        time.sleep(delay_s)
        process.kill()
        rest, _ = process.communicate(timeout=60)
        return _told([*lines, *rest.splitlines()])


class Forker:
    """Forks each reader from one process that has loaded the libraries; POSIX only."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    @classmethod
    @contextmanager
    def started(cls, root: Path, study_id: str) -> Iterator[Forker]:
        server = _python(FORK_SERVER, str(root), study_id)
        try:
            yield cls(server)
        finally:
            server.kill()
            server.communicate(timeout=60)

    def rate_and_kill(self, reader_id: str, after: int, delay_s: float) -> Killed:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{reader_id}\n")
        self._server.stdin.flush()
        lines = [self._server.stdout.readline()]
        pid = int(lines[0].split()[1])
        while len(lines) <= after and lines[-1] != "ended\n":
            lines.append(self._server.stdout.readline())
        if lines[-1] != "ended\n":
            time.sleep(delay_s)
            # Not yet waited for by its parent, the process still has its number to itself.
            os.kill(pid, signal.SIGKILL)
        while lines[-1] != "ended\n":
            lines.append(self._server.stdout.readline())
        return _told(lines[:-1])


def _python(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def _told(lines: list[str]) -> Killed:
    words = [line.split() for line in lines if line.strip()]
    assert words[0][0] == "ready"
    assert all(word[0] == "acknowledged" for word in words[1:])
    acknowledged = {answer_id: int(index) for _, index, answer_id in words[1:]}
    assert len(acknowledged) == len(words) - 1
    return Killed(words[0][2], int(words[0][3]), acknowledged)


def check(store: StudyStore, session_id: str, told: dict[str, int]) -> int:
    """Nothing that was acknowledged is lost, nothing is doubled; returns what was answered."""
    with store._database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT answer_id, trial_index, revision, confidence FROM answers WHERE session_id = ?",
            (session_id,),
        ).all()
    stored = {row.answer_id: row.trial_index for row in rows}
    assert len(stored) == len(rows)
    assert told.items() <= stored.items()
    # At most the one answer that was on its way was stored without being acknowledged.
    assert len(stored) - len(told) <= 1
    assert all(row.confidence == 1 + row.trial_index % 6 for row in rows)
    answered = sorted(set(stored.values()))
    assert answered == list(range(len(answered)))
    for index in answered:
        revisions = sorted(row.revision for row in rows if row.trial_index == index)
        assert revisions == list(range(1, len(revisions) + 1))
        assert len(revisions) <= 2
    return len(answered)


def finish(store: StudyStore, study: Study, reader_id: str) -> None:
    """Resume at the first trial without an answer, and rate to the end."""
    info = store.open_session(study.study_id, reader_id)
    session = RatingSession(store, info)
    assert session.current is not None
    assert session.current.trial_index == info.n_answered
    while not session.finished:
        session.end_break()
        session.answer(6, 1.0, utc_now(), utc_now())
        session.advance()
    done = store.session(info.session_id)
    assert (done.n_answered, done.finished_at is not None) == (info.n_trials, True)


def kill_readers(
    store: StudyStore, study: Study, killer: Forker | Spawner, count: int, seed: int
) -> None:
    rng = random.Random(seed)
    killed_at = []
    for number in range(count):
        reader = store.add_reader(Reader(f"K{number:03d}"))
        # 14 trials give 17 acknowledgements: none is read for the last kills of all.
        told = killer.rate_and_kill(reader.reader_id, rng.randint(0, 16), rng.uniform(0, 0.003))
        session = store.session(told.session_id)
        assert (session.reader_id, told.began_at) == (reader.reader_id, 0)
        answered = check(store, session.session_id, told.acknowledged)
        killed_at.append(answered)
        if session.finished_at is None and answered < session.n_trials and number % 10 == 0:
            finish(store, study, reader.reader_id)
    assert len(store.sessions(study.study_id)) == count
    with store._database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    if count > 50:
        # The kills came at every stage of a session.
        assert len(set(killed_at)) >= 12
        assert sum(0 < answered < 14 for answered in killed_at) > count / 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_two_hundred_sessions_lose_and_double_nothing_by_kill_9(
    store: StudyStore, library: Workspace, study: Study
) -> None:
    with Forker.started(library.root, study.study_id) as forker:
        kill_readers(store, study, forker, count=200, seed=20)


def test_processes_started_anew_lose_and_double_nothing_by_kill_9(
    store: StudyStore, library: Workspace, study: Study
) -> None:
    count = 4 if hasattr(os, "fork") else 18
    kill_readers(store, study, Spawner(library.root, study.study_id), count, seed=21)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_one_session_killed_again_and_again_is_finished_in_the_end(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    rng = random.Random(22)
    told: dict[str, int] = {}
    stored = kills = 0
    with Forker.started(library.root, study.study_id) as forker:
        for _ in range(60):
            try:
                killed = forker.rate_and_kill(reader.reader_id, rng.randint(0, 2), 0.001)
            except (AssertionError, IndexError):
                # All is answered, and the session closed: it cannot be opened again.
                break
            # It began where the one before it had got to, and no answer was given to it twice.
            assert killed.began_at == stored
            assert told.keys().isdisjoint(killed.acknowledged)
            told |= killed.acknowledged
            kills += 1
            session = store.session(killed.session_id)
            stored = len(store.latest_answers(session.session_id))
            assert session.n_answered == stored >= killed.began_at
    assert kills >= 4
    (session,) = store.sessions(study.study_id)
    if session.finished_at is None:
        finish(store, study, reader.reader_id)
    with pytest.raises(SessionError, match="finished this study"):
        store.open_session(study.study_id, reader.reader_id)
