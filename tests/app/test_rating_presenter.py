"""The presenter of a session, its words and marks, without a screen and with a clock of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.workspace import Workspace
from reviewapp.rating.drawn_mark import DrawnMark, thinned
from reviewapp.rating.response_options import SCALES, option_of_key
from reviewapp.rating.session_keys import COMMANDS, allowed_commands, help_rows
from reviewapp.rating.session_presenter import SessionPresenter, ViewSettings
from reviewapp.study.marks import MAX_POINTS
from reviewapp.study.model import Reader
from reviewapp.study.protocol import parse_protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore

_NS_PER_MS = 1_000_000


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms * _NS_PER_MS


@pytest.fixture
def store(workspace_with_study: Path, tmp_path: Path) -> Iterator[StudyStore]:
    shutil.copytree(workspace_with_study, tmp_path / "workspace")
    store = StudyStore.open(Workspace.create(tmp_path / "workspace"))
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def begin(store: StudyStore, clock: Clock) -> Callable[..., SessionPresenter]:
    """Begins a session of a new study with these fields of the protocol, at its first image."""

    def begin(**fields: object) -> SessionPresenter:
        values: dict[str, object] = {
            "protocol_id": "fields",
            "title": "Fields",
            "n_real": 4,
            "n_generated": 4,
            "repeats_fraction": 0.0,
            "block_size": 4,
            "size_px": 64,
        }
        protocol = parse_protocol(values | fields)
        study = store.create_study("Fields", protocol, "open sesame", seed=2)
        reader = store.add_reader(Reader(name="Reader"))
        info = store.open_session(study.study_id, reader.reader_id)
        presenter = SessionPresenter(RatingSession(store, info), clock)
        assert presenter.scene == "intro"
        assert presenter.proceed()
        return presenter

    return begin


def answer(presenter: SessionPresenter, key: Qt.Key) -> bool:
    option = option_of_key(presenter.protocol.answer_scale, key)
    assert option is not None
    return presenter.answer(option, ViewSettings())


def test_the_response_time_runs_from_the_paint(
    store: StudyStore, clock: Clock, begin: Callable[..., SessionPresenter]
) -> None:
    presenter = begin()
    clock.now_ms = 100
    assert not answer(presenter, Qt.Key.Key_5), "nothing has been painted yet"
    presenter.image_painted(clock())
    clock.now_ms = 1350
    # A later paint of the same image does not count.
    presenter.image_painted(clock())
    clock.now_ms = 1600
    assert answer(presenter, Qt.Key.Key_5)
    (given,) = store.latest_answers(presenter.session.session_id).values()
    assert given.response_time_ms == 1500


def test_a_timed_image_is_answered_once_it_is_gone(
    store: StudyStore, clock: Clock, begin: Callable[..., SessionPresenter]
) -> None:
    presenter = begin(design="timed", exposure_ms=250, timed_scale="yes_no")
    presenter.image_painted(clock())
    assert not answer(presenter, Qt.Key.Key_R)
    clock.now_ms = 263
    presenter.image_masked(clock())
    clock.now_ms = 900
    assert answer(presenter, Qt.Key.Key_R)
    (given,) = store.latest_answers(presenter.session.session_id).values()
    assert (given.exposure_ms, given.response_time_ms) == (263, 900)
    assert presenter.undo()
    assert presenter.starts_masked
    presenter.image_painted(clock())
    assert answer(presenter, Qt.Key.Key_F)
    (given,) = store.latest_answers(presenter.session.session_id).values()
    assert (given.exposure_ms, given.revision, given.response) == (263, 2, "generated")


def test_a_timed_image_shown_again_is_counted(
    store: StudyStore, clock: Clock, begin: Callable[..., SessionPresenter]
) -> None:
    presenter = begin(design="timed", exposure_ms=250, timed_scale="yes_no")
    presenter.image_painted(clock())
    # Left before the answer: the image comes once more.
    presenter.close()
    session = presenter.session
    info = store.open_session(session.study.study_id, session.reader_id)
    resumed = SessionPresenter(RatingSession(store, info), clock)
    resumed.proceed()
    for _ in range(2):
        resumed.image_painted(clock())
        resumed.image_masked(clock())
        assert answer(resumed, Qt.Key.Key_R)
    assert resumed.undo()
    resumed.image_painted(clock())
    assert answer(resumed, Qt.Key.Key_F)
    answers = store.latest_answers(info.session_id)
    # A change is made without a further look.
    assert [(a.n_showings, a.revision) for a in answers.values()] == [(2, 1), (1, 2)]
    shown = [e for e in store.events(info.study_id) if e.kind.startswith("image_shown")]
    assert [(event.kind, event.detail) for event in shown] == [
        ("image_shown", "trial 0"),
        ("image_shown_again", "trial 0"),
        ("image_shown", "trial 1"),
    ]
    resumed.close()


def test_an_image_without_a_limit_is_not_counted(
    store: StudyStore, clock: Clock, begin: Callable[..., SessionPresenter]
) -> None:
    presenter = begin()
    presenter.image_painted(clock())
    assert answer(presenter, Qt.Key.Key_5)
    (given,) = store.latest_answers(presenter.session.session_id).values()
    assert given.n_showings is None
    events = store.events(presenter.session.study.study_id)
    assert not any(event.kind.startswith("image_shown") for event in events)


def test_the_break_tells_what_is_left_at_the_readers_own_pace(
    clock: Clock, begin: Callable[..., SessionPresenter]
) -> None:
    presenter = begin(break_seconds=120)
    for _ in range(4):
        presenter.image_painted(clock())
        clock.now_ms += 45_000
        answer(presenter, Qt.Key.Key_2)
    assert presenter.scene == "break"
    heading, text, action = presenter.interlude_text()
    assert heading == "Time for a break"
    assert "4 of 8 are left, about 3 minutes at your pace" in text
    assert "2 minutes" in text
    assert "Space" in action


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Is this image real or generated?"),
        ({"design": "two_alternative"}, "Which of the two images is generated?"),
        ({"design": "timed", "exposure_ms": 250}, "250 ms"),
        ({"training_trials": 2}, "The first 2 are practice"),
    ],
)
def test_the_question_fits_the_design(
    store: StudyStore, begin: Callable[..., SessionPresenter], fields: dict[str, object], words: str
) -> None:
    begun = begin(**fields)
    info = store.session(begun.session.session_id)
    fresh = SessionPresenter(RatingSession(store, info))
    heading, text, _ = fresh.interlude_text()
    assert words in f"{heading} {text}"


def test_practice_and_rated_images_are_counted_apart(
    clock: Clock, begin: Callable[..., SessionPresenter]
) -> None:
    presenter = begin(training_trials=2)
    assert presenter.progress_text() == "Practice 1 of 2"
    for _ in range(2):
        presenter.image_painted(clock())
        answer(presenter, Qt.Key.Key_2)
        presenter.proceed()
    presenter.proceed()
    assert presenter.progress_text() == "1 of 8"


def test_every_answer_has_a_key_of_its_own() -> None:
    for scale, options in SCALES.items():
        keys = [key for option in options for key in option.keys]
        assert len(set(keys)) == len(keys), scale
        for option in options:
            assert all(option_of_key(scale, key) == option for key in option.keys)


def test_no_command_takes_a_key_that_answers() -> None:
    answers = {key for options in SCALES.values() for option in options for key in option.keys}
    commands = [entry.key for entry in COMMANDS]
    assert not answers & set(commands)
    assert len(set(commands)) == len(commands)


def test_the_list_of_keys_names_what_is_allowed_and_nothing_else(
    begin: Callable[..., SessionPresenter],
) -> None:
    tools = dict.fromkeys(("window", "zoom", "invert", "marks", "comment"), False)
    protocol = begin(tools=tools).protocol
    assert set(allowed_commands(protocol)) == {"undo", "pause", "keys"}
    meanings = " ".join(meaning for _, meaning in help_rows(protocol))
    assert not any(word in meanings for word in ("contrast", "zoom", "ellipse", "comment"))


def test_a_mark_is_recorded_in_image_pixels_and_comes_back_as_drawn() -> None:
    ellipse = DrawnMark("ellipse", ((40.0, 30.0), (10.0, 50.0)))
    mark = ellipse.recorded("session", 3, "texture")
    assert (mark.x, mark.y, mark.w, mark.h) == (10, 30, 30, 20)
    assert mark.points == ()
    assert DrawnMark.of(mark).box == ellipse.box
    line = DrawnMark("brush", ((1.0, 1.0), (9.0, 2.0), (5.0, 8.0)), "left")
    mark = line.recorded("session", 3, "noise")
    assert (mark.side, mark.points) == ("left", line.points)
    assert DrawnMark.of(mark) == line


def test_a_mark_is_held_on_the_image() -> None:
    off = DrawnMark("ellipse", ((-20.0, 10.0), (80.0, 90.0)))
    assert off.limited(64, 64).box == (0, 10, 64, 54)
    assert not DrawnMark("ellipse", ((70.0, 10.0), (90.0, 20.0))).limited(64, 64).is_region


def test_a_long_line_is_thinned_to_what_can_be_stored() -> None:
    points = tuple((float(number), 0.0) for number in range(3 * MAX_POINTS + 7))
    kept = thinned(points)
    assert len(kept) <= MAX_POINTS
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert thinned(points[:5]) == points[:5]
