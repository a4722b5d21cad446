"""Sweeps: for each cell a training run and its evaluation, and tables of what came out.

``WORKSPACE/sweeps/NAME`` holds the settings, ``cells.csv`` (a row for each run and metric),
``summary.csv`` (median and spread for each budget) and a plot of each metric. Runs and
evaluations are kept like all others, so that a sweep that was stopped, or killed, goes on.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.atomic_file import write_bytes
from engine.data.cache import training_arrays
from engine.errors import Cancelled, ConfigError, EngineError, TrainingError
from engine.evaluation.encoder import load_or_train_encoder
from engine.evaluation.evaluate import evaluate
from engine.evaluation.evaluation_record import Evaluation
from engine.evaluation.features import FeatureExtractor
from engine.evaluation.sweep_config import Cell, SweepConfig
from engine.evaluation.sweep_plot import sweep_plot
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.spreadsheet_cell import escaped_row
from engine.training.config import TrainConfig
from engine.training.control import Control, Wish
from engine.training.events import Event, Progress
from engine.training.loop import Trainer
from engine.training.runs import RunFolder, create_run, read_status, run_folder, write_status
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CellResult:
    """A cell with its evaluation, or the ``failure`` that ended its run."""

    cell: Cell
    evaluation: Evaluation | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of a metric over the ``n`` draws of one budget."""

    variant: str
    fraction: float
    metric: str
    label: str
    n: int
    median: float
    lower_quartile: float
    upper_quartile: float
    lowest: float
    highest: float


def sweep_folder(workspace: Workspace, name: str) -> Path:
    """Where a sweep's settings and tables are."""
    return workspace.root / "sweeps" / name


def run_sweep(
    workspace: Workspace,
    config: SweepConfig,
    *,
    extractor: FeatureExtractor | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[CellResult]:
    """Train and evaluate every cell that is not done yet, then write tables and plots.

    A run whose losses stop being numbers is a result too: its cell says so and the sweep goes on.
    Raises `ConfigError` when settings do not fit or a sweep of this name has other ones, the
    engine's errors, and `Cancelled` once the run at work has saved a checkpoint.
    """
    cells = config.cells()
    _claim(workspace, config)
    size = cells[0].config.size
    training_arrays(workspace, config.dataset, size, progress=progress, cancelled=cancelled)
    if extractor is None:
        extractor = load_or_train_encoder(
            workspace, config.dataset, size, progress=progress, cancelled=cancelled
        )
    results = []
    for number, cell in enumerate(cells):

        def tell(done: int, total: int, item: str, number: int = number, cell: Cell = cell) -> None:
            count = f" {done} of {total}" if total else ""
            progress(number, len(cells), f"{cell.run_id}: {item}{count}")

        raise_if_cancelled(cancelled)
        failure = _train(workspace, cell, tell, cancelled)
        evaluation = None
        if not failure:
            evaluation = evaluate(
                workspace, cell.run_id, config=config.evaluation, extractor=extractor,
                progress=tell, cancelled=cancelled,
            )  # fmt: skip
        results.append(CellResult(cell, evaluation, failure))
        write_tables(workspace, config, results)
    progress(len(cells), len(cells), "")
    _write_plots(workspace, config, results)
    return results


def spreads(results: Iterable[CellResult]) -> list[Spread]:
    """Median and spread over draws, by metric, variant and fraction."""
    found: dict[tuple[str, str, float], list[tuple[str, float]]] = {}
    for result in results:
        for metric in result.evaluation.metrics.values() if result.evaluation else ():
            budget = (metric.name, result.cell.variant, result.cell.fraction)
            found.setdefault(budget, []).append((metric.label, metric.value))
    return [
        _spread(name, variant, fraction, found[name, variant, fraction])
        for name, variant, fraction in sorted(found)
    ]


def write_tables(
    workspace: Workspace, config: SweepConfig, results: Sequence[CellResult]
) -> tuple[Path, Path]:
    """Write ``cells.csv`` and ``summary.csv``; returns their paths."""
    folder = sweep_folder(workspace, config.name)
    long, summary = folder / "cells.csv", folder / "summary.csv"
    write_bytes(long, _cells_csv(results))
    write_bytes(summary, _summary_csv(spreads(results)))
    return long, summary


def _claim(workspace: Workspace, config: SweepConfig) -> None:
    path = sweep_folder(workspace, config.name) / "sweep.json"
    if path.is_file() and SweepConfig.read(path) != config:
        raise ConfigError(
            f"A sweep called '{config.name}' with other settings is in {path.parent}. Give this "
            "one another name, or the settings back that it began with."
        )
    write_bytes(path, config.model_dump_json(indent=1).encode("utf-8"))


def _train(
    workspace: Workspace, cell: Cell, progress: ProgressReport, cancelled: CancelCheck
) -> str:
    """Train the cell's run to its end where it is not there yet; returns why it failed, if so."""
    if (workspace.run_path(cell.run_id) / "config.json").is_file():
        folder = run_folder(workspace, cell.run_id)
        if TrainConfig.read(folder.config) != cell.config:
            raise ConfigError(
                f"The run {cell.run_id} was trained with other settings than this sweep's. Give "
                "the sweep another name."
            )
        status = read_status(folder)
        if status.state in ("finished", "failed"):
            return status.message if status.state == "failed" else ""
    else:
        create_run(workspace, cell.config, cell.run_id)
    return _trained(workspace, cell, progress, cancelled)


def _trained(
    workspace: Workspace, cell: Cell, progress: ProgressReport, cancelled: CancelCheck
) -> str:
    folder = run_folder(workspace, cell.run_id)
    write_status(folder, "running")

    def wish() -> Wish:
        return "stop" if cancelled() else "run"

    def listen(event: Event) -> None:
        if isinstance(event, Progress):
            progress(event.step, event.total_steps, "step")

    try:
        ending = Trainer(workspace, cell.run_id, listen, Control(wish, wish)).train()
    except TrainingError as error:
        write_status(folder, "failed", message=str(error))
        return str(error)
    except EngineError as error:
        _interrupt(folder, str(error))
        raise
    if ending != "finished":
        _interrupt(folder, "The sweep was stopped; it can go on.")
        raise Cancelled("Stopped on request.")
    write_status(folder, "finished")
    return ""


def _interrupt(folder: RunFolder, message: str) -> None:
    write_status(folder, "interrupted", message=message)


def _spread(name: str, variant: str, fraction: float, found: list[tuple[str, float]]) -> Spread:
    values = np.array([value for _, value in found])
    lower, median, upper = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    return Spread(
        variant, fraction, name, _common_label([label for label, _ in found]), len(values),
        median, lower, upper, float(values.min()), float(values.max()),
    )  # fmt: skip


def _common_label(labels: list[str]) -> str:
    """The draws' label; where it names what differs (a chosen σ) the part before that."""
    return labels[0] if len(set(labels)) == 1 else labels[0].partition(" (")[0]


def _cells_csv(results: Iterable[CellResult]) -> bytes:
    rows: list[tuple[object, ...]] = []
    for result in results:
        cell = result.cell
        head = (
            cell.run_id, cell.variant, cell.fraction, cell.draw, cell.config.seed,
            json.dumps(cell.parameters, sort_keys=True),
        )  # fmt: skip
        if result.evaluation is None:
            rows.append((*head, "", "", "", result.failure))
            continue
        for metric in result.evaluation.metrics.values():
            rows.append((*head, metric.name, metric.label, metric.value, metric.note))
        for group, reason in result.evaluation.refused.items():
            rows.append((*head, group, "", "", reason))
    columns = (
        "run_id", "variant", "train_fraction", "draw", "seed", "parameters", "metric", "label",
        "value", "note",
    )  # fmt: skip
    return _csv(columns, rows)


def _summary_csv(found: Iterable[Spread]) -> bytes:
    columns = (
        "metric", "label", "variant", "train_fraction", "n_draws", "median", "lower_quartile",
        "upper_quartile", "lowest", "highest",
    )  # fmt: skip
    rows = [
        (s.metric, s.label, s.variant, s.fraction, s.n, s.median, s.lower_quartile,
         s.upper_quartile, s.lowest, s.highest)
        for s in found
    ]  # fmt: skip
    return _csv(columns, rows)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(map(escaped_row, rows))
    return text.getvalue().encode("utf-8")


def _write_plots(workspace: Workspace, config: SweepConfig, results: Sequence[CellResult]) -> None:
    found = spreads(results)
    folder = sweep_folder(workspace, config.name)
    for name in sorted({spread.metric for spread in found}):
        points = [
            (r.cell.variant, r.cell.fraction, metric.value)
            for r in results
            if r.evaluation is not None and (metric := r.evaluation.metrics.get(name)) is not None
        ]
        own = [spread for spread in found if spread.metric == name]
        write_bytes(folder / f"{name}.svg", sweep_plot(own, points))
