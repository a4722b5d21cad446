"""The answers that a reader can give in each scale, with their words and keys; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt

from reviewapp.study.model import Answer, Response
from reviewapp.study.protocol import AnswerScale
from reviewapp.translation import translate

_K = Qt.Key


@dataclass(frozen=True, slots=True)
class ResponseOption:
    """One answer; its ``text`` is English. ``confidence`` is None in the scales that have none."""

    text: str
    key_text: str
    keys: tuple[Qt.Key, ...]
    response: Response
    confidence: int | None = None

    @property
    def label(self) -> str:
        """The answer in the language of the app."""
        return translate("Answer", self.text)

    @property
    def name(self) -> str:
        """A neutral name for the control, the same in every study."""
        return f"answer-{self.confidence or self.response}"

    def matches(self, answer: Answer) -> bool:
        """Whether this is the answer that was given."""
        return (self.confidence, self.response) == (answer.confidence, answer.response)


_CONFIDENCE_TEXTS = (
    QT_TRANSLATE_NOOP("Answer", "Definitely generated"),
    QT_TRANSLATE_NOOP("Answer", "Probably generated"),
    QT_TRANSLATE_NOOP("Answer", "Maybe generated"),
    QT_TRANSLATE_NOOP("Answer", "Maybe real"),
    QT_TRANSLATE_NOOP("Answer", "Probably real"),
    QT_TRANSLATE_NOOP("Answer", "Definitely real"),
)
_GENERATED = QT_TRANSLATE_NOOP("Answer", "Generated")
_REAL = QT_TRANSLATE_NOOP("Answer", "Real")
_LEFT = QT_TRANSLATE_NOOP("Answer", "Left is generated")
_RIGHT = QT_TRANSLATE_NOOP("Answer", "Right is generated")
_FIRST_REAL = 4

SCALES: dict[AnswerScale, tuple[ResponseOption, ...]] = {
    "confidence6": tuple(
        ResponseOption(
            text,
            str(confidence),
            (_K(_K.Key_0 + confidence),),
            "real" if confidence >= _FIRST_REAL else "generated",
            confidence,
        )
        for confidence, text in enumerate(_CONFIDENCE_TEXTS, start=1)
    ),
    "yes_no": (
        ResponseOption(_GENERATED, "F  or  ←", (_K.Key_F, _K.Key_Left, _K.Key_1), "generated"),
        ResponseOption(_REAL, "R  or  →", (_K.Key_R, _K.Key_Right, _K.Key_2), "real"),
    ),
    "side": (
        ResponseOption(_LEFT, "1  or  ←", (_K.Key_1, _K.Key_Left), "left"),
        ResponseOption(_RIGHT, "2  or  →", (_K.Key_2, _K.Key_Right), "right"),
    ),
}


def option_of_key(scale: AnswerScale, key: int) -> ResponseOption | None:
    """The answer that a Qt key stands for, on the number row and the keypad alike."""
    return next((option for option in SCALES[scale] if key in option.keys), None)


def keys_help(scale: AnswerScale) -> list[tuple[str, str]]:
    """Keys and meanings of a scale, for the list of keys."""
    if scale == "confidence6":
        meaning = translate("Answer", "from definitely generated to definitely real")
        return [("1 – 6", meaning)]
    return [(option.key_text, option.label.lower()) for option in SCALES[scale]]
