"""What may be told of a run that learns from ratings of a study which is still blinded."""

from __future__ import annotations

from typing import Protocol

from engine.errors import FeedbackError
from engine.training.config import TrainConfig
from engine.workspace import Workspace
from reviewapp.study.store import StudyStore

#: a run's message that has one of these words may count what readers recognised
_TELLING = ("rating", "critic", "judge")
_HIDDEN = (
    "These ratings could not train this generator. The reason would tell a result of a study that "
    "is still blinded; unblind it to see why, or let more readers finish."
)


class LearningRun(Protocol):
    """A run as lists hold it."""

    @property
    def run_id(self) -> str:
        """The run's id."""
        ...

    @property
    def config(self) -> TrainConfig:
        """What it was asked to do."""
        ...

    @property
    def message(self) -> str:
        """Why it stands where it does."""
        ...


def learns_blinded(store: StudyStore, workspace: Workspace, run: LearningRun) -> bool:
    """Whether the run's frozen ratings are of a blinded study, or cannot be read to find out."""
    from engine.feedback.snapshot import load_snapshot
    from engine.training.runs import run_folder

    feedback = run.config.feedback
    blinded = {study.study_id for study in store.studies() if study.blinded}
    if feedback is None or not blinded:
        return False
    try:
        path = run_folder(workspace, run.run_id).ratings
        ratings = load_snapshot(path, feedback.snapshot_sha256).ratings
    except FeedbackError:
        return True
    return not blinded.isdisjoint(rating.study_id for rating in ratings)


def shown_message(store: StudyStore, workspace: Workspace, run: LearningRun) -> str:
    """The run's message, without what would tell a result of a blinded study."""
    telling = any(word in run.message.lower() for word in _TELLING)
    return _HIDDEN if telling and learns_blinded(store, workspace, run) else run.message
