"""The columns of an export, in their order, with type, unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "integer", "number", "boolean", "datetime"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a CSV file; ``unit`` is blank where there is none."""

    name: str
    type: ColumnType
    unit: str
    meaning: str


RATING_COLUMNS: tuple[Column, ...] = (
    Column("study_id", "text", "", "Study the rating belongs to"),
    Column("protocol_id", "text", "", "Protocol of the study"),
    Column("protocol_sha256", "text", "", "Hash of the frozen protocol"),
    Column("reader_id", "text", "", "Reader, without a name"),
    Column(
        "reader_role",
        "text",
        "",
        "Reader's role: specialist, resident, technologist, researcher, student or other; blank if "
        "not told",
    ),
    Column("reader_specialty", "text", "", "Reader's specialty as registered"),
    Column("reader_experience_years", "number", "years", "Reader's experience; blank if not told"),
    Column("session_id", "text", "", "The reader's session; one per reader and study"),
    Column(
        "training_consent",
        "boolean",
        "",
        "Whether the reader lets this session's ratings train generators; blank if not asked",
    ),
    Column("block", "integer", "", "Block from 0; training, where there is any, is block 0"),
    Column("trial_index", "integer", "", "Position of the trial in the session, from 0"),
    Column("is_training", "boolean", "", "Shown before the scored trials, with feedback"),
    Column("is_repeat", "boolean", "", "Second showing of an image of this session"),
    Column("image_id", "text", "", "Neutral id of the image, the same for all; of two the left"),
    Column("dataset", "text", "", "Data set of the image"),
    Column("class_label", "text", "", "Class; blank where it could tell real from generated"),
    Column("right_image_id", "text", "", "Image on the right where two were shown; else blank"),
    Column("design", "text", "", "Trial design of the protocol"),
    Column(
        "response",
        "text",
        "",
        "'real' or 'generated' (confidence 4 to 6 means real); where two images were shown 'left' "
        "or 'right', the side called generated",
    ),
    Column(
        "confidence",
        "integer",
        "1-6",
        "1 definitely generated to 6 definitely real; blank on other scales",
    ),
    Column("response_time_ms", "number", "ms", "From the paint of the image to the answer"),
    Column(
        "frame_interval_ms",
        "number",
        "ms",
        "Between two frames of the reader's display: the largest error of response_time_ms and of "
        "each end of exposure_ms, to which the panel's own delay adds; blank if unknown",
    ),
    Column("exposure_ms", "integer", "ms", "How long the image was shown; blank if without limit"),
    Column(
        "n_showings",
        "integer",
        "",
        "How often the image was shown for exposure_ms before its answer: 2 or more where the "
        "session was interrupted meanwhile; blank if without limit or unknown",
    ),
    Column("changes", "integer", "", "How often the answer was changed; the last one counts"),
    Column("n_marks", "integer", "", "Regions marked on this trial, listed in marks.csv"),
    Column("comment", "text", "", "Reader's comment"),
    Column("window_center", "number", "grey levels", "Display window at the answer (0-255)"),
    Column("window_width", "number", "grey levels", "Display window at the answer (0-255)"),
    Column("zoom", "number", "", "Display zoom at the answer"),
    Column("inverted", "boolean", "", "Display inverted at the answer; blank if not possible"),
    Column("shown_at", "datetime", "UTC", "When the image was shown, ISO 8601"),
    Column("answered_at", "datetime", "UTC", "When the answer was given, ISO 8601"),
    Column("app_version", "text", "", "Version of the app that recorded the answer"),
)

#: follow `RATING_COLUMNS` once a study is unblinded
TRUTH_COLUMNS: tuple[Column, ...] = (
    Column("truth", "text", "", "The right response: 'real' or 'generated', or 'left' or 'right'"),
    Column("variant", "text", "", "GAN variant of the generated image; blank for real images"),
    Column("run_id", "text", "", "Training run; blank for real images"),
    Column("checkpoint_step", "integer", "steps", "Training step of the checkpoint"),
    Column("correct", "boolean", "", "Whether response equals truth"),
)

MARK_COLUMNS: tuple[Column, ...] = (
    Column("image_id", "text", "", "Image that was marked"),
    Column("reader_id", "text", "", "Reader who marked"),
    Column("trial_index", "integer", "", "Trial of the reader's session, from 0"),
    Column("shape", "text", "", "'ellipse' or 'brush'"),
    Column("x", "number", "image pixels", "Left edge of the region"),
    Column("y", "number", "image pixels", "Top edge of the region"),
    Column("w", "number", "image pixels", "Width of the region"),
    Column("h", "number", "image pixels", "Height of the region"),
    Column("reason", "text", "", "Why the region was marked"),
    Column("points", "text", "image pixels", "Freehand outline as x,y pairs; else blank"),
)

#: the dictionary itself
DICTIONARY_COLUMNS = ("column", "type", "unit", "meaning")


def dictionary_rows(unblinded: bool) -> list[tuple[str, str, str, str]]:
    """One row a column; those of marks.csv that ratings.csv lacks are named ``marks.NAME``."""
    columns = RATING_COLUMNS + (TRUTH_COLUMNS if unblinded else ())
    rows: list[tuple[str, str, str, str]] = [(c.name, c.type, c.unit, c.meaning) for c in columns]
    known = {column.name for column in columns}
    rows += [
        (f"marks.{c.name}", c.type, c.unit, c.meaning) for c in MARK_COLUMNS if c.name not in known
    ]
    return rows
