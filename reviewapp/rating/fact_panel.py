"""Figures beside their titles, with a remark under each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reviewapp.theme.tokens import SPACE_M


class FactPanel(QWidget):
    """Facts one under the other: title, figure, remark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._labels: list[tuple[QLabel, QLabel, QLabel]] = []

    def set_facts(self, facts: Sequence[tuple[str, str, str]]) -> None:
        """Replace what is shown, keeping the labels, so that nothing flickers while typing."""
        while len(self._labels) < len(facts):
            self._labels.append(self._add_labels())
        for row, labels in enumerate(self._labels):
            shown = row < len(facts)
            for label, text in zip(labels, facts[row] if shown else ("", "", ""), strict=True):
                label.setText(text)
                label.setVisible(shown)

    def text(self) -> str:
        """Everything on show."""
        return "\n".join(label.text() for labels in self._labels for label in labels)

    def _add_labels(self) -> tuple[QLabel, QLabel, QLabel]:
        if self._labels:
            self._layout.addSpacing(SPACE_M)
        title, figure, remark = QLabel(), QLabel(), QLabel()
        title.setProperty("role", "secondary")
        figure.setProperty("role", "heading")
        remark.setProperty("role", "secondary")
        for label in (title, figure, remark):
            label.setWordWrap(True)
            self._layout.addWidget(label)
        return title, figure, remark
