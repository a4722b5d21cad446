"""Shows what gives the images of a study away before a reader sees them, and what helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reviewapp.context import AppContext
from reviewapp.rating.image_preloader import read_presented
from reviewapp.rating.leak_words import (
    EXPLANATION,
    FEATURES_SHOWN,
    REMEDY_STEPS,
    RemedyStep,
    auc_text,
    end_text,
    feature_text,
    history_text,
)
from reviewapp.study.errors import StudyError
from reviewapp.study.leak_audit import LeakAudit, TellingFeature
from reviewapp.study.model import Study
from reviewapp.study.protocol import Remedies
from reviewapp.tasks import Work
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.prepared_image import to_qimage
from reviewapp.widgets.task_progress import TaskProgress

_PICTURE_PX = 120
_TEXT_WIDTH = 720


class LeakView(QWidget):
    """One study's audits, newest on show; ``closed`` when the coordinator has seen enough.

    The passphrase is kept as long as the view lives, so that a remedy is one click.
    """

    closed = Signal()

    def __init__(
        self, context: AppContext, study: Study, passphrase: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._study_id = study.study_id
        self._passphrase = passphrase
        self._pictures: dict[Path, QPixmap] = {}
        #: the button that started the work: disabled meanwhile, it loses the focus
        self._pressed: QPushButton | None = None
        self.audits: list[LeakAudit] = []
        self.messages = MessageBar()
        self._progress = TaskProgress()
        self._progress.hide()
        title = QLabel(f"Leak check: {study.name}")
        title.setProperty("role", "title")
        explanation = QLabel(EXPLANATION)
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        explanation.setMaximumWidth(_TEXT_WIDTH)
        self.auc_label = QLabel()
        self.auc_label.setProperty("role", "title")
        self.sentence_label = QLabel()
        self.sentence_label.setWordWrap(True)
        self.history_label = QLabel()
        self.history_label.setProperty("role", "secondary")
        self.protocol_label = QLabel()
        self.protocol_label.setProperty("role", "secondary")
        self.protocol_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remedy_buttons = {step.field: self._remedy_button(step) for step in REMEDY_STEPS}
        self.again_button = QPushButton(translate("Rating", "Check again"))
        self.again_button.clicked.connect(self._check_again)
        self.close_button = QPushButton(translate("Rating", "Done"))
        self.close_button.setProperty("role", "primary")
        self.close_button.clicked.connect(self.closed)
        self._features = QVBoxLayout()
        self._features.setSpacing(SPACE_M)
        self._result = self._make_result()
        self._result.hide()

        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.again_button)
        head.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addLayout(head)
        layout.addWidget(self.messages)
        layout.addWidget(self._progress)
        layout.addWidget(explanation)
        layout.addWidget(self._result, 1)
        layout.addStretch(0)

    def check(self) -> None:
        """Audit the study as it is."""
        store, study_id, passphrase = self._context.store, self._study_id, self._passphrase
        self._run(
            "Looking for leaks",
            lambda progress, cancelled: store.audit_leaks(
                study_id, passphrase, progress=progress, cancelled=cancelled
            ),
        )

    def _check_again(self) -> None:
        self._pressed = self.again_button
        self.check()

    def toggle_remedy(self, step: RemedyStep) -> None:
        """Put one remedy in use or take it out; all images are rendered again and audited."""
        if not self.audits:
            return
        remedies = step.toggled(self.audits[-1].remedies)
        self._pressed = self.remedy_buttons[step.field]
        store, study_id, passphrase = self._context.store, self._study_id, self._passphrase
        self._run(
            step.title,
            lambda progress, cancelled: store.apply_remedies(
                study_id, passphrase, remedies, progress=progress, cancelled=cancelled
            ),
        )

    def _run(self, title: str, work: Work) -> None:
        task = self._context.tasks.prepare(title, work)
        task.succeeded.connect(self._show_audit)
        task.failed.connect(self.messages.show_error)
        task.ended.connect(self._end)
        self.messages.clear()
        self._set_enabled(False)
        self._progress.show()
        self._progress.follow(task)
        self._context.tasks.launch(task)

    def _end(self) -> None:
        self._progress.hide()
        self._set_enabled(True)
        if self._pressed is not None and self._pressed.isEnabled():
            self._pressed.setFocus()

    def _set_enabled(self, on: bool) -> None:
        frozen = self._context.store.study(self._study_id).frozen_at is not None
        self.again_button.setEnabled(on)
        for button in self.remedy_buttons.values():
            button.setEnabled(on and not frozen)

    def _show_audit(self, audit: LeakAudit) -> None:
        self.audits.append(audit)
        self.auc_label.setText(f"AUC {auc_text(audit)}")
        self.sentence_label.setText(audit.sentence)
        self.sentence_label.setProperty("role", "error" if audit.warns else "secondary")
        self.sentence_label.style().unpolish(self.sentence_label)
        self.sentence_label.style().polish(self.sentence_label)
        self.history_label.setText(history_text(self.audits))
        self.history_label.setVisible(len(self.audits) > 1)
        self._show_study()
        self._show_remedies(audit.remedies)
        telling = tuple(feature for feature in audit.features if feature.tells)
        self._show_features(telling[:FEATURES_SHOWN], audit.remedies)
        self._result.show()
        self._context.studies_changed.emit()

    def _show_study(self) -> None:
        study = self._context.store.study(self._study_id)
        state = "frozen at the first session" if study.frozen_at else "not frozen yet"
        self.protocol_label.setText(f"Protocol {study.protocol_sha256[:16]}… ({state})")
        self.protocol_label.setToolTip(f"SHA-256 {study.protocol_sha256}")

    def _show_remedies(self, remedies: Remedies) -> None:
        for step in REMEDY_STEPS:
            self.remedy_buttons[step.field].setChecked(step.is_applied(remedies))

    def _show_features(self, features: tuple[TellingFeature, ...], remedies: Remedies) -> None:
        while (item := self._features.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._pictures.clear()
        for feature in features:
            self._features.addWidget(self._feature_card(feature, remedies))
        if not features:
            self._features.addWidget(
                QLabel(translate("Rating", "No single property tells the images apart."))
            )

    def _make_result(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACE_L, 0)
        column.setSpacing(SPACE_M)
        for label in (self.auc_label, self.sentence_label, self.history_label, self.protocol_label):
            column.addWidget(label)
        heading = QLabel(translate("Rating", "Remedies"))
        heading.setProperty("role", "heading")
        column.addSpacing(SPACE_S)
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_L)
        for row, step in enumerate(REMEDY_STEPS):
            grid.addWidget(self.remedy_buttons[step.field], row, 0)
            meaning = QLabel(step.meaning)
            meaning.setProperty("role", "secondary")
            grid.addWidget(meaning, row, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        heading = QLabel(translate("Rating", "What gives the images away"))
        heading.setProperty("role", "heading")
        column.addSpacing(SPACE_S)
        column.addWidget(heading)
        column.addLayout(self._features)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        scroll.setAccessibleName(translate("Rating", "Result of the leak check"))
        return scroll

    def _feature_card(self, feature: TellingFeature, remedies: Remedies) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        name = QLabel(feature.title)
        name.setProperty("role", "heading")
        facts = QLabel(feature_text(feature, remedies))
        facts.setWordWrap(True)
        facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(SPACE_S)
        words.addWidget(name)
        words.addWidget(facts, 1)
        row = QHBoxLayout(card)
        row.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        row.setSpacing(SPACE_XL)
        row.addLayout(words, 1)
        for end, path in (("lowest", feature.lowest), ("highest", feature.highest)):
            row.addLayout(self._pictured(f"{feature.title}: {end}", end_text(feature, end), path))
        return card

    def _pictured(self, name: str, caption: str, path: Path) -> QVBoxLayout:
        picture = QLabel()
        picture.setFixedSize(_PICTURE_PX, _PICTURE_PX)
        picture.setAccessibleName(name)
        try:
            picture.setPixmap(self._pixmap(path))
        except StudyError:
            picture.setText(translate("Rating", "missing"))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(picture, alignment=Qt.AlignmentFlag.AlignHCenter)
        below = QLabel(caption)
        below.setProperty("role", "secondary")
        column.addWidget(below, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return column

    def _pixmap(self, path: Path) -> QPixmap:
        if path not in self._pictures:
            ratio = self.devicePixelRatioF()
            image = to_qimage(read_presented(path)).scaled(
                round(_PICTURE_PX * ratio),
                round(_PICTURE_PX * ratio),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            image.setDevicePixelRatio(ratio)
            self._pictures[path] = QPixmap.fromImage(image)
        return self._pictures[path]

    def _remedy_button(self, step: RemedyStep) -> QPushButton:
        button = QPushButton(step.title)
        button.setCheckable(True)
        button.setAccessibleName(f"{step.title}: {step.meaning}")
        toggle: Callable[[], None] = lambda: self.toggle_remedy(step)  # noqa: E731
        button.clicked.connect(toggle)
        return button
