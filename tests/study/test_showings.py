"""A timed image that is seen again, after a crash or a pause, is known by log and ratings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewapp.study.errors import SessionError
from reviewapp.study.export import export_ratings
from reviewapp.study.model import Reader, Study
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

pytestmark = pytest.mark.both_databases

# Answers one image, shows the next, and never comes to its answer.
READER = """
import sys, time
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

store = StudyStore.open(Workspace(Path(sys.argv[1])))
session = RatingSession(store, store.open_session(*sys.argv[2:4]))
shown = session.note_showing(0)
session.answer(4, 9.0, utc_now(), utc_now(), exposure_ms=250, n_showings=shown)
session.advance()
session.note_showing(1)
print("shown", flush=True)
time.sleep(600)
"""


@pytest.fixture
def timed(store: StudyStore, protocol: Protocol, passphrase: str) -> Study:
    fields = {"design": "timed", "exposure_ms": 250, "training_trials": 0}
    design = Protocol.model_validate(protocol.model_dump() | fields)
    return store.create_study("Timed", design, passphrase)


def shown(store: StudyStore, study: Study) -> list[tuple[str, str]]:
    events = store.events(study.study_id)
    return [(e.kind, e.detail) for e in events if e.kind.startswith("image_shown")]


def test_a_killed_reader_sees_the_unanswered_image_again_and_it_is_logged(
    store: StudyStore, timed: Study, reader: Reader, tmp_path: Path
) -> None:
    arguments = [str(store.workspace.root), timed.study_id, reader.reader_id]
    process = subprocess.Popen(
        [sys.executable, "-c", READER, *arguments],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "shown\n"
    process.kill()
    process.communicate(timeout=60)
    session = RatingSession(store, store.open_session(timed.study_id, reader.reader_id))
    assert session.current is not None
    assert session.current.trial_index == 1
    for index in (1, 2):
        count = session.note_showing(index)
        session.answer(4, 9.0, utc_now(), utc_now(), exposure_ms=250, n_showings=count)
        session.advance()
    assert shown(store, timed) == [
        ("image_shown", "trial 0"),
        ("image_shown", "trial 1"),
        ("image_shown_again", "trial 1"),
        ("image_shown", "trial 2"),
    ]
    actors = {e.actor for e in store.events(timed.study_id) if e.kind.startswith("image_shown")}
    assert actors == {reader.reader_id}
    ratings = export_ratings(store, timed.study_id, tmp_path)[0].read_text("utf-8").splitlines()
    column = ratings[0].split(",").index("n_showings")
    assert [row.split(",")[column] for row in ratings[1:]] == ["1", "2", "1"]


def test_readers_are_counted_apart(store: StudyStore, timed: Study, reader: Reader) -> None:
    other = store.add_reader(Reader(name="Other"))
    sessions = [store.open_session(timed.study_id, r.reader_id) for r in (reader, other)]
    counts = [store.note_showing(s.session_id, 0) for s in (*sessions, sessions[1], sessions[1])]
    assert counts == [1, 1, 2, 3]
    assert store.note_showing(sessions[0].session_id, 10) == 1
    with pytest.raises(SessionError):
        store.note_showing("session-0", 0)
