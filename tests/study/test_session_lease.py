from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.errors import SessionError
from reviewapp.study.model import AnswerDraft, Reader, Study
from reviewapp.study.session_lease import FOREIGN_LEASE_LIFETIME
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import to_iso, utc_now

pytestmark = pytest.mark.both_databases

HOLD = """
import sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.store import StudyStore
store = StudyStore.open(Workspace(Path(sys.argv[1])))
print(store.open_session(sys.argv[2], sys.argv[3]).session_id, flush=True)
sys.stdin.readline()
if sys.argv[4] == "close":
    store.close()
"""


def hold_elsewhere(
    workspace: Workspace, study: Study, reader: Reader, ending: str = "close"
) -> subprocess.Popen[str]:
    """Another process that holds the session until its input is closed or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(workspace.root), study.study_id, reader.reader_id, ending],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("session-")
    return process


def test_a_session_open_in_another_process_is_refused_until_it_is_closed(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    other = hold_elsewhere(library, study, reader)
    with pytest.raises(SessionError, match=rf"another window.*process {other.pid}"):
        store.open_session(study.study_id, reader.reader_id)
    other.communicate("\n", timeout=60)
    assert store.open_session(study.study_id, reader.reader_id).resumed
    assert len(store.sessions(study.study_id)) == 1


def test_a_killed_process_loses_its_session_to_the_next(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    other = hold_elsewhere(library, study, reader)
    other.kill()
    other.communicate(timeout=60)
    assert store.open_session(study.study_id, reader.reader_id).resumed


def test_a_process_number_used_again_does_not_keep_the_session(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    other = StudyStore.open(library)
    session = other.open_session(study.study_id, reader.reader_id)
    with store._database.write() as connection:
        # As if a process of this number, started an hour earlier, had died holding the session.
        connection.exec_driver_sql(
            "UPDATE session_leases SET process_started = process_started - 3600"
        )
    assert store.open_session(study.study_id, reader.reader_id).session_id == session.session_id
    other.close()


def test_two_windows_of_one_process_are_kept_apart_too(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    other = StudyStore.open(library)
    session = other.open_session(study.study_id, reader.reader_id)
    with pytest.raises(SessionError, match=rf"process {os.getpid()}"):
        store.open_session(study.study_id, reader.reader_id)
    other.release_session(session.session_id)
    assert store.open_session(study.study_id, reader.reader_id).session_id == session.session_id
    other.close()
    assert store.open_session(study.study_id, reader.reader_id).session_id == session.session_id


def test_one_window_may_open_its_session_again(
    store: StudyStore, study: Study, reader: Reader
) -> None:
    first = store.open_session(study.study_id, reader.reader_id)
    again = store.open_session(study.study_id, reader.reader_id)
    assert (first.session_id, first.resumed) == (again.session_id, False)
    assert again.resumed


def test_without_the_lease_nothing_can_be_answered_or_finished(
    store: StudyStore,
    library: Workspace,
    study: Study,
    reader: Reader,
    make_draft: Callable[..., AnswerDraft],
) -> None:
    session = store.open_session(study.study_id, reader.reader_id)
    store.record_answer(session.session_id, 0, make_draft())
    other = StudyStore.open(library)
    with pytest.raises(SessionError, match="no longer holds"):
        other.record_answer(session.session_id, 1, make_draft())
    with pytest.raises(SessionError, match="no longer holds"):
        other.finish_session(session.session_id)
    store.release_session(session.session_id)
    with pytest.raises(SessionError, match="no longer holds"):
        store.record_answer(session.session_id, 1, make_draft())
    assert len(store.latest_answers(session.session_id)) == 1
    other.close()


def test_another_computers_lease_holds_while_answers_come_and_lapses_when_they_stop(
    store: StudyStore, study: Study, reader: Reader, library: Workspace
) -> None:
    other = StudyStore.open(library)
    other.open_session(study.study_id, reader.reader_id)

    def last_seen(ago: timedelta) -> None:
        with store._database.write() as connection:
            connection.execute(
                schema.session_leases.update().values(
                    host="reading-room-2", renewed_at=to_iso(utc_now() - ago)
                )
            )

    last_seen(FOREIGN_LEASE_LIFETIME - timedelta(minutes=1))
    with pytest.raises(SessionError, match="computer 'reading-room-2'"):
        store.open_session(study.study_id, reader.reader_id)
    last_seen(FOREIGN_LEASE_LIFETIME + timedelta(minutes=1))
    assert store.open_session(study.study_id, reader.reader_id).resumed
    other.close()
