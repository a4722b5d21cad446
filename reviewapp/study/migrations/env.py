"""Run by alembic: applies the revisions in the caller's transaction."""

from __future__ import annotations

from alembic import context

from reviewapp.study import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
