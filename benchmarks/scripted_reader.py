"""A reader that rates by key events at a given pace, marks, comments, takes back and pauses."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter, defaultdict
from pathlib import Path

from key_to_image import let_run, wait_for
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent

from reviewapp.rating.page import RatingPage
from reviewapp.rating.response_options import SCALES, ResponseOption
from reviewapp.rating.session_view import SessionView
from reviewapp.study.model import Reader, Study

#: an image is looked at for at least so long, also by a reader who is behind
_SHORTEST_LOOK_S = 0.25
#: a reader who was held up takes this part of the usual time at least
_HURRIED = 0.5
_TYPING_MS = 15
_LOOK_MS = 150
_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
#: how often, in the mean, each is done on an image
_CHANCES = {"mark": 0.06, "comment": 0.05, "undo": 0.05, "pause": 0.01, "look": 0.05}

#: an answer as the database keeps it: confidence, response, comment
Given = tuple[int | None, str, str]


class ScriptedReader:
    """Reads whole sessions on the Rate page and keeps what the database must hold of them."""

    def __init__(self, page: RatingPage, interval_s: float, n_answers: int, seed: int = 0) -> None:
        self._page = page
        self._interval_s = interval_s
        self._left = n_answers
        self._rng = random.Random(seed)
        self._due_s = time.monotonic()
        #: every answer in order, by session and trial; a changed one is a further one
        self.given: dict[tuple[str, int], list[Given]] = defaultdict(list)
        self.done: Counter[str] = Counter()
        self.n_marks = 0

    @property
    def finished(self) -> bool:
        """Whether all answers were given."""
        return self._left <= 0

    def read(self, study: Study) -> None:
        """One session of a new reader, to its end or that of the answers."""
        number = self.done["session"] + 1
        reader = self._page.context.store.add_reader(Reader(name=f"Reader {number}"))
        self.done["session"] = number
        self._open(study, reader)
        while (view := self._page.session_view) is not None:
            if self.finished:
                self._key(view, Qt.Key.Key_P)
                wait_for(lambda: self._page.session_view is None)
            elif view.presenter.scene != "image":
                let_run(_LOOK_MS)
                scene = view.presenter.scene
                self._key(view, Qt.Key.Key_Space)
                wait_for(lambda scene=scene: self._scene() != scene)
            else:
                self._rate(view, study, reader)

    def _open(self, study: Study, reader: Reader) -> None:
        self._page.open_session(study.study_id, reader.reader_id)
        if self._page.session_view is None:
            raise SystemExit(f"The session did not open: {self._page.messages.text}")

    def _rate(self, view: SessionView, study: Study, reader: Reader) -> None:
        self._wait_for_image(view)
        chance = self._rng.random
        if chance() < _CHANCES["pause"]:
            self._key(view, Qt.Key.Key_P)
            wait_for(lambda: self._page.session_view is None)
            self.done["pause"] += 1
            self._open(study, reader)
            return
        if chance() < _CHANCES["look"]:
            self._look_around(view)
        if chance() < _CHANCES["mark"] and view.presenter.can_mark:
            self._mark(view)
        if chance() < _CHANCES["comment"] and view.presenter.protocol.tools.comment:
            self._comment(view)
        let_run(1000 * max(_SHORTEST_LOOK_S, self._due_s - time.monotonic()))
        self._answer(view)
        if chance() < _CHANCES["undo"] and not self.finished and self._scene() == "image":
            self._take_back(view)

    def _answer(self, view: SessionView) -> None:
        session = view.presenter.session
        trial = session.current
        assert trial is not None, "an image is on show"
        option = self._rng.choice(SCALES[view.presenter.protocol.answer_scale])
        given = _as_kept(option, view.comment_edit.text().strip())
        self.given[session.session_id, trial.trial_index].append(given)
        self._key(view, option.keys[0])
        wait_for(lambda: self._scene() != "image" or session.current != trial)
        self.done["answer"] += 1
        self._left -= 1
        hurried_s = time.monotonic() + _HURRIED * self._interval_s
        self._due_s = max(self._due_s + self._interval_s, hurried_s)

    def _take_back(self, view: SessionView) -> None:
        self._wait_for_image(view)
        before = view.presenter.session.current
        if not view.presenter.session.can_undo:
            return
        self._key(view, Qt.Key.Key_Z)
        wait_for(lambda: view.presenter.session.current != before)
        self._wait_for_image(view)
        self.done["undo"] += 1
        let_run(1000 * _SHORTEST_LOOK_S)
        self._answer(view)

    def _mark(self, view: SessionView) -> None:
        """An ellipse, moved and widened by keys, with a reason; now and then it is removed."""
        before = len(view.presenter.marks())
        self._key(view, Qt.Key.Key_M)
        for key, modifier in (
            *[(Qt.Key.Key_Right, _NONE)] * self._rng.randrange(2, 6),
            *[(Qt.Key.Key_Down, _SHIFT)] * self._rng.randrange(1, 4),
            (Qt.Key.Key_Return, _NONE),
        ):
            self._key(view, key, modifier)
        wait_for(lambda: view.presenter.marking.nameless is not None)
        self._key(view, Qt.Key.Key_T)
        wait_for(lambda: len(view.presenter.marks()) == before + 1)
        self.n_marks += 1
        self.done["mark"] += 1
        if self._rng.random() < 0.25:
            self._key(view, Qt.Key.Key_Delete)
            wait_for(lambda: len(view.presenter.marks()) == before)
            self.n_marks -= 1
            self.done["removed mark"] += 1

    def _comment(self, view: SessionView) -> None:
        self._key(view, Qt.Key.Key_C)
        wait_for(lambda: view.focusWidget() is view.comment_edit)
        view.comment_edit.selectAll()
        for letter in f"soft edge {self.done['answer']}":
            self._key(view, Qt.Key(ord(letter.upper())), text=letter)
            let_run(_TYPING_MS)
        self._key(view, Qt.Key.Key_Return)
        wait_for(lambda: view.focusWidget() is not view.comment_edit)
        self.done["comment"] += 1

    def _look_around(self, view: SessionView) -> None:
        """Zoom in, back to the whole image, and a look at the list of keys."""
        for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_W):
            self._key(view, key)
            let_run(_LOOK_MS)
        for visible in (True, False):
            self._key(view, Qt.Key.Key_Question)
            wait_for(lambda visible=visible: view.keys_overlay.isVisible() == visible)
        self.done["look around"] += 1

    def _wait_for_image(self, view: SessionView) -> None:
        wait_for(lambda: view.presenter.is_painted and not view.exposure.running)

    def _scene(self) -> str:
        view = self._page.session_view
        return "left" if view is None else view.presenter.scene

    def _key(
        self, view: SessionView, key: Qt.Key, modifier: Qt.KeyboardModifier = _NONE, text: str = ""
    ) -> None:
        target = view.focusWidget() or view
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.postEvent(target, QKeyEvent(kind, key, modifier, text))
            QCoreApplication.sendPostedEvents(target)

    def compare(self, database: Path) -> list[str]:
        """What the database holds otherwise than was given; empty where all is there, once."""
        connection = sqlite3.connect(database)
        kept: dict[tuple[str, int], list[Given]] = defaultdict(list)
        for session, trial, *answer in connection.execute(
            "SELECT session_id, trial_index, confidence, response, comment FROM answers"
            " ORDER BY session_id, trial_index, revision"
        ):
            kept[session, trial].append((answer[0], answer[1], answer[2]))
        (n_marks,) = connection.execute(
            "SELECT COUNT(*) FROM marks WHERE mark_id NOT IN (SELECT mark_id FROM withdrawn_marks)"
        ).fetchone()
        connection.close()
        wrong = [
            f"session {session}, trial {trial}: given {self.given.get((session, trial))}, "
            f"kept {kept.get((session, trial))}"
            for session, trial in sorted(self.given.keys() | kept.keys())
            if self.given.get((session, trial)) != kept.get((session, trial))
        ]
        if n_marks != self.n_marks:
            wrong.append(f"{self.n_marks} marks made and not removed, {n_marks} kept")
        return wrong


def _as_kept(option: ResponseOption, comment: str) -> Given:
    return option.confidence, option.response, comment
