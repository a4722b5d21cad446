from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.spreadsheet_cell import escape_cell, unescape_cell
from reviewapp.study.data_dictionary import MARK_COLUMNS, RATING_COLUMNS, TRUTH_COLUMNS
from reviewapp.study.export import export_ratings
from reviewapp.study.model import Mark, Reader, SessionInfo, Study, Trial
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

BLINDED_COLUMNS = [
    "study_id",
    "protocol_id",
    "protocol_sha256",
    "reader_id",
    "reader_role",
    "reader_specialty",
    "reader_experience_years",
    "session_id",
    "training_consent",
    "block",
    "trial_index",
    "is_training",
    "is_repeat",
    "image_id",
    "dataset",
    "class_label",
    "right_image_id",
    "design",
    "response",
    "confidence",
    "response_time_ms",
    "frame_interval_ms",
    "exposure_ms",
    "n_showings",
    "changes",
    "n_marks",
    "comment",
    "window_center",
    "window_width",
    "zoom",
    "inverted",
    "shown_at",
    "answered_at",
    "app_version",
]
TRUTH = ["truth", "variant", "run_id", "checkpoint_step", "correct"]
COMMENTS = [
    "=1+1", "+41 79", "-none", "@SUM(A1)", "\tindented", "\rreturn", "'=quoted", "'plain'",
    'says "no"', "a, b; c", "two\nlines", "Ødem µm β", "", "NA", "007", " spaces ",
]  # fmt: skip


@pytest.fixture
def rated(store: StudyStore, study: Study, reader: Reader) -> SessionInfo:
    """A finished session with awkward comments, one changed answer and one mark."""
    info = store.open_session(study.study_id, reader.reader_id)
    session = RatingSession(store, info)
    while not session.finished:
        session.end_break()
        index = session.current.trial_index
        if index == 5:
            session.mark(Mark("m1", info.session_id, 5, "ellipse", 1.5, 2, 10, 20, "texture"))
        session.answer(
            1 + index % 6,
            1000.125 + index,
            utc_now(),
            utc_now(),
            window_center=-50.5,
            window_width=200.0,
            zoom=1.0 + index / 3,
            comment=COMMENTS[index],
        )
        if index == 6:
            session.undo()
            session.answer(6, 400.0, utc_now(), utc_now(), window_center=-50.5, comment=COMMENTS[6])
        session.advance()
    return store.session(info.session_id)


def read(path: Path) -> pd.DataFrame:
    numbers = ("exposure_ms", "window_center", "window_width", "zoom", "checkpoint_step")
    return pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in numbers})


def test_columns_are_those_promised_and_truth_comes_only_after_unblinding(
    store: StudyStore, study: Study, rated: SessionInfo, tmp_path: Path, passphrase: str
) -> None:
    paths = export_ratings(store, study.study_id, tmp_path / "out", parquet=False)
    assert [path.name for path in paths] == [
        "ratings.csv", "marks.csv", "data_dictionary.csv",
    ]  # fmt: skip
    ratings, marks, dictionary = paths
    assert list(read(ratings).columns) == BLINDED_COLUMNS
    assert list(read(marks).columns) == [
        "image_id",
        "reader_id",
        "trial_index",
        "shape",
        "x",
        "y",
        "w",
        "h",
        "reason",
        "points",
    ]
    for word in (b"generated-0", b"dcgan", b"lapgan", b"record"):
        assert word not in ratings.read_bytes()
    assert list(read(dictionary)["column"])[: len(BLINDED_COLUMNS)] == BLINDED_COLUMNS

    store.unblind(study.study_id, passphrase)
    export_ratings(store, study.study_id, tmp_path / "out")
    assert list(read(ratings).columns) == BLINDED_COLUMNS + TRUTH
    described = set(read(dictionary)["column"])
    assert set(BLINDED_COLUMNS + TRUTH) <= described
    assert {f"marks.{c}" for c in ("shape", "x", "y", "w", "h", "reason")} <= described


def test_pandas_reads_back_what_was_recorded(
    store: StudyStore, study: Study, rated: SessionInfo, reader: Reader, tmp_path: Path,
    passphrase: str,
) -> None:  # fmt: skip
    store.unblind(study.study_id, passphrase)
    table = read(export_ratings(store, study.study_id, tmp_path)[0])
    trials = store.trials(rated.session_id)
    answers = store.latest_answers(rated.session_id)
    truth = store.truth(study.study_id)
    assert list(table["trial_index"]) == list(range(14))
    for row, trial in zip(table.itertuples(), trials, strict=True):
        answer = answers[trial.trial_index]
        assert row.study_id == study.study_id
        assert row.protocol_sha256 == study.protocol_sha256
        assert (row.reader_id, row.reader_specialty) == ("R01", "Cardiology")
        assert row.reader_experience_years == 12
        assert (row.block, row.image_id, row.dataset) == (trial.block, trial.image_id, "acdc")
        assert (row.is_training, row.is_repeat) == (trial.is_training, trial.is_repeat)
        assert row.class_label == truth[trial.image_id].class_label
        assert (row.response, row.confidence) == (answer.response, answer.confidence)
        assert row.response_time_ms == answer.response_time_ms
        assert pd.isna(row.exposure_ms)
        assert row.changes == (1 if trial.trial_index == 6 else 0)
        assert row.n_marks == (1 if trial.trial_index == 5 else 0)
        assert unescape_cell(row.comment) == COMMENTS[trial.trial_index]
        assert row.window_center == -50.5
        if trial.trial_index == 6:
            assert pd.isna(row.window_width)
            assert pd.isna(row.zoom)
        else:
            assert (row.window_width, row.zoom) == (200, answer.zoom)
        assert pd.Timestamp(row.shown_at) == answer.shown_at
        assert row.shown_at.endswith("Z")
        assert row.truth == truth[trial.image_id].source
        assert row.correct == (row.response == row.truth)
        if row.truth == "generated":
            assert row.checkpoint_step == 500
        else:
            assert pd.isna(row.checkpoint_step)
    marks = read(tmp_path / "marks.csv")
    assert marks.to_dict("records") == [
        {
            "image_id": trials[5].image_id, "reader_id": "R01", "trial_index": 5,
            "shape": "ellipse", "x": 1.5, "y": 2.0, "w": 10.0, "h": 20.0, "reason": "texture",
            "points": "",
        }
    ]  # fmt: skip


def test_no_cell_of_text_begins_like_a_formula(
    store: StudyStore, study: Study, rated: SessionInfo, tmp_path: Path
) -> None:
    text = (export_ratings(store, study.study_id, tmp_path)[0]).read_text(encoding="utf-8")
    numeric = {"window_center"}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        for name, cell in row.items():
            assert name in numeric or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            if name in numeric:
                assert float(cell) == -50.5


@given(st.text() | st.text(alphabet="'=+-@\t\r\n1a"))
def test_escaping_hides_formulas_and_can_be_undone(text: str) -> None:
    escaped = escape_cell(text)
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unescape_cell(escaped) == text
    if text[:1].isalnum():
        assert escaped == text


def test_a_byte_order_mark_on_request(
    store: StudyStore, study: Study, rated: SessionInfo, tmp_path: Path
) -> None:
    def contents(bom: bool) -> list[bytes]:
        paths = export_ratings(store, study.study_id, tmp_path, bom=bom, parquet=False)
        return [path.read_bytes() for path in paths]

    plain, marked = contents(False), contents(True)
    assert marked == [b"\xef\xbb\xbf" + content for content in plain]
    assert not plain[0].startswith(b"\xef\xbb\xbf")


def test_unfinished_sessions_and_empty_studies_export_what_there_is(
    store: StudyStore, study: Study, reader: Reader, tmp_path: Path
) -> None:
    assert len(read(export_ratings(store, study.study_id, tmp_path)[0])) == 0
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    session.answer(3, 1.0, utc_now(), utc_now())
    assert len(read(export_ratings(store, study.study_id, tmp_path)[0])) == 1
    exports = [event for event in store.events(study.study_id) if event.kind == "exported"]
    assert [event.detail for event in exports] == ["0 ratings", "1 ratings"]


def test_a_failed_export_keeps_the_old_files_whole(
    store: StudyStore, study: Study, rated: SessionInfo, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    with pytest.raises(DataError):
        export_ratings(store, study.study_id, blocked)
    assert blocked.read_text(encoding="utf-8") == "in the way"
    export_ratings(store, study.study_id, tmp_path / "out", parquet=False)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "data_dictionary.csv", "marks.csv", "ratings.csv",
    ]  # fmt: skip


def test_the_readers_name_is_never_exported(
    store: StudyStore, study: Study, rate_all: Callable[..., SessionInfo], tmp_path: Path
) -> None:
    store.add_reader(Reader("R09", "Hildegard Mustermann", "Radiology"))

    def decide(trial: Trial) -> int:
        return 3

    rate_all(study, "R09", decide)
    for path in export_ratings(store, study.study_id, tmp_path):
        assert b"Mustermann" not in path.read_bytes()


def test_every_column_is_described_once_with_a_known_type() -> None:
    for columns in (RATING_COLUMNS + TRUTH_COLUMNS, MARK_COLUMNS):
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.meaning for column in columns)


def test_a_blinded_export_of_an_unblinded_study(
    store: StudyStore, study: Study, rated: SessionInfo, tmp_path: Path, passphrase: str
) -> None:
    store.unblind(study.study_id, passphrase)
    paths = export_ratings(store, study.study_id, tmp_path, truth=False)
    assert list(read(paths[0]).columns) == BLINDED_COLUMNS
    assert set(TRUTH).isdisjoint(read(paths[2])["column"])


def test_parquet_has_the_same_values_typed_and_unescaped(
    store: StudyStore, study: Study, rated: SessionInfo, tmp_path: Path, passphrase: str
) -> None:
    store.unblind(study.study_id, passphrase)
    paths = export_ratings(store, study.study_id, tmp_path, parquet=True)
    assert [path.name for path in paths[3:]] == ["ratings.parquet", "marks.parquet"]
    text, typed = read(paths[0]), pd.read_parquet(paths[3])
    assert list(typed.columns) == list(text.columns)
    kinds = {"text": "O", "integer": "if", "number": "f", "boolean": "bO", "datetime": "M"}
    for column in (*RATING_COLUMNS, *TRUTH_COLUMNS):
        own, other = typed[column.name], text[column.name]
        if column.type == "text":
            assert list(own.fillna("")) == [unescape_cell(cell) for cell in other]
        elif column.type == "datetime":
            assert list(own) == [pd.Timestamp(cell) for cell in other]
        else:
            if column.type != "boolean":
                assert own.dtype.kind in kinds[column.type]
            same = (own == other) | (own.isna() & (other.isna() | (other == "")))
            assert same.all(), column.name
    marks = pd.read_parquet(paths[4])
    assert list(marks["reason"]) == ["texture"]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=14, max_size=14
    ),
    st.booleans(),
)
def test_any_comment_comes_back_from_csv_and_parquet(
    comment_folder: tuple[StudyStore, Study, Path], comments: list[str], bom: bool
) -> None:
    store, study, folder = comment_folder
    reader = store.add_reader(Reader())
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    while not session.finished:
        session.end_break()
        index = session.current.trial_index
        session.answer(4, 1.0, utc_now(), utc_now(), comment=comments[index])
        session.advance()
    paths = export_ratings(store, study.study_id, folder, bom=bom, parquet=True)
    text = read(paths[0])
    own = text[text["reader_id"] == reader.reader_id]["comment"]
    assert [unescape_cell(cell) for cell in own] == comments
    typed = pd.read_parquet(paths[3])
    assert list(typed[typed["reader_id"] == reader.reader_id]["comment"]) == comments


@pytest.fixture
def comment_folder(
    store: StudyStore, study: Study, tmp_path: Path
) -> tuple[StudyStore, Study, Path]:
    return store, study, tmp_path
