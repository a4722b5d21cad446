"""A reader's consent that a session's ratings may train a generator: asked, kept, changeable."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.event_log import append_event
from reviewapp.study.timestamps import from_iso, to_iso, utc_now

#: times are kept to the millisecond
_STEP = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer to the question; ``at`` is UTC."""

    consent_id: str
    given: bool
    at: datetime


def record_consent(
    connection: Connection, study_id: str, session_id: str, given: bool, actor: str
) -> None:
    """Add an answer, which counts from now on; the same as before adds nothing. Logged."""
    known = read_consents(connection, session_id)
    if known and known[-1].given == given:
        return
    at = utc_now()
    if known:
        # A clock that was set back must not let an earlier answer win.
        at = max(at, known[-1].at + _STEP)
    connection.execute(
        schema.consents.insert().values(
            consent_id=str(uuid.uuid4()), session_id=session_id, given=given, at=to_iso(at)
        )
    )
    append_event(
        connection,
        "consent_given" if given else "consent_refused",
        study_id=study_id,
        session_id=session_id,
        actor=actor,
    )


def read_consents(connection: Connection, session_id: str) -> list[Consent]:
    """A session's answers by time; the last one counts."""
    table = schema.consents
    rows = connection.execute(
        select(table)
        .where(table.c.session_id == session_id)
        .order_by(table.c.at, table.c.consent_id)
    )
    return [Consent(row.consent_id, row.given, from_iso(row.at)) for row in rows]


def consented(connection: Connection, session_id: str) -> bool | None:
    """Whether the session's ratings may train a generator; None if the reader was not asked."""
    known = read_consents(connection, session_id)
    return known[-1].given if known else None


def merge_consents(
    connection: Connection, session_id: str, consents: Iterable[Consent], at_most: datetime
) -> int:
    """Add those that are not known yet; returns how many. None counts as later than ``at_most``.

    ``consents`` come in the order in which they were given, and keep it.
    """
    known = {consent.consent_id for consent in read_consents(connection, session_id)}
    new = [consent for consent in consents if consent.consent_id not in known]
    # From the last one back: of several that a fast clock puts into the future, the last counts.
    for consent in reversed(new):
        at = min(consent.at, at_most)
        at_most = at - _STEP
        connection.execute(
            schema.consents.insert().values(
                consent_id=consent.consent_id,
                session_id=session_id,
                given=consent.given,
                at=to_iso(at),
            )
        )
    return len(new)
