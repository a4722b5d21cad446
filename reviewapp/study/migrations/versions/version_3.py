"""Version 3: a reader's role, how often and on what display an image was shown, a warning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns; what was not recorded before stays blank."""
    op.add_column("readers", sa.Column("role", sa.String(16), nullable=False, server_default=""))
    op.add_column("answers", sa.Column("n_showings", sa.Integer))
    op.add_column("answers", sa.Column("frame_interval_ms", sa.Float))
    op.add_column(
        "packs", sa.Column("leak_warns", sa.Boolean, nullable=False, server_default=sa.false())
    )
