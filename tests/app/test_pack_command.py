"""The way of a pack on the command line, from the coordinator to the reader and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.app import main
from reviewapp.context import AppContext
from reviewapp.study.model import Reader, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["pack", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_there_and_back(
    workspace: Workspace,
    context: AppContext,
    study: Study,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = context.store
    reader = store.add_reader(Reader(name="Ada"))
    root, file = workspace.root, tmp_path / "pack"
    code, out, _ = run(capsys, "make", root, "--reader", reader.reader_id, "--out", file)
    assert code == 0
    pack_code = out.split("code: ")[1].split()[0]
    code, out, _ = run(capsys, "list", root)
    assert (code, out.split()[-1]) == (0, f"0/{study.protocol.n_trials}")

    away = tmp_path / "away"
    code, _, errors = run(capsys, "open", file, "--code", "wrong", "--into", away)
    assert code == 1
    assert "code does not open" in errors
    assert run(capsys, "open", file, "--code", pack_code, "--into", away)[0] == 0
    abroad = StudyStore.open(Workspace(away))
    session = RatingSession(abroad, abroad.open_session(study.study_id, reader.reader_id))
    while not session.finished:
        session.end_break()
        session.answer(4, 1.0, utc_now(), utc_now())
        session.advance()
    abroad.close()
    results = tmp_path / "results"
    assert run(capsys, "results", away, "--out", results)[0] == 0
    code, out, _ = run(capsys, "merge", root, results)
    assert code == 0
    assert f"{study.protocol.n_trials} answers" in out
    assert "is finished" in out
    code, out, _ = run(capsys, "merge", root, results)
    assert code == 0
    assert "merged before" in out
    pack_id = store.packs(study.study_id)[0].pack_id
    assert run(capsys, "cancel", root, pack_id)[0] == 0
    code, _, errors = run(capsys, "merge", root, results)
    assert code == 1
    assert "stale" in errors
    assert run(capsys, "merge", tmp_path, results)[2].startswith(f"{tmp_path} is not a workspace")
