"""Fixtures of the window's tests: an open workspace and drawn data sets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.data.acdc import import_acdc
from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.phantom import write_acdc_phantom, write_idrid_phantom
from engine.data.records import ImageRecord, Source
from engine.generation import generate_batch
from engine.training.config import TrainConfig
from engine.training.runs import read_summary
from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rating.page import RatingPage
from reviewapp.study.model import AnswerDraft, Reader, SessionInfo, Study
from reviewapp.study.protocol import parse_protocol
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
from reviewapp.training.bridge import TrainingBridge
from reviewapp.translation import install_language

#: the coordinator's, of every study made here
PASSPHRASE = "open sesame"


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[AppContext]:
    """The services of an empty open workspace."""
    context = AppContext(workspace)
    yield context
    context.close()


@pytest.fixture(scope="session")
def drawn_acdc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn patients in ACDC's layout."""
    folder = tmp_path_factory.mktemp("drawn") / "acdc"
    write_acdc_phantom(folder, patients=2, seed=1)
    return folder


@pytest.fixture(scope="session")
def drawn_idrid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five drawn photographs in IDRiD's layout, one of each grade."""
    folder = tmp_path_factory.mktemp("drawn") / "idrid"
    write_idrid_phantom(folder, images=5, seed=1, size_px=(429, 285))
    return folder


def add_images(workspace: Workspace, n_real: int, n_generated: int) -> None:
    """Noise pictures as real images of ``acdc`` and as drawn by ``run-1``."""
    rng = np.random.default_rng(11)

    def record(source: Source, number: int) -> ImageRecord:
        pixels = rng.integers(0, 65536, (32, 32)).astype(np.uint16)
        return ImageRecord(
            record_id=f"{source}/{number:03d}",
            key=write_image(workspace, pixels),
            dataset="acdc",
            source=source,
            patient=f"patient{number:03d}" if source == "real" else "",
            width=32,
            height=32,
            channels=1,
            bit_depth=16,
            variant="dcgan" if source == "generated" else "",
            run_id="run-1" if source == "generated" else "",
        )

    real = [record("real", number) for number in range(n_real)]
    generated = [record("generated", number) for number in range(n_generated)]
    write_manifest(workspace.manifest_path("acdc"), real)
    write_manifest(workspace.run_path("run-1") / "generated.jsonl", generated)


SMALL_PROTOCOL: dict[str, object] = {
    "protocol_id": "small",
    "title": "Small",
    "n_real": 4,
    "n_generated": 4,
    "training_trials": 2,
    "block_size": 4,
    "repeats_fraction": 0.0,
    "size_px": 64,
}


@pytest.fixture(scope="session")
def workspace_with_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace folder with a study of `SMALL_PROTOCOL`; to be copied."""
    workspace = Workspace.create(tmp_path_factory.mktemp("studied") / "workspace")
    add_images(workspace, 16, 16)
    store = StudyStore.open(workspace)
    store.sync_library()
    store.create_study("Small study", parse_protocol(SMALL_PROTOCOL), PASSPHRASE, seed=3)
    store.close()
    return workspace.root


@pytest.fixture
def make_study(context: AppContext) -> Callable[..., Study]:
    """Makes further blinded studies; fields of the protocol replace those of `SMALL_PROTOCOL`."""

    def make(name: str = "Another study", **fields: object) -> Study:
        protocol = parse_protocol(SMALL_PROTOCOL | fields)
        return context.store.create_study(name, protocol, PASSPHRASE, seed=3)

    return make


@pytest.fixture
def study(context: AppContext) -> Study:
    """A blinded study of four real and four generated images, two practice ones before."""
    if not context.store.studies():
        add_images(context.workspace, 16, 16)
        context.store.sync_library()
        protocol = parse_protocol(SMALL_PROTOCOL)
        return context.store.create_study("Small study", protocol, PASSPHRASE, seed=3)
    return context.store.studies()[0]


@pytest.fixture
def rating_page(qtbot: QtBot, context: AppContext) -> Iterator[RatingPage]:
    """The Rate page, shown."""
    page = RatingPage(context)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    page.activate()
    yield page
    page.close_page()


@pytest.fixture
def reader(context: AppContext) -> Reader:
    """A registered reader."""
    return context.store.add_reader(Reader(name="Dr Test", specialty="Radiology"))


@pytest.fixture(scope="session")
def imported_acdc(drawn_acdc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace folder with the drawn patients imported; to be copied."""
    folder = tmp_path_factory.mktemp("imported") / "workspace"
    import_acdc(drawn_acdc, Workspace.create(folder), size=64)
    return folder


@pytest.fixture
def training_library(imported_acdc: Path, tmp_path: Path) -> Workspace:
    """A workspace whose ``acdc`` data set can be trained on."""
    shutil.copytree(imported_acdc, tmp_path / "library")
    return Workspace.create(tmp_path / "library")


@pytest.fixture
def tiny_config() -> Callable[..., TrainConfig]:
    """Makes settings like dcgan's tiny preset, on one thread and with frequent reports."""

    def make(**changes: object) -> TrainConfig:
        fields = {
            "variant": "dcgan",
            "dataset": "acdc",
            "size": 32,
            "steps": 20,
            "batch_size": 4,
            "threads": 1,
            "log_every": 2,
            "sample_every": 10,
            "checkpoint_every": 10,
            "options": {"nz": 8, "ngf": 4, "ndf": 4},
        }
        return TrainConfig.checked(**(fields | changes))

    return make


@pytest.fixture
def bridge(qtbot: QtBot, training_library: Workspace) -> Iterator[TrainingBridge]:
    """The queue of that workspace, shut down at the end."""
    bridge = TrainingBridge(training_library)
    yield bridge
    bridge.shutdown()


@pytest.fixture
def training_context(qtbot: QtBot, training_library: Workspace) -> Iterator[AppContext]:
    """The services of that workspace."""
    context = AppContext(training_library)
    context.store.sync_library()
    yield context
    context.close()


@pytest.fixture(scope="session", autouse=True)
def english(qapp: QApplication) -> None:
    """The language that the tests read, whatever the computer's is."""
    install_language(qapp, "en")


@pytest.fixture
def train_run(
    qtbot: QtBot, training_context: AppContext, tiny_config: Callable[..., TrainConfig]
) -> Callable[..., str]:
    """Trains a run of few steps to its end; returns its id."""

    def train(**changes: object) -> str:
        context = training_context
        run_id = context.training.submit(tiny_config(**({"steps": 10} | changes)))
        qtbot.waitUntil(
            lambda: read_summary(context.workspace, run_id).state == "finished", timeout=30_000
        )
        return run_id

    return train


@pytest.fixture
def study_of_run(training_context: AppContext) -> Callable[..., Study]:
    """Makes a blinded study of a run's images, without practice or repeats."""

    def make(run_id: str, n_images: int = 4, **fields: object) -> Study:
        store = training_context.store
        generate_batch(training_context.workspace, run_id, n_images, seed=1)
        store.sync_library()
        values: dict[str, object] = {
            "datasets": ["acdc"],
            "runs": [run_id],
            "n_real": n_images,
            "n_generated": n_images,
            "training_trials": 0,
        }
        protocol = parse_protocol(SMALL_PROTOCOL | values | fields)
        name = f"Study {len(store.studies()) + 1}"
        return store.create_study(name, protocol, PASSPHRASE, seed=3)

    return make


@pytest.fixture
def rate_study(training_context: AppContext) -> Callable[..., SessionInfo]:
    """A new reader rates a whole study with one confidence for all, and consents or not."""

    def rate(study: Study, confidence: int, consent: bool | None = True) -> SessionInfo:
        store = training_context.store
        reader = store.add_reader(Reader(name=f"Reader {len(store.readers()) + 1}"))
        info = store.open_session(study.study_id, reader.reader_id)
        if consent is not None:
            store.record_consent(info.session_id, consent)
        for trial in store.trials(info.session_id):
            draft = AnswerDraft(confidence, 900.0, utc_now(), utc_now())
            store.record_answer(info.session_id, trial.trial_index, draft)
        return store.finish_session(info.session_id)

    return rate
