"""How late the window's event loop runs while the Results page analyses and draws a large study.

    python benchmarks/results_page.py [--readers 20] [--trials 2000]

The real main window opens the Results page on the study of ``study_analysis.py``; lateness as in
``ui_lateness.py``: while the study is analysed, when its results appear, and with every tab shown
for the first time, which makes its tables and draws its figures.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from study_analysis import build
from ui_lateness import LatenessTimer, report

from engine.workspace import Workspace
from reviewapp.app import make_application
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.results.page import ResultsPage
from reviewapp.results.section_view import SectionView
from reviewapp.study.store import StudyStore

_SLICE_S = 0.1


def lateness_until(timer: LatenessTimer, done: Callable[[], bool]) -> list[float]:
    """Run the event loop until ``done``."""
    lateness: list[float] = []
    while not done():
        lateness += timer.measure(_SLICE_S)
    return lateness


def all_drawn(view: SectionView) -> bool:
    return all(figure.picture.image is not None for figure in view.figures.values())


def measure(folder: Path, n_readers: int, n_trials: int) -> None:
    workspace = Workspace.create(folder / "workspace")
    store = StudyStore.open(workspace)
    build(store, n_readers, n_trials)
    store.close()
    application = make_application()
    window = MainWindow(RecentWorkspaces(folder / "recent.json"))
    window.show()
    window.open_workspace(workspace.root)
    timer = LatenessTimer()
    timer.measure(1.0)
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"UI lateness, ms ({os.cpu_count()} cores{load})")
    began = time.perf_counter()
    page = window.show_page("results")
    assert isinstance(page, ResultsPage)
    lateness = lateness_until(timer, lambda: page.presenter.view is not None)
    seconds = time.perf_counter() - began
    report(f"analysing, {seconds:.1f} s", lateness)
    everything = lateness
    for number in range(page.tabs.count()):
        began = time.perf_counter()
        page.tabs.setCurrentIndex(number)
        view = page.tabs.widget(number)
        assert isinstance(view, SectionView)
        making_ms = (time.perf_counter() - began) * 1000
        lateness = [making_ms, *lateness_until(timer, lambda view=view: all_drawn(view))]
        report(f"{view.section.title}, {time.perf_counter() - began:.1f} s", lateness)
        everything += lateness
    report("all", everything)
    window.close()
    del application


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--trials", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.readers, options.trials)


if __name__ == "__main__":
    main()
