"""Version 2: responses without a confidence, pairs of images, freehand marks, audits, packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables; an earlier answer's response follows from its confidence."""
    op.add_column("presented_images", sa.Column("pair_id", sa.String(40)))
    op.add_column("presented_images", sa.Column("side", sa.String(8)))
    op.add_column("presented_images", sa.Column("repeat_side", sa.String(8)))
    op.add_column("trials", sa.Column("right_image_id", sa.String(40)))
    op.add_column("marks", sa.Column("side", sa.String(8), nullable=False, server_default=""))
    op.add_column("marks", sa.Column("points", sa.Text, nullable=False, server_default="[]"))
    _responses()
    op.create_table(
        "withdrawn_marks",
        sa.Column("mark_id", sa.String(64), sa.ForeignKey("marks.mark_id"), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "presented_frames",
        sa.Column("study_id", sa.String(40), sa.ForeignKey("studies.study_id"), primary_key=True),
        sa.Column("image_id", sa.String(40), primary_key=True),
        sa.Column("frame_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("presented_key", sa.String(64), nullable=False),
    )
    op.create_table(
        "leak_audits",
        sa.Column("audit_id", sa.Integer, primary_key=True),
        sa.Column("study_id", sa.String(40), sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("auc", sa.Float),
        sa.Column("lower", sa.Float),
        sa.Column("upper", sa.Float),
        sa.Column("n_real", sa.Integer, nullable=False),
        sa.Column("n_generated", sa.Integer, nullable=False),
        sa.Column("warns", sa.Boolean, nullable=False),
        sa.Column("protocol_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_report", sa.LargeBinary, nullable=False),
    )
    session = sa.ForeignKey("sessions.session_id")
    op.create_table(
        "packs",
        sa.Column("pack_id", sa.String(40), primary_key=True),
        sa.Column("study_id", sa.String(40), sa.ForeignKey("studies.study_id"), nullable=False),
        sa.Column("reader_id", sa.String(40), sa.ForeignKey("readers.reader_id"), nullable=False),
        sa.Column("session_id", sa.String(40), session, nullable=False),
        sa.Column("opened_here", sa.Boolean, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("cancelled_at", sa.String(32)),
        sa.Column("merged_at", sa.String(32)),
    )


def _responses() -> None:
    # SQLite cannot lift NOT NULL from a column, so there alembic makes the table anew, from what is
    # stated here: it does not find checks by itself.
    with op.batch_alter_table("answers", copy_from=_answers()) as batch:
        batch.add_column(sa.Column("response", sa.String(16)))
        batch.add_column(sa.Column("inverted", sa.Boolean))
        batch.alter_column("confidence", existing_type=sa.Integer, nullable=True)
    op.execute(
        "UPDATE answers SET response = CASE WHEN confidence >= 4 THEN 'real' ELSE 'generated' END"
    )
    known = _answers(sa.Column("response", sa.String(16)), sa.Column("inverted", sa.Boolean))
    known.c.confidence.nullable = True
    with op.batch_alter_table("answers", copy_from=known) as batch:
        batch.alter_column("response", existing_type=sa.String(16), nullable=False)


def _answers(*added: sa.Column[str] | sa.Column[bool]) -> sa.Table:
    return sa.Table(
        "answers",
        sa.MetaData(),
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
        *added,
        sa.UniqueConstraint("session_id", "trial_index", "revision"),
        sa.ForeignKeyConstraint(
            ["session_id", "trial_index"], ["trials.session_id", "trials.trial_index"]
        ),
        sa.CheckConstraint("confidence BETWEEN 1 AND 6"),
    )
