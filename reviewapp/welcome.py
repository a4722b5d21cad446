"""The page shown while no workspace is open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reviewapp.tasks import Task
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress

_COLUMN_WIDTH = 460


class WelcomePage(QWidget):
    """New, open, demo, a reading pack, and the workspaces opened last."""

    open_requested = Signal(Path)
    reopen_requested = Signal(Path)
    demo_requested = Signal()
    pack_requested = Signal()

    def __init__(self, recent: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages = MessageBar()
        self._progress = TaskProgress()
        self._progress.hide()

        title = QLabel(translate("Welcome", "Medical image review"))
        title.setProperty("role", "title")
        subtitle = QLabel(
            translate(
                "Welcome",
                "Rate real and generated images without knowing which is which, "
                "and let your ratings train the next generator.",
            )
        )
        subtitle.setProperty("role", "secondary")
        subtitle.setWordWrap(True)

        self.demo_button = self._action(
            "Try the demo", "flask-conical", "Drawn hearts and eyes, nothing to configure"
        )
        self.demo_button.setProperty("role", "primary")
        self.demo_button.setIcon(icon("flask-conical", "on_accent"))
        self.new_button = self._action("New workspace…", "folder-plus", "Choose an empty folder")
        self.open_button = self._action("Open workspace…", "folder-open", "Choose a workspace")
        self.pack_button = self._action(
            "Open a reading pack…", "layers", "A file that a study's coordinator has sent you"
        )
        self.pack_button.clicked.connect(self.pack_requested)
        self.demo_button.clicked.connect(self.demo_requested)
        self.new_button.clicked.connect(lambda: self._choose("Choose an empty folder"))
        self.open_button.clicked.connect(lambda: self._choose("Open a workspace"))

        column = QVBoxLayout()
        column.setSpacing(SPACE_S)
        column.addWidget(title)
        column.addWidget(subtitle)
        column.addSpacing(SPACE_L)
        column.addWidget(self.messages)
        column.addWidget(self._progress)
        for button in (self.demo_button, self.new_button, self.open_button, self.pack_button):
            column.addWidget(button)
        if recent:
            column.addSpacing(SPACE_L)
            heading = QLabel(translate("Welcome", "Opened last"))
            heading.setProperty("role", "heading")
            column.addWidget(heading)
            for folder in recent:
                column.addWidget(self._recent_button(folder))

        centred = QWidget()
        centred.setFixedWidth(_COLUMN_WIDTH)
        centred.setLayout(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        layout.addStretch(1)
        # Not by an alignment, which would cut messages to their first line.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(centred)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(2)

    def follow(self, task: Task) -> None:
        """Show a task's progress; nothing else can be chosen until it ends."""
        self.messages.clear()
        self._progress.show()
        self._progress.follow(task)
        self._set_enabled(False)
        task.failed.connect(self.messages.show_error)
        task.ended.connect(self._finish)

    def _finish(self) -> None:
        self._progress.hide()
        self._set_enabled(True)

    def _set_enabled(self, enabled: bool) -> None:
        for button in self.findChildren(
            QPushButton, options=Qt.FindChildOption.FindChildrenRecursively
        ):
            if not self._progress.isAncestorOf(button):
                button.setEnabled(enabled)

    def _action(self, text: str, icon_name: str, explanation: str) -> QPushButton:
        button = QPushButton(icon(icon_name), f"  {text}")
        button.setToolTip(explanation)
        button.setAccessibleDescription(explanation)
        button.setMinimumHeight(40)
        return button

    def _recent_button(self, folder: Path) -> QPushButton:
        button = QPushButton(f"{folder.name}   –   {folder.parent}")
        button.setProperty("role", "quiet")
        button.setStyleSheet("text-align: left;")
        button.setToolTip(str(folder))
        button.clicked.connect(lambda: self.reopen_requested.emit(folder))
        return button

    def _choose(self, caption: str) -> None:
        folder = QFileDialog.getExistingDirectory(self, caption)
        if folder:
            self.open_requested.emit(Path(folder))
