"""What is known of an image, in two columns of names and values."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from reviewapp.browse.image_words import image_facts
from reviewapp.study.model import ImageRow
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_XS

_COLUMNS = 2
#: the first column has the names of classes, which are longer
_STRETCHES = (6, 4)
#: as many rows as the longest list needs, so that the image above never changes its size
_ROWS = 5


class FactsView(QWidget):
    """Values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: list[tuple[QLabel, QLabel]] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_M)
        grid.setVerticalSpacing(SPACE_XS)
        for cell in range(_COLUMNS * _ROWS):
            row, column = cell % _ROWS, cell // _ROWS
            name, value = QLabel(), QLabel()
            name.setProperty("role", "secondary")
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            # A long file name is cut at the edge (and whole in its tooltip), not a wide window.
            value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            if column:
                name.setContentsMargins(SPACE_L, 0, 0, 0)
            grid.addWidget(name, row, 2 * column)
            grid.addWidget(value, row, 2 * column + 1)
            self._cells.append((name, value))
        for column, stretch in enumerate(_STRETCHES):
            grid.setColumnStretch(2 * column + 1, stretch)

    def show_facts(self, row: ImageRow | None) -> None:
        """Show the facts of an image, or none."""
        facts = [] if row is None else image_facts(row)
        for position, (name, value) in enumerate(self._cells):
            fact = facts[position] if position < len(facts) else ("", "")
            name.setText(fact[0])
            value.setText(fact[1])
            value.setToolTip(fact[1])

    def text(self) -> str:
        """Everything shown, a line a fact."""
        return "\n".join(
            f"{name.text()}: {value.text()}" for name, value in self._cells if name.text()
        )
