"""A session goes to another computer and back; everything else is refused with the reason."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study import pack_container, schema
from reviewapp.study.errors import BlindingError, PackError, SessionError
from reviewapp.study.export import export_ratings
from reviewapp.study.model import Mark, Reader, Study
from reviewapp.study.pack_container import PackLabel, read_header, read_pack, write_pack
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.protocol import Protocol
from reviewapp.study.reading_pack import IssuedPack
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


@pytest.fixture
def pack(store: StudyStore, study: Study, reader: Reader, tmp_path: Path) -> IssuedPack:
    return store.make_pack(study.study_id, reader.reader_id, tmp_path / "R01.medgan-pack")


@pytest.fixture
def away(pack: IssuedPack, tmp_path: Path) -> StudyStore:
    """The store of the reader's workspace."""
    opened = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "away"))
    yield opened
    opened.close()


def rate(store: StudyStore, study: Study, count: int = 1000) -> RatingSession:
    session = RatingSession(store, store.open_session(study.study_id, "R01"))
    for _ in range(count):
        if session.finished:
            break
        session.end_break()
        index = session.current.trial_index
        if index == 5 and not session.marks():
            for name in ("kept", "withdrawn"):
                session.mark(
                    Mark(name, session.session_id, 5, "brush", 1, 2, 3, 4, "noise",
                         points=((1.0, 2.0), (4.0, 6.0)))
                )  # fmt: skip
            session.withdraw_mark("withdrawn")
        session.answer(
            1 + index % 6, 900.25 + index, utc_now(), utc_now(), comment=f"=c{index}",
            n_showings=1 + index % 2, frame_interval_ms=16.625,
        )  # fmt: skip
        if session.can_undo and index == 6:
            session.undo()
            session.answer(1, 12.5, utc_now(), utc_now())
        session.advance()
    if not session.finished:
        session.pause()
    return session


def results(away: StudyStore, tmp_path: Path, name: str = "results.medgan-results") -> Path:
    away.write_pack_results(tmp_path / name)
    return tmp_path / name


def inner_of(path: Path, code: str) -> dict[str, bytes]:
    return dict(read_pack(path, code, read_header(path).kind)[1])


def test_there_and_back_gives_what_rating_here_would(
    store: StudyStore, study: Study, away: StudyStore, passphrase: str, tmp_path: Path
) -> None:
    rate(away, study)
    report = store.merge_pack_results(results(away, tmp_path))
    assert (report.n_new_answers, report.n_known_answers, report.n_new_marks) == (15, 0, 2)
    assert report.finished
    (session,) = store.sessions(study.study_id)
    (abroad,) = away.sessions(study.study_id)
    assert session == abroad
    assert store.trials(session.session_id) == away.trials(session.session_id)
    assert store.latest_answers(session.session_id) == away.latest_answers(session.session_id)
    assert store.marks(session.session_id) == away.marks(session.session_id)
    assert [mark.mark_id for mark in store.marks(session.session_id)] == ["kept"]
    exports = [
        export_ratings(own, study.study_id, tmp_path / name, parquet=False)[0].read_text("utf-8")
        for own, name in ((store, "here"), (away, "there"))
    ]
    assert exports[0] == exports[1]
    assert ",16.625," in exports[0]
    store.unblind(study.study_id, passphrase)
    assert len(store.truth(study.study_id)) == 12
    kinds = [event.kind for event in store.events(study.study_id)]
    assert kinds.count("pack_made") == kinds.count("pack_merged") == 1


def test_the_same_results_again_change_nothing_and_later_ones_add(
    store: StudyStore, study: Study, away: StudyStore, passphrase: str, tmp_path: Path
) -> None:
    rate(away, study, count=8)
    early = results(away, tmp_path, "early")
    assert store.merge_pack_results(early).n_new_answers == 9
    again = store.merge_pack_results(early)
    assert (again.n_new_answers, again.n_known_answers, again.finished) == (0, 9, False)
    rate(away, study)
    late = results(away, tmp_path, "late")
    report = store.merge_pack_results(late)
    assert (report.n_new_answers, report.n_known_answers, report.finished) == (6, 9, True)
    assert store.merge_pack_results(early).n_new_answers == 0
    store.unblind(study.study_id, passphrase)
    assert store.merge_pack_results(late).n_new_answers == 0
    assert [e.kind for e in store.events(study.study_id)].count("pack_merged") == 2


def test_a_pack_holds_no_truth_but_that_of_training(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, library: Workspace,
    passphrase: str,
) -> None:  # fmt: skip
    members = inner_of(pack.path, pack.code)
    told = json.loads(members["study.json"])
    assert sum(image["training_truth"] is not None for image in told["images"]) == 4
    everything = b"".join(members.values())
    everything += b"".join(p.read_bytes() for p in away.workspace.root.glob("study.db*"))
    for image in store.images():
        assert image.record_id.encode() not in everything
        assert image.key.encode() not in everything
    for word in (b"dcgan", b"lapgan", b"patient0", b"Ada", b'sealed_truth":'):
        assert word not in everything
    assert set(told["images"][0]) == {
        "image_id", "presented_key", "dataset", "class_label", "training_truth", "frames",
    }  # fmt: skip
    with pytest.raises(BlindingError, match="only in the coordinator's workspace"):
        away.unblind(study.study_id, passphrase)
    with pytest.raises(BlindingError):
        away.audit_leaks(study.study_id, passphrase)
    # Without the code the file says no more than its header.
    raw = pack.path.read_bytes()
    assert b"image_id" not in raw
    assert b"PNG" not in raw


def test_a_pack_carries_the_readers_role(store: StudyStore, study: Study, tmp_path: Path) -> None:
    store.add_reader(Reader("R02", "Grace", "Radiology", 3, "technologist"))
    pack = store.make_pack(study.study_id, "R02", tmp_path / "R02.medgan-pack")
    away = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "away"))
    assert away.readers() == [Reader("R02", "", "Radiology", 3, "technologist")]
    away.close()


def test_a_pack_tells_that_the_last_audit_warned_and_nothing_of_what_it_found(
    store: StudyStore, study: Study, reader: Reader, passphrase: str, tmp_path: Path
) -> None:
    for name, warns in (("first", True), ("second", False), ("third", True)):
        with store._database.write() as connection:
            connection.execute(
                schema.leak_audits.insert().values(
                    study_id=study.study_id, at="2026-01-31T13:45:00.000Z", auc=0.875,
                    lower=0.75, upper=0.9375, n_real=6, n_generated=6, warns=warns,
                    protocol_sha256=study.protocol_sha256, sealed_report=b"sealed report",
                )
            )  # fmt: skip
        issued = store.make_pack(study.study_id, reader.reader_id, tmp_path / name)
        content = inner_of(issued.path, issued.code)["study.json"]
        assert json.loads(content)["leak_warns"] is warns
        assert not any(told in content for told in (b"0.875", b"0.75", b"0.9375", b"sealed"))
        away = StudyStore.open(open_pack(issued.path, issued.code, tmp_path / f"{name} away"))
        opened = away.opened_pack()
        assert opened is not None
        assert opened.leak_warns is warns
        assert away.last_leak_audit(study.study_id) is None
        away.close()
        store.cancel_pack(issued.pack_id)


def test_a_pack_of_an_earlier_version_is_opened(pack: IssuedPack, tmp_path: Path) -> None:
    members = inner_of(pack.path, pack.code)
    told = json.loads(members["study.json"])
    for added in ("role", "leak_warns"):
        del told[added]
    members["study.json"] = json.dumps(told).encode()
    path = forged(tmp_path / "earlier", members, pack.code, pack.path)
    away = StudyStore.open(open_pack(path, pack.code, tmp_path / "away"))
    assert [reader.role for reader in away.readers()] == [""]
    away.close()


def test_a_session_that_is_out_cannot_be_opened_here_until_its_pack_is_cancelled(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, tmp_path: Path
) -> None:
    with pytest.raises(SessionError, match="reading pack"):
        store.open_session(study.study_id, "R01")
    with pytest.raises(SessionError, match="reading pack"):
        store.make_pack(study.study_id, "R01", tmp_path / "second")
    rate(away, study, count=3)
    store.cancel_pack(pack.pack_id)
    with pytest.raises(PackError, match="cancelled already"):
        store.cancel_pack(pack.pack_id)
    with pytest.raises(PackError, match="stale: its pack was cancelled"):
        store.merge_pack_results(results(away, tmp_path))
    rate(store, study, count=2)
    with pytest.raises(PackError, match="finished where it was begun"):
        store.make_pack(study.study_id, "R01", tmp_path / "third")


def test_results_are_stale_once_the_study_is_closed(
    store: StudyStore, study: Study, away: StudyStore, passphrase: str, tmp_path: Path
) -> None:
    rate(away, study)
    path = results(away, tmp_path)
    store.unblind(study.study_id, passphrase)
    with pytest.raises(PackError, match="stale: the study was unblinded"):
        store.merge_pack_results(path)
    assert store.latest_answers(store.sessions(study.study_id)[0].session_id) == {}


def test_foreign_results_are_refused(
    study: Study, away: StudyStore, workspace: Workspace, library_template: Path, tmp_path: Path,
    protocol: Protocol, passphrase: str,
) -> None:  # fmt: skip
    rate(away, study)
    path = results(away, tmp_path)
    shutil.copytree(library_template, tmp_path / "other")
    other = StudyStore.open(Workspace.create(tmp_path / "other"))
    other.sync_library()
    other.create_study("Other", protocol, passphrase)
    with pytest.raises(PackError, match="foreign"):
        other.merge_pack_results(path)
    other.close()
    # The reader's own workspace is not the coordinator's either.
    with pytest.raises(PackError, match="foreign"):
        away.merge_pack_results(path)


def test_answers_given_twice_in_two_places_are_refused(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, tmp_path: Path
) -> None:
    rate(away, study, count=4)
    store.merge_pack_results(results(away, tmp_path, "one"))
    twin = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "twin"))
    rate(twin, study, count=4)
    before = store.latest_answers(store.sessions(study.study_id)[0].session_id)
    with pytest.raises(PackError, match="opened in two places"):
        store.merge_pack_results(results(twin, tmp_path, "two"))
    assert store.latest_answers(store.sessions(study.study_id)[0].session_id) == before
    twin.close()


@pytest.mark.parametrize("kind", ["reading", "results"])
def test_a_change_of_any_part_shows(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, tmp_path: Path, kind: str
) -> None:
    rate(away, study)
    whole = pack.path if kind == "reading" else results(away, tmp_path)
    content = whole.read_bytes()
    changed = tmp_path / "changed"

    def use() -> None:
        if kind == "reading":
            open_pack(changed, pack.code, tmp_path / "new")
        else:
            store.merge_pack_results(changed)

    step = max(1, len(content) // 14)
    for at in range(0, len(content), step):
        damaged = bytearray(content)
        damaged[at] ^= 0x20
        changed.write_bytes(damaged)
        try:
            use()
        except PackError:
            continue
        # What is not part of the sealed content (zip dates and the like) may change.
        if kind == "reading":
            assert inner_of(changed, pack.code) == inner_of(whole, pack.code)
            shutil.rmtree(tmp_path / "new")
    for cut in (0, 10, len(content) // 2, len(content) - 5):
        changed.write_bytes(content[:cut])
        with pytest.raises(PackError):
            use()
    assert not (tmp_path / "new").exists()


def test_a_header_of_another_pack_does_not_fit(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, tmp_path: Path
) -> None:
    rate(away, study)
    path = results(away, tmp_path)
    with zipfile.ZipFile(path) as archive:
        header, sealed = archive.read("header.json"), archive.read("content.sealed")
    values = json.loads(header)
    for change in ({"reader_id": "R02"}, {"protocol_sha256": "0" * 64}, {"kind": "reading"},
                   {"study_id": "study-00"}, {"pack_id": "pack-00"}, {"version": 1}, {"version": 3},
                   {"extra": 1}, {"salt": "zz"}):  # fmt: skip
        with zipfile.ZipFile(tmp_path / "forged", "w") as archive:
            archive.writestr("header.json", json.dumps(values | change, sort_keys=True))
            archive.writestr("content.sealed", sealed)
        with pytest.raises(PackError):
            store.merge_pack_results(tmp_path / "forged")


def test_a_wrong_code_is_told_from_a_changed_file(pack: IssuedPack, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="code does not open"):
        open_pack(pack.path, "AAAA-BBBB-CCCC-DDDD", tmp_path / "x")
    typed = f" {pack.code.lower().replace('-', ' ')} "
    assert open_pack(pack.path, typed, tmp_path / "x").database.is_file()
    assert re.fullmatch(r"([A-Z2-9]{4}-){3}[A-Z2-9]{4}", pack.code)


def test_a_folder_that_cannot_be_made_is_told(pack: IssuedPack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(PackError, match=r"Choose another folder|cannot be"):
        open_pack(pack.path, pack.code, tmp_path / "file" / "inside")
    deep = open_pack(pack.path, pack.code, tmp_path / "new" / "deep")
    assert deep.database.is_file()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["deep"]


def test_opening_again_goes_on_and_other_folders_are_left_alone(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, tmp_path: Path
) -> None:
    rate(away, study, count=3)
    again = open_pack(pack.path, pack.code, tmp_path / "away")
    assert again.root == away.workspace.root
    assert len(away.latest_answers(away.sessions(study.study_id)[0].session_id)) == 3
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("precious", encoding="utf-8")
    for folder in (tmp_path / "full", store.workspace.root):
        with pytest.raises(PackError, match="not empty"):
            open_pack(pack.path, pack.code, folder)
    assert (tmp_path / "full" / "thesis.txt").read_text(encoding="utf-8") == "precious"


HOSTILE_NAMES = [
    "../outside.png", "images/../../outside.png", "/etc/outside", "C:\\outside.png",
    "images/" + "A" * 64 + ".png", "images/" + "a" * 64 + ".PNG", "study.db", "a" * 300,
]  # fmt: skip


def forged(path: Path, members: dict[str, bytes], code: str, genuine: Path) -> Path:
    """A pack sealed with the right code, as a malicious coordinator could make it."""
    header = read_header(genuine)
    label = PackLabel(
        header.kind, header.study_id, header.pack_id, header.reader_id, header.protocol_sha256
    )
    write_pack(path, label, members, code)
    return path


def test_a_name_that_leaves_the_folder_is_never_written(pack: IssuedPack, tmp_path: Path) -> None:
    genuine = inner_of(pack.path, pack.code)
    for name in HOSTILE_NAMES:
        before = set(tmp_path.rglob("*"))
        path = forged(tmp_path / "forged", genuine | {name: b"x"}, pack.code, pack.path)
        with pytest.raises(PackError, match="does not belong"):
            open_pack(path, pack.code, tmp_path / "new")
        assert set(tmp_path.rglob("*")) - before <= {path}


def test_bombs_are_refused_before_they_are_unpacked(
    pack: IssuedPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = inner_of(pack.path, pack.code)
    bomb = members | {f"images/{'a' * 64}.png": b"\0" * (pack_container.MAX_MEMBER_BYTES + 1)}
    path = forged(tmp_path / "bomb", bomb, pack.code, pack.path)
    assert path.stat().st_size < 2**20
    with pytest.raises(PackError, match="unpack to more"):
        open_pack(path, pack.code, tmp_path / "new")
    monkeypatch.setattr(pack_container, "MAX_MEMBERS", 5)
    with pytest.raises(PackError, match="list of files"):
        open_pack(pack.path, pack.code, tmp_path / "new")
    monkeypatch.setattr(pack_container, "MAX_SEALED_BYTES", 1000)
    with pytest.raises(PackError, match="larger than a pack"):
        open_pack(pack.path, pack.code, tmp_path / "new")
    # An outer member that is compressed would be a bomb before any seal was checked.
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", b" " * 100)
        archive.writestr("content.sealed", b"\0" * 900)
    (tmp_path / "packed").write_bytes(outer.getvalue())
    with pytest.raises(PackError, match="another program"):
        open_pack(tmp_path / "packed", pack.code, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def reading_content(change: Callable[[dict[str, object]], None]) -> Callable[[bytes], bytes]:
    def apply(content: bytes) -> bytes:
        values = json.loads(content)
        change(values)
        return json.dumps(values).encode()

    return apply


def _tell(values: dict[str, object]) -> None:
    for image in values["images"]:
        image["training_truth"] = "real"


def _lose_trial(values: dict[str, object]) -> None:
    del values["trials"][3]


def _lose_image(values: dict[str, object]) -> None:
    del values["images"][0]


def _other_protocol(values: dict[str, object]) -> None:
    values["protocol"] = values["protocol"].replace('"block_size":5', '"block_size":6')


def test_content_that_does_not_fit_together_is_refused(pack: IssuedPack, tmp_path: Path) -> None:
    genuine = inner_of(pack.path, pack.code)
    for change in (_tell, _lose_trial, _lose_image, _other_protocol):
        members = genuine | {"study.json": reading_content(change)(genuine["study.json"])}
        path = forged(tmp_path / "forged", members, pack.code, pack.path)
        with pytest.raises(PackError):
            open_pack(path, pack.code, tmp_path / "new")
        assert not (tmp_path / "new").exists()


IMPOSSIBLE_ANSWERS = [
    {"confidence": 9},
    {"confidence": None},
    {"response": "left"},
    {"trial_index": 99},
    {"revision": 3},
    {"response_time_ms": -1.0},
    {"shown_at": "2026-01-01T00:00:00"},
    {"comment": "x" * 5000},
    {"truth": "real"},
    {"answer_id": ""},
]


def test_answers_that_could_not_have_been_given_are_refused(
    store: StudyStore, study: Study, pack: IssuedPack, away: StudyStore, tmp_path: Path
) -> None:
    rate(away, study)
    path = results(away, tmp_path)
    genuine = inner_of(path, pack.code)["results.json"]
    for change in IMPOSSIBLE_ANSWERS:
        values = json.loads(genuine)
        values["answers"][7] |= change
        forged(tmp_path / "forged", {"results.json": json.dumps(values).encode()}, pack.code, path)
        with pytest.raises(PackError):
            store.merge_pack_results(tmp_path / "forged")
        assert store.sessions(study.study_id)[0].n_answered == 0
    assert store.merge_pack_results(path).n_new_answers == 15


def test_pairs_and_files_of_another_kind(
    store: StudyStore, protocol: Protocol, passphrase: str, reader: Reader, tmp_path: Path
) -> None:
    paired = Protocol.model_validate(protocol.model_dump() | {"design": "two_alternative"})
    study = store.create_study("Pairs", paired, passphrase)
    pack = store.make_pack(study.study_id, "R01", tmp_path / "pairs")
    away = StudyStore.open(open_pack(pack.path, pack.code, tmp_path / "away"))
    session = RatingSession(away, away.open_session(study.study_id, "R01"))
    while not session.finished:
        session.end_break()
        assert session.current.right_path.is_file()
        feedback = session.answer(None, 5.0, utc_now(), utc_now(), response="right")
        assert (feedback is not None) == session.current.is_training
        session.advance()
    path = results(away, tmp_path)
    away.close()
    assert store.merge_pack_results(path).finished
    with pytest.raises(PackError, match="reader's results"):
        open_pack(path, pack.code, tmp_path / "x")
    with pytest.raises(PackError, match="reading pack without answers"):
        store.merge_pack_results(pack.path)
    with pytest.raises(PackError, match="not made from a reading pack"):
        store.write_pack_results(tmp_path / "x")
    (tmp_path / "text").write_text("no pack", encoding="utf-8")
    for wrong in (tmp_path / "text", tmp_path / "absent", tmp_path):
        with pytest.raises(PackError, match="cannot be read as a pack"):
            store.merge_pack_results(wrong)


def test_a_pack_that_cannot_be_written_leaves_the_session_free(
    store: StudyStore, study: Study, reader: Reader, tmp_path: Path
) -> None:
    from engine.errors import DataError

    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    with pytest.raises(DataError):
        store.make_pack(study.study_id, "R01", blocked / "pack")
    assert store.packs(study.study_id) == []
    rate(store, study, count=1)
