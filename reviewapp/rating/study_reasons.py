"""Why something cannot be done with the chosen study now; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.rating.study_list import StudyLine
from reviewapp.translation import translate


@dataclass(frozen=True, slots=True)
class StudyReasons:
    """A sentence for each action that is not possible, "" for those that are."""

    any: str = ""
    start: str = ""
    leak_check: str = ""
    consent: str = ""
    unblind: str = ""
    train: str = ""

    @classmethod
    def of(cls, line: StudyLine | None) -> StudyReasons:
        """The reasons of the chosen study; None where none is chosen."""
        if line is None:
            none = translate("Rating", "Choose a study in the list first.")
            return cls(none, none, none, none, none, none)
        unblinded = not line.study.blinded
        train = ""
        if not line.n_finished:
            train = translate("Rating", "No reader has finished a session yet.")
        elif not line.can_be_learned_from:
            train = translate(
                "Rating",
                "The study is still blinded and does not permit training meanwhile: unblind it "
                "first.",
            )
        return cls(
            start=translate(
                "Rating", "The study is unblinded: who knows the truth cannot rate it any more."
            )
            * (not line.can_be_read),
            leak_check=translate("Rating", "The study is unblinded: there is nothing to leak.")
            * unblinded,
            consent=translate("Rating", "No reader has begun yet.") * (not line.n_sessions),
            unblind=translate("Rating", "The study is unblinded already.") * unblinded,
            train=train,
        )
