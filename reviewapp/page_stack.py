"""The pages of the open workspace, one in front; a page that finds no room can be scrolled."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from reviewapp.page import Page


class PageStack(QStackedWidget):
    """Asks for no room of its own, so that a window on a small or enlarged screen stays within it.

    A page hidden behind another one does not keep the window large either.
    """

    @property
    def page(self) -> Page | None:
        """The page in front; None before there is one."""
        frame = self.currentWidget()
        page = frame.widget() if isinstance(frame, QScrollArea) else None
        return page if isinstance(page, Page) else None

    def show_page(self, page: Page) -> None:
        """Bring a page to the front, taking it in where it is new."""
        frame = self._frame(page)
        if frame is None:
            frame = PageFrame(page)
            self.addWidget(frame)
        self.setCurrentWidget(frame)

    def drop_page(self, page: Page) -> None:
        """Let go of a page and delete it."""
        frame = self._frame(page)
        if frame is not None:
            self.removeWidget(frame)
            frame.takeWidget()
            frame.deleteLater()
            page.deleteLater()

    def minimumSizeHint(self) -> QSize:
        """None: pages scroll."""
        return QSize(0, 0)

    def _frame(self, page: Page) -> QScrollArea | None:
        frames = (self.widget(index) for index in range(self.count()))
        return next(
            (f for f in frames if isinstance(f, QScrollArea) and f.widget() is page),
            None,
        )


class PageFrame(QScrollArea):
    """As large as the page wants to be at least; the rest is reached by scrolling."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(page)

    def minimumSizeHint(self) -> QSize:
        """None: the page scrolls."""
        return QSize(0, 0)
