"""The menu of what a user may choose for this computer."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from reviewapp.preferences import Preferences
from reviewapp.translation import LANGUAGES, translate

_SYSTEM = {"": "As the system"}
_THEMES = {"dark": "Dark", "light": "Light", "system": "As the system"}


class SettingsMenu(QMenu):
    """Offers themes and languages, of which those in use are ticked, and ways to help."""

    theme_chosen = Signal(str)
    language_chosen = Signal(str)
    keys_asked = Signal()
    guide_asked = Signal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._add_choices("Theme", _THEMES, preferences.theme, self.theme_chosen)
        languages = LANGUAGES | _SYSTEM
        self._add_choices("Language", languages, preferences.language, self.language_chosen)
        self.addSection(translate("SettingsMenu", "Help"))
        self.addAction(translate("SettingsMenu", "Keys of this page (?)")).triggered.connect(
            self.keys_asked
        )
        self.addAction(translate("SettingsMenu", "Guide through the pages")).triggered.connect(
            self.guide_asked
        )

    def _add_choices(
        self, title: str, choices: dict[str, str], chosen: str, signal: SignalInstance
    ) -> None:
        self.addSection(title)
        group = QActionGroup(self)
        for choice, text in choices.items():
            action = QAction(text, group, checkable=True, checked=choice == chosen)
            action.setData(choice)
            self.addAction(action)
        group.triggered.connect(lambda action: signal.emit(action.data()))
