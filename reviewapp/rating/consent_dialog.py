"""Which sessions of a study may train generators: the readers' consent, changed at their wish."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.study.errors import StudyError
from reviewapp.study.event_log import computer_user
from reviewapp.study.model import SessionInfo
from reviewapp.study.store import StudyStore
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar

_SIZE = (520, 340)


class ConsentDialog(QDialog):
    """One box a session; each change is kept at once, with its time and who sat here."""

    def __init__(self, store: StudyStore, study_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Readers' consent to training"))
        self.resize(*_SIZE)
        self._store = store
        self._study_id = study_id
        self.messages = MessageBar()
        text = QLabel(
            translate(
                "Rating",
                "Ratings of a ticked reader may train generators. Change it only at that reader's "
                "wish. Training that has begun keeps the ratings it was given; no later round uses "
                "those of a reader who has taken the consent back.",
            )
        )
        text.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName(
            translate("Rating", "Readers who agree to training with their ratings")
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        for widget in (text, self.messages, self.list, buttons):
            layout.addWidget(widget)
        self._fill()
        self.list.itemChanged.connect(self._change)

    def _fill(self) -> None:
        names = {reader.reader_id: reader.name for reader in self._store.readers()}
        for session in self._store.sessions(self._study_id):
            item = QListWidgetItem(
                f"{names.get(session.reader_id) or session.reader_id}  ·  {_state(session)}"
            )
            item.setData(Qt.ItemDataRole.UserRole, session.session_id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(_checked(session.consented is True))
            self.list.addItem(item)
        if not self.list.count():
            self.messages.show_info(translate("Rating", "No reader has begun this study yet."))

    def _change(self, item: QListWidgetItem) -> None:
        given = item.checkState() == Qt.CheckState.Checked
        try:
            self._store.record_consent(
                item.data(Qt.ItemDataRole.UserRole), given, actor=computer_user()
            )
        except StudyError as error:
            self.messages.show_error(str(error))
            self.list.blockSignals(True)
            item.setCheckState(_checked(not given))
            self.list.blockSignals(False)


def _checked(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked


def _state(session: SessionInfo) -> str:
    asked = {None: "not asked yet", True: "agreed", False: "did not agree"}[session.consented]
    done = "finished" if session.finished_at else f"{session.n_answered} of {session.n_trials}"
    return f"{done}, {asked}"
