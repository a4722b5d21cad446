"""A reader opens a pack that was sent: which file, its code, and where its workspace goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.progress import CancelCheck, ProgressReport
from reviewapp.rating.pack_files import PACK_FILTER
from reviewapp.study.errors import StudyError
from reviewapp.tasks import TaskRunner
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress

_WIDTH = 560


class OpenPackDialog(QDialog):
    """Accepted once the pack is open; ``workspace_folder`` is then the folder to go on in.

    ``packs_folder`` is where workspaces of packs are put unless the reader chooses another folder.
    """

    def __init__(
        self, tasks: TaskRunner, packs_folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Open a reading pack"))
        self.setFixedWidth(_WIDTH)
        self._tasks = tasks
        self._packs_folder = packs_folder
        self.workspace_folder: Path | None = None
        self.messages = MessageBar()
        self._progress = TaskProgress()
        self._progress.hide()
        text = QLabel(
            translate(
                "Rating",
                "The pack and its code come from the study's coordinator. Nothing in it tells "
                "which images are generated.",
            )
        )
        text.setWordWrap(True)
        self.file_edit, self.code_edit, self.folder_edit = QLineEdit(), QLineEdit(), QLineEdit()
        self.code_edit.setPlaceholderText(
            translate("Rating", "As it was told to you; dashes and case do not matter")
        )
        form = QFormLayout()
        form.setVerticalSpacing(SPACE_M)
        file_row = self._with_button(self.file_edit, "Choose file", self._choose_file)
        folder_row = self._with_button(self.folder_edit, "Choose folder", self._choose_folder)
        for name, edit, row in (
            ("&File", self.file_edit, file_row),
            ("&Code", self.code_edit, self.code_edit),
            ("&Put into", self.folder_edit, folder_row),
        ):
            label = QLabel(name)
            label.setBuddy(edit)
            form.addRow(label, row)
            edit.setAccessibleName(name.replace("&", ""))
            edit.textChanged.connect(self._check)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.open_button = QPushButton(translate("Rating", "Open"))
        self.open_button.setProperty("role", "primary")
        self.open_button.clicked.connect(self.open_pack)
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(text)
        layout.addWidget(self.messages)
        layout.addWidget(self._progress)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.open_button.setDefault(True)
        self._check()

    def set_file(self, path: Path) -> None:
        """Propose this file, and a folder named after it."""
        self.file_edit.setText(str(path))
        self.folder_edit.setText(str(self._packs_folder / path.stem))

    def open_pack(self) -> None:
        """Check the pack and unpack it in the background; a refusal is told here."""
        path, code = Path(self.file_edit.text().strip()), self.code_edit.text().strip()
        folder = Path(self.folder_edit.text().strip()).expanduser()

        def work(_progress: ProgressReport, _cancelled: CancelCheck) -> Path:
            from reviewapp.study.pack_opening import open_pack

            try:
                folder.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StudyError(f"Cannot make the folder {folder.parent}: {error}.") from error
            return open_pack(path, code, folder).root

        task = self._tasks.prepare("Opening the pack", work)
        task.failed.connect(self.messages.show_error)
        task.succeeded.connect(self._finish)
        task.ended.connect(self._progress.hide)
        task.ended.connect(self._check)
        self.messages.clear()
        self.open_button.setEnabled(False)
        self._progress.show()
        self._progress.follow(task)
        self._tasks.launch(task)

    def _finish(self, folder: Path) -> None:
        self.workspace_folder = folder
        self.accept()

    def _check(self) -> None:
        edits = (self.file_edit, self.code_edit, self.folder_edit)
        self.open_button.setEnabled(all(edit.text().strip() for edit in edits))

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a reading pack", "", PACK_FILTER)
        if path:
            self.set_file(Path(path))

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose an empty folder")
        if folder:
            self.folder_edit.setText(folder)

    def _with_button(self, edit: QLineEdit, name: str, choose: object) -> QHBoxLayout:
        button = QPushButton("…")
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(choose)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(edit, 1)
        row.addWidget(button)
        return row
