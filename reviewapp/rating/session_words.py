"""The sentences of a session, which are the same whatever the images are; no widgets."""

from __future__ import annotations

from reviewapp.study.model import Response
from reviewapp.study.protocol import QUESTIONS, Protocol
from reviewapp.study.session import SessionProgress, TrainingFeedback, TrialView

_SECONDS_PER_MINUTE = 60


def progress_text(protocol: Protocol, trial: TrialView | None) -> str:
    """Where the reader is: practice and rated images are counted apart."""
    if trial is None:
        return ""
    if trial.is_training:
        return f"Practice {trial.trial_number} of {protocol.training_trials}"
    return f"{trial.trial_number - protocol.training_trials} of {protocol.n_scored_trials}"


def intro_text(protocol: Protocol, progress: SessionProgress) -> tuple[str, str, str]:
    """The question and what is ahead, before the first image is shown."""
    lines = [f"{_things(progress.remaining, protocol)} to judge."]
    if progress.answered:
        lines = [
            f"You have judged {progress.answered} of {progress.total}; you go on where you stopped."
        ]
    elif protocol.training_trials:
        lines.append(
            f"The first {protocol.training_trials} are practice: after each you are told the truth."
        )
    if protocol.design == "timed" and protocol.exposure_ms is not None:
        lines.append(
            f"Each is shown for {_duration(protocol.exposure_ms)} only. Look, then answer."
        )
    lines.append("Every answer is saved at once. Press ? at any time for the keys.")
    action = "Go on (Space)" if progress.answered else "Start (Space)"
    return QUESTIONS[protocol.answer_scale], "\n".join(lines), action


def consent_text(protocol: Protocol) -> tuple[str, str]:
    """The question of consent and its explanation; asked before the start, changeable later."""
    when = (
        "also while this study is still blinded"
        if protocol.permits_feedback
        else "once this study is unblinded"
    )
    return (
        "&Yes, my ratings may also train image generators",
        f"They would teach a generator what gave its images away, {when}. Without your consent "
        "they are used for the results only. You can change this at every break, at the end and "
        "later on the Rate page.",
    )


def break_text(
    protocol: Protocol,
    progress: SessionProgress,
    trial: TrialView | None,
    seconds_left: float | None,
) -> tuple[str, str, str]:
    """What is said between two blocks; ``seconds_left`` at the reader's own pace."""
    left = f"{progress.remaining} of {progress.total} are left"
    if seconds_left is not None:
        left += f", about {_minutes(seconds_left)} at your pace"
    if protocol.training_trials and trial is not None and trial.block_number == 2:
        text = f"From here on you are not told what an image is.\n{left}."
        return "Practice is over", text, "Start (Space)"
    lines = ["Everything is saved.", f"{left}."]
    if protocol.break_seconds:
        lines.append(
            f"Rest your eyes for {_duration(1000 * protocol.break_seconds)}, or go on at once."
        )
    return "Time for a break", "\n".join(lines), "Go on (Space)"


def end_text(progress: SessionProgress) -> tuple[str, str, str]:
    """What is said after the last image."""
    text = f"All {progress.total} answers are saved. The coordinator can now export them."
    return "Done. Thank you.", text, "Close (Space)"


_RESPONSES: dict[Response, str] = {
    "real": "Real",
    "generated": "Generated",
    "left": "Left is generated",
    "right": "Right is generated",
}


def feedback_text(feedback: TrainingFeedback) -> tuple[str, str]:
    """The truth of a practice image, and whether the reader was right."""
    said = _RESPONSES[feedback.response].lower()
    return _RESPONSES[
        feedback.truth
    ], "You were right." if feedback.correct else f"You said: {said}."


def _things(count: int, protocol: Protocol) -> str:
    thing = "pair of images" if protocol.is_paired else "image"
    if count == 1:
        return f"1 {thing}"
    return f"{count} pairs of images" if protocol.is_paired else f"{count} images"


def _duration(duration_ms: int) -> str:
    if duration_ms < 1000:
        return f"{duration_ms} ms"
    seconds = duration_ms / 1000
    if seconds >= _SECONDS_PER_MINUTE and seconds % _SECONDS_PER_MINUTE == 0:
        return _minutes(seconds)
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / _SECONDS_PER_MINUTE))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
