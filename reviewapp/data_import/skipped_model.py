"""The skipped files of an import as a table model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.data.importing import Skipped

_HEADERS = ("File", "Why it was skipped", "Folder")
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class SkippedModel(QAbstractTableModel):
    """One row a file: its name, the reason and its folder, in the order of the report."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.skipped: Sequence[Skipped] = ()

    def set_skipped(self, skipped: Sequence[Skipped]) -> None:
        """Show another list."""
        self.beginResetModel()
        self.skipped = tuple(skipped)
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """One row a file."""
        return 0 if parent.isValid() else len(self.skipped)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Name, reason, folder."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, and the whole text again as a tooltip."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        item = self.skipped[index.row()]
        folder, _, name = item.path.rpartition("/")
        return (name, item.reason, folder)[index.column()]

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Column titles."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _HEADERS[section]
        return None
