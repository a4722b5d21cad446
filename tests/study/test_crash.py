"""Readers' answers against ``kill -9``, at whatever moment it comes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study.model import Reader
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore

KILLS = 18

# Rates in a tight loop and prints each answer once it has been acknowledged; every third trial is
# answered twice, so that revisions are caught in the middle too.
READER = """
import sys
import time
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
store = StudyStore.open(Workspace(Path(sys.argv[1])))
session = RatingSession(store, store.open_session(sys.argv[2], sys.argv[3]))
print("ready", session.current.trial_index, flush=True)
while not session.finished:
    session.end_break()
    index = session.current.trial_index
    for _ in range(1 + (index % 3 == 0 and not session.current.is_training)):
        if session.answered:
            session.undo()
        session.answer(1 + index % 6, 100.0 + index, utc_now(), utc_now())
        print("acknowledged", index, session.previous_answer.answer_id, flush=True)
    session.advance()
    time.sleep(0.001)
"""


@pytest.fixture
def long_protocol(protocol: Protocol) -> Protocol:
    return protocol.model_copy(
        update={"datasets": (), "n_real": 40, "n_generated": 40, "repeats_fraction": 0.5}
    )


def test_no_acknowledged_answer_is_lost_or_doubled_by_kill_9(
    store: StudyStore, library: Workspace, long_protocol: Protocol, passphrase: str
) -> None:
    study = store.create_study("Crash", long_protocol, passphrase)
    reader = store.add_reader(Reader(name="Ada"))
    rng = random.Random(20)
    acknowledged: dict[str, int] = {}
    kills_in_the_middle = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", READER, str(library.root), study.study_id, reader.reader_id],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        first = process.stdout.readline().split()
        assert first[0] == "ready"
        # It resumes at the first trial that the database has no answer for.
        sessions = store.sessions(study.study_id)
        assert len(sessions) == 1
        # The child may be further by now, never behind.
        assert int(first[1]) <= sessions[0].n_answered
        assert int(first[1]) >= len(set(acknowledged.values()))
        output = [process.stdout.readline() for _ in range(rng.randint(0, 4))]
        time.sleep(rng.uniform(0, 0.003))
        process.kill()
        rest, _ = process.communicate(timeout=60)
        output += rest.splitlines(keepends=True)
        lines = [line.split() for line in output if line.endswith("\n")]
        for _, index, answer_id in lines:
            assert answer_id not in acknowledged
            acknowledged[answer_id] = int(index)
        kills_in_the_middle += process.returncode != 0

        with store._database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT answer_id, trial_index, revision, confidence FROM answers"
            ).all()
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        stored = {row.answer_id: row.trial_index for row in rows}
        assert len(stored) == len(rows)
        assert acknowledged.items() <= stored.items()
        # At most one answer per kill was committed without its acknowledgement getting through.
        assert len(stored) - len(acknowledged) <= kills_in_the_middle
        assert all(row.confidence == 1 + row.trial_index % 6 for row in rows)
        answered = sorted(set(stored.values()))
        assert answered == list(range(len(answered)))
        revisions: dict[int, list[int]] = {}
        for row in rows:
            revisions.setdefault(row.trial_index, []).append(row.revision)
        assert all(sorted(r) == list(range(1, len(r) + 1)) for r in revisions.values())
        if len(answered) == study.protocol.n_trials:
            break
    assert kills_in_the_middle >= 15
    assert acknowledged

    info = store.open_session(study.study_id, reader.reader_id)
    session = RatingSession(store, info)
    assert session.current.trial_index == info.n_answered
    assert session.progress.answered == len(set(stored.values()))
