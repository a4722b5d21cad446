"""How long a large study takes to analyse: 20 readers x 2,000 trials unless asked otherwise.

Run: ``python benchmarks/study_analysis.py [--readers 20] [--trials 2000] [--keep FOLDER]``.

Builds an unblinded study of two data sets, four variants with two checkpoints each, repeats and
marks, its rows written straight into the tables, and times reading and analysing it, then tables,
figures and report. Prints the load average beside the times. ``--keep`` leaves the workspace and
what was written there.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.content_store import write_image
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.analysis.study_analysis import StudyAnalysis, analyse_study
from reviewapp.study.protocol import Protocol, canonical_json, protocol_sha256
from reviewapp.study.report.written_report import write_analysis
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import to_iso

STUDY = "study-benchmark"
DATASETS = {"acdc": ("DCM", "HCM", "MINF", "NOR", "RV"), "idrid": ("0", "1", "2", "3", "4")}
VARIANTS = ("dcgan", "progan", "r3gan", "upgan")
SPECIALTIES = ("Cardiology", "Ophthalmology", "Radiology")
REASONS = ("anatomy", "texture", "vessel", "border", "noise", "artefact", "other")
SIDE = 256


def build(store: StudyStore, n_readers: int, n_trials: int, seed: int = 0) -> None:
    """A study whose readers see a little of the difference, more with some variants."""
    rng = np.random.default_rng(seed)
    n_cases = n_trials - n_trials // 10
    protocol = Protocol(
        protocol_id="benchmark",
        title="Benchmark",
        datasets=tuple(DATASETS),
        n_real=n_cases // 2,
        n_generated=n_cases - n_cases // 2,
        repeats_fraction=0.1,
        size_px=SIDE,
        seed=seed,
    )
    began = datetime(2026, 1, 5, 9, tzinfo=UTC)
    keys = _images(store.workspace, rng)
    images, truths, shifts = [], [], []
    for index in range(n_cases):
        generated = index % 2 == 1
        dataset = tuple(DATASETS)[index // 2 % 2]
        variant = VARIANTS[index // 4 % 4] if generated else ""
        label = DATASETS[dataset][index // 16 % 5]
        image_id = f"i{index:05d}"
        key = keys[dataset][index % len(keys[dataset])]
        images.append(
            {"study_id": STUDY, "image_id": image_id, "presented_key": key, "dataset": dataset,
             "class_label": label, "training_truth": None, "block_group": index // 25}
        )  # fmt: skip
        truths.append(
            {"study_id": STUDY, "image_id": image_id, "record_id": image_id, "key": key,
             "source": "generated" if generated else "real", "dataset": dataset,
             "class_label": label, "variant": variant,
             "run_id": f"{variant}-{dataset}" if generated else "",
             "checkpoint_step": 1000 * (1 + index // 32 % 2) if generated else None}
        )  # fmt: skip
        shifts.append(-0.6 * (1 - VARIANTS.index(variant) / 4) if generated else 0.0)
    tables: dict[Any, list[dict[str, Any]]] = {
        schema.studies: [
            {"study_id": STUDY, "name": "Benchmark", "protocol": canonical_json(protocol),
             "protocol_sha256": protocol_sha256(protocol), "created_at": to_iso(began),
             "frozen_at": to_iso(began), "unblinded_at": to_iso(began + timedelta(days=9)),
             "sealed_truth": b""}
        ],
        schema.presented_images: images,
        schema.truths: truths,
        schema.readers: [], schema.sessions: [], schema.trials: [], schema.answers: [],
        schema.marks: [],
    }  # fmt: skip
    for number in range(n_readers):
        _session(tables, number, n_trials, np.array(shifts), began, rng)
    with store._database.write() as connection:
        for table, rows in tables.items():
            if rows:
                connection.execute(table.insert(), rows)


def _images(workspace: Workspace, rng: np.random.Generator) -> dict[str, list[str]]:
    down, across = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    disc = np.clip(1.2 - np.hypot(down, across) * 1.3, 0, 1)
    keys: dict[str, list[str]] = {}
    for dataset in DATASETS:
        keys[dataset] = []
        for _ in range(60):
            noise = rng.normal(0, 12, (SIDE, SIDE))
            grey = np.clip(180 * disc + noise, 0, 255).astype(np.uint8)
            colour = np.stack([grey, grey // 2, grey // 4], axis=2)
            keys[dataset].append(write_image(workspace, grey if dataset == "acdc" else colour))
    return keys


def _session(
    tables: dict[Any, list[dict[str, Any]]],
    number: int,
    n_trials: int,
    shifts: np.ndarray[Any, np.dtype[np.float64]],
    began: datetime,
    rng: np.random.Generator,
) -> None:
    reader, session = f"R{number + 1:02d}", f"session-{number + 1:02d}"
    started = began + timedelta(hours=number)
    tables[schema.readers].append(
        {"reader_id": reader, "name": f"Reader {number + 1}",
         "specialty": SPECIALTIES[number % 3], "experience_years": float(2 + number % 25),
         "created_at": to_iso(began)}
    )  # fmt: skip
    tables[schema.sessions].append(
        {"session_id": session, "study_id": STUDY, "reader_id": reader,
         "started_at": to_iso(started), "finished_at": to_iso(started + timedelta(hours=6))}
    )  # fmt: skip
    first = rng.permutation(len(shifts))
    order = np.concatenate([first, rng.permutation(n_trials - len(first))])
    skill = rng.normal(1, 0.3)
    latent = skill * shifts[order] + rng.normal(0, 1, n_trials)
    confidences = np.clip(np.round(3.6 + 1.4 * latent), 1, 6).astype(int)
    times = rng.lognormal(8.0, 0.5, n_trials)
    marked = rng.random(n_trials) < 0.05
    for index in range(n_trials):
        shown = started + timedelta(seconds=10 * index)
        image_id = f"i{order[index]:05d}"
        confidence = int(confidences[index])
        tables[schema.trials].append(
            {"session_id": session, "trial_index": index, "block": index // 25,
             "is_training": False, "is_repeat": index >= len(first), "image_id": image_id,
             "right_image_id": None}
        )  # fmt: skip
        tables[schema.answers].append(
            {"answer_id": f"{session}-{index}", "session_id": session, "trial_index": index,
             "revision": 1, "confidence": confidence,
             "response": "real" if confidence >= 4 else "generated",
             "response_time_ms": float(times[index]), "shown_at": to_iso(shown),
             "answered_at": to_iso(shown + timedelta(seconds=4)), "comment": "",
             "app_version": "benchmark"}
        )  # fmt: skip
        if marked[index]:
            x, y = np.clip(rng.normal(110, 30, 2), 0, SIDE - 40)
            tables[schema.marks].append(
                {"mark_id": f"{session}-m{index}", "session_id": session, "trial_index": index,
                 "shape": "ellipse", "x": float(x), "y": float(y), "w": 36.0, "h": 28.0,
                 "reason": REASONS[int(rng.integers(len(REASONS)))], "side": "", "points": "[]"}
            )  # fmt: skip


def timed(name: str, work: Callable[[], Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"  {name:44} {wall:7.2f} s  ({cpu:.2f} s of processor time)", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        store = StudyStore.open(Workspace.create(arguments.keep or Path(temporary)))
        build(store, arguments.readers, arguments.trials)
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if os.name == "posix" else "?"
        print(
            f"{arguments.readers} readers x {arguments.trials} trials, {os.cpu_count()} cores, "
            f"load average {load}:"
        )

        def note(_done: int, _total: int, item: str) -> None:
            steps.append((time.perf_counter(), item))

        steps: list[tuple[float, str]] = []
        analysis: StudyAnalysis = timed(
            "reading and analysing, slow imports included",
            lambda: analyse_study(store, STUDY, progress=note),
        )
        steps.append((time.perf_counter(), ""))
        for (start, item), (end, _) in pairwise(steps):
            print(f"    {item:42} {end - start:7.2f} s")
        timed("the same again", lambda: analyse_study(store, STUDY))
        out = store.workspace.exports / STUDY
        timed("tables, figures and report", lambda: write_analysis(store, analysis, out))
        print(analysis.sentence)
        store.close()


if __name__ == "__main__":
    main()
