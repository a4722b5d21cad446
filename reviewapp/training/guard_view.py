"""The tab of the degradation guard: its warnings in plain words, and its values over the steps."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.degradation.rules import Finding
from reviewapp.tasks import TaskRunner
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.training.guard_history import GuardHistory
from reviewapp.training.guard_words import (
    GROUPS,
    WARNING_WORDS,
    ValueGroup,
    cost_text,
    value_title,
)
from reviewapp.training.loss_curves import CurveWords, LossCurves
from reviewapp.translation import translate
from reviewapp.widgets.icon_label import IconLabel

_ICON_PX = 20
_NO_GUARD = "This run is not watched for degradation."
_NO_VALUES = "Nothing was measured yet."


class GuardView(QWidget):
    """Follows one run's `GuardHistory`; ``specialist_wanted`` asks for a look at its images."""

    specialist_wanted = Signal()

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = GuardHistory(None)
        self._dataset = ""
        self.warnings = QWidget()
        self._warning_list = QVBoxLayout(self.warnings)
        self._warning_list.setContentsMargins(0, 0, 0, 0)
        self._warning_list.setSpacing(SPACE_S)
        self.warnings.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.specialist_button = QPushButton(
            icon("clipboard-check"), translate("Training", " Ask a specialist…")
        )
        self.specialist_button.setToolTip(
            translate(
                "Training",
                "Draw images from the last checkpoint and rate them blinded beside real ones",
            )
        )
        self.specialist_button.clicked.connect(self.specialist_wanted)
        self.group_box = QComboBox()
        self.group_box.setAccessibleName(translate("Training", "Values to show"))
        self.group_box.currentIndexChanged.connect(self._show_curves)
        self.curves = LossCurves(
            tasks,
            words=CurveWords(
                "Value",
                "Values of the degradation guard",
                _NO_VALUES,
                lambda name: html.escape(value_title(name, self._dataset)),
                "Lo&garithmic",
            ),
        )
        self.curves.header.insertWidget(0, self.group_box)
        self.explanation = _secondary("")
        self.cost_label = _secondary("")
        footer = QHBoxLayout()
        footer.setSpacing(SPACE_M)
        footer.addWidget(self.cost_label, 1)
        footer.addWidget(self.specialist_button, alignment=Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.warnings)
        layout.addWidget(self.curves, 1)
        layout.addWidget(self.explanation)
        layout.addLayout(footer)
        self.show_run(self._history, "", can_ask=False)

    def show_run(
        self, history: GuardHistory, dataset: str, *, can_ask: bool, blinded: bool = False
    ) -> None:
        """Show a run's guard; ``can_ask`` where it has a checkpoint to draw from.

        ``blinded`` leaves out what would tell the result of a study that is still blinded.
        """
        self._history = history
        self._fill_groups([group for group in GROUPS if not (blinded and group.tells_ratings)])
        self._dataset = dataset
        self.specialist_button.setEnabled(can_ask)
        self.group_box.setEnabled(history.is_watched)
        self.explanation.setVisible(history.is_watched)
        self.cost_label.setText(
            cost_text(history.cost, history.every) if history.is_watched else _NO_GUARD
        )
        self._show_warnings()
        self._show_curves()

    def _fill_groups(self, groups: list[ValueGroup]) -> None:
        titles = [self.group_box.itemText(i) for i in range(self.group_box.count())]
        if titles == [group.title for group in groups]:
            return
        self.group_box.blockSignals(True)
        self.group_box.clear()
        for group in groups:
            self.group_box.addItem(group.title, group)
        self.group_box.blockSignals(False)

    def warning_texts(self) -> list[str]:
        """What each warning on the screen says."""
        labels = self.warnings.findChildren(QLabel, "warning")
        return [label.text() for label in labels]

    def _show_warnings(self) -> None:
        while (item := self._warning_list.takeAt(0)) is not None:
            widget = item.widget()
            widget.setParent(None)
            widget.deleteLater()
        standing = {finding.name for finding in self._history.standing}
        # The newest warning of each kind says since when.
        newest = {finding.name: finding for finding in self._history.warnings}
        for finding in newest.values():
            self._warning_list.addWidget(_line(finding, lasting=finding.name in standing))
        self.warnings.setVisible(bool(newest))

    def _show_curves(self) -> None:
        group = self.group_box.currentData()
        self.explanation.setText(group.explanation)
        self.curves.show_history(self._history.curves(group.names))


def _line(finding: Finding, *, lasting: bool) -> QWidget:
    words = WARNING_WORDS[finding.name]
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE_S)
    sign = IconLabel(icon("circle-alert", "danger" if lasting else "text_secondary"), _ICON_PX)
    since = f"since step {finding.step:,}" if lasting else f"at step {finding.step:,}, over now"
    text = QLabel(f"<b>{words.title}</b> ({since}). {words.advice}")
    text.setToolTip(words.meaning)
    text.setObjectName("warning")
    text.setProperty("role", "marked-up")
    text.setWordWrap(True)
    text.setAccessibleName(f"Warning: {words.title}")
    layout.addWidget(sign, alignment=Qt.AlignmentFlag.AlignTop)
    layout.addWidget(text, 1)
    return line


def _secondary(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "secondary")
    label.setWordWrap(True)
    return label
