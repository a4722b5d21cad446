"""The menu of what a user may choose for this computer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from reviewapp.preferences import Preferences

_THEMES = {"dark": "Dark", "light": "Light", "system": "As the system"}


class SettingsMenu(QMenu):
    """Offers the themes, of which the one in use is ticked, and ways to help."""

    theme_chosen = Signal(str)
    keys_asked = Signal()
    guide_asked = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addSection("Theme")
        themes = QActionGroup(self)
        for choice, title in _THEMES.items():
            action = QAction(title, themes, checkable=True, checked=choice == preferences.theme)
            action.setData(choice)
            self.addAction(action)
        themes.triggered.connect(lambda action: self.theme_chosen.emit(action.data()))
        self.addSection("Help")
        self.addAction("Keys of this page (?)").triggered.connect(self.keys_asked)
        self.addAction("Guide through the pages").triggered.connect(self.guide_asked)
