"""The legend of a colour map: the colours with the values at both ends and their unit."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_XS
from reviewapp.widgets.colour_map import colour_table
from reviewapp.widgets.prepared_image import to_qimage

_BAR_HEIGHT = 12
_TEXT_HEIGHT = 18


class ColourBar(QWidget):
    """A horizontal bar from the lowest to the highest value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour_map = ""
        self._low_text = ""
        self._high_text = ""
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_scale(self, colour_map: str, low_text: str, high_text: str, unit: str) -> None:
        """Show another scale; the texts stand at the ends, the unit between them."""
        self._colour_map = colour_map
        self._low_text, self._high_text, self._unit = low_text, high_text, unit
        self.setAccessibleName(f"Colour scale from {low_text} to {high_text}, {unit}")
        self.setToolTip(unit)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bar and texts."""
        if not self._colour_map:
            return
        with QPainter(self) as painter:
            bar = QRect(0, 0, self.width(), _BAR_HEIGHT)
            painter.drawImage(bar, to_qimage(np.array(colour_table(self._colour_map)[None])))
            texts = QRect(0, _BAR_HEIGHT + SPACE_XS, self.width(), _TEXT_HEIGHT)
            centre = Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(colours().text))
            painter.drawText(texts, Qt.AlignmentFlag.AlignLeft | centre, self._low_text)
            painter.drawText(texts, Qt.AlignmentFlag.AlignRight | centre, self._high_text)
            metrics = painter.fontMetrics()
            room = texts.width() - 2 * max(
                metrics.horizontalAdvance(text) + SPACE_XS
                for text in (self._low_text, self._high_text)
            )
            unit = metrics.elidedText(self._unit, Qt.TextElideMode.ElideRight, max(0, room))
            painter.setPen(QColor(colours().text_secondary))
            painter.drawText(texts, Qt.AlignmentFlag.AlignHCenter | centre, unit)
        event.accept()

    def sizeHint(self) -> QSize:
        """One bar and one line of text."""
        return QSize(320, _BAR_HEIGHT + SPACE_XS + _TEXT_HEIGHT)
