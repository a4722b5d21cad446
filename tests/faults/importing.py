"""Imports killed on their way: what is listed is there, and a repeat completes it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from engine.data.content_store import read_image
from engine.data.manifest import all_records
from engine.workspace import Workspace
from reviewapp.study.store import StudyStore
from tests.faults import operations
from tests.faults.app_start import start_app
from tests.faults.killer import Killer, Series


def kill_imports(
    killer: Killer, sources: Mapping[str, Path], folder: Path, kills: int, seed: int
) -> Series:
    """Kill imports of each kind of source; ``sources`` are folders by kind."""
    rng = random.Random(seed)
    series = Series("importing", seed)
    whole = {}
    extents = {}
    for kind, source in sources.items():
        whole[kind] = Workspace.create(folder / f"whole-{kind}")
        extents[kind] = killer.measure(
            "import_images",
            root=whole[kind].root,
            kind=kind,
            source=source,
            manifest_interval_s=0.0,
        )
    while series.kills < kills:
        kind = rng.choice(sorted(sources))
        workspace = Workspace(folder / f"killed-{series.tries}")
        arguments = {"root": workspace.root, "kind": kind, "source": sources[kind]}
        interval_s = rng.choice((0.0, 5.0))
        # Some are killed again while they are repeated.
        for _ in range(rng.choice((1, 1, 2))):
            outcome = killer.kill(
                rng, extents[kind], "import_images", manifest_interval_s=interval_s, **arguments
            )
            series.count(outcome)
            workspace = Workspace.create(workspace.root)
            series.note(f"left {_check_listed(workspace, whole[kind])}")
        operations.import_images(str(workspace.root), kind, str(sources[kind]), 5.0)
        start_app(workspace)
        check_same(workspace, whole[kind])
    return series


def _check_listed(workspace: Workspace, whole: Workspace) -> str:
    """What the manifest lists is there, decodes, and belongs there; and the app takes it in."""
    expected = {record.record_id: record for record in all_records(whole)}
    records = list(all_records(workspace))
    assert len({record.record_id for record in records}) == len(records)
    for record in records:
        assert expected[record.record_id] == record
        read_image(workspace, record.key)
    store = StudyStore.open(workspace)
    store.sync_library()
    assert store.count_images() == len(records)
    store.close()
    if not records:
        return "nothing listed"
    return "all listed" if len(records) == len(expected) else "a part listed"


def check_same(workspace: Workspace, whole: Workspace) -> None:
    """Manifests and images are those of an undisturbed import, and nothing else is left."""
    for folder in ("datasets", "images", "runs"):
        mine, theirs = (
            {
                path.relative_to(each.root): path.read_bytes()
                for path in sorted((each.root / folder).rglob("*"))
                if path.suffix in (".jsonl", ".png", ".part")
            }
            for each in (workspace, whole)
        )
        assert mine == theirs
