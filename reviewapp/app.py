"""``medgan-review``: reads the command line, checks that Qt can run, opens the window.

Nothing here imports Qt or torch at the top, so that a machine that lacks a system library is told
so in words, and the window is on the screen before the slow libraries load.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reviewapp import __version__, qt_platform
from reviewapp.preloading import preload

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from reviewapp.main_window import MainWindow

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_CANNOT_START = 3


def main(arguments: list[str] | None = None) -> int:
    """Run the app or one of its commands; returns the process's exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if arguments[:1] == ["export"]:
        from reviewapp.export_command import run_export

        return run_export(arguments[1:])
    if arguments[:1] == ["analyse"]:
        from reviewapp.analyse_command import run_analyse

        return run_analyse(arguments[1:])
    if arguments[:1] == ["connect"]:
        from reviewapp.connect_command import run_connect

        return run_connect(arguments[1:])
    if arguments[:1] == ["pack"]:
        from reviewapp.pack_command import run_pack

        return run_pack(arguments[1:])
    if arguments[:1] == ["verify"]:
        from reviewapp.verify_command import run_verify

        return run_verify(arguments[1:])
    options = _parser().parse_args(arguments)
    if options.version:
        print(f"medgan-review {__version__}")
    if options.doctor:
        from reviewapp.doctor import run_doctor

        return run_doctor()
    if options.version:
        return EXIT_OK
    window_possible = qt_platform.has_display()
    missing = qt_platform.missing_libraries(window=window_possible)
    if missing:
        print(qt_platform.explain_missing(missing), file=sys.stderr)
        return EXIT_CANNOT_START
    if window_possible:
        return _run_window(options)
    if options.demo:
        return _run_scripted_demo(options)
    print(
        "No display was found, so no window can be shown. Start medgan-review on a desktop, or run "
        "'medgan-review --demo' here to see the whole loop scripted, without a window.",
        file=sys.stderr,
    )
    return EXIT_CANNOT_START


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgan-review",
        description="Review real and generated medical images, rate them blinded, train on the "
        "ratings. Without a window: 'medgan-review analyse --help', 'medgan-review export --help', "
        "'medgan-review pack --help', 'medgan-review connect --help' and 'medgan-review verify "
        "--help'.",
    )
    parser.add_argument("workspace", nargs="?", type=Path, help="workspace folder to open")
    parser.add_argument(
        "--demo", action="store_true", help="open (or make) the demo; WORKSPACE says where"
    )
    parser.add_argument("--version", action="store_true", help="tell the version and end")
    parser.add_argument(
        "--doctor",
        action="store_true",
        help="tell what this computer has for the program, what is missing and how to get it",
    )
    return parser


def make_application() -> QApplication:
    """The QApplication with name, theme and language set."""
    from PySide6.QtWidgets import QApplication

    from reviewapp.preferences import PreferencesFile
    from reviewapp.theme.stylesheet import apply_theme
    from reviewapp.translation import install_language

    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("medgan-review")
    application.setApplicationVersion(__version__)
    install_language(application, PreferencesFile().read().language)
    apply_theme(application)
    return application


def make_window(workspace: Path | None, *, demo: bool = False) -> MainWindow:
    """The main window, shown, with the workspace, the demo, the last workspace or the welcome."""
    from PySide6.QtCore import QTimer

    from reviewapp.main_window import MainWindow
    from reviewapp.recent import RecentWorkspaces
    from reviewapp.unhandled_errors import UnhandledErrors

    recent = RecentWorkspaces()
    window = MainWindow(recent)
    UnhandledErrors(window).told.connect(window.tell_error)
    window.show()
    last = recent.last()
    # From the event loop, so that the window is painted before the workspace is read.
    if demo:
        QTimer.singleShot(0, lambda: window.open_demo(workspace))
    elif workspace is not None:
        QTimer.singleShot(0, lambda: window.open_workspace(workspace))
    elif last is not None:
        QTimer.singleShot(0, lambda: window.reopen_workspace(last))
    return window


def _run_window(options: argparse.Namespace) -> int:
    preload()
    application = make_application()
    window = make_window(options.workspace, demo=options.demo)
    code = application.exec()
    window.close()
    return code


def _run_scripted_demo(options: argparse.Namespace) -> int:
    print("No display was found: running the demo's whole loop without a window.")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from reviewapp.demo.tour import run_tour

    make_application()
    return run_tour(options.workspace)
