"""One look of the guard: a row of ``degradation.csv``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from engine.training.runs import read_table, run_folder
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the guard saw at ``step``; NaN where a value is not to be had.

    ``seconds`` is what the look took, ``cost`` the guard's share of the training time so far.
    ``trained`` is a number that stands for the networks a step trains: values before and after a
    change of it are not comparable. "d" and "g" are all discriminators and generators that a step
    trains: the eigenvalue largest in size, the norm of all gradients. ``neighbour_ratio`` is the
    median distance of drawn images to their nearest training image over that of real ones.
    Scores, from 0 to 1, are given by the feedback part.
    """

    step: int
    seconds: float = math.nan
    cost: float = math.nan
    trained: int = 0
    eigenvalue_d: float = math.nan
    eigenvalue_g: float = math.nan
    gradient_d: float = math.nan
    gradient_g: float = math.nan
    accuracy_training: float = math.nan
    accuracy_unseen: float = math.nan
    overfit_ratio: float = math.nan
    frechet_distance: float = math.nan
    precision: float = math.nan
    recall: float = math.nan
    memorisation: float = math.nan
    memorisation_p: float = math.nan
    neighbour_ratio: float = math.nan
    diversity: float = math.nan
    critic_score: float = math.nan
    judge_score: float = math.nan

    def values(self) -> dict[str, float]:
        """All values but the step, by name."""
        return {name: float(value) for name, value in asdict(self).items() if name != "step"}


def read_measurements(workspace: Workspace, run_id: str) -> list[Measurement]:
    """The looks of a run, oldest first; raises `TrainingError` when there is no such run."""
    return from_columns(read_table(run_folder(workspace, run_id).degradation))


def from_columns(columns: Mapping[str, Sequence[float]]) -> list[Measurement]:
    """Rows of a table; columns of another version are passed over, missing ones read as NaN."""
    known = [field.name for field in fields(Measurement) if field.name in columns]
    rows = zip(*(columns[name] for name in known), strict=True)
    found = []
    for row in rows:
        values = dict(zip(known, row, strict=True))
        step, trained = values.pop("step"), values.pop("trained", 0.0)
        if math.isfinite(step) and math.isfinite(trained):
            found.append(Measurement(int(step), trained=int(trained), **values))
    return found
