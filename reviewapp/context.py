"""What every page shares: the open workspace, its store, the training queue, background tasks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.interrupted_writes import tidy
from engine.workspace import Workspace
from reviewapp.tasks import TaskRunner

if TYPE_CHECKING:
    from reviewapp.study.store import StudyStore
    from reviewapp.training.bridge import TrainingBridge


#: how long the window waits for other programs to let an answer be written; it then says so
_PATIENCE_MS = 2000


class AppContext(QObject):
    """The services of one open workspace.

    Whoever changes something emits the signal for it; pages that show it listen. ``focus_mode``
    asks the window to hide everything but the page (a reader is in a blinded session);
    ``workspace_requested`` asks it to open another workspace. ``wanted_study`` is the id of the
    study that the page to be shown next is asked about, "" if none.
    """

    library_changed = Signal()
    studies_changed = Signal()
    runs_changed = Signal()
    status_message = Signal(str)
    focus_mode = Signal(bool)
    show_page = Signal(str)
    workspace_requested = Signal(Path)

    def __init__(
        self, workspace: Workspace, parent: QObject | None = None, *, check: bool = False
    ) -> None:
        super().__init__(parent)
        # SQLAlchemy and the job queue are imported once a workspace opens, not with the window.
        from reviewapp.study.store import StudyStore
        from reviewapp.training.bridge import TrainingBridge

        self.workspace = workspace
        self.wanted_study = ""
        self.store: StudyStore = StudyStore.open(workspace, check=check)
        self.store.be_brief(_PATIENCE_MS)
        self.tasks = TaskRunner(self)
        #: what the app does for itself, which no page tells of
        self.housekeeping = TaskRunner(self)
        self.training: TrainingBridge = TrainingBridge(workspace, self)

    @classmethod
    def open(
        cls, folder: Path, parent: QObject | None = None, *, check: bool = False
    ) -> AppContext:
        """Open (or make) the workspace in ``folder``; ``check`` looks for damage in all of it.

        Raises `engine.errors.DataError` or `reviewapp.study.errors.StoreError` with the reason.
        """
        context = cls(Workspace.create(folder), parent, check=check)
        root = context.workspace.root
        # What a killed program has left half written.
        context.housekeeping.launch(
            context.housekeeping.prepare("Tidying", lambda _, cancelled: tidy(root, cancelled))
        )
        return context

    def close(self) -> None:
        """End tasks and training (both resumable), then close the database."""
        self.training.shutdown()
        # Last, because garbage is collected by Python again afterwards, on any thread.
        self.housekeeping.shutdown()
        self.tasks.shutdown()
        self.store.close()
