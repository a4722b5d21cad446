"""Draws one cell of the thumbnail grid: picture, a mark of its source, caption."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reviewapp.browse.image_list_model import ROW_ROLE
from reviewapp.browse.image_words import source_title
from reviewapp.study.model import ImageRow
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import RADIUS, SPACE_S, SPACE_XS

PICTURE_PX = 112
_TEXT_HEIGHT = 18
CELL = QSize(PICTURE_PX + 2 * SPACE_S, PICTURE_PX + 2 * SPACE_S + 2 * _TEXT_HEIGHT + SPACE_XS)
#: told by word as well, so that the colour is never the only difference
_SOURCE_COLOURS = {"real": "success", "generated": "warning"}


class ThumbnailDelegate(QStyledItemDelegate):
    """Cells are all of the size `CELL`, which lets the view lay out any number of them at once."""

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - Qt's signature
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        """The same for every cell."""
        return CELL

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the cell."""
        image: ImageRow | None = index.data(ROW_ROLE)
        if image is None:
            return
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        cell = option.rect.adjusted(1, 1, -1, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.setPen(QPen(QColor(colours().accent), 2))
            painter.setBrush(QColor(colours().selection))
            painter.drawRoundedRect(cell, RADIUS, RADIUS)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours().surface_raised))
            painter.drawRoundedRect(cell, RADIUS, RADIUS)
        frame = QRect(cell.left() + SPACE_S, cell.top() + SPACE_S, PICTURE_PX, PICTURE_PX)
        painter.fillRect(frame, QColor(colours().image_background))
        picture: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        if picture is not None:
            fitted = picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(frame.topLeft(), fitted)
            target.moveCenter(frame.center())
            painter.drawImage(target, picture)
        line = QRect(frame.left(), frame.bottom() + SPACE_XS, frame.width(), _TEXT_HEIGHT)
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(getattr(colours(), _SOURCE_COLOURS.get(image.source, "text"))))
        painter.drawText(line, align, source_title(image.source))
        line.translate(0, _TEXT_HEIGHT)
        caption = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, line.width()
        )
        painter.setPen(QColor(colours().text if selected else colours().text_secondary))
        painter.drawText(line, align, caption)
        painter.restore()
