"""The column that says which images are shown."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.facet_counts import (
    FACET_TITLES,
    FACETS,
    Facet,
    FacetChoice,
    chosen_value,
    facet_choices,
    with_choice,
)
from reviewapp.study.model import ImageFilter
from reviewapp.study.store import StudyStore
from reviewapp.theme.tokens import SPACE_M, SPACE_S, SPACE_XS

WIDTH = 228
_VALUE = Qt.ItemDataRole.UserRole
_ROW_PADDING = 10


class FilterColumn(QScrollArea):
    """One short list a facet; the current line of each is its choice."""

    filter_changed = Signal(object)

    def __init__(self, store: StudyStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._filter = ImageFilter()
        self.lists: dict[Facet, QTreeWidget] = {}
        self._headings: dict[Facet, QLabel] = {}
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_S, SPACE_M)
        layout.setSpacing(SPACE_XS)
        for facet in FACETS:
            heading = QLabel(FACET_TITLES[facet])
            heading.setProperty("role", "secondary")
            heading.setContentsMargins(0, SPACE_S, 0, 0)
            choices = _choice_list(FACET_TITLES[facet])
            choices.currentItemChanged.connect(
                lambda item, _, facet=facet: self._choose(facet, item)
            )
            heading.setBuddy(choices)
            self.lists[facet] = choices
            self._headings[facet] = heading
            layout.addWidget(heading)
            layout.addWidget(choices)
        layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(WIDTH)
        self.refresh()

    @property
    def image_filter(self) -> ImageFilter:
        """The choices as the store takes them."""
        return self._filter

    def choose(self, facet: Facet, value: str | None) -> None:
        """Make a choice as a click on its line does."""
        self._filter = with_choice(self._filter, facet, value)
        self.refresh()
        self.filter_changed.emit(self._filter)

    def refresh(self) -> None:
        """Count anew; a choice that the library no longer has falls back to all."""
        known = self._store.facets()
        for facet in FACETS:
            value = chosen_value(self._filter, facet)
            if value is not None and value not in known[facet]:
                self._filter = with_choice(self._filter, facet, None)
        for facet, choices in facet_choices(self._store, self._filter).items():
            self._fill(facet, choices)

    def _fill(self, facet: Facet, choices: list[FacetChoice]) -> None:
        widget = self.lists[facet]
        chosen = chosen_value(self._filter, facet)
        # Building the list is no choice of the person's.
        widget.blockSignals(True)
        widget.clear()
        row_height = QFontMetrics(widget.font()).height() + _ROW_PADDING
        for choice in choices:
            item = QTreeWidgetItem([choice.title, f"{choice.count:,}"])
            item.setData(0, _VALUE, choice.value)
            item.setSizeHint(0, QSize(0, row_height))
            item.setToolTip(0, choice.title)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            widget.addTopLevelItem(item)
            if choice.value == chosen:
                widget.setCurrentItem(item)
        widget.setFixedHeight(row_height * len(choices) + 2 * widget.frameWidth())
        widget.blockSignals(False)
        # A facet with nothing to choose only takes room.
        for part in (widget, self._headings[facet]):
            part.setVisible(len(choices) > 1)

    def _choose(self, facet: Facet, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.choose(facet, item.data(0, _VALUE))


def _choice_list(name: str) -> QTreeWidget:
    """A list of two columns, title and count, as high as its rows."""
    choices = QTreeWidget()
    choices.setAccessibleName(name)
    choices.setColumnCount(2)
    choices.setHeaderHidden(True)
    choices.setRootIsDecorated(False)
    choices.setIndentation(0)
    choices.setAllColumnsShowFocus(True)
    choices.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    choices.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = choices.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    return choices
