"""A session's trials: drawn from the study's dealt images, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.model import Response, Trial
from reviewapp.study.pair_sides import swapped_groups
from reviewapp.study.trials import Card, Deal, DealtCase, order_trials


def plan_session(
    connection: Connection, study_id: str, seed: int, reader_id: str
) -> list[dict[str, object]]:
    """The rows of `schema.trials` of one reader, without the session's id."""
    table = schema.presented_images
    images = connection.execute(
        select(table).where(table.c.study_id == study_id).order_by(table.c.image_id)
    ).all()
    cases: dict[str, list[Any]] = {}
    for row in images:
        cases.setdefault(row.pair_id or row.image_id, []).append(row)
    training = [case for case, rows in cases.items() if rows[0].training_truth is not None]
    scored = [
        DealtCase(case, Deal(rows[0].block_group, rows[0].repeat_group))
        for case, rows in cases.items()
        if rows[0].training_truth is None
    ]
    swapped = swapped_groups([case.deal for case in scored], seed, reader_id)
    planned = []
    for index, trial in enumerate(order_trials(training, scored, seed, reader_id)):
        shown = _left_to_right(
            cases[trial.case_id], trial.card, not trial.is_training and trial.card.group in swapped
        )
        planned.append(
            {
                "trial_index": index,
                "block": trial.block,
                "is_training": trial.is_training,
                "is_repeat": trial.is_repeat,
                "image_id": shown[0],
                "right_image_id": shown[1] if len(shown) == 2 else None,
            }
        )
    return planned


def _left_to_right(rows: Sequence[Any], card: Card, swapped: bool) -> list[str]:
    if len(rows) == 1:
        return [rows[0].image_id]
    ordered = sorted(rows, key=lambda row: row.repeat_side if card.is_second else row.side)
    return [row.image_id for row in (reversed(ordered) if swapped else ordered)]


def read_trials(connection: Connection, session_id: str, study_id: str) -> list[Trial]:
    """A session's trials in their order."""
    trials = schema.trials
    known = _presented(connection, study_id)
    rows = connection.execute(
        select(trials).where(trials.c.session_id == session_id).order_by(trials.c.trial_index)
    )
    return [_trial(row, known) for row in rows]


def trials_of_study(connection: Connection, study_id: str) -> dict[str, list[Trial]]:
    """The trials of all sessions, by session and in their order."""
    trials, sessions = schema.trials, schema.sessions
    known = _presented(connection, study_id)
    rows = connection.execute(
        select(trials)
        .join(sessions, sessions.c.session_id == trials.c.session_id)
        .where(sessions.c.study_id == study_id)
        .order_by(trials.c.session_id, trials.c.trial_index)
    )
    found: dict[str, list[Trial]] = {}
    for row in rows:
        found.setdefault(row.session_id, []).append(_trial(row, known))
    return found


def _presented(connection: Connection, study_id: str) -> dict[str, Any]:
    images = schema.presented_images
    rows = connection.execute(select(images).where(images.c.study_id == study_id))
    return {row.image_id: row for row in rows}


def _trial(row: Any, known: Mapping[str, Any]) -> Trial:
    left = known[row.image_id]
    right = known[row.right_image_id] if row.right_image_id else None
    truth: Response | None = left.training_truth
    if right is not None and truth is not None:
        truth = "left" if left.training_truth == "generated" else "right"
    common_class = right is None or right.class_label == left.class_label
    return Trial(
        trial_index=row.trial_index,
        block=row.block,
        is_training=row.is_training,
        is_repeat=row.is_repeat,
        image_id=left.image_id,
        presented_key=left.presented_key,
        dataset=left.dataset,
        class_label=left.class_label if common_class else "",
        training_truth=truth,
        right_image_id=None if right is None else right.image_id,
        right_presented_key=None if right is None else right.presented_key,
    )
