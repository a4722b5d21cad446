"""What the killed process does: the app's own work, through the app's own code."""

from __future__ import annotations

import importlib
import threading
import uuid
from pathlib import Path

from tests.faults.victim import tell

_LIBRARIES = (
    "nibabel",
    "pandas",
    "pyarrow.parquet",
    "sqlalchemy.dialects.sqlite",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.kdf.scrypt",
    "engine.data.acdc",
    "engine.data.folder",
    "engine.data.idrid",
    "engine.generation",
    "engine.training.job",
    "engine.training.loop",
    "reviewapp.study.analysis.study_analysis",
    "reviewapp.study.export",
    "reviewapp.study.pack_opening",
    "reviewapp.study.report.written_report",
    "reviewapp.study.store",
)


def load_libraries() -> None:
    """Import what the operations use, which takes seconds, before any of them is asked for."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    import torch

    from engine.gans.registry import variants

    variants()
    # Its first step imports most of torch. Without backward(), after which torch may not fork.
    parameter = torch.zeros(1, requires_grad=True)
    parameter.grad = torch.ones(1)
    torch.optim.Adam([parameter]).step()


def rate(root: str, study_id: str, reader_id: str) -> None:
    """Go through a session from where it stands: answers, changes, marks, consent, comments.

    Tells each answer, mark and consent once it has been acknowledged. Every third scored trial is
    answered twice, and the last answer closes the session.
    """
    from engine.workspace import Workspace
    from reviewapp.study.model import Mark
    from reviewapp.study.session import RatingSession
    from reviewapp.study.store import StudyStore
    from reviewapp.study.timestamps import utc_now

    store = StudyStore.open(Workspace(Path(root)))
    session = RatingSession(store, store.open_session(study_id, reader_id))
    started = session.current
    index = started.trial_index if started is not None else -1
    tell(event="began", session_id=session.session_id, index=index)
    if session.consented is None:
        session.consent(True)
        tell(event="consented")
    while not session.finished:
        session.end_break()
        trial = session.current
        assert trial is not None
        index = trial.trial_index
        if index % 4 == 1:
            mark = Mark(
                mark_id=uuid.uuid4().hex,
                session_id=session.session_id,
                trial_index=index,
                shape="ellipse",
                x=1.0,
                y=2.0,
                w=10.0,
                h=12.0,
                reason="texture",
            )
            session.mark(mark)
            tell(event="marked", mark_id=mark.mark_id, index=index)
        for _ in range(1 + (index % 3 == 0 and not trial.is_training)):
            if session.answered:
                session.undo()
            session.answer(1 + index % 6, 100.0 + index, utc_now(), utc_now())
            previous = session.previous_answer
            assert previous is not None
            tell(event="answered", index=index, answer_id=previous.answer_id)
        session.advance()
    tell(event="closed")
    store.close()


def import_images(root: str, kind: str, source: str, manifest_interval_s: float) -> None:
    """Import a folder; the manifest on disk catches up every so many seconds."""
    from engine.data import importing
    from engine.workspace import Workspace

    importing._MANIFEST_INTERVAL_S = manifest_interval_s
    options = importing.ImportOptions(size=32, name="pictures" if kind == "folder" else None)
    importing.import_dataset(kind, Path(source), Workspace.create(Path(root)), options=options)  # type: ignore[arg-type]


def train(root: str, run_id: str, pauses: bool) -> None:
    """Let the queue train a run to its end, held once after a checkpoint where asked for."""
    from engine.training.events import CheckpointSaved, Event, StateChanged
    from engine.training.job import JobQueue
    from engine.workspace import Workspace

    over = threading.Event()
    held: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            tell(event="checkpoint", step=event.step)
            if pauses and not held:
                held.append(event.step)
                queue.pause(run_id)
        elif isinstance(event, StateChanged) and event.state == "paused":
            queue.resume(run_id)
        elif isinstance(event, StateChanged) and event.state in ("finished", "failed"):
            tell(event="over", state=event.state, message=event.message)
            over.set()

    queue = JobQueue(Workspace(Path(root)), listen)
    queue.resume(run_id)
    over.wait()
    queue.shutdown()


def train_short_of_memory(root: str, run_ids: list[str], mib: int) -> None:
    """Train runs one after another in a process that may take so much more memory."""
    import resource

    import psutil

    taken = psutil.Process().memory_info().vms
    limit = taken + mib * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for run_id in run_ids:
        train(root, run_id, pauses=False)


def generate(root: str, run_id: str, n: int) -> None:
    """Draw images of a trained run into the library."""
    from engine.generation import generate_batch
    from engine.workspace import Workspace

    generate_batch(Workspace(Path(root)), run_id, n, seed=3)


def export(root: str, study_id: str, folder: str) -> None:
    """Write a study's ratings as CSV and Parquet."""
    from engine.workspace import Workspace
    from reviewapp.study.export import export_ratings
    from reviewapp.study.store import StudyStore

    store = StudyStore.open(Workspace(Path(root)))
    export_ratings(store, study_id, Path(folder), parquet=True)
    store.close()


def report(root: str, study_id: str, folder: str) -> None:
    """Analyse a study and write its report as HTML and PDF."""
    from engine.workspace import Workspace
    from reviewapp.study.analysis.study_analysis import analyse_study
    from reviewapp.study.report.written_report import write_report
    from reviewapp.study.store import StudyStore

    store = StudyStore.open(Workspace(Path(root)))
    write_report(store, analyse_study(store, study_id), Path(folder))
    store.close()


def make_pack(root: str, study_id: str, reader_id: str, path: str) -> None:
    """Hand a session out in a reading pack; tells its code."""
    from engine.workspace import Workspace
    from reviewapp.study.store import StudyStore

    store = StudyStore.open(Workspace(Path(root)))
    issued = store.make_pack(study_id, reader_id, Path(path))
    tell(event="issued", code=issued.code, pack_id=issued.pack_id)
    store.close()


def open_pack(path: str, code: str, folder: str) -> None:
    """Make a reader's workspace from a pack."""
    from reviewapp.study import pack_opening

    pack_opening.open_pack(Path(path), code, Path(folder))


def write_results(root: str, path: str) -> None:
    """Write what a reader's workspace has recorded."""
    from engine.workspace import Workspace
    from reviewapp.study.store import StudyStore

    store = StudyStore.open(Workspace(Path(root)))
    store.write_pack_results(Path(path))
    store.close()


def merge(root: str, path: str) -> None:
    """Take a reader's results into the coordinator's study."""
    from engine.workspace import Workspace
    from reviewapp.study.store import StudyStore

    store = StudyStore.open(Workspace(Path(root)))
    report = store.merge_pack_results(Path(path))
    tell(event="merged", new=report.n_new_answers)
    store.close()
