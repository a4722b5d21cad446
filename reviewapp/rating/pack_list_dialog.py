"""The packs of a study: for whom, whether they are back, their code, and calling one off."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.study.errors import StudyError
from reviewapp.study.pack_rows import PackRecord
from reviewapp.study.store import StudyStore
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar

_COLUMNS = ("Reader", "Made", "State", "Code")
_SIZE = (640, 360)


class PackListDialog(QDialog):
    """Cancelling a pack lets its reader's session go on here; later results are refused."""

    def __init__(self, store: StudyStore, study_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Reading packs"))
        self.resize(*_SIZE)
        self._store = store
        self._study_id = study_id
        self._packs: list[PackRecord] = []
        self.messages = MessageBar()
        text = QLabel(
            translate(
                "Rating",
                "While a pack is out, its reader's session cannot be opened here. Cancel a pack "
                "that will not come back: its results are refused from then on.",
            )
        )
        text.setWordWrap(True)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName(translate("Rating", "Packs of this study"))
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.itemSelectionChanged.connect(self._check)
        self.cancel_pack_button = QPushButton(translate("Rating", "Cancel this pack"))
        self.cancel_pack_button.setProperty("role", "danger")
        self.cancel_pack_button.clicked.connect(self.cancel_selected)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.cancel_pack_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        for widget in (text, self.messages, self.table, buttons):
            layout.addWidget(widget)
        self._refresh()

    def cancel_selected(self) -> None:
        """Call the chosen pack off."""
        pack = self._selected()
        if pack is None:
            return
        try:
            self._store.cancel_pack(pack.pack_id)
        except StudyError as error:
            self.messages.show_error(str(error))
        self._refresh()

    def _selected(self) -> PackRecord | None:
        row = self.table.currentRow()
        return self._packs[row] if 0 <= row < len(self._packs) else None

    def _refresh(self) -> None:
        names = {reader.reader_id: reader.name for reader in self._store.readers()}
        self._packs = self._store.packs(self._study_id)
        self.table.setRowCount(len(self._packs))
        for row, pack in enumerate(self._packs):
            cells = (
                names.get(pack.reader_id) or pack.reader_id,
                f"{pack.created_at:%d %b %Y}",
                pack_state(pack),
                pack.code if pack.is_out else "",
            )
            for column, text in enumerate(cells):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self._check()

    def _check(self) -> None:
        pack = self._selected()
        self.cancel_pack_button.setEnabled(pack is not None and pack.is_out)


def pack_state(pack: PackRecord) -> str:
    """Where a pack is, in words."""
    if pack.cancelled_at is not None:
        return f"cancelled {pack.cancelled_at:%d %b %Y}"
    if pack.merged_at is not None:
        return f"results taken back {pack.merged_at:%d %b %Y}"
    return "out"
