"""The answers that a reader can give in each scale, with their words and keys; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from reviewapp.study.model import Answer, Response
from reviewapp.study.protocol import AnswerScale

_K = Qt.Key


@dataclass(frozen=True, slots=True)
class ResponseOption:
    """One answer. ``confidence`` is None in the scales that have none; ``key_text`` is shown."""

    label: str
    key_text: str
    keys: tuple[Qt.Key, ...]
    response: Response
    confidence: int | None = None

    @property
    def name(self) -> str:
        """A neutral name for the control, the same in every study."""
        return f"answer-{self.confidence or self.response}"

    def matches(self, answer: Answer) -> bool:
        """Whether this is the answer that was given."""
        return (self.confidence, self.response) == (answer.confidence, answer.response)


_CONFIDENCE_LABELS = (
    "Definitely generated",
    "Probably generated",
    "Maybe generated",
    "Maybe real",
    "Probably real",
    "Definitely real",
)
_FIRST_REAL = 4

SCALES: dict[AnswerScale, tuple[ResponseOption, ...]] = {
    "confidence6": tuple(
        ResponseOption(
            label,
            str(confidence),
            (_K(_K.Key_0 + confidence),),
            "real" if confidence >= _FIRST_REAL else "generated",
            confidence,
        )
        for confidence, label in enumerate(_CONFIDENCE_LABELS, start=1)
    ),
    "yes_no": (
        ResponseOption("Generated", "F  or  ←", (_K.Key_F, _K.Key_Left, _K.Key_1), "generated"),
        ResponseOption("Real", "R  or  →", (_K.Key_R, _K.Key_Right, _K.Key_2), "real"),
    ),
    "side": (
        ResponseOption("Left is generated", "1  or  ←", (_K.Key_1, _K.Key_Left), "left"),
        ResponseOption("Right is generated", "2  or  →", (_K.Key_2, _K.Key_Right), "right"),
    ),
}


def option_of_key(scale: AnswerScale, key: int) -> ResponseOption | None:
    """The answer that a Qt key stands for, on the number row and the keypad alike."""
    return next((option for option in SCALES[scale] if key in option.keys), None)


def keys_help(scale: AnswerScale) -> list[tuple[str, str]]:
    """Keys and meanings of a scale, for the list of keys."""
    if scale == "confidence6":
        return [("1 – 6", "from definitely generated to definitely real")]
    return [(option.key_text, option.label.lower()) for option in SCALES[scale]]
