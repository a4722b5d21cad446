"""A small library of real and generated images, and studies made from it."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.model import AnswerDraft, Reader, SessionInfo, Study, Trial
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.study_rows import unseal_study
from reviewapp.study.timestamps import utc_now

PASSPHRASE = "correct horse battery"
RUNS = ("dcgan-a", "lapgan-b")


OLD_WORKSPACES = Path(__file__).parent / "old_workspaces"


@pytest.fixture(params=range(1, schema.SCHEMA_VERSION))
def old_version(request: pytest.FixtureRequest) -> int:
    """Of the app that made ``old``; every earlier schema has its workspace."""
    return request.param


@pytest.fixture
def old(old_version: int, tmp_path: Path) -> Workspace:
    """A workspace as the app of ``old_version`` left it when it was killed."""
    with zipfile.ZipFile(OLD_WORKSPACES / f"version_{old_version}.zip") as archive:
        archive.extractall(tmp_path / "old")
    return Workspace.create(tmp_path / "old")


def _records(workspace: Workspace, dataset: str, source: str, count: int) -> list[ImageRecord]:
    """Grey 16-bit 'acdc' and colour 8-bit 'idrid' images; only real 'idrid' ones have classes."""
    rng = np.random.default_rng([count, len(dataset), len(source)])
    side = {"real": 80, "generated": 48}[source]
    grey = dataset == "acdc"
    records = []
    for index in range(count):
        if grey:
            pixels = rng.integers(0, 65536, (side, side)).astype(np.uint16)
        else:
            pixels = rng.integers(0, 256, (side, side, 3)).astype(np.uint8)
        run = RUNS[index % 2]
        has_class = grey or source == "real"
        records.append(
            ImageRecord(
                record_id=f"{dataset}-{source}-{index:03d}-record",
                key=write_image(workspace, pixels),
                dataset=dataset,
                source=source,
                class_label=("NOR", "DCM")[index % 2 if source == "real" else index // 2 % 2]
                if has_class
                else "",
                patient=f"patient{index // 2:03d}" if source == "real" else "",
                width=side,
                height=side,
                channels=1 if grey else 3,
                bit_depth=16 if grey else 8,
                variant=run.split("-")[0] if source == "generated" else "",
                run_id=run if source == "generated" else "",
                checkpoint_step=500 if source == "generated" else None,
                sample_index=index if source == "generated" else None,
            )
        )
    return records


@pytest.fixture(scope="session")
def library_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library") / "workspace"
    workspace = Workspace.create(root)
    generated = []
    for dataset in ("acdc", "idrid"):
        write_manifest(workspace.manifest_path(dataset), _records(workspace, dataset, "real", 24))
        generated += _records(workspace, dataset, "generated", 24)
    for run in RUNS:
        workspace.run_path(run).mkdir()
        write_manifest(
            workspace.run_path(run) / "generated.jsonl", [r for r in generated if r.run_id == run]
        )
    return root


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``both_databases`` on a PostgreSQL server as well."""
    if metafunc.definition.get_closest_marker("both_databases") and (
        "database_kind" in metafunc.fixturenames
    ):
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Where the workspace's database is: "sqlite" in its folder, or "postgresql" on a server."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def library(
    library_template: Path, tmp_path: Path, database_kind: str, request: pytest.FixtureRequest
) -> Workspace:
    """A workspace of 96 images and no database yet."""
    shutil.copytree(library_template, tmp_path / "library")
    workspace = Workspace.create(tmp_path / "library")
    if database_kind == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        workspace.settings.write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
    return workspace


@pytest.fixture
def store(library: Workspace) -> Iterator[StudyStore]:
    opened = StudyStore.open(library)
    opened.sync_library()
    yield opened
    opened.close()


@pytest.fixture
def protocol() -> Protocol:
    """14 trials: 4 training, 8 images in two blocks of 5, 2 of them twice."""
    return Protocol(
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


@pytest.fixture
def study(store: StudyStore, protocol: Protocol) -> Study:
    return store.create_study("Small study", protocol, PASSPHRASE)


@pytest.fixture
def reader(store: StudyStore) -> Reader:
    return store.add_reader(Reader("R01", "Ada", "Cardiology", 12))


@pytest.fixture
def make_draft() -> Callable[..., AnswerDraft]:
    def make(confidence: int = 4, **fields: object) -> AnswerDraft:
        values = {"response_time_ms": 1250.5, "shown_at": utc_now(), "answered_at": utc_now()}
        return AnswerDraft(confidence=confidence, **{**values, **fields})

    return make


@pytest.fixture
def rate_all(store: StudyStore) -> Callable[..., SessionInfo]:
    """Rate a whole session; ``decide`` gives the confidence for a trial."""

    def rate(
        study: Study, reader_id: str, decide: Callable[[Trial], int] = lambda trial: 4
    ) -> SessionInfo:
        info = store.open_session(study.study_id, reader_id)
        trials = store.trials(info.session_id)
        session = RatingSession(store, info)
        while not session.finished:
            session.end_break()
            confidence = decide(trials[session.current.trial_index])
            session.answer(confidence, 1000.0, utc_now(), utc_now(), comment="seen")
            session.advance()
        return store.session(info.session_id)

    return rate


@pytest.fixture(scope="session")
def passphrase() -> str:
    return PASSPHRASE


@pytest.fixture
def known(store: StudyStore, study: Study) -> dict[str, str]:
    """The truth as only the test knows it, without unblinding: source by image id."""
    secrets = unseal_study(store._database, study.study_id, PASSPHRASE)
    return {truth.image_id: truth.source for truth in secrets.truths}
