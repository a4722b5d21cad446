"""Marking in a session: what keys, mouse and the panel's buttons do with regions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from reviewapp.rating.drawn_mark import REASON_KEYS, DrawnMark
from reviewapp.rating.mark_panel import MarkPanel
from reviewapp.rating.session_presenter import SessionPresenter
from reviewapp.rating.trial_stage import TrialStage
from reviewapp.study.errors import StudyError

#: a Mac's Delete key is Qt's Backspace
REMOVE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
RESTORE_KEY = Qt.Key.Key_U


class MarkTools(QObject):
    """Brings stage, panel and presenter together; ``failed`` carries why a mark was not stored."""

    failed = Signal(str)
    stored = Signal()

    def __init__(
        self, presenter: SessionPresenter, stage: TrialStage, panel: MarkPanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._stage = stage
        self._panel = panel
        stage.drawn.connect(self._take_region)
        panel.reason_chosen.connect(self._name)
        panel.removed.connect(self._remove)
        panel.restore_button.clicked.connect(self.restore)

    def handle_key(self, key: int) -> bool:
        """Take the keys that belong to marking now; False for all others."""
        marking = self._presenter.marking
        if marking.nameless is None and marking.shape is None:
            if key in REMOVE_KEYS:
                self.remove_last()
            elif key == RESTORE_KEY and self._presenter.can_restore_mark:
                self.restore()
            else:
                return False
        elif key == Qt.Key.Key_Escape:
            self.stop()
        elif marking.nameless is None:
            return False
        elif (letter := chr(key) if Qt.Key.Key_A <= key <= Qt.Key.Key_Z else "") in REASON_KEYS:
            self._name(REASON_KEYS[letter])
        # A region waits for its reason: no other key may rate the image meanwhile.
        return True

    def begin(self) -> None:
        """Draw an ellipse, or the other shape where one is being drawn already."""
        if not self._presenter.can_mark:
            return
        marking = self._presenter.marking
        marking.begin("brush" if marking.shape == "ellipse" else "ellipse")
        self._stage.set_drawing(marking.shape)
        self.show()

    def stop(self) -> None:
        """Leave off drawing."""
        self._presenter.marking.stop()
        self._stage.set_drawing(None)
        self.show()

    def remove_last(self) -> None:
        """Take back the mark made last on the image on show."""
        if self._presenter.scene == "image" and (marks := self._presenter.marks()):
            self._remove(marks[-1].mark_id)

    def restore(self) -> None:
        """Make the mark taken back last once more."""
        self._change(self._presenter.restore_mark)

    def show(self) -> None:
        """Draw and list the marks as they are; none where they cannot be read, which is told."""
        presenter = self._presenter
        try:
            marks = presenter.marks()
        except StudyError as error:
            self.failed.emit(str(error))
            return
        self._panel.show_marking(presenter.marking, marks, restorable=presenter.can_restore_mark)
        for side in self._stage.canvases:
            self._stage.set_marks(side, self._presenter.drawn_marks(side))

    def _take_region(self, mark: DrawnMark) -> None:
        if self._presenter.marking.draw(mark):
            self._stage.set_drawing(None)
        self.show()

    def _name(self, reason: str) -> None:
        self._change(lambda: self._presenter.name_mark(reason))

    def _remove(self, mark_id: str) -> None:
        self._change(lambda: self._presenter.remove_mark(mark_id))

    def _change(self, action: Callable[[], object]) -> None:
        try:
            action()
        except StudyError as error:
            self.failed.emit(str(error))
            return
        self.stored.emit()
        self.show()
