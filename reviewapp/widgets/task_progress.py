"""Shows how far a background task is and lets it be cancelled."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from reviewapp.tasks import Task
from reviewapp.theme.tokens import SPACE_S, SPACE_XS
from reviewapp.translation import translate


class TaskProgress(QWidget):
    """Title, bar, the item at work, and Cancel, for one task at a time.

    What happens when the task ends (hiding this, showing its message) is for whoever started it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task: Task | None = None
        self._item_text = ""
        self._title = QLabel()
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(translate("Widgets", "Progress"))
        self._item = QLabel()
        self._item.setProperty("role", "secondary")
        # A long path must not widen the window: it is elided instead.
        self._item.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.cancel_button = QPushButton(translate("Widgets", "Cancel"))
        self.cancel_button.clicked.connect(self._cancel)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._count)
        column = QVBoxLayout()
        column.setSpacing(SPACE_XS)
        column.addLayout(heading)
        column.addWidget(self._bar)
        column.addWidget(self._item)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addLayout(column, 1)
        layout.addWidget(self.cancel_button, alignment=Qt.AlignmentFlag.AlignVCenter)

    def follow(self, task: Task) -> None:
        """Show this task (prepared or running) from now on, instead of any earlier one."""
        # An earlier task stays connected; its signals are told by their sender and passed over.
        self._task = task
        self._title.setText(task.title)
        self._bar.setRange(0, 0)
        self._count.clear()
        self._show_item("")
        self.cancel_button.setEnabled(True)
        task.progress.connect(self._show_progress)
        task.ended.connect(self._end)

    def _show_progress(self, done: int, total: int, item: str) -> None:
        if self.sender() is not self._task:
            return
        # A total of 0 means that it is not known yet: the bar then shows motion only.
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._count.setText(f"{done} of {total}" if total else "")
        self._show_item(item)

    def _cancel(self) -> None:
        if self._task is not None:
            self.cancel_button.setEnabled(False)
            self._show_item("Stopping at the next safe point…")
            self._task.cancel()

    def _end(self) -> None:
        if self.sender() is self._task:
            self._task = None
            self.cancel_button.setEnabled(False)
            # An unknown total shows motion, which must stop with the task.
            self._bar.setMaximum(max(1, self._bar.maximum()))

    def _show_item(self, text: str) -> None:
        self._item_text = text
        metrics = QFontMetrics(self._item.font())
        self._item.setText(
            metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self._item.width())
        )
        self._item.setToolTip(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide the item anew."""
        super().resizeEvent(event)
        self._show_item(self._item_text)
