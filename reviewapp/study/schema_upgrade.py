"""Brings a database of an earlier version of the app up to date, in place, in one transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.data.records import CINE_USE, USE
from reviewapp.study import schema
from reviewapp.study.errors import StoreError


def upgrade_schema(connection: Connection, version: int) -> None:
    """Take the tables from ``version`` to `schema.SCHEMA_VERSION`; the caller commits.

    What was recorded keeps its meaning. Raises `StoreError` on another database than SQLite, whose
    tables cannot be changed this way.
    """
    if connection.dialect.name != "sqlite":
        raise StoreError(
            f"This database has schema {version} and this app needs {schema.SCHEMA_VERSION}. Only "
            "SQLite databases are upgraded by the app: make a new database and keep this one for "
            "its studies."
        )
    if version < 2:
        _more_designs(connection)
    if version < 3:
        _more_of_readers_and_showings(connection, version)
    if version < 4:
        _consents_and_classes(connection, version)
    if version < 5:
        _indices_and_map_means(connection, version)
    connection.execute(schema.schema_info.update().values(version=schema.SCHEMA_VERSION))


def _more_designs(connection: Connection) -> None:
    """Version 2: responses without a confidence, pairs of images, freehand marks, audits, packs."""
    for statement in (
        "ALTER TABLE presented_images ADD COLUMN pair_id VARCHAR(40)",
        "ALTER TABLE presented_images ADD COLUMN side VARCHAR(8)",
        "ALTER TABLE presented_images ADD COLUMN repeat_side VARCHAR(8)",
        "ALTER TABLE trials ADD COLUMN right_image_id VARCHAR(40)",
        "ALTER TABLE marks ADD COLUMN side VARCHAR(8) NOT NULL DEFAULT ''",
        "ALTER TABLE marks ADD COLUMN points TEXT NOT NULL DEFAULT '[]'",
        # SQLite cannot lift NOT NULL from a column, so the table is made anew.
        "ALTER TABLE answers RENAME TO answers_of_version_1",
    ):
        connection.exec_driver_sql(statement)
    schema.metadata.create_all(connection)
    kept = (
        "answer_id, session_id, trial_index, revision, confidence, response_time_ms, shown_at, "
        "answered_at, exposure_ms, window_center, window_width, zoom, comment, app_version"
    )
    connection.exec_driver_sql(
        f"INSERT INTO answers ({kept}, response) SELECT {kept}, "
        "CASE WHEN confidence >= 4 THEN 'real' ELSE 'generated' END FROM answers_of_version_1"
    )
    connection.exec_driver_sql("DROP TABLE answers_of_version_1")


def _more_of_readers_and_showings(connection: Connection, version: int) -> None:
    """Version 3: a reader's role, how often and on what display an image was shown, a warning."""
    statements = ["ALTER TABLE readers ADD COLUMN role VARCHAR(16) NOT NULL DEFAULT ''"]
    if version == 2:
        # The step from version 1 has made these tables as they are now.
        statements += [
            "ALTER TABLE answers ADD COLUMN n_showings INTEGER",
            "ALTER TABLE answers ADD COLUMN frame_interval_ms FLOAT",
            "ALTER TABLE packs ADD COLUMN leak_warns BOOLEAN NOT NULL DEFAULT 0",
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)


def _consents_and_classes(connection: Connection, version: int) -> None:
    """Version 4: readers' consent to training, and classes that specialists give to images."""
    if version >= 2:
        # The step from version 1 has made all tables that were missing.
        schema.consents.create(connection)
        schema.class_labels.create(connection)


def _indices_and_map_means(connection: Connection, version: int) -> None:
    """Version 5: what lets 100,000 images be filtered and sorted without reading them all."""
    for statement in (
        "ALTER TABLE images ADD COLUMN cine BOOLEAN NOT NULL DEFAULT 0",
        f"UPDATE images SET cine = 1 WHERE json_extract(attributes, '$.{USE}') = '{CINE_USE}'",
        "DROP INDEX IF EXISTS images_by_kind",
    ):
        connection.exec_driver_sql(statement)
    for index in schema.images.indexes:
        index.create(connection, checkfirst=True)
    if version >= 2:
        # The step from version 1 has made all tables that were missing.
        schema.map_means.create(connection)
