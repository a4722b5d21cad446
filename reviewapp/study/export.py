"""Writes a study's ratings, marks and data dictionary as CSV (and Parquet)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.file_set import replace_together
from reviewapp.study.csv_table import csv_bytes
from reviewapp.study.data_dictionary import (
    DICTIONARY_COLUMNS,
    MARK_COLUMNS,
    RATING_COLUMNS,
    TRUTH_COLUMNS,
    Column,
    dictionary_rows,
)
from reviewapp.study.model import Mark, Study
from reviewapp.study.parquet_table import Cell, parquet_bytes, parquet_possible
from reviewapp.study.ratings import Rating, study_ratings
from reviewapp.study.store import StudyStore


def export_ratings(
    store: StudyStore,
    study_id: str,
    folder: Path,
    *,
    bom: bool = False,
    truth: bool = True,
    parquet: bool | None = None,
) -> list[Path]:
    """Write ratings.csv, marks.csv and data_dictionary.csv into ``folder``; returns their paths.

    UTF-8, comma, CRLF (RFC 4180); with ``bom`` a byte order mark comes first. Every answered trial
    has a row; the columns of truth are there only after unblinding, and not with ``truth`` False.
    The same tables follow as Parquet, typed and unescaped, where pyarrow is installed (``parquet``
    None), or always or never. All files are replaced together, and the export is logged before.
    Raises `engine.errors.DataError` when the disk refuses, `StoreError` when Parquet cannot be
    written or the export not logged; then the folder is as it was.
    """
    study = store.study(study_id)
    ratings = study_ratings(store, study)
    with_truth = truth and not study.blinded
    columns = RATING_COLUMNS + (TRUTH_COLUMNS if with_truth else ())
    tables: dict[str, tuple[Sequence[Column], list[Sequence[Cell]]]] = {
        "ratings": (
            columns,
            [[values[column.name] for column in columns] for values in _rows(study, ratings)],
        ),
        "marks": (
            MARK_COLUMNS,
            [
                (
                    _marked_image(rating, mark),
                    rating.reader.reader_id,
                    mark.trial_index,
                    mark.shape,
                    mark.x,
                    mark.y,
                    mark.w,
                    mark.h,
                    mark.reason,
                    " ".join(f"{x:g},{y:g}" for x, y in mark.points),
                )
                for rating in ratings
                for mark in rating.marks
            ],
        ),
    }
    contents = {
        f"{name}.csv": csv_bytes([column.name for column in described], rows, bom=bom)
        for name, (described, rows) in tables.items()
    }
    contents["data_dictionary.csv"] = csv_bytes(
        DICTIONARY_COLUMNS, dictionary_rows(with_truth), bom=bom
    )
    if parquet is None:
        parquet = parquet_possible()
    if parquet:
        contents |= {
            f"{name}.parquet": parquet_bytes(described, rows)
            for name, (described, rows) in tables.items()
        }
    # Logged before the files are there: an export that nobody knows of would be worse than the
    # note of one that failed.
    return replace_together(
        folder, contents, lambda: store.log_export(study_id, f"{len(ratings)} ratings")
    )


def _rows(study: Study, ratings: Iterable[Rating]) -> Iterable[dict[str, Cell]]:
    for rating in ratings:
        trial, answer, reader = rating.trial, rating.answer, rating.reader
        truth = rating.shown_truth
        row: dict[str, Cell] = {
            "study_id": study.study_id,
            "protocol_id": study.protocol.protocol_id,
            "protocol_sha256": study.protocol_sha256,
            "reader_id": reader.reader_id,
            "reader_role": reader.role,
            "reader_specialty": reader.specialty,
            "reader_experience_years": reader.experience_years,
            "session_id": rating.session.session_id,
            "training_consent": rating.session.consented,
            "block": trial.block,
            "trial_index": trial.trial_index,
            "is_training": trial.is_training,
            "is_repeat": trial.is_repeat,
            "image_id": trial.image_id,
            "dataset": trial.dataset,
            "class_label": trial.class_label,
            "right_image_id": trial.right_image_id,
            "design": study.protocol.design,
            "response": answer.response,
            "confidence": answer.confidence,
            "response_time_ms": answer.response_time_ms,
            "frame_interval_ms": answer.frame_interval_ms,
            "exposure_ms": answer.exposure_ms,
            "n_showings": answer.n_showings,
            "changes": answer.revision - 1,
            "n_marks": len(rating.marks),
            "comment": answer.comment,
            "window_center": answer.window_center,
            "window_width": answer.window_width,
            "zoom": answer.zoom,
            "inverted": answer.inverted,
            "shown_at": answer.shown_at,
            "answered_at": answer.answered_at,
            "app_version": answer.app_version,
        }
        if truth is not None:
            row |= {
                "truth": rating.right_response,
                "variant": truth.variant,
                "run_id": truth.run_id,
                "checkpoint_step": truth.checkpoint_step,
                "correct": rating.correct,
            }
        yield row


def _marked_image(rating: Rating, mark: Mark) -> str | None:
    return rating.trial.right_image_id if mark.side == "right" else rating.trial.image_id
