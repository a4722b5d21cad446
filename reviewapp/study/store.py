"""The study store: everything of a workspace that must survive, behind one object."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from engine.workspace import Workspace
from reviewapp.study import (
    answers,
    backups,
    class_labels,
    comment_drafts,
    consents,
    event_log,
    image_query,
    library,
    map_means,
    marks,
    pack_results,
    pack_rows,
    presented_frames,
    readers,
    reading_pack,
    session_lease,
    session_rows,
    showings,
    study_audit,
    study_creation,
    study_remedies,
    study_rows,
    trial_rows,
)
from reviewapp.study.audit_trail import AuditEntry, read_head
from reviewapp.study.audit_verification import Verification, verify_record
from reviewapp.study.backups import Backup
from reviewapp.study.blinding import StudySecrets
from reviewapp.study.class_labels import ClassLabel
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.database_location import database_url
from reviewapp.study.errors import DamagedDatabaseError, StoreError
from reviewapp.study.leak_audit import LeakAudit
from reviewapp.study.model import (
    Answer,
    AnswerDraft,
    FacetGroup,
    ImageFilter,
    ImageOrder,
    ImageRow,
    LeakAuditRecord,
    Mark,
    OrderedIds,
    Reader,
    SessionInfo,
    Study,
    StudyEvent,
    Trial,
    Truth,
)
from reviewapp.study.pack_results import MergeReport
from reviewapp.study.pack_rows import PackRecord
from reviewapp.study.protocol import Protocol, Remedies
from reviewapp.study.reading_pack import IssuedPack
from reviewapp.study.restoration import Restoration, restore_if_damaged


class StudyStore:
    """The studies, readers, answers and image library of one workspace.

    Safe to use from several threads at once, and from several processes on one workspace. What a
    method writes is on the disk when it returns. Every method may raise `StoreError` when the
    database cannot be read or written. `close` gives back the sessions this store holds.
    """

    def __init__(
        self, workspace: Workspace, database: Database, restoration: Restoration | None = None
    ) -> None:
        self.workspace = workspace
        self._on_milestone: Callable[[], None] = lambda: None
        #: what was done to a damaged database before it was opened; to be told
        self.restoration = restoration
        self._database = database
        self._holder = uuid.uuid4().hex

    @classmethod
    def open(
        cls, workspace: Workspace, url: str | None = None, *, check: bool = False
    ) -> StudyStore:
        """Open (or make) the workspace's database; ``url`` names another SQLAlchemy database.

        A damaged database file is restored first; ``check`` looks for damage in all of it. Raises
        `StoreError` when it cannot be opened or a newer version of the app has written it.
        """
        location = url or database_url(workspace)
        if location != sqlite_url(workspace.database):
            # A server keeps its own record of what was committed; the journal is for a file.
            return cls(workspace, Database(location))
        file, journal = workspace.database, workspace.journal
        restoration = restore_if_damaged(file, journal, check=check)
        try:
            database = Database(location, journal)
        except DamagedDatabaseError:
            restoration = restore_if_damaged(file, journal, check=True)
            database = Database(location, journal)
        return cls(workspace, database, restoration)

    def be_brief(self, patience_ms: int) -> None:
        """Let writes of sessions fail where other programs block them for longer.

        Whoever shows sessions must not stand still as long as others may wait.
        """
        self._database.reader_patience_ms = patience_ms

    def close(self) -> None:
        """Release held sessions and all connections; the store cannot be used afterwards."""
        with contextlib.suppress(StoreError), self._database.write() as connection:
            session_lease.release_all(connection, self._holder)
        self._database.close()

    # Backups

    def observe(
        self, on_milestone: Callable[[], None], on_damage: Callable[[DamagedDatabaseError], None]
    ) -> None:
        """Have both called, on whatever thread it happens.

        A milestone is worth a backup: a study was made, a session begun or finished, results
        merged, a study unblinded. Damage is what SQLite finds in the database's file.
        """
        self._on_milestone = on_milestone
        self._database.on_damage = on_damage

    def back_up(
        self,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> Backup | None:
        """Back the database up and check the copy; see `backups.back_up`.

        None on a server, which has backups of its own.
        """
        file = self._database.file
        return None if file is None else backups.back_up(file, progress, cancelled)

    def check(
        self,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> None:
        """Back the database up if it has changed since it was last, else check it alone.

        Raises what `backups.back_up` raises.
        """
        file = self._database.file
        if file is None:
            return
        if backups.backup_is_due(file):
            backups.back_up(file, progress, cancelled)
        else:
            backups.check_file(file, cancelled)

    # Library

    def sync_library(self) -> int:
        """Take changed manifests into the library; returns how many had changed.

        Raises `engine.errors.DataError` for a damaged manifest, after taking in the others.
        """
        return library.sync_library(self._database, self.workspace)

    def sync_map_means(
        self,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> int:
        """Measure new uncertainty maps, so that images can be sorted by them; how many changed."""
        return map_means.sync_map_means(self._database, self.workspace, progress, cancelled)

    def images(
        self,
        image_filter: ImageFilter | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: ImageOrder | None = None,
    ) -> list[ImageRow]:
        """Fitting images in a stable order, for paging."""
        with self._database.read() as connection:
            return image_query.find_images(
                connection, image_filter or ImageFilter(), offset, limit, order
            )

    def image_ids(self, image_filter: ImageFilter, order: ImageOrder) -> OrderedIds:
        """The ids of all fitting images in their order, with what they are sorted by."""
        with self._database.read() as connection:
            return image_query.image_ids(connection, image_filter, order)

    def images_by_id(self, record_ids: Sequence[str]) -> list[ImageRow]:
        """The images with these ids, in this order; those that are gone are left out."""
        with self._database.read() as connection:
            return image_query.images_by_id(connection, record_ids)

    def count_images(self, image_filter: ImageFilter | None = None) -> int:
        """How many images fit."""
        with self._database.read() as connection:
            return image_query.count_images(connection, image_filter or ImageFilter())

    def facets(self) -> dict[str, list[str]]:
        """The non-blank values of dataset, source, variant, class_label, run_id and split."""
        with self._database.read() as connection:
            return image_query.image_facets(connection)

    def facet_groups(self, image_filter: ImageFilter) -> list[FacetGroup]:
        """Fitting images counted by all of `schema.FACETS` at once."""
        with self._database.read() as connection:
            return image_query.facet_groups(connection, image_filter)

    def map_kind_counts(self, image_filter: ImageFilter) -> dict[str, int]:
        """Fitting images with a measured map by its kind, under "" those without any."""
        with self._database.read() as connection:
            return image_query.map_kind_counts(connection, image_filter)

    def rated_as_counts(self, image_filter: ImageFilter) -> dict[str, int]:
        """Fitting images by what most ratings in unblinded studies called them."""
        with self._database.read() as connection:
            return image_query.rated_as_counts(connection, image_filter)

    def give_class(self, image: ImageRow, class_name: str, reader: str) -> None:
        """Note what a specialist calls an image; see `class_labels.give_class`."""
        with self._database.write() as connection:
            class_labels.give_class(connection, image, class_name, reader)

    def class_labels(self, dataset: str) -> dict[str, ClassLabel]:
        """What specialists call the images of a data set, by record id."""
        with self._database.read() as connection:
            return class_labels.read_class_labels(connection, dataset)

    def classes_of(self, dataset: str) -> list[str]:
        """The classes that real images of a data set have, by name."""
        with self._database.read() as connection:
            return class_labels.known_classes(connection, dataset)

    # Readers

    def add_reader(self, reader: Reader) -> Reader:
        """Register a reader; a blank id is assigned. Raises `StoreError` if the id is taken."""
        with self._database.write() as connection:
            return readers.add_reader(connection, reader)

    def readers(self) -> list[Reader]:
        """All readers by id."""
        with self._database.read() as connection:
            return readers.list_readers(connection)

    # Studies

    def create_study(
        self,
        name: str,
        protocol: Protocol,
        passphrase: str,
        seed: int | None = None,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> Study:
        """Choose and render images and seal their truth; see `study_creation.create_study`.

        ``seed`` overrides the protocol's; the stored protocol has the seed and data sets filled in.
        """
        study_id = study_creation.create_study(
            self._database,
            self.workspace,
            name,
            protocol,
            passphrase,
            seed=seed,
            progress=progress,
            cancelled=cancelled,
        )
        self._on_milestone()
        return self.study(study_id)

    def studies(self) -> list[Study]:
        """All studies, oldest first."""
        with self._database.read() as connection:
            return study_rows.list_studies(connection)

    def study(self, study_id: str) -> Study:
        """One study; raises `StoreError` if there is none."""
        with self._database.read() as connection:
            return study_rows.read_study(connection, study_id)

    def change_protocol(self, study_id: str, protocol: Protocol) -> Study:
        """Replace a study's protocol before its first trial; see `study_rows.change_protocol`."""
        with self._database.write() as connection:
            return study_rows.change_protocol(connection, study_id, protocol)

    def unblind(self, study_id: str, passphrase: str) -> None:
        """Unseal the truth for good; raises `BlindingError` for a wrong passphrase."""
        study_rows.unblind_study(self._database, study_id, passphrase)
        self._on_milestone()

    def truth(self, study_id: str) -> dict[str, Truth]:
        """Truth by image id; raises `BlindingError` while the study is blinded."""
        with self._database.read() as connection:
            return study_rows.read_truth(connection, study_id)

    def truth_for_training(self, study_id: str, passphrase: str) -> StudySecrets:
        """What is sealed, for a feedback round only: the study stays blinded, and it is logged.

        Raises `BlindingError` when the protocol does not permit it or the passphrase is wrong.
        """
        return study_rows.unseal_for_training(self._database, study_id, passphrase)

    def audit_leaks(
        self,
        study_id: str,
        passphrase: str,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> LeakAudit:
        """Whether nuisances tell the study's sources; logged. See `study_audit.audit_study`."""
        return study_audit.audit_study(
            self._database, self.workspace, study_id, passphrase, progress, cancelled
        )

    def apply_remedies(
        self,
        study_id: str,
        passphrase: str,
        remedies: Remedies,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> LeakAudit:
        """Render all images anew with ``remedies`` and audit them; before the first trial only.

        See `study_remedies.apply_remedies`.
        """
        study_remedies.apply_remedies(
            self._database, self.workspace, study_id, passphrase, remedies, progress, cancelled
        )
        return self.audit_leaks(study_id, passphrase, progress, cancelled)

    def last_leak_audit(self, study_id: str) -> LeakAuditRecord | None:
        """The numbers of the latest audit; None if there was none."""
        with self._database.read() as connection:
            return study_audit.last_audit(connection, study_id)

    def events(self, study_id: str) -> list[StudyEvent]:
        """The study's log, oldest first."""
        with self._database.read() as connection:
            return event_log.read_events(connection, study_id)

    def log_export(self, study_id: str, detail: str) -> None:
        """Note in the study's log that its ratings were exported."""
        with self._database.write() as connection:
            event_log.append_event(connection, "exported", study_id=study_id, detail=detail)

    # Audit trail

    def verify_record(
        self,
        progress: ProgressReport = ignore_progress,
        cancelled: CancelCheck = never_cancelled,
    ) -> Verification:
        """Whether every recorded row is as it was recorded; see `audit_verification`."""
        with self._database.read() as connection:
            return verify_record(
                connection, self._database.journal, progress=progress, cancelled=cancelled
            )

    def audit_head(self) -> AuditEntry | None:
        """The audit trail's latest entry, whose hash stands for all before it."""
        with self._database.read() as connection:
            return read_head(connection)

    def log_training(self, study_id: str, run_id: str, snapshot_sha256: str) -> None:
        """Note in the study's log which run learns from its ratings, and the ratings' hash."""
        with self._database.write() as connection:
            event_log.append_event(
                connection,
                "trained",
                study_id=study_id,
                detail=f"run {run_id}, ratings {snapshot_sha256}",
            )

    # Sessions

    def open_session(self, study_id: str, reader_id: str) -> SessionInfo:
        """Begin the reader's session or resume the unfinished one, and hold it.

        Raises `SessionError` when the reader has finished, the study is unblinded, or another
        living window holds the session.
        """
        with self._database.write(brief=True) as connection:
            info = session_rows.open_session(connection, study_id, reader_id, self._holder)
        self._database.reserve_log()
        if not info.resumed:
            self._on_milestone()
        return info

    def release_session(self, session_id: str) -> None:
        """Let another window open the session."""
        with self._database.write(session_id) as connection:
            session_lease.release_lease(connection, session_id, self._holder)

    def log_display(self, session_id: str, detail: str) -> None:
        """Note in the study's log on which display the session's images are shown."""
        with self._database.write(session_id) as connection:
            info = session_rows.read_session(connection, session_id)
            event_log.append_event(
                connection,
                "display",
                study_id=info.study_id,
                session_id=session_id,
                actor=info.reader_id,
                detail=detail,
            )

    def note_showing(self, session_id: str, trial_index: int) -> int:
        """Log that a timed image is on the screen; returns how often it has been by now."""
        with self._database.write(session_id) as connection:
            return showings.note_showing(connection, session_id, trial_index)

    def keep_comment(self, session_id: str, trial_index: int, comment: str) -> None:
        """Keep a comment whose trial is not answered yet, for when the session is resumed."""
        with self._database.write(session_id) as connection:
            comment_drafts.keep_comment(connection, session_id, trial_index, comment)

    def kept_comment(self, session_id: str, trial_index: int) -> str:
        """The comment kept for a trial, "" where there is none."""
        with self._database.read() as connection:
            return comment_drafts.kept_comment(connection, session_id, trial_index)

    def record_consent(self, session_id: str, given: bool, actor: str = "") -> None:
        """Note whether the session's ratings may train a generator; see `consents`.

        A blank ``actor`` is the session's reader.
        """
        with self._database.write(session_id) as connection:
            info = session_rows.read_session(connection, session_id)
            consents.record_consent(
                connection, info.study_id, session_id, given, actor or info.reader_id
            )

    def finish_session(self, session_id: str) -> SessionInfo:
        """Close a session for good; raises `SessionError` while trials are unanswered."""
        with self._database.write(brief=True) as connection:
            info = session_rows.finish_session(connection, session_id, self._holder)
        self._on_milestone()
        return info

    def session(self, session_id: str) -> SessionInfo:
        """One session; raises `SessionError` if there is none."""
        with self._database.read() as connection:
            return session_rows.read_session(connection, session_id)

    def sessions(self, study_id: str) -> list[SessionInfo]:
        """All sessions of a study, oldest first."""
        with self._database.read() as connection:
            return session_rows.list_sessions(connection, study_id)

    def trials(self, session_id: str) -> list[Trial]:
        """A session's trials in their order; raises `SessionError` if there is no such session."""
        with self._database.read() as connection:
            info = session_rows.read_session(connection, session_id)
            return trial_rows.read_trials(connection, session_id, info.study_id)

    def trials_of_study(self, study_id: str) -> dict[str, list[Trial]]:
        """The trials of all sessions of a study, by session and in their order."""
        with self._database.read() as connection:
            return trial_rows.trials_of_study(connection, study_id)

    # Reading packs

    def make_pack(self, study_id: str, reader_id: str, path: Path) -> IssuedPack:
        """Write the reader's session into one sealed file; see `reading_pack.make_pack`."""
        return reading_pack.make_pack(
            self._database, self.workspace, study_id, reader_id, path, self._holder
        )

    def packs(self, study_id: str) -> list[PackRecord]:
        """The study's packs, oldest first."""
        with self._database.read() as connection:
            return pack_rows.list_packs(connection, study_id)

    def cancel_pack(self, pack_id: str) -> None:
        """Refuse a pack's results from now on, so that its session can go on here."""
        with self._database.write() as connection:
            pack_rows.cancel_pack(connection, pack_id)

    def opened_pack(self) -> PackRecord | None:
        """The pack that this (reader's) workspace was made from; None in a coordinator's."""
        with self._database.read() as connection:
            return pack_results.opened_pack(connection)

    def write_pack_results(self, path: Path) -> PackRecord:
        """Write what a reader's workspace has recorded; see `pack_results.write_results`."""
        return pack_results.write_results(self._database, path)

    def merge_pack_results(self, path: Path) -> MergeReport:
        """Take a reader's results into the study; see `pack_results.merge_results`."""
        report = pack_results.merge_results(self._database, path)
        self._on_milestone()
        return report

    def cine_frames(self, study_id: str) -> dict[str, list[Path]]:
        """Files of each image's frames by image id; empty where the study plays no sequences."""
        with self._database.read() as connection:
            frames = presented_frames.read_frames(connection, study_id)
        return {
            image_id: [self.workspace.image_path(key) for key in keys]
            for image_id, keys in frames.items()
        }

    # Answers

    def record_answer(self, session_id: str, trial_index: int, draft: AnswerDraft) -> Answer:
        """Add an answer, or a new revision of one; on the disk when this returns.

        The same ``draft.answer_id`` again records nothing. Raises `SessionError` when the answer
        does not fit; see `answers.record_answer`.
        """
        with self._database.write(session_id) as connection:
            return answers.record_answer(
                connection,
                session_id,
                trial_index,
                draft,
                holder=self._holder,
                app_version=_app_version(),
            )

    def latest_answers(self, session_id: str) -> dict[int, Answer]:
        """The answers that count, by trial index."""
        with self._database.read() as connection:
            return answers.latest_answers(connection, session_id)

    def answers_of_study(self, study_id: str) -> dict[str, dict[int, Answer]]:
        """The answers that count of all sessions of a study, by session and trial index."""
        with self._database.read() as connection:
            return answers.answers_of_study(connection, study_id)

    def record_mark(self, mark: Mark) -> None:
        """Add a marked region; the same ``mark_id`` again records nothing."""
        with self._database.write(mark.session_id) as connection:
            marks.record_mark(connection, mark, holder=self._holder)

    def withdraw_mark(self, mark_id: str) -> None:
        """Take a marked region back; its row stays. Raises `SessionError` for an unknown one."""
        with self._database.write(brief=True) as connection:
            marks.withdraw_mark(connection, mark_id, holder=self._holder)

    def marks(self, session_id: str) -> list[Mark]:
        """The marks of a session that were not withdrawn, by trial."""
        with self._database.read() as connection:
            return marks.read_marks(connection, session_id)

    def marks_of_study(self, study_id: str) -> dict[tuple[str, int], tuple[Mark, ...]]:
        """The marks that stand of all sessions of a study, by session and trial index."""
        with self._database.read() as connection:
            return marks.marks_of_study(connection, study_id)


@cache
def _app_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("medgan-review")
    except PackageNotFoundError:
        return "source checkout"
