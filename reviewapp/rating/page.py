"""The Rate page: the studies of a workspace, setting one up, checking it, reading it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.rating.consent_dialog import ConsentDialog
from reviewapp.rating.export_dialog import ExportChoice, ExportDialog
from reviewapp.rating.leak_view import LeakView
from reviewapp.rating.leak_warning_dialog import LeakWarningDialog
from reviewapp.rating.leak_words import session_warning
from reviewapp.rating.pack_actions import PackActions
from reviewapp.rating.passphrase_dialog import PassphraseDialog
from reviewapp.rating.reader_dialog import ReaderDialog
from reviewapp.rating.session_view import SessionView
from reviewapp.rating.study_form import LibraryCounts, StudyForm
from reviewapp.rating.study_overview import StudyOverview
from reviewapp.rating.study_setup import StudySetup
from reviewapp.rating.unblind_dialog import UnblindDialog
from reviewapp.study.errors import StudyError
from reviewapp.study.model import Study
from reviewapp.study.session import RatingSession
from reviewapp.tasks import Task, Work
from reviewapp.translation import translate


class RatingPage(Page):
    """One of its views is on show; during a session nothing but the session."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._last_reader_id = ""
        self.session_view: SessionView | None = None
        self.setup: StudySetup | None = None
        self.leak_view: LeakView | None = None
        #: what the reader's workspace was made from; None in a coordinator's
        self._pack = context.store.opened_pack()
        self.overview = StudyOverview(context.store, of_pack=self._pack is not None)
        self.messages = self.overview.messages
        self.overview.new_requested.connect(self.new_study)
        self.overview.start_requested.connect(self.start_session)
        self.overview.leak_button.clicked.connect(self.check_leaks)
        self.overview.consent_button.clicked.connect(self.ask_consent)
        self.overview.export_button.clicked.connect(self.ask_export)
        self.overview.unblind_button.clicked.connect(self.unblind)
        self.overview.train_button.clicked.connect(self.train)
        self.packs = PackActions(context, self.overview)
        self._views = QStackedWidget()
        self._views.addWidget(self.overview)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._views)
        context.studies_changed.connect(self.refresh)

    def activate(self) -> None:
        """Show the studies as they are now."""
        if self._views.currentWidget() is self.overview:
            self.refresh()
            wanted, self.context.wanted_study = self.context.wanted_study, ""
            if wanted:
                self.overview.select(wanted)
            self.overview.table.setFocus()

    def close_page(self) -> None:
        """Let go of an open session; it can be resumed at the same image."""
        self._leave_session()

    def refresh(self) -> None:
        """Read the studies again."""
        self.overview.refresh()

    # Setting up

    def new_study(self) -> None:
        """Show the set-up of a new study."""
        library = LibraryCounts.of(self.context.store)
        if not library.real or not library.generated:
            self.messages.show_error(
                translate(
                    "Rating",
                    "A study needs real and generated images. Import a data set and generate "
                    "images on the Browse page first.",
                )
            )
            return
        self.messages.clear()
        self.setup = StudySetup(library, self.overview.names())
        self.setup.cancelled.connect(self._leave_setup)
        self.setup.create_requested.connect(self._create_from_setup)
        self._show(self.setup)
        self.setup.name_edit.setFocus()

    def create_study(self, form: StudyForm) -> Task | None:
        """Render and seal the images of a form's study in the background; then check for leaks."""
        store = self.context.store
        try:
            protocol = form.protocol()
        except StudyError as error:
            self.messages.show_error(str(error))
            return None
        task = self._run(
            f"Setting up “{form.name.strip()}”",
            lambda progress, cancelled: store.create_study(
                form.name.strip(),
                protocol,
                form.passphrase,
                progress=progress,
                cancelled=cancelled,
            ),
        )
        task.succeeded.connect(lambda study: self._study_made(study, form.passphrase))
        return task

    def check_leaks(self) -> None:
        """Ask for the passphrase, then audit the chosen study."""
        line = self.overview.selected()
        if line is None:
            return
        dialog = PassphraseDialog(
            "Leak check",
            f"The check of “{line.study.name}” has to know which images are generated. "
            "The study stays blinded.",
            "Check",
            self,
        )
        if dialog.exec():
            self.show_leaks(line.study, dialog.passphrase())

    def show_leaks(self, study: Study, passphrase: str) -> None:
        """Audit a study and show what was found."""
        self.leak_view = LeakView(self.context, study, passphrase)
        self.leak_view.closed.connect(self._leave_leaks)
        self._show(self.leak_view)
        self.leak_view.check()

    # Reading

    def start_session(self) -> None:
        """Ask who reads, then open that reader's session where it stands."""
        line = self.overview.selected()
        if line is None or not line.can_be_read:
            return
        if self._pack is not None:
            if not self._pack.leak_warns or LeakWarningDialog(self).exec():
                self.open_session(line.study.study_id, self._pack.reader_id)
            return
        store = self.context.store
        audit = store.last_leak_audit(line.study.study_id)
        warning = session_warning(audit) if audit is not None and audit.warns else ""
        dialog = ReaderDialog(store.readers(), self._last_reader_id, "Start", warning, self)
        if not dialog.exec():
            return
        try:
            reader = dialog.reader()
            if dialog.is_new:
                reader = store.add_reader(reader)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self.open_session(line.study.study_id, reader.reader_id)

    def open_session(self, study_id: str, reader_id: str) -> None:
        """Show a reader's session in place of everything else."""
        try:
            info = self.context.store.open_session(study_id, reader_id)
            session = RatingSession(self.context.store, info)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self._last_reader_id = reader_id
        self.messages.clear()
        self.session_view = SessionView(session)
        self.session_view.left.connect(self._leave_session)
        self._show(self.session_view)
        self.context.focus_mode.emit(True)
        self.session_view.proceed_button.setFocus()

    # Afterwards

    def ask_consent(self) -> None:
        """Show which readers of the study agree to training, and let them change it."""
        line = self.overview.selected()
        if line is not None:
            ConsentDialog(self.context.store, line.study.study_id, self).exec()
            self.context.studies_changed.emit()

    def ask_export(self) -> None:
        """Ask how, then write the study's ratings."""
        line = self.overview.selected()
        if line is None:
            return
        dialog = ExportDialog(line.study, self)
        if dialog.exec():
            self.export(dialog.choice())

    def export(self, choice: ExportChoice | None = None) -> None:
        """Write the study's files below the workspace's exports."""
        from reviewapp.study.export import export_ratings

        line, wanted = self.overview.selected(), choice or ExportChoice()
        if line is None:
            return
        store, study_id = self.context.store, line.study.study_id
        folder = self.context.workspace.exports / study_id
        task = self._run(
            "Exporting ratings",
            lambda _progress, _cancelled: export_ratings(
                store, study_id, folder, bom=wanted.bom, truth=wanted.truth, parquet=wanted.parquet
            ),
        )
        task.succeeded.connect(self._announce_export)

    def unblind(self) -> None:
        """Ask for the passphrase and end the blinding."""
        line = self.overview.selected()
        if line is None:
            return
        dialog = UnblindDialog(line.study.name, line.n_unfinished, self)
        if dialog.exec():
            self.unblind_with(line.study.study_id, dialog.passphrase())

    def unblind_with(self, study_id: str, passphrase: str) -> None:
        """Unseal the truth; a wrong passphrase is told on the page."""
        try:
            self.context.store.unblind(study_id, passphrase)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self.messages.show_info(
            translate("Rating", "The study is unblinded; its truth is part of exports now.")
        )
        self.context.studies_changed.emit()
        # The button pressed is disabled now and would hand the focus to the navigation.
        self.overview.table.setFocus()

    def train(self) -> None:
        """Go to the feedback round of the study, or to where one begins."""
        line = self.overview.selected()
        if line is not None:
            self.context.wanted_study = line.study.study_id
            self.context.show_page.emit("rounds")

    # Views and tasks

    def _run(self, title: str, work: Work) -> Task:
        return self.overview.run_task(self.context.tasks, title, work)

    def _create_from_setup(self, form: StudyForm) -> None:
        self._leave_setup()
        self.create_study(form)

    def _study_made(self, study: Study, passphrase: str) -> None:
        self.context.studies_changed.emit()
        self.overview.select(study.study_id)
        # The reader of another study must not be torn out of a session.
        if self.session_view is None:
            self.show_leaks(study, passphrase)

    def _announce_export(self, paths: list[Path]) -> None:
        from reviewapp.results.save_actions import open_folder

        folder = paths[0].parent
        self.messages.show_info(
            f"Exported to {folder}", translate("Rating", "Open folder"), lambda: open_folder(folder)
        )

    def _leave_setup(self) -> None:
        if self.setup is not None:
            view, self.setup = self.setup, None
            self._drop(view)

    def _leave_leaks(self) -> None:
        if self.leak_view is not None:
            view, self.leak_view = self.leak_view, None
            self._drop(view)

    def _leave_session(self) -> None:
        if self.session_view is None:
            return
        view, self.session_view = self.session_view, None
        try:
            view.leave()
        except StudyError as error:
            stored = translate(
                "Rating",
                "The session was left. The answers that went through are stored; a comment just "
                "typed may not be.",
            )
            self.messages.show_error(f"{error}\n{stored}")
        self.context.focus_mode.emit(False)
        self._drop(view)
        self.context.studies_changed.emit()

    def _show(self, view: QWidget) -> None:
        self._views.addWidget(view)
        self._views.setCurrentWidget(view)

    def _drop(self, view: QWidget) -> None:
        self._views.removeWidget(view)
        self._views.setCurrentWidget(self.overview)
        # Deleted when control is back in the event loop: the call may come from its key press.
        QTimer.singleShot(0, view, view.deleteLater)
        self.overview.table.setFocus()
