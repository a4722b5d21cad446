"""A section on the screen: figures among the words, or beside them where there is room."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from reviewapp.context import AppContext
from reviewapp.results.block_heading import secondary_label
from reviewapp.results.card_grid import CardGrid
from reviewapp.results.figure_renderer import FigureRenderer
from reviewapp.results.figure_view import FigureView
from reviewapp.results.image_strip_view import ImageStripView
from reviewapp.results.section import Block, Cards, ImageStrip, Picture, Remark, Section, WordTable
from reviewapp.results.word_table_view import WordTableView
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS

#: from this width on, figures stand beside the words instead of among them
_TWO_COLUMNS = 1400


class SectionView(QScrollArea):
    """Scrolls as a whole; what is to be saved is told by ``save_figure`` and ``save_table``."""

    save_figure = Signal(object)
    save_table = Signal(object)

    def __init__(
        self,
        section: Section,
        context: AppContext,
        renderer: FigureRenderer,
        earlier: SectionView | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``earlier`` is the view of the same study's section that this one takes the place of."""
        super().__init__(parent)
        self.section = section
        self.tables: dict[str, WordTableView] = {}
        self.figures: dict[str, FigureView] = {}
        self.strips: dict[str, ImageStripView] = {}
        self._context = context
        self._renderer = renderer
        self.setWidgetResizable(True)
        self.setAccessibleName(section.title)
        self._placed: list[tuple[bool, QWidget]] = []
        self._columns = (_Column(), _Column())
        self._two_columns: bool | None = None
        self._drawings: dict[str, QImage | None] = {} if earlier is None else earlier.drawings()
        self._position = 0 if earlier is None else earlier.verticalScrollBar().value()
        self._built = False

    def drawings(self) -> dict[str, QImage | None]:
        """The figures drawn so far, by name."""
        own = {name: figure.picture.image for name, figure in self.figures.items()}
        return self._drawings | own

    def build(self) -> None:
        """Make the widgets; does nothing the second time."""
        if self._built:
            return
        self._built = True
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, SPACE_M, SPACE_M, SPACE_M)
        layout.setSpacing(SPACE_L)
        for block in self.section.blocks:
            widget = self._widget(block)
            if isinstance(block, Cards):
                layout.addWidget(widget)
            else:
                self._placed.append((isinstance(block, Picture), widget))
        columns = QHBoxLayout()
        columns.setSpacing(SPACE_XL)
        # Tables need more room than figures, which are drawn up to a largest size only.
        for column, stretch in zip(self._columns, (4, 5), strict=True):
            columns.addWidget(column, stretch)
        layout.addLayout(columns)
        layout.addStretch(1)
        self._arrange()
        self.setWidget(content)
        # Once the layout has given the content its height.
        QTimer.singleShot(0, self, lambda: self.verticalScrollBar().setValue(self._position))

    def showEvent(self, event: QShowEvent) -> None:
        """Build when first seen: all tabs at once would hold up the window."""
        self.build()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Figures beside or among the words."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        kinds = {is_picture for is_picture, _ in self._placed}
        two_columns = self.viewport().width() >= _TWO_COLUMNS and len(kinds) == 2
        if not self._built or two_columns == self._two_columns:
            return
        self._two_columns = two_columns
        for is_picture, widget in self._placed:
            self._columns[two_columns and not is_picture].place(widget)
        self._columns[1].setVisible(two_columns)

    def _widget(self, block: Block) -> QWidget:
        if isinstance(block, Cards):
            return CardGrid(block.cards)
        if isinstance(block, Remark):
            return _remark(block)
        if isinstance(block, Picture):
            figure = self.figures[block.spec.name] = FigureView(block.spec, self._renderer)
            figure.save_requested.connect(self.save_figure)
            # An old drawing stays until the new one is there, so that nothing jumps.
            figure.picture.show_image(self._drawings.get(block.spec.name))
            return figure
        if isinstance(block, ImageStrip):
            strip = self.strips[block.title] = ImageStripView(block, self._context)
            strip.save_requested.connect(self.save_table)
            return strip
        return self._table(block)

    def _table(self, words: WordTable) -> WordTableView:
        table = self.tables[words.title] = WordTableView(words)
        table.save_requested.connect(self.save_table)
        return table


class _Column(QWidget):
    """Widgets from the top down."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE_L)
        self._layout.addStretch(1)

    def place(self, widget: QWidget) -> None:
        """Put it below all others; it leaves the column it was in."""
        # Taken out first: the place of the stretch below it is counted without it.
        self._layout.removeWidget(widget)
        self._layout.insertWidget(self._layout.count() - 1, widget)


def _remark(remark: Remark) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE_XS)
    title = QLabel(remark.title)
    title.setProperty("role", "heading")
    layout.addWidget(title)
    layout.addSpacing(SPACE_S - SPACE_XS)
    text = secondary_label(remark.text)
    text.setAlignment(Qt.AlignmentFlag.AlignTop)
    layout.addWidget(text)
    return widget
