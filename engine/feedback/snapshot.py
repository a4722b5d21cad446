"""Ratings as a feedback round uses them: a plain table, frozen in a file and pinned by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.atomic_file import write_bytes
from engine.bounded_file import MAX_TABLE_BYTES, read_bounded
from engine.data.records import Source
from engine.errors import FeedbackError
from engine.workspace import Workspace


class FeedbackMark(BaseModel):
    """A region that a reader marked, in fractions (0 to 1) of the image's central square.

    ``x`` and ``y`` are its left and top edge, ``w`` and ``h`` its full extents; ``points`` is the
    outline of a region drawn freehand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    shape: Literal["ellipse", "brush"]
    x: float
    y: float
    w: float = Field(gt=0)
    h: float = Field(gt=0)
    points: tuple[tuple[float, float], ...] = ()
    reason: str = ""


class FeedbackLabel(BaseModel):
    """The class that a specialist gave to a library image."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str = Field(min_length=1)
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    class_name: str = Field(min_length=1)
    reader_id: str


class FeedbackRating(BaseModel):
    """One reader's rating of one library image, whose truth is known.

    ``confidence`` runs from 1 (definitely generated) to 6 (definitely real). ``group`` names what
    belongs together, a patient or a single image: neither cross-validation nor holding out splits
    it. A rating that is ``held_out`` judges what the others have taught and never trains.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_id: str = Field(min_length=1)
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    source: Source
    confidence: int = Field(ge=1, le=6)
    reader_id: str
    study_id: str
    group: str = ""
    held_out: bool = False
    marks: tuple[FeedbackMark, ...] = ()


class _RatingsFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    ratings: tuple[FeedbackRating, ...]
    labels: tuple[FeedbackLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen set of ratings and class labels; ``sha256`` is of the file that holds it."""

    sha256: str
    ratings: tuple[FeedbackRating, ...]
    labels: tuple[FeedbackLabel, ...] = ()

    @property
    def training(self) -> tuple[FeedbackRating, ...]:
        """The ratings that may train."""
        return tuple(rating for rating in self.ratings if not rating.held_out)

    @property
    def held_out(self) -> tuple[FeedbackRating, ...]:
        """The ratings that judge the round."""
        return tuple(rating for rating in self.ratings if rating.held_out)

    @property
    def n_readers(self) -> int:
        """How many readers rated."""
        return len({rating.reader_id for rating in self.ratings})


def snapshot_path(workspace: Workspace, sha256: str) -> Path:
    """Where `freeze_snapshot` keeps the snapshot with this hash."""
    return workspace.root / "snapshots" / f"{sha256}.json"


def freeze_snapshot(
    workspace: Workspace,
    ratings: Iterable[FeedbackRating],
    labels: Iterable[FeedbackLabel] = (),
) -> Snapshot:
    """Write the ratings and labels, in a fixed order, to a file named by its hash.

    The same ratings give the same hash, whatever their order. Raises `FeedbackError` when there is
    none, when two of them contradict each other about what an image is, or when a group is held
    out in part only.
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
    _check_groups(ordered)
    named = tuple(sorted(labels, key=lambda label: (label.record_id, label.reader_id)))
    # Without defaults, so that ratings of earlier versions keep their hash.
    file = _RatingsFile(format=1, ratings=ordered, labels=named)
    content = file.model_dump_json(indent=1, exclude_defaults=True).encode("utf-8")
    sha256 = hashlib.sha256(content).hexdigest()
    write_bytes(snapshot_path(workspace, sha256), content)
    return Snapshot(sha256, ordered, named)


def _check_groups(ratings: Iterable[FeedbackRating]) -> None:
    parts: dict[str, bool] = {}
    for rating in ratings:
        if rating.group and parts.setdefault(rating.group, rating.held_out) != rating.held_out:
            raise FeedbackError(
                f"Ratings of '{rating.group}' are held out in part only, so that they could not "
                "judge what the others teach. Hold out all of them, or none."
            )


def load_snapshot(path: Path, sha256: str) -> Snapshot:
    """Read a snapshot; raises `FeedbackError` when it is missing or is not what was frozen."""
    try:
        content = read_bounded(path, MAX_TABLE_BYTES)
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
        file = _RatingsFile.model_validate_json(content)
    except ValidationError as error:
        raise FeedbackError(f"The ratings {path} are of another version: {error}.") from error
    return Snapshot(sha256, file.ratings, file.labels)


def pin_snapshot(workspace: Workspace, sha256: str, path: Path) -> None:
    """Copy the snapshot with this hash to ``path`` in a run's folder, where it stays.

    Raises `FeedbackError` when it is missing or altered.
    """
    source = snapshot_path(workspace, sha256)
    load_snapshot(source, sha256)
    write_bytes(path, source.read_bytes())
