"""What each key means in a session, for handling it and for telling it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt

from reviewapp.rating.response_options import keys_help
from reviewapp.study.protocol import Protocol
from reviewapp.translation import translate

Command = Literal["undo", "mark", "comment", "pause", "keys", "reset", "invert", "cine"]


@dataclass(frozen=True, slots=True)
class SessionCommand:
    """Something a reader can do beside answering; texts are English."""

    command: Command
    key: Qt.Key
    key_text: str
    button_text: str
    meaning_text: str

    @property
    def button(self) -> str:
        """What its button says; "" where it has none."""
        return translate("Keys", self.button_text) if self.button_text else ""

    @property
    def meaning(self) -> str:
        """What it does."""
        return translate("Keys", self.meaning_text)


COMMANDS: tuple[SessionCommand, ...] = (
    SessionCommand(
        "undo",
        Qt.Key.Key_Z,
        "Z",
        QT_TRANSLATE_NOOP("Keys", "Undo"),
        QT_TRANSLATE_NOOP("Keys", "take back the last answer of this block"),
    ),
    SessionCommand(
        "mark",
        Qt.Key.Key_M,
        "M",
        QT_TRANSLATE_NOOP("Keys", "Mark"),
        QT_TRANSLATE_NOOP("Keys", "mark a region and say why"),
    ),
    SessionCommand(
        "comment",
        Qt.Key.Key_C,
        "C",
        QT_TRANSLATE_NOOP("Keys", "Comment"),
        QT_TRANSLATE_NOOP("Keys", "write a comment on this image"),
    ),
    SessionCommand(
        "pause",
        Qt.Key.Key_P,
        "P",
        QT_TRANSLATE_NOOP("Keys", "Pause"),
        QT_TRANSLATE_NOOP("Keys", "leave; you go on at the same image"),
    ),
    SessionCommand(
        "keys",
        Qt.Key.Key_Question,
        "?",
        QT_TRANSLATE_NOOP("Keys", "Keys"),
        QT_TRANSLATE_NOOP("Keys", "show or hide this list"),
    ),
    SessionCommand(
        "reset", Qt.Key.Key_W, "W", "", QT_TRANSLATE_NOOP("Keys", "whole image, full grey range")
    ),
    SessionCommand(
        "invert", Qt.Key.Key_I, "I", "", QT_TRANSLATE_NOOP("Keys", "exchange black and white")
    ),
    SessionCommand(
        "cine",
        Qt.Key.Key_Y,
        "Y",
        QT_TRANSLATE_NOOP("Keys", "Cine"),
        QT_TRANSLATE_NOOP("Keys", "play the sequence, or stop it"),
    ),
)
PROCEED_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
#: pressed on the way to another key, they are none themselves
MODIFIER_KEYS = (
    *(Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta),
)
ARROW_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_PROCEED_HELP = (
    QT_TRANSLATE_NOOP("Keys", "Space"),
    QT_TRANSLATE_NOOP("Keys", "go on after practice and breaks"),
)
_WINDOW_HELP = (
    (
        QT_TRANSLATE_NOOP("Keys", "Drag"),
        QT_TRANSLATE_NOOP("Keys", "sideways: contrast; up and down: brightness"),
    ),
)
_ZOOM_HELP = (
    (QT_TRANSLATE_NOOP("Keys", "Wheel  or  + −"), QT_TRANSLATE_NOOP("Keys", "zoom")),
    (QT_TRANSLATE_NOOP("Keys", "Middle button"), QT_TRANSLATE_NOOP("Keys", "move the image")),
)
_MARK_HELP = (
    (
        QT_TRANSLATE_NOOP("Keys", "M, then drag"),
        QT_TRANSLATE_NOOP("Keys", "an ellipse; after M once more, a freehand line"),
    ),
    (
        QT_TRANSLATE_NOOP("Keys", "M, then arrow keys"),
        QT_TRANSLATE_NOOP("Keys", "move an ellipse; with Shift change its size; Enter takes it"),
    ),
    (
        QT_TRANSLATE_NOOP("Keys", "Delete, U"),
        QT_TRANSLATE_NOOP("Keys", "remove the last mark; put it back"),
    ),
)


def allowed_commands(protocol: Protocol) -> list[Command]:
    """The commands that a protocol lets its readers use."""
    tools = protocol.tools
    asked: dict[Command, bool] = {
        "mark": tools.marks and protocol.design != "timed",
        "comment": tools.comment,
        "invert": tools.invert,
        "cine": tools.cine,
        "reset": tools.window or tools.zoom,
    }
    return [entry.command for entry in COMMANDS if asked.get(entry.command, True)]


def help_rows(protocol: Protocol) -> list[tuple[str, str]]:
    """Keys and meanings for the list that ? shows."""
    allowed = allowed_commands(protocol)
    rows = [*keys_help(protocol.answer_scale), _PROCEED_HELP]
    for entry in COMMANDS:
        if entry.command == "mark" and "mark" in allowed:
            rows += _MARK_HELP
        elif entry.command in allowed and entry.command != "keys":
            rows.append((entry.key_text, entry.meaning_text))
    rows += _WINDOW_HELP if protocol.tools.window else ()
    rows += _ZOOM_HELP if protocol.tools.zoom else ()
    return [(translate("Keys", keys), translate("Keys", meaning)) for keys, meaning in rows]


def command_of_key(key: int) -> Command | None:
    """The command of a Qt key; None where it has none."""
    if key in (Qt.Key.Key_F1, Qt.Key.Key_Question):
        return "keys"
    return next((entry.command for entry in COMMANDS if entry.key == key), None)
