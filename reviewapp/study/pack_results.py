"""A reader's answers on their way back: written sealed, checked one by one, merged once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.answers import check_draft, given_response
from reviewapp.study.consents import merge_consents, read_consents
from reviewapp.study.database import Database
from reviewapp.study.errors import PackError, SessionError, StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.marks import check_mark, mark_values, read_marks
from reviewapp.study.model import AnswerDraft, Mark, SessionInfo, Study
from reviewapp.study.pack_container import PackHeader, PackLabel, read_header, read_pack, write_pack
from reviewapp.study.pack_content import (
    PackedAnswer,
    PackedMark,
    PackedResults,
    packed_consents,
    parse_content,
    unpacked_consents,
)
from reviewapp.study.pack_rows import PackRecord, list_packs, read_pack_row
from reviewapp.study.session_rows import close_session, read_session
from reviewapp.study.study_rows import read_study
from reviewapp.study.timestamps import from_iso, to_iso, utc_now


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge has done; the same file again gives ``n_new_answers`` = 0."""

    study_id: str
    reader_id: str
    n_new_answers: int
    n_known_answers: int
    n_new_marks: int
    finished: bool


def write_results(database: Database, path: Path) -> PackRecord:
    """Write what the session of this reader's workspace has recorded so far to ``path``.

    Raises `PackError` in a workspace that was not made from a pack.
    """
    with database.read() as connection:
        pack = opened_pack(connection)
        if pack is None:
            raise PackError(
                "This workspace was not made from a reading pack; its answers are where they "
                "belong already."
            )
        info = read_session(connection, pack.session_id)
        study = read_study(connection, pack.study_id)
        results = PackedResults(
            session_id=pack.session_id,
            written_at=utc_now(),
            finished_at=info.finished_at,
            answers=tuple(_packed_answer(row) for row in _answer_rows(connection, info)),
            marks=tuple(
                _packed_mark(mark, withdrawn)
                for withdrawn in (False, True)
                for mark in read_marks(connection, pack.session_id, withdrawn=withdrawn)
            ),
            consents=packed_consents(read_consents(connection, pack.session_id)),
        )
    label = PackLabel("results", pack.study_id, pack.pack_id, pack.reader_id, study.protocol_sha256)
    write_pack(path, label, {"results.json": results.model_dump_json().encode("utf-8")}, pack.code)
    with database.write() as connection:
        append_event(
            connection,
            "pack_results_written",
            study_id=pack.study_id,
            session_id=pack.session_id,
            actor=pack.reader_id,
            detail=f"{len(results.answers)} answers",
        )
    return pack


def opened_pack(connection: Connection) -> PackRecord | None:
    """The pack that this workspace was made from; None in a coordinator's workspace."""
    return next((pack for pack in list_packs(connection) if pack.opened_here), None)


def merge_results(database: Database, path: Path) -> MergeReport:
    """Take a reader's results into the study; all of them, or nothing.

    What is known already is left as it is. Raises `PackError` with the reason: foreign (another
    study or workspace), stale (cancelled, another protocol, study unblinded), tampered, or answers
    that contradict those here.
    """
    header = read_header(path)
    with database.read() as connection:
        pack = _issued(connection, header, path)
    _, members = read_pack(path, pack.code, "results")
    results = parse_content(PackedResults, members, "results.json", path)
    with database.write() as connection:
        pack = _issued(connection, header, path)
        study = read_study(connection, pack.study_id)
        info = read_session(connection, pack.session_id)
        if (results.session_id, header.reader_id) != (pack.session_id, pack.reader_id):
            raise PackError(f"{path.name} is of another session than the pack was made for.")
        _check(path, results, study, info)
        return _merge(connection, path, results, study, info, pack)


def _issued(connection: Connection, header: PackHeader, path: Path) -> PackRecord:
    try:
        study = read_study(connection, header.study_id)
        pack = read_pack_row(connection, header.pack_id)
    except (StoreError, PackError) as error:
        raise PackError(
            f"{path.name} is foreign: this workspace has not issued its pack. Merge it in the "
            "workspace that the pack was made in."
        ) from error
    if pack.opened_here or pack.study_id != study.study_id:
        raise PackError(f"{path.name} is foreign: its pack was not made in this workspace.")
    if pack.cancelled_at is not None:
        raise PackError(
            f"{path.name} is stale: its pack was cancelled on {to_iso(pack.cancelled_at)}."
        )
    if header.protocol_sha256 != study.protocol_sha256:
        raise PackError(
            f"{path.name} is stale: the study's protocol is another one than when the pack was "
            "made."
        )
    return pack


def _check(path: Path, results: PackedResults, study: Study, info: SessionInfo) -> None:
    revisions: dict[int, list[int]] = {}
    for answer in results.answers:
        revisions.setdefault(answer.trial_index, []).append(answer.revision)
        draft = AnswerDraft(**answer.model_dump(exclude={"trial_index", "revision", "app_version"}))
        try:
            check_draft(draft)
            given_response(draft, study.protocol)
        except SessionError as error:
            raise PackError(f"{path.name}, trial {answer.trial_index + 1}: {error}") from error
    ordered = all(
        sorted(own) == list(range(1, len(own) + 1)) for own in revisions.values()
    ) and sorted(revisions) == list(range(len(revisions)))
    if not ordered or len(revisions) > info.n_trials:
        raise PackError(f"{path.name} has gaps in its answers, or more than the session's trials.")
    if results.finished_at is not None and len(revisions) < info.n_trials:
        raise PackError(f"{path.name} calls the session finished, but answers are missing.")
    for mark in results.marks:
        try:
            check_mark(_mark(mark, info.session_id), study.protocol)
        except SessionError as error:
            raise PackError(f"{path.name}, trial {mark.trial_index + 1}: {error}") from error
        if mark.trial_index >= info.n_trials:
            raise PackError(f"{path.name} marks a region on a trial that there is not.")


def _merge(
    connection: Connection,
    path: Path,
    results: PackedResults,
    study: Study,
    info: SessionInfo,
    pack: PackRecord,
) -> MergeReport:
    known = {row.answer_id: _packed_answer(row) for row in _answer_rows(connection, info)}
    places = {(answer.trial_index, answer.revision) for answer in known.values()}
    new = [answer for answer in results.answers if answer.answer_id not in known]
    for answer in results.answers:
        if known.get(answer.answer_id, answer) != answer:
            raise PackError(
                f"{path.name} contradicts the answer to trial {answer.trial_index + 1} that was "
                "merged before. Keep both files and find out which of them is right."
            )
    if any((answer.trial_index, answer.revision) in places for answer in new):
        raise PackError(
            f"{path.name} contradicts what was merged before: trials are answered a second time. "
            "The pack was opened in two places; keep to one of them."
        )
    if new and not study.blinded:
        raise PackError(f"{path.name} is stale: the study was unblinded and takes no more ratings.")
    if new:
        connection.execute(
            schema.answers.insert(),
            [
                answer.model_dump()
                | {
                    "session_id": info.session_id,
                    "shown_at": to_iso(answer.shown_at),
                    "answered_at": to_iso(answer.answered_at),
                }
                for answer in new
            ],
        )
    n_new_marks = _merge_marks(connection, results, info)
    # Also after unblinding: a reader may take consent back at any time.
    n_new_consents = merge_consents(
        connection, info.session_id, unpacked_consents(results.consents), utc_now()
    )
    finished = info.finished_at is not None
    if results.finished_at is not None and not finished:
        close_session(connection, info.session_id, results.finished_at)
        finished = True
    if new or n_new_marks or n_new_consents:
        connection.execute(
            schema.packs.update()
            .where(schema.packs.c.pack_id == pack.pack_id)
            .values(merged_at=to_iso(utc_now()))
        )
        append_event(
            connection,
            "pack_merged",
            study_id=study.study_id,
            session_id=info.session_id,
            detail=f"{pack.pack_id}: {len(new)} answers, {n_new_marks} marks, "
            f"{n_new_consents} of consent",
        )
    return MergeReport(study.study_id, pack.reader_id, len(new), len(known), n_new_marks, finished)


def _merge_marks(connection: Connection, results: PackedResults, info: SessionInfo) -> int:
    standing = {mark.mark_id for mark in read_marks(connection, info.session_id)}
    withdrawn = {m.mark_id for m in read_marks(connection, info.session_id, withdrawn=True)}
    added = 0
    for mark in results.marks:
        if mark.mark_id not in standing | withdrawn:
            connection.execute(
                schema.marks.insert().values(mark_values(_mark(mark, info.session_id)))
            )
            added += 1
        if mark.withdrawn and mark.mark_id not in withdrawn:
            connection.execute(
                schema.withdrawn_marks.insert().values(
                    mark_id=mark.mark_id, at=to_iso(results.written_at)
                )
            )
    return added


def _answer_rows(connection: Connection, info: SessionInfo) -> list[Any]:
    table = schema.answers
    return list(
        connection.execute(
            select(table)
            .where(table.c.session_id == info.session_id)
            .order_by(table.c.trial_index, table.c.revision)
        )
    )


def _packed_answer(row: Any) -> PackedAnswer:
    values = row._asdict()
    del values["session_id"]
    return PackedAnswer(
        **values | {"shown_at": from_iso(row.shown_at), "answered_at": from_iso(row.answered_at)}
    )


def _packed_mark(mark: Mark, withdrawn: bool) -> PackedMark:
    values = {name: getattr(mark, name) for name in Mark.__dataclass_fields__}
    del values["session_id"]
    return PackedMark(**values, withdrawn=withdrawn)


def _mark(mark: PackedMark, session_id: str) -> Mark:
    return Mark(session_id=session_id, **mark.model_dump(exclude={"withdrawn"}))
