"""Under the image: how to mark, the reasons to choose from, and the marks made so far."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from reviewapp.rating.drawn_mark import REASON_KEYS, Marking
from reviewapp.study.model import Mark
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_S, SPACE_XS
from reviewapp.translation import translate

_DRAWING = {
    "ellipse": QT_TRANSLATE_NOOP(
        "Marks", "Drag an ellipse around the region.   M: draw freely   Esc: stop"
    ),
    "brush": QT_TRANSLATE_NOOP("Marks", "Draw around the region.   M: ellipse   Esc: stop"),
}
_REASONS = {
    "anatomy": QT_TRANSLATE_NOOP("Marks", "anatomy"),
    "texture": QT_TRANSLATE_NOOP("Marks", "texture"),
    "vessel": QT_TRANSLATE_NOOP("Marks", "vessel"),
    "border": QT_TRANSLATE_NOOP("Marks", "border"),
    "noise": QT_TRANSLATE_NOOP("Marks", "noise"),
    "artefact": QT_TRANSLATE_NOOP("Marks", "artefact"),
    "other": QT_TRANSLATE_NOOP("Marks", "other"),
}
assert set(_REASONS) == set(REASON_KEYS.values()), "every reason has a word"


class MarkPanel(QWidget):
    """One line; hidden while there is nothing to say. ``reason_chosen`` and ``removed`` (mark id)
    come from its buttons."""

    reason_chosen = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE_XS)
        self.reason_buttons: dict[str, QPushButton] = {}
        self.remove_buttons: list[QPushButton] = []
        self.hide()

    def show_marking(self, marking: Marking, marks: Sequence[Mark]) -> None:
        """Show the step that marking is at, and the marks of the image."""
        self._clear()
        if marking.nameless is not None:
            self._row.addWidget(QLabel(translate("Marks", "What is wrong there?")))
            self._row.addSpacing(SPACE_S)
            for key, reason in REASON_KEYS.items():
                self._row.addWidget(self._reason_button(key, reason))
            self._row.addSpacing(SPACE_S)
            self._row.addWidget(QLabel(translate("Marks", "Esc: discard")))
        elif marking.shape is not None:
            self._row.addWidget(QLabel(translate("Marks", _DRAWING[marking.shape])))
        self._row.addStretch(1)
        for number, mark in enumerate(marks, start=1):
            self._row.addWidget(self._remove_button(number, mark))
        self.setVisible(marking.shape is not None or bool(marks))

    def _reason_button(self, key: str, reason: str) -> QPushButton:
        word = translate("Marks", _REASONS[reason])
        button = QPushButton(f"{key}  {word}")
        button.setAccessibleName(
            translate("Marks", "Reason: {reason}, key {key}").format(reason=word, key=key)
        )
        button.clicked.connect(lambda _=False: self.reason_chosen.emit(reason))
        self.reason_buttons[reason] = button
        return button

    def _remove_button(self, number: int, mark: Mark) -> QPushButton:
        word = translate("Marks", _REASONS[mark.reason])
        button = QPushButton(icon("x"), f"{number}  {word}")
        button.setProperty("role", "quiet")
        button.setAccessibleName(
            translate("Marks", "Delete mark {number}: {reason}").format(number=number, reason=word)
        )
        button.setToolTip(translate("Marks", "Delete this mark (Delete removes the last one)"))
        button.clicked.connect(lambda _=False: self.removed.emit(mark.mark_id))
        self.remove_buttons.append(button)
        return button

    def _clear(self) -> None:
        self.reason_buttons.clear()
        self.remove_buttons.clear()
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
