"""Evaluations on disk: ``runs/RUN/evaluations/step-00001000.json``, and all of them as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_bytes
from engine.bounded_file import read_bounded_text
from engine.evaluation.metric import Metric
from engine.spreadsheet_cell import escaped_row
from engine.training.runs import run_folder
from engine.workspace import Workspace


class EvaluationConfig(BaseModel):
    """What is drawn and how closely it is looked at.

    ``n`` images are drawn from ``seed``, without post-processing. ``ais_images`` > 0 asks for the
    AIS log-likelihood of as many real images, which takes long; ``sigma`` None chooses the noise on
    other images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(default=2000, ge=8, le=100_000)
    seed: int = Field(default=0, ge=0, lt=2**63)
    ais_images: int = Field(default=0, ge=0, le=10_000)
    ais_intermediates: int = Field(default=200, ge=2, le=100_000)
    ais_chains: int = Field(default=8, ge=1, le=4096)
    sigma: float | None = Field(default=None, gt=0, le=10, allow_inf_nan=False)


class MetricRecord(BaseModel):
    """A `Metric` as it is kept, with how many seconds its group took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    value: float = Field(allow_inf_nan=False)
    better: str | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
    seconds: float = Field(default=0.0, ge=0)

    @classmethod
    def of(cls, metric: Metric, seconds: float) -> MetricRecord:
        """The record of a metric."""
        return cls(**asdict(metric), seconds=seconds)


class Evaluation(BaseModel):
    """One checkpoint's metrics.

    ``protocol`` says in words what was compared with what. ``metrics`` by name, in the order they
    were computed, group by group; ``groups`` are those that are done. A group in ``refused`` has no
    metrics, for the reason given. ``complete`` once every group has been tried.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    run_id: str
    step: int
    weights_sha256: str
    variant: str
    dataset: str
    size: int
    train_fraction: float = 1.0
    extractor: str
    config: EvaluationConfig
    n_real: int
    protocol: str
    #: whether real images were restored instead of new ones drawn
    restores: bool = False
    metrics: dict[str, MetricRecord] = Field(default_factory=dict)
    groups: tuple[str, ...] = ()
    refused: dict[str, str] = Field(default_factory=dict)
    complete: bool = False

    def is_of_same(self, other: Evaluation) -> bool:
        """Whether both are of the same weights, settings and extractor, metrics aside."""
        keep = {"metrics", "groups", "refused", "complete"}
        return self.model_dump(exclude=keep) == other.model_dump(exclude=keep)


def evaluations_folder(workspace: Workspace, run_id: str) -> Path:
    """Where a run's evaluations are."""
    return run_folder(workspace, run_id).root / "evaluations"


def evaluation_path(workspace: Workspace, run_id: str, step: int) -> Path:
    """Where the evaluation of one checkpoint is."""
    return evaluations_folder(workspace, run_id) / f"step-{step:08d}.json"


def nearest_picture_path(workspace: Workspace, run_id: str, step: int) -> Path:
    """The generated image nearest to a training image, beside that image."""
    return evaluations_folder(workspace, run_id) / f"step-{step:08d}-nearest.png"


def read_evaluation(path: Path) -> Evaluation | None:
    """The evaluation in a file; None where there is none, or one that cannot be read."""
    try:
        return Evaluation.model_validate_json(read_bounded_text(path))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def write_evaluation(workspace: Workspace, evaluation: Evaluation) -> None:
    """Keep an evaluation; raises `StorageError` when the disk refuses."""
    path = evaluation_path(workspace, evaluation.run_id, evaluation.step)
    write_bytes(path, evaluation.model_dump_json(indent=1).encode("utf-8"))


def list_evaluations(workspace: Workspace) -> list[Evaluation]:
    """All evaluations that can be read, by run and step."""
    paths = sorted(workspace.runs.glob("*/evaluations/step-*.json"))
    found = [evaluation for path in paths if (evaluation := read_evaluation(path)) is not None]
    return sorted(found, key=lambda evaluation: (evaluation.run_id, evaluation.step))


_COLUMNS = (
    "run_id", "step", "variant", "dataset", "size", "train_fraction", "n_generated", "n_real",
    "seed", "extractor", "metric", "label", "value", "better", "low", "high", "note", "seconds",
)  # fmt: skip


def evaluations_csv(evaluations: Iterable[Evaluation]) -> bytes:
    """One row a metric, UTF-8; refused metrics have a blank value and the reason as their note."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for each in evaluations:
        head = (
            each.run_id, each.step, each.variant, each.dataset, each.size, each.train_fraction,
            each.config.n, each.n_real, each.config.seed, each.extractor,
        )  # fmt: skip
        for m in each.metrics.values():
            row = (m.name, m.label, m.value, m.better, m.low, m.high, m.note, m.seconds)
            writer.writerow(escaped_row([*head, *row]))
        for group, reason in each.refused.items():
            writer.writerow(escaped_row([*head, group, "", "", "", "", "", reason, ""]))
    return text.getvalue().encode("utf-8")
