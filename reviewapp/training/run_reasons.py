"""Why something cannot be done with the selected run now; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.training.run_row import RunRow
from reviewapp.training.run_words import STATE_WORDS
from reviewapp.translation import translate


@dataclass(frozen=True, slots=True)
class RunReasons:
    """A sentence for each action that is not possible, "" for those that are."""

    pause: str = ""
    resume: str = ""
    cancel: str = ""
    generate: str = ""

    @classmethod
    def of(cls, row: RunRow | None, *, drawing: bool) -> RunReasons:
        """The reasons of a run, None where none is selected; ``drawing`` while images are drawn."""
        if row is None:
            none = translate("Training", "Choose a run in the table first.")
            return cls(none, none, none, none)
        state = STATE_WORDS[row.state].lower()
        generate = ""
        if drawing:
            generate = translate("Training", "Images are being drawn; wait until that is done.")
        elif not row.can_generate:
            generate = translate(
                "Training", "The run has saved no checkpoint yet, from which images could be drawn."
            )
        return cls(
            pause=""
            if row.can_pause
            else translate("Training", "There is nothing to pause: {state}.").format(state=state),
            resume=""
            if row.can_resume
            else translate("Training", "There is nothing to go on with: {state}.").format(
                state=state
            ),
            cancel=""
            if row.can_cancel
            else translate("Training", "There is nothing to cancel: {state}.").format(state=state),
            generate=generate,
        )
