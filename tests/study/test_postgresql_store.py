"""What is particular to a study database on a PostgreSQL server: locks, losses, order, rights."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.database import Database
from reviewapp.study.errors import BlindingError, SessionError, StoreError
from reviewapp.study.model import AnswerDraft, Reader, Study
from reviewapp.study.store import StudyStore

if TYPE_CHECKING:
    from benchmarks.postgresql_server import PostgresqlServer

PATIENCE_S = 60.0
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def asked(url: str, statement: str) -> Any:
    """The first value that the server answers, by a connection of the test's own."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return None if row is None else row[0]


@pytest.fixture
def own_server() -> Iterator[PostgresqlServer]:
    """A server that the test may stop, of no other test's."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    from benchmarks.postgresql_server import PostgresqlServer, ServerMissingError

    try:
        with PostgresqlServer.started(durable=False) as server:
            yield server
    except ServerMissingError as error:
        pytest.skip(str(error))


# Opening


def test_a_plain_url_opens_twice_with_psycopg_3(workspace: Workspace, postgresql_url: str) -> None:
    StudyStore.open(workspace, url=postgresql_url).close()
    store = StudyStore.open(workspace, url=postgresql_url)
    assert store.studies() == []
    with store._database.read() as connection:
        assert connection.dialect.driver == "psycopg"
    store.close()
    assert not workspace.database.exists()


def test_a_missing_driver_is_told_with_how_to_get_it() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from reviewapp.study.database import Database\n"
        "from reviewapp.study.errors import StoreError\n"
        "try: Database('postgresql://a@localhost/b')\n"
        "except StoreError as error: print(error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pip install 'medgan-review[postgresql]'" in told.stdout


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2@127.0.0.1:1/study",
        "postgresql://reader:hunter2@127.0.0.1:port/study",
        "nosuchdb://reader:hunter2@127.0.0.1/study",
    ],
)
def test_no_message_repeats_the_password(url: str) -> None:
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    with pytest.raises(StoreError, match=r"127\.0\.0\.1") as refused:
        Database(url)
    assert "hunter2" not in str(refused.value)


def test_a_server_that_is_not_there_is_told_with_what_to_check() -> None:
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    with pytest.raises(StoreError, match=r"postgresql://.*server runs.*many_readers\.md"):
        Database("postgresql://reader@127.0.0.1:1/study")


def test_a_database_that_cannot_hold_every_letter_is_refused(
    postgresql_server: PostgresqlServer,
) -> None:
    url = postgresql_server.create_database("ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with pytest.raises(StoreError, match=r"LATIN1.*createdb --encoding=UTF8"):
        Database(url)


def test_a_user_without_rights_is_told(postgresql_server: PostgresqlServer) -> None:
    url = postgresql_server.create_database()
    asked(url, "CREATE ROLE guest LOGIN")
    asked(url, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    with pytest.raises(StoreError, match="rights"):
        Database(url.replace("owner@", "guest@"))


def test_several_apps_may_open_a_new_database_at_once(postgresql_url: str) -> None:
    failures: list[BaseException] = []
    barrier = threading.Barrier(4)

    def open_it() -> None:
        barrier.wait(PATIENCE_S)
        try:
            Database(postgresql_url).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert failures == []


# What differs between databases


def test_the_order_is_pythons_whatever_language_the_server_speaks(
    workspace: Workspace, postgresql_server: PostgresqlServer
) -> None:
    if int(postgresql_server.version.split(".")[0]) < 15:
        pytest.skip("the server cannot make a database with an order of ICU")
    url = postgresql_server.create_database(
        "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'"
    )
    store = StudyStore.open(workspace, url=url)
    ids = ["b", "a", "B", "A", "a-b", "ab", "a_b", "R10", "R2", "r1"]
    for reader_id in ids:
        store.add_reader(Reader(reader_id))
    assert [reader.reader_id for reader in store.readers()] == sorted(ids)
    store.close()
    # Without our own order the server's would show.
    assert asked(url, "SELECT min(x) FROM (VALUES ('B'), ('a')) AS t (x)") == "a"


def test_an_answer_is_on_the_disk_even_where_the_server_would_not_wait_for_it(
    postgresql_server: PostgresqlServer,
) -> None:
    url = postgresql_server.create_database()
    name = url.rpartition("/")[2]
    asked(url, f"ALTER DATABASE {name} SET synchronous_commit = off")
    asked(url, f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    database = Database(url)
    with database.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    with database.read() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == (
            "repeatable read"
        )
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    database.close()


@on_postgresql
def test_a_table_of_answers_cannot_be_emptied(store: StudyStore) -> None:
    with (
        pytest.raises(StoreError, match="answers is append-only"),
        store._database.write() as connection,
    ):
        connection.exec_driver_sql("TRUNCATE answers CASCADE")


@on_postgresql
def test_a_reader_of_the_database_sees_one_state(
    store: StudyStore, study: Study, reader: Reader
) -> None:
    with store._database.read() as connection:
        query = select(schema.sessions.c.session_id)
        assert connection.execute(query).all() == []
        store.open_session(study.study_id, reader.reader_id)
        assert connection.execute(query).all() == []
    assert len(store.sessions(study.study_id)) == 1


# Turns


@on_postgresql
def test_a_reader_need_not_wait_for_another_readers_answer(
    store: StudyStore, study: Study, make_draft: Callable[..., AnswerDraft]
) -> None:
    first, second = (
        store.open_session(study.study_id, store.add_reader(Reader(name)).reader_id).session_id
        for name in ("R1", "R2")
    )
    with store._database.write(first):
        thread = threading.Thread(target=store.record_answer, args=(second, 0, make_draft()))
        thread.start()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert len(store.latest_answers(second)) == 1


@on_postgresql
@pytest.mark.parametrize("part", ["the same session", ""])
def test_who_would_write_the_same_waits(
    store: StudyStore,
    study: Study,
    reader: Reader,
    postgresql_url: str,
    make_draft: Callable[..., AnswerDraft],
    part: str,
) -> None:
    session_id = store.open_session(study.study_id, reader.reader_id).session_id
    draft = make_draft()
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with store._database.write(session_id if part else ""):
        thread = threading.Thread(target=store.record_answer, args=(session_id, 0, draft))
        thread.start()
        wait_until(lambda: bool(asked(postgresql_url, waiting) == 1))
        assert store.latest_answers(session_id) == {}
    thread.join(PATIENCE_S)
    assert store.latest_answers(session_id)[0].answer_id == draft.answer_id


@pytest.mark.both_databases
def test_no_answer_is_recorded_after_the_unblinding(
    store: StudyStore,
    study: Study,
    passphrase: str,
    make_draft: Callable[..., AnswerDraft],
) -> None:
    readers = [store.add_reader(Reader(f"R{number}")).reader_id for number in range(3)]
    sessions = [store.open_session(study.study_id, name).session_id for name in readers]
    refused: list[str] = []

    def rate(session_id: str) -> None:
        count = 0
        while not refused or count < 2:
            try:
                store.record_answer(session_id, count % 13, make_draft())
            except SessionError as error:
                refused.append(str(error))
                return
            count += 1

    threads = [threading.Thread(target=rate, args=(session_id,)) for session_id in sessions]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(store.latest_answers(session_id) for session_id in sessions))
    store.unblind(study.study_id, passphrase)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(refused) >= 1
    assert all("unblinded" in reason for reason in refused)
    trail = schema.audit_trail
    with store._database.read() as connection:
        entries = connection.execute(
            select(trail.c.kind, trail.c.table_name).order_by(trail.c.seq)
        ).all()
    kinds = [entry.kind if entry.table_name == "events" else entry.table_name for entry in entries]
    assert "answers" in kinds
    assert "answers" not in kinds[kinds.index("unblinded") :]
    with pytest.raises(BlindingError, match="was unblinded"):
        store.unblind(study.study_id, passphrase)


# Losses


def test_after_a_restart_of_the_server_the_same_answer_is_recorded_once(
    library: Workspace,
    protocol: Any,
    passphrase: str,
    own_server: PostgresqlServer,
    make_draft: Callable[..., AnswerDraft],
) -> None:
    store = StudyStore.open(library, url=own_server.create_database())
    store.sync_library()
    study = store.create_study("Small study", protocol, passphrase)
    session_id = store.open_session(
        study.study_id, store.add_reader(Reader("R01")).reader_id
    ).session_id
    store.record_answer(session_id, 0, make_draft(2))
    draft = make_draft(5)
    own_server.stop(immediately=True)
    with pytest.raises(StoreError, match="server runs and can be reached"):
        store.record_answer(session_id, 1, draft)
    own_server.start()
    store.record_answer(session_id, 1, draft)
    store.record_answer(session_id, 1, draft)
    answers = store.latest_answers(session_id)
    assert [answers[index].confidence for index in sorted(answers)] == [2, 5]
    assert {answer.revision for answer in answers.values()} == {1}
    # In the middle of a transaction the connection is lost, and nothing of it is kept.
    leases = schema.session_leases
    with (
        pytest.raises(StoreError, match="connection to the server was lost"),
        store._database.write(session_id) as connection,
    ):
        connection.execute(leases.delete())
        own_server.stop()
        own_server.start()
        connection.execute(leases.delete())
    store.record_answer(session_id, 2, make_draft(1))
    store.close()


def test_an_answer_whose_acknowledgement_was_lost_is_not_doubled(
    library: Workspace,
    protocol: Any,
    passphrase: str,
    own_server: PostgresqlServer,
    make_draft: Callable[..., AnswerDraft],
) -> None:
    url = own_server.create_database()
    store = StudyStore.open(library, url=url)
    store.sync_library()
    study = store.create_study("Small study", protocol, passphrase)
    session_id = store.open_session(
        study.study_id, store.add_reader(Reader("R01")).reader_id
    ).session_id
    # A commit that waits for a second server is on the disk here, but not acknowledged.
    asked(url, "ALTER SYSTEM SET synchronous_standby_names = 'nowhere'")
    asked(url, "SELECT pg_reload_conf()")
    waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    draft = make_draft(5)
    failed: list[StoreError] = []

    def answer() -> None:
        try:
            store.record_answer(session_id, 0, draft)
        except StoreError as error:
            failed.append(error)

    thread = threading.Thread(target=answer)
    thread.start()
    wait_until(lambda: bool(asked(url, f"SELECT count(*) {waiting}") == 1))
    asked(url, f"SELECT pg_terminate_backend(pid) {waiting}")
    thread.join(PATIENCE_S)
    assert len(failed) == 1
    assert "try again" in str(failed[0])
    asked(url, "ALTER SYSTEM RESET synchronous_standby_names")
    asked(url, "SELECT pg_reload_conf()")
    assert store.record_answer(session_id, 0, draft).revision == 1
    assert asked(url, "SELECT count(*) FROM answers") == 1
    store.close()


def test_a_client_that_vanished_ends_and_its_turn_is_free(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    program = (
        "import sys, os\n"
        "from reviewapp.study.database import Database\n"
        "with Database(sys.argv[1]).write() as connection:\n"
        "    print('holds', flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, postgresql_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holds\n"
    holder.kill()
    holder.communicate(timeout=PATIENCE_S)
    with database.write() as connection:
        # One whose computer was cut off is noticed as well, by silence.
        silence = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
        probes = connection.exec_driver_sql("SHOW tcp_keepalives_idle").scalar()
    assert (silence, probes) == ("1min", "10")
    database.close()
