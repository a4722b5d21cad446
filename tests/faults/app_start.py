"""The app started anew on a workspace, as after a crash."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from engine.workspace import Workspace
from reviewapp.context import AppContext


def start_app(workspace: Workspace) -> None:
    """Open the workspace as the window does, let it tidy up, and close it; raises what fails.

    The audit trail must be whole: no row altered, removed or inserted.
    """
    assert QApplication.instance() is not None
    context = AppContext.open(workspace.root)
    try:
        context.store.sync_library()
        for task in context.housekeeping.running():
            assert task.join(60)
        assert context.store.verify_record().findings == []
    finally:
        context.close()
        QApplication.processEvents()
