"""Packs that somebody made who knows the code: the reader's computer and the study stay whole."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import func, select

from reviewapp.study import pack_container, pack_opening, pack_results, schema
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.errors import PackError, StudyError
from reviewapp.study.model import Reader, Study
from reviewapp.study.pack_container import read_header, read_pack
from reviewapp.study.pack_content import PackedResults, PackedStudy, parse_content
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.pack_rows import read_pack_row
from reviewapp.study.session_rows import read_session
from reviewapp.study.store import StudyStore
from reviewapp.study.study_rows import read_study
from reviewapp.study.timestamps import utc_now
from tests.hostile.mutations import damaged_json
from tests.hostile.readers import CODE, TARGETS

GENTLE = settings(
    max_examples=60, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
IMAGE = f"images/{'a' * 64}.png"


def archive_of(entries: list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def link_entry(name: str, target: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    "name",
    ["../up.png", "/etc/passwd", "C:\\x.png", "images/../x.png", "images\\x.png", "study.json/",
     f"images/{'A' * 64}.png", f"images/{'a' * 64}.png.exe", "con", "x\0y"],
)  # fmt: skip
def test_no_name_but_a_pack_s_own_is_opened(name: str, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="does not belong"):
        pack_container._read_inner(tmp_path / "p", archive_of([(name, b"x")]))


def test_a_link_is_read_as_the_bytes_it_has_and_never_made(tmp_path: Path) -> None:
    inner = archive_of([(link_entry(IMAGE, "/etc/passwd"), b"/etc/passwd")])
    assert pack_container._read_inner(tmp_path / "p", inner)[IMAGE] == b"/etc/passwd"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="twice"):
        pack_container._read_inner(tmp_path / "p", archive_of([(IMAGE, b"a"), (IMAGE, b"b")]))


def test_a_member_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    inner = bytearray(archive_of([("study.json", b"\0" * 100_000)]))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", inner, inner.index(signature) + at, 100)
    members = pack_container._read_inner(tmp_path / "p", bytes(inner))
    with pytest.raises(PackError, match="damaged inside"):
        members["study.json"]


def test_a_directory_of_millions_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entry = b"PK\x03\x04" + b"\0" * 26
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**31, len(entry), 0)
    with pytest.raises(PackError, match="list of files"):
        pack_container._read_inner(tmp_path / "p", entry + end)
    path = tmp_path / "outer"
    path.write_bytes(archive_of([(f"{number}", b"") for number in range(3)]))
    with pytest.raises(PackError, match="list of files"):
        read_header(path)


def test_other_compressions_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("study.json", b"\0" * 10**6)
    with pytest.raises(PackError, match="another program"):
        pack_container._read_inner(tmp_path / "p", buffer.getvalue())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_pipe_is_no_pack(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PackError):
        read_header(tmp_path / "pipe")


def test_a_header_that_names_absurd_things_is_refused(tmp_path: Path) -> None:
    good = TARGETS["reading pack"].good
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        header, sealed = json.loads(archive.read("header.json")), archive.read("content.sealed")
    for change in ({"version": 10**30}, {"study_id": "../x"}, {"reader_id": "x" * 10**4}, {"x": 1}):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("header.json", json.dumps(header | change))
            archive.writestr("content.sealed", sealed)
        (tmp_path / "p").write_bytes(buffer.getvalue())
        with pytest.raises(PackError):
            read_pack(tmp_path / "p", CODE, "reading")


@pytest.fixture
def content(store: StudyStore, study: Study, reader: Reader, tmp_path: Path) -> Mapping[str, bytes]:
    """What a pack holds, and where it lies as ``R01.pack``."""
    pack = store.make_pack(study.study_id, reader.reader_id, tmp_path / "R01.pack")
    (tmp_path / "code").write_text(pack.code)
    return dict(read_pack(pack.path, pack.code, "reading")[1])


def test_any_study_in_a_pack_is_opened_whole_or_refused(
    content: Mapping[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the seal, whose key takes long to derive."""
    path = tmp_path / "R01.pack"
    header = read_header(path)
    changed: dict[str, bytes] = {}
    monkeypatch.setattr(pack_opening, "read_pack", lambda *_: (header, dict(content) | changed))
    open_pack(path, "code", tmp_path / "good")
    before = sorted(tmp_path.rglob("*"))

    @given(damaged_json(content["study.json"]))
    @GENTLE
    def attack(study_json: bytes) -> None:
        changed["study.json"] = study_json
        try:
            workspace = open_pack(path, "code", tmp_path / "new")
        except StudyError:
            assert sorted(tmp_path.rglob("*")) == before
            return
        database = Database(sqlite_url(workspace.database))
        database.close()
        for found in sorted((tmp_path / "new").rglob("*"), reverse=True):
            found.unlink() if found.is_file() else found.rmdir()
        (tmp_path / "new").rmdir()

    attack()


def test_any_results_are_merged_whole_or_refused(
    store: StudyStore, content: Mapping[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "R01.pack"
    header = read_header(path)
    packed = parse_content(PackedStudy, dict(content), "study.json", path)
    now = utc_now()
    values = {
        "session_id": packed.session_id, "written_at": now.isoformat(), "finished_at": None,
        "answers": [_answer(trial.trial_index, now.isoformat()) for trial in packed.trials[:3]],
        "marks": [
            {"mark_id": "m", "trial_index": 1, "shape": "brush", "x": 1, "y": 1, "w": 2, "h": 2,
             "reason": "noise", "side": "", "points": [[1, 1], [2, 2]], "withdrawn": False}
        ],
        "consents": [{"consent_id": "c", "given": True, "at": now.isoformat()}],
    }  # fmt: skip
    database = Database(sqlite_url(store.workspace.database))
    n_merged = 0

    class UndoError(Exception):
        """Ends a merge so that nothing stays of it."""

    def merge(content: bytes) -> None:
        nonlocal n_merged
        results = parse_content(PackedResults, {"results.json": content}, "results.json", path)
        with database.write() as connection:
            pack = read_pack_row(connection, header.pack_id)
            study = read_study(connection, header.study_id)
            info = read_session(connection, pack.session_id)
            if results.session_id != pack.session_id:
                raise PackError("another session")
            pack_results._check(path, results, study, info)
            pack_results._merge(connection, path, results, study, info, pack)
            n_merged += 1
            raise UndoError

    with pytest.raises(UndoError):
        merge(json.dumps(values).encode())

    @given(damaged_json(json.dumps(values).encode()))
    @GENTLE
    def attack(results: bytes) -> None:
        with contextlib.suppress(StudyError, UndoError):
            merge(results)
        with database.read() as connection:
            count = select(func.count()).select_from(schema.answers)
            assert connection.execute(count).scalar_one() == 0

    attack()
    assert n_merged > 1
    database.close()


def _answer(index: int, at: str) -> dict[str, object]:
    return {
        "answer_id": f"a{index}", "trial_index": index, "revision": 1, "confidence": 2,
        "response": "generated", "response_time_ms": 900.5, "shown_at": at, "answered_at": at,
        "exposure_ms": None, "window_center": None, "window_width": None, "zoom": 1.0,
        "inverted": None, "comment": "", "app_version": "0.1.0", "n_showings": 1,
        "frame_interval_ms": 16.6,
    }  # fmt: skip


def test_a_million_faulty_rows_end_at_the_first(tmp_path: Path) -> None:
    rows = b'{"study_name": "x", "images": [' + b"{}," * 1_000_000 + b"{}]}"
    with pytest.raises(PackError) as caught:
        parse_content(PackedStudy, {"study.json": rows}, "study.json", tmp_path / "p")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"1e400"])
def test_deep_and_odd_json_is_refused(text: bytes, tmp_path: Path) -> None:
    for model, name in ((PackedStudy, "study.json"), (PackedResults, "results.json")):
        with pytest.raises(PackError):
            parse_content(model, {name: text}, name, tmp_path / "p")
