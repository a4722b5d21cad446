"""What readers made of each library image, from unblinded studies only."""

from __future__ import annotations

from sqlalchemy import Subquery, and_, case, func, select

from reviewapp.study import schema


def image_ratings() -> Subquery:
    """A table of ``record_id``, ``n_ratings``, ``said_real`` (0–1), ``confidence`` (1–6, null).

    Latest answers to scored single images: no training, no repeats, finished sessions. A blinded
    study adds nothing: its truth is not in the database, and it is left out by its state as well.
    Two images shown side by side are left out, because the answer is not of one of them.
    """
    answers, trials, truths = schema.answers, schema.trials, schema.truths
    newest = (
        select(
            answers.c.session_id,
            answers.c.trial_index,
            func.max(answers.c.revision).label("revision"),
        )
        .group_by(answers.c.session_id, answers.c.trial_index)
        .subquery()
    )
    same_trial = and_(
        answers.c.session_id == trials.c.session_id,
        answers.c.trial_index == trials.c.trial_index,
    )
    latest = and_(
        newest.c.session_id == answers.c.session_id,
        newest.c.trial_index == answers.c.trial_index,
        newest.c.revision == answers.c.revision,
    )
    return (
        select(
            truths.c.record_id,
            func.count().label("n_ratings"),
            func.avg(case((answers.c.response == "real", 1.0), else_=0.0)).label("said_real"),
            func.avg(answers.c.confidence).label("confidence"),
        )
        .select_from(truths)
        .join(schema.studies, schema.studies.c.study_id == truths.c.study_id)
        .join(schema.sessions, schema.sessions.c.study_id == truths.c.study_id)
        .join(
            trials,
            and_(
                trials.c.session_id == schema.sessions.c.session_id,
                trials.c.image_id == truths.c.image_id,
            ),
        )
        .join(answers, same_trial)
        .join(newest, latest)
        .where(
            schema.studies.c.unblinded_at.is_not(None),
            schema.sessions.c.finished_at.is_not(None),
            trials.c.is_training.is_(False),
            trials.c.is_repeat.is_(False),
            trials.c.right_image_id.is_(None),
            answers.c.response.in_(("real", "generated")),
        )
        .group_by(truths.c.record_id)
        .subquery()
    )
