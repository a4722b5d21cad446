"""The studies of a workspace as a coordinator sees them listed; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.rating.study_form import DESIGNS
from reviewapp.study.model import Study
from reviewapp.study.store import StudyStore

COLUMNS = ("Study", "Images", "Sessions finished", "State")


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One study and how far its readers are."""

    study: Study
    n_sessions: int
    n_finished: int

    def cells(self) -> tuple[str, ...]:
        """The texts of `COLUMNS`."""
        return (
            self.study.name,
            str(self.study.n_images),
            f"{self.n_finished} of {self.n_sessions}" if self.n_sessions else "–",
            "Blinded" if self.study.blinded else "Unblinded",
        )

    @property
    def n_unfinished(self) -> int:
        """Sessions begun and not ended."""
        return self.n_sessions - self.n_finished

    @property
    def can_be_read(self) -> bool:
        """Whether a reader may start or go on: not once the truth is known."""
        return self.study.blinded

    @property
    def can_be_learned_from(self) -> bool:
        """Whether its ratings may train a generator, if their readers agree."""
        permitted = not self.study.blinded or self.study.protocol.permits_feedback
        return permitted and self.n_finished > 0


def study_lines(store: StudyStore) -> list[StudyLine]:
    """All studies, newest first."""
    lines = []
    for study in sorted(store.studies(), key=lambda s: s.created_at, reverse=True):
        sessions = store.sessions(study.study_id)
        finished = sum(session.finished_at is not None for session in sessions)
        lines.append(StudyLine(study, len(sessions), finished))
    return lines


def study_facts(store: StudyStore, line: StudyLine, *, of_pack: bool = False) -> list[str]:
    """What a coordinator wants to know of one study, a line each; less in a pack's workspace."""
    study, protocol = line.study, line.study.protocol
    thing = "pairs" if protocol.is_paired else "images"
    frozen = "not frozen yet: the first session freezes it"
    if study.frozen_at is not None:
        frozen = f"frozen {study.frozen_at:%d %b %Y, %H:%M} UTC"
    facts = [
        f"{DESIGNS[protocol.design]}: {protocol.n_trials} answers for each reader "
        f"({protocol.n_cases} {thing}, {protocol.n_repeats} of them twice, "
        f"{protocol.training_trials} for practice)",
        f"Protocol SHA-256 {study.protocol_sha256[:16]}…, {frozen}",
    ]
    if not of_pack:
        facts.append(_leak_fact(store, study.study_id))
    facts.append(
        "Training with the ratings of readers who agree: "
        + ("permitted while blinded" if protocol.permits_feedback else "once unblinded")
    )
    return [*facts, _readers_fact(store, study.study_id)]


def _leak_fact(store: StudyStore, study_id: str) -> str:
    audit = store.last_leak_audit(study_id)
    if audit is None:
        return "Leak check: not done yet"
    if audit.auc is None:
        return "Leak check: too few images to tell"
    text = f"Leak check: AUC {audit.auc:.2f}"
    if audit.lower is not None and audit.upper is not None:
        text += f" ({audit.lower:.2f} to {audit.upper:.2f})"
    if not audit.current:
        return f"{text}, before the images were made anew: check again"
    return f"{text}; properties other than the content tell" if audit.warns else text


def _readers_fact(store: StudyStore, study_id: str) -> str:
    readers = {reader.reader_id: reader for reader in store.readers()}
    out = {pack.session_id for pack in store.packs(study_id) if pack.is_out}
    parts = []
    for session in store.sessions(study_id):
        reader = readers.get(session.reader_id)
        who = reader.name if reader is not None and reader.name else session.reader_id
        state = "finished" if session.finished_at else f"{session.n_answered} of {session.n_trials}"
        elsewhere = " (reading pack)" if session.session_id in out else ""
        agreed = ", agrees to training" if session.consented else ""
        parts.append(f"{who} {state}{elsewhere}{agreed}")
    return f"Readers: {'; '.join(parts)}" if parts else "Readers: none yet"
