"""The demo's guide: a few cards that lead once through the loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reviewapp.demo.workspace import DEMO_PASSPHRASE
from reviewapp.theme.tokens import NAVIGATION_WIDTH, SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from reviewapp.translation import translate

_WIDTH = 420


@dataclass(frozen=True, slots=True)
class GuideStep:
    """A card and the page it is about."""

    page_id: str
    title: str
    text: str


STEPS = (
    GuideStep(
        "browse",
        "These are drawn hearts and eyes",
        "Some were drawn by a program in place of real images, some were made by generators that "
        "learned from those. Choose one with the arrow keys and press U to see where its "
        "generator is unsure.",
    ),
    GuideStep(
        "rating",
        "Rate without knowing which is which",
        "“Start session…” shows one image after the other; the keys 1 to 6 answer. Every answer is "
        "saved at once, P pauses. The truth is sealed by a passphrase that only the coordinator "
        f"has. In this demo it is “{DEMO_PASSPHRASE}”.",
    ),
    GuideStep(
        "results",
        "See how well readers tell them apart",
        "After a session, “Unblind…” on the page Rate opens the truth. Then this page says how "
        "often generated images passed for real, with intervals, figures and a report.",
    ),
    GuideStep(
        "training",
        "Train generators in the background",
        "Each run shows its losses and what it draws by now. It goes on while you browse or rate, "
        "and can be paused.",
    ),
    GuideStep(
        "rounds",
        "Let the ratings train the next generator",
        "Ratings of readers who agree teach the generator what gave its images away. Draw new "
        "images, let readers rate them, and see here whether they pass for real more often, round "
        "by round. Press ? on any page for its keys.",
    ),
)


class Guide(QFrame):
    """The card at the lower left of the pages, one step at a time.

    ``ended`` comes when the last step is left or the guide is closed. Enter goes on, Esc closes.
    """

    ended = Signal()

    def __init__(self, show_page: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._show_page = show_page
        self._number = 0
        self.setProperty("role", "card")
        self.setAccessibleName(translate("Demo", "Guide"))
        self.setFixedWidth(_WIDTH)
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._title.setWordWrap(True)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.back_button = QPushButton(translate("Demo", "Back"))
        self.close_button = QPushButton(translate("Demo", "Close (Esc)"))
        self.close_button.setProperty("role", "quiet")
        self.next_button = QPushButton()
        self.next_button.setProperty("role", "primary")
        self.back_button.clicked.connect(lambda: self._go(self._number - 1))
        self.next_button.clicked.connect(lambda: self._go(self._number + 1))
        self.close_button.clicked.connect(self.end)
        buttons = QHBoxLayout()
        buttons.addWidget(self._count)
        buttons.addStretch(1)
        for button in (self.close_button, self.back_button, self.next_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(buttons)
        parent.installEventFilter(self)
        self._go(0)

    @property
    def step(self) -> GuideStep:
        """What the card tells now."""
        return STEPS[self._number]

    def end(self) -> None:
        """Close the guide."""
        self.hide()
        self.ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; Enter presses the button that has the focus, which is Next at first."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.next_button.click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner of the window."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _go(self, number: int) -> None:
        if number == len(STEPS):
            self.end()
            return
        self._number = number
        self._show_page(self.step.page_id)
        self._title.setText(self.step.title)
        self._text.setText(self.step.text)
        self._count.setText(f"{number + 1} of {len(STEPS)}")
        self.back_button.setEnabled(number > 0)
        self.next_button.setText("Done" if number == len(STEPS) - 1 else "Next (Enter)")
        self.show()
        self._place()
        self.raise_()
        self.next_button.setFocus()

    def _place(self) -> None:
        # Wrapped text has its height only at a known width.
        self.layout().activate()
        self.resize(_WIDTH, self.layout().heightForWidth(_WIDTH) + SPACE_S)
        room = self.parentWidget().rect()
        beside_navigation = min(NAVIGATION_WIDTH + SPACE_XL, room.width() - _WIDTH - SPACE_S)
        self.move(beside_navigation, room.bottom() - self.height() - SPACE_XL)
