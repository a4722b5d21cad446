"""``kill -9`` at random moments of rating, importing, training, exporting and merging.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.faults [--kills 100] [--seed N] [--kinds NAME …]

Each kind is killed so many times, half by the clock and half at a change of files or a commit;
after every kill the app opens the workspace and all is looked over (`tests/faults`). Ends with an
error at the first loss.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from reviewapp.study.model import Reader
from reviewapp.study.store import StudyStore
from tests.faults import exporting, importing, merging, rating, scenes, training
from tests.faults.killer import Killer, Series

Kind = Callable[[Killer, Path, int, int], Series]


def _rating(killer: Killer, folder: Path, kills: int, seed: int) -> Series:
    workspace = scenes.library(folder / "workspace")
    return rating.kill_readers(killer, workspace, scenes.study(workspace), kills, seed)


def _importing(killer: Killer, folder: Path, kills: int, seed: int) -> Series:
    drawn = scenes.sources(folder)
    return importing.kill_imports(killer, drawn, folder / "imports", kills, seed)


def _training(killer: Killer, folder: Path, kills: int, seed: int) -> Series:
    return training.kill_runs(killer, scenes.library(folder / "workspace"), kills, seed)


def _generating(killer: Killer, folder: Path, kills: int, seed: int) -> Series:
    library = scenes.library(folder / "workspace")
    training.create_run(library, training.settings(), "whole")
    training.operations.train(str(library.root), "whole", pauses=False)
    return training.kill_generation(killer, library, "whole", folder / "drawn", kills, seed, n=8)


def _exporting(killer: Killer, folder: Path, kills: int, seed: int) -> Series:
    workspace = scenes.library(folder / "workspace")
    study = scenes.rated_study(workspace)
    return exporting.kill_exports(killer, workspace, study.study_id, kills, seed)


def _merging(killer: Killer, folder: Path, kills: int, seed: int) -> Series:
    workspace = scenes.library(folder / "workspace")
    study = scenes.study(workspace)
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01"))
    store.close()
    packs = merging.prepare(workspace, study, "R01", folder / "packs")
    return merging.kill_packs(killer, packs, folder / "kills", kills, seed)


KINDS: dict[str, Kind] = {
    "rating": _rating,
    "importing": _importing,
    "training": _training,
    "exporting": _exporting,
    "merging": _merging,
    "generating": _generating,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    application = QApplication([])
    began = time.monotonic()
    with Killer.started() as killer:
        for place, name in enumerate(options.kinds):
            started = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="faults-") as folder:
                series = KINDS[name](killer, Path(folder), options.kills, options.seed + place)
            print(f"{series} ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{options.kills * len(options.kinds)} kills in {time.monotonic() - began:.0f} s")
    application.quit()


if __name__ == "__main__":
    main()
