"""The list of keys, laid over a page or session until a key or click takes it away."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from reviewapp.theme.tokens import SPACE_L, SPACE_S, SPACE_XL
from reviewapp.translation import translate

#: rows that fit into the smallest window
_ONE_COLUMN = 16


class KeysOverlay(QFrame):
    """A card in the middle of its parent, hidden at first.

    A parent that handles every key itself shows it by `toggle`; `open_with` takes the focus and
    gives it back.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._focus_before: QWidget | None = None
        self.setProperty("role", "card")
        self.setAccessibleName(translate("Keys", "Keys"))
        heading = QLabel(translate("Keys", "Keys"))
        heading.setProperty("role", "heading")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(SPACE_XL)
        self._rows.setVerticalSpacing(SPACE_S)
        closing = QLabel(translate("Keys", "Any key closes this list."))
        closing.setProperty("role", "secondary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_XL, SPACE_L, SPACE_XL, SPACE_L)
        layout.setSpacing(SPACE_L)
        layout.addWidget(heading)
        layout.addLayout(self._rows)
        layout.addWidget(closing)
        parent.installEventFilter(self)
        self.hide()

    def set_rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Replace the list by these keys and meanings."""
        while (item := self._rows.takeAt(0)) is not None:
            item.widget().deleteLater()
        listed = list(rows)
        # A long list in one column would be higher than a small window.
        height = len(listed) if len(listed) <= _ONE_COLUMN else (len(listed) + 1) // 2
        for number, (keys, meaning) in enumerate(listed):
            row, column = number % height, 2 * (number // height)
            name = QLabel(keys)
            name.setProperty("role", "key")
            self._rows.addWidget(name, row, column, Qt.AlignmentFlag.AlignRight)
            self._rows.addWidget(QLabel(meaning), row, column + 1)

    def open_with(self, rows: Iterable[tuple[str, str]]) -> None:
        """Show this list and close it with the next key."""
        self._focus_before = QApplication.focusWidget()
        self.set_rows(rows)
        self.show()
        self._centre()
        self.raise_()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key takes the list away."""
        self.hide()
        event.accept()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the focus back to where it was."""
        before, self._focus_before = self._focus_before, None
        if before is not None and isValid(before):
            before.setFocus()
        super().hideEvent(event)

    def toggle(self) -> None:
        """Show or hide the list."""
        self.setVisible(self.isHidden())
        self._centre()
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes the list away."""
        self.hide()
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the parent."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._centre()
        return super().eventFilter(watched, event)

    def _centre(self) -> None:
        self.adjustSize()
        room = self.parentWidget().rect()
        self.move(room.center() - self.rect().center())
