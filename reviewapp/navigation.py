"""The navigation column of the main window: icons with words, or icons alone where it is tight."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from reviewapp.page import PageEntry
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import (
    NAVIGATION_NARROW,
    NAVIGATION_WIDTH,
    SPACE_S,
    SPACE_XS,
)
from reviewapp.translation import translate

#: windows narrower or lower than this need the room for the page
_ROOMY = QSize(900, 520)


class Navigation(QWidget):
    """One button a page, from the top, and the workspaces and settings at the bottom."""

    page_chosen = Signal(str)
    workspaces_asked = Signal()
    settings_asked = Signal()

    def __init__(self, entries: Iterable[PageEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("navigation")
        self._words: dict[QPushButton, str] = {}
        self._pages: dict[str, QPushButton] = {}
        self._shortcuts: dict[QPushButton, QKeySequence] = {}
        group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_S, SPACE_S, SPACE_S, SPACE_S)
        layout.setSpacing(SPACE_XS)
        for entry in entries:
            button = self._button(entry.icon, entry.title, f"{entry.title} ({entry.shortcut})")
            button.setObjectName(f"navigate-{entry.page_id}")
            button.setCheckable(True)
            self._shortcuts[button] = QKeySequence(entry.shortcut)
            button.clicked.connect(lambda _=False, page=entry.page_id: self.page_chosen.emit(page))
            group.addButton(button)
            self._pages[entry.page_id] = button
            layout.addWidget(button)
        layout.addStretch(1)
        leave = self._button(
            "folder-open",
            translate("MainWindow", "Workspaces"),
            translate("MainWindow", "Close this workspace and choose another"),
        )
        leave.clicked.connect(self.workspaces_asked)
        layout.addWidget(leave)
        self.settings_button = self._button(
            "settings",
            translate("MainWindow", "Settings"),
            translate("MainWindow", "Theme and language"),
        )
        self.settings_button.clicked.connect(self.settings_asked)
        layout.addWidget(self.settings_button)
        self._narrow: bool | None = None
        self._low: bool | None = None
        self.fit(QSize(10_000, 10_000))

    def show_chosen(self, page_id: str) -> None:
        """Mark the button of the page in front."""
        if page_id in self._pages:
            self._pages[page_id].setChecked(True)

    def fit(self, window: QSize) -> None:
        """Keep the words where a window of this size has room, and the icons everywhere."""
        narrow, low = window.width() < _ROOMY.width(), window.height() < _ROOMY.height()
        if (narrow, low) == (self._narrow, self._low):
            return
        self._narrow, self._low = narrow, low
        self.setFixedWidth(NAVIGATION_NARROW if narrow else NAVIGATION_WIDTH)
        for button, words in self._words.items():
            button.setText("" if narrow else f"  {words}")
            if button.property("low") != low:
                button.setProperty("low", low)
                button.style().unpolish(button)
                button.style().polish(button)
        # A new text takes the shortcut away.
        for button, shortcut in self._shortcuts.items():
            button.setShortcut(shortcut)

    def _button(self, icon_name: str, words: str, explanation: str) -> QPushButton:
        button = QPushButton(icon(icon_name), "")
        button.setProperty("role", "navigation")
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(words)
        button.setToolTip(explanation)
        self._words[button] = words
        return button
