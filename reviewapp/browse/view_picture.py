"""The view as a picture to copy or save: images as they are shown, with what they are below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from reviewapp.browse.image_pane import ImagePane
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_S


def view_picture(panes: Sequence[ImagePane], legends: Sequence[QWidget]) -> QImage:
    """The canvases of the panes side by side, their headings below, then the legends in sight.

    In device pixels, so that nothing is lost on a screen of 200 %.
    """
    blocks = [(_canvases(pane), pane.heading) for pane in panes]
    below = [legend for legend in legends if legend.isVisible()]
    ratio = panes[0].devicePixelRatioF()
    line = panes[0].fontMetrics().height() + SPACE_S
    width = sum(size.width() for size in map(_size, blocks)) + SPACE_S * (len(blocks) - 1)
    tallest = max(size.height() for size in map(_size, blocks))
    height = tallest + line + sum(legend.height() + SPACE_S for legend in below)
    picture = QImage(QSize(width, height) * ratio, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(colours().background))
    with QPainter(picture) as painter:
        painter.setFont(panes[0].font())
        painter.setPen(QColor(colours().text))
        x = 0
        for block in blocks:
            size = _size(block)
            for canvas in block[0]:
                painter.drawPixmap(x + canvas.x() - block[0][0].x(), 0, canvas.grab())
            words = QRect(x, tallest, size.width(), line)
            heading = painter.fontMetrics().elidedText(
                block[1], Qt.TextElideMode.ElideRight, size.width()
            )
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, heading)
            x += size.width() + SPACE_S
        y = tallest + line
        for legend in below:
            painter.drawPixmap(QPoint(0, y), legend.grab())
            y += legend.height() + SPACE_S
    return picture


def _canvases(pane: ImagePane) -> list[QWidget]:
    return [canvas for canvas in (pane.canvas, pane.map_canvas) if not canvas.isHidden()]


def _size(block: tuple[list[QWidget], str]) -> QSize:
    canvases = block[0]
    last = canvases[-1]
    return QSize(last.x() + last.width() - canvases[0].x(), canvases[0].height())
