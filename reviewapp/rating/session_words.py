"""The sentences of a session, which are the same whatever the images are; no widgets."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from reviewapp.study.model import Response
from reviewapp.study.protocol import Protocol
from reviewapp.study.session import SessionProgress, TrainingFeedback, TrialView
from reviewapp.translation import translate

_SECONDS_PER_MINUTE = 60


def progress_text(protocol: Protocol, trial: TrialView | None) -> str:
    """Where the reader is: practice and rated images are counted apart."""
    if trial is None:
        return ""
    if trial.is_training:
        return translate("Session", "Practice {number} of {total}").format(
            number=trial.trial_number, total=protocol.training_trials
        )
    return translate("Session", "{number} of {total}").format(
        number=trial.trial_number - protocol.training_trials, total=protocol.n_scored_trials
    )


def intro_text(protocol: Protocol, progress: SessionProgress) -> tuple[str, str, str]:
    """The question and what is ahead, before the first image is shown."""
    lines = [_ahead(progress.remaining, protocol)]
    if progress.answered:
        lines = [
            translate(
                "Session", "You have judged {done} of {total}; you go on where you stopped."
            ).format(done=progress.answered, total=progress.total)
        ]
    elif protocol.training_trials:
        lines.append(
            translate(
                "Session",
                "The first %n are practice: after each you are told the truth.",
                None,
                protocol.training_trials,
            )
        )
    if protocol.design == "timed" and protocol.exposure_ms is not None:
        lines.append(
            translate("Session", "Each is shown for {time} only. Look, then answer.").format(
                time=_duration(protocol.exposure_ms)
            )
        )
    lines.append(
        translate("Session", "Every answer is saved at once. Press ? at any time for the keys.")
    )
    return _question(protocol), "\n".join(lines), _go_on() if progress.answered else _start()


def consent_text(protocol: Protocol) -> tuple[str, str]:
    """The question of consent and its explanation; asked before the start, changeable later."""
    if protocol.permits_feedback:
        use = translate(
            "Session",
            "They would teach a generator what gave its images away, also while this study is "
            "still blinded.",
        )
    else:
        use = translate(
            "Session",
            "They would teach a generator what gave its images away, once this study is unblinded.",
        )
    rest = translate(
        "Session",
        "Without your consent they are used for the results only. You can change this at every "
        "break, at the end and later on the Rate page.",
    )
    question = translate("Session", "&Yes, my ratings may also train image generators")
    return question, f"{use} {rest}"


def break_text(
    protocol: Protocol,
    progress: SessionProgress,
    trial: TrialView | None,
    seconds_left: float | None,
) -> tuple[str, str, str]:
    """What is said between two blocks; ``seconds_left`` at the reader's own pace."""
    left = _left(progress, seconds_left)
    if protocol.training_trials and trial is not None and trial.block_number == 2:
        told = translate("Session", "From here on you are not told what an image is.")
        return translate("Session", "Practice is over"), f"{told}\n{left}", _start()
    lines = [translate("Session", "Everything is saved."), left]
    if protocol.break_seconds:
        lines.append(
            translate("Session", "Rest your eyes for {time}, or go on at once.").format(
                time=_duration(1000 * protocol.break_seconds)
            )
        )
    return translate("Session", "Time for a break"), "\n".join(lines), _go_on()


def end_text(progress: SessionProgress) -> tuple[str, str, str]:
    """What is said after the last image."""
    text = translate(
        "Session",
        "All %n answers are saved. The coordinator can now export them.",
        None,
        progress.total,
    )
    return translate("Session", "Done. Thank you."), text, translate("Session", "Close (Space)")


def feedback_text(feedback: TrainingFeedback) -> tuple[str, str]:
    """The truth of a practice image, and whether the reader was right."""
    if feedback.correct:
        verdict = translate("Session", "You were right.")
    else:
        said = response_word(feedback.response)
        verdict = translate("Session", "You said: {answer}.").format(answer=said.lower())
    return response_word(feedback.truth), verdict


def response_word(response: Response) -> str:
    """An answer in words."""
    words: dict[Response, str] = {
        "real": translate("Session", "Real"),
        "generated": translate("Session", "Generated"),
        "left": translate("Session", "Left is generated"),
        "right": translate("Session", "Right is generated"),
    }
    return words[response]


def _question(protocol: Protocol) -> str:
    if protocol.is_paired:
        return translate("Session", "Which of the two images is generated?")
    return translate("Session", "Is this image real or generated?")


def _start() -> str:
    return translate("Session", "Start (Space)")


def _go_on() -> str:
    return translate("Session", "Go on (Space)")


def _ahead(count: int, protocol: Protocol) -> str:
    if protocol.is_paired:
        return translate("Session", "%n pairs of images to judge.", None, count)
    return translate("Session", "%n images to judge.", None, count)


def _left(progress: SessionProgress, seconds_left: float | None) -> str:
    if seconds_left is None:
        return translate("Session", "{left} of {total} are left.").format(
            left=progress.remaining, total=progress.total
        )
    return translate("Session", "{left} of {total} are left, about {time} at your pace.").format(
        left=progress.remaining, total=progress.total, time=_minutes(seconds_left)
    )


def _duration(duration_ms: int) -> str:
    if duration_ms < 1000:
        return translate("Session", "{number} ms").format(number=duration_ms)
    seconds = duration_ms / 1000
    if seconds >= _SECONDS_PER_MINUTE and seconds % _SECONDS_PER_MINUTE == 0:
        return _minutes(seconds)
    if seconds == int(seconds):
        return translate("Session", "%n seconds", None, int(seconds))
    number = QLocale().toString(seconds, "g", 3)
    return translate("Session", "{number} seconds").format(number=number)


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / _SECONDS_PER_MINUTE))
    return translate("Session", "%n minutes", None, minutes)
