"""Every design from the protocol to the export, the analysis and the feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reviewapp.study.analysis.study_analysis import analyse_study
from reviewapp.study.errors import SessionError
from reviewapp.study.export import export_ratings
from reviewapp.study.feedback_ratings import feedback_ratings
from reviewapp.study.model import AnswerDraft, Mark, Reader, Response, Study
from reviewapp.study.protocol import Protocol, Tools
from reviewapp.study.session import RatingSession
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


def designed(protocol: Protocol, **changes: object) -> Protocol:
    return Protocol.model_validate(protocol.model_dump() | changes)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values={"confidence": [""]})


def run_session(
    store: StudyStore,
    study: Study,
    decide: Callable[[RatingSession], Response],
    reader_id: str = "R01",
    **fields: object,
) -> RatingSession:
    """Rate to the end; every training trial must be judged as its feedback says."""
    session = RatingSession(store, store.open_session(study.study_id, reader_id))
    session.consent(True)
    while not session.finished:
        session.end_break()
        session.answer(None, 900.0, utc_now(), utc_now(), response=decide(session), **fields)
        session.advance()
    return session


def test_yes_no(
    store: StudyStore, protocol: Protocol, passphrase: str, reader: Reader, tmp_path: Path
) -> None:
    study = store.create_study("S", designed(protocol, design="single_yes_no"), passphrase)
    run_session(store, study, lambda s: "generated" if s.current.is_training else "real")
    store.unblind(study.study_id, passphrase)
    table = read(export_ratings(store, study.study_id, tmp_path)[0])
    assert set(table["response"]) == {"real", "generated"}
    assert table["confidence"].isna().all()
    assert (table["correct"] == (table["response"] == table["truth"])).all()
    results = analyse_study(store, study.study_id).results
    assert results is not None
    assert results.overall.accuracy.value == wilson(4, 8)
    assert results.overall.fool_rate == wilson(4, 4)
    assert isinstance(results.overall.auc.value, NotEstimable)
    assert results.roc == ()
    assert {rating.confidence for rating in feedback_ratings(store, study.study_id)} == {5}


@pytest.mark.parametrize("scale", ["confidence6", "yes_no"])
def test_timed(
    store: StudyStore,
    protocol: Protocol,
    passphrase: str,
    reader: Reader,
    tmp_path: Path,
    scale: str,
) -> None:
    timed = designed(protocol, design="timed", exposure_ms=250, timed_scale=scale)
    study = store.create_study("S", timed, passphrase)
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    given = {"confidence": 5} if scale == "confidence6" else {"confidence": None}
    given["response"] = None if scale == "confidence6" else "real"
    with pytest.raises(SessionError, match="exposure_ms is missing"):
        session.answer(response_time_ms=9.0, shown_at=utc_now(), answered_at=utc_now(), **given)
    while not session.finished:
        session.end_break()
        session.answer(
            response_time_ms=9.0,
            shown_at=utc_now(),
            answered_at=utc_now(),
            exposure_ms=250 + session.current.trial_index % 2,
            n_showings=session.note_showing(session.current.trial_index),
            **given,
        )
        session.advance()
    table = read(export_ratings(store, study.study_id, tmp_path)[0])
    assert set(table["exposure_ms"]) == {250, 251}
    assert set(table["n_showings"]) == {1}
    assert set(table["design"]) == {"timed"}
    assert set(table["response"]) == {"real"}
    assert table["confidence"].isna().all() == (scale == "yes_no")


@pytest.fixture
def paired(store: StudyStore, protocol: Protocol, passphrase: str, reader: Reader) -> Study:
    """20 scored trials in blocks of 5: 14 pairs of two data sets, 6 of them twice."""
    return store.create_study(
        "Pairs",
        designed(
            protocol,
            design="two_alternative",
            datasets=("acdc", "idrid"),
            n_real=14,
            n_generated=14,
            repeats_fraction=0.3,
        ),
        passphrase,
    )


def test_pairs_are_of_one_data_set_and_balanced_over_sides_for_every_reader(
    store: StudyStore, paired: Study, passphrase: str
) -> None:
    assert (paired.n_images, paired.n_training_images, paired.protocol.n_trials) == (28, 8, 24)
    trials = {}
    for number in range(1, 6):
        store.add_reader(Reader(f"P{number}"))
        session = store.open_session(paired.study_id, f"P{number}")
        trials[number] = store.trials(session.session_id)
        assert session.n_trials == 24
    store.unblind(paired.study_id, passphrase)
    truth = store.truth(paired.study_id)
    layouts = set()
    for shown in trials.values():
        sides = Counter[tuple[int, str]]()
        for trial in shown:
            left, right = truth[trial.image_id], truth[trial.right_image_id or ""]
            assert {left.source, right.source} == {"real", "generated"}
            assert left.dataset == right.dataset == trial.dataset
            side = "left" if left.source == "generated" else "right"
            sides[trial.block, side] += 1
            assert trial.training_truth == (side if trial.is_training else None)
            if trial.class_label:
                assert left.class_label == right.class_label == trial.class_label
        for block in range(5):
            assert abs(sides[block, "left"] - sides[block, "right"]) <= 1
        scored = [t for t in shown if not t.is_training]
        assert len({frozenset({t.image_id, t.right_image_id}) for t in scored}) == 14
        layouts.add(tuple(sorted((t.image_id, t.right_image_id or "") for t in scored)))
    assert len(layouts) > 1


def test_a_two_alternative_session_to_its_results(
    store: StudyStore, paired: Study, reader: Reader, passphrase: str, tmp_path: Path
) -> None:
    session = RatingSession(store, store.open_session(paired.study_id, reader.reader_id))
    view = session.current
    assert view is not None
    assert view.right_path is not None
    assert view.path != view.right_path
    assert view.path.is_file()
    assert view.right_path.is_file()
    upcoming = store.trials(session.session_id)[1:4]
    assert [path.stem for path in session.upcoming(3)] == [
        key for trial in upcoming for key in (trial.presented_key, trial.right_presented_key)
    ]
    answered = 0
    while not session.finished:
        session.end_break()
        feedback = session.answer(None, 900.0, utc_now(), utc_now(), response="left")
        if feedback is not None:
            assert feedback.correct == (feedback.truth == "left")
            assert feedback.truth in ("left", "right")
        answered += 1
        session.advance()
    assert answered == 24
    blinded = read(export_ratings(store, paired.study_id, tmp_path)[0])
    assert (blinded["right_image_id"] != "").all()
    assert "truth" not in blinded.columns

    (info,) = store.sessions(paired.study_id)
    store.record_consent(info.session_id, True)
    store.unblind(paired.study_id, passphrase)
    table = read(export_ratings(store, paired.study_id, tmp_path)[0])
    truth = store.truth(paired.study_id)
    for row in table.itertuples():
        generated = row.image_id if row.truth == "left" else row.right_image_id
        assert truth[generated].source == "generated"
        assert (row.variant, row.run_id) == (truth[generated].variant, truth[generated].run_id)
        assert row.correct == (row.truth == "left")
    scored = table[~table["is_training"] & ~table["is_repeat"]]
    results = analyse_study(store, paired.study_id).results
    assert results is not None
    right = int(scored["correct"].sum())
    assert results.overall.accuracy.value == wilson(right, 14)
    assert results.overall.fool_rate == wilson(14 - right, 14)
    assert isinstance(results.overall.auc.value, NotEstimable)
    fool_rates = [group.performance.fool_rate for group in results.of_kind("variant")]
    assert sum(rate.n for rate in fool_rates if isinstance(rate, Estimate)) == 14
    # The named image is called generated, the other one real.
    ratings = feedback_ratings(store, paired.study_id)
    assert Counter(rating.confidence for rating in ratings) == {2: 20, 5: 20}


def test_repeated_pairs_agree_by_image_not_by_side(
    store: StudyStore, paired: Study, reader: Reader, passphrase: str
) -> None:
    trials = store.trials(store.open_session(paired.study_id, reader.reader_id).session_id)

    def smaller_id(session: RatingSession) -> Response:
        trial = trials[session.current.trial_index]
        return "left" if trial.image_id < (trial.right_image_id or "") else "right"

    run_session(store, paired, smaller_id)
    store.unblind(paired.study_id, passphrase)
    results = analyse_study(store, paired.study_id).results
    assert results is not None
    assert results.repeatability.same_answer == wilson(6, 6)


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({"design": "single_yes_no"}, {"confidence": 4}),
        ({"design": "single_yes_no"}, {"confidence": None, "response": "left"}),
        ({"design": "single_yes_no"}, {"confidence": None}),
        ({"design": "two_alternative"}, {"confidence": None, "response": "real"}),
        ({"design": "two_alternative"}, {"confidence": 6, "response": "left"}),
        ({}, {"confidence": None, "response": "real"}),
        ({}, {"confidence": 6, "response": "generated"}),
        ({}, {"confidence": 7}),
        ({"tools": Tools(comment=False)}, {"confidence": 4, "comment": "no"}),
    ],
)
def test_an_answer_on_another_scale_is_refused_and_the_trial_stays(
    store: StudyStore,
    protocol: Protocol,
    passphrase: str,
    reader: Reader,
    make_draft: Callable[..., AnswerDraft],
    changes: dict[str, object],
    given: dict[str, object],
) -> None:
    study = store.create_study("S", designed(protocol, **changes), passphrase)
    session = store.open_session(study.study_id, reader.reader_id)
    with pytest.raises(SessionError):
        store.record_answer(session.session_id, 0, make_draft(**given))
    assert store.latest_answers(session.session_id) == {}


def test_marks_of_pairs_belong_to_a_side_and_can_be_withdrawn(
    store: StudyStore, paired: Study, reader: Reader, tmp_path: Path
) -> None:
    session = RatingSession(store, store.open_session(paired.study_id, reader.reader_id))

    def mark(mark_id: str, **fields: object) -> Mark:
        values = {"shape": "brush", "reason": "vessel", "side": "right"} | fields
        return Mark(mark_id, session.session_id, 0, x=1, y=2, w=3, h=4, **values)

    outline = ((1.0, 2.0), (4.0, 2.5), (2.0, 6.0))
    session.mark(mark("a", points=outline))
    session.mark(mark("b", side="left", shape="ellipse"))
    session.mark(mark("c"))
    for wrong in (
        mark("d", side=""),
        mark("e", shape="ellipse", points=outline),
        mark("f", points=((float("nan"), 1.0),)),
        mark("g", reason="ugly"),
        mark("h", shape="square"),
        mark("i", points=outline * 1000),
    ):
        with pytest.raises(SessionError):
            session.mark(wrong)
    session.withdraw_mark("c")
    session.withdraw_mark("b")
    session.withdraw_mark("a")
    session.mark(mark("z", points=outline))
    with pytest.raises(SessionError):
        session.withdraw_mark("unknown")
    assert [m.mark_id for m in session.marks()] == ["z"]
    session.answer(None, 1.0, utc_now(), utc_now(), response="left")
    session.advance()
    with pytest.raises(SessionError, match="another image"):
        session.withdraw_mark("z")
    marks = read(export_ratings(store, paired.study_id, tmp_path)[1])
    (trial, *_) = store.trials(session.session_id)
    assert list(marks["image_id"]) == [trial.right_image_id]
    assert list(marks["points"]) == ["1,2 4,2.5 2,6"]


def test_marks_only_where_the_protocol_allows_them(
    store: StudyStore, protocol: Protocol, passphrase: str, reader: Reader
) -> None:
    study = store.create_study("S", designed(protocol, tools=Tools(marks=False)), passphrase)
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    with pytest.raises(SessionError, match="does not let readers mark"):
        session.mark(Mark("m", session.session_id, 0, "ellipse", 1, 1, 2, 2, "noise"))
