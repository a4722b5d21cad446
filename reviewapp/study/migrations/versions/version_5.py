"""Version 5: what lets 100,000 images be filtered and sorted without reading them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_IN_ORDER = ["cine", "dataset", "source", "run_id", "record_id"]
_FACETS = [
    "cine", "dataset", "source", "variant", "class_label", "split", "run_id", "checkpoint_step",
]  # fmt: skip


def upgrade() -> None:
    """Add indices, the means of maps, and whether an image is a frame of a sequence."""
    op.add_column(
        "images", sa.Column("cine", sa.Boolean, nullable=False, server_default=sa.false())
    )
    images = sa.table("images", sa.column("attributes", sa.JSON), sa.column("cine", sa.Boolean))
    is_cine = images.c.attributes["use"].as_string() == "cine"
    op.execute(images.update().where(is_cine).values(cine=True))
    op.drop_index("images_by_kind", "images")
    op.create_index("images_in_order", "images", _IN_ORDER)
    op.create_index("images_by_facets", "images", _FACETS)
    op.create_table(
        "map_means",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(80), primary_key=True),
        sa.Column("mean", sa.Float, nullable=False),
        sa.Column("unit", sa.String(80), nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=False),
    )
