"""Paints a run's share of steps done as a bar with its count."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_S
from reviewapp.training.run_model import ROW_ROLE
from reviewapp.training.run_row import RunRow

_BAR_HEIGHT = 18
_RADIUS = 4.0


class ProgressDelegate(QStyledItemDelegate):
    """A rounded bar; grey once nothing is going on any more."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the bar of the row at ``index``."""
        row: RunRow = index.data(ROW_ROLE)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.highlight())
        cell = QRectF(option.rect).adjusted(SPACE_S, 0, -SPACE_S, 0)
        bar = QRectF(cell.x(), cell.center().y() - _BAR_HEIGHT / 2, cell.width(), _BAR_HEIGHT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours().border))
        painter.setBrush(QColor(colours().surface))
        painter.drawRoundedRect(bar, _RADIUS, _RADIUS)
        if row.fraction > 0:
            active = row.state in ("running", "queued", "paused")
            done = QRectF(bar.x(), bar.y(), bar.width() * row.fraction, bar.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours().accent_strong if active else colours().inactive))
            painter.drawRoundedRect(done, _RADIUS, _RADIUS)
        painter.setPen(QColor(colours().text))
        painter.drawText(bar, int(Qt.AlignmentFlag.AlignCenter), row.step_text)
        painter.restore()
