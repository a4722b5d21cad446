"""The studies of a workspace as a coordinator sees them listed; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

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
        """Whether its ratings may train a generator."""
        return not self.study.blinded and self.n_finished > 0


def study_lines(store: StudyStore) -> list[StudyLine]:
    """All studies, newest first."""
    lines = []
    for study in sorted(store.studies(), key=lambda s: s.created_at, reverse=True):
        sessions = store.sessions(study.study_id)
        finished = sum(session.finished_at is not None for session in sessions)
        lines.append(StudyLine(study, len(sessions), finished))
    return lines
