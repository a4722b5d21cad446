"""A row of buttons that keep their icons and drop their words where there is no room for these."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton, QWidget

from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S


class ActionBar(QWidget):
    """Buttons from the left, and, after `add_stretch`, from the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: dict[QPushButton, str] = {}
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        self._layout.setSpacing(SPACE_S)
        # The words may go, so that they do not keep the bar wide.
        self._layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def add(
        self,
        icon_name: str,
        words: str,
        explanation: str,
        action: Callable[[], object] | None = None,
    ) -> QPushButton:
        """A button; its explanation is the tooltip."""
        button = QPushButton(icon(icon_name), f" {words}")
        button.setToolTip(explanation)
        button.setAccessibleName(words)
        if action is not None:
            button.clicked.connect(lambda: action())
        self._words[button] = words
        self._layout.addWidget(button)
        return button

    def add_stretch(self) -> None:
        """What comes now stands on the right."""
        self._layout.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """As wide as the icons alone."""
        height = super().minimumSizeHint().height()
        return QSize(len(self._words) * (height + SPACE_S), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words back while they fit."""
        super().resizeEvent(event)
        self._spell(True)
        if self._layout.sizeHint().width() > self.width():
            self._spell(False)

    def _spell(self, spelt: bool) -> None:
        for button, words in self._words.items():
            text = f" {words}" if spelt else ""
            if button.text() != text:
                button.setText(text)
                self._layout.invalidate()
