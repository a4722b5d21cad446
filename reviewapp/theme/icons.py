"""Icons of the Lucide set (resources/icons, ISC licence), in a colour of the theme in use."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from reviewapp.resources import resource_path
from reviewapp.theme.palette import colours

#: which of the palette's colours an icon is drawn in
IconColour = Literal[
    "text", "text_secondary", "accent", "on_accent", "danger", "warning", "success"
]


def icon(name: str, colour: IconColour = "text") -> QIcon:
    """The icon ``resources/icons/NAME.svg``, sharp at every size (needs a QGuiApplication)."""
    return QIcon(_ThemedIcon(name, colour))


class _ThemedIcon(QIconEngine):
    """Looks the colour up at each drawing, so that icons follow a change of theme."""

    def __init__(self, name: str, colour: IconColour) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        mode: QIcon.Mode,
        state: QIcon.State,  # noqa: ARG002 - Qt's signature
    ) -> None:
        """Draw the icon into ``rect``."""
        disabled = mode == QIcon.Mode.Disabled
        colour: str = colours().disabled if disabled else getattr(colours(), self._colour)
        _renderer(self._name, colour).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The icon alone, on nothing."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Another one of the same."""
        return _ThemedIcon(self._name, self._colour)


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    svg = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
