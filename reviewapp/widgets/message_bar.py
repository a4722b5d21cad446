"""A line across the top of a page or dialog that says what went wrong or what was done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from reviewapp.theme.icons import IconColour, icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.icon_label import IconLabel

_ICON_PX = 20
_LINE_HEIGHT = 28


class MessageBar(QFrame):
    """Shows one message at a time and is hidden while there is none.

    The text can be selected and copied; screen readers are told when it appears.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon("info"), _ICON_PX)
        self._label = QLabel()
        self._label.setAccessibleName(translate("Widgets", "Message"))
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action_button = QPushButton()
        self.action_button.setProperty("role", "quiet")
        self.action_button.setAccessibleName(translate("Widgets", "What the message offers"))
        self.action_button.clicked.connect(self._act)
        self._offer("", None)
        self.close_button = QPushButton(icon("x"), "")
        self.close_button.setProperty("role", "quiet")
        self.close_button.setFixedSize(QSize(_LINE_HEIGHT, _LINE_HEIGHT))
        self.close_button.setStyleSheet("padding: 0; min-height: 24px;")
        self.close_button.setToolTip(translate("Widgets", "Close this message"))
        self.close_button.setAccessibleName(translate("Widgets", "Close this message"))
        self.close_button.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_S, SPACE_S)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._label, 1)
        layout.addWidget(self.action_button, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.close_button, alignment=Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(translate("Widgets", "Message"))
        self.hide()

    @property
    def text(self) -> str:
        """The message on show, "" when there is none."""
        return self._label.text()

    def show_error(
        self, text: str, action_label: str = "", action: Callable[[], None] | None = None
    ) -> None:
        """Say what failed and what to do about it, and offer to do it."""
        self._offer(action_label, action)
        self._show(text, "message-error", icon_name="circle-alert", colour="danger")

    def show_info(
        self, text: str, action_label: str = "", action: Callable[[], None] | None = None
    ) -> None:
        """Say what was done or what to know, and offer what to do with it."""
        self._offer(action_label, action)
        self._show(text, "message-info", icon_name="info", colour="accent")

    def clear(self) -> None:
        """Take the message away."""
        self._label.clear()
        self.hide()

    def _offer(self, label: str, action: Callable[[], None] | None) -> None:
        self._action = action
        self.action_button.setText(label)
        self.action_button.setVisible(action is not None)
        # A button without a label must not be reached by the Tab key.
        self.action_button.setFocusPolicy(
            Qt.FocusPolicy.NoFocus if action is None else Qt.FocusPolicy.StrongFocus
        )

    def _act(self) -> None:
        if self._action is not None:
            self._action()

    def _show(self, text: str, role: str, *, icon_name: str, colour: IconColour) -> None:
        self._icon.set_icon(icon(icon_name, colour))
        self._label.setText(text)
        if self.property("role") != role:
            self.setProperty("role", role)
            # A changed property takes effect only once the style looks at the widget again.
            self.style().unpolish(self)
            self.style().polish(self)
        self.setAccessibleDescription(text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
