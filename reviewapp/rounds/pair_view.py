"""Parent and child images of the same starting points side by side."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reviewapp.rounds.pair_images import PairImages
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.prepared_image import to_qimage

_GAP = 10
_LARGE_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class PairView(QWidget):
    """A heading above `PairGrid`; says why there is nothing to compare."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel(translate("Rounds", "Parent and child"))
        heading.setProperty("role", "heading")
        self._caption = QLabel()
        self._caption.setProperty("role", "secondary")
        self._caption.setWordWrap(True)
        self.grid = PairGrid()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(heading)
        layout.addWidget(self._caption)
        layout.addWidget(self.grid, 1)
        # Takes the room while there is no grid to fill it.
        self._room = QWidget()
        layout.addWidget(self._room, 1)
        self.show_pairs(None)

    def show_pairs(self, pairs: PairImages | None) -> None:
        """Show these pairs, or that there are none."""
        self.grid.set_pairs(pairs)
        self.grid.setVisible(pairs is not None)
        self._room.setVisible(pairs is None)
        self._caption.setText(
            "A round that was trained shows here what it draws beside its parent."
            if pairs is None
            else "Left the parent, right the child, from the same starting point. "
            "Click a pair to enlarge it."
        )
        self._caption.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)


class PairGrid(QWidget):
    """All pairs, or one of them as large as fits; arrows choose, Enter and a click enlarge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[tuple[QImage, QImage]] = []
        self.chosen = 0
        self.enlarged = False
        self.setMinimumSize(200, 160)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(translate("Rounds", "Images of the parent and the child in pairs"))

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return len(self._images)

    def set_pairs(self, pairs: PairImages | None) -> None:
        """Show other pairs, all of them."""
        self._images = (
            []
            if pairs is None
            else [
                (to_qimage(parent), to_qimage(child))
                for parent, child in zip(pairs.parent, pairs.child, strict=True)
            ]
        )
        self.chosen = 0
        self.enlarged = False
        self.update()

    def sizeHint(self) -> QSize:
        """Room for four columns."""
        return QSize(420, 320)

    def cell(self, number: int) -> QRect:
        """Where a pair stands while all are shown: two squares beside each other."""
        columns, side = self._columns_and_side()
        row, column = divmod(number, columns)
        return QRect(column * (2 * side + _GAP), row * (side + _GAP), 2 * side, side)

    def _columns_and_side(self) -> tuple[int, int]:
        best = (1, 1)
        for columns in range(1, max(1, self.count) + 1):
            rows = -(-max(1, self.count) // columns)
            wide = (self.width() - (columns - 1) * _GAP) // (2 * columns)
            high = (self.height() - (rows - 1) * _GAP) // rows
            if min(wide, high) > best[1]:
                best = (columns, min(wide, high))
        return best

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Pairs on black, the chosen one framed."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._images:
            return
        if self.enlarged:
            side = min(self.width() // 2, self.height())
            self._draw(painter, self.chosen, QRect(0, 0, 2 * side, side))
            return
        for number in range(self.count):
            self._draw(painter, number, self.cell(number))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours().accent), 2))
            painter.drawRect(self.cell(self.chosen).adjusted(1, 1, -1, -1))

    def _draw(self, painter: QPainter, number: int, cell: QRect) -> None:
        side = cell.height()
        painter.fillRect(cell, QColor(colours().image_background))
        for place, image in enumerate(self._images[number]):
            target = QRect(cell.topLeft() + QPoint(place * side, 0), QSize(side - 1, side))
            painter.drawImage(target, image)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Enlarge the pair under the mouse, or show all again."""
        if self.enlarged:
            self.enlarged = False
        else:
            for number in range(self.count):
                if self.cell(number).contains(event.position().toPoint()):
                    self.chosen, self.enlarged = number, True
        self.setFocus()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a pair, Enter enlarges it or shows all again."""
        columns = 1 if self.enlarged else self._columns_and_side()[0]
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        if event.key() in _LARGE_KEYS and self.count:
            self.enlarged = not self.enlarged
        elif event.key() in moves and 0 <= self.chosen + moves[Qt.Key(event.key())] < self.count:
            self.chosen += moves[Qt.Key(event.key())]
        else:
            super().keyPressEvent(event)
            return
        self.update()
