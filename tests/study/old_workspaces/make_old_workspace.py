"""Makes a small workspace with the app of an earlier version; README.md tells how to run it.

    PYTHONPATH=CHECKOUT python make_old_workspace.py VERSION OUT.zip

Everything is done by the code of that checkout. What it says of its own workspace is written to
``expected.json`` in the archive; the last reader's process ends without closing anything.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.phantom_anatomy import draw_anatomy
from engine.data.phantom_heart import draw_heart_slice
from engine.data.records import ImageRecord
from engine.workspace import Workspace
from reviewapp.study.model import Mark, Reader
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

PASSPHRASE = "phantoms only"
GROUPS = ("NOR", "DCM", "HCM", "MINF", "RV")
SIDE = 64
#: grey levels, so that the archive stays small
LEVELS = 16


def record(workspace: Workspace, index: int, source: str) -> ImageRecord:
    """A drawn heart; those that count as generated are noisier."""
    rng = np.random.default_rng([index, len(source)])
    picture, _ = draw_heart_slice(
        rng,
        (SIDE, SIDE),
        anatomy=draw_anatomy(rng, GROUPS[index % 5]),
        level=0.4,
        phase="ed",
        spacing_mm=2.5,
    )
    grey = np.clip(picture / picture.max(), 0, 1)
    if source == "generated":
        grey = np.clip(grey + rng.normal(0, 0.03, grey.shape), 0, 1)
    pixels = (np.round(grey * (LEVELS - 1)) * (65535 // (LEVELS - 1))).astype(np.uint16)
    real = source == "real"
    return ImageRecord(
        record_id=f"acdc/patient{201 + index}/ed/03" if real else f"dcgan-a/s000500/{index:06d}",
        key=write_image(workspace, pixels),
        dataset="acdc",
        source=source,
        class_label=GROUPS[index % 5],
        patient=f"patient{201 + index}" if real else "",
        split="train" if real else "",
        width=SIDE,
        height=SIDE,
        channels=1,
        bit_depth=16,
        spacing_mm=2.5,
        variant="" if real else "dcgan",
        run_id="" if real else "dcgan-a",
        checkpoint_step=None if real else 500,
        seed=None if real else 3,
        sample_index=None if real else index,
        # A frame of a sequence, which is not browsed: version 5 has a column for it.
        attributes={"use": "cine"} if real and index == 9 else {"phantom": "yes"},
    )


def rate(store: StudyStore, study_id: str, reader_id: str, version: int, until: int) -> str:
    """Answer trials up to ``until``; every third is changed, one gets two marks."""
    session = RatingSession(store, store.open_session(study_id, reader_id))
    paired = session.study.protocol.design == "two_alternative"
    if version >= 4:
        session.consent(reader_id == "R01")
    while not session.finished and session.current.trial_index < until:
        session.end_break()
        index = session.current.trial_index
        for turn in range(1 + (index % 3 == 2 and not session.current.is_training)):
            if turn:
                session.undo()
            facts: dict[str, Any] = {"window_center": 0.5, "window_width": 0.75, "zoom": 2.0}
            if version >= 2:
                facts["inverted"] = False
            if version >= 3:
                facts |= {"frame_interval_ms": 16.625, "n_showings": 1}
            if paired:
                facts["response"] = ("left", "right")[(index + turn) % 2]
            session.answer(
                None if paired else 1 + (index + 3 * turn) % 6,
                900.5 + index,
                utc_now(),
                utc_now(),
                comment=f"trial {index}, ö" if index % 4 == 1 else "",
                **facts,
            )
        if index == 3 and not paired:
            mark(store, session, version)
        session.advance()
    return session.session_id


def mark(store: StudyStore, session: RatingSession, version: int) -> None:
    """Two regions; the later one is withdrawn where the version could."""
    where = (session.session_id, session.current.trial_index)
    session.mark(Mark(f"ellipse-{session.reader_id}", *where, "ellipse", 4.5, 5, 9, 8, "texture"))
    freehand = {"points": ((1.0, 2.0), (5.0, 2.5), (3.0, 6.0))} if version >= 2 else {}
    brush = Mark(f"brush-{session.reader_id}", *where, "brush", 1, 2, 4, 4, "noise", **freehand)
    session.mark(brush)
    if version >= 2 and session.reader_id == "R02":
        store.withdraw_mark(brush.mark_id)


def record_all(root: Path, version: int) -> None:
    """Two readers, one of whom is interrupted; from version 2 on pairs, an audit and a pack."""
    workspace = Workspace.create(root)
    write_manifest(
        workspace.manifest_path("acdc"), [record(workspace, i, "real") for i in range(10)]
    )
    workspace.run_path("dcgan-a").mkdir()
    generated = [record(workspace, i, "generated") for i in range(9)]
    write_manifest(workspace.run_path("dcgan-a") / "generated.jsonl", generated)
    store = StudyStore.open(workspace)
    store.sync_library()
    role = {"role": "specialist"} if version >= 3 else {}
    store.add_reader(Reader("R01", "Ada", "Cardiology", 12.5, **role))
    store.add_reader(Reader("R02", "Bo", "Radiology", None))
    common = {"datasets": ("acdc",), "size_px": SIDE, "block_size": 4, "repeats_fraction": 0.2}
    single = Protocol(
        protocol_id="hearts",
        title="Hearts",
        n_real=4,
        n_generated=4,
        training_trials=2,
        seed=11,
        **common,
    )
    study = store.create_study("Hearts one by one", single, PASSPHRASE)
    rate(store, study.study_id, "R01", version, 99)
    store.log_export(study.study_id, "ratings.csv")
    if version >= 2:
        pairs = Protocol(
            protocol_id="pairs",
            title="Pairs",
            design="two_alternative",
            n_real=3,
            n_generated=3,
            seed=12,
            **common,
        )
        second = store.create_study("Hearts in pairs", pairs, PASSPHRASE)
        rate(store, second.study_id, "R01", version, 2)
        store.audit_leaks(second.study_id, PASSPHRASE)
        store.make_pack(second.study_id, "R02", root / "exports" / "pack.mrpack")
    if version >= 4:
        image = store.images()[0]
        store.give_class(image, "DCM", "Ada")
        store.give_class(image, "HCM", "Ada")
    store.close()
    # In a process of its own, which ends like one that was killed.
    subprocess.run([sys.executable, __file__, str(version), str(root), study.study_id], check=True)


def said(store: StudyStore, workspace: Workspace) -> dict[str, Any]:
    """What the store says of itself, as JSON; the truth is asked of a copy, which is unblinded."""
    copy = Workspace.create(Path(tempfile.mkdtemp()) / "copy")
    for name in ("study.db", "study.db-wal"):
        if (workspace.root / name).exists():
            shutil.copy(workspace.root / name, copy.root / name)
    unblinded = StudyStore.open(copy)
    studies = []
    for study in store.studies():
        unblinded.unblind(study.study_id, PASSPHRASE)
        sessions = [
            {
                "info": plain(info),
                "trials": plain(store.trials(info.session_id)),
                "answers": plain(store.latest_answers(info.session_id)),
                "marks": plain(store.marks(info.session_id)),
            }
            for info in store.sessions(study.study_id)
        ]
        studies.append(
            {
                "name": study.name,
                "protocol_sha256": study.protocol_sha256,
                "sessions": sessions,
                "events": plain(store.events(study.study_id)),
                "truth": plain(unblinded.truth(study.study_id)),
                "packs": plain(store.packs(study.study_id)) if hasattr(store, "packs") else [],
            }
        )
    unblinded.close()
    shutil.rmtree(copy.root.parent)
    said = {"studies": studies, "readers": plain(store.readers()), "images": store.count_images()}
    if hasattr(store, "class_labels"):
        said["classes"] = plain(store.class_labels("acdc"))
    return said


def plain(value: object) -> Any:
    """Dataclasses, times and tuples as JSON has them."""
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def main(version: int, out: Path) -> None:
    """Make the archive."""
    root = Path(tempfile.mkdtemp()) / "workspace"
    record_all(root, version)
    kept = root.parent / "kept"
    shutil.copytree(root, kept, ignore=shutil.ignore_patterns("cache", "*-shm"))
    workspace = Workspace(root)
    store = StudyStore.open(workspace)
    expected = said(store, workspace)
    store.close()
    (kept / "expected.json").write_text(json.dumps(expected, ensure_ascii=False), encoding="utf-8")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(kept.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(kept).as_posix())
    shutil.rmtree(root.parent)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        interrupted = StudyStore.open(Workspace(Path(sys.argv[2])))
        rate(interrupted, sys.argv[3], "R02", int(sys.argv[1]), 5)
        os._exit(0)
    main(int(sys.argv[1]), Path(sys.argv[2]).resolve())
