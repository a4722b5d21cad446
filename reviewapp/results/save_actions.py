"""Asks where figures, tables and the report go, and tells where they went."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from reviewapp.results.presenter import ResultsPresenter
from reviewapp.results.result_files import (
    CSV_FILTER,
    PNG_FILTER,
    SVG_FILTER,
    ResultFiles,
    proposed_name,
    with_suffix,
    written_text,
)
from reviewapp.study.analysis.table import Table
from reviewapp.study.figures.catalogue import FigureSpec
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar


class SaveActions(QObject):
    """The page's buttons for files; the work itself is `ResultFiles`'."""

    def __init__(
        self, presenter: ResultsPresenter, files: ResultFiles, messages: MessageBar, window: QWidget
    ) -> None:
        super().__init__(window)
        self._presenter = presenter
        self.files = files
        self._messages = messages
        self._window = window
        files.written.connect(self._announce)
        files.failed.connect(messages.show_error)

    def ask_figure(self, spec: FigureSpec) -> None:
        """Ask for a file and write a figure to it."""
        kinds = {SVG_FILTER: ".svg", PNG_FILTER: ".png"}
        path, kind = self._ask_file(spec.name, ".svg", ";;".join(kinds))
        if path is not None:
            self.files.save_figure(spec, with_suffix(path, kinds.get(kind, ".svg")))

    def ask_table(self, table: Table) -> None:
        """Ask for a file and write a table to it."""
        path, _ = self._ask_file(table.name, ".csv", CSV_FILTER)
        if path is not None:
            self.files.save_table(table, with_suffix(path, ".csv"))

    def save_tables(self) -> None:
        """Ask for a folder and write every table to it."""
        view = self._presenter.view
        folder = self._ask_folder("Save all tables in")
        if view is not None and folder is not None:
            self.files.save_tables(tuple(view.outputs.tables.values()), folder)

    def write_report(self) -> None:
        """Write the report to the study's folder of exports."""
        view = self._presenter.view
        if view is not None:
            self.files.write_report(view.analysis, self.files.folder(view.analysis.study.study_id))

    def _ask_file(self, stem: str, suffix: str, kinds: str) -> tuple[Path | None, str]:
        view = self._presenter.view
        if view is None:
            return None, ""
        study = view.analysis.study
        name = proposed_name(study.name, stem, suffix)
        proposed = self.files.folder(study.study_id) / name
        path, kind = QFileDialog.getSaveFileName(self._window, "Save", str(_made(proposed)), kinds)
        return (Path(path) if path else None), kind

    def _ask_folder(self, title: str) -> Path | None:
        proposed = _made(self.files.folder(self._presenter.study_id) / "tables").parent
        path = QFileDialog.getExistingDirectory(self._window, title, str(proposed))
        return Path(path) if path else None

    def _announce(self, paths: list[Path]) -> None:
        folder = paths[0].parent if paths else None
        if folder is not None:
            self._messages.show_info(
                written_text(paths),
                translate("Results", "Open folder"),
                lambda: open_folder(folder),
            )


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _made(path: Path) -> Path:
    """``path`` with its folder made, as a dialog opens only in folders that are there."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    return path
