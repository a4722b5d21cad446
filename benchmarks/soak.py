"""Hours of work in one window: a scripted reader rates while run after run trains beside it.

    python benchmarks/soak.py                 # an hour, 3,000 answers
    python benchmarks/soak.py --minutes 5     # for regular use, 250 answers

The real main window: readers one after another rate whole sessions of four designs by key events,
with marks, comments, changed answers and pauses. Between sessions the gallery is browsed and the
Train page shows its curves. dcgan at 64 px trains all the time, with samples, checkpoints and the
degradation guard more often than a preset has them; a run is cancelled after a tenth of the time
and the next one begins. Every two seconds a row of the CSV file: memory, handles, threads, and how
late the event loop ran. After the warm-up and at the end the widgets and objects that are there are
counted, both times after a session, on the Train page.

What counts begins after the warm-up: the first tenth of the time, but two minutes at least and one
session of each design. Growth of memory is the larger of two: a line of least squares from there to
the end, and the median of the last tenth against that of the first. Handles are told by their
lowest number in the first and the last tenth, since files are opened and closed all the time.

Targets: memory grows by ≤ 5 %; no handle, thread or widget is left behind; event-loop lateness
p99 ≤ 8 ms (as in ui_lateness.py, but with the reader's keys and commits and all pages, whose
first showing lies in the warm-up); every answer in the database once, as it was given.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from key_to_image import add_generated, let_run, load_text, make_study, wait_for
from process_footprint import Footprint, Growth, ObjectCount, python_types
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from scripted_reader import ScriptedReader
from ui_lateness import TARGET_P99_MS, LatenessTimer, preset_in_child

from engine.data.acdc import import_acdc
from engine.data.phantom import write_acdc_phantom
from engine.degradation.config import GuardConfig
from engine.training.config import TrainConfig
from engine.training.events import Progress
from engine.workspace import Workspace
from reviewapp.app import make_application
from reviewapp.browse.page import BrowsePage
from reviewapp.context import AppContext
from reviewapp.main_window import MainWindow
from reviewapp.rating.page import RatingPage
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.model import Study
from reviewapp.training.page import TrainingPage

TARGET_GROWTH_PERCENT = 5.0
#: a connection of a thread that happens to be in use, or a file being written
TOLERATED_HANDLES = 2
ROW_S = 2.0
WARM_UP_S = 120.0
_PATIENTS = 20
_N_GENERATED = 400
#: scored images of a session, half of them real, beside repeats and practice
_SESSION_IMAGES = 24
_DESIGNS: dict[str, dict[str, object]] = {
    "confidence": {"training_trials": 4},
    "yes or no": {"design": "single_yes_no"},
    "pairs": {"design": "two_alternative"},
    "timed": {"design": "timed", "exposure_ms": 250},
}
_BROWSED_IMAGES = 12
_BROWSE_MS = 150
_TRAIN_PAGE_MS = 3000
#: runs in the whole time
_RUNS = 10
_LATENESS_BIN_MS = 0.05
_LATENESS_BINS = 40_000


class LatenessCount:
    """A histogram of the timer's lateness: hours of ticks kept as a list would be a growth."""

    def __init__(self) -> None:
        self._counts = np.zeros(_LATENESS_BINS, np.int64)
        self.worst = 0.0

    def add(self, lateness_ms: list[float]) -> None:
        bins = np.minimum(np.asarray(lateness_ms) / _LATENESS_BIN_MS, _LATENESS_BINS - 1)
        np.add.at(self._counts, bins.astype(np.int64), 1)
        self.worst = max(self.worst, *lateness_ms)

    def percentile(self, percent: float) -> float:
        """Rounded up to the bin's end, in ms; NaN without ticks."""
        total = np.cumsum(self._counts)
        if not total[-1]:
            return float("nan")
        place = np.searchsorted(total, total[-1] * percent / 100)
        return float((place + 1) * _LATENESS_BIN_MS)

    def text(self) -> str:
        p50, p99, p999 = (self.percentile(percent) for percent in (50, 99, 99.9))
        return (
            f"p50 {p50:6.2f}   p99 {p99:6.2f}   p99.9 {p999:6.2f}   max {self.worst:7.1f} ms"
            f"   ({self._counts.sum():,} ticks)"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the CSV file."""

    seconds: float
    activity: str
    rss_mib: float
    handles: int
    threads: int
    late_p50_ms: float | None = None
    late_p99_ms: float | None = None
    late_max_ms: float | None = None


class Watch(QObject):
    """Writes a row every `ROW_S` and keeps what the verdict needs."""

    def __init__(self, csv_path: Path) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._file = csv_path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, list(Row.__dataclass_fields__))
        self._writer.writeheader()
        self.activity = "opening"
        self.warm_s: float | None = None
        self.counts: list[ObjectCount] = []
        self.types: list[Counter[str]] = []
        self.rows: list[Row] = []
        self.late: dict[str, LatenessCount] = {"all": LatenessCount()}
        self._lateness = LatenessTimer()
        self._lateness.start()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take)
        self._timer.start(round(ROW_S * 1000))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def begin(self, activity: str) -> None:
        """What the window does from now on; lateness is told for each."""
        self._take()
        self.activity = activity

    def count(self, window: MainWindow) -> None:
        """Count what is there; the event loop is not watched meanwhile.

        Rarely, because every counted widget gets a Python object that stays.
        """
        self._take()
        self._lateness.stop()
        self.counts.append(ObjectCount.now(window))
        self.types.append(python_types())
        self._lateness.start()

    def close(self) -> None:
        self._timer.stop()
        self._lateness.stop()
        self._file.close()

    def _take(self) -> None:
        late, self._lateness.lateness_ms = self._lateness.lateness_ms, []
        if not late:
            return
        p50, p99 = (float(value) for value in np.percentile(late, [50, 99]))
        footprint = asdict(Footprint.now())
        row = Row(self.seconds, self.activity, **footprint, late_p50_ms=p50, late_p99_ms=p99,
                  late_max_ms=max(late))  # fmt: skip
        self._write(row)
        if self.warm_s is not None:
            self.rows.append(row)
            for name in ("all", self.activity):
                self.late.setdefault(name, LatenessCount()).add(late)

    def _write(self, row: Row) -> None:
        self._writer.writerow(asdict(row))
        self._file.flush()


class RunAfterRun(QObject):
    """Keeps a generator in training: each run is cancelled after ``run_s`` and the next begins."""

    def __init__(self, context: AppContext, page: TrainingPage, run_s: float) -> None:
        super().__init__()
        self._page = page
        self._bridge = context.training
        self.n_runs = self.steps = self.grids = self.checkpoints = self.looks = 0
        self._last_step = 0
        self._stopped = False
        self.failures: list[str] = []
        preset = preset_in_child(argparse.Namespace(variant="dcgan", size="64"))
        often = {
            "steps": 1_000_000,
            "log_every": 1,
            "sample_every": 5,
            "checkpoint_every": 10,
            "guard": GuardConfig(every=10, images=64, max_cost=0.5),
        }
        self._config = TrainConfig.checked(**(preset.model_dump() | often))
        self._bridge.state_changed.connect(self._go_on)
        self._bridge.progress.connect(self._note_progress)
        self._bridge.samples.connect(self._note_samples)
        self._bridge.checkpoint.connect(self._note_checkpoint)
        self._bridge.degradation.connect(self._note_look)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._cancel)
        self._timer.start(round(run_s * 1000))
        self._submit()

    def stop(self) -> None:
        self._stopped = True
        self._timer.stop()

    def text(self) -> str:
        return (
            f"{self.n_runs} runs, {self.steps} steps, {self.grids} sample grids, "
            f"{self.checkpoints} checkpoints, {self.looks} looks of the guard"
        )

    def _submit(self) -> None:
        if self._stopped:
            return
        changes = {"seed": self.n_runs}
        config = TrainConfig.checked(**(self._config.model_dump() | changes))
        self._run_id = self._bridge.submit(config)
        self.n_runs += 1
        self._last_step = 0

    def _cancel(self) -> None:
        self._bridge.cancel(self._run_id)

    def _go_on(self, run_id: str, state: str, message: str) -> None:
        if state == "running":
            self._page.select_run(run_id)
        if state == "failed":
            self.failures.append(message)
        if state in ("failed", "cancelled", "finished"):
            # From the event loop: the page hears of this state too, before or after this object.
            QTimer.singleShot(0, self, self._submit)

    def _note_progress(self, progress: Progress) -> None:
        self.steps += progress.step - self._last_step
        self._last_step = progress.step

    def _note_samples(self, _grid: object) -> None:
        self.grids += 1

    def _note_checkpoint(self, _saved: object) -> None:
        self.checkpoints += 1

    def _note_look(self, _look: object) -> None:
        self.looks += 1


def look_around(window: MainWindow, watch: Watch) -> None:
    """Some images in the gallery, some seconds at the curves."""
    watch.begin("browsing")
    browse = window.show_page("browse")
    assert isinstance(browse, BrowsePage)
    let_run(4 * _BROWSE_MS)
    for number in range(_BROWSED_IMAGES):
        key = Qt.Key.Key_PageDown if number % 5 == 4 else Qt.Key.Key_Right
        QTest.keyClick(browse.grid, key)
        let_run(_BROWSE_MS)
    QTest.keyClick(browse.grid, Qt.Key.Key_Home)
    watch.begin("watching the curves")
    window.show_page("training")
    let_run(_TRAIN_PAGE_MS)
    watch.begin("between")


def make_studies(context: AppContext) -> list[Study]:
    values = {"repeats_fraction": 0.1, "block_size": 25, "break_seconds": 0}
    return [
        make_study(context, name, _SESSION_IMAGES, **(values | fields))
        for name, fields in _DESIGNS.items()
    ]


def soak(folder: Path, options: argparse.Namespace) -> bool:
    workspace = Workspace.create(folder / "workspace")
    write_acdc_phantom(folder / "acdc", patients=_PATIENTS, seed=0)
    import_acdc(folder / "acdc", workspace)
    add_generated(workspace, _N_GENERATED)
    application = make_application()
    window = MainWindow(RecentWorkspaces(folder / "recent.json"))
    window.show()
    window.open_workspace(workspace.root)
    context = window.context
    assert context is not None
    studies = make_studies(context)
    print(
        f"{os.cpu_count()} cores, {application.platformName()}, {load_text()} before; "
        f"{options.minutes:g} minutes, {options.answers} answers"
    )
    whole_s = options.minutes * 60
    watch = Watch(options.csv)
    training_page = window.show_page("training")
    assert isinstance(training_page, TrainingPage)
    training = RunAfterRun(context, training_page, whole_s / _RUNS)
    wait_for(lambda: training.steps > 0 or bool(training.failures))
    rating = window.show_page("rating")
    assert isinstance(rating, RatingPage)
    pace_s = (whole_s - watch.seconds) / options.answers
    reader = ScriptedReader(rating, pace_s, options.answers)
    for study in itertools.cycle(studies):
        watch.begin("rating")
        window.show_page("rating")
        reader.read(study)
        look_around(window, watch)
        designs_seen = reader.done["session"] >= len(studies)
        if watch.warm_s is None and designs_seen and watch.seconds >= max(whole_s / 10, WARM_UP_S):
            watch.count(window)
            watch.warm_s = watch.seconds
        if reader.finished:
            break
    while watch.seconds < whole_s:
        look_around(window, watch)
    watch.count(window)
    training.stop()
    watch.close()
    window.close()
    return verdict(watch, training, reader, workspace)


def verdict(
    watch: Watch,
    training: RunAfterRun,
    reader: ScriptedReader,
    workspace: Workspace,
) -> bool:
    """Print what was measured; True when every target is met."""
    if watch.warm_s is None or len(watch.rows) < 20:
        raise SystemExit("Too short: the warm-up took all the time.")
    done = ", ".join(f"{number} {name}" for name, number in reader.done.most_common())
    print(f"  {done} in {watch.seconds / 60:.1f} minutes, warm after {watch.warm_s / 60:.1f}")
    print(f"  training meanwhile: {training.text()}; {load_text()} after")
    seconds = [row.seconds for row in watch.rows]
    memory = Growth.of(seconds, [row.rss_mib for row in watch.rows])
    print(
        f"  memory: {memory.first:.0f} → {memory.last:.0f} MiB, highest "
        f"{max(row.rss_mib for row in watch.rows):.0f}; line {memory.by_line:+.1f} MiB "
        f"({memory.per_hour:+.0f} MiB an hour)"
    )
    met = {f"memory grows by {memory.percent:.1f} % (≤ {TARGET_GROWTH_PERCENT:g} %)": (
        memory.percent <= TARGET_GROWTH_PERCENT
    )}  # fmt: skip
    for name in ("handles", "threads"):
        first, last = lowest_at_ends(watch.rows, name)
        print(f"  {name}, lowest of the first and the last tenth: {first} → {last}")
        met[f"{name} left behind: {last - first} (≤ {TOLERATED_HANDLES})"] = (
            last - first <= TOLERATED_HANDLES
        )
    before, after = (asdict(count) for count in watch.counts)
    for name, last in after.items():
        left = last - before[name]
        title = name.replace("_", " ")
        print(f"  {title}: {before[name]:,} → {last:,}")
        if name != "python_objects":
            met[f"{title} left behind: {left} (none)"] = left <= 0
    grown = (watch.types[1] - watch.types[0]).most_common(8)
    print("  Python objects that grew most: " + ", ".join(f"{n} +{more:,}" for n, more in grown))
    for name, late in watch.late.items():
        print(f"  lateness, {name:<20} {late.text()}")
    p99 = watch.late["all"].percentile(99)
    met[f"lateness p99 {p99:.2f} ms (≤ {TARGET_P99_MS:g} ms)"] = p99 <= TARGET_P99_MS
    wrong = reader.compare(workspace.root / "study.db")
    for difference in wrong[:5]:
        print(f"  WRONG: {difference}")
    n_answers, n_marks = reader.done["answer"], reader.n_marks
    met[f"{n_answers:,} answers and {n_marks} marks in the database, as given"] = not wrong
    met[f"runs that failed: {len(training.failures)} (none)"] = not training.failures
    for failure in training.failures[:3]:
        print(f"  FAILED: {failure}")
    for target, reached in met.items():
        print(f"  {'met   ' if reached else 'MISSED'} {target}")
    return all(met.values())


def lowest_at_ends(rows: list[Row], name: str) -> tuple[int, int]:
    """The lowest value in the first and in the last tenth of the time."""
    began, ended = rows[0].seconds, rows[-1].seconds
    tenth = (ended - began) / 10
    first = min(getattr(row, name) for row in rows if row.seconds <= began + tenth)
    last = min(getattr(row, name) for row in rows if row.seconds >= ended - tenth)
    return first, last


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--answers", type=int, help="default: 50 a minute")
    parser.add_argument("--csv", type=Path, default=Path("soak.csv"))
    parser.add_argument("--folder", type=Path, help="where the workspace is put: chooses the disk")
    options = parser.parse_args()
    options.answers = options.answers or round(50 * options.minutes)
    with tempfile.TemporaryDirectory(dir=options.folder, ignore_cleanup_errors=True) as folder:
        return 0 if soak(Path(folder), options) else 1


if __name__ == "__main__":
    raise SystemExit(main())
