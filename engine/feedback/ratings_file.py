"""Ratings as a JSON file from elsewhere: a plain table, checked row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.bounded_file import MAX_TABLE_BYTES, parse_json, read_bounded
from engine.errors import FeedbackError
from engine.feedback.held_out import is_held_out
from engine.feedback.snapshot import FeedbackLabel, FeedbackRating
from engine.training.config import explained

_Row = TypeVar("_Row", bound=BaseModel)


def read_ratings(path: Path) -> tuple[list[FeedbackRating], list[FeedbackLabel]]:
    """The ratings and class labels of a table, or of a snapshot.

    ``{"ratings": [{…}, …], "labels": [{…}, …]}`` with the fields of `FeedbackRating` and
    `FeedbackLabel`; a list alone holds ratings. Raises `FeedbackError` that names the row and
    field which is wrong.
    """
    try:
        content = parse_json(read_bounded(path, MAX_TABLE_BYTES))
    except (OSError, ValueError) as error:
        raise FeedbackError(f"The ratings {path} cannot be read: {error}.") from error
    tables = content if isinstance(content, dict) else {"ratings": content}
    return (
        _rows(path, "ratings", tables.get("ratings"), FeedbackRating),
        _rows(path, "labels", tables.get("labels", []), FeedbackLabel),
    )


def with_held_out(ratings: list[FeedbackRating], fraction: float) -> list[FeedbackRating]:
    """The ratings with about ``fraction`` of their groups held out, where none is yet."""
    if any(rating.held_out for rating in ratings):
        return ratings
    return [
        rating.model_copy(
            update={"held_out": is_held_out(rating.group or rating.record_id, fraction)}
        )
        for rating in ratings
    ]


def _rows(path: Path, name: str, rows: Any, model: type[_Row]) -> list[_Row]:
    if not isinstance(rows, list):
        raise FeedbackError(f'The ratings {path} hold no table "{name}": write a list of rows.')
    read = []
    for number, row in enumerate(rows, start=1):
        try:
            read.append(model.model_validate_json(json.dumps(row)))
        except ValidationError as error:
            raise FeedbackError(
                f'Row {number} of "{name}" in {path} does not fit: {explained(error)}.'
            ) from error
    return read
