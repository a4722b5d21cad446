"""What the Rate page does with reading packs: make, open, write results, take them back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from reviewapp.context import AppContext
from reviewapp.rating.open_pack_dialog import OpenPackDialog
from reviewapp.rating.pack_code_dialog import PackCodeDialog
from reviewapp.rating.pack_files import (
    PACK_FILTER,
    PACK_SUFFIX,
    RESULTS_FILTER,
    RESULTS_SUFFIX,
    file_stem,
)
from reviewapp.rating.pack_list_dialog import PackListDialog
from reviewapp.rating.reader_dialog import ReaderDialog
from reviewapp.rating.study_overview import StudyOverview
from reviewapp.recent import user_data_folder
from reviewapp.study.errors import StudyError
from reviewapp.study.pack_results import MergeReport
from reviewapp.study.reading_pack import IssuedPack
from reviewapp.tasks import Task, Work
from reviewapp.translation import translate


class PackActions(QObject):
    """Asks, works in the background, and tells on the overview; refusals come with the reason."""

    def __init__(self, context: AppContext, overview: StudyOverview) -> None:
        super().__init__(overview)
        self._context = context
        self._overview = overview
        overview.make_pack_action.triggered.connect(self.make)
        overview.list_packs_action.triggered.connect(self.list_packs)
        overview.merge_pack_action.triggered.connect(self.merge)
        overview.open_pack_action.triggered.connect(self.open)
        overview.results_button.clicked.connect(self.write_results)

    def make(self) -> None:
        """Ask for the reader and the file, then write the pack of the chosen study."""
        line = self._overview.selected()
        if line is None:
            return
        store = self._context.store
        done = {s.reader_id for s in store.sessions(line.study.study_id) if s.finished_at}
        readers = [reader for reader in store.readers() if reader.reader_id not in done]
        dialog = ReaderDialog(
            readers, "", translate("Rating", "Choose file…"), parent=self._overview
        )
        if not dialog.exec():
            return
        try:
            reader = store.add_reader(dialog.reader()) if dialog.is_new else dialog.reader()
        except StudyError as error:
            self._overview.messages.show_error(str(error))
            return
        proposed = self._proposed(file_stem(line.study.name, reader.reader_id) + PACK_SUFFIX)
        path, _ = QFileDialog.getSaveFileName(
            self._overview, "Write the pack to", proposed, PACK_FILTER
        )
        if path:
            self.make_pack(line.study.study_id, reader.reader_id, Path(path))

    def make_pack(self, study_id: str, reader_id: str, path: Path) -> Task:
        """Write a reader's pack and show its code."""
        store = self._context.store
        task = self._run(
            "Writing the pack",
            lambda _progress, _cancelled: store.make_pack(study_id, reader_id, path),
        )
        task.succeeded.connect(self._show_code)
        return task

    def list_packs(self) -> None:
        """Show the chosen study's packs."""
        line = self._overview.selected()
        if line is not None:
            PackListDialog(self._context.store, line.study.study_id, self._overview).exec()
            self._context.studies_changed.emit()

    def merge(self) -> None:
        """Ask for a file of results and take them into their study."""
        path, _ = QFileDialog.getOpenFileName(
            self._overview, "Take results back", "", RESULTS_FILTER
        )
        if path:
            self.merge_results(Path(path))

    def merge_results(self, path: Path) -> Task:
        """Take a reader's results into the study they belong to."""
        store = self._context.store
        task = self._run(
            "Taking results back", lambda _progress, _cancelled: store.merge_pack_results(path)
        )
        task.succeeded.connect(self._announce_merge)
        return task

    def open(self) -> None:
        """Open a pack that was sent, in a workspace of its own."""
        dialog = OpenPackDialog(self._context.tasks, user_data_folder() / "packs", self._overview)
        if dialog.exec() and dialog.workspace_folder is not None:
            self._context.workspace_requested.emit(dialog.workspace_folder)

    def write_results(self) -> None:
        """Ask for a file, then write the answers given so far for the coordinator."""
        pack = self._context.store.opened_pack()
        if pack is None:
            return
        name = self._context.store.study(pack.study_id).name
        proposed = self._proposed(file_stem(name, pack.reader_id) + RESULTS_SUFFIX)
        path, _ = QFileDialog.getSaveFileName(
            self._overview, "Write the results to", proposed, RESULTS_FILTER
        )
        if path:
            self.write_results_to(Path(path))

    def write_results_to(self, path: Path) -> Task:
        """Write the answers given so far for the coordinator."""
        store = self._context.store
        task = self._run(
            "Writing the results", lambda _progress, _cancelled: store.write_pack_results(path)
        )
        task.succeeded.connect(lambda _: self._announce_results(path))
        return task

    def _proposed(self, name: str) -> str:
        # A name alone would be proposed in the folder that the program was started in.
        return str(self._context.workspace.exports / name)

    def _run(self, title: str, work: Work) -> Task:
        return self._overview.run_task(self._context.tasks, title, work)

    def _show_code(self, pack: IssuedPack) -> None:
        self._context.studies_changed.emit()
        reader = self._reader_name(pack.reader_id)
        self._overview.messages.show_info(
            f"The pack for {reader} is written to {pack.path}; its code is {pack.code}."
        )
        PackCodeDialog(reader, pack.path, pack.code, self._overview).open()

    def _announce_merge(self, report: MergeReport) -> None:
        self._context.studies_changed.emit()
        reader = self._reader_name(report.reader_id)
        self._overview.messages.show_info(merge_text(report, reader))

    def _reader_name(self, reader_id: str) -> str:
        names = {reader.reader_id: reader.name for reader in self._context.store.readers()}
        return names.get(reader_id) or reader_id

    def _announce_results(self, path: Path) -> None:
        self._overview.messages.show_info(
            f"The results are written to {path}. Send this file to the coordinator."
        )


def merge_text(report: MergeReport, reader: str) -> str:
    """What a merge has done to the session of ``reader``, in words."""
    if not report.n_new_answers and not report.n_new_marks:
        return f"Nothing new: the answers of {reader} were taken back before."
    state = "The session is finished." if report.finished else "The session is not finished yet."
    answers = f"{report.n_new_answers} new answer{'' if report.n_new_answers == 1 else 's'}"
    marks = f"{report.n_new_marks} new mark{'' if report.n_new_marks == 1 else 's'}"
    return f"{answers} and {marks} of {reader} were taken into the study. {state}"
