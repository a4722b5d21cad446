"""Tampering with a workspace's files, by other means than the app: each is found and named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled
from engine.workspace import Workspace
from reviewapp.app import main
from reviewapp.study import schema
from reviewapp.study.audit_trail import NO_ENTRY_SHA256, AuditEntry, chained_entry
from reviewapp.study.audit_verification import Finding, Verification, verify_record
from reviewapp.study.audited_rows import AUDITED, content_sha256, read_content
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.model import AnswerDraft, ImageFilter, Mark, Reader
from reviewapp.study.protocol import Protocol
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

#: a column of each table that somebody may wish otherwise, and what they would write there
WISHES = {
    "readers": ("specialty", "Radiology"),
    "studies": ("protocol", "{}"),
    "presented_images": ("class_label", "HCM"),
    "presented_frames": ("presented_key", "0" * 64),
    "leak_audits": ("warns", 0),
    "sessions": ("finished_at", "2020-01-01T00:00:00.000Z"),
    "trials": ("image_id", "i0"),
    "packs": ("merged_at", "2020-01-01T00:00:00.000Z"),
    "consents": ("given", 0),
    "answers": ("confidence", 1),
    "marks": ("x", 40.5),
    "withdrawn_marks": ("at", "2020-01-01T00:00:00.000Z"),
    "truths": ("source", "both"),
    "class_labels": ("class_name", "HCM"),
    "events": ("detail", "nothing happened"),
}


@pytest.fixture(scope="session")
def rated_template(
    library_template: Path, tmp_path_factory: pytest.TempPathFactory, passphrase: str
) -> Path:
    """A workspace with a row in every covered table but that of the truth."""
    folder = tmp_path_factory.mktemp("rated")
    workspace = Workspace(Path(shutil.copytree(library_template, folder / "workspace")))
    store = StudyStore.open(workspace)
    store.sync_library()
    protocol = Protocol(
        protocol_id="small", title="Small", datasets=("acdc",), n_real=4, n_generated=4,
        training_trials=4, block_size=6, size_px=64, seed=7,
    )  # fmt: skip
    study = store.create_study("Full", protocol, passphrase)
    with store._database.write() as connection:
        # No sequences are among the library's images, and no audit is worth its time here.
        frame = {"image_id": "i", "frame_index": 0, "presented_key": "1" * 64}
        connection.execute(schema.presented_frames.insert(), [frame | {"study_id": study.study_id}])
        connection.execute(schema.leak_audits.insert().values(
            study_id=study.study_id, at="2026-01-01T00:00:00.000Z", auc=0.5, n_real=4,
            n_generated=4, warns=True, protocol_sha256="", sealed_report=b"sealed"))  # fmt: skip
    for number in (1, 2, 3):
        store.add_reader(Reader(f"R{number}", specialty="Cardiology"))
    finished = store.open_session(study.study_id, "R1")
    for index in range(finished.n_trials):
        store.record_answer(finished.session_id, index, draft(4))
    store.finish_session(finished.session_id)
    store.record_consent(finished.session_id, True)
    store.make_pack(study.study_id, "R2", folder / "r2.pack")
    info = store.open_session(study.study_id, "R3")
    store.record_answer(info.session_id, 0, draft(3))
    store.record_answer(info.session_id, 0, draft(5))
    store.record_mark(Mark("m", info.session_id, 0, "ellipse", 1, 2, 3, 4, "noise"))
    store.withdraw_mark("m")
    (image,) = store.images(ImageFilter(), limit=1)
    store.give_class(image, "DCM", "Ada")
    store.close()
    return workspace.root


@pytest.fixture(scope="session")
def full_template(
    rated_template: Path, tmp_path_factory: pytest.TempPathFactory, passphrase: str
) -> Path:
    """The same, unblinded."""
    folder = tmp_path_factory.mktemp("full") / "workspace"
    workspace = Workspace(Path(shutil.copytree(rated_template, folder)))
    store = StudyStore.open(workspace)
    store.unblind(store.studies()[0].study_id, passphrase)
    store.close()
    return workspace.root


@pytest.fixture
def full(full_template: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(full_template, tmp_path / "full")))


def draft(confidence: int) -> AnswerDraft:
    return AnswerDraft(confidence, 1000.0, utc_now(), utc_now())


def tamper(workspace: Workspace, *statements: str) -> None:
    """Do what somebody with another program can: triggers are dropped first."""
    with closing(sqlite3.connect(workspace.database)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
            assert connection.execute("SELECT changes()").fetchone()[0] >= 1
        connection.commit()


def verified(workspace: Workspace) -> Verification:
    store = StudyStore.open(workspace)
    try:
        return store.verify_record()
    finally:
        store.close()


def found(workspace: Workspace) -> list[Finding]:
    return verified(workspace).findings


def found_as_it_is(workspace: Workspace) -> list[Finding]:
    """By the command's way: the app would put what was cut off back from the journal."""
    database = Database(sqlite_url(workspace.database), workspace.journal, as_it_is=True)
    with database.read() as connection:
        findings = verify_record(connection, workspace.journal).findings
    database.close()
    return findings


def test_a_workspace_that_was_left_alone_is_whole(full: Workspace) -> None:
    result = verified(full)
    assert (result.findings, result.notes) == ([], [])
    assert result.n_entries > 40
    assert result.head_sha256 != NO_ENTRY_SHA256
    with closing(sqlite3.connect(full.database)) as connection:
        for name in AUDITED:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0], name


@pytest.mark.parametrize("table", AUDITED)
def test_an_altered_row_is_found_and_named(full: Workspace, table: str) -> None:
    column, value = WISHES[table]
    key = ", ".join(AUDITED[table].key)
    with closing(sqlite3.connect(full.database)) as connection:
        rowid, *keys = connection.execute(
            f"SELECT rowid, {key} FROM {table} WHERE {column} IS NOT ?", (value,)
        ).fetchone()
    written = repr(value)
    tamper(full, f"UPDATE {table} SET {column} = {written} WHERE rowid = {rowid}")
    (finding,) = found(full)
    assert (finding.kind, finding.table) == ("altered", table)
    assert json.loads(finding.key) == dict(zip(AUDITED[table].key, keys, strict=True))
    # The journal knows what it was before.
    assert f"{column} was " in finding.text
    assert finding.at


@pytest.mark.parametrize("table", AUDITED)
def test_a_removed_row_is_found_and_named(full: Workspace, table: str) -> None:
    tamper(full, f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
    (finding,) = found(full)
    if AUDITED[table].is_grouped and table != "presented_frames":
        # What is left of the group is another one than recorded.
        assert (finding.kind, finding.table) == ("altered", table)
        assert "was removed" in finding.text
    else:
        assert (finding.kind, finding.table) == ("removed", table)
        assert "The journal has what it held" in finding.text


@pytest.mark.parametrize("table", AUDITED)
def test_an_inserted_row_is_found_and_named(full: Workspace, table: str) -> None:
    with closing(sqlite3.connect(full.database)) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    own = schema.metadata.tables[table].primary_key.columns.keys()[-1]
    unique = {own, "name"} if table == "studies" else {own}
    unique |= {"revision"} if table == "answers" else set()
    unique |= {"reader_id"} if table == "sessions" else set()
    values = ", ".join(
        ("99" if name in ("audit_id", "label_id", "event_id", "trial_index", "frame_index",
                          "revision") else "'another'")
        if name in unique else name
        for name in names
    )  # fmt: skip
    tamper(full, f"INSERT INTO {table} SELECT {values} FROM {table} LIMIT 1")
    (finding,) = found(full)
    assert finding.table == table
    if AUDITED[table].is_grouped:
        assert "was inserted" in finding.text
    else:
        assert (finding.kind, finding.at) == ("inserted", "")


def test_a_whole_group_that_was_removed_is_named(full: Workspace) -> None:
    tamper(full, "DELETE FROM truths")
    (finding,) = found(full)
    assert (finding.kind, finding.table) == ("removed", "truths")


def test_an_altered_entry_is_found(full: Workspace) -> None:
    tamper(full, "UPDATE audit_trail SET actor = 'somebody else' WHERE seq = 7")
    texts = [finding.text for finding in found(full)]
    assert texts == ["Entry 7 of the trail was altered."]


def test_entries_that_were_removed_are_found(full: Workspace) -> None:
    tamper(full, "DELETE FROM audit_trail WHERE seq BETWEEN 7 AND 9")
    texts = [finding.text for finding in found(full)]
    assert "Before entry 10 of the trail 7 to 9 is missing." in texts
    assert "Entry 10 of the trail does not follow on the entry before it." in texts


def test_two_entries_that_were_swapped_are_found(full: Workspace) -> None:
    tamper(
        full,
        "UPDATE audit_trail SET seq = -1 WHERE seq = 7",
        "UPDATE audit_trail SET seq = 7 WHERE seq = 8",
        "UPDATE audit_trail SET seq = 8 WHERE seq = -1",
    )
    texts = [finding.text for finding in found(full)]
    assert "Entry 7 of the trail was altered." in texts
    assert "Entry 8 of the trail does not follow on the entry before it." in texts
    assert any("2 entries of the trail, from 7 on, are others" in text for text in texts)


def test_an_entry_that_was_inserted_is_found(full: Workspace) -> None:
    tamper(full, "INSERT INTO audit_trail SELECT 99999, at, actor, kind, table_name, row_key, "
           "row_sha256, previous_sha256, entry_sha256 FROM audit_trail LIMIT 1")  # fmt: skip
    assert any("Entry 99999 of the trail was altered" in f.text for f in found(full))


def last_answer(workspace: Workspace) -> tuple[int, str]:
    with closing(sqlite3.connect(workspace.database)) as connection:
        seq, key = connection.execute(
            "SELECT seq, row_key FROM audit_trail WHERE table_name = 'answers' ORDER BY seq DESC"
        ).fetchone()
    return seq, json.loads(key)["answer_id"]


def test_a_cut_end_is_found_by_the_journal(full: Workspace) -> None:
    """Rows and their entries, together: the rest of the database is in itself whole."""
    with closing(sqlite3.connect(full.database)) as connection:
        seq, _ = connection.execute("SELECT max(seq), 0 FROM audit_trail").fetchone()
        (key,) = connection.execute(
            "SELECT row_key FROM audit_trail WHERE seq = ?", (seq,)
        ).fetchone()
    event_id = json.loads(key)["event_id"]
    tamper(
        full,
        f"DELETE FROM audit_trail WHERE seq = {seq}",
        f"DELETE FROM events WHERE event_id = {event_id}",
    )
    (finding,) = found_as_it_is(full)
    assert finding.kind == "trail"
    assert f"ends with entry {seq - 1}, but the journal goes on to {seq}" in finding.text
    assert found(full) == []
    (kept,) = full.root.glob("study.db.damaged-*")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT max(seq) FROM audit_trail").fetchone() == (seq - 1,)


def rebuilt(workspace: Workspace, first: int, row_sha256: str) -> list[AuditEntry]:
    """The trail with entry ``first`` for another row, and everything after it hashed anew."""
    with closing(sqlite3.connect(workspace.database)) as connection:
        rows = connection.execute(
            "SELECT seq, at, actor, kind, table_name, row_key, row_sha256, previous_sha256, "
            "entry_sha256 FROM audit_trail WHERE seq >= ? ORDER BY seq", (first,)
        ).fetchall()  # fmt: skip
    made: list[AuditEntry] = []
    for row in rows:
        values = dict(zip(AuditEntry.__dataclass_fields__, row, strict=True))
        del values["entry_sha256"]
        if made:
            values["previous_sha256"] = made[-1].entry_sha256
        else:
            values["row_sha256"] = row_sha256
        made.append(chained_entry(**values))
    return made


def rebuild(workspace: Workspace, first: int, row_sha256: str) -> None:
    tamper(
        workspace,
        *(
            f"UPDATE audit_trail SET row_sha256 = '{entry.row_sha256}', "
            f"previous_sha256 = '{entry.previous_sha256}', "
            f"entry_sha256 = '{entry.entry_sha256}' WHERE seq = {entry.seq}"
            for entry in rebuilt(workspace, first, row_sha256)
        ),
    )


def falsify_an_answer(workspace: Workspace) -> int:
    """Alter an answer and make the trail anew from there; returns the entry's number."""
    seq, answer_id = last_answer(workspace)
    tamper(workspace, f"UPDATE answers SET confidence = 1 WHERE answer_id = '{answer_id}'")
    store = StudyStore.open(workspace)
    with store._database.read() as connection:
        content = read_content(connection, AUDITED["answers"], {"answer_id": answer_id})
    store.close()
    rebuild(workspace, seq, content_sha256(content))
    return seq


def test_a_trail_made_anew_is_found_by_the_journal(full: Workspace) -> None:
    seq = falsify_an_answer(full)
    (finding,) = found(full)
    assert f"from {seq} on, are others than in the journal" in finding.text


def test_who_rewrites_both_is_found_by_a_noted_head_only(
    full: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = verified(full).head_sha256
    assert main(["verify", str(full.root), "--head", noted]) == 0
    falsify_an_answer(full)
    full.journal.unlink()
    (full.journal.parent / "committed.txt").unlink()
    # Opened by the app, which writes the journal anew from the database.
    assert found(full) == []
    capsys.readouterr()
    assert main(["verify", str(full.root)]) == 0
    out = capsys.readouterr().out
    assert "came into the journal later" in out
    assert main(["verify", str(full.root), "--head", noted]) == 1
    assert f"The noted head {noted} is not part of the trail." in capsys.readouterr().out


def change_line(workspace: Workspace, number: int, change: Callable[[bytes], bytes]) -> None:
    lines = workspace.journal.read_bytes().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    workspace.journal.write_bytes(b"".join(lines))


def test_an_altered_line_of_the_journal_is_found(full: Workspace) -> None:
    seq, _ = last_answer(full)
    change_line(full, seq, lambda line: line.replace(b'"confidence":5', b'"confidence":6'))
    (finding,) = found(full)
    assert finding.text == (
        f"Line {seq} of the journal (entry {seq}) holds another row of answers than recorded."
    )
    change_line(full, 4, lambda line: line.replace(b'"actor":"', b'"actor":"x'))
    assert any("Line 4 of the journal (entry 4) was altered." in f.text for f in found(full))


def test_a_removed_a_doubled_and_a_torn_line_of_the_journal_are_found(full: Workspace) -> None:
    whole = full.journal.read_bytes()
    change_line(full, 9, lambda line: b"")
    assert any("Line 9 of the journal is entry 10 where 9" in f.text for f in found(full))
    full.journal.write_bytes(whole)
    change_line(full, 9, lambda line: line + line)
    assert any("Line 10 of the journal (entry 9) stands there twice" in f.text for f in found(full))
    full.journal.write_bytes(whole)
    change_line(full, 9, lambda line: line[:40] + b"\n")
    assert any("Line 9 of the journal cannot be read." in f.text for f in found(full))


def test_a_journal_whose_end_was_cut_is_found(full: Workspace) -> None:
    lines = full.journal.read_bytes().splitlines(keepends=True)
    full.journal.write_bytes(b"".join(lines[:-3]))
    # Without the app having been there, which would write the end anew.
    assert main(["verify", str(full.root)]) == 1


def test_a_cut_end_is_still_found_after_work_has_gone_on(full: Workspace) -> None:
    with closing(sqlite3.connect(full.database)) as connection:
        (seq,) = connection.execute("SELECT max(seq) FROM audit_trail").fetchone()
        (event_id,) = connection.execute("SELECT max(event_id) FROM events").fetchone()
    tamper(
        full,
        f"DELETE FROM audit_trail WHERE seq = {seq}",
        f"DELETE FROM events WHERE event_id = {event_id}",
    )
    # By a program that does not look at the journal: the app would have put the end back.
    store = StudyStore(full, Database(sqlite_url(full.database)))
    for number in range(5):
        store.log_export(store.studies()[0].study_id, f"export {number}")
    store.close()
    (finding, *_) = found(full)
    assert "does not follow on the entry before it" in finding.text


def test_a_lost_journal_is_written_again_and_said_so(full: Workspace) -> None:
    full.journal.unlink()
    result = verified(full)
    assert result.findings == []
    assert [note for note in result.notes if "came into the journal later" in note]
    assert len(full.journal.read_bytes().splitlines()) == result.n_entries


def test_the_command_tells_what_was_altered(
    full: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(full.root)]) == 0
    out = capsys.readouterr().out
    assert "The record is whole." in out
    _, answer_id = last_answer(full)
    tamper(full, f"UPDATE answers SET confidence = 1 WHERE answer_id = '{answer_id}'")
    before = full.database.read_bytes()
    assert main(["verify", str(full.root)]) == 1
    out = capsys.readouterr().out
    assert f'ALTERED answers {{"answer_id":"{answer_id}"}}: confidence was 5 and is 1' in out
    assert "NOT whole: 1 findings" in out
    assert full.database.read_bytes() == before
    assert main(["verify", str(full.root / "nowhere")]) == 1
    assert "is not a workspace" in capsys.readouterr().err


def test_a_workspace_of_an_earlier_version_is_checked_once_it_was_taken_over(
    old: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = old
    assert main(["verify", str(workspace.root)]) == 1
    assert "without an audit trail" in capsys.readouterr().err
    store = StudyStore.open(workspace)
    with store._database.read() as connection:
        kinds = {row.kind for row in connection.execute(schema.audit_trail.select())}
    assert kinds == {"taken_over"}
    store.close()
    assert main(["verify", str(workspace.root)]) == 0
    tamper(workspace, "UPDATE answers SET comment = '' WHERE comment != ''")
    assert main(["verify", str(workspace.root)]) == 1


def test_a_check_can_be_cancelled_and_tells_how_far_it_is(full: Workspace) -> None:
    store = StudyStore.open(full)
    told: list[str] = []
    store.verify_record(lambda done, total, text: told.append(text))
    assert "Checking the rows" in told
    with pytest.raises(Cancelled):
        store.verify_record(cancelled=lambda: True)
    store.close()


OPERATIONS = ("answer", "change", "mark", "withdraw", "consent", "refuse", "event")


@settings(max_examples=12)
@given(
    operations=st.lists(st.sampled_from(OPERATIONS), min_size=3, max_size=20),
    data=st.data(),
)
def test_any_tampering_after_any_work_is_found(
    rated_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    operations: list[str],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("any") / "workspace"
    workspace = Workspace(Path(shutil.copytree(rated_template, folder)))
    work(workspace, operations)
    assert found(workspace) == []
    table = data.draw(st.sampled_from(["audit_trail", *AUDITED]))
    with closing(sqlite3.connect(workspace.database)) as connection:
        columns = [row[1:3] for row in connection.execute(f"PRAGMA table_info({table})")]
        rowids = [r for (r,) in connection.execute(f"SELECT rowid FROM {table}")]
        if not rowids:
            return
        rowid = data.draw(st.sampled_from(rowids))
        name, kind = data.draw(st.sampled_from(columns))
        values = st.integers(0, 1) if kind == "BOOLEAN" else (
            st.integers(0, 2000) if kind in ("INTEGER", "FLOAT", "BIGINT") else st.text(
                st.characters(codec="ascii", exclude_characters="\0"), max_size=8))  # fmt: skip
        value = data.draw(values)
        before = connection.execute(f"SELECT * FROM {table} WHERE rowid = {rowid}").fetchone()
        for trigger in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f"DROP TRIGGER {trigger[0]}")
        if data.draw(st.booleans()):
            connection.execute(f"DELETE FROM {table} WHERE rowid = {rowid}")
        else:
            try:
                connection.execute(
                    f'UPDATE {table} SET "{name}" = ? WHERE rowid = {rowid}', (value,)
                )
            except sqlite3.IntegrityError:
                return
            after = connection.execute(f"SELECT * FROM {table} WHERE rowid = {rowid}").fetchone()
            if after == before:
                return
        connection.commit()
    assert found(workspace) != []


def work(workspace: Workspace, operations: list[str]) -> None:
    """Let the reader whose session is unfinished do all this."""
    store = StudyStore.open(workspace)
    (study,) = store.studies()
    info = store.open_session(study.study_id, "R3")
    marks: list[str] = []
    for number, operation in enumerate(operations):
        index = min(store.session(info.session_id).n_answered, info.n_trials - 1)
        index = max(0, index - 1) if operation == "change" else index
        if operation in ("answer", "change"):
            store.record_answer(info.session_id, index, draft(1 + number % 6))
        elif operation == "mark":
            marks.append(f"mark {number}")
            store.record_mark(
                Mark(marks[-1], info.session_id, index, "ellipse", number, 2, 3, 4, "noise")
            )
        elif operation == "withdraw" and marks:
            store.withdraw_mark(marks.pop())
        elif operation in ("consent", "refuse"):
            store.record_consent(info.session_id, operation == "consent")
        else:
            store.log_export(study.study_id, f"event {number}")
    store.close()


def test_a_protocol_is_told_to_be_altered_although_its_study_cannot_be_read(
    full: Workspace,
) -> None:
    tamper(full, "UPDATE studies SET protocol_sha256 = '0'")
    (finding,) = found(full)
    assert (finding.kind, finding.table) == ("altered", "studies")
    assert "protocol_sha256 was" in finding.text
