"""The list of keys, laid over a page or session until a key or click takes it away."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from reviewapp.translation import translate

#: rows that fit into the smallest window
_ONE_COLUMN = 16
#: parents narrower than this have room for one column only
_TWO_COLUMNS_PX = 900


class KeysOverlay(QFrame):
    """A card in the middle of its parent, hidden at first.

    A parent that handles every key itself shows it by `toggle`; `open_with` takes the focus and
    gives it back.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._focus_before: QWidget | None = None
        self._meanings: list[QLabel] = []
        self.setProperty("role", "card")
        self.setAccessibleName(translate("Keys", "Keys"))
        heading = QLabel(translate("Keys", "Keys"))
        heading.setProperty("role", "heading")
        listed = QWidget()
        listed.setObjectName("listed-keys")
        listed.setStyleSheet("#listed-keys { background: transparent; }")
        self._rows = QGridLayout(listed)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(SPACE_XL)
        self._rows.setVerticalSpacing(SPACE_S)
        # In a small window the list is scrolled.
        self._scrolled = QScrollArea()
        self._scrolled.setWidget(listed)
        self._scrolled.setWidgetResizable(True)
        self._scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scrolled.viewport().setAutoFillBackground(False)
        closing = QLabel(translate("Keys", "Any key closes this list."))
        closing.setProperty("role", "secondary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_XL, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addWidget(heading)
        layout.addWidget(self._scrolled)
        layout.addWidget(closing)
        parent.installEventFilter(self)
        self.hide()

    def set_rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Replace the list by these keys and meanings."""
        while (item := self._rows.takeAt(0)) is not None:
            item.widget().deleteLater()
        self._meanings.clear()
        listed = list(rows)
        # A long list in one column would be higher than a small window.
        one_column = len(listed) <= _ONE_COLUMN or self.parentWidget().width() < _TWO_COLUMNS_PX
        height = len(listed) if one_column else (len(listed) + 1) // 2
        for number, (keys, meaning) in enumerate(listed):
            row, column = number % height, 2 * (number // height)
            name = QLabel(keys)
            name.setProperty("role", "key")
            self._rows.addWidget(name, row, column, Qt.AlignmentFlag.AlignRight)
            told = QLabel(meaning)
            self._meanings.append(told)
            self._rows.addWidget(told, row, column + 1)

    def open_with(self, rows: Iterable[tuple[str, str]]) -> None:
        """Show this list and close it with the next key."""
        self._focus_before = QApplication.focusWidget()
        self.set_rows(rows)
        self.show()
        self._centre()
        self.raise_()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key takes the list away; those that scroll do so while there is more to see."""
        if not self.scroll(event.key()):
            self.hide()
        event.accept()

    def scroll(self, key: int) -> bool:
        """Move the list by an arrow or page key; False where it has no use for the key."""
        bar = self._scrolled.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
        }
        step = steps.get(Qt.Key(key))
        if step is None or bar.maximum() == 0:
            return False
        bar.setValue(bar.value() + step)
        return True

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
        room = self.parentWidget().rect()
        limit = room.size() - QSize(2 * SPACE_S, 2 * SPACE_S)
        self._wrap(False)
        if self._wanted().width() > limit.width():
            self._wrap(True)
            self.resize(limit)
        else:
            self.resize(self._wanted().boundedTo(limit))
        self.move(room.center() - self.rect().center())

    def _wrap(self, wrapped: bool) -> None:
        for told in self._meanings:
            told.setWordWrap(wrapped)

    def _wanted(self) -> QSize:
        """The size at which nothing is scrolled."""
        self._rows.activate()
        bar = self._scrolled.verticalScrollBar().sizeHint().width()
        around = self.layout().sizeHint() - self._scrolled.sizeHint()
        return self._rows.sizeHint() + around + QSize(bar, 0)
