"""Version 1: the library, studies with single images and a scale, readers, answers and marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table("schema_info", sa.Column("version", sa.Integer, nullable=False))
    _library()
    op.create_table(
        "readers",
        sa.Column("reader_id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("specialty", sa.String(120), nullable=False),
        sa.Column("experience_years", sa.Float),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    _studies()
    _sessions()
    _answers()
    op.create_table(
        "events",
        sa.Column("event_id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("study_id", sa.String(40), nullable=False),
        sa.Column("session_id", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )


def _library() -> None:
    op.create_table(
        "images",
        sa.Column("record_id", sa.String(300), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(80), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("class_label", sa.String(80), nullable=False),
        sa.Column("patient", sa.String(120), nullable=False),
        sa.Column("split", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("channels", sa.Integer, nullable=False),
        sa.Column("bit_depth", sa.Integer, nullable=False),
        sa.Column("spacing_mm", sa.Float),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("variant", sa.String(80), nullable=False),
        sa.Column("run_id", sa.String(80), nullable=False),
        sa.Column("checkpoint_step", sa.BigInteger),
        sa.Column("seed", sa.BigInteger),
        sa.Column("sample_index", sa.BigInteger),
        sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("manifest", sa.String(200), nullable=False),
    )
    op.create_index("ix_images_key", "images", ["key"])
    op.create_index("ix_images_manifest", "images", ["manifest"])
    op.create_index("images_by_kind", "images", ["dataset", "source"])
    op.create_table(
        "manifests",
        sa.Column("path", sa.String(200), primary_key=True),
        sa.Column("fingerprint", sa.String(80), nullable=False),
    )


def _studies() -> None:
    op.create_table(
        "studies",
        sa.Column("study_id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("protocol_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("frozen_at", sa.String(32)),
        sa.Column("unblinded_at", sa.String(32)),
        sa.Column("sealed_truth", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "presented_images",
        sa.Column("study_id", sa.String(40), sa.ForeignKey("studies.study_id"), primary_key=True),
        sa.Column("image_id", sa.String(40), primary_key=True),
        sa.Column("presented_key", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(80), nullable=False),
        sa.Column("class_label", sa.String(80), nullable=False),
        sa.Column("training_truth", sa.String(16)),
        sa.Column("block_group", sa.Integer, nullable=False),
        sa.Column("repeat_group", sa.Integer),
    )
    op.create_table(
        "truths",
        sa.Column("study_id", sa.String(40), sa.ForeignKey("studies.study_id"), primary_key=True),
        sa.Column("image_id", sa.String(40), primary_key=True),
        sa.Column("record_id", sa.String(300), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("dataset", sa.String(80), nullable=False),
        sa.Column("class_label", sa.String(80), nullable=False),
        sa.Column("variant", sa.String(80), nullable=False),
        sa.Column("run_id", sa.String(80), nullable=False),
        sa.Column("checkpoint_step", sa.BigInteger),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(40), primary_key=True),
        sa.Column("study_id", sa.String(40), sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("reader_id", sa.String(40), sa.ForeignKey("readers.reader_id"), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("finished_at", sa.String(32)),
        sa.UniqueConstraint("study_id", "reader_id"),
    )
    session = sa.ForeignKey("sessions.session_id")
    op.create_table(
        "session_leases",
        sa.Column("session_id", sa.String(40), session, primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("process_started", sa.Float, nullable=False),
        sa.Column("renewed_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "trials",
        sa.Column(
            "session_id", sa.String(40), sa.ForeignKey("sessions.session_id"), primary_key=True
        ),
        sa.Column("trial_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("block", sa.Integer, nullable=False),
        sa.Column("is_training", sa.Boolean, nullable=False),
        sa.Column("is_repeat", sa.Boolean, nullable=False),
        sa.Column("image_id", sa.String(40), nullable=False),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("answer_id", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(40), nullable=False),
        sa.Column("trial_index", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Integer, nullable=False),
        sa.Column("response_time_ms", sa.Float, nullable=False),
        sa.Column("shown_at", sa.String(32), nullable=False),
        sa.Column("answered_at", sa.String(32), nullable=False),
        sa.Column("exposure_ms", sa.Integer),
        sa.Column("window_center", sa.Float),
        sa.Column("window_width", sa.Float),
        sa.Column("zoom", sa.Float),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("app_version", sa.String(40), nullable=False),
        sa.UniqueConstraint("session_id", "trial_index", "revision"),
        sa.ForeignKeyConstraint(
            ["session_id", "trial_index"], ["trials.session_id", "trials.trial_index"]
        ),
        sa.CheckConstraint("confidence BETWEEN 1 AND 6"),
    )
    op.create_table(
        "marks",
        sa.Column("mark_id", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(40), nullable=False),
        sa.Column("trial_index", sa.Integer, nullable=False),
        sa.Column("shape", sa.String(16), nullable=False),
        sa.Column("x", sa.Float, nullable=False),
        sa.Column("y", sa.Float, nullable=False),
        sa.Column("w", sa.Float, nullable=False),
        sa.Column("h", sa.Float, nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "trial_index"], ["trials.session_id", "trials.trial_index"]
        ),
    )
