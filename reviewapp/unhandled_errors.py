"""What escapes a page's own handling is told in the window, never as a traceback only."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal

from engine.errors import EngineError
from reviewapp.study.errors import StudyError
from reviewapp.translation import translate

_log = logging.getLogger(__name__)


class UnhandledErrors(QObject):
    """Takes what Python would print of an exception; ``told`` carries a sentence for the user.

    Installed until `remove`. Errors that were raised on purpose speak for themselves; of any other
    the log keeps the traceback.
    """

    told = Signal(str)
    _raised = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._previous = sys.excepthook
        # A widget must be told on its own thread, wherever the exception was raised.
        self._raised.connect(self.told, Qt.ConnectionType.QueuedConnection)
        sys.excepthook = self._take
        threading.excepthook = self._take_of_thread

    def remove(self) -> None:
        """Leave exceptions to Python again."""
        sys.excepthook = self._previous
        threading.excepthook = threading.__excepthook__

    def _take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            self._previous(kind, error, trace)
            return
        if isinstance(error, EngineError | StudyError):
            _log.warning("%s", error)
            self._raised.emit(str(error))
            return
        _log.error("Unhandled", exc_info=(kind, error, trace))
        self._raised.emit(
            translate(
                "MainWindow",
                "Something went wrong that should not: {error}. What was stored before is safe; "
                "if the window behaves strangely, start the program again.",
            ).format(error=f"{kind.__name__}: {error}")
        )

    def _take_of_thread(self, given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            self._take(given.exc_type, given.exc_value, given.exc_traceback)
