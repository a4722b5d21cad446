"""The main window: a navigation column and the pages, known only by their interface."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError, StorageError
from engine.workspace import Workspace
from reviewapp.backup_keeper import BackupKeeper
from reviewapp.context import AppContext
from reviewapp.known_servers import KnownServers, UnknownServerError
from reviewapp.navigation import Navigation
from reviewapp.page import Page, PageEntry
from reviewapp.page_stack import PageFrame, PageStack
from reviewapp.pages import PAGES
from reviewapp.preferences import PreferencesFile
from reviewapp.recent import RecentWorkspaces, user_data_folder
from reviewapp.settings_menu import SettingsMenu
from reviewapp.study.errors import DamagedDatabaseError, StudyError
from reviewapp.tasks import Task, TaskRunner, Work
from reviewapp.theme.icons import icon
from reviewapp.theme.switching import ThemeSwitch
from reviewapp.translation import install_language, translate
from reviewapp.welcome import WelcomePage
from reviewapp.widgets.keys_overlay import KeysOverlay
from reviewapp.workspace_messages import WorkspaceMessages

if TYPE_CHECKING:
    from reviewapp.demo.guide import Guide
    from reviewapp.status.status_line import StatusLine

_STATUS_MS = 8000
_FIRST_BACKUP_MS = 2000


class MainWindow(QMainWindow):
    """Shows the welcome page or the pages of one open workspace.

    Pages are made on their first visit. Closing the window ends background work at a point from
    which it can go on, and joins its threads.
    """

    workspace_opened = Signal(Path)

    def __init__(
        self,
        recent: RecentWorkspaces | None = None,
        pages: tuple[PageEntry, ...] = PAGES,
    ) -> None:
        super().__init__()
        self._recent = recent or RecentWorkspaces()
        self._preferences = PreferencesFile(self._recent.folder / "preferences.json")
        self._servers = KnownServers(self._recent.folder / "servers.json")
        self._theme = ThemeSwitch(self._preferences.read().theme, self)
        self._entries = {entry.page_id: entry for entry in pages}
        self._pages: dict[str, Page] = {}
        self.context: AppContext | None = None
        self._preparations = TaskRunner(self)
        self.setWindowTitle(translate("MainWindow", "medgan-review"))
        self.setWindowIcon(icon("layers"))
        self.resize(1280, 800)

        self._page_stack = PageStack()
        self._navigation = self._make_navigation()
        workspace_view = QWidget()
        layout = QHBoxLayout(workspace_view)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._navigation)
        self.messages = WorkspaceMessages()
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self._page_stack, 1)
        layout.addLayout(column, 1)
        self._workspace_view = workspace_view
        self._views = QStackedWidget()
        self._views.addWidget(workspace_view)
        self.setCentralWidget(self._views)
        self.status_line: StatusLine | None = None
        self.backups: BackupKeeper | None = None
        self.guide: Guide | None = None
        QShortcut(QKeySequence("Ctrl+Q"), self).activated.connect(self.close)
        self.keys_overlay = KeysOverlay(self)
        self._keys_shortcuts = [QShortcut(QKeySequence(key), self) for key in ("?", "F1")]
        for shortcut in self._keys_shortcuts:
            shortcut.activated.connect(self.show_keys)
        self.welcome = self._make_welcome()

    def _make_navigation(self) -> Navigation:
        navigation = Navigation(self._entries.values())
        # The lambda keeps the window until Python's collector runs (`garbage_collection`): deleted
        # at once, it would take along what still waits for its own deletion.
        navigation.page_chosen.connect(lambda page_id: self._choose_page(page_id))
        navigation.workspaces_asked.connect(self.close_workspace)
        navigation.settings_asked.connect(self._open_settings)
        return navigation

    def _open_settings(self) -> None:
        menu = SettingsMenu(self._preferences.read(), self)
        menu.theme_chosen.connect(self.choose_theme)
        menu.language_chosen.connect(self.choose_language)
        menu.guide_asked.connect(self.start_guide)
        menu.keys_asked.connect(self.show_keys)
        button = self._navigation.settings_button
        menu.popup(button.mapToGlobal(button.rect().topRight()))

    def choose_theme(self, choice: str) -> None:
        """Use the theme "dark", "light" or "system" from now on."""
        self._preferences.change(theme=choice)
        self._theme.choose(choice)

    def choose_language(self, language: str) -> None:
        """Speak ``language``, "" for the system's; pages made already keep their words."""
        self._preferences.change(language=language)
        application = QCoreApplication.instance()
        if application is not None:
            install_language(application, language)
        self.statusBar().showMessage(
            translate(
                "MainWindow",
                "Sessions speak this language from now on, all else from the next start.",
            ),
            _STATUS_MS,
        )

    def _make_welcome(self) -> WelcomePage:
        welcome = WelcomePage(self._recent.folders())
        welcome.open_requested.connect(self.open_workspace)
        welcome.reopen_requested.connect(self.reopen_workspace)
        welcome.demo_requested.connect(self.open_demo)
        welcome.pack_requested.connect(self.open_pack)
        # A long list of recent workspaces must not keep the window high, seen or not.
        self._welcome_frame = PageFrame(welcome)
        self._views.addWidget(self._welcome_frame)
        self._views.setCurrentWidget(self._welcome_frame)
        self.statusBar().hide()
        return welcome

    def open_workspace(self, folder: Path, *, check: bool = False) -> bool:
        """Open a workspace and show its first page; a failure is told on the welcome page.

        A damaged database is restored first, which is told above the page; ``check`` looks for
        damage in all of it.
        """
        self._release_workspace()
        try:
            self._servers.check(Workspace(folder.expanduser().resolve()))
            context = self._open_context(folder, check=check)
        except UnknownServerError as error:
            self._show_welcome()
            self._ask_for_server(folder, error)
            return False
        except (EngineError, StudyError) as error:
            self._show_welcome()
            self.welcome.messages.show_error(str(error))
            return False
        self.context = context
        context.focus_mode.connect(self._set_focus_mode)
        context.show_page.connect(self.show_page)
        # From the event loop: the workspace that asks is closed by it.
        context.workspace_requested.connect(self.open_workspace, Qt.ConnectionType.QueuedConnection)
        context.status_message.connect(lambda text: self.statusBar().showMessage(text, _STATUS_MS))
        self._recent.remember(folder)
        # What it needs comes with the workspace: the window must not wait for it.
        from reviewapp.status.status_line import StatusLine

        self.status_line = StatusLine(context)
        self.statusBar().addPermanentWidget(self.status_line)
        self.setWindowTitle(f"{folder.name} – medgan-review")
        self._views.setCurrentWidget(self._workspace_view)
        self.statusBar().show()
        # Who opens a reading pack has come to rate.
        came_to_rate = context.store.opened_pack() is not None and "rating" in self._entries
        self.show_page("rating" if came_to_rate else next(iter(self._entries)))
        self._keep_backups(context)
        self.workspace_opened.emit(folder)
        return True

    def _ask_for_server(self, folder: Path, unknown: UnknownServerError) -> None:
        def agree() -> None:
            try:
                self._servers.agree(Workspace(folder.expanduser().resolve()), unknown.server)
            except StorageError as error:
                self.welcome.messages.show_error(str(error))
                return
            self.open_workspace(folder)

        words = translate("MainWindow", "Connect to this server")
        self.welcome.messages.show_info(str(unknown), words, agree)
        # Not on the button: Enter alone must not agree.
        self.welcome.setFocus()

    def reopen_workspace(self, folder: Path) -> bool:
        """Open a workspace that was open before; one that is not there is told, never made anew."""
        known = Workspace(folder)
        if known.database.is_file() or known.settings.is_file() or known.datasets.is_dir():
            return self.open_workspace(folder)
        self._release_workspace()
        self._show_welcome()
        self.welcome.messages.show_error(
            translate(
                "MainWindow",
                "The workspace {folder} is not there. If it lies on a drive or in the network, "
                "connect that and open the workspace again. If it was moved, choose "
                "“Open workspace…” and show where it is now.",
            ).format(folder=folder)
        )
        return False

    def _open_context(self, folder: Path, *, check: bool) -> AppContext:
        context = AppContext.open(folder, self, check=check)
        try:
            context.store.sync_library()
        except BaseException as error:
            context.close()
            context.deleteLater()
            if isinstance(error, DamagedDatabaseError) and not check:
                return self._open_context(folder, check=True)
            raise
        return context

    def _keep_backups(self, context: AppContext) -> None:
        keeper = BackupKeeper(context.store, self)
        keeper.failed.connect(self.messages.show_when_not_reading)
        keeper.damaged.connect(self._offer_restoration)
        self.backups = keeper
        if context.store.restoration is not None:
            self.messages.show_info(context.store.restoration.message)
        # The page and its images come first.
        QTimer.singleShot(_FIRST_BACKUP_MS, keeper, keeper.check)

    def _offer_restoration(self, damage: str) -> None:
        self.messages.show_error(
            damage, translate("MainWindow", "Restore now"), self._restore_workspace
        )

    def _restore_workspace(self) -> None:
        if self.context is not None:
            self.open_workspace(self.context.workspace.root, check=True)

    def open_demo(self, folder: Path | None = None) -> Task:
        """Make the demo workspace in the background, then open it."""
        from reviewapp.demo.workspace import demo_workspace_folder, prepare_demo

        target = folder or demo_workspace_folder()
        work: Work = lambda progress, cancelled: prepare_demo(target, progress, cancelled)  # noqa: E731
        task = self._preparations.prepare("Preparing the demo", work)
        task.succeeded.connect(lambda _: self._begin_demo(target))
        self.welcome.follow(task)
        return self._preparations.launch(task)

    def _begin_demo(self, folder: Path) -> None:
        if self.open_workspace(folder) and not self._preferences.read().guide_seen:
            self.start_guide()

    def start_guide(self) -> None:
        """Lead through the pages of the open workspace."""
        from reviewapp.demo.guide import Guide

        self._end_guide()
        self.guide = Guide(self.show_page, self)
        self.guide.ended.connect(self._note_guide_seen)

    def _note_guide_seen(self) -> None:
        self._preferences.change(guide_seen=True)
        self._end_guide()

    def _end_guide(self) -> None:
        if self.guide is not None:
            self.guide.hide()
            self.guide.deleteLater()
            self.guide = None

    def open_pack(self) -> None:
        """Ask for a reading pack and open the workspace made from it."""
        from reviewapp.rating.open_pack_dialog import OpenPackDialog

        dialog = OpenPackDialog(self._preparations, user_data_folder() / "packs", self)
        if dialog.exec() and dialog.workspace_folder is not None:
            self.open_workspace(dialog.workspace_folder)

    def _choose_page(self, page_id: str) -> None:
        # A key's button is still being pressed when the next key ends the program.
        if self.context is not None:
            self.show_page(page_id)

    def show_page(self, page_id: str) -> Page:
        """Bring a page to the front, making it on the first visit."""
        assert self.context is not None, "a page needs an open workspace"
        page = self._pages.get(page_id)
        if page is None:
            page = self._entries[page_id].load()(self.context)
            self._pages[page_id] = page
        self._page_stack.show_page(page)
        self._navigation.show_chosen(page_id)
        page.activate()
        return page

    @property
    def page(self) -> Page | None:
        """The page in front; None while no workspace is open."""
        return self._page_stack.page

    def tell_error(self, text: str) -> None:
        """Say what failed where no page has said it: at once, or after a reader's session."""
        if self.context is None:
            self.welcome.messages.show_error(text)
        else:
            self.messages.show_when_not_reading(text)

    def show_keys(self) -> None:
        """Lay the list of keys over the page."""
        page = self.page
        in_workspace = self._views.currentWidget() is self._workspace_view
        own = page.keys() if in_workspace and page is not None else ()
        pages = [(entry.shortcut, f"the page {entry.title}") for entry in self._entries.values()]
        rows = [*own, *(pages if in_workspace else ()), ("?  or  F1", "this list")]
        self.keys_overlay.open_with([*rows, ("Ctrl+Q", "end the program")])

    def close_workspace(self) -> None:
        """Back to the welcome page."""
        self._release_workspace()
        self._show_welcome()

    def _show_welcome(self) -> None:
        old = self._welcome_frame
        self.welcome = self._make_welcome()
        self._views.removeWidget(old)
        old.deleteLater()
        self.setWindowTitle(translate("MainWindow", "medgan-review"))

    def _set_focus_mode(self, on: bool) -> None:
        """Hide everything but the page while a reader is in a blinded session."""
        self._theme.set_reading(on)
        self.messages.set_reading(on)
        if self.guide is not None:
            self.guide.setVisible(not on)
        # A session has keys and a list of its own.
        for shortcut in self._keys_shortcuts:
            shortcut.setEnabled(not on)
        self._navigation.setVisible(not on)
        self.statusBar().setVisible(not on)

    def _release_workspace(self) -> None:
        if self.context is None:
            return
        for page in self._pages.values():
            page.close_page()
            self._page_stack.drop_page(page)
        self._pages.clear()
        self._end_guide()
        self._set_focus_mode(False)
        self.messages.clear()
        if self.backups is not None:
            self.backups.stop()
            self.backups.deleteLater()
            self.backups = None
        if self.status_line is not None:
            self.status_line.stop()
            self.statusBar().removeWidget(self.status_line)
            self.status_line.deleteLater()
            self.status_line = None
        self.context.close()
        # Deleted when control is back in the event loop: the call may come from one of its signals.
        QTimer.singleShot(0, self.context.deleteLater)
        self.context = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the page the room that it needs most."""
        super().resizeEvent(event)
        self._navigation.fit(self.size())

    def closeEvent(self, event: QCloseEvent) -> None:
        """End all background work resumably before the window goes."""
        self.hide()
        self._preparations.shutdown()
        self._release_workspace()
        event.accept()
