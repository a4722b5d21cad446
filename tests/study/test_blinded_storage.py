"""What somebody who reads the files of a blinded study can learn: not which image is which."""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study.blinding import StudySecrets, presented_key, unseal
from reviewapp.study.model import Reader, SessionInfo, Study
from reviewapp.study.protocol import Protocol, Remedies
from reviewapp.study.store import StudyStore


@pytest.fixture
def both(protocol: Protocol) -> Protocol:
    return protocol.model_copy(update={"datasets": (), "n_real": 8, "n_generated": 8})


def raw_database(workspace: Workspace) -> bytes:
    """All bytes of the database, its log and the audit journal, for a curious person to search."""
    files = [*workspace.root.glob("study.db*"), *workspace.journal.parent.glob("*")]
    return b"".join(path.read_bytes() for path in sorted(files))


def rows(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(workspace.database)
    tables = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    connection.close()
    return found


def test_no_row_of_a_study_names_a_library_image_or_a_source(
    store: StudyStore,
    library: Workspace,
    both: Protocol,
    passphrase: str,
    reader: Reader,
    rate_all: Callable[..., SessionInfo],
) -> None:
    study = store.create_study("Blind", both, passphrase)
    rate_all(study, reader.reader_id)
    images = store.images()
    secrets = {i.record_id for i in images} | {i.key for i in images}
    secrets |= {"generated", "real", "dcgan", "lapgan", "dcgan-a", "lapgan-b"}
    tables = rows(library)
    training = {row[1] for row in tables["presented_images"] if row[5] is not None}
    assert len(training) == 4
    checked = 0
    for name in ("studies", "presented_images", "trials", "answers", "sessions", "events", "marks"):
        for row in tables[name]:
            if name == "presented_images" and row[1] in training:
                continue
            if name == "answers":
                # What the reader said is one of these words, whatever the image is.
                assert row[5] == "real"
                row = (*row[:5], *row[6:])
            cells = {str(cell) for cell in row}
            assert cells.isdisjoint(secrets), (name, row)
            checked += 1
    assert checked > 16 + 20 + 20
    assert tables["truths"] == []


def test_making_a_study_writes_no_record_id_or_key_anywhere_into_the_database(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    def occurrences() -> Counter[bytes]:
        connection = sqlite3.connect(library.database)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        raw = raw_database(library)
        words = [text.encode() for i in store.images() for text in (i.record_id, i.key)]
        return Counter({word: raw.count(word) for word in words})

    before = occurrences()
    study = store.create_study("Blind", both, passphrase)
    assert study.n_images == 16
    assert min(before.values()) >= 1
    assert occurrences() == before


def test_the_sealed_truth_shows_nothing_in_the_raw_bytes(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    study = store.create_study("Blind", both, passphrase)
    sealed = (
        sqlite3.connect(library.database).execute("SELECT sealed_truth FROM studies").fetchone()[0]
    )
    secrets = StudySecrets.from_bytes(unseal(sealed, passphrase, study.study_id))
    raw = raw_database(library)
    assert secrets.study_key not in raw
    assert secrets.study_key.hex().encode() not in raw
    for truth in secrets.truths:
        assert truth.image_id.encode() in raw
        assert truth.record_id.encode() not in sealed
        at = raw.find(truth.image_id.encode())
        while at >= 0:
            around = raw[max(0, at - 40) : at + 40]
            assert truth.record_id.encode() not in around
            assert truth.key.encode() not in around
            at = raw.find(truth.image_id.encode(), at + 1)


def test_neither_the_audit_trail_nor_its_journal_tells_a_source(
    store: StudyStore,
    library: Workspace,
    both: Protocol,
    passphrase: str,
    reader: Reader,
    rate_all: Callable[..., SessionInfo],
) -> None:
    study = store.create_study("Blind", both, passphrase)
    store.audit_leaks(study.study_id, passphrase)
    store.apply_remedies(study.study_id, passphrase, Remedies(match_histogram=True))
    rate_all(study, reader.reader_id)
    images = store.images()
    secrets = {i.record_id for i in images} | {i.key for i in images}
    secrets |= {"dcgan", "lapgan", "brighter", "darker", "sharper", "blurrier"}
    journal = library.journal.read_text(encoding="ascii")
    for text in (journal, str(rows(library)["audit_trail"])):
        assert study.study_id in text
        assert not [secret for secret in secrets if secret in text]
    # "real" and "generated" stand there only as readers' answers, the truth of training images,
    # which their feedback shows anyway, and in the protocol.
    lines = [json.loads(line) for line in journal.splitlines()]
    for line in lines:
        if line["table_name"] in ("answers", "studies", "presented_images", "leak_audits"):
            continue
        assert "generated" not in json.dumps(line), line
        assert '"real"' not in json.dumps(line), line
    presented = [line for line in lines if line["table_name"] == "presented_images"]
    assert len(presented) == 2
    assert sum("training_truth" in row for row in presented[-1]["row"]) == 4
    # Once the study is unblinded, its truth is recorded like all else.
    store.unblind(study.study_id, passphrase)
    assert "lapgan" in library.journal.read_text(encoding="ascii")


def test_presented_files_do_not_join_to_library_files_by_name_or_content(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    before = set(library.images.rglob("*.png"))
    library_keys = {image.key for image in store.images()}
    study = store.create_study("Blind", both, passphrase)
    presented = set(library.images.rglob("*.png")) - before
    assert len(presented) == study.n_images + study.n_training_images
    for path in presented:
        assert path.stem not in library_keys
        assert hashlib.sha256(path.read_bytes()).hexdigest() not in library_keys
        assert hashlib.sha256(path.read_bytes()).hexdigest() != path.stem
        for word in (b"generated", b"real", b"record", b"gan"):
            assert word not in path.read_bytes()


def test_the_address_is_an_hmac_whose_key_is_sealed(
    store: StudyStore, library: Workspace, study: Study, reader: Reader, passphrase: str
) -> None:
    sealed = (
        sqlite3.connect(library.database).execute("SELECT sealed_truth FROM studies").fetchone()[0]
    )
    key = StudySecrets.from_bytes(unseal(sealed, passphrase, study.study_id)).study_key
    session = store.open_session(study.study_id, reader.reader_id)
    for trial in store.trials(session.session_id):
        content = library.image_path(trial.presented_key).read_bytes()
        assert presented_key(key, content) == trial.presented_key


def test_real_and_generated_files_are_alike_in_everything_but_the_picture(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    study = store.create_study("Blind", both, passphrase)
    presented = {row[1]: row[2] for row in rows(library)["presented_images"]}
    store.unblind(study.study_id, passphrase)
    forms: dict[tuple[str, str], set[tuple[bytes, tuple[bytes, ...]]]] = {}
    sizes: dict[str, set[int]] = {}
    for image_id, truth in store.truth(study.study_id).items():
        png = library.image_path(presented[image_id]).read_bytes()
        types, at = [], 8
        while at < len(png):
            (length,) = struct.unpack(">I", png[at : at + 4])
            types.append(png[at + 4 : at + 8])
            at += 12 + length
        form = (png[:29], tuple(dict.fromkeys(types)))
        sizes.setdefault(truth.dataset, set()).add(len(png))
        forms.setdefault((truth.dataset, truth.source), set()).add(form)
    # Neither the length of a file nor, with it, the time to read it follows the picture.
    assert [len(lengths) for lengths in sizes.values()] == [1, 1]
    for dataset, colour_type in (("acdc", 0), ("idrid", 2)):
        assert forms[dataset, "real"] == forms[dataset, "generated"]
        ((header, types),) = forms[dataset, "real"]
        assert struct.unpack(">IIBB", header[16:26]) == (64, 64, 8, colour_type)
        assert types == (b"IHDR", b"IDAT", b"IEND")


def test_neither_ids_nor_row_order_nor_file_times_follow_the_source(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    many = both.model_copy(update={"n_real": 36, "n_generated": 36})
    study = store.create_study("Blind", many, passphrase)
    presented = rows(library)["presented_images"]
    store.unblind(study.study_id, passphrase)
    truth = store.truth(study.study_id)
    orders = {
        "image id": sorted(row[1] for row in presented),
        "row": [row[1] for row in presented],
        "file time": [
            row[1]
            for row in sorted(
                presented, key=lambda row: library.image_path(row[2]).stat().st_mtime_ns
            )
        ],
    }
    for name, order in orders.items():
        sources = [truth[image_id].source for image_id in order]
        changes = sum(a != b for a, b in itertools.pairwise(sources))
        # Of 76 in a random order about 38 neighbours differ (s = 4.3); sorted by source, 1.
        assert changes > 12, name


def test_groups_do_not_follow_the_source(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    study = store.create_study("Blind", both, passphrase)
    groups = {row[1]: row[6] for row in rows(library)["presented_images"] if row[5] is None}
    store.unblind(study.study_id, passphrase)
    truth = store.truth(study.study_id)
    shares = Counter((group, truth[image_id].source) for image_id, group in groups.items())
    for group in set(groups.values()):
        assert abs(shares[group, "real"] - shares[group, "generated"]) <= 2


def test_class_labels_are_given_only_where_they_do_not_tell(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    store.create_study("Blind", both, passphrase)
    labels = {(row[3], row[4]) for row in rows(library)["presented_images"]}
    assert labels == {("acdc", "NOR"), ("acdc", "DCM"), ("idrid", "")}


def test_nothing_but_images_the_database_and_its_journal_is_written(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    before = {path for path in library.root.rglob("*") if path.is_file()}
    store.create_study("Blind", both, passphrase)
    new: set[Path] = {path for path in library.root.rglob("*") if path.is_file()} - before
    folders = {library.images, library.root.parent, library.journal.parent.parent}
    assert {path.parent.parent for path in new} <= folders
    besides = {path for path in new if path.parent.parent == library.root}
    assert {path.parent for path in besides} <= {library.journal.parent}


@pytest.fixture
def pairs(both: Protocol) -> Protocol:
    return Protocol.model_validate(
        both.model_dump() | {"design": "two_alternative", "n_real": 20, "n_generated": 20}
    )


def test_no_column_of_a_pairs_rows_follows_the_source(
    store: StudyStore, library: Workspace, pairs: Protocol, passphrase: str, reader: Reader
) -> None:
    """Each column of the scored pairs, taken as a rule for the source, is right half the time."""
    study = store.create_study("Pairs", pairs, passphrase)
    store.open_session(study.study_id, reader.reader_id)
    connection = sqlite3.connect(library.database)
    connection.row_factory = sqlite3.Row
    images = connection.execute(
        "SELECT rowid, * FROM presented_images WHERE training_truth IS NULL"
    ).fetchall()
    trials = connection.execute("SELECT * FROM trials WHERE is_training = 0").fetchall()
    connection.close()
    store.unblind(study.study_id, passphrase)
    truth = store.truth(study.study_id)
    by_pair: dict[str, list[sqlite3.Row]] = {}
    for row in images:
        by_pair.setdefault(row["pair_id"], []).append(row)
    rules = {
        "first row": lambda a, b: a["rowid"] < b["rowid"],
        "smaller id": lambda a, b: a["image_id"] < b["image_id"],
        "smaller key": lambda a, b: a["presented_key"] < b["presented_key"],
        "left side": lambda a, b: a["side"] == "left",
        "earlier file": lambda a, b: (
            library.image_path(a["presented_key"]).stat().st_mtime_ns
            < library.image_path(b["presented_key"]).stat().st_mtime_ns
        ),
    }
    assert len(by_pair) == 20
    for name, rule in rules.items():
        right = sum(
            truth[(a if rule(a, b) else b)["image_id"]].source == "generated"
            for a, b in by_pair.values()
        )
        # Of 20 fair coins 2 to 18 show heads but once in 25,000 times.
        assert 2 <= right <= 18, name
    for a, b in by_pair.values():
        for column in ("dataset", "class_label", "block_group", "repeat_group"):
            assert a[column] == b[column]
    left = sum(truth[trial["image_id"]].source == "generated" for trial in trials)
    assert abs(2 * left - len(trials)) <= 1


def test_nothing_that_is_logged_tells_a_source(
    store: StudyStore,
    library: Workspace,
    both: Protocol,
    passphrase: str,
    reader: Reader,
    rate_all: Callable[..., SessionInfo],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    study = store.create_study("Blind", both, passphrase)
    store.audit_leaks(study.study_id, passphrase)
    store.apply_remedies(study.study_id, passphrase, Remedies(match_histogram=True))
    rate_all(study, reader.reader_id)
    images = store.images()
    secrets = {i.record_id for i in images} | {i.key for i in images}
    secrets |= {"generated", "dcgan", "lapgan", "brighter", "darker", "sharper", "blurrier"}
    logged = [event.detail + event.kind for event in store.events(study.study_id)]
    logged += [record.getMessage() for record in caplog.records]
    for text in logged:
        assert not any(secret in text for secret in secrets), text


def test_reading_an_image_takes_the_same_work_whatever_it_shows(
    store: StudyStore, library: Workspace, both: Protocol, passphrase: str
) -> None:
    """Load time cannot tell where bytes to read, to inflate and to decode are the same."""
    study = store.create_study("Blind", both, passphrase)
    presented = {row[1]: row[2] for row in rows(library)["presented_images"]}
    store.unblind(study.study_id, passphrase)
    work: dict[str, set[tuple[int, tuple[int, ...]]]] = {}
    for image_id, truth in store.truth(study.study_id).items():
        png = library.image_path(presented[image_id]).read_bytes()
        lengths, at = [], 8
        while at < len(png):
            (length,) = struct.unpack(">I", png[at : at + 4])
            lengths.append(length)
            at += 12 + length
        work.setdefault(truth.dataset, set()).add((len(png), tuple(lengths)))
    assert [len(kinds) for kinds in work.values()] == [1, 1]
