"""Cards side by side, as many in a row as there is room for."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from reviewapp.results.section import Card
from reviewapp.theme.tokens import SPACE_M, SPACE_S, SPACE_XS

_MIN_CARD = 230


class CardGrid(QWidget):
    """Lays the cards out again when its width changes."""

    def __init__(self, cards: tuple[Card, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames = [_frame(card) for card in cards]
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE_S)
        self._arrange(max(1, min(4, len(cards))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the number of columns."""
        super().resizeEvent(event)
        self._arrange(max(1, min(len(self._frames), self.width() // _MIN_CARD)))

    def _arrange(self, columns: int) -> None:
        # Rows of equal length look calmer than a full row above a single card.
        n_rows = -(-len(self._frames) // columns) or 1
        columns = -(-len(self._frames) // n_rows) or 1
        if columns == self._columns:
            return
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 0)
        self._columns = columns
        for number, frame in enumerate(self._frames):
            self._grid.addWidget(frame, *divmod(number, columns))
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)


def _frame(card: Card) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
    layout.setSpacing(SPACE_XS)
    for text, role in (
        (card.title, "secondary"),
        (card.value, "title"),
        (card.interval, ""),
        (card.meaning, "secondary"),
    ):
        label = QLabel(text)
        label.setProperty("role", role)
        label.setWordWrap(True)
        layout.addWidget(label)
    layout.addStretch(1)
    frame.setAccessibleName(f"{card.title}: {card.value}. {card.interval}. {card.meaning}")
    return frame
