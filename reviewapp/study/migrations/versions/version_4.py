"""Version 4: readers' consent to training, and classes that specialists give to images."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add tables."""
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.String(64), primary_key=True),
        sa.Column(
            "session_id", sa.String(40), sa.ForeignKey("sessions.session_id"), nullable=False
        ),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("ix_consents_session_id", "consents", ["session_id"])
    op.create_table(
        "class_labels",
        sa.Column("label_id", sa.Integer, primary_key=True),
        sa.Column("record_id", sa.String(300), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("dataset", sa.String(80), nullable=False),
        sa.Column("class_name", sa.String(80), nullable=False),
        sa.Column("reader", sa.String(120), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("ix_class_labels_record_id", "class_labels", ["record_id"])
