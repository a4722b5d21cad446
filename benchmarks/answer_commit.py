"""What the audit trail and its journal add to the commit of an answer.

    python benchmarks/answer_commit.py [--answers 300]

Three workspaces on the same disk take the same answers in turn, one by one (SQLite,
synchronous=FULL): without a trail, as before schema 6; with the trail alone; and with the trail and
its journal, as the app does it. Printed are p50 and p99 of `StudyStore.record_answer` and the ratio
of neighbouring answers.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from unittest.mock import patch

import numpy as np

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord
from engine.workspace import Workspace
from reviewapp.study import database
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.model import AnswerDraft, Reader
from reviewapp.study.protocol import Protocol
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

ARMS = ("no trail", "trail", "trail and journal")
#: a reader who looks at every image for so long; the disk has time to rest, as in a session
LOOK_S = 0.02


def library(folder: Path, n_images: int) -> Workspace:
    """A workspace of as many small pictures of noise as a session shows."""
    workspace = Workspace.create(folder)
    rng = np.random.default_rng(1)
    for source in ("real", "generated"):
        records = [
            ImageRecord(
                record_id=f"{source}-{number:05d}",
                key=write_image(workspace, rng.integers(0, 256, (16, 16)).astype(np.uint8)),
                dataset="noise",
                source=source,
                width=16,
                height=16,
                channels=1,
                bit_depth=8,
                patient=f"p{number}" if source == "real" else "",
                variant="dcgan" if source == "generated" else "",
                run_id="run" if source == "generated" else "",
            )
            for number in range(n_images // 2 + 1)
        ]
        write_manifest(workspace.manifest_path(f"noise-{source}"), records)
    return workspace


class Arm:
    """One workspace's open session."""

    def __init__(self, name: str, folder: Path, n_answers: int) -> None:
        workspace = library(folder, n_answers)
        journal = workspace.journal if name == ARMS[2] else None
        self.store = StudyStore(workspace, Database(sqlite_url(workspace.database), journal))
        self.store.sync_library()
        half = n_answers // 2
        protocol = Protocol(
            protocol_id="commit", title="Commit", n_real=half, n_generated=half,
            training_trials=0, repeats_fraction=0, block_size=n_answers, size_px=64, seed=1,
        )  # fmt: skip
        study = self.store.create_study("Commit", protocol, "benchmark")
        reader = self.store.add_reader(Reader())
        self.recorded = name != ARMS[0]
        self.session_id = self.store.open_session(study.study_id, reader.reader_id).session_id

    def answer(self, index: int) -> float:
        """Commit an answer; returns how long it took, in ms."""
        draft = AnswerDraft(1 + index % 6, 1000.0, utc_now(), utc_now())
        began = time.perf_counter()
        if self.recorded:
            self.store.record_answer(self.session_id, index, draft)
        else:
            with patch.object(database, "record_changes", lambda *_: []):
                began = time.perf_counter()
                self.store.record_answer(self.session_id, index, draft)
        return (time.perf_counter() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured (default: temp)")
    options = parser.parse_args()
    n_answers = options.answers // 2 * 2
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        arms = [Arm(name, Path(folder) / f"w{i}", n_answers) for i, name in enumerate(ARMS)]
        took = np.zeros((n_answers, len(arms)))
        print(f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
        for index in range(n_answers):
            # Whoever is first after the pause finds a rested disk.
            for place in np.roll(np.arange(len(arms)), index):
                time.sleep(LOOK_S)
                took[index, place] = arms[place].answer(index)
        for arm in arms:
            arm.store.close()
    for place, name in enumerate(ARMS):
        p50, p99 = np.percentile(took[:, place], (50, 99))
        ratio = median(took[:, place] / took[:, 0])
        print(
            f"{name:18s} p50 {p50:6.2f} ms  p99 {p99:6.2f}  max {took[:, place].max():6.2f}  "
            f"{ratio:.2f} x the commit without a trail (median of {n_answers} pairs)"
        )


if __name__ == "__main__":
    main()
