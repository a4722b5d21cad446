"""Filter column, gallery and viewer beside each other, as many as there is room for."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from reviewapp.browse.filter_column import WIDTH as FILTER_WIDTH
from reviewapp.browse.gallery_panel import MINIMUM_WIDTH as GALLERY_MINIMUM
from reviewapp.browse.thumbnail_delegate import CELL

Panel = Literal["filters", "gallery", "viewer"]
#: all three fit
WIDE = 980
#: gallery and viewer fit, or filters and gallery
MEDIUM = 640
#: the grid shows two images a row at first
_GALLERY_WIDTH = 2 * CELL.width() + 36


def panels_in(width: int, *, filters: bool | None, viewing: bool) -> tuple[Panel, ...]:
    """Which panels a page of this width shows.

    ``filters`` is whether the person wants the filter column, None as long as nothing was said;
    ``viewing`` whether the person is at the viewer rather than at the gallery.
    """
    if width >= WIDE:
        return ("gallery", "viewer") if filters is False else ("filters", "gallery", "viewer")
    if width >= MEDIUM:
        return ("filters", "gallery") if filters else ("gallery", "viewer")
    if filters:
        return ("filters",)
    return ("viewer",) if viewing else ("gallery",)


class BrowsePanels(QSplitter):
    """The three panels; ``changed`` when others are shown than before."""

    changed = Signal()

    def __init__(
        self, filters: QWidget, gallery: QWidget, viewer: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._panels: dict[Panel, QWidget] = {
            "filters": filters,
            "gallery": gallery,
            "viewer": viewer,
        }
        self._filters_wanted: bool | None = None
        self._viewing = False
        self._shown: tuple[Panel, ...] = ()
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for panel in self._panels.values():
            self.addWidget(panel)
        self.setStretchFactor(2, 1)
        self.setMinimumWidth(GALLERY_MINIMUM)
        self._arrange()

    def shows(self, panel: Panel) -> bool:
        """Whether there is room for the panel now, and it is wanted."""
        return panel in self._shown

    def set_filters_wanted(self, wanted: bool) -> None:
        """Show or hide the filter column; where the page is narrow, instead of something else."""
        self._filters_wanted = wanted
        self._arrange()

    def set_viewing(self, viewing: bool) -> None:
        """The person goes to the viewer, or back to the gallery."""
        self._viewing = viewing
        if self.width() < MEDIUM and self._filters_wanted:
            self._filters_wanted = None
        self._arrange()

    def set_widths(self, widths: list[int]) -> None:
        """Give filter column, gallery and viewer these widths, as dragging their borders does."""
        self.setSizes(widths)

    def usual_widths(self, *, several: bool) -> None:
        """Two images a row, or one where the viewer shows several beside each other."""
        gallery = GALLERY_MINIMUM if several else _GALLERY_WIDTH
        filters = FILTER_WIDTH if self.shows("filters") else 0
        self.setSizes([filters, gallery, max(100, self.width() - filters - gallery)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what now has room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        shown = panels_in(self.width(), filters=self._filters_wanted, viewing=self._viewing)
        if shown == self._shown:
            return
        self._shown = shown
        for name, panel in self._panels.items():
            panel.setVisible(name in shown)
        self.usual_widths(several=False)
        self.changed.emit()
