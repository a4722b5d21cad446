"""The column that says which images are shown."""

from __future__ import annotations

import itertools
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.facet_counts import (
    FACET_TITLES,
    FACETS,
    QUICK_FACETS,
    Facet,
    FacetChoice,
    FacetCounts,
    Value,
    chosen_value,
    slow_choices,
    with_choice,
)
from reviewapp.study.errors import StudyError
from reviewapp.study.model import ImageFilter
from reviewapp.study.store import StudyStore
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S, SPACE_XS
from reviewapp.translation import translate

#: the longest class and its count fit
WIDTH = 272
_VALUE = Qt.ItemDataRole.UserRole
_ROW_PADDING = 10
#: longer lists scroll by themselves
_ROWS = 12
_TYPING_MS = 250
#: facets whose lines differ at their ends
_LONG_NAMES: tuple[Facet, ...] = ("run_id",)


class FilterColumn(QScrollArea):
    """A search field and one short list a facet; the current line of each is its choice.

    Lists that take long to count come a moment later, from a background thread.
    """

    filter_changed = Signal(object)
    #: kinds of map that the library has, and whether it has ratings that may be seen
    measured = Signal(list, bool)
    _counted = Signal(int, object)

    def __init__(self, store: StudyStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._counts = FacetCounts(store)
        self._filter = ImageFilter()
        self._numbers = itertools.count(1)
        self._latest = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._closed = False
        self._begin_counting = QTimer(self)
        self._begin_counting.setSingleShot(True)
        self._begin_counting.setInterval(0)
        self._begin_counting.timeout.connect(self._count)
        self._counted.connect(self._take_counts, Qt.ConnectionType.QueuedConnection)
        self.lists: dict[Facet, QTreeWidget] = {}
        self._headings: dict[Facet, QLabel] = {}
        self._make_search()
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(SPACE_S, SPACE_S, SPACE_XS, SPACE_M)
        layout.setSpacing(SPACE_XS)
        layout.addWidget(self.search)
        layout.addWidget(self.clear_button)
        for facet in FACETS:
            heading = QLabel(FACET_TITLES[facet])
            heading.setProperty("role", "secondary")
            heading.setContentsMargins(0, SPACE_S, 0, 0)
            choices = _choice_list(FACET_TITLES[facet])
            if facet in _LONG_NAMES:
                choices.setTextElideMode(Qt.TextElideMode.ElideMiddle)
            choices.currentItemChanged.connect(
                lambda item, _, facet=facet: self._choose(facet, item)
            )
            heading.setBuddy(choices)
            self.lists[facet] = choices
            self._headings[facet] = heading
            layout.addWidget(heading)
            layout.addWidget(choices)
            for part in (heading, choices):
                part.hide()
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

    def choose(self, facet: Facet, value: Value | None) -> None:
        """Make a choice as a click on its line does."""
        self._change(with_choice(self._filter, facet, value))

    def search_for(self, text: str) -> None:
        """Show images whose id has this text, or whose key begins with it; "" shows all."""
        if text.strip() != (self._filter.id_contains or ""):
            self._change(replace(self._filter, id_contains=text.strip() or None))

    def clear_filters(self) -> None:
        """Show everything."""
        self.search.clear()
        self._typing.stop()
        self._change(ImageFilter())

    def refresh(self) -> None:
        """Count anew; a choice that the library no longer has falls back to all."""
        self._counts.forget()
        for facet in QUICK_FACETS:
            value = chosen_value(self._filter, facet)
            if value is not None and value not in self._counts.values(facet):
                self._filter = with_choice(self._filter, facet, None)
        self._show_counts()

    def close_column(self) -> None:
        """Wait until nothing is being counted; nothing is from then on."""
        self._closed = True
        self._latest = next(self._numbers)
        self._pool.waitForDone()

    def _change(self, image_filter: ImageFilter) -> None:
        self._filter = image_filter
        self._show_counts()
        self.filter_changed.emit(image_filter)

    def _show_counts(self) -> None:
        for facet, choices in self._counts.choices(self._filter).items():
            self._fill(facet, choices)
        self.clear_button.setVisible(self._filter != ImageFilter())
        # From the event loop: while signals of this object are being connected, PySide cannot
        # tell another thread how many values they carry.
        self._begin_counting.start()

    def _count(self) -> None:
        # A task that ends while the workspace closes may still ask for a refresh.
        if self._closed:
            return
        number, wanted = next(self._numbers), self._filter
        self._latest = number
        self._pool.start(lambda: self._count_slowly(number, wanted))

    def _count_slowly(self, number: int, image_filter: ImageFilter) -> None:
        # Several clicks in a row: only the last is counted.
        if number != self._latest:
            return
        try:
            counted = slow_choices(self._store, image_filter)
            kinds = sorted(kind for kind in self._store.map_kind_counts(ImageFilter()) if kind)
            rated = bool(self._store.rated_as_counts(ImageFilter()))
        except StudyError:
            # The page's own reading of the library tells what is wrong with it.
            return
        self._counted.emit(number, (counted, kinds, rated))

    def _take_counts(
        self, number: int, result: tuple[dict[Facet, list[FacetChoice]], list[str], bool]
    ) -> None:
        if number != self._latest:
            return
        counted, kinds, rated = result
        for facet, choices in counted.items():
            self._fill(facet, choices)
        self.measured.emit(kinds, rated)

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
        rows = min(len(choices), _ROWS)
        widget.setFixedHeight(row_height * rows + 2 * widget.frameWidth())
        widget.blockSignals(False)
        # A facet with nothing to choose only takes room.
        for part in (widget, self._headings[facet]):
            part.setVisible(len(choices) > 1)

    def _choose(self, facet: Facet, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.choose(facet, item.data(0, _VALUE))

    def _make_search(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(translate("Browse", "Search by id"))
        self.search.setAccessibleName(translate("Browse", "Search by id"))
        self.search.setToolTip(
            translate("Browse", "A part of the image's id: patient, run, number … (Ctrl+F)")
        )
        self.search.setClearButtonEnabled(True)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(lambda: self.search_for(self.search.text()))
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.search.returnPressed.connect(lambda: self.search_for(self.search.text()))
        self.clear_button = QPushButton(
            icon("x", "text_secondary"), translate("Browse", " Show all images")
        )
        self.clear_button.setProperty("role", "quiet")
        self.clear_button.clicked.connect(self.clear_filters)


def _choice_list(name: str) -> QTreeWidget:
    """A list of two columns, title and count, as high as its rows."""
    choices = QTreeWidget()
    choices.setAccessibleName(name)
    choices.setColumnCount(2)
    choices.setHeaderHidden(True)
    choices.setRootIsDecorated(False)
    choices.setIndentation(0)
    choices.setAllColumnsShowFocus(True)
    choices.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    choices.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = choices.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    return choices
