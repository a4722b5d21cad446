"""A short list whose entries can be ticked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

_ROW_HEIGHT = 22
_ROWS_SHOWN = 4


class CheckedList(QListWidget):
    """All entries are ticked at first; ``texts`` are shown instead of ``values``."""

    def __init__(
        self, values: list[str], texts: Sequence[str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        shown = max(1, min(len(values), _ROWS_SHOWN))
        self.setFixedHeight(_ROW_HEIGHT * shown + 2 * self.frameWidth())
        for value, text in zip(values, texts or values, strict=True):
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setCheckState(Qt.CheckState.Checked)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            self.addItem(item)

    def checked(self) -> tuple[str, ...]:
        """The values of the ticked entries."""
        items = [self.item(row) for row in range(self.count())]
        return tuple(
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        )
