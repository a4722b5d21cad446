"""Icons of the Lucide set (resources/icons, ISC licence), tinted to the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from reviewapp.resources import resource_path
from reviewapp.theme.tokens import DARK

#: drawn at these sizes so that 100 % to 200 % scaling stays sharp
_SIZES_PX = (16, 20, 32, 48)


@lru_cache(maxsize=128)
def icon(name: str, colour: str = DARK.text) -> QIcon:
    """The icon ``resources/icons/NAME.svg`` in one colour (needs a running QGuiApplication)."""
    svg = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    result = QIcon()
    for size in _SIZES_PX:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        result.addPixmap(pixmap)
    return result
