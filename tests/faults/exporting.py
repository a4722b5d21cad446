"""Exports killed on their way: all files are the new ones, or all are as they were."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from engine.workspace import Workspace
from reviewapp.study.store import StudyStore
from tests.faults.app_start import start_app
from tests.faults.killer import Killer, Series

#: what stands in the folder before, as an earlier export would
_BEFORE = b"before"


def kill_exports(
    killer: Killer, workspace: Workspace, study_id: str, kills: int, seed: int
) -> Series:
    """Kill exports of ratings, and one in eight times of the report."""
    rng = random.Random(seed)
    series = Series("exporting", seed)
    extents = {}
    whole = {}
    for operation in ("export", "report"):
        folder = workspace.exports / operation
        arguments = {"root": workspace.root, "study_id": study_id, "folder": folder}
        extents[operation] = killer.measure(operation, **arguments)
        whole[operation] = _content(folder)
    while series.kills < kills:
        operation = "report" if rng.random() < 1 / 8 else "export"
        folder = workspace.exports / operation
        shutil.rmtree(folder)
        folder.mkdir()
        for name in whole[operation]:
            (folder / name).write_bytes(_BEFORE)
        logged = _count_logged(workspace, study_id)
        outcome = killer.kill(
            rng,
            extents[operation],
            operation,
            root=workspace.root,
            study_id=study_id,
            folder=folder,
        )
        series.count(outcome)
        start_app(workspace)
        found = _content(folder)
        assert found.keys() == whole[operation].keys()
        replaced = {name for name, content in found.items() if content != _BEFORE}
        assert replaced in (set(), set(found))
        if replaced:
            assert _count_logged(workspace, study_id) == logged + 1
            if operation == "export":
                assert found == whole[operation]
            else:
                assert found["report.html"].rstrip().endswith(b"</html>")
                assert found["report.pdf"].rstrip().endswith(b"%%EOF")
        series.note(f"{operation}s {'new' if replaced else 'as before'}")
    return series


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _count_logged(workspace: Workspace, study_id: str) -> int:
    store = StudyStore.open(workspace)
    kinds = [event.kind for event in store.events(study_id)]
    store.close()
    return kinds.count("exported")
