"""Makes the pictures of the tutorials from the demo: ``python docs/make_screenshots.py``.

Runs the scripted demo in a new workspace, without a display, and goes on to what the demo leaves
out. Pictures that no page shows are not kept. Takes a few minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from PIL import Image  # noqa: E402
from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QDialog, QWidget  # noqa: E402

from engine.degradation.config import GuardConfig  # noqa: E402
from engine.gans.registry import preset  # noqa: E402
from engine.progress import never_cancelled  # noqa: E402
from engine.training.config import TrainConfig  # noqa: E402
from reviewapp.app import make_application  # noqa: E402
from reviewapp.browse.generate_dialog import GenerateDialog  # noqa: E402
from reviewapp.browse.page import BrowsePage  # noqa: E402
from reviewapp.demo import workspace as demo  # noqa: E402
from reviewapp.demo.tour import Tour  # noqa: E402
from reviewapp.evaluation.page import EvaluationPage  # noqa: E402
from reviewapp.evaluation.presenter import EvaluationRequest  # noqa: E402
from reviewapp.main_window import MainWindow  # noqa: E402
from reviewapp.rating.consent_dialog import ConsentDialog  # noqa: E402
from reviewapp.rating.export_dialog import ExportDialog  # noqa: E402
from reviewapp.rating.pack_code_dialog import PackCodeDialog  # noqa: E402
from reviewapp.rating.pack_files import PACK_SUFFIX, file_stem  # noqa: E402
from reviewapp.rating.page import RatingPage  # noqa: E402
from reviewapp.rating.reader_dialog import ReaderDialog  # noqa: E402
from reviewapp.rating.unblind_dialog import UnblindDialog  # noqa: E402
from reviewapp.recent import RecentWorkspaces  # noqa: E402
from reviewapp.study.model import Reader  # noqa: E402
from reviewapp.training.page import TrainingPage  # noqa: E402

#: stands in pictures, so that it is the same wherever they are made
_WORKSPACE = Path(tempfile.gettempdir()) / "hearts-and-eyes"
#: as many colours as fit into so many bytes
_COLOURS = (256, 128, 64)
_BYTES = 150 * 1024
_REFINED = 3
_GUARDED_STEPS = 600
_EVALUATED = {"dcgan-acdc": 2500, "dcgan-idrid": 2500}
_EVALUATED_IMAGES = 200


class Screenshots(Tour):
    """The scripted demo and what the tutorials show beside it; pictures go to ``docs/images``."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        text = "".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
        self.wanted = set(re.findall(r"\]\([./]*images/([\w-]+)\.png\)", text))
        self.made: set[str] = set()

    def run(self) -> None:
        """The demo's own pictures first."""
        super().run()
        self._take_browse()
        self._take_coordinator()
        self._take_reader()
        self._take_guard()
        self._take_evaluation()

    def _picture(self, name: str, widget: QWidget | None = None) -> None:
        super()._picture(name, widget)
        if name not in self.wanted:
            return
        kept = DOCS / "images" / f"{name}.png"
        with Image.open(self._root / "screenshots" / f"{name}.png") as taken:
            for colours in _COLOURS:
                # Takes rare colours too, as those of thin lines are, and then means of all.
                method = Image.Quantize.MAXCOVERAGE
                small = taken.convert("RGB").quantize(
                    colours, method, kmeans=_REFINED, dither=Image.Dither.NONE
                )
                small.save(kept, optimize=True)
                if kept.stat().st_size <= _BYTES:
                    break
        self.made.add(name)

    def _take_dialog(self, name: str, dialog: QDialog) -> None:
        dialog.show()
        self._picture(name, dialog)
        dialog.close()

    def _take_browse(self) -> None:
        page = self._window.show_page("browse")
        assert isinstance(page, BrowsePage)
        page.filters.choose("dataset", "acdc")
        page.filters.choose("variant", "dcgan")
        self._wait(lambda: not self._context.tasks.running(), "the filtered gallery")
        page.grid.setFocus()
        QTest.keyClick(page.grid, Qt.Key.Key_End)
        self._wait(page.viewer.uncertainty.toggle.isEnabled, "the image's map")
        page.viewer.uncertainty.toggle.click()
        self._picture("browse-uncertainty")
        self._window.show_keys()
        self._picture("keys")
        self._window.keys_overlay.hide()
        self._take_dialog("generate", GenerateDialog(self._context.training.runs(), page))

    def _take_coordinator(self) -> None:
        demo.make_study(self._context.workspace, never_cancelled)
        page = self._window.show_page("rating")
        assert isinstance(page, RatingPage)
        page.messages.clear()
        page.refresh()
        study = next(s for s in self._context.store.studies() if s.name == demo.DEMO_STUDY)
        page.overview.select(study.study_id)
        self._picture("studies")
        self._take_dialog("export", ExportDialog(study, page))
        self._take_dialog("unblind", UnblindDialog(study.name, 0, page))
        rated = next(s for s in self._context.store.studies() if s.name != demo.DEMO_STUDY)
        self._take_dialog("consent", ConsentDialog(self._context.store, rated.study_id, page))
        elsewhere = self._context.store.add_reader(Reader(name="B. Example"))
        name = file_stem(study.name, elsewhere.reader_id) + PACK_SUFFIX
        pack = self._context.workspace.exports / name
        issued = self._context.store.make_pack(study.study_id, elsewhere.reader_id, pack)
        self._take_dialog("pack-code", PackCodeDialog(elsewhere.name, pack, issued.code, page))

    def _take_reader(self) -> None:
        page = self._window.show_page("rating")
        assert isinstance(page, RatingPage)
        dialog = ReaderDialog([], "", "Start", parent=page)
        dialog.name_edit.setText("A. Example")
        dialog.role_box.setCurrentText("Specialist")
        dialog.experience_spin.setValue(12)
        dialog.start_button.setFocus()
        self._take_dialog("who-is-reading", dialog)
        study = next(s for s in self._context.store.studies() if s.name == demo.DEMO_STUDY)
        reader = self._context.store.add_reader(Reader(name="C. Example"))
        self._window.choose_language("de")
        page.open_session(study.study_id, reader.reader_id)
        assert page.session_view is not None, page.messages.text
        self._picture("session-german")
        page.close_page()
        self._window.choose_language("en")

    def _take_guard(self) -> None:
        tiny = preset("dcgan", "acdc", "tiny").model_dump()
        changes = {"steps": _GUARDED_STEPS, "guard": GuardConfig(every=50, max_cost=None)}
        run_id = self._context.training.submit(TrainConfig.checked(**(tiny | changes)))
        self._context.runs_changed.emit()
        self._wait_finished(run_id)
        page = self._window.show_page("training")
        assert isinstance(page, TrainingPage)
        page.messages.clear()
        page.select_run(run_id)
        self._wait(lambda: len(page.presenter.history) > 0, "the loss curves")
        self._picture("train")
        page.details.tabs.setCurrentWidget(page.details.guard)
        self._picture("guard")

    def _take_evaluation(self) -> None:
        page = self._window.show_page("evaluation")
        assert isinstance(page, EvaluationPage)
        for run_id, step in _EVALUATED.items():
            page.presenter.evaluate(EvaluationRequest(run_id, step, _EVALUATED_IMAGES))
            self._wait(lambda: not self._context.tasks.running(), f"evaluating {run_id}")
        self._picture("evaluation")


def main() -> int:
    """Make all pictures; 1 where a page shows one that was not made."""
    application = make_application()
    shutil.rmtree(_WORKSPACE, ignore_errors=True)
    settings = Path(tempfile.mkdtemp()) / "recent.json"
    window = MainWindow(RecentWorkspaces(settings))
    window.show()
    try:
        if not window.open_workspace(_WORKSPACE):
            print(window.welcome.messages.text)
            return 1
        window.choose_theme("dark")
        tour = Screenshots(window)
        tour.run()
    finally:
        window.close()
        application.processEvents()
        shutil.rmtree(_WORKSPACE, ignore_errors=True)
        shutil.rmtree(settings.parent, ignore_errors=True)
    missing = sorted(tour.wanted - tour.made)
    if missing:
        print(f"No such picture: {', '.join(missing)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
