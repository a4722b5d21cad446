"""Scrolling through the Browse page's gallery of 100,000 images: frames a second and memory.

    xvfb-run -s "-screen 0 1920x1080x24" python benchmarks/gallery_scroll.py
    QT_QPA_PLATFORM=offscreen python benchmarks/gallery_scroll.py --images 20000 --seconds 4

Makes (once, in --workspace) that many different small PNG files, 64 x 64 pixels of drawn blobs, a
third of them real, with the records of seven runs. Then the page is scrolled at a reader's pace, by
a fling, and by dragging the handle through everything; the position follows the clock, and frames
come as fast as the event loop makes them, each with all events that are waiting. A frame's rate is
the inverse of its time. The first pass makes the thumbnails, the second finds them on disk.
Target: 5th percentile of the rate ≥ 55 frames/s, memory ≤ 600 MB.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtWidgets import QApplication

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord
from engine.workspace import Workspace
from reviewapp.app import make_application
from reviewapp.browse.page import BrowsePage
from reviewapp.context import AppContext

TARGET_FPS, TARGET_MB = 55, 600
_SIDE = 64
_RUNS = 7
_CLASSES = ("NOR", "MINF", "DCM", "HCM", "RV")
_CELL_PACES = {"reading pace": 1_000, "fling": 15_000}


def fill(workspace: Workspace, n: int) -> None:
    """Write ``n`` different images and the manifests that list them."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    blobs = []
    for _ in range(200):
        cx, cy, width = rng.uniform(0.3, 0.7, 3)
        blob = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (0.1 * width))
        blobs.append((230 * blob + rng.uniform(0, 20, blob.shape)).astype(np.uint8))
    real: list[ImageRecord] = []
    drawn: dict[str, list[ImageRecord]] = {f"dcgan-acdc-64-run{i}": [] for i in range(_RUNS)}
    for number in range(n):
        pixels = blobs[number % len(blobs)].copy()
        pixels[0, :4] = list(number.to_bytes(4, "big"))
        key = write_image(workspace, pixels)
        common = {
            "key": key, "dataset": "acdc", "width": _SIDE, "height": _SIDE, "channels": 1,
            "bit_depth": 8, "class_label": _CLASSES[number % len(_CLASSES)],
        }  # fmt: skip
        if number % 3 == 0:
            patient = f"patient{number // 30:05d}"
            real.append(
                ImageRecord(
                    record_id=f"acdc/{patient}/{number:06d}",
                    source="real",
                    patient=patient,
                    split="train",
                    **common,
                )
            )
            continue
        run = f"dcgan-acdc-64-run{number % _RUNS}"
        step = 1000 * (1 + number % 4)
        drawn[run].append(
            ImageRecord(
                record_id=f"{run}/s{step:06d}/{number:06d}",
                source="generated",
                variant="dcgan",
                run_id=run,
                checkpoint_step=step,
                seed=number,
                **common,
            )
        )
    write_manifest(workspace.manifest_path("acdc"), real)
    for run, records in drawn.items():
        workspace.run_path(run).mkdir(exist_ok=True)
        write_manifest(workspace.run_path(run) / "generated.jsonl", records)


class Scroller:
    """Moves the grid's scroll bar by the clock and times each frame."""

    def __init__(self, application: QApplication, page: BrowsePage) -> None:
        self._application = application
        self._page = page
        self._process = psutil.Process()
        self.peak_mb = 0.0

    def settle(self, seconds: float = 1.0) -> None:
        """Let everything that is waiting be done."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._application.processEvents()
            time.sleep(0.005)

    def scroll(self, name: str, seconds: float, px_per_s: float | None) -> float:
        """Scroll down for so long, from the top; None goes through everything once.

        Prints the frames and returns the 5th percentile of their rate.
        """
        bar = self._page.grid.verticalScrollBar()
        bar.setValue(0)
        self.settle()
        pace = bar.maximum() / seconds if px_per_s is None else px_per_s
        begin = last = time.perf_counter()
        frames_s: list[float] = []
        while time.perf_counter() - begin < seconds:
            before = bar.value()
            bar.setValue(min(bar.maximum(), round((time.perf_counter() - begin) * pace)))
            self._application.processEvents()
            if bar.value() == before:
                # Not a frame yet: the wait for the next pixel counts as part of it.
                continue
            now = time.perf_counter()
            frames_s.append(now - last)
            last = now
            if len(frames_s) % 50 == 0:
                self._note_memory()
        self._note_memory()
        rates = 1 / np.array(frames_s)
        p5, p50 = np.percentile(rates, [5, 50])
        print(
            f"{name}: p5 {p5:.0f}, p50 {p50:.0f} frames/s, longest frame "
            f"{1000 * max(frames_s):.1f} ms, {len(frames_s)} frames, "
            f"{min(bar.maximum(), pace * seconds):,.0f} px"
        )
        return float(p5)

    def _note_memory(self) -> None:
        self.peak_mb = max(self.peak_mb, self._process.memory_info().rss / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each pass")
    parser.add_argument("--workspace", type=Path, help="made here once and used again")
    options = parser.parse_args()
    root = options.workspace or Path(tempfile.gettempdir()) / f"gallery-{options.images}"
    workspace = Workspace.create(root)
    if not workspace.manifest_path("acdc").exists():
        begin = time.perf_counter()
        fill(workspace, options.images)
        print(f"{options.images:,} images made in {time.perf_counter() - begin:.0f} s in {root}")
    for path in workspace.cache.glob("thumbnails*"):
        path.unlink()
    application = make_application()
    context = AppContext(workspace)
    begin = time.perf_counter()
    context.store.sync_library()
    print(f"library: {context.store.count_images():,} images, {time.perf_counter() - begin:.1f} s")
    begin = time.perf_counter()
    page = BrowsePage(context)
    page.resize(1740, 1000)
    page.show()
    page.activate()
    application.processEvents()
    print(f"page made and shown in {1000 * (time.perf_counter() - begin):.0f} ms")
    scroller = Scroller(application, page)
    scroller.settle(2.0)
    rates = []
    for splitting, sizes in (("grid beside viewer", None), ("wide grid", [272, 1100, 340])):
        if sizes is not None:
            page.panels.set_widths(sizes)
        cells = page.grid.columns * (page.grid.viewport().height() // page.grid.cell.height() + 1)
        print(f"{splitting}: {page.grid.columns} columns, {cells} cells in sight")
        for pace, px_per_s in _CELL_PACES.items():
            for kind in ("thumbnails to be made", "from disk"):
                rates.append(scroller.scroll(f"  {pace}, {kind}", options.seconds, px_per_s))
        rates.append(scroller.scroll("  handle dragged through all", options.seconds, None))
    page.close_page()
    context.close()
    print(f"lowest p5 {min(rates):.0f} frames/s (target ≥ {TARGET_FPS})")
    print(f"peak memory {scroller.peak_mb:.0f} MB (target ≤ {TARGET_MB})")


if __name__ == "__main__":
    main()
