"""The interface by which the main window knows its pages, and nothing else of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from reviewapp.context import AppContext


class Page(QWidget):
    """One page of the main window.

    A page is made on its first visit, from an `AppContext` whose workspace is open, and dropped
    when another workspace is opened. It holds widgets only; what it shows and decides is in a
    presenter or model of its own.
    """

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context

    def activate(self) -> None:
        """The page has come to the front: refresh what may have changed, take the focus."""

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Keys and what they do on this page, for the list that ? shows."""
        return ()

    def close_page(self) -> None:
        """The workspace closes: end timers and let go of files."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page as the main window lists it; ``load`` imports and returns its class when needed."""

    page_id: str
    title: str
    icon: str
    shortcut: str
    load: Callable[[], type[Page]]
