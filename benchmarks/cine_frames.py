"""Whether a cine of ACDC is played at its rate: the time from paint to paint, and what came late.

    python benchmarks/cine_frames.py [--seconds 10] [--rate 30]

A drawn patient's cine of 30 frames is imported as the app does and played on the real Browse page.
A frame is dropped where it is not painted before the next one is due, or where two paints lie more
than one and a half intervals apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

N_FRAMES = 30
_NS_PER_MS = 1e6

if sys.platform == "linux" and "DISPLAY" not in os.environ:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import nibabel as nib  # noqa: E402
from open_fundus import let_run, wait_for  # noqa: E402

from engine.data.acdc import import_acdc  # noqa: E402
from engine.data.phantom import write_acdc_phantom  # noqa: E402
from engine.workspace import Workspace  # noqa: E402
from reviewapp.app import make_application  # noqa: E402
from reviewapp.browse.page import BrowsePage  # noqa: E402
from reviewapp.main_window import MainWindow  # noqa: E402
from reviewapp.recent import RecentWorkspaces  # noqa: E402


def add_cine(folder: Path) -> None:
    """A beat between the drawn end-diastole and end-systole, as a fourth axis."""
    frames = sorted(
        path for path in folder.glob("*_frame*.nii.gz") if not path.name.endswith("_gt.nii.gz")
    )
    ends = [np.asarray(nib.load(path).dataobj, dtype=np.float32) for path in frames]
    shares = (1 - np.cos(2 * np.pi * np.arange(N_FRAMES) / N_FRAMES)) / 2
    film = np.stack([ends[0] * (1 - share) + ends[1] * share for share in shares], axis=3)
    affine = nib.load(frames[0]).affine
    nib.save(nib.Nifti1Image(film.astype(np.int16), affine), folder / f"{folder.name}_4d.nii.gz")


def measure(folder: Path, seconds: float, rate: int) -> bool:
    """Play for so long and print what was painted; whether nothing was dropped."""
    workspace = Workspace.create(folder / "workspace")
    write_acdc_phantom(folder / "acdc", patients=1, seed=0)
    add_cine(next((folder / "acdc" / "training").iterdir()))
    import_acdc(folder / "acdc", workspace, cine=True)
    application = make_application()
    window = MainWindow(RecentWorkspaces(folder / "recent.json"))
    window.resize(1280, 800)
    window.show()
    window.open_workspace(workspace.root)
    page = window.show_page("browse")
    assert isinstance(page, BrowsePage)
    viewer = page.viewer
    wait_for(lambda: viewer.front_pane.row is not None)
    told: list[int] = []
    painted: list[int] = []
    viewer.stack.bar.rate_box.setValue(rate)
    viewer.stack.player.frame.connect(lambda *_: told.append(time.perf_counter_ns()))
    viewer.front_pane.canvas.painted.connect(painted.append)
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    viewer.stack.toggle_film()
    wait_for(lambda: len(painted) > 1)
    let_run(seconds * 1000)
    n_told, n_painted = len(told), len(painted)
    viewer.stack.toggle_film()
    window.close()
    gaps_ms = np.diff(painted[1:n_painted]) / _NS_PER_MS
    asked_ms = 1000 / rate
    late = int((gaps_ms > 1.5 * asked_ms).sum())
    # The last frame may not have been painted yet.
    unpainted = max(0, n_told - n_painted - 1)
    print(f"{os.cpu_count()} cores, {application.platformName()}{load}")
    print(
        f"  {rate} frames/s asked, {1000 / gaps_ms.mean():.2f} painted; paint to paint "
        f"p50 {np.median(gaps_ms):.1f}, p99 {np.percentile(gaps_ms, 99):.1f}, "
        f"max {gaps_ms.max():.1f} ms ({len(gaps_ms)})"
    )
    met = late == unpainted == 0
    print(
        f"  {late} came late, {unpainted} never painted; target: none: {'met' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return 0 if measure(Path(folder), options.seconds, options.rate) else 1


if __name__ == "__main__":
    raise SystemExit(main())
