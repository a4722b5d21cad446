"""The rounds of feedback in a workspace: which generator, whose ratings, what came of it.

Each round is one JSON file in ``rounds/``, replaced in one step, so that a round goes on where it
stood after a restart. A round tells no truth: it names runs and studies only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_bytes
from engine.bounded_file import read_bounded_text
from engine.training.events import RunState
from engine.workspace import Workspace
from reviewapp.study.errors import StoreError
from reviewapp.study.model import Study
from reviewapp.study.protocol import Protocol
from reviewapp.study.timestamps import utc_now

#: what a round needs next: its generator trained, images drawn, a study made, or readers' ratings
Stage = Literal["train", "draw", "study", "ratings"]


class DrawnBatch(BaseModel):
    """The images of a round: the first ``n`` of the run's series ``seed``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(ge=1)
    seed: int = Field(ge=0)


class FeedbackRound(BaseModel):
    """One generator and the study in which its images are rated.

    Round 0, and every other without ``based_on``, begins with a generator that was trained without
    these ratings; any other has learnt from the ratings of the round it is ``based_on``.
    ``study_id`` is blank until the study is made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=0)
    based_on: int | None = None
    created_at: AwareDatetime
    dataset: str
    run_id: str = Field(min_length=1)
    batch: DrawnBatch | None = None
    study_id: str = ""

    def stage(self, run_state: RunState | None) -> Stage:
        """What comes next, given how the run stands (None where it is gone)."""
        if self.study_id:
            return "ratings"
        if run_state != "finished":
            return "train"
        return "study" if self.batch is not None else "draw"


def list_rounds(workspace: Workspace) -> list[FeedbackRound]:
    """All rounds by number; raises `StoreError` for a file that cannot be read."""
    rounds = []
    for path in sorted(_folder(workspace).glob("round-*.json")):
        try:
            rounds.append(FeedbackRound.model_validate_json(read_bounded_text(path)))
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            raise StoreError(
                f"The round {path} cannot be read: {error}. Restore it from a copy, or move it "
                "away; its run and study stay."
            ) from error
    return sorted(rounds, key=lambda r: r.number)


def save_round(workspace: Workspace, changed: FeedbackRound) -> FeedbackRound:
    """Write a round in one step and return it; raises `engine.errors.StorageError`."""
    path = _folder(workspace) / f"round-{changed.number:04d}.json"
    write_bytes(path, changed.model_dump_json(indent=2).encode("utf-8"))
    return changed


def begin_round(
    workspace: Workspace,
    dataset: str,
    run_id: str,
    *,
    study_id: str = "",
    based_on: int | None = None,
) -> FeedbackRound:
    """Write and return a new round with the next free number."""
    number = max((r.number for r in list_rounds(workspace)), default=-1) + 1
    return save_round(
        workspace,
        FeedbackRound(
            number=number,
            based_on=based_on,
            created_at=utc_now(),
            dataset=dataset,
            run_id=run_id,
            study_id=study_id,
        ),
    )


def lineage(rounds: list[FeedbackRound], number: int) -> list[FeedbackRound]:
    """The round and those it descends from, nearest first."""
    by_number = {r.number: r for r in rounds}
    found: list[FeedbackRound] = []
    at: int | None = number
    while at is not None and at in by_number and by_number[at] not in found:
        found.append(by_number[at])
        at = by_number[at].based_on
    return found


def next_protocol(study: Study, current: FeedbackRound) -> Protocol:
    """The protocol of ``study`` for another generator's images; seed and images are drawn anew."""
    return study.protocol.model_copy(
        update={
            "datasets": (current.dataset,),
            "runs": (current.run_id,),
            "steps": (),
            "variants": (),
            "seed": None,
        }
    )


def images_needed(protocol: Protocol) -> int:
    """Generated images that a study of this protocol shows, those for practice among them."""
    return protocol.n_generated + protocol.n_training_generated


def _folder(workspace: Workspace) -> Path:
    return workspace.root / "rounds"
