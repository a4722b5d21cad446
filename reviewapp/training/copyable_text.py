"""A long identifier, shown short, copied whole."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_XS
from reviewapp.translation import translate

_SIDE_PX = 24


class CopyableText(QWidget):
    """``shown`` with a button that copies ``whole``; the tool tip tells all of it."""

    def __init__(self, shown: str, whole: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.whole = whole
        self.label = QLabel(shown)
        self.label.setToolTip(whole)
        self.copy_button = QPushButton(icon("copy", "text_secondary"), "")
        self.copy_button.setProperty("role", "quiet")
        self.copy_button.setFixedSize(QSize(_SIDE_PX, _SIDE_PX))
        self.copy_button.setStyleSheet("padding: 0; min-height: 20px;")
        self.copy_button.setToolTip(translate("Training", "Copy all of it"))
        self.copy_button.setAccessibleName(f"Copy {whole}")
        self.copy_button.clicked.connect(self._copy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addWidget(self.label)
        layout.addWidget(self.copy_button)
        layout.addStretch(1)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.whole)
        self.copy_button.setIcon(icon("check", "success"))


def run_id_text(run_id: str) -> CopyableText:
    """A run's id with its middle left out where it is long."""
    return CopyableText(run_id if len(run_id) <= 18 else f"{run_id[:12]}…{run_id[-5:]}", run_id)


def hash_text(sha256: str) -> CopyableText:
    """The first twelve digits of a hash."""
    return CopyableText(f"{sha256[:12]}…", sha256)
