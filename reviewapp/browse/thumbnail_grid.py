"""A grid of equal cells over a list model of any length; only cells in sight cost anything."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QCursor, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

_Index = QModelIndex | QPersistentModelIndex
#: rows of cells that a turn of the mouse wheel by one notch moves, a third each of its three lines
_STEPS_A_ROW = 3


class ThumbnailGrid(QAbstractItemView):
    """Cells from left to right, then down. Places follow from arithmetic alone, without a layout.

    Several cells may be selected: Ctrl adds one, Shift the stretch between two.
    """

    def __init__(self, cell: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = cell
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def cell(self) -> QSize:
        """The size of every cell."""
        return self._cell

    @property
    def columns(self) -> int:
        """Cells beside each other."""
        return max(1, self.viewport().width() // self._cell.width())

    @property
    def column_width(self) -> int:
        """The cell's width with its share of what is left over."""
        return max(self._cell.width(), self.viewport().width() // self.columns)

    def _count(self) -> int:
        return self.model().rowCount() if self.model() is not None else 0

    def _height(self) -> int:
        return -(-self._count() // self.columns) * self._cell.height()

    # What an item view must know ---------------------------------------------------------------

    def visualRect(self, index: _Index) -> QRect:
        """Where the cell lies now, in the viewport; may be out of sight."""
        if not index.isValid():
            return QRect()
        row, column = divmod(index.row(), self.columns)
        left = column * self.column_width + (self.column_width - self._cell.width()) // 2
        return QRect(QPoint(left, row * self._cell.height() - self.verticalOffset()), self._cell)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The cell under a point of the viewport."""
        column = point.x() // self.column_width
        number = (point.y() + self.verticalOffset()) // self._cell.height() * self.columns + column
        if not 0 <= column < self.columns or not 0 <= number < self._count():
            return QModelIndex()
        return self.model().index(number, 0)

    def scrollTo(
        self,
        index: _Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring the cell into sight by as little as needed, or to its middle or edge."""
        if not index.isValid():
            return
        self.updateGeometries()
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top = index.row() // self.columns * self._cell.height()
        bottom = top + self._cell.height()
        hints = QAbstractItemView.ScrollHint
        if hint == hints.PositionAtTop or (hint == hints.EnsureVisible and top < bar.value()):
            bar.setValue(top)
        elif hint == hints.PositionAtBottom or (
            hint == hints.EnsureVisible and bottom > bar.value() + height
        ):
            bar.setValue(bottom - height)
        elif hint == hints.PositionAtCenter:
            bar.setValue((top + bottom - height) // 2)

    def moveCursor(
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,  # noqa: ARG002 - Qt's signature
    ) -> QModelIndex:
        """The cell that a key leads to."""
        count = self._count()
        if count == 0:
            return QModelIndex()
        actions = QAbstractItemView.CursorAction
        page = max(1, self.viewport().height() // self._cell.height()) * self.columns
        steps = {
            actions.MoveLeft: -1,
            actions.MovePrevious: -1,
            actions.MoveRight: 1,
            actions.MoveNext: 1,
            actions.MoveUp: -self.columns,
            actions.MoveDown: self.columns,
            actions.MovePageUp: -page,
            actions.MovePageDown: page,
            actions.MoveHome: -count,
            actions.MoveEnd: count,
        }
        current = self.currentIndex().row()
        target = current + steps.get(action, 0)
        if action in (actions.MoveUp, actions.MoveDown) and not 0 <= target < count:
            target = current
        return self.model().index(min(count - 1, max(0, target)), 0)

    def horizontalOffset(self) -> int:
        """Never scrolled sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Pixels above the viewport."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: _Index) -> bool:  # noqa: ARG002 - Qt's signature
        """No cell is hidden."""
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select from the cell at the first corner to that at the second, in the list's order."""
        ends = [self.indexAt(corner) for corner in (rect.topLeft(), rect.bottomRight())]
        rows = [end.row() for end in ends if end.isValid()]
        selection = QItemSelection()
        if rows:
            model = self.model()
            selection.select(model.index(min(rows), 0), model.index(max(rows), 0))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """The part of the viewport that shows these cells."""
        region = QRegion()
        first, last = self._rows_between(0, self.viewport().height())
        for span in selection:
            for number in range(max(first, span.top()), min(last, span.bottom() + 1)):
                region += self.visualRect(self.model().index(number, 0))
        return region

    # Scrolling and painting --------------------------------------------------------------------

    def updateGeometries(self) -> None:
        """Give the scroll bar its range."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._height() - height))
        bar.setPageStep(height)
        bar.setSingleStep(self._cell.height() // _STEPS_A_ROW)
        super().updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the first cell in sight where it is while the columns change."""
        old_columns = max(1, event.oldSize().width() // self._cell.width())
        first = self.verticalOffset() // self._cell.height() * old_columns
        super().resizeEvent(event)
        self.updateGeometries()
        if old_columns != self.columns and event.oldSize().isValid():
            self.verticalScrollBar().setValue(first // self.columns * self._cell.height())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is drawn already; only what comes into sight is drawn."""
        self.viewport().scroll(dx, dy)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells that the exposed rectangle touches."""
        first, last = self._rows_between(event.rect().top(), event.rect().bottom() + 1)
        hovered = QModelIndex()
        if self.viewport().underMouse():
            hovered = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos()))
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        usual = option.state & ~QStyle.StateFlag.State_HasFocus
        selection, delegate, model = self.selectionModel(), self.itemDelegate(), self.model()
        with QPainter(self.viewport()) as painter:
            for number in range(first, last):
                index = model.index(number, 0)
                option.rect = self.visualRect(index)
                option.state = usual
                if selection.isSelected(index):
                    option.state |= QStyle.StateFlag.State_Selected
                if index == hovered:
                    option.state |= QStyle.StateFlag.State_MouseOver
                if index == self.currentIndex() and self.hasFocus():
                    option.state |= QStyle.StateFlag.State_HasFocus
                delegate.paint(painter, option, index)

    def _rows_between(self, top: int, bottom: int) -> tuple[int, int]:
        """The half-open range of items that lie between two heights of the viewport."""
        height, offset = self._cell.height(), self.verticalOffset()
        first = max(0, (top + offset) // height * self.columns)
        last = -(-(bottom + offset) // height) * self.columns
        return first, min(self._count(), last)
