"""Small workspaces for the tests: a library, a study, drawn data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.phantom import write_acdc_phantom, write_idrid_phantom
from engine.data.records import ImageRecord, Source
from engine.workspace import Workspace
from reviewapp.study.model import Reader, Study
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

PASSPHRASE = "correct horse battery"


def library(root: Path, n: int = 16) -> Workspace:
    """``n`` real images of ``acdc`` and as many drawn by ``run-1``, 32 x 32 pixels of noise."""
    workspace = Workspace.create(root)
    rng = np.random.default_rng(11)

    def record(source: Source, number: int) -> ImageRecord:
        pixels = rng.integers(0, 65536, (32, 32)).astype(np.uint16)
        return ImageRecord(
            record_id=f"{source}/{number:03d}",
            key=write_image(workspace, pixels),
            dataset="acdc",
            source=source,
            class_label=("NOR", "DCM")[number % 2],
            patient=f"patient{number:03d}" if source == "real" else "",
            split="train" if source == "real" else "",
            width=32,
            height=32,
            channels=1,
            bit_depth=16,
            variant="dcgan" if source == "generated" else "",
            run_id="run-1" if source == "generated" else "",
        )

    write_manifest(workspace.manifest_path("acdc"), [record("real", number) for number in range(n)])
    write_manifest(
        workspace.run_path("run-1") / "generated.jsonl",
        [record("generated", number) for number in range(n)],
    )
    return workspace


def study(workspace: Workspace) -> Study:
    """14 trials: 4 of practice, 8 images in two blocks, 2 of them twice."""
    store = StudyStore.open(workspace)
    store.sync_library()
    protocol = Protocol(
        protocol_id="small",
        title="Small",
        datasets=("acdc",),
        n_real=4,
        n_generated=4,
        repeats_fraction=0.2,
        training_trials=4,
        block_size=5,
        size_px=64,
        seed=7,
    )
    made = store.create_study("Small study", protocol, PASSPHRASE)
    store.close()
    return made


def rated_study(workspace: Workspace, readers: int = 2) -> Study:
    """A study that so many readers have rated, unblinded."""
    made = study(workspace)
    store = StudyStore.open(workspace)
    for number in range(readers):
        reader = store.add_reader(Reader(f"R{number:02d}"))
        session = RatingSession(store, store.open_session(made.study_id, reader.reader_id))
        while not session.finished:
            session.end_break()
            confidence = 1 + (session.progress.answered + number) % 6
            session.answer(confidence, 900.0, utc_now(), utc_now())
            session.advance()
    store.unblind(made.study_id, PASSPHRASE)
    store.close()
    return made


def sources(folder: Path) -> dict[str, Path]:
    """A folder for each importer: drawn patients, drawn photographs, pictures of noise."""
    write_acdc_phantom(folder / "acdc", patients=2, seed=1)
    write_idrid_phantom(folder / "idrid", images=5, seed=1, size_px=(429, 285))
    pictures = folder / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(3)
    for number in range(12):
        picture = rng.integers(0, 256, (40, 40)).astype(np.uint8)
        Image.fromarray(picture).save(pictures / f"{number:02d}.png")
    return {"acdc": folder / "acdc", "idrid": folder / "idrid", "folder": pictures}
