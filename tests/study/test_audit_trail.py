"""The audit trail: every change has its entry, in the transaction that made it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.audit_trail import NO_ENTRY_SHA256, AuditEntry, read_entries
from reviewapp.study.audited_rows import AUDITED, canonical_text
from reviewapp.study.errors import SessionError, StoreError
from reviewapp.study.model import AnswerDraft, ImageFilter, Mark, Reader, SessionInfo, Study
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.protocol import Protocol, Remedies
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

PACKAGE = Path(__file__).parents[2] / "reviewapp"


def entries(store: StudyStore) -> list[AuditEntry]:
    with store._database.read() as connection:
        return list(read_entries(connection))


def test_every_table_that_only_grows_is_covered() -> None:
    growing = {table.name for table in schema.APPEND_ONLY} - {"audit_trail"}
    assert growing <= AUDITED.keys()
    assert all(not AUDITED[name].is_grouped for name in growing)


def test_every_table_is_covered_or_left_out_on_purpose() -> None:
    left_out = {
        "schema_info", "images", "map_means", "manifests", "session_leases", "audit_trail",
    }  # fmt: skip
    assert set(schema.metadata.tables) - set(AUDITED) == left_out


def test_no_module_writes_past_what_the_trail_sees() -> None:
    """Plain SQL is not followed, so only what prepares and reads databases uses it."""
    writes = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
    found = {
        (path.relative_to(PACKAGE).as_posix(), table)
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts
        for _, table in writes.findall(path.read_text(encoding="utf-8"))
        if table in AUDITED
    }
    assert found == set()


def test_an_entry_tells_who_did_what_when(
    store: StudyStore, study: Study, reader: Reader, make_draft: Callable[..., AnswerDraft]
) -> None:
    session = store.open_session(study.study_id, reader.reader_id)
    before = utc_now()
    store.record_answer(session.session_id, 0, make_draft(2))
    store.record_answer(session.session_id, 0, make_draft(5))
    store.record_mark(Mark("m1", session.session_id, 0, "ellipse", 1, 2, 3, 4, "noise"))
    store.withdraw_mark("m1")
    found = entries(store)
    assert [(e.kind, e.table_name, e.actor) for e in found[-4:]] == [
        ("added", "answers", "R01"),
        ("added", "answers", "R01"),
        ("added", "marks", "R01"),
        ("added", "withdrawn_marks", "R01"),
    ]
    assert json.loads(found[-2].row_key) == {"mark_id": "m1"}
    assert found[-1].at >= before.isoformat()[:19]
    kinds = Counter(e.kind for e in found)
    assert kinds["study_created"] == kinds["protocol_frozen"] == kinds["session_opened"] == 1
    # The study itself: made, then frozen by its first session.
    own = [e.kind for e in found if e.table_name == "studies"]
    assert own == ["added", "changed"]


def test_entries_are_chained_by_their_hashes(
    store: StudyStore, study: Study, reader: Reader, rate_all: Callable[..., SessionInfo]
) -> None:
    rate_all(study, reader.reader_id)
    found = entries(store)
    assert [entry.seq for entry in found] == list(range(1, len(found) + 1))
    previous = NO_ENTRY_SHA256
    for entry in found:
        assert entry.previous_sha256 == previous
        fields = {
            name: getattr(entry, name)
            for name in (
                *("seq", "at", "actor", "kind", "table_name", "row_key", "row_sha256"),
                "previous_sha256",
            )
        }
        content = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
        assert hashlib.sha256(content).hexdigest() == entry.entry_sha256
        previous = entry.entry_sha256
    head = store.audit_head()
    assert head is not None
    assert head.entry_sha256 == previous


def test_the_digest_is_that_of_the_stored_row(
    store: StudyStore, study: Study, reader: Reader, make_draft: Callable[..., AnswerDraft]
) -> None:
    session = store.open_session(study.study_id, reader.reader_id)
    answer = store.record_answer(session.session_id, 0, make_draft(2, comment="naïve “q”"))
    with store._database.read() as connection:
        row = connection.execute(text("SELECT * FROM answers")).one()._asdict()
    content = canonical_text({name: value for name, value in row.items() if value is not None})
    assert entries(store)[-1].row_sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert answer.comment in json.loads(content)["comment"]


def test_a_transaction_that_fails_leaves_no_entry(
    store: StudyStore, study: Study, reader: Reader, make_draft: Callable[..., AnswerDraft]
) -> None:
    session = store.open_session(study.study_id, reader.reader_id)
    before = entries(store)
    with pytest.raises(SessionError):
        store.record_answer(session.session_id, 5, make_draft())
    with pytest.raises(RuntimeError), store._database.write() as connection:
        connection.execute(schema.events.insert().values(
            at="", kind="x", actor="", study_id="", session_id="", detail=""))  # fmt: skip
        raise RuntimeError
    assert entries(store) == before
    assert store.verify_record().whole


def test_leases_and_the_library_are_not_recorded(
    store: StudyStore, library: Workspace, study: Study, reader: Reader
) -> None:
    session = store.open_session(study.study_id, reader.reader_id)
    before = len(entries(store))
    store.release_session(session.session_id)
    library.manifest_path("idrid").write_text("", encoding="utf-8")
    store.sync_library()
    assert len(entries(store)) == before


def test_rows_written_in_a_way_that_cannot_be_followed_are_refused(store: StudyStore) -> None:
    row = {"at": "", "kind": "x", "actor": "", "study_id": "", "session_id": "", "detail": ""}
    with (
        pytest.raises(StoreError, match="audit trail cannot follow"),
        store._database.write() as connection,
    ):
        connection.execute(schema.events.insert(), [row, row])
    assert entries(store) == []


def test_whatever_the_store_does_the_record_is_whole(
    store: StudyStore,
    library: Workspace,
    protocol: Protocol,
    passphrase: str,
    rate_all: Callable[..., SessionInfo],
    make_draft: Callable[..., AnswerDraft],
    tmp_path: Path,
) -> None:
    changeable = protocol.model_copy(update={"training_trials": 0})
    study = store.create_study("All", changeable, passphrase)
    retitled = study.protocol.model_copy(update={"title": "Another"})
    store.change_protocol(study.study_id, retitled)
    store.audit_leaks(study.study_id, passphrase)
    store.apply_remedies(study.study_id, passphrase, Remedies(match_histogram=True))
    for number in range(1, 5):
        store.add_reader(Reader(f"R{number}"))
    pack = store.make_pack(study.study_id, "R1", tmp_path / "r1.pack")
    cancelled = store.make_pack(study.study_id, "R2", tmp_path / "r2.pack")
    store.cancel_pack(cancelled.pack_id)
    elsewhere = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "elsewhere"))
    session = RatingSession(elsewhere, elsewhere.open_session(study.study_id, "R1"))
    while not session.finished:
        session.end_break()
        session.answer(3, 5.0, utc_now(), utc_now())
        session.advance()
    elsewhere.record_consent(session.session_id, True)
    elsewhere.write_pack_results(tmp_path / "results.pack")
    assert elsewhere.verify_record().whole
    elsewhere.close()
    store.merge_pack_results(tmp_path / "results.pack")
    finished = rate_all(study, "R3")
    store.record_consent(finished.session_id, True)
    store.record_consent(finished.session_id, False, actor="coordinator")
    info = store.open_session(study.study_id, "R4")
    store.log_display(info.session_id, "a display")
    store.note_showing(info.session_id, 0)
    store.keep_comment(info.session_id, 0, "typed")
    store.record_answer(info.session_id, 0, make_draft())
    store.record_mark(Mark("m", info.session_id, 0, "ellipse", 1, 2, 3, 4, "noise"))
    store.withdraw_mark("m")
    (image,) = store.images(ImageFilter(), limit=1)
    store.give_class(image, "DCM", "Ada")
    store.log_export(study.study_id, "by hand")
    store.unblind(study.study_id, passphrase)
    found = entries(store)
    # Every covered table but the frames of sequences was written to.
    assert {entry.table_name for entry in found} == AUDITED.keys() - {"presented_frames"}
    result = store.verify_record()
    assert result.findings == []
    assert (result.n_entries, result.head_sha256) == (len(found), found[-1].entry_sha256)
    assert result.notes == []


RATE = """
import sys
from pathlib import Path
from engine.workspace import Workspace
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
url = sys.argv[4] or None
store = StudyStore.open(Workspace(Path(sys.argv[1])), url)
session = RatingSession(store, store.open_session(sys.argv[2], sys.argv[3]))
while not session.finished:
    session.end_break()
    session.answer(4, 100.0, utc_now(), utc_now())
    session.advance()
store.close()
"""


def rate_in_processes(store: StudyStore, library: Workspace, study: Study, url: str) -> None:
    readers = [store.add_reader(Reader(f"R{number}")) for number in range(1, 4)]
    arguments = [str(library.root), study.study_id]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RATE, *arguments, reader.reader_id, url],
            stderr=subprocess.PIPE,
            text=True,
            cwd=PACKAGE.parent,
        )
        for reader in readers
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors


def test_several_processes_make_one_chain(
    store: StudyStore, library: Workspace, study: Study
) -> None:
    rate_in_processes(store, library, study, "")
    result = store.verify_record()
    assert (result.findings, result.notes) == ([], [])
    actors = Counter(e.actor for e in entries(store) if e.table_name == "answers")
    assert actors == {"R1": 14, "R2": 14, "R3": 14}
    lines = library.journal.read_text(encoding="ascii").splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, result.n_entries + 1))


def test_several_processes_make_one_chain_on_a_server(
    library: Workspace, protocol: Protocol, passphrase: str, postgresql_url: str
) -> None:
    store = StudyStore.open(library, postgresql_url)
    store.sync_library()
    study = store.create_study("Server", protocol, passphrase)
    rate_in_processes(store, library, study, postgresql_url)
    result = store.verify_record()
    assert result.findings == []
    assert result.n_entries == len(entries(store)) > 3 * 14
    # A server keeps no journal; what is altered there is found all the same.
    assert not library.journal.exists()
    with store._database._engine.begin() as connection:
        connection.execute(text("DROP TRIGGER answers_no_change ON answers"))
        connection.execute(text("UPDATE answers SET confidence = 1 WHERE trial_index = 3"))
    assert {(f.kind, f.table) for f in store.verify_record().findings} == {("altered", "answers")}
    store.close()


def test_threads_of_one_process_make_one_chain(
    store: StudyStore, library: Workspace, study: Study, make_draft: Callable[..., AnswerDraft]
) -> None:
    failures: list[BaseException] = []

    def rate(reader_id: str) -> None:
        try:
            session = store.open_session(study.study_id, reader_id)
            for trial_index in range(14):
                store.record_answer(session.session_id, trial_index, make_draft())
        except BaseException as error:
            failures.append(error)

    readers = [store.add_reader(Reader(f"R{number}")).reader_id for number in range(3)]
    threads = [threading.Thread(target=rate, args=(reader_id,)) for reader_id in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    result = store.verify_record()
    assert (result.findings, result.notes) == ([], [])
