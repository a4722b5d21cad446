"""The whole loop, scripted through the real widgets: what ``--demo`` does without a display."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from engine.errors import EngineError
from engine.progress import never_cancelled
from engine.training.events import RunState
from reviewapp.context import AppContext
from reviewapp.demo import workspace as demo
from reviewapp.demo.simulated_reader import SimulatedReader
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces, user_data_folder
from reviewapp.study.errors import StudyError
from reviewapp.study.model import Reader
from reviewapp.tasks import Task

if TYPE_CHECKING:
    from reviewapp.rating.session_view import SessionView
    from reviewapp.rounds.page import RoundsPage

_PASSPHRASE = "demo loop"
_STUDY = "Scripted demo"
_TRAINED_STEPS = 40
#: whose images the simulated reader tells from real ones most often
_PARENT = "dcgan-idrid"
_FEEDBACK_STEPS = 10
_PATIENCE_S = 180
_POLL_MS = 20
_SETTLE_MS = 400
#: key presses that make a mark wider
_WIDENED = 5


class TourError(Exception):
    """A step of the scripted demo did not come to its end."""


def run_tour(folder: Path | None = None) -> int:
    """Run the loop in a new workspace and print where the results lie; returns the exit code.

    Needs a QApplication; works on any platform plugin.
    """
    stamp = f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}"
    root = folder or user_data_folder() / "demo-scripted" / stamp
    window = MainWindow(RecentWorkspaces(root / "recent.json"))
    try:
        window.show()
        if not window.open_workspace(root):
            print(window.welcome.messages.text)
            return 1
        Tour(window).run()
    except (TourError, EngineError, StudyError) as error:
        print(f"The demo stopped: {error}")
        return 1
    finally:
        window.close()
    print(f"\nWorkspace    {root}\nRatings      {root / 'exports'}")
    print(f"Screenshots  {root / 'screenshots'}")
    return 0


class Tour:
    """Drives one window through import, training, a blinded session, export and feedback."""

    def __init__(self, window: MainWindow) -> None:
        assert window.context is not None, "a tour needs an open workspace"
        self._window = window
        self._context: AppContext = window.context
        self._root = self._context.workspace.root

    def run(self) -> None:
        """All steps in turn; raises `TourError` where one does not end well."""
        self._tell("Drawing hearts and eyes in the real formats")
        demo.draw_phantoms(self._context.workspace, never_cancelled)
        self._import("acdc")
        self._import("idrid")
        self._train_new_run()
        self._generate()
        self._rate(self._make_study())
        self._feed_back()
        self._tell("Taking pictures of the pages")
        for page_id in ("browse", "rating", "results", "training", "rounds"):
            self._window.show_page(page_id)
            _let_run(_SETTLE_MS)
            self._wait(lambda: not self._context.tasks.running(), f"the page {page_id}")
            self._picture(page_id)

    def _import(self, kind: str) -> None:
        from reviewapp.data_import.dialog import ImportDialog

        dialog = ImportDialog(self._context, self._window)
        dialog.form_view.set_folder(demo.phantom_folder(self._context.workspace) / kind)
        dialog.show()
        task = dialog.start()
        if task is None:
            raise TourError(f"The {kind} phantoms were not recognised as a data set.")
        self._finish(task)
        self._picture(f"import-{kind}", dialog)
        dialog.close()
        self._tell(f"Imported {self._context.store.count_images()} images so far")

    def _train_new_run(self) -> None:
        from reviewapp.training.new_run_dialog import NewRunDialog

        self._window.show_page("training")
        dialog = NewRunDialog(self._context, self._window)
        dialog.show()
        self._wait(lambda: dialog.size_box.count() > 0, "looking up the generators")
        dialog.size_box.setCurrentIndex(0)
        dialog.steps_spin.setValue(_TRAINED_STEPS)
        self._picture("new-run", dialog)
        dialog.start()
        (run_id,) = dialog.run_ids
        self._tell(f"Training {run_id} for {_TRAINED_STEPS} steps")
        self._wait_finished(run_id)

    def _generate(self) -> None:
        from reviewapp.browse.network_jobs import GenerateRequest
        from reviewapp.training.page import TrainingPage

        demo.install_shipped_runs(self._context.workspace)
        page = self._window.show_page("training")
        assert isinstance(page, TrainingPage)
        for run in demo.SHIPPED_RUNS:
            request = GenerateRequest(run.run_id, run.n_images, 1, run.maps_run)
            self._finish(page.start_generating(request))
        self._tell("Generated images with uncertainty maps from the shipped networks")

    def _make_study(self) -> str:
        from reviewapp.rating.page import RatingPage

        page = self._window.show_page("rating")
        assert isinstance(page, RatingPage)
        page.new_study()
        setup = page.setup
        if setup is None:
            raise TourError(page.messages.text)
        setup.name_edit.setText(_STUDY)
        setup.preset_box.setCurrentIndex(setup.preset_box.findText("Quick look"))
        setup.passphrase_edit.setText(_PASSPHRASE)
        setup.again_edit.setText(_PASSPHRASE)
        self._picture("new-study")
        QTest.mouseClick(setup.create_button, Qt.MouseButton.LeftButton)
        self._wait(lambda: page.leak_view is not None, "setting up the study")
        leaks = page.leak_view
        assert leaks is not None, "the wait above has seen it"
        self._wait(lambda: bool(leaks.audits or leaks.messages.text), "checking for leaks")
        self._picture("leak-check")
        QTest.mouseClick(leaks.close_button, Qt.MouseButton.LeftButton)
        return self._context.store.studies()[0].study_id

    def _rate(self, study_id: str) -> None:
        from reviewapp.rating.page import RatingPage

        page = self._window.show_page("rating")
        assert isinstance(page, RatingPage)
        reader = self._context.store.add_reader(
            Reader(name="Simulated reader", specialty="Arithmetic")
        )
        page.open_session(study_id, reader.reader_id)
        eyes = SimulatedReader()
        assert page.session_view is not None, page.messages.text
        QTest.mouseClick(page.session_view.interlude.consent_box, Qt.MouseButton.LeftButton)
        while (view := page.session_view) is not None:
            presenter = view.presenter
            if presenter.scene != "image":
                self._picture(f"session-{presenter.scene}")
                QTest.keyClick(view.proceed_button, Qt.Key.Key_Space)
                continue
            answered = presenter.session.progress.answered
            self._wait(lambda: presenter.is_painted, "showing an image")  # noqa: B023
            if answered == 5:
                self._picture("session")
                self._show_tools(view)
            pixels = view.stage.first.pixels
            assert pixels is not None, "the wait above has seen an image"
            key = Qt.Key(Qt.Key.Key_0 + eyes.confidence(pixels.astype("uint8")))
            QTest.keyClick(view.stage.first, key)
        self._tell("A simulated reader has finished the blinded session")
        page.export()
        ratings = self._context.workspace.exports / study_id / "ratings.csv"
        self._wait(ratings.is_file, "exporting the ratings")
        page.unblind_with(study_id, _PASSPHRASE)
        page.export()
        self._wait(lambda: b",truth," in ratings.read_bytes(), "exporting the truth")
        self._tell(f"Ratings exported to {ratings}")

    def _show_tools(self, view: SessionView) -> None:
        """Look at the keys, and mark a region of the image on show."""
        image = view.stage.first
        QTest.keyClick(image, Qt.Key.Key_Question)
        self._picture("session-keys")
        QTest.keyClick(view, Qt.Key.Key_Question)
        for key in (Qt.Key.Key_M, Qt.Key.Key_Right):
            QTest.keyClick(image, key)
        for _ in range(_WIDENED):
            QTest.keyClick(image, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(image, Qt.Key.Key_Return)
        self._picture("session-marks")
        QTest.keyClick(view, Qt.Key.Key_T)

    def _feed_back(self) -> None:
        from reviewapp.rounds.page import RoundsPage

        self._context.wanted_study = self._context.store.studies()[0].study_id
        page = self._window.show_page("rounds")
        assert isinstance(page, RoundsPage)
        begin, plan = page.begin_view, page.plan_view
        self._wait(begin.isVisible, "reading the rounds")
        ids = [begin.run_box.itemData(row).run_id for row in range(begin.run_box.count())]
        begin.run_box.setCurrentIndex(ids.index(_PARENT) if _PARENT in ids else 0)
        self._press(begin.begin_button)
        self._press(page.ratings_view.read_button)
        self._wait_button(page.ratings_view.next_button, page)
        self._picture("feedback-ratings")
        self._press(page.ratings_view.next_button)
        plan.steps_spin.setValue(_FEEDBACK_STEPS)
        self._picture("feedback")
        self._press(plan.start_button)
        self._wait(
            lambda: len(page.presenter.rows) == 2 or bool(page.messages.text), "queueing the round"
        )
        if page.messages.text:
            raise TourError(page.messages.text)
        run_id = page.presenter.rows[1].round.run_id
        self._tell(f"Training with these ratings: {run_id}, child of {_PARENT}")
        self._wait_finished(run_id)
        self._press(page.draw_view.draw_button)
        self._wait(page.study_view.isVisible, "drawing new images")
        self._wait(lambda: page.pair_view.grid.count > 0, "drawing parent and child")
        self._picture("feedback-round")
        self._tell("Drew new images of the taught generator for the next session")

    def _press(self, button: QPushButton) -> None:
        self._wait(lambda: button.isVisible() and button.isEnabled(), f"“{button.text()}”")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _wait_button(self, button: QPushButton, page: RoundsPage) -> None:
        self._wait(lambda: button.isVisible() or bool(page.messages.text), f"“{button.text()}”")
        if page.messages.text:
            raise TourError(page.messages.text)

    def _wait_finished(self, run_id: str) -> None:
        ended: tuple[RunState, ...] = ("finished", "failed", "cancelled")

        def state() -> RunState:
            return next(r.state for r in self._context.training.runs() if r.run_id == run_id)

        self._wait(lambda: state() in ended, f"training {run_id}")
        summary = next(r for r in self._context.training.runs() if r.run_id == run_id)
        if summary.state != "finished":
            raise TourError(f"The run {run_id} {summary.state}: {summary.message}")

    def _finish(self, task: Task) -> None:
        failures: list[str] = []
        ended: list[bool] = []
        task.failed.connect(failures.append)
        task.ended.connect(lambda: ended.append(True))
        self._wait(lambda: bool(ended), task.title)
        if failures:
            raise TourError(failures[0])

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TourError(f"Waited {_PATIENCE_S} s for {what}.")
            _let_run(_POLL_MS)

    def _picture(self, name: str, widget: QWidget | None = None) -> None:
        _let_run(_SETTLE_MS)
        folder = self._root / "screenshots"
        folder.mkdir(exist_ok=True)
        (widget or self._window).grab().save(str(folder / f"{name}.png"))

    def _tell(self, text: str) -> None:
        print(f"  {text}", flush=True)


def _let_run(duration_ms: int) -> None:
    """Handle events for a while; unlike `QTest.qWait` this lets other Python threads work too."""
    loop = QEventLoop()
    QTimer.singleShot(duration_ms, loop.quit)
    loop.exec()
