from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Cancelled, DataError
from engine.workspace import Workspace
from reviewapp.study.errors import BlindingError, ProtocolError, SessionError, StoreError
from reviewapp.study.model import Reader, SessionInfo, Study
from reviewapp.study.protocol import Protocol, Tools, protocol_sha256
from reviewapp.study.store import StudyStore


def pngs(workspace: Workspace) -> set[Path]:
    return set(workspace.images.rglob("*.png"))


@pytest.mark.both_databases
def test_a_store_opens_again_with_what_was_in_it(
    library: Workspace, protocol: Protocol, passphrase: str
) -> None:
    store = StudyStore.open(library)
    store.sync_library()
    made = store.create_study("Kept", protocol, passphrase)
    reader = store.add_reader(Reader(name="Ada"))
    store.close()
    store = StudyStore.open(library)
    assert store.studies() == [made]
    assert store.readers() == [reader]
    store.close()


def test_a_workspace_may_have_any_name_a_folder_can_have(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "50% done # é & more=1")
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01"))
    store.close()
    assert workspace.database.is_file()
    assert [path.name for path in tmp_path.iterdir()] == [workspace.root.name]


def test_the_database_is_durable_and_checks_references(store: StudyStore) -> None:
    with store._database.read() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_newer_schema_is_refused_and_left_alone(library: Workspace) -> None:
    StudyStore.open(library).close()
    with sqlite3.connect(library.database) as connection:
        connection.execute("UPDATE schema_info SET version = 99")
    connection.close()
    before = library.database.read_bytes()
    with pytest.raises(StoreError, match=r"newer version.*schema 99.*Update the app"):
        StudyStore.open(library)
    assert library.database.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(library: Workspace) -> None:
    library.database.write_bytes(b"these are my notes, not a database" * 100)
    with pytest.raises(StoreError, match=r"study\.db"):
        StudyStore.open(library)


def test_an_unknown_url_is_refused(library: Workspace) -> None:
    with pytest.raises(StoreError, match="nosuchdb"):
        StudyStore.open(library, url="nosuchdb://somewhere")


@pytest.mark.both_databases
def test_readers_get_ids_and_keep_them(store: StudyStore) -> None:
    first = store.add_reader(Reader(name=" Ada ", specialty="Cardiology", experience_years=12))
    second = store.add_reader(Reader(name="Grace", role="resident"))
    assert (first.reader_id, first.name, second.reader_id) == ("R01", "Ada", "R02")
    assert store.add_reader(first) == first
    assert store.readers() == [first, second]
    with pytest.raises(StoreError, match=r"R01.*other details"):
        store.add_reader(Reader("R01", "Somebody else"))


@pytest.mark.parametrize(
    "reader",
    [
        Reader("has blank"),
        Reader("x" * 41),
        Reader(name="n" * 121),
        Reader(experience_years=-1),
        Reader(role="professor"),  # type: ignore[arg-type]
        Reader(experience_years=float("nan")),
    ],
)
def test_unusable_reader_details_are_refused(store: StudyStore, reader: Reader) -> None:
    with pytest.raises(StoreError):
        store.add_reader(reader)
    assert store.readers() == []


def test_a_study_settles_what_the_protocol_left_open(
    store: StudyStore, protocol: Protocol, passphrase: str
) -> None:
    loose = protocol.model_copy(update={"datasets": (), "seed": None, "n_real": 5})
    study = store.create_study("  Named  ", loose, passphrase)
    assert study.name == "Named"
    assert study.protocol.datasets == ("acdc", "idrid")
    assert study.protocol.seed is not None
    assert study.protocol_sha256 == protocol_sha256(study.protocol)
    assert (study.n_images, study.n_training_images) == (9, 4)
    assert study.blinded
    assert study.frozen_at is None
    assert store.create_study("Other", loose, passphrase, seed=5).protocol.seed == 5


def test_progress_counts_every_image(
    store: StudyStore, protocol: Protocol, passphrase: str
) -> None:
    reports: list[tuple[int, int, str]] = []
    store.create_study("S", protocol, passphrase, progress=lambda *r: reports.append(r))
    assert [done for done, _, _ in reports] == list(range(13))
    assert {total for _, total, _ in reports} == {12}
    assert not any(
        word in item for _, _, item in reports for word in ("real", "generated", "acdc", "record")
    )


@pytest.mark.parametrize("name", ["", "   ", "n" * 121])
def test_a_study_needs_a_name(
    store: StudyStore, protocol: Protocol, passphrase: str, name: str
) -> None:
    with pytest.raises(StoreError, match="name"):
        store.create_study(name, protocol, passphrase)


@pytest.mark.both_databases
def test_a_name_is_used_once(store: StudyStore, study: Study, passphrase: str) -> None:
    with pytest.raises(StoreError, match="exists already"):
        store.create_study(study.name, study.protocol, passphrase)


def test_a_cancelled_or_failed_study_leaves_nothing(
    store: StudyStore, library: Workspace, protocol: Protocol, passphrase: str
) -> None:
    before = pngs(library)
    asked = iter(range(100))
    with pytest.raises(Cancelled):
        store.create_study("S", protocol, passphrase, cancelled=lambda: next(asked) >= 5)
    assert pngs(library) == before
    for path in before:
        path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="damaged"):
        store.create_study("S", protocol, passphrase)
    assert pngs(library) == before
    assert store.studies() == []


@pytest.mark.both_databases
def test_a_protocol_may_change_until_the_first_trial_and_never_after(
    store: StudyStore, study: Study, reader: Reader
) -> None:
    changed = study.protocol.model_copy(update={"tools": Tools(window=False, zoom=False)})
    study = store.change_protocol(study.study_id, changed)
    assert study.protocol == changed
    assert study.protocol_sha256 == protocol_sha256(changed)
    with pytest.raises(ProtocolError, match="n_real"):
        store.change_protocol(study.study_id, changed.model_copy(update={"n_real": 3}))
    store.open_session(study.study_id, reader.reader_id)
    frozen = store.study(study.study_id)
    assert frozen.frozen_at is not None
    with pytest.raises(ProtocolError, match="frozen"):
        store.change_protocol(study.study_id, study.protocol)
    assert store.study(study.study_id) == frozen


@pytest.mark.both_databases
def test_a_protocol_changed_behind_the_apps_back_is_noticed(
    store: StudyStore, study: Study, reader: Reader
) -> None:
    with store._database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE studies SET protocol = replace(protocol, '\"zoom\":true', '\"zoom\":false')"
        )
    with pytest.raises(ProtocolError, match="hash no longer fits"):
        store.open_session(study.study_id, reader.reader_id)


@pytest.mark.both_databases
def test_unblinding_needs_the_passphrase_and_opens_the_truth_for_good(
    store: StudyStore, study: Study, passphrase: str
) -> None:
    with pytest.raises(BlindingError, match="still blinded"):
        store.truth(study.study_id)
    with pytest.raises(BlindingError, match="passphrase"):
        store.unblind(study.study_id, "wrong horse")
    assert store.study(study.study_id).blinded
    store.unblind(study.study_id, passphrase)
    truth = store.truth(study.study_id)
    assert len(truth) == 12
    library = {image.record_id: image for image in store.images()}
    for image_id, value in truth.items():
        record = library[value.record_id]
        assert value.image_id == image_id
        assert (value.key, value.source, value.run_id) == (record.key, record.source, record.run_id)
    with pytest.raises(BlindingError, match="was unblinded on"):
        store.unblind(study.study_id, passphrase)


def test_an_unblinded_study_takes_no_more_readers(
    store: StudyStore, study: Study, reader: Reader, passphrase: str
) -> None:
    store.unblind(study.study_id, passphrase)
    with pytest.raises(SessionError, match="unblinded"):
        store.open_session(study.study_id, reader.reader_id)


@pytest.mark.both_databases
def test_the_log_tells_the_whole_story(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Callable[..., SessionInfo],
    passphrase: str,
) -> None:
    store.open_session(study.study_id, reader.reader_id)
    rate_all(study, reader.reader_id)
    store.unblind(study.study_id, passphrase)
    store.log_export(study.study_id, "14 ratings")
    events = store.events(study.study_id)
    assert [event.kind for event in events] == [
        "study_created",
        "protocol_frozen",
        "session_opened",
        "session_resumed",
        "session_finished",
        "unblinded",
        "exported",
    ]
    assert {e.actor for e in events if e.session_id} == {reader.reader_id}
    assert all(event.actor and event.at.utcoffset() is not None for event in events)
    assert [event.at for event in events] == sorted(event.at for event in events)


@pytest.mark.both_databases
@pytest.mark.parametrize("table", ["answers", "events"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET session_id = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_or_remove_rows(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Callable[..., SessionInfo],
    table: str,
    statement: str,
) -> None:
    rate_all(study, reader.reader_id)
    with (
        pytest.raises(StoreError, match=f"{table} is append-only"),
        store._database.write() as connection,
    ):
        connection.exec_driver_sql(statement.format(table))


@pytest.mark.both_databases
def test_unknown_ids_are_named(store: StudyStore, study: Study) -> None:
    with pytest.raises(StoreError, match="study 'nope'"):
        store.study("nope")
    with pytest.raises(StoreError, match="reader 'nobody'"):
        store.open_session(study.study_id, "nobody")
    with pytest.raises(SessionError, match="session 'none'"):
        store.trials("none")


def test_importing_the_store_pulls_in_nothing_slow() -> None:
    slow = ("pandas", "scipy", "cryptography", "PIL", "torch", "sqlalchemy.orm", "PySide6")
    program = (
        "import sys, reviewapp.study.store, reviewapp.study.session\n"
        f"print([name for name in {slow!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert result.stdout.strip() == "[]"
