"""What the engine has measured of a run: distance, diversity, warnings, from the run's folder."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.workspace import Workspace

#: the name of the Fréchet distance and of the diversity in an evaluation's file
_DISTANCE, _DIVERSITY = "frechet_distance", "diversity"


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with the label that names what it was measured with."""

    label: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunMeasures:
    """Of the newest evaluation and the whole course of a run; None where it was not evaluated."""

    distance: Measured | None
    diversity: Measured | None
    warnings: tuple[str, ...]


def read_run_measures(workspace: Workspace, run_id: str) -> RunMeasures:
    """Read a run's evaluation and warnings; what is missing or damaged counts as not measured."""
    folder = workspace.run_path(run_id)
    metrics = _newest_metrics(folder / "evaluations")
    return RunMeasures(
        distance=_measured(metrics, _DISTANCE),
        diversity=_measured(metrics, _DIVERSITY),
        warnings=_warnings(folder / "degradation.csv"),
    )


def _newest_metrics(folder: Path) -> Mapping[str, object]:
    for path in sorted(folder.glob("step-*.json"), reverse=True):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        metrics = content.get("metrics") if isinstance(content, dict) else None
        if isinstance(metrics, dict):
            return metrics
    return {}


def _measured(metrics: Mapping[str, object], name: str) -> Measured | None:
    found = metrics.get(name)
    if not isinstance(found, dict):
        return None
    value = found.get("value")
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return Measured(str(found.get("label") or name), float(value), str(found.get("note") or ""))


def _warnings(path: Path) -> tuple[str, ...]:
    """The names of the warnings of a run, in the order in which they first came."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            named = [row.get("warning") or "" for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):
        return ()
    parts = (part.strip() for names in named for part in names.split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))
