"""Fields in rows with their captions, and beneath each field what is wrong with its value."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S


class ExplainedForm(QFormLayout):
    """Fields are known by name; each has its caption as accessible name and its mnemonic.

    ``captions`` are the labels of all fields, ``cells`` the widgets that hold those beside others.
    """

    def __init__(self) -> None:
        super().__init__()
        self.captions: dict[str, QLabel] = {}
        self.cells: dict[str, QWidget] = {}
        self._problems: dict[str, QLabel] = {}
        self.setVerticalSpacing(SPACE_S)
        self.setHorizontalSpacing(SPACE_L)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)

    def add_field(self, field: str, label: str, widget: QWidget) -> None:
        """A row of its own, its caption on the left."""
        cell = QVBoxLayout()
        cell.setSpacing(2)
        cell.addWidget(widget)
        cell.addWidget(self._problem_label(field))
        self.addRow(self._caption(field, label, widget), cell)

    def add_cells(self, *fields: tuple[str, str, QWidget]) -> None:
        """Short fields beside each other, their captions above."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_M)
        for field, label, widget in fields:
            cell = QWidget()
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(2)
            column.addWidget(self._caption(field, label, widget))
            column.addWidget(widget)
            column.addWidget(self._problem_label(field))
            column.addStretch(1)
            row.addWidget(cell, 1)
            self.cells[field] = cell
        holder = QWidget()
        holder.setLayout(row)
        self.addRow(holder)

    def show_problems(self, problems: Mapping[str, str], untouched: Collection[str]) -> None:
        """Tell what is wrong, by field; one that nobody has touched is not called wrong."""
        for field, label in self._problems.items():
            shown = "" if field in untouched else problems.get(field, "")
            label.setText(shown)
            label.setVisible(bool(shown))

    def problem(self, field: str) -> str:
        """What is told beneath a field."""
        return self._problems[field].text()

    def _caption(self, field: str, label: str, widget: QWidget) -> QLabel:
        name = label.replace("&", "")
        widget.setAccessibleName(name)
        if isinstance(widget, QComboBox):
            widget.view().setAccessibleName(name)
        caption = QLabel(label)
        caption.setBuddy(widget)
        self.captions[field] = caption
        return caption

    def _problem_label(self, field: str) -> QLabel:
        problem = QLabel()
        problem.setProperty("role", "error")
        problem.setWordWrap(True)
        problem.hide()
        self._problems[field] = problem
        return problem
