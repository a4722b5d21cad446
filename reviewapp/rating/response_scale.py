"""The answers as buttons under the image, as many as the design has."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from reviewapp.rating.response_options import SCALES, ResponseOption
from reviewapp.study.model import Answer
from reviewapp.study.protocol import AnswerScale
from reviewapp.theme.tokens import SPACE_L, SPACE_S
from reviewapp.translation import translate

_WIDEST_BUTTON = 280
_NARROWEST_BUTTON = 72
#: in narrower buttons the words of a label stand on two lines
_ONE_LINE = 150


class ResponseScale(QWidget):
    """One button for each answer; ``chosen`` carries the `ResponseOption`."""

    chosen = Signal(object)

    def __init__(self, scale: AnswerScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addStretch(1)
        self.buttons: list[QPushButton] = []
        self._options = SCALES[scale]
        self._tight = False
        middle = len(self._options) // 2
        for position, option in enumerate(self._options):
            if position == middle:
                layout.addSpacing(SPACE_L)
            layout.addWidget(self._button(option), 100)
        layout.addStretch(1)

    def show_given(self, answer: Answer | None) -> None:
        """Show the answer that is being changed; None where there is none yet."""
        for option, button in zip(self._options, self.buttons, strict=True):
            button.setCheckable(answer is not None)
            button.setChecked(answer is not None and option.matches(answer))

    def set_tight(self, tight: bool) -> None:
        """Be as low as can be read, which leaves more to the image of a small window."""
        if tight != self._tight:
            self._tight = tight
            self.setProperty("tight", tight)
            for button in self.buttons:
                button.style().unpolish(button)
                button.style().polish(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the labels where the buttons are narrow."""
        super().resizeEvent(event)
        narrow = self.width() < _ONE_LINE * len(self._options)
        for option, button in zip(self._options, self.buttons, strict=True):
            button.setText(_text(option, narrow=narrow))

    def _button(self, option: ResponseOption) -> QPushButton:
        button = QPushButton(_text(option, narrow=False))
        button.setObjectName(option.name)
        button.setProperty("role", "answer")
        button.setMinimumWidth(_NARROWEST_BUTTON)
        button.setMaximumWidth(_WIDEST_BUTTON)
        button.setAccessibleName(
            translate("Keys", "{action}, key {key}").format(
                action=option.label, key=option.key_text
            )
        )
        button.clicked.connect(lambda _=False: self.chosen.emit(option))
        self.buttons.append(button)
        return button


def _text(option: ResponseOption, *, narrow: bool) -> str:
    label = option.label.replace(" ", "\n", 1) if narrow else option.label
    return f"{option.key_text}\n{label}"
