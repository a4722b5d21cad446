"""A list of generators to tick, with one click for all."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from reviewapp.theme.tokens import SPACE_S
from reviewapp.training.variant_choices import VariantChoice
from reviewapp.translation import translate

_ROW_HEIGHT = 26
_ROWS_SHOWN = 9
_BUTTON_WIDTH = 90


class VariantList(QWidget):
    """Ticks say which generators are chosen; the current row is the one described.

    ``changed`` comes when a tick or the current row changes.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Training", "Generators to train"))
        self.list.setFixedHeight(_ROWS_SHOWN * _ROW_HEIGHT + 2 * self.list.frameWidth())
        self.all_button = QPushButton(translate("Training", "All"))
        self.all_button.setFixedWidth(_BUTTON_WIDTH)
        self.all_button.setToolTip(
            translate("Training", "Tick every generator; one run each, trained in turn")
        )
        self.all_button.setAutoDefault(False)
        self.all_button.clicked.connect(self.toggle_all)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignTop)
        self.list.itemChanged.connect(self._tell)
        self.list.currentItemChanged.connect(self._tell)
        self.setFocusProxy(self.list)

    def set_choices(self, choices: tuple[VariantChoice, ...]) -> None:
        """Offer these generators, the first of them ticked."""
        self.list.blockSignals(True)
        self.list.clear()
        for number, choice in enumerate(choices):
            item = QListWidgetItem(choice.title)
            item.setData(Qt.ItemDataRole.UserRole, choice)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            item.setCheckState(_state(number == 0))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self._tell()

    def set_note(self, text: str) -> None:
        """Say in the list why it is still empty."""
        self.list.clear()
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def chosen(self) -> tuple[VariantChoice, ...]:
        """The ticked generators in their order."""
        return tuple(
            choice
            for item in self._items()
            if (choice := item.data(Qt.ItemDataRole.UserRole)) is not None
            and item.checkState() == Qt.CheckState.Checked
        )

    def choose(self, *names: str) -> None:
        """Tick the generators with these names alone; the first becomes the current one."""
        for row, item in enumerate(self._items()):
            name = item.data(Qt.ItemDataRole.UserRole).name
            item.setCheckState(_state(name in names))
            if names and name == names[0]:
                self.list.setCurrentRow(row)

    def current(self) -> VariantChoice | None:
        """The generator to describe."""
        item = self.list.currentItem()
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)

    def toggle_all(self) -> None:
        """Tick all, or, when all are ticked, only the current one."""
        current = self.list.currentItem()
        everything = len(self.chosen()) == self.list.count()
        for item in self._items():
            item.setCheckState(_state(not everything or item is current))

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _tell(self, *_: object) -> None:
        full = self.list.count() > 0 and len(self.chosen()) == self.list.count()
        self.all_button.setText("Only one" if full else "All")
        self.changed.emit()


def _state(checked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
