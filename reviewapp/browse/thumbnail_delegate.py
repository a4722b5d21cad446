"""Draws one cell of the thumbnail grid: picture, a mark of its source, caption."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reviewapp.browse.image_list_model import SEEN_ROLE
from reviewapp.browse.image_words import source_title
from reviewapp.study.model import ImageRow
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import RADIUS, SPACE_S, SPACE_XS

PICTURE_PX = 112
_TEXT_HEIGHT = 18
CELL = QSize(PICTURE_PX + 2 * SPACE_S, PICTURE_PX + 2 * SPACE_S + 2 * _TEXT_HEIGHT + SPACE_XS)
#: told by word as well, so that the colour is never the only difference
_SOURCE_COLOURS = {"real": "success", "generated": "warning"}
_ALIGN = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ThumbnailDelegate(QStyledItemDelegate):
    """Cells are all of the size `CELL`; one whose image is still being read is an empty frame."""

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
        palette = colours()
        cell = option.rect.adjusted(1, 1, -1, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if selected or focused or option.state & QStyle.StateFlag.State_MouseOver:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            framed = selected or focused
            painter.setPen(QPen(QColor(palette.accent), 2) if framed else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.selection if selected else palette.surface_raised))
            painter.drawRoundedRect(cell, RADIUS, RADIUS)
            painter.restore()
        frame = QRect(cell.left() + SPACE_S, cell.top() + SPACE_S, PICTURE_PX, PICTURE_PX)
        painter.fillRect(frame, QColor(palette.image_background))
        image: ImageRow | None = index.data(SEEN_ROLE)
        if image is None:
            return
        picture: QImage | None = index.data(Qt.ItemDataRole.DecorationRole)
        if picture is not None:
            fitted = picture.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(frame.topLeft(), fitted)
            target.moveCenter(frame.center())
            painter.drawImage(target, picture)
        line = QRect(frame.left(), frame.bottom() + SPACE_XS, frame.width(), _TEXT_HEIGHT)
        painter.setPen(QColor(getattr(palette, _SOURCE_COLOURS.get(image.source, "text"))))
        painter.drawText(line, _ALIGN, source_title(image.source))
        line.translate(0, _TEXT_HEIGHT)
        caption = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, line.width()
        )
        painter.setPen(QColor(palette.text if selected else palette.text_secondary))
        painter.drawText(line, _ALIGN, caption)
