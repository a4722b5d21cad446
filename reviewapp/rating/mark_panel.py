"""Under the image: how to mark, the reasons to choose from, and the marks made so far."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from reviewapp.rating.drawn_mark import REASON_KEYS, Marking
from reviewapp.study.model import Mark
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_XS
from reviewapp.translation import translate

_DRAWING = {
    "ellipse": QT_TRANSLATE_NOOP(
        "Marks",
        "Drag an ellipse around the region, or move one by the arrow keys.   M: draw freely   "
        "Esc: stop",
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


#: of a button that has no room: its key or number, which stands first, remains
_NARROWEST = 34


class MarkPanel(QWidget):
    """One line that makes do with the room there is; hidden while there is nothing to say.

    ``reason_chosen`` and ``removed`` (mark id) come from its buttons, as does the wish to have a
    removed mark back; ``making_changed`` tells whether a mark is being made.
    """

    reason_chosen = Signal(str)
    removed = Signal(str)
    making_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE_XS)
        self.reason_buttons: dict[str, QPushButton] = {}
        self.remove_buttons: list[QPushButton] = []
        self.restore_button = QPushButton(
            icon("rotate-ccw"), translate("Marks", "Put the mark back  {key}").format(key="U")
        )
        self.restore_button.setProperty("role", "quiet")
        self.restore_button.setAccessibleName(self.restore_button.text())
        self.restore_button.hide()
        self._explanations: list[QLabel] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addLayout(self._row, 1)
        layout.addWidget(self.restore_button)
        # The words may go, so that they do not make the window wider and the image jump.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()

    def show_marking(
        self, marking: Marking, marks: Sequence[Mark], *, restorable: bool = False
    ) -> None:
        """Show the step that marking is at, and the marks of the image.

        ``restorable`` where one of them was removed and can be put back.
        """
        self._clear()
        if marking.nameless is not None:
            self._explain(translate("Marks", "What is wrong there?"))
            for key, reason in REASON_KEYS.items():
                self._row.addWidget(self._reason_button(key, reason))
            self._explain(translate("Marks", "Esc: discard"))
        elif marking.shape is not None:
            self._row.addWidget(QLabel(translate("Marks", _DRAWING[marking.shape])))
        self._row.addStretch(1)
        for number, mark in enumerate(marks, start=1):
            self._row.addWidget(self._remove_button(number, mark))
        drawing = marking.shape is not None
        self.restore_button.setVisible(restorable and not drawing)
        self.setVisible(drawing or bool(marks) or restorable)
        self._fit()
        self.making_changed.emit(drawing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Explain where there is room to."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = [self.restore_button] if not self.restore_button.isHidden() else []
        items = (self._row.itemAt(index).widget() for index in range(self._row.count()))
        widths = [
            widget.sizeHint().width() + SPACE_XS
            for widget in (*items, *shown)
            if widget is not None
        ]
        for label in self._explanations:
            label.setVisible(sum(widths) <= self.width())

    def _explain(self, text: str) -> None:
        label = QLabel(text)
        self._explanations.append(label)
        self._row.addWidget(label)

    def _reason_button(self, key: str, reason: str) -> QPushButton:
        word = translate("Marks", _REASONS[reason])
        button = QPushButton(f"{key}  {word}")
        button.setProperty("role", "reason")
        button.setMinimumWidth(_NARROWEST)
        button.setAccessibleName(
            translate("Marks", "Reason: {reason}, key {key}").format(reason=word, key=key)
        )
        button.setToolTip(word)
        button.clicked.connect(lambda _=False: self.reason_chosen.emit(reason))
        self.reason_buttons[reason] = button
        return button

    def _remove_button(self, number: int, mark: Mark) -> QPushButton:
        word = translate("Marks", _REASONS[mark.reason])
        button = QPushButton(icon("x"), f"{number}  {word}")
        button.setProperty("role", "mark")
        button.setMinimumWidth(_NARROWEST)
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
        self._explanations.clear()
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
