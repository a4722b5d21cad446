"""Makes the demo's workspace: phantoms through the real importers, images from shipped weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp import __version__
from reviewapp.recent import user_data_folder
from reviewapp.resources import resource_path
from reviewapp.study.store import StudyStore

#: the demo holds nothing secret; the app tells this passphrase where it asks for it
DEMO_PASSPHRASE = "demo"
DEMO_STUDY = "Demo: hearts and eyes"
_MARKER = "demo.json"
_PATIENTS = 6
_FUNDUS_IMAGES = 18
_SEED = 2026


@dataclass(frozen=True, slots=True)
class ShippedRun:
    """A run whose weights come with the app, and how many images the demo draws from it."""

    run_id: str
    dataset: str
    n_images: int
    maps_run: str | None = None


SHIPPED_RUNS = (
    ShippedRun("upgan-acdc", "acdc", 6),
    ShippedRun("upgan-idrid", "idrid", 6),
    ShippedRun("dcgan-acdc", "acdc", 18, maps_run="upgan-acdc"),
    ShippedRun("dcgan-idrid", "idrid", 18, maps_run="upgan-idrid"),
)


def demo_workspace_folder() -> Path:
    """Where ``medgan-review --demo`` keeps its workspace."""
    return user_data_folder() / "demo"


def is_prepared(folder: Path) -> bool:
    """Whether the demo in ``folder`` was made completely."""
    return (folder / _MARKER).is_file()


def prepare_demo(folder: Path, progress: ProgressReport, cancelled: CancelCheck) -> Path:
    """Make the demo's workspace in ``folder`` unless it is there already; returns ``folder``.

    Every step can be repeated, so that a demo cut short is completed on the next start.
    Raises the engine's and the study layer's errors, and `engine.errors.Cancelled`.
    """
    if is_prepared(folder):
        return folder
    workspace = Workspace.create(folder)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Drawing hearts and eyes", lambda: draw_phantoms(workspace, cancelled)),
        ("Importing them", lambda: import_phantoms(workspace, cancelled)),
        ("Generating images", lambda: generate_images(workspace, cancelled)),
        ("Setting up a blinded study", lambda: make_study(workspace, cancelled)),
    )
    for number, (title, step) in enumerate(steps):
        raise_if_cancelled(cancelled)
        progress(number, len(steps), title)
        step()
    progress(len(steps), len(steps), "Ready")
    _write_marker(folder)
    return folder


def phantom_folder(workspace: Workspace) -> Path:
    """Where the demo's drawn data sets lie, in the layouts of the real ones."""
    return workspace.root / "phantoms"


def draw_phantoms(workspace: Workspace, cancelled: CancelCheck) -> None:
    """Write the ACDC-like patients and the IDRiD-like photographs."""
    from engine.data.phantom import write_acdc_phantom, write_idrid_phantom

    root = phantom_folder(workspace)
    write_acdc_phantom(root / "acdc", patients=_PATIENTS, seed=_SEED, cancelled=cancelled)
    write_idrid_phantom(root / "idrid", images=_FUNDUS_IMAGES, seed=_SEED, cancelled=cancelled)


def import_phantoms(workspace: Workspace, cancelled: CancelCheck) -> None:
    """Read both drawn data sets by the importers of the real ones."""
    from engine.data.acdc import import_acdc
    from engine.data.idrid import import_idrid

    root = phantom_folder(workspace)
    import_acdc(root / "acdc", workspace, cancelled=cancelled)
    import_idrid(root / "idrid", workspace, size=256, cancelled=cancelled)


def install_shipped_runs(workspace: Workspace) -> None:
    """Put the shipped weights among the workspace's runs."""
    from engine.training.shipping import install_checkpoint

    for run in SHIPPED_RUNS:
        if not workspace.run_path(run.run_id).exists():
            install_checkpoint(workspace, resource_path("checkpoints", run.run_id), run.run_id)


def generate_images(workspace: Workspace, cancelled: CancelCheck) -> None:
    """Draw images with maps from every shipped run."""
    from engine.generation import generate_batch

    install_shipped_runs(workspace)
    for run in SHIPPED_RUNS:
        generate_batch(
            workspace,
            run.run_id,
            run.n_images,
            _SEED,
            uncertainty_run=run.maps_run,
            cancelled=cancelled,
        )


def make_study(workspace: Workspace, cancelled: CancelCheck) -> None:
    """Set up the demo's blinded study once."""
    from reviewapp.study.protocol import load_protocol

    store = StudyStore.open(workspace)
    try:
        store.sync_library()
        if any(study.name == DEMO_STUDY for study in store.studies()):
            return
        protocol = load_protocol(resource_path("protocols", "quick-look.toml"))
        store.create_study(DEMO_STUDY, protocol, DEMO_PASSPHRASE, seed=_SEED, cancelled=cancelled)
    finally:
        store.close()


def _write_marker(folder: Path) -> None:
    temporary = folder / f"{_MARKER}.tmp"
    temporary.write_text(json.dumps({"app_version": __version__}), encoding="utf-8")
    temporary.replace(folder / _MARKER)
