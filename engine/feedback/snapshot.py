"""Ratings as a feedback round uses them: a plain table, frozen in a file and pinned by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_bytes
from engine.data.records import Source
from engine.errors import FeedbackError
from engine.workspace import Workspace


class FeedbackRating(BaseModel):
    """One reader's rating of one library image, whose truth is known.

    ``confidence`` runs from 1 (definitely generated) to 6 (definitely real).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str = Field(min_length=1)
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    source: Source
    confidence: int = Field(ge=1, le=6)
    reader_id: str
    study_id: str


class _RatingsFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    ratings: tuple[FeedbackRating, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen set of ratings; ``sha256`` is of the file that holds it."""

    sha256: str
    ratings: tuple[FeedbackRating, ...]

    @property
    def n_readers(self) -> int:
        """How many readers rated."""
        return len({rating.reader_id for rating in self.ratings})


def snapshot_path(workspace: Workspace, sha256: str) -> Path:
    """Where `freeze_snapshot` keeps the snapshot with this hash."""
    return workspace.root / "snapshots" / f"{sha256}.json"


def freeze_snapshot(workspace: Workspace, ratings: Iterable[FeedbackRating]) -> Snapshot:
    """Write the ratings, in a fixed order, to a file named by its hash.

    The same ratings give the same hash, whatever their order. Raises `FeedbackError` when there is
    none, or when two of them contradict each other about what an image is.
    """
    ordered = tuple(
        sorted(ratings, key=lambda r: (r.study_id, r.reader_id, r.record_id, r.confidence, r.key))
    )
    if not ordered:
        raise FeedbackError("There are no ratings to learn from. Let a reader finish a session.")
    known: dict[str, tuple[str, str]] = {}
    for rating in ordered:
        if known.setdefault(rating.record_id, (rating.source, rating.key)) != (
            rating.source,
            rating.key,
        ):
            raise FeedbackError(
                f"The ratings contradict each other about {rating.record_id}: it is said to be "
                "both real and generated, or to be two different pictures. Import the data set "
                "again and rate it in a new study."
            )
    content = _RatingsFile(ratings=ordered).model_dump_json(indent=1).encode("utf-8")
    sha256 = hashlib.sha256(content).hexdigest()
    write_bytes(snapshot_path(workspace, sha256), content)
    return Snapshot(sha256, ordered)


def load_snapshot(path: Path, sha256: str) -> Snapshot:
    """Read a snapshot; raises `FeedbackError` when it is missing or is not what was frozen."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FeedbackError(
            f"The ratings {path} cannot be read: {error.strerror or error}. "
            "Start a new feedback round from the study."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FeedbackError(
            f"The ratings {path} were changed after the round began: their hash is no longer "
            f"{sha256[:12]}…. Start a new feedback round from the study."
        )
    try:
        return Snapshot(sha256, _RatingsFile.model_validate_json(content).ratings)
    except ValidationError as error:
        raise FeedbackError(f"The ratings {path} are of another version: {error}.") from error


def pin_snapshot(workspace: Workspace, sha256: str, path: Path) -> None:
    """Copy the snapshot with this hash to ``path`` in a run's folder, where it stays.

    Raises `FeedbackError` when it is missing or altered.
    """
    source = snapshot_path(workspace, sha256)
    load_snapshot(source, sha256)
    write_bytes(path, source.read_bytes())
