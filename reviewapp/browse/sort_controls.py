"""The order of the images in the gallery."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from reviewapp.browse.image_words import map_title
from reviewapp.study.model import ImageOrder, OrderKey
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate

_ALWAYS: tuple[tuple[str, OrderKey], ...] = (
    ("Library order", "library"),
    ("Id", "record_id"),
    ("Class", "class_label"),
    ("Training step", "checkpoint_step"),
)
_OF_RATINGS: tuple[tuple[str, OrderKey], ...] = (
    ("Readers' confidence in real", "confidence"),
    ("Share that said real", "said_real"),
)
#: what is looked at from its highest values on
_DESCENDING: tuple[OrderKey, ...] = ("checkpoint_step", "uncertainty", "confidence", "said_real")


class SortControls(QWidget):
    """A box of what to sort by and a button for the direction; ``order_changed`` tells of both."""

    order_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._descending = False
        self.box = QComboBox()
        self.box.setAccessibleName(translate("Browse", "Sort by"))
        self.box.setToolTip(translate("Browse", "Sort by"))
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.setMinimumContentsLength(8)
        self.box.view().setMinimumWidth(230)
        self.box.activated.connect(self._choose)
        self.direction = QPushButton()
        self.direction.clicked.connect(self._turn)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.direction)
        self.offer([], False)
        self._show_direction()

    @property
    def order(self) -> ImageOrder:
        """The order that is chosen."""
        by, kind = self.box.currentData()
        return ImageOrder(by, self._descending, kind)

    def offer(self, map_kinds: list[str], rated: bool) -> None:
        """Offer the maps that there are, and ratings where some may be seen; the choice stays."""
        entries: list[tuple[str, tuple[OrderKey, str]]] = [
            (title, (by, "")) for title, by in _ALWAYS
        ]
        entries += [
            (f"Uncertainty: {map_title(kind).partition(' – ')[0].lower()}", ("uncertainty", kind))
            for kind in map_kinds
        ]
        if rated:
            entries += [(title, (by, "")) for title, by in _OF_RATINGS]
        box = self.box
        if entries == [(box.itemText(i), box.itemData(i)) for i in range(box.count())]:
            return
        chosen = self.box.currentData()
        self.box.clear()
        for title, data in entries:
            self.box.addItem(title, data)
        datas = [data for _, data in entries]
        self.box.setCurrentIndex(datas.index(chosen) if chosen in datas else 0)

    def choose(self, by: OrderKey, *, descending: bool, map_kind: str = "") -> None:
        """Sort so, as a person would by box and button."""
        datas = [self.box.itemData(i) for i in range(self.box.count())]
        self.box.setCurrentIndex(datas.index((by, map_kind)))
        self._descending = descending
        self._changed()

    def _choose(self) -> None:
        self._descending = self.box.currentData()[0] in _DESCENDING
        self._changed()

    def _turn(self) -> None:
        self._descending = not self._descending
        self._changed()

    def _changed(self) -> None:
        self._show_direction()
        self.order_changed.emit(self.order)

    def _show_direction(self) -> None:
        name = "arrow-down-wide-narrow" if self._descending else "arrow-up-narrow-wide"
        words = "Highest or last first" if self._descending else "Lowest or first first"
        self.direction.setIcon(icon(name))
        self.direction.setToolTip(f"{words}; click for the other way round")
        self.direction.setAccessibleName(words)
