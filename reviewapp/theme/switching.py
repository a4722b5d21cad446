"""Which theme the window has, and the dark one that images are always read in."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from reviewapp.theme.palette import colours
from reviewapp.theme.stylesheet import apply_theme
from reviewapp.theme.tokens import DARK, LIGHT, Palette


class ThemeSwitch(QObject):
    """Applies the chosen theme, and follows the system where that is the choice.

    While a reader is in a session the dark theme is on, whatever was chosen: bright surroundings
    change what an eye adapted to a dark image can see (ACR–AAPM–SIIM technical standard for
    electronic practice of medical imaging, on ambient light).
    """

    def __init__(self, choice: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self._reading = False
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    def choose(self, choice: str) -> None:
        """Use "dark", "light" or the "system"'s theme from now on."""
        self._choice = choice
        self._apply()

    def set_reading(self, on: bool) -> None:
        """A session has begun or ended."""
        self._reading = on
        self._apply()

    def _wanted(self) -> Palette:
        if self._reading or self._choice == "dark":
            return DARK
        if self._choice == "light":
            return LIGHT
        light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK

    def _apply(self) -> None:
        application = QApplication.instance()
        wanted = self._wanted()
        if isinstance(application, QApplication) and wanted is not colours():
            apply_theme(application, wanted)
