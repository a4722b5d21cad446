"""The table of runs, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from reviewapp.theme.palette import colours
from reviewapp.training.run_row import RunRow
from reviewapp.translation import translate

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
COLUMNS = (
    *("Run", "Data set", "State", "Steps", "Images/s", "Time left", "Memory", "Losses", "Feedback"),
)
NAME, DATASET, STATE, STEPS, SPEED, TIME_LEFT, MEMORY, LOSSES, PARENT = range(len(COLUMNS))
_RIGHT = (SPEED, TIME_LEFT, MEMORY)
_STATE_COLOURS = {
    "running": "accent",
    "finished": "success",
    "failed": "danger",
    "interrupted": "warning",
    "paused": "warning",
}

Index = QModelIndex | QPersistentModelIndex


class RunModel(QAbstractTableModel):
    """Shows `RunRow` values; ``ROW_ROLE`` gives the row itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []

    def rows(self) -> list[RunRow]:
        """All rows in their order."""
        return list(self._rows)

    def run(self, run_id: str) -> RunRow | None:
        """The row of a run, if it is there."""
        number = self.number_of(run_id)
        return None if number is None else self._rows[number]

    def number_of(self, run_id: str) -> int | None:
        """Which row a run is in."""
        return next((n for n, row in enumerate(self._rows) if row.run_id == run_id), None)

    def says_anything(self, column: int) -> bool:
        """Whether any run has a text in this column."""
        return any(_text(row, column) for row in self._rows)

    def set_rows(self, rows: list[RunRow]) -> None:
        """Show other rows; those with the same runs in the same order stay selected."""
        if [row.run_id for row in rows] == [row.run_id for row in self._rows]:
            for row in rows:
                self.update_row(row)
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def update_row(self, row: RunRow) -> None:
        """Replace the row of the same run; nothing is painted again when it is unchanged."""
        number = self.number_of(row.run_id)
        if number is None or self._rows[number] == row:
            return
        moved = self._rows[number].state != row.state
        self._rows[number] = row
        if moved and any(each.state == "queued" for each in self._rows):
            # Those that wait for it are nearer their turn.
            last = self.index(len(self._rows) - 1, STATE)
            self.dataChanged.emit(self.index(0, STATE), last)
        self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of runs."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column titles."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, tool tip, alignment and colour of a cell; the row itself for ``ROW_ROLE``."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole if column == STATE and row.state == "queued":
                return self._turn(index.row())
            case Qt.ItemDataRole.DisplayRole:
                return _text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return _tool_tip(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole if column == STATE and row.state in _STATE_COLOURS:
                return QColor(getattr(colours(), _STATE_COLOURS[row.state]))
            case _ if role == ROW_ROLE:
                return row
        return None

    def _turn(self, number: int) -> str:
        """When a queued run comes: the newest are listed first, the oldest trained first."""
        before = sum(row.state == "queued" for row in self._rows[number + 1 :])
        words = self._rows[number].state_text
        if not before:
            return words
        return translate("Training", "{state}, {n} before it").format(state=words, n=before)


def started_text(created_at: str) -> str:
    """A UTC time stamp as local date and time."""
    return f"{datetime.fromisoformat(created_at).astimezone():%d %b %Y, %H:%M}"


def _begun_text(created_at: str) -> str:
    """`started_text` for a narrow column: without the year where it is this one."""
    begun = datetime.fromisoformat(created_at).astimezone()
    year = "" if begun.year == datetime.now().astimezone().year else " %Y"
    return begun.strftime(f"%d %b{year}, %H:%M")


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _text(row: RunRow, column: int) -> str:
    return (
        f"{row.config.variant} {row.config.size} px · {_begun_text(row.created_at)}",
        row.config.dataset,
        row.state_text,
        row.step_text,
        row.speed_text,
        row.time_left_text,
        row.memory_text,
        row.losses_text,
        "ratings" if row.config.feedback else "",
    )[column]


def _tool_tip(row: RunRow, column: int) -> str:
    # Of a run that learns from ratings the message may tell results of a blinded study; the
    # details below the table know.
    if column == STATE and row.message and row.config.feedback is None:
        return row.message
    if column == LOSSES and row.losses:
        return "\n".join(f"{name}: {value:.4g}" for name, value in row.losses.items())
    if column == PARENT and row.parent_run_id:
        return f"Ratings of images drawn by {row.parent_run_id}"
    return row.run_id
